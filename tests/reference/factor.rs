//! Factors, beside R.

use alliance_metrics::factor::{
    Loadings, Minres, MinresConfig, ObliminConfig, OneFactor, OneFactorConfig, SchmidLeiman, equal_loadings,
    minres, oblimin, one_factor, schmid_leiman,
};
use alliance_metrics::moments::{Missing, Moments};
use alliance_metrics::statistic::Stop;
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

use super::moments::{bfi, holzinger, items, twelve_caregivers};
use super::{close, expected};

/// lavaan ends its search when the discrepancy stands still to 1e-10, so its estimates are good to about the root of that;
/// where the likelihood is flat (40 persons) one uniqueness is off by 1.06e-5. Errors and chi-square: 1e-4.
const ESTIMATE: f64 = 2e-5;
const TEST: f64 = 1e-4;
/// psych ends its search for minimum residuals early.
const LEAST_SQUARES: f64 = 1e-4;
/// GPArotation was stopped at a gradient of 1e-6.
const ROTATION: f64 = 1e-5;
/// psych's own rotation inside `schmid` and `omega` starts once and stops early: loadings of 25 items move by 1.5e-3.
const HIERARCHY: f64 = 2e-3;

fn list(of: &Value) -> Vec<f64> {
    of.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn matrix(of: &Value) -> DMatrix<f64> {
    let rows: Vec<Vec<f64>> = of.as_array().unwrap().iter().map(list).collect();
    DMatrix::from_fn(rows.len(), rows[0].len(), |a, b| rows[a][b])
}

fn given(n: usize, covariance: DMatrix<f64>) -> Moments {
    let k = covariance.nrows();
    Moments::given(items(k), n, DVector::zeros(k), covariance).unwrap()
}

#[track_caller]
fn lists_close(what: &str, ours: &[f64], theirs: &Value, tolerance: f64) {
    let theirs = list(theirs);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (j, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        close(&format!("{what} {j}"), *ours, theirs, tolerance);
    }
}

/// Columns in any order and direction.
#[track_caller]
fn columns_close(what: &str, ours: &DMatrix<f64>, theirs: &DMatrix<f64>, tolerance: f64) {
    let mut left: Vec<usize> = (0..theirs.ncols()).collect();
    for f in 0..ours.ncols() {
        let apart = |g: usize| {
            let (sum, difference) = (ours.column(f) + theirs.column(g), ours.column(f) - theirs.column(g));
            sum.amax().min(difference.amax())
        };
        let best = *left.iter().min_by(|a, b| apart(**a).total_cmp(&apart(**b))).unwrap();
        assert!(apart(best) < tolerance, "{what}, factor {f}: off by {}", apart(best));
        let sign = ours.column(f).dot(&theirs.column(best)).signum();
        for (ours, theirs) in ours.column(f).iter().zip(theirs.column(best).iter()) {
            close(what, sign * ours, *theirs, tolerance);
        }
        left.retain(|g| *g != best);
    }
}

#[test]
fn one_factor_is_that_of_lavaan() {
    let theirs = &expected("factor.json")["one_factor"];
    let wai = &expected("reliability_wai_sr.json")["total"]["cov"];
    let moments = [("holzinger", Moments::listwise(&holzinger()).unwrap()), ("wai", given(40, matrix(wai)))];
    for (data, moments) in moments {
        let tested = equal_loadings(&moments).unwrap();
        for (kind, ours) in [("free", &tested.free), ("equal", &tested.equal)] {
            let theirs = &theirs[data][kind];
            assert_eq!(ours.fit.stop, Stop::Converged, "{:?}", ours.fit);
            lists_close("loadings", &ours.loadings, &theirs["loadings"], ESTIMATE);
            lists_close("uniquenesses", &ours.uniquenesses, &theirs["uniquenesses"], ESTIMATE);
            lists_close("errors", ours.loadings_se.as_ref().unwrap(), &theirs["loadings_se"], TEST);
            lists_close("errors", ours.uniquenesses_se.as_ref().unwrap(), &theirs["uniquenesses_se"], TEST);
            close("chi-square", ours.chi_square.unwrap(), theirs["chisq"].as_f64().unwrap(), TEST);
            assert_eq!(ours.df as u64, theirs["df"].as_u64().unwrap());
        }
        let derivatives = omega_by_parameters(&tested.free);
        let variance = tested.free.delta_variance(&derivatives.0, &derivatives.1).unwrap();
        close("error of omega", variance.sqrt(), theirs[data]["omega_se"].as_f64().unwrap(), TEST);
        close("difference", tested.chi_square.unwrap(), theirs[data]["difference"].as_f64().unwrap(), TEST);
    }
}

/// Derivatives of (Σλ)²/((Σλ)² + Σψ).
fn omega_by_parameters(of: &OneFactor) -> (Vec<f64>, Vec<f64>) {
    let (sum, variance) = (of.loadings.iter().sum::<f64>(), of.implied_variance());
    let unique = variance - sum * sum;
    let k = of.loadings.len();
    let squared = variance * variance;
    (vec![2.0 * sum * unique / squared; k], vec![-sum * sum / squared; k])
}

#[test]
pub fn one_factor_of_bfi_and_wai_scales_is_that_of_lavaan() {
    for (file, scales) in [
        ("reliability_bfi.json", ["agree", "consc", "extra", "neuro", "open"].as_slice()),
        ("reliability_wai_sr.json", ["total", "task", "bond", "goal"].as_slice()),
    ] {
        let expected = expected(file);
        for (s, scale) in scales.iter().enumerate() {
            let theirs = &expected[scale]["omega_one_factor_ml"];
            let moments = if file == "reliability_bfi.json" {
                let data = bfi().columns(&(5 * s..5 * s + 5).collect::<Vec<_>>());
                Moments::of(&data, Missing::Listwise).unwrap()
            } else {
                given(40, matrix(&expected[scale]["cov"]))
            };
            let ours = one_factor(&moments, &OneFactorConfig::default()).unwrap();
            lists_close(scale, &ours.loadings, &theirs["loadings"], ESTIMATE);
            lists_close(scale, &ours.uniquenesses, &theirs["residuals"], ESTIMATE);
            close("chi-square", ours.chi_square.unwrap(), theirs["chisq"].as_f64().unwrap(), TEST);
            let sum: f64 = ours.loadings.iter().sum();
            let omega = sum * sum / ours.implied_variance();
            close("omega", omega, theirs["omega_implied"].as_f64().unwrap(), ESTIMATE);
        }
    }
}

/// lavaan lets a variance be negative and says so; so do we.
#[test]
fn a_heywood_case_is_that_of_lavaan_and_marked() {
    let theirs = &expected("factor.json")["one_factor"]["heywood"];
    let moments = given(200, matrix(&theirs["cov"]));
    let ours = one_factor(&moments, &OneFactorConfig { loadings: Loadings::Free }).unwrap();
    assert!(!ours.admissible);
    assert_eq!(ours.fit.stop, Stop::Converged);
    lists_close("loadings", &ours.loadings, &theirs["free"]["loadings"], ESTIMATE);
    lists_close("uniquenesses", &ours.uniquenesses, &theirs["free"]["uniquenesses"], ESTIMATE);
    lists_close("errors", ours.uniquenesses_se.as_ref().unwrap(), &theirs["free"]["uniquenesses_se"], TEST);
}

/// Omega of twelve caregivers as lavaan 0.6-14 has it, the seventh digit printed.
#[test]
fn omega_of_twelve_caregivers() {
    let data = alliance_metrics::moments::ItemMatrix::from_rows(items(6), &twelve_caregivers());
    let moments = Moments::listwise(&data).unwrap();
    let ours = one_factor(&moments, &OneFactorConfig::default()).unwrap();
    let sum: f64 = ours.loadings.iter().sum();
    close("omega", sum * sum / ours.implied_variance(), 0.9328175, 1e-6);
    let observed = moments.covariance.sum() * 11.0 / 12.0;
    close("omega of the observed variance", sum * sum / observed, 0.9344641, 1e-6);
}

fn hierarchy(r: &DMatrix<f64>, factors: usize) -> (Minres, SchmidLeiman) {
    let extracted = minres(r, &MinresConfig { factors, ..MinresConfig::default() }).unwrap();
    assert_eq!(extracted.fit.stop, Stop::Converged, "{:?}", extracted.fit);
    let rotated = oblimin(&extracted.loadings, &ObliminConfig::default()).unwrap();
    assert_eq!(rotated.fit.stop, Stop::Converged, "{:?}", rotated.fit);
    (extracted, schmid_leiman(&rotated.loadings, &rotated.correlations).unwrap())
}

#[test]
fn minres_oblimin_and_schmid_leiman_are_those_of_r() {
    let expected = expected("factor.json");
    let thurstone = matrix(&expected["thurstone"]["r"]);
    let holzinger = Moments::listwise(&holzinger()).unwrap().correlation().unwrap();
    for (r, theirs) in [
        (&thurstone, &expected["thurstone"]["three"]),
        (&thurstone, &expected["thurstone"]["two"]),
        (&holzinger, &expected["holzinger"]),
    ] {
        let factors = theirs["factors"].as_u64().unwrap() as usize;
        let (extracted, general) = hierarchy(r, factors);
        lists_close("uniquenesses", &extracted.uniquenesses, &theirs["uniquenesses"], LEAST_SQUARES);
        columns_close("minres", &extracted.loadings, &matrix(&theirs["loadings"]), LEAST_SQUARES);
        let rotated = oblimin(&matrix(&theirs["loadings"]), &ObliminConfig::default()).unwrap();
        let criterion = theirs["oblimin"]["criterion"].as_f64().unwrap();
        assert!(rotated.fit.objective <= criterion + 1e-10, "{:?} {criterion}", rotated.fit);
        columns_close("oblimin", &rotated.loadings, &matrix(&theirs["oblimin"]["loadings"]), ROTATION);
        lists_close("general", &general.general, &theirs["general"], HIERARCHY);
        columns_close("group", &general.group, &matrix(&theirs["group"]), HIERARCHY);
        lists_close("u2", &general.uniquenesses, &theirs["u2"], HIERARCHY);
    }
}

#[test]
pub fn omega_hierarchical_of_published_and_public_data_is_that_of_psych() {
    let expected_omega = expected("omega_hierarchical.json");
    let wai = matrix(&expected("reliability_wai_sr.json")["total"]["cov"]);
    let wai = given(40, wai).correlation().unwrap();
    let bfi = Moments::pairwise(&bfi()).unwrap().pair_correlation().unwrap();
    for (r, factors, theirs) in [(wai, 3, &expected_omega["wai"]), (bfi, 5, &expected_omega["bfi25"])] {
        let (_, general) = hierarchy(&r, factors);
        let sl = matrix(&theirs["sl"]);
        // psych turns items with a negative general loading (here those of neuroticism) before it sums them.
        let sign = DVector::from_iterator(general.general.len(), general.general.iter().map(|g| g.signum()));
        let sum = sign.dot(&(&r * &sign));
        let share: f64 = general.general.iter().map(|g| g.abs()).sum();
        close("omega h", share * share / sum, theirs["omega_h"].as_f64().unwrap(), HIERARCHY);
        let unique: f64 = general.uniquenesses.iter().sum();
        close("omega t", 1.0 - unique / sum, theirs["omega_total"].as_f64().unwrap(), HIERARCHY);
        for (j, g) in general.general.iter().enumerate() {
            close("general", g.abs(), sl[(j, 0)].abs(), HIERARCHY);
            close("h2", 1.0 - general.uniquenesses[j], sl[(j, factors + 1)], HIERARCHY);
            close("u2", general.uniquenesses[j], sl[(j, factors + 2)], HIERARCHY);
        }
        let group = DMatrix::from_fn(r.nrows(), factors, |j, f| sign[j] * general.group[(j, f)]);
        columns_close("group", &group, &sl.columns(1, factors).into_owned(), HIERARCHY);
    }
}
