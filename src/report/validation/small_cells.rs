//! Cells of few persons in tables, and those from which they could be had.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::ScaleLine;

/// What says which people a row is about.
type Of = [Option<String>; 4];

/// The columns of it.
const OF: [&str; 4] = ["scale", "form", "group", "roles"];

/// How many persons, dyads or changes a row is about: the first of these that a table has.
const BASES: [&str; 6] = ["n", "persons", "changes", "courses", "dyads", "rows"];

/// Columns that say what else a row is about: it is one of several about the same people.
const WHAT: [&str; 21] = [
    "item",
    "with",
    "term",
    "outcome",
    "model",
    "method",
    "by",
    "exceeds",
    "rule",
    "question",
    "design",
    "facet",
    "factor",
    "finding",
    "title",
    "head",
    "property",
    "column",
    "sessions",
    "coefficient",
    "about",
];

/// Whole numbers that count no people: what was designed or computed, and gaps, which are nobody's trait.
const NO_PEOPLE: [&str; 16] = [
    "k",
    "df",
    "df1",
    "df2",
    "factor",
    "sessions",
    "items",
    "patterns",
    "min_answered",
    "missing",
    "no_score",
    "complete",
    "dropped",
    "count",
    "workers",
    "rows",
];

/// The groups that are too small to be told of, with those that would give them away.
pub(super) struct SmallCells {
    smallest: u64,
    gone: BTreeSet<Of>,
}

impl SmallCells {
    /// Finds them in the tables of a report. Of groups beside each other at least two are gone, or none, and those that are
    /// gone have together as many persons as a cell must have: a total less the others tells no more than that.
    pub fn of<'a>(tables: impl Iterator<Item = &'a Table>, smallest: u64) -> SmallCells {
        let mut gone = BTreeSet::new();
        for table in tables {
            let Some(base) = base(table) else { continue };
            if table.columns.iter().any(|column| WHAT.contains(&column.id) && column.id != "title") {
                continue;
            }
            let mut beside: BTreeMap<Of, Vec<(u64, Of)>> = BTreeMap::new();
            for row in &table.rows {
                let (Some(n), of) = (count(&row[base]), of_row(table, row)) else { continue };
                let [scale, form, group, roles] = of.clone();
                let among =
                    if group.is_some() { [scale, form, None, roles] } else { [scale, None, None, None] };
                beside.entry(among).or_default().push((n, of));
            }
            for mut groups in beside.into_values() {
                groups.sort();
                groups.retain(|(n, _)| *n > 0);
                let sizes: Vec<u64> = groups.iter().map(|(n, _)| *n).collect();
                let many = hidden(&sizes, smallest);
                // A group that is gone on one scale is gone on all: each leaves out other persons, and the group that goes with
                // it must be the same one.
                gone.extend(groups.into_iter().take(many).map(|(_, [scale, form, group, roles])| {
                    [scale.filter(|_| group.is_none()), form, group, roles]
                }));
            }
        }
        SmallCells { smallest, gone }
    }

    /// Finds them among scales of which so many persons are known.
    pub fn of_lines<'a>(lines: impl Iterator<Item = (&'a ScaleLine, usize)>, smallest: u64) -> SmallCells {
        let columns = OF[..3].iter().chain(&["n"]).map(|id| Column::new(id, *id)).collect();
        let mut table = Table::new("lines", columns);
        for (of, n) in lines {
            table.rows.push(of.cells().into_iter().chain([Value::count(n as u64)]).collect());
        }
        SmallCells::of([&table].into_iter(), smallest)
    }

    /// Whether a scale of a form and group is one of them.
    pub fn hold(&self, of: &ScaleLine) -> bool {
        let text = |value: &Value| if let Value::Text(text) = value { Some(text.clone()) } else { None };
        let cells = of.cells();
        self.is_gone(&[text(&cells[0]), text(&cells[1]), text(&cells[2]), None])
    }

    /// Whether a text speaks of one of these groups, as notes name them: `task (caregiver, west)`.
    pub fn are_told_by(&self, text: &str) -> bool {
        self.gone.iter().any(|[scale, form, group, _]| {
            let of: Vec<&str> = [form, group].into_iter().flatten().map(String::as_str).collect();
            let of = of.join(", ");
            match scale {
                _ if of.is_empty() => false,
                Some(scale) => text.contains(&format!("{scale} ({of})")),
                None => text.contains(&format!("({of})")),
            }
        })
    }

    /// Takes them out of a table; how many cells are gone.
    pub fn take_out(&self, table: &mut Table) -> usize {
        let base = base(table);
        let mut hidden = 0;
        for at in 0..table.rows.len() {
            take_out_ends(table, at);
            let row = &table.rows[at];
            let n = base.and_then(|base| count(&row[base]));
            if self.is_gone(&of_row(table, row)) || n.is_some_and(|n| self.is_small(n)) {
                let keep: Vec<bool> = table.columns.iter().map(|column| is_name(column.id)).collect();
                for (cell, _) in table.rows[at].iter_mut().zip(keep).filter(|(_, keep)| !keep) {
                    hidden += usize::from(*cell != Value::Empty);
                    *cell = Value::Empty;
                }
                continue;
            }
            for cell in self.cells(table, at, base.zip(n)) {
                for cell in told_with(table, cell) {
                    hidden += usize::from(table.rows[at][cell] != Value::Empty);
                    table.rows[at][cell] = Value::Empty;
                }
            }
        }
        hidden
    }

    fn is_small(&self, n: u64) -> bool {
        (1..self.smallest).contains(&n)
    }

    fn is_gone(&self, of: &Of) -> bool {
        self.gone.iter().any(|gone| {
            let same_scale = gone[0].is_none() || of[0].is_none() || gone[0] == of[0];
            same_scale && gone[1..] == of[1..] && of[1..].iter().any(Option::is_some)
                || gone == of && of.iter().any(Option::is_some)
        })
    }

    /// The cells of a row that tell of few persons, or give such a cell away.
    fn cells(&self, table: &Table, at: usize, base: Option<(usize, u64)>) -> Vec<usize> {
        let row = &table.rows[at];
        let mut gone = self.of_cumulated(table, row);
        gone.extend(
            (0..row.len()).filter(|cell| self.tells_few_in_words(table.columns[*cell].id, &row[*cell], base)),
        );
        let Some((base, all)) = base else { return gone };
        let classes: Vec<usize> = (0..row.len())
            .filter(|cell| *cell != base && !NO_PEOPLE.contains(&table.columns[*cell].id))
            .filter(|cell| {
                !table.columns[*cell].id.starts_with("reach_") && count(&row[*cell]).is_some_and(|n| n <= all)
            })
            .collect();
        let n = |cell: &usize| count(&row[*cell]).unwrap_or(0);
        let few = if classes.iter().map(n).sum::<u64>() == all {
            // Classes of all: the least of them go, so that no total gives one away.
            let mut sorted: Vec<usize> = classes.iter().copied().filter(|cell| n(cell) > 0).collect();
            sorted.sort_by_key(|cell| n(cell));
            let sizes: Vec<u64> = sorted.iter().map(n).collect();
            sorted.truncate(hidden(&sizes, self.smallest));
            sorted
        } else if classes.iter().any(|cell| self.is_small(n(cell)) || self.is_small(all - n(cell))) {
            classes
        } else {
            Vec::new()
        };
        let shares = (0..row.len()).filter(|cell| match &row[*cell] {
            // Shares and their limits beside counts that are gone would tell them.
            Value::Number(_, Kind::Percent) | Value::Pair(_, Kind::Percent) if !few.is_empty() => true,
            Value::Number(share, Kind::Percent) => {
                let there = (share * all as f64).round() as u64;
                self.is_small(there) || self.is_small(all.saturating_sub(there))
            }
            _ => false,
        });
        gone.extend(shares);
        gone.extend(few);
        gone.sort_unstable();
        gone.dedup();
        gone
    }

    /// Counts of those who came so often at least: the difference of two of them is a class.
    fn of_cumulated(&self, table: &Table, row: &[Value]) -> Vec<usize> {
        let mut gone = Vec::new();
        let mut last: Option<u64> = None;
        for (at, column) in table.columns.iter().enumerate() {
            let Some(n) = count(&row[at]).filter(|_| column.id.starts_with("at_least_")) else { continue };
            if self.is_small(n) || last.is_some_and(|last| self.is_small(last.abs_diff(n))) {
                gone.push(at);
            } else {
                last = Some(n);
            }
        }
        gone
    }

    /// Words that hold counts or shares of persons.
    fn tells_few_in_words(&self, column: &str, value: &Value, base: Option<(usize, u64)>) -> bool {
        let Value::Text(text) = value else { return false };
        match column {
            // `north: 40, 4.50 (1.00); south: …`
            "means" => text.split("; ").any(|group| {
                let after = group.rsplit_once(": ").map_or(group, |(_, after)| after);
                let n = after.split(',').next().and_then(|n| n.trim().parse().ok());
                n.is_none_or(|n: u64| n < self.smallest)
            }),
            // Whole percents: what is rounded may be as few as half a percent less.
            "shares" => {
                let Some((_, all)) = base else { return true };
                text.split(' ').any(|share| {
                    let share: f64 = share.parse().unwrap_or(0.0);
                    (share - 0.5) / 100.0 * (all as f64) < self.smallest as f64
                })
            }
            // `2 of 3`: so many of those of whom it can be told.
            "lower_in" | "before_repair" | "before_none" => {
                let counts =
                    text.split_once(" of ").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
                counts.is_none_or(|(a, b): (u64, u64)| {
                    b < self.smallest || self.is_small(a) || self.is_small(b.saturating_sub(a))
                })
            }
            _ => false,
        }
    }
}

/// The lowest and the highest of something are one person's each.
const ENDS: [&str; 7] = ["observed", "min", "max", "sessions_min", "sessions_max", "cases_min", "cases_max"];

/// Takes single persons' values out of a row.
fn take_out_ends(table: &mut Table, at: usize) {
    for cell in (0..table.columns.len()).filter(|cell| ENDS.contains(&table.columns[*cell].id)) {
        table.rows[at][cell] = Value::Empty;
    }
}

/// The cells that rest on a cell: everything about a code on how many dyads tell of it; on a number that pages do not show,
/// the words for it that follow.
fn told_with(table: &Table, cell: usize) -> Range<usize> {
    let all = table.columns.len();
    if table.columns[cell].id == "lower_in" {
        let code = table.columns.iter().position(|column| column.id == "code");
        return code.map_or(0, |code| code + 1)..all;
    }
    let hidden = |cell: usize| table.columns.get(cell).is_some_and(|column| !column.shown);
    let words = if hidden(cell) && hidden(cell + 1) && !hidden(cell + 2) { 2 } else { 0 };
    cell..(cell + words + 1).min(all)
}

/// How many of these sizes, from the smallest on, must go: none if none is small; else at least two, which together are no
/// small cell either.
fn hidden(sorted: &[u64], smallest: u64) -> usize {
    let mut gone = sorted.iter().take_while(|n| **n < smallest).count();
    if gone == 0 {
        return 0;
    }
    while gone < sorted.len() && (gone < 2 || sorted[..gone].iter().sum::<u64>() < smallest) {
        gone += 1;
    }
    gone
}

fn base(table: &Table) -> Option<usize> {
    BASES.iter().find_map(|id| table.columns.iter().position(|column| column.id == *id))
}

fn is_name(column: &str) -> bool {
    OF.contains(&column) || WHAT.contains(&column) || column == "reason"
}

fn of_row(table: &Table, row: &[Value]) -> Of {
    OF.map(|id| {
        let at = table.columns.iter().position(|column| column.id == id)?;
        match &row[at] {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    })
}

fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(n, Kind::Count) if *n >= 0.0 => Some(*n as u64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[f64; 4]]) -> Table {
        let names = [("n", "n"), ("improved", "Improved"), ("same", "Same"), ("worse", "Worse")];
        let columns = [("group", "Group")].into_iter().chain(names);
        let mut table = Table::new("classes", columns.map(|(id, head)| Column::new(id, head)).collect());
        for (at, row) in rows.iter().enumerate() {
            let counts = row.map(|n| Value::Number(n, Kind::Count));
            table.rows.push([Value::text(format!("g{at}"))].into_iter().chain(counts).collect());
        }
        table
    }

    fn shown(mut table: Table) -> Vec<String> {
        SmallCells::of([&table].into_iter(), 5).take_out(&mut table);
        let row = |row: &Vec<Value>| row[1..].iter().map(Value::shown).collect::<Vec<_>>().join(",");
        table.rows.iter().map(row).collect()
    }

    #[test]
    fn a_small_class_goes_and_its_complement_with_it() {
        let classes = table(&[[30.0, 2.0, 20.0, 8.0], [40.0, 10.0, 20.0, 10.0]]);
        assert_eq!(shown(classes), ["30,,20,", "40,10,20,10"]);
    }

    #[test]
    fn classes_that_are_few_together_take_another_with_them() {
        assert_eq!(shown(table(&[[30.0, 2.0, 26.0, 2.0]])), ["30,,,"]);
    }

    #[test]
    fn a_small_group_goes_and_the_next_smallest_with_it() {
        let groups = table(&[[3.0, 1.0, 1.0, 1.0], [12.0, 0.0, 6.0, 6.0], [40.0, 10.0, 20.0, 10.0]]);
        assert_eq!(shown(groups), [",,,", ",,,", "40,10,20,10"]);
    }

    #[test]
    fn the_same_group_goes_with_a_small_one_on_every_scale() {
        let columns = ["scale", "form", "group", "n"].map(|id| Column::new(id, id));
        let mut scales = Table::new("scales", columns.to_vec());
        for (scale, sizes) in [("bond", [9.0, 7.0, 6.0, 3.0]), ("goal", [9.0, 5.0, 6.0, 3.0])] {
            for (group, n) in ["north", "south", "west", "east"].into_iter().zip(sizes) {
                let names = [scale, "client", group].map(Value::text).to_vec();
                scales.rows.push([names, vec![Value::Number(n, Kind::Count)]].concat());
            }
        }
        let small = SmallCells::of([&scales].into_iter(), 5);
        small.take_out(&mut scales);
        // With east goes west on one scale and south on the other: so both go on both.
        let left = |scale: &str| {
            let rows = scales.rows.iter().filter(|row| row[0] == Value::text(scale));
            rows.map(|row| row[3].shown()).collect::<Vec<_>>()
        };
        assert_eq!(left("bond"), ["9", "", "", ""]);
        assert_eq!(left("bond"), left("goal"));
        assert!(small.are_told_by("alpha of bond (client, south)"));
    }

    #[test]
    fn words_go_with_the_number_that_they_tell() {
        let of = [Column::new("form", "Form"), Column::new("n", "n"), Column::hidden("share")];
        let words = [Column::hidden("rating"), Column::new("share_shown", "Share")];
        let mut table = Table::new("cosmin", of.into_iter().chain(words).collect());
        let share = Value::Number(1.0 / 6.0, Kind::Percent);
        table.rows = vec![vec![
            Value::text("client"),
            Value::count(6),
            share,
            Value::text("−"),
            Value::text("16.7 −"),
        ]];
        SmallCells::of([&table].into_iter(), 5).take_out(&mut table);
        assert_eq!(table.rows[0][2..], [Value::Empty, Value::Empty, Value::Empty]);
    }

    #[test]
    fn everything_about_a_code_goes_where_few_dyads_tell_of_it() {
        let ids = ["code", "n_coded", "difference", "lower_in", "nap"];
        let mut table = Table::new("events", ids.map(|id| Column::new(id, id)).to_vec());
        let row = |code: &str, lower: &str| {
            let score = |x| Value::Number(x, Kind::Score);
            vec![Value::text(code), Value::count(40), score(0.7), Value::text(lower), score(0.9)]
        };
        table.rows = vec![row("threat", "2 of 3"), row("asymmetry", "20 of 40")];
        SmallCells::of([&table].into_iter(), 5).take_out(&mut table);
        let shown = |at: usize| table.rows[at].iter().map(Value::shown).collect::<Vec<_>>().join(",");
        assert_eq!([shown(0), shown(1)], ["threat,,,,", "asymmetry,40,0.70,20 of 40,0.90"]);
    }

    #[test]
    fn a_group_that_is_gone_is_gone_from_every_table() {
        let groups = table(&[[3.0, 1.0, 1.0, 1.0], [12.0, 0.0, 6.0, 6.0], [40.0, 10.0, 20.0, 10.0]]);
        let mut other = Table::new("alphas", vec![Column::new("group", "Group"), Column::new("alpha", "α")]);
        for (at, alpha) in [0.7, 0.8, 0.9].into_iter().enumerate() {
            other.rows.push(vec![Value::text(format!("g{at}")), Value::Number(alpha, Kind::Bounded)]);
        }
        let small = SmallCells::of([&groups].into_iter(), 5);
        assert_eq!(small.take_out(&mut other), 2);
        assert_eq!(other.rows[0][1], Value::Empty);
        assert_eq!(other.rows[2][1], Value::Number(0.9, Kind::Bounded));
        assert!(small.are_told_by("1 person of (g0) left out") && !small.are_told_by("(g2)"));
    }

    #[test]
    fn shares_that_come_from_a_few_are_not_shown() {
        let mut scores = table(&[[50.0, 0.0, 0.0, 0.0]]);
        for (cell, share) in [(2, 0.04), (3, 0.20), (4, 0.0)] {
            scores.rows[0][cell] = Value::Number(share, Kind::Percent);
        }
        assert_eq!(shown(scores), ["50,,20.0,0.0"]);
    }

    #[test]
    fn classes_that_overlap_go_together() {
        // Three of thirty, and those who are not in the second: no partition, so nothing can be told of any.
        assert_eq!(shown(table(&[[30.0, 3.0, 20.0, 15.0]])), ["30,,,"]);
    }

    #[test]
    fn a_loss_of_a_few_between_sessions_is_not_shown() {
        let ids = ["at_least_1", "at_least_2", "at_least_3"];
        let mut stays = Table::new("attrition", ids.map(|id| Column::new(id, id)).to_vec());
        stays.rows.push([60.0, 58.0, 50.0].map(|n| Value::Number(n, Kind::Count)).to_vec());
        SmallCells::of([&stays].into_iter(), 5).take_out(&mut stays);
        assert_eq!(stays.rows[0].iter().map(Value::shown).collect::<Vec<_>>(), ["60", "", "50"]);
    }
}
