//! The deviance of a mixed model, profiled over the fixed effects and the residual variance.

use libm::{atanh, exp, log, log1p, pow, tanh};
use nalgebra::DMatrix;
use serde::Serialize;

use super::design::Design;
use super::elimination::Factored;
use super::fronts::Fronts;
use super::model::Residual;

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The restricted likelihood: variances allow for the fixed effects.
    #[default]
    Reml,
    /// The likelihood: for comparing fixed effects.
    Ml,
}

/// How residuals go together, for the search.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum SerialKind {
    None,
    /// The parameter is atanh φ.
    Ar1,
    /// The parameter is ln range.
    Exponential,
}

/// A model as a function of its parameters: the free elements of each Λ, then the serial one.
pub(super) struct Profile<'a> {
    pub design: &'a Design,
    pub criterion: Criterion,
    pub fronts: Fronts,
    /// Free elements of the Λs: factor, row, column.
    pub free: Vec<(usize, usize, usize)>,
    pub serial: SerialKind,
}

/// The model at one value of its parameters.
pub(super) struct State {
    pub lambda: Vec<Vec<f64>>,
    pub factored: Factored,
    /// The penalised residual sum of squares.
    pub rss: f64,
    /// ln |Λ′Z′ZΛ + I|, with ln |R′R| under REML, with ln |R| of the residual correlations.
    pub log_determinant: f64,
    pub deviance: f64,
}

impl<'a> Profile<'a> {
    pub fn new(design: &'a Design, residual: &Residual, criterion: Criterion) -> Profile<'a> {
        let mut free = Vec::new();
        for (f, factor) in design.names.iter().enumerate() {
            for (i, row) in factor.effects.iter().enumerate() {
                for (j, column) in factor.effects.iter().enumerate().take(i + 1) {
                    if row.block == column.block {
                        free.push((f, i, j));
                    }
                }
            }
        }
        let serial = match residual {
            Residual::Independent => SerialKind::None,
            Residual::Ar1(_) => SerialKind::Ar1,
            Residual::Exponential(_) => SerialKind::Exponential,
        };
        let mut fronts = Fronts::new(&design.factors, design.p() + 1);
        if serial == SerialKind::None {
            let z: Vec<&[f64]> = design.factors.iter().map(|factor| factor.z.as_slice()).collect();
            fronts.assemble(&design.factors, &z, &design.border);
        }
        Profile { design, criterion, fronts, free, serial }
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.free.len() + usize::from(self.serial != SerialKind::None)
    }

    /// Degrees of freedom of the residual variance.
    pub fn df(&self) -> f64 {
        match self.criterion {
            Criterion::Reml => (self.design.n - self.design.p()) as f64,
            Criterion::Ml => self.design.n as f64,
        }
    }

    /// Where the search starts: all relative standard deviations the same, no correlation, a middling serial one.
    pub fn start(&self, spread: f64) -> Vec<f64> {
        let mut start: Vec<f64> =
            self.free.iter().map(|(_, row, column)| if row == column { spread } else { 0.0 }).collect();
        match self.serial {
            SerialKind::None => {}
            SerialKind::Ar1 => start.push(atanh(0.3)),
            SerialKind::Exponential => start.push(log(self.middle_gap())),
        }
        start
    }

    /// Where a search starts well: relative standard deviations of each factor by moments (MINQUE(0), Rao 1971), from
    /// E|Z_f′r|² = Σ_h σ²_h |Z_f′Z_h|² + σ²|Z_f|², with r what the predictors leave of the outcome. None for serial
    /// residuals, and where the moments say nothing.
    pub fn start_by_moments(&self) -> Option<Vec<f64>> {
        if self.serial != SerialKind::None {
            return None;
        }
        let (products, squares) = self.fronts.moments(self.design.n);
        let variances = products.lu().solve(&squares)?;
        let residual = variances[variances.len() - 1];
        let spread = |f: usize| (variances[f].max(0.0) / residual).sqrt().clamp(LEAST_SPREAD, MOST_SPREAD);
        let sound = residual > 0.0 && variances.iter().all(|variance| variance.is_finite());
        sound.then(|| {
            let value =
                |(f, row, column): &(usize, usize, usize)| if row == column { spread(*f) } else { 0.0 };
            self.free.iter().map(value).collect()
        })
    }

    /// Starts away from the usual one: all relative standard deviations small or one, and neighbours that go against each
    /// other.
    pub fn far_starts(&self) -> Vec<Vec<f64>> {
        let mut starts = vec![self.start(0.3), self.start(1.0)];
        if self.serial == SerialKind::Ar1 {
            let mut against = self.start(0.3);
            if let Some(last) = against.last_mut() {
                *last = atanh(-0.5);
            }
            starts.push(against);
        }
        starts
    }

    fn middle_gap(&self) -> f64 {
        let gaps = self.design.serial.iter().flat_map(|serial| serial.gap.iter().flatten());
        let mut gaps: Vec<f64> = gaps.copied().collect();
        gaps.sort_by(f64::total_cmp);
        gaps[gaps.len() / 2]
    }

    pub fn lambda(&self, at: &[f64]) -> Vec<Vec<f64>> {
        let mut lambda: Vec<Vec<f64>> =
            self.design.factors.iter().map(|factor| vec![0.0; factor.q * factor.q]).collect();
        for ((f, row, column), value) in self.free.iter().zip(at) {
            lambda[*f][row * self.design.factors[*f].q + column] = *value;
        }
        lambda
    }

    /// The correlation between residuals one unit apart.
    pub fn correlation(&self, at: &[f64]) -> Option<f64> {
        let last = *at.last()?;
        match self.serial {
            SerialKind::None => None,
            SerialKind::Ar1 => Some(tanh(last)),
            SerialKind::Exponential => Some(exp(-exp(-last))),
        }
    }

    /// The model at some parameters; none where it cannot be computed.
    pub fn state(&mut self, at: &[f64]) -> Option<State> {
        let lambda = self.lambda(at);
        let serial = match self.correlation(at) {
            None => 0.0,
            Some(correlation) => self.whiten(correlation)?,
        };
        let factored = self.fronts.factor(&lambda);
        let width = self.design.p() + 1;
        let corner = &factored.corner;
        let rss = corner[width * width - 1] * corner[width * width - 1];
        let mut log_determinant = factored.log_determinant + serial;
        if self.criterion == Criterion::Reml {
            let diagonal = |i: usize| log(corner[i * width + i].abs()) + log(self.design.r[(i, i)]);
            log_determinant += 2.0 * (0..width - 1).map(diagonal).sum::<f64>();
        }
        let df = self.df();
        let deviance = log_determinant + df * (1.0 + log(2.0 * std::f64::consts::PI * rss / df));
        (deviance.is_finite() && rss > 0.0).then_some(State {
            lambda,
            factored,
            rss,
            log_determinant,
            deviance,
        })
    }

    /// Rows made independent: each less what the one before it in its group foretells. The log determinant of the
    /// residual correlations.
    fn whiten(&mut self, correlation: f64) -> Option<f64> {
        let design = self.design;
        let serial = design.serial.as_ref()?;
        let mut border = design.border.clone();
        let mut z: Vec<Vec<f64>> = design.factors.iter().map(|factor| factor.z.clone()).collect();
        let mut log_determinant = 0.0;
        let mut before = usize::MAX;
        for row in &serial.order {
            if let Some(gap) = serial.gap[*row] {
                let carried = pow(correlation, gap);
                let left = log1p(-carried * carried);
                log_determinant += left;
                let scale = exp(-0.5 * left);
                let whiten = |new: &mut [f64], old: &[f64], width: usize| {
                    for j in 0..width {
                        new[row * width + j] =
                            scale * (old[row * width + j] - carried * old[before * width + j]);
                    }
                };
                whiten(&mut border, &design.border, design.p() + 1);
                for (new, factor) in z.iter_mut().zip(&design.factors) {
                    whiten(new, &factor.z, factor.q);
                }
            }
            before = *row;
        }
        let z: Vec<&[f64]> = z.iter().map(Vec::as_slice).collect();
        self.fronts.assemble(&design.factors, &z, &border);
        Some(log_determinant)
    }

    /// The inverse of R′R of the orthogonal predictors, p × p row by row.
    pub fn fixed_inverse(&self, state: &State) -> Vec<f64> {
        let p = self.design.p();
        let mut upper = DMatrix::zeros(p, p);
        for i in 0..p {
            for j in i..p {
                upper[(i, j)] = state.factored.corner[i * (p + 1) + j];
            }
        }
        let inverse = upper.solve_upper_triangular(&DMatrix::identity(p, p));
        let inverse = inverse.unwrap_or_else(|| DMatrix::from_element(p, p, f64::NAN));
        (&inverse * inverse.transpose()).as_slice().to_vec()
    }

    /// Half the derivatives of the log determinant by the elements of each Λ, group by group.
    fn determinant_slopes(&self, state: &State) -> Vec<Vec<f64>> {
        let corner = match self.criterion {
            Criterion::Reml => self.fixed_inverse(state),
            Criterion::Ml => vec![0.0; self.design.p() * self.design.p()],
        };
        self.fronts.determinant_slopes(&state.factored, &state.lambda, &corner)
    }

    /// The sum over the groups of a factor of one element of its squares.
    fn sum(&self, squares: &[Vec<f64>], (f, i, j): (usize, usize, usize)) -> f64 {
        let q = self.design.factors[f].q;
        squares[f].iter().skip(i * q + j).step_by(q * q).sum()
    }

    /// The derivatives of the log determinant and of the residual sum of squares by the free elements of the Λs.
    pub fn slopes(&self, state: &State) -> (Vec<f64>, Vec<f64>) {
        let determinant = self.determinant_slopes(state);
        let (fixed, u) = self.fronts.solve(&state.factored);
        let left = self.fronts.left_over(&fixed, &self.fronts.scale(&state.lambda, &u));
        let squares = |(f, i, j): (usize, usize, usize)| -> f64 {
            let (start, factor) = (self.fronts.effect(f, 0), &self.design.factors[f]);
            let effects = start..start + factor.levels * factor.q;
            let (left, u) = (left[effects.clone()].iter().skip(i), u[effects].iter().skip(j));
            left.step_by(factor.q).zip(u.step_by(factor.q)).map(|(left, u)| left * u).sum()
        };
        (
            self.free.iter().map(|element| 2.0 * self.sum(&determinant, *element)).collect(),
            self.free.iter().map(|element| -2.0 * squares(*element)).collect(),
        )
    }

    /// About what the second derivatives of the deviance are expected to be where a search starts, where every Λ is
    /// a multiple of the identity: tr(P V_i P V_j) − tr(P V_i) tr(P V_j) / df, of which what groups have in common with
    /// other groups is left out. None where there is a serial parameter.
    pub fn information(&mut self, start: &[f64]) -> Option<DMatrix<f64>> {
        if self.serial != SerialKind::None {
            return None;
        }
        let state = self.state(start)?;
        let slopes = self.determinant_slopes(&state);
        let mean = |element: &(usize, usize, usize)| 2.0 * self.sum(&slopes, *element);
        Some(DMatrix::from_fn(self.free.len(), self.free.len(), |one, two| {
            let ((f, a, b), (h, c, d)) = (self.free[one], self.free[two]);
            let product = |own: &[f64]| {
                let q = self.design.factors[f].q;
                let own = |i: usize, j: usize| own[i * q + j];
                2.0 * (own(a, d) * own(c, b) + own(c, a) * own(b, d))
            };
            let q = self.design.factors[f].q;
            let shared = if f == h { slopes[f].chunks_exact(q * q).map(product).sum() } else { 0.0 };
            shared - mean(&self.free[one]) * mean(&self.free[two]) / self.df()
        }))
    }

    /// The deviance and its gradient.
    pub fn evaluate(&mut self, at: &[f64]) -> Option<(f64, Vec<f64>)> {
        let state = self.state(at)?;
        let (determinant, squares) = self.slopes(&state);
        let df = self.df();
        let mut gradient: Vec<f64> =
            determinant.iter().zip(&squares).map(|(d, s)| d + df * s / state.rss).collect();
        if self.serial != SerialKind::None {
            gradient.push(self.serial_slope(at)?);
        }
        gradient.iter().all(|slope| slope.is_finite()).then_some((state.deviance, gradient))
    }

    /// The derivative by the serial parameter, by differences of fourth order.
    fn serial_slope(&mut self, at: &[f64]) -> Option<f64> {
        let mut deviance = |steps: f64| {
            let mut moved = at.to_vec();
            if let Some(last) = moved.last_mut() {
                *last += steps * SERIAL_STEP;
            }
            self.state(&moved).map(|state| state.deviance)
        };
        let near = deviance(1.0)? - deviance(-1.0)?;
        let far = deviance(2.0)? - deviance(-2.0)?;
        Some((8.0 * near - far) / (12.0 * SERIAL_STEP))
    }
}

/// No search starts nearer to a boundary than this, where it could not tell a slope.
const LEAST_SPREAD: f64 = 0.03;
/// Nor farther out than this.
const MOST_SPREAD: f64 = 10.0;

/// Small enough that the fourth-order error is nothing, large enough that rounding is.
const SERIAL_STEP: f64 = 1e-3;
