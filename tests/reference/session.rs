//! Courses over sessions. The values for the course Y come from R 4.2.2 (base), qcc 2.7 for charts, suddengains for its own
//! example; `tools/reference/session.R` prints those that base R can.

use alliance_metrics::moments::ItemMatrix;
use alliance_metrics::session::*;
use alliance_metrics::statistic::Reason;

use super::{CALM_ITEMS, close};

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
    let weighted = ewma(&y(), &EwmaConfig::default(), Gap::default()).unwrap();
    close("ewma 5", weighted.z[4], 5.0737, 1e-5);
    close("limit 5", weighted.lower[4], 4.8829, 1e-5);
    close("ewma 13", weighted.z[12], 5.0494, 1e-5);
    close("limit 13", weighted.lower[12], 4.8626, 1e-5);
    assert_eq!(weighted.signals, [] as [i64; 0]);
    let sums = cusum(&y(), &CusumConfig::default(), Gap::default()).unwrap();
    close("low 13", sums.lower[12], 3.0510, 2e-5);
    close("high 17", sums.upper[16], 3.7389, 2e-5);
    assert!(
        sums.lower.iter().all(|c| *c <= sums.lower[12]) && sums.upper.iter().all(|c| *c <= sums.upper[16])
    );
    assert_eq!(sums.signals, [] as [i64; 0]);
    let head =
        cusum(&y(), &CusumConfig { start: Start::Head, ..CusumConfig::default() }, Gap::default()).unwrap();
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
        signal: Signal::Residual { of: TrendOf::Person, degree: Degree::Linear, c, residual },
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

    let rows = super::columns("sai_repeated.csv", &CALM_ITEMS);
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

/// R 4.2.2: `tools/reference/session.R`.
#[test]
fn the_shape_of_a_course() {
    let shape = course_shape(&y(), &ShapeConfig::default()).unwrap();
    let [level, slope] = shape.linear;
    close("level at session 0", level.estimate - 10.5 * slope.estimate, 5.298421, 5e-7);
    close("slope", slope.estimate, -0.00556391, PRINTED);
    let [level, _, curvature] = shape.quadratic.unwrap();
    close("centred level", level.estimate, 5.318_030_303_03, 1e-11);
    close("its error", level.se.unwrap(), 0.185_370_055_365, 1e-11);
    close("curvature", curvature.estimate, -0.002_346_776_031, 1e-11);
    close("its error", curvature.se.unwrap(), 0.004_162_349_376, 1e-11);
    close("its t", curvature.p.unwrap(), 0.580_245_506_806, 1e-10);
    let (f, p) = shape.curvature.unwrap();
    close("F", f, 0.317_882_211_75, 1e-10);
    close("p", p, 0.580_245_506_806, 1e-10);
    close("turning point", shape.turning_point.unwrap(), 9.314_563_106_8, 1e-10);
    close("linear contrast", shape.contrasts[0].unwrap(), -0.143_479_845_851, 1e-11);
    close("quadratic contrast", shape.contrasts[1].unwrap(), -0.310_945_610_158, 1e-11);
    let thirds = shape.thirds.unwrap();
    assert_eq!(thirds.n, [7, 6, 7]);
    close("high-low-high", thirds.high_low_high, 0.1619048, PRINTED);
    close("linear", thirds.linear, 0.1285714, PRINTED);
    assert_eq!(shape.label, Some(ShapeLabel::Stable));
    let features = shape.features;
    assert_eq!((features.min, features.max, features.lag), (4.1, 6.0, 12));

    let some: Vec<(i64, f64)> = (1..).zip(Y).filter(|(t, _)| ![3, 9, 10].contains(t)).collect();
    let gaps = course_shape(&Series::of(&some).unwrap(), &ShapeConfig::default()).unwrap();
    close("linear contrast", gaps.contrasts[0].unwrap(), -0.011_038_064_535, 1e-11);
    close("quadratic contrast", gaps.contrasts[1].unwrap(), -0.120_198_161_927, 1e-11);
    close("slope", gaps.linear[1].estimate, -0.000_450_274_08, 1e-11);
    assert_eq!(gaps.thirds.unwrap().n, [6, 4, 7]);
}

#[test]
fn courses_in_types() {
    let rows: Vec<Vec<f64>> = D5
        .chunks(5)
        .map(|own| {
            let means: Vec<f64> = own.iter().map(|row| row[2..6].iter().sum::<f64>() / 4.0).collect();
            let level = means.iter().sum::<f64>() / 5.0;
            means.iter().map(|mean| mean - level).collect()
        })
        .collect();
    let tree = ward(&rows).unwrap();
    let heights = [0.67082039325, 0.836660026534, 0.856348838578, 1.36014705087, 1.96426406914];
    for (join, height) in tree.joins.iter().zip(heights) {
        close("height", join.height, height, 1e-10);
    }
    assert_eq!(tree.groups(3), [0, 1, 1, 2, 0, 0]);
    assert_eq!(tree.groups(1), [0; 6]);
    assert_eq!(tree.groups(6), [0, 1, 2, 3, 4, 5]);
    close("wilson", wilson(2, 6, 0.95).lower.unwrap(), 0.0967714111058, 1e-11);
    close("wilson", wilson(2, 6, 0.95).upper.unwrap(), 0.700006684862, 1e-11);
}

/// clinicalsignificance 3.0.0, all by its formulas.
#[test]
fn reliable_change_by_every_method() {
    let basis = ChangeBasis {
        mean_pre: 30.0,
        sd_pre: 6.0,
        reliability: 0.88,
        mean_post: Some(21.0),
        sd_post: Some(7.0),
        reliability_post: Some(0.90),
        correlation: Some(0.45),
    };
    let all = reliable_change(32.0, 20.0, &basis, Better::Lower).unwrap();
    let values = [-4.082483, -4.126544, -0.968475, -5.658033, -4.462297, -4.310059];
    for (index, value) in all.iter().zip(values) {
        close(index.method.id(), index.index.unwrap(), value, 5e-7);
    }
    close("GLN error", all[1].se.unwrap(), 2.849842, 5e-7);
    let classes: Vec<ReliableChange> = all.iter().map(|index| index.class.unwrap()).collect();
    let mut expected = [ReliableChange::Improved; 6];
    expected[2] = ReliableChange::Unchanged;
    assert_eq!(classes, expected);

    let detectable = Detectable::from_error(basis.error());
    for (what, ours, value) in [
        ("error", detectable.error, 2.078461),
        ("difference", detectable.difference_error, 2.939388),
        ("95 %", detectable.change_95, 5.7612),
        ("90 %", detectable.change_90, 4.835293),
        ("group", detectable.of_group(25), 1.15224),
    ] {
        close(what, ours, value, 5e-7);
    }
    let (clinical, functional) = (Norm { mean: 30.0, sd: 6.0 }, Norm { mean: 16.0, sd: 5.0 });
    let cut = cutoffs(Some(clinical), Some(functional), Better::Lower).unwrap();
    assert_eq!((cut.a, cut.b), (Some(18.0), Some(26.0)));
    close("c", cut.c.unwrap(), 22.36364, 5e-7);
    // The groups overlap; groups that do not take b, and without functional norms there is a alone.
    assert_eq!(cut.in_use(Better::Lower), Some((CutoffKind::C, cut.c.unwrap())));
    let apart = cutoffs(Some(clinical), Some(Norm { mean: 8.0, sd: 2.0 }), Better::Lower).unwrap();
    assert_eq!(apart.in_use(Better::Lower), Some((CutoffKind::B, 12.0)));
    let alone = cutoffs(Some(clinical), None, Better::Lower).unwrap();
    assert_eq!(alone.in_use(Better::Lower), Some((CutoffKind::A, 18.0)));
    let post = Norm { mean: 21.0, sd: 7.0 };
    let truth =
        true_cutoff(20.0, &TrueCutoffBasis { clinical, functional, post, reliability: 0.88 }).unwrap();
    close("true c", truth.cutoff, 22.25641, 5e-7);
    close("CS", truth.index, -1.092466, 5e-7);
    assert_eq!(status(32.0, 20.0, cut.c.unwrap(), classes[0], Better::Lower), Status::Recovered);
    assert_eq!(status(22.0, 10.0, cut.c.unwrap(), classes[0], Better::Lower), Status::Improved);

    let few = ChangeBasis { mean_post: None, reliability_post: None, ..basis };
    let some: Vec<bool> =
        reliable_change(32.0, 20.0, &few, Better::Lower).unwrap().iter().map(|i| i.index.is_some()).collect();
    assert_eq!(some, [true, true, false, true, false, false]);
    for (sd_pre, reliability, reason) in
        [(6.0, 1.0, Reason::Boundary), (6.0, 0.0, Reason::Boundary), (0.0, 0.5, Reason::NoVariability)]
    {
        let bad = ChangeBasis { sd_pre, reliability, ..basis };
        assert_eq!(reliable_change(1.0, 2.0, &bad, Better::Higher).unwrap_err().reason, reason);
    }
    // Twelve caregivers, the total of six items.
    let totals = [17.0, 32.0, 16.0, 29.0, 24.0, 32.0, 20.0, 30.0, 28.0, 22.0, 32.0, 41.0];
    let n = totals.len() as f64;
    let mean = totals.iter().sum::<f64>() / n;
    let sd = (totals.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    let kelley = true_score(17.0, mean, sd, 0.92067355).unwrap();
    close("true score", kelley.estimate, 17.78665, 5e-7);
    close("its error", kelley.se, 1.97739, 5e-6);
    close("error of measurement", sd * (1.0f64 - 0.92067355).sqrt(), 2.060818, 5e-7);
}

/// R 4.2.2: `tools/reference/false_alarms.R`, whose output is the file.
#[test]
fn false_alarms_agree_with_an_independent_simulation() {
    let text = include_str!("expected/false_alarms.txt");
    let theirs = |what: &str| -> [f64; 3] {
        let line = text
            .lines()
            .find(|line| line.trim_end().starts_with(&format!("{what} ")))
            .unwrap_or_else(|| panic!("{what}"));
        let numbers: Vec<f64> =
            line.split_whitespace().rev().step_by(2).take(3).map(|x| x.parse().unwrap()).collect();
        [numbers[2], numbers[1], numbers[0]]
    };
    let agree = |what: &str, flags: Option<f64>, any: f64, se: f64| {
        let [mean, chance, their_se] = theirs(what);
        let allowed = 3.0 * (se * se + their_se * their_se).sqrt() + 0.001;
        assert!((any - chance).abs() < allowed, "{what}: {any} is not {chance}, ± {allowed}");
        if let Some(flags) = flags {
            // Flags of a course vary by about as much as their number, at least as a share does.
            let allowed = 3.0 * (mean.max(0.01) * 1.2 / 1000.0).sqrt() + 0.001;
            assert!((flags - mean).abs() < allowed, "{what}: {flags} flags, {mean}, ± {allowed}");
        }
    };
    let limit = 1.96 * std::f64::consts::SQRT_2;
    let with = |rules: Vec<RunRule>| Rule {
        signal: Signal::Chart { chart: ChartConfig { run_rules: rules, ..ChartConfig::default() } },
        repair: Repair::InsideLimits,
        ..Rule::usual()
    };
    let cumulative =
        Signal::Fall { threshold: Threshold::new(ThresholdScale::Points, limit), mode: Mode::Cumulative };
    let rules = [
        Rule::fall(ThresholdScale::Points, limit),
        Rule { signal: cumulative, ..Rule::usual() },
        named_rules("stiles2004_like").unwrap().remove(0),
        Rule::fall(ThresholdScale::SdDiff, 1.0),
        with(vec![RunRule::R1]),
        with(vec![RunRule::R7]),
        with(vec![RunRule::R1, RunRule::R7]),
        with(vec![RunRule::R1, RunRule::R2, RunRule::R3, RunRule::R4]),
    ];
    let names = ["fall 1.96 sqrt2 sd", "fall 1.96 sqrt2 sd cumulative", "stiles2004_like", "sd_diff:1"];
    let marks = ["R1", "R7", "R1 or R7", "R1 to R4"];
    let nothing = NothingChanges {
        seed: 7,
        series: 1000,
        level: 0.0,
        error_sd: Some(1.0),
        fluctuation_sd: Some(1.0),
        lag_one: None,
        step: None,
        range: None,
    };
    for n in [10, 20] {
        for phi in [0.3, 0.6] {
            let nothing = NothingChanges { lag_one: Some(phi), ..nothing.clone() };
            let found = false_alarms(&rules, n, &nothing, &Sample::default());
            for (at, found) in found.iter().enumerate() {
                for (rates, phi) in [(&found.error, 0.0), (&found.swing, phi)] {
                    let head = format!("n {n} phi {phi:.1}");
                    let (any, se) = (rates.chance_of_any.unwrap(), rates.se.unwrap());
                    if at < 4 {
                        agree(&format!("{head} {}", names[at]), rates.expected_flags, any, se);
                    } else {
                        agree(
                            &format!("{head} {}", marks[at - 4]),
                            None,
                            rates.chance_of_mark.unwrap(),
                            0.016,
                        );
                        agree(&format!("{head} control_chart lower"), rates.expected_flags, any, se);
                    }
                }
            }
        }
    }
    let grid = NothingChanges {
        level: 6.5,
        error_sd: Some(0.4),
        fluctuation_sd: Some(0.4),
        lag_one: Some(0.3),
        step: Some(1.0 / 12.0),
        range: RANGE,
        ..nothing.clone()
    };
    let found = &false_alarms(&[Rule::fall(ThresholdScale::Points, 1.0)], 20, &grid, &Sample::none(RANGE))[0];
    for (rates, phi) in [(&found.error, "0.0"), (&found.swing, "0.3")] {
        let what = format!("n 20 phi {phi} near the ceiling, points:1");
        agree(&what, rates.expected_flags, rates.chance_of_any.unwrap(), rates.se.unwrap());
    }
    let srs = NothingChanges {
        level: 37.0,
        error_sd: Some(0.5),
        fluctuation_sd: None,
        step: Some(0.1),
        range: Some([0.0, 40.0]),
        ..nothing
    };
    let found = &false_alarms(&[Rule::fall(ThresholdScale::Points, 1.0)], 20, &srs, &Sample::default())[0];
    agree("n 20 SRS 37, sd .5, tenths: falls of 1", None, found.error.chance_of_any.unwrap(), 0.011);
    assert_eq!((found.swing.chance_of_any, found.swing.reason), (None, Some(Reason::NotApplicable)));
}

/// R 4.2.2, brute force: `tools/reference/events.R`.
#[test]
fn codes_beside_scores_by_brute_force() {
    let scores: Vec<Series> = D5
        .chunks(5)
        .map(|own| {
            let point = |row: &[f64; 7]| (row[1] as i64, row[2..6].iter().sum::<f64>() / 4.0);
            let all: Vec<(i64, f64)> = own.iter().map(point).collect();
            let dyad = own[0][0];
            Series::of(&all.into_iter().filter(|(t, _)| !(dyad == 2.0 && *t == 4)).collect::<Vec<_>>())
                .unwrap()
        })
        .collect();
    let a = ["01000", "00010", "10010", "01010", "01000", "00000"];
    let b = ["00101", "00100", "00100", "00001", "00011", "11111"];
    let marks = |text: &str| -> Vec<Option<bool>> { text.chars().map(|c| Some(c == '1')).collect() };
    let coded: Vec<CodedSessions> = (0..6)
        .map(|i| {
            let mut sessions: Vec<i64> = (1..=5).collect();
            let mut present = vec![marks(a[i]), marks(b[i])];
            if i == 2 {
                sessions.pop();
                present.iter_mut().for_each(|present| present.truncate(4));
            }
            CodedSessions { sessions, present }
        })
        .collect();
    let dyads: Vec<EventDyad> =
        scores.iter().zip(&coded).map(|(scores, coded)| EventDyad { scores, coded }).collect();
    let found = events(&dyads, 2, &EventsConfig::default());
    let differences = |at: usize| found[at].dyads.iter().map(|dyad| dyad.difference).collect::<Vec<_>>();
    for (at, expected) in [
        (0, [Some(1.0), None, Some(1.125), Some(1.041_666_666_667), Some(0.5625), None]),
        (
            1,
            [
                Some(-0.166_666_666_667),
                Some(-0.666_666_666_667),
                Some(-1.2),
                Some(-0.5625),
                Some(-0.291_666_666_667),
                None,
            ],
        ),
    ] {
        for (ours, theirs) in differences(at).into_iter().zip(expected) {
            assert_eq!(ours.is_some(), theirs.is_some());
            close("difference", ours.unwrap_or(0.0), theirs.unwrap_or(0.0), 1e-11);
        }
    }
    close("pooled a", found[0].difference.estimate.unwrap(), 0.932_291_666_667, 1e-11);
    close("pooled b", found[1].difference.estimate.unwrap(), -0.5775, 1e-11);
    close("nap a", found[0].nap.estimate.unwrap(), 1.0, 1e-12);
    close("nap b", found[1].nap.estimate.unwrap(), 0.136_363_636_364, 1e-11);
    assert_eq!((found[0].lower_in, found[0].informative, found[1].lower_in), (4, 4, 0));
    let test = |test: &Option<ArrangementTest>, n: usize, p: f64, corrected: f64, smallest: f64| {
        let test = test.as_ref().unwrap();
        assert_eq!((test.arrangements, test.coverage), (n, Coverage::All));
        close("p", test.p.unwrap(), p, 1e-11);
        close("corrected p", test.p_corrected.unwrap(), corrected, 1e-11);
        close("smallest p", test.smallest_p.unwrap(), smallest, 1e-11);
    };
    test(&found[0].exchange, 720, 2.0 / 720.0, 2.0 / 720.0, 2.0 / 720.0);
    test(&found[1].exchange, 720, 7.0 / 720.0, 19.0 / 720.0, 1.0 / 720.0);
    test(&found[0].shift, 10_000, 0.002, 0.002, 0.002);
    test(&found[1].shift, 10_000, 0.0195, 0.0385, 0.001);
    assert_eq!(found[0].dyads[1].reason, Some(Uninformative::NeverPresent));
    assert_eq!(found[1].dyads[5].reason, Some(Uninformative::AlwaysPresent));
}
