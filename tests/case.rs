//! Does a case show what it was made of, and tell nothing about a family?

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use alliance_metrics::audit::{Config, check_text};
use alliance_metrics::case::{Question, case};
use alliance_metrics::responses::{Options, Records, Said};
use alliance_metrics::scoring::Rules;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::shipped;

fn alliance(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alliance")).args(args).current_dir(folder).output().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Makes a case and runs the command that it names in its folder; the envelopes of both, and the exit code of the second.
fn made(args: &[&str]) -> (Value, Value, i32, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("case");
    let all = [&["case"], args, &["--format", "json", "-o", folder.to_str().unwrap()]].concat();
    let output = alliance(root(), &all);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let case: Value = serde_json::from_slice(&output.stdout).unwrap();
    let command = case["results"]["run"].as_str().unwrap();
    assert!(fs::read_to_string(folder.join("README.md")).unwrap().contains(command));
    // As a shell splits it: words that hold anything unusual stand in single quotes.
    let mut words: Vec<&str> = Vec::new();
    for (at, piece) in command.split('\'').enumerate() {
        if at % 2 == 1 { words.push(piece) } else { words.extend(piece.split_whitespace()) }
    }
    words.extend(["--format", "json"]);
    let again = alliance(&folder, &words[1..]);
    let shown = serde_json::from_slice(&again.stdout).unwrap_or_else(|_| panic!("{command}: {again:?}"));
    (case, shown, again.status.code().unwrap(), place)
}

fn text(case: &tempfile::TempDir, file: &str) -> String {
    fs::read_to_string(case.path().join("case").join(file)).unwrap()
}

#[test]
fn scores_are_shown_by_their_rows_alone() {
    let study = "examples/child_protection/answers.csv";
    let (case, shown, exit, folder) = made(&["wai_s", study, "--where", "dyad=4,session=3"]);
    assert_eq!(exit, 0);
    assert_eq!(text(&folder, "answers.csv").lines().next().unwrap().split(',').count(), 13);
    assert_eq!(text(&folder, "answers.csv").lines().count(), 3);
    // What the file itself gives for these rows.
    let output =
        alliance(root(), &["explain", "wai_s", study, "--where", "dyad=4,session=3", "--format", "json"]);
    let own: Value = serde_json::from_slice(&output.stdout).unwrap();
    for row in 0..2 {
        let scales = &shown["results"]["rows"][row]["scales"];
        assert_eq!(scales, &own["results"]["rows"][row]["scales"]);
        assert_eq!(scales, &case["results"]["shows"]["scores"][row]);
    }
}

/// File, instrument, options, and the finding: for each the case has so many rows and columns.
type Row = (&'static str, &'static str, &'static [&'static str], &'static str, usize, usize);

const FINDINGS: &[Row] = &[
    ("audit/already_reversed.csv", "wai_s", &[], "already_reversed", 30, 12),
    ("audit/shifted.csv", "wai_s", &[], "shifted_columns", 30, 12),
    ("audit/from_zero.csv", "wai_s", &[], "shifted_answers", 2, 12),
    ("audit/session_twice.csv", "wai_s", &[], "duplicate_key", 2, 15),
    ("audit/role_changed.csv", "wai_s", &[], "role_swapped", 3, 15),
    ("audit/summed_unreversed.csv", "wai_s", &["--compare", "sum_total=total"], "compare_differs", 1, 13),
    ("audit/sessions.csv", "wai_s", &[], "date_disorder", 2, 15),
    ("audit/sessions.csv", "wai_s", &[], "bad_date", 1, 14),
    ("audit/sessions.csv", "wai_s", &[], "session_gap", 2, 14),
    ("audit/columns.csv", "arm_5", &[], "recoded_copy", 1, 6),
    ("bad/text_in_item.csv", "wai_sr", &[], "text_in_item", 2, 12),
    ("bad/out_of_range.csv", "wai_s", &[], "out_of_range", 1, 12),
    ("bad/too_few_fields.csv", "wai_sr", &[], "too_few_fields", 1, 12),
    ("bad/too_many_fields.csv", "wai_sr", &[], "too_many_fields", 1, 12),
    ("bad/nul_byte.csv", "wai_sr", &[], "nul_byte", 1, 12),
    ("bad/unknown_role.csv", "wai_s", &[], "unknown_role", 1, 13),
    ("bad/decimal_comma_semicolons.csv", "wai_sr", &["--decimal", "point"], "decimal_comma", 2, 12),
    ("bad/missing_column.csv", "wai_sr", &[], "missing_column", 0, 12),
    ("bad/wide.csv", "arm_5", &["--items", "arm{item}_s{session}"], "out_of_range", 1, 5),
    ("bad/unknown_label.csv", "arm_5", &["--labels", "tests/bad/labels.csv"], "unknown_label", 2, 5),
];

#[test]
fn findings_are_shown_by_the_fewest_rows_and_columns() {
    for (file, instrument, options, code, rows, columns) in FINDINGS {
        let path = format!("tests/{file}");
        let (case, shown, exit, folder) =
            made(&[&[*instrument, path.as_str(), "--finding", code], *options].concat());
        let found = shown["results"]["findings"].as_array().unwrap();
        assert!(found.iter().any(|finding| finding["code"] == *code), "{file} {code}: {found:?}");
        let note = case["results"]["shows"]["finding"]["severity"] == "note";
        assert!(note || exit == 3, "{file} {code}: {exit}");
        let size = (&case["results"]["rows"], case["results"]["columns"].as_array().unwrap().len());
        assert_eq!(size, (&(*rows).into(), *columns), "{file} {code}: {}", text(&folder, "answers.csv"));
    }
}

#[test]
fn nobody_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Familia Soto.csv");
    let rows = [
        "familia,trabajador,rol,sesion,fecha,comentario,arm_1,arm_2,arm_3,arm_4,arm_5",
        "Soto Pérez,Ana Ruiz,client,1,03/05/2024,\"llora, no quiere\",5,no quiere,2,5,6",
        "Soto Pérez,Ana Ruiz,abuela Rosa,2,10/05/2024,,5,+56 9 8765 4321,2,5,6",
        "Soto Pérez,Ana Ruiz,client,2,01/05/2024,,5,6,2,5,6",
    ];
    fs::write(&file, rows.join("\n") + "\n").unwrap();
    let file = file.to_str().unwrap();
    for code in ["text_in_item", "unknown_role", "date_disorder", "unused_columns", "missing_answers"] {
        let (_, shown, _, made) = made(&["arm_5", file, "--finding", code, "--family", "familia"]);
        let codes: Vec<&Value> =
            shown["results"]["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
        assert!(codes.contains(&&code.into()), "{code}: {codes:?}");
        let all = text(&made, "answers.csv") + &text(&made, "README.md");
        for word in ["Soto", "Pérez", "Ana", "Ruiz", "abuela", "Rosa", "llora", "quiere", "8765", "2024"] {
            assert!(!all.contains(word), "{code}: `{word}` in {all}");
        }
    }
    let (_, _, _, made) = made(&["arm_5", file, "--finding", "date_disorder"]);
    let text = text(&made, "answers.csv");
    assert!(text.contains("2000-01-03") && text.contains("2000-01-01"), "{text}");
}

#[test]
fn a_definition_of_ones_own_goes_along() {
    let folder = tempfile::tempdir().unwrap();
    let template = alliance(root(), &["template", "arm_5"]);
    fs::write(folder.path().join("mine.toml"), &template.stdout).unwrap();
    let map = folder.path().join("m.csv");
    fs::write(&map, "column,item\nu,1\nv,2\nw,3\nx,4\ny,5\nquien,person\n").unwrap();
    let data = folder.path().join("d.csv");
    fs::write(&data, "quien,u,v,w,x,y\nAna,5,6,2,5,6\nEva,1,2,3,4,5\n").unwrap();
    let (mine, data, map) = (
        folder.path().join("mine.toml"),
        data.to_str().unwrap().to_owned(),
        map.to_str().unwrap().to_owned(),
    );
    let (case, shown, exit, made) =
        made(&[mine.to_str().unwrap(), &data, "--map", &map, "--where", "quien=Ana"]);
    assert_eq!(exit, 0);
    assert_eq!(case["results"]["files"], serde_json::json!(["answers.csv", "mine.toml", "map.csv"]));
    assert_eq!(shown["results"]["rows"][0]["scales"][0]["score"], 5.6);
    assert!(!text(&made, "map.csv").contains("quien"));
    assert_eq!(text(&made, "answers.csv"), "u,v,w,x,y\n5,6,2,5,6\n");
}

#[test]
fn what_no_case_can_show_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("case");
    let study = "examples/child_protection/answers.csv";
    for (args, said) in [
        (&["wai_s", study][..], "208 rows fit; a case shows the scores of up to 20"),
        (&["wai_s", study, "--where", "dyad=99"], "no row is left of 208"),
        (&["wai_s", study, "--finding", "session_gaps"], "did you mean `session_gap`?"),
        (&["wai_s", study, "--finding", "floor"], "the check finds: unused_columns"),
        (&["wai_sr", "tests/bad/unclosed_quote.csv", "--finding", "unclosed_quote"], "lies in the bytes"),
        (&["wai_s", study, study], "one file at a time"),
        (&["wai_s,haq_ii", study, "--where", "dyad=4"], "one instrument at a time"),
    ] {
        let output = alliance(root(), &[&["case"], args, &["-o", folder.to_str().unwrap()]].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && text.contains(said), "{args:?}: {text}");
        assert!(!folder.exists());
    }
    fs::create_dir(&folder).unwrap();
    let args = ["case", "wai_s", study, "--where", "dyad=4,session=3", "-o", folder.to_str().unwrap()];
    let output = alliance(root(), &args);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "something is left behind");
}

/// Rows with few different keys, odd cells and lengths among them.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let dyad = prop::sample::select(vec!["1", "2", "Soto", "Pérez de Arce", ""]);
    let role = prop::sample::select(vec!["caregiver", "Caregiver", "worker", "abuela Rosa", ""]);
    let session =
        prop::sample::select(vec!["1", "2", "02", "3.0", "9", "last", "2025-03-04", "05/03/2025", ""]);
    let date = prop::sample::select(vec!["2025-03-04", "11.03.2025", "soon", "", "2025-02-01"]);
    let answer = prop_oneof![
        20 => (1..=7u8).prop_map(|x| x.to_string()),
        2 => Just(String::new()),
        1 => prop::sample::select(vec!["8", "0", "3.5", "often", "\"a,b\"", "NA", "+56 9 1234", "5\u{a0}", "\0"])
            .prop_map(str::to_owned),
    ];
    let row = (dyad, role, session, date, prop::collection::vec(answer, 11..=13)).prop_map(
        |(dyad, role, session, date, answers)| {
            format!("{dyad},{role},{session},{date},\"said \"\"no\"\"\",{}", answers.join(","))
        },
    );
    prop::collection::vec(row, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Whatever a check finds, a case shows it, and is read as the file was.
    #[test]
    fn whatever_is_found_can_be_shown(rows in rows()) {
        let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
        let text = format!("dyad,role,session,date,comment,{}\n{}\n", items.join(","), rows.join("\n"));
        let (rules, config) = (Rules::default(), Config::default());
        let question =
            Question { instrument: shipped("wai_s"), options: Options::default(), rules: rules.clone(), config: config.clone() };
        let check = |text: &[u8], options: &Options| {
            check_text("answers.csv", text, &question.instrument, (options, &rules, &config)).unwrap()
        };
        let records = Records::read("answers.csv", text.as_bytes(), &Said::default()).unwrap_or_else(|_| panic!("{text}"));
        for code in check(text.as_bytes(), &question.options).counts().keys() {
            let made = case(&question, &records, Some(code.id()));
            let made = made.unwrap_or_else(|error| panic!("{}: {error} of\n{text}", code.id()));
            prop_assert!(check(&made.text, &made.options).counts().contains_key(code));
            let shown = String::from_utf8_lossy(&made.text).into_owned();
            for word in ["Soto", "Pérez", "Arce", "Rosa", "said", "often", "1234", "2025"] {
                prop_assert!(!shown.contains(word), "`{word}` in the case of {}:\n{shown}\nof\n{text}", code.id());
            }
        }
    }
}
