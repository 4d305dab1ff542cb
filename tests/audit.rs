//! Does an audit find what is wrong with a file, and nothing where nothing is?

mod laws;
mod planted;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn alliance(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

/// The envelope of a check of a file in `tests/audit`, and the exit code.
fn check(instrument: &str, file: &str, options: &[&str]) -> (Value, i32) {
    let path = format!("tests/audit/{file}");
    let output = alliance(&[&["check", instrument, &path, "--format", "json"], options].concat());
    let envelope = serde_json::from_slice(&output.stdout);
    let envelope = envelope.unwrap_or_else(|_| panic!("{file}: {}", String::from_utf8_lossy(&output.stderr)));
    (envelope, output.status.code().unwrap())
}

/// Code, severity and message of every finding.
fn findings(envelope: &Value) -> Vec<(String, String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = envelope["results"]["findings"].as_array().unwrap();
    findings.iter().map(|f| (text(f, "code"), text(f, "severity"), text(f, "message"))).collect()
}

/// The codes of the problems, in order.
fn problems(envelope: &Value) -> Vec<String> {
    findings(envelope).into_iter().filter(|f| f.1 == "problem").map(|f| f.0).collect()
}

/// File, instrument, options, exit code, and for each finding that must be there its code, severity, line and a piece of
/// its message.
type Row = (&'static str, &'static str, &'static [&'static str], i32, &'static [Expected]);
type Expected = (&'static str, &'static str, Option<u64>, &'static str);

const PROBLEM: &str = "problem";
const NOTE: &str = "note";

/// One small file for each line of what an audit looks at. Where the last list is empty nothing may be found but notes.
const FILES: &[Row] = &[
    (
        "columns.csv",
        "arm_5",
        &[],
        0,
        &[
            (
                "unused_columns",
                NOTE,
                None,
                "5 columns are not used: rolle, sesion_nr, arm_2r, comment, arm_3_rev",
            ),
            ("near_miss", NOTE, Some(1), "`sesion_nr` is not used; it may be the session"),
            ("recoded_copy", NOTE, Some(1), "`arm_2r` looks like a recoded copy of `arm_2`"),
            ("recoded_copy", NOTE, Some(1), "`arm_3_rev` looks like a recoded copy of `arm_3`"),
        ],
    ),
    (
        "missing_column.csv",
        "arm_5",
        &[],
        3,
        &[("missing_column", PROBLEM, Some(1), "item 3 (i03) of arm_5 has no column")],
    ),
    (
        "cells.csv",
        "arm_5",
        &[],
        3,
        &[
            ("out_of_range", PROBLEM, Some(2), "8 is no answer of `arm_2`"),
            ("text_in_item", PROBLEM, Some(3), "`often` is not a number"),
            ("too_few_fields", PROBLEM, Some(4), "the row has 5 fields, the header 7"),
            ("not_a_point", PROBLEM, Some(5), "3.5 lies between two answers"),
        ],
    ),
    (
        "cells.csv",
        "arm_5",
        &["--on-invalid", "missing"],
        3,
        &[("out_of_range", NOTE, Some(2), "8 is no answer")],
    ),
    (
        "seven_for_five.csv",
        "wai_sr",
        &[],
        3,
        &[(
            "other_responses",
            PROBLEM,
            None,
            "answers run from 1 to 7 where 1 to 5 is expected; the answers `seven_point` fit",
        )],
    ),
    ("seven_for_five.csv", "wai_sr", &["--responses", "seven_point"], 0, &[]),
    (
        "five_for_seven.csv",
        "wai_sr",
        &["--responses", "seven_point"],
        0,
        &[("other_responses", NOTE, None, "answers run from 1 to 5, as in the answers `five_point`")],
    ),
    (
        "constant.csv",
        "arm_5",
        &[],
        3,
        &[
            ("nobody_answered", PROBLEM, None, "nobody answered arm_4"),
            ("constant_column", NOTE, None, "all 6 answers to arm_2 are 5"),
        ],
    ),
    (
        "rows.csv",
        "wai_s",
        &[],
        3,
        &[
            ("empty_rows", NOTE, Some(3), "2 rows answer nothing (lines 3, 5)"),
            (
                "same_answers",
                NOTE,
                Some(4),
                "1 row gives the same answer to every item, reversed ones too (line 4)",
            ),
            ("missing_answers", NOTE, None, "25 answers are missing"),
            ("blank_key", PROBLEM, Some(6), "1 row has no dyad (line 6)"),
            ("blank_key", PROBLEM, Some(7), "1 row has no session (line 7)"),
        ],
    ),
    (
        "sessions.csv",
        "wai_s",
        &[],
        3,
        &[
            ("session_gap", NOTE, Some(2), "numbers of sessions are missing in 1 dyad: dyad A: 3, 5"),
            (
                "session_disorder",
                NOTE,
                Some(4),
                "1 row stands out of the order of the sessions: dyad A: session 4 stands before session 2",
            ),
            (
                "date_disorder",
                PROBLEM,
                Some(8),
                "dyad B: session 2 (line 8) is dated before session 1 (line 7)",
            ),
            ("bad_date", NOTE, Some(9), "1 date cannot be read as a day: `soon`"),
            (
                "one_informant",
                NOTE,
                Some(10),
                "1 dyad has answers of one informant alone: dyad C (worker, 2 rows)",
            ),
            (
                "partner_missing",
                NOTE,
                Some(4),
                "2 sessions were answered by one informant alone: dyad A session 4 (caregiver); dyad A session 6 (caregiver)",
            ),
        ],
    ),
    (
        "repeated.csv",
        "wai_s",
        &[],
        3,
        &[
            (
                "duplicate_key",
                PROBLEM,
                Some(4),
                "dyad a long name of a dyad, session first, caregiver stands on lines 2 and 4",
            ),
            (
                "duplicate_key",
                PROBLEM,
                Some(6),
                "dyad a long name of a dyad, session first, caregiver stands on lines 2 and 6",
            ),
            (
                "role_swapped",
                PROBLEM,
                Some(8),
                "dyad 2, session first: two rows of the caregiver (lines 7 and 8) and none of the worker",
            ),
        ],
    ),
    (
        "no_session.csv",
        "arm_5",
        &[],
        3,
        &[("duplicate_key", PROBLEM, Some(4), "person P1 stands on lines 2 and 4")],
    ),
    ("no_keys.csv", "arm_5", &[], 0, &[("no_keys", NOTE, None, "no column says whom a row is about")]),
    (
        "ends.csv",
        "arm_5",
        &[],
        0,
        &[
            ("ceiling", NOTE, None, "15 % or more of the scores are the highest possible: total 50.0 %"),
            ("floor", NOTE, None, "15 % or more of the scores are the lowest possible: total 50.0 %"),
        ],
    ),
    (
        "turned_round.csv",
        "wai_s",
        &[],
        0,
        &[("turned_round", NOTE, None, "the mean of every scale lies in the lower half (task ")],
    ),
    (
        "weak.csv",
        "wai_s",
        &[],
        0,
        &[(
            "already_reversed",
            NOTE,
            None,
            "items 4 and 10 look already reversed, all that the key reverses (r ",
        )],
    ),
    (
        "stored.csv",
        "arm_5",
        &["--compare", "score=total"],
        3,
        &[
            (
                "compare_text",
                PROBLEM,
                Some(5),
                "1 cell is no number in `score`, which should hold total: `high`",
            ),
            (
                "compare_differs",
                PROBLEM,
                Some(3),
                "`score` equals total in 1 of 4 rows with either; the largest difference is on line 3: 6 stored, 4 \
                 from the answers; 1 stored without a score; 1 scored and not stored",
            ),
        ],
    ),
    (
        "stored.csv",
        "arm_5",
        &["--compare", "rounded=total"],
        0,
        &[("compare_agrees", NOTE, None, "`rounded` equals total in all 4 rows")],
    ),
    (
        "stored.csv",
        "arm_5",
        &["--compare", "words=total"],
        3,
        &[("compare_text", PROBLEM, Some(2), "5 cells are no number in `words`")],
    ),
];

#[test]
fn every_line_is_found_in_its_file() {
    for (file, instrument, options, exit, expected) in FILES {
        let (envelope, code) = check(instrument, file, options);
        let found = envelope["results"]["findings"].as_array().unwrap();
        let case = format!("{file} {options:?}: {}", serde_json::to_string_pretty(found).unwrap());
        assert_eq!(code, *exit, "{case}");
        for (id, severity, line, message) in *expected {
            let fits = |finding: &&Value| {
                finding["code"] == *id
                    && finding["severity"] == *severity
                    && finding["line"].as_u64() == *line
                    && finding["message"].as_str().unwrap().contains(message)
            };
            assert!(
                found.iter().any(|finding| fits(&finding)),
                "no {severity} {id} {line:?} `{message}` in {case}"
            );
        }
        assert_eq!(code == 3, !problems(&envelope).is_empty(), "{case}");
        if expected.is_empty() {
            assert!(problems(&envelope).is_empty(), "{case}");
        }
    }
}

#[test]
fn stored_sums_are_known_for_what_they_are() {
    let (envelope, _) = check("arm_5", "stored.csv", &["--compare", "sums=total"]);
    let comparison = &envelope["results"]["comparisons"][0];
    // Sums of what is answered: 5 items, one row with a gap.
    assert_eq!((&comparison["equal"], &comparison["both"]), (&0.into(), &4.into()));
    assert_eq!(comparison["explained"]["by"], "the sum, gaps counted as 0");
    assert_eq!((&comparison["explained"]["rows"], &comparison["explained"]["of"]), (&5.into(), &5.into()));
    let (envelope, code) =
        check("arm_5", "stored.csv", &["--compare", "sums=total", "--where", "person=1,2,4"]);
    assert_eq!((code, findings(&envelope).iter().any(|f| f.0 == "compare_agrees")), (0, true));
}

#[test]
fn published_figures_tell_the_key() {
    let file = "already_reversed.csv";
    // Means, deviations and alphas of the example study, which this copy holds with items 4 and 10 turned: those of the
    // caregivers as `score` and R's psych give them for the untouched study.
    let (envelope, code) = check("wai_s", file, &["--published", "mean=5.23,sd=1.12"]);
    let best = &envelope["results"]["published"][0];
    assert_eq!(code, 3);
    assert_eq!(
        (&best["scale"], &best["form"], &best["hits"]),
        (&"total".into(), &"caregiver".into(), &2.into())
    );
    assert_eq!((&best["reversal"], &best["by"]), (&"none".into(), &"items not reversed".into()));
    let (envelope, _) =
        check("wai_s", file, &["--published", "mean=5.23,sd=1.12", "--already-reversed", "4,10"]);
    assert!(findings(&envelope).iter().any(|f| f.0 == "published_agrees"));
    let (envelope, _) = check("wai_s", file, &["--published", "alpha=.11,mean=1.01"]);
    assert_eq!(envelope["results"]["published"], serde_json::json!([]));
    assert!(problems(&envelope).contains(&"published_differs".to_owned()));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let file = "tests/audit/stored.csv";
    for (options, message) in [
        (&["--compare", "score=totl"][..], "did you mean `total`?"),
        (&["--compare", "nothing=total"], "no column `nothing`"),
        (&["--compare", "score"], "write COLUMN=SCALE"),
        (&["--published", "omega=.9"], "--published `omega=.9` makes no sense"),
        (&["--published", "alpha=high"], "makes no sense"),
    ] {
        let output = alliance(&[&["check", "arm_5", file], options].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(message), "{options:?}: {said}");
    }
    let output = alliance(&["check", "arm_5,wai_s", file]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn every_format_holds_the_findings() {
    let run = |options: &[&str]| {
        let output = alliance(&[&["check", "arm_5", "tests/audit/cells.csv"], options].concat());
        assert_eq!(output.status.code(), Some(3));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for format in ["text", "markdown", "csv", "html", "json"] {
        let said = run(&["--format", format]).replace('\\', "");
        for code in ["out_of_range", "text_in_item", "too_few_fields", "not_a_point"] {
            assert!(said.contains(code), "{format}: {said}");
        }
    }
    // As data: the cells and what is said about the file as a whole, each once.
    let table = run(&["--findings", "csv"]);
    let codes: Vec<&str> = table.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(codes, ["out_of_range", "text_in_item", "too_few_fields", "not_a_point", "missing_answers"]);
    let list: Value = serde_json::from_str(&run(&["--findings", "json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), codes.len());
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("check.html");
    let said = run(&["-o", report.to_str().unwrap()]);
    assert!(said.is_empty() && std::fs::read_to_string(&report).unwrap().contains("out_of_range"));
}

/// Files of two years that overlap: keys are looked at across both, and every line says of which file it is.
#[test]
fn several_files_are_checked_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let study = std::fs::read_to_string("examples/child_protection/answers.csv").unwrap();
    let lines: Vec<&str> = study.lines().collect();
    let write = |name: &str, rows: &[&str]| {
        let path = folder.path().join(name);
        std::fs::write(&path, [&[lines[0]], rows].concat().join("\n") + "\n").unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (first, second) = (write("first.csv", &lines[1..101]), write("second.csv", &lines[99..]));
    let output =
        alliance(&["check", "wai_s", &first, &second, "--format", "json", "--compare", "session=total"]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3));
    let found = envelope["results"]["findings"].as_array().unwrap();
    let twice: Vec<&Value> = found.iter().filter(|finding| finding["code"] == "duplicate_key").collect();
    assert_eq!(twice.len(), 2);
    assert_eq!((&twice[0]["file"], &twice[0]["line"]), (&Value::from(second.as_str()), &2.into()));
    let wanted = format!("dyad 3, session 14, caregiver stands on lines 100 of {first} and 2 of {second}");
    assert_eq!(twice[0]["message"], wanted.as_str());
    let unused = found.iter().filter(|finding| finding["code"] == "unused_columns");
    assert!(unused.map(|finding| &finding["file"]).eq([&first, &second]));
    assert_eq!(envelope["input"]["files"].as_array().unwrap().len(), 2);
    assert_eq!(envelope["results"]["attendance"]["units"], 6);
    assert!(envelope["results"]["comparisons"][0]["largest"]["file"].is_string());
}

#[test]
fn a_wide_file_is_checked_as_it_unfolds() {
    let wide = "tests/data/wide/wide.csv";
    let options = ["--items", "{role}_wai{item}_s{session}", "--roles", "madre=caregiver,ts=worker"];
    let output = alliance(&[&["check", "wai_s", wide, "--format", "json"][..], &options].concat());
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!((&envelope["input"]["used"], &envelope["input"]["dropped"]), (&19.into(), &0.into()));
    assert_eq!(envelope["results"]["unused_columns"], serde_json::json!(["edad", "notas"]));
    let codes: Vec<String> = findings(&envelope).into_iter().map(|finding| finding.0).collect();
    assert!(codes.contains(&"partner_missing".to_owned()), "{codes:?}");
}

#[test]
fn nothing_is_changed_and_nothing_written() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/already_reversed.csv");
    let before = std::fs::read(&file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("answers.csv");
    std::fs::write(&copy, &before).unwrap();
    alliance(&["check", "wai_s", copy.to_str().unwrap()]);
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Counted in the file by a script: rows and empty cells of each dyad and role, and of each session.
#[test]
fn missing_answers_are_told_by_person_and_by_session() {
    let output = alliance(&["check", "wai_s", "examples/child_protection/answers.csv", "--format", "json"]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    let attendance = &envelope["results"]["attendance"];
    let who = attendance["informants_missing"].as_array().unwrap();
    let told = |at: usize| {
        let text = |key: &str| who[at][key].as_str().unwrap().to_owned();
        (text("unit"), text("role"), who[at]["rows"].as_u64().unwrap(), who[at]["missing"].as_u64().unwrap())
    };
    assert_eq!(who.len(), 11);
    assert_eq!(told(0), ("1".to_owned(), "caregiver".to_owned(), 18, 6));
    // A share is of rows times twelve items.
    assert_eq!(told(1), ("4".to_owned(), "caregiver".to_owned(), 18, 4));
    assert_eq!(told(2), ("2".to_owned(), "worker".to_owned(), 19, 4));
    assert_eq!(who[0]["share"], 6.0 / (18.0 * 12.0));
    let sessions = attendance["sessions"].as_array().unwrap();
    let of = |session: &str| sessions.iter().find(|s| s["session"] == session).unwrap()["missing"].clone();
    assert_eq!((of("5"), of("12"), of("3")), (4.into(), 4.into(), 3.into()));
    // On the page the same, in CSV as rows.
    let page = alliance(&["check", "wai_s", "examples/child_protection/answers.csv"]);
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.contains("11 of 12 informants left some answers out; the 10 with the largest share are listed.")
    );
}
