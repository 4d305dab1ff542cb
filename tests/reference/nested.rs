//! Mixed models, beside lme4, lmerTest and nlme.

use alliance_metrics::nested::{
    Column, Criterion, DegreesOfFreedom, Detrend, GeneralizabilityConfig, Groups, Mixed, MixedConfig,
    MixedModel, Occasions, Random, Repeated, Residual, Status, generalizability, mixed, split,
};
use serde_json::Value;

use super::{CALM_ITEMS, close, columns, expected, log};

/// lme4's own search ends where its deviance is this flat.
const LOG_LIKELIHOOD: f64 = 1e-6;
const VARIANCE: f64 = 1e-4;
const FIXED: f64 = 1e-5;
const DF: f64 = 1e-3;

fn config(criterion: Criterion) -> MixedConfig {
    MixedConfig { criterion, ..MixedConfig::default() }
}

pub struct Sessions {
    pub worker: Groups,
    pub dyad: Groups,
    session: Vec<f64>,
    score: Vec<f64>,
}

pub fn sessions() -> Sessions {
    let rows = columns("sessions_three_level.csv", &["worker", "dyad", "session", "score"]);
    Sessions {
        worker: Groups::new("worker", rows.iter().map(|row| row[0])),
        dyad: Groups::new("dyad", rows.iter().map(|row| row[1])),
        session: rows.iter().map(|row| row[2]).collect(),
        score: rows.iter().map(|row| row[3]).collect(),
    }
}

impl Sessions {
    pub fn growth(&self) -> MixedModel {
        MixedModel::new(Column::new("score", self.score.clone())).fixed(self.time())
    }

    pub fn time(&self) -> Column {
        Column::new("time", self.session.iter().map(|session| session - 1.0).collect())
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[track_caller]
fn relative(what: &str, ours: f64, theirs: f64, tolerance: f64) {
    let off = (ours - theirs).abs() / theirs.abs();
    log(what, off, tolerance);
    assert!(off <= tolerance, "{what}: {ours} is not {theirs} (off by {off:e})");
}

/// A model beside everything that a file of reference values says of it: lme4's names of factors may differ from ours.
#[track_caller]
fn agrees(model: &MixedModel, theirs: &Value, names: &[(&str, &str)]) {
    let ml = !theirs["kenward_roger"].is_array();
    let criterion = if ml { Criterion::Ml } else { Criterion::Reml };
    let fit = mixed(model, &config(criterion)).unwrap();
    let named = |name: &str| {
        let name = name.trim_end_matches(".1");
        names
            .iter()
            .find(|(theirs, _)| *theirs == name)
            .map_or(name.to_owned(), |(_, ours)| (*ours).to_owned())
    };
    assert_eq!(fit.n as f64, number(&theirs["n"]));
    let off = fit.log_likelihood - number(&theirs["log_likelihood"]);
    assert!(off.abs() < LOG_LIKELIHOOD, "{}: log-likelihood off by {off:e}", fit.formula);
    for component in theirs["vc"].as_array().unwrap() {
        let (group, value) = (named(component["grp"].as_str().unwrap()), number(&component["vcov"]));
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
        if value.abs() < 1e-8 {
            assert_eq!(ours, 0.0, "{}: {component}", fit.formula);
            assert_eq!(fit.status, Status::Singular);
        } else {
            relative(&format!("{}: {component}", fit.formula), ours, value, VARIANCE);
        }
    }
    fixed_effects_agree(&fit, &theirs["satterthwaite"]);
    for (group, terms) in theirs["ranef_first"].as_object().unwrap() {
        let ours = fit.random.iter().find(|random| random.group == named(group)).unwrap();
        let errors = &theirs["conditional_se_first"][group];
        for (at, (term, value)) in terms.as_object().unwrap().iter().enumerate() {
            assert_eq!(*term, ours.terms[at]);
            // lme4 sorts its levels; ours stand in the order of the rows, and the first is the same.
            close("random effect", ours.effects[0][at], number(value), VARIANCE);
            if let Some(error) = errors.as_f64().or(errors[at].as_f64()) {
                close("its error", ours.conditional_se[0][at], error, VARIANCE);
                assert!(ours.prediction_se[0][at] >= ours.conditional_se[0][at]);
            }
        }
    }
    // Large dense matrices take their time without optimisation.
    if !ml && fit.n < 1000 {
        let config = MixedConfig { df: DegreesOfFreedom::KenwardRoger, ..MixedConfig::default() };
        fixed_effects_agree(&mixed(model, &config).unwrap(), &theirs["kenward_roger"]);
    }
}

#[track_caller]
fn fixed_effects_agree(fit: &Mixed, theirs: &Value) {
    for row in theirs.as_array().unwrap() {
        let effect = fit.effect(row["term"].as_str().unwrap()).unwrap();
        let what = format!("{}, {}", fit.formula, effect.term);
        relative(&what, effect.estimate.unwrap(), number(&row["Estimate"]), FIXED);
        relative(&what, effect.se.unwrap(), number(&row["Std. Error"]), FIXED);
        relative(&what, effect.df.unwrap(), number(&row["df"]), DF);
        relative(&what, effect.t.unwrap(), number(&row["t value"]), 2.0 * FIXED);
        close(&what, effect.p.unwrap(), number(&row["Pr(>|t|)"]), 1e-5);
    }
}

#[test]
fn sessions_in_dyads_in_workers_agree_with_lme4() {
    let theirs = &expected("multilevel.json")["sessions_three_level"];
    let data = sessions();
    let slope = || Random::intercept(data.dyad.clone()).slope(data.time());
    let two = data.growth().random(slope());
    agrees(&two, &theirs["growth_two_level"], &[]);
    let uncorrelated = data.growth().random(slope().uncorrelated());
    agrees(&uncorrelated, &theirs["growth_uncorrelated"], &[]);
    let three = data.growth().random(slope()).random(Random::intercept(data.worker.clone()));
    agrees(&three, &theirs["three_level"], &[]);
    agrees(&three, &theirs["three_level_ml"], &[]);
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
fn other_serial_residuals_agree_with_nlme() {
    let theirs = &expected("nested.json")["sessions"];
    let data = sessions();
    let occasions = || Occasions { within: data.dyad.clone(), at: data.time() };
    let random = data.growth().random(Random::intercept(data.dyad.clone()));
    let fit = |model: MixedModel, residual: Residual, criterion: Criterion, theirs: &Value| {
        let fit = mixed(&model.residual(residual), &config(criterion)).unwrap();
        close("log-likelihood", fit.log_likelihood, number(&theirs["log_likelihood"]), LOG_LIKELIHOOD);
        relative("sigma", fit.residual_variance().sqrt(), number(&theirs["sigma"]), VARIANCE);
        for term in ["(Intercept)", "time"] {
            relative(
                term,
                fit.effect(term).unwrap().estimate.unwrap(),
                number(&theirs["estimate"][term]),
                FIXED,
            );
        }
        (fit.serial.unwrap(), number(&theirs["serial"]))
    };
    let (ours, serial) =
        fit(random.clone(), Residual::Exponential(occasions()), Criterion::Reml, &theirs["exponential"]);
    relative("range", ours.range.unwrap(), serial, VARIANCE);
    let three = random.random(Random::intercept(data.worker.clone()));
    let (ours, serial) = fit(three, Residual::Ar1(occasions()), Criterion::Reml, &theirs["ar1_slope"]);
    relative("phi", ours.correlation, serial, VARIANCE);
    let (ours, serial) = fit(data.growth(), Residual::Ar1(occasions()), Criterion::Ml, &theirs["gls"]);
    relative("phi", ours.correlation, serial, VARIANCE);
}

#[test]
fn other_models_of_sessions_agree_with_lme4() {
    let theirs = &expected("nested.json")["sessions"];
    let data = sessions();
    let slope = || Random::intercept(data.dyad.clone()).slope(data.time());
    let square = data.time().values.iter().map(|time| time * time).collect();
    let quadratic = data.growth().fixed(Column::new("I(time^2)", square)).random(slope());
    agrees(&quadratic, &theirs["quadratic"], &[]);
    agrees(&quadratic, &theirs["quadratic_ml"], &[]);
    let worker = Random::intercept(data.worker.clone());
    let worker_slope =
        data.growth().random(Random::intercept(data.dyad.clone())).random(worker.clone().slope(data.time()));
    agrees(&worker_slope, &theirs["worker_slope"], &[]);
    let null = MixedModel::new(Column::new("score", data.score.clone()))
        .random(Random::intercept(data.dyad.clone()))
        .random(worker);
    agrees(&null, &theirs["null"], &[("dyad:worker", "dyad")]);
    let few = data.dyad.of_row.iter().take_while(|dyad| **dyad < 6).count();
    let time = Column::new("time", data.time().values[..few].to_vec());
    let few = MixedModel::new(Column::new("score", data.score[..few].to_vec()))
        .fixed(time.clone())
        .random(Random::intercept(Groups::new("dyad", &data.dyad.of_row[..few])).slope(time));
    agrees(&few, &theirs["few"], &[]);
}

#[test]
fn crossed_raters_agree_with_lme4() {
    let theirs = &expected("nested.json")["raters"];
    let rows = columns("raters_three.csv", &["unit", "r1", "r2", "r3"]);
    let cells = rows.iter().flat_map(|row| (1..4).map(|rater| (row[0], rater, row[rater])));
    let (mut unit, mut rater, mut rating) = (Vec::new(), Vec::new(), Vec::new());
    for (of_unit, of_rater, value) in cells {
        unit.push(of_unit);
        rater.push(of_rater);
        rating.push(value);
    }
    let model = |shift: f64| {
        let shifted =
            rater.iter().zip(&rating).map(|(rater, value)| value + if *rater == 2 { shift } else { 0.0 });
        MixedModel::new(Column::new("rating", shifted.collect()))
            .random(Random::intercept(Groups::new("unit", &unit)))
            .random(Random::intercept(Groups::new("rater", &rater)))
    };
    agrees(&model(0.5), &theirs["shifted"], &[]);
    agrees(&model(0.0), &theirs["crossed"], &[]);
    agrees(&model(0.0), &theirs["crossed_ml"], &[]);
}

/// Answers of persons to items over occasions, one a row; every seventh from the third on may be left out.
fn crossed(file: &str, keys: [&str; 2], items: &[&str], seventh: bool) -> (MixedModel, MixedModel) {
    let rows = columns(file, items);
    let of_row = columns(file, &keys);
    let (mut answer, mut person, mut time, mut item) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    for j in 0..items.len() {
        for (row, keys) in rows.iter().zip(&of_row) {
            at += 1;
            if seventh && at % 7 == 3 {
                continue;
            }
            answer.push(row[j]);
            person.push(keys[0]);
            time.push(keys[1]);
            item.push(j);
        }
    }
    let groups = [Groups::new("p", person), Groups::new("t", time), Groups::new("i", item)];
    let [p, t, i] = &groups;
    let pt = p.crossed(t);
    let nested = MixedModel::new(Column::new("answer", answer.clone()))
        .random(Random::intercept(p.clone()))
        .random(Random::intercept(pt.clone()));
    let mut model = MixedModel::new(Column::new("answer", answer));
    for groups in [p.clone(), t.clone(), i.clone(), pt, p.crossed(i), t.crossed(i)] {
        model = model.random(Random::intercept(groups));
    }
    (model, nested)
}

#[test]
fn persons_items_and_occasions_agree_with_lme4() {
    let theirs = expected("nested.json");
    let items = CALM_ITEMS;
    let names = [
        ("id", "p"),
        ("time", "t"),
        ("item", "i"),
        ("id:time", "p:t"),
        ("id:item", "p:i"),
        ("time:item", "t:i"),
    ];
    let (complete, _) = crossed("sai_repeated.csv", ["id", "time"], &items, false);
    agrees(&complete, &theirs["sai_repeated"]["components"], &names);
    let (incomplete, _) = crossed("sai_repeated.csv", ["id", "time"], &items, true);
    agrees(&incomplete, &theirs["sai_repeated"]["incomplete"], &names);
    let names = [
        ("dyad", "p"),
        ("session", "t"),
        ("item", "i"),
        ("dyad:session", "p:t"),
        ("session:dyad", "p:t"),
        ("dyad:item", "p:i"),
        ("session:item", "t:i"),
    ];
    let (model, nested) = crossed("six_dyads.csv", ["dyad", "session"], &["c1", "c2", "c3", "c4"], false);
    agrees(&model, &theirs["six_dyads"]["components"], &names);
    agrees(&nested, &theirs["six_dyads"]["nested"], &names);
}

#[test]
fn six_dyads_at_the_boundary_agree_with_lme4() {
    let theirs = &expected("nested.json")["six_dyads"];
    let rows = columns("six_dyads.csv", &["dyad", "session", "c1", "c2", "c3", "c4"]);
    let time = Column::new("time", rows.iter().map(|row| row[1] - 1.0).collect());
    let dyad = Groups::new("dyad", rows.iter().map(|row| row[0]));
    let score = rows.iter().map(|row| row[2..].iter().sum::<f64>() / 4.0).collect();
    let model = MixedModel::new(Column::new("score", score)).fixed(time.clone());
    let intercept = Random::intercept(dyad);
    agrees(&model.clone().random(intercept.clone()), &theirs["intercept"], &[]);
    agrees(&model.clone().random(intercept.clone().slope(time.clone())), &theirs["slope"], &[]);
    agrees(&model.random(intercept.slope(time).uncorrelated()), &theirs["slope_uncorrelated"], &[]);
}

/// lme4 1.1-31: score ~ within + the dyad's mean of the worker's view + (1 | dyad).
#[test]
fn parts_of_a_predictor_agree_with_lme4() {
    let rows = columns("six_dyads.csv", &["dyad", "w", "c1", "c2", "c3", "c4"]);
    let worker = Column::new("w", rows.iter().map(|row| row[1]).collect());
    let dyad = Groups::new("dyad", rows.iter().map(|row| row[0]));
    let parts = split(&worker, &dyad, &Detrend::No);
    let score = rows.iter().map(|row| row[2..].iter().sum::<f64>() / 4.0).collect();
    let model = MixedModel::new(Column::new("score", score))
        .fixed(parts.within)
        .fixed(parts.between)
        .random(Random::intercept(dyad))
        .contrast("contextual", &[("w (between)", 1.0), ("w (within)", -1.0)]);
    let fit = mixed(&model, &MixedConfig::default()).unwrap();
    let [intercept, within, between] = fit.fixed.as_slice() else { panic!("three effects") };
    close("within", within.estimate.unwrap(), 0.6754386, 1e-7);
    close("its error", within.se.unwrap(), 0.2587089, 1e-6);
    close("between", between.estimate.unwrap(), 1.6614694, 1e-6);
    close("its error", between.se.unwrap(), 0.2557752, 1e-6);
    let grand = worker.values.iter().sum::<f64>() / 30.0;
    let at_zero = intercept.estimate.unwrap() - between.estimate.unwrap() * grand;
    close("intercept", at_zero, -2.7692146, 1e-5);
    close("contextual", fit.contrasts[0].estimate.unwrap(), 1.6614694 - 0.6754386, 1e-6);
    // Parts are orthogonal here, so their errors add up.
    let error = (0.2587089_f64.powi(2) + 0.2557752_f64.powi(2)).sqrt();
    close("its error", fit.contrasts[0].se.unwrap(), error, 1e-6);
}

#[test]
fn a_repeated_scale_agrees_with_lme4() {
    let theirs = &expected("multilevel.json")["sai_repeated"];
    let items = CALM_ITEMS;
    let rows = columns("sai_repeated.csv", &items);
    let keys = columns("sai_repeated.csv", &["id", "time"]);
    let score = Column::new("score", rows.iter().map(|row| row.iter().sum::<f64>() / 10.0).collect());
    let id = Groups::new("id", keys.iter().map(|row| row[0]));
    let null = MixedModel::new(score).random(Random::intercept(id));
    agrees(&null, &theirs["random_intercept"], &[]);
    agrees(&null, &theirs["random_intercept_ml"], &[]);
    let growth = null.fixed(Column::new("time", keys.iter().map(|row| row[1]).collect()));
    agrees(&growth, &theirs["growth"], &[]);
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

/// Thirteen answers whose restricted likelihood has two low points: one interior, one where no residual is left.
/// lme4 1.1-31 in R 4.2.2, `answer ~ 1 + (1|person) + (1|occasion) + (1|item)` and their three pairs: REML criterion 40.3802.
#[test]
fn the_lower_of_two_low_points_is_found_as_by_lme4() {
    let gap = f64::NAN;
    let rows = [
        ("p0", 1, 1.0, 5.0),
        ("p0", 2, 3.0, 3.0),
        ("p0", 3, 3.0, 3.0),
        ("p0", 4, 3.0, gap),
        ("p0", 5, gap, 5.0),
        ("p1", 1, 2.0, 6.0),
        ("p2", 1, 1.0, 4.0),
        ("p3", 1, 4.0, gap),
    ];
    let data = Repeated {
        person: Groups::new("person", rows.iter().map(|row| row.0)),
        occasion: Groups::new("session", rows.iter().map(|row| row.1)),
        items: vec![
            Column::new("a", rows.iter().map(|row| row.2).collect()),
            Column::new("b", rows.iter().map(|row| row.3).collect()),
        ],
    };
    let found = generalizability(&data, &GeneralizabilityConfig::default()).unwrap();
    let theirs = [
        ("person", 1.867508893),
        ("item", 0.8019125995),
        ("occasion_item", 0.9378814439),
        ("residual", 0.1635712825),
    ];
    for (source, variance) in theirs {
        // The likelihood is flat here: lme4's search ends where three digits stand.
        relative(source, found.crossed.variance(source), variance, 1e-3);
    }
    for source in ["occasion", "person_occasion", "person_item"] {
        assert!(found.crossed.variance(source) < 1e-6, "{source}");
    }
}
