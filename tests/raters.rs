//! `alliance raters` as a person runs it: from a file to the numbers of other software, and through bad files.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::reference::{close, expected};

/// Values that are quoted to seven decimals.
const QUOTED: f64 = 1e-7;
const THREE: &str = "tests/reference/data/raters_three.csv";

fn alliance(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn run(args: &[&str]) -> Output {
    alliance(&[&["raters"], args].concat())
}

#[track_caller]
fn text(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains("NaN"), "{text}");
    text
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    let output = run(&[args, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn refused(args: &[&str], code: i32, with: &str) {
    let output = run(args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(with), "{error}");
}

fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coded.csv");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Ten sessions and three observers on −3 … +3; 0 is an answer, one cell is a gap.
const OBSERVERS: [[&str; 10]; 3] = [
    ["1", "0", "-1", "2", "3", "0", "-2", "1", "2", "0"],
    ["1", "1", "-1", "2", "2", "0", "-1", "2", "2", ""],
    ["2", "0", "0", "2", "3", "1", "-2", "1", "3", "0"],
];

fn coded() -> String {
    let mut text =
        "family,session,observer,engagement,emotional_connection,safety,shared_purpose\n".to_owned();
    for session in 0..10 {
        for (rater, ratings) in ["A", "B", "C"].into_iter().zip(OBSERVERS) {
            let x = ratings[session];
            text += &format!("F1,{},{rater},{x},{x},{x},{x}\n", session + 1);
        }
    }
    text
}

fn wide() -> String {
    let row = |at: usize| format!("{},{},{}\n", OBSERVERS[0][at], OBSERVERS[1][at], OBSERVERS[2][at]);
    "r1,r2,r3\n".to_owned() + &(0..10).map(row).collect::<String>()
}

fn entry<'a>(found: &'a Value, list: &str, with: &[(&str, Value)]) -> &'a Value {
    let entries = found["results"]["raters"][list].as_array().unwrap();
    let fits = |one: &&Value| with.iter().all(|(name, value)| one[*name] == *value);
    entries.iter().find(fits).unwrap_or_else(|| panic!("{list} {with:?}"))
}

#[track_caller]
fn estimate(found: &Value, list: &str, with: &[(&str, Value)], theirs: f64, tolerance: f64) {
    let one = entry(found, list, with);
    close(list, one["estimate"].as_f64().unwrap(), theirs, tolerance);
}

#[test]
fn ten_sessions_of_three_observers_by_the_instrument_and_without() {
    let (_folder, path) = file(&coded());
    let by_instrument = json(&["softa_o", &path, "--rater", "observer", "--draws", "200"]);
    let (_wide, path) = file(&wide());
    let without =
        json(&["--scores", &path, "--raters", "r1,r2,r3", "--categories", "-3..3", "--draws", "200"]);
    for (found, scale) in
        [(&by_instrument, "engagement"), (&by_instrument, "shared_purpose"), (&without, "rating")]
    {
        let of = |more: &[(&'static str, Value)]| {
            let mut with = vec![("scale", Value::from(scale))];
            with.extend(more.iter().cloned());
            with
        };
        let icc = |method: &str, form: &str| of(&[("method", method.into()), ("form", form.into())]);
        estimate(found, "icc", &icc("anova", "ICC(A,1)"), 0.868_852_5, QUOTED);
        estimate(found, "icc", &icc("anova", "ICC(C,1)"), 0.876_033_1, QUOTED);
        estimate(found, "icc", &icc("anova", "ICC(1)"), 0.868_493_2, QUOTED);
        estimate(found, "icc", &icc("anova", "ICC(A,k)"), 0.952_095_8, QUOTED);
        estimate(found, "icc", &icc("reml", "ICC(A,1)"), 0.866_493_3, 1e-5);
        estimate(found, "icc", &icc("reml", "ICC(C,1)"), 0.872_652_1, 1e-5);
        let weights = |weights: &str| of(&[("weights", weights.into())]);
        estimate(found, "kappa", &weights("identity"), 0.446_153_8, QUOTED);
        estimate(found, "kappa", &weights("linear"), 0.709_677_4, QUOTED);
        estimate(found, "kappa", &weights("quadratic"), 0.88, QUOTED);
        estimate(found, "fleiss", &weights("identity"), 0.327_73, 6e-6);
        estimate(found, "fleiss", &weights("quadratic"), 0.859_15, 6e-6);
        // All seven categories of the instrument are declared, whether they were used or not.
        estimate(found, "gwet", &weights("identity"), 0.385_403_3, QUOTED);
        estimate(found, "gwet", &weights("linear"), 0.791_847_4, QUOTED);
        estimate(found, "gwet", &weights("quadratic"), 0.947_113_3, QUOTED);
        estimate(found, "conger", &weights("linear"), 0.659_90, 6e-6);
        let metric = |metric: &str| of(&[("metric", metric.into())]);
        estimate(found, "krippendorff", &metric("nominal"), 0.331_343_3, QUOTED);
        estimate(found, "krippendorff", &metric("ordinal"), 0.863_367_9, QUOTED);
        estimate(found, "krippendorff", &metric("interval"), 0.862_407_9, QUOTED);
        let ratio = entry(found, "krippendorff", &metric("ratio"));
        assert_eq!((&ratio["estimate"], &ratio["reason"]), (&Value::Null, &"not_applicable".into()));
        estimate(found, "kendall", &of(&[]), 0.923_753_7, QUOTED);
        let confusion = entry(found, "confusion", &of(&[]));
        assert_eq!(confusion["categories"], serde_json::json!([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]));
        let total: f64 = confusion["counts"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| row.as_array().unwrap())
            .map(|n| n.as_f64().unwrap())
            .sum();
        assert_eq!(total, 9.0);
        let line = entry(found, "lines", &of(&[]));
        assert_eq!((&line["ratings"], &line["gaps"]), (&29.into(), &1.into()));
    }
    let page = text(&["--scores", &path, "--raters", "r1,r2,r3", "--categories", "-3..3"]);
    assert!(page.contains("one observer will code alone from now on"));
    assert!(page.contains("r1 in rows, r2 in columns"));
    // Observed categories are another matter, by name.
    let observed = json(&["--scores", &path, "--raters", "r1,r2,r3", "--categories", "observed"]);
    estimate(&observed, "gwet", &[("weights", "quadratic".into())], 0.921_03, 6e-6);
    assert_eq!(observed["settings"]["categories"], "observed");
}

#[test]
fn sixty_units_of_three_raters() {
    let theirs = &expected("agreement.json")["kappa"];
    let found = json(&["--scores", THREE, "--raters", "r1,r2,r3", "--categories", "1..5", "--draws", "0"]);
    let metric = |metric: &str| vec![("metric", Value::from(metric))];
    for (name, list, with) in [
        ("krippendorff_nominal", "krippendorff", metric("nominal")),
        ("krippendorff_ordinal", "krippendorff", metric("ordinal")),
        ("krippendorff_interval", "krippendorff", metric("interval")),
        ("kendall_w", "kendall", vec![]),
    ] {
        estimate(&found, list, &with, theirs[name].as_f64().unwrap(), 1e-9);
    }
    // Kappas of the reference are of the units that all three coded.
    let complete: String = fs::read_to_string(THREE)
        .unwrap()
        .lines()
        .filter(|line| line.split(',').all(|cell| !cell.is_empty() && cell != "NA"))
        .map(|line| format!("{line}\n"))
        .collect();
    let (_folder, path) = file(&complete);
    let found = json(&["--scores", &path, "--raters", "r1,r2,r3", "--categories", "1..5", "--draws", "0"]);
    let weights = |weights: &str| vec![("weights", Value::from(weights))];
    for (name, list, with) in [
        ("cohen_12", "kappa", weights("identity")),
        ("linear_12", "kappa", weights("linear")),
        ("quadratic_12", "kappa", weights("quadratic")),
        ("fleiss", "fleiss", weights("identity")),
        ("light", "light", weights("identity")),
        ("finn", "finn", vec![]),
    ] {
        estimate(&found, list, &with, theirs[name].as_f64().unwrap(), 1e-9);
    }
}

#[test]
fn the_table_of_shrout_and_fleiss_from_a_long_file() {
    let theirs = &expected("agreement.json")["shrout_fleiss"];
    let mut rows = "family,judge,x\n".to_owned();
    for (unit, row) in theirs["data"].as_array().unwrap().iter().enumerate() {
        for (judge, x) in row.as_array().unwrap().iter().enumerate() {
            rows += &format!("f{unit},j{judge},{x}\n");
        }
    }
    let (_folder, path) = file(&rows);
    let args = ["--scores", &path, "--unit", "family", "--rater", "judge", "--score", "x"];
    let found = json(&args);
    let forms = ["ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(k)", "ICC(A,k)", "ICC(C,k)"];
    for (at, form) in forms.into_iter().enumerate() {
        let one = entry(&found, "icc", &[("form", form.into())]);
        for (name, column) in [("estimate", "ICC"), ("lower", "lower bound"), ("upper", "upper bound")] {
            close(form, one[name].as_f64().unwrap(), theirs["icc"][column][at].as_f64().unwrap(), 1e-8);
        }
    }
    // Nothing says which categories there are.
    assert_eq!(found["results"]["raters"]["kappa"], serde_json::json!([]));
    assert!(text(&args).contains("--categories LO..HI"));
}

#[test]
fn final_scores_are_a_file_that_other_commands_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut text =
        "dyad,role,session,rater,engagement,emotional_connection,safety,shared_purpose\n".to_owned();
    for (dyad, role, session, ratings) in [
        ("1", "mother", 1, ["2", "-1", "3"]),
        ("1", "worker", 1, ["1", "1", "3"]),
        ("1", "mother", 2, ["1", "2", "3"]),
        ("1", "worker", 2, ["0", "0", "0"]),
        ("2", "mother", 1, ["0", "", "1"]),
        ("2", "worker", 1, ["2", "2", "1"]),
    ] {
        for (rater, x) in ["A", "B", "C"].into_iter().zip(ratings) {
            // The purpose is shared: one rating for both members of a session.
            text += &format!("{dyad},{role},{session},{rater},{x},{x},{x},2\n");
        }
    }
    let path = folder.path().join("coded.csv");
    fs::write(&path, text).unwrap();
    let finals = folder.path().join("final.csv");
    let (path, finals) = (path.to_str().unwrap(), finals.to_str().unwrap());
    let output = run(&["softa_o", path, "--roles", "mother=observer,worker=observer", "--final", finals]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = fs::read_to_string(finals).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert!(lines[0].starts_with("dyad,role,session,engagement,engagement_settled,engagement_reason,"));
    assert!(lines[1].starts_with("1,mother,1,2.5,closest_two,,"), "{written}");
    assert!(lines[2].starts_with("1,worker,1,1,two,,"));
    assert!(lines[3].starts_with("1,mother,2,2,middle,,"));
    assert!(lines[4].starts_with("1,worker,2,0,all,,"));
    assert!(lines[5].starts_with("2,mother,1,,,too_few,"));
    assert!(lines[1].ends_with(",2,all,"));
    for command in ["dyads", "sessions", "retest"] {
        let args = [command, "--scores", finals, "--score", "engagement,safety", "--range", "-3..3"];
        let output = alliance(&args);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    refused(
        &["softa_o", path, "--roles", "mother=observer,worker=observer", "--final", path],
        2,
        "is also an input",
    );
}

#[test]
fn bad_input_is_named() {
    let long = |text: &str, code: i32, said: &str, also: &[&str]| {
        let (_folder, path) = file(text);
        let args = ["--scores", &path, "--unit", "u", "--rater", "r", "--score", "x"];
        refused(&[&args[..], also].concat(), code, said);
    };
    long("u,r,x\n1,A,2\n2,A,3\n", 2, "agreement needs two raters", &[]);
    long("u,r,x\n1,A,2\n1,B,3\n1,A,2\n", 3, "coded.csv:4", &[]);
    long("u,r,x\n1,A,2\n1,B,3\n1,A,2\n", 3, "u 1: a second rating by A; the first stands on line 2", &[]);
    long("u,r,x\n1,A,2\n1,,3\n", 3, "does not say who rated", &[]);
    long("u,r,x\n1,A,2\n2,B,3\n3,A,1\n", 2, "no unit was rated by two raters; units rated: A 2, B 1", &[]);
    long("u,r,x\n1,A,2\n1,B,4\n", 3, "coded.csv:3", &["--categories", "-3..3"]);
    long("u,r,x\n1,A,2\n1,B,2.5\n", 3, "coded.csv:3", &["--categories", "-3..3"]);
    long("u,r,x\n1,A,2\n1,B,good\n", 3, "coded.csv:3", &[]);
    long("u,r,x\n1,A,2\n1,B,2\n", 2, "makes no sense", &["--categories", "3..-3"]);
    long("u,r,x\n1,A,2\n1,B,2\n", 2, "there is no null distribution", &["--null", "steep"]);
    long("u,r,x\n1,A,2\n1,B,2\n", 2, "raters are: A, B", &["--confusion", "A,Z"]);
    let (_folder, path) = file("u,x\n1,2\n2,3\n");
    refused(&["--scores", &path, "--unit", "u", "--score", "x"], 2, "no column of raters");
    refused(&["--scores", &path, "--raters", "x"], 2, "--raters names one");
    let (_folder, path) = file(&coded().replace("F1,1,A,1,1,1,1", "F1,1,A,1,1,1,4"));
    refused(&["softa_o", &path, "--rater", "observer"], 3, "coded.csv:2");
    // A rating about the family stands equally on the rows of its members.
    let both = "family,person,session,rater,engagement,emotional_connection,safety,shared_purpose\n\
                1,a,1,A,1,1,1,2\n1,b,1,A,2,2,2,3\n1,a,1,B,1,1,1,2\n1,b,1,B,2,2,2,2\n";
    let (_folder, path) = file(both);
    refused(&["softa_o", &path], 3, "it is one rating");
    let (_folder, path) = file(&both.replace("2,2,2,3", "2,2,2,2"));
    let found = json(&["softa_o", &path]);
    assert_eq!(entry(&found, "lines", &[("scale", "shared_purpose".into())])["units"], 1);
    assert_eq!(entry(&found, "lines", &[("scale", "safety".into())])["units"], 2);
}

#[test]
fn few_and_constant_ratings_have_reasons() {
    let (_folder, path) = file("u,r,x\n1,A,0\n1,B,1\n");
    let args = ["--scores", &path, "--unit", "u", "--rater", "r", "--score", "x", "--categories", "-3..3"];
    let found = json(&args);
    assert_eq!(entry(&found, "icc", &[("form", "ICC(A,1)".into())])["reason"], "too_few");
    assert!(text(&args).contains("one unit was rated by two"));
    let (_folder, path) = file("u,r,x\n1,A,0\n1,B,0\n2,A,1\n2,B,0\n3,A,2\n3,B,0\n");
    let args = ["--scores", &path, "--unit", "u", "--rater", "r", "--score", "x", "--categories", "-3..3"];
    assert!(text(&args).contains("B gave one and the same rating throughout"));
    let (_folder, path) = file("u,r,x\n1,A,0\n1,B,0\n2,A,0\n2,B,0\n");
    let args = ["--scores", &path, "--unit", "u", "--rater", "r", "--score", "x", "--categories", "-3..3"];
    let found = json(&args);
    assert_eq!(entry(&found, "kappa", &[])["reason"], "no_variability");
    assert_eq!(entry(&found, "krippendorff", &[])["reason"], "no_variability");
    text(&args);
}

#[test]
fn judges_of_items_drift_and_own_weights() {
    // Five judges of four items on seven points, one unit.
    let judges = ["5,6,6,5", "6,6,7,5", "6,5,6,6", "5,5,6,4", "7,6,7,6"];
    let mut rows = "dyad,session,rater,x,y\n".to_owned();
    for session in 1..=8 {
        for (at, rater) in ["A", "B", "C"].into_iter().enumerate() {
            let drifting = if rater == "C" { session / 3 } else { 0 };
            rows += &format!(
                "1,{session},{rater},{},{}\n",
                1 + (session * 3 + at) % 4 + drifting,
                1 + session % 3
            );
        }
    }
    let (_folder, path) = file(&rows);
    let args = ["--scores", &path, "--score", "x", "--categories", "1..7", "--draws", "100"];
    let found = json(&args);
    let drift = entry(&found, "drift", &[("rater", "C".into())]);
    assert!(drift["estimate"].as_f64().unwrap() > 0.0 && drift["n"] == 8);
    assert!(text(&args).contains("Drift by session"));
    let nulls = found["results"]["raters"]["within_units"].as_array().unwrap();
    assert_eq!(
        nulls.iter().map(|null| null["null"].as_str().unwrap()).collect::<Vec<_>>(),
        ["uniform", "slight_skew"]
    );
    assert_eq!((&nulls[1]["evidence"], nulls[0]["units"].as_array().unwrap().len()), (&"recalled".into(), 8));
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("weights.csv");
    let row = |a: i32| {
        (0..7).map(|b: i32| if (a - b).abs() <= 1 { "1" } else { "0" }).collect::<Vec<_>>().join(",")
    };
    fs::write(&weights, (0..7).map(row).collect::<Vec<_>>().join("\n")).unwrap();
    let own = json(&[&args[..], &["--weights", weights.to_str().unwrap()]].concat());
    assert!(entry(&own, "kappa", &[("weights", "own".into())])["estimate"].is_number());
    fs::write(&weights, "1,0\n0,1\n").unwrap();
    refused(&[&args[..], &["--weights", weights.to_str().unwrap()]].concat(), 2, "symmetric 7 × 7 table");
    fs::write(&weights, "1,a\n0,1\n").unwrap();
    refused(&[&args[..], &["--weights", weights.to_str().unwrap()]].concat(), 2, "line 1");
    // One unit judged on four items: rwg(J).
    let mut rows = "person,rater,a,b,c,d\n".to_owned();
    judges.iter().enumerate().for_each(|(at, row)| rows += &format!("p,J{at},{row}\n"));
    let (_folder, path) = file(&rows);
    let each = json(&["--scores", &path, "--score", "a,b,c,d", "--categories", "1..7"]);
    let one = &entry(&each, "within_units", &[("scale", "a".into())])["units"][0];
    close("rwg", one["rwg"][0]["estimate"].as_f64().unwrap(), 0.825, QUOTED);
}

#[test]
fn every_format_is_the_same_for_any_number_of_threads() {
    let (_folder, path) = file(&coded());
    for format in ["text", "markdown", "json", "csv", "html"] {
        let args = ["softa_o", &path, "--rater", "observer", "--draws", "50", "--format", format];
        let one = run(&[&args[..], &["--threads", "1"]].concat());
        let many = run(&[&args[..], &["--threads", "7"]].concat());
        assert_eq!(one.status.code(), Some(0), "{}", String::from_utf8_lossy(&one.stderr));
        assert_eq!(one.stdout, many.stdout, "{format}");
    }
}

#[test]
fn a_summary_stands_first_and_data_has_every_table() {
    let (_folder, path) = file(&wide());
    let args = ["--scores", &path, "--raters", "r1,r2,r3", "--categories", "-3..3", "--draws", "50"];
    let page = text(&args);
    let (short, long) = (page.find("In short").unwrap(), page.find("Units ").unwrap());
    assert!(short < long && page[short..long].contains("One observer codes alone from now on"));
    assert!(page[short..long].contains("Krippendorff, ordinal"));
    let csv = String::from_utf8(run(&[&args[..], &["--format", "csv"]].concat()).stdout).unwrap();
    // Three pairs of raters, seven categories.
    assert_eq!(csv.lines().filter(|line| line.starts_with("confusion,")).count(), 3 * 7 * 7);
    for name in ["share of pairs", "share of units", "Kendall's W", "Finn"] {
        assert!(csv.lines().any(|line| line.starts_with("others,") && line.contains(name)), "{name}");
    }
    assert!(!csv.contains("In short"));
    // A null whose variance is not known for so many categories is not left out in silence.
    let four = [&args[..5], &["-3..9", "--null", "slight_skew", "--draws", "0"]].concat();
    assert!(text(&four).split_whitespace().collect::<Vec<_>>().join(" ").contains(
        "rwg with the null slight_skew is left out, for its variance is not known for 13 categories"
    ));
    assert!(!page.contains("is left out"));
    let plain = text(&["--scores", &path, "--raters", "r1,r2,r3"]);
    assert!(plain.contains("--by-item") && !plain.contains("--items"));
}
