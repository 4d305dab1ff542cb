//! `docs/METHODS.md` is what the documentation of each statistic says, in one page for people who read no Rust.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The rooms that hold statistics, in the order of the page, with what they are about.
const ROOMS: &[(&str, &str)] = &[
    ("moments", "Means, covariances and what is missing"),
    ("factor", "Factors"),
    ("reliability", "Reliability and items"),
    ("quality", "Careless answers"),
    ("nested", "Sessions in dyads in workers"),
    ("agreement", "Raters and informants"),
    ("dyad", "Two members of a dyad"),
    ("validity", "Validity"),
    ("session", "Ruptures, repairs and change"),
];

/// What is written about one function.
struct Entry {
    name: String,
    paragraphs: String,
}

/// The documentation above a public function, and its name, where it names a source.
fn entries(text: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut doc: Vec<&str> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(said) = trimmed.strip_prefix("///") {
            doc.push(said.strip_prefix(' ').unwrap_or(said));
        } else if trimmed.starts_with("#[") {
            // Attributes stand between a documentation and its function.
        } else {
            let name = trimmed.strip_prefix("pub fn ").map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
            });
            if let Some(name) = name.filter(|_| doc.contains(&"# Source")) {
                found.push(Entry { name, paragraphs: page(&doc) });
            }
            doc.clear();
        }
    }
    found
}

/// A documentation as Markdown: headings become bold words, examples and links into the code are left out.
fn page(doc: &[&str]) -> String {
    let mut page = String::new();
    let mut inside_example = false;
    let mut heading: Option<&str> = None;
    for line in doc {
        if line.starts_with("```") {
            inside_example = !inside_example;
            continue;
        }
        if inside_example {
            continue;
        }
        if let Some(title) = line.strip_prefix("# ") {
            heading = Some(title);
            continue;
        }
        match heading.take() {
            Some(title) => writeln!(page, "**{title}.** {}", without_links(line)).unwrap(),
            None => writeln!(page, "{}", without_links(line)).unwrap(),
        }
    }
    page.trim_end().to_owned()
}

/// `[name](path)` and ``[`Name`]`` as the name alone; addresses of the web stay.
fn without_links(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('[') {
        let Some(end) = rest[start..].find(']').map(|end| start + end) else { break };
        let shown = &rest[start + 1..end];
        let behind = &rest[end + 1..];
        let target = behind.strip_prefix('(').and_then(|behind| behind.split_once(')'));
        plain.push_str(&rest[..start]);
        match target {
            Some((address, after)) if !address.starts_with("http") => {
                plain.push_str(shown);
                rest = after;
            }
            None if shown.starts_with('`') => {
                let name = shown.trim_matches('`').trim_end_matches("()").rsplit("::").next().unwrap();
                write!(plain, "`{name}`").unwrap();
                rest = behind;
            }
            _ => {
                plain.push('[');
                rest = &rest[start + 1..];
            }
        }
    }
    plain + rest
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut page = String::from(
        "# Methods\n\nEvery statistic of the program: what it is, its formula, what it does with missing answers, with \
         which software it agrees\nand where it differs, and its source. Taken from the documentation of the code \
         (`METHODS=write cargo test methods` writes\nit anew; a test holds it). How closely each agrees is measured in \
         [PARITY.md](PARITY.md).\n",
    );
    for (room, title) in ROOMS {
        let mut of_room = String::new();
        for file in files_below(&root.join("src").join(room)) {
            let name = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            for entry in entries(&fs::read_to_string(&file).unwrap()) {
                write!(of_room, "\n### {}\n\n`{name}`\n\n{}\n", entry.name, entry.paragraphs).unwrap();
            }
        }
        assert!(!of_room.is_empty(), "no statistic in {room} names its source");
        write!(page, "\n## {title}\n{of_room}").unwrap();
    }
    page
}

#[test]
fn methods_page_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/METHODS.md");
    let page = generated();
    if std::env::var_os("METHODS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let first = page.lines().zip(kept.lines()).position(|(new, old)| new != old);
    assert!(
        page == kept,
        "docs/METHODS.md is not what the code says, first in line {}: METHODS=write cargo test methods",
        first.map_or(0, |at| at + 1)
    );
}
