//! Several files read as one: the same keys and kept columns, and a column that says from which file a row is.

use super::fold::Fold;
use super::layout::{Layout, TextColumn, Why};
use crate::error::Error;
use crate::instrument::fold_name;

/// The column that says from which file a row is.
pub const FILE: &str = "file";

/// Gives the layouts of several files the same text columns, in the order of the first file that has them, behind a
/// column with the name of the file. What a file lacks is empty in its rows, and noted. The layouts come with the names
/// by which their files are told apart; results are read as by the first layout.
///
/// # Errors
/// A usage error if the form of a row is known in one way in one file and in another way in another, or a column is
/// called `file` itself.
pub fn align(layouts: &mut [Layout], names: &[String]) -> Result<(), Error> {
    let mut union: Vec<TextColumn> = Vec::new();
    for text in layouts.iter().flat_map(|layout| &layout.texts) {
        match union.iter_mut().find(|other| same(other, text)) {
            // A column that only filters in one file may be carried along in another.
            Some(other) if other.why == Why::Filter => other.why = text.why,
            Some(_) => {}
            None => union.push(text.clone()),
        }
    }
    let rank = |text: &TextColumn| match text.why {
        Why::File | Why::Key { .. } => 0,
        Why::Kept => 1,
        Why::Filter => 2,
    };
    union.sort_by_key(rank);
    if let Some(text) = union.iter().find(|text| fold_name(&text.name) == FILE && text.why != Why::Filter) {
        let message =
            format!("the column `{}` is called like the one that says from which file a row is", text.name);
        return Err(Error::usage_help(message, "rename it, or leave it out of --keep"));
    }
    let Some((first, others)) = layouts.split_first() else { return Ok(()) };
    for (other, name) in others.iter().zip(&names[1..]) {
        one_rule(first, &names[0], other, name)?;
    }
    let mut notes = Vec::new();
    let item_names: Vec<String> =
        first.slots.iter().map(|slot| fold_name(&first.names[slot.column])).collect();
    for (at, (layout, name)) in layouts.iter_mut().zip(names).enumerate() {
        let lacking: Vec<&str> = union
            .iter()
            .filter(|text| text.why != Why::Filter && !layout.texts.iter().any(|own| same(own, text)))
            .map(|text| text.name.as_str())
            .collect();
        if !lacking.is_empty() {
            notes.push(format!(
                "{name} has no column {}; it is empty in the rows of this file",
                lacking.join(", ")
            ));
        }
        let own: Vec<&str> = layout.slots.iter().map(|slot| layout.names[slot.column].as_str()).collect();
        if !layout.is_wide()
            && at > 0
            && own.iter().map(|name| fold_name(name)).ne(item_names.iter().cloned())
        {
            let (first, last) = (own.first().unwrap_or(&""), own.last().unwrap_or(&""));
            notes.push(format!("{name} names its items otherwise: {first} … {last}"));
        }
        layout.source = at;
        layout.take_texts(&union, name);
    }
    layouts[0].notes.extend(notes);
    Ok(())
}

/// Whether two text columns mean the same: the same key, or the same name.
fn same(a: &TextColumn, b: &TextColumn) -> bool {
    match (a.why, b.why) {
        (Why::Key { key: a, .. }, Why::Key { key: b, .. }) => a == b,
        _ => fold_name(&a.name) == fold_name(&b.name),
    }
}

/// The form of a row is known in the same way in all files.
fn one_rule(first: &Layout, first_name: &str, other: &Layout, name: &str) -> Result<(), Error> {
    for (a, b) in first.passes.iter().zip(&other.passes) {
        if a.form != b.form {
            let (with, without) = if first.role.is_some() { (first_name, name) } else { (name, first_name) };
            let message = format!(
                "{with} has a role for each row and {without} has none, so the form of {} is not known alike",
                a.instrument.id
            );
            return Err(Error::usage_help(
                message,
                "say the role of the other with --role, or score the files one by one",
            ));
        }
    }
    Ok(())
}

impl Layout {
    /// Takes these text columns for its own, behind one with the name of the file.
    fn take_texts(&mut self, union: &[TextColumn], name: &str) {
        let own = std::mem::take(&mut self.texts);
        let place =
            |text: usize| 1 + union.iter().position(|other| same(other, &own[text])).unwrap_or_default();
        let file = TextColumn { column: None, name: FILE.to_owned(), why: Why::File, clusters: false };
        let taken = union.iter().map(|text| {
            let column = own.iter().find(|of| same(of, text)).and_then(|of| of.column);
            TextColumn { column, ..text.clone() }
        });
        let texts: Vec<TextColumn> = std::iter::once(file).chain(taken).collect();
        self.role = self.role.map(place);
        for (text, _) in self.filters.iter_mut().chain(&mut self.row_filters) {
            *text = place(*text);
        }
        let old: Vec<usize> = self.worded.iter().map(|text| place(*text)).collect();
        self.worded = (0..texts.len()).filter(|text| texts[*text].column.is_none()).collect();
        for Fold { words, .. } in &mut self.folds {
            let word = |text: &usize| match old.iter().position(|of| of == text) {
                Some(at) => words[at].clone(),
                None if *text == 0 => name.to_owned(),
                None => String::new(),
            };
            *words = self.worded.iter().map(word).collect();
        }
        self.texts = texts;
        self.assign();
    }
}
