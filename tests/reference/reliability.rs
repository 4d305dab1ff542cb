//! Alpha and its relatives against psych, MBESS, cocron and the published cross-products of the WAI-SR.

use alliance_metrics::moments::{ItemMatrix, Moments};
use alliance_metrics::reliability::{
    AlphaConfig, AlphaInterval, HalvesConfig, alpha, alpha_if_deleted, alpha_interval, distribution_free,
    guttman, odd_even, split_halves, standardized_alpha, ten_berge,
};
use alliance_metrics::statistic::Estimate;
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

use super::{close, columns, expected};

/// Closed forms; the files hold twelve digits.
const CLOSED: f64 = 1e-8;
/// Values that were printed with seven decimals.
const PRINTED: f64 = 1e-7;

/// Twelve persons, six items, 1 to 7.
pub fn twelve_persons() -> ItemMatrix {
    let rows = [
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
    ];
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect();
    ItemMatrix::from_rows((1..=6).map(|j| format!("i{j}")).collect(), &rows)
}

/// The items of a bfi scale, reversed where they run the other way.
pub fn bfi(items: &[&str]) -> ItemMatrix {
    const REVERSED: [&str; 7] = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"];
    let mut rows = columns("bfi.csv", items);
    for row in &mut rows {
        for (x, item) in row.iter_mut().zip(items) {
            if REVERSED.contains(item) {
                *x = 7.0 - *x;
            }
        }
    }
    ItemMatrix::from_rows(items.iter().map(|item| (*item).to_owned()).collect(), &rows)
}

/// The five scales of the bfi, with their names in the reference files.
pub fn bfi_scales() -> Vec<(&'static str, ItemMatrix)> {
    let scale = |letter: &str| -> ItemMatrix {
        let items: Vec<String> = (1..=5).map(|j| format!("{letter}{j}")).collect();
        bfi(&items.iter().map(String::as_str).collect::<Vec<_>>())
    };
    [("agree", "A"), ("consc", "C"), ("extra", "E"), ("neuro", "N"), ("open", "O")]
        .map(|(name, letter)| (name, scale(letter)))
        .to_vec()
}

/// The published sums and cross-products of twelve WAI-SR items, n = 40 (Schneider & Kummert).
pub fn wai_sr(items: &[usize]) -> Moments {
    const SUMS: [f64; 12] = [90.0, 87.0, 95.0, 101.0, 120.0, 92.0, 105.0, 91.0, 78.0, 91.0, 91.0, 109.0];
    const PRODUCTS: [&[u32]; 12] = [
        &[268],
        &[244, 247],
        &[238, 223, 295],
        &[258, 246, 269, 325],
        &[303, 291, 334, 335, 430],
        &[230, 228, 227, 255, 295, 252],
        &[265, 251, 300, 307, 370, 262, 347],
        &[227, 219, 238, 267, 301, 234, 265, 253],
        &[214, 201, 219, 236, 274, 205, 255, 201, 214],
        &[247, 237, 217, 268, 287, 232, 257, 230, 210, 279],
        &[229, 222, 229, 260, 289, 243, 261, 235, 205, 232, 257],
        &[267, 259, 276, 308, 343, 266, 316, 265, 244, 288, 269, 355],
    ];
    let k = items.len();
    let covariance = DMatrix::from_fn(k, k, |a, b| {
        let (i, j) = (items[a].max(items[b]) - 1, items[a].min(items[b]) - 1);
        (f64::from(PRODUCTS[i][j]) - SUMS[i] * SUMS[j] / 40.0) / 39.0
    });
    let mean = DVector::from_fn(k, |a, _| SUMS[items[a] - 1] / 40.0);
    Moments::given(items.iter().map(|j| format!("w{j:02}")).collect(), 40, mean, covariance).unwrap()
}

/// The scales of the WAI-SR, with their names in the reference file.
pub fn wai_sr_scales() -> Vec<(&'static str, Moments)> {
    vec![
        ("total", wai_sr(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
        ("task", wai_sr(&[1, 2, 10, 12])),
        ("bond", wai_sr(&[3, 5, 7, 9])),
        ("goal", wai_sr(&[4, 6, 8, 11])),
    ]
}

#[track_caller]
pub fn same(what: &str, ours: &Estimate, theirs: &Value, tolerance: f64) {
    close(what, ours.estimate.unwrap(), theirs.as_f64().unwrap(), tolerance);
}

/// Everything that the reference files hold of a covariance matrix.
fn moments_agree(name: &str, moments: &Moments, theirs: &Value) {
    let ours = alpha(moments, &AlphaConfig::default()).unwrap();
    same(&format!("{name} alpha"), &ours.estimate, &theirs["raw_alpha"], CLOSED);
    if let Some(feldt) = theirs["feldt"].as_array() {
        close(&format!("{name} Feldt"), ours.estimate.lower.unwrap(), feldt[0].as_f64().unwrap(), CLOSED);
        close(&format!("{name} Feldt"), ours.estimate.upper.unwrap(), feldt[2].as_f64().unwrap(), CLOSED);
        let normal = alpha_interval(moments, AlphaInterval::NormalTheory, 0.95).unwrap();
        close(
            &format!("{name} normal-theory se"),
            normal.se.unwrap(),
            theirs["normal_theory_se"].as_f64().unwrap(),
            CLOSED,
        );
    }
    let standardized = standardized_alpha(moments);
    same(&format!("{name} standardized"), &standardized.alpha, &theirs["std_alpha"], CLOSED);
    same(&format!("{name} mean r"), &standardized.mean_r, &theirs["average_r"], CLOSED);

    let lambdas = guttman(moments).unwrap();
    let on_covariances = &theirs["lambda_covariances"];
    let listed = [
        ("lambda1", &lambdas.lambda1),
        ("lambda2", &lambdas.lambda2),
        ("lambda3", &lambdas.lambda3),
        ("lambda5", &lambdas.lambda5),
        ("lambda6", &lambdas.lambda6),
    ];
    for (id, ours) in listed {
        same(&format!("{name} {id}"), ours, &on_covariances[id], CLOSED);
    }
    let of_z = moments.standardized().unwrap();
    let lambdas = guttman(&of_z).unwrap();
    let halves = split_halves(&of_z, &HalvesConfig::default()).unwrap();
    let on_correlations = &theirs["lambda_correlations"];
    let listed = [
        ("lambda1", &lambdas.lambda1),
        ("lambda2", &lambdas.lambda2),
        ("lambda4", &halves.max),
        ("lambda5", &lambdas.lambda5),
        ("lambda6", &lambdas.lambda6),
    ];
    // G6 of `alpha` takes the correlation of each pair's own persons, `guttman` and ours the covariances made correlations.
    let own = moments.pair_correlation().unwrap();
    let own = Moments::given(moments.items.clone(), moments.n, moments.mean.clone(), own).unwrap();
    let g6 = guttman(&own).unwrap().lambda6;
    same(&format!("{name} G6"), &g6, &theirs["G6"], CLOSED);
    for (id, ours) in listed {
        same(&format!("{name} {id} standardized"), ours, &on_correlations[id], CLOSED);
    }
    for (j, ours) in alpha_if_deleted(moments).iter().enumerate() {
        same(&format!("{name} without item {j}"), ours, &theirs["item"]["alpha_drop"][j], CLOSED);
    }
}

#[test]
pub fn bfi_scales_agree_with_psych() {
    let theirs = expected("reliability_bfi.json");
    for (name, data) in bfi_scales() {
        let moments = Moments::listwise(&data).unwrap();
        assert_eq!(moments.n as u64, theirs[name]["listwise"]["n"].as_u64().unwrap());
        moments_agree(name, &moments, &theirs[name]["listwise"]);
        let adf = distribution_free(&data, 0.95).unwrap();
        close(
            &format!("{name} ADF se"),
            adf.se.unwrap(),
            theirs[name]["listwise"]["adf_se"].as_f64().unwrap(),
            CLOSED,
        );
        moments_agree(
            &format!("{name} pairwise"),
            &Moments::pairwise(&data).unwrap(),
            &theirs[name]["pairwise"],
        );
    }
}

#[test]
pub fn published_cross_products_of_the_wai_sr_agree_with_psych() {
    let theirs = expected("reliability_wai_sr.json");
    for (name, moments) in wai_sr_scales() {
        for (at, ours) in moments.covariance.iter().enumerate() {
            let (i, j) = (at / moments.k(), at % moments.k());
            close(&format!("{name} covariance"), *ours, theirs[name]["cov"][i][j].as_f64().unwrap(), CLOSED);
        }
        moments_agree(name, &moments, &theirs[name]);
    }
}

#[test]
pub fn split_halves_of_the_wai_sr_are_those_of_psych() {
    let theirs = &expected("omega_hierarchical.json")["wai"];
    let moments = wai_sr(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let of_z = moments.standardized().unwrap();
    for (moments, key) in [(&moments, "split_covariances"), (&of_z, "split_correlations")] {
        let halves = split_halves(moments, &HalvesConfig::default()).unwrap();
        assert_eq!((halves.splits as u64, halves.all), (theirs["n_splits"].as_u64().unwrap(), true));
        same(key, &halves.min, &theirs[key]["min"], CLOSED);
        same(key, &halves.mean, &theirs[key]["mean"], CLOSED);
        same(key, &halves.max, &theirs[key]["max"], CLOSED);
    }
}

#[test]
fn twelve_persons_agree_with_printed_values() {
    let data = twelve_persons();
    let moments = Moments::listwise(&data).unwrap();
    let printed = |what: &str, ours: &Estimate, theirs: f64| {
        close(what, ours.estimate.unwrap(), theirs, PRINTED);
    };
    let limits = [
        (AlphaInterval::Feldt, 0.8225435, 0.9736821),
        (AlphaInterval::Bonett, 0.7927856, 0.9696320),
        (AlphaInterval::BonettCorrected, 0.8100535, 0.9721627),
        (AlphaInterval::HakstianWhalen, 0.8296408, 0.9753456),
        (AlphaInterval::FisherZ, 0.7352721, 0.9778845),
    ];
    for (method, lower, upper) in limits {
        let ours = alpha_interval(&moments, method, 0.95).unwrap();
        printed("alpha", &ours, 0.9206735531);
        close(method.id(), ours.lower.unwrap(), lower, PRINTED);
        close(method.id(), ours.upper.unwrap(), upper, PRINTED);
    }
    let normal = alpha_interval(&moments, AlphaInterval::NormalTheory, 0.95).unwrap();
    close("normal theory", normal.se.unwrap(), 0.0319129, PRINTED);

    let standardized = standardized_alpha(&moments);
    printed("standardized", &standardized.alpha, 0.9249759);
    printed("mean r", &standardized.mean_r, 0.6726507);
    printed("median r", &standardized.median_r, 0.7054236);
    close("signal to noise", standardized.signal_to_noise.estimate.unwrap(), 12.329044, PRINTED);

    let of_z = moments.standardized().unwrap();
    let lambdas = guttman(&of_z).unwrap();
    printed("lambda 1", &lambdas.lambda1, 0.7708132);
    printed("lambda 2", &lambdas.lambda2, 0.9273150);
    printed("lambda 5", &lambdas.lambda5, 0.9009447);
    printed("lambda 6", &lambdas.lambda6, 0.9296493);
    close("lambda 2", guttman(&moments).unwrap().lambda2.estimate.unwrap(), 0.929268, 1e-6);

    let halves = |moments| split_halves(moments, &HalvesConfig::default()).unwrap();
    let (raw, z) = (halves(&moments), halves(&of_z));
    assert_eq!(raw.splits, 10);
    printed("worst half", &z.min, 0.9004845);
    printed("mean half", &z.mean, 0.9249759);
    printed("best half", &z.max, 0.9514911);
    printed("worst half", &raw.min, 0.8942974);
    printed("best half", &raw.max, 0.9588227);
    let odd_even = odd_even(&moments).unwrap();
    printed("odd-even", &odd_even.r, 0.8518563);
    printed("Spearman-Brown", &odd_even.spearman_brown, 0.9200026);
    printed("Flanagan-Rulon", &odd_even.flanagan_rulon, 0.9067497);

    let mu = ten_berge(&of_z).unwrap();
    for (ours, theirs) in [(mu.mu0, 0.9249759), (mu.mu1, 0.9273150), (mu.mu2, 0.9280129), (mu.mu3, 0.9282024)]
    {
        printed("mu", &ours, theirs);
    }
    let deleted = [0.8939761, 0.9246873, 0.9025771, 0.8888314, 0.9104638, 0.9128855];
    for (ours, theirs) in alpha_if_deleted(&moments).iter().zip(deleted) {
        printed("alpha if deleted", ours, theirs);
    }
}
