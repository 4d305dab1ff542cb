//! Omega total and hierarchical against semTools and psych.

use alliance_metrics::moments::Moments;
use alliance_metrics::reliability::{
    GroupOmega, HalvesConfig, HierarchicalConfig, glb_by_factors, hierarchical, omega, omega_if_deleted,
    split_halves, ten_berge,
};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

use super::reliability::{bfi_scales, same, twelve_persons, wai_sr, wai_sr_scales};
use super::{close, expected};

/// Estimates of iterative searches, relative; lavaan stops at about this.
const ESTIMATE: f64 = 1e-5;
/// psych's minres and oblimin stop sooner than ours.
const HIERARCHY: f64 = 1e-4;

fn omegas_agree(name: &str, moments: &Moments, theirs: &Value) {
    let theirs = &theirs["omega_one_factor_ml"];
    let ours = omega(moments, 0.95).unwrap();
    same(&format!("{name} observed"), &ours.omega_total, &theirs["omega_observed"], ESTIMATE);
    same(&format!("{name} implied"), &ours.omega_total_implied, &theirs["omega_implied"], ESTIMATE);
    assert_eq!(ours.omega_total.interval, Some("delta"));
    close(
        &format!("{name} chi-square"),
        ours.factor.chi_square.unwrap(),
        theirs["chisq"].as_f64().unwrap(),
        ESTIMATE,
    );
}

#[test]
pub fn omegas_of_one_factor_agree_with_semtools() {
    let theirs = expected("reliability_bfi.json");
    for (name, data) in bfi_scales() {
        omegas_agree(name, &Moments::listwise(&data).unwrap(), &theirs[name]);
    }
    let theirs = expected("reliability_wai_sr.json");
    for (name, moments) in wai_sr_scales() {
        omegas_agree(name, &moments, &theirs[name]);
    }
}

#[test]
fn relatives_of_omega_agree_with_printed_values() {
    let moments = Moments::listwise(&twelve_persons()).unwrap();
    let ours = omega(&moments, 0.95).unwrap();
    for (what, ours, theirs) in [
        ("omega", ours.omega_total, 0.9344641),
        ("omega implied", ours.omega_total_implied, 0.9328175),
        ("H", ours.h, 0.9544438),
        ("AVE", ours.ave, 0.68666),
        ("AVE weighted", ours.ave_covariance_weighted, 0.7108715),
    ] {
        close(what, ours.estimate.unwrap(), theirs, ESTIMATE);
    }
    // Average variance extracted and composite reliability of the WAI-SR scales by themselves are not published; of
    // standardized items composite reliability is omega implied.
    let standardized = omega(&moments.standardized().unwrap(), 0.95).unwrap();
    let composite = ours.composite_reliability.estimate.unwrap();
    close("composite", composite, standardized.omega_total_implied.estimate.unwrap(), 1e-9);
}

#[test]
fn omega_without_an_item_is_omega_of_the_others() {
    let moments = wai_sr(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (j, ours) in omega_if_deleted(&moments).iter().enumerate() {
        let rest: Vec<usize> = (0..12).filter(|other| *other != j).collect();
        let anew = omega(&moments.select(&rest), 0.95).unwrap().omega_total.estimate.unwrap();
        close("omega if deleted", ours.estimate.unwrap(), anew, 1e-8);
    }
}

#[test]
fn relatives_of_bfi_scales_agree_with_psych_and_semtools() {
    let theirs = &expected("reliability_relatives.json")["bfi"];
    for (name, data) in bfi_scales() {
        let theirs = &theirs[name];
        let moments = Moments::listwise(&data).unwrap();
        let ours = omega(&moments, 0.95).unwrap();
        let label = |what: &str| format!("{name} {what}");
        same(&label("H"), &ours.h, &theirs["h"], ESTIMATE);
        same(&label("composite"), &ours.composite_reliability, &theirs["composite"], ESTIMATE);
        same(&label("AVE"), &ours.ave, &theirs["ave"], ESTIMATE);
        same(
            &label("AVE weighted"),
            &ours.ave_covariance_weighted,
            &theirs["ave_covariance_weighted"],
            ESTIMATE,
        );
        for (j, l) in ours.factor.standardized.iter().enumerate() {
            close(&label("standardized loading"), *l, theirs["standardized"][j].as_f64().unwrap(), ESTIMATE);
        }
        let mu = ten_berge(&moments.standardized().unwrap()).unwrap();
        for (j, mu) in [mu.mu0, mu.mu1, mu.mu2, mu.mu3].iter().enumerate() {
            same(&label("mu"), mu, &theirs["mu"][j], 1e-8);
        }
        let halves = split_halves(&moments, &HalvesConfig::default()).unwrap();
        same(&label("half"), &halves.min, &theirs["halves"]["min"], 1e-8);
        same(&label("half"), &halves.mean, &theirs["halves"]["mean"], 1e-8);
        same(&label("half"), &halves.max, &theirs["halves"]["max"], 1e-8);
        // Also where a uniqueness is at its floor (open), if the lowest of several minima is found.
        same(&label("glb"), &glb_by_factors(&moments).unwrap(), &theirs["glb_fa"], HIERARCHY);
    }
}

#[test]
fn hierarchical_omega_of_thurstone_is_that_of_psych() {
    let theirs = &expected("reliability_relatives.json")["thurstone"];
    let number = |x: &Value| x.as_f64().unwrap();
    let r = theirs["r"].as_array().unwrap();
    let r = DMatrix::from_fn(9, 9, |i, j| number(&r[i][j]));
    let items = (1..=9).map(|j| format!("t{j}")).collect();
    let moments = Moments::given(items, 213, DVector::zeros(9), r).unwrap();
    let ours = hierarchical(&moments, &HierarchicalConfig::default()).unwrap();
    same("omega h", &ours.omega_hierarchical, &theirs["omega_h"], HIERARCHY);
    same("omega total", &ours.omega_total, &theirs["omega_total"], HIERARCHY);
    same("limit", &ours.omega_limit, &theirs["omega_limit"], HIERARCHY);
    same("explained", &ours.explained_common_variance, &theirs["ecv"], HIERARCHY);
}

#[test]
pub fn hierarchical_omegas_agree_with_psych() {
    let theirs = expected("omega_hierarchical.json");
    let moments = wai_sr(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let ours = hierarchical(&moments, &HierarchicalConfig::default()).unwrap();
    let wai = &theirs["wai"];
    same("omega h", &ours.omega_hierarchical, &wai["omega_h"], HIERARCHY);
    same("omega total", &ours.omega_total, &wai["omega_total"], HIERARCHY);
    let general = [&ours.omega_total, &ours.omega_hierarchical];
    for (at, ours) in general.into_iter().enumerate() {
        same("omega of all", ours, &wai["omega_group"][0][at], HIERARCHY);
    }
    // Their groups may stand in another order.
    let groups = wai["omega_group"].as_array().unwrap();
    for group in &groups[1..] {
        let apart = |of: &&GroupOmega| (of.total.estimate.unwrap() - group[0].as_f64().unwrap()).abs();
        let nearest = ours.groups.iter().min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap();
        same("group total", &nearest.total, &group[0], HIERARCHY);
        same("group general", &nearest.general, &group[1], HIERARCHY);
        same("group omega", &nearest.group, &group[2], HIERARCHY);
    }
}
