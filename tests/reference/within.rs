//! Reliability within and between persons, beside psych, multilevel, lme4 and lavaan.

use alliance_metrics::nested::{
    Bootstrap, Column, Estimator, Generalizability, GeneralizabilityConfig, Groups, LevelConfig, Negative,
    Repeated, Status, TwoLevelEstimator, generalizability, group_icc, level_alphas,
};
use alliance_metrics::numeric::Threads;
use alliance_metrics::statistic::Reason;

use super::{CALM_ITEMS, close, columns, expected};

/// Closed forms.
const EXACT: f64 = 1e-8;
/// Components by likelihood: lme4's own search ends there.
const LIKELIHOOD: f64 = 1e-4;
/// Numbers printed with seven digits.
const PRINTED: f64 = 1e-7;

pub fn repeated(file: &str, keys: [&str; 2], items: &[&str]) -> Repeated {
    let of_row = columns(file, &keys);
    let rows = columns(file, items);
    Repeated {
        person: Groups::new(keys[0], of_row.iter().map(|row| row[0])),
        occasion: Groups::new(keys[1], of_row.iter().map(|row| row[1])),
        items: items
            .iter()
            .enumerate()
            .map(|(j, item)| Column::new(*item, rows.iter().map(|row| row[j]).collect()))
            .collect(),
    }
}

fn six_dyads() -> Repeated {
    repeated("six_dyads.csv", ["dyad", "session"], &["c1", "c2", "c3", "c4"])
}

fn value(found: &Generalizability, id: &str) -> f64 {
    found.coefficients.iter().find(|own| own.id == id).unwrap().value.estimate.unwrap()
}

/// psych 2.5.3 (`mlr`) of `sai_repeated.csv`.
#[test]
fn a_repeated_scale_agrees_with_psych() {
    let theirs = &expected("multilevel.json")["sai_repeated"];
    let data = repeated("sai_repeated.csv", ["id", "time"], &CALM_ITEMS);
    let config = GeneralizabilityConfig { negative: Negative::Raw, ..GeneralizabilityConfig::default() };
    let found = generalizability(&data, &config).unwrap();
    assert_eq!((found.persons, found.occasions, found.items), (67, 4, 10));
    let names = [
        ("person", "person", "p"),
        ("occasion", "time", "t"),
        ("item", "item", "i"),
        ("person_occasion", "person_time", "pt"),
        ("person_item", "person_item", "pi"),
        ("occasion_item", "time_item", "ti"),
        ("residual", "residual", "e"),
    ];
    for (ours, name, square) in names {
        let own = found.crossed.components.iter().find(|own| own.source == ours).unwrap();
        close(ours, own.variance, theirs["components"][name].as_f64().unwrap(), EXACT);
        close(ours, own.mean_square.unwrap(), theirs["mean_squares"][square].as_f64().unwrap(), EXACT);
    }
    for (ours, name) in [("rkf", "RkF"), ("r1r", "R1R"), ("rkr", "RkR"), ("rc", "Rc")] {
        close(ours, value(&found, ours), theirs["generalizability"][name].as_f64().unwrap(), EXACT);
    }
    // Nested: theirs by likelihood.
    for name in ["person", "occasion_in_person", "residual"] {
        let theirs = theirs["components_nested"][name].as_f64().unwrap();
        close(name, found.nested.variance(name), theirs, LIKELIHOOD);
    }
    for (ours, name) in [("rkrn", "RkRn"), ("rcn", "Rcn")] {
        close(
            ours,
            value(&found, ours),
            theirs["generalizability_nested"][name].as_f64().unwrap(),
            LIKELIHOOD,
        );
    }
    close("error", found.within.error_within_crossed, 0.394314, 1e-6);
    close("fluctuation", found.within.fluctuation_within_crossed, 1.090874, 1e-6);
    let scores = data.items.iter().fold(vec![0.0; 268], |sum: Vec<f64>, item| {
        sum.iter().zip(&item.values).map(|(sum, value)| sum + value / 10.0).collect()
    });
    let icc = group_icc(&Column::new("score", scores), &data.person, 0.95).unwrap();
    close("ICC(1)", icc.icc1.estimate.unwrap(), theirs["icc1"].as_f64().unwrap(), EXACT);
    close("ICC(2)", icc.icc2.estimate.unwrap(), theirs["icc2"].as_f64().unwrap(), EXACT);
}

/// psych 2.2.9, lme4 1.1-31 and multilevel of six dyads.
#[test]
fn six_dyads_agree_with_psych() {
    let data = six_dyads();
    let fit = |estimator, negative| {
        let config = GeneralizabilityConfig { estimator, negative, ..GeneralizabilityConfig::default() };
        generalizability(&data, &config).unwrap()
    };
    let raw = fit(Estimator::Anova, Negative::Raw);
    let components = [1.5472222, 0.0811111, -0.0016667, 0.0827778, 0.0169444, 0.0538889, 0.4280556];
    for (own, theirs) in raw.crossed.components.iter().zip(components) {
        close(own.source, own.variance, theirs, PRINTED);
    }
    for (id, theirs) in [("rkf", 0.9863925), ("r1r", 0.8513452), ("rkr", 0.9662561), ("rc", 0.4361508)] {
        close(id, value(&raw, id), theirs, PRINTED);
    }
    for (source, theirs) in
        [("person", 1.5325258), ("occasion_in_person", 0.1600705), ("residual", 0.4972220)]
    {
        close(source, raw.nested.variance(source), theirs, 2e-5);
    }
    close("rkrn", value(&raw, "rkrn"), 0.9642160, 1e-6);
    close("rcn", value(&raw, "rcn"), 0.5628832, 1e-5);
    close("error", raw.within.error_within_crossed, 0.906758, 1e-6);
    close("fluctuation", raw.within.fluctuation_within_crossed, 1.207563, 1e-6);
    let zero = fit(Estimator::AnovaIfComplete, Negative::Zero);
    let item = zero.crossed.components[2];
    assert_eq!((item.variance, zero.crossed.status), (0.0, Status::Singular));
    close("negative", item.negative.unwrap(), -0.0016667, PRINTED);
    let reml = fit(Estimator::Reml, Negative::Zero);
    let components = [1.5473953, 0.0814569, 0.0, 0.0826466, 0.0162488, 0.0524927, 0.4285785];
    for (own, theirs) in reml.crossed.components.iter().zip(components) {
        close(own.source, own.variance, theirs, LIKELIHOOD);
    }
    for (id, theirs) in [("rkf", 0.9863761), ("r1r", 0.8511838), ("rkr", 0.9662145), ("rc", 0.4354605)] {
        close(id, value(&reml, id), theirs, LIKELIHOOD);
    }
    // Five sessions reach .966; the table must agree with the formula turned round.
    let needed = zero.d_study.iter().find(|own| own.coefficient == "rkr" && own.target == 0.9).unwrap();
    assert_eq!(needed.needed, Some(2));
    assert_eq!(needed.facet, "sessions");

    let scores =
        (0..30).map(|row| data.items.iter().map(|item| item.values[row]).sum::<f64>() / 4.0).collect();
    let icc = group_icc(&Column::new("score", scores), &data.person, 0.95).unwrap();
    close("between", icc.between, 7.9471, 1e-5);
    close("within", icc.within, 0.284375, EXACT);
    close("ICC(1)", icc.icc1.estimate.unwrap(), 0.8434848, PRINTED);
    close("ICC(2)", icc.icc2.estimate.unwrap(), 0.9642164, PRINTED);
    close("design effect", icc.design_effect.unwrap(), 4.373939, PRINTED);
    let reml = icc.reml.estimate.unwrap();
    close("by likelihood", reml * 0.284375 / (1.0 - reml), 1.5325417, 1e-6);
}

#[test]
fn alphas_of_two_levels_agree_with_lavaan() {
    let rows = columns("demo_twolevel.csv", &["y1", "y2", "y3", "cluster"]);
    let items: Vec<Column> =
        (0..3).map(|j| Column::new(format!("y{}", j + 1), rows.iter().map(|row| row[j]).collect())).collect();
    let cluster = Groups::new("cluster", rows.iter().map(|row| row[3]));
    let alphas = level_alphas(&items, &cluster, &LevelConfig::default()).unwrap();
    assert_eq!((alphas.n, alphas.persons), (2500, 200));
    close("mean size", alphas.mean_size, 9.6, EXACT);
    close("two levels", alphas.overall.estimate.unwrap(), 0.7523340, 2e-7);
    close("between", alphas.between.estimate.unwrap(), 0.7613565, 2e-7);
    close("within", alphas.within.estimate.unwrap(), 0.6682290, 2e-7);
    close("between, latent", alphas.between_latent.estimate.unwrap(), 0.9105232, 2e-7);
    // The saturated model of lavaan has this log-likelihood.
    let theirs = &expected("multilevel.json")["two_level_cfa_invariant"]["fit"]["unrestricted.logl"];
    let fit = alphas.covariances.fit.unwrap();
    close("log-likelihood", -0.5 * fit.objective, theirs.as_f64().unwrap(), 1e-10);
}

/// The naive alpha hides how poorly sessions are told apart.
#[test]
fn alphas_of_six_dyads_are_those_of_their_mean_squares() {
    let data = six_dyads();
    let alphas = level_alphas(&data.items, &data.person, &LevelConfig::default()).unwrap();
    close("pooled", alphas.pooled.estimate.unwrap(), 0.9241279, PRINTED);
    close("within", alphas.within.estimate.unwrap(), 0.5763126, PRINTED);
    close("between, latent", alphas.between_latent.estimate.unwrap(), 0.998994, 1e-6);
    close("two levels", alphas.overall.estimate.unwrap(), 0.9328380, PRINTED);
    close("between", alphas.between.estimate.unwrap(), 0.9632465, PRINTED);
    let likelihood =
        LevelConfig { estimator: TwoLevelEstimator::MaximumLikelihood, ..LevelConfig::default() };
    let likelihood = level_alphas(&data.items, &data.person, &likelihood).unwrap();
    assert_eq!(likelihood.covariances.estimator, "ml");
    let moved = likelihood.within.estimate.unwrap() - alphas.within.estimate.unwrap();
    assert!(moved.abs() < 0.05, "{moved}");
    // Too few to be drawn again.
    let drawn = LevelConfig {
        bootstrap: Some(Bootstrap { replicates: 50, seed: 1, threads: Threads::default() }),
        ..LevelConfig::default()
    };
    let drawn = level_alphas(&data.items, &data.person, &drawn).unwrap();
    assert_eq!(drawn.within.reason, Some(Reason::TooFewClusters));
    assert!(drawn.within.estimate.is_some() && drawn.within.lower.is_none());
}
