//! Mixed models, beside lme4, lmerTest and nlme.

use alliance_metrics::nested::{
    Column, Criterion, Groups, Mixed, MixedConfig, MixedModel, Occasions, Random, Residual, Status, mixed,
};
use serde_json::Value;

use super::{close, columns, expected};

/// lme4's own search ends where its deviance is this flat.
const LOG_LIKELIHOOD: f64 = 1e-6;
const VARIANCE: f64 = 1e-4;
const FIXED: f64 = 1e-5;
const DF: f64 = 1e-3;

fn config(criterion: Criterion) -> MixedConfig {
    MixedConfig { criterion, ..MixedConfig::default() }
}

struct Sessions {
    worker: Groups,
    dyad: Groups,
    session: Vec<f64>,
    score: Vec<f64>,
}

fn sessions() -> Sessions {
    let rows = columns("sessions_three_level.csv", &["worker", "dyad", "session", "score"]);
    Sessions {
        worker: Groups::new("worker", rows.iter().map(|row| row[0])),
        dyad: Groups::new("dyad", rows.iter().map(|row| row[1])),
        session: rows.iter().map(|row| row[2]).collect(),
        score: rows.iter().map(|row| row[3]).collect(),
    }
}

impl Sessions {
    fn growth(&self) -> MixedModel {
        MixedModel::new(Column::new("score", self.score.clone())).fixed(self.time())
    }

    fn time(&self) -> Column {
        Column::new("time", self.session.iter().map(|session| session - 1.0).collect())
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[track_caller]
fn relative(what: &str, ours: f64, theirs: f64, tolerance: f64) {
    let off = (ours - theirs).abs() / theirs.abs();
    assert!(off <= tolerance, "{what}: {ours} is not {theirs} (off by {off:e})");
}

/// Everything that a file of reference values says of a model.
#[track_caller]
fn agrees(fit: &Mixed, theirs: &Value) {
    assert_eq!(fit.n as f64, number(&theirs["n"]));
    let off = fit.log_likelihood - number(&theirs["log_likelihood"]);
    assert!(off.abs() < LOG_LIKELIHOOD, "{}: log-likelihood off by {off:e}", fit.formula);
    for component in theirs["vc"].as_array().unwrap() {
        let (group, value) = (component["grp"].as_str().unwrap(), number(&component["vcov"]));
        let group = group.trim_end_matches(".1");
        let ours = match (component["var1"].as_str(), component["var2"].as_str()) {
            (None, _) => fit.residual_variance(),
            (Some(term), None) => {
                fit.variances.iter().find(|v| v.group == group && v.term == term).unwrap().variance
            }
            (Some(first), Some(second)) => {
                let found = fit.correlations.iter().find(|c| c.first == first && c.second == second).unwrap();
                relative("correlation", found.correlation.unwrap(), number(&component["sdcor"]), VARIANCE);
                found.covariance
            }
        };
        relative(&format!("{}: {component}", fit.formula), ours, value, VARIANCE);
    }
    for row in theirs["satterthwaite"].as_array().unwrap() {
        let effect = fit.effect(row["term"].as_str().unwrap()).unwrap();
        relative("estimate", effect.estimate.unwrap(), number(&row["Estimate"]), FIXED);
        relative("se", effect.se.unwrap(), number(&row["Std. Error"]), FIXED);
        relative("df", effect.df.unwrap(), number(&row["df"]), DF);
        relative("t", effect.t.unwrap(), number(&row["t value"]), 2.0 * FIXED);
        close("p", effect.p.unwrap(), number(&row["Pr(>|t|)"]), 1e-6);
    }
    for (group, terms) in theirs["ranef_first"].as_object().unwrap() {
        let ours = fit.random.iter().find(|random| random.group == *group).unwrap();
        for (term, value) in terms.as_object().unwrap() {
            let at = ours.terms.iter().position(|ours| ours == term).unwrap();
            // lme4 sorts its levels; those of these files are numbers in order.
            relative("random effect", ours.effects[0][at], number(value), VARIANCE);
        }
    }
}

#[test]
fn sessions_in_dyads_in_workers_agree_with_lme4() {
    let theirs = &expected("multilevel.json")["sessions_three_level"];
    let data = sessions();
    let slope = || Random::intercept(data.dyad.clone()).slope(data.time());
    let two = data.growth().random(slope());
    agrees(&mixed(&two, &config(Criterion::Reml)).unwrap(), &theirs["growth_two_level"]);
    let uncorrelated = data.growth().random(slope().uncorrelated());
    agrees(&mixed(&uncorrelated, &config(Criterion::Reml)).unwrap(), &theirs["growth_uncorrelated"]);
    let three = data.growth().random(slope()).random(Random::intercept(data.worker.clone()));
    agrees(&mixed(&three, &config(Criterion::Reml)).unwrap(), &theirs["three_level"]);
    agrees(&mixed(&three, &config(Criterion::Ml)).unwrap(), &theirs["three_level_ml"]);
}

#[test]
fn serial_residuals_agree_with_nlme() {
    let theirs = &expected("multilevel.json")["sessions_three_level"]["ar1"];
    let data = sessions();
    let occasions = Occasions { within: data.dyad.clone(), at: data.time() };
    let model = data.growth().random(Random::intercept(data.dyad.clone()));
    let fit = mixed(&model.residual(Residual::Ar1(occasions)), &MixedConfig::default()).unwrap();
    close("log-likelihood", fit.log_likelihood, number(&theirs["log_likelihood"]), LOG_LIKELIHOOD);
    relative("phi", fit.serial.unwrap().correlation, number(&theirs["phi"]), VARIANCE);
    relative("sd", fit.variance("dyad").unwrap().sqrt(), number(&theirs["sd_intercept"]), VARIANCE);
    relative("sd", fit.residual_variance().sqrt(), number(&theirs["sd_residual"]), VARIANCE);
    for term in ["(Intercept)", "time"] {
        relative(term, fit.effect(term).unwrap().estimate.unwrap(), number(&theirs["fixef"][term]), FIXED);
    }
}

#[test]
fn a_repeated_scale_agrees_with_lme4() {
    let theirs = &expected("multilevel.json")["sai_repeated"];
    let items = [
        "calm",
        "secure",
        "at.ease",
        "rested",
        "comfortable",
        "confident",
        "relaxed",
        "content",
        "joyful",
        "pleasant",
    ];
    let rows = columns("sai_repeated.csv", &items);
    let keys = columns("sai_repeated.csv", &["id", "time"]);
    let score = Column::new("score", rows.iter().map(|row| row.iter().sum::<f64>() / 10.0).collect());
    let id = Groups::new("id", keys.iter().map(|row| row[0]));
    let null = MixedModel::new(score).random(Random::intercept(id));
    agrees(&mixed(&null, &config(Criterion::Reml)).unwrap(), &theirs["random_intercept"]);
    agrees(&mixed(&null, &config(Criterion::Ml)).unwrap(), &theirs["random_intercept_ml"]);
    let growth = null.fixed(Column::new("time", keys.iter().map(|row| row[1]).collect()));
    agrees(&mixed(&growth, &config(Criterion::Reml)).unwrap(), &theirs["growth"]);
}

/// Six dyads, five sessions: lme4 1.1-31 says so.
#[test]
fn six_dyads_agree_with_lme4() {
    let rows = columns("six_dyads.csv", &["dyad", "session", "c1", "c2", "c3", "c4"]);
    let score = Column::new("score", rows.iter().map(|row| row[2..].iter().sum::<f64>() / 4.0).collect());
    let dyad = Groups::new("dyad", rows.iter().map(|row| row[0]));
    let model = MixedModel::new(score)
        .fixed(Column::new("time", rows.iter().map(|row| row[1] - 3.0).collect()))
        .random(Random::intercept(dyad));
    let fit = mixed(&model, &config(Criterion::Ml)).unwrap();
    assert_eq!(fit.status, Status::Regular);
    close("log-likelihood", fit.log_likelihood, -30.82072, 5e-6);
    let (level, slope) = (&fit.fixed[0], &fit.fixed[1]);
    close("level", level.estimate.unwrap(), 4.4083333, 1e-7);
    close("its error", level.se.unwrap(), 0.4698429, 1e-6);
    close("slope", slope.estimate.unwrap(), 0.1416667, 1e-7);
    close("its error", slope.se.unwrap(), 0.0624769, 1e-7);
    close("between", fit.variance("dyad").unwrap(), 1.2776736, 1e-6);
    close("within", fit.residual_variance(), 0.2342014, 1e-6);
}
