//! Is scoring mathematically itself? Property tests; all randomness comes from the strategies.

use alliance_metrics::numeric::ExactSum;
use alliance_metrics::responses::{MissingCodes, OnInvalid, Options, Splitting};
use alliance_metrics::scoring::{As, MinAnswered, Rules};
use proptest::prelude::*;

use crate::common::{Outcome, score, score_text, shipped};

const BLOCK: usize = alliance_metrics::responses::BLOCK;

/// Cells as they occur in real files, the strange ones rarer.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        30 => (1..=7u8).prop_map(|digit| digit.to_string()),
        4 => Just(String::new()),
        1 => prop::sample::select(vec![
            "NA", "n/a", ".", " 4 ", "5.0", "5,0", "+3", "\u{2212}2", "8", "0", "3.5", "often", "99", "\"6\"", "\"7", "6\"",
            "\t3", "é", "1e0", "07", "-1",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Keys as they occur in real files.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..40u8).prop_map(|n| format!("P{n}")),
        1 => prop::sample::select(vec!["", " x ", "Ana María", "\"a,b\"", "\"line\nbreak\"", "say \"\"", "\"q\"\"q\""])
            .prop_map(str::to_owned),
    ]
}

/// Bytes of which nearly sound files are made.
const NEAR: &[u8] = b"1234567,,,\n\r\"P; .";

fn role() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["caregiver", "worker", "mother", "Worker ", "client", "judge"])
}

const WAI_S: &str =
    "person,role,session,note,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12";

fn row(cells: &[String], key: &str, role: &str, session: u8) -> String {
    format!("{key},{role},{session},n,{}", cells.join(","))
}

/// Sound rows of the WAI-S: nothing that would be refused.
fn sound_rows(most: usize) -> impl Strategy<Value = Vec<String>> {
    let answer = prop_oneof![12 => (1..=7u8).prop_map(|d| d.to_string()), 1 => Just(String::new()), 1 => Just("NA".to_owned())];
    let one = (prop::collection::vec(answer, 12), 0..500u16, role(), 1..20u8)
        .prop_map(|(cells, person, role, session)| row(&cells, &format!("P{person}"), role, session));
    prop::collection::vec(one, 1..most)
}

fn text(rows: &[String]) -> String {
    format!("{WAI_S}\n{}\n", rows.join("\n"))
}

fn lenient() -> Options {
    Options {
        on_invalid: OnInvalid::Missing,
        missing_codes: MissingCodes::new(vec!["99".into()]),
        keep: vec!["note".into()],
        ..Options::default()
    }
}

fn run(bytes: &[u8], options: &Options, how: (Splitting, usize)) -> Option<Outcome> {
    score(bytes, &[shipped("wai_s")], options, &Rules::default(), how).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The fast path and the state machine agree on files that are nearly right, in any block size.
    #[test]
    fn fast_and_careful_paths_agree_on_near_misses(
        rows in prop::collection::vec((prop::collection::vec(cell(), 11..14), key(), role(), 1..9u8), 0..12),
        ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r", ",\n", ""]), 12),
        block in 1usize..400,
    ) {
        let mut text = format!("{WAI_S}\n");
        for ((cells, key, role, session), end) in rows.iter().zip(&ends) {
            text += &row(cells, key, role, *session);
            text += end;
        }
        let fast = run(text.as_bytes(), &lenient(), (Splitting::Automatic, BLOCK));
        prop_assert_eq!(&fast, &run(text.as_bytes(), &lenient(), (Splitting::StateMachine, BLOCK)));
        prop_assert_eq!(&fast, &run(text.as_bytes(), &lenient(), (Splitting::Automatic, block)));
        prop_assert_eq!(&fast, &run(text.as_bytes(), &lenient(), (Splitting::StateMachine, block)));
    }

    /// … and on any bytes at all behind a sound header.
    #[test]
    fn fast_and_careful_paths_agree_on_any_bytes(
        tail in prop::collection::vec(prop_oneof![4 => any::<u8>(), 6 => prop::sample::select(NEAR.to_vec())], 0..400),
        block in 1usize..200,
    ) {
        let mut bytes = format!("{WAI_S}\n").into_bytes();
        bytes.extend_from_slice(&tail);
        let fast = run(&bytes, &lenient(), (Splitting::Automatic, BLOCK));
        prop_assert_eq!(&fast, &run(&bytes, &lenient(), (Splitting::StateMachine, BLOCK)));
        prop_assert_eq!(&fast, &run(&bytes, &lenient(), (Splitting::Automatic, block)));
    }

    /// Whatever the bytes: an outcome or an error, never a panic.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = run(&bytes, &Options::default(), (Splitting::Automatic, BLOCK));
    }

    /// Scores of one row do not depend on the others, and their order is that of the input.
    #[test]
    fn rows_do_not_see_each_other(rows in sound_rows(20), swap in any::<prop::sample::Index>()) {
        let whole = run(text(&rows).as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK)).unwrap();
        let lines: Vec<&str> = whole.table.lines().skip(1).collect();
        prop_assert_eq!(lines.len(), rows.len());
        for (row, line) in rows.iter().zip(&lines) {
            let alone = run(text(std::slice::from_ref(row)).as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK));
            let table = alone.unwrap().table;
            prop_assert_eq!(table.lines().nth(1).unwrap(), *line);
        }
        let mut turned = rows.clone();
        turned.rotate_left(swap.index(rows.len()));
        turned.reverse();
        let other = run(text(&turned).as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK)).unwrap();
        prop_assert_eq!(other.summaries, whole.summaries);
    }

    /// The order of the columns does not matter.
    #[test]
    fn columns_may_stand_in_any_order(rows in sound_rows(8), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..16).collect();
        order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1) >> 13);
        let turn = |line: &str| -> String {
            let fields: Vec<&str> = line.split(',').collect();
            order.iter().map(|at| fields[*at]).collect::<Vec<_>>().join(",")
        };
        let whole = text(&rows);
        let turned: Vec<String> = whole.lines().map(turn).collect();
        let a = run(text(&rows).as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK)).unwrap();
        let b = run(turned.join("\n").as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK)).unwrap();
        prop_assert_eq!(a.summaries, b.summaries);
    }

    /// Turning every answer round (min + max − x) turns the scores round, twice gives them back, and they stay in range.
    #[test]
    fn reversal_twice_is_identity(cells in prop::collection::vec(1..=7u8, 12)) {
        let one = |cells: &[u8]| {
            let cells: Vec<String> = cells.iter().map(u8::to_string).collect();
            let outcome = run(text(&[row(&cells, "P1", "worker", 1)]).as_bytes(), &Options::default(), (Splitting::Automatic, BLOCK));
            outcome.unwrap().summaries.iter().map(|s| s.mean.unwrap()).collect::<Vec<f64>>()
        };
        let turned: Vec<u8> = cells.iter().map(|x| 8 - x).collect();
        let back: Vec<u8> = turned.iter().map(|x| 8 - x).collect();
        for ((score, other), again) in one(&cells).into_iter().zip(one(&turned)).zip(one(&back)) {
            prop_assert!((1.0..=7.0).contains(&score));
            prop_assert!((score + other - 8.0).abs() < 1e-12);
            prop_assert_eq!(score, again);
        }
    }

    /// Sum, mean and percent of the maximum are one score in three units, gaps or not.
    #[test]
    fn three_kinds_of_score_agree(rows in sound_rows(6), percent in 20..=100u8) {
        let of = |kind| {
            let rules = Rules { kind: Some(kind), min_answered: Some(MinAnswered::Percent(f64::from(percent))), ..Rules::default() };
            score_text(&text(&rows), "wai_s", &Options::default(), &rules).unwrap().summaries
        };
        for ((mean, sum), pomp) in of(As::Mean).iter().zip(of(As::Sum)).zip(of(As::Pomp)) {
            prop_assert_eq!((mean.n, mean.prorated), (sum.n, pomp.prorated));
            if let (Some(mean_of), Some(sum_of), Some(pomp_of)) = (mean.mean, sum.mean, pomp.mean) {
                prop_assert!((sum_of - mean.k as f64 * mean_of).abs() < 1e-9);
                prop_assert!((pomp_of - 100.0 * (mean_of - 1.0) / 6.0).abs() < 1e-9);
                prop_assert!((0.0..=100.0).contains(&pomp_of));
            }
        }
    }

    /// A stricter missing rule never gives a score where a laxer one has none, and what both give is the same.
    #[test]
    fn a_stricter_rule_only_takes_away(rows in sound_rows(6), a in 1..=4usize, b in 1..=4usize) {
        let of = |count: usize| {
            let rules = Rules { min_answered: Some(MinAnswered::Count(count)), ..Rules::default() };
            score_text(&text(&rows), "wai_s", &Options::default(), &rules).unwrap().table
        };
        let (lax, strict) = (of(a.min(b)), of(a.max(b)));
        for (lax, strict) in lax.lines().zip(strict.lines()).skip(1) {
            for (lax, strict) in lax.split(',').zip(strict.split(',')).skip(4).step_by(4) {
                prop_assert!(strict.is_empty() || strict == lax);
            }
        }
    }

    /// Exact sums know no order and no grouping.
    #[test]
    fn exact_sums_know_no_order(terms in prop::collection::vec(-1e12f64..1e12, 0..40), at in any::<prop::sample::Index>()) {
        let sum = |terms: &[f64]| {
            let mut sum = ExactSum::default();
            terms.iter().for_each(|term| sum.add(*term));
            sum
        };
        let whole = sum(&terms);
        let cut = at.index(terms.len() + 1);
        let mut parts = sum(&terms[cut..]);
        parts.merge(&sum(&terms[..cut]));
        prop_assert_eq!(parts.value(), whole.value());
        parts.merge(&ExactSum::default());
        prop_assert_eq!(parts.value(), whole.value());
        let mut backwards = terms.clone();
        backwards.reverse();
        prop_assert_eq!(sum(&backwards).value(), whole.value());
    }
}
