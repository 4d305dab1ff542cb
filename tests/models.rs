//! The commands on sessions in dyads in workers: from a file to the numbers of other software, and through bad files.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::reference::{close, expected};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[track_caller]
fn text(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    serde_json::from_str(&text(&[args, &["--format", "json"]].concat())).unwrap()
}

const SIX: [&str; 2] = ["tests/cli/six_dyads.toml", "tests/reference/data/six_dyads.csv"];
const CALM: [&str; 2] = ["tests/cli/calm.toml", "tests/reference/data/sai_repeated.csv"];

/// The entry of a list whose key has this word.
#[track_caller]
fn find<'v>(list: &'v Value, key: &str, word: &str) -> &'v Value {
    list.as_array().unwrap().iter().find(|own| own[key] == word).unwrap_or_else(|| panic!("no {word}"))
}

/// psych 2.5.3 of `sai_repeated.csv`, from the file to the page.
#[test]
fn nested_agrees_with_psych() {
    let theirs = &expected("multilevel.json")["sai_repeated"];
    let ours = json(&["nested", CALM[0], CALM[1], "--session", "time", "--bootstrap", "0"]);
    let list = &ours["results"]["reliability"];
    let value = |id: &str| find(list, "coefficient", id)["estimate"].as_f64().unwrap();
    for (id, name) in [("rkf", "RkF"), ("r1r", "R1R"), ("rkr", "RkR"), ("rc", "Rc")] {
        close(id, value(id), theirs["generalizability"][name].as_f64().unwrap(), 1e-8);
    }
    close("icc1", value("icc1"), theirs["icc1"].as_f64().unwrap(), 1e-8);
    close("icc2", value("icc2"), theirs["icc2"].as_f64().unwrap(), 1e-8);
    close("rkrn", value("rkrn"), theirs["generalizability_nested"]["RkRn"].as_f64().unwrap(), 1e-8);
    close("rcn", value("rcn"), theirs["generalizability_nested"]["Rcn"].as_f64().unwrap(), 1e-8);
    let limit = &ours["results"]["thresholds"][0];
    close("error", limit["error_within_crossed"].as_f64().unwrap(), 0.394314, 1e-6);
    close("swing", limit["fluctuation_within_crossed"].as_f64().unwrap(), 1.090874, 1e-6);
}

/// Six dyads: the pooled alpha hides what happens within; a negative component; the table of sessions.
#[test]
fn nested_tells_six_dyads_what_alpha_hides() {
    let ours = json(&["nested", SIX[0], SIX[1], "--negative", "raw"]);
    let list = &ours["results"]["reliability"];
    let value = |id: &str| find(list, "coefficient", id)["estimate"].as_f64().unwrap();
    for (id, theirs) in [
        ("alpha_pooled", 0.9241279),
        ("alpha_within", 0.5763126),
        ("alpha_between_latent", 0.998994),
        ("alpha_single_session", 0.9328380),
        ("alpha_between", 0.9632465),
        ("rkf", 0.9863925),
        ("r1r", 0.8513452),
        ("rkr", 0.9662561),
        ("rc", 0.4361508),
        ("icc1", 0.8434848),
        ("icc2", 0.9642164),
    ] {
        close(id, value(id), theirs, 1e-6);
    }
    // Under fifteen persons there are no limits, and a reason stands in their place.
    assert_eq!(find(list, "coefficient", "rkr")["reason"], "too_few_clusters");
    let sessions: Vec<&Value> = ours["results"]["d_study"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["coefficient"] == "rkr")
        .map(|own| &own["needed"])
        .collect();
    assert_eq!(sessions, [1, 1, 2]);
    let reml = json(&["nested", SIX[0], SIX[1], "--estimator", "reml"]);
    let rc = find(&reml["results"]["reliability"], "coefficient", "rc")["estimate"].as_f64().unwrap();
    close("rc by likelihood", rc, 0.4354605, 1e-4);
    let page = text(&["nested", SIX[0], SIX[1]]);
    assert!(page.contains("alpha over all rows is .92, within a person .58"), "{page}");
    assert!(page.contains("15 are needed"), "{page}");
}

#[test]
fn limits_of_nested_do_not_depend_on_luck() {
    let of =
        || text(&["nested", CALM[0], CALM[1], "--session", "time", "--bootstrap", "50", "--format", "csv"]);
    assert_eq!(of(), of());
    let first = json(&["nested", CALM[0], CALM[1], "--session", "time", "--bootstrap", "50"]);
    let rkr = find(&first["results"]["reliability"], "coefficient", "rkr");
    let (low, own, high) = (rkr["lower"].as_f64(), rkr["estimate"].as_f64(), rkr["upper"].as_f64());
    assert!(low < own && own < high);
}

/// Rows of scores, in a file of their own.
fn scores(rows: &[(&str, u32, &str)]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    let body: String =
        rows.iter().map(|(dyad, session, score)| format!("{dyad},{session},{score}\n")).collect();
    fs::write(&path, format!("dyad,session,score\n{body}")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn of_scores<'a>(command: &'a str, path: &'a str) -> Vec<&'a str> {
    vec![command, "--scores", path, "--score", "score", "--range", "1..7"]
}

#[test]
fn nested_says_what_cannot_be_had() {
    let (_keep, one_each) = scores(&[("1", 1, "4"), ("2", 1, "5"), ("3", 1, "6")]);
    let output = run(&of_scores("nested", &one_each));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody has a second session"));
    let (_keep, one_dyad) = scores(&[("1", 1, "4"), ("1", 2, "5"), ("1", 3, "6")]);
    assert!(text(&of_scores("nested", &one_dyad)).contains("1 groups of dyad: two are needed"));
    let (_keep, flat) = scores(&[("1", 1, "4"), ("1", 2, "4"), ("2", 1, "4"), ("2", 2, "4")]);
    assert!(text(&of_scores("nested", &flat)).contains("all values of score are the same"));
    // No variance between: an ICC below zero is shown as it is.
    let (_keep, same) = scores(&[("1", 1, "3"), ("1", 2, "5"), ("2", 1, "3"), ("2", 2, "5")]);
    let ours = json(&of_scores("nested", &same));
    let icc = find(&ours["results"]["reliability"], "coefficient", "icc1")["estimate"].as_f64().unwrap();
    close("icc1", icc, -1.0, 1e-12);
    // No variance within.
    let (_keep, level) = scores(&[("1", 1, "3"), ("1", 2, "3"), ("2", 1, "5"), ("2", 2, "5")]);
    let ours = json(&of_scores("nested", &level));
    let icc = find(&ours["results"]["reliability"], "coefficient", "icc1")["estimate"].as_f64().unwrap();
    close("icc1", icc, 1.0, 1e-12);
}
