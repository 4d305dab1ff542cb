//! Symmetric matrices: factorisations that say when there is none, and eigenvalues in order.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, SymmetricEigen};
use serde::ser::{SerializeSeq as _, Serializer};

/// The share of a variable's variance that the variables before it leave over; less than this is rounding.
const NOTHING_LEFT: f64 = 1e-12;
/// Sweeps of the eigenvalue search, for each row; it needs two or three.
const SWEEPS: usize = 64;

/// The triangular factor of a positive definite matrix.
#[derive(Debug, Clone)]
pub struct PositiveDefinite(Cholesky<f64, Dyn>);

impl PositiveDefinite {
    /// Factors a symmetric matrix; `None` if it is empty, not finite, or not positive definite within rounding.
    ///
    /// ```
    /// use alliance_metrics::numeric::matrix::PositiveDefinite;
    /// use nalgebra::DMatrix;
    /// let factored = PositiveDefinite::new(&DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 2.0])).unwrap();
    /// assert!((factored.ln_determinant() - 3.0_f64.ln()).abs() < 1e-15);
    /// assert!(PositiveDefinite::new(&DMatrix::from_element(2, 2, 1.0)).is_none());
    /// ```
    pub fn new(matrix: &DMatrix<f64>) -> Option<PositiveDefinite> {
        let k = matrix.nrows();
        if k == 0 || matrix.ncols() != k || matrix.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let factor = Cholesky::new(matrix.clone())?;
        let lower = factor.l_dirty();
        let left = |j: usize| lower[(j, j)] * lower[(j, j)] > NOTHING_LEFT * matrix[(j, j)];
        (0..k).all(left).then_some(PositiveDefinite(factor))
    }

    /// The inverse.
    pub fn inverse(&self) -> DMatrix<f64> {
        let inverse = self.0.inverse();
        // Both triangles the same, to the last bit.
        DMatrix::from_fn(inverse.nrows(), inverse.ncols(), |a, b| inverse[(a.max(b), a.min(b))])
    }

    /// The lower triangular factor L, with matrix = L L′.
    pub fn lower(&self) -> DMatrix<f64> {
        self.0.l()
    }

    /// The solution x of matrix · x = right.
    pub fn solve(&self, right: &DVector<f64>) -> DVector<f64> {
        self.0.solve(right)
    }

    /// The solutions, one for each column.
    pub fn solve_columns(&self, right: &DMatrix<f64>) -> DMatrix<f64> {
        self.0.solve(right)
    }

    /// The quadratic form right′ · inverse · right.
    pub fn distance(&self, right: &DVector<f64>) -> f64 {
        right.dot(&self.0.solve(right))
    }

    /// The natural logarithm of the determinant.
    pub fn ln_determinant(&self) -> f64 {
        let lower = self.0.l_dirty();
        2.0 * (0..lower.nrows()).map(|j| libm::log(lower[(j, j)])).sum::<f64>()
    }
}

/// The eigenvalues of a symmetric matrix, largest first, with their vectors of length one.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// Largest first.
    pub values: Vec<f64>,
    /// One in each column, in the same order.
    pub vectors: DMatrix<f64>,
}

/// Eigenvalues and vectors of a symmetric matrix; `None` if it is empty or not finite.
pub fn eigen(matrix: &DMatrix<f64>) -> Option<Eigen> {
    let k = matrix.nrows();
    if k == 0 || matrix.ncols() != k || matrix.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let found = SymmetricEigen::try_new(matrix.clone(), f64::EPSILON, SWEEPS * k)?;
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|a, b| found.eigenvalues[*b].total_cmp(&found.eigenvalues[*a]));
    Some(Eigen {
        values: order.iter().map(|at| found.eigenvalues[*at]).collect(),
        vectors: DMatrix::from_fn(k, k, |row, column| found.eigenvectors[(row, order[column])]),
    })
}

/// The eigenvalues of a symmetric matrix, largest first; `None` if it is empty or not finite.
///
/// ```
/// use alliance_metrics::numeric::matrix::eigenvalues;
/// use nalgebra::DMatrix;
/// let values = eigenvalues(&DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0])).unwrap();
/// assert!((values[0] - 1.5).abs() < 1e-15 && (values[1] - 0.5).abs() < 1e-15);
/// ```
pub fn eigenvalues(matrix: &DMatrix<f64>) -> Option<Vec<f64>> {
    eigen(matrix).map(|eigen| eigen.values)
}

/// A matrix as a list of rows, for output.
pub fn serialize_rows<S: Serializer>(matrix: &DMatrix<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut rows = serializer.serialize_seq(Some(matrix.nrows()))?;
    for row in matrix.row_iter() {
        rows.serialize_element(&row.iter().copied().collect::<Vec<f64>>())?;
    }
    rows.end()
}
