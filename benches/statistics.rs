//! How fast moments and factors are, on one core unless it says otherwise: `cargo bench --bench statistics`.
//!
//! The data are simulated from a seed before the clock starts. Every statistic is run several times; the fastest run
//! counts.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use alliance_metrics::factor::{
    Loadings, MinresConfig, ObliminConfig, OneFactorConfig, fit_one_factor, minres, oblimin, one_factor,
    schmid_leiman,
};
use alliance_metrics::moments::{
    Categories, CompleteProducts, ItemMatrix, KeyedItem, Moments, PolychoricConfig, polychoric,
};
use alliance_metrics::numeric::random::Stream;
use alliance_metrics::responses::MISSING;

const ITEMS: usize = 36;
const POINTS: u8 = 7;
const GROUPS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "{ITEMS} items of {POINTS} points, simulated; the fastest of the runs")?;
    let many = codes(1_000_000, 0.0);
    let columns: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let rows: Vec<u32> = (0..1_000_000).collect();
    let keyed: Vec<KeyedItem> =
        (0..ITEMS).map(|column| KeyedItem { id: id(column), column, from: 1.0, step: 1.0 }).collect();
    report(&mut out, "exact moments, 1 000 000 rows", 5, || {
        let mut products = CompleteProducts::new(ITEMS, &[(0..ITEMS).collect()]);
        products.add(&columns, &rows);
        products.moments(0, &keyed).is_ok()
    })?;

    let codes_of = codes(5000, 0.0);
    let data = answers(&codes_of);
    report(&mut out, "listwise moments, 5 000 rows", 51, || Moments::listwise(&data).is_ok())?;
    let gaps = codes(5000, 0.02);
    let with_gaps = answers(&gaps);
    report(&mut out, "pairwise moments, 5 000 rows", 21, || Moments::pairwise(&with_gaps).is_ok())?;
    report(&mut out, "EM moments, 5 000 rows, 2 % of answers missing", 3, || {
        Moments::em(&with_gaps).is_ok()
    })?;

    let moments = Moments::listwise(&data)?;
    let covariance = &moments.covariance;
    let fitted = fit_one_factor(covariance, Loadings::Free, None)?;
    let start = (fitted.loadings.as_slice(), fitted.uniquenesses.as_slice());
    report(&mut out, "one factor by maximum likelihood, the search", 501, || {
        fit_one_factor(covariance, Loadings::Free, None).is_ok()
    })?;
    report(&mut out, "the same from the solution", 501, || {
        fit_one_factor(covariance, Loadings::Free, Some(start)).is_ok()
    })?;
    report(&mut out, "one factor with test and standard errors", 101, || {
        one_factor(&moments, &OneFactorConfig::default()).is_ok()
    })?;
    let r = moments.correlation()?;
    let config = MinresConfig { factors: GROUPS, ..MinresConfig::default() };
    report(&mut out, "minres, three factors", 101, || minres(&r, &config).is_ok())?;
    let extracted = minres(&r, &config)?;
    report(&mut out, "oblimin, eleven starts", 51, || {
        oblimin(&extracted.loadings, &ObliminConfig::default()).is_ok()
    })?;
    let rotated = oblimin(&extracted.loadings, &ObliminConfig::default())?;
    report(&mut out, "Schmid-Leiman", 101, || {
        schmid_leiman(&rotated.loadings, &rotated.correlations).is_ok()
    })?;

    let ids = (0..ITEMS).map(id).collect();
    let categories = Categories::new(ids, vec![POINTS; ITEMS], codes_of)?;
    report(&mut out, "polychoric correlations, 5 000 rows, all cores", 11, || {
        polychoric(&categories, &PolychoricConfig::default()).is_ok()
    })?;
    Ok(())
}

fn report(out: &mut impl Write, what: &str, runs: usize, mut run: impl FnMut() -> bool) -> io::Result<()> {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let clock = Instant::now();
        let done = black_box(run());
        best = best.min(clock.elapsed().as_secs_f64());
        if !done {
            return writeln!(out, "{what:<50} could not be had");
        }
    }
    writeln!(out, "{what:<50} {:>12.3} ms", best * 1e3)
}

fn id(item: usize) -> String {
    format!("i{:02}", item + 1)
}

/// A general factor, three group factors and noise, cut into seven answers; some of them missing.
fn codes(persons: usize, missing: f64) -> Vec<Vec<u8>> {
    let mut stream = Stream::new(36, 7);
    let mut columns = vec![Vec::new(); ITEMS];
    for _ in 0..persons {
        let general = stream.normal();
        let group: [f64; GROUPS] = std::array::from_fn(|_| stream.normal());
        for (j, column) in columns.iter_mut().enumerate() {
            let loading = 0.5 + 0.01 * j as f64;
            let own = (1.0 - loading * loading - 0.09_f64).max(0.1).sqrt();
            let x = loading * general + 0.3 * group[j % GROUPS] + own * stream.normal();
            let code = (1.2 * x + 4.2).clamp(0.0, f64::from(POINTS) - 1.0) as u8;
            column.push(if stream.unit() < missing { MISSING } else { code });
        }
    }
    columns
}

fn answers(codes: &[Vec<u8>]) -> ItemMatrix {
    let value = |code: u8| if code == MISSING { f64::NAN } else { f64::from(code) + 1.0 };
    let rows: Vec<Vec<f64>> =
        (0..codes[0].len()).map(|i| codes.iter().map(|column| value(column[i])).collect()).collect();
    ItemMatrix::from_rows((0..codes.len()).map(id).collect(), &rows)
}
