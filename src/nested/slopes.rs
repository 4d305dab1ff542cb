//! Derivatives of the equations by the elements of each Λ.

use super::elimination::Factored;
use super::fronts::Fronts;

impl Fronts {
    /// ½ of the derivative of the log determinant by each element of each Λ: q × q row by row, for each factor.
    /// `corner` as in [`Fronts::each_inverse`].
    pub fn determinant_slopes(
        &self,
        factored: &Factored,
        lambda: &[Vec<f64>],
        corner: &[f64],
    ) -> Vec<Vec<f64>> {
        let mut slopes: Vec<Vec<f64>> = self.q.iter().map(|q| vec![0.0; q * q]).collect();
        self.each_inverse(factored, corner, |at, inverse, width| {
            let node = &self.nodes[at];
            let q = node.q;
            let raw = &self.panels[node.panel..][..q * node.width];
            let own = &lambda[node.factor];
            let mut later = Vec::with_capacity(node.rest.len());
            self.each_block(node, |column, other, theirs| {
                // Sums of products × Λ of the neighbour × inverse.
                for i in 0..q {
                    for l in 0..other {
                        let scaled: f64 = (l..other)
                            .map(|k| raw[i * node.width + column + k] * lambda[theirs][k * other + l])
                            .sum();
                        for j in 0..q {
                            slopes[node.factor][i * q + j] += scaled * inverse[(column + l) * width + j];
                        }
                    }
                }
                if column > 0 {
                    later.push((column, other, theirs));
                }
            });
            for i in 0..q {
                for column in width + 1 - self.border..width {
                    for j in 0..q {
                        slopes[node.factor][i * q + j] +=
                            raw[i * node.width + column] * inverse[column * width + j];
                    }
                }
            }
            for (column, other, theirs) in later {
                for i in 0..other {
                    for l in 0..q {
                        let scaled: f64 =
                            (l..q).map(|k| raw[k * node.width + column + i] * own[k * q + l]).sum();
                        for j in 0..other {
                            slopes[theirs][i * other + j] += scaled * inverse[l * width + column + j];
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
