//! Faults planted in copies of the example study. Each copy is found out, and the study itself is clean.

use std::path::{Path, PathBuf};

use super::{alliance, check, findings, problems};

/// The columns before the items, and the items of the WAI-S.
const KEYS: usize = 5;
const ITEMS: usize = 12;

type Rows = Vec<Vec<String>>;

/// Header and rows of the study, without what is not of the WAI-S.
fn study() -> (Vec<String>, Rows) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/child_protection/answers.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text
        .lines()
        .map(|line| line.split(',').take(KEYS + ITEMS).map(str::to_owned).collect::<Vec<String>>());
    (lines.next().unwrap(), lines.collect())
}

fn each(rows: &Rows, change: impl Fn(&mut Vec<String>)) -> Rows {
    let mut rows = rows.clone();
    rows.iter_mut().for_each(change);
    rows
}

/// An answer changed, a gap left as it is.
fn answer(cell: &mut String, change: impl Fn(i32) -> i32) {
    if let Ok(value) = cell.parse::<i32>() {
        *cell = change(value).to_string();
    }
}

/// Every planted copy: its name and its text.
fn copies() -> Vec<(&'static str, String)> {
    let (header, rows) = study();
    let sixth = |row: &Vec<String>| row[0] == "4" && row[3] == "6";
    let at = rows.iter().position(sixth).unwrap();
    let text = |header: &[String], rows: &Rows| {
        let lines = std::iter::once(header.join(",")).chain(rows.iter().map(|row| row.join(",")));
        lines.map(|line| line + "\n").collect::<String>()
    };
    let plain = |rows: Rows| text(&header, &rows);
    let mut with_sum = header.clone();
    with_sum.push("sum_total".to_owned());
    let mut twice = rows.clone();
    twice.splice(at + 2..at + 2, rows[at..at + 2].to_vec());
    let mut role = rows.clone();
    role[at][2] = "worker".to_owned();
    vec![
        (
            "already_reversed.csv",
            plain(each(&rows, |row| {
                [3, 9].into_iter().for_each(|item| answer(&mut row[KEYS + item], |x| 8 - x))
            })),
        ),
        ("shifted.csv", plain(each(&rows, |row| row[KEYS..].rotate_right(1)))),
        (
            "shifted_off.csv",
            plain(each(&rows, |row| {
                row[KEYS..].rotate_right(1);
                row[KEYS].clear();
            })),
        ),
        (
            "from_zero.csv",
            plain(each(&rows, |row| row[KEYS..].iter_mut().for_each(|cell| answer(cell, |x| x - 1)))),
        ),
        (
            "summed_unreversed.csv",
            text(
                &with_sum,
                &each(&rows, |row| {
                    let answers: Option<Vec<i32>> =
                        row[KEYS..].iter().map(|cell| cell.parse().ok()).collect();
                    row.push(
                        answers.map_or_else(String::new, |answers| answers.iter().sum::<i32>().to_string()),
                    );
                }),
            ),
        ),
        ("session_twice.csv", plain(twice)),
        ("role_changed.csv", plain(role)),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit")
}

#[test]
fn the_copies_are_what_planting_makes() {
    for (name, text) in copies() {
        let path = folder().join(name);
        if std::env::var_os("PLANT").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(held == text, "{name} is not what is planted; write it anew with PLANT=1");
    }
}

#[test]
fn the_study_itself_is_clean() {
    let output = alliance(&["check", "wai_s", "examples/child_protection/answers.csv", "--format", "json"]);
    let envelope: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), problems(&envelope)), (Some(0), Vec::new()));
    let codes: Vec<String> = findings(&envelope).into_iter().map(|f| f.0).collect();
    assert_eq!(codes, ["unused_columns", "partner_missing", "session_gap", "missing_answers"]);
}

#[test]
fn every_planted_fault_is_found_and_nothing_else() {
    let problem = |file: &str, options: &[&str], codes: &[&str]| {
        let (envelope, exit) = check("wai_s", file, options);
        let found = problems(&envelope);
        assert_eq!(
            (exit, &found[..]),
            (3, &codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>()[..]),
            "{file}"
        );
        findings(&envelope).into_iter().filter(|f| f.1 == "problem").map(|f| f.2).collect::<Vec<String>>()
    };
    let messages = problem("already_reversed.csv", &[], &["already_reversed"; 2]);
    assert!(messages[0].starts_with(
        "caregiver: items 4 and 10 look already reversed, all that the key reverses (r -.89 and -.85 with the other"
    ));
    let messages = problem("shifted.csv", &[], &["shifted_columns"; 2]);
    assert!(messages[1].starts_with(
        "worker: the item columns look shifted by 1 place: items 5 and 11 run against the others, where the key reverses 4 and 10"
    ));
    problem(
        "shifted_off.csv",
        &[],
        &["nobody_answered", "nobody_answered", "shifted_columns", "shifted_columns"],
    );
    let zeros = ["out_of_range"; 50]; // the first of 71
    let messages = problem("from_zero.csv", &[], &[&["shifted_answers"; 2][..], &zeros].concat());
    assert!(
        messages[0]
            .contains("answers run from 0 to 6 where 1 to 7 is expected: every answer looks 1 too low")
    );
    let messages = problem("session_twice.csv", &[], &["duplicate_key"; 2]);
    assert_eq!(messages[0], "dyad 4, session 6, caregiver stands on lines 120 and 122");
    let messages = problem("role_changed.csv", &[], &["role_swapped"]);
    assert_eq!(
        messages[0],
        "dyad 4, session 6: two rows of the worker (lines 120 and 121) and none of the caregiver"
    );
    problem("summed_unreversed.csv", &["--compare", "sum_total=total"], &["compare_differs"]);
    let (envelope, _) = check("wai_s", "summed_unreversed.csv", &["--compare", "sum_total=total"]);
    let explained = &envelope["results"]["comparisons"][0]["explained"];
    assert_eq!((&explained["rows"], &explained["of"]), (&180.into(), &180.into()));
    assert_eq!(
        (&explained["reversal"], &explained["score"], &explained["scale"]),
        (&"none".into(), &"sum".into(), &"total".into())
    );
}

#[test]
fn what_was_found_is_gone_once_it_is_said() {
    let (envelope, exit) = check("wai_s", "already_reversed.csv", &["--already-reversed", "4,10"]);
    assert_eq!((exit, problems(&envelope)), (0, Vec::new()));
    assert_eq!(envelope["settings"]["already_reversed"], serde_json::json!(["wai_s.i04", "wai_s.i10"]));
}
