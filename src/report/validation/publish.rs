//! What a page leaves out: rows about single people beyond a page, and small cells where a report is to be published.

use std::collections::BTreeSet;

use crate::report::model::{Block, Column, Kind, Section, Table, Value};

/// Tables with a row for a person, a dyad or an event of one.
const PEOPLE: [&str; 5] = ["change", "courses", "ruptures", "influential", "findings"];

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
/// which such a cell could be had by subtraction.
pub(super) fn publish(sections: &mut [Section], smallest: u64, people: &BTreeSet<&str>) {
    let names = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| people.contains(word))
    };
    for section in sections {
        for block in &mut section.blocks {
            match block {
                Block::Table(table) if is_about_people(table) => {
                    let title = table.title.clone().map_or_else(String::new, |title| format!("{title}: "));
                    *block = Block::Text(format!("{title}rows about single people are not published."));
                }
                Block::Table(table) => suppress(table, smallest),
                _ => {}
            }
        }
        // Whatever else names somebody.
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
                _ => {}
            }
        }
    }
}

fn is_about_people(table: &Table) -> bool {
    let names = |column: &Column| matches!(column.id, "dyad" | "person");
    PEOPLE.contains(&table.id) || table.columns.iter().any(names)
}

fn is_count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(n, Kind::Count) if *n >= 0.0 => Some(*n as u64),
        _ => None,
    }
}

/// Takes small cells out of a table. Rows of fewer persons lose all their figures. Where a row tells how many persons fall into
/// which class, a small class goes, and the smallest other one with it, so that the total does not give it away. Where one row
/// alone would be gone, the next smallest goes with it.
fn suppress(table: &mut Table, smallest: u64) {
    let at = |id: &str| table.columns.iter().position(|column| column.id == id);
    let Some(n) = at("n").or_else(|| at("persons")) else { return };
    let size = |row: &Vec<Value>| row.get(n).and_then(is_count);
    let small = |n: u64| (1..smallest).contains(&n);
    let mut gone: Vec<usize> =
        (0..table.rows.len()).filter(|row| size(&table.rows[*row]).is_some_and(small)).collect();
    if let [one] = gone[..] {
        let others = (0..table.rows.len()).filter(|row| *row != one && size(&table.rows[*row]).is_some());
        gone.extend(others.min_by_key(|row| size(&table.rows[*row])));
    }
    let mut hidden = 0;
    for row in &gone {
        for cell in table.rows[*row].iter_mut().filter(|cell| cell.is_number()) {
            *cell = Value::Empty;
            hidden += 1;
        }
    }
    let kept = table.rows.iter_mut().enumerate().filter(|(at, _)| !gone.contains(at));
    hidden += kept.map(|(_, row)| small_classes(row, n, smallest)).sum::<usize>();
    if hidden > 0 {
        table.notes.push(format!(
            "Figures about fewer than {smallest} persons are not shown, nor those from which they could be had."
        ));
    }
}

/// Small classes of one row, and shares that come from so few.
fn small_classes(row: &mut [Value], n: usize, smallest: u64) -> usize {
    let Some(all) = is_count(&row[n]) else { return 0 };
    let small = |count: u64| (1..smallest).contains(&count);
    // Counts of persons among the persons of the row; other counts (items, df) are larger or no part of it.
    let classes: Vec<usize> = (0..row.len())
        .filter(|at| *at != n && is_count(&row[*at]).is_some_and(|count| count <= all))
        .collect();
    let total: u64 = classes.iter().filter_map(|at| is_count(&row[*at])).sum();
    let mut gone: Vec<usize> = Vec::new();
    if total == all {
        gone.extend(classes.iter().copied().filter(|at| is_count(&row[*at]).is_some_and(small)));
        if let [one] = gone[..] {
            let others = classes.iter().copied().filter(|at| *at != one && is_count(&row[*at]) != Some(0));
            gone.extend(others.min_by_key(|at| is_count(&row[*at])));
        }
    }
    for (at, value) in row.iter().enumerate() {
        let Value::Number(share, Kind::Percent) = value else { continue };
        let there = (share * all as f64).round() as u64;
        if small(there) || small(all.saturating_sub(there)) {
            gone.push(at);
        }
    }
    for at in &gone {
        row[*at] = Value::Empty;
    }
    gone.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[f64; 4]]) -> Table {
        let names = [("n", "n"), ("improved", "Improved"), ("same", "Same"), ("worse", "Worse")];
        let mut table = Table::new("classes", names.map(|(id, head)| Column::new(id, head)).to_vec());
        table.rows = rows.iter().map(|row| row.map(|n| Value::Number(n, Kind::Count)).to_vec()).collect();
        table
    }

    fn shown(table: &Table) -> Vec<String> {
        table.rows.iter().map(|row| row.iter().map(Value::shown).collect::<Vec<_>>().join(",")).collect()
    }

    #[test]
    fn a_small_class_goes_and_its_complement_with_it() {
        let mut classes = table(&[[30.0, 2.0, 20.0, 8.0], [40.0, 10.0, 20.0, 10.0]]);
        suppress(&mut classes, 5);
        assert_eq!(shown(&classes), ["30,,20,", "40,10,20,10"]);
        assert_eq!(classes.notes.len(), 1);
    }

    #[test]
    fn a_small_group_goes_and_the_next_smallest_with_it() {
        let mut groups = table(&[[3.0, 1.0, 1.0, 1.0], [12.0, 0.0, 6.0, 6.0], [40.0, 10.0, 20.0, 10.0]]);
        suppress(&mut groups, 5);
        assert_eq!(shown(&groups), [",,,", ",,,", "40,10,20,10"]);
    }

    #[test]
    fn shares_that_come_from_a_few_are_not_shown() {
        let mut scores = table(&[[50.0, 0.0, 0.0, 0.0]]);
        scores.rows[0][1] = Value::Number(0.04, Kind::Percent);
        scores.rows[0][2] = Value::Number(0.20, Kind::Percent);
        scores.rows[0][3] = Value::Number(0.0, Kind::Percent);
        suppress(&mut scores, 5);
        assert_eq!(shown(&scores), ["50,,20.0,0.0"]);
    }

    #[test]
    fn rows_about_single_people_are_not_published() {
        let mut people = table(&[[1.0; 4]]);
        people.id = "change";
        let mut sections = vec![Section { id: "change", title: None, blocks: vec![Block::Table(people)] }];
        publish(&mut sections, 5, &BTreeSet::new());
        assert!(matches!(&sections[0].blocks[0], Block::Text(text) if text.contains("not published")));
    }
}
