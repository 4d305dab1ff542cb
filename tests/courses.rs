//! Are courses told as they were? The commands on sessions, as a person runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const STUDY: &str = "examples/child_protection/answers.csv";
const TENSIONS: &str = "examples/child_protection/tensions.csv";
const MARKERS: &str = "rupture_markers=examples/child_protection/rupture_markers.csv";

pub fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alliance"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

#[track_caller]
pub fn page(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub fn json(args: &[&str]) -> Value {
    serde_json::from_str(&page(&[args, &["--format", "json"]].concat())).unwrap()
}

#[track_caller]
pub fn refused(args: &[&str], code: i32, words: &str) {
    let output = run(args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{said}");
}

/// A file of scores of some dyads; a line for each row.
fn scores(folder: &Path, lines: &[&str]) -> String {
    let path = folder.join("scores.csv");
    fs::write(&path, format!("dyad,worker,role,session,total\n{}\n", lines.join("\n"))).unwrap();
    path.to_str().unwrap().to_owned()
}

fn of_scores(file: &str) -> Vec<&str> {
    vec!["sessions", "--scores", file, "--score", "total", "--range", "1..7", "--simulations", "200"]
}

#[test]
fn the_planted_stories_are_found() {
    let page = page(&["sessions", "wai_s", STUDY]);
    let glance: Vec<&str> = page.lines().skip_while(|line| *line != "At a glance").skip(1).take(6).collect();
    assert_eq!(
        glance,
        [
            "Dyad 1  Both show a rupture in session 8, repaired in session 10",
            "Dyad 2  The two drift apart",
            "Dyad 3  Both stay at the ceiling of the scale",
            "Dyad 4  The caregiver alone shows a rupture in session 6, repaired in session 9",
            "Dyad 5  No rupture; the alliance of both rises",
            "Dyad 6  Both show a rupture in session 15, not repaired by the last session, 16",
        ]
    );
}

#[test]
fn pages_fit_a_hundred_columns_and_say_nothing_of_machines() {
    let sessions: &[&[&str]] = &[
        &["sessions", "wai_s", STUDY, "--events", TENSIONS],
        &[
            "sessions",
            "wai_s",
            STUDY,
            "--events",
            MARKERS,
            "--scale",
            "task,total",
            "--rule",
            "control_chart",
            "--rule",
            "gumz2012_like",
            "--simulations",
            "50",
        ],
        &["sessions", "wai_s", STUDY, "--show", "4", "--rule", "points:1.0", "--simulations", "50"],
        &["change", "wai_s", STUDY, "--scale", "all", "--functional", "5.5,0.8", "--clinical", "4,1"],
        &["retest", "wai_s", STUDY, "--occasions", "1,2"],
    ];
    for args in sessions {
        let page = page(args);
        for line in page.lines() {
            assert!(line.width() <= 100, "{args:?}: {} columns: {line}", line.width());
        }
        assert!(!page.contains("NaN") && !page.contains("inf "), "{args:?}");
    }
}

#[test]
fn data_hold_what_pages_are_made_of() {
    let found = json(&[
        "sessions",
        "wai_s",
        STUDY,
        "--events",
        TENSIONS,
        "--rule",
        "control_chart",
        "--rule",
        "points:1.0",
    ]);
    let results = &found["results"];
    let dyads = results["dyads"].as_array().unwrap();
    assert_eq!(dyads.len(), 12);
    let first = &dyads[0];
    assert_eq!(
        (&first["dyad"], &first["role"], &first["scale"]),
        (&"1".into(), &"caregiver".into(), &"total".into())
    );
    assert_eq!(first["sessions"].as_array().unwrap().len(), first["scores"].as_array().unwrap().len());
    let rule = &first["rules"][1];
    assert_eq!(rule["rule"], "points:1.0");
    assert!(rule["chance_of_any"]["error"].is_number() && rule["expected_flags"]["swing"].is_number());
    let episode = &rule["episodes"][0];
    assert_eq!(
        (&episode["start"], &episode["trough"], &episode["repair"]),
        (&7.into(), &8.into(), &10.into())
    );
    assert_eq!((&episode["censored"], &episode["shape"]), (&false.into(), &"V".into()));
    assert!(episode["items"][0]["from"].as_f64() > episode["items"][0]["to"].as_f64());
    let event = &results["events"][0];
    for key in [
        "code",
        "scope",
        "lag",
        "test",
        "assumes",
        "difference",
        "nap",
        "p",
        "p_corrected",
        "smallest_p",
        "n_coded",
        "n_uncoded",
    ] {
        assert!(!event[key].is_null(), "{key}");
    }
    assert_eq!(results["thresholds"].as_array().unwrap().len(), 2);
    assert_eq!(found["input"]["files"].as_array().unwrap().len(), 2);
    // Equal input gives equal bytes, on any number of threads.
    let with = |threads: &str| {
        page(&["sessions", "wai_s", STUDY, "--format", "json", "--simulations", "50", "--threads", threads])
    };
    assert_eq!(with("1"), with("3"));
}

#[test]
fn change_and_retest_as_data() {
    let change = json(&[
        "change",
        "wai_s",
        STUDY,
        "--functional",
        "5.5,0.8",
        "--clinical",
        "4,1",
        "--reliability",
        ".9",
    ]);
    let person = &change["results"]["change"][1];
    assert_eq!((&person["dyad"], &person["status"]), (&"2".into(), &"harmed".into()));
    assert_eq!(person["indices"].as_array().unwrap().len(), 7);
    let retest = json(&["retest", "wai_s", STUDY]);
    let line = &retest["results"]["retest"][0]["retest"];
    assert!(line["icc_agreement"]["lower"].is_number() && line["consistency"]["change_95"].is_number());
    refused(&["retest", "wai_s", STUDY, "--occasions", "1,99"], 2, "nobody has both");
    refused(&["change", "wai_s", STUDY, "--reliability", "1"], 2, "not between 0 and 1");
    refused(&["change", "wai_s", STUDY, "--clinical", "4"], 2, "M,SD");
}

#[test]
fn what_nobody_can_say_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let twice = scores(folder.path(), &["1,W,client,1,5", "1,W,client,2,5.5", "1,W,client,2,4"]);
    refused(&of_scores(&twice), 3, "dyad 1, client: session 2 occurs twice");
    refused(&["sessions", "wai_s", STUDY, "--show", "9"], 2, "there is no dyad `9`");
    refused(&["sessions", "wai_s", STUDY, "--rule", "stiles2004"], 2, "no rule");
    refused(&["sessions", "wai_s", STUDY, "--rule", "points:1", "--rule", "points:1"], 2, "twice");
    refused(&["sessions", "wai_s", STUDY, "--scale", "tsk"], 2, "did you mean `task`?");
    refused(
        &["sessions", "wai_s", STUDY, "--events", TENSIONS, "--events-rater", "X"],
        2,
        "observers are: O1",
    );
    refused(
        &["sessions", "wai_s", STUDY, "--events", TENSIONS, "--primary", "a,b"],
        2,
        "CODE,ROLE,SCALE,LAG",
    );
    let primary =
        ["sessions", "wai_s", STUDY, "--events", TENSIONS, "--primary", "nothing,caregiver,total,0"];
    refused(&primary, 2, "no such question");
    let rule = folder.path().join("mine.toml");
    fs::write(
        &rule,
        "schema = \"alliance-rule/1\"\n[rule]\nid = \"mine\"\ntitle = \"t\"\n[repair]\nrule = \"rise\"\n",
    )
    .unwrap();
    refused(&["sessions", "wai_s", STUDY, "--rule", rule.to_str().unwrap()], 4, "bad_rule");
}

#[test]
fn courses_that_hold_little_are_told_honestly() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [
        "1,A,client,1,6",
        "1,A,client,2,6",
        "1,B,client,3,3",
        "1,B,client,4,3.5",
        "1,B,client,6,6",
        "2,A,client,1,5",
        "3,A,client,1,4",
        "3,A,client,2,4",
        "3,A,client,3,4",
        "3,A,client,4,4",
        "4,A,client,1,5",
        "4,A,client,2,5.5",
        "4,A,client,3,",
        "4,A,therapist,1,5",
        "4,A,therapist,2,5.5",
        "4,A,therapist,3,5",
    ];
    let file = scores(folder.path(), &lines);
    let page = page(&[&of_scores(&file)[..], &["--rule", "points:1"]].concat());
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "Dyad 2 One session is no course",
        "Dyad 3 All scores are equal",
        "A fall across the change of worker, not called a rupture: session 3",
        "A new worker from session 3",
        "No rows for session 5",
        "One session is no course",
        "cannot be applied: all scores are equal",
        "No score in session 3",
        "one informant only, in dyad 1 (client), 2 (client), 3 (client)",
        "a fall across the change is not called a rupture, in dyad 1",
        "one session with a score is no course, in dyad 2",
        "all scores of a course are equal, in dyad 3",
    ] {
        assert!(
            flat.contains(words),
            "{words}
{page}"
        );
    }
    // Without items and with few sessions, the usual rule has no threshold: rules that need no sample stand beside.
    let usual = json(&of_scores(&file));
    let rules: Vec<&str> = usual["results"]["dyads"][0]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["fluctuation_within:1.96", "control_chart", "stevens2007_like"]);
    assert_eq!(usual["results"]["dyads"][0]["rules"][0]["reason"], "too_few");
    let notes: Vec<&str> =
        usual["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect();
    assert!(notes.contains(&"too_few_degrees_of_freedom"), "{notes:?}");
}

#[test]
fn codes_are_read_in_either_form() {
    let folder = tempfile::tempdir().unwrap();
    let wide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TENSIONS)).unwrap();
    let mut lines = wide.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut long = "dyad;session;rater;code;count\n".to_owned();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        long += &format!("{};{};{};;\n", cells[0], cells[1], cells[2]);
        for (code, cell) in header.iter().zip(&cells).skip(3).filter(|(_, cell)| **cell == "1") {
            long += &format!("{};{};{};{code};{cell}\n", cells[0], cells[1], cells[2]);
        }
    }
    let path = folder.path().join("long.csv");
    fs::write(&path, &long).unwrap();
    let of = |events: &str| json(&["sessions", "wai_s", STUDY, "--simulations", "0", "--events", events]);
    let (a, b) = (of(TENSIONS), of(path.to_str().unwrap()));
    let by_code = |found: &Value| {
        let mut events = found["results"]["events"].as_array().unwrap().clone();
        events.sort_by_key(|e| {
            format!("{} {} {} {} {}", e["code"], e["role"], e["lag"], e["scope"], e["test"])
        });
        events
    };
    assert_eq!(by_code(&a), by_code(&b));

    // Without rows that say that nothing was found, sessions without a code are not coded, and that is said.
    let bare: String =
        long.lines().filter(|line| !line.ends_with(";;")).map(|line| format!("{line}\n")).collect();
    fs::write(&path, bare).unwrap();
    let notes = of(path.to_str().unwrap())["notes"].to_string();
    assert!(notes.contains("no_empty_codes"), "{notes}");

    let strange = "dyad,session,tension,calm\n1,1,0,1\n1,2,1,1\n1,90,0,1\n77,1,1,1\n";
    fs::write(&path, strange).unwrap();
    let notes = of(path.to_str().unwrap())["notes"].to_string();
    for words in [
        "no scores for dyad 77",
        "dyad 1: 90",
        "nothing coded for dyads 2, 3, 4, 5, 6",
        "calm is always there",
    ] {
        assert!(notes.contains(words), "{words}: {notes}");
    }
    fs::write(&path, "dyad,session,tension\n1,one,0\n1,2,much\n").unwrap();
    refused(&["sessions", "wai_s", STUDY, "--events", path.to_str().unwrap()], 3, "is not a whole number");
    fs::write(&path, "session,tension\n1,0\n").unwrap();
    refused(&["sessions", "wai_s", STUDY, "--events", path.to_str().unwrap()], 3, "a column of dyads");
}

#[test]
fn a_shipped_rule_is_copied_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let text =
        page(&["template", "stevens2007_like"]).replace("stevens2007_like", "mine").replace("[1.0]", "[2.0]");
    fs::write(&path, text).unwrap();
    let found = json(&["sessions", "wai_s", STUDY, "--rule", path.to_str().unwrap(), "--simulations", "0"]);
    let rule = &found["results"]["dyads"][0]["rules"][0];
    assert_eq!((&rule["rule"], &rule["threshold"]["points"]), (&"mine".into(), &2.0.into()));
}
