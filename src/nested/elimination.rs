//! The equations factored, solved and inverted, front by front.

use super::fronts::{Fronts, Node};

/// The factored equations at one value of the parameters.
pub(super) struct Factored {
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
        let mut panels = vec![0.0; self.panels.len()];
        let mut corner = self.corner.clone();
        let mut waiting: Vec<Option<Vec<f64>>> = (0..self.nodes.len()).map(|_| None).collect();
        let mut pool: Vec<Vec<f64>> = Vec::new();
        let mut log_determinant = 0.0;
        for at in &self.order {
            let node = &self.nodes[*at];
            let (q, width) = (node.q, node.width);
            let mut front = waiting[*at].take().unwrap_or_else(|| blank(&mut pool, width * width));
            self.scaled_rows(node, lambda, &mut front);
            log_determinant += eliminate(&mut front, q, width);
            panels[node.panel..][..q * width].copy_from_slice(&front[..q * width]);
            match node.parent {
                None => {
                    let tail = width - self.border;
                    for a in 0..self.border {
                        for b in a..self.border {
                            corner[a * self.border + b] += front[(tail + a) * width + tail + b];
                        }
                    }
                }
                Some(parent) => {
                    let across = self.nodes[parent].width;
                    let target = waiting[parent].get_or_insert_with(|| blank(&mut pool, across * across));
                    let map = self.map_to_parent(node);
                    for (a, row) in map.iter().enumerate() {
                        for (b, column) in map.iter().enumerate().skip(a) {
                            target[row * across + column] += front[(q + a) * width + q + b];
                        }
                    }
                }
            }
            pool.push(front);
        }
        eliminate(&mut corner, self.border, self.border);
        Factored { panels, corner, log_determinant }
    }

    /// Adds Λ′ (sums of products) Λ + I to the first q rows of a front.
    fn scaled_rows(&self, node: &Node, lambda: &[Vec<f64>], front: &mut [f64]) {
        let (q, width) = (node.q, node.width);
        let own = &lambda[node.factor];
        let raw = &self.panels[node.panel..][..q * width];
        for i in 0..q {
            for k in i..q {
                let factor = own[k * q + i]; // Λ is lower triangular
                if factor == 0.0 {
                    continue;
                }
                let line = &raw[k * width..][..width];
                let target = &mut front[i * width..][..width];
                self.each_block(node, |column, other, theirs| {
                    for j in 0..other {
                        let product: f64 =
                            (j..other).map(|l| line[column + l] * lambda[theirs][l * other + j]).sum();
                        target[column + j] += factor * product;
                    }
                });
                for column in width - self.border..width {
                    target[column] += factor * line[column];
                }
            }
            front[i * width + i] += 1.0;
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

    /// Visits every group with the block of the inverse of the equations that belongs to it and its neighbours
    /// (Takahashi's recursion, parents first). `corner` is the inverse that belongs to the fixed effects: that of R′R, or
    /// zero where the fixed effects are taken as known.
    pub fn each_inverse(
        &self,
        factored: &Factored,
        corner: &[f64],
        mut visit: impl FnMut(usize, &[f64], usize),
    ) {
        let p = self.border - 1;
        let mut alive: Vec<Option<Vec<f64>>> = (0..self.nodes.len()).map(|_| None).collect();
        let mut remaining: Vec<usize> = self.nodes.iter().map(|node| node.children).collect();
        let mut pool: Vec<Vec<f64>> = Vec::new();
        for at in self.order.iter().rev() {
            let node = &self.nodes[*at];
            let (q, width) = (node.q, node.width - 1); // without the outcome
            let mut inverse = blank(&mut pool, width * width);
            let mut map = self.map_to_parent(node);
            map.pop();
            let (source, across) = match node.parent {
                None => (corner, p),
                Some(parent) => (alive[parent].as_deref().unwrap_or(&[]), self.nodes[parent].width - 1),
            };
            for (a, row) in map.iter().enumerate() {
                for (b, column) in map.iter().enumerate() {
                    inverse[(q + a) * width + q + b] = source[row * across + column];
                }
            }
            complete(&mut inverse, &factored.panels[node.panel..], q, width);
            visit(*at, &inverse, width);
            if let Some(parent) = node.parent {
                remaining[parent] -= 1;
                if remaining[parent] == 0 {
                    pool.extend(alive[parent].take());
                }
            }
            if node.children > 0 {
                alive[*at] = Some(inverse);
            } else {
                pool.push(inverse);
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

/// A front of zeros, from the pool if there is one.
fn blank(pool: &mut Vec<Vec<f64>>, size: usize) -> Vec<f64> {
    let mut front = pool.pop().unwrap_or_default();
    front.clear();
    front.resize(size, 0.0);
    front
}

/// Eliminates the first q columns of the upper triangle of a symmetric matrix; their log determinant. A pivot that is
/// not positive becomes NaN, and so does everything after it: the search takes such a point as refused.
fn eliminate(front: &mut [f64], q: usize, width: usize) -> f64 {
    let mut log_determinant = 0.0;
    for k in 0..q {
        let (done, below) = front.split_at_mut((k + 1) * width);
        let row = &mut done[k * width..];
        let pivot = row[k];
        log_determinant += libm::log(pivot);
        let scale = 1.0 / pivot.sqrt();
        for value in &mut row[k..] {
            *value *= scale;
        }
        for (i, line) in below.chunks_exact_mut(width).enumerate() {
            let i = k + 1 + i;
            let factor = row[i];
            if factor != 0.0 {
                for (value, own) in line[i..].iter_mut().zip(&row[i..]) {
                    *value -= factor * own;
                }
            }
        }
    }
    log_determinant
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

/// Fills in the first q rows and columns of an inverse of which the rest is there, from the Cholesky rows.
fn complete(inverse: &mut [f64], panel: &[f64], q: usize, width: usize) {
    let across = width + 1; // the panel has the outcome too
    for k in (0..q).rev() {
        // One eliminated column after the other, the last first.
        let row = &panel[k * across..][..across];
        let pivot = 1.0 / row[k];
        for j in k + 1..width {
            let sum: f64 = (k + 1..width).map(|l| row[l] * inverse[l * width + j]).sum();
            inverse[k * width + j] = -pivot * sum;
        }
        let sum: f64 = (k + 1..width).map(|l| row[l] * inverse[k * width + l]).sum();
        inverse[k * width + k] = pivot * (pivot - sum);
        for j in k + 1..width {
            inverse[j * width + k] = inverse[k * width + j];
        }
    }
}
