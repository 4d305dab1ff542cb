//! Derivatives of the equations by the elements of each Λ.

use super::elimination::Factored;
use super::fronts::Fronts;
use crate::numeric::dot;

impl Fronts {
    /// Z_g′PZ_gΛ of each group: q × q row by row, group after group. Their sum over the groups of a factor is ½ of the
    /// derivative of the log determinant by the elements of its Λ. `corner` as in [`Fronts::each_inverse`].
    pub fn determinant_slopes(
        &self,
        factored: &Factored,
        lambda: &[Vec<f64>],
        corner: &[f64],
    ) -> Vec<Vec<f64>> {
        let levels = |f: usize| self.first[f + 1] - self.first[f];
        let mut slopes: Vec<Vec<f64>> =
            self.q.iter().enumerate().map(|(f, q)| vec![0.0; levels(f) * q * q]).collect();
        self.each_inverse(factored, corner, |at, inverse, width| {
            let node = &self.nodes[at];
            let q = node.q;
            let scaled = &factored.scaled[node.panel..][..q * node.width];
            let target = &mut slopes[node.factor][(at - self.first[node.factor]) * q * q..][..q * q];
            for (products, line) in scaled.chunks_exact(node.width).zip(target.chunks_exact_mut(q)) {
                for (own, target) in inverse.chunks_exact(width).zip(line) {
                    *target += dot(products, own);
                }
            }
            let raw = &self.panels[node.panel..][..q * node.width];
            let own = &lambda[node.factor];
            for entry in node.rest.clone() {
                // What the rows of this group do for a group that shares them.
                let (column, theirs) = (self.column[entry], &self.nodes[self.rest[entry]]);
                let other = theirs.q;
                let start = (self.rest[entry] - self.first[theirs.factor]) * other * other;
                let target = &mut slopes[theirs.factor][start..][..other * other];
                for (i, line) in target.chunks_exact_mut(other).enumerate() {
                    for l in 0..q {
                        let scaled: f64 =
                            (l..q).map(|k| raw[k * node.width + column + i] * own[k * q + l]).sum();
                        for (j, target) in line.iter_mut().enumerate() {
                            *target += scaled * inverse[l * width + column + j];
                        }
                    }
                }
            }
        });
        slopes
    }

    /// Z′(y − Xβ − ZΛu): what is left of the outcome at each random effect, with b = Λu given.
    pub fn left_over(&self, fixed: &[f64], b: &[f64]) -> Vec<f64> {
        let mut left = vec![0.0; self.effects];
        for node in &self.nodes {
            let raw = &self.panels[node.panel..][..node.q * node.width];
            for i in 0..node.q {
                let line = &raw[i * node.width..][..node.width];
                let mut value = line[node.width - 1];
                for (j, beta) in fixed.iter().enumerate() {
                    value -= line[node.width - self.border + j] * beta;
                }
                for j in 0..node.q {
                    value -= line[j] * b[node.effect + j];
                }
                for at in node.rest.clone() {
                    let other = &self.nodes[self.rest[at]];
                    for j in 0..other.q {
                        let product = line[self.column[at] + j];
                        value -= product * b[other.effect + j];
                        left[other.effect + j] -= product * b[node.effect + i];
                    }
                }
                left[node.effect + i] += value;
            }
        }
        left
    }
}
