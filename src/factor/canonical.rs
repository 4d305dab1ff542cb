//! One convention for what a model leaves open: the signs and the order of factors.

use nalgebra::DMatrix;

/// Puts factors into canonical form: each turned so that its loadings have no negative sum, the factor that explains most
/// first (by its sum of squared loadings; ties keep their order). Correlations of factors follow.
///
/// ```
/// use alliance_metrics::factor::canonical;
/// use nalgebra::DMatrix;
/// let loadings = DMatrix::from_row_slice(2, 2, &[0.1, -0.9, 0.2, -0.8]);
/// let correlations = DMatrix::from_row_slice(2, 2, &[1.0, -0.3, -0.3, 1.0]);
/// let (loadings, correlations) = canonical(&loadings, &correlations);
/// assert_eq!(loadings, DMatrix::from_row_slice(2, 2, &[0.9, 0.1, 0.8, 0.2]));
/// assert_eq!(correlations[(0, 1)], 0.3);
/// ```
///
/// # Panics
/// Where the correlations are not those of as many factors.
pub fn canonical(loadings: &DMatrix<f64>, correlations: &DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>) {
    let m = loadings.ncols();
    assert!(correlations.nrows() == m && correlations.ncols() == m, "correlations of {m} factors");
    let explained: Vec<f64> = (0..m).map(|f| loadings.column(f).norm_squared()).collect();
    let sign: Vec<f64> = (0..m).map(|f| if loadings.column(f).sum() < 0.0 { -1.0 } else { 1.0 }).collect();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| explained[*b].total_cmp(&explained[*a]));
    (
        DMatrix::from_fn(loadings.nrows(), m, |j, f| sign[order[f]] * loadings[(j, order[f])]),
        DMatrix::from_fn(m, m, |a, b| sign[order[a]] * sign[order[b]] * correlations[(order[a], order[b])]),
    )
}
