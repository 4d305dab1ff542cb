//! First, previous and last session of a dyad side by side.

use super::pages::{Pages, listed};
use crate::report::figures::Line;
use crate::report::format::Kind;
use crate::report::model::{Column, Table, Value};

impl Pages<'_> {
    /// First, previous and last session side by side, on all scales: a row for each scale, columns for each informant.
    pub(super) fn three(&self, lines: &[Line<'_>]) -> Option<Table> {
        // A column of data formats has a fixed name; so many informants stand side by side.
        const IDS: [[&str; 3]; 3] = [
            ["first_1", "previous_1", "last_1"],
            ["first_2", "previous_2", "last_2"],
            ["first_3", "previous_3", "last_3"],
        ];
        let sample = &self.followed.study.sample;
        let heads = ["three_first", "three_previous", "three_last"].map(|key| self.texts.get(key));
        let mut columns = vec![Column::new("scale", self.texts.get("three_scale"))];
        let mut notes = Vec::new();
        let mut rows: Vec<[Option<usize>; 3]> = Vec::new();
        for (line, ids) in lines.iter().zip(IDS) {
            columns.extend(
                ids.iter().zip(&heads).map(|(id, head)| Column::new(id, format!("{}: {head}", line.role))),
            );
            let all = &line.member.rows;
            let previous = all.len().checked_sub(2).filter(|at| *at > 0);
            let last = all.len().checked_sub(1).filter(|at| *at > 0);
            rows.push([all.first().copied(), previous.map(|at| all[at]), last.map(|at| all[at])]);
            let numbers = line.member.series.numbers();
            let sessions = [(!all.is_empty()).then_some(0), previous, last];
            let sessions: Vec<i64> = sessions.into_iter().flatten().map(|at| numbers[at]).collect();
            let words = [("role", line.role.as_str()), ("sessions", &listed(&sessions))];
            notes.push(self.texts.say("three_sessions", &words));
        }
        let mut table = Table::new("three", columns);
        table.title = Some(self.texts.get("three_title"));
        table.notes = vec![notes.join(" ")];
        for scale in 0..sample.plan.scales.len() {
            let mut row = vec![Value::text(self.scale(scale))];
            for own in &rows {
                let value = |at: &Option<usize>| at.and_then(|at| sample.value(scale, at));
                row.extend(own.iter().map(|at| Value::number(value(at), Kind::Score)));
            }
            if row[1..].iter().any(|value| *value != Value::Empty) {
                table.rows.push(row);
            }
        }
        (!table.rows.is_empty()).then_some(table)
    }
}
