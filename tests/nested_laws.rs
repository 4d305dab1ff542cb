//! Is a mixed model mathematically itself?

use alliance_metrics::nested::{
    Column, Criterion, Detrend, Groups, MixedConfig, MixedModel, Occasion, Occasions, Random, Reference,
    Residual, Status, compare, forecast, mixed, split,
};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::statistic::Reason;
use proptest::prelude::*;

fn close(ours: f64, theirs: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0)
}

/// Persons × raters with effects of both.
fn crossed(persons: usize, raters: usize, seed: u64) -> (Vec<f64>, Vec<usize>, Vec<usize>) {
    let mut stream = Stream::new(seed, 0);
    let person: Vec<f64> = (0..persons).map(|_| stream.normal()).collect();
    let rater: Vec<f64> = (0..raters).map(|_| stream.normal()).collect();
    let cell = |at: usize| (at / raters, at % raters);
    let y = (0..persons * raters)
        .map(|at| 4.0 + person[cell(at).0] + rater[cell(at).1] + 0.7 * stream.normal())
        .collect();
    let of_person = (0..persons * raters).map(|at| cell(at).0).collect();
    (y, of_person, (0..persons * raters).map(|at| cell(at).1).collect())
}

/// Person, rater and residual variances of a complete table, from its mean squares.
fn two_way(y: &[f64], persons: usize, raters: usize) -> [f64; 3] {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let row = |i: usize| (0..raters).map(|j| y[i * raters + j]).sum::<f64>() / raters as f64;
    let column = |j: usize| (0..persons).map(|i| y[i * raters + j]).sum::<f64>() / persons as f64;
    let square = |x: f64| x * x;
    let rows =
        raters as f64 * (0..persons).map(|i| square(row(i) - mean)).sum::<f64>() / (persons - 1) as f64;
    let columns =
        persons as f64 * (0..raters).map(|j| square(column(j) - mean)).sum::<f64>() / (raters - 1) as f64;
    let residual =
        (0..y.len()).map(|at| square(y[at] - row(at / raters) - column(at % raters) + mean)).sum::<f64>()
            / ((persons - 1) * (raters - 1)) as f64;
    [(rows - residual) / raters as f64, (columns - residual) / persons as f64, residual]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Complete and well inside the boundary: restricted likelihood is the analysis of variance.
    #[test]
    fn complete_tables_have_the_components_of_their_mean_squares(
        persons in 3usize..9, raters in 2usize..6, seed in 0u64..1000,
    ) {
        let (y, person, rater) = crossed(persons, raters, seed);
        let expected = two_way(&y, persons, raters);
        prop_assume!(expected.iter().all(|component| *component > 0.02));
        let model = MixedModel::new(Column::new("y", y))
            .random(Random::intercept(Groups::new("person", person)))
            .random(Random::intercept(Groups::new("rater", rater)));
        let fit = mixed(&model, &MixedConfig::default()).unwrap();
        prop_assert_eq!(fit.status, Status::Regular);
        prop_assert!(close(fit.variance("person").unwrap(), expected[0], 1e-5));
        prop_assert!(close(fit.variance("rater").unwrap(), expected[1], 1e-5));
        prop_assert!(close(fit.residual_variance(), expected[2], 1e-6));
    }

    /// Order of rows, units and origins change nothing but themselves.
    #[test]
    fn order_and_units_change_nothing(seed in 0u64..1000, unit in 0.01f64..1000.0, shift in -1e4f64..1e4) {
        let mut stream = Stream::new(seed, 1);
        let rows = 40;
        let dyad: Vec<usize> = (0..rows).map(|row| row % 7).collect();
        let time: Vec<f64> = (0..rows).map(|row| (row / 7) as f64).collect();
        let level: Vec<f64> = (0..7).map(|_| stream.normal()).collect();
        let slope: Vec<f64> = (0..7).map(|_| 0.4 * stream.normal()).collect();
        let y: Vec<f64> = (0..rows)
            .map(|row| 5.0 + level[dyad[row]] + (0.3 + slope[dyad[row]]) * time[row] + 0.5 * stream.normal())
            .collect();
        let fit = |order: &[usize], unit: f64, shift: f64| {
            let pick = |x: &dyn Fn(usize) -> f64| order.iter().map(|row| x(*row)).collect::<Vec<f64>>();
            let time = Column::new("time", pick(&|row| time[row] * unit));
            let model = MixedModel::new(Column::new("y", pick(&|row| y[row] + shift)))
                .fixed(time.clone())
                .random(Random::intercept(Groups::new("dyad", order.iter().map(|row| dyad[*row]))).slope(time));
            mixed(&model, &MixedConfig { criterion: Criterion::Ml, ..MixedConfig::default() }).unwrap()
        };
        let order: Vec<usize> = (0..rows).collect();
        let reversed: Vec<usize> = (0..rows).rev().collect();
        let plain = fit(&order, 1.0, 0.0);
        let moved = fit(&reversed, unit, shift);
        prop_assert!(close(moved.log_likelihood, plain.log_likelihood, 1e-7));
        let slope = |fit: &alliance_metrics::nested::Mixed| fit.effect("time").unwrap().clone();
        prop_assert!(close(slope(&moved).estimate.unwrap() * unit, slope(&plain).estimate.unwrap(), 1e-5));
        prop_assert!(close(slope(&moved).se.unwrap() * unit, slope(&plain).se.unwrap(), 1e-4));
    }

    /// Two models of the same thing: exponential residuals are AR(1) with a positive correlation.
    #[test]
    fn exponential_residuals_are_ar1(seed in 0u64..200) {
        let mut stream = Stream::new(seed, 2);
        let (mut y, mut dyad, mut time, mut e) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
        for i in 0..10 {
            let level = stream.normal();
            for t in 0..6 {
                e = if t == 0 { stream.normal() } else { 0.6 * e + 0.8 * stream.normal() };
                if stream.unit() < 0.9 {
                    y.push(level + e);
                    dyad.push(i);
                    time.push(f64::from(t));
                }
            }
        }
        let groups = Groups::new("dyad", dyad);
        let occasions = Occasions { within: groups.clone(), at: Column::new("time", time) };
        let fit = |residual: Residual| {
            mixed(&MixedModel::new(Column::new("y", y.clone())).residual(residual), &MixedConfig::default())
        };
        let ar1 = fit(Residual::Ar1(occasions.clone())).unwrap();
        prop_assume!(ar1.serial.unwrap().correlation > 0.05);
        let exponential = fit(Residual::Exponential(occasions)).unwrap();
        prop_assert!(close(exponential.log_likelihood, ar1.log_likelihood, 1e-7));
        let (a, b) = (ar1.serial.unwrap(), exponential.serial.unwrap());
        prop_assert!(close(b.correlation, a.correlation, 1e-4));
        prop_assert!(close(libm::exp(-1.0 / b.range.unwrap()), b.correlation, 1e-12));
    }
}

/// A forecast from a dyad's own sessions is its fixed effects and its predicted random effects.
#[test]
fn forecasts_and_predictions_are_one() {
    let mut stream = Stream::new(5, 0);
    let rows: Vec<(usize, f64)> = (0..60).map(|row| (row % 12, (row / 12) as f64)).collect();
    let effects: Vec<(f64, f64)> = (0..12).map(|_| (stream.normal(), 0.4 * stream.normal())).collect();
    let y: Vec<f64> =
        rows.iter().map(|(i, t)| 4.0 + effects[*i].0 + effects[*i].1 * t + 0.5 * stream.normal()).collect();
    let time = Column::new("time", rows.iter().map(|(_, t)| *t).collect());
    let dyad = Groups::new("dyad", rows.iter().map(|(i, _)| *i));
    let model = MixedModel::new(Column::new("y", y.clone()))
        .fixed(time.clone())
        .random(Random::intercept(dyad).slope(time));
    let fit = mixed(&model, &MixedConfig::default()).unwrap();
    let occasion = |t: f64| Occasion { fixed: vec![t], slopes: vec![t] };
    let own: Vec<usize> = (0..60).filter(|row| row % 12 == 3).collect();
    let known: Vec<Occasion> = own.iter().map(|row| occasion(rows[*row].1)).collect();
    let outcome: Vec<f64> = own.iter().map(|row| y[*row]).collect();
    let next = forecast(&fit, &known, &outcome, &occasion(5.0), 0.8).unwrap();
    let predicted = &fit.random[0].effects[3];
    let beta = |term: &str| fit.effect(term).unwrap().estimate.unwrap();
    let expected = beta("(Intercept)") + predicted[0] + (beta("time") + predicted[1]) * 5.0;
    assert!(close(next.estimate, expected, 1e-9), "{} is not {expected}", next.estimate);
    // The next session at the origin: the prediction of the level, with the session's own residual.
    let level = forecast(&fit, &known, &outcome, &occasion(0.0), 0.8).unwrap();
    let se = fit.random[0].conditional_se[3][0];
    assert!(level.sd * level.sd > se * se + fit.residual_variance());
    assert!(close(level.upper - level.estimate, 1.281_551_565_544_6 * level.sd, 1e-9));
    let new = forecast(&fit, &[], &[], &occasion(5.0), 0.8).unwrap();
    assert!(close(new.estimate, beta("(Intercept)") + 5.0 * beta("time"), 1e-9) && new.sd > next.sd);
    assert!(forecast(&fit, &known, &outcome[..2], &occasion(5.0), 0.8).is_err());
}

#[test]
fn one_variance_at_its_boundary_has_a_mixture() {
    let mut stream = Stream::new(6, 0);
    let y: Vec<f64> = (0..80).map(|_| stream.normal()).collect();
    let dyad = Groups::new("dyad", (0..80).map(|row| row % 16));
    let time = Column::new("time", (0..80).map(|row| f64::from(row / 16)).collect());
    let flat = MixedModel::new(Column::new("y", y));
    let level = flat.clone().random(Random::intercept(dyad.clone()));
    let slope = flat.clone().random(Random::intercept(dyad).slope(time.clone()));
    let course = level.clone().fixed(time);
    let ml = MixedConfig { criterion: Criterion::Ml, ..MixedConfig::default() };
    let fit = |model: &MixedModel| mixed(model, &ml).unwrap();
    let (flat, level, slope, course) = (fit(&flat), fit(&level), fit(&slope), fit(&course));
    let found = compare(&flat, &level).unwrap();
    assert_eq!((found.df, found.reference), (1, Reference::Mixture));
    let found = compare(&slope, &level).unwrap();
    assert_eq!((found.df, found.reference), (2, Reference::Mixture));
    let upper = |df: f64| alliance_metrics::numeric::distribution::chi_square_sf(found.statistic, df);
    assert!(close(found.p, 0.5 * upper(1.0) + 0.5 * upper(2.0), 1e-12));
    assert_eq!(compare(&level, &course).unwrap().reference, Reference::ChiSquare);
    assert_eq!(compare(&flat, &slope).unwrap().reference, Reference::Conservative);
    assert!(compare(&level, &level).is_err());
}

#[test]
fn trends_are_taken_out_person_by_person() {
    let dyad = Groups::new("dyad", [1, 1, 1, 1, 2, 2, 3]);
    let time = Column::new("time", vec![0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 0.0]);
    let x = Column::new("x", vec![1.0, 3.0, 5.0, 7.0, 2.0, 4.0, f64::NAN]);
    let parts = split(&x, &dyad, &Detrend::Linear(time));
    assert!(parts.within.values[..4].iter().all(|rest| rest.abs() < 1e-12), "a line, and nothing beside it");
    assert!(parts.within.values[4..].iter().all(|rest| rest.is_nan()), "too few for a line");
    assert!(close(parts.between.values[4], 3.0 - 22.0 / 6.0, 1e-12));
    assert!(split(&x, &dyad, &Detrend::No).within.values[6].is_nan());
}

fn intercept(y: Vec<f64>, dyad: &[usize]) -> MixedModel {
    MixedModel::new(Column::new("y", y)).random(Random::intercept(Groups::new("dyad", dyad)))
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let fit = |model: &MixedModel| mixed(model, &MixedConfig::default());
    let reason = |model: &MixedModel| fit(model).unwrap_err().reason;
    let dyad = [1, 1, 1, 2, 2, 2, 3, 3, 3];
    let y = vec![1.0, 2.0, 3.0, 2.0, 4.0, 5.0, 6.0, 5.0, 7.0];
    assert_eq!(reason(&intercept(Vec::new(), &[])), Reason::TooFew);
    assert_eq!(reason(&intercept(vec![f64::NAN; 9], &dyad)), Reason::TooFew);
    assert_eq!(reason(&intercept(vec![4.0; 9], &dyad)), Reason::NoVariability);
    // One dyad; one session each; nothing varies within.
    assert_eq!(reason(&intercept(y.clone(), &[1; 9])), Reason::TooFewClusters);
    assert_eq!(reason(&intercept(y[..3].to_vec(), &[1, 2, 3])), Reason::NotIdentified);
    let flat = vec![1.0, 1.0, 1.0, 4.0, 4.0, 4.0, 6.0, 6.0, 6.0];
    assert_eq!(reason(&intercept(flat, &dyad)), Reason::NoVariability);
    // Workers with one dyad each; more random effects than rows; a slope that is the intercept.
    let workers = intercept(y.clone(), &dyad).random(Random::intercept(Groups::new("worker", dyad)));
    assert_eq!(reason(&workers), Reason::NotIdentified);
    let time = Column::new("time", vec![0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    let square = Column::new("square", vec![0.0, 1.0, 4.0, 0.0, 1.0, 4.0, 0.0, 1.0, 4.0]);
    let many = MixedModel::new(Column::new("y", y.clone()))
        .random(Random::intercept(Groups::new("dyad", dyad)).slope(time.clone()).slope(square));
    assert_eq!(reason(&many), Reason::NotIdentified);
    let constant = MixedModel::new(Column::new("y", y.clone()))
        .random(Random::intercept(Groups::new("dyad", dyad)).slope(Column::new("one", vec![1.0; 9])));
    assert_eq!(reason(&constant), Reason::NotIdentified);
    assert_eq!(reason(&intercept(y.clone(), &dyad[..8])), Reason::NotApplicable);
}

#[test]
fn no_variance_between_is_a_boundary_and_no_error() {
    let dyad = [1, 1, 1, 2, 2, 2, 3, 3, 3];
    let fit =
        mixed(&intercept(vec![1.0, 5.0, 3.0, 3.0, 1.0, 5.0, 5.0, 3.0, 1.0], &dyad), &MixedConfig::default());
    let fit = fit.unwrap();
    assert_eq!(fit.status, Status::Singular);
    assert_eq!(fit.variance("dyad"), Some(0.0));
    assert!(close(fit.residual_variance(), 3.0, 1e-9), "the variance of all rows");
}

#[test]
fn a_collinear_predictor_stands_aside() {
    let dyad = [1, 1, 1, 2, 2, 2, 3, 3, 3];
    let time: Vec<f64> = vec![0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0];
    let twice = time.iter().map(|time| 2.0 * time + 1.0).collect();
    let model = intercept(vec![1.0, 2.0, 3.5, 2.0, 4.0, 5.0, 6.0, 5.0, 7.0], &dyad)
        .fixed(Column::new("time", time))
        .fixed(Column::new("twice", twice));
    let fit = mixed(&model, &MixedConfig::default()).unwrap();
    assert_eq!(fit.effect("twice").unwrap().reason, Some(Reason::Singular));
    assert_eq!(fit.effect("twice").unwrap().estimate, None);
    assert!(close(fit.effect("time").unwrap().estimate.unwrap(), 13.0 / 12.0, 1e-9));
}
