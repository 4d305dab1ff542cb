//! A matrix of published figures: covariances, correlations or cross-products of items.

use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::fold_name;
use crate::responses::{Dialect, Sheet};

/// What a published matrix holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatrixKind {
    /// Covariances, divisor n − 1.
    Covariance,
    /// Correlations; with a row of standard deviations they become covariances.
    Correlation,
    /// Σxy over the persons, with a row of sums.
    CrossProducts,
}

impl MatrixKind {
    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            MatrixKind::Covariance => "covariances",
            MatrixKind::Correlation => "correlations",
            MatrixKind::CrossProducts => "cross-products",
        }
    }
}

/// A matrix as it was read: whole, symmetric, of finite numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedMatrix {
    /// The names of its columns.
    pub names: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<f64>>,
    /// The row of sums.
    pub sums: Option<Vec<f64>>,
    /// The row of means.
    pub means: Option<Vec<f64>>,
    /// The row of standard deviations.
    pub sds: Option<Vec<f64>>,
    /// How the file is written.
    pub dialect: Dialect,
}

/// Published matrices are rounded alike on both sides; anything beyond this is a slip.
const SYMMETRY: f64 = 1e-6;
/// How far rounding may push a correlation.
const BEYOND_ONE: f64 = 1e-6;

/// Rows beside the matrix, by what they are called.
const SUMS: &[&str] = &["sum", "sums", "total", "suma", "sumas"];
const MEANS: &[&str] = &["mean", "means", "m", "media", "medias"];
const SDS: &[&str] = &["sd", "sds", "de"];

impl PublishedMatrix {
    /// Reads a matrix of a kind, of `n` persons: a header with the names of the items; a row an item, named in the first column;
    /// half of it suffices. Rows named `sum`, `mean` or `sd` may stand beside it; cross-products need the sums.
    ///
    /// # Errors
    /// Every cell that cannot be used, two halves that differ, and a matrix that no answers can have.
    pub fn parse(name: &str, bytes: &[u8], kind: MatrixKind, n: usize) -> Result<PublishedMatrix, Findings> {
        let sheet = Sheet::read(name, bytes)?;
        let mut reading = Reading { labelled: true, sheet: &sheet, findings: Findings::keeping_all() };
        let matrix = reading.matrix(kind);
        match matrix {
            Some(matrix) if reading.findings.problems() == 0 => {
                reading.check(&matrix, kind, n);
                if reading.findings.problems() > 0 { Err(reading.findings) } else { Ok(matrix) }
            }
            _ => Err(reading.findings),
        }
    }

    /// Means and covariances (divisor n − 1) of the items; means of 0 where none were given.
    pub fn covariances(&self, kind: MatrixKind, n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
        let k = self.names.len();
        let persons = n as f64;
        let value = |a: usize, b: usize| match (kind, &self.sums, &self.sds) {
            (MatrixKind::CrossProducts, Some(sums), _) => {
                (self.rows[a][b] - sums[a] * sums[b] / persons) / (persons - 1.0)
            }
            (MatrixKind::Correlation, _, Some(sds)) => self.rows[a][b] * sds[a] * sds[b],
            _ => self.rows[a][b],
        };
        let means = match (&self.means, &self.sums) {
            (Some(means), _) => means.clone(),
            (None, Some(sums)) => sums.iter().map(|sum| sum / persons).collect(),
            (None, None) => vec![0.0; k],
        };
        (means, (0..k).map(|a| (0..k).map(|b| value(a, b)).collect()).collect())
    }

    /// Whether the means are known.
    pub fn has_means(&self) -> bool {
        self.means.is_some() || self.sums.is_some()
    }
}

struct Reading<'a> {
    labelled: bool,
    sheet: &'a Sheet,
    findings: Findings,
}

impl Reading<'_> {
    fn problem(&mut self, code: Code, line: u64, column: Option<&str>, message: String, help: &str) {
        let place = Place { column: column.map(str::to_owned), ..self.sheet.place(line) };
        self.findings.push(Finding::problem(code, place, message).help(help));
    }

    /// The names of the items.
    fn names(&self) -> Vec<String> {
        self.sheet.names[usize::from(self.labelled)..].to_vec()
    }

    fn matrix(&mut self, kind: MatrixKind) -> Option<PublishedMatrix> {
        let sheet = self.sheet;
        let first_is_number = |cells: &[String]| cells.first().is_some_and(|cell| number(cell).is_some());
        self.labelled = !sheet.rows.iter().all(|(_, cells)| first_is_number(cells));
        let names = self.names();
        let k = names.len();
        let mut cells: Vec<Vec<Option<f64>>> = vec![vec![None; k]; k];
        let mut lines = vec![None; k];
        let (mut sums, mut means, mut sds) = (None, None, None);
        for (at, (line, row)) in sheet.rows.iter().enumerate() {
            let label =
                if self.labelled { row[0].clone() } else { names.get(at).cloned().unwrap_or_default() };
            let values = self.row(*line, &row[usize::from(self.labelled)..], &names);
            let folded = fold_name(&label);
            if let Some(j) = names.iter().position(|name| fold_name(name) == folded) {
                if lines[j].replace(*line).is_some() {
                    let message = format!("`{label}` has a row already");
                    self.problem(Code::MatrixShape, *line, None, message, "one row an item");
                }
                cells[j] = values;
                continue;
            }
            let to = [(SUMS, &mut sums), (MEANS, &mut means), (SDS, &mut sds)]
                .into_iter()
                .find(|(words, _)| words.contains(&folded.as_str()));
            match (to, values.iter().copied().collect::<Option<Vec<f64>>>()) {
                (Some((_, to)), Some(values)) => *to = Some(values),
                (Some(_), None) => {
                    let message = format!("the row `{label}` has gaps");
                    self.problem(Code::MatrixShape, *line, None, message, "one number an item");
                }
                (None, _) => {
                    let message = format!("the row `{label}` is none of the columns");
                    let help = format!(
                        "name the rows like the columns: {}; beside them sum, mean, sd",
                        names.join(", ")
                    );
                    self.problem(Code::MatrixShape, *line, None, message, &help);
                }
            }
        }
        for (name, line) in names.iter().zip(&lines) {
            if line.is_none() {
                let help = "a matrix has a row for each of its columns";
                self.problem(Code::MatrixShape, 1, Some(name), format!("`{name}` has no row"), help);
            }
        }
        if kind == MatrixKind::CrossProducts && sums.is_none() {
            let message = "cross-products need a row of sums".to_owned();
            let help = "add a row named `sum` with the sum of the answers to each item; or say what the matrix is: --matrix covariance";
            self.problem(Code::MatrixShape, 1, None, message, help);
        }
        if self.findings.problems() > 0 {
            return None;
        }
        let rows = self.symmetric(&names, &cells, &lines);
        Some(PublishedMatrix { names, rows, sums, means, sds, dialect: sheet.dialect.clone() })
    }

    /// The numbers of a row; a cell left empty is none.
    fn row(&mut self, line: u64, cells: &[String], names: &[String]) -> Vec<Option<f64>> {
        let mut values = Vec::new();
        for (cell, name) in cells.iter().zip(names) {
            let value = number(cell);
            if value.is_none() && !cell.is_empty() {
                let message = format!("`{cell}` is no number");
                self.problem(Code::MatrixShape, line, Some(name), message, "write a number");
            }
            values.push(value);
        }
        values
    }

    /// Both halves; what one lacks, the other has.
    fn symmetric(
        &mut self,
        names: &[String],
        cells: &[Vec<Option<f64>>],
        lines: &[Option<u64>],
    ) -> Vec<Vec<f64>> {
        let k = names.len();
        let mut rows = vec![vec![0.0; k]; k];
        for a in 0..k {
            for b in 0..=a {
                let line = lines[a].unwrap_or(1);
                let value = match (cells[a][b], cells[b][a]) {
                    (Some(x), Some(y)) => {
                        if (x - y).abs() > SYMMETRY * x.abs().max(y.abs()).max(1.0) {
                            let message =
                                format!("{x} of {} and {} is {y} on the other side", names[a], names[b]);
                            let help = "one of the two is a slip; leave one half of the matrix empty if only the other is sure";
                            self.problem(Code::MatrixAsymmetric, line, Some(&names[b]), message, help);
                        }
                        x
                    }
                    (Some(x), None) | (None, Some(x)) => x,
                    (None, None) => {
                        let message = format!("no number for {} and {}", names[a], names[b]);
                        self.problem(
                            Code::MatrixShape,
                            line,
                            Some(&names[b]),
                            message,
                            "fill in one half of the matrix",
                        );
                        0.0
                    }
                };
                (rows[a][b], rows[b][a]) = (value, value);
            }
        }
        rows
    }

    /// What no answers can have.
    fn check(&mut self, matrix: &PublishedMatrix, kind: MatrixKind, n: usize) {
        let (_, s) = matrix.covariances(kind, n);
        let names = matrix.names.clone();
        let line = |j: usize| {
            self.sheet.rows.iter().enumerate().find(|(at, (_, cells))| {
                if self.labelled { fold_name(&cells[0]) == fold_name(&names[j]) } else { *at == j }
            })
        };
        let lines: Vec<u64> = (0..names.len()).map(|j| line(j).map_or(1, |(_, (line, _))| *line)).collect();
        let help = match kind {
            MatrixKind::Covariance => "are these covariances? (--matrix correlation, cross_products)",
            MatrixKind::Correlation => "are these correlations? (--matrix covariance, cross_products)",
            MatrixKind::CrossProducts => {
                "are these cross-products Σxy of the raw answers, with their sums, of --n persons? (--matrix covariance, correlation)"
            }
        };
        for a in 0..names.len() {
            let own = s[a][a];
            if kind == MatrixKind::Correlation && (matrix.rows[a][a] - 1.0).abs() > BEYOND_ONE {
                let message = format!("{} correlates {} with itself", names[a], matrix.rows[a][a]);
                self.problem(Code::NotACovariance, lines[a], Some(&names[a]), message, help);
            } else if own < 0.0 {
                let message = format!("{} would have a variance of {own}", names[a]);
                self.problem(Code::NotACovariance, lines[a], Some(&names[a]), message, help);
            }
        }
        for a in 0..names.len() {
            for b in 0..a {
                let most = (s[a][a].max(0.0) * s[b][b].max(0.0)).sqrt();
                if s[a][b].abs() > most * (1.0 + BEYOND_ONE) && s[a][a] >= 0.0 && s[b][b] >= 0.0 {
                    let r = s[a][b] / most;
                    let message = if r.is_finite() {
                        format!("{} and {} would correlate {r:.3}", names[a], names[b])
                    } else {
                        format!("{} and {} covary, and one of them has no variance", names[a], names[b])
                    };
                    self.problem(Code::NotACovariance, lines[a], Some(&names[b]), message, help);
                }
            }
        }
    }
}

/// A number, with decimal point or comma.
fn number(cell: &str) -> Option<f64> {
    let text = cell.replace('\u{2212}', "-").replace(',', ".");
    text.parse::<f64>().ok().filter(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str, kind: MatrixKind) -> Vec<(&'static str, Option<u64>, Option<String>)> {
        let findings = PublishedMatrix::parse("m.csv", text.as_bytes(), kind, 10).unwrap_err();
        findings.kept().iter().map(|f| (f.code.id(), f.place.line, f.place.column.clone())).collect()
    }

    #[test]
    fn a_matrix_is_read_whole_or_by_half_labelled_or_not() {
        let whole = "item,a,b\na,2,1\nb,1,3\nmean,4,5\n";
        let half = "item;a;b\nb;1;3\na;2;\nm;4,0;5\n";
        let bare = "a,b\n2,1\n1,3\n";
        for text in [whole, half, bare] {
            let matrix =
                PublishedMatrix::parse("m.csv", text.as_bytes(), MatrixKind::Covariance, 10).unwrap();
            assert_eq!(matrix.names, ["a", "b"]);
            assert_eq!(matrix.covariances(MatrixKind::Covariance, 10).1, [[2.0, 1.0], [1.0, 3.0]]);
            assert_eq!(matrix.has_means(), text != bare);
        }
        let correlations = "item,a,b\na,1,.5\nb,.5,1\nsd,2,3\n";
        let matrix =
            PublishedMatrix::parse("m.csv", correlations.as_bytes(), MatrixKind::Correlation, 10).unwrap();
        assert_eq!(matrix.covariances(MatrixKind::Correlation, 10).1, [[4.0, 3.0], [3.0, 9.0]]);
    }

    #[test]
    fn what_is_no_covariance_matrix_is_said_where_it_stands() {
        use MatrixKind::*;
        let b = || Some("b".to_owned());
        let a = || Some("a".to_owned());
        assert_eq!(codes("item,a,b\na,2,1\nb,1.5,3\n", Covariance), [("matrix_asymmetric", Some(3), a())]);
        assert_eq!(codes("item,a,b\na,2,5\nb,5,3\n", Covariance), [("not_a_covariance", Some(3), a())]);
        assert_eq!(codes("item,a,b\na,2,1\nb,1,-3\n", Covariance), [("not_a_covariance", Some(3), b())]);
        assert_eq!(codes("item,a,b\na,1,.5\nb,.5,.9\n", Correlation), [("not_a_covariance", Some(3), b())]);
        assert_eq!(codes("item,a,b\na,2,x\nb,,3\n", Covariance)[0], ("matrix_shape", Some(2), b()));
        assert_eq!(codes("item,a,b\na,2,\nb,,3\n", Covariance), [("matrix_shape", Some(3), a())]);
        assert_eq!(codes("item,a,b\na,2,1\n", Covariance), [("matrix_shape", Some(1), b())]);
        assert_eq!(codes("item,a,b\na,2,1\nc,1,3\n", Covariance)[0].1, Some(3));
        assert_eq!(codes("item,a,b\na,2,1\nb,1,3\n", CrossProducts), [("matrix_shape", Some(1), None)]);
        // Ten persons with these sums have larger sums of squares than these.
        assert_eq!(codes("item,a,b\na,2,1\nb,1,3\nsum,30,20\n", CrossProducts)[0].0, "not_a_covariance");
    }
}
