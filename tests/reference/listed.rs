//! Every value that the files of reference values list about mixed models and validity has one of ours beside it.

use std::collections::BTreeMap;

use alliance_metrics::agreement::{IccConfig, IccForm, MeanSquares, Ratings, icc};
use alliance_metrics::nested::{
    Column, Criterion, DegreesOfFreedom, GeneralizabilityConfig, Groups, LevelConfig, Mixed, MixedConfig,
    MixedModel, Negative, Occasions, Random, Residual, generalizability, group_icc, level_alphas, mixed,
};
use alliance_metrics::reliability::correlation;
use alliance_metrics::session::retest;
use alliance_metrics::validity::{ClusterErrors, Effect, linear, logistic};
use serde_json::{Value, json};

use super::nested::sessions;
use super::within::repeated;
use super::{CALM_ITEMS, columns, expected};

/// What is listed and not ours to reproduce, and why.
const NOT_OURS: [(&str, &str); 5] = [
    ("/provenance", "versions"),
    ("/two_level_cfa_invariant", "a factor model of two levels; its saturated model is ours"),
    ("/two_level_cfa_two_within_one_between", "a factor model of two levels; its saturated model is ours"),
    (
        "/welch_wai_total_by_condition",
        "the file may not be here; its sums may, in `known_groups_agree_with_r`",
    ),
    ("/retest/icc/type", "names"),
];

/// How close, by the last word of a path: absolute or relative.
fn near(path: &str, ours: f64, theirs: f64) -> bool {
    let last = path.split('/').rfind(|word| word.parse::<usize>().is_err()).unwrap_or_default();
    let (absolute, relative) = match last {
        "log_likelihood" => (1e-6, 0.0),
        // lme4 puts a variance at its boundary.
        "vcov" | "sdcor" | "sd_intercept" | "sd_residual" | "phi" => (1e-9, 1e-4),
        "Estimate" | "Std. Error" => (0.0, 1e-5),
        "t value" => (0.0, 2e-5),
        "Pr(>|t|)" => (1e-5, 0.0),
        "df" => (0.0, 1e-3),
        "person" | "occasion_in_person" | "residual" | "RkRn" | "Rcn" => (0.0, 1e-6),
        _ if path.contains("ranef_first") => (1e-4, 0.0),
        _ if path.contains("fixef") => (0.0, 1e-5),
        "unrestricted.logl" => (1e-6, 0.0),
        _ => (1e-14, 1e-8),
    };
    (ours - theirs).abs() <= absolute + relative * theirs.abs()
}

/// Walks theirs and ours together; whatever is listed must be ours too.
fn walk(path: &str, theirs: &Value, ours: &Value, held: &mut usize, missing: &mut Vec<String>) {
    if NOT_OURS.iter().any(|(own, _)| path.ends_with(own)) && ours.is_null() {
        return;
    }
    match (theirs, ours) {
        (Value::Object(theirs), _) => {
            for (key, value) in theirs.iter().filter(|(key, _)| *key != "_row") {
                walk(&format!("{path}/{key}"), value, &ours[key], held, missing);
            }
        }
        (Value::Array(theirs), _) => {
            for (at, value) in theirs.iter().enumerate() {
                walk(&format!("{path}/{at}"), value, &ours[at], held, missing);
            }
        }
        (Value::Number(theirs), Value::Number(ours)) => {
            let (theirs, ours) = (theirs.as_f64().unwrap(), ours.as_f64().unwrap());
            *held += 1;
            if !near(path, ours, theirs) {
                missing.push(format!("{path}: {ours} is not {theirs}"));
            }
        }
        (theirs, ours) if theirs == ours => *held += 1,
        (theirs, ours) => missing.push(format!("{path}: {ours} is not {theirs}")),
    }
}

#[track_caller]
fn all_of(file: &str, ours: &Value, least: usize) {
    let (mut held, mut missing) = (0, Vec::new());
    walk("", &expected(file), ours, &mut held, &mut missing);
    assert!(missing.is_empty(), "{file}: {}", missing.join("\n"));
    assert!(held >= least, "{held} values of {file} were held against ours");
}

fn effects(fit: &Mixed) -> Value {
    let row = |effect: &alliance_metrics::nested::FixedEffect| {
        json!({
            "term": effect.term, "Estimate": effect.estimate, "Std. Error": effect.se, "df": effect.df,
            "t value": effect.t, "Pr(>|t|)": effect.p,
        })
    };
    fit.fixed.iter().map(row).collect()
}

/// A model as the file lists one, `vc` in the order and under the names of theirs.
fn model(model: &MixedModel, theirs: &Value) -> Value {
    let reml = theirs["kenward_roger"].is_array();
    let criterion = if reml { Criterion::Reml } else { Criterion::Ml };
    let fit = mixed(model, &MixedConfig { criterion, ..MixedConfig::default() }).unwrap();
    let component = |theirs: &Value| {
        let group = theirs["grp"].as_str().unwrap();
        let named = if group == "Residual" { "residual" } else { group.trim_end_matches(".1") };
        let (first, second) = (theirs["var1"].as_str(), theirs["var2"].as_str());
        let (vcov, sdcor) = match second {
            Some(second) => {
                let own = |own: &&alliance_metrics::nested::Correlation| {
                    own.group == named && Some(own.first.as_str()) == first && own.second == second
                };
                let own = fit.correlations.iter().find(own).unwrap();
                (own.covariance, own.correlation.unwrap())
            }
            None => {
                let term = first.unwrap_or("(Intercept)");
                let own = fit.variances.iter().find(|own| own.group == named && own.term == term).unwrap();
                (own.variance, own.sd)
            }
        };
        json!({ "grp": group, "var1": first, "var2": second, "vcov": vcov, "sdcor": sdcor })
    };
    let mut first = BTreeMap::new();
    for random in &fit.random {
        let terms: BTreeMap<&String, f64> =
            random.terms.iter().zip(random.effects[0].iter().copied()).collect();
        first.insert(random.group.clone(), terms);
    }
    let exact = MixedConfig { df: DegreesOfFreedom::KenwardRoger, ..MixedConfig::default() };
    json!({
        "formula": fit.formula, "n": fit.n, "log_likelihood": fit.log_likelihood,
        "vc": theirs["vc"].as_array().unwrap().iter().map(component).collect::<Value>(),
        "satterthwaite": effects(&fit), "ranef_first": first,
        "kenward_roger": reml.then(|| effects(&mixed(model, &exact).unwrap())),
    })
}

fn repeated_scale(theirs: &Value) -> Value {
    let data = repeated("sai_repeated.csv", ["id", "time"], &CALM_ITEMS);
    let config = GeneralizabilityConfig { negative: Negative::Raw, ..GeneralizabilityConfig::default() };
    let found = generalizability(&data, &config).unwrap();
    let of = |id: &str| found.coefficients.iter().find(|own| own.id == id).unwrap().value.estimate;
    let source = |id: &str| found.crossed.components.iter().find(|own| own.source == id).unwrap();
    let component = |id: &str| source(id).variance;
    let square = |id: &str| source(id).mean_square;
    let rows = columns("sai_repeated.csv", &CALM_ITEMS);
    let keys = columns("sai_repeated.csv", &["id", "time"]);
    let score: Vec<f64> = rows.iter().map(|row| row.iter().sum::<f64>() / 10.0).collect();
    let id = Groups::new("id", keys.iter().map(|row| row[0]));
    let grouped = group_icc(&Column::new("score", score.clone()), &id, 0.95).unwrap();
    let null = MixedModel::new(Column::new("score", score.clone())).random(Random::intercept(id));
    let growth = null.clone().fixed(Column::new("time", keys.iter().map(|row| row[1]).collect()));
    json!({
        "study": "VALE", "persons": found.persons, "occasions": found.occasions, "items": found.items,
        "mean_squares": {
            "p": square("person"), "t": square("occasion"), "i": square("item"), "pt": square("person_occasion"),
            "pi": square("person_item"), "ti": square("occasion_item"), "e": square("residual"),
        },
        "components": {
            "person": component("person"), "time": component("occasion"), "item": component("item"),
            "person_time": component("person_occasion"), "person_item": component("person_item"),
            "time_item": component("occasion_item"), "residual": component("residual"),
        },
        "generalizability": { "RkF": of("rkf"), "R1R": of("r1r"), "RkR": of("rkr"), "Rc": of("rc") },
        "components_nested": {
            "person": found.nested.variance("person"), "residual": found.nested.variance("residual"),
            "occasion_in_person": found.nested.variance("occasion_in_person"),
        },
        "generalizability_nested": { "RkRn": of("rkrn"), "Rcn": of("rcn") },
        "icc1": grouped.icc1.estimate, "icc2": grouped.icc2.estimate,
        "random_intercept": model(&null, &theirs["random_intercept"]),
        "random_intercept_ml": model(&null, &theirs["random_intercept_ml"]),
        "growth": model(&growth, &theirs["growth"]),
        "retest": two_occasions(&score, &keys),
    })
}

fn two_occasions(score: &[f64], keys: &[Vec<f64>]) -> Value {
    let first = (0..score.len()).filter(|at| keys[*at][1] == 1.0);
    let pairs: Vec<[f64; 2]> = first.map(|at| [score[at], score[at + 1]]).collect();
    let found = retest(&pairs, 0.95).unwrap();
    let ratings = Ratings::from_table(&pairs);
    let all = icc(&MeanSquares::of(&ratings).unwrap(), &IccConfig::default());
    let each = |of: &dyn Fn(&alliance_metrics::agreement::IccEstimate) -> Option<f64>| -> Value {
        IccForm::ALL.iter().map(|form| of(all.forms.iter().find(|own| own.form == *form).unwrap())).collect()
    };
    let test = |of: fn(&alliance_metrics::agreement::FTest) -> f64| each(&|own| own.test.as_ref().map(of));
    let (agreement, consistency) = (found.agreement.unwrap(), found.consistency.unwrap());
    json!({
        "n": found.n,
        "icc": {
            "ICC": each(&|own| own.value.estimate), "lower bound": each(&|own| own.value.lower),
            "upper bound": each(&|own| own.value.upper), "F": test(|test| test.f), "df1": test(|test| test.df1),
            "df2": test(|test| test.df2), "p": test(|test| test.p),
        },
        "mean_difference": found.mean_difference.estimate, "sd_difference": found.sd_difference,
        "limits": found.limits, "se_consistency": consistency.error, "se_agreement": agreement.error,
        "sdc_consistency": consistency.change_95, "sdc_agreement": agreement.change_95,
    })
}

fn three_levels(theirs: &Value) -> Value {
    let data = sessions();
    let slope = || Random::intercept(data.dyad.clone()).slope(data.time());
    let three = data.growth().random(slope()).random(Random::intercept(data.worker.clone()));
    let occasions = Occasions { within: data.dyad.clone(), at: data.time() };
    let serial = data.growth().random(Random::intercept(data.dyad.clone()));
    let fit = mixed(&serial.residual(Residual::Ar1(occasions)), &MixedConfig::default()).unwrap();
    let fixed: BTreeMap<&str, Option<f64>> =
        fit.fixed.iter().map(|own| (own.term.as_str(), own.estimate)).collect();
    json!({
        "growth_two_level": model(&data.growth().random(slope()), &theirs["growth_two_level"]),
        "growth_uncorrelated": model(&data.growth().random(slope().uncorrelated()), &theirs["growth_uncorrelated"]),
        "three_level": model(&three, &theirs["three_level"]),
        "three_level_ml": model(&three, &theirs["three_level_ml"]),
        "ar1": {
            "fixef": fixed, "sd_intercept": fit.variance("dyad").map(f64::sqrt),
            "sd_residual": fit.residual_variance().sqrt(), "phi": fit.serial.unwrap().correlation,
            "log_likelihood": fit.log_likelihood,
        },
    })
}

/// The saturated model of two levels.
fn saturated(items: &[&str]) -> f64 {
    let rows = columns("demo_twolevel.csv", &[items, &["cluster"]].concat());
    let column = |(j, name): (usize, &&str)| Column::new(*name, rows.iter().map(|row| row[j]).collect());
    let columns: Vec<Column> = items.iter().enumerate().map(column).collect();
    let cluster = Groups::new("cluster", rows.iter().map(|row| row[items.len()]));
    let alphas = level_alphas(&columns, &cluster, &LevelConfig::default()).unwrap();
    -0.5 * alphas.covariances.fit.unwrap().objective
}

#[test]
fn every_value_about_mixed_models_is_ours() {
    let theirs = expected("multilevel.json");
    let ours = json!({
        "sai_repeated": repeated_scale(&theirs["sai_repeated"]),
        "sessions_three_level": three_levels(&theirs["sessions_three_level"]),
    });
    all_of("multilevel.json", &ours, 250);
    for (model, items) in [
        ("two_level_cfa_invariant", &["y1", "y2", "y3"][..]),
        ("two_level_cfa_two_within_one_between", &["y1", "y2", "y3", "y4", "y5", "y6"]),
    ] {
        let theirs = theirs[model]["fit"]["unrestricted.logl"].as_f64().unwrap();
        let ours = saturated(items);
        assert!(near("unrestricted.logl", ours, theirs), "{model}: {ours} is not {theirs}");
    }
}

fn errors(effects: &[Effect]) -> Value {
    let each = |of: fn(&Effect) -> f64| -> BTreeMap<&str, f64> {
        effects.iter().map(|own| (own.term.as_str(), of(own))).collect()
    };
    json!({ "coef": each(|own| own.estimate), "se": each(|own| own.se) })
}

#[test]
fn every_value_about_validity_is_ours() {
    let rows = columns("demo_twolevel.csv", &["y1", "x1", "x2", "w1", "cluster"]);
    let column = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<f64>>();
    let (y, x1, x2, w1) = (column(0), column(1), column(2), column(3));
    let clusters: Vec<usize> = column(4).iter().map(|cluster| *cluster as usize).collect();
    let predictors: [(&str, &[f64]); 3] = [("x1", &x1), ("x2", &x2), ("w1", &w1)];
    let positive: Vec<f64> = y.iter().map(|y| f64::from(u8::from(*y > 0.0))).collect();
    let (mut straight, mut odds) = (json!({}), json!({}));
    for (name, kind) in
        [("CR0", ClusterErrors::Cr0), ("CR1", ClusterErrors::Cr1), ("CR1S", ClusterErrors::Cr1s)]
    {
        let fit = linear(&y, &predictors, &clusters, kind, 0.95).unwrap();
        straight[name] = errors(&fit.effects);
        straight["r2"] = json!(fit.r_squared);
        let fit = logistic(&positive, &predictors, &clusters, kind, 0.95).unwrap();
        odds[name] = errors(&fit.effects);
        odds["deviance"] = json!(fit.deviance);
    }
    let fit = linear(&y, &predictors, &clusters, ClusterErrors::Cr2, 0.95).unwrap();
    let each = |of: fn(&Effect) -> Value| -> Value { fit.effects.iter().map(of).collect() };
    let rows = columns("bfi.csv", &["A1", "A2", "A3", "A4", "A5", "N1", "N2", "N3", "N4", "N5"]);
    let complete: Vec<&Vec<f64>> = rows.iter().filter(|row| row.iter().all(|x| !x.is_nan())).collect();
    let agree: Vec<f64> =
        complete.iter().map(|row| (7.0 - row[0] + row[1..5].iter().sum::<f64>()) / 5.0).collect();
    let neuro: Vec<f64> = complete.iter().map(|row| row[5..].iter().sum::<f64>() / 5.0).collect();
    let together = correlation(&agree, &neuro, 0.95);
    let ours = json!({
        "correlation_agree_neuro": {
            "n": together.n, "r": together.r.estimate, "ci": [together.r.lower, together.r.upper],
            "p": together.p(),
        },
        "linear_y1": straight, "logistic_y1_positive": odds,
        "linear_y1_CR2": {
            "term": each(|own| json!(own.term)), "estimate": each(|own| json!(own.estimate)),
            "se": each(|own| json!(own.se)), "t": each(|own| json!(own.statistic)),
            "df": each(|own| json!(own.df)), "p": each(|own| json!(own.p)),
        },
    });
    all_of("validity.json", &ours, 70);
}
