//! The equations factored, solved and inverted, front by front.

use super::fronts::{Fronts, Node, add};
use crate::numeric::dot;

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
        let mut alive: Vec<Packed> = vec![Packed::default(); self.nodes.len()];
        let mut remaining: Vec<usize> = self.nodes.iter().map(|node| node.children).collect();
        let edge = Packed::of(corner, self.border - 1);
        let (mut picked, mut rows, mut room) = (Packed::default(), Vec::new(), [Vec::new(), Vec::new()]);
        for at in self.order.iter().rev() {
            let node = &self.nodes[*at];
            let (q, width) = (node.q, node.width - 1); // without the outcome
            let into = &self.into(node)[..width - q];
            let front = node.parent.map_or(&edge, |parent| &alive[parent]);
            let all = into.len() == front.n; // nothing but the fixed effects stands after a root
            if !all {
                picked.pick(front, into);
            }
            let tail = if all { front } else { &picked };
            rows.clear();
            rows.resize(q * width, 0.0);
            complete(&mut rows, tail, &factored.panels[node.panel..], q, width, &mut room);
            visit(*at, &rows, width);
            let last = node.parent.is_some_and(|parent| {
                remaining[parent] -= 1;
                remaining[parent] == 0
            });
            let mut whole = match node.parent {
                Some(parent) if last && all => std::mem::take(&mut alive[parent]),
                _ if node.children > 0 => tail.with_room(),
                _ => Packed::default(),
            };
            if let Some(parent) = node.parent.filter(|_| last) {
                alive[parent] = Packed::default();
            }
            if node.children > 0 {
                rows.chunks_exact(width).enumerate().rev().for_each(|(k, row)| whole.extend(&row[k..]));
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

/// A symmetric matrix, its last row first: row by row of the lower triangle, so that what comes before is put behind.
#[derive(Clone, Default)]
struct Packed {
    n: usize,
    values: Vec<f64>,
}

impl Packed {
    /// Of n × n values.
    fn of(matrix: &[f64], n: usize) -> Packed {
        let mut packed = Packed::default();
        matrix.chunks_exact(n.max(1)).enumerate().rev().for_each(|(k, row)| packed.extend(&row[k..]));
        packed
    }

    /// A copy with room for rows.
    fn with_room(&self) -> Packed {
        const ROWS: usize = 8;
        let mut values = Vec::with_capacity((self.n + ROWS) * (self.n + ROWS + 1) / 2);
        values.extend_from_slice(&self.values);
        Packed { n: self.n, values }
    }

    /// Puts a row before all others: its diagonal element, then those of the columns that are there.
    fn extend(&mut self, row: &[f64]) {
        self.values.extend(row.iter().rev());
        self.n += 1;
    }

    /// Becomes some rows and columns of another, in ascending order.
    fn pick(&mut self, other: &Packed, columns: &[usize]) {
        self.values.clear();
        self.n = columns.len();
        for (at, column) in columns.iter().enumerate().rev() {
            let row = other.n - 1 - column;
            let row = &other.values[row * (row + 1) / 2..][..=row];
            self.values.extend(columns[at..].iter().rev().map(|column| row[other.n - 1 - column]));
        }
    }

    /// Adds the matrix times x to y, both in order. Two vectors to work in are lent.
    fn times(&self, x: &[f64], y: &mut [f64], [turned, products]: &mut [Vec<f64>; 2]) {
        turned.clear();
        turned.extend(x.iter().rev());
        products.clear();
        products.resize(self.n, 0.0);
        let mut start = 0;
        for at in 0..self.n {
            let row = &self.values[start..][..at];
            products[at] = dot(row, turned) + self.values[start + at] * turned[at];
            add(&mut products[..at], turned[at], row);
            start += at + 1;
        }
        y.iter_mut().zip(products.iter().rev()).for_each(|(y, product)| *y += product);
    }
}

/// The first q rows of an inverse of which the rest (`tail`) is there, from the Cholesky rows.
fn complete(
    rows: &mut [f64],
    tail: &Packed,
    panel: &[f64],
    q: usize,
    width: usize,
    room: &mut [Vec<f64>; 2],
) {
    let across = width + 1; // the panel has the outcome too
    for k in (0..q).rev() {
        // One eliminated column after the other, the last first.
        let (before, after) = rows.split_at_mut((k + 1) * width);
        let (row, own) = (&panel[k * across..][..across], &mut before[k * width..]);
        let (pivot, beside) = (1.0 / row[k], &row[q..width]);
        tail.times(beside, &mut own[q..], room);
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
