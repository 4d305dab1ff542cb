//! An audit does not depend on threads, blocks or the order of the rows, and counts keys as a plain table of them does.

use std::collections::BTreeMap;

use alliance_metrics::audit::{Audit, Audited, Auditor, Config, Start};
use alliance_metrics::finding::{Code, Findings};
use alliance_metrics::responses::{
    self, Block, BlockReader, Counts, Layout, Options, Responses, Said, Splitting,
};
use alliance_metrics::scoring::{Plan, Rules};
use proptest::prelude::*;

use crate::common::shipped;

/// Audits a text read in blocks of some size by several auditors, which take the blocks in turn.
fn audit(text: &str, instrument: &str, block: usize, auditors: usize) -> Audited {
    let table =
        responses::open("test.csv", text.as_bytes(), &Said::default()).unwrap_or_else(|_| panic!("{text}"));
    let (instrument, options) = (shipped(instrument), Options::default());
    let layout = Layout::new("test.csv", &table.header, &table.dialect, &[instrument], &options).unwrap();
    let (rules, config) = (Rules::default(), Config::default());
    let plan = Plan::new(&layout, &rules).unwrap();
    let audit = Audit::new(std::slice::from_ref(&layout), &plan, &rules, &config).unwrap();
    let mut reader = BlockReader::new(&layout, Splitting::Automatic);
    let mut blocks = table.blocks.with_block_size(block);
    let mut hands: Vec<Auditor> = (0..auditors).map(|_| audit.auditor()).collect();
    let (mut one, mut batch, mut counts) = (Block::default(), Responses::default(), Counts::default());
    let mut starts = Vec::new();
    for number in 0.. {
        if !blocks.next_block(&mut one).unwrap_or_else(|_| panic!("{text}")) {
            break;
        }
        starts.push(Start { file: 0, records: counts.records, lines: table.header_lines + counts.lines });
        counts.merge(&reader.read(&mut one, &mut batch, &mut Findings::new()));
        hands[number % auditors].add(number as u64, &batch);
    }
    let gathered = hands.into_iter().map(Auditor::gathered).collect();
    audit.finish(gathered, &counts, &starts)
}

const HEADER: &str =
    "dyad,role,session,rater,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12";

/// Rows with few different keys, so that many repeat; long names and words for sessions among them.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let dyad = prop::sample::select(vec!["1", "2", "17", "A-1", "dyad number 12", "dyad number 13", ""]);
    let role = prop::sample::select(vec!["caregiver", "Caregiver", "worker"]);
    let session = prop::sample::select(vec!["1", "2", "02", "3.0", "9", "last", "2025-03-04", ""]);
    let rater = prop::sample::select(vec!["R1", "R2"]);
    let answer = prop_oneof![9 => (1..=7u8).prop_map(|x| x.to_string()), 1 => Just(String::new())];
    let row = (dyad, role, session, rater, prop::collection::vec(answer, 12)).prop_map(
        |(dyad, role, session, rater, answers)| {
            format!("{dyad},{role},{session},{rater},{}", answers.join(","))
        },
    );
    prop::collection::vec(row, 1..120)
}

fn text(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// Everything but the places: what must not depend on the order of the rows.
fn without_places(audited: &Audited) -> serde_json::Value {
    let mut value = serde_json::to_value(audited).unwrap();
    value["most_missing"].take(); // of equals the first
    value["counts"] = serde_json::to_value(audited.findings.counts()).unwrap();
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn blocks_and_threads_do_not_matter(rows in rows(), block in 60..4000usize, auditors in 1..4usize) {
        let (one, other) = (audit(&text(&rows), "wai_s", 1 << 20, 1), audit(&text(&rows), "wai_s", block, auditors));
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
        prop_assert_eq!(one.findings, other.findings);
    }

    #[test]
    fn the_order_of_rows_matters_for_places_alone(rows in rows(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        let mut stream = alliance_metrics::numeric::random::Stream::new(seed, 0);
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, stream.below(at as u64 + 1) as usize);
        }
        let (mut one, mut other) = (
            without_places(&audit(&text(&rows), "wai_s", 1 << 20, 1)),
            without_places(&audit(&text(&shuffled), "wai_s", 1 << 20, 1)),
        );
        for value in [&mut one, &mut other] {
            // Order is what this is about.
            value["counts"].as_object_mut().unwrap().remove("session_disorder");
            // Of rows with one key the first counts.
            value["attendance"]["sessions"].take();
            value["attendance"]["informants_with_missing"].take();
            value["attendance"]["informants_missing"].take();
        }
        prop_assert_eq!(one, other);
    }

    #[test]
    fn repeated_keys_are_those_of_a_plain_table(rows in rows()) {
        let audited = audit(&text(&rows), "wai_s", 500, 2);
        let mut table: BTreeMap<Vec<String>, Vec<u64>> = BTreeMap::new();
        for (line, row) in (2..).zip(&rows) {
            let mut key: Vec<String> = row.split(',').take(4).map(str::to_owned).collect();
            if key[0].is_empty() || key[2].is_empty() {
                continue;
            }
            key[1] = key[1].to_lowercase();
            if let Ok(number) = key[2].parse::<f64>() {
                key[2] = number.to_string();
            }
            table.entry(key).or_default().push(line);
        }
        let mut later: Vec<u64> = table.values().flat_map(|lines| lines[1..].to_vec()).collect();
        later.sort_unstable();
        let mut found: Vec<u64> = audited
            .findings
            .kept()
            .iter()
            .filter(|finding| matches!(finding.code, Code::DuplicateKey | Code::RoleSwapped))
            .filter_map(|finding| finding.place.line)
            .collect();
        found.sort_unstable();
        prop_assert_eq!(found, later);
    }
}

#[test]
fn a_large_file_gives_the_same_with_any_number_of_threads() {
    let mut file = format!("{HEADER}\n");
    let mut stream = alliance_metrics::numeric::random::Stream::new(5, 0);
    for row in 0..20_000u64 {
        let answers: Vec<String> = (0..12).map(|_| (1 + stream.below(7)).to_string()).collect();
        let role = if row % 2 == 0 { "caregiver" } else { "worker" };
        file += &format!(
            "dyad {},{role},{},R1,{}\n",
            row / 7919 * 100 + row % 97,
            row / 2 % 13,
            answers.join(",")
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    std::fs::write(&path, file).unwrap();
    let run = |threads: &str| {
        let path = path.to_str().unwrap();
        super::alliance(&["check", "wai_s", path, "--threads", threads, "--format", "json"]).stdout
    };
    let one = run("1");
    assert!(one.len() > 10_000 && one == run("2") && one == run("7"));
}
