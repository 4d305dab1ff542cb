//! The rooms of the program depend on each other in one direction only, and files stay about one idea.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may use. A new entry is made by hand: it is the moment to ask why.
const ALLOWED: &[(&str, &[&str])] = &[
    ("numeric", &[]),
    ("finding", &[]),
    ("error", &["finding"]),
    ("strict", &["finding"]),
    ("instrument", &["finding", "strict"]),
    ("responses", &["error", "finding", "instrument"]),
    ("scoring", &["error", "finding", "instrument", "numeric", "responses"]),
    ("statistic", &[]),
    ("moments", &["numeric", "responses", "statistic"]),
    ("factor", &["moments", "numeric", "statistic"]),
    ("agreement", &["nested", "numeric", "reliability", "statistic"]),
    ("dyad", &["agreement", "nested", "numeric", "reliability", "statistic"]),
    ("audit", &["error", "finding", "instrument", "moments", "reliability", "responses", "scoring"]),
    ("case", &["audit", "error", "finding", "instrument", "responses", "scoring"]),
    ("sample", &["error", "finding", "moments", "responses", "scoring"]),
    (
        "report",
        &[
            "agreement",
            "audit",
            "case",
            "dyad",
            "error",
            "factor",
            "finding",
            "instrument",
            "moments",
            "nested",
            "numeric",
            "quality",
            "reliability",
            "responses",
            "sample",
            "scoring",
            "session",
            "statistic",
            "study",
            "validity",
        ],
    ),
    ("reliability", &["factor", "moments", "numeric", "statistic"]),
    ("quality", &["moments", "numeric", "reliability", "statistic"]),
    ("session", &["agreement", "finding", "moments", "numeric", "statistic", "strict"]),
    ("nested", &["numeric", "statistic"]),
    ("validity", &["finding", "numeric", "statistic", "strict"]),
    ("study", &["finding", "instrument", "responses", "strict"]),
    ("render", &["report"]),
    (
        "cli",
        &[
            "agreement",
            "audit",
            "case",
            "dyad",
            "error",
            "finding",
            "instrument",
            "moments",
            "quality",
            "nested",
            "reliability",
            "render",
            "report",
            "responses",
            "sample",
            "scoring",
            "session",
            "strict",
            "study",
            "validity",
        ],
    ),
];

/// Longer files are seldom about one idea; those that are stand here with their reason.
const LONG: &[(&str, &str)] = &[
    ("src/instrument/lint.rs", "one pass over the definition, check by check"),
    ("src/instrument/file.rs", "the format, one type after the other, mostly documentation"),
    ("src/study/file.rs", "the format, one type after the other, mostly documentation"),
    ("src/responses/layout.rs", "one plan, from the user's words to columns"),
];
const MOST_LINES: usize = 420;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// The part of a file that is not tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn room(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The names behind `crate::`, one by one or in braces.
fn rooms_named_in(code: &str) -> Vec<String> {
    let plain: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    let name = |text: &str| -> String {
        text.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for piece in plain.split("crate::").skip(1) {
        match piece.strip_prefix('{').and_then(|list| list.split('}').next()) {
            Some(list) => names.extend(list.split(',').map(name)),
            None => names.push(name(piece)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn rooms_depend_in_one_direction() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(room, uses)| (*room, uses.iter().copied().collect())).collect();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        let room = room(&path);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        assert!(allowed.contains_key(room.as_str()), "a new room, {room}: where does it stand?");
        for name in rooms_named_in(code(&text)).into_iter().filter(|name| *name != room) {
            let may = allowed[room.as_str()].contains(name.as_str());
            assert!(may, "{} uses {name}, which {room} may not", path.display());
            used.entry(room.clone()).or_default().insert(name);
        }
    }
    for (room, uses) in allowed {
        let unused: Vec<&str> = uses
            .into_iter()
            .filter(|name| !used.get(room).is_some_and(|used| used.contains(*name)))
            .collect();
        assert!(unused.is_empty(), "{room} no longer uses {unused:?}: take them out of the table");
    }
}

#[test]
fn renderers_see_the_model_alone() {
    for (path, text) in sources().iter().filter(|(path, _)| room(path) == "render") {
        for line in code(text).lines().filter(|line| line.contains("crate::")) {
            assert!(line.contains("crate::report::model"), "{}: {line}", path.display());
        }
    }
}

#[test]
fn files_are_about_one_idea() {
    for (path, text) in sources() {
        let lines = code(&text).lines().count();
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_string_lossy().into_owned();
        let excused = LONG.iter().any(|(long, _)| *long == name);
        assert!(excused || lines <= MOST_LINES, "{name} has {lines} lines: is it about one idea?");
    }
}

/// Words that mean two things, or nothing.
#[test]
fn names_are_the_fields_own() {
    for (path, text) in sources() {
        for word in ["sem", "utils", "Manager", "Helper"] {
            let found = code(&text)
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .any(|name| name == word || name.starts_with(&format!("{word}_")));
            assert!(!found, "{} uses the word `{word}`", path.display());
        }
    }
}

/// Every id that output may hold is listed in the manual.
#[test]
fn finding_codes_are_in_the_manual() {
    let manual = include_str!("../docs/USING.md");
    for code in alliance_metrics::finding::Code::ALL {
        assert!(manual.contains(&format!("`{}`", code.id())), "docs/USING.md does not list `{}`", code.id());
    }
}
