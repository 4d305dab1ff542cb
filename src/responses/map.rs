//! `--map`: a small table that says which column is which item or key.

use super::sheet::Sheet;
use crate::finding::{Code, Finding, Findings, Place, near};

/// A column map: columns of the file, and the item or key that each stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnMap {
    /// Name of the map's file.
    pub name: String,
    /// Line, column, and item or key, as written.
    pub entries: Vec<(u64, String, String)>,
}

impl ColumnMap {
    /// Reads a map: a CSV file with the columns `column` and `item`, where an item is an id, a number, `INSTRUMENT.ITEM`,
    /// or the name of a key.
    ///
    /// # Errors
    /// Every line that cannot be read.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<ColumnMap, Findings> {
        let sheet = Sheet::read(name, bytes)?;
        let mut findings = Findings::keeping_all();
        let (Some(column), Some(item)) =
            (sheet.column(&["column"]), sheet.column(&["item", "key", "item or key"]))
        else {
            let message = "a column map has the columns `column` and `item`";
            return Err(Finding::problem(Code::BadMap, sheet.place(1), message)
                .help(format!("found: {}{}", sheet.columns.join(", "), suggestion(&sheet.columns)))
                .into());
        };
        let mut entries: Vec<(u64, String, String)> = Vec::new();
        for (line, cells) in &sheet.rows {
            let (column, item) = (&cells[column], &cells[item]);
            let mut problem = |message: String| {
                findings.push(Finding::problem(Code::BadMap, sheet.place(*line), message));
            };
            if column.is_empty() || item.is_empty() {
                problem("a line needs both a column and an item or key".to_owned());
                continue;
            }
            if entries.iter().any(|(_, other, _)| other == column) {
                problem(format!("the column `{column}` is mapped twice"));
            }
            entries.push((*line, column.clone(), item.clone()));
        }
        if findings.problems() > 0 { Err(findings) } else { Ok(ColumnMap { name: name.to_owned(), entries }) }
    }

    /// The map as a file.
    ///
    /// # Errors
    /// None that a text in memory can have.
    pub fn text(&self) -> Result<Vec<u8>, crate::error::Error> {
        let failed = |_| crate::error::Error::usage("the map cannot be written");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["column", "item"]).map_err(failed)?;
        for (_, column, item) in &self.entries {
            writer.write_record([column, item]).map_err(failed)?;
        }
        writer.into_inner().map_err(|_| crate::error::Error::usage("the map cannot be written"))
    }

    /// The place of an entry.
    pub(super) fn place(&self, line: u64) -> Place {
        Place { line: Some(line), ..Place::file(&self.name) }
    }
}

fn suggestion(headers: &[String]) -> String {
    let near: Vec<&str> = headers.iter().flat_map(|header| near(header, ["column", "item"])).collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_and_its_mistakes_are_named() {
        let map = ColumnMap::parse("m.csv", b"column;item\nP1;i01\nP2; 2 \n;\n").unwrap();
        assert_eq!(map.entries[1], (3, "P2".to_owned(), "2".to_owned()));
        let findings = ColumnMap::parse("m.csv", b"column,item\nP1,i01\nP1,i02\nP3,\n").unwrap_err();
        assert_eq!(findings.problems(), 2);
        assert!(ColumnMap::parse("m.csv", b"colum,itm\n").unwrap_err().kept()[0].help.is_some());
    }
}
