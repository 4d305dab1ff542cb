//! The equations factored, solved and inverted, front by front.

use super::fronts::{Fronts, Node, add};

/// The factored equations at one value of the parameters.
pub(super) struct Factored {
    /// Sums of products times Λ of their columns, node by node.
    pub scaled: Vec<f64>,
    /// Upper Cholesky rows, node by node.
    panels: Vec<f64>,
    /// The upper Cholesky factor of the border: fixed effects, then the outcome.
    pub corner: Vec<f64>,
    /// ln |Λ′Z′ZΛ + I|.
    pub log_determinant: f64,
}

impl Fronts {
    /// Factors the equations at relative Cholesky factors Λ, one for each factor, q × q row by row.
    pub fn factor(&self, lambda: &[Vec<f64>]) -> Factored {
        let mut scaled = self.panels.clone();
        let mut panels = vec![0.0; self.panels.len()];
        let mut corner = self.corner.clone();
        let mut waiting: Vec<Vec<f64>> = vec![Vec::new(); self.nodes.len()];
        let mut determinant = Determinant::default();
        for at in &self.order {
            let node = &self.nodes[*at];
            let (q, width) = (node.q, node.width);
            let front = std::mem::take(&mut waiting[*at]); // empty unless children left something
            let rows = &mut panels[node.panel..][..q * width];
            if node.children > 0 {
                rows.copy_from_slice(&front[..q * width]);
            }
            self.add_own(node, lambda, &mut scaled[node.panel..][..q * width], rows);
            eliminate(rows, q, width, &mut determinant);
            let (target, across) = match node.parent {
                None => (&mut corner, self.border),
                Some(parent) => {
                    let across = self.nodes[parent].width;
                    waiting[parent].resize(across * across, 0.0);
                    (&mut waiting[parent], across)
                }
            };
            let into = self.into(node);
            for row in rows.chunks_exact(width) {
                for (a, at) in into.iter().enumerate() {
                    let factor = row[q + a];
                    let line = &mut target[at * across..][..across];
                    for (column, value) in into[a..].iter().zip(&row[q + a..]) {
                        line[*column] -= factor * value;
                    }
                }
            }
            if node.children > 0 {
                for (a, at) in into.iter().enumerate() {
                    let line = &mut target[at * across..][..across];
                    for (column, left) in into[a..].iter().zip(&front[(q + a) * width + q + a..]) {
                        line[*column] += left;
                    }
                }
            }
        }
        eliminate(&mut corner, self.border, self.border, &mut Determinant::default());
        Factored { scaled, panels, corner, log_determinant: determinant.log() }
    }

    /// Makes sums of products S into SΛ, and adds Λ′SΛ + I to the first q rows of a front.
    fn add_own(&self, node: &Node, lambda: &[Vec<f64>], scaled: &mut [f64], rows: &mut [f64]) {
        let (q, width) = (node.q, node.width);
        for line in scaled.chunks_exact_mut(width) {
            self.each_block(node, |column, other, theirs| {
                let own = &lambda[theirs];
                for j in 0..other {
                    // Λ is lower triangular: what is overwritten is not needed any more.
                    line[column + j] = (j..other).map(|l| line[column + l] * own[l * other + j]).sum();
                }
            });
        }
        let own = &lambda[node.factor];
        for i in 0..q {
            for k in i..q {
                let factor = own[k * q + i];
                let line = &scaled[k * width..][..width];
                for (target, value) in rows[i * width..][..width].iter_mut().zip(line) {
                    *target += factor * value;
                }
            }
            rows[i * width + i] += 1.0;
        }
    }

    /// The fixed effects and the spherical random effects u (b = Λ u) that solve the equations.
    pub fn solve(&self, factored: &Factored) -> (Vec<f64>, Vec<f64>) {
        let border = self.border;
        let fixed = back_substitute(&factored.corner, border, border - 1);
        let mut u = vec![0.0; self.effects];
        for at in self.order.iter().rev() {
            let node = &self.nodes[*at];
            let panel = &factored.panels[node.panel..][..node.q * node.width];
            for i in (0..node.q).rev() {
                let line = &panel[i * node.width..][..node.width];
                let mut value = line[node.width - 1];
                for (j, beta) in fixed.iter().enumerate() {
                    value -= line[node.width - border + j] * beta;
                }
                for entry in node.rest.clone() {
                    let other = &self.nodes[self.rest[entry]];
                    for j in 0..other.q {
                        value -= line[self.column[entry] + j] * u[other.effect + j];
                    }
                }
                for j in i + 1..node.q {
                    value -= line[j] * u[node.effect + j];
                }
                u[node.effect + i] = value / line[i];
            }
        }
        (fixed, u)
    }

    /// Visits every group with the rows of the inverse of the equations that belong to it, over its own columns and those
    /// of its neighbours and of the fixed effects (Takahashi's recursion, parents first). `corner` is the inverse that
    /// belongs to the fixed effects: that of R′R, or zero where the fixed effects are taken as known.
    pub fn each_inverse(
        &self,
        factored: &Factored,
        corner: &[f64],
        mut visit: impl FnMut(usize, &[f64], usize),
    ) {
        let mut alive: Vec<Vec<f64>> = vec![Vec::new(); self.nodes.len()];
        let mut remaining: Vec<usize> = self.nodes.iter().map(|node| node.children).collect();
        let (mut tail, mut rows) = (Vec::new(), Vec::new());
        for at in self.order.iter().rev() {
            let node = &self.nodes[*at];
            let (q, width) = (node.q, node.width - 1); // without the outcome
            let into = &self.into(node)[..width - q];
            tail.clear();
            match node.parent {
                None => tail.extend_from_slice(corner), // nothing but fixed effects stands after it
                Some(parent) => {
                    let (source, across) = (&alive[parent], self.nodes[parent].width - 1);
                    for row in into {
                        tail.extend(into.iter().map(|column| source[row * across + column]));
                    }
                }
            }
            rows.clear();
            rows.resize(q * width, 0.0);
            complete(&mut rows, &tail, &factored.panels[node.panel..], q, width);
            visit(*at, &rows, width);
            if let Some(parent) = node.parent {
                remaining[parent] -= 1;
                if remaining[parent] == 0 {
                    alive[parent] = Vec::new();
                }
            }
            if node.children > 0 {
                let mut whole = rows.clone();
                for (j, line) in tail.chunks_exact(width - q).enumerate() {
                    whole.extend((0..q).map(|i| rows[i * width + q + j]));
                    whole.extend(line);
                }
                alive[*at] = whole;
            }
        }
    }

    /// Λu, effect by effect.
    pub fn scale(&self, lambda: &[Vec<f64>], u: &[f64]) -> Vec<f64> {
        let mut b = vec![0.0; self.effects];
        for node in &self.nodes {
            let own = &lambda[node.factor];
            for i in 0..node.q {
                b[node.effect + i] = (0..=i).map(|j| own[i * node.q + j] * u[node.effect + j]).sum();
            }
        }
        b
    }
}

/// The product of pivots, whose logarithm is taken seldom.
struct Determinant {
    product: f64,
    log: f64,
}

impl Default for Determinant {
    fn default() -> Determinant {
        Determinant { product: 1.0, log: 0.0 }
    }
}

impl Determinant {
    fn times(&mut self, pivot: f64) {
        self.product *= pivot;
        if !(1e-100..1e100).contains(&self.product) {
            (self.log, self.product) = (self.log(), 1.0);
        }
    }

    fn log(&self) -> f64 {
        self.log + libm::log(self.product)
    }
}

/// Eliminates the first q columns of q rows of the upper triangle of a symmetric matrix. A pivot that is not positive
/// becomes NaN, and so does everything after it: the search takes such a point as refused.
fn eliminate(rows: &mut [f64], q: usize, width: usize, determinant: &mut Determinant) {
    for k in 0..q {
        let (done, below) = rows.split_at_mut((k + 1) * width);
        let row = &mut done[k * width..];
        determinant.times(row[k]);
        let scale = 1.0 / row[k].sqrt();
        for value in &mut row[k..] {
            *value *= scale;
        }
        for (i, line) in below.chunks_exact_mut(width).enumerate() {
            let i = k + 1 + i;
            let factor = row[i];
            for (value, own) in line[i..].iter_mut().zip(&row[i..]) {
                *value -= factor * own;
            }
        }
    }
}

/// The solution of the first `p` equations of an upper triangular system whose right side is column `p`.
fn back_substitute(upper: &[f64], width: usize, p: usize) -> Vec<f64> {
    let mut x = vec![0.0; p];
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).map(|j| upper[i * width + j] * x[j]).sum();
        x[i] = (upper[i * width + p] - known) / upper[i * width + i];
    }
    x
}

/// The first q rows of an inverse of which the rest (`tail`) is there, from the Cholesky rows.
fn complete(rows: &mut [f64], tail: &[f64], panel: &[f64], q: usize, width: usize) {
    let across = width + 1; // the panel has the outcome too
    let rest = width - q;
    for k in (0..q).rev() {
        // One eliminated column after the other, the last first.
        let (before, after) = rows.split_at_mut((k + 1) * width);
        let (row, own) = (&panel[k * across..][..across], &mut before[k * width..]);
        let (pivot, beside) = (1.0 / row[k], &row[q..width]);
        for (line, target) in tail.chunks_exact(rest).zip(&mut own[q..]) {
            *target = dot(beside, line);
        }
        for (line, factor) in after.chunks_exact(width).zip(&row[k + 1..q]) {
            add(&mut own[q..], *factor, &line[q..]);
        }
        own[q..].iter_mut().for_each(|value| *value *= -pivot);
        for j in k + 1..q {
            // Symmetric: the rows after this one are there, from their own column on and before it.
            let line = &mut after[(j - k - 1) * width..][..width];
            own[j] = -pivot * (dot(beside, &line[q..]) + dot(&row[k + 1..q], &line[k + 1..]));
            line[k] = own[j];
        }
        own[k] = pivot * (pivot - dot(&row[k + 1..width], &own[k + 1..]));
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
