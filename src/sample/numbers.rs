//! Kept columns as numbers: outcomes, times, whatever stands beside the answers.

use super::gather::Sample;
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};

impl Sample {
    /// A column of the file as numbers, row by row; a gap is none. A decimal comma counts where the file has them.
    ///
    /// # Errors
    /// A usage error for a column that was not read; findings, with line and column, for cells that are no numbers.
    /// `files` are the names of the files, for these.
    pub fn numbers(&self, option: &str, column: &str, files: &[&str]) -> Result<Vec<Option<f64>>, Error> {
        let Some(words) = self.column(column) else {
            let help = "name a column of the file";
            return Err(Error::usage_help(format!("{option}: the file has no column `{column}`"), help));
        };
        let read = |word: &String| {
            let word = word.trim();
            if self.layout.missing.matches(word.as_bytes()).is_some() {
                return Ok(None);
            }
            let comma = self.layout.dialect.decimal_comma && !word.contains('.');
            let plain = if comma { word.replace(',', ".") } else { word.to_owned() };
            plain.parse::<f64>().ok().filter(|x| x.is_finite()).map(Some).ok_or(())
        };
        // Each word is read once.
        let known: Vec<Result<Option<f64>, ()>> = words.distinct().iter().map(read).collect();
        let mut findings = Findings::new();
        let mut numbers = Vec::with_capacity(self.rows());
        for row in 0..self.rows() {
            match known[words.index(row)] {
                Ok(number) => numbers.push(number),
                Err(()) => {
                    let message = format!("`{}` is not a number", words.get(row));
                    let place = Place { column: Some(column.to_owned()), ..self.place(row, files) };
                    let help =
                        "correct the cell; if it stands for a missing value, name it with --missing-codes";
                    findings.push(Finding::problem(Code::TextInItem, place, message).help(help));
                }
            }
        }
        if findings.is_empty() { Ok(numbers) } else { Err(Error::data(findings)) }
    }

    /// Where a row stands; `files` are the names of the files.
    pub fn place(&self, row: usize, files: &[&str]) -> Place {
        let (source, line) = self.line(row);
        let name = files.get(source).copied().unwrap_or(&self.layout.file);
        Place { line: Some(line), ..Place::file(name) }
    }
}
