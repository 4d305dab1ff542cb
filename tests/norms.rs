//! Norms that the user brings: z, T and percentile, in whatever metric the norm is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn score(norms: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alliance"));
    command.args(["score", "wai_s"]).arg(file("data/norm_answers.csv")).arg("--norms").arg(file(norms));
    command.args(more).output().unwrap()
}

/// The rows of a score table, as column and cell.
fn rows(output: &Output) -> Vec<std::collections::BTreeMap<String, String>> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[track_caller]
fn near(cell: &str, wanted: f64) {
    let value: f64 = cell.parse().unwrap();
    assert!((value - wanted).abs() < 1e-9, "{value} is not {wanted}");
}

#[test]
fn standard_scores_by_hand() {
    let rows = rows(&score("data/norms.csv", &[]));
    // Task is items 1, 2, 8, 12: 6 each, a sum of 24; (24 − 21.6) / 4.8 = 0.5.
    near(&rows[0]["task"], 6.0);
    near(&rows[0]["task_z"], 0.5);
    near(&rows[0]["task_t"], 55.0);
    near(&rows[0]["task_percentile"], 69.146_246_127_401_31);
    // Goal as percent of the maximum: 100 (6 − 1) / 6, against 75 and 12.5; for both forms.
    near(&rows[0]["goal_z"], (100.0 * 5.0 / 6.0 - 75.0) / 12.5);
    near(&rows[1]["goal_z"], (50.0 - 75.0) / 12.5);
    // A norm for the form stands before the one for all.
    near(&rows[0]["total_z"], (70.0 / 12.0 - 5.0) / 0.8);
    near(&rows[1]["total_z"], -0.5);
    // No norm for this form; no norm at all; no score.
    assert_eq!(rows[1]["task_z"], "");
    assert_eq!(rows[0]["bond_t"], "");
    assert_eq!((rows[2]["task"].as_str(), rows[2]["task_z"].as_str()), ("", ""));
}

#[test]
fn the_metric_of_the_scores_does_not_matter() {
    let means = rows(&score("data/norms.csv", &[]));
    for metric in ["sum", "pomp"] {
        let other = rows(&score("data/norms.csv", &["--as", metric]));
        for (mean, other) in means.iter().zip(&other) {
            for column in ["task_z", "goal_t", "total_percentile"] {
                match mean[column].parse::<f64>() {
                    Ok(wanted) => near(&other[column], wanted),
                    Err(_) => assert_eq!(other[column], mean[column]),
                }
            }
        }
    }
}

#[test]
fn a_table_gives_t_and_the_line_between() {
    let rows = rows(&score("data/norms_table.csv", &["--columns", "scores"]));
    // Bond is items 3, 5, 7, 9: 5 + 6 + 5 + 6 = 22, halfway from 16 to 28.
    near(&rows[0]["bond_t"], 52.75);
    near(&rows[0]["bond_z"], 0.275);
    near(&rows[1]["bond_t"], 40.0);
}

#[test]
fn the_receipt_names_the_norms_and_the_conversion() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("scores.csv");
    let done = score("data/norms.csv", &["-o", out.to_str().unwrap()]);
    let screen = String::from_utf8(done.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains("as a sum, which is M = 5.40, SD = 1.20 as a mean, n = 310"), "{screen}");
    assert!(screen.contains("no norm was given for: bond (caregiver), task (worker)"), "{screen}");
    let receipt = fs::read_to_string(folder.path().join("scores.csv.receipt.json")).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    let used = &receipt["settings"]["norms"]["used"];
    assert_eq!(used.as_array().unwrap().len(), 5, "{used}");
    assert_eq!(used[0]["source"], "Norms of a made-up sample, 2024");
}

#[test]
fn bad_norms_are_named_by_line() {
    for (name, lines) in [
        ("norm_sd_zero.csv", vec![("bad_norm", 2)]),
        ("norm_unknown_scale.csv", vec![("unknown_name", 2)]),
        ("norm_unknown_form.csv", vec![("unknown_name", 2)]),
        ("norm_outside.csv", vec![("norm_out_of_range", 2)]),
        ("norm_twice.csv", vec![("bad_norm", 3)]),
        ("norm_metric.csv", vec![("bad_norm", 2), ("bad_norm", 3)]),
        ("norm_no_column.csv", vec![("bad_norm", 1)]),
        ("norm_lines.csv", vec![("bad_norm", 2), ("bad_norm", 4), ("bad_norm", 3)]),
    ] {
        let done = score(&format!("bad/{name}"), &["--findings", "json"]);
        assert_eq!(done.status.code(), Some(4), "{name}");
        let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        for (code, line) in lines {
            let wanted = text.contains(&format!("\"{code}\"")) && text.contains(&format!("\"line\":{line}"))
                || text.contains(&format!("\"line\": {line}"));
            assert!(wanted, "{name}: {text}");
        }
        assert!(text.contains(name), "{name}: {text}");
    }
}
