//! Files that are not what courses need: is each named, with its code and the exit code of the one who can mend it?

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::courses::{json, page, refused};

const STUDY: &str = "examples/child_protection/answers.csv";

/// A file of scores and the words that follow it.
fn scores(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn of(file: &str) -> [&str; 11] {
    [
        "sessions",
        "--scores",
        file,
        "--score",
        "s",
        "--range",
        "1..7",
        "--rule",
        "points:1",
        "--simulations",
        "50",
    ]
}

/// The text of the note with this code.
#[track_caller]
fn note(found: &Value, code: &str) -> String {
    let notes = found["notes"].as_array().unwrap();
    let own = notes.iter().find(|note| note["code"] == code);
    own.unwrap_or_else(|| panic!("{code}: {notes:?}"))["text"].as_str().unwrap().to_owned()
}

#[test]
fn the_same_session_twice_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = scores(
        folder.path(),
        "a.csv",
        "dyad,role,session,s\n1,client,1,5\n1,client,1,4\n2,client,3,4\n2,client,3,4\n",
    );
    refused(&of(&file), 3, "problem[duplicate_session]: dyad 1, client: session 1 occurs twice");
    refused(&of(&file), 3, "dyad 2, client: session 3 occurs twice");
    // Observers of one session are told apart by role.
    let rated = "dyad,rater,session,s\n1,A,1,5\n1,B,1,4\n1,A,2,5\n1,B,2,5\n1,A,3,5\n1,B,3,5\n";
    let file = scores(folder.path(), "b.csv", rated);
    refused(&of(&file), 3, "--role and the column of the observer");
    assert!(page(&[&of(&file)[..], &["--role", "rater"]].concat()).contains("Dyad 1"));
}

#[test]
fn sessions_out_of_order_are_sorted_and_words_are_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let file = scores(folder.path(), "a.csv", "dyad,session,s\n1,3,5\n1,1,4\n1,2,4\n2,1,4\n2,2,4.5\n");
    let found = json(&of(&file));
    assert_eq!(found["results"]["dyads"][0]["sessions"], serde_json::json!([1, 2, 3]));
    assert_eq!(found["results"]["dyads"][0]["scores"], serde_json::json!([4.0, 4.0, 5.0]));
    assert!(note(&found, "sessions_out_of_order").ends_with("in dyad 1"));

    let file = scores(
        folder.path(),
        "b.csv",
        "dyad,session,s\n1,first,5\n1,second,4\n1,third,4\n2,first,4\n2,third,4.5\n",
    );
    let found = json(&of(&file));
    assert_eq!(found["results"]["dyads"][1]["sessions"], serde_json::json!([1, 3]));
    assert!(note(&found, "sessions_by_word").contains("first = 1, second = 2, third = 3"));
    assert_eq!(found["settings"]["sessions_numbered"], "by_word");

    let file = scores(folder.path(), "c.csv", "dyad,session,s\n1,1.5,5\n1,2.5,4\n1,1e300,4\n1,-4,3\n");
    let found = json(&of(&file));
    assert_eq!(found["results"]["dyads"][0]["sessions"], serde_json::json!([1, 2, 3, 4]));
    assert!(note(&found, "sessions_by_order").contains("numbered by their order"));
}

#[test]
fn dates_that_disagree_with_numbers_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "dyad,session,date,s\n1,1,2025-03-01,5\n1,2,2025-02-01,4\n1,3,2025-04-01,4\n";
    let file = scores(folder.path(), "a.csv", text);
    let found = json(&of(&file));
    assert!(note(&found, "dates_disagree").ends_with("in dyad 1"));
    assert_eq!(
        found["results"]["dyads"][0]["lacks"][0],
        serde_json::json!({ "lack": "dates_disagree", "sessions": [2] })
    );
    let page = page(&of(&file));
    assert!(page.contains("The date of session 2 is earlier than that of the session before"), "{page}");
}

#[test]
fn one_informant_one_session_equal_scores_and_a_new_worker_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "dyad,worker,role,session,s\n\
        1,A,client,1,5\n1,A,client,2,5\n1,A,client,3,5\n1,A,therapist,1,5\n1,A,therapist,2,6\n1,A,therapist,3,5.5\n\
        2,A,client,1,5\n3,A,client,1,6\n3,A,client,2,6\n3,B,client,3,3\n3,B,client,4,3.5\n";
    let found = json(&of(&scores(folder.path(), "a.csv", text)));
    assert_eq!(note(&found, "one_informant"), "one informant only, in dyad 2 (client), 3 (client)");
    assert!(note(&found, "one_session").ends_with("in dyad 2"));
    assert!(note(&found, "all_scores_equal").ends_with("in dyad 1"));
    assert!(note(&found, "worker_changes").ends_with("in dyad 3"));
    let dyads = found["results"]["dyads"].as_array().unwrap();
    let rule = |dyad: &str| &dyads.iter().find(|course| course["dyad"] == dyad).unwrap()["rules"][0];
    assert_eq!(rule("1")["reason"], "no_variability");
    assert_eq!(rule("2")["reason"], "too_few");
    assert_eq!(rule("3")["episodes"][0]["worker_changed"], true);
    assert_eq!(rule("3")["course"]["ruptures"], 0);
}

#[test]
fn events_that_do_not_match_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "dyad,session,tension,calm,quiet\n1,1,0,1,0\n1,2,1,1,0\n1,90,0,1,0\n77,1,1,1,0\n";
    let events = scores(folder.path(), "events.csv", text);
    let with = ["sessions", "wai_s", STUDY, "--simulations", "0", "--events", &events];
    let found = json(&with);
    assert!(note(&found, "events_without_scores").contains("dyad 77"));
    assert!(note(&found, "scores_without_events").contains("dyads 2, 3, 4, 5, 6"));
    assert!(note(&found, "coded_sessions_without_scores").contains("dyad 1: 90"));
    let codes: Vec<&Value> = found["notes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|note| note["code"] == "code_without_contrast")
        .collect();
    assert_eq!(codes.len(), 2);
    assert!(codes[0]["text"].as_str().unwrap().contains("quiet is never there"));
    assert!(codes[1]["text"].as_str().unwrap().contains("calm is always there"));
    for (name, text, code, words) in [
        ("none.csv", "dyad,session\n1,1\n", "missing_column", "no column of codes"),
        ("words.csv", "dyad,session,tension\n1,one,0\n", "text_in_item", "not a whole number"),
        ("much.csv", "dyad,session,tension\n1,1,much\n", "text_in_item", "`much` is no count"),
        ("minus.csv", "dyad,session,tension\n1,1,-1\n", "text_in_item", "`-1` is no count"),
        ("dyads.csv", "session,tension\n1,0\n", "missing_column", "a column of dyads"),
    ] {
        let events = scores(folder.path(), name, text);
        let with = ["sessions", "wai_s", STUDY, "--events", &events];
        refused(&with, 3, &format!("problem[{code}]"));
        refused(&with, 3, words);
    }
    refused(&["sessions", "wai_s", STUDY, "--events", "nowhere.csv"], 6, "nowhere.csv");
}

#[test]
fn a_role_without_a_form_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = "dyad,role,session,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12\n\
        1,neighbour,1,1,2,3,4,5,6,7,1,2,3,4,5\n";
    let file = scores(folder.path(), "a.csv", text);
    refused(
        &["sessions", "wai_s", &file],
        3,
        "problem[unknown_role]: wai_s has no form for the role `neighbour`",
    );
    let said = page(&["sessions", "wai_s", &file, "--roles", "neighbour=observer"]);
    assert!(said.contains("One session is no course"), "{said}");
}

/// Four dyads are too few to exchange codes between them, one is too few for any verdict; both are said in words.
#[test]
fn few_dyads_get_another_test_and_one_gets_none() {
    let with = |dyads: &str| {
        let only = format!("dyad={dyads}");
        let events = "examples/child_protection/tensions.csv";
        let args = ["sessions", "wai_s", STUDY, "--simulations", "0", "--events", events, "--where", &only];
        (page(&args).split_whitespace().collect::<Vec<_>>().join(" "), json(&args))
    };
    let (page, found) = with("1,2,3,4");
    assert!(page.contains("with under five dyads codes are shifted within each dyad"), "{page}");
    let tests: Vec<&Value> =
        found["results"]["events"].as_array().unwrap().iter().map(|e| &e["test"]).collect();
    assert!(
        tests.iter().any(|test| *test == "circular_shift") && !tests.iter().any(|test| *test == "exchange")
    );
    let (page, found) = with("4");
    assert!(page.contains("One dyad: no verdict") && !page.contains(" p corr. "), "{page}");
    assert!(found["results"]["events"].as_array().unwrap().iter().all(|event| event["p"].is_null()));
    let (page, _) = with("1,2,3,4,5");
    assert!(
        page.contains("whole code series are exchanged between 5 dyads (120 arrangements, all there are)"),
        "{page}"
    );
}

#[test]
fn answers_in_the_place_of_coded_sessions_are_refused() {
    let answers = ["sessions", "wai_s", STUDY, "--simulations", "0", "--events", STUDY];
    refused(&answers, 3, "this column holds answers of the questionnaire, no codes of sessions");
    refused(&answers, 3, "--events takes a file with dyad, session and a column for each code");
}
