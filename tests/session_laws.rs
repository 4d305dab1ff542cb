//! Are courses over sessions mathematically themselves?

use alliance_metrics::session::*;
use proptest::prelude::*;

const RANGE: Option<[f64; 2]> = Some([1.0, 7.0]);

/// Scores on the grid of a mean of twelve items, with gaps in the numbers of sessions.
fn course() -> impl Strategy<Value = Series> {
    prop::collection::vec((1i64..4, 12u32..=84), 0..30).prop_map(|steps| {
        let mut number = 0;
        let point = |(step, sum): &(i64, u32)| {
            number += step;
            (number, f64::from(*sum) / 12.0)
        };
        Series::of(&steps.iter().map(point).collect::<Vec<_>>()).unwrap()
    })
}

fn sample() -> Sample {
    let mut sample = Sample::none(RANGE);
    for (scale, value) in [
        (ThresholdScale::Rci, 0.4),
        (ThresholdScale::SdWithinPooled, 0.5),
        (ThresholdScale::SdBetween, 0.9),
        (ThresholdScale::SdDiffSample, 0.6),
        (ThresholdScale::ErrorWithin, 0.3),
        (ThresholdScale::FluctuationWithin, 0.6),
        (ThresholdScale::ErrorWithinCrossed, 0.3),
        (ThresholdScale::FluctuationWithinCrossed, 0.6),
    ] {
        sample.set(scale, Ok(value));
    }
    sample
}

fn rules() -> Vec<Rule> {
    let named = preset_ids().flat_map(|id| named_rules(id).unwrap());
    named.chain(ThresholdScale::ALL.map(|scale| Rule::fall(scale, 1.0))).collect()
}

/// The same course, all scores raised by an amount.
fn raised(series: &Series, by: f64) -> Series {
    let points: Vec<(i64, f64)> =
        series.numbers().iter().copied().zip(series.scores().iter().map(|y| y + by)).collect();
    Series::of(&points).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn episodes_are_what_they_say(series in course()) {
        for rule in rules() {
            let found = detect(&rule, &series, &sample());
            prop_assert_eq!(found.course.is_none(), found.reason.is_some(), "{}", rule.id);
            for episode in &found.episodes {
                let trough = series.score(episode.trough).unwrap();
                prop_assert!(episode.magnitude > 0.0, "{}", rule.id);
                if let Some(start) = episode.start {
                    prop_assert!(start < episode.trough);
                    prop_assert!((series.score(start).unwrap() - trough - episode.magnitude).abs() < 1e-12);
                }
                if let Some(repair) = episode.repair {
                    prop_assert!(repair > episode.trough);
                    prop_assert_eq!(episode.outcome, Outcome::Repaired);
                    let within = rule.window.is_none_or(|window| episode.sessions_to_repair.unwrap() <= window);
                    prop_assert!(within);
                }
            }
            prop_assert!(found.episodes.windows(2).all(|pair| pair[0].trough < pair[1].trough));
            if let Some(course) = &found.course {
                prop_assert!((0.0..=1.0).contains(&course.share_in_rupture));
                prop_assert_eq!(course.ruptures, course.repaired + course.unrepaired + course.censored);
            }
        }
    }

    #[test]
    fn a_larger_threshold_finds_fewer_falls(series in course()) {
        let count = |c| detect(&Rule::fall(ThresholdScale::Points, c), &series, &sample()).episodes.len();
        prop_assert!(count(0.5) >= count(1.0) && count(1.0) >= count(2.0));
    }

    #[test]
    fn falls_do_not_depend_on_the_level(series in course()) {
        let higher = raised(&series, 10.0);
        for scale in [ThresholdScale::SdDiff, ThresholdScale::Mr, ThresholdScale::SdResidLinear, ThresholdScale::Points] {
            let troughs = |series: &Series| {
                let found = detect(&Rule::fall(scale, 1.1), series, &sample());
                found.episodes.iter().map(|e| (e.start, e.trough, e.repair)).collect::<Vec<_>>()
            };
            prop_assert_eq!(troughs(&series), troughs(&higher));
        }
    }

    #[test]
    fn nothing_panics_on_any_course(series in course()) {
        let _ = (variability(&series, Gap::Strict), series.lacks(), at_the_edge(&series, RANGE));
        let _ = (ewma(&series, &EwmaConfig::default(), Gap::default()), cusum(&series, &CusumConfig::default(), Gap::default()));
        let _ = (best_split(&series), partition(&series, &PartitionConfig::default()));
        let _ = (sudden_changes(&series, &SuddenConfig::falls(0.5)), median_runs(series.scores(), RANGE));
        if let Ok(shape) = course_shape(&series, &ShapeConfig::default()) {
            prop_assert!(shape.linear[1].estimate.is_finite());
        }
        for passes in [Passes::One, Passes::Two] {
            for detrend in [Detrend::No, Detrend::Linear] {
                let config = ChartConfig { passes, detrend, limits: Limits::Clamped, ..ChartConfig::default() };
                if let Ok(chart) = chart(&series, &config, Gap::AdjacentObserved, RANGE) {
                    prop_assert!(chart.lower.iter().zip(&chart.upper).all(|(low, high)| low <= high));
                    prop_assert!(chart.sigma > 0.0);
                }
            }
        }
    }

    #[test]
    fn limits_of_charts_that_remember_are_where_the_charts_signal(series in course()) {
        let found = |id: &str| detect(&named_rules(id).unwrap()[0], &series, &sample());
        let beyond = |lower: &[f64]| -> Vec<bool> { series.scores().iter().zip(lower).map(|(y, low)| y < &(low - 1e-9)).collect() };
        if let Ok(chart) = ewma(&series, &EwmaConfig::default(), Gap::default()) {
            let low: Vec<bool> = chart.z.iter().zip(&chart.lower).map(|(z, low)| z < &(low - 1e-9)).collect();
            prop_assert_eq!(beyond(&found("ewma").lower.unwrap()), low);
        }
        if let Ok(chart) = cusum(&series, &CusumConfig::default(), Gap::default()) {
            let low: Vec<bool> = chart.lower.iter().map(|sum| *sum > 5.0 + 1e-9).collect();
            prop_assert_eq!(beyond(&found("cusum").lower.unwrap()), low);
        }
        for id in ["ewma", "cusum", "residual", "sudden_loss", "optimal_partition"] {
            for episode in found(id).episodes {
                let start = episode.start.map(|start| series.score(start).unwrap());
                let low = series.score(episode.trough).unwrap();
                prop_assert!(start.is_none_or(|start| (start - low - episode.magnitude).abs() < 1e-9), "{id}");
                // A session below the person's line may lie above the one before.
                prop_assert!(id == "residual" || episode.magnitude > 0.0, "{id}");
            }
        }
    }

    #[test]
    fn splitting_never_makes_a_partition_worse(series in course()) {
        if let (Ok(split), Ok(parts)) = (best_split(&series), partition(&series, &PartitionConfig { penalty: 0.0, shortest: 1 })) {
            prop_assert!(split.sse <= split.total + 1e-9);
            prop_assert!(parts.sse <= split.sse + 1e-9);
        }
    }

    #[test]
    fn false_alarms_do_not_depend_on_threads(lengths in prop::collection::vec(3usize..12, 1..5)) {
        let nothing = NothingChanges {
            seed: 3, series: 20, level: 5.0, error_sd: Some(0.3), fluctuation_sd: Some(0.5), lag_one: Some(0.4),
            step: Some(1.0 / 12.0), range: RANGE,
        };
        let rules = [Rule::fall(ThresholdScale::Points, 0.5), Rule::fall(ThresholdScale::SdRaw, 1.0)];
        let by = |threads| false_alarms_by_length(&rules, &lengths, &nothing, &sample(), threads);
        prop_assert_eq!(by(1), by(3));
    }

    #[test]
    fn two_informants_see_the_same_either_way(a in course(), b in course()) {
        let rule = Rule::fall(ThresholdScale::Points, 1.0);
        let (x, y) = (detect(&rule, &a, &sample()).episodes, detect(&rule, &b, &sample()).episodes);
        let (first, second) = (Informant { series: &a, episodes: &x }, Informant { series: &b, episodes: &y });
        let (there, back) = (align(first, second, 1), align(second, first, 1));
        prop_assert_eq!(there.both.len(), back.both.len());
        let alone = there.first_only.len() + there.second_only.len() + there.unanswered.len();
        prop_assert_eq!(2 * there.both.len() + alone, x.len() + y.len());
        prop_assert_eq!([there.sessions[0], there.sessions[3]], [back.sessions[0], back.sessions[3]]);
    }

    #[test]
    fn a_code_that_means_nothing_in_any_dyad_has_no_test(marks in prop::collection::vec(any::<bool>(), 6)) {
        let series: Vec<Series> = (0..6).map(|_| Series::consecutive(&[5.0, 4.0, 4.5, 5.5, 5.0]).unwrap()).collect();
        let coded: Vec<CodedSessions> = marks
            .iter()
            .map(|mark| CodedSessions { sessions: (1..=5).collect(), present: vec![vec![Some(*mark); 5]] })
            .collect();
        let dyads: Vec<EventDyad> = series.iter().zip(&coded).map(|(scores, coded)| EventDyad { scores, coded }).collect();
        let found = &events(&dyads, 1, &EventsConfig::default())[0];
        prop_assert_eq!((found.informative, found.difference.estimate), (0, None));
        prop_assert_eq!(found.exchange.as_ref().unwrap().p, None);
    }
}

#[test]
fn empty_and_short_input_has_a_reason() {
    assert_eq!(events(&[], 0, &EventsConfig::default()), []);
    let none = events(&[], 2, &EventsConfig::default());
    assert!(none.iter().all(|effect| effect.difference.estimate.is_none() && effect.exchange.is_none()));
    assert!(ward(&[]).is_err() && ward(&[vec![1.0], vec![f64::NAN]]).is_err());
    assert!(pooled_lag_one(&[]).estimate.estimate.is_none());
    assert_eq!(coded_sessions(&[], 3, None).len(), 0);
}
