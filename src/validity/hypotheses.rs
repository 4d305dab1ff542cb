//! Hypotheses stated beforehand, and the share of them that is met.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::finding::{Code, Finding, Findings, Place};
use crate::statistic::Estimate;
use crate::strict;

/// Hypotheses as a file, `alliance-hypotheses/1`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypotheses {
    /// The format of this file.
    pub schema: HypothesesFormat,
    /// One for each expectation.
    #[schemars(with = "Vec<Hypothesis>")]
    pub hypothesis: Vec<Spanned<Hypothesis>>,
}

/// The name of the format.
#[derive(Debug, Deserialize, JsonSchema)]
pub enum HypothesesFormat {
    /// The only version so far.
    #[serde(rename = "alliance-hypotheses/1")]
    V1,
}

/// An expectation about a correlation with a column, or about a difference of two groups.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hypothesis {
    /// The scale.
    pub scale: String,
    /// The form; all forms, if absent.
    #[serde(default)]
    pub form: Option<String>,
    /// The column that it should go with.
    #[serde(default)]
    pub with: Option<String>,
    /// The column of groups that should differ.
    #[serde(default)]
    pub groups: Option<String>,
    /// The expected sign: of the correlation, or of the first group less the second.
    pub sign: Direction,
    /// The least size expected, of the correlation or of Hedges' g.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// The largest size expected.
    #[serde(default)]
    pub at_most: Option<f64>,
}

/// The expected sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Above 0.
    Positive,
    /// Below 0.
    Negative,
    /// Either: the size alone counts.
    Any,
}

/// What became of a hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Sign and size are as expected.
    Met,
    /// They are not.
    NotMet,
    /// There is no estimate.
    Undecided,
}

/// Reads a file of hypotheses: every mistake at once, with its place.
///
/// # Errors
/// Findings: keys unknown or missing, sizes that make no sense, a hypothesis about nothing or about two things.
pub fn read_hypotheses(name: &str, text: &str) -> Result<Vec<Hypothesis>, Findings> {
    let file: Hypotheses = strict::read(name, text)?;
    let mut findings = Findings::new();
    for spanned in &file.hypothesis {
        let (span, own) = (spanned.span(), spanned.get_ref());
        let mut wrong = |message: &str, help: &str| {
            let place = Place::span(name, text, span.clone());
            findings.push(Finding::problem(Code::WrongType, place, message).help(help));
        };
        if own.with.is_some() == own.groups.is_some() {
            wrong("a hypothesis is about one thing", "give either `with` or `groups`");
        }
        let sizes = [own.at_least, own.at_most];
        if sizes.iter().flatten().any(|size| !(size.is_finite() && *size >= 0.0)) {
            wrong("a size is 0 or above", "the sign stands in `sign`");
        }
        if let [Some(least), Some(most)] = sizes
            && least > most
        {
            wrong("at_least is above at_most", "exchange them");
        }
        if own.sign == Direction::Any && sizes == [None, None] {
            wrong("nothing is expected", "give a sign, `at_least` or `at_most`");
        }
    }
    if findings.is_empty() {
        Ok(file.hypothesis.into_iter().map(Spanned::into_inner).collect())
    } else {
        Err(findings)
    }
}

/// Whether an estimate has the expected sign and size.
///
/// # When
/// The hypotheses were stated before the data were seen; COSMIN asks for three quarters of them to be met.
///
/// # Missing data
/// Without an estimate it is undecided.
///
/// # Source
/// Prinsen, C. A. C., and others (2018). COSMIN guideline for systematic reviews. Quality of Life Research, 27, 1147–1157.
///
/// ```
/// use alliance_metrics::statistic::Estimate;
/// use alliance_metrics::validity::{judge, read_hypotheses, Verdict};
/// let text = "schema = \"alliance-hypotheses/1\"\n[[hypothesis]]\nscale = \"total\"\nwith = \"outcome\"\nsign = \"positive\"\nat_least = 0.3\n";
/// let stated = read_hypotheses("h.toml", text).unwrap();
/// assert_eq!(judge(&stated[0], &Estimate::point(0.42)), Verdict::Met);
/// assert_eq!(judge(&stated[0], &Estimate::point(-0.42)), Verdict::NotMet);
/// ```
pub fn judge(stated: &Hypothesis, found: &Estimate) -> Verdict {
    let Some(value) = found.estimate else { return Verdict::Undecided };
    let sign = match stated.sign {
        Direction::Positive => value > 0.0,
        Direction::Negative => value < 0.0,
        Direction::Any => true,
    };
    let size = stated.at_least.is_none_or(|least| value.abs() >= least)
        && stated.at_most.is_none_or(|most| value.abs() <= most);
    if sign && size { Verdict::Met } else { Verdict::NotMet }
}
