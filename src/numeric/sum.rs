//! Sums that do not depend on the order of their terms.

/// An exact running sum of finite `f64` values.
///
/// The sum is held as a list of floats that do not overlap (Shewchuk 1997), so nothing is lost and the rounded
/// result is the same for any order of the terms, any split into parts and any number of threads.
///
/// ```
/// use alliance_metrics::numeric::ExactSum;
/// let mut sum = ExactSum::default();
/// for x in [1e100, 1.0, -1e100] {
///     sum.add(x);
/// }
/// assert_eq!(sum.value(), 1.0);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExactSum {
    /// Non-overlapping, in increasing order of magnitude.
    parts: Vec<f64>,
}

impl ExactSum {
    /// Adds one term; terms that are not finite are the caller's fault and are refused in debug builds.
    pub fn add(&mut self, term: f64) {
        debug_assert!(term.is_finite());
        let mut carry = term;
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let (sum, rest) = two_sum(carry, self.parts[at]);
            if rest != 0.0 {
                self.parts[kept] = rest;
                kept += 1;
            }
            carry = sum;
        }
        self.parts.truncate(kept);
        if carry != 0.0 {
            self.parts.push(carry);
        }
    }

    /// Adds a product of two numbers, exactly.
    pub fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(product);
        self.add(a.mul_add(b, -product));
    }

    /// The sum of squared distances from the mean, Σx² − (Σx)²/n, where this is Σx and `squares` is Σx². Only the last
    /// step rounds.
    pub fn squared_distances(&self, squares: &ExactSum, n: u64) -> f64 {
        let n = n as f64;
        let mut sum = ExactSum::default();
        for part in &squares.parts {
            sum.add_product(*part, n);
        }
        for a in &self.parts {
            for b in &self.parts {
                sum.add_product(-a, *b);
            }
        }
        sum.value() / n
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &ExactSum) {
        for part in &other.parts {
            self.add(*part);
        }
    }

    /// The sum, rounded once to the nearest float.
    pub fn value(&self) -> f64 {
        let mut parts = self.parts.iter().rev();
        let Some(mut high) = parts.next().copied() else { return 0.0 };
        let mut low = 0.0;
        for part in parts.by_ref() {
            (high, low) = two_sum(high, *part);
            if low != 0.0 {
                break;
            }
        }
        // A tie is broken by what lies below it: round away from the float that ties-to-even chose.
        if let Some(below) = parts.next()
            && low != 0.0
            && (low < 0.0) == (*below < 0.0)
        {
            let doubled = 2.0 * low;
            let moved = high + doubled;
            if moved - high == doubled {
                high = moved;
            }
        }
        high
    }
}

/// Knuth's exact sum of two floats: rounded sum and error.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_broken_by_what_lies_below() {
        let mut sum = ExactSum::default();
        for x in [1.0, f64::EPSILON / 2.0, 1e-30] {
            sum.add(x);
        }
        assert_eq!(sum.value(), 1.0 + f64::EPSILON);
    }

    #[test]
    fn squared_distances_survive_a_large_mean() {
        let (mut sum, mut squares) = (ExactSum::default(), ExactSum::default());
        for x in [1e15, 1e15 + 1.0, 1e15 + 2.0] {
            sum.add(x);
            squares.add_product(x, x);
        }
        assert_eq!(sum.squared_distances(&squares, 3), 2.0);
    }

    #[test]
    fn the_empty_sum_is_zero() {
        assert_eq!(ExactSum::default().value(), 0.0);
    }
}
