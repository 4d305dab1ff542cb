//! The report of `show`: an instrument's key, with its sources.

use serde_json::json;

use super::facts::about;
use super::model::{Block, Column, Kind, Note, PageWords, Report, Section, Table, Value};
use crate::instrument::{Evidence, Instrument, Model, Orthogonal, PossibleRange, Scale};

/// Builds the page of an instrument.
pub fn show(instrument: &Instrument) -> Report {
    let forms = instrument.forms.iter().map(|form| form.id.clone()).collect();
    let mut sections = vec![
        Section { id: "about", title: None, blocks: vec![Block::Facts(facts(instrument))] },
        Section {
            id: "scales",
            title: Some("Scales".to_owned()),
            blocks: vec![Block::Table(scales(instrument))],
        },
        Section {
            id: "forms",
            title: Some("Forms".to_owned()),
            blocks: vec![Block::Table(forms_table(instrument))],
        },
        Section {
            id: "columns",
            title: Some("Column names looked for".to_owned()),
            blocks: vec![Block::Facts(columns(instrument))],
        },
    ];
    if !instrument.models.is_empty() {
        let table = Block::Table(models(instrument));
        sections.push(Section {
            id: "models",
            title: Some("Factor models of the literature".to_owned()),
            blocks: vec![table],
        });
    }
    let sources = instrument.sources.iter().map(|source| {
        let mut text = source.cite.clone();
        for link in [source.doi.as_ref().map(|doi| format!("https://doi.org/{doi}")), source.url.clone()]
            .into_iter()
            .flatten()
        {
            text.push(' ');
            text.push_str(&link);
        }
        (source.id.clone(), text)
    });
    let sources = Block::Facts(sources.collect());
    sections.push(Section { id: "sources", title: Some("Sources".to_owned()), blocks: vec![sources] });
    let mut notes: Vec<Note> = instrument.notes.iter().map(|text| Note::new("about", text.clone())).collect();
    for form in &instrument.forms {
        if let Some(why) = &form.template {
            notes.push(Note::new("template", format!("the form `{}` cannot be scored: {why}", form.id)));
        }
    }
    Report {
        command: "show",
        title: format!("{} ({}), {}", instrument.name(), instrument.id, instrument.edition),
        instruments: vec![about(instrument, forms, instrument.evidence(None))],
        input: None,
        settings: json!({}),
        results: results(instrument),
        sections,
        notes,
        words: PageWords::default(),
    }
}

fn facts(instrument: &Instrument) -> Vec<(String, String)> {
    let rights = &instrument.rights;
    let holder = rights.holder.as_ref().map(|holder| format!("; {holder}")).unwrap_or_default();
    let request = rights.request.as_ref().map(|address| format!("; ask at {address}")).unwrap_or_default();
    let answers: Vec<String> =
        instrument.responses.iter().map(|set| format!("{} ({})", set.id, set.describe())).collect();
    let facts = [
        ("Measures", instrument.construct.clone()),
        ("Items", instrument.items.len().to_string()),
        ("Answers", answers.join("; ")),
        ("Rights", format!("{}{holder}{request}", rights.access.id())),
        ("Definition", format!("revision {}, digest {}", instrument.revision, short(&instrument.digest))),
        ("Key", format!("{}, digest {}", instrument.evidence(None).id(), short(&instrument.key_digest))),
        ("Worked cases", instrument.cases.len().to_string()),
    ];
    facts.map(|(name, text)| (name.to_owned(), text)).to_vec()
}

fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

pub(super) fn scales(instrument: &Instrument) -> Table {
    let mut table = Table::new(
        "scales",
        vec![
            Column::new("scale", "Scale"),
            Column::new("title", "Name"),
            Column::new("forms", "Forms"),
            Column::new("items", "Items (−: reversed)"),
            Column::new("score", "Score"),
            Column::new("min_answered", "Needs"),
            Column::new("range", "Range"),
            Column::new("evidence", "Key"),
            Column::new("source", "Source"),
        ],
    );
    let differ = instrument.scales.iter().any(|scale| scale.forms.len() < instrument.forms.len());
    for scale in &instrument.scales {
        let forms =
            scale.forms.iter().map(|form| instrument.forms[*form].id.as_str()).collect::<Vec<_>>().join(", ");
        let needs = match (scale.items.len(), scale.min_answered) {
            (0, _) => "open".to_owned(),
            (k, min) if k == min => format!("all {k}"),
            (k, min) => format!("{min} of {k}"),
        };
        table.rows.push(vec![
            Value::text(&scale.id),
            Value::text(scale.name()),
            if differ { Value::text(forms) } else { Value::Empty },
            Value::text(items_in_words(instrument, scale)),
            Value::text(if scale.score == crate::instrument::ScoreRule::Mean { "mean" } else { "sum" }),
            Value::text(needs),
            Value::text(range(instrument, scale)),
            Value::text(scale.evidence.id()),
            Value::text(&instrument.sources[scale.source].id),
        ]);
    }
    table.notes.push("A reversed item counts as lowest + highest allowed answer − the answer.".to_owned());
    for evidence in [Evidence::Recalled, Evidence::Inferred] {
        if instrument.scales.iter().any(|scale| scale.evidence == evidence) {
            table.notes.push(match evidence {
                Evidence::Recalled => {
                    "recalled: known from the literature; the source was not opened.".to_owned()
                }
                _ => {
                    "inferred: taken over from a sister form; scores only with --accept-inferred.".to_owned()
                }
            });
        }
    }
    table
}

/// Item numbers where ids are numbered, ids otherwise.
fn items_in_words(instrument: &Instrument, scale: &Scale) -> String {
    let word = |keyed: &crate::instrument::Keyed| {
        let id = &instrument.items[keyed.item].id;
        let number = id.strip_prefix('i').and_then(|digits| digits.parse::<u32>().ok());
        let word = number.map_or_else(|| id.clone(), |number| number.to_string());
        if keyed.reversed { format!("−{word}") } else { word }
    };
    scale.items.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn range(instrument: &Instrument, scale: &Scale) -> String {
    match &scale.range {
        PossibleRange::Unbounded => "from 0".to_owned(),
        PossibleRange::BySet(ranges) => {
            let shown = |range: &[f64; 2]| Value::Pair(*range, Kind::Exact).shown();
            match &ranges[..] {
                [(_, range)] => shown(range),
                _ => ranges
                    .iter()
                    .map(|(set, range)| format!("{} ({})", shown(range), instrument.responses[*set].id))
                    .collect::<Vec<_>>()
                    .join("; "),
            }
        }
    }
}

fn forms_table(instrument: &Instrument) -> Table {
    let mut table = Table::new(
        "forms",
        vec![
            Column::new("form", "Form"),
            Column::new("responses", "Answers"),
            Column::new("roles", "Words of a role column"),
            Column::new("state", "State"),
        ],
    );
    for form in &instrument.forms {
        table.rows.push(vec![
            Value::text(&form.id),
            Value::text(&instrument.responses[form.responses].id),
            Value::text(form.roles.join(", ")),
            form.template.as_ref().map_or(Value::Empty, |_| Value::text("template: not scored")),
        ]);
    }
    table
}

fn columns(instrument: &Instrument) -> Vec<(String, String)> {
    let most = instrument.items.iter().map(|item| item.columns.len()).max().unwrap_or(0);
    let family = |at: usize| {
        let names: Vec<&str> =
            instrument.items.iter().filter_map(|item| item.columns.get(at)).map(String::as_str).collect();
        match names[..] {
            [first, second, .., last] if names.len() > 4 => format!("{first}, {second}, … {last}"),
            _ => names.join(", "),
        }
    };
    let mut columns: Vec<(String, String)> =
        (0..most).map(|at| (format!("{}.", at + 1), family(at))).collect();
    columns.push(("Alike".to_owned(), "names match whatever their case; `_`, `.`, `-` and spaces may differ or be absent; zeros in front of a number do not count".to_owned()));
    columns
}

fn models(instrument: &Instrument) -> Table {
    let mut table = Table::new(
        "models",
        vec![
            Column::new("model", "Model"),
            Column::new("title", "What it says"),
            Column::new("factors", "Factors"),
            Column::new("source", "Source"),
        ],
    );
    for model in &instrument.models {
        let title = model.title.get("en").or_else(|| model.title.values().next());
        table.rows.push(vec![
            Value::text(&model.id),
            Value::text(title.cloned().unwrap_or_default()),
            Value::text(factors(model)),
            Value::text(&instrument.sources[model.source].id),
        ]);
    }
    table
}

fn factors(model: &Model) -> String {
    let names = |groups: &[(String, Vec<usize>)]| -> Vec<String> {
        groups.iter().map(|(name, members)| format!("{name} ({})", members.len())).collect()
    };
    let mut parts = names(&model.factors);
    parts.extend(model.general.iter().map(|name| format!("general: {name}")));
    parts.extend(names(&model.second_order).into_iter().map(|name| format!("second order: {name}")));
    parts.extend(names(&model.method).into_iter().map(|name| format!("method: {name}")));
    parts.join(", ")
}

fn results(instrument: &Instrument) -> serde_json::Value {
    let item = |at: &usize| instrument.items[*at].id.clone();
    let scales: Vec<_> = instrument
        .scales
        .iter()
        .map(|scale| {
            let items: Vec<String> = scale
                .items
                .iter()
                .map(|keyed| format!("{}{}", if keyed.reversed { "-" } else { "" }, item(&keyed.item)))
                .collect();
            let range = match &scale.range {
                PossibleRange::Unbounded => json!("unbounded"),
                PossibleRange::BySet(ranges) => ranges
                    .iter()
                    .map(|(set, range)| (instrument.responses[*set].id.clone(), json!(range)))
                    .collect(),
            };
            json!({
                "scale": scale.id,
                "title": scale.title,
                "forms": scale.forms.iter().map(|form| &instrument.forms[*form].id).collect::<Vec<_>>(),
                "items": items,
                "score": scale.score,
                "min_answered": scale.min_answered,
                "range": range,
                "evidence": scale.evidence,
                "source": instrument.sources[scale.source].id,
                "note_below": scale.note_below.map(|note| note.value),
            })
        })
        .collect();
    let models: Vec<_> = instrument
        .models
        .iter()
        .map(|model| {
            let groups = |groups: &[(String, Vec<usize>)]| -> serde_json::Map<String, serde_json::Value> {
                groups.iter().map(|(name, items)| (name.clone(), json!(items.iter().map(item).collect::<Vec<_>>()))).collect()
            };
            let second: serde_json::Map<String, serde_json::Value> = model
                .second_order
                .iter()
                .map(|(name, of)| (name.clone(), json!(of.iter().map(|f| &model.factors[*f].0).collect::<Vec<_>>())))
                .collect();
            let orthogonal = match &model.orthogonal {
                Orthogonal::No => json!(false),
                Orthogonal::All => json!(true),
                Orthogonal::Pairs(pairs) => {
                    json!(pairs.iter().map(|(a, b)| [&model.factors[*a].0, &model.factors[*b].0]).collect::<Vec<_>>())
                }
            };
            json!({
                "model": model.id, "title": model.title, "factors": groups(&model.factors), "second_order": second,
                "general": model.general, "orthogonal": orthogonal, "method": groups(&model.method),
                "identification": model.identification, "source": instrument.sources[model.source].id,
            })
        })
        .collect();
    json!({
        "id": instrument.id,
        "title": instrument.title,
        "construct": instrument.construct,
        "rights": instrument.rights,
        "forms": instrument.forms.iter().map(|form| json!({
            "form": form.id, "responses": instrument.responses[form.responses].id, "roles": form.roles, "template": form.template,
        })).collect::<Vec<_>>(),
        "responses": instrument.responses.iter().map(|set| json!({
            "id": set.id, "kind": set.kind, "min": set.min, "max": set.max, "step": set.step,
        })).collect::<Vec<_>>(),
        "items": instrument.items.iter().map(|item| json!({
            "item": item.id, "columns": item.columns, "unit": item.unit,
            "responses": item.responses.map(|set| &instrument.responses[set].id),
        })).collect::<Vec<_>>(),
        "scales": scales,
        "models": models,
        "sources": instrument.sources,
        "cases": instrument.cases.len(),
    })
}
