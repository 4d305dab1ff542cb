//! How answers were given: laws, files as people have them, and what is missing from them.

use alliance_metrics::moments::{ItemMatrix, Missing, Moments};
use alliance_metrics::quality::{
    FormAnswers, FormScale, Line, Mark, PrintedItem, QualityConfig, distances, guttman_errors, item_ends,
    longest_sequence, missingness, quality, runs, spread, straight_line,
};
use alliance_metrics::reliability::Allowed;
use alliance_metrics::statistic::Reason;
use assert_cmd::Command;
use proptest::prelude::*;
use serde_json::Value;

const GAP: f64 = f64::NAN;

fn key(reversed: bool) -> PrintedItem {
    let points = (1..=5).map(f64::from).collect();
    PrintedItem { reversed, allowed: Allowed { bounds: Some([1.0, 5.0]), points } }
}

/// Answers to items of five points, some of them reversed, in one scale.
fn form(rows: &[Vec<f64>], reversed: &[bool]) -> FormAnswers {
    let k = reversed.len();
    let ids: Vec<String> = (1..=k).map(|j| format!("i{j}")).collect();
    let turned =
        |row: &Vec<f64>| row.iter().zip(reversed).map(|(x, r)| if *r { 6.0 - x } else { *x }).collect();
    let scored: Vec<Vec<f64>> = rows.iter().map(turned).collect();
    FormAnswers::new(
        ItemMatrix::from_rows(ids.clone(), rows),
        ItemMatrix::from_rows(ids, &scored),
        reversed.iter().map(|r| key(*r)).collect(),
        vec![FormScale { id: "all".to_owned(), items: (0..k).collect() }],
    )
}

/// Persons by six items of five points, a seventh of the cells missing.
fn answers() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let cell = prop_oneof![6 => (1u8..=5).prop_map(f64::from), 1 => Just(GAP)];
    proptest::collection::vec(proptest::collection::vec(cell, 6), 1..30)
}

proptest! {
    // Covariances of highest likelihood are slow where few persons have many gaps.
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn every_index_stays_where_it_can_be(rows in answers()) {
        let answers = form(&rows, &[false, true, false, false, true, false]);
        for missing in [Missing::Listwise, Missing::Pairwise, Missing::Em] {
            let found = quality(&answers, &QualityConfig { missing, ..QualityConfig::default() });
            prop_assert_eq!(found.persons.len(), rows.len());
            for (person, row) in found.persons.iter().zip(&rows) {
                prop_assert_eq!(person.answered + person.missing, 6);
                prop_assert_eq!(person.runs.is_err(), person.answered == 0);
                if let Ok(runs) = person.runs {
                    prop_assert!((1..=person.answered).contains(&runs.longest.length));
                    prop_assert!(runs.average >= 1.0 && runs.average <= runs.longest.length as f64);
                    prop_assert_eq!(row[runs.longest.first], runs.longest.value);
                }
                for r in [person.even_odd, person.synonyms, person.antonyms, person.with_others].into_iter().flatten() {
                    prop_assert!((-1.0..=1.0).contains(&r));
                }
                prop_assert!(person.spread.ok().is_none_or(|sd| (0.0..3.0).contains(&sd)));
                prop_assert!(person.distance.ok().is_none_or(|d| d.d2 >= 0.0 && (0.0..=1.0).contains(&d.p)));
                prop_assert!(person.guttman.is_ok() == (person.answered > 0));
                if let Ok(guttman) = person.guttman {
                    prop_assert!(guttman.normed.is_none_or(|share| (0.0..=1.0).contains(&share)));
                    prop_assert!(guttman.normed.is_some() || guttman.errors == 0);
                }
            }
        }
        let gaps = missingness(&answers.ticked);
        prop_assert_eq!(gaps.patterns.iter().map(|pattern| pattern.n).sum::<usize>(), rows.len());
        prop_assert_eq!(gaps.missing, rows.iter().flatten().filter(|x| x.is_nan()).count());
        prop_assert_eq!(gaps.little.is_none(), gaps.little_reason.is_some());
    }
}

proptest! {
    #[test]
    fn order_of_persons_does_not_matter(rows in answers()) {
        let reversed = [false, true, false, false, true, false];
        let mut turned = rows.clone();
        turned.reverse();
        let (a, b) = (form(&rows, &reversed), form(&turned, &reversed));
        let config = QualityConfig::default();
        let (a, mut b) = (quality(&a, &config), quality(&b, &config));
        b.persons.reverse();
        for (x, y) in a.persons.iter().zip(&b.persons) {
            prop_assert_eq!((x.runs, &x.sequence, x.line, x.spread), (y.runs, &y.sequence, y.line, y.spread));
            prop_assert_eq!((&x.marks, x.guttman, x.autocorrelation), (&y.marks, y.guttman, y.autocorrelation));
        }
    }

    /// Distances of complete persons sum to (n − 1) k, and no reversal moves them.
    #[test]
    fn distances_share_out_the_degrees_of_freedom(rows in proptest::collection::vec(
        proptest::collection::vec((1u8..=5).prop_map(f64::from), 4), 8..40,
    )) {
        let answers = form(&rows, &[true, false, true, false]);
        let of = |data: &ItemMatrix| -> Option<Vec<f64>> {
            let found = distances(data, &Moments::listwise(data).unwrap());
            found.into_iter().map(|found| found.ok().map(|found| found.d2)).collect()
        };
        if let (Some(ticked), Some(scored)) = (of(&answers.ticked), of(&answers.scored)) {
            let sum: f64 = ticked.iter().sum();
            prop_assert!((sum / ((rows.len() - 1) * 4) as f64 - 1.0).abs() < 1e-8, "{}", sum);
            prop_assert!(ticked.iter().zip(&scored).all(|(a, b)| (a - b).abs() < 1e-6 * a.max(1.0)));
        }
    }

    /// The sequence that is found repeats, and none that repeats is longer.
    #[test]
    fn sequences_are_the_longest_that_repeat(answers in proptest::collection::vec((1u8..=3).prop_map(f64::from), 2..14)) {
        let k = answers.len();
        let repeats = |first: usize, length: usize, period: usize| {
            (first..first + length - period).all(|j| answers[j] == answers[j + period])
                && answers[first..first + period].iter().any(|x| *x != answers[first])
        };
        let mut longest = 0;
        for period in 2..=k / 2 {
            for first in 0..k {
                for length in 2 * period..=k - first {
                    if repeats(first, length, period) {
                        longest = longest.max(length);
                    }
                }
            }
        }
        let found = longest_sequence(&answers);
        prop_assert_eq!(found.as_ref().map_or(0, |found| found.length), longest);
        if let Some(found) = found {
            prop_assert!(repeats(found.first, found.length, found.period));
            prop_assert_eq!(&found.repeated[..], &answers[found.first..found.first + found.period]);
        }
    }

    /// Repeating a person's answers doubles no run that a gap divides.
    #[test]
    fn gaps_break_runs(value in 1u8..=5, before in 1usize..5, after in 1usize..5) {
        let value = f64::from(value);
        let row: Vec<f64> =
            std::iter::repeat_n(value, before).chain([GAP]).chain(std::iter::repeat_n(value, after)).collect();
        let found = runs(&row).unwrap();
        prop_assert_eq!(found.longest.length, before.max(after));
        prop_assert_eq!(found.average, (before + after) as f64 / 2.0);
    }
}

#[test]
fn lines_are_told_apart() {
    let items = |reversed: &[bool]| reversed.iter().map(|r| key(*r)).collect::<Vec<_>>();
    let line = |row: &[f64], reversed: &[bool]| {
        let scored: Vec<f64> = row.iter().zip(reversed).map(|(x, r)| if *r { 6.0 - x } else { *x }).collect();
        straight_line(row, &scored, &items(reversed))
    };
    let (mixed, plain) = ([false, true, false, false], [false; 4]);
    assert_eq!(line(&[5.0; 4], &mixed), Some(Line::AgainstReversed));
    assert_eq!(line(&[5.0; 4], &plain), Some(Line::Ceiling));
    assert_eq!(line(&[5.0, 1.0, 5.0, 5.0], &mixed), Some(Line::Ceiling));
    assert_eq!(line(&[1.0, 5.0, 1.0, 1.0], &mixed), Some(Line::Floor));
    assert_eq!(line(&[1.0; 4], &plain), Some(Line::Floor));
    assert_eq!(line(&[1.0; 4], &[true; 4]), Some(Line::Ceiling));
    assert_eq!(line(&[3.0; 4], &mixed), Some(Line::Middle));
    assert_eq!(line(&[3.0; 4], &plain), Some(Line::SameAnswer));
    assert_eq!(line(&[4.0, 2.0, 4.0, 4.0], &mixed), Some(Line::SameScore));
    assert_eq!(line(&[4.0, 2.0, 4.0, 5.0], &mixed), None);
    // A gap in the only reversed item leaves nothing to contradict; two answers are no line.
    assert_eq!(line(&[5.0, GAP, 5.0, 5.0], &mixed), Some(Line::Ceiling));
    assert_eq!(line(&[5.0, 5.0, GAP, GAP], &mixed), None);
}

#[test]
fn marks_follow_their_rules() {
    let of = |row: &[f64], reversed: &[bool]| {
        // Others, so that there are distances at all.
        let mut rows = vec![row.to_vec()];
        rows.extend(
            (0..40).map(|i| (0..row.len()).map(|j| (1 + (i * 7 + j * j * 3 + i * j) % 5) as f64).collect()),
        );
        quality(&form(&rows, reversed), &QualityConfig::default()).persons[0].marks.clone()
    };
    let plain = [false; 12];
    let mixed: Vec<bool> = (0..12).map(|j| j % 3 == 2).collect();
    let row = |pattern: &[f64]| -> Vec<f64> { pattern.iter().copied().cycle().take(12).collect() };
    assert!(of(&row(&[4.0]), &plain).contains(&Mark::LongRun));
    assert!(of(&row(&[4.0]), &mixed).contains(&Mark::RunAgainstReversed));
    assert!(!of(&row(&[3.0]), &mixed).contains(&Mark::RunAgainstReversed));
    assert!(of(&row(&[1.0, 2.0, 3.0]), &plain).contains(&Mark::LongSequence));
    // Five, five, one is the key's own sequence.
    assert!(of(&row(&[5.0, 5.0, 1.0]), &plain).contains(&Mark::LongSequence));
    assert!(!of(&row(&[5.0, 5.0, 1.0]), &mixed).contains(&Mark::LongSequence));
    let ordinary = [4.0, 5.0, 3.0, 4.0, 4.0, 2.0, 5.0, 4.0, 3.0, 3.0, 5.0, 4.0];
    assert_eq!(of(&ordinary, &plain), []);
}

#[test]
fn what_cannot_be_had_says_why() {
    let config = QualityConfig::default();
    let reasons = |rows: &[Vec<f64>]| {
        let found = quality(&form(rows, &[false, true, false]), &config);
        (
            found.reason,
            found.persons[0].distance.err(),
            found.persons[0].with_others.err(),
            found.persons[0].even_odd.err(),
        )
    };
    let too_few = Some(Reason::TooFew);
    // One person.
    assert_eq!(reasons(&[vec![1.0, 2.0, 3.0]]), (too_few, too_few, too_few, too_few));
    // Nobody answered anything.
    let none = Some(Reason::AllMissing);
    assert_eq!(reasons(&[vec![GAP; 3], vec![GAP; 3]]), (too_few, too_few, none, too_few));
    // A constant item, and persons not more than items.
    let constant = [vec![1.0, 2.0, 3.0], vec![2.0, 2.0, 1.0], vec![3.0, 2.0, 2.0], vec![4.0, 2.0, 5.0]];
    assert_eq!(reasons(&constant).1, Some(Reason::Singular));
    assert_eq!(reasons(&constant[..2]).1, Some(Reason::Singular));
    // An item that nobody answered: nobody is complete.
    let unanswered = [vec![1.0, GAP, 3.0], vec![2.0, GAP, 1.0], vec![3.0, GAP, 2.0]];
    assert_eq!(reasons(&unanswered).0, too_few);
    let answers = form(&unanswered, &[false, true, false]);
    assert_eq!((item_ends(&answers)[1].n, item_ends(&answers)[1].floor), (0, None));
    let gaps = missingness(&answers.ticked);
    assert_eq!(gaps.little_reason, Some(Reason::AllMissing));
    assert!(gaps.little_message.unwrap().contains("i2"));
    assert_eq!(spread(&[GAP, 4.0]), Err(Reason::TooFew));
    // Counts have neither ends nor steps.
    let data = ItemMatrix::from_rows(vec!["n".into()], &[vec![0.0], vec![12.0]]);
    let counts = FormAnswers::new(data.clone(), data, vec![PrintedItem::default()], vec![]);
    assert_eq!(guttman_errors(&counts.scored, &counts.items)[0], Err(Reason::NotApplicable));
    assert_eq!(item_ends(&counts)[0].ceiling, None);
}

fn run(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("alliance").unwrap().current_dir(env!("CARGO_MANIFEST_DIR")).args(args).assert()
}

#[track_caller]
fn json(args: &[&str]) -> Value {
    let output =
        run(&[&["quality"], args, &["--format", "json"]].concat()).code(0).get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

/// Writes a file of answers to the WAI-S: dyad, role, twelve answers.
fn wai(folder: &tempfile::TempDir, rows: &[(&str, &str)]) -> String {
    let items: Vec<String> = (1..=12).map(|j| format!("wai_{j}")).collect();
    let mut text = format!("dyad,role,{}\n", items.join(","));
    for (dyad, answers) in rows {
        text += &format!("{dyad},caregiver,{answers}\n");
    }
    let path = folder.path().join("answers.csv");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn straight_lines_in_a_file_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    // Items 4 and 10 of the WAI-S are reversed.
    let file = wai(
        &folder,
        &[
            ("a", "7,7,7,7,7,7,7,7,7,7,7,7"),
            ("b", "7,7,7,1,7,7,7,7,7,1,7,7"),
            ("c", "4,4,4,4,4,4,4,4,4,4,4,4"),
            ("d", "1,2,3,1,2,3,1,2,3,1,2,3"),
            ("e", "6,5,6,2,5,6,7,6,5,3,6,6"),
            ("f", "5,6,6,2,5,6,7,,,,,"),
        ],
    );
    let found = json(&["wai_s", &file]);
    let form = &found["results"]["forms"][0];
    let persons = form["persons"].as_array().unwrap();
    let lines: Vec<&Value> = persons.iter().map(|person| &person["line"]).collect();
    let none = Value::Null;
    assert_eq!(
        lines,
        [&Value::from("against_reversed"), &"ceiling".into(), &"middle".into(), &none, &none, &none]
    );
    assert_eq!(persons[0]["marks"][0], "run_against_reversed");
    assert_eq!(persons[1]["marks"], serde_json::json!([]));
    assert_eq!(persons[3]["marks"][0], "long_sequence");
    assert_eq!(persons[3]["sequence"]["repeated"], serde_json::json!([1.0, 2.0, 3.0]));
    assert_eq!(persons[3]["autocorrelation_lag"], 3);
    assert_eq!((&form["missing"]["stopped_early"], &form["missing"]["complete"]), (&1.into(), &5.into()));
    assert_eq!(persons[5]["missing"], 5);
    assert_eq!(form["items"][3]["reversed"], true);
    let notes = found["notes"].to_string();
    for code in
        ["line_against_reversed", "line_at_ceiling", "no_distances", "described_only", "even_odd_weak"]
    {
        assert!(notes.contains(code), "{code}: {notes}");
    }

    // The same answer sheets, typed in with items 4 and 10 reversed already.
    let file = wai(&folder, &[("a", "7,7,7,1,7,7,7,7,7,1,7,7"), ("b", "7,7,7,7,7,7,7,7,7,7,7,7")]);
    let found = json(&["wai_s", &file, "--already-reversed", "4,10"]);
    let lines: Vec<&Value> =
        found["results"]["forms"][0]["persons"].as_array().unwrap().iter().map(|p| &p["line"]).collect();
    assert_eq!(lines, [&Value::from("against_reversed"), &"ceiling".into()]);
}

#[test]
fn bad_files_leave_what_can_be_had() {
    let folder = tempfile::tempdir().unwrap();
    for rows in [
        vec![("a", "7,6,5,4,3,2,1,2,3,4,5,6")],
        vec![("a", "7,6,5,4,3,2,1,2,3,4,5,6"), ("b", ",,,,,,,,,,,1")],
        vec![("a", "7,7,7,7,7,7,7,7,7,7,7,7"), ("b", "7,7,7,7,7,7,7,7,7,7,7,7")],
        vec![
            ("a", ",6,5,4,3,2,1,2,3,4,5,6"),
            ("b", ",1,2,3,4,5,6,7,6,5,4,3"),
            ("c", ",1,1,1,4,5,6,7,6,5,4,3"),
        ],
    ] {
        let n = rows.len();
        let file = wai(&folder, &rows);
        let found = json(&["wai_s", &file]);
        let form = &found["results"]["forms"][0];
        assert_eq!(form["persons"].as_array().unwrap().len(), n);
        assert!(form["persons"][0]["longest_run"].is_number());
        assert_eq!(form["items"].as_array().unwrap().len(), 12);
        assert!(form["persons"][0]["reasons"]["distance"].is_string());
        for format in ["text", "csv", "markdown", "html"] {
            for missing in ["listwise", "pairwise", "em"] {
                run(&["quality", "wai_s", &file, "--all", "--missing", missing, "--format", format]).code(0);
            }
        }
    }
    // Nothing answered at all.
    let file = wai(&folder, &[("a", ",,,,,,,,,,,")]);
    let found = json(&["wai_s", &file]);
    let form = &found["results"]["forms"][0];
    assert_eq!((&form["missing"]["without_any"], &form["items"][0]["n"]), (&1.into(), &0.into()));
    assert_eq!(form["persons"][0]["reasons"]["spread"], "all_missing");
    for (args, says) in [
        (["--long", "0"], "write a share such as 0.5"),
        (["--synonyms", "1.2"], "write a share such as 0.5"),
        (["--scale", "tsak"], "did you mean `task`?"),
    ] {
        let file = "examples/child_protection/answers.csv";
        let error = run(&["quality", "wai_s", file, args[0], args[1]]).code(2).get_output().stderr.clone();
        let error = String::from_utf8(error).unwrap();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn gaps_of_a_file_are_those_of_lavaan() {
    let theirs = crate::reference::expected("missingness.json");
    let ours = json(&["tests/cli/bfi.toml", "tests/reference/data/bfi.csv"]);
    let form = &ours["results"]["forms"][0];
    let number = |value: &Value| value.as_f64().unwrap();
    let close = |what: &str, ours: &Value, theirs: &Value, tolerance: f64| {
        crate::reference::close(what, number(ours), number(theirs), tolerance);
    };
    assert_eq!(form["missing"]["little"]["df"], theirs["df"]);
    assert_eq!(form["missing"]["little"]["n"], theirs["n"]);
    assert_eq!(form["missing"]["little"]["patterns"], theirs["patterns"]);
    close("d²", &form["missing"]["little"]["statistic"], &theirs["little_d2_ml_covariance"], 1e-6);
    close("p", &form["missing"]["little"]["p"], &theirs["p"], 1e-6);
    for j in 0..25 {
        close("mean", &form["em"]["mean"][j], &theirs["em_mean"][j], 1e-4);
        for l in 0..25 {
            close("covariance", &form["em"]["covariance"][j][l], &theirs["em_cov"][j][l], 1e-4);
        }
    }
}

#[test]
fn every_id_of_quality_is_in_the_manual() {
    let manual = include_str!("../docs/RELIABILITY.md");
    let ids = Line::ALL.map(Line::id).into_iter().chain(Mark::ALL.map(Mark::id));
    for id in ids {
        assert!(manual.contains(&format!("`{id}`")), "docs/RELIABILITY.md does not name `{id}`");
    }
}

#[test]
fn short_forms_and_few_persons_are_not_marked_for_nothing() {
    let rows = [
        [10.0, 10.0, 10.0, 10.0],
        [9.5, 9.8, 10.0, 10.0],
        [8.2, 7.9, 9.0, 8.8],
        [5.0, 5.0, 5.0, 5.0],
        [GAP, 9.0, 8.0, 7.0],
        [3.2, 9.9, 1.0, 8.0],
        [6.0, 7.0, 5.0, 6.5],
    ];
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    let found = quality(&form(&rows, &[false; 4]), &QualityConfig::default());
    let marks: Vec<&[Mark]> = found.persons.iter().map(|person| person.marks.as_slice()).collect();
    let (line, none): (&[Mark], &[Mark]) = (&[Mark::LongRun], &[]);
    assert_eq!(marks, [line, none, none, line, none, none, none]);
    // The person with a gap is far by chi-square, and six complete persons are no yardstick for it.
    assert!(found.persons[4].distance.unwrap().p < 0.05);
}
