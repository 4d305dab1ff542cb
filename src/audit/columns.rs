//! Columns that are not used: are they what was looked for, under another name?

use super::words;
use crate::finding::{Code, Finding, Place, near};
use crate::instrument::fold_name;
use crate::responses::{Key, Layout, Why};

/// The columns that are neither items nor keys nor asked for, by index.
pub(super) fn unused(layout: &Layout) -> Vec<usize> {
    let used = |column: &usize| {
        layout.folds.iter().any(|fold| fold.columns.contains(&Some(*column)))
            || layout.texts.iter().any(|text| text.column == Some(*column))
    };
    (0..layout.names.len()).filter(|column| !used(column) && !layout.names[*column].is_empty()).collect()
}

/// Findings about columns.
pub(super) fn findings(layout: &Layout) -> Vec<Finding> {
    let unused = unused(layout);
    let mut findings: Vec<Finding> = Vec::new();
    for column in &unused {
        findings.extend(near_key(layout, *column).or_else(|| recoded(layout, *column)));
    }
    if !unused.is_empty() {
        let names: Vec<&str> = unused.iter().map(|column| layout.names[*column].as_str()).collect();
        let columns = words::plural(names.len() as u64, "column is", "columns are");
        let message = format!("{columns} not used: {}", runs(&names));
        findings.push(Finding::note(Code::UnusedColumns, Place::file(&layout.file), message));
    }
    findings
}

fn place(layout: &Layout, column: usize) -> Place {
    Place { line: Some(1), column: Some(layout.names[column].clone()), ..Place::file(&layout.file) }
}

/// A name near to that of a key which no column is.
fn near_key(layout: &Layout, column: usize) -> Option<Finding> {
    let have =
        |key: Key| layout.texts.iter().any(|text| matches!(text.why, Why::Key { key: of, .. } if of == key));
    let name = &layout.names[column];
    let folded = fold_name(name);
    let close = |key: &Key| {
        let known = key.well_known();
        let begins = known.iter().any(|known| known.len() > 3 && folded.starts_with(known));
        begins || folded.len() > 3 && !near(&folded, known.iter().copied()).is_empty()
    };
    let key = Key::ALL.into_iter().filter(|key| !have(*key)).find(close)?;
    let message = format!("`{name}` is not used; it may be the {}", key.id());
    let help = format!("if it is: --{} {name}", key.id());
    Some(Finding::note(Code::NearMiss, place(layout, column), message).help(help))
}

/// A name that is an item's with something behind it, as recoded copies are called: `wai_4r`, `wai_4_rev`.
fn recoded(layout: &Layout, column: usize) -> Option<Finding> {
    const ENDINGS: [&str; 7] = ["r", "rev", "reversed", "rec", "recoded", "inv", "i"];
    let name = &layout.names[column];
    let folded = fold_name(name);
    let copy = |slot: &&crate::responses::Slot| {
        let item = fold_name(&layout.names[slot.column]);
        folded.strip_prefix(item.as_str()).is_some_and(|ending| ENDINGS.contains(&ending))
    };
    let slot = layout.slots.iter().find(copy)?;
    let item = &layout.names[slot.column];
    let message = format!("`{name}` looks like a recoded copy of `{item}`; `{item}` is used");
    let help = "answers are wanted as they were given: items are reversed when they are scored";
    Some(Finding::note(Code::RecodedCopy, place(layout, column), message).help(help))
}

/// Names one after the other, those that run on as `haq_1 … haq_19`.
fn runs(names: &[&str]) -> String {
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let runs = names.chunk_by(|a, b| stem(a) == stem(b) && stem(a) != *a);
    let text = |run: &[&str]| match run {
        [first, _, .., last] => format!("{first} … {last}"),
        _ => run.join(", "),
    };
    let texts: Vec<String> = runs.map(text).collect();
    words::first(&texts, texts.len() as u64).replace("; ", ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_run_on_are_written_short() {
        assert_eq!(
            runs(&["haq_1", "haq_2", "haq_3", "feedback", "x1", "x2"]),
            "haq_1 … haq_3, feedback, x1, x2"
        );
    }
}
