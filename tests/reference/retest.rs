//! Test and retest beside psych 2.5.3.

use alliance_metrics::session::retest;

use super::{CALM_ITEMS, close, columns, expected};

/// psych prints twelve digits.
const PRINTED: f64 = 1e-11;

#[test]
fn two_occasions() {
    let items = CALM_ITEMS;
    let rows = columns("sai_repeated.csv", &items);
    let keys = columns("sai_repeated.csv", &["id", "time"]);
    let mean = |row: &Vec<f64>| row.iter().sum::<f64>() / 10.0;
    let score = |at: usize| mean(&rows[at]);
    let pairs: Vec<[f64; 2]> =
        (0..rows.len()).filter(|at| keys[*at][1] == 1.0).map(|at| [score(at), score(at + 1)]).collect();
    let found = retest(&pairs, 0.95).unwrap();
    let theirs = &expected("multilevel.json")["sai_repeated"]["retest"];
    let number = |key: &str| theirs[key].as_f64().unwrap();
    let icc = |column: &str, at: usize| theirs["icc"][column][at].as_f64().unwrap();
    assert_eq!(found.n as f64, number("n"));
    for (ours, at) in [(found.icc_agreement, 1), (found.icc_consistency, 2)] {
        close("icc", ours.estimate.unwrap(), icc("ICC", at), PRINTED);
        close("lower", ours.lower.unwrap(), icc("lower bound", at), PRINTED);
        close("upper", ours.upper.unwrap(), icc("upper bound", at), PRINTED);
    }
    let (agreement, consistency) = (found.agreement.unwrap(), found.consistency.unwrap());
    for (what, ours, theirs) in [
        ("mean difference", found.mean_difference.estimate.unwrap(), number("mean_difference")),
        ("sd of differences", found.sd_difference, number("sd_difference")),
        ("lower limit", found.limits[0], theirs["limits"][0].as_f64().unwrap()),
        ("upper limit", found.limits[1], theirs["limits"][1].as_f64().unwrap()),
        ("error, consistency", consistency.error, number("se_consistency")),
        ("error, agreement", agreement.error, number("se_agreement")),
        ("detectable, consistency", consistency.change_95, number("sdc_consistency")),
        ("detectable, agreement", agreement.change_95, number("sdc_agreement")),
    ] {
        close(what, ours, theirs, PRINTED);
    }
}
