//! Is a wide file the long file it unfolds into?

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use alliance_metrics::responses::{
    self, BLOCK, Filter, MissingCodes, OnInvalid, Options, Pattern, Splitting, parse_filters,
};
use alliance_metrics::scoring::Rules;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::{Outcome, score, shipped};

const WIDE: &str = "tests/data/wide/wide.csv";
const PATTERN: &str = "{role}_wai{item}_s{session}";

fn roles() -> Vec<(String, String)> {
    [("madre", "caregiver"), ("ts", "worker")].map(|(word, form)| (word.into(), form.into())).to_vec()
}

fn options(pattern: &str) -> Options {
    Options {
        items: vec![Pattern::parse(pattern).unwrap()],
        roles: roles(),
        missing_codes: MissingCodes::new(vec!["99".into()]),
        on_invalid: OnInvalid::Missing,
        ..Options::default()
    }
}

fn outcome(text: &[u8], options: &Options, how: (Splitting, usize)) -> Outcome {
    score(text, &[shipped("wai_s")], options, &Rules::default(), how).unwrap()
}

const FAST: (Splitting, usize) = (Splitting::Automatic, BLOCK);

/// One record: a person, and for each session and role the cells of the twelve items.
type Record = (String, Vec<Vec<String>>);

/// A wide file whose item columns stand in the order of `shuffle`, and the long file that it unfolds into.
fn both(records: &[Record], sessions: usize, roles: &[&str], shuffle: u64) -> (String, String) {
    let mut cells: Vec<(usize, usize)> =
        (0..sessions * roles.len()).flat_map(|part| (0..12).map(move |item| (part, item))).collect();
    cells.sort_by_key(|(part, item)| ((part * 12 + item) as u64 + 1).wrapping_mul(shuffle | 1) >> 7);
    let name = |(part, item): &(usize, usize)| {
        format!("{}_WAI{:02}_s{:03}", roles[part % roles.len()], item + 1, part / roles.len() + 1)
    };
    let mut wide = format!("person,{}\n", cells.iter().map(name).collect::<Vec<_>>().join(","));
    let items: Vec<String> = (1..=12).map(|item| format!("wai_{item}")).collect();
    let mut long = format!("person,session,role,{}\n", items.join(","));
    for (person, parts) in records {
        let row: Vec<&str> = cells.iter().map(|(part, item)| parts[*part][*item].as_str()).collect();
        wide += &format!("{person},{}\n", row.join(","));
        for (at, part) in parts.iter().enumerate() {
            let missing = |cell: &String| matches!(cell.trim(), "" | "NA" | "." | "99");
            if !part.iter().all(missing) {
                let (role, session) = (roles[at % roles.len()], at / roles.len() + 1);
                long += &format!("{person},{session},{role},{}\n", part.join(","));
            }
        }
    }
    (wide, long)
}

/// Cells as they occur in wide files: many parts are not answered at all.
fn part() -> impl Strategy<Value = Vec<String>> {
    let sound = prop_oneof![
        30 => (1..=7u8).prop_map(|digit| digit.to_string()),
        2 => prop::sample::select(vec!["", "NA", "99", " 4 ", "5.0", "."]).prop_map(str::to_owned),
    ];
    let none = prop::sample::select(vec!["", "NA", "99", " "]).prop_map(str::to_owned);
    prop_oneof![
        3 => prop::collection::vec(sound, 12),
        1 => Just(vec![String::new(); 12]),
        1 => prop::collection::vec(none, 12),
    ]
}

/// … some of them broken.
fn rough() -> impl Strategy<Value = Vec<String>> {
    let broken = prop::sample::select(vec!["9", "x", "\"5\"", "\"6", "5,5", "é", "3.5", "\r", "7\n", ""]);
    (part(), prop::option::weighted(0.3, (0..12usize, broken))).prop_map(|(mut part, broken)| {
        if let Some((at, cell)) = broken {
            part[at] = cell.to_owned();
        }
        part
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A wide file gives, row by row, what the long file gives that it unfolds into.
    #[test]
    fn a_wide_file_is_the_long_file_it_unfolds_into(
        records in prop::collection::vec((0..500u16, prop::collection::vec(part(), 6)), 1..8),
        shuffle in any::<u64>(),
        block in 1usize..3000,
    ) {
        let records: Vec<Record> = records.into_iter().map(|(n, parts)| (format!("P{n}"), parts)).collect();
        let (wide, long) = both(&records, 3, &["madre", "ts"], shuffle);
        let folded = outcome(wide.as_bytes(), &options(PATTERN), FAST);
        prop_assert_eq!(folded.counts.unfolded, 6 * records.len() as u64);
        let plain = Options { items: Vec::new(), ..options(PATTERN) };
        if long.lines().count() > 1 {
            let unfolded = outcome(long.as_bytes(), &plain, FAST);
            prop_assert_eq!(&folded.table, &unfolded.table);
            prop_assert_eq!(&folded.summaries, &unfolded.summaries);
            prop_assert_eq!(&folded.counts.missing, &unfolded.counts.missing);
            prop_assert_eq!(folded.counts.unfolded - folded.counts.unanswered, unfolded.counts.used);
        }
        for how in [(Splitting::StateMachine, BLOCK), (Splitting::Automatic, block)] {
            prop_assert_eq!(&outcome(wide.as_bytes(), &options(PATTERN), how), &folded);
        }
    }

    /// The fast path and the state machine agree on wide files that are nearly right, whatever is left out.
    #[test]
    fn fast_and_careful_paths_agree_on_wide_files(
        records in prop::collection::vec((0..9u8, prop::collection::vec(rough(), 4)), 0..6),
        chosen in prop::sample::select(vec!["", "session=1", "role=ts", "person=P1,P2,session=2", "person=P3"]),
        form in prop::sample::select(vec![None, Some("worker")]),
        block in 1usize..1500,
    ) {
        let records: Vec<Record> = records.into_iter().map(|(n, parts)| (format!("P{n}"), parts)).collect();
        let (wide, _) = both(&records, 2, &["madre", "ts"], 1);
        let filters: Vec<Filter> = if chosen.is_empty() { Vec::new() } else { parse_filters(chosen).unwrap() };
        let form = form.map(|form| (None, form.to_owned())).into_iter().collect();
        let options = Options { filters, form, ..options(PATTERN) };
        let fast = outcome(wide.as_bytes(), &options, FAST);
        for how in [(Splitting::StateMachine, BLOCK), (Splitting::Automatic, block), (Splitting::StateMachine, block)] {
            prop_assert_eq!(&outcome(wide.as_bytes(), &options, how), &fast);
        }
        let Outcome { counts, .. } = &fast;
        prop_assert!(counts.used + counts.unanswered + counts.filtered + counts.other_form <= counts.unfolded);
    }
}

#[test]
fn rows_come_by_record_then_session_then_role() {
    let header: Vec<String> = ["10", "9", "2024-01-02", "pre"]
        .iter()
        .flat_map(|session| ["ts", "madre"].map(|role| format!("{role}.{session}")))
        .flat_map(|part| (1..=5).map(move |item| format!("arm{item}.{part}")))
        .collect();
    let text = format!("who,{}\nA,{}\n", header.join(","), vec!["4"; header.len()].join(","));
    let options = Options {
        items: vec![Pattern::parse("arm{item}.{role}.{session}").unwrap()],
        roles: ["ts", "madre"].map(|word| (word.to_owned(), "client".to_owned())).to_vec(),
        ..Options::default()
    };
    let order = |options: &Options| -> Vec<String> {
        let read = responses::read_all("w", text.as_bytes(), &[shipped("arm_5")], options).unwrap();
        (0..read.responses.rows())
            .map(|row| {
                let fold = &read.layout.folds[read.responses.fold(row)];
                format!("{} {}", fold.session.as_deref().unwrap(), fold.role.as_deref().unwrap())
            })
            .collect()
    };
    let wanted = ["9", "10", "2024-01-02", "pre"]
        .map(|session| ["ts", "madre"].map(|role| format!("{session} {role}")));
    assert_eq!(order(&options), wanted.concat());
    let mapped = Options { sessions: vec![("pre".into(), "0".into())], ..options };
    assert_eq!(order(&mapped)[..2], ["0 ts", "0 madre"]);
}

/// Two instruments may be asked on different occasions.
#[test]
fn an_instrument_may_lack_a_session_but_not_an_item() {
    let header = |instrument: &str, items: usize, sessions: &[u8]| -> Vec<String> {
        let of = |session: &u8| {
            (1..=items).map(|item| format!("{instrument}{item}_s{session}")).collect::<Vec<_>>()
        };
        sessions.iter().flat_map(of).collect()
    };
    let names = [header("wai", 12, &[1, 2]), header("arm", 5, &[2])].concat();
    let text = format!("person,{}\nA,{}\n", names.join(","), vec!["4"; names.len()].join(","));
    let options = Options {
        items: ["wai_s=wai{item}_s{session}", "arm_5=arm{item}_s{session}"]
            .map(|p| Pattern::parse(p).unwrap())
            .to_vec(),
        ..Options::default()
    };
    let instruments = [shipped("wai_s"), shipped("arm_5")];
    let score = |text: &str, how| score(text.as_bytes(), &instruments, &options, &Rules::default(), how);
    let fast = score(&text, FAST).unwrap();
    let lines: Vec<&str> = fast.table.lines().collect();
    assert!(lines[1].starts_with("A,1,") && lines[1].ends_with(",,0,0,not_answered"), "{}", lines[1]);
    assert!(lines[2].starts_with("A,2,") && lines[2].ends_with(",4,5,0,"), "{}", lines[2]);
    assert_eq!(score(&text, (Splitting::StateMachine, BLOCK)).unwrap(), fast);
    let lacking = text.replace("arm3_s2", "arm3_s3");
    assert!(score(&lacking, FAST).is_err());
}

fn run(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn the_receipt_says_what_every_column_was_taken_for() {
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("s.csv");
    let output = run(&[
        "score",
        "wai_s",
        WIDE,
        "--items",
        PATTERN,
        "--roles",
        "madre=caregiver,ts=worker",
        "-o",
        scores.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let receipt = std::fs::read_to_string(folder.path().join("s.csv.receipt.json")).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    let wide = &receipt["settings"]["wide"];
    assert_eq!(wide["rows"].as_array().unwrap().len(), 6);
    assert_eq!(wide["rows"][3]["columns"][11], "ts_wai12_s2");
    assert_eq!((&wide["rows"][3]["role"], &wide["rows"][3]["session"]), (&"ts".into(), &"2".into()));
    assert_eq!(wide["columns_not_used"], serde_json::json!(["edad", "notas"]));
    assert_eq!(receipt["settings"]["roles"]["ts"], serde_json::json!(["worker"]));
    let counts = &receipt["settings"]["counts"];
    assert_eq!((&counts["unfolded_into"], &counts["without_any_answer_skipped"]), (&24.into(), &5.into()));
    assert_eq!((&receipt["input"]["used"], &receipt["input"]["dropped"]), (&19.into(), &0.into()));
}

#[test]
fn a_row_of_a_wide_file_is_explained() {
    let output = run(&[
        "explain",
        "wai_s",
        WIDE,
        "--items",
        PATTERN,
        "--roles",
        "madre=caregiver,ts=worker",
        "--where",
        "id=F2,session=3,role=ts",
        "--scale",
        "bond",
        "--format",
        "json",
    ]);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = envelope["results"]["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["keys"]["session"]), (1, &"3".into()));
    let step = &rows[0]["scales"][0]["steps"][0];
    let text = std::fs::read_to_string(WIDE).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let column = lines[0].iter().position(|name| *name == step["column"].as_str().unwrap()).unwrap();
    assert_eq!(lines[0][column], "ts_wai03_s3");
    assert_eq!(step["cell"], lines[2][column]);
}

/// A wide file is unfolded in memory that does not grow with its rows.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_rows() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["score", "wai_s", "-", "--items", "wai{item}_s{session}", "--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let names: Vec<String> =
        (1..=40).flat_map(|session| (1..=12).map(move |item| format!("wai{item:02}_s{session}"))).collect();
    writeln!(stdin, "id,{}", names.join(",")).unwrap();
    let row = format!("P1,{}\n", vec!["4"; 480].join(","));
    let mut peaks = BTreeMap::new();
    for written in 1..=16_000 {
        stdin.write_all(row.as_bytes()).unwrap();
        if [8_000, 16_000].contains(&written) {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().to_owned();
            peaks.insert(written, peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap());
        }
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Twice the rows, 7.7 MB more, 320,000 rows more after unfolding. A buffer that a thread first needs late is a few
    // hundred kB; to keep the rows would take ten thousand.
    assert!(peaks[&16_000] < peaks[&8_000] + 5_000, "{peaks:?}");
}
