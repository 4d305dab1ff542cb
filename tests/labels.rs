//! Are answers in words the answers they stand for?

use std::process::Command;
use std::sync::Arc;

use alliance_metrics::instrument::Instrument;
use alliance_metrics::responses::{BLOCK, Labels, Options, Splitting};
use alliance_metrics::scoring::Rules;
use proptest::prelude::*;
use serde_json::Value;

use crate::common::{score, shipped};

const WORDS: [&str; 7] =
    ["Nunca", "Rara vez", "De vez en cuando", "A veces", "A menudo", "Muy a menudo", "Siempre"];

fn labels() -> Labels {
    let lines = WORDS.iter().enumerate().map(|(at, word)| format!("{},{word}\n", at + 1));
    let text = format!("value,label\n{}", lines.collect::<String>());
    Labels::parse("labels.csv", text.as_bytes()).unwrap()
}

/// An answer, in one of the ways in which it may be written.
fn written(answer: u8, way: u8) -> String {
    let word = WORDS[usize::from(answer) - 1];
    match way {
        0 => answer.to_string(),
        1 => word.to_owned(),
        2 => word.to_uppercase().replace('A', "Á"),
        3 => format!("{word} ({answer})"),
        4 => format!("  {answer} - {} ", word.replace(' ', "  ")),
        _ => format!("\"{answer} = {word}\""),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A file with words gives the scores of the same file with numbers, by either path and in any block size.
    #[test]
    fn words_are_their_numbers(
        rows in prop::collection::vec(prop::collection::vec((1..=7u8, 0..6u8), 5), 1..12),
        block in 1usize..200,
    ) {
        let text = |way: fn(u8, u8) -> String| {
            let mut text = "id,arm_1,arm_2,arm_3,arm_4,arm_5\n".to_owned();
            for (person, row) in rows.iter().enumerate() {
                let cells: Vec<String> = row.iter().map(|(answer, how)| way(*answer, *how)).collect();
                text += &format!("{person},{}\n", cells.join(","));
            }
            text
        };
        let options = Options { labels: Some(labels()), ..Options::default() };
        let outcome = |text: &str, how| {
            score(text.as_bytes(), &[shipped("arm_5")], &options, &Rules::default(), how).unwrap()
        };
        let numbers = outcome(&text(|answer, _| written(answer, 0)), (Splitting::Automatic, BLOCK));
        let words = outcome(&text(written), (Splitting::Automatic, BLOCK));
        prop_assert_eq!(&words.table, &numbers.table);
        prop_assert_eq!(&words.summaries, &numbers.summaries);
        prop_assert_eq!(words.findings.total(), 0);
        let worded = rows.iter().flatten().filter(|(_, how)| *how > 0).count() as u64;
        prop_assert_eq!(words.counts.labels.values().sum::<u64>(), worded);
        prop_assert_eq!(&outcome(&text(written), (Splitting::Automatic, block)), &words);
        prop_assert_eq!(&outcome(&text(written), (Splitting::StateMachine, block)), &words);
    }
}

/// Anchors that stand in a definition serve without being brought; labels that are brought replace them.
#[test]
fn a_definition_may_hold_the_words() {
    let text = include_str!("../src/instrument/template.toml");
    let anchored = text.replacen(
        "max = 7\n",
        "max = 7\nanchors_source = \"manual\"\nanchors = { \"1\" = { en = \"not at all\" }, \"7\" = { en = \"fully\", es = \"del todo\" } }\n",
        1,
    );
    let instrument = Arc::new(Instrument::parse("my_scale.toml", &anchored, None).unwrap());
    let file = "who,my_1,my_2,my_3,my_4\n1,Fully,not at all,DEL TODO,1\n";
    let of = |labels| {
        let options = Options { labels, form: vec![(None, "caregiver".into())], ..Options::default() };
        let how = (Splitting::Automatic, BLOCK);
        score(file.as_bytes(), std::slice::from_ref(&instrument), &options, &Rules::default(), how).unwrap()
    };
    let own = of(None);
    assert_eq!((own.findings.total(), own.counts.labels.values().sum::<u64>()), (0, 3));
    let brought = of(Some(Labels::parse("l.csv", b"value,label\n7,Fully\n").unwrap()));
    assert_eq!((brought.findings.problems(), brought.counts.labels.len()), (2, 1));
}

#[test]
fn the_labels_stand_in_the_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("s.csv");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_alliance"))
            .args(["score", "arm_5", "tests/data/labels/respuestas.csv", "--missing-codes", "NS/NR"])
            .args(["--labels", "tests/data/labels/etiquetas.csv"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    assert_eq!(run(&["-o", scores.to_str().unwrap()]).status.code(), Some(0));
    let receipt = std::fs::read_to_string(folder.path().join("s.csv.receipt.json")).unwrap();
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    let labels = &receipt["settings"]["labels"][0];
    let wanted = ("seven_point", "etiquetas.csv");
    assert_eq!((labels["responses"].as_str().unwrap(), labels["file"].as_str().unwrap()), wanted);
    assert_eq!(labels["labels"].as_array().unwrap().len(), 9);
    assert_eq!(
        (&labels["labels"][6]["label"], &labels["labels"][6]["cells"]),
        (&"Siempre".into(), &3.into())
    );
    let bytes = std::fs::read("tests/data/labels/etiquetas.csv").unwrap();
    assert_eq!(labels["digest"], blake3::hash(&bytes).to_hex().to_string());
    // The labels are an input: they are not overwritten.
    assert_eq!(run(&["-o", "tests/data/labels/etiquetas.csv"]).status.code(), Some(2));
}
