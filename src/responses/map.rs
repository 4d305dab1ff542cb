//! `--map`: a small table that says which column is which item or key.

use crate::finding::{Code, Finding, Findings, Place, near};
use crate::instrument::fold_name;
use crate::strict;

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
        let text = strict::text(name, bytes)?;
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|d| text.lines().next().unwrap_or("").bytes().filter(|b| b == d).count())
            .unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let mut findings = Findings::keeping_all();
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(fold_name).collect(),
            Err(_) => Vec::new(),
        };
        let find = |names: &[&str]| headers.iter().position(|header| names.contains(&header.as_str()));
        let (Some(column), Some(item)) = (find(&["column"]), find(&["item", "key", "itemorkey"])) else {
            let place = Place { line: Some(1), ..Place::file(name) };
            let message = "a column map has the columns `column` and `item`";
            return Err(Finding::problem(Code::BadMap, place, message)
                .help(format!("found: {}{}", headers.join(", "), suggestion(&headers)))
                .into());
        };
        let mut entries: Vec<(u64, String, String)> = Vec::new();
        for record in reader.records() {
            let Ok(record) = record else { continue };
            let line = record.position().map_or(0, csv::Position::line);
            let place = || Place { line: Some(line), ..Place::file(name) };
            match (record.get(column).map(str::trim), record.get(item).map(str::trim)) {
                (Some(""), Some("")) => {}
                (Some(column), Some(item)) if !column.is_empty() && !item.is_empty() => {
                    if entries.iter().any(|(_, other, _)| other == column) {
                        let message = format!("the column `{column}` is mapped twice");
                        findings.push(Finding::problem(Code::BadMap, place(), message));
                    }
                    entries.push((line, column.to_owned(), item.to_owned()));
                }
                _ => {
                    let message = "a line needs both a column and an item or key";
                    findings.push(Finding::problem(Code::BadMap, place(), message));
                }
            }
        }
        if findings.problems() > 0 { Err(findings) } else { Ok(ColumnMap { name: name.to_owned(), entries }) }
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
