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
    assert!(text(&of_scores("nested", &one_dyad)).contains("1 group of dyad: two are needed"));
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

const THREE: [&str; 7] = [
    "growth",
    "--scores",
    "tests/reference/data/sessions_three_level.csv",
    "--score",
    "score",
    "--range",
    "0..10",
];

/// lme4, lmerTest, pbkrtest and nlme of `sessions_three_level.csv`, from the file to the page.
#[test]
fn growth_agrees_with_lme4() {
    let theirs = &expected("multilevel.json")["sessions_three_level"];
    let kenward_roger = json(&[&THREE[..], &["--df", "kenward-roger"]].concat());
    let ours = json(&THREE);
    let models = &ours["results"]["models"];
    assert_eq!(models.as_array().unwrap().len(), 7);
    let pairs = [
        ("linear", "growth_two_level"),
        ("uncorrelated", "growth_uncorrelated"),
        ("three_level", "three_level"),
    ];
    for (id, name) in pairs {
        let (own, theirs) = (find(models, "model", id), &theirs[name]);
        let small = find(&kenward_roger["results"]["models"], "model", id);
        assert_eq!((&own["status"], &own["criterion"]), (&Value::from("regular"), &Value::from("reml")));
        close(id, own["log_likelihood"].as_f64().unwrap(), theirs["log_likelihood"].as_f64().unwrap(), 1e-6);
        for (j, effect) in own["fixed"].as_array().unwrap().iter().enumerate() {
            let row = &theirs["satterthwaite"][j];
            close(id, effect["estimate"].as_f64().unwrap(), row["Estimate"].as_f64().unwrap(), 1e-6);
            close(id, effect["se"].as_f64().unwrap(), row["Std. Error"].as_f64().unwrap(), 1e-5);
            let (df, other) = (effect["df"].as_f64().unwrap(), row["df"].as_f64().unwrap());
            close(id, df / other, 1.0, 1e-3);
            let row = &theirs["kenward_roger"][j];
            close(id, small["fixed"][j]["se"].as_f64().unwrap(), row["Std. Error"].as_f64().unwrap(), 1e-5);
            let (df, other) = (small["fixed"][j]["df"].as_f64().unwrap(), row["df"].as_f64().unwrap());
            close(id, df / other, 1.0, 1e-3);
        }
    }
    let serial = find(models, "model", "ar1");
    close(
        "ar1",
        serial["log_likelihood"].as_f64().unwrap(),
        theirs["ar1"]["log_likelihood"].as_f64().unwrap(),
        1e-6,
    );
    close(
        "φ",
        serial["serial"]["correlation"].as_f64().unwrap(),
        theirs["ar1"]["phi"].as_f64().unwrap(),
        1e-4,
    );
    let ml = json(&[&THREE[..], &["--ml"]].concat());
    let own = find(&ml["results"]["models"], "model", "three_level")["log_likelihood"].as_f64().unwrap();
    close("ML", own, theirs["three_level_ml"]["log_likelihood"].as_f64().unwrap(), 1e-6);
    assert!(text(&THREE).contains("rises by 0.05 a session"));
}

#[test]
fn growth_of_six_dyads_says_what_cannot_be_known() {
    let page = text(&["growth", SIX[0], SIX[1]]);
    assert!(page.contains("What cannot be known from 6"), "{page}");
    let ours = json(&["growth", SIX[0], SIX[1]]);
    assert_eq!(ours["results"]["models"], Value::Array(Vec::new()));
    assert_eq!(ours["results"]["dyads"].as_array().unwrap().len(), 6);
    // Forced, and recorded: lme4 1.1-31 with time counted from session 3.
    let forced = json(&["growth", SIX[0], SIX[1], "--force", "--ml", "--time-zero", "3"]);
    assert_eq!(forced["settings"]["force"], true);
    assert_eq!(forced["settings"]["time"]["zero"], 3.0);
    assert!(forced["notes"].as_array().unwrap().iter().any(|note| note["code"] == "forced"));
    let own = find(&forced["results"]["models"], "model", "same_slope");
    close("log L", own["log_likelihood"].as_f64().unwrap(), -30.82072, 5e-6);
    close("level", own["fixed"][0]["estimate"].as_f64().unwrap(), 4.4083333, 1e-7);
    close("slope", own["fixed"][1]["estimate"].as_f64().unwrap(), 0.1416667, 1e-7);
    assert_eq!(own["time"], "time = session − 3");
}

#[test]
fn the_band_is_for_thirty_dyads() {
    let ours = json(&[&THREE[..], &["--band"]].concat());
    let bands = ours["results"]["band"].as_array().unwrap();
    assert_eq!(bands.len(), 73);
    for band in bands {
        assert_eq!(band["level"], 0.8);
        assert!(band["lower"].as_f64() < band["estimate"].as_f64());
    }
    let few = text(&["growth", SIX[0], SIX[1], "--band"]);
    assert!(few.contains("--band needs 30 dyads, there are 6"), "{few}");
}

#[test]
fn growth_says_what_cannot_be_had() {
    let (_keep, one_each) = scores(&[("1", 1, "4"), ("2", 1, "5"), ("3", 1, "6")]);
    assert_eq!(run(&of_scores("growth", &one_each)).status.code(), Some(2));
    let (_keep, dated) = scores(&[("1", 1, "4"), ("1", 2, "5")]);
    let output = run(&[&of_scores("growth", &dated)[..], &["--time", "date"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no date that can be read"));
    // One dyad, and more effects than rows: a reason for each model, and no panic.
    let (_keep, one_dyad) = scores(&[("1", 1, "4"), ("1", 2, "5")]);
    let ours = json(&[&of_scores("growth", &one_dyad)[..], &["--force"]].concat());
    assert!(ours["results"]["models"].as_array().unwrap().iter().all(|model| !model["reason"].is_null()));
    // Nothing varies within.
    let (_keep, level) = scores(&[("1", 1, "3"), ("1", 2, "3"), ("2", 1, "5"), ("2", 2, "5")]);
    let ours = json(&[&of_scores("growth", &level)[..], &["--force"]].concat());
    assert_eq!(find(&ours["results"]["models"], "model", "level")["reason"], "no_variability");
}

/// Twelve dyads, each with as many sessions, and more columns for each row.
fn twelve(head: &str, sessions: u32, row: impl Fn(u32, u32) -> String) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twelve.csv");
    let places = (0..12).flat_map(|dyad| (1..=sessions).map(move |session| (dyad, session)));
    let body: String =
        places.map(|(dyad, session)| format!("{dyad},{session},{}\n", row(dyad, session))).collect();
    fs::write(&path, format!("dyad,session,{head}\n{body}")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn wobbling(dyad: u32, session: u32) -> f64 {
    4.0 + 0.1 * f64::from(session)
        + 0.2 * f64::from(dyad * 7 % 5)
        + 0.3 * f64::from((dyad * 5 + session * 3) % 7)
}

#[test]
fn workers_with_one_dyad_and_more_effects_than_rows_are_named() {
    let (_keep, one_dyad_each) =
        twelve("worker,score", 5, |dyad, session| format!("w{dyad},{}", wobbling(dyad, session)));
    let ours = json(&of_scores("growth", &one_dyad_each));
    let three = find(&ours["results"]["models"], "model", "three_level");
    assert_eq!(three["reason"], "not_identified");
    assert!(text(&of_scores("growth", &one_dyad_each)).contains("have the same groups"));
    let linear = find(&ours["results"]["models"], "model", "linear");
    assert!(linear["reason"].is_null());

    let (_keep, two_each) = twelve("score", 2, |dyad, session| wobbling(dyad, session).to_string());
    let ours = json(&of_scores("growth", &two_each));
    let linear = find(&ours["results"]["models"], "model", "linear");
    assert_eq!(linear["reason"], "not_identified");
    assert!(text(&of_scores("growth", &two_each)).contains("24 rows for 24 random effects of dyad"));
    assert!(find(&ours["results"]["models"], "model", "same_slope")["reason"].is_null());
}

/// A score that never varies within persons has no part within; one that never varies at all predicts nothing.
#[test]
fn predictors_that_do_not_vary_are_named() {
    let outcome = |dyad: u32, session: u32| f64::from((dyad * 11 + session * 5) % 13);
    let (_keep, between_alone) = twelve("score,outcome", 3, |dyad, session| {
        format!("{},{}", 3.0 + 0.2 * f64::from(dyad), outcome(dyad, session))
    });
    let with = ["--with", "outcome", "--occasion", "all"];
    let ours = json(&[&of_scores("validity", &between_alone)[..], &with].concat());
    let effects = &find(&ours["results"]["validity"], "kind", "linear")["found"]["effects"];
    let terms: Vec<&str> =
        effects.as_array().unwrap().iter().map(|own| own["term"].as_str().unwrap()).collect();
    assert_eq!(terms, ["(Intercept)", "score"]);

    let (_keep, never) = twelve("score,outcome", 3, |dyad, session| format!("4,{}", outcome(dyad, session)));
    let page = text(&[&of_scores("validity", &never)[..], &with].concat());
    assert!(page.contains("no variability") && page.contains("the same in all rows"), "{page}");
}

/// What follows from other predictors has no estimate, in words, and the others have theirs; an outcome that is the score
/// itself is named.
#[test]
fn collinear_predictors_stand_aside() {
    let (_keep, two_days) = twelve("date,score", 6, |dyad, session| {
        let day = if session < 4 { "2025-03-04" } else { "2025-04-01" };
        format!("{day},{}", wobbling(dyad, session))
    });
    let dated = [&of_scores("growth", &two_days)[..], &["--time", "date"]].concat();
    let ours = json(&dated);
    let note = find(&ours["notes"], "code", "collinear")["text"].as_str().unwrap();
    assert!(note.contains("time² follows from the effects before it"), "{note}");
    let fixed = &find(&ours["results"]["models"], "model", "quadratic")["fixed"];
    assert!(fixed[0]["estimate"].is_number() && fixed[1]["estimate"].is_number());
    assert_eq!((&fixed[2]["estimate"], &fixed[2]["reason"]), (&Value::Null, &"singular".into()));

    let (_keep, copied) = twelve("score,copy", 1, |dyad, session| {
        let score = wobbling(dyad, session);
        format!("{score},{}", 2.0 * score)
    });
    let ours = json(&[&of_scores("validity", &copied)[..], &["--with", "copy"]].concat());
    assert_eq!(find(&ours["results"]["validity"], "kind", "regression")["reason"], "no_variability");
    let note = find(&ours["notes"], "code", "no_validity")["text"].as_str().unwrap();
    assert!(note.contains("follows from the score exactly"), "{note}");
    // One person, and so one cluster.
    let more = ["--with", "session", "--where", "dyad=3", "--occasion", "all"];
    let ours = json(&[&of_scores("validity", &two_days)[..], &more].concat());
    assert!(find(&ours["results"]["validity"], "kind", "regression")["reason"].is_string());
}

/// A small study of totals beside outcomes; workers are clusters.
fn outcomes() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outcomes.csv");
    let mut body = "dyad,team,score,outcome,left,split,condition\n".to_owned();
    for i in 0..24_u32 {
        let score = 2.0 + f64::from(i * 7 % 24) / 6.0;
        let outcome = score + f64::from(i * 5 % 7) / 3.0;
        let left = u8::from(i * 11 % 24 > 11);
        let split = u8::from(score > 4.0);
        let condition = ["ordered", "voluntary"][i as usize % 2];
        body += &format!("{i},t{},{score},{outcome},{left},{split},{condition}\n", i % 6);
    }
    fs::write(&path, body).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn validity_from_a_file() {
    let (folder, path) = outcomes();
    let stated = folder.path().join("hypotheses.toml");
    let body = "schema = \"alliance-hypotheses/1\"\n\n[[hypothesis]]\nscale = \"score\"\nwith = \"outcome\"\nsign = \"positive\"\nat_least = 0.3\n\n[[hypothesis]]\nscale = \"score\"\ngroups = \"condition\"\nsign = \"any\"\nat_least = 5.0\n";
    fs::write(&stated, body).unwrap();
    let more = [
        "--with",
        "outcome,left,split",
        "--groups",
        "condition",
        "--cluster",
        "team",
        "--hypotheses",
        stated.to_str().unwrap(),
    ];
    let ours = json(&[&of_scores("validity", &path)[..], &more].concat());
    let list = ours["results"]["validity"].as_array().unwrap();
    let of = |kind: &str, column: &str| {
        list.iter()
            .find(|own| own["kind"] == kind && own["column"] == column)
            .unwrap_or_else(|| panic!("no {kind}"))
    };
    let linear = &of("linear", "outcome")["found"];
    assert_eq!((&linear["clusters"], &linear["errors"]), (&Value::from(6), &Value::from("cr2")));
    assert!(linear["effects"][1]["df"].as_f64().unwrap() < 6.0);
    assert_eq!(of("logistic", "left")["found"]["errors"], "cr1");
    // The outcome `split` is told apart by the score completely.
    assert_eq!(of("regression", "split")["reason"], "not_identified");
    assert!(of("two_groups", "condition")["found"]["g"]["lower"].is_number());
    assert!(of("correlation", "outcome")["r"]["estimate"].as_f64().unwrap() > 0.8);
    let judged = &ours["results"]["hypotheses"];
    assert_eq!(
        (&judged["met"], &judged["decided"], &judged["share_met"]),
        (&1.into(), &2.into(), &0.5.into())
    );
    // A mistake in the file is shown in its line.
    fs::write(&stated, body.replace("at_least = 0.3", "at_lest = 0.3")).unwrap();
    let output = run(&[&of_scores("validity", &path)[..], &more].concat());
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("at_lest"));
}

#[test]
fn validity_says_what_cannot_be_had() {
    let (_keep, path) = outcomes();
    let refused = |more: &[&str], with: &str| {
        let output = run(&[&of_scores("validity", &path)[..], more].concat());
        assert_eq!(output.status.code(), Some(2));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(with), "{error}");
    };
    refused(&[], "nothing to hold the scores against");
    refused(&["--with", "condition"], "which is no number");
    refused(&["--with", "outcome", "--reliability", "left=0.8"], "makes no sense");
}

/// A dyad stays a dyad where its column says the clusters too; what all scales lack is said once.
#[test]
fn the_column_of_dyads_may_be_that_of_clusters() {
    let study = ["validity", "wai_s", "examples/child_protection/answers.csv", "--with", "feedback"];
    let plain = json(&study);
    let clustered = json(&[&study[..], &["--cluster", "dyad"]].concat());
    let first = |of: &Value| of["results"]["validity"][0]["n"].clone();
    assert_eq!((first(&plain), first(&clustered)), (6.into(), 6.into()));
    let page = json(&[&study[..], &["--cluster", "dyad", "--groups", "role"]].concat());
    let notes: Vec<&str> =
        page["notes"].as_array().unwrap().iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert!(!notes.iter().any(|note| note.contains("no column of persons or dyads")), "{notes:?}");
    let alone = notes.iter().filter(|note| note.contains("one group only (caregiver)")).count();
    assert_eq!(alone, 1, "{notes:?}");
    let both = text(&[&study[..], &["--dyad", "dyad", "--cluster", "dyad", "--occasion", "all"]].concat());
    assert!(both.contains("score (within)"), "{both}");
}

/// Repeated scores enter in two parts.
#[test]
fn repeated_scores_enter_within_and_between() {
    let three =
        ["--scores", "tests/reference/data/sessions_three_level.csv", "--score", "score", "--range", "0..10"];
    let more = ["--with", "session", "--occasion", "all", "--cluster", "worker"];
    let ours = json(&[&["validity"][..], &three, &more].concat());
    let list = &ours["results"]["validity"];
    let effects = &find(list, "kind", "linear")["found"]["effects"];
    let terms: Vec<&str> =
        effects.as_array().unwrap().iter().map(|own| own["term"].as_str().unwrap()).collect();
    assert_eq!(terms, ["(Intercept)", "score (between)", "score (within)"]);
}

/// The slope of a person less the sample's, beside lme4, and sessions far below what the sample's model expects.
#[test]
fn change_and_ruptures_by_the_growth_model_agree_with_lme4() {
    let theirs = expected("sample_course.json");
    let slopes = &theirs["slopes"];
    let ours = json(&[&["change"][..], &THREE[1..]].concat());
    let persons = ours["results"]["change"].as_array().unwrap();
    let mut compared = 0;
    for (at, dyad) in slopes["dyad"].as_array().unwrap().iter().enumerate() {
        // Who came once has a place in the model, and no change.
        let Some(person) = persons.iter().find(|person| person["dyad"] == *dyad) else { continue };
        compared += 1;
        let index = find(&person["indices"], "method", "hlm");
        let number = |value: &Value| value.as_f64().unwrap();
        close("slope", number(&index["difference"]), number(&slopes["deviation"][at]), 1e-5);
        close("its SD", number(&index["se"]), number(&slopes["conditional_sd"][at]), 1e-5);
        let ratio = number(&index["index"]);
        let class = if ratio.abs() <= 1.96 {
            "unchanged"
        } else {
            ["deteriorated", "improved"][usize::from(ratio > 0.0)]
        };
        assert_eq!(index["class"], class);
    }
    assert_eq!(compared, persons.len());
    let few = json(&["change", SIX[0], SIX[1]]);
    assert_eq!(find(&few["results"]["change"][0]["indices"], "method", "hlm")["reason"], "too_few_clusters");
    assert!(few["notes"].as_array().unwrap().iter().any(|note| note["code"] == "no_growth_model"));

    let rule = ["--rule", "coutinho2014_like", "--simulations", "200"];
    let sessions = json(&[&["sessions"][..], &THREE[1..], &rule].concat());
    let dyads = sessions["results"]["dyads"].as_array().unwrap();
    let model = &theirs["dyads"].as_array().unwrap()[1];
    let own = dyads.iter().find(|own| own["dyad"] == model["dyad"].to_string().as_str()).unwrap();
    let list = |name: &str| -> Vec<f64> {
        model[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let places =
        list("score").into_iter().zip(list("left_out")).zip(list("left_out_sd")).zip(list("session"));
    let below = places.filter(|(((score, left_out), sd), _)| (score - left_out) / sd < -2.0);
    let below: Vec<f64> = below.map(|(_, session)| session).collect();
    let episodes = own["rules"][0]["episodes"].as_array().unwrap();
    let troughs: Vec<f64> = episodes.iter().map(|episode| episode["trough"].as_f64().unwrap()).collect();
    assert_eq!((&below[..], &troughs[..]), (&[7.0][..], &[7.0][..]));
    assert!(own["rules"][0]["chance_of_any"].is_object() || own["rules"][0]["chance_of_any"].is_number());
    let page = text(&["sessions", SIX[0], SIX[1], rule[0], rule[1]]);
    assert!(page.contains("needs ten"), "{page}");
}

/// What is said of six dyads stands in the table of simulated studies.
#[test]
fn few_dyads_are_warned_with_simulated_figures() {
    let manual = include_str!("../docs/SIMULATIONS.md");
    let (_, table) = manual.split_once("<!-- mixed models -->").unwrap();
    let row = table.lines().find(|line| line.starts_with("| 6 |")).unwrap();
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let (low, high) = cells[4].split_once('–').unwrap();
    let percent = |cell: &str| format!("{:.0} %", 100.0 * cell.parse::<f64>().unwrap());
    let words = [
        format!("from {} to {}", low.trim_start_matches('0'), high.trim_start_matches('0')),
        format!("{} of fits lay at the boundary", percent(cells[7])),
        format!("in {} of studies by the normal distribution", percent(cells[13])),
        format!("in {} by Kenward", percent(cells[11])),
    ];
    for command in
        [&["growth", SIX[0], SIX[1]][..], &["growth", SIX[0], SIX[1], "--force"], &["nested", SIX[0], SIX[1]]]
    {
        let page = text(command).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in &words {
            assert!(page.contains(words.as_str()), "{words}: {page}");
        }
    }
}
