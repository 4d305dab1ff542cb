//! Do figures show what their numbers say, and are they sound files?

use std::path::PathBuf;
use std::process::Command;

/// Every figure that can be drawn from the example study.
const NAMES: &[&str] = &[
    "answers",
    "thirds",
    "strength",
    "without",
    "correlations",
    "scree",
    "gaps",
    "distributions",
    "forest",
    "sessions-needed",
    "presence",
    "course",
    "multiples",
    "first-last",
    "agreement",
];

fn plot(name: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figure.svg");
    let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["plot", name, "wai_s", "examples/child_protection/answers.csv", "-o"])
        .arg(&path)
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(path).unwrap()
}

/// The numbers behind a figure, as rows.
fn numbers(name: &str, more: &[&str]) -> Vec<csv::StringRecord> {
    let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["plot", name, "wai_s", "examples/child_protection/answers.csv", "--format", "csv"])
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    csv::Reader::from_reader(&output.stdout[..]).records().map(Result::unwrap).collect()
}

#[test]
fn every_figure_is_a_sound_file_with_a_title_and_a_description() {
    for name in NAMES {
        let svg = plot(name, &[]);
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        let text = |tag: &str| {
            root.children()
                .find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)))
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned()
        };
        assert!(text("title").len() > 10 && text("desc").len() > 20, "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("\"inf") && !svg.contains(" inf "), "{name}");
        let (width, height): (f64, f64) = (
            root.attribute("width").unwrap().parse().unwrap(),
            root.attribute("height").unwrap().parse().unwrap(),
        );
        for node in
            root.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        {
            let at = |name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!(
                (0.0..=width).contains(&at("x")) && (0.0..=height).contains(&at("y")),
                "{name}: {:?}",
                node.text()
            );
        }
        assert_eq!(svg, plot(name, &[]), "{name}: equal inputs give equal bytes");
        assert!(!numbers(name, &[]).is_empty(), "{name}");
    }
}

#[test]
fn shares_of_the_answers_to_an_item_add_up() {
    let rows = numbers("answers", &["--scale", "task", "--form", "caregiver"]);
    assert_eq!(rows.len(), 4 * 7);
    for item in rows.chunks(7) {
        let sum: f64 = item.iter().map(|row| row[row.len() - 1].parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{item:?}");
    }
}

#[test]
fn a_name_that_is_no_figure_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_alliance"))
        .args(["plot", "anwsers", "wai_s", "x.csv"])
        .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("answers"));
}
