//! Moments, gaps and sampling adequacy, beside R.

use alliance_metrics::factor::adequacy;
use alliance_metrics::moments::{Divisor, ItemMatrix, LittleConfig, Missing, Moments, little, patterns, smc};
use alliance_metrics::numeric::matrix::eigenvalues;
use alliance_metrics::statistic::Stop;
use nalgebra::DMatrix;
use serde_json::Value;

use super::{close, columns, expected};

/// The files hold twelve significant digits.
const CLOSED_FORM: f64 = 1e-10;
/// lavaan ends its EM search when the moments move by less than about this.
const EM: f64 = 1e-4;

/// The 25 items, those keyed the other way reversed.
pub fn bfi() -> ItemMatrix {
    let items: Vec<String> =
        ["A", "C", "E", "N", "O"].iter().flat_map(|s| (1..=5).map(move |j| format!("{s}{j}"))).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let mut rows = columns("bfi.csv", &names);
    for (j, item) in names.iter().enumerate() {
        if ["A1", "C4", "C5", "E1", "E2", "O2", "O5"].contains(item) {
            rows.iter_mut().for_each(|row| row[j] = 7.0 - row[j]);
        }
    }
    ItemMatrix::from_rows(items, &rows)
}

/// The nine ability tests.
pub fn holzinger() -> ItemMatrix {
    let items: Vec<String> = (1..=9).map(|j| format!("x{j}")).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let rows = columns("holzinger_swineford_1939.csv", &names);
    ItemMatrix::from_rows(items, &rows)
}

/// Twelve caregivers, six items.
pub fn twelve_caregivers() -> Vec<Vec<f64>> {
    [
        [2, 5, 3, 2, 2, 3],
        [4, 5, 7, 5, 5, 6],
        [3, 3, 1, 2, 3, 4],
        [5, 5, 6, 4, 6, 3],
        [3, 5, 4, 4, 4, 4],
        [5, 5, 6, 5, 5, 6],
        [3, 3, 4, 4, 3, 3],
        [5, 4, 6, 5, 4, 6],
        [4, 5, 5, 5, 5, 4],
        [4, 5, 3, 4, 2, 4],
        [5, 5, 7, 5, 4, 6],
        [7, 7, 7, 7, 6, 7],
    ]
    .iter()
    .map(|row| row.iter().map(|x| f64::from(*x)).collect())
    .collect()
}

pub fn items(k: usize) -> Vec<String> {
    (1..=k).map(|j| format!("i{j}")).collect()
}

#[track_caller]
fn matrix_close(what: &str, ours: &DMatrix<f64>, theirs: &Value, tolerance: f64) {
    for a in 0..ours.nrows() {
        for b in 0..ours.ncols() {
            close(&format!("{what} {a},{b}"), ours[(a, b)], theirs[a][b].as_f64().unwrap(), tolerance);
        }
    }
}

#[track_caller]
fn list_close(what: &str, ours: &[f64], theirs: &Value, tolerance: f64) {
    assert_eq!(ours.len(), theirs.as_array().unwrap().len());
    for (j, x) in ours.iter().enumerate() {
        close(&format!("{what} {j}"), *x, theirs[j].as_f64().unwrap(), tolerance);
    }
}

#[test]
pub fn covariances_of_bfi_scales_are_those_of_r() {
    let theirs = expected("reliability_bfi.json");
    for (s, scale) in ["agree", "consc", "extra", "neuro", "open"].into_iter().enumerate() {
        let data = bfi().columns(&(5 * s..5 * s + 5).collect::<Vec<_>>());
        for (missing, policy) in [(Missing::Pairwise, "pairwise"), (Missing::Listwise, "listwise")] {
            let moments = Moments::of(&data, missing).unwrap();
            let theirs = &theirs[scale][policy];
            matrix_close(policy, &moments.covariance, &theirs["cov"], CLOSED_FORM);
            list_close(policy, moments.mean.as_slice(), &theirs["item"]["mean"], CLOSED_FORM);
        }
        let listwise = Moments::listwise(&data).unwrap();
        assert_eq!(listwise.n as u64, theirs[scale]["listwise"]["n"].as_u64().unwrap());
        assert_eq!(listwise.n + listwise.dropped, 2800);
    }
}

#[test]
fn gaps_in_continuous_tests_are_settled_as_in_r() {
    let theirs = &expected("moments_holzinger.json")["gaps"];
    let complete = holzinger();
    let mut values = complete.values().clone();
    for (first, by, column) in [(0, 10, 0), (2, 7, 4), (1, 5, 8)] {
        (first..301).step_by(by).for_each(|i| values[(i, column)] = f64::NAN);
    }
    let data = ItemMatrix::new(complete.items, values);
    let pairwise = Moments::pairwise(&data).unwrap();
    matrix_close("pairwise", &pairwise.covariance, &theirs["pairwise"], CLOSED_FORM);
    let (fewest, most) = pairwise.pairs.unwrap();
    assert_eq!(
        [fewest as u64, most as u64].as_slice(),
        [theirs["pairs"][0].as_u64().unwrap(), theirs["pairs"][1].as_u64().unwrap()]
    );
    assert_eq!(pairwise.n, fewest);
    let ml = little(&data, &LittleConfig::default()).unwrap();
    let unbiased = little(&data, &LittleConfig { divisor: Divisor::NMinusOne }).unwrap();
    close("divisor", unbiased.statistic, ml.statistic * 300.0 / 301.0, CLOSED_FORM);
    let em = Moments::em(&data).unwrap();
    assert_eq!(em.fit.unwrap().stop, Stop::Converged);
    list_close("em mean", em.mean.as_slice(), &theirs["em_mean"], EM);
    matrix_close("em covariance", &em.covariance, &theirs["em_cov"], EM);
}

#[test]
pub fn littles_test_and_em_moments_of_bfi_are_those_of_lavaan() {
    let theirs = expected("missingness.json");
    let data = bfi();
    let em = Moments::em(&data).unwrap();
    list_close("em mean", em.mean.as_slice(), &theirs["em_mean"], EM);
    matrix_close("em covariance", &em.covariance, &theirs["em_cov"], EM);
    assert_eq!(patterns(&data).len() as u64, theirs["patterns"].as_u64().unwrap());
    let test = little(&data, &LittleConfig::default()).unwrap();
    assert_eq!(test.df as u64, theirs["df"].as_u64().unwrap());
    let number = |key: &str| theirs[key].as_f64().unwrap();
    close("d2", test.statistic, number("little_d2_ml_covariance"), EM);
    close("p", test.p.unwrap(), number("p"), 1e-7);
    close("p", test.p.unwrap() / number("p"), 1.0, 1e-3);
    // The other divisor is a factor, which the smaller data below hold to.
    close("d2 unbiased", test.statistic * 2799.0 / 2800.0, number("little_d2_unbiased_covariance"), EM);
}

/// Alpha under three policies, as psych 2.2.9 (listwise, pairwise) and lavaan 0.6-14 (likelihood) have it.
#[test]
fn three_policies_give_three_alphas() {
    let mut rows = twelve_caregivers();
    for (i, j) in [(0, 2), (4, 1), (8, 5)] {
        rows[i][j] = f64::NAN;
    }
    let data = ItemMatrix::from_rows(items(6), &rows);
    for (missing, theirs) in
        [(Missing::Pairwise, 0.9228683), (Missing::Listwise, 0.9227685), (Missing::Em, 0.9168051)]
    {
        let c = Moments::of(&data, missing).unwrap().covariance;
        close("alpha", 1.2 * (1.0 - c.trace() / c.sum()), theirs, 1e-6);
    }
}

#[test]
fn adequacy_of_nine_tests_is_that_of_psych() {
    let theirs = expected("moments_holzinger.json");
    let moments = Moments::listwise(&holzinger()).unwrap();
    let ours = adequacy(&moments).unwrap();
    close("kmo", ours.kmo.unwrap(), theirs["kmo"].as_f64().unwrap(), CLOSED_FORM);
    let of_items: Vec<f64> = ours.item_kmo.iter().map(|x| x.unwrap()).collect();
    list_close("kmo of items", &of_items, &theirs["kmo_items"], CLOSED_FORM);
    close("bartlett", ours.bartlett, theirs["bartlett"]["chisq"].as_f64().unwrap(), CLOSED_FORM);
    assert_eq!(ours.df, 36);
    let r = moments.correlation().unwrap();
    list_close("smc", &smc(&r).unwrap(), &theirs["smc"], CLOSED_FORM);
    list_close("eigenvalues", &eigenvalues(&r).unwrap(), &theirs["eigenvalues"], CLOSED_FORM);
}
