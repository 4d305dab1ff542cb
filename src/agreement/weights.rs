//! How much a disagreement weighs.

use nalgebra::DMatrix;

use super::ratings::CategoryList;
use crate::statistic::{Reason, StatError};

/// What a pair of different categories counts for, as agreement: 1 on the diagonal, 0 for the worst.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// Any difference is complete disagreement.
    Identity,
    /// 1 − |a − b| / (highest − lowest category).
    Linear,
    /// 1 − (a − b)² / (highest − lowest category)².
    Quadratic,
    /// A symmetric table of the user's own, one row for each category.
    Own(DMatrix<f64>),
}

impl Weights {
    /// The stable id.
    pub fn id(&self) -> &'static str {
        match self {
            Weights::Identity => "identity",
            Weights::Linear => "linear",
            Weights::Quadratic => "quadratic",
            Weights::Own(_) => "own",
        }
    }

    /// The weight of every pair of categories, q × q.
    ///
    /// Linear and quadratic weights go by the values of the categories, so −3 … +3 is as good as 1 … 7, and a category
    /// that nobody declared leaves a hole instead of moving its neighbours together.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] if own weights are not a symmetric q × q table of numbers from 0 to 1 with ones on the
    /// diagonal.
    pub fn table(&self, categories: &CategoryList) -> Result<DMatrix<f64>, StatError> {
        let q = categories.len();
        let values = categories.values();
        let range = match values {
            [low, .., high] => high - low,
            _ => 1.0,
        };
        let by_distance = |weight: &dyn Fn(f64) -> f64| {
            DMatrix::from_fn(q, q, |a, b| weight((values[a] - values[b]).abs() / range))
        };
        match self {
            Weights::Identity => Ok(DMatrix::from_fn(q, q, |a, b| f64::from(u8::from(a == b)))),
            Weights::Linear => Ok(by_distance(&|distance| 1.0 - distance)),
            Weights::Quadratic => Ok(by_distance(&|distance| 1.0 - distance * distance)),
            Weights::Own(own) => {
                let square = own.nrows() == q && own.ncols() == q;
                let sound = |a: usize, b: usize| {
                    (0.0..=1.0).contains(&own[(a, b)])
                        && own[(a, b)] == own[(b, a)]
                        && (a != b || own[(a, b)] == 1.0)
                };
                if square && (0..q).all(|a| (0..q).all(|b| sound(a, b))) {
                    Ok(own.clone())
                } else {
                    let message = format!(
                        "weights of {q} categories are a symmetric {q} × {q} table of numbers from 0 to 1, with 1 on the diagonal"
                    );
                    Err(StatError::new(Reason::NotApplicable, message))
                }
            }
        }
    }
}
