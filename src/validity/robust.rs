//! Standard errors that do not take rows of a cluster for independent.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use crate::numeric::matrix::eigen;

/// How standard errors allow for clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterErrors {
    /// Plain: too small with few clusters.
    Cr0,
    /// Times √(G / (G − 1)).
    Cr1,
    /// Times √(G / (G − 1) · (n − 1) / (n − p)), as Stata.
    Cr1s,
    /// Adjusted for the leverage of each cluster, with Satterthwaite degrees of freedom; for linear models.
    #[default]
    Cr2,
}

impl ClusterErrors {
    /// What the plain standard errors are multiplied by.
    pub(super) fn factor(self, clusters: f64, n: f64, p: f64) -> f64 {
        match self {
            ClusterErrors::Cr0 | ClusterErrors::Cr2 => 1.0,
            ClusterErrors::Cr1 => (clusters / (clusters - 1.0)).sqrt(),
            ClusterErrors::Cr1s => (clusters / (clusters - 1.0) * (n - 1.0) / (n - p)).sqrt(),
        }
    }
}

/// Rows of every cluster.
pub(super) fn members(clusters: &[usize]) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); clusters.iter().max().map_or(0, |last| last + 1)];
    clusters.iter().enumerate().for_each(|(row, cluster)| rows[*cluster].push(row));
    rows.retain(|rows| !rows.is_empty());
    rows
}

/// M Σ_g s_g s_g′ M, with s_g the sum of a cluster's rows of x times its residuals, and M the bread.
pub(super) fn sandwich(
    x: &DMatrix<f64>,
    residuals: &[f64],
    clusters: &[Vec<usize>],
    bread: &DMatrix<f64>,
) -> DMatrix<f64> {
    let p = x.ncols();
    let mut meat = DMatrix::zeros(p, p);
    for rows in clusters {
        let sum: DVector<f64> =
            DVector::from_fn(p, |j, _| rows.iter().map(|row| x[(*row, j)] * residuals[*row]).sum::<f64>());
        meat += &sum * sum.transpose();
    }
    bread * meat * bread
}

/// Eigenvalues of I − H_gg below this are 0.
const NOTHING: f64 = 1e-10;

/// CR2 covariances of the coefficients, and the Satterthwaite degrees of freedom of each.
pub(super) fn adjusted(
    x: &DMatrix<f64>,
    residuals: &[f64],
    clusters: &[Vec<usize>],
    bread: &DMatrix<f64>,
) -> Option<(DMatrix<f64>, Vec<f64>)> {
    let p = x.ncols();
    let mut meat = DMatrix::zeros(p, p);
    // For each cluster A_g X_g M, one column for each coefficient.
    let mut weighted = Vec::with_capacity(clusters.len());
    for rows in clusters {
        let own = DMatrix::from_fn(rows.len(), p, |i, j| x[(rows[i], j)]);
        let left = DMatrix::identity(rows.len(), rows.len()) - &own * bread * own.transpose();
        let eigen = eigen(&left)?;
        let mut root = DMatrix::zeros(rows.len(), rows.len());
        for (value, vector) in eigen.values.iter().zip(eigen.vectors.column_iter()) {
            if *value > NOTHING {
                root += vector * vector.transpose() / value.sqrt();
            }
        }
        let rest = DVector::from_fn(rows.len(), |i, _| residuals[rows[i]]);
        let sum = own.transpose() * (&root * rest);
        meat += &sum * sum.transpose();
        weighted.push((root * &own * bread, own));
    }
    let df = (0..p).map(|c| {
        let parts: Vec<(f64, DVector<f64>)> = weighted
            .iter()
            .map(|(weights, own)| {
                let u = weights.column(c);
                (u.norm_squared(), own.transpose() * u)
            })
            .collect();
        let products: Vec<DVector<f64>> = parts.iter().map(|(_, sum)| bread * sum).collect();
        let (mut trace, mut squares) = (0.0, 0.0);
        for (g, (own, sum)) in parts.iter().enumerate() {
            for (h, product) in products.iter().enumerate() {
                let value = if g == h { own - sum.dot(product) } else { -sum.dot(product) };
                trace += if g == h { value } else { 0.0 };
                squares += value * value;
            }
        }
        trace * trace / squares
    });
    Some((bread * meat * bread, df.collect()))
}
