//! Dyads: psych 2.5.3, lavaan 0.6-14, lme4 1.1-31, and the definitions, on worked data.

use alliance_metrics::agreement::{
    IccConfig, IccForm, PairMoments, concordance, double_entry, icc, icc_reml, limits_of_agreement,
    limits_over_sessions, pair_correlation, paired_difference,
};
use alliance_metrics::dyad::{
    ActorPartnerConfig, Attendance, Center, Divisor, DriftConfig, Quartet, SessionPair, SurfaceConfig,
    Triple, TruthBiasConfig, Unpaired, actor_partner, congruence, drift, pair_roles, profile_similarity,
    response_surface, truth_and_bias,
};
use alliance_metrics::statistic::Reason;

use super::agreement::{observers, same_six};
use super::{CALM_ITEMS, close, columns, expected};

/// Closed forms, quoted to seven or eight decimals.
const QUOTED: f64 = 1e-7;
/// A mixed model's search ends where its likelihood is flat.
const VARIANCE: f64 = 1e-5;

/// Twelve dyads: alliance of caregiver and worker, session evaluation of both.
const CAREGIVER: [f64; 12] = [5.8, 6.1, 4.9, 6.4, 5.2, 6.8, 5.5, 4.4, 6.0, 6.6, 5.1, 5.9];
const WORKER: [f64; 12] = [5.1, 5.9, 4.2, 5.6, 5.4, 6.0, 4.8, 4.6, 5.2, 6.1, 4.3, 5.5];
const BY_CAREGIVER: [f64; 12] = [7.1, 8.0, 5.6, 7.7, 6.6, 8.9, 6.9, 5.4, 7.2, 8.6, 5.9, 7.4];
const BY_WORKER: [f64; 12] = [6.0, 7.2, 5.1, 6.6, 6.7, 7.0, 5.7, 5.9, 6.4, 7.5, 5.0, 6.3];

/// Six dyads over five sessions: four items of the caregiver, the mean of the worker.
const SESSIONS: [[[f64; 5]; 5]; 6] = [
    [
        [6., 6., 5., 5., 4.4],
        [5., 5., 3., 4., 4.4],
        [5., 5., 5., 6., 4.6],
        [5., 6., 6., 4., 4.4],
        [5., 4., 6., 6., 4.],
    ],
    [
        [4., 4., 4., 4., 4.3],
        [5., 5., 4., 4., 4.4],
        [5., 5., 6., 5., 4.9],
        [5., 6., 5., 3., 3.6],
        [5., 6., 4., 5., 4.6],
    ],
    [
        [4., 4., 4., 4., 4.3],
        [4., 5., 5., 5., 4.7],
        [6., 6., 4., 6., 5.1],
        [4., 4., 4., 4., 4.4],
        [5., 4., 5., 5., 4.6],
    ],
    [
        [2., 1., 2., 3., 2.7],
        [1., 2., 2., 1., 2.9],
        [3., 2., 3., 3., 3.3],
        [2., 2., 2., 1., 3.4],
        [4., 3., 4., 2., 3.7],
    ],
    [
        [4., 4., 4., 4., 3.4],
        [3., 3., 3., 4., 4.],
        [5., 3., 3., 3., 4.],
        [5., 4., 5., 3., 4.],
        [5., 4., 4., 4., 4.5],
    ],
    [
        [5., 6., 7., 6., 5.4],
        [6., 5., 6., 5., 5.2],
        [6., 6., 7., 6., 5.2],
        [6., 6., 6., 5., 5.1],
        [7., 5., 7., 6., 6.1],
    ],
];

fn over_sessions() -> Vec<Vec<SessionPair>> {
    let pair = |(at, row): (usize, &[f64; 5])| SessionPair {
        session: (at + 1) as f64,
        first: row[..4].iter().sum::<f64>() / 4.0,
        second: row[4],
    };
    SESSIONS.iter().map(|dyad| dyad.iter().enumerate().map(pair).collect()).collect()
}

fn twelve() -> PairMoments {
    PairMoments::of(&CAREGIVER.into_iter().zip(WORKER).collect::<Vec<_>>())
}

/// Sums and cross-products of the 36 complete dyads of Ryu et al.: patient's task, goal, bond, then the therapist's.
const SUMS: [f64; 6] = [830., 831., 819., 723., 745., 789.];
const PRODUCTS: [&[f64]; 6] = [
    &[19766.],
    &[19691., 19791.],
    &[19464., 19400., 19439.],
    &[17018., 16972., 16759., 15051.],
    &[17403., 17363., 17115., 15356., 15815.],
    &[18517., 18462., 18249., 16354., 16718., 17869.],
];

/// The moments of the sum of some columns of the patient and of the therapist.
fn published(scales: &[usize]) -> PairMoments {
    let product = |a: usize, b: usize| PRODUCTS[a.max(b)][a.min(b)];
    let over = |f: &dyn Fn(usize, usize) -> f64| -> f64 {
        scales.iter().map(|a| scales.iter().map(|b| f(*a, *b)).sum::<f64>()).sum()
    };
    let sums = [0, 3].map(|side| scales.iter().map(|scale| SUMS[scale + side]).sum());
    let squares = [0, 3].map(|side| over(&|a, b| product(a + side, b + side)));
    PairMoments::from_sums(36, sums, squares, over(&|a, b| product(a, b + 3)))
}

#[test]
fn thirty_six_real_dyads_from_their_sums() {
    let theirs = &expected("agreement.json")["dyads"];
    for (scale, parts) in [("task", &[0][..]), ("goal", &[1]), ("bond", &[2]), ("total", &[0, 1, 2])] {
        let (moments, theirs) = (published(parts), &theirs[scale]);
        same_six(scale, &icc(&moments.mean_squares().unwrap(), &IccConfig::default()), &theirs["icc"], 1e-9);
        let r = pair_correlation(&moments, 0.95);
        close(scale, r.r.estimate.unwrap(), theirs["r"].as_f64().unwrap(), 1e-10);
        close(scale, r.r.lower.unwrap(), theirs["ci_r"][0].as_f64().unwrap(), 1e-10);
        close(scale, r.r.upper.unwrap(), theirs["ci_r"][1].as_f64().unwrap(), 1e-10);
        let difference = paired_difference(&moments, 0.95);
        close(scale, difference.t.unwrap(), theirs["t"].as_f64().unwrap(), 1e-10);
        assert_eq!(difference.df, Some(35.0));
    }
    let total = published(&[0, 1, 2]);
    let difference = paired_difference(&total, 0.95);
    close("M", difference.mean.estimate.unwrap(), 6.1944, 1e-5);
    close("SD", difference.sd.unwrap(), 11.4638, 1e-5);
    close("p", difference.p.unwrap(), 0.002_607, 1e-6);
    close("d_z", difference.d_z.unwrap(), 0.5403, 6e-5);
    close("d_av", difference.d_av.unwrap(), 0.5359, 6e-5);
    let limits = limits_of_agreement(&total, 0.95);
    close("lower", limits.lower.estimate.unwrap(), -16.2746, 1e-5);
    close("upper", limits.upper.estimate.unwrap(), 28.6635, 1e-5);
    let lin = concordance(&total, 0.95);
    close("Lin", lin.value.estimate.unwrap(), 0.4427, 6e-5);
    close("Lin, n - 1", lin.unbiased_moments.unwrap(), 0.4443, 6e-5);
    let p = |scale: &[usize]| pair_correlation(&published(scale), 0.95).p.unwrap();
    close("p task", p(&[0]) * 1e5, 9.825, 1e-4);
    close("p goal", p(&[1]), 0.044_29, 5e-6);
    close("p bond", p(&[2]), 0.007_439, 1e-6);
    close("p total", p(&[0, 1, 2]), 0.001_407, 1e-6);
}

#[test]
fn twelve_dyads_on_one_occasion() {
    let moments = twelve();
    let icc = icc(&moments.mean_squares().unwrap(), &IccConfig::default());
    close("1,1", icc.form(IccForm::OneWay).estimate.unwrap(), 0.641_355_6, QUOTED);
    let agreement = icc.form(IccForm::Agreement);
    close("2,1", agreement.estimate.unwrap(), 0.677_593_5, QUOTED);
    close("2,1 lower", agreement.lower.unwrap(), -0.070_283_6, QUOTED);
    close("2,1 upper", agreement.upper.unwrap(), 0.915_442_6, QUOTED);
    let consistency = icc.form(IccForm::Consistency);
    close("3,1", consistency.estimate.unwrap(), 0.849_202_5, QUOTED);
    close("3,1 lower", consistency.lower.unwrap(), 0.558_517_5, QUOTED);
    close("3,1 upper", consistency.upper.unwrap(), 0.954_125_7, QUOTED);
    close("2,k", icc.form(IccForm::AgreementMean).estimate.unwrap(), 0.807_816_1, QUOTED);
    close("3,k", icc.form(IccForm::ConsistencyMean).estimate.unwrap(), 0.918_452_7, QUOTED);
    close("double entry", double_entry(&moments).estimate.unwrap(), 0.615_027_4, QUOTED);

    let limits = limits_of_agreement(&moments, 0.95);
    close("bias", limits.bias.estimate.unwrap(), 0.5, 1e-12);
    close("bias lower", limits.bias.lower.unwrap(), 0.260_727_7, QUOTED);
    close("bias upper", limits.bias.upper.unwrap(), 0.739_272_3, QUOTED);
    close("sd", limits.sd.unwrap(), 0.376_587_5, QUOTED);
    close("lower", limits.lower.estimate.unwrap(), -0.238_111_6, QUOTED);
    close("upper", limits.upper.estimate.unwrap(), 1.238_111_6, QUOTED);
    close("se", limits.lower.se.unwrap(), 0.191_264_8, QUOTED);
    close("lower from", limits.lower.lower.unwrap(), -0.659_082_5, QUOTED);
    close("lower to", limits.lower.upper.unwrap(), 0.182_859_3, QUOTED);
    close("upper from", limits.upper.lower.unwrap(), 0.817_140_7, QUOTED);
    close("upper to", limits.upper.upper.unwrap(), 1.659_082_7, 2.1e-7);
    let slope = limits.slope.unwrap();
    close("slope", slope.value.estimate.unwrap(), 0.127_548_4, QUOTED);
    close("slope p", slope.p.unwrap(), 0.4854, 6e-5);

    let difference = paired_difference(&moments, 0.95);
    close("t", difference.t.unwrap(), 4.599_331, 1e-6);
    close("p", difference.p.unwrap(), 0.000_77, 5e-6);
    let lin = concordance(&moments, 0.95);
    close("Lin", lin.value.estimate.unwrap(), 0.658_299_0, QUOTED);
    close("Lin, n - 1", lin.unbiased_moments.unwrap(), 0.670_866_7, QUOTED);
    close("C_b", lin.accuracy.unwrap(), 0.784_483_4, QUOTED);
    close("r", lin.precision.unwrap(), 0.855_170_1, QUOTED);
}

#[test]
fn retest_limits_of_agreement() {
    let names: Vec<&str> = ["time"].into_iter().chain(CALM_ITEMS).collect();
    let rows = columns("sai_repeated.csv", &names);
    let of_time = |time: f64| {
        rows.iter().filter(move |row| row[0] == time).map(|row| row[1..].iter().sum::<f64>() / 10.0)
    };
    let moments = PairMoments::of(&of_time(2.0).zip(of_time(1.0)).collect::<Vec<_>>());
    let theirs = &expected("multilevel.json")["sai_repeated"]["retest"];
    let limits = limits_of_agreement(&moments, 0.95);
    close("bias", limits.bias.estimate.unwrap(), theirs["mean_difference"].as_f64().unwrap(), 1e-11);
    close("sd", limits.sd.unwrap(), theirs["sd_difference"].as_f64().unwrap(), 1e-11);
    close("lower", limits.lower.estimate.unwrap(), theirs["limits"][0].as_f64().unwrap(), 1e-11);
    close("upper", limits.upper.estimate.unwrap(), theirs["limits"][1].as_f64().unwrap(), 1e-11);
}

#[test]
fn limits_over_equally_many_sessions_are_those_of_a_one_way_analysis() {
    let differences: Vec<Vec<f64>> =
        over_sessions().iter().map(|dyad| dyad.iter().map(SessionPair::difference).collect()).collect();
    let limits = limits_over_sessions(&differences, 0.95);
    let components = limits.components.unwrap();
    close("within", components.within, ONE_WAY.1, QUOTED);
    close("between", components.between, (ONE_WAY.0 - ONE_WAY.1) / 5.0, QUOTED);
    close("sd", limits.sd.unwrap(), (components.between + components.within).sqrt(), 1e-12);
    assert_eq!((limits.n, limits.differences), (6, 30));
}

/// Mean squares between and within dyads: tools/reference/dyads.R.
const ONE_WAY: (f64, f64) = (1.838_683_333_33, 0.234_375);

#[test]
fn observers_with_a_gap_by_restricted_likelihood() {
    let ours = icc_reml(&observers()).unwrap();
    close("units", ours.components.unit, 1.818_870_6, VARIANCE);
    close("raters", ours.components.rater, 0.014_814_7, VARIANCE);
    close("residual", ours.components.residual, 0.265_431_5, VARIANCE);
    close("A,1", ours.form(IccForm::Agreement).estimate.unwrap(), 0.866_493_3, VARIANCE);
    close("C,1", ours.form(IccForm::Consistency).estimate.unwrap(), 0.872_652_1, VARIANCE);
    // Quoted with k = 3 raters; k is here the harmonic mean of nine threes and a two.
    let three = |one: f64| 3.0 * one / (1.0 + 2.0 * one);
    close("A,3", three(ours.form(IccForm::Agreement).estimate.unwrap()), 0.951_149_9, VARIANCE);
    close("k", ours.k, 10.0 / (9.0 / 3.0 + 0.5), 1e-14);
}

#[test]
fn a_profile_in_its_parts() {
    let (first, second) = ([6., 5., 7., 6., 4., 5.].map(Some), [5., 5., 6., 6., 3., 5.].map(Some));
    let norm = [5.5, 5.4, 6.2, 5.9, 4.1, 5.6];
    let alike = profile_similarity(&first, &second, Some([&norm, &norm]));
    close("D2", alike.distance.unwrap(), 3.0, 1e-12);
    close("elevation", alike.elevation.unwrap(), 1.5, 1e-12);
    close("scatter", alike.scatter.unwrap(), 0.010_874_7, QUOTED);
    close("shape", alike.shape.unwrap(), 1.489_125_3, QUOTED);
    close("r", alike.correlation.estimate.unwrap(), 0.870_388_3, QUOTED);
    close("intraclass", alike.intraclass.estimate.unwrap(), 0.755_102_0, QUOTED);
    close("distinctive", alike.distinctive.estimate.unwrap(), 0.339_888_0, QUOTED);
    let flat = profile_similarity(&[Some(7.0); 6], &second, Some([&norm, &norm]));
    assert_eq!((flat.correlation.reason, flat.distance), (Some(Reason::FlatProfile), Some(30.0)));
}

#[test]
fn congruence_of_six_dyads() {
    let ours = congruence(&over_sessions(), 0.95);
    for (dyad, theirs) in
        ours.dyads.iter().zip([-0.070_244, 0.393_110, 0.978_600, 0.685_994, 0.155_315, 0.566_441])
    {
        close("r", dyad.raw.estimate.unwrap(), theirs, 1e-6);
        assert_eq!(dyad.sessions, 5);
    }
    // tools/reference/dyads.R.
    let detrended =
        [0.029_061_910, 0.657_706_992, 0.978_664_213, 0.785_135_884, -0.806_559_133, 0.475_902_808];
    for (dyad, theirs) in ours.dyads.iter().zip(detrended) {
        close("detrended", dyad.detrended.estimate.unwrap(), theirs, 1e-9);
    }
    close("Fisher", ours.raw.fisher.estimate.unwrap(), 0.609_389_1, QUOTED);
    close("plain", ours.raw.plain.unwrap(), 0.451_536_2, QUOTED);
    close("within", ours.within.estimate.unwrap(), 0.478_131_8, QUOTED);
    close("between", ours.between.estimate.unwrap(), 0.955_725_8, QUOTED);
    assert_eq!((ours.raw.dyads, ours.raw.positive), (6, 5));
}

#[test]
fn truth_and_bias_of_six_dyads() {
    let ours = truth_and_bias(&over_sessions(), &TruthBiasConfig::default()).unwrap();
    let (bias, truth) = (ours.model.effect("(Intercept)").unwrap(), ours.model.effect("truth").unwrap());
    close("bias", bias.estimate.unwrap(), -0.088_333_3, QUOTED);
    close("bias se", bias.se.unwrap(), 0.247_567_1, VARIANCE);
    close("truth", truth.estimate.unwrap(), 0.338_461_5, QUOTED);
    close("truth se", truth.se.unwrap(), 0.129_638_7, VARIANCE);
    close("between", ours.model.variance("dyad").unwrap(), 0.344_796_2, VARIANCE);
    close("residual", ours.model.residual_variance(), 0.114_702_3, VARIANCE);
    let refused = truth_and_bias(&over_sessions()[..4], &TruthBiasConfig::default()).unwrap_err();
    assert_eq!(refused.to_string(), "truth and bias needs 5 dyads with two sessions; there are 4");
}

#[test]
fn drift_of_the_distance_of_six_dyads() {
    let ours = drift(&over_sessions(), &DriftConfig::default()).unwrap();
    assert_eq!(ours.center, 3.0);
    let (level, slope) = (ours.model.effect("(Intercept)").unwrap(), ours.model.effect("session").unwrap());
    close("level", level.estimate.unwrap(), 0.581_666_7, QUOTED);
    close("level se", level.se.unwrap(), 0.102_483_1, VARIANCE);
    close("slope", slope.estimate.unwrap(), 0.005, QUOTED);
    close("slope se", slope.se.unwrap(), 0.049_089_5, VARIANCE);
}

#[test]
fn a_surface_over_twelve_dyads() {
    let dyads: Vec<Triple> =
        (0..12).map(|i| Triple { rating: [CAREGIVER[i], WORKER[i]], outcome: BY_CAREGIVER[i] }).collect();
    let ours =
        response_surface(&dyads, &SurfaceConfig { center: Center::At(5.475), ..Default::default() }).unwrap();
    let b = [6.990_203_4, 1.326_246_8, 0.297_800_0, -0.469_699_1, 1.076_913_4, -0.474_753_8];
    for (at, theirs) in b.into_iter().enumerate() {
        close(&format!("b{at}"), ours.coefficients[at].value.estimate.unwrap(), theirs, QUOTED);
    }
    let a = [
        (1.624_046_8, 0.273_761_5),
        (0.132_460_5, 0.180_031_1),
        (1.028_446_8, 1.379_888_0),
        (-2.021_366_3, 3.549_942_8),
    ];
    for (at, (theirs, se)) in a.into_iter().enumerate() {
        close(&format!("a{}", at + 1), ours.features[at].value.estimate.unwrap(), theirs, QUOTED);
        close(&format!("a{} se", at + 1), ours.features[at].value.se.unwrap(), se, QUOTED);
    }
    close("a5", ours.features[4].value.estimate.unwrap(), 0.005_054_8, QUOTED);
    let stationary = ours.stationary.unwrap();
    close("X0", stationary[0], -5.900_386, 2e-7);
    close("Y0", stationary[1], -6.378_469, 2e-7);
    let axis = ours.first_axis.unwrap();
    close("p10", axis.intercept, -0.505_712_6, QUOTED);
    close("p11", axis.slope, 0.995_317_3, QUOTED);
    let pooled = response_surface(&dyads, &SurfaceConfig::default()).unwrap();
    close("centre", pooled.center, 5.475, 1e-12);
}

#[test]
fn actors_and_partners_of_twelve_dyads() {
    let dyads: Vec<Quartet> = (0..12)
        .map(|i| Quartet { rating: [CAREGIVER[i], WORKER[i]], outcome: [BY_CAREGIVER[i], BY_WORKER[i]] })
        .collect();
    let config = ActorPartnerConfig { divisor: Divisor::MaximumLikelihood, ..Default::default() };
    let ours = actor_partner(&dyads, &config).unwrap();
    let theirs = [
        [(1.006_023_8, 0.124_408_3), (0.637_488_4, 0.140_057_3)],
        [(1.514_801_9, 0.132_041_4), (-0.354_304_8, 0.117_288_1)],
    ];
    for (side, theirs) in ours.sides.iter().zip(theirs) {
        for (effect, (estimate, se)) in [side.actor, side.partner].into_iter().zip(theirs) {
            close("effect", effect.value.estimate.unwrap(), estimate, QUOTED);
            close("se", effect.value.se.unwrap(), se, 1e-6);
        }
    }
    close("residual covariance", ours.residual_covariance, -0.002_068_6, QUOTED);
    close("k1", ours.sides[0].k.estimate.unwrap(), 0.633_671_3, QUOTED);
    close("k2", ours.sides[1].k.estimate.unwrap(), -0.233_895_1, QUOTED);
    // tools/reference/dyads.R: chi-squares of lavaan; an F on two degrees of freedom is half of one.
    close("actors", ours.equal_actors.f.unwrap(), 8.529_353_154, 1e-6);
    close("partners", ours.equal_partners.f.unwrap(), 31.927_554_545, 1e-6);
    close("both", 2.0 * ours.equal_both.f.unwrap(), 41.061_420_125, 1e-6);
    // The same by hand in units of n - 3.
    let plain = actor_partner(&dyads, &ActorPartnerConfig::default()).unwrap();
    close("se", plain.sides[0].actor.value.se.unwrap(), 0.124_408_3 * (12.0f64 / 9.0).sqrt(), 1e-6);
    assert!(
        actor_partner(&dyads[..9], &ActorPartnerConfig::default())
            .unwrap_err()
            .to_string()
            .contains("needs 10")
    );
}

#[test]
fn two_workers_make_no_pair() {
    let row = |row, dyad, role, session| Attendance { dyad, role, session, row };
    let rows =
        [row(0, 0, 1, 1.0), row(1, 0, 1, 1.0), row(2, 1, 1, 2.0), row(3, 1, 0, 2.0), row(4, 1, 2, 2.0)];
    let pairing = pair_roles(&rows, 0, 1);
    assert_eq!(pairing.unpaired, [(0, Unpaired::NoPartner), (1, Unpaired::Doubled)]);
    assert_eq!((pairing.pairs.len(), pairing.pairs[0].first, pairing.pairs[0].second), (1, 3, 2));
}
