//! How answers were given, against base R and printed values of careless and PerFit.

use alliance_metrics::moments::{ItemMatrix, Moments};
use alliance_metrics::quality::{
    FormAnswers, FormScale, PrintedItem, QualityConfig, guttman_errors, missingness, quality,
};
use alliance_metrics::reliability::Allowed;
use serde_json::Value;

use super::reliability::{bfi, twelve_persons};
use super::{close, columns, expected};

/// Closed forms; the file holds twelve digits.
const CLOSED: f64 = 1e-9;
/// Values that were printed with six or seven digits.
const PRINTED: f64 = 1e-6;

fn item(low: f64, high: f64) -> PrintedItem {
    let points = (0..=(high - low) as usize).map(|point| low + point as f64).collect();
    PrintedItem { reversed: false, allowed: Allowed { bounds: Some([low, high]), points } }
}

fn unscaled(data: &ItemMatrix, low: f64, high: f64, scales: Vec<FormScale>) -> FormAnswers {
    FormAnswers::new(data.clone(), data.clone(), vec![item(low, high); data.k()], scales)
}

/// A number, or none where theirs is missing.
#[track_caller]
fn same(what: &str, ours: Option<f64>, theirs: &Value, tolerance: f64) {
    match theirs.as_f64() {
        Some(theirs) => close(what, ours.unwrap_or_else(|| panic!("no {what}")), theirs, tolerance),
        None => assert_eq!(ours, None, "{what}"),
    }
}

#[test]
fn twelve_persons_agree_with_careless_and_perfit() {
    let theirs = &expected("quality.json")["twelve"];
    let scale = |first: usize| FormScale { id: format!("s{first}"), items: vec![first, first + 1] };
    let answers = unscaled(&twelve_persons(), 1.0, 7.0, vec![scale(0), scale(2), scale(4)]);
    let config =
        QualityConfig { synonyms: theirs["synonym_limit"].as_f64().unwrap(), ..QualityConfig::default() };
    let ours = quality(&answers, &config);
    assert_eq!(ours.synonyms.len() as u64, theirs["pairs"].as_u64().unwrap());
    for (i, person) in ours.persons.iter().enumerate() {
        same("spread", person.spread.ok(), &theirs["spread"][i], PRINTED);
        same("distance", person.distance.ok().map(|found| found.d2), &theirs["distance"][i], PRINTED);
        same("even–odd", person.even_odd.ok(), &theirs["even_odd"][i], PRINTED);
        same("synonyms", person.synonyms.ok(), &theirs["synonym_r"][i], PRINTED);
        same("others", person.with_others.ok(), &theirs["person_total_r"][i], PRINTED);
        let errors = person.guttman.unwrap().errors;
        assert_eq!(errors, theirs["guttman_errors"][i].as_u64().unwrap());
    }
}

#[test]
fn persons_of_the_bfi_agree_with_base_r() {
    let theirs = &expected("quality.json")["bfi"];
    let names: Vec<String> =
        ["A", "C", "E", "N", "O"].iter().flat_map(|s| (1..=5).map(move |j| format!("{s}{j}"))).collect();
    let all = columns("bfi.csv", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let every = theirs["every"].as_u64().unwrap() as usize;
    let rows: Vec<Vec<f64>> = all.into_iter().skip(every - 1).step_by(every).collect();
    let data = ItemMatrix::from_rows(names, &rows);
    assert_eq!(data.n() as u64, theirs["n"].as_u64().unwrap());
    let synonyms = theirs["synonym_limit"].as_f64().unwrap();
    let ours =
        quality(&unscaled(&data, 1.0, 6.0, vec![]), &QualityConfig { synonyms, ..QualityConfig::default() });
    assert_eq!(ours.n as u64, theirs["complete"].as_u64().unwrap());
    assert!(ours.n < data.n());
    assert_eq!(ours.synonyms.len() as u64, theirs["pairs"].as_u64().unwrap());
    for (i, person) in ours.persons.iter().enumerate() {
        let runs = person.runs.unwrap();
        assert_eq!(runs.longest.length as u64, theirs["longest_run"][i].as_u64().unwrap());
        same("average run", Some(runs.average), &theirs["average_run"][i], CLOSED);
        same("spread", person.spread.ok(), &theirs["spread"][i], CLOSED);
        let (distance, of) = (person.distance.unwrap(), &theirs["distance"][i]);
        same("d²", Some(distance.d2), &of[0], CLOSED);
        same("df", Some(distance.df as f64), &of[1], CLOSED);
        same("p", Some(distance.p), &of[2], CLOSED);
        same("others", person.with_others.ok(), &theirs["person_total_r"][i], CLOSED);
        same(
            "autocorrelation",
            person.autocorrelation.ok().map(|a| a.r),
            &theirs["autocorrelation"][i],
            CLOSED,
        );
        same("lag", person.autocorrelation.ok().map(|a| a.lag as f64), &theirs["lag"][i], CLOSED);
        same("synonyms", person.synonyms.ok(), &theirs["synonym_r"][i], CLOSED);
    }
    let theirs = &theirs["guttman"];
    let four = ["A2", "A3", "A5", "E4"];
    let at: Vec<usize> =
        four.iter().map(|id| data.items.iter().position(|item| item == id).unwrap()).collect();
    let answered = data.columns(&at);
    let complete = answered.complete();
    for (i, ours) in guttman_errors(&complete, &vec![item(1.0, 6.0); 4]).iter().enumerate() {
        let (ours, most) = (ours.unwrap(), theirs["most"][i].as_f64().unwrap());
        assert_eq!(ours.errors, theirs["errors"][i].as_u64().unwrap());
        match ours.normed {
            Some(normed) => close("normed", normed, ours.errors as f64 / most, CLOSED),
            None => assert_eq!(most, 0.0),
        }
    }
}

#[test]
fn gaps_of_the_bfi_agree_with_lavaan() {
    let theirs = expected("missingness.json");
    let names: Vec<String> =
        ["A", "C", "E", "N", "O"].iter().flat_map(|s| (1..=5).map(move |j| format!("{s}{j}"))).collect();
    let data = bfi(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let ours = missingness(&data);
    let little = ours.little.unwrap();
    assert_eq!(ours.patterns.len() as u64, theirs["patterns"].as_u64().unwrap());
    assert_eq!(little.df as u64, theirs["df"].as_u64().unwrap());
    // EM moments agree to 1e-4; the statistic sums them over 2 800 persons.
    close("d²", little.statistic, theirs["little_d2_ml_covariance"].as_f64().unwrap(), 1e-6);
    let em = Moments::em(&data).unwrap();
    for j in 0..25 {
        close("mean", em.mean[j], theirs["em_mean"][j].as_f64().unwrap(), 1e-4);
        close("covariance", em.covariance[(j, 3)], theirs["em_cov"][j][3].as_f64().unwrap(), 1e-4);
    }
}
