//! Courses over sessions. The values for the course Y come from R 4.2.2 (base), qcc 2.7 for charts, suddengains for its own
//! example; `tools/reference/session.R` prints those that base R can.

use alliance_metrics::moments::ItemMatrix;
use alliance_metrics::session::*;
use alliance_metrics::statistic::Reason;

use super::close;

/// The mean alliance of one dyad over twenty sessions, on 1 to 7.
pub const Y: [f64; 20] =
    [5.2, 5.3, 5.5, 5.4, 4.1, 5.3, 5.6, 5.7, 5.6, 5.8, 5.0, 4.6, 4.4, 5.2, 5.8, 5.9, 6.0, 4.8, 4.7, 4.9];
const RANGE: Option<[f64; 2]> = Some([1.0, 7.0]);
/// Values are printed with seven digits or more.
const PRINTED: f64 = 5e-8;

fn y() -> Series {
    Series::consecutive(&Y).unwrap()
}

#[test]
fn spreads() {
    let sample = Sample::none(RANGE);
    for (scale, value) in [
        (ThresholdScale::SdRaw, 0.5275564),
        (ThresholdScale::SdResidLinear, 0.5409566),
        (ThresholdScale::SdResidQuadratic, 0.5515074),
        (ThresholdScale::SdDiff, 0.6094288),
        (ThresholdScale::Mr, 0.3779395),
        (ThresholdScale::MrMedian, 0.2096436),
    ] {
        let s = one_scale(scale, &y(), Gap::default(), &sample).unwrap();
        close(scale.id(), s, value, PRINTED);
    }
    close("rci", 1.96 * rci_scale(0.9, 0.93).unwrap(), 0.6600284, PRINTED);
    assert_eq!(rci_scale(0.9, 1.0), Err(Reason::Boundary));
    assert_eq!(rci_scale(0.0, 0.5), Err(Reason::NoVariability));
}

/// Start, trough, magnitude and repair of each episode.
type Found = Vec<(i64, i64, f64, Option<i64>)>;

fn found(rule: &Rule, sample: &Sample) -> Found {
    let detection = detect(rule, &y(), sample);
    let tenth = |points: f64| (points * 1e6).round() / 1e6;
    let one = |e: &Episode| (e.start.unwrap(), e.trough, tenth(e.magnitude), e.repair);
    detection.episodes.iter().map(one).collect()
}

#[test]
fn episodes_of_the_worked_rules() {
    let mut sample = Sample::none(RANGE);
    sample.set(ThresholdScale::Rci, rci_scale(0.9, 0.93));
    let fall = Rule::fall;
    let back = |tolerance| Repair::ReturnToStart { tolerance: Points::of_score(tolerance) };

    let stiles =
        Rule { before: Before::AboveMean, window: Some(5), ..fall(ThresholdScale::SdResidLinear, 2.0) };
    assert_eq!(found(&stiles, &sample), [(4, 5, 1.3, Some(6)), (17, 18, 1.2, None)]);
    let outcomes: Vec<Outcome> = detect(&stiles, &y(), &sample).episodes.iter().map(|e| e.outcome).collect();
    assert_eq!(outcomes, [Outcome::Repaired, Outcome::UnrepairedCensored]);

    let strauss = fall(ThresholdScale::SdResidLinear, 1.0);
    let three = [(4, 5, 1.3, Some(6)), (10, 11, 0.8, Some(15)), (17, 18, 1.2, None)];
    assert_eq!(found(&strauss, &sample), three);

    let points = |mode| Rule {
        signal: Signal::Fall { threshold: Threshold::new(ThresholdScale::Points, 1.0), mode },
        repair: back(0.25),
        window: Some(5),
        ..fall(ThresholdScale::Points, 1.0)
    };
    assert_eq!(found(&points(Mode::Single), &sample), [(4, 5, 1.3, Some(6)), (17, 18, 1.2, None)]);
    let slow = [(3, 5, 1.4, Some(6)), (10, 13, 1.4, Some(15)), (17, 19, 1.3, None)];
    assert_eq!(found(&points(Mode::Cumulative), &sample), slow);

    let twice = Rule { repair: back(0.0), window: Some(5), ..fall(ThresholdScale::SdDiff, 2.0) };
    assert_eq!(found(&twice, &sample), [(4, 5, 1.3, Some(7))]);
    let rci = Rule { repair: back(0.0), window: Some(5), ..fall(ThresholdScale::Rci, 1.96) };
    let three = [(4, 5, 1.3, Some(7)), (10, 11, 0.8, Some(15)), (17, 18, 1.2, None)];
    assert_eq!(found(&rci, &sample), three);

    let detection = detect(&points(Mode::Cumulative), &y(), &sample);
    let shapes: Vec<Shape> = detection.episodes.iter().map(|e| e.shape).collect();
    assert_eq!(shapes, [Shape::SlowDeclineSuddenRepair, Shape::U, Shape::Unrepaired]);
    assert_eq!(detection.course.unwrap().class, PersonClass::Undetermined);
    assert_eq!(detection.episodes[1].back_to_start, Some(15));
}

#[test]
fn control_chart() {
    let draw = |config: &ChartConfig| chart(&y(), config, Gap::default(), RANGE).unwrap();
    let plain = draw(&ChartConfig::default());
    close("mean range", plain.mean_range, 0.4263158, PRINTED);
    close("sigma", plain.sigma, 0.3779395, PRINTED);
    close("lower", plain.lower[0], 4.1061814, PRINTED);
    close("upper", plain.upper[19], 6.3738186, PRINTED);
    close("range limit", plain.range_limit, 1.392774, 5e-7);
    close("z", plain.z[4], -3.016, 2e-4);
    close("lag one", plain.lag_one.unwrap(), 0.356354, 5e-7);
    let signals: Vec<(RunRule, i64)> = plain.signals.iter().map(|s| (s.rule, s.to)).collect();
    assert_eq!(signals, [(RunRule::R1, 5)]);
    assert_eq!((plain.firmness, plain.median_runs, plain.silent.len()), (Firmness::Firm, None, 0));

    let narrow = draw(&ChartConfig { multiplier: 2.0, ..ChartConfig::default() });
    close("2 sigma", narrow.lower[0], 4.4841, 2e-5);
    close("z 13", narrow.z[12], -2.223, 2e-4);
    let low: Vec<i64> = narrow.signals.iter().filter(|s| s.side == Some(Side::Lower)).map(|s| s.to).collect();
    assert_eq!(low, [5, 13]);

    let others = vec![RunRule::R2, RunRule::R3, RunRule::R4, RunRule::R5];
    assert_eq!(draw(&ChartConfig { run_rules: others, ..ChartConfig::default() }).signals, []);

    let first = draw(&ChartConfig { baseline: Some(8), ..ChartConfig::default() });
    close("baseline mean", first.center[0], 5.2625, 1e-12);
    close("baseline range", first.mean_range, 0.4714286, PRINTED);
    // 4.0085 with the multiplier rounded to 2.66.
    close("baseline lower", first.lower[0], 4.008_700_607_903, 1e-11);
    assert!(!first.signals.iter().any(|s| s.rule == RunRule::R1));
    assert_eq!(first.firmness, Firmness::Trial);

    let short = chart(&Series::consecutive(&Y[..7]).unwrap(), &ChartConfig::default(), Gap::default(), RANGE);
    assert_eq!(short.unwrap_err().reason, Reason::TooFew);
    let flat = Series::consecutive(&[5.0; 12]).unwrap();
    let flat = chart(&flat, &ChartConfig::default(), Gap::default(), RANGE);
    assert_eq!(flat.unwrap_err().reason, Reason::NoVariability);
}

/// R 4.2.2: `tools/reference/session.R`.
#[test]
fn control_chart_variants() {
    let draw = |config: &ChartConfig| chart(&y(), config, Gap::default(), RANGE).unwrap();
    let median = draw(&ChartConfig { sigma: SigmaFrom::MedianRange, ..ChartConfig::default() });
    close("median range", median.sigma, 0.2096436, PRINTED);
    let sd = draw(&ChartConfig { sigma: SigmaFrom::Sd, ..ChartConfig::default() });
    close("sd / c4", sd.sigma, 0.534_540_596_938, 1e-9);
    let line = draw(&ChartConfig { detrend: Detrend::Linear, ..ChartConfig::default() });
    close("detrended sigma", line.sigma, 0.378_718_352_432, 1e-9);
    close("detrended center", line.center[19], 5.187_142_857_14, 1e-9);
    let twice = draw(&ChartConfig { passes: Passes::Two, ..ChartConfig::default() });
    assert_eq!(twice.excluded, [5]);
    close("second sigma", twice.sigma, 0.280_732_860_52, 1e-9);
    close("second center", twice.center[0], 5.3, 1e-9);
    let clamped = ChartConfig { multiplier: 6.0, limits: Limits::Clamped, ..ChartConfig::default() };
    let clamped = draw(&clamped);
    assert_eq!((clamped.upper[0], clamped.silent), (7.0, vec![Side::Upper]));
}

#[test]
fn charts_that_remember() {
    let weighted = ewma(&y(), &EwmaConfig::default()).unwrap();
    close("ewma 5", weighted.z[4], 5.0737, 1e-5);
    close("limit 5", weighted.lower[4], 4.8829, 1e-5);
    close("ewma 13", weighted.z[12], 5.0494, 1e-5);
    close("limit 13", weighted.lower[12], 4.8626, 1e-5);
    assert_eq!(weighted.signals, [] as [i64; 0]);
    let sums = cusum(&y(), &CusumConfig::default()).unwrap();
    close("low 13", sums.lower[12], 3.0510, 2e-5);
    close("high 17", sums.upper[16], 3.7389, 2e-5);
    assert!(
        sums.lower.iter().all(|c| *c <= sums.lower[12]) && sums.upper.iter().all(|c| *c <= sums.upper[16])
    );
    assert_eq!(sums.signals, [] as [i64; 0]);
    let head = cusum(&y(), &CusumConfig { start: Start::Head, ..CusumConfig::default() }).unwrap();
    assert!(head.lower[0] > sums.lower[0] + 2.0);
}

#[test]
fn sudden_falls() {
    let package = Series::consecutive(&[32.0, 31.0, 33.0, 5.0, 6.0, 7.0]).unwrap();
    let all = SuddenConfig { share: Some(0.25), ..SuddenConfig::falls(7.0) };
    let met: Vec<bool> = sudden_changes(&package, &all).iter().map(Sudden::is_met).collect();
    assert_eq!(met, [false, false, true, false, false]);

    let config = SuddenConfig { share: Some(0.25), ..SuddenConfig::falls(0.66) };
    let falls = sudden_changes(&y(), &config);
    for (from, difference, needed, lasting) in
        [(4, 0.40, 1.5706, false), (10, 1.0333, 0.6311, true), (17, 1.10, 0.2776, true)]
    {
        let fall = falls.iter().find(|fall| fall.from == from).unwrap();
        assert!(fall.large && fall.share == Some(false) && fall.lasting == Some(lasting));
        close("difference", fall.difference.unwrap(), difference, 5e-5);
        close("needed", fall.needed.unwrap(), needed, 5e-5);
    }
    assert_eq!(falls.iter().filter(|fall| fall.large).count(), 3);
}

#[test]
fn steps_and_residuals() {
    let split = best_split(&y()).unwrap();
    assert_eq!(split.k, 17);
    close("sse", split.sse, 4.604706, 5e-7);
    close("total", split.total, 5.288, 1e-12);
    let after = |penalty, shortest| partition(&y(), &PartitionConfig { penalty, shortest }).unwrap().after;
    assert_eq!(after(2.0, 1), [4, 5, 10, 14, 17]);
    assert_eq!(after(2.0, 2), [10, 14, 17]);
    assert_eq!(after(3.0, 1), [] as [i64; 0]);

    let line = trend(y().numbers(), &Y, Degree::Linear).unwrap();
    let (inner, outer) = (line.standardised(), line.studentised());
    close("standardised 5", inner[4].unwrap(), -2.164, 2e-4);
    close("studentised 5", outer[4].unwrap(), -2.620, 2e-4);
    close("standardised 13", inner[12].unwrap(), -1.527, 3e-4);
    close("studentised 13", outer[12].unwrap(), -1.648, 3e-4);
    let rule = |c, residual| Rule {
        id: "residual".into(),
        signal: Signal::Residual { degree: Degree::Linear, c, residual },
        repair: Repair::InsideLimits,
        ..Rule::usual()
    };
    let sample = Sample::none(RANGE);
    assert_eq!(found(&rule(2.5, Residual::Studentised), &sample), [(4, 5, 1.3, Some(6))]);
    assert_eq!(found(&rule(2.5, Residual::Standardised), &sample), []);
}

#[test]
fn indices_of_variability() {
    let indices = variability(&y(), Gap::default());
    for (what, estimate, value) in [
        ("mssd", indices.mssd, 0.3521053),
        ("rmssd", indices.rmssd, 0.5933846),
        ("von neumann", indices.von_neumann, 1.265129),
        ("lag one", indices.lag_one, 0.35635401),
    ] {
        close(what, estimate.estimate.unwrap(), value, 5e-7);
    }
}

/// Six dyads, five sessions, four caregiver items, and the worker's mean.
pub const D5: [[f64; 7]; 30] = [
    [1., 1., 6., 6., 5., 5., 4.4],
    [1., 2., 5., 5., 3., 4., 4.4],
    [1., 3., 5., 5., 5., 6., 4.6],
    [1., 4., 5., 6., 6., 4., 4.4],
    [1., 5., 5., 4., 6., 6., 4.],
    [2., 1., 4., 4., 4., 4., 4.3],
    [2., 2., 5., 5., 4., 4., 4.4],
    [2., 3., 5., 5., 6., 5., 4.9],
    [2., 4., 5., 6., 5., 3., 3.6],
    [2., 5., 5., 6., 4., 5., 4.6],
    [3., 1., 4., 4., 4., 4., 4.3],
    [3., 2., 4., 5., 5., 5., 4.7],
    [3., 3., 6., 6., 4., 6., 5.1],
    [3., 4., 4., 4., 4., 4., 4.4],
    [3., 5., 5., 4., 5., 5., 4.6],
    [4., 1., 2., 1., 2., 3., 2.7],
    [4., 2., 1., 2., 2., 1., 2.9],
    [4., 3., 3., 2., 3., 3., 3.3],
    [4., 4., 2., 2., 2., 1., 3.4],
    [4., 5., 4., 3., 4., 2., 3.7],
    [5., 1., 4., 4., 4., 4., 3.4],
    [5., 2., 3., 3., 3., 4., 4.],
    [5., 3., 5., 3., 3., 3., 4.],
    [5., 4., 5., 4., 5., 3., 4.],
    [5., 5., 5., 4., 4., 4., 4.5],
    [6., 1., 5., 6., 7., 6., 5.4],
    [6., 2., 6., 5., 6., 5., 5.2],
    [6., 3., 6., 6., 7., 6., 5.2],
    [6., 4., 6., 6., 6., 5., 5.1],
    [6., 5., 7., 5., 7., 6., 6.1],
];

const SAI: [&str; 10] = [
    "calm",
    "secure",
    "at.ease",
    "rested",
    "comfortable",
    "confident",
    "relaxed",
    "content",
    "joyful",
    "pleasant",
];

/// R 4.2.2: mean squares by hand from `aov`.
#[test]
fn measurement_error_and_usual_swing() {
    let matrix = |rows: &[Vec<f64>]| {
        let items = (1..=rows[0].len()).map(|j| format!("i{j}")).collect();
        ItemMatrix::from_rows(items, rows)
    };
    let rows: Vec<Vec<f64>> = D5.iter().map(|row| row[2..6].to_vec()).collect();
    let dyads: Vec<usize> = D5.iter().map(|row| row[0] as usize).collect();
    let d5 = within_person_anova(&matrix(&rows), &dyads, Composite::Mean).unwrap();
    assert_eq!((d5.df_error, d5.df_sessions, d5.persons, d5.sessions), (72, 24, 6, 30));
    close("error", 1.96 * d5.error_within.unwrap(), 0.962143, 5e-7);
    close("swing", 1.96 * d5.fluctuation_within.unwrap(), 1.478144, 5e-7);
    let sum = within_person_anova(&matrix(&rows), &dyads, Composite::Sum).unwrap();
    close("of sums", sum.error_within.unwrap(), 4.0 * d5.error_within.unwrap(), 1e-12);

    let rows = super::columns("sai_repeated.csv", &SAI);
    let persons: Vec<usize> =
        super::columns("sai_repeated.csv", &["id"]).iter().map(|row| row[0] as usize).collect();
    let sai = within_person_anova(&matrix(&rows), &persons, Composite::Mean).unwrap();
    assert_eq!((sai.df_error, sai.df_sessions), (1809, 201));
    close("error", 1.96 * sai.error_within.unwrap(), 0.397354, 5e-7);
    close("swing", 1.96 * sai.fluctuation_within.unwrap(), 1.143786, 5e-7);
    // Falls beyond each threshold, as shares of all session-to-session changes.
    let means: Vec<f64> = rows.iter().map(|row| row.iter().sum::<f64>() / 10.0).collect();
    let share = |threshold: f64| {
        let falls =
            means.chunks(4).flat_map(|own| own.windows(2)).filter(|pair| pair[0] - pair[1] >= threshold);
        falls.count() as f64 / 201.0
    };
    assert_eq!((share(0.397354) * 100.0).round(), 28.0);
    assert_eq!((share(1.143786) * 100.0).round(), 3.0);

    let series: Vec<&[f64]> = means.chunks(4).collect();
    let scores = within_person_scores(series.into_iter());
    close("from scores", scores.fluctuation_within.unwrap(), sai.fluctuation_within.unwrap(), 1e-12);
}

#[test]
fn few_sessions_give_no_threshold() {
    let rows: Vec<Vec<f64>> = D5[..10].iter().map(|row| row[2..6].to_vec()).collect();
    let dyads: Vec<usize> = D5[..10].iter().map(|row| row[0] as usize).collect();
    let items = ItemMatrix::from_rows(["a", "b", "c", "d"].map(String::from).to_vec(), &rows);
    let anova = within_person_anova(&items, &dyads, Composite::Mean).unwrap();
    let mut sample = Sample::none(RANGE);
    anova.give(&mut sample);
    assert_eq!((anova.df_error, anova.df_sessions), (24, 8));
    assert_eq!(sample.get(ThresholdScale::ErrorWithin), Err(Reason::TooFew));
    let refused = detect(&Rule::usual(), &y(), &sample);
    assert_eq!((refused.reason, refused.course), (Some(Reason::TooFew), None));
}
