//! Is the bad cell named? Every bad file of `tests/bad`, the finding it must give, and the exit code.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// File, instrument, further options, exit code, and the findings: code, line, column.
type Row = (&'static str, &'static str, &'static [&'static str], i32, &'static [Located]);

/// Code, line and column of a finding.
type Located = (&'static str, Option<u64>, Option<&'static str>);

const ANSWERS: &[Row] = &[
    ("missing_column.csv", "wai_sr", &[], 3, &[("missing_column", Some(1), None)]),
    (
        "column_twice.csv",
        "wai_sr",
        &[],
        3,
        &[("duplicate_column", Some(1), Some("wai_6")), ("missing_column", Some(1), None)],
    ),
    ("key_column_twice.csv", "wai_sr", &[], 3, &[("duplicate_column", Some(1), Some("id"))]),
    ("text_in_item.csv", "wai_sr", &[], 3, &[("text_in_item", Some(3), Some("wai_3"))]),
    ("out_of_range.csv", "wai_s", &[], 3, &[("out_of_range", Some(3), Some("wai_5"))]),
    ("between_points.csv", "wai_sr", &[], 3, &[("not_a_point", Some(3), Some("wai_5"))]),
    ("decimal_comma_quoted.csv", "wai_sr", &[], 3, &[("decimal_comma", Some(3), Some("wai_5"))]),
    ("decimal_comma.csv", "wai_sr", &[], 3, &[("too_many_fields", Some(3), None)]),
    ("too_few_fields.csv", "wai_sr", &[], 3, &[("too_few_fields", Some(3), None)]),
    ("too_many_fields.csv", "wai_sr", &[], 3, &[("too_many_fields", Some(3), None)]),
    ("unclosed_quote.csv", "wai_sr", &[], 3, &[("unclosed_quote", Some(3), None)]),
    ("nul_byte.csv", "wai_sr", &[], 3, &[("nul_byte", Some(3), None)]),
    // Bytes that are not UTF-8 are Windows-1252, unless the user or the rest of the file contradicts.
    ("not_utf8.csv", "wai_sr", &[], 0, &[]),
    ("not_utf8.csv", "wai_sr", &["--encoding", "utf-8"], 3, &[("not_utf8", Some(3), None)]),
    ("mixed_encodings.csv", "wai_sr", &[], 3, &[("mixed_encodings", Some(4), None)]),
    ("mixed_encodings.csv", "wai_sr", &["--encoding", "latin1"], 0, &[]),
    ("mixed_encodings_1252.csv", "wai_sr", &[], 3, &[("mixed_encodings", Some(4), None)]),
    ("mixed_encodings_1252.csv", "wai_sr", &["--encoding", "windows-1252"], 0, &[]),
    ("mixed_header.csv", "wai_sr", &[], 3, &[("mixed_encodings", Some(1), None)]),
    ("not_in_encoding.csv", "wai_sr", &[], 3, &[("not_in_encoding", Some(3), None)]),
    ("half_a_character.csv", "wai_sr", &[], 3, &[("not_in_encoding", Some(4), None)]),
    ("utf16_no_mark.csv", "wai_sr", &[], 3, &[("nul_byte", Some(1), None)]),
    ("utf16_no_mark.csv", "wai_sr", &["--encoding", "utf-16le"], 0, &[]),
    ("cut_off.csv.gz", "wai_sr", &[], 3, &[("gzip_cut_off", Some(195), None)]),
    ("damaged.csv.gz", "wai_sr", &[], 3, &[("gzip_damaged", Some(1), None)]),
    ("packed_twice.csv.gz", "wai_sr", &[], 3, &[("not_a_table", None, None)]),
    // A delimiter or a decimal mark that the user names is taken at his word.
    ("decimal_comma_quoted.csv", "wai_sr", &["--decimal", "comma"], 0, &[]),
    ("decimal_comma_quoted.csv", "wai_sr", &["--delimiter", ";"], 3, &[("missing_column", Some(1), None)]),
    ("decimal_comma_semicolons.csv", "wai_sr", &[], 0, &[]),
    (
        "decimal_comma_semicolons.csv",
        "wai_sr",
        &["--decimal", "point"],
        3,
        &[("decimal_comma", Some(3), Some("wai_5"))],
    ),
    ("empty.csv", "wai_sr", &[], 3, &[("empty_file", None, None)]),
    ("only_blank_lines.csv", "wai_sr", &[], 3, &[("empty_file", None, None)]),
    ("no_rows.csv", "wai_sr", &[], 3, &[("no_rows", None, None)]),
    ("continues.csv", "wai_sr", &[], 3, &[("columns_continue", Some(1), Some("wai_13"))]),
    ("other_names.csv", "wai_sr", &[], 3, &[("missing_column", Some(1), None)]),
    ("two_families.csv", "wai_sr", &[], 3, &[("missing_column", Some(1), None)]),
    ("unknown_role.csv", "wai_s", &[], 3, &[("unknown_role", Some(3), Some("role"))]),
    ("empty_role.csv", "wai_s", &[], 3, &[("unknown_role", Some(3), Some("role"))]),
    ("template_form.csv", "wav_12r", &["--accept-inferred"], 3, &[("template_form", Some(2), Some("role"))]),
    ("workbook.csv", "wai_sr", &[], 3, &[("not_a_table", None, None)]),
    ("spss.csv", "wai_sr", &[], 3, &[("not_a_table", None, None)]),
    (
        "two_instruments_one_column.csv",
        "wai_sr,arm_5",
        &[],
        3,
        &[
            ("columns_continue", Some(1), Some("q6")),
            ("column_claimed_twice", Some(1), Some("q1")),
            ("column_claimed_twice", Some(1), Some("q2")),
            ("column_claimed_twice", Some(1), Some("q3")),
            ("column_claimed_twice", Some(1), Some("q4")),
            ("column_claimed_twice", Some(1), Some("q5")),
        ],
    ),
    // Answers in words, and the labels they are read by.
    (
        "words.csv",
        "arm_5",
        &[],
        3,
        &[
            ("text_in_item", Some(2), Some("arm_1")),
            ("text_in_item", Some(2), Some("arm_2")),
            ("text_in_item", Some(2), Some("arm_3")),
            ("text_in_item", Some(2), Some("arm_5")),
        ],
    ),
    ("words.csv", "arm_5", &["--labels", "labels.csv"], 0, &[]),
    (
        "unknown_label.csv",
        "arm_5",
        &["--labels", "labels.csv"],
        3,
        &[
            ("unknown_label", Some(3), Some("arm_1")),
            ("ambiguous_label", Some(4), Some("arm_1")),
            ("ambiguous_label", Some(4), Some("arm_3")),
        ],
    ),
    (
        "words.csv",
        "arm_5",
        &["--labels", "labels_two_for_one_value.csv"],
        4,
        &[("label_conflict", Some(4), Some("label"))],
    ),
    (
        "words.csv",
        "arm_5",
        &["--labels", "labels_two_values.csv"],
        4,
        &[("label_conflict", Some(3), Some("label"))],
    ),
    (
        "words.csv",
        "arm_5",
        &["--labels", "labels_outside.csv"],
        4,
        &[("bad_labels", Some(2), Some("label")), ("bad_labels", Some(3), Some("label"))],
    ),
    ("words.csv", "arm_5", &["--labels", "labels_no_columns.csv"], 4, &[("bad_labels", Some(1), None)]),
    // Wide files, and patterns that do not fit them.
    (
        "wide.csv",
        "arm_5",
        &["--items", "arm{item}_s{session}"],
        3,
        &[("out_of_range", Some(3), Some("arm3_s2"))],
    ),
    ("wide.csv", "arm_5", &["--items", "arm{item}_t{session}"], 3, &[("missing_column", Some(1), None)]),
    ("wide.csv", "arm_5", &["--items", "{role}_{item}_{session}"], 3, &[("missing_column", Some(1), None)]),
    (
        "wide_same_cell.csv",
        "arm_5",
        &["--items", "arm{item}_s{session}"],
        3,
        &[("duplicate_column", Some(1), Some("arm02_s01"))],
    ),
    (
        "wide_lacking.csv",
        "arm_5",
        &["--items", "arm{item}_s{session}"],
        3,
        &[("missing_column", Some(1), None)],
    ),
    (
        "wide_ambiguous.csv",
        "arm_5",
        &["--items", "{session}_{item}_x"],
        3,
        &[("missing_column", Some(1), None)],
    ),
    (
        "wide_ambiguous.csv",
        "arm_5",
        &["--items", "{session}_{item}_{role}", "--roles", "x=client"],
        3,
        &[("ambiguous_column", Some(1), Some("1_2_3_x"))],
    ),
    (
        "wide_roles.csv",
        "arm_5",
        &["--items", "{role}_arm{item}_s{session}"],
        3,
        &[("unknown_role", Some(1), Some("abuela_arm1_s1"))],
    ),
    (
        "wide_roles.csv",
        "arm_5",
        &["--items", "{role}_arm{item}_s{session}", "--roles", "abuela=client"],
        0,
        &[],
    ),
    ("wide_words.csv", "arm_5", &["--items", "arm{item}_{session}"], 0, &[]),
    ("wide_words.csv", "arm_5", &["--items", "arm{item}_{session}", "--sessions", "pre=1,post=2"], 0, &[]),
    (
        "wide_words.csv",
        "arm_5",
        &["--items", "arm{item}_{session}", "--sessions", "pre=1,post=01"],
        3,
        &[
            ("duplicate_column", Some(1), Some("arm1_post")),
            ("duplicate_column", Some(1), Some("arm2_post")),
            ("duplicate_column", Some(1), Some("arm3_post")),
            ("duplicate_column", Some(1), Some("arm4_post")),
            ("duplicate_column", Some(1), Some("arm5_post")),
        ],
    ),
    // A cell that is no answer may be missing if the user says so; a broken row may not.
    (
        "text_in_item.csv",
        "wai_sr",
        &["--on-invalid", "missing"],
        0,
        &[("text_in_item", Some(3), Some("wai_3"))],
    ),
    (
        "out_of_range.csv",
        "wai_s",
        &["--on-invalid", "missing"],
        0,
        &[("out_of_range", Some(3), Some("wai_5"))],
    ),
    ("too_few_fields.csv", "wai_sr", &["--on-invalid", "missing"], 3, &[("too_few_fields", Some(3), None)]),
    ("unclosed_quote.csv", "wai_sr", &["--on-invalid", "missing"], 3, &[("unclosed_quote", Some(3), None)]),
    // What confirms the columns, or the roles.
    ("continues.csv", "wai_sr", &["--items", "wai_{item}"], 0, &[]),
    ("unknown_role.csv", "wai_s", &["--roles", "grandmother=caregiver"], 0, &[]),
    ("unknown_role.csv", "wai_s", &["--form", "caregiver"], 0, &[]),
    ("out_of_range.csv", "wai_s", &["--missing-codes", "8"], 0, &[]),
    ("decimal_comma_quoted.csv", "wai_sr", &["--map", "bad_map.csv"], 4, &[("bad_map", Some(4), None)]),
];

/// A finding: code and line.
type Found = (&'static str, Option<u64>);

/// File, and the findings.
const DEFINITIONS: &[(&str, &[Found])] = &[
    ("misspelt_key.toml", &[("unknown_key", Some(76)), ("missing_key", Some(71))]),
    ("wrong_case.toml", &[("case_mismatch", Some(85))]),
    ("unknown_item.toml", &[("unknown_name", Some(54))]),
    ("wrong_range.toml", &[("range_mismatch", Some(57))]),
    ("too_many_needed.toml", &[("bad_min_answered", Some(76))]),
    ("duplicate_column.toml", &[("duplicate_column", Some(41))]),
    ("bad_word.toml", &[("wrong_type", Some(55))]),
    ("bad_id.toml", &[("bad_id", Some(7))]),
    ("no_cases.toml", &[("no_cases", Some(59)); 6]),
    ("broken.toml", &[("bad_toml", Some(2))]),
    ("several.toml", &[("unknown_key", Some(58)), ("missing_key", Some(51))]),
    (
        "several_meanings.toml",
        &[("unknown_name", Some(59)), ("unknown_name", Some(64)), ("bad_min_answered", Some(76))],
    ),
    ("anchor_outside.toml", &[("anchor_outside", Some(25))]),
    ("model_unknown_item.toml", &[("unknown_name", Some(83))]),
];

fn bad(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad").join(name)
}

fn alliance() -> Command {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
}

#[test]
fn every_bad_file_gives_its_finding_and_exit_code() {
    for (file, instrument, options, exit, wanted) in ANSWERS {
        let folder = tempfile::tempdir().unwrap();
        let scores = folder.path().join("scores.csv");
        let output = alliance()
            .args(["score", instrument])
            .arg(bad(file))
            .args(["--findings", "json", "-o"])
            .arg(&scores)
            .args(*options)
            .current_dir(bad(""))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let case = format!("{file} {options:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(*exit), "{case}");
        // Scores come whole or not at all; so does their receipt, and nothing else is left behind.
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!((scores.exists(), left), (*exit == 0, if *exit == 0 { 2 } else { 0 }), "{case}");
        let end = said.find("\n]\n").map_or(3, |at| at + 3);
        let found: Value = serde_json::from_str(&said[..end.min(said.len())]).unwrap();
        let found: Vec<(&str, Option<u64>, Option<&str>)> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| {
                (finding["code"].as_str().unwrap(), finding["line"].as_u64(), finding["column"].as_str())
            })
            .collect();
        assert_eq!(found, *wanted, "{case}");
    }
}

#[test]
fn random_bytes_are_refused() {
    let output = alliance().args(["score", "wai_sr"]).arg(bad("random_bytes.csv")).output().unwrap();
    assert!(matches!(output.status.code(), Some(2 | 3)), "{output:?}");
    assert!(output.stdout.is_empty());
}

#[test]
fn every_bad_definition_gives_its_findings() {
    for (file, wanted) in DEFINITIONS {
        let output = alliance().arg("lint").arg(bad(file)).args(["--findings", "json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{file}: {output:?}");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found: Vec<(&str, Option<u64>)> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["code"].as_str().unwrap(), finding["line"].as_u64()))
            .collect();
        let lines = |rows: &[(&str, Option<u64>)]| {
            rows.iter().map(|(code, _)| (*code).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(lines(&found), lines(wanted), "{file}: {found:?}");
        if *file != "no_cases.toml" {
            assert_eq!(found, *wanted, "{file}");
        }
    }
}

#[test]
fn a_count_cannot_be_reversed() {
    let output = alliance().arg("lint").arg(bad("reversed_count.toml")).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("reversed_without_bounds"));
}

/// Every file in the folder is used by a test here.
#[test]
fn no_bad_file_is_forgotten() {
    let text = concat!(include_str!("findings.rs"), include_str!("norms.rs"));
    for entry in std::fs::read_dir(bad("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}
