//! The tables, unrounded, one row an entry. Several tables share one header and are told apart by a first column.

use csv::Writer;

use crate::report::model::{Report, Value};

pub(super) fn render(report: &Report) -> String {
    let tables: Vec<_> = report.tables().collect();
    let several = tables.iter().any(|table| table.id != tables[0].id);
    let mut ids: Vec<&str> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if !ids.contains(&column.id) {
            ids.push(column.id);
        }
    }
    let mut writer = Writer::from_writer(Vec::new());
    let name = |table: &str| several.then(|| table.to_owned());
    // Writing to memory cannot fail.
    let _ = writer.write_record(name("table").into_iter().chain(ids.iter().map(|id| (*id).to_owned())));
    for table in tables {
        for row in &table.rows {
            let cell = |id: &&str| {
                let at = table.columns.iter().position(|column| column.id == *id);
                at.map_or_else(String::new, |at| cell_text(row.get(at).unwrap_or(&Value::Empty)))
            };
            let _ = writer.write_record(name(table.id).into_iter().chain(ids.iter().map(cell)));
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A cell as data. A spreadsheet takes a text that begins like a formula for one; an apostrophe before it says that it is
/// text.
fn cell_text(value: &Value) -> String {
    let text = value.exact();
    let formula = matches!(value, Value::Text(_)) && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text }
}
