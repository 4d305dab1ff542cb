//! Does a published report tell of no few people, in any block and any format?

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The smallest cell that is published.
const SMALLEST: u64 = 5;
const NORTH: u64 = 40;
const SOUTH: u64 = 17;
const WEST: u64 = 3;

/// Sixty persons in three groups, one of them of three; three sessions, from which some stay away.
fn study(folder: &Path) {
    let mut text = "person,session,area,hope,arm_1,arm_2,arm_3,arm_4,arm_5\n".to_owned();
    // A generator of its own, so that the file is the same everywhere.
    let mut state = 1_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for person in 0..NORTH + SOUTH + WEST {
        let area =
            ["north", "south", "west"][usize::from(person >= NORTH) + usize::from(person >= NORTH + SOUTH)];
        let level = 1 + draw(5);
        let sessions = if person % 20 == 7 { 2 } else { 3 };
        for session in 1..=sessions {
            let answers: Vec<String> = (0..5)
                .map(|_| if draw(60) == 0 { String::new() } else { (level + draw(3)).to_string() })
                .collect();
            text += &format!(
                "familia-{person},{session},{area},{},{}\n",
                level * 10 + draw(9),
                answers.join(",")
            );
        }
    }
    fs::write(folder.join("answers.csv"), text).unwrap();
}

/// Every block but the mixed models, which hold no groups and take long where nothing is optimised.
const BLOCKS: &str = "codebook,sample,items,normality,scales,reliability,over_time,agreement,dimensionality,bifactor,\
                      validity,change,cosmin,methods,reproducibility";

/// A report in every format: their names and texts, Word documents unpacked.
fn report(more: &[&str]) -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path());
    let mut args =
        vec!["report", "arm_5", "answers.csv", "--with", "hope", "--blocks", BLOCKS, "-o", "r.json"];
    for name in ["r.html", "r.md", "r.csv", "r.docx", "r.txt"] {
        args.extend(["--also", name]);
    }
    args.extend(more);
    let output = Command::new(env!("CARGO_BIN_EXE_alliance")).args(&args).current_dir(folder.path()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = |name| fs::read_to_string(folder.path().join(name)).unwrap();
    let mut word = String::new();
    let mut packed = zip::ZipArchive::new(fs::File::open(folder.path().join("r.docx")).unwrap()).unwrap();
    packed.by_name("word/document.xml").unwrap().read_to_string(&mut word).unwrap();
    let plain = ["r.json", "r.html", "r.md", "r.csv", "r.txt"].map(|name| (name, text(name)));
    plain.into_iter().chain([("r.docx", word)]).collect()
}

/// Groups side by side, published.
static PUBLISHED: LazyLock<Vec<(&'static str, String)>> =
    LazyLock::new(|| report(&["--by", "area", "--publish"]));

fn blocks(json: &str) -> Vec<(String, Value)> {
    let json: Value = serde_json::from_str(json).unwrap();
    let sections = json["results"]["pages"].as_array().unwrap().clone();
    let blocks = sections.iter().flat_map(|section| section["blocks"].as_array().unwrap().clone());
    blocks.map(|block| block.as_object().unwrap().clone().into_iter().next().unwrap()).collect()
}

/// The tables of a report, those behind figures too: ids of columns and rows.
fn tables(json: &str) -> Vec<(String, Vec<String>, Vec<Vec<Value>>)> {
    let of = |table: &Value| {
        let columns = table["columns"].as_array().unwrap().iter();
        let rows = table["rows"].as_array().unwrap().iter();
        (
            table["id"].as_str().unwrap().to_owned(),
            columns.map(|column| column["id"].as_str().unwrap().to_owned()).collect(),
            rows.map(|row| row.as_array().unwrap().clone()).collect(),
        )
    };
    let blocks = blocks(json);
    let tables = blocks.iter().filter_map(|(kind, block)| match kind.as_str() {
        "table" => Some(of(block)),
        "figure" => Some(of(&block["data"])),
        _ => None,
    });
    tables.collect()
}

fn count(cell: &Value) -> Option<u64> {
    (cell["number"][1] == "count").then(|| cell["number"][0].as_f64().unwrap() as u64)
}

const NAMES: &[&str] = &[
    "scale", "form", "group", "item", "with", "term", "outcome", "model", "method", "title", "reason",
    "factor", "property", "by",
];

#[test]
fn no_block_tells_anything_of_a_small_group_or_of_the_one_that_gives_it_away() {
    let mut seen = 0;
    for (id, columns, rows) in tables(&PUBLISHED[0].1) {
        let Some(group) = columns.iter().position(|column| column == "group") else { continue };
        for row in rows {
            let Some(word) = row[group]["text"].as_str().filter(|word| *word != "north") else { continue };
            seen += 1;
            for (column, cell) in
                columns.iter().zip(&row).filter(|(column, _)| !NAMES.contains(&column.as_str()))
            {
                assert_eq!(cell, "empty", "{id} shows {column} of {word}");
            }
        }
    }
    assert!(seen > 20, "the groups are named, without their figures: {seen}");
    // Figures are there, without them.
    let figures: Vec<_> = blocks(&PUBLISHED[0].1).into_iter().filter(|(kind, _)| kind == "figure").collect();
    assert!(figures.len() > 3, "{}", figures.len());
    for (_, figure) in figures {
        let text = figure.to_string();
        assert!(!text.contains("west") && !text.contains("south"), "{}", figure["id"]);
    }
    let page = &PUBLISHED.iter().find(|(name, _)| *name == "r.html").unwrap().1;
    let drawings = page.split("<svg").skip(1).map(|svg| svg.split("</svg>").next().unwrap());
    assert!(drawings.clone().count() > 3);
    for drawing in drawings {
        assert!(!drawing.contains("west") && !drawing.contains("south"));
    }
}

#[test]
fn no_words_tell_of_a_small_group() {
    for (kind, block) in blocks(&PUBLISHED[0].1) {
        if kind == "table" || kind == "figure" {
            continue;
        }
        let text = block.to_string();
        assert!(!text.contains(", west)") && !text.contains(", south)"), "{text}");
    }
    // Nor a title, in any format.
    for (name, text) in &*PUBLISHED {
        assert!(!text.contains(", west)") && !text.contains(", south)"), "{name}");
        assert!(text.contains("(client, north)") || name == &"r.csv", "{name}");
    }
}

#[test]
fn no_small_cell_can_be_had_by_subtraction() {
    let all = tables(&PUBLISHED[0].1);
    let mut compared = 0;
    for (id, columns, rows) in &all {
        let at = |name: &str| columns.iter().position(|column| column == name);
        let people = ["n", "persons"].iter().find_map(|name| at(name));
        for row in rows {
            // Classes of the persons of a row, whatever they are called.
            if let Some(n) = people.and_then(|people| count(&row[people])) {
                assert!(n == 0 || n >= SMALLEST, "{id}: {n} persons");
                let of = |name: &str| at(name).and_then(|at| count(&row[at]));
                let classes = ["improved", "unchanged", "deteriorated"].map(of);
                let shown: u64 = classes.iter().flatten().sum();
                if at("improved").is_some() {
                    compared += 1;
                    assert!(
                        classes.iter().flatten().all(|class| *class == 0 || *class >= SMALLEST),
                        "{id}: {row:?}"
                    );
                    assert!(n - shown == 0 || n - shown >= SMALLEST, "{id}: {row:?}");
                }
                for (column, cell) in columns.iter().zip(row) {
                    let Some(share) = cell["number"][0].as_f64().filter(|_| cell["number"][1] == "percent")
                    else {
                        continue;
                    };
                    let there = (share * n as f64).round() as u64;
                    for class in [there, n - there.min(n)] {
                        assert!(class == 0 || class >= SMALLEST, "{id}: {column} tells of {class}");
                    }
                }
            }
            // Who came so often at least.
            let stays: Vec<u64> = columns
                .iter()
                .zip(row)
                .filter(|(column, _)| column.starts_with("at_least_"))
                .filter_map(|(_, cell)| count(cell))
                .collect();
            for pair in stays.windows(2) {
                compared += 1;
                let left = pair[0] - pair[1];
                assert!(left == 0 || left >= SMALLEST, "{id}: {left} left");
            }
        }
        // Groups of one scale: what the total leaves over.
        let (Some(group), Some(people), None) = (at("group"), people, at("item")) else { continue };
        let shown: Vec<u64> = rows
            .iter()
            .filter(|row| row[group]["text"].is_string())
            .filter_map(|row| count(&row[people]))
            .collect();
        if !shown.is_empty() {
            compared += 1;
            let left = NORTH + SOUTH + WEST - shown.iter().sum::<u64>().min(NORTH + SOUTH + WEST);
            assert!(left == 0 || left >= SMALLEST, "{id}: the total leaves {left}");
        }
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn means_of_groups_that_hold_a_small_one_are_not_shown() {
    let formats = report(&["--groups", "area", "--publish"]);
    for (name, text) in &formats {
        assert!(!text.contains("west: 3") && !text.contains("south: 1"), "{name}");
    }
    let open = report(&["--groups", "area"]);
    assert!(open[0].1.contains("west: 3, "), "without --publish they are");
}

#[test]
fn identifiers_are_in_no_format_unless_asked_for() {
    let open = report(&[]);
    for (name, text) in open.iter().chain(&*PUBLISHED) {
        assert!(!text.contains("familia"), "{name}");
    }
    for (name, text) in report(&["--identifiers"]) {
        assert!(text.contains("familia-"), "{name}");
    }
}

#[test]
fn stored_results_that_are_published_give_no_number_of_a_small_group() {
    let folder = tempfile::tempdir().unwrap();
    let open = report(&["--by", "area"]);
    fs::write(folder.path().join("open.json"), &open[0].1).unwrap();
    fs::write(folder.path().join("r.json"), &PUBLISHED[0].1).unwrap();
    let value = |file: &str, path: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
            .args(["value", file, path])
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    for path in ["reliability.client.west.total.alpha", "reliability.client.south.total.alpha"] {
        let (code, shown) = value("r.json", path);
        assert!(code == Some(2) && shown.is_empty(), "{path}: {code:?} {shown}");
        assert_eq!(value("open.json", path).0, Some(0), "without --publish there is {path}");
    }
}
