//! Validity, beside R, sandwich 3.0-2 and clubSandwich 0.5.8.

use alliance_metrics::reliability::correlation;
use alliance_metrics::validity::{ClusterErrors, Effect, linear, logistic, two_groups, welch_anova};
use serde_json::Value;

use super::{close, columns, expected};

/// Twelve digits were written down.
const EXACT: f64 = 1e-9;

fn sorted_clusters(of_row: &[f64]) -> Vec<usize> {
    of_row.iter().map(|cluster| *cluster as usize - 1).collect()
}

fn agree(effects: &[Effect], theirs: &Value) {
    for effect in effects {
        close(&effect.term, effect.estimate, theirs["coef"][&effect.term].as_f64().unwrap(), EXACT);
        close(&effect.term, effect.se, theirs["se"][&effect.term].as_f64().unwrap(), EXACT);
    }
}

#[test]
fn regressions_agree_with_sandwich_and_club_sandwich() {
    let theirs = expected("validity.json");
    let rows = columns("demo_twolevel.csv", &["y1", "x1", "x2", "w1", "cluster"]);
    let column = |j: usize| rows.iter().map(|row| row[j]).collect::<Vec<f64>>();
    let (y, x1, x2, w1) = (column(0), column(1), column(2), column(3));
    let clusters = sorted_clusters(&column(4));
    let predictors: [(&str, &[f64]); 3] = [("x1", &x1), ("x2", &x2), ("w1", &w1)];
    let positive: Vec<f64> = y.iter().map(|y| f64::from(u8::from(*y > 0.0))).collect();
    let kinds = [("CR0", ClusterErrors::Cr0), ("CR1", ClusterErrors::Cr1), ("CR1S", ClusterErrors::Cr1s)];
    for (name, errors) in kinds {
        let fit = linear(&y, &predictors, &clusters, errors, 0.95).unwrap();
        agree(&fit.effects, &theirs["linear_y1"][name]);
        close("R²", fit.r_squared.unwrap(), theirs["linear_y1"]["r2"].as_f64().unwrap(), EXACT);
        let fit = logistic(&positive, &predictors, &clusters, errors, 0.95).unwrap();
        agree(&fit.effects, &theirs["logistic_y1_positive"][name]);
        close("deviance", fit.deviance, theirs["logistic_y1_positive"]["deviance"].as_f64().unwrap(), 1e-7);
    }
    let fit = linear(&y, &predictors, &clusters, ClusterErrors::Cr2, 0.95).unwrap();
    let theirs = &theirs["linear_y1_CR2"];
    for (j, effect) in fit.effects.iter().enumerate() {
        close("CR2 se", effect.se, theirs["se"][j].as_f64().unwrap(), EXACT);
        close("CR2 t", effect.statistic, theirs["t"][j].as_f64().unwrap(), 1e-8);
        close("CR2 df", effect.df.unwrap(), theirs["df"][j].as_f64().unwrap(), 1e-5);
        close("CR2 p", effect.p, theirs["p"][j].as_f64().unwrap(), 1e-9);
    }
}

/// The real file may not be here; n, sum and sum of squares of its two groups may, and Welch's test is made of them.
#[test]
fn known_groups_agree_with_r() {
    let theirs = &expected("validity.json")["welch_wai_total_by_condition"];
    let group = |sum: f64, squares: f64| {
        let (mean, n) = (sum / 20.0, 20.0);
        let spread = ((squares - sum * sum / n) / n).sqrt();
        (0..20).map(|i| (mean + if i % 2 == 0 { spread } else { -spread }) / 12.0).collect::<Vec<f64>>()
    };
    let (one, other) = (group(SUMS[0].0, SUMS[0].1), group(SUMS[1].0, SUMS[1].1));
    let found = two_groups(("adaptability", &one), ("adaptivity", &other), 0.95).unwrap();
    let number = |key: &str| theirs[key].as_f64().unwrap();
    close("t", found.t, number("t"), EXACT);
    close("df", found.df, number("df"), EXACT);
    close("p", found.p, number("p"), EXACT);
    close("d", found.d, number("cohen_d"), EXACT);
    close("g", found.g.estimate.unwrap(), number("hedges_g"), EXACT);
    close("g exact", found.g_exact, number("hedges_g_exact"), EXACT);
    close("lower", found.difference.lower.unwrap(), theirs["ci"][0].as_f64().unwrap(), EXACT);
    close("upper", found.difference.upper.unwrap(), theirs["ci"][1].as_f64().unwrap(), EXACT);
}

/// Sum and sum of squares of the WAI-SR total in the two groups of twenty.
const SUMS: [(f64, f64); 2] = [(479.0, 12_813.0), (671.0, 24_665.0)];

/// R 4.2.2: `oneway.test(y ~ g, data.frame(y = c(1, 2, 3, 7, 3, 4, 5, 2, 6, 9, 8, 7), g = rep(1:3, c(4, 3, 5))))`.
#[test]
fn several_groups_agree_with_r() {
    let found = welch_anova(&[
        ("1", &[1.0, 2.0, 3.0, 7.0]),
        ("2", &[3.0, 4.0, 5.0]),
        ("3", &[2.0, 6.0, 9.0, 8.0, 7.0]),
    ])
    .unwrap();
    close("F", found.f, 1.757_429_557_192, 1e-8);
    close("df", found.df2, 5.685_176_042_7, 1e-8);
    close("p", found.p, 0.254_547_928_796_3, 1e-8);
}

/// Means of agreeableness and neuroticism, A1 reversed, of persons with all ten answers.
#[test]
fn a_correlation_and_its_limits_agree_with_r() {
    let theirs = &expected("validity.json")["correlation_agree_neuro"];
    let rows = columns("bfi.csv", &["A1", "A2", "A3", "A4", "A5", "N1", "N2", "N3", "N4", "N5"]);
    let complete: Vec<&Vec<f64>> = rows.iter().filter(|row| row.iter().all(|x| !x.is_nan())).collect();
    let agree: Vec<f64> =
        complete.iter().map(|row| (7.0 - row[0] + row[1..5].iter().sum::<f64>()) / 5.0).collect();
    let neuro: Vec<f64> = complete.iter().map(|row| row[5..].iter().sum::<f64>() / 5.0).collect();
    let found = correlation(&agree, &neuro, 0.95);
    assert_eq!(found.n as u64, theirs["n"].as_u64().unwrap());
    close("r", found.r.estimate.unwrap(), theirs["r"].as_f64().unwrap(), EXACT);
    close("lower", found.r.lower.unwrap(), theirs["ci"][0].as_f64().unwrap(), EXACT);
    close("upper", found.r.upper.unwrap(), theirs["ci"][1].as_f64().unwrap(), EXACT);
}
