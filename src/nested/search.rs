//! A quasi-Newton search (BFGS) with a line search that asks for enough descent and enough curvature.

use nalgebra::DMatrix;

use crate::statistic::Stop;

/// Where a search ended.
pub(super) struct Found {
    pub at: Vec<f64>,
    pub value: f64,
    pub gradient: Vec<f64>,
    pub iterations: usize,
    pub stop: Stop,
}

/// A point with its value and gradient, if it is allowed.
type Point = Option<(f64, Vec<f64>)>;

/// Minimises a smooth function from its value and gradient. It ends where the fall that a Newton step would still bring
/// is below `tolerance`. `curvature` is about what the second derivatives are at the start, where that is known.
pub(super) fn minimise(
    mut function: impl FnMut(&[f64]) -> Point,
    start: &[f64],
    curvature: Option<DMatrix<f64>>,
    tolerance: f64,
    most: usize,
) -> Option<Found> {
    let m = start.len();
    let (value, gradient) = function(start)?;
    let mut found = Found { at: start.to_vec(), value, gradient, iterations: 0, stop: Stop::MostIterations };
    let plain = || Inverse::new(m, first_length(&found.gradient));
    let mut inverse = curvature.and_then(Inverse::of).unwrap_or_else(plain);
    while found.iterations < most {
        let direction = inverse.times(&found.gradient, -1.0);
        let slope = dot(&direction, &found.gradient);
        if -slope < tolerance && (inverse.learnt || dot(&found.gradient, &found.gradient) < tolerance) {
            last_step(&mut function, &mut found, &direction);
            found.stop = Stop::Converged;
            break;
        }
        found.iterations += 1;
        match line_search(&mut function, &found, &direction, slope) {
            Some((at, value, gradient)) => {
                let step: Vec<f64> = at.iter().zip(&found.at).map(|(new, old)| new - old).collect();
                let change: Vec<f64> =
                    gradient.iter().zip(&found.gradient).map(|(new, old)| new - old).collect();
                inverse.learn(&step, &change);
                (found.at, found.value, found.gradient) = (at, value, gradient);
            }
            None if inverse.learnt => inverse = Inverse::new(m, first_length(&found.gradient)),
            None => {
                found.stop = Stop::NoProgress;
                break;
            }
        }
    }
    Some(found)
}

/// The step that is left is too small for the deviance to tell, and not for the estimates.
fn last_step(function: &mut impl FnMut(&[f64]) -> Point, found: &mut Found, direction: &[f64]) {
    let at: Vec<f64> = found.at.iter().zip(direction).map(|(x, d)| x + d).collect();
    if let Some((value, gradient)) = function(&at)
        && value <= found.value + ROUNDING * found.value.abs().max(1.0)
        && dot(&gradient, &gradient) < dot(&found.gradient, &found.gradient)
    {
        (found.at, found.value, found.gradient) = (at, value, gradient);
    }
}

/// The first step is at most this long: parameters are relative standard deviations, of the order of one.
const FIRST_STEP: f64 = 0.3;

fn first_length(gradient: &[f64]) -> f64 {
    FIRST_STEP / dot(gradient, gradient).sqrt().max(FIRST_STEP)
}

/// Share of the promised fall that a step must bring.
const DESCENT: f64 = 1e-4;
/// Share of the slope that may be left after a step.
const CURVATURE: f64 = 0.9;
/// Values closer than this, relatively, differ by rounding alone.
const ROUNDING: f64 = 1e-13;

fn line_search(
    function: &mut impl FnMut(&[f64]) -> Point,
    from: &Found,
    direction: &[f64],
    slope: f64,
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let (mut step, mut low, mut high) = (1.0, 0.0, f64::INFINITY);
    let slack = ROUNDING * from.value.abs().max(1.0);
    for _ in 0..40 {
        let at: Vec<f64> = from.at.iter().zip(direction).map(|(x, d)| x + step * d).collect();
        let tried = function(&at);
        match tried {
            Some((value, gradient)) if value <= from.value + DESCENT * step * slope + slack => {
                if dot(&gradient, direction) >= CURVATURE * slope {
                    return Some((at, value, gradient));
                }
                low = step;
            }
            _ => high = step,
        }
        step = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * low };
    }
    None
}

/// Relative to the largest: no direction is taken to be flatter.
const LEAST_CURVATURE: f64 = 1e-3;

/// The inverse Hessian as far as it is known.
struct Inverse {
    m: usize,
    values: Vec<f64>,
    learnt: bool,
}

impl Inverse {
    fn new(m: usize, scale: f64) -> Inverse {
        let values = (0..m * m).map(|at| if at % (m + 1) == 0 { scale } else { 0.0 }).collect();
        Inverse { m, values, learnt: false }
    }

    /// The inverse of what is known of the second derivatives; directions of little or negative curvature get some.
    fn of(curvature: DMatrix<f64>) -> Option<Inverse> {
        let m = curvature.nrows();
        if m == 0 || !curvature.iter().all(|x| x.is_finite()) {
            return None;
        }
        let eigen = curvature.symmetric_eigen();
        let least = LEAST_CURVATURE * eigen.eigenvalues.max();
        let mut values = DMatrix::zeros(m, m);
        for (value, vector) in eigen.eigenvalues.iter().zip(eigen.eigenvectors.column_iter()) {
            values += vector * vector.transpose() / value.max(least);
        }
        (least > 0.0).then(|| Inverse { m, values: values.as_slice().to_vec(), learnt: true })
    }

    fn times(&self, x: &[f64], sign: f64) -> Vec<f64> {
        self.values.chunks_exact(self.m.max(1)).map(|row| sign * dot(row, x)).collect()
    }

    fn learn(&mut self, step: &[f64], change: &[f64]) {
        let curvature = dot(step, change);
        if curvature <= 1e-14 * dot(step, step).sqrt() * dot(change, change).sqrt() {
            return;
        }
        if !self.learnt {
            *self = Inverse::new(self.m, curvature / dot(change, change));
            self.learnt = true;
        }
        let turned = self.times(change, 1.0);
        let factor = (1.0 + dot(change, &turned) / curvature) / curvature;
        for i in 0..self.m {
            for j in 0..self.m {
                self.values[i * self.m + j] +=
                    factor * step[i] * step[j] - (turned[i] * step[j] + step[i] * turned[j]) / curvature;
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
