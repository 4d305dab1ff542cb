//! A small table that a person brings beside the answers (a map, labels): read as a whole, however it is written.

use super::blocks::{Block, BlockText, ReadError};
use super::buffer::Buffer;
use super::dialect::{Dialect, Said};
use super::encoding::to_utf8;
use super::open::open;
use super::record::{Fields, line_end, lines};
use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::fold_name;

/// A small table: its columns, and its rows that are not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Name of its file.
    pub name: String,
    /// The names of its columns.
    pub names: Vec<String>,
    /// The same, folded as [`fold_name`] does.
    pub columns: Vec<String>,
    /// How it is written.
    pub dialect: Dialect,
    /// Rows: line in the file, and trimmed cells, one for each column.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// Reads a table.
    ///
    /// # Errors
    /// Findings if it cannot be read, or has no header.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Sheet, Findings> {
        let failed = |error| match error {
            ReadError::Finding(finding) => Findings::from(*finding),
            ReadError::Io(error) => {
                Finding::problem(Code::NotATable, Place::file(name), error.to_string()).into()
            }
        };
        let table = open(name, bytes, &Said::default()).map_err(failed)?;
        let (delimiter, header_lines) = (table.dialect.delimiter, table.header_lines);
        let mut sheet = Sheet {
            name: name.to_owned(),
            names: table.header.names,
            columns: table.header.folded,
            dialect: table.dialect,
            rows: Vec::new(),
        };
        let mut block = Block::default();
        let (any, mut blocks) = table.blocks.rest(&mut block).map_err(failed)?;
        if !any {
            return Ok(sheet);
        }
        let (mut text, mut findings) = (Buffer::default(), Findings::new());
        match block.text {
            BlockText::Encoded(known) => {
                to_utf8(known, block.bytes.bytes(), &mut text, name, &mut findings);
                findings.kept_mut().iter_mut().for_each(|finding| finding.place.shift(header_lines, 0, 0));
            }
            _ => text = std::mem::take(&mut block.bytes),
        }
        sheet.take(text.bytes(), delimiter, header_lines, &mut findings);
        // An open quote at the end leaves something behind.
        blocks.next_block(&mut Block::default()).map_err(failed)?;
        sheet.dialect.encoding = blocks.encoding();
        if findings.problems() > 0 { Err(findings) } else { Ok(sheet) }
    }

    /// The column of one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.columns.iter().position(|column| names.iter().any(|name| fold_name(name) == *column))
    }

    /// The place of a line.
    pub fn place(&self, line: u64) -> Place {
        Place { line: Some(line), ..Place::file(&self.name) }
    }

    fn take(&mut self, bytes: &[u8], delimiter: u8, header_lines: u64, findings: &mut Findings) {
        let mut csv = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (mut record, mut at, mut line) = (Fields::default(), 0, header_lines + 1);
        while at < bytes.len() {
            let end = match bytes[at] {
                b'\n' | b'\r' => line_end(bytes, at),
                _ => {
                    let end = record.split_quoted(&mut csv, bytes, at);
                    self.push(&record, line, findings);
                    end
                }
            };
            line += lines(&bytes[at..end]);
            at = end;
        }
    }

    fn push(&mut self, record: &Fields, line: u64, findings: &mut Findings) {
        let mut cells: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        if cells.iter().all(String::is_empty) {
            return;
        }
        let (got, want) = (cells.len(), self.columns.len());
        if cells.iter().skip(want).any(|cell| !cell.is_empty()) {
            let message = format!("the line has {got} fields, the header {want}");
            let help = "a delimiter in a text? Put the field in quotes";
            findings.push(Finding::problem(Code::TooManyFields, self.place(line), message).help(help));
        }
        cells.resize(want, String::new());
        self.rows.push((line, cells));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_read_however_it_is_written() {
        let plain = Sheet::read("a.csv", "column,Item\nP1,i01\n\n\"P\n2\",año\n,\nP3\n".as_bytes()).unwrap();
        assert_eq!(plain.columns, ["column", "item"]);
        let rows = [(2, ["P1", "i01"]), (4, ["P\n2", "año"]), (7, ["P3", ""])];
        assert_eq!(plain.rows, rows.map(|(line, cells)| (line, cells.map(str::to_owned).to_vec())));
        let excel = b"sep=;\r\ncolumn;item\r\nP1;a\xf1o\r\n";
        assert_eq!(Sheet::read("a.csv", excel).unwrap().rows, [(3, vec!["P1".to_owned(), "año".to_owned()])]);
        let codes = |bytes: &[u8]| Sheet::read("a.csv", bytes).unwrap_err().kept()[0].code;
        assert_eq!(codes(b""), Code::EmptyFile);
        assert_eq!(codes(b"a,b\n1,2,3\n"), Code::TooManyFields);
        assert_eq!(codes(b"a,b\n1,\"2\n"), Code::UnclosedQuote);
    }
}
