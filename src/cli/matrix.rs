//! Published figures in place of answers: `alliance reliability ID --cov matrix.csv --matrix KIND --n N`.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::files::{base_name, read};
use super::stream;
use super::study::StudyArgs;
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::moments::Moments;
use crate::report::model::InputFile;
use crate::report::{self, MatrixStudy, Study};
use crate::responses::{Counts, FormRule, Layout, open};
use crate::sample::Sample;
use crate::scoring::{MatrixKind, Plan, PublishedMatrix};

/// A matrix that somebody published.
#[derive(Debug, Args)]
#[command(next_help_heading = "Published figures instead of answers")]
pub(super) struct MatrixArgs {
    /// A matrix of the items, a row and a column an item; half of it suffices
    #[arg(long, value_name = "FILE", requires_all = ["matrix", "n"])]
    cov: Option<PathBuf>,
    /// What the matrix holds
    #[arg(long, value_enum, value_name = "KIND", requires = "cov")]
    matrix: Option<KindWord>,
    /// How many persons stand behind it
    #[arg(long, value_name = "N", requires = "cov", value_parser = clap::value_parser!(u32).range(2..))]
    n: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum KindWord {
    /// Covariances, divisor n − 1; a row `mean` may stand beside
    Covariance,
    /// Correlations; with a row `sd` they become covariances
    Correlation,
    /// Σxy over the persons, with a row `sum`
    #[value(alias = "cross-products")]
    CrossProducts,
}

/// Correlations may be this far from those of any persons: pairwise deletion and two decimals, but not a wrong matrix.
const MOST_NEGATIVE: f64 = -0.05;

impl MatrixArgs {
    /// The matrix, if one was given.
    pub fn given(&self) -> Option<(&Path, MatrixKind, usize)> {
        let kind = match self.matrix? {
            KindWord::Covariance => MatrixKind::Covariance,
            KindWord::Correlation => MatrixKind::Correlation,
            KindWord::CrossProducts => MatrixKind::CrossProducts,
        };
        Some((self.cov.as_deref()?, kind, self.n? as usize))
    }
}

/// Reads a matrix against an instrument: its columns are found as those of a file of answers are.
pub(super) fn load(
    study: &StudyArgs,
    (path, kind, n): (&Path, MatrixKind, usize),
) -> Result<MatrixStudy, Error> {
    let instrument = study.instrument_alone()?;
    let bytes = read(path)?;
    let name = path.display().to_string();
    let matrix = PublishedMatrix::parse(&name, &bytes, kind, n).map_err(Error::data)?;
    let options = study.how.options()?;
    let header: Vec<String> =
        matrix.names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let table = open(&name, Cursor::new(header.join(",") + "\n"), &crate::responses::Said::default())
        .map_err(|_| Error::usage(format!("the columns of {name} cannot be read")))?;
    let layout = Layout::new(&name, &table.header, &table.dialect, &[instrument], &options)?;
    let plan = Plan::new(&layout, &study.rules.rules()?)?;
    let form = match layout.passes[0].form {
        FormRule::Fixed(form) => form,
        FormRule::ByRole | FormRule::Unspecified => 0,
    };
    let counts = Counts { by_form: BTreeMap::from([((0, Some(form)), n as u64)]), ..Counts::default() };
    stream::check_keys(&layout, Some(&counts), study.rules.accept_inferred)?;
    let moments = moments(&name, &matrix, kind, n)?;
    let has_spread = kind != MatrixKind::Correlation || matrix.sds.is_some();
    if has_spread {
        check_spread(&name, &layout, &plan, &moments)?;
    }
    let file = InputFile {
        name: base_name(path),
        digest: blake3::hash(&bytes).to_hex().to_string(),
        bytes: bytes.len() as u64,
        rows: matrix.rows.len() as u64,
        read_as: report::read_as(&matrix.dialect, matrix.dialect.encoding),
        columns: None,
    };
    let sample = Sample::new(layout, plan);
    let study = Study { sample, counts, files: vec![file], roles: BTreeMap::new() };
    Ok(MatrixStudy { study, form, moments, kind, n, has_means: matrix.has_means(), has_spread })
}

/// Answers between two bounds cannot be further apart than half of them at each end.
fn check_spread(name: &str, layout: &Layout, plan: &Plan, moments: &Moments) -> Result<(), Error> {
    let mut findings = Findings::keeping_all();
    let mut seen = std::collections::BTreeSet::new();
    let n = moments.n as f64;
    let terms = plan.scales.iter().flat_map(|scale| &scale.editions).flat_map(|edition| &edition.terms);
    for term in terms.filter(|term| seen.insert(term.slot)) {
        let column = layout.slots[term.slot].column;
        let (set, sd) = (&term.spec.set, moments.covariance[(column, column)].sqrt());
        let Some(max) = set.max else { continue };
        let most = 0.5 * (max - set.min) * (n / (n - 1.0)).sqrt();
        if sd > most * (1.0 + 1e-6) {
            let column = &layout.names[column];
            let place = Place { column: Some(column.clone()), ..Place::file(name) };
            let message = format!(
                "{column} would have a standard deviation of {sd:.2}; answers from {} to {max} have at most {most:.2}",
                set.min
            );
            let help = "is the matrix what --matrix says, of so many persons, and in the units of these answers (--responses)?";
            findings.push(Finding::problem(Code::NotACovariance, place, message).help(help));
        }
    }
    if findings.problems() > 0 { Err(Error::data(findings)) } else { Ok(()) }
}

/// Its columns as moments.
fn moments(name: &str, matrix: &PublishedMatrix, kind: MatrixKind, n: usize) -> Result<Moments, Error> {
    let (means, rows) = matrix.covariances(kind, n);
    let refuse = |message: String| {
        let help = "no answers can have such a matrix: is it what --matrix says, and of so many persons?";
        Error::data(Findings::from(
            Finding::problem(Code::NotACovariance, Place::file(name), message).help(help),
        ))
    };
    let moments =
        Moments::published(matrix.names.clone(), n, &means, &rows).map_err(|e| refuse(e.message))?;
    match moments.smallest_eigenvalue() {
        Some(least) if least < MOST_NEGATIVE => {
            Err(refuse(format!("the correlations have an eigenvalue of {least:.3}")))
        }
        _ => Ok(moments),
    }
}
