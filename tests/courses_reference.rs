//! The commands on courses beside numbers from outside: from a file to what a person reads.
//!
//! Worked courses (R 4.2.2, qcc 2.7), mean squares by hand from `aov`, psych 2.5.3 for test and retest.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::courses::json;
use crate::reference::expected;
use crate::reference::session::Y;

const SIX: &str = "tests/reference/data/six_dyads.csv";
const ANXIETY: &str = "tests/reference/data/sai_repeated.csv";
/// Values are printed with seven digits or fewer.
const PRINTED: f64 = 5e-7;

#[track_caller]
fn near(what: &str, ours: &Value, theirs: f64, tolerance: f64) {
    let number = ours.as_f64().unwrap_or_else(|| panic!("{what}: {ours}"));
    assert!((number - theirs).abs() <= tolerance, "{what}: {number}, not {theirs}");
}

fn y(folder: &Path) -> String {
    let path = folder.join("y.csv");
    let rows: String = (1..).zip(Y).map(|(t, score): (u32, f64)| format!("1,{t},{score}\n")).collect();
    fs::write(&path, format!("dyad,session,score\n{rows}")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_a_fall_means_in_six_dyads() {
    let four = "tests/sessions/four.toml";
    let rules = ["--rule", "error_within_crossed", "--rule", "fluctuation_within_crossed"];
    let found = json(&[&["sessions", four, SIX, "--simulations", "0"], &rules[..]].concat());
    let threshold = &found["results"]["thresholds"][0];
    near("error", &threshold["error_within"], 0.962143, PRINTED);
    near("swing", &threshold["fluctuation_within"], 1.478144, PRINTED);
    near("between", &threshold["between"]["difference"], 0.786718 / 1.96, PRINTED);
    assert_eq!(
        (&threshold["within"]["df_error"], &threshold["within"]["df_sessions"]),
        (&72.into(), &24.into())
    );
    let rules = &found["results"]["dyads"][0]["rules"];
    near("crossed error", &rules[0]["threshold"]["points"], 0.906758, 1e-6);
    near("crossed swing", &rules[1]["threshold"]["points"], 1.207563, PRINTED);
}

#[test]
fn what_a_fall_means_on_real_answers() {
    let sai = "tests/sessions/sai10.toml";
    let keys = ["--person", "id", "--session", "time", "--simulations", "0"];
    let rules = ["--rule", "error_within_crossed", "--rule", "fluctuation_within_crossed"];
    let found = json(&[&["sessions", sai, ANXIETY], &keys[..], &rules[..]].concat());
    let threshold = &found["results"]["thresholds"][0];
    near("error", &threshold["error_within"], 0.397354, PRINTED);
    near("swing", &threshold["fluctuation_within"], 1.143786, PRINTED);
    near("between", &threshold["between"]["difference"], 0.508847 / 1.96, PRINTED);
    let rules = &found["results"]["dyads"][0]["rules"];
    near("crossed error", &rules[0]["threshold"]["points"], 0.394314, PRINTED);
    near("crossed swing", &rules[1]["threshold"]["points"], 1.090874, PRINTED);
}

#[test]
fn the_worked_course_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = y(folder.path());
    let named = ["stiles2004_like", "sd_resid_linear:1", "stevens2007_like", "control_chart", "residual"];
    let rules: Vec<&str> = named.iter().flat_map(|name| ["--rule", name]).collect();
    let of = ["sessions", "--scores", &file, "--score", "score", "--range", "1..7", "--simulations", "0"];
    let found = json(&[&of[..], &rules].concat());
    let course = &found["results"]["dyads"][0];
    let episodes = |at: usize| -> Vec<(i64, i64, f64, Option<i64>)> {
        let one = |e: &Value| {
            let magnitude = (e["magnitude"].as_f64().unwrap() * 1e6).round() / 1e6;
            (e["start"].as_i64().unwrap(), e["trough"].as_i64().unwrap(), magnitude, e["repair"].as_i64())
        };
        course["rules"][at]["episodes"].as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(episodes(0), [(4, 5, 1.3, Some(6)), (17, 18, 1.2, None)]);
    assert_eq!(course["rules"][0]["episodes"][1]["censored"], true);
    assert_eq!(episodes(1), [(4, 5, 1.3, Some(6)), (10, 11, 0.8, Some(15)), (17, 18, 1.2, None)]);
    assert_eq!(episodes(2), [(3, 5, 1.4, Some(6)), (10, 13, 1.4, Some(15)), (17, 19, 1.3, None)]);
    assert_eq!(episodes(3), [(4, 5, 1.3, Some(6))]);
    assert_eq!(episodes(4), [(4, 5, 1.3, Some(6))]);
    near("threshold", &course["rules"][0]["threshold"]["points"], 1.0819, 5e-5);
    near("lower limit", &course["chart"]["lower"][0], 4.1061814, PRINTED);
    near("upper limit", &course["chart"]["upper"][0], 6.3738186, PRINTED);
    near("mssd", &course["variability"]["mssd"]["estimate"], 0.3521053, PRINTED);
    near("rmssd", &course["variability"]["rmssd"]["estimate"], 0.5933846, PRINTED);
    near("von Neumann", &course["variability"]["von_neumann"]["estimate"], 1.265129, PRINTED);
    near("lag one", &course["variability"]["lag_one"]["estimate"], 0.356354, PRINTED);
    near("ewma 5", &course["ewma"]["z"][4], 5.0737, 5e-5);
    near("cusum 13", &course["cusum"]["lower"][12], 3.0510, 5e-5);
    near("cusum 17", &course["cusum"]["upper"][16], 3.7389, 5e-5);
    assert_eq!(course["best_split"]["after"], 17);
    near("best split", &course["best_split"]["sse"], 4.604706, PRINTED);
    assert_eq!(course["partition"]["after"], serde_json::json!([10, 14, 17]));
    let shape = &course["shape"];
    near("slope", &shape["linear"][1]["estimate"], -0.00556391, PRINTED);
    near("curvature", &shape["quadratic"][2]["estimate"], -0.002346776, PRINTED);
    near("p of curvature", &shape["curvature"][1], 0.5802, 5e-5);
    near("high-low-high", &shape["thirds"]["high_low_high"], 0.1619048, PRINTED);
    assert_eq!(shape["label"], "stable");
}

#[test]
fn reliable_change_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    fs::write(&path, "dyad,session,total\n1,1,32\n1,2,20\n2,1,28\n2,2,28\n").unwrap();
    let of = ["change", "--scores", path.to_str().unwrap(), "--score", "total", "--range", "0..60"];
    let norms = ["--reliability", ".88", "--sd", "6"];
    let found = json(&[&of[..], &norms].concat());
    let basis = &found["results"]["basis"][0];
    let change = &found["results"]["change"][0];
    near("Jacobson and Truax", &change["indices"][0]["index"], -4.082483, PRINTED);
    assert_eq!(change["indices"][0]["class"], "deteriorated");
    near("smallest change", &basis["detectable"]["change_95"], 5.7612, 5e-5);
    // r x + (1 - r) M with M = 30.
    near("true score", &change["true_scores"][0]["estimate"], 0.88 * 32.0 + 0.12 * 30.0, 1e-12);
    let norms = ["--clinical", "30,6", "--functional", "44,5"];
    let found = json(&[&of[..], &["--reliability", ".88", "--sd", "6"], &norms].concat());
    // c = (6 · 44 + 5 · 30) / 11, between true scores with 6² .88 and 5² − 6² .12 in the place of the variances.
    near("cut-off c", &found["results"]["cutoff_in_use"]["value"], 414.0 / 11.0, 1e-12);
    let (own, theirs) = ((36.0f64 * 0.88).sqrt(), (25.0f64 - 36.0 * 0.12).sqrt());
    let cut = (own * 44.0 + theirs * 30.0) / (own + theirs);
    near("between true scores", &found["results"]["change"][0]["true_cutoff"]["cutoff"], cut, 1e-12);
}

#[test]
fn test_and_retest_from_a_file() {
    let args = [
        "retest",
        "tests/sessions/sai10.toml",
        ANXIETY,
        "--person",
        "id",
        "--session",
        "time",
        "--occasions",
        "1,2",
    ];
    let found = json(&args);
    let ours = &found["results"]["retest"][0]["retest"];
    let theirs = &expected("multilevel.json")["sai_repeated"]["retest"];
    let number = |key: &str| theirs[key].as_f64().unwrap();
    for (what, ours, theirs) in [
        ("ICC(A,1)", &ours["icc_agreement"]["estimate"], theirs["icc"]["ICC"][1].as_f64().unwrap()),
        (
            "its lower limit",
            &ours["icc_agreement"]["lower"],
            theirs["icc"]["lower bound"][1].as_f64().unwrap(),
        ),
        ("ICC(C,1)", &ours["icc_consistency"]["estimate"], theirs["icc"]["ICC"][2].as_f64().unwrap()),
        ("mean difference", &ours["mean_difference"]["estimate"], number("mean_difference")),
        ("lower limit", &ours["limits"][0], theirs["limits"][0].as_f64().unwrap()),
        ("error, consistency", &ours["consistency"]["error"], number("se_consistency")),
        ("error, agreement", &ours["agreement"]["error"], number("se_agreement")),
        ("detectable, consistency", &ours["consistency"]["change_95"], number("sdc_consistency")),
        ("detectable, agreement", &ours["agreement"]["change_95"], number("sdc_agreement")),
    ] {
        near(what, ours, theirs, 1e-11);
    }
}
