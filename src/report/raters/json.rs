//! The results of `raters` as data: a list for each statistic, each entry with its scale and item.

use serde_json::{Value as Json, json};

use super::found::RatersFound;
use super::units::{RatedLine, Raters};
use crate::agreement::{Chance, IccForm, Null};
use crate::statistic::Estimate;

/// Everything.
pub fn results(raters: &Raters, found: &[RatersFound]) -> Json {
    let all = || raters.lines.iter().zip(found);
    let list = |of: &dyn Fn(&RatedLine, &RatersFound) -> Vec<Json>| -> Vec<Json> {
        all().flat_map(|(line, found)| of(line, found).into_iter().map(|one| tagged(line, one))).collect()
    };
    let chance = |chance: Chance| {
        list(&|_, found| found.many.iter().filter(|own| own.chance == chance).map(|own| json!(own)).collect())
    };
    let name = |at: usize| &raters.names[at];
    json!({
        "raters": raters.names,
        "unit": raters.unit,
        "lines": list(&|line, _| vec![json!({
            "units": line.ratings.units(),
            "shared": line.shared(),
            "complete": line.ratings.complete().units(),
            "ratings": line.ratings.all().count(),
            "gaps": line.ratings.gaps(),
            "categories": line.categories.as_ref().map(|categories| categories.values()),
            "categories_observed": line.observed,
        })]),
        "icc": list(&|_, found| icc(found)),
        "kappa": list(&|_, found| found.pairs.iter().flat_map(|pair| {
            pair.kappas.iter().map(|kappa| with(json!(kappa), "raters", json!(pair.raters.map(name))))
        }).collect()),
        "light": list(&|_, found| found.light.iter().map(|light| json!(light)).collect()),
        "fleiss": chance(Chance::Fleiss),
        "conger": chance(Chance::Conger),
        "gwet": chance(Chance::Gwet),
        "brennan_prediger": chance(Chance::BrennanPrediger),
        "krippendorff": list(&|_, found| found.krippendorff.iter().map(|alpha| {
            with(json!(alpha), "metric", json!(alpha.config.metric))
        }).collect()),
        "kendall": list(&|_, found| vec![json!(found.kendall)]),
        "within_points": list(&|_, found| {
            let of_all = found.within.iter().map(|within| with(json!(within), "raters", Json::Null));
            let of_two = found.pairs.iter().flat_map(|pair| {
                let raters = json!(pair.raters.map(name));
                pair.within.iter().map(move |within| with(json!(within), "raters", raters.clone()))
            });
            of_all.chain(of_two).collect()
        }),
        "finn": list(&|_, found| found.finn.iter().map(|finn| json!(finn)).collect()),
        "within_units": list(&within_units),
        "confusion": list(&|_, found| found.pairs.iter().filter_map(|pair| {
            let confusion = pair.confusion.as_ref()?;
            let q = confusion.categories.len();
            let row = |a: usize| (0..q).map(|b| confusion.counts[(a, b)]).collect::<Vec<f64>>();
            Some(json!({
                "raters": pair.raters.map(name),
                "categories": confusion.categories.values(),
                "counts": (0..q).map(row).collect::<Vec<_>>(),
            }))
        }).collect()),
        "drift": list(&|_, found| found.drift.iter().map(|drift| {
            with(json!(drift), "rater", json!(name(drift.rater)))
        }).collect()),
        "final": list(&|line, found| line.words.iter().zip(&found.finals).map(|(words, score)| {
            with(json!(score), "unit", json!(words))
        }).collect()),
    })
}

fn tagged(line: &RatedLine, mut one: Json) -> Json {
    one["scale"] = json!(line.scale);
    one["item"] = json!(line.item);
    one["informant"] = json!(line.form);
    one
}

fn with(mut one: Json, name: &str, value: Json) -> Json {
    one[name] = value;
    one
}

fn icc(found: &RatersFound) -> Vec<Json> {
    let one = |form: IccForm, method: &str, n: usize, k: f64, value: Estimate| {
        let mut one = json!(value);
        one["form"] = json!(form);
        one["shrout_fleiss"] = json!(form.shrout_fleiss());
        one["method"] = json!(method);
        one["n"] = json!(n);
        one["k"] = json!(k);
        one
    };
    let mut all: Vec<Json> = match &found.icc {
        Ok(icc) => icc
            .forms
            .iter()
            .map(|form| {
                let own = one(form.form, "anova", icc.n, icc.k as f64, form.value);
                with(own, "test", json!(form.test))
            })
            .collect(),
        Err(error) => {
            IccForm::ALL.map(|form| one(form, "anova", 0, 0.0, Estimate::none(error.reason))).to_vec()
        }
    };
    if let Some(Ok(reml)) = &found.reml {
        all.extend(reml.forms.iter().map(|(form, value)| one(*form, "reml", reml.n, reml.k, *value)));
    }
    all
}

fn within_units(line: &RatedLine, found: &RatersFound) -> Vec<Json> {
    let units: Vec<&Vec<String>> = match &line.judged {
        Some((judged, _)) => {
            let shared = judged.iter().zip(&line.words).filter(|(judges, _)| judges.units() > 1);
            shared.map(|(_, words)| words).collect()
        }
        None => Vec::new(),
    };
    let of = |(null, judged): &(
        Null,
        Result<Vec<crate::agreement::WithinGroup>, crate::statistic::StatError>,
    )| {
        let (evidence, source) = match null {
            Null::Named(named) => (Some(named.evidence), Some(named.source)),
            _ => (None, None),
        };
        let one = |(unit, found): (&&Vec<String>, &crate::agreement::WithinGroup)| {
            with(json!(found), "unit", json!(unit))
        };
        json!({
            "null": Null::id(null),
            "evidence": evidence,
            "source": source,
            "reason": judged.as_ref().err().map(|error| error.reason),
            "units": judged.as_ref().map(|all| units.iter().zip(all).map(one).collect::<Vec<_>>()).unwrap_or_default(),
        })
    };
    found.judged.iter().map(of).collect()
}
