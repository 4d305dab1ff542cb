//! `alliance dyads` as a person runs it: from a file to the numbers of other software, and through bad files.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::reference::{close, columns};

const EXAMPLE: &str = "examples/child_protection/answers.csv";
/// Values that are quoted to seven decimals.
const QUOTED: f64 = 1e-7;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .arg("dyads")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[track_caller]
fn text(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
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
    assert!(output.stdout.is_empty());
}

fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scored.csv");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Twelve dyads, caregiver and worker, with an outcome of each.
fn twelve() -> String {
    let caregiver = [5.8, 6.1, 4.9, 6.4, 5.2, 6.8, 5.5, 4.4, 6.0, 6.6, 5.1, 5.9];
    let worker = [5.1, 5.9, 4.2, 5.6, 5.4, 6.0, 4.8, 4.6, 5.2, 6.1, 4.3, 5.5];
    let by_caregiver = [7.1, 8.0, 5.6, 7.7, 6.6, 8.9, 6.9, 5.4, 7.2, 8.6, 5.9, 7.4];
    let by_worker = [6.0, 7.2, 5.1, 6.6, 6.7, 7.0, 5.7, 5.9, 6.4, 7.5, 5.0, 6.3];
    let mut text = "dyad,role,alliance,evaluation\n".to_owned();
    for i in 0..12 {
        text += &format!("{i},worker,{},{}\n", worker[i], by_worker[i]);
        text += &format!("{i},caregiver,{},{}\n", caregiver[i], by_caregiver[i]);
    }
    text
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn twelve_dyads_from_a_file_of_scores() {
    let (_folder, path) = file(&twelve());
    let args = ["--scores", &path, "--score", "alliance", "--outcome", "evaluation", "--center", "5.475"];
    let found = json(&args);
    let pair = &found["results"]["pairs"][0];
    assert_eq!(pair["roles"], serde_json::json!(["caregiver", "worker"]));
    assert_eq!(
        (&pair["scale"], &pair["occasion"], &pair["n"]),
        (&"alliance".into(), &"first".into(), &12.into())
    );
    close("r", number(&pair["r"]["estimate"]), 0.855_170_1, QUOTED);
    close("difference", number(&pair["difference"]["estimate"]), 0.5, QUOTED);
    close("t", number(&pair["difference"]["t"]), 4.599_331, 1e-6);
    let limits = &pair["limits"];
    close("lower limit", number(&limits["lower"]["estimate"]), -0.238_111_6, QUOTED);
    close("its lower", number(&limits["lower"]["lower"]), -0.659_082_5, QUOTED);
    close("upper limit", number(&limits["upper"]["estimate"]), 1.238_111_6, QUOTED);
    close("slope", number(&limits["slope"]["estimate"]), 0.127_548_4, QUOTED);
    let icc = pair["icc"].as_array().unwrap();
    let forms = ["ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(k)", "ICC(A,k)", "ICC(C,k)"];
    assert_eq!(icc.iter().map(|one| one["form"].as_str().unwrap()).collect::<Vec<_>>(), forms);
    close("ICC(1)", number(&icc[0]["estimate"]), 0.641_355_6, QUOTED);
    close("ICC(A,1)", number(&icc[1]["estimate"]), 0.677_593_5, QUOTED);
    close("its lower", number(&icc[1]["lower"]), -0.070_283_6, QUOTED);
    close("its upper", number(&icc[1]["upper"]), 0.915_442_6, QUOTED);
    assert_eq!((&icc[1]["level"], &icc[1]["reason"]), (&0.95.into(), &Value::Null));
    close("Lin", number(&pair["concordance"]["estimate"]), 0.658_299_0, QUOTED);
    close("double entry", number(&pair["double_entry"]["estimate"]), 0.615_027_4, QUOTED);
    let model = &pair["outcome"]["actor_partner"]["found"];
    close("a1", number(&model["sides"][0]["actor"]["estimate"]), 1.006_023_8, QUOTED);
    close("p1", number(&model["sides"][0]["partner"]["estimate"]), 0.637_488_4, QUOTED);
    close("k2", number(&model["sides"][1]["k"]["estimate"]), -0.233_895_1, QUOTED);
    assert!(number(&model["sides"][1]["k"]["lower"]) < -0.233_895_1);
    let surface = &pair["outcome"]["response_surface"][0];
    assert_eq!(surface["outcome_of"], "caregiver");
    let features = &surface["found"]["features"];
    close("a1", number(&features[0]["estimate"]), 1.624_046_8, QUOTED);
    close("a4", number(&features[3]["estimate"]), -2.021_366_3, QUOTED);
    // No item stands behind these scores, and there is one session.
    assert_eq!((&pair["profiles"], &pair["over_sessions"]), (&Value::Null, &Value::Null));
    let page = text(&args);
    assert!(page.contains("caregiver − worker") && page.contains("lower limit -0.24"));
    assert!(page.contains("equal partner effects?") && page.contains("a4: curve where they differ"));
}

#[test]
fn six_dyads_over_five_sessions() {
    let rows = columns("six_dyads.csv", &["dyad", "session", "c1", "c2", "c3", "c4", "w"]);
    let mut lines = "dyad,session,role,score\n".to_owned();
    for row in &rows {
        let caregiver = row[2..6].iter().sum::<f64>() / 4.0;
        lines += &format!(
            "{},{},caregiver,{caregiver}\n{},{},worker,{}\n",
            row[0], row[1], row[0], row[1], row[6]
        );
    }
    let (_folder, path) = file(&lines);
    let args = ["--scores", &path, "--score", "score", "--range", "1..7"];
    let found = json(&args);
    let pair = &found["results"]["pairs"][0];
    assert_eq!(pair["n"], 6);
    let over = &pair["over_sessions"];
    let raw = [-0.070_244, 0.393_110, 0.978_600, 0.685_994, 0.155_315, 0.566_441];
    for (dyad, theirs) in over["congruence"]["dyads"].as_array().unwrap().iter().zip(raw) {
        assert_eq!(dyad["sessions"].as_array().unwrap().len(), 5);
        close("congruence", number(&dyad["raw"]["estimate"]), theirs, 1e-6);
        assert!(dyad["detrended"]["estimate"].is_number());
    }
    close("Fisher", number(&over["congruence"]["raw"]["fisher"]["estimate"]), 0.609_389_1, QUOTED);
    close("plain", number(&over["congruence"]["raw"]["plain"]), 0.451_536_2, QUOTED);
    close("within", number(&over["congruence"]["within"]["estimate"]), 0.478_131_8, QUOTED);
    close("between", number(&over["congruence"]["between"]["estimate"]), 0.955_725_8, QUOTED);
    let truth = &over["truth_and_bias"][0];
    assert_eq!((&truth["truth"], &truth["judge"]), (&"caregiver".into(), &"worker".into()));
    close("bias", number(&truth["found"]["model"]["fixed"][0]["estimate"]), -0.088_333_3, QUOTED);
    close("truth", number(&truth["found"]["model"]["fixed"][1]["estimate"]), 0.338_461_5, QUOTED);
    let drift = &over["drift"][0];
    close("drift", number(&drift["found"]["model"]["fixed"][1]["estimate"]), 0.005, QUOTED);
    close("its error", number(&drift["found"]["model"]["fixed"][1]["se"]), 0.049_089_5, 1e-6);
    let page = text(&args);
    assert!(page.contains("no difference") && page.contains("worker judges caregiver"));
    // Both may vary between dyads only with ten of them.
    let both = json(&[&args[..], &["--truth-varies", "both"]].concat());
    let truth = &both["results"]["pairs"][0]["over_sessions"]["truth_and_bias"][0];
    assert_eq!(
        (&truth["reason"], &truth["needs"], &truth["found"]),
        (&"too_few".into(), &10.into(), &Value::Null)
    );
}

#[test]
fn models_that_need_more_dyads_say_how_many_and_what_works() {
    let args = ["wai_s", EXAMPLE, "--outcome", "feedback", "--scale", "total"];
    let page = text(&args).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.contains("the actor–partner model needs 10 dyads with both ratings and outcomes; there are 6")
    );
    assert!(page.contains("a response surface needs 12 dyads") && page.contains("are there with any number"));
    let found = json(&args);
    let outcome = &found["results"]["pairs"][0]["outcome"];
    assert_eq!(outcome["actor_partner"]["needs"], 10);
    assert_eq!(outcome["actor_partner"]["reason"], "too_few");
    assert_eq!(found["settings"]["force"], false);
    let forced = json(&[&args[..], &["--force"]].concat());
    assert_eq!(forced["settings"]["force"], true);
    let outcome = &forced["results"]["pairs"][0]["outcome"];
    assert!(outcome["actor_partner"]["found"].is_object());
    // Six dyads do not determine six terms.
    assert_eq!(outcome["response_surface"][0]["needs"], 7);
    let forced = |note: &Value| note["code"] == "forced";
    assert!(found["notes"].as_array().unwrap().iter().all(|note| !forced(note)));
    let again = json(&[&args[..], &["--force"]].concat());
    assert!(again["notes"].as_array().unwrap().iter().any(forced));
}

#[test]
fn scales_side_by_side_with_profiles_and_a_flat_one() {
    let page = text(&["wai_s", EXAMPLE]);
    for said in
        ["task", "bond", "goal", "total", "the first session that both answered", "Item by item: total"]
    {
        assert!(page.contains(said), "{said}");
    }
    let found = json(&["wai_s", EXAMPLE]);
    let pairs = found["results"]["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 4);
    assert_eq!(pairs[3]["profiles"].as_array().unwrap().len(), 6);
    assert_eq!(pairs[0]["forms"], serde_json::json!(["caregiver", "worker"]));
    let pairing = &found["results"]["pairing"][0];
    assert_eq!((&pairing["dyads_paired"], &pairing["pairs"]), (&6.into(), &102.into()));
    let unpaired = pairing["unpaired"].as_array().unwrap();
    assert_eq!(unpaired.len(), 4);
    assert_eq!(unpaired[0]["reason"], "other_sessions");
    // The lines are those of the file.
    let lines: Vec<String> = fs::read_to_string(EXAMPLE).unwrap().lines().map(str::to_owned).collect();
    for row in unpaired {
        let line = &lines[row["line"].as_u64().unwrap() as usize - 1];
        let start = format!("{},", row["dyad"].as_str().unwrap());
        assert!(line.starts_with(&start) && line.contains(row["role"].as_str().unwrap()), "{line}");
    }
    // Dyad 3 stands at the ceiling: everybody who gives all items the highest answer has a flat profile.
    let mut rows = "dyad,role,session".to_owned();
    (1..=12).for_each(|item| rows += &format!(",wai_{item}"));
    for (role, answer) in [("caregiver", "7"), ("worker", "5")] {
        rows += &format!("\n1,{role},1{}", format!(",{answer}").repeat(12));
        rows += &format!("\n2,{role},1,1,2,3,4,5,6,7,1,2,3,4,{answer}");
    }
    let (_folder, path) = file(&(rows + "\n"));
    // Without reversal the answers are the profile.
    let found = json(&["wai_s", &path, "--scale", "total", "--already-reversed", "4,10"]);
    let profiles = &found["results"]["pairs"][0]["profiles"];
    assert_eq!(profiles[0]["correlation"]["reason"], "flat_profile");
    assert_eq!(profiles[0]["distance"], 48.0);
    assert!(profiles[1]["correlation"]["estimate"].is_number());
}

#[test]
fn three_roles_make_three_pairs_in_the_order_of_the_forms() {
    let mut rows = "dyad,role,session".to_owned();
    (1..=12).for_each(|item| rows += &format!(",wai_{item}"));
    for dyad in 1..=3 {
        for (at, role) in ["worker", "father", "mother"].into_iter().enumerate() {
            rows += &format!("\n{dyad},{role},1{}", format!(",{}", 1 + (dyad + 2 * at) % 7).repeat(12));
        }
    }
    let (_folder, path) = file(&(rows + "\n"));
    let found = json(&["wai_s", &path]);
    let pairs: Vec<&Value> =
        found["results"]["pairing"].as_array().unwrap().iter().map(|p| &p["roles"]).collect();
    let expected = [["mother", "father"], ["mother", "worker"], ["father", "worker"]];
    assert_eq!(pairs, expected.map(|pair| serde_json::json!(pair)).iter().collect::<Vec<_>>());
    assert_eq!(found["results"]["pairs"].as_array().unwrap().len(), 12);
    let turned = json(&["wai_s", &path, "--pair", "worker,mother", "--scale", "total"]);
    assert_eq!(turned["results"]["pairs"][0]["roles"], serde_json::json!(["worker", "mother"]));
    let of = |found: &Value, pair: usize| number(&found["results"]["pairs"][pair]["difference"]["estimate"]);
    assert!((of(&turned, 0) + of(&found, 7)).abs() < 1e-12);
    assert!(text(&["wai_s", &path]).contains("mother − father"));
    refused(&["wai_s", &path, "--pair", "moter,worker"], 2, "did you mean `mother`?");
}

#[test]
fn who_is_in_no_pair_is_told_with_the_reason() {
    let (_folder, path) = file(
        "dyad,role,session,x\n1,a,1,3\n1,b,1,4\n2,a,1,2\n3,a,1,2\n3,b,2,2\n4,a,1,5\n4,a,1,6\n4,b,1,5\n5,a,1,\n5,b,1,3\n",
    );
    let found = json(&["--scores", &path, "--score", "x"]);
    let reasons: Vec<&str> = found["results"]["pairing"][0]["unpaired"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    let expected = ["no_partner", "other_sessions", "other_sessions", "doubled", "no_answer", "no_partner"];
    assert_eq!(reasons, expected);
    let page = text(&["--scores", &path, "--score", "x"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for said in
        ["the row holds no answer", "a second row of this role", "the other role answered other sessions"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn the_occasion_may_be_the_last_or_a_session() {
    let (_folder, path) = file(
        "dyad,role,session,x\n1,a,1,3\n1,b,1,4\n1,a,2,3\n1,b,2,6\n2,a,2,2\n2,b,2,7\n1,a,3,1\n2,a,3,1\n2,b,3,2\n",
    );
    let with = |occasion: &str| {
        let found = json(&["--scores", &path, "--score", "x", "--occasion", occasion]);
        let pair = &found["results"]["pairs"][0];
        (pair["n"].as_u64().unwrap(), number(&pair["difference"]["estimate"]))
    };
    assert_eq!(with("first"), (2, -3.0));
    assert_eq!(with("last"), (2, -2.0));
    assert_eq!(with("2"), (2, -4.0));
    assert_eq!(with("3.0"), (1, -1.0));
    let args = ["--scores", &path, "--score", "x", "--occasion"];
    refused(&[&args[..], &["9"]].concat(), 2, "no dyad has both roles at session `9`");
    refused(&[&args[..], &["all"]].concat(), 2, "sessions of one dyad are no dyads");
}

#[test]
fn bad_input_is_named() {
    let args =
        |path: &str| vec!["--scores".to_owned(), path.to_owned(), "--score".to_owned(), "x".to_owned()];
    let with = |text: &str, also: &[&str], code: i32, said: &str| {
        let (_folder, path) = file(text);
        let args = args(&path);
        let args: Vec<&str> = args.iter().map(String::as_str).chain(also.iter().copied()).collect();
        refused(&args, code, said);
    };
    // Both roles of every dyad are called worker.
    with("dyad,role,x\n1,worker,3\n1,worker,4\n", &[], 2, "all rows are of the role `worker`");
    with("dyad,x\n1,3\n1,4\n", &[], 2, "name it with --role COLUMN");
    with("role,x\na,3\nb,4\n", &[], 2, "name it with --dyad COLUMN");
    with("dyad,role,x\n1,a,3\n2,b,4\n", &[], 2, "no dyad has two roles with answers at one session");
    with("dyad,role,x\n1,a,3\n1,b,often\n", &[], 3, "scored.csv:3");
    with("dyad,role,x\n1,a,3\n1,b,9\n", &["--range", "1..7"], 3, "scored.csv:3");
    with("dyad,role,x,y\n1,a,3,2\n1,b,9,good\n", &["--outcome", "y"], 3, "`good` is not a number");
    with("dyad,role,x,y\n1,a,3,2\n1,b,9,good\n", &["--outcome", "y"], 3, "scored.csv:3");
    with("dyad,role,x\n1,a,3\n1,b,9\n", &["--outcome", "y"], 2, "`y`");
    with("dyad,role,x\n1,a,3\n1,b,9\n", &["--pair", "a"], 2, "write two roles");
    with("dyad,role,x\n1,a,3\n1,b,9\n", &["--center", "4"], 2, "--outcome");
}

#[test]
fn constant_scores_and_single_dyads_have_reasons() {
    let (_folder, path) = file("dyad,role,x\n1,a,3\n1,b,4\n");
    let found = json(&["--scores", &path, "--score", "x"]);
    let pair = &found["results"]["pairs"][0];
    assert_eq!((&pair["difference"]["estimate"], &pair["r"]["reason"]), (&(-1.0).into(), &"too_few".into()));
    assert_eq!((&pair["icc"], &pair["limits"]["lower"]["reason"]), (&Value::Null, &"too_few".into()));
    text(&["--scores", &path, "--score", "x"]);
    let (_folder, path) = file("dyad,role,x\n1,a,3\n1,b,4\n2,a,3\n2,b,5\n3,a,3\n3,b,4\n4,a,3\n4,b,2\n");
    let found = json(&["--scores", &path, "--score", "x"]);
    assert_eq!(found["results"]["pairs"][0]["r"]["reason"], "no_variability");
    assert!(!text(&["--scores", &path, "--score", "x"]).contains("NaN"));
}

#[test]
fn every_format_is_the_same_for_any_number_of_threads() {
    let (_folder, path) = file(&twelve());
    for format in ["text", "markdown", "json", "csv", "html"] {
        let args = ["--scores", &path, "--score", "alliance", "--outcome", "evaluation", "--format", format];
        let one = run(&[&args[..], &["--threads", "1"]].concat());
        let many = run(&[&args[..], &["--threads", "7"]].concat());
        assert_eq!(one.status.code(), Some(0));
        assert_eq!(one.stdout, many.stdout, "{format}");
    }
}
