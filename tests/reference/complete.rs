//! Is every number of the reference files asserted by a test, or is there a reason why not?

use serde_json::Value;

use super::{COMPARED, expected, factor, items, moments, omega, polychoric, reliability};

/// Places whose numbers are not compared, with the reason. A place is a path of keys; a star stands for one key.
const LEFT: &[(&str, &str)] = &[
    ("reliability_bfi.json/*/*/n", "counts are asserted to be equal; psych's pairwise n is all rows"),
    ("reliability_bfi.json/*/*/n_complete", "a count"),
    ("reliability_bfi.json/*/*/k", "a count"),
    ("reliability_wai_sr.json/*/n", "a count"),
    ("reliability_wai_sr.json/*/n_complete", "a count"),
    ("reliability_wai_sr.json/*/k", "a count"),
    ("reliability_wai_sr.json/*/adf_se", "needs the answers, which are not part of the project"),
    ("reliability_wai_sr.json/*/item/raw_r", "needs the answers; from moments in another test"),
    ("omega_hierarchical.json/wai/n_splits", "a count, asserted to be equal"),
    ("omega_hierarchical.json/wai/omega_group/0/2", "of all group factors together: not offered"),
    ("descriptives_bfi.json/*/vars", "the place of the item"),
    ("descriptives_bfi.json/*/n", "a count, asserted to be equal"),
    ("descriptives_bfi.json/*/trimmed", "not offered"),
    ("descriptives_bfi.json/*/mad", "not offered"),
    ("descriptives_bfi.json/*/range", "the difference of the extremes"),
    ("descriptives_bfi.json/mardia/p_skew", "printed as 0"),
    ("missingness.json/n", "a count"),
    ("missingness.json/patterns", "a count, asserted to be equal"),
    ("missingness.json/df", "a count, asserted to be equal"),
    ("ordinal_bfi15.json/n", "a count, asserted to be equal"),
    ("ordinal_bfi15.json/wlsmv", "factor models of categories are not offered"),
    ("ordinal_bfi15.json/categorical_omega_green_yang", "not offered"),
    (
        "ordinal_bfi15.json/reliability_table",
        "alphas are compared from a file; categorical omegas are not offered",
    ),
    ("ordinal_bfi15.json/polychoric_wai", "needs the answers, which are not part of the project"),
];

/// Columns of `omega_hierarchical.json/*/sl` after general and group factors: h², u², p², complexity. p² and complexity follow
/// from the loadings.
const DERIVED: usize = 2;

fn is_left(place: &str) -> bool {
    let keys: Vec<&str> = place.split('/').collect();
    LEFT.iter().any(|(left, _)| {
        let left: Vec<&str> = left.split('/').collect();
        left.len() <= keys.len() && left.iter().zip(&keys).all(|(left, key)| *left == "*" || left == key)
    })
}

fn walk(place: &str, value: &Value, missing: &mut Vec<String>) {
    match value {
        Value::Object(of) => {
            of.iter().for_each(|(key, value)| walk(&format!("{place}/{key}"), value, missing));
        }
        Value::Array(of) => {
            let kept = if place.contains("/sl") && place.matches('/').count() == 3 {
                of.len() - DERIVED
            } else {
                of.len()
            };
            of[..kept]
                .iter()
                .enumerate()
                .for_each(|(at, value)| walk(&format!("{place}/{at}"), value, missing));
        }
        Value::Number(number) if !is_left(place) => {
            let number = number.as_f64().unwrap();
            // The direction of a factor is a convention.
            let seen = COMPARED.with_borrow(|compared| {
                [number, -number].iter().any(|number| compared.contains(&number.to_bits()))
            });
            if !seen {
                missing.push(place.to_owned());
            }
        }
        _ => {}
    }
}

#[test]
fn every_number_of_the_reference_files_is_compared() {
    reliability::bfi_scales_agree_with_psych();
    reliability::published_cross_products_of_the_wai_sr_agree_with_psych();
    reliability::split_halves_of_the_wai_sr_are_those_of_psych();
    items::items_of_bfi_scales_agree_with_psych();
    items::items_under_pairwise_deletion_agree_with_psych();
    items::items_of_the_wai_sr_agree_with_psych();
    items::descriptives_of_the_bfi_agree_with_psych();
    items::mardia_agrees_with_psych();
    omega::omegas_of_one_factor_agree_with_semtools();
    omega::hierarchical_omegas_agree_with_psych();
    factor::one_factor_of_bfi_and_wai_scales_is_that_of_lavaan();
    factor::omega_hierarchical_of_published_and_public_data_is_that_of_psych();
    moments::covariances_of_bfi_scales_are_those_of_r();
    moments::littles_test_and_em_moments_of_bfi_are_those_of_lavaan();
    polychoric::fifteen_items_are_those_of_lavaan();
    crate::scales::item_tables_describe_all_who_answered_under_pairwise_deletion();
    let mut missing = Vec::new();
    for file in [
        "reliability_bfi.json",
        "reliability_wai_sr.json",
        "omega_hierarchical.json",
        "descriptives_bfi.json",
        "missingness.json",
        "ordinal_bfi15.json",
    ] {
        walk(file, &expected(file), &mut missing);
    }
    assert!(missing.is_empty(), "compared by no test: {missing:#?}");
}
