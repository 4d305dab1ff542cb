//! What a fall is measured against: measurement error, and this sample's usual swing from session to session.

use serde::Serialize;

use super::threshold::{PooledWithin, ROUNDING, Sample, ThresholdScale};
use crate::moments::ItemMatrix;
use crate::statistic::{Reason, StatError};

/// How the items make the score.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Composite {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Percent of the maximum possible; `width` is that of the range of one item.
    Percent {
        /// Highest − lowest possible mean of the items.
        width: f64,
    },
}

impl Composite {
    /// Points of the score for one point of the mean of k items.
    pub fn factor(self, k: usize) -> f64 {
        match self {
            Composite::Mean => 1.0,
            Composite::Sum => k as f64,
            Composite::Percent { width } => 100.0 / width,
        }
    }
}

/// Mean squares within persons, and the spreads made of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WithinAnova {
    /// Persons with two or more complete sessions.
    pub persons: usize,
    /// Their complete sessions.
    pub sessions: usize,
    /// Sessions left out: an item has no answer, or the person has no other session.
    pub dropped: usize,
    /// Items.
    pub k: usize,
    /// How the items make the score.
    pub composite: Composite,
    /// Mean square of items × sessions within persons: error.
    pub ms_error: Option<f64>,
    /// Its degrees of freedom.
    pub df_error: usize,
    /// Mean square of sessions within persons.
    pub ms_sessions: Option<f64>,
    /// Its degrees of freedom.
    pub df_sessions: usize,
    /// √(2 MSe / k): the standard error of a within-person difference.
    pub error_within: Option<f64>,
    /// √(2 MSs / k): the standard deviation of a within-person difference.
    pub fluctuation_within: Option<f64>,
}

/// Mean squares within persons, from items × sessions × persons, balanced or not.
///
/// MSe = Σᵢ Σₜ Σⱼ (xᵢₜⱼ − x̄ᵢₜ. − x̄ᵢ.ⱼ + x̄ᵢ..)² / (Σᵢ (nᵢ − 1)(k − 1)); MSs = k Σᵢ Σₜ (x̄ᵢₜ. − x̄ᵢ..)² / Σᵢ (nᵢ − 1). Persons i,
/// sessions t = 1 … nᵢ, items j = 1 … k. `error_within` = √(2 MSe / k), `fluctuation_within` = √(2 MSs / k) for mean scores; k
/// times that for sums.
///
/// A fall beyond 1.96 `error_within` is larger than measurement error; one beyond 1.96 `fluctuation_within` is larger than this
/// sample's usual swing. Both hold what usually happens in the sample: MSe the drift of single items, MSs a common trend.
///
/// # Missing data
/// Sessions with a gap in any item, and persons with one complete session, are left out.
///
/// # Errors
/// [`Reason::NotApplicable`] unless there is one person code for each row; a mean square without degrees of freedom is none.
///
/// # Agrees with
/// R 4.2.2 `aov(x ~ person / session + person:item)`.
///
/// # Source
/// Cranford et al. (2006), Personality and Social Psychology Bulletin 32, for the decomposition; the mean squares are those
/// of a two-way table of sessions by items within each person.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::session::{Composite, within_person_anova};
/// let rows = [vec![5.0, 5.0], vec![4.0, 4.0], vec![2.0, 3.0], vec![3.0, 4.0]];
/// let items = ItemMatrix::from_rows(vec!["a".into(), "b".into()], &rows);
/// let anova = within_person_anova(&items, &[1, 1, 2, 2], Composite::Mean).unwrap();
/// assert_eq!((anova.ms_sessions, anova.df_error), (Some(1.0), 2));
/// ```
pub fn within_person_anova(
    items: &ItemMatrix,
    persons: &[usize],
    composite: Composite,
) -> Result<WithinAnova, StatError> {
    let (n, k) = (items.n(), items.k());
    if persons.len() != n {
        let message = format!("{} person codes for {n} rows", persons.len());
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    let values = items.values();
    let mut rows: Vec<usize> = (0..n).filter(|i| (0..k).all(|j| values[(*i, j)].is_finite())).collect();
    rows.sort_by_key(|i| persons[*i]); // stable: sessions stay in their order
    let (mut errors, mut sessions) = (0.0, PooledWithin::default());
    let (mut counted, mut used) = (0, 0);
    for own in rows.chunk_by(|a, b| persons[*a] == persons[*b]).filter(|own| own.len() >= 2 && k > 0) {
        let of_item: Vec<f64> =
            (0..k).map(|j| own.iter().map(|i| values[(*i, j)]).sum::<f64>() / own.len() as f64).collect();
        let of_session: Vec<f64> =
            own.iter().map(|i| (0..k).map(|j| values[(*i, j)]).sum::<f64>() / k as f64).collect();
        let all = of_item.iter().sum::<f64>() / k as f64;
        for (i, mean) in own.iter().zip(&of_session) {
            for (j, item) in of_item.iter().enumerate() {
                let error = values[(*i, j)] - mean - item + all;
                errors += error * error;
            }
        }
        let person = PooledWithin::of(std::iter::once(&of_session[..]));
        sessions = PooledWithin { sum: sessions.sum + person.sum, df: sessions.df + person.df };
        counted += 1;
        used += own.len();
    }
    let df_error = sessions.df * k.saturating_sub(1);
    let over = |sum: f64, df: usize| (df > 0).then(|| sum / df as f64);
    let (ms_error, ms_sessions) = (over(errors, df_error), over(k as f64 * sessions.sum, sessions.df));
    let factor = composite.factor(k);
    let spread = |ms: Option<f64>| ms.map(|ms| factor * (2.0 * ms / k as f64).sqrt());
    Ok(WithinAnova {
        persons: counted,
        sessions: used,
        dropped: n - used,
        k,
        composite,
        ms_error,
        df_error,
        ms_sessions,
        df_sessions: sessions.df,
        error_within: spread(ms_error),
        fluctuation_within: spread(ms_sessions),
    })
}

/// Fewest degrees of freedom for `error_within` as a threshold.
pub const LEAST_DF_ERROR: usize = 30;
/// Fewest degrees of freedom for `fluctuation_within` as a threshold.
pub const LEAST_DF_FLUCTUATION: usize = 20;

impl WithinAnova {
    /// Gives a sample its `error_within` and `fluctuation_within`, or [`Reason::TooFew`] where they have under 30 and 20
    /// degrees of freedom.
    pub fn give(&self, sample: &mut Sample) {
        let firm = |value: Option<f64>, df: usize, least: usize| match value {
            Some(_) if df < least => Err(Reason::TooFew),
            Some(value) if value > ROUNDING => Ok(value),
            Some(_) => Err(Reason::NoVariability),
            None if self.k < 2 && least == LEAST_DF_ERROR => Err(Reason::NotApplicable),
            None => Err(Reason::TooFew),
        };
        let error = firm(self.error_within, self.df_error, LEAST_DF_ERROR);
        let fluctuation = firm(self.fluctuation_within, self.df_sessions, LEAST_DF_FLUCTUATION);
        sample.set(ThresholdScale::ErrorWithin, error);
        sample.set(ThresholdScale::FluctuationWithin, fluctuation);
    }

    /// The standard deviation of one score around the person's mean by measurement error alone, √(MSe / k).
    pub fn error_sd(&self) -> Option<f64> {
        self.error_within.map(|difference| difference / std::f64::consts::SQRT_2)
    }

    /// The standard deviation of one score around the person's mean, √(MSs / k).
    pub fn fluctuation_sd(&self) -> Option<f64> {
        self.fluctuation_within.map(|difference| difference / std::f64::consts::SQRT_2)
    }
}

/// The same from scores alone, where there are no items: `fluctuation_within`, and nothing about error.
///
/// # Missing data
/// Persons with one score take no part.
///
/// # Errors
/// None; the mean square of error, which needs items, is none.
///
/// ```
/// use alliance_metrics::session::within_person_scores;
/// let anova = within_person_scores([&[5.0, 4.0][..], &[2.5, 3.5]].into_iter());
/// assert_eq!((anova.fluctuation_within, anova.df_sessions, anova.ms_error), (Some(1.0), 2, None));
/// ```
pub fn within_person_scores<'a>(persons: impl Iterator<Item = &'a [f64]> + Clone) -> WithinAnova {
    let pooled = PooledWithin::of(persons.clone());
    let used = || persons.clone().filter(|scores| scores.len() >= 2);
    let ms = (pooled.df > 0).then(|| pooled.sum / pooled.df as f64);
    let sessions = used().map(<[f64]>::len).sum();
    WithinAnova {
        persons: used().count(),
        sessions,
        dropped: persons.clone().map(<[f64]>::len).sum::<usize>() - sessions,
        k: 1,
        composite: Composite::Mean,
        ms_error: None,
        df_error: 0,
        ms_sessions: ms,
        df_sessions: pooled.df,
        error_within: None,
        fluctuation_within: ms.map(|ms| (2.0 * ms).sqrt()),
    }
}
