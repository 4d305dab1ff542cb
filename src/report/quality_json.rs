//! The results of `quality` for machines.

use serde_json::{Map, Value as Json, json};

use super::quality::{QualityForm, QualityScale};
use crate::quality::{ItemPair, Line, PersonQuality};
use crate::statistic::Reason;

/// Everything about a form.
pub(super) fn form_json(form: &QualityForm) -> Json {
    let group: Map<String, Json> =
        form.by.iter().map(|(column, word)| (column.clone(), json!(word))).collect();
    let ids: Vec<&str> = form.items.iter().map(|item| item.item.as_str()).collect();
    let pair = |pair: &ItemPair| json!({ "a": ids[pair.a], "b": ids[pair.b], "r": pair.r });
    let lines: Map<String, Json> =
        Line::ALL.into_iter().map(|line| (line.id().to_owned(), json!(form.lines(line)))).collect();
    let persons = form.found.persons.iter().zip(&form.persons);
    let em = match &form.em {
        Ok(em) => json!({
            "mean": em.mean.as_slice(),
            "covariance": em.covariance.row_iter().map(|row| row.iter().copied().collect::<Vec<f64>>()).collect::<Vec<_>>(),
            "n": em.n,
            "fit": em.fit,
        }),
        Err(reason) => json!({ "reason": reason }),
    };
    json!({
        "form": form.form,
        "role": form.role,
        "group": if group.is_empty() { Json::Null } else { Json::Object(group) },
        "rows": form.persons.len(),
        "n": form.found.n,
        "k": form.items.len(),
        "reason": form.found.reason,
        "has_reversed_items": form.mixed,
        "lines": lines,
        "even_odd_scales": form.found.even_odd_scales,
        "synonyms": form.found.synonyms.iter().map(pair).collect::<Vec<_>>(),
        "antonyms": form.found.antonyms.iter().map(pair).collect::<Vec<_>>(),
        "persons": persons.map(|(found, words)| person_json(found, words, &ids)).collect::<Vec<_>>(),
        "items": form.items,
        "scales": form.scales.iter().map(scale_json).collect::<Vec<_>>(),
        "missing": form.missing,
        "em": em,
    })
}

/// A person's indices, and the reasons of those that are missing.
fn person_json(found: &PersonQuality, person: &str, items: &[&str]) -> Json {
    let runs = found.runs.ok();
    let run = runs.map(|runs| runs.longest);
    let mut json = json!({
        "person": person,
        "answered": found.answered,
        "missing": found.missing,
        "longest_run": run.map(|run| run.length),
        "run_value": run.map(|run| run.value),
        "run_first": run.map(|run| items[run.first]),
        "run_against_reversed": found.run_against_reversed,
        "average_run": runs.map(|runs| runs.average),
        "sequence": found.sequence.as_ref().map(|sequence| json!({
            "length": sequence.length,
            "period": sequence.period,
            "first": items[sequence.first],
            "repeated": sequence.repeated,
        })),
        "line": found.line,
    });
    let mut reasons = Map::new();
    for (id, value) in indices(found) {
        json[id] = json!(value.ok());
        if let Err(reason) = value {
            reasons.insert(id.to_owned(), json!(reason));
        }
    }
    json["autocorrelation_lag"] = json!(found.autocorrelation.ok().map(|found| found.lag));
    json["distance_df"] = json!(found.distance.ok().map(|found| found.df));
    json["distance_p"] = json!(found.distance.ok().map(|found| found.p));
    json["marks"] = json!(found.marks);
    json["reasons"] = Json::Object(reasons);
    json
}

/// The indices that are one number, by id.
pub(super) fn indices(found: &PersonQuality) -> [(&'static str, Result<f64, Reason>); 10] {
    let normed = |found: crate::quality::GuttmanErrors| found.normed.ok_or(Reason::Boundary);
    [
        ("autocorrelation", found.autocorrelation.map(|found| found.r)),
        ("spread", found.spread),
        ("distance", found.distance.map(|found| found.d2)),
        ("even_odd", found.even_odd),
        ("synonym_r", found.synonyms),
        ("antonym_r", found.antonyms),
        ("person_total_r", found.with_others),
        ("guttman_errors", found.guttman.map(|found| found.errors as f64)),
        ("guttman_normed", found.guttman.and_then(normed)),
        ("average_run", found.runs.map(|runs| runs.average)),
    ]
}

fn scale_json(scale: &QualityScale) -> Json {
    let mut json = scale.of.json();
    json["k"] = json!(scale.k);
    if let (Json::Object(json), Ok(Json::Object(ends))) = (&mut json, serde_json::to_value(&scale.ends)) {
        json.extend(ends);
    }
    json["sessions_at_ceiling"] = json!(scale.sessions);
    json
}
