//! Laws of agreement: what must hold whatever the ratings are.

use alliance_metrics::agreement::{
    CategoryList, Chance, Coded, Confusion, IccConfig, IccForm, KrippendorffConfig, MeanSquares, Metric,
    Null, Ratings, Weights, chance_corrected, finn, icc, kappa, kendall, krippendorff, light, within_group,
    within_points,
};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::statistic::Estimate;
use proptest::prelude::*;

const WEIGHTS: [Weights; 3] = [Weights::Identity, Weights::Linear, Weights::Quadratic];

fn softa() -> CategoryList {
    CategoryList::whole(-3, 3)
}

fn complete(most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2..5usize, 2..most).prop_flat_map(|(raters, units)| {
        prop::collection::vec(prop::collection::vec((-3..=3i8).prop_map(f64::from), raters), units)
    })
}

/// Ratings as they may come: gaps, constants, one unit, one rater, nothing.
fn anything() -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
    let cell =
        prop_oneof![3 => (-3..=3i8).prop_map(|c| Some(f64::from(c))), 2 => Just(Some(3.0)), 2 => Just(None)];
    (0..5usize, 0..8usize).prop_flat_map(move |(raters, units)| {
        prop::collection::vec(prop::collection::vec(cell.clone(), raters), units)
    })
}

fn ratings(rows: &[Vec<f64>]) -> Ratings {
    Ratings::from_rows(&rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect::<Vec<_>>())
}

fn coded(ratings: &Ratings, categories: &CategoryList) -> Coded {
    Coded::new(ratings, categories).unwrap()
}

fn forms(ratings: &Ratings) -> Vec<Estimate> {
    let icc = icc(&MeanSquares::of(ratings).unwrap(), &IccConfig::default());
    IccForm::ALL.map(|form| icc.form(form)).to_vec()
}

fn alpha(ratings: &Ratings, metric: Metric) -> Option<f64> {
    krippendorff(ratings, &KrippendorffConfig { metric, draws: 0, ..Default::default() }).value.estimate
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9 * a.abs().max(1.0),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// An estimate or a reason, limits around the estimate, and no number that is none.
fn sound(what: &str, value: &Estimate) {
    assert!(value.estimate.is_some() || value.reason.is_some(), "{what}: {value:?}");
    let text = format!("{value:?}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{what}: {value:?}");
    if let (Some(low), Some(at), Some(high)) = (value.lower, value.estimate, value.upper)
        && value.interval != Some("bootstrap_percentile")
    {
        assert!(low <= at + 1e-12 && at <= high + 1e-12, "{what}: {value:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_consistency_of_means_is_alpha(rows in complete(12)) {
        let k = rows[0].len() as f64;
        let variance = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
        };
        let total = variance(&rows.iter().map(|row| row.iter().sum()).collect::<Vec<f64>>());
        let items: f64 = (0..rows[0].len()).map(|j| variance(&rows.iter().map(|row| row[j]).collect::<Vec<_>>())).sum();
        let ours = forms(&ratings(&rows))[5].estimate;
        match ours {
            Some(ours) => prop_assert!((ours - k / (k - 1.0) * (1.0 - items / total)).abs() < 1e-9),
            None => prop_assert!(total < 1e-20),
        }
    }

    #[test]
    fn units_may_stand_in_any_order_and_ratings_on_any_line(rows in complete(10), shift in -5..5i8, scale in 1..5u8) {
        let turned: Vec<Vec<f64>> = rows
            .iter()
            .rev()
            .map(|row| row.iter().map(|x| f64::from(shift) + f64::from(scale) * x).collect())
            .collect();
        for (ours, theirs) in forms(&ratings(&rows)).iter().zip(forms(&ratings(&turned))) {
            prop_assert!(same(ours.estimate, theirs.estimate), "{:?} {:?}", ours, theirs);
            // Limits that lie far out hang on the last bits of mean squares that nearly cancel.
            if ours.lower.is_some_and(|lower| lower > -100.0) {
                prop_assert!(same(ours.lower, theirs.lower), "{:?} {:?}", ours, theirs);
            }
        }
        for metric in [Metric::Nominal, Metric::Ordinal, Metric::Interval] {
            prop_assert!(same(alpha(&ratings(&rows), metric), alpha(&ratings(&turned), metric)));
        }
        let (ours, theirs) = (kendall(&ratings(&rows)), kendall(&ratings(&turned)));
        prop_assert!(same(ours.value.estimate, theirs.value.estimate));
    }

    #[test]
    fn the_forms_are_ordered(rows in complete(10)) {
        // One rating is never better than the mean of k, if units differ more than raters do within them.
        let forms = forms(&ratings(&rows));
        for (single, mean) in [(0, 3), (1, 4), (2, 5)] {
            if let (Some(single), Some(mean)) = (forms[single].estimate, forms[mean].estimate)
                && single > 0.0
            {
                prop_assert!(mean >= single - 1e-12);
                let k = rows[0].len() as f64;
                prop_assert!((mean - k * single / (1.0 + (k - 1.0) * single)).abs() < 1e-9, "Spearman and Brown");
            }
        }
    }

    #[test]
    fn categories_that_nobody_used_change_kappa_and_alpha_not_at_all(rows in complete(12)) {
        let ratings = ratings(&rows);
        let (declared, observed) = (coded(&ratings, &CategoryList::whole(-9, 9)), coded(&ratings, &softa()));
        let cohen = |coded: &Coded, weights: &Weights| kappa(&Confusion::of(coded, 0, 1), weights, 0.95).unwrap();
        for weights in &WEIGHTS {
            prop_assert!(same(cohen(&declared, weights).value.estimate, cohen(&observed, weights).value.estimate));
            prop_assert!(same(cohen(&declared, weights).value.se, cohen(&observed, weights).value.se));
            for chance in [Chance::Fleiss, Chance::Conger, Chance::Krippendorff] {
                let of = |coded| chance_corrected(coded, chance, weights, 0.95).unwrap().value;
                prop_assert!(same(of(&declared).estimate, of(&observed).estimate));
            }
        }
    }

    #[test]
    fn two_raters_with_their_own_margins_are_cohens(rows in complete(15)) {
        let coded = coded(&ratings(&rows).of_raters(&[0, 1]), &softa());
        for weights in &WEIGHTS {
            let conger = chance_corrected(&coded, Chance::Conger, weights, 0.95).unwrap();
            let cohen = kappa(&Confusion::of(&coded, 0, 1), weights, 0.95).unwrap();
            let turned = kappa(&Confusion::of(&coded, 1, 0), weights, 0.95).unwrap();
            prop_assert!(same(conger.value.estimate, cohen.value.estimate));
            prop_assert!(same(turned.value.estimate, cohen.value.estimate));
            prop_assert!(same(light(&coded, weights).unwrap().value.estimate, cohen.value.estimate));
        }
    }

    #[test]
    fn quadratic_kappa_is_the_agreement_form_with_n_for_n_less_one(rows in complete(15)) {
        let two = ratings(&rows).of_raters(&[0, 1]);
        let table = MeanSquares::of(&two).unwrap();
        let kappa = kappa(&Confusion::of(&coded(&two, &softa()), 0, 1), &Weights::Quadratic, 0.95).unwrap();
        // 2 n cov / (n var + n var + n d²), sums of squares from the mean squares.
        let n = table.n as f64;
        let (units, residual) = (table.units * (n - 1.0), table.residual * (n - 1.0));
        if let Some(kappa) = kappa.value.estimate {
            prop_assert!((kappa - (units - residual) / (units + residual + 2.0 * table.raters)).abs() < 1e-9);
        }
    }

    #[test]
    fn alpha_in_weights_is_alpha(rows in anything()) {
        let ratings = Ratings::from_rows(&rows);
        let coded = coded(&ratings, &softa());
        for (metric, weights) in [(Metric::Nominal, Weights::Identity), (Metric::Interval, Weights::Quadratic)] {
            let weighted = chance_corrected(&coded, Chance::Krippendorff, &weights, 0.95).unwrap().value.estimate;
            prop_assert!(same(alpha(&ratings, metric), weighted));
        }
    }

    #[test]
    fn who_rated_does_not_matter_to_those_that_say_so(rows in anything()) {
        let turned: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
        let (ours, theirs) = (Ratings::from_rows(&rows), Ratings::from_rows(&turned));
        for chance in Chance::ALL {
            let of = |ratings| chance_corrected(&coded(ratings, &softa()), chance, &Weights::Linear, 0.95).unwrap().value;
            prop_assert!(same(of(&ours).estimate, of(&theirs).estimate));
            prop_assert!(same(of(&ours).se, of(&theirs).se));
        }
        prop_assert_eq!(within_points(&ours, 1.0), within_points(&theirs, 1.0));
    }

    #[test]
    fn whatever_comes_there_is_a_number_or_a_reason(rows in anything(), codes in 0..9i32) {
        let ratings = Ratings::from_rows(&rows);
        let categories = softa();
        let coded = coded(&ratings, &categories);
        for chance in Chance::ALL {
            for weights in &WEIGHTS {
                sound("chance", &chance_corrected(&coded, chance, weights, 0.95).unwrap().value);
            }
        }
        for weights in &WEIGHTS {
            sound("kappa", &kappa(&Confusion::of(&coded, 0, 1), weights, 0.95).unwrap().value);
            sound("light", &light(&coded, weights).unwrap().value);
        }
        for metric in Metric::ALL {
            sound("alpha", &krippendorff(&ratings, &KrippendorffConfig { metric, draws: 20, ..Default::default() }).value);
        }
        sound("kendall", &kendall(&ratings).value);
        sound("pairs", &within_points(&ratings, 1.0).of_pairs);
        sound("finn", &finn(&ratings, &categories, &Null::Uniform).unwrap());
        let within = within_group(&ratings, &categories, &Null::Shares(vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0])).unwrap();
        within.rwg.iter().chain(&within.awg).chain(&within.ad).for_each(|value| sound("item", value));
        [within.rwg_j, within.r_star, within.awg_mean, within.ad_mean].iter().for_each(|value| sound("scale", value));
        if let Ok(table) = MeanSquares::of(&ratings) {
            icc(&table, &IccConfig::default()).forms.iter().for_each(|form| sound(form.form.id(), &form.value));
        }
        // Other numbers of categories than there are: an error or a number, never a stop.
        let few = CategoryList::whole(-4, -4 + codes);
        if let Ok(coded) = Coded::new(&ratings, &few) {
            for chance in Chance::ALL {
                sound("few", &chance_corrected(&coded, chance, &Weights::Linear, 0.95).unwrap().value);
            }
        }
    }

    #[test]
    fn a_seed_is_a_result(rows in complete(12), seed in 0..100u64) {
        let config = KrippendorffConfig { draws: 30, seed, ..Default::default() };
        prop_assert_eq!(krippendorff(&ratings(&rows), &config), krippendorff(&ratings(&rows), &config));
    }
}

#[test]
fn the_standard_errors_agree_with_the_jackknife() {
    let mut stream = Stream::new(5, 0);
    let rows: Vec<Vec<Option<f64>>> = (0..60)
        .map(|_| {
            let truth = 1.5 * stream.normal();
            let mut rate = |lift: f64| {
                (stream.unit() < 0.85)
                    .then(|| (truth + lift + 0.6 * stream.normal()).round().clamp(-3.0, 3.0))
            };
            vec![rate(0.0), rate(0.4), rate(-0.3)]
        })
        // A unit rated once is part of Gwet's variance, and not of the jackknife of its agreement.
        .filter(|row: &Vec<Option<f64>>| row.iter().flatten().count() > 1)
        .collect();
    let of = |rows: &[Vec<Option<f64>>], chance, weights: &Weights| {
        chance_corrected(&coded(&Ratings::from_rows(rows), &softa()), chance, weights, 0.95).unwrap().value
    };
    for chance in Chance::ALL {
        for weights in &WEIGHTS {
            let without = |unit: usize| {
                let left: Vec<_> = rows
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != unit)
                    .map(|(_, row)| row.clone())
                    .collect();
                of(&left, chance, weights).estimate.unwrap()
            };
            let left: Vec<f64> = (0..rows.len()).map(without).collect();
            let n = left.len() as f64;
            let mean = left.iter().sum::<f64>() / n;
            let jackknife =
                ((n - 1.0) / n * left.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()).sqrt();
            let se = of(&rows, chance, weights).se.unwrap();
            assert!((se / jackknife - 1.0).abs() < 0.06, "{chance:?} {}: {se} {jackknife}", weights.id());
        }
    }
}

/// Intervals of 95 % that cover the truth between 92 % and 98 % of the time; 400 samples leave 1.1 % of noise.
#[test]
fn intervals_cover() {
    const SAMPLES: u64 = 400;
    let mut hits = [0u32; 4];
    for sample in 0..SAMPLES {
        let mut stream = Stream::new(77, sample);
        // Units 1, raters 0.25, residual 0.75: ICC(A,1) = 0.5; with the same raters ICC(C,1) = 1/1.75.
        let lift: Vec<f64> = (0..4).map(|_| 0.5 * stream.normal()).collect();
        let rows: Vec<Vec<f64>> = (0..20)
            .map(|_| {
                let unit = stream.normal();
                lift.iter().map(|lift| unit + lift + 0.75f64.sqrt() * stream.normal()).collect()
            })
            .collect();
        let forms = forms(&ratings(&rows));
        // Raters who guess with probability 0.4 among two categories, else see the truth: alpha and Fleiss = 0.36.
        let coded_rows: Vec<Vec<f64>> = (0..60)
            .map(|_| {
                let truth = stream.below(2) as f64;
                (0..3).map(|_| if stream.unit() < 0.4 { stream.below(2) as f64 } else { truth }).collect()
            })
            .collect();
        let binary = ratings(&coded_rows);
        let fleiss = chance_corrected(
            &coded(&binary, &CategoryList::whole(0, 1)),
            Chance::Fleiss,
            &Weights::Identity,
            0.95,
        );
        let config =
            KrippendorffConfig { metric: Metric::Nominal, draws: 300, seed: sample, ..Default::default() };
        let alpha = krippendorff(&binary, &config).value;
        let covered = |value: &Estimate, truth: f64| {
            u32::from(value.lower <= Some(truth) && Some(truth) <= value.upper)
        };
        hits[0] += covered(&forms[1], 0.5);
        hits[1] += covered(&forms[2], 1.0 / 1.75);
        hits[2] += covered(&fleiss.unwrap().value, 0.36);
        hits[3] += covered(&alpha, 0.36);
    }
    for (what, hits) in ["ICC(A,1)", "ICC(C,1)", "Fleiss", "alpha"].iter().zip(hits) {
        let share = f64::from(hits) / SAMPLES as f64;
        assert!((0.92..=0.98).contains(&share), "{what} covers {share}");
    }
}
