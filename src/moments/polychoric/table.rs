//! The likelihood of one correlation behind a table of two ordered items.

use libm::log;

use super::EmptyCells;
use crate::numeric::BivariateNormal;

/// How often each category of one item met each category of another; categories in use alone.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Row by row.
    pub counts: Vec<f64>,
    pub columns: usize,
}

/// Thresholds with their margins: the share of persons at or below each category but the last.
#[derive(Debug, Clone)]
pub(super) struct Margin {
    pub thresholds: Vec<f64>,
    pub below: Vec<f64>,
}

/// The correlation of highest likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Peak {
    pub rho: f64,
    /// The second derivative of the log-likelihood; none at the edge.
    pub curvature: Option<f64>,
    pub log_likelihood: f64,
    pub iterations: usize,
    pub converged: bool,
}

/// Correlations beyond this are taken for one.
const EDGE: f64 = 1.0 - 1e-6;
/// Beyond this the likelihood may be flat up to the edge, so the two are compared.
const NEAR_EDGE: f64 = 0.9;
/// The last step of the search; Newton's next would be of the order of its square.
pub(super) const TOLERANCE: f64 = 1e-9;
const MOST_ITERATIONS: usize = 100;
/// Chances of a cell smaller than this are rounding.
const LEAST: f64 = 1e-15;

impl Table {
    pub fn n(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Puts half a person into the one empty cell of a table of two by two.
    pub fn fill(&mut self, how: EmptyCells) {
        if how == EmptyCells::Leave || self.counts.len() != 4 || self.columns != 2 {
            return;
        }
        let empty: Vec<usize> = (0..4).filter(|at| self.counts[*at] == 0.0).collect();
        if let [at] = empty.as_slice() {
            // The margins stay: what the empty cell and its opposite gain, their neighbours lose.
            for (cell, n) in self.counts.iter_mut().enumerate() {
                *n += if cell == *at || cell == 3 - at { 0.5 } else { -0.5 };
            }
        }
    }

    /// The correlation from which the search starts: of the codes.
    fn start(&self) -> f64 {
        let (mut n, mut sums, mut squares) = (0.0, [0.0; 2], [0.0; 3]);
        for (at, count) in self.counts.iter().enumerate() {
            let (a, b) = ((at / self.columns) as f64, (at % self.columns) as f64);
            n += count;
            sums = [sums[0] + count * a, sums[1] + count * b];
            squares = [squares[0] + count * a * a, squares[1] + count * b * b, squares[2] + count * a * b];
        }
        let of = |square: f64, a: f64, b: f64| square - a * b / n;
        let variances = of(squares[0], sums[0], sums[0]) * of(squares[1], sums[1], sums[1]);
        let r = of(squares[2], sums[0], sums[1]) / variances.sqrt();
        if r.is_finite() { r.clamp(-0.9, 0.9) } else { 0.0 }
    }

    /// Newton's method on the derivative, held between correlations known to lie on either side of the peak.
    pub fn peak(&self, rows: &Margin, columns: &Margin, cells: &mut Cells) -> Peak {
        let (mut low, mut high) = (-EDGE, EDGE);
        let mut peak =
            Peak { rho: self.start(), curvature: None, log_likelihood: 0.0, iterations: 0, converged: false };
        while peak.iterations < MOST_ITERATIONS && !peak.converged {
            let rho = peak.rho;
            let [log_likelihood, slope, curvature] = self.likelihood(rho, rows, columns, cells);
            if slope > 0.0 {
                low = rho;
            } else {
                high = rho;
            }
            let newton = rho - slope / curvature;
            let inside = curvature < 0.0 && newton > low && newton < high;
            let middle = if slope > 0.0 { 0.5 * (rho + high) } else { 0.5 * (rho + low) };
            peak.rho = if inside { newton } else { middle };
            peak.log_likelihood = log_likelihood;
            peak.curvature = Some(curvature).filter(|curvature| *curvature < 0.0);
            peak.converged = (peak.rho - rho).abs() < TOLERANCE;
            peak.iterations += 1;
        }
        if peak.rho.abs() > NEAR_EDGE {
            let edge = EDGE.copysign(peak.rho);
            let at_edge = self.likelihood(edge, rows, columns, cells)[0];
            if at_edge >= peak.log_likelihood {
                let (rho, log_likelihood) = (edge.signum(), at_edge);
                return Peak { rho, curvature: None, log_likelihood, converged: true, ..peak };
            }
        }
        peak
    }

    /// Σ n ln P and its first two derivatives by the correlation.
    fn likelihood(&self, rho: f64, rows: &Margin, columns: &Margin, cells: &mut Cells) -> [f64; 3] {
        cells.fill(rho, rows, columns);
        let width = self.columns + 1;
        let mut sums = [0.0; 3];
        for (at, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let corner = (at / self.columns) * width + at % self.columns;
            let chance = inside(&cells.chance, corner, width).max(LEAST);
            let first = inside(&cells.first, corner, width) / chance;
            sums[0] += count * log(chance);
            sums[1] += count * first;
            sums[2] += count * (inside(&cells.second, corner, width) / chance - first * first);
        }
        sums
    }
}

/// What is between four corners of a grid of cumulated values.
fn inside(grid: &[f64], corner: usize, width: usize) -> f64 {
    grid[corner + width + 1] - grid[corner + width] - grid[corner + 1] + grid[corner]
}

/// At each corner of the grid of thresholds, edges included: the chance below it, and its first two derivatives by the
/// correlation. Kept from pair to pair to save memory being asked for.
#[derive(Debug, Default)]
pub(super) struct Cells {
    chance: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Cells {
    fn fill(&mut self, rho: f64, rows: &Margin, columns: &Margin) {
        let (height, width) = (rows.below.len() + 2, columns.below.len() + 2);
        for grid in [&mut self.chance, &mut self.first, &mut self.second] {
            grid.clear();
            grid.resize(height * width, 0.0);
        }
        let normal = BivariateNormal::new(rho);
        let left = (1.0 - rho) * (1.0 + rho);
        for (a, (x, below_x)) in rows.thresholds.iter().zip(&rows.below).enumerate() {
            for (b, (y, below_y)) in columns.thresholds.iter().zip(&columns.below).enumerate() {
                let at = (a + 1) * width + b + 1;
                let density = normal.density(*x, *y);
                self.chance[at] = normal.cdf_between(*x, *y, *below_x, *below_y);
                self.first[at] = density;
                let bend = (x * y * (1.0 + rho * rho) - rho * (x * x + y * y)) / (left * left);
                self.second[at] = density * (rho / left + bend);
            }
            self.chance[(a + 2) * width - 1] = *below_x;
        }
        for (b, below_y) in columns.below.iter().enumerate() {
            self.chance[(height - 1) * width + b + 1] = *below_y;
        }
        self.chance[height * width - 1] = 1.0;
    }
}
