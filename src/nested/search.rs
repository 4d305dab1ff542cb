//! A quasi-Newton search (L-BFGS) with a line search that asks for enough descent and enough curvature.

use std::collections::VecDeque;

use nalgebra::{DMatrix, DVector};

use super::fronts::add;
use crate::numeric::dot;
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
    let (value, gradient) = function(start)?;
    let mut found = Found { at: start.to_vec(), value, gradient, iterations: 0, stop: Stop::MostIterations };
    let plain = || Inverse::new(first_length(&found.gradient));
    let mut inverse = curvature.and_then(Inverse::of).unwrap_or_else(plain);
    while found.iterations < most {
        let direction = inverse.direction(&found.gradient);
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
                inverse.learn(step, change);
                (found.at, found.value, found.gradient) = (at, value, gradient);
            }
            None if inverse.learnt => inverse = Inverse::new(first_length(&found.gradient)),
            None => {
                // What a step would still bring may be less than the deviance can tell.
                let settled = -slope <= 100.0 * ROUNDING * found.value.abs().max(1.0);
                found.stop = if settled { Stop::Converged } else { Stop::NoProgress };
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
    let mut left = (from.value, slope); // value and slope at `low`
    let slack = ROUNDING * from.value.abs().max(1.0);
    for _ in 0..40 {
        let at: Vec<f64> = from.at.iter().zip(direction).map(|(x, d)| x + step * d).collect();
        let tried = function(&at);
        match tried {
            Some((value, gradient)) if value <= from.value + DESCENT * step * slope + slack => {
                if dot(&gradient, direction) >= CURVATURE * slope {
                    return Some((at, value, gradient));
                }
                (low, left) = (step, (value, dot(&gradient, direction)));
                step = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * low };
            }
            tried => {
                high = step;
                let width = high - low;
                let share =
                    tried.map_or(0.5, |(value, _)| lowest_of_parabola(left.1 * width, value - left.0));
                step = low + share * width;
            }
        }
    }
    None
}

/// Where between 0 and 1 a parabola is lowest that begins with this slope and ends higher by so much, kept off the ends.
fn lowest_of_parabola(slope: f64, rise: f64) -> f64 {
    (-0.5 * slope / (rise - slope)).clamp(0.1, 0.5)
}

/// Relative to the largest: no direction is taken to be flatter.
const LEAST_CURVATURE: f64 = 1e-3;

/// So many of the last steps are remembered: more than most searches take, and few beside the square of a thousand
/// parameters.
const MEMORY: usize = 100;

/// The inverse Hessian as far as it is known: what it was taken to be at the start, and what each step has taught
/// (the two loops of Nocedal 1980).
struct Inverse {
    start: Start,
    steps: VecDeque<Step>,
    learnt: bool,
}

/// What the inverse is taken to be before any step.
enum Start {
    Same(f64),
    Matrix(DMatrix<f64>),
}

/// A step, the change of the gradient along it, and their product.
struct Step {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

impl Inverse {
    fn new(scale: f64) -> Inverse {
        Inverse { start: Start::Same(scale), steps: VecDeque::new(), learnt: false }
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
        let start = Start::Matrix(values);
        (least > 0.0).then(|| Inverse { start, steps: VecDeque::new(), learnt: true })
    }

    /// Where to go from here: the inverse times the gradient, turned round.
    fn direction(&self, gradient: &[f64]) -> Vec<f64> {
        let mut left: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
        let mut along = Vec::with_capacity(self.steps.len());
        for own in self.steps.iter().rev() {
            let share = dot(&own.step, &left) / own.product;
            add(&mut left, -share, &own.change);
            along.push(share);
        }
        let mut direction = match &self.start {
            Start::Same(scale) => left.iter().map(|x| scale * x).collect(),
            Start::Matrix(matrix) => (matrix * DVector::from_column_slice(&left)).as_slice().to_vec(),
        };
        for (own, share) in self.steps.iter().zip(along.iter().rev()) {
            let back = dot(&own.change, &direction) / own.product;
            add(&mut direction, share - back, &own.step);
        }
        direction
    }

    fn learn(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let product = dot(&step, &change);
        if product <= 1e-14 * dot(&step, &step).sqrt() * dot(&change, &change).sqrt() {
            return;
        }
        if !self.learnt {
            *self = Inverse::new(product / dot(&change, &change));
            self.learnt = true;
        }
        if self.steps.len() == MEMORY {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { step, change, product });
    }
}
