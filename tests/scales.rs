//! The commands on the items of scales: from a file to the numbers of other software, and through bad files.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::reference::{close, expected};

/// Closed forms; the files hold twelve digits.
const CLOSED: f64 = 1e-8;

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

#[track_caller]
fn refused(args: &[&str], with: &str) {
    let output = run(args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains(with), "{error}");
}

const BFI: [&str; 2] = ["tests/cli/bfi.toml", "tests/reference/data/bfi.csv"];
const EXAMPLE: [&str; 2] = ["wai_s", "examples/child_protection/answers.csv"];

#[track_caller]
fn same(what: &str, ours: &Value, theirs: &Value) {
    close(what, ours.as_f64().unwrap(), theirs.as_f64().unwrap(), CLOSED);
}

#[test]
fn reliability_from_a_file_is_that_of_psych() {
    let theirs = expected("reliability_bfi.json");
    for policy in ["listwise", "pairwise"] {
        let ours = json(&["reliability", BFI[0], BFI[1], "--missing", policy]);
        let scales = ours["results"]["scales"].as_array().unwrap();
        assert_eq!(scales.len(), 5);
        for scale in scales {
            let theirs = &theirs[scale["scale"].as_str().unwrap()][policy];
            assert_eq!(scale["missing"], policy);
            assert_eq!((&scale["form"], &scale["group"]), (&Value::from("self"), &Value::Null));
            assert_eq!(scale["k"], theirs["k"]);
            same("alpha", &scale["alpha"]["estimate"], &theirs["raw_alpha"]);
            same("standardized", &scale["alpha_standardized"]["estimate"], &theirs["std_alpha"]);
            same("mean r", &scale["mean_r"]["estimate"], &theirs["average_r"]);
            for lambda in ["lambda1", "lambda2", "lambda3", "lambda5", "lambda6"] {
                same(lambda, &scale[lambda]["estimate"], &theirs["lambda_covariances"][lambda]);
            }
            for lambda in ["lambda1", "lambda2", "lambda4", "lambda5", "lambda6"] {
                let standardized = &scale[format!("{lambda}_standardized")]["estimate"];
                same(lambda, standardized, &theirs["lambda_correlations"][lambda]);
            }
            let item = |j: usize, ours: &str, named: &str| {
                same(named, &scale["items"][j][ours], &theirs["item"][named][j]);
            };
            for j in 0..5 {
                item(j, "item_rest", "r_drop");
                item(j, "r_cor", "r_cor");
                item(j, "raw_r", "raw_r");
                item(j, "mean", "mean");
                item(j, "sd", "sd");
                item(j, "alpha_if_deleted", "alpha_drop");
            }
            if policy == "listwise" {
                assert_eq!(scale["n"], theirs["n"]);
                let alpha = &scale["alpha"];
                assert_eq!(alpha["interval"], "feldt");
                same("lower", &alpha["lower"], &theirs["feldt"][0]);
                same("upper", &alpha["upper"], &theirs["feldt"][2]);
                same("se", &alpha["intervals"]["normal_theory"]["se"], &theirs["normal_theory_se"]);
                same("se", &alpha["intervals"]["adf"]["se"], &theirs["adf_se"]);
            }
        }
    }
}

#[test]
pub fn item_tables_describe_all_who_answered_under_pairwise_deletion() {
    let theirs = expected("descriptives_bfi.json");
    let ours = json(&["items", BFI[0], BFI[1], "--missing", "pairwise"]);
    let items =
        ours["results"]["scales"].as_array().unwrap().iter().flat_map(|s| s["items"].as_array().unwrap());
    let items: Vec<&Value> = items.collect();
    assert_eq!(items.len(), 25);
    for (j, item) in items.iter().enumerate() {
        for (ours, named) in [("n", "n"), ("mean", "mean"), ("sd", "sd"), ("median", "median")] {
            same(named, &item[ours], &theirs["describe2"][named][j]);
        }
        for named in ["skew", "kurtosis"] {
            same(named, &item["shape"][format!("{named}_type2")]["estimate"], &theirs["describe2"][named][j]);
            same(named, &item["shape"][format!("{named}_type3")]["estimate"], &theirs["describe3"][named][j]);
        }
        let shares = item["shares"].as_array().unwrap().iter().map(|share| share["share"].as_f64().unwrap());
        close("shares", shares.sum(), 1.0, 1e-12);
    }
    let pair = &ours["results"]["scale_correlations"][0];
    assert_eq!(
        (&pair["scale"], &pair["with"], &pair["shared_items"]),
        (&"agree".into(), &"consc".into(), &0.into())
    );
    let r = pair["r"]["estimate"].as_f64().unwrap();
    assert!(pair["disattenuated"]["estimate"].as_f64().unwrap() > r && r > 0.0);
}

#[test]
fn every_coefficient_is_in_the_manual() {
    let manual = include_str!("../docs/RELIABILITY.md");
    for coefficient in alliance_metrics::reliability::Coefficient::all() {
        assert!(manual.contains(&format!("| `{}` |", coefficient.id())), "{}", coefficient.id());
    }
}

#[test]
fn omegas_from_a_file_are_those_of_semtools() {
    let theirs = expected("reliability_bfi.json");
    let ours = json(&["reliability", BFI[0], BFI[1]]);
    for scale in ours["results"]["scales"].as_array().unwrap() {
        let theirs = &theirs[scale["scale"].as_str().unwrap()]["omega_one_factor_ml"];
        for (ours, named) in [("omega_total", "omega_observed"), ("omega_total_implied", "omega_implied")] {
            let value = scale[ours]["estimate"].as_f64().unwrap();
            close(ours, value, theirs[named].as_f64().unwrap(), 1e-5);
            assert!(scale[ours]["lower"].as_f64().unwrap() < value && scale[ours]["interval"] == "delta");
        }
        assert_eq!(scale["omega_hierarchical"]["reason"], "not_applicable");
        assert_eq!(scale["equal_loadings"]["df"], 4);
        assert!(scale["items"][0]["omega_if_deleted"].is_number());
    }
}

#[test]
fn groups_stand_side_by_side() {
    let ours = json(&["reliability", EXAMPLE[0], EXAMPLE[1], "--by", "role", "--occasion", "all"]);
    let scales = ours["results"]["scales"].as_array().unwrap();
    let heads: Vec<[&str; 3]> =
        scales.iter().map(|s| ["scale", "form", "role"].map(|key| s[key].as_str().unwrap())).collect();
    assert_eq!(heads[..2], [["task", "caregiver", "caregiver"], ["task", "worker", "worker"]]);
    assert_eq!(scales[1]["group"]["role"], "worker");
    assert_eq!(scales[0]["rows"], 104);
}

#[test]
fn pages_show_what_is_asked_for() {
    let brief = text(&["reliability", EXAMPLE[0], EXAMPLE[1]]);
    assert!(brief.contains("total  caregiver  6  12") && !brief.contains("Lambda 2"), "{brief}");
    assert!(brief.lines().all(|line| line.chars().count() <= 100));
    let some = text(&["reliability", EXAMPLE[0], EXAMPLE[1], "--coefficients", "lambda2,glb"]);
    assert!(some.contains("Lambda 2") && some.contains("Greatest lower bound") && !some.contains("Lambda 5"));
    let tidy = text(&["reliability", EXAMPLE[0], EXAMPLE[1], "--format", "csv"]);
    assert!(tidy.lines().next().unwrap().contains("coefficient") && tidy.contains("lambda6_standardized"));
    let shaded = text(&["items", EXAMPLE[0], EXAMPLE[1], "--all", "--occasion", "all"]);
    assert!(shaded.contains("██") && shaded.contains("from .8"));
    assert!(shaded.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let with =
        |args: &[&'static str]| -> Vec<&'static str> { [&["reliability"][..], &EXAMPLE, args].concat() };
    refused(&with(&["--scale", "tosk"]), "did you mean `task`?");
    refused(&with(&["--coefficients", "lamda2"]), "did you mean `lambda2`?");
    refused(&with(&["--level", "95"]), "such as 0.95");
    refused(&with(&["--by", "planet"]), "planet");
    refused(
        &["items", "--scores", EXAMPLE[1], "--score", "feedback", "--range", "1..7"],
        "items works on the answers to items",
    );
}

/// A file of five items with trouble, on the shelf as arm_5; item 3 is reversed.
fn trouble(rows: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    fs::write(&path, format!("id,arm_1,arm_2,arm_3,arm_4,arm_5\n{}\n", rows.join("\n"))).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn an_item_that_nobody_answered_leaves_reasons_and_its_neighbours() {
    let (_folder, path) = trouble(&["1,5,4,3,,6", "2,4,4,2,,5", "3,6,7,1,,7"]);
    let ours = json(&["reliability", "arm_5", &path]);
    let scale = &ours["results"]["scales"][0];
    assert_eq!((&scale["n"], &scale["k"], &scale["reason"]), (&0.into(), &5.into(), &"too_few".into()));
    for coefficient in ["alpha", "lambda6", "glb", "mean_r", "standard_error_of_measurement"] {
        assert_eq!(scale[coefficient]["reason"], "too_few");
        assert_eq!(scale[coefficient]["estimate"], Value::Null);
    }
    assert_eq!((&scale["items"][3]["n"], &scale["items"][3]["missing"]), (&0.into(), &3.into()));
    assert_eq!(scale["items"][0]["mean"], 5.0);
    assert!(text(&["items", "arm_5", &path]).contains("no α: too few"));
}

#[test]
fn a_constant_item_and_an_item_reversed_twice_are_called_out() {
    let (_folder, path) =
        trouble(&["1,5,4,3,4,6", "2,4,4,2,4,5", "3,6,7,6,4,7", "4,2,3,1,4,2", "5,7,6,6,4,6"]);
    let ours = json(&["reliability", "arm_5", &path]);
    let scale = &ours["results"]["scales"][0];
    assert_eq!(scale["constant"], serde_json::json!(["i04"]));
    assert_eq!(scale["wrong_way"], serde_json::json!(["i03"]));
    assert!(scale["alpha"]["estimate"].is_number() && scale["lambda2"]["estimate"].is_number());
    assert_eq!(scale["alpha_standardized"]["reason"], "no_variability");
    assert_eq!(scale["lambda6"]["reason"], "no_variability");
    let page = text(&["items", "arm_5", &path]);
    assert!(page.contains("wrong way") && page.contains("the same answer from everybody"), "{page}");
    let mended = json(&["reliability", "arm_5", &path, "--already-reversed", "3"]);
    assert_eq!(mended["results"]["scales"][0]["wrong_way"], serde_json::json!([]));
}

#[test]
fn one_person_and_identical_items_do_not_stop_the_rest() {
    let (_folder, path) = trouble(&["1,5,4,3,4,6"]);
    assert_eq!(json(&["reliability", "arm_5", &path])["results"]["scales"][0]["alpha"]["reason"], "too_few");
    let (_folder, path) =
        trouble(&["1,5,5,3,4,6", "2,4,4,2,4,5", "3,6,6,1,5,7", "4,2,2,6,3,2", "5,7,7,1,4,6", "6,3,3,3,2,2"]);
    let ours = json(&["reliability", "arm_5", &path]);
    let scale = &ours["results"]["scales"][0];
    assert_eq!(
        (&scale["lambda6"]["reason"], &scale["glb"]["reason"]),
        (&"singular".into(), &"singular".into())
    );
    assert!(scale["alpha"]["lower"].is_number() && scale["lambda4"]["estimate"].is_number());
    assert_eq!(scale["items"][0]["reasons"]["smc"], "singular");
}
