//! Is reliability within and between persons mathematically itself, and quiet about what is not there?

use alliance_metrics::nested::{
    Bootstrap, Column, Components, Estimator, GeneralizabilityConfig, Groups, LevelConfig, Repeated,
    generalizability, group_icc, level_alphas, rater_study, replicates_for,
};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::statistic::Reason;
use proptest::prelude::*;

/// Persons × occasions × items with effects of all pairs.
fn simulated(persons: usize, occasions: usize, items: usize, seed: u64) -> Repeated {
    let mut stream = Stream::new(seed, 0);
    let mut normals = |n: usize, sd: f64| -> Vec<f64> { (0..n).map(|_| sd * stream.normal()).collect() };
    let level = normals(persons, 1.0);
    let swing = normals(persons * occasions, 0.5);
    let profile = normals(persons * items, 0.5);
    let (course, ease) = (normals(occasions, 0.7), normals(items, 0.7));
    let drift = normals(occasions * items, 0.6);
    let rest = normals(persons * occasions * items, 0.6);
    let cells = || (0..persons * occasions).map(|row| (row / occasions, row % occasions));
    let item = |j: usize| {
        let value = |(p, t): (usize, usize)| {
            let single = 4.0 + level[p] + course[t] + ease[j];
            let pair = swing[p * occasions + t] + profile[p * items + j] + drift[t * items + j];
            single + pair + rest[(p * occasions + t) * items + j]
        };
        Column::new(format!("i{j}"), cells().map(value).collect())
    };
    Repeated {
        person: Groups::new("person", cells().map(|(p, _)| p)),
        occasion: Groups::new("session", cells().map(|(_, t)| t)),
        items: (0..items).map(item).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Complete, and no component at its boundary: both estimators agree.
    #[test]
    fn likelihood_and_mean_squares_agree(persons in 6usize..10, seed in 0u64..500) {
        let data = simulated(persons, 4, 3, seed);
        let fit = |estimator| {
            let config = GeneralizabilityConfig { estimator, ..GeneralizabilityConfig::default() };
            generalizability(&data, &config).unwrap()
        };
        let anova = fit(Estimator::Anova);
        let all = |found: &Components| found.components.iter().all(|own| own.negative.is_none());
        prop_assume!(all(&anova.crossed) && all(&anova.nested));
        let reml = fit(Estimator::Reml);
        for (a, b) in anova.crossed.components.iter().zip(&reml.crossed.components) {
            prop_assert!((a.variance - b.variance).abs() < 1e-5, "{} {} {}", a.source, a.variance, b.variance);
        }
        for (a, b) in anova.nested.components.iter().zip(&reml.nested.components) {
            prop_assert!((a.variance - b.variance).abs() < 1e-5, "{} {} {}", a.source, a.variance, b.variance);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The table of a D study is the formula turned round.
    #[test]
    fn needed_replicates_just_reach_the_target(signal in 0.01f64..10.0, noise in 0.0f64..50.0, target in 0.05f64..0.99) {
        let needed = replicates_for(signal, noise, target).unwrap() as f64;
        prop_assert!(signal / (signal + noise / needed) >= target - 1e-9);
        prop_assert!(needed == 1.0 || signal / (signal + noise / (needed - 1.0)) < target + 1e-9);
    }

    /// Reliability of a mean of group scores is Spearman and Brown's of one.
    #[test]
    fn icc2_is_stepped_up_icc1(seed in 0u64..500, size in 2usize..6) {
        let mut stream = Stream::new(seed, 3);
        let groups = Groups::new("dyad", (0..8 * size).map(|row| row % 8));
        let level: Vec<f64> = (0..8).map(|_| stream.normal()).collect();
        let scores = (0..8 * size).map(|row| level[row % 8] + stream.normal()).collect();
        let found = group_icc(&Column::new("score", scores), &groups, 0.95).unwrap();
        let (icc1, k) = (found.icc1.estimate.unwrap(), size as f64);
        let stepped = k * icc1 / (1.0 + (k - 1.0) * icc1);
        prop_assert!((stepped - found.icc2.estimate.unwrap()).abs() < 1e-10);
        prop_assert!(found.icc1.lower.unwrap() < icc1 && icc1 < found.icc1.upper.unwrap());
    }
}

#[test]
fn limits_hold_the_estimate_and_do_not_depend_on_threads() {
    let data = simulated(24, 4, 3, 11);
    let of = |threads: usize| GeneralizabilityConfig {
        bootstrap: Some(Bootstrap { replicates: 200, seed: 4, threads: threads.into() }),
        ..GeneralizabilityConfig::default()
    };
    let config = of(1);
    let found = generalizability(&data, &config).unwrap();
    for own in &found.coefficients {
        let value = own.value;
        assert!(
            value.lower.unwrap() <= value.estimate.unwrap()
                && value.estimate.unwrap() <= value.upper.unwrap()
        );
        assert_eq!(value.interval, Some("bootstrap_percentile"));
    }
    for threads in [2, 7] {
        assert_eq!(generalizability(&data, &of(threads)).unwrap().coefficients, found.coefficients);
    }
    let config = LevelConfig { bootstrap: config.bootstrap, ..LevelConfig::default() };
    let alphas = level_alphas(&data.items, &data.person, &config).unwrap();
    assert!(alphas.within.lower.unwrap() < alphas.within.estimate.unwrap());
    assert!(alphas.within.estimate.unwrap() < alphas.between_latent.estimate.unwrap());
}

#[test]
fn gaps_are_used_and_counted() {
    let mut data = simulated(20, 4, 3, 3);
    data.items[0].values[5] = f64::NAN;
    for item in &mut data.items {
        item.values[17] = f64::NAN;
    }
    let found = generalizability(&data, &GeneralizabilityConfig::default()).unwrap();
    assert_eq!((found.crossed.estimator, found.answers, found.dropped), ("reml", 20 * 4 * 3 - 4, 1));
    assert!((found.mean_occasions - 20.0 / (19.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-12);
    let anova = GeneralizabilityConfig { estimator: Estimator::Anova, ..GeneralizabilityConfig::default() };
    assert_eq!(generalizability(&data, &anova).unwrap_err().reason, Reason::NotApplicable);
    let alphas = level_alphas(&data.items, &data.person, &LevelConfig::default()).unwrap();
    assert_eq!((alphas.n, alphas.dropped, alphas.covariances.estimator), (78, 2, "ml"));
}

#[test]
fn what_cannot_be_had_says_why() {
    let config = GeneralizabilityConfig::default();
    let reason = |data: &Repeated| generalizability(data, &config).unwrap_err().reason;
    assert_eq!(reason(&simulated(1, 4, 3, 1)), Reason::TooFew);
    assert_eq!(reason(&simulated(4, 1, 3, 1)), Reason::TooFew);
    assert_eq!(reason(&simulated(4, 3, 1, 1)), Reason::TooFew);
    let mut twice = simulated(4, 3, 2, 1);
    twice.occasion = Groups::new("session", vec![1; 12]);
    assert_eq!(reason(&twice), Reason::NotApplicable);
    let mut flat = simulated(4, 3, 2, 1);
    flat.items.iter_mut().for_each(|item| item.values = vec![3.0; 12]);
    let found = generalizability(&flat, &config).unwrap();
    assert!(found.coefficients.iter().all(|own| own.value.reason == Some(Reason::NoVariability)));
    let alphas = level_alphas(&flat.items, &flat.person, &LevelConfig::default()).unwrap();
    assert_eq!(alphas.within.reason, Some(Reason::NoVariability));
    assert_eq!(
        level_alphas(&flat.items[..1], &flat.person, &LevelConfig::default()).unwrap_err().reason,
        Reason::TooFew
    );
    let empty =
        Repeated { person: Groups::new("p", [0; 0]), occasion: Groups::new("t", [0; 0]), items: Vec::new() };
    assert_eq!(reason(&empty), Reason::TooFew);
    let groups = Groups::new("dyad", [1, 2, 3]);
    let once = group_icc(&Column::new("score", vec![1.0, 2.0, 3.0]), &groups, 0.95).unwrap_err();
    assert_eq!(once.reason, Reason::NotIdentified);
    let raters = Groups::new("rater", [1, 1, 1]);
    assert!(rater_study(&Column::new("rating", vec![1.0, 2.0, 3.0]), &groups, &raters).is_err());
}
