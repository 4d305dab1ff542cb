//! Standard scores from norms: z, T and percentile.

use super::norms::NormInUse;
use super::plan::Edition;
use super::rules::As;
use crate::numeric::distribution::normal_cdf;

/// Standard scores of one score.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Standard {
    /// Standard deviations above the norm's mean.
    pub z: f64,
    /// 50 + 10 z, or what the table says.
    pub t: f64,
    /// Percent of a normal distribution below it.
    pub percentile: f64,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Mean and standard deviation.
    Moments { mean: f64, sd: f64 },
    /// Raw score and T, by raw score.
    Table(Vec<(f64, f64)>),
}

/// Norms fitted to a plan.
#[derive(Debug, Clone)]
pub struct PlannedNorms {
    /// For each scale of the plan and each form.
    pub(super) of: Vec<Vec<Option<Planned>>>,
    /// The norms in use, in the order of the plan.
    pub used: Vec<NormInUse>,
    /// Name of the file.
    pub name: String,
}

#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// From a score to the norm's metric: factor and shift.
    pub to_norm: (f64, f64),
    pub kind: Kind,
}

/// A range may be missed by rounding of printed means; anything beyond this is no rounding.
pub(super) const ROUNDING: f64 = 1e-9;

/// Factor and shift that take a score from one metric to another; none where counts have no maximum.
pub(super) fn conversion(edition: &Edition, from: As, to: As) -> Option<(f64, f64)> {
    if from == to {
        return Some((1.0, 0.0));
    }
    let k = edition.terms.len() as f64;
    // Of each metric: sum of the items = a · score + b.
    let sum_of = |metric: As| match metric {
        As::Mean => Some((k, 0.0)),
        As::Sum => Some((1.0, 0.0)),
        As::Pomp => edition.range_as(As::Sum).map(|[low, high]| ((high - low) / 100.0, low)),
    };
    let ((a, b), (c, d)) = (sum_of(from)?, sum_of(to)?);
    Some((a / c, (b - d) / c))
}

impl PlannedNorms {
    /// The standard scores of a score; none where its scale and form have no norm, or a table does not reach so far.
    ///
    /// z = (x − m) / s with the norm's mean m and standard deviation s; T = 50 + 10 z; the percentile is that of a
    /// normal distribution, 100 Φ(z). A table gives T, between two of its raw scores on the straight line between them,
    /// and z = (T − 50) / 10.
    pub fn standard(&self, scale: usize, form: Option<usize>, value: f64) -> Option<Standard> {
        let planned = self.of[scale].get(form?)?.as_ref()?;
        let (factor, shift) = planned.to_norm;
        let x = factor * value + shift;
        let (z, t) = match &planned.kind {
            Kind::Moments { mean, sd } => {
                let z = (x - mean) / sd;
                (z, 50.0 + 10.0 * z)
            }
            Kind::Table(entries) => {
                let t = between(entries, x)?;
                ((t - 50.0) / 10.0, t)
            }
        };
        Some(Standard { z, t, percentile: 100.0 * normal_cdf(z) })
    }
}

/// T at a raw score; none outside the table.
fn between(entries: &[(f64, f64)], x: f64) -> Option<f64> {
    let above = entries.iter().position(|(raw, _)| *raw >= x - ROUNDING)?;
    let (raw, t) = entries[above];
    if (raw - x).abs() <= ROUNDING {
        return Some(t);
    }
    let (below, t_below) = *entries.get(above.checked_sub(1)?)?;
    Some(t_below + (t - t_below) * (x - below) / (raw - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_between_its_lines_and_not_beyond() {
        let table = [(4.0, 30.0), (8.0, 40.0), (12.0, 60.0)];
        assert_eq!(between(&table, 8.0), Some(40.0));
        assert_eq!(between(&table, 9.0), Some(45.0));
        assert_eq!(between(&table, 3.9), None);
        assert_eq!(between(&table, 12.1), None);
    }
}
