//! Do mixed models find what is there, hold the level of their tests, and cover, with few dyads as with many?

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use alliance_metrics::nested::{
    Column, DegreesOfFreedom, Groups, MixedConfig, MixedModel, Random, Status, mixed,
};
use alliance_metrics::numeric::random::Stream;

const SESSIONS: usize = 10;
/// Of the level and the slope of dyads, and of sessions about a dyad's line.
const SDS: [f64; 3] = [0.6, 0.05, 0.5];
const LEVEL: f64 = 5.0;

/// What a number of studies came to.
#[derive(Default)]
struct Found {
    studies: f64,
    level: f64,
    /// Sums of the estimated variances.
    variances: [f64; 3],
    /// Every estimate of the variance of levels.
    levels: Vec<f64>,
    at_boundary: f64,
    /// Tests of a slope of 0, which is true: by Kenward–Roger, Satterthwaite, the normal distribution.
    rejected: [f64; 3],
    /// Intervals of the level that hold it, by the same.
    covered: [f64; 3],
}

const METHODS: [DegreesOfFreedom; 3] =
    [DegreesOfFreedom::KenwardRoger, DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::Normal];

/// Studies in which nobody rises on average, but dyads differ in level and slope.
fn studies(dyads: usize, studies: u64) -> Found {
    let mut found = Found::default();
    for study in 0..studies {
        let mut chance = Stream::new(21, ((dyads as u64) << 32) | study);
        let (mut dyad, mut time, mut score) = (Vec::new(), Vec::new(), Vec::new());
        for own in 0..dyads {
            let (level, slope) = (LEVEL + SDS[0] * chance.normal(), SDS[1] * chance.normal());
            for session in 0..SESSIONS {
                dyad.push(own);
                time.push(session as f64);
                score.push(level + slope * session as f64 + SDS[2] * chance.normal());
            }
        }
        let time = Column::new("time", time);
        let model = MixedModel::new(Column::new("score", score))
            .fixed(time.clone())
            .random(Random::intercept(Groups::new("dyad", dyad)).slope(time));
        for (at, df) in METHODS.into_iter().enumerate() {
            let fit = mixed(&model, &MixedConfig { df, ..MixedConfig::default() }).unwrap();
            let (level, slope) = (fit.effect("(Intercept)").unwrap(), fit.effect("time").unwrap());
            // Without degrees of freedom there is no test and no interval: nothing rejected, nothing covered.
            found.rejected[at] += f64::from(u8::from(slope.p.is_some_and(|p| p <= 0.05)));
            let holds = level.lower.zip(level.upper).is_some_and(|(a, b)| a <= LEVEL && LEVEL <= b);
            found.covered[at] += f64::from(u8::from(holds));
            if at == 0 {
                found.level += level.estimate.unwrap();
                found.levels.push(fit.variances[0].variance);
                found.at_boundary += f64::from(u8::from(fit.status == Status::Singular));
                for (sum, variance) in found.variances.iter_mut().zip(&fit.variances) {
                    *sum += variance.variance;
                }
            }
        }
        found.studies += 1.0;
    }
    found
}

/// How many studies of each number of dyads are asked for; without, a quick form.
fn asked() -> Option<u64> {
    std::env::var("ALLIANCE_STUDIES").ok()?.parse().ok()
}

#[test]
fn mixed_models_find_what_is_there_with_few_dyads_as_with_many() {
    let mut table = String::from(
        "| dyads | studies | level 5 | variances: level .36 | its middle 95 % | slope .0025 | sessions .25 | at the boundary | \
         rejected: K–R | Satterthwaite | normal | covered: K–R | Satterthwaite | normal |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (dyads, quick) in [(6, 40), (20, 20), (100, 5)] {
        let number = asked().unwrap_or(quick);
        let mut found = studies(dyads, number);
        found.levels.sort_by(f64::total_cmp);
        let place = |share: f64| found.levels[((found.levels.len() - 1) as f64 * share).round() as usize];
        let (low, high) = (place(0.025), place(0.975));
        let n = found.studies;
        let [level, slope, rest] = found.variances.map(|sum| sum / n);
        let [kr, satterthwaite, normal] = found.rejected.map(|count| count / n);
        let [kr_covers, satterthwaite_covers, normal_covers] = found.covered.map(|count| count / n);
        writeln!(
            table,
            "| {dyads} | {n} | {:.3} | {level:.3} | {low:.2}–{high:.2} | {slope:.5} | {rest:.3} | {:.2} | {kr:.3} | {satterthwaite:.3} | {normal:.3} | {kr_covers:.3} | {satterthwaite_covers:.3} | {normal_covers:.3} |",
            found.level / n,
            found.at_boundary / n
        )
        .unwrap();
        // Four standard errors of a mean over the studies.
        let draws = n * dyads as f64;
        let se = (0.36 + 0.25 * 0.35) / draws;
        assert!((found.level / n - LEVEL).abs() < 4.0 * se.sqrt(), "{dyads}: level {}", found.level / n);
        let freedom = n * (dyads * (SESSIONS - 2)) as f64;
        assert!((rest / 0.25 - 1.0).abs() < 4.0 * (2.0 / freedom).sqrt() + 0.02, "{dyads}: residual {rest}");
        assert!((level / 0.36 - 1.0).abs() < 6.0 * (2.0 / draws).sqrt() + 0.05, "{dyads}: variance {level}");
        let at_most = 0.05 + 3.0 * (0.0475 / n).sqrt() + 0.01;
        assert!(kr <= at_most, "{dyads}: {kr} rejected by Kenward and Roger");
        assert!(kr_covers >= 1.0 - at_most, "{dyads}: {kr_covers} covered by Kenward and Roger");
    }
    if asked().is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SIMULATIONS.md");
        let text = fs::read_to_string(&path).unwrap();
        let (begin, end) = ("<!-- mixed models -->\n", "<!-- end of mixed models -->");
        let (before, rest) = text.split_once(begin).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
    }
}
