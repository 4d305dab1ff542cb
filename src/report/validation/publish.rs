//! What a page leaves out: rows about single people beyond a page, and small cells where a report is to be published.

use std::collections::BTreeSet;

use super::small_cells::SmallCells;
use crate::report::model::{Block, Column, Note, Section, Table};

/// Tables with a row for a person, a dyad or an event of one.
const PEOPLE: [&str; 6] = ["change", "courses", "ruptures", "influential", "findings", "events_lagged"];

/// So many rows about single people stand on a page.
const MOST_ROWS: usize = 60;

/// Shortens tables about single people to what a page holds.
pub(super) fn shorten(table: &mut Table) {
    let all = table.rows.len();
    if is_about_people(table) && all > MOST_ROWS {
        table.rows.truncate(MOST_ROWS);
        let note =
            format!("The first {MOST_ROWS} of {all} rows; the report as JSON holds what stands behind all.");
        table.notes.push(note);
    }
}

/// Makes a report fit for publication: nothing about single people, no cell of fewer than `smallest` persons, and none from
/// which such a cell could be had by subtraction; in tables, in figures and the numbers behind them, and in words.
pub(super) fn publish(
    sections: &mut [Section],
    notes: &mut Vec<Note>,
    smallest: u64,
    people: &BTreeSet<&str>,
) {
    let tables = sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Table(table) => Some(table),
        Block::Figure(figure) => Some(&figure.data),
        _ => None,
    });
    let small = SmallCells::of(tables.filter(|table| !is_about_people(table)), smallest);
    let names = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| people.contains(word)) || small.are_told_by(text)
    };
    for section in sections {
        for block in &mut section.blocks {
            match block {
                Block::Table(table) if is_about_people(table) => *block = withheld(table.title.as_deref()),
                Block::Figure(figure) if is_about_people(&figure.data) => {
                    *block = withheld(Some(&figure.title));
                }
                // A title may say how many they are, and what was found.
                Block::Table(Table { title: Some(title), .. }) if small.are_told_by(title) => {
                    *block = Block::Text(format!(
                        "Tables about a group are not published here. {}",
                        note(smallest)
                    ));
                }
                Block::Table(table) => {
                    let lost = small.take_out(table);
                    table.notes.extend((lost > 0).then(|| note(smallest)));
                }
                // A mark cannot be taken out of a picture that is drawn.
                Block::Figure(figure) => {
                    let lost = small.take_out(&mut figure.data);
                    if lost > 0 {
                        let why = note(smallest);
                        *block = Block::Text(format!("{}: not published. {why}", figure.title));
                    }
                }
                _ => {}
            }
        }
        section.blocks.dedup_by(
            |next, last| matches!((next, last), (Block::Text(next), Block::Text(last)) if next == last),
        );
        // Whatever else names somebody, or tells of a few.
        section.blocks.retain(|block| match block {
            Block::Text(text) | Block::Heading(text) => !names(text),
            Block::Plain(lines) => !lines.iter().any(|line| names(line)),
            _ => true,
        });
        for block in &mut section.blocks {
            match block {
                Block::List(texts) => texts.retain(|text| !names(text)),
                Block::Facts(facts) => facts.retain(|(name, text)| !names(name) && !names(text)),
                Block::Table(table) => table.notes.retain(|note| !names(note)),
                Block::Figure(figure) => figure.notes.retain(|note| !names(note)),
                _ => {}
            }
        }
    }
    notes.retain(|note| !names(&note.text));
}

fn note(smallest: u64) -> String {
    format!(
        "Figures about fewer than {smallest} persons are not shown, nor those from which they could be had."
    )
}

fn withheld(title: Option<&str>) -> Block {
    Block::Text(match title {
        Some(title) => format!("{title}: rows about single people are not published."),
        None => "Rows about single people are not published.".to_owned(),
    })
}

fn is_about_people(table: &Table) -> bool {
    let names = |column: &Column| matches!(column.id, "dyad" | "person");
    PEOPLE.contains(&table.id) || table.columns.iter().any(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Kind, Value};

    #[test]
    fn rows_about_single_people_are_not_published() {
        let mut people = Table::new("change", vec![Column::new("n", "n")]);
        people.rows = vec![vec![Value::Number(1.0, Kind::Count)]];
        let mut sections = vec![Section { id: "change", title: None, blocks: vec![Block::Table(people)] }];
        publish(&mut sections, &mut Vec::new(), 5, &BTreeSet::new());
        assert!(matches!(&sections[0].blocks[0], Block::Text(text) if text.contains("not published")));
    }
}
