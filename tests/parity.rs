//! Does docs/PARITY.md name tests that exist, and agree with what they hold?

use std::fs;
use std::path::Path;

const PAGE: &str = "docs/PARITY.md";

/// Is there a test of this path?
fn exists(path: &str) -> bool {
    let Some((module, name)) = path.rsplit_once("::") else { return false };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let module = module.replace("::", "/");
    [tests.join(format!("{module}.rs")), tests.join(module).join("mod.rs")]
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .any(|text| {
            let before = text.split(&format!("fn {name}(")).next().filter(|before| before.len() < text.len());
            before.is_some_and(|before| {
                before.trim_end().trim_end_matches("pub").trim_end().ends_with("#[test]")
            })
        })
}

#[test]
fn the_page_of_agreement_names_tests_and_what_they_found() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| statistic"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() > 50, "{} rows", rows.len());
    for row in rows {
        let [statistic, peer, agrees, held, differs, tests] = row[..] else { panic!("{row:?}") };
        for test in tests.split(", ").map(|name| name.trim_matches('`')) {
            assert!(exists(test), "{statistic}: there is no test {test}");
        }
        match (agrees.parse::<f64>(), held.parse::<f64>()) {
            (Ok(agrees), Ok(held)) => assert!(agrees <= held, "{statistic}: {agrees} is above {held}"),
            _ => assert!(peer == "none" && differs != "–", "{statistic}: agrees with {peer} to nothing"),
        }
    }
}
