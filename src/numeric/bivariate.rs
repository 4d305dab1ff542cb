//! The bivariate normal distribution.

use libm::{asin, exp, sin};
use std::f64::consts::PI;

use super::distribution::normal_cdf;

/// The standard bivariate normal distribution with one correlation: what depends on it alone is computed once.
#[derive(Debug, Clone)]
pub struct BivariateNormal {
    rho: f64,
    /// Of the integral over the correlation, from 0: for each node sin θ, 1/cos² θ, and the weight.
    nodes: Vec<(f64, f64, f64)>,
}

/// Beyond this correlation the integral is taken from 1 inwards.
const STEEP: f64 = 0.925;
/// Terms smaller than e to this are nothing beside the others.
const NOTHING: f64 = -100.0;

impl BivariateNormal {
    /// With correlation `rho`, held within −1 and 1.
    pub fn new(rho: f64) -> BivariateNormal {
        let rho = rho.clamp(-1.0, 1.0);
        let mut nodes = Vec::new();
        if rho.abs() < STEEP {
            let half = 0.5 * asin(rho);
            for (x, weight) in rule(rho.abs()) {
                for sign in [-1.0, 1.0] {
                    let s = sin(half * (1.0 + sign * x));
                    nodes.push((s, 1.0 / (1.0 - s * s), half * weight / (2.0 * PI)));
                }
            }
        }
        BivariateNormal { rho, nodes }
    }

    /// The chance that the first variable is at most `x` and the second at most `y`, to about 1e-15.
    ///
    /// Φ(x)Φ(y) + (2π)⁻¹ ∫ exp(−(x² + y² − 2xy sin θ)/(2 cos² θ)) dθ from 0 to asin ρ, by Gauss and Legendre's rule; for
    /// steep correlations from 1 inwards, after an expansion.
    ///
    /// # Source
    /// Drezner and Wesolowsky (1990); Genz (2004).
    ///
    /// ```
    /// use alliance_metrics::numeric::BivariateNormal;
    /// // At the medians 1/4 + asin(ρ)/2π.
    /// let half = BivariateNormal::new(0.5).cdf(0.0, 0.0);
    /// assert!((half - 1.0 / 3.0).abs() < 1e-15);
    /// ```
    pub fn cdf(&self, x: f64, y: f64) -> f64 {
        self.cdf_between(x, y, normal_cdf(x), normal_cdf(y))
    }

    /// The same where the two margins are known.
    pub fn cdf_between(&self, x: f64, y: f64, below_x: f64, below_y: f64) -> f64 {
        if x.is_nan() || y.is_nan() {
            return f64::NAN;
        }
        if x == f64::NEG_INFINITY || y == f64::NEG_INFINITY {
            return 0.0;
        }
        if x == f64::INFINITY || y == f64::INFINITY {
            return below_x.min(below_y);
        }
        if self.rho.abs() >= STEEP {
            return self.steep(x, y, below_x, below_y).clamp(0.0, below_x.min(below_y));
        }
        let (product, half) = (x * y, 0.5 * (x * x + y * y));
        let term = |(s, inverse, weight): &(f64, f64, f64)| weight * exp((s * product - half) * inverse);
        let sum: f64 = self.nodes.iter().map(term).sum();
        (below_x * below_y + sum).clamp(0.0, below_x.min(below_y))
    }

    /// The chance of a rectangle: the first variable above `x.0` and at most `x.1`, the second likewise.
    pub fn rectangle(&self, x: (f64, f64), y: (f64, f64)) -> f64 {
        let inside = self.cdf(x.1, y.1) - self.cdf(x.0, y.1) - self.cdf(x.1, y.0) + self.cdf(x.0, y.0);
        inside.max(0.0)
    }

    /// The density, which is also the derivative of [`BivariateNormal::cdf`] by the correlation; 0 at infinity, and
    /// everywhere for a correlation of one.
    pub fn density(&self, x: f64, y: f64) -> f64 {
        let left = (1.0 - self.rho) * (1.0 + self.rho);
        if left <= 0.0 || x.is_infinite() || y.is_infinite() {
            return 0.0;
        }
        exp(-0.5 * (x * x - 2.0 * self.rho * x * y + y * y) / left) / (2.0 * PI * left.sqrt())
    }

    /// Genz's upper tail at (−x, −y), which by symmetry is the lower tail at (x, y).
    fn steep(&self, x: f64, y: f64, below_x: f64, below_y: f64) -> f64 {
        let sign = if self.rho < 0.0 { -1.0 } else { 1.0 };
        let (h, k) = (-x, -y * sign);
        let product = h * k;
        let left = (1.0 - self.rho) * (1.0 + self.rho);
        let mut sum = 0.0;
        if left > 0.0 {
            let apart = (h - k) * (h - k);
            let (c, d) = ((4.0 - product) / 8.0, (12.0 - product) / 16.0);
            let root = left.sqrt();
            let power = -0.5 * (apart / left + product);
            if power > NOTHING {
                let series =
                    1.0 - c * (apart - left) * (1.0 - d * apart / 5.0) / 3.0 + c * d * left * left / 5.0;
                sum = root * exp(power) * series;
            }
            if -product < -NOTHING {
                let b = apart.sqrt();
                let series = 1.0 - c * apart * (1.0 - d * apart / 5.0) / 3.0;
                sum -= exp(-0.5 * product) * (2.0 * PI).sqrt() * normal_cdf(-b / root) * b * series;
            }
            let half = 0.5 * root;
            for (node, weight) in TWENTY {
                for node in [-node, node] {
                    let squared = half * (1.0 + node) * (half * (1.0 + node));
                    let power = -0.5 * (apart / squared + product);
                    if power > NOTHING {
                        let r = (1.0 - squared).sqrt();
                        let exact = exp(-0.5 * product * (1.0 - r) / (1.0 + r)) / r;
                        let series = 1.0 + c * squared * (1.0 + d * squared);
                        sum += half * weight * exp(power) * (exact - series);
                    }
                }
            }
            sum = -sum / (2.0 * PI);
        }
        if sign > 0.0 { sum + below_x.min(below_y) } else { (below_x + below_y - 1.0).max(0.0) - sum }
    }
}

/// As many nodes as the correlation asks for.
fn rule(rho: f64) -> &'static [(f64, f64)] {
    if rho < 0.3 {
        &SIX
    } else if rho < 0.75 {
        &TWELVE
    } else {
        &TWENTY
    }
}

/// The positive nodes of the rule with 6 nodes, and their weights.
const SIX: [(f64, f64); 3] = [
    (0.932469514203152, 0.17132449237917036),
    (0.6612093864662645, 0.3607615730481386),
    (0.2386191860831969, 0.46791393457269104),
];
/// The positive nodes of the rule with 12 nodes, and their weights.
const TWELVE: [(f64, f64); 6] = [
    (0.9815606342467192, 0.04717533638651183),
    (0.9041172563704749, 0.10693932599531843),
    (0.7699026741943047, 0.16007832854334622),
    (0.5873179542866175, 0.20316742672306592),
    (0.3678314989981802, 0.2334925365383548),
    (0.1252334085114689, 0.24914704581340277),
];
/// The positive nodes of the rule with 20 nodes, and their weights.
const TWENTY: [(f64, f64); 10] = [
    (0.9931285991850949, 0.017614007139152118),
    (0.9639719272779138, 0.04060142980038694),
    (0.912234428251326, 0.06267204833410907),
    (0.8391169718222188, 0.08327674157670475),
    (0.7463319064601508, 0.10193011981724044),
    (0.636053680726515, 0.11819453196151841),
    (0.5108670019508271, 0.13168863844917664),
    (0.37370608871541955, 0.14209610931838204),
    (0.22778585114164507, 0.14917298647260374),
    (0.07652652113349734, 0.15275338713072584),
];
