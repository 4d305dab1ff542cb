//! Ordinary least squares with a few predictors.

use libm::sqrt;
use nalgebra::{DMatrix, DVector};

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastSquares {
    /// Coefficients, in the order of the columns.
    pub coefficients: Vec<f64>,
    /// (X'X)⁻¹, p × p.
    pub inverse: DMatrix<f64>,
    /// The residual variance, over the degrees of freedom.
    pub variance: f64,
    /// Residuals, one a row.
    pub residuals: Vec<f64>,
    /// Residual degrees of freedom, n − p, above 0.
    pub df: f64,
    /// The variance of the outcome that is explained, as a share; none if the outcome is constant.
    pub r_squared: Option<f64>,
}

/// A column whose part that is new lies below this share of its length is a combination of the others.
const COLLINEAR: f64 = 1e-10;

/// Least squares of `y` on the columns of `x` (n × p; a constant is a column like any other); none without degrees of
/// freedom, with a number that is not finite, or where the columns are linearly dependent.
///
/// ```
/// use alliance_metrics::numeric::least_squares;
/// use nalgebra::DMatrix;
/// let x = DMatrix::from_row_slice(3, 2, &[1.0, 0.0, 1.0, 1.0, 1.0, 2.0]);
/// let fit = least_squares(&x, &[1.0, 2.0, 4.0]).unwrap();
/// assert!((fit.coefficients[1] - 1.5).abs() < 1e-14);
/// ```
pub fn least_squares(x: &DMatrix<f64>, y: &[f64]) -> Option<LeastSquares> {
    let (n, p) = (x.nrows(), x.ncols());
    let finite = x.iter().chain(y).all(|value| value.is_finite());
    if p == 0 || n <= p || y.len() != n || !finite {
        return None;
    }
    // Columns of one length, so that dependence shows whatever their units.
    let lengths: Vec<f64> = x.column_iter().map(|column| column.norm()).collect();
    if lengths.contains(&0.0) {
        return None;
    }
    let scaled = DMatrix::from_fn(n, p, |i, j| x[(i, j)] / lengths[j]);
    let qr = scaled.qr();
    let r = qr.r();
    if (0..p).any(|j| r[(j, j)].abs() < COLLINEAR) {
        return None;
    }
    let target = DVector::from_column_slice(y);
    let root = r.try_inverse()?;
    let solution = &root * (qr.q().transpose() * &target);
    let coefficients: Vec<f64> = solution.iter().zip(&lengths).map(|(b, length)| b / length).collect();
    let fitted = x * DVector::from_column_slice(&coefficients);
    let residuals: Vec<f64> = y.iter().zip(fitted.iter()).map(|(y, fit)| y - fit).collect();
    let df = (n - p) as f64;
    let left: f64 = residuals.iter().map(|e| e * e).sum();
    let mean = y.iter().sum::<f64>() / n as f64;
    let total: f64 = y.iter().map(|y| (y - mean) * (y - mean)).sum();
    let unscaled = &root * root.transpose();
    let inverse = DMatrix::from_fn(p, p, |a, b| unscaled[(a, b)] / (lengths[a] * lengths[b]));
    let r_squared = (total > 0.0).then(|| 1.0 - left / total);
    Some(LeastSquares { coefficients, inverse, variance: left / df, residuals, df, r_squared })
}

impl LeastSquares {
    /// The value and the standard error of a weighted sum of coefficients.
    pub fn combination(&self, weights: &[f64]) -> (f64, f64) {
        let value = self.coefficients.iter().zip(weights).map(|(b, weight)| b * weight).sum();
        let mut variance = 0.0;
        for (a, wa) in weights.iter().enumerate() {
            for (b, wb) in weights.iter().enumerate() {
                variance += wa * wb * self.variance * self.inverse[(a, b)];
            }
        }
        (value, sqrt(variance.max(0.0)))
    }
}
