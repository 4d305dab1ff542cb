//! A study file to start from, written from what the data look like.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::instrument::Instrument;
use crate::responses::{Dialect, Header, Key, Layout, Options, Why};

/// A file of answers, as it was looked through.
#[derive(Debug, Clone)]
pub struct SeenFile {
    /// Its path, as it is to stand in the study file.
    pub name: String,
    /// The names of its columns.
    pub header: Header,
    /// How it is written.
    pub dialect: Dialect,
    /// How many rows it has.
    pub rows: u64,
    /// What stands in its columns.
    pub columns: Vec<SeenColumn>,
}

/// What stands in a column.
#[derive(Debug, Default, Clone)]
pub struct SeenColumn {
    /// The distinct cells that hold anything, and how often each occurs; only so many are kept.
    pub values: BTreeMap<String, u64>,
    /// Whether there were more.
    pub more: bool,
}

/// Distinct values of a column that are kept.
pub const MOST_VALUES: usize = 10_000;

impl SeenColumn {
    /// Takes in a cell.
    pub fn add(&mut self, cell: &str) {
        let cell = cell.trim();
        if cell.is_empty() {
            return;
        }
        if let Some(n) = self.values.get_mut(cell) {
            *n += 1;
        } else if self.values.len() < MOST_VALUES {
            self.values.insert(cell.to_owned(), 1);
        } else {
            self.more = true;
        }
    }

    /// Takes in what stands in the same column of another file.
    fn join(&mut self, other: &SeenColumn) {
        self.more |= other.more;
        for (word, n) in &other.values {
            if self.values.len() < MOST_VALUES || self.values.contains_key(word) {
                *self.values.entry(word.clone()).or_default() += n;
            } else {
                self.more = true;
            }
        }
    }

    fn numbers(&self) -> impl Iterator<Item = (f64, &str, u64)> {
        self.values.iter().filter_map(|(word, n)| Some((word.parse::<f64>().ok()?, word.as_str(), *n)))
    }
}

/// An instrument whose item columns a file has.
struct Fit {
    instrument: Arc<Instrument>,
    /// The columns of its items.
    columns: Vec<usize>,
    /// Cells that are none of its answers.
    outside: u64,
    /// Whether somebody gave its highest answer.
    reaches: bool,
    layout: Layout,
}

/// Words that often stand for a missing answer.
const CODES: [&str; 14] =
    ["9", "99", "999", "9999", "8", "88", "888", "77", "777", "-1", "-9", "-99", "-999", "-88"];

/// The first file with what stands in the columns of the same name in the others.
fn together(first: &SeenFile, others: &[SeenFile]) -> SeenFile {
    let mut all = first.clone();
    for other in others {
        for (name, column) in other.header.folded.iter().zip(&other.columns) {
            let same = all.header.folded.iter().position(|known| known == name);
            if let Some(mine) = same.and_then(|at| all.columns.get_mut(at)) {
                mine.join(column);
            }
        }
    }
    all
}

/// Writes a commented study file for files of answers that look alike.
pub fn sketch(files: &[SeenFile], shelf: &[Arc<Instrument>]) -> String {
    let mut out = String::new();
    let Some(file) = files.first() else { return out };
    let file = &together(file, &files[1..]);
    let groups = fits(file, shelf);
    let chosen: Vec<&Fit> = groups.iter().filter_map(|group| group.first()).collect();
    let rows: u64 = files.iter().map(|file| file.rows).sum();
    head(&mut out, rows);
    instruments(&mut out, &groups, &twice(file));
    for file in files {
        line(&mut out, &format!("[[data]]\nfile = {}\n", quoted(&file.name)));
    }
    columns(&mut out, file, &chosen);
    roles(&mut out, file, &chosen);
    reading(&mut out, file, &chosen);
    others(&mut out, file, &chosen);
    out.push_str(TAIL);
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn head(out: &mut String, rows: u64) {
    let rows = crate::study::plural_rows(rows);
    line(
        out,
        &format!(
            "# A study, written from what {rows} look like. Read it, correct it, and run:\n\
             #   alliance report study.toml -o report.html\n\
             # What starts with # is not read; take the mark away to use it.\n\
             schema = \"alliance-study/1\"\n\n\
             [study]\n\
             title = \"My study\"            # the title of the report\n\
             seed = 1                      # of everything random\n\
             level = 0.95                  # of all confidence limits\n\
             # language = \"es\"             # of the report for practice\n"
        ),
    );
}

/// The instruments that the columns fit, those for the same columns together, the likeliest first.
fn fits(file: &SeenFile, shelf: &[Arc<Instrument>]) -> Vec<Vec<Fit>> {
    let mut groups: Vec<Vec<Fit>> = Vec::new();
    for fit in shelf.iter().filter_map(|instrument| fit(file, instrument)) {
        let same = |group: &&mut Vec<Fit>| {
            group.first().is_some_and(|first| first.columns.iter().any(|at| fit.columns.contains(at)))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(fit),
            None => groups.push(vec![fit]),
        }
    }
    for group in &mut groups {
        // Fewest cells outside; then one whose highest answer was given; then the one with more items.
        group.sort_by_key(|fit| (fit.outside, !fit.reaches, std::cmp::Reverse(fit.columns.len())));
    }
    groups
}

fn fit(file: &SeenFile, instrument: &Arc<Instrument>) -> Option<Fit> {
    let try_with = |options: &Options| {
        Layout::new(&file.name, &file.header, &file.dialect, std::slice::from_ref(instrument), options).ok()
    };
    let with_form = |form: &crate::instrument::Form| {
        try_with(&Options { form: vec![(None, form.id.clone())], ..Options::default() })
    };
    let layout = try_with(&Options::default()).or_else(|| instrument.forms.iter().find_map(with_form))?;
    let (mut outside, mut reaches) = (0, false);
    for slot in &layout.slots {
        for (number, _, n) in file.columns.get(slot.column)?.numbers() {
            let allowed = slot.specs.iter().any(|spec| spec.set.allows(number));
            outside += if allowed { 0 } else { n };
            reaches |= slot.specs.iter().any(|spec| spec.set.max == Some(number));
        }
    }
    let columns = layout.slots.iter().map(|slot| slot.column).collect();
    Some(Fit { instrument: instrument.clone(), columns, outside, reaches, layout })
}

/// Names that the header has more than once.
fn twice(file: &SeenFile) -> Vec<&str> {
    let names = file.header.folded.iter().enumerate();
    let again = names.filter(|(at, name)| !name.is_empty() && file.header.folded[..*at].contains(name));
    again.filter_map(|(at, _)| file.header.names.get(at)).map(String::as_str).collect()
}

fn instruments(out: &mut String, groups: &[Vec<Fit>], twice: &[&str]) {
    if !twice.is_empty() {
        let names: Vec<String> = twice.iter().map(|name| quoted(name)).collect();
        let names = names.join(", ");
        line(
            out,
            &format!(
                "# The header has these columns more than once: {names}. No instrument that needs them fits."
            ),
        );
        line(out, "# Give each column a name of its own, and write this file anew.");
    }
    if groups.is_empty() {
        line(
            out,
            "# No instrument of the shelf has items named like these columns. Name one of `alliance instruments`,\n\
             # or your own definition (`alliance template > my_scale.toml`), and say under [columns] how its items are called.\n\
             # [[instrument]]\n# use = \"my_scale.toml\"\n",
        );
    }
    for group in groups {
        let Some((first, rest)) = group.split_first() else { continue };
        let describe = |fit: &Fit| {
            let answers = fit.instrument.responses.first().map(|set| set.describe()).unwrap_or_default();
            let outside = match fit.outside {
                0 => "all cells are allowed answers".to_owned(),
                n => format!("{n} cells are no allowed answers"),
            };
            format!("{}, {}: answers {answers}; {outside}", fit.instrument.id, fit.instrument.name())
        };
        line(out, &format!("# {}", describe(first)));
        for other in rest {
            line(out, &format!("# The names would also fit {}.", describe(other)));
        }
        if !rest.is_empty() {
            line(out, "# Which of them people filled in, a file cannot say: look at the form.");
        }
        line(out, &format!("[[instrument]]\nuse = {}", quoted(&first.instrument.id)));
        line(
            out,
            "# already_reversed = [\"4\"]    # items that the file holds reversed already; `alliance check` finds them\n\
             # min_answered = \"80%\"        # instead of all items\n\
             # follow = [\"total\"]          # scales to follow through time\n",
        );
    }
}

fn columns(out: &mut String, file: &SeenFile, chosen: &[&Fit]) {
    line(out, "# Which column is which. What is left out is recognised by its name.\n[columns]");
    for key in Key::ALL {
        let known = chosen.first().and_then(|fit| {
            let is = |why: &Why| matches!(why, Why::Key { key: of, .. } if *of == key);
            fit.layout.texts.iter().find(|text| is(&text.why) && text.column.is_some())
        });
        let by_name = || file.header.names.iter().find(|name| key.is_known_as(name)).cloned();
        match known.map(|text| text.name.clone()).or_else(by_name) {
            Some(column) => line(out, &format!("{} = {}", key.id(), quoted(&column))),
            None => line(out, &format!("# {} = \"…\"", key.id())),
        }
    }
    line(out, "# items = [\"wai_{item}\"]       # wide files: \"{role}_wai{item}_s{session}\"\n");
}

/// The column of a key, by the layout of the instruments or by its name.
fn key_column(file: &SeenFile, chosen: &[&Fit], key: Key) -> Option<usize> {
    let is = |why: &Why| matches!(why, Why::Key { key: of, .. } if *of == key);
    let texts = || chosen.first().into_iter().flat_map(|fit| &fit.layout.texts);
    let found = texts().find(|text| is(&text.why)).and_then(|text| text.column);
    found.or_else(|| file.header.names.iter().position(|name| key.is_known_as(name)))
}

fn roles(out: &mut String, file: &SeenFile, chosen: &[&Fit]) {
    let Some(column) = key_column(file, chosen, Key::Role).and_then(|at| file.columns.get(at)) else {
        return;
    };
    line(out, "# Words of the role column, and the form each means.\n[roles]");
    for (word, n) in &column.values {
        let forms = || chosen.iter().flat_map(|fit| &fit.instrument.forms);
        let means =
            |form: &&crate::instrument::Form| form.roles.iter().any(|role| role.eq_ignore_ascii_case(word));
        let rows = crate::study::plural_rows(*n);
        match forms().find(means) {
            Some(form) => line(out, &format!("{} = {}  # {rows}", quoted(word), quoted(&form.id))),
            None => {
                let mut ids: Vec<&str> = forms().map(|form| form.id.as_str()).collect();
                ids.dedup();
                let list = if ids.is_empty() { "…".to_owned() } else { ids.join(", ") };
                line(out, &format!("# {} = \"…\"  # {rows}; one of: {list}", quoted(word)));
            }
        }
    }
    out.push('\n');
}

fn reading(out: &mut String, file: &SeenFile, chosen: &[&Fit]) {
    line(out, "[reading]");
    let mut outside: BTreeMap<&str, u64> = BTreeMap::new();
    for fit in chosen {
        for slot in &fit.layout.slots {
            let Some(column) = file.columns.get(slot.column) else { continue };
            for (number, word, n) in column.numbers() {
                if !slot.specs.iter().any(|spec| spec.set.allows(number)) {
                    *outside.entry(word).or_default() += n;
                }
            }
        }
    }
    let list = |words: &[(&&str, &u64)]| {
        words.iter().map(|(word, n)| format!("{word} ({n})")).collect::<Vec<_>>().join(", ")
    };
    let (codes, other): (Vec<_>, Vec<_>) = outside.iter().partition(|(word, _)| CODES.contains(word));
    if codes.is_empty() {
        line(out, "# missing_codes = [\"99\"]     # numbers that mean a missing answer");
    } else {
        let words: Vec<String> = codes.iter().map(|(word, _)| quoted(word)).collect();
        line(out, &format!("# These look like codes for a missing answer: {}.", list(&codes)));
        line(out, &format!("missing_codes = [{}]", words.join(", ")));
    }
    if !other.is_empty() {
        let shown: Vec<_> = other.iter().take(10).copied().collect();
        line(out, &format!("# No allowed answers: {}. `alliance check` shows each cell.", list(&shown)));
    }
    line(
        out,
        "# on_invalid = \"missing\"      # count cells that are no allowed answer as missing, instead of stopping\n\
         # where = [\"session=1\"]       # only these rows\n\
         # labels = \"labels.csv\"       # words that stand for answers\n",
    );
}

/// Columns that are neither items nor keys: what scores may be related to, or split by.
fn others(out: &mut String, file: &SeenFile, chosen: &[&Fit]) {
    let used = |at: usize| {
        let keys = Key::ALL.iter().any(|key| key_column(file, chosen, *key) == Some(at));
        keys || chosen.iter().any(|fit| fit.columns.contains(&at))
    };
    let (mut numbers, mut groups) = (Vec::new(), Vec::new());
    for (at, name) in file.header.names.iter().enumerate().filter(|(at, name)| !used(*at) && !name.is_empty())
    {
        let Some(column) = file.columns.get(at) else { continue };
        let (all, numeric) = (column.values.len(), column.numbers().count());
        match () {
            () if all < 2 => {}
            () if all <= 6 => groups.push(quoted(name)),
            () if numeric == all => numbers.push(quoted(name)),
            () => {}
        }
    }
    let say = |names: &[String], one: &str| names.first().cloned().unwrap_or_else(|| one.to_owned());
    line(out, "# Groups side by side.\n[groups]");
    line(
        out,
        &format!(
            "# by = [{}]\n",
            if groups.is_empty() { "\"condition\"".to_owned() } else { groups.join(", ") }
        ),
    );
    line(out, "# Other columns that scores are related to.\n[validity]");
    if numbers.is_empty() {
        line(out, "# with = [\"satisfaction\"]    # columns of numbers");
    } else {
        line(out, &format!("with = [{}]  # columns of numbers", numbers.join(", ")));
    }
    line(
        out,
        &format!("# groups = {}      # groups that are known to differ", say(&groups, "\"condition\"")),
    );
    line(out, &format!("# outcome = {}      # what scores should predict", say(&numbers, "\"dropout\"")));
    line(out, "# hypotheses = \"hypotheses.toml\"  # expectations stated beforehand: docs/MODELS.md\n");
}

const TAIL: &str = "\
[rules]
occasion = \"first\"            # which occasion of each person counts: first, last, all, or a session
missing = \"listwise\"          # or pairwise, em
# ruptures = [\"points:1\"]     # rules for ruptures: `alliance sessions --help`

# Coded sessions, by dyad and session.
# [events]
# file = \"tensions.csv\"
# scheme = \"tensions\"         # an instrument
# randomised = \"nothing\"      # for single-case reporting
# masked = \"nobody\"

[privacy]
identifiers = \"pseudonyms\"    # D1, D2 …; or \"shown\", as the file has them
smallest_cell = 5             # with --publish, smaller cells are not shown

# Your own words for items and codes, and texts printed beside a mark, in the report for practice. None are shipped.
# [[label]]
# item = \"i01\"
# instrument = \"wai_s\"        # where several have an item of this name
# text = \"…\"
# language = \"en\"             # or es; without it, in reports of any language
# [[prompt]]
# scale = \"bond\"
# when = \"fall\"               # or low_item
# text = \"…\"
";

/// A text of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
