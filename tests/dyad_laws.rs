//! Laws of pairs and dyads: what must hold whatever the scores are.

use alliance_metrics::agreement::{
    Concordance, IccConfig, IccForm, Limits, MeanSquares, PairMoments, Ratings, concordance, double_entry,
    icc, icc_reml, limits_of_agreement, limits_over_sessions, pair_correlation, paired_difference,
    rater_drift,
};
use alliance_metrics::dyad::{
    ActorPartnerConfig, Attendance, DriftConfig, Quartet, SessionPair, SurfaceConfig, Triple,
    TruthBiasConfig, Varies, actor_partner, congruence, drift, pair_roles, profile_similarity,
    response_surface, truth_and_bias,
};
use alliance_metrics::nested::Status;
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::statistic::Estimate;
use proptest::prelude::*;

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![6 => (2..=14u8).prop_map(|half| f64::from(half) / 2.0), 1 => Just(7.0), 1 => Just(f64::NAN)]
}

fn pairs(most: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((score(), score()), 0..most)
}

fn sessions() -> impl Strategy<Value = Vec<Vec<SessionPair>>> {
    let pair = (score(), score());
    prop::collection::vec(prop::collection::vec(pair, 0..6), 0..8).prop_map(|dyads| {
        let session =
            |(at, (first, second)): (usize, (f64, f64))| SessionPair { session: at as f64, first, second };
        dyads.into_iter().map(|dyad| dyad.into_iter().enumerate().map(session).collect()).collect()
    })
}

fn sound(what: &str, value: &Estimate) {
    assert!(value.estimate.is_some() || value.reason.is_some(), "{what}: {value:?}");
    clean(what, value);
    if let (Some(low), Some(at), Some(high)) = (value.lower, value.estimate, value.upper) {
        assert!(low <= at && at <= high, "{what}: {value:?}");
    }
}

/// No number in it is NaN or infinite.
fn clean(what: &str, value: &impl std::fmt::Debug) {
    let text = format!("{value:?}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{what}: {text}");
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn limits(moments: &PairMoments) -> Limits {
    limits_of_agreement(moments, 0.95)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn moments_know_the_table_they_come_from(pairs in pairs(12)) {
        let complete: Vec<(f64, f64)> = pairs.iter().copied().filter(|(a, b)| !a.is_nan() && !b.is_nan()).collect();
        let rows: Vec<[f64; 2]> = complete.iter().map(|(a, b)| [*a, *b]).collect();
        let moments = PairMoments::of(&pairs);
        let (ours, theirs) = (moments.mean_squares(), MeanSquares::of(&Ratings::from_table(&rows)));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            for (a, b) in [(ours.units, theirs.units), (ours.within, theirs.within), (ours.raters, theirs.raters), (ours.residual, theirs.residual)] {
                prop_assert!((a - b).abs() < 1e-10);
            }
        }
        let sum = |f: &dyn Fn(&(f64, f64)) -> f64| complete.iter().map(f).sum::<f64>();
        let given = PairMoments::from_sums(
            complete.len(),
            [sum(&|p| p.0), sum(&|p| p.1)],
            [sum(&|p| p.0 * p.0), sum(&|p| p.1 * p.1)],
            sum(&|p| p.0 * p.1),
        );
        prop_assert!((given.covariance - moments.covariance).abs() < 1e-9);
    }

    #[test]
    fn exchanging_the_sides_turns_the_difference_and_leaves_agreement(pairs in pairs(12)) {
        let turned: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
        let (ours, theirs) = (PairMoments::of(&pairs), PairMoments::of(&turned));
        let minus = |x: Option<f64>| x.map(|x| -x);
        prop_assert!(same(limits(&ours).lower.estimate, minus(limits(&theirs).upper.estimate)));
        prop_assert!(same(paired_difference(&ours, 0.95).t, minus(paired_difference(&theirs, 0.95).t)));
        prop_assert!(same(pair_correlation(&ours, 0.95).r.estimate, pair_correlation(&theirs, 0.95).r.estimate));
        prop_assert!(same(concordance(&ours, 0.95).value.lower, concordance(&theirs, 0.95).value.lower));
        prop_assert!(same(double_entry(&ours).estimate, double_entry(&theirs).estimate));
    }

    #[test]
    fn concordance_is_no_more_than_correlation(pairs in pairs(12)) {
        let moments = PairMoments::of(&pairs);
        let Concordance { value, precision, .. } = concordance(&moments, 0.95);
        if let (Some(c), Some(r)) = (value.estimate, precision) {
            prop_assert!(c.abs() <= r.abs() + 1e-12);
        }
        // The double entry stands every pair twice, once each way.
        let twice: Vec<(f64, f64)> = pairs.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]).collect();
        let by_hand = PairMoments::of(&twice).correlation();
        if moments.n > 1 {
            prop_assert!(same(double_entry(&moments).estimate, by_hand));
        }
    }

    #[test]
    fn whatever_comes_pairs_have_a_number_or_a_reason(pairs in pairs(8)) {
        let moments = PairMoments::of(&pairs);
        let found = limits(&moments);
        [found.bias, found.lower, found.upper].iter().for_each(|value| sound("limits", value));
        sound("r", &pair_correlation(&moments, 0.95).r);
        sound("difference", &paired_difference(&moments, 0.95).mean);
        sound("Lin", &concordance(&moments, 0.95).value);
        sound("double entry", &double_entry(&moments));
        clean("difference", &paired_difference(&moments, 0.95));
        clean("Lin", &concordance(&moments, 0.95));
        clean("limits", &found);
        if let Ok(table) = moments.mean_squares() {
            icc(&table, &IccConfig::default()).forms.iter().for_each(|form| sound(form.form.id(), &form.value));
        }
    }

    #[test]
    fn whatever_comes_dyads_have_a_number_or_a_reason(dyads in sessions()) {
        let together = congruence(&dyads, 0.95);
        for dyad in &together.dyads {
            sound("raw", &dyad.raw);
            sound("detrended", &dyad.detrended);
        }
        for value in [together.raw.fisher, together.detrended.fisher, together.within, together.between] {
            sound("together", &value);
        }
        let differences: Vec<Vec<f64>> =
            dyads.iter().map(|dyad| dyad.iter().map(SessionPair::difference).collect()).collect();
        let over = limits_over_sessions(&differences, 0.95);
        [over.bias, over.lower, over.upper].iter().for_each(|value| sound("over sessions", value));
        if let Ok(fit) = truth_and_bias(&dyads, &TruthBiasConfig { least_dyads: Some(2), ..Default::default() }) {
            clean("truth", &fit);
        }
        if let Ok(fit) = drift(&dyads, &DriftConfig { least_dyads: 2, ..Default::default() }) {
            clean("drift", &fit);
        }
        let rows: Vec<(f64, f64)> = dyads.iter().flatten().map(|at| (at.first, at.second)).collect();
        let answers = |second: bool| -> Vec<Option<f64>> {
            rows.iter().map(|(a, b)| Some(if second { *b } else { *a }).filter(|x| !x.is_nan())).collect()
        };
        let alike = profile_similarity(&answers(false), &answers(true), None);
        for value in [alike.correlation, alike.intraclass, alike.distinctive] {
            sound("profile", &value);
        }
        if let Some(distance) = alike.distance {
            let parts = alike.elevation.unwrap() + alike.scatter.unwrap() + alike.shape.unwrap();
            prop_assert!((distance - parts).abs() < 1e-9, "{distance} {parts}");
        }
    }

    #[test]
    fn models_of_dyads_end_in_numbers_or_errors(rows in prop::collection::vec(prop::array::uniform4(score()), 0..16)) {
        let quartets: Vec<Quartet> =
            rows.iter().map(|[a, b, c, d]| Quartet { rating: [*a, *b], outcome: [*c, *d] }).collect();
        let config = ActorPartnerConfig { least_dyads: 0, draws: 20, ..Default::default() };
        if let Ok(model) = actor_partner(&quartets, &config) {
            clean("actor", &model);
        }
        let triples: Vec<Triple> = rows.iter().map(|[a, b, c, _]| Triple { rating: [*a, *b], outcome: *c }).collect();
        if let Ok(surface) = response_surface(&triples, &SurfaceConfig { least_dyads: 0, ..Default::default() }) {
            clean("surface", &surface);
        }
    }

    #[test]
    fn every_row_is_in_a_pair_or_told_why(rows in prop::collection::vec((0..4usize, 0..3usize, 0..4u8), 0..30)) {
        let rows: Vec<Attendance> = rows
            .into_iter()
            .enumerate()
            .map(|(row, (dyad, role, session))| Attendance { dyad, role, session: f64::from(session), row })
            .collect();
        let pairing = pair_roles(&rows, 0, 1);
        let told = 2 * pairing.pairs.len() + pairing.unpaired.len();
        prop_assert_eq!(told, rows.iter().filter(|row| row.role < 2).count());
        let other = pair_roles(&rows, 1, 0);
        prop_assert_eq!(other.pairs.len(), pairing.pairs.len());
        prop_assert_eq!(other.unpaired, pairing.unpaired.clone());
        for pair in &pairing.pairs {
            prop_assert_eq!((rows[pair.first].role, rows[pair.second].role), (0, 1));
            prop_assert_eq!((rows[pair.first].dyad, rows[pair.second].dyad), (pair.dyad, pair.dyad));
        }
        prop_assert_eq!(pairing.first_of_each().len(), pairing.dyads());
    }

    #[test]
    fn a_rater_drifts_as_the_others_do_not(shift in -3..3i8, slope in -2..3i8) {
        let rows: Vec<[f64; 3]> = (0..8)
            .map(|t| {
                let (t, truth) = (f64::from(t), f64::from((t * 5) % 7));
                [truth + f64::from(shift) + f64::from(slope) * t, truth - 0.25, truth + 0.25]
            })
            .collect();
        let time: Vec<f64> = (0..8).map(f64::from).collect();
        let drift = rater_drift(&Ratings::from_table(&rows), &time, 0, 0.95);
        prop_assert!((drift.slope.estimate.unwrap() - f64::from(slope)).abs() < 1e-9);
    }
}

#[test]
fn complete_ratings_have_the_same_components_by_both_ways() {
    let table = [
        [9.0, 2.0, 5.0, 8.0],
        [6.0, 1.0, 3.0, 2.0],
        [8.0, 4.0, 6.0, 8.0],
        [7.0, 1.0, 2.0, 6.0],
        [10.0, 5.0, 6.0, 9.0],
        [6.0, 2.0, 4.0, 7.0],
    ];
    let ratings = Ratings::from_table(&table);
    let by_squares = icc(&MeanSquares::of(&ratings).unwrap(), &IccConfig::default());
    let by_likelihood = icc_reml(&ratings).unwrap();
    assert_eq!((by_likelihood.k, by_likelihood.status), (4.0, Status::Regular));
    for form in IccForm::ALL {
        let (a, b) = (by_squares.form(form).estimate.unwrap(), by_likelihood.form(form).estimate.unwrap());
        assert!((a - b).abs() < 1e-6, "{}: {a} {b}", form.id());
    }
}

#[test]
fn too_few_dyads_are_told_how_many_it_takes() {
    let dyad = |n: usize| -> Vec<Vec<SessionPair>> {
        let at = |i: usize, t: usize| SessionPair {
            session: t as f64,
            first: ((i * t) % 5) as f64,
            second: ((i + t) % 4) as f64,
        };
        (0..n).map(|i| (0..4).map(|t| at(i, t)).collect()).collect()
    };
    let varying = TruthBiasConfig { varies: Varies::BiasAndTruth, ..Default::default() };
    assert_eq!(
        truth_and_bias(&dyad(6), &varying).unwrap_err().to_string(),
        "truth and bias needs 10 dyads with two sessions; there are 6"
    );
    assert!(truth_and_bias(&dyad(12), &varying).is_ok());
    assert!(drift(&dyad(3), &DriftConfig::default()).unwrap_err().to_string().contains("needs 5 dyads"));
    let triple = |i: usize| Triple { rating: [i as f64, (i * i % 7) as f64], outcome: (i * 3 % 5) as f64 };
    let eleven: Vec<Triple> = (0..11).map(triple).collect();
    assert!(
        response_surface(&eleven, &SurfaceConfig::default())
            .unwrap_err()
            .to_string()
            .contains("needs 12 dyads")
    );
}

/// Intervals of 95 % over 400 samples: the noise of the share is 1.1 %.
#[test]
fn intervals_of_pairs_cover() {
    const SAMPLES: u64 = 400;
    let mut hits = [0u32; 4];
    for sample in 0..SAMPLES {
        let mut stream = Stream::new(11, sample);
        // Correlation 0.6, bias 0.5, SD of the difference √0.8.
        let pairs: Vec<(f64, f64)> = (0..25)
            .map(|_| {
                let (x, e) = (stream.normal(), stream.normal());
                (x + 0.5, 0.6 * x + 0.8 * e)
            })
            .collect();
        let moments = PairMoments::of(&pairs);
        let covered = |value: &Estimate, truth: f64| {
            u32::from(value.lower <= Some(truth) && Some(truth) <= value.upper)
        };
        hits[0] += covered(&limits(&moments).upper, 0.5 + 1.96 * 0.8f64.sqrt());
        hits[1] += covered(&concordance(&moments, 0.95).value, 1.2 / 2.25);
        hits[2] += covered(&pair_correlation(&moments, 0.95).r, 0.6);
        // Ten dyads of three or five sessions: between 0.5, within 1.
        let differences: Vec<Vec<f64>> = (0..10)
            .map(|i| {
                let dyad = 0.5f64.sqrt() * stream.normal();
                (0..3 + 2 * (i % 2)).map(|_| 0.5 + dyad + stream.normal()).collect()
            })
            .collect();
        hits[3] += covered(&limits_over_sessions(&differences, 0.95).upper, 0.5 + 1.96 * 1.5f64.sqrt());
    }
    for (what, hits) in ["limit", "Lin", "r", "limit over sessions"].iter().zip(hits) {
        let share = f64::from(hits) / SAMPLES as f64;
        assert!((0.92..=0.98).contains(&share), "{what} covers {share}");
    }
}
