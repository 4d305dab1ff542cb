//! Are factors mathematically themselves?

use alliance_metrics::factor::{
    Loadings, MinresConfig, ObliminConfig, OneFactorConfig, canonical, equal_loadings, fit_one_factor,
    minres, oblimin, one_factor, schmid_leiman,
};
use alliance_metrics::moments::Moments;
use alliance_metrics::statistic::{Reason, Stop};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

fn moments(n: usize, covariance: DMatrix<f64>) -> Moments {
    let k = covariance.nrows();
    let items = (1..=k).map(|j| format!("i{j}")).collect();
    Moments::given(items, n, DVector::zeros(k), covariance).unwrap()
}

/// One factor and some noise, as covariances of items of different units; positive definite.
fn covariances() -> impl Strategy<Value = DMatrix<f64>> {
    (4..9usize)
        .prop_flat_map(|k| {
            let each = |from: f64, to: f64| prop::collection::vec(from..to, k);
            (each(0.3, 0.9), each(0.5, 3.0), prop::collection::vec(-0.08..0.08f64, k * k))
        })
        .prop_map(|(loadings, units, noise)| {
            let k = loadings.len();
            DMatrix::from_fn(k, k, |a, b| {
                let (low, high) = (a.min(b), a.max(b));
                let own = loadings[a] * loadings[b] + noise[low * k + high];
                units[a] * units[b] * if a == b { 1.0 } else { own }
            })
        })
        .prop_filter("positive definite", |c| {
            c.clone().cholesky().is_some_and(|l| l.l().diagonal().min() > 0.1)
        })
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn neither_units_nor_order_of_items_nor_the_start_change_the_factor(c in covariances()) {
        let k = c.nrows();
        let here = fit_one_factor(&c, Loadings::Free, None).unwrap();
        prop_assert_eq!(here.fit.stop, Stop::Converged);
        let turned = DMatrix::from_fn(k, k, |a, b| {
            let unit = |j: usize| 0.5 + j as f64;
            unit(a) * unit(b) * c[(k - 1 - a, k - 1 - b)]
        });
        let there = fit_one_factor(&turned, Loadings::Free, None).unwrap();
        let start = vec![0.3; k];
        let warm = fit_one_factor(&c, Loadings::Free, Some((&start, &start))).unwrap();
        for j in 0..k {
            let other = there.loadings[k - 1 - j] / (0.5 + (k - 1 - j) as f64);
            prop_assert!(close(here.loadings[j], other, 1e-6), "{:?} {:?}", here, there);
            prop_assert!(close(here.loadings[j], warm.loadings[j], 1e-6), "{:?} {:?}", here, warm);
        }
        prop_assert!(close(here.fit.objective, there.fit.objective, 1e-9));
    }

    /// At the maximum the model's variances are those of the items, and the trace of SΣ⁻¹ is k.
    #[test]
    fn the_factor_reproduces_the_variances(c in covariances()) {
        let fitted = one_factor(&moments(40, c.clone()), &OneFactorConfig::default()).unwrap();
        let s = c * (39.0 / 40.0);
        for j in 0..fitted.loadings.len() {
            prop_assert!(close(fitted.implied()[(j, j)], s[(j, j)], 1e-7));
        }
        let trace = (s * fitted.implied().try_inverse().unwrap()).trace();
        prop_assert!(close(trace, fitted.loadings.len() as f64, 1e-7));
        prop_assert!(fitted.chi_square.is_some(), "{fitted:?}");
        let free = fitted.chi_square.unwrap();
        let tested = equal_loadings(&moments(40, fitted.implied() * (40.0 / 39.0))).unwrap();
        prop_assert!(free >= 0.0 && tested.free.chi_square.unwrap() < 1e-6);
        match tested.equal.chi_square {
            Some(equal) => prop_assert!(equal >= tested.free.chi_square.unwrap()),
            // A uniqueness at its bound can take more steps than there are; then it is said, not hidden.
            None => prop_assert!(tested.equal.fit.stop != Stop::Converged, "{:?}", tested.equal),
        }
    }

    /// With equal loadings and uniquenesses omega is alpha.
    #[test]
    fn omega_is_alpha_under_equal_loadings(k in 3..8usize, loading in 0.3..2.0f64, own in 0.2..3.0f64) {
        let c = DMatrix::from_fn(k, k, |a, b| loading * loading + if a == b { own } else { 0.0 });
        let alpha = k as f64 / (k - 1) as f64 * (1.0 - c.trace() / c.sum());
        for loadings in [Loadings::Free, Loadings::Equal] {
            let fitted = one_factor(&moments(100, c.clone()), &OneFactorConfig { loadings }).unwrap();
            let sum: f64 = fitted.loadings.iter().sum();
            prop_assert!(close(sum * sum / fitted.implied_variance(), alpha, 1e-7));
        }
    }

    #[test]
    fn rotation_leaves_the_implied_correlations(c in covariances(), seed in 0..99u64) {
        prop_assume!(c.nrows() >= 5);
        let r = moments(10, c).correlation().unwrap();
        let extracted = minres(&r, &MinresConfig { factors: 2, ..MinresConfig::default() }).unwrap();
        let rotated = oblimin(&extracted.loadings, &ObliminConfig { starts: 3, seed }).unwrap();
        let before = &extracted.loadings * extracted.loadings.transpose();
        let after = &rotated.loadings * &rotated.correlations * rotated.loadings.transpose();
        prop_assert!((&before - &after).amax() < 1e-8);
        let general = schmid_leiman(&rotated.loadings, &rotated.correlations).unwrap();
        let g = DVector::from_column_slice(&general.general);
        let schmid = &g * g.transpose() + &general.group * general.group.transpose();
        prop_assert!((&before - schmid).amax() < 1e-8);
        for j in 0..r.nrows() {
            prop_assert!(close(before[(j, j)] + general.uniquenesses[j], 1.0, 1e-9));
        }
        let (again, _) = canonical(&rotated.loadings, &rotated.correlations);
        prop_assert_eq!(again, rotated.loadings);
    }

    /// Perfect factors come back, and residuals of more factors are never larger.
    #[test]
    fn minres_finds_what_is_there(c in covariances()) {
        prop_assume!(c.nrows() >= 6);
        let r = moments(10, c).correlation().unwrap();
        let extract = |factors| minres(&r, &MinresConfig { factors, ..MinresConfig::default() }).unwrap();
        let (one, two) = (extract(1), extract(2));
        prop_assert!(two.fit.objective <= one.fit.objective + 1e-12);
        let l = one.loadings.column(0).into_owned();
        let mut perfect = &l * l.transpose();
        perfect.fill_diagonal(1.0);
        let again = minres(&perfect, &MinresConfig { factors: 1, ..MinresConfig::default() }).unwrap();
        prop_assert!((again.loadings.column(0) - l).amax() < 1e-6);
    }
}

#[test]
fn what_cannot_be_had_says_why() {
    let fit = |c: &DMatrix<f64>| fit_one_factor(c, Loadings::Free, None);
    let reason = |c: &DMatrix<f64>| fit(c).unwrap_err().reason;
    assert_eq!(reason(&DMatrix::zeros(0, 0)), Reason::TooFew);
    assert_eq!(reason(&DMatrix::identity(2, 2)), Reason::NotIdentified);
    assert_eq!(reason(&DMatrix::zeros(3, 3)), Reason::NoVariability);
    assert_eq!(reason(&DMatrix::from_element(3, 3, f64::NAN)), Reason::NotApplicable);
    let apart = DMatrix::from_fn(3, 3, |a, b| if a == b { 1.0 } else { -0.2 });
    assert_eq!(fit_one_factor(&apart, Loadings::Equal, None).unwrap_err().reason, Reason::Boundary);
    // Nothing in common: loadings of zero, and no standard errors.
    let fitted = one_factor(&moments(50, DMatrix::identity(4, 4)), &OneFactorConfig::default()).unwrap();
    assert!(fitted.loadings.iter().all(|l| l.abs() < 1e-3), "{fitted:?}");
    let extract = |r: &DMatrix<f64>, factors| minres(r, &MinresConfig { factors, ..MinresConfig::default() });
    for factors in [0, 3, 7] {
        assert_eq!(extract(&DMatrix::identity(5, 5), factors).unwrap_err().reason, Reason::NotIdentified);
    }
    assert_eq!(extract(&DMatrix::from_element(5, 5, 0.5), 1).unwrap_err().reason, Reason::NotApplicable);
    let none = oblimin(&DMatrix::zeros(5, 2), &ObliminConfig::default());
    assert_eq!(none.unwrap_err().reason, Reason::NotIdentified);
    let one = schmid_leiman(&DMatrix::from_element(5, 1, 0.5), &DMatrix::identity(1, 1));
    assert_eq!(one.unwrap_err().reason, Reason::NotIdentified);
}

/// Two identical items: the likelihood grows without end. The search ends, and the chi-square says why there is none.
#[test]
fn identical_items_have_no_chi_square() {
    let l = [0.7, 0.7, 0.6, 0.8];
    let c = DMatrix::from_fn(4, 4, |a, b| if a == b || a + b == 1 { 1.0 } else { l[a] * l[b] });
    let fitted = one_factor(&moments(60, c.clone()), &OneFactorConfig::default()).unwrap();
    assert_eq!((fitted.chi_square, fitted.reason), (None, Some(Reason::Singular)));
    let extracted = minres(&c, &MinresConfig { factors: 1, ..MinresConfig::default() }).unwrap();
    assert_eq!(extracted.fit.stop, Stop::Converged);
}
