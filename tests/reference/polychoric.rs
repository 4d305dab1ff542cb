//! Polychoric correlations, beside R.

use alliance_metrics::moments::{
    Categories, EmptyCells, Metric, Missing, PolychoricConfig, Smoothing, polychoric,
};
use alliance_metrics::statistic::{Reason, Stop};

use super::moments::{bfi, items};
use super::{close, expected};

/// lavaan's search for each correlation ends there.
const POLYCHORIC: f64 = 3e-5;
/// polycor prints as many digits.
const PRINTED: f64 = 5e-5;

/// Answers 1–6 of some bfi items (reversed where they are) as codes.
fn codes(columns: &[usize], persons: usize) -> Categories {
    let data = bfi().columns(columns);
    let code = |x: &f64| if x.is_nan() { 255 } else { *x as u8 - 1 };
    let column = |j: usize| data.item(j).iter().take(persons).map(code).collect();
    let k = data.k();
    Categories::new(data.items.clone(), vec![6; k], (0..k).map(column).collect()).unwrap()
}

fn table(counts: &[&[usize]]) -> Categories {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for (row, counts) in counts.iter().enumerate() {
        for (column, count) in counts.iter().enumerate() {
            a.extend(std::iter::repeat_n(row as u8, *count));
            b.extend(std::iter::repeat_n(column as u8, *count));
        }
    }
    let declared = vec![counts.len() as u8, counts[0].len() as u8];
    Categories::new(items(2), declared, vec![a, b]).unwrap()
}

#[test]
pub fn fifteen_items_are_those_of_lavaan() {
    let theirs = expected("ordinal_bfi15.json");
    let data = codes(&(0..25).collect::<Vec<_>>(), 2800).complete();
    let fifteen = (0..15).map(|j| data.item(j).to_vec()).collect();
    let data = Categories::new(data.items[..15].to_vec(), vec![6; 15], fifteen).unwrap();
    let ours = polychoric(&data, &PolychoricConfig::default()).unwrap();
    assert_eq!(ours.n as u64, theirs["n"].as_u64().unwrap());
    assert_eq!(ours.fit.stop, Stop::Converged);
    assert!(ours.positive_definite && !ours.smoothed);
    for (j, item) in ours.items.iter().enumerate() {
        for (t, threshold) in ours.thresholds[j].iter().enumerate() {
            let name = format!("{item}|t{}", t + 1);
            close(&name, *threshold, theirs["thresholds"][&name].as_f64().unwrap(), 1e-10);
        }
        for i in 0..15 {
            let theirs = theirs["polychoric"][i][j].as_f64().unwrap();
            close(item, ours.correlation[(i, j)], theirs, POLYCHORIC);
        }
    }
    let moments = ours.moments();
    assert_eq!((moments.metric, moments.n), (Metric::Polychoric, 2436));
    for (s, scale) in ["agree", "consc", "extra"].into_iter().enumerate() {
        let c = moments.select(&(5 * s..5 * s + 5).collect::<Vec<_>>()).covariance;
        let alpha = 1.25 * (1.0 - c.trace() / c.sum());
        close(scale, alpha, theirs["ordinal_alpha"][scale].as_f64().unwrap(), POLYCHORIC);
    }
}

/// polycor 0.8-1 (two-step, with the error of the correlation alone).
#[test]
fn a_table_of_three_by_three_is_that_of_polycor() {
    let data = table(&[&[20, 10, 2], &[8, 25, 12], &[1, 9, 13]]);
    let ours = polychoric(&data, &PolychoricConfig::default()).unwrap();
    close("rho", ours.correlation[(0, 1)], 0.6502, PRINTED);
    close("se", ours.pairs[0].se.unwrap(), 0.07495, PRINTED);
    for (ours, theirs) in ours.thresholds.concat().iter().zip([-0.4676988, 0.7388468, -0.5533847, 0.6128130])
    {
        close("threshold", *ours, theirs, 1e-6);
    }
}

/// The first thousand rows, five items without gaps: lavaan 0.6-14 and psych 2.2.9.
#[test]
fn lavaan_and_psych_agree_on_a_thousand_rows() {
    let ours = polychoric(&codes(&[0, 1, 2, 3, 4], 1000), &PolychoricConfig::default()).unwrap();
    assert_eq!(ours.n, 969);
    for ((a, b), lavaan, psych) in
        [((0, 1), 0.3753582, 0.3753711), ((1, 2), 0.5269850, 0.5269894), ((2, 4), 0.5247711, 0.5247701)]
    {
        close("lavaan", ours.correlation[(a, b)], lavaan, POLYCHORIC);
        close("psych", ours.correlation[(a, b)], psych, POLYCHORIC);
    }
}

/// lavaan 0.6-14.
#[test]
fn tables_of_two_by_two_are_those_of_lavaan() {
    for ([a, b, c, d], theirs) in [
        ([20, 5, 10, 15], 0.6070728129),
        ([20, 0, 10, 15], 0.8847211833),
        ([20, 5, 0, 15], 0.9427631918),
        ([20, 5, 10, 0], -0.3985207396),
        ([1, 0, 1, 30], 0.6836485678),
        ([20, 0, 0, 15], 1.0),
        ([0, 5, 10, 0], -1.0),
    ] {
        let ours = polychoric(&table(&[&[a, b], &[c, d]]), &PolychoricConfig::default()).unwrap();
        close("rho", ours.correlation[(0, 1)], theirs, POLYCHORIC);
    }
    let leave = PolychoricConfig { empty_cells: EmptyCells::Leave, ..PolychoricConfig::default() };
    assert!(polychoric(&table(&[&[20, 0], &[10, 15]]), &leave).unwrap().pairs[0].boundary);
}

#[test]
fn gaps_pair_by_pair() {
    let data = codes(&[0, 1, 2], 2800);
    let config = PolychoricConfig { missing: Missing::Pairwise, ..PolychoricConfig::default() };
    let ours = polychoric(&data, &config).unwrap();
    let pair = polychoric(&codes(&[0, 1], 2800), &PolychoricConfig::default()).unwrap();
    assert_eq!(ours.pairs[0].n, pair.n);
    // Thresholds come of all who answered an item, so the two differ a little.
    close("rho", ours.correlation[(0, 1)], pair.correlation[(0, 1)], 3e-3);
    assert!(ours.moments().pairs.is_some_and(|(fewest, most)| fewest == ours.n && most > fewest));
}

#[test]
fn categories_that_nobody_chose_are_dropped() {
    let codes = vec![vec![0, 2, 2, 4, 4, 0, 2, 4], vec![1, 1, 2, 2, 2, 1, 1, 2]];
    let data = Categories::new(items(2), vec![5, 3], codes.clone()).unwrap();
    let ours = polychoric(&data, &PolychoricConfig::default()).unwrap();
    assert_eq!(ours.used, [vec![0, 2, 4], vec![1, 2]]);
    let closer = codes.iter().zip([[0, 9, 1, 9, 2], [9, 0, 1, 9, 9]]);
    let closer: Vec<Vec<u8>> =
        closer.map(|(codes, to)| codes.iter().map(|code| to[usize::from(*code)]).collect()).collect();
    let same = Categories::new(items(2), vec![3, 2], closer).unwrap();
    let same = polychoric(&same, &PolychoricConfig::default()).unwrap();
    assert_eq!(ours.correlation, same.correlation);
}

#[test]
fn what_cannot_be_had_says_why() {
    let of = |codes: Vec<Vec<u8>>, config: &PolychoricConfig| {
        let k = codes.len();
        polychoric(&Categories::new(items(k), vec![3; k], codes).unwrap(), config)
    };
    let config = PolychoricConfig::default();
    let reason = |codes, config: &PolychoricConfig| of(codes, config).unwrap_err().reason;
    assert_eq!(reason(vec![vec![0, 1]], &config), Reason::TooFew);
    assert_eq!(reason(vec![vec![0, 255], vec![255, 1]], &config), Reason::TooFew);
    assert_eq!(reason(vec![vec![0, 1, 1], vec![2, 2, 2]], &config), Reason::NoVariability);
    let em = PolychoricConfig { missing: Missing::Em, ..config };
    assert_eq!(reason(vec![vec![0, 1], vec![0, 1]], &em), Reason::NotApplicable);
    let outside = Categories::new(items(1), vec![3], vec![vec![0, 3]]);
    assert_eq!(outside.unwrap_err().reason, Reason::NotApplicable);

    // The same item twice: a correlation of one, without an error, and a matrix that can be smoothed.
    let item = vec![0, 1, 2, 1, 0, 2, 1, 1, 0, 2];
    let turned: Vec<u8> = item.iter().map(|code| 2 - code).collect();
    let codes = vec![item.clone(), item, turned];
    let ours = of(codes.clone(), &config).unwrap();
    assert_eq!((ours.correlation[(0, 1)], ours.correlation[(0, 2)]), (1.0, -1.0));
    assert!(ours.pairs.iter().all(|pair| pair.boundary && pair.se.is_none()));
    assert!(!ours.positive_definite && !ours.smoothed);
    let smooth = of(codes, &PolychoricConfig { smoothing: Smoothing::WhereNeeded, ..config }).unwrap();
    assert!(smooth.smoothed && (smooth.correlation[(0, 1)] - 1.0).abs() < 1e-9);
}
