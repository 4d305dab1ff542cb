//! Items, shapes and joint normality against psych.

use alliance_metrics::moments::{Divisor, Moments};
use alliance_metrics::reliability::{Frequencies, describe, item_fit, mardia};

use super::reliability::{bfi, bfi_scales, same, twelve_persons, wai_sr_scales};
use super::{close, expected};

/// Closed forms; the files hold twelve digits.
const CLOSED: f64 = 1e-8;
/// Values that were printed with seven decimals.
const PRINTED: f64 = 1e-7;

#[test]
pub fn items_of_bfi_scales_agree_with_psych() {
    let theirs = expected("reliability_bfi.json");
    for (name, data) in bfi_scales() {
        let theirs = &theirs[name]["listwise"]["item"];
        let complete = data.complete();
        let fit = item_fit(&complete, &Moments::listwise(&complete).unwrap(), 0.95);
        for (j, fit) in fit.iter().enumerate() {
            let item = &fit.item;
            same(&format!("{item} item-rest"), &fit.item_rest, &theirs["r_drop"][j], CLOSED);
            same(&format!("{item} raw r"), &fit.raw_r, &theirs["raw_r"][j], CLOSED);
            same(&format!("{item} corrected r"), &fit.r_cor, &theirs["r_cor"][j], CLOSED);
            let description = describe(&Frequencies::of(complete.item(j)));
            close(item, description.mean.unwrap(), theirs["mean"][j].as_f64().unwrap(), CLOSED);
            close(item, description.sd.unwrap(), theirs["sd"][j].as_f64().unwrap(), CLOSED);
        }
    }
}

#[test]
pub fn items_under_pairwise_deletion_agree_with_psych() {
    let theirs = expected("reliability_bfi.json");
    for (name, data) in bfi_scales() {
        let theirs = &theirs[name]["pairwise"]["item"];
        for (j, fit) in item_fit(&data, &Moments::pairwise(&data).unwrap(), 0.95).iter().enumerate() {
            let item = &fit.item;
            same(&format!("{item} item-rest"), &fit.item_rest, &theirs["r_drop"][j], CLOSED);
            same(&format!("{item} raw r"), &fit.raw_r, &theirs["raw_r"][j], CLOSED);
            same(&format!("{item} corrected r"), &fit.r_cor, &theirs["r_cor"][j], CLOSED);
        }
    }
}

#[test]
pub fn items_of_the_wai_sr_agree_with_psych() {
    let theirs = expected("reliability_wai_sr.json");
    for (name, moments) in wai_sr_scales() {
        let theirs = &theirs[name]["item"];
        // Only moments are published; under listwise deletion they are all that is needed.
        let nobody = alliance_metrics::moments::ItemMatrix::from_rows(moments.items.clone(), &[]);
        for (j, fit) in item_fit(&nobody, &moments, 0.95).iter().enumerate() {
            same(&format!("{name} {j} item-rest"), &fit.item_rest, &theirs["r_drop"][j], CLOSED);
            same(&format!("{name} {j} raw r"), &fit.raw_r, &theirs["raw_r"][j], CLOSED);
            same(&format!("{name} {j} corrected r"), &fit.r_cor, &theirs["r_cor"][j], CLOSED);
            close(name, moments.mean[j], theirs["mean"][j].as_f64().unwrap(), CLOSED);
            close(name, moments.covariance[(j, j)].sqrt(), theirs["sd"][j].as_f64().unwrap(), CLOSED);
        }
    }
}

#[test]
fn items_of_twelve_persons_agree_with_printed_values() {
    let data = twelve_persons();
    let fit = item_fit(&data, &Moments::listwise(&data).unwrap(), 0.95);
    let printed = [
        [0.9121615, 0.9168930, 0.9116788, 0.8718142],
        [0.7152392, 0.7437626, 0.6540390, 0.6327089],
        [0.9142319, 0.8962877, 0.8830150, 0.8488544],
        [0.9366521, 0.9352160, 0.9373611, 0.9059153],
        [0.8206647, 0.8172635, 0.7813102, 0.7418770],
        [0.8107077, 0.8071698, 0.7659289, 0.7240251],
    ];
    for (fit, theirs) in fit.iter().zip(printed) {
        for (ours, theirs) in [fit.raw_r, fit.std_r, fit.r_cor, fit.item_rest].iter().zip(theirs) {
            close(&fit.item, ours.estimate.unwrap(), theirs, PRINTED);
        }
    }
    let totals: Vec<f64> = data.values().row_iter().map(|row| row.sum()).collect();
    let shape = describe(&Frequencies::of(&totals)).shape;
    let theirs = [
        (shape.skew_type1, 0.1154336),
        (shape.kurtosis_type1, -0.6378301),
        (shape.skew_type2, 0.1326231),
        (shape.kurtosis_type2, -0.2801078),
        (shape.skew_type3, 0.1013093),
        (shape.kurtosis_type3, -1.0151211),
    ];
    for (ours, theirs) in theirs {
        close("shape", ours.estimate.unwrap(), theirs, PRINTED);
    }
}

const ALL_ITEMS: [&str; 25] = [
    "A1", "A2", "A3", "A4", "A5", "C1", "C2", "C3", "C4", "C5", "E1", "E2", "E3", "E4", "E5", "N1", "N2",
    "N3", "N4", "N5", "O1", "O2", "O3", "O4", "O5",
];

#[test]
pub fn descriptives_of_the_bfi_agree_with_psych() {
    let theirs = expected("descriptives_bfi.json");
    let data = bfi(&ALL_ITEMS);
    for (j, item) in ALL_ITEMS.iter().enumerate() {
        let ours = describe(&Frequencies::of(data.item(j)));
        let number = |table: &str, column: &str| theirs[table][column][j].as_f64().unwrap();
        assert_eq!(ours.n as f64, number("describe2", "n"));
        let plain = [
            ("mean", ours.mean),
            ("sd", ours.sd),
            ("median", ours.median),
            ("min", ours.min),
            ("max", ours.max),
            ("se", ours.sd.map(|sd| sd / (ours.n as f64).sqrt())),
        ];
        for (column, ours) in plain {
            close(&format!("{item} {column}"), ours.unwrap(), number("describe2", column), CLOSED);
        }
        let shapes = [
            ("describe2", "skew", ours.shape.skew_type2),
            ("describe2", "kurtosis", ours.shape.kurtosis_type2),
            ("describe3", "skew", ours.shape.skew_type3),
            ("describe3", "kurtosis", ours.shape.kurtosis_type3),
        ];
        for (table, column, ours) in shapes {
            close(&format!("{item} {column}"), ours.estimate.unwrap(), number(table, column), CLOSED);
        }
    }
}

#[test]
pub fn mardia_agrees_with_psych() {
    let theirs = expected("descriptives_bfi.json");
    let data = bfi(&ALL_ITEMS);
    let number = |table: &str, key: &str| theirs[table][key].as_f64().unwrap();
    let ours = mardia(&data, Divisor::NMinusOne).unwrap();
    assert_eq!((ours.n, ours.k), (2436, 25));
    for (key, ours) in
        [("b1p", ours.b1p), ("skew", ours.skew), ("b2p", ours.b2p), ("kurtosis", ours.kurtosis)]
    {
        close(key, ours, number("mardia", key), CLOSED);
    }
    let ours = mardia(&data, Divisor::N).unwrap();
    close("b1p", ours.b1p, number("mardia_n", "b1p"), CLOSED);
    close("b2p", ours.b2p, number("mardia_n", "b2p"), CLOSED);
}
