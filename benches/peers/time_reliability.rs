//! Times statistics of reliability on a file of answers, for `benches/peers/reliability.py`: one line a part, seconds, the median
//! of several runs. Everything is on one core but the polychoric correlations and the bootstrap, which use all.
//!
//! `cargo run --release --example time_reliability -- ANSWERS.csv RUNS`

#![allow(clippy::print_stdout)] // the script reads it

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use alliance_metrics::factor::{MinresConfig, minres};
use alliance_metrics::moments::{
    Categories, CompleteProducts, ItemMatrix, KeyedItem, Moments, PolychoricConfig, polychoric,
};
use alliance_metrics::reliability::{
    AlphaConfig, BootstrapConfig, Coefficient, Frequencies, HierarchicalConfig, ScaleConfig, ScoreOf, alpha,
    alpha_if_deleted, bootstrap, describe, hierarchical, item_fit, omega, standardized_alpha,
};

const ITEMS: usize = 36;
const POINTS: u8 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("give a file of answers")?;
    let runs: usize = args.next().ok_or("give the number of runs")?.parse()?;
    let columns = read(&path)?;
    let data = answers(&columns, columns[0].len(), ITEMS);

    time("alpha, item table, omega total and hierarchical", runs, || {
        let moments = Moments::listwise(&data)?;
        let config = HierarchicalConfig { groups: 3, ..HierarchicalConfig::default() };
        let sum = alpha(&moments, &AlphaConfig::default())?.estimate.estimate.unwrap_or(0.0)
            + standardized_alpha(&moments).alpha.estimate.unwrap_or(0.0)
            + omega(&moments, 0.95)?.omega_total.estimate.unwrap_or(0.0)
            + hierarchical(&moments, &config)?.omega_hierarchical.estimate.unwrap_or(0.0);
        let described =
            (0..data.k()).filter_map(|j| describe(&Frequencies::of(data.item(j))).sd).sum::<f64>();
        let items = item_fit(&data, &moments, 0.95).len() + alpha_if_deleted(&moments).len();
        Ok(sum + described + items as f64)
    })?;

    let small = answers(&columns, 500, 12);
    let draws = BootstrapConfig { draws: 20_000, of: vec![Coefficient::Alpha], ..BootstrapConfig::default() };
    let per_draw = median(runs, || {
        let found = bootstrap(&small, &[], &ScoreOf::sum(), &ScaleConfig::default(), &draws, None)?;
        Ok(found.limits.len() as f64)
    })?;
    println!("alpha, one draw of a bootstrap\t{:e}", per_draw / 20_000.0);

    let codes = columns.iter().map(|column| column.iter().map(|x| x - 1).collect()).collect();
    let categories = Categories::new((0..ITEMS).map(id).collect(), vec![POINTS; ITEMS], codes)?;
    time("polychoric correlations", runs, || {
        Ok(polychoric(&categories, &PolychoricConfig::default())?.correlation[(0, 1)])
    })?;

    // A million rows: the file's, again and again.
    let times = 1_000_000_usize.div_ceil(columns[0].len());
    let many: Vec<Vec<u8>> = columns
        .iter()
        .map(|column| column.iter().map(|x| x - 1).cycle().take(times * column.len()).collect())
        .collect();
    let views: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    let rows: Vec<u32> = (0..many[0].len() as u32).collect();
    let keyed: Vec<KeyedItem> =
        (0..ITEMS).map(|column| KeyedItem { id: id(column), column, from: 1.0, step: 1.0 }).collect();
    time("covariances of a million rows", runs.min(7), || {
        let mut products = CompleteProducts::new(ITEMS, &[(0..ITEMS).collect()]);
        products.add(&views, &rows);
        Ok(products.moments(0, &keyed)?.covariance[(0, 1)])
    })?;

    // What is compared with psych, so that nobody is fast and wrong.
    let moments = Moments::listwise(&data)?;
    let extracted = minres(&moments.correlation()?, &MinresConfig { factors: 3, ..MinresConfig::default() })?;
    let config = HierarchicalConfig { groups: 3, ..HierarchicalConfig::default() };
    let value = |of: Option<f64>| of.unwrap_or(f64::NAN);
    println!("= alpha\t{:.10}", value(alpha(&moments, &AlphaConfig::default())?.estimate.estimate));
    println!(
        "= omega hierarchical\t{:.10}",
        value(hierarchical(&moments, &config)?.omega_hierarchical.estimate)
    );
    println!("= omega total\t{:.10}", value(omega(&moments, 0.95)?.omega_total.estimate));
    println!(
        "= polychoric\t{:.10}",
        polychoric(&categories, &PolychoricConfig::default())?.correlation[(0, 1)]
    );
    black_box(extracted);
    Ok(())
}

fn time(
    what: &str,
    runs: usize,
    run: impl FnMut() -> Result<f64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    println!("{what}\t{:e}", median(runs, run)?);
    Ok(())
}

fn median(runs: usize, mut run: impl FnMut() -> Result<f64, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut seconds = Vec::new();
    for _ in 0..runs {
        let clock = Instant::now();
        black_box(run()?);
        seconds.push(clock.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

/// The columns wai_1 … wai_36, reversed by the key of the WAI.
fn read(path: &str) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    const REVERSED: [usize; 14] = [1, 3, 7, 9, 10, 11, 12, 15, 20, 27, 29, 31, 33, 34];
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().ok_or("the file is empty")?.split(',').collect();
    let mut at = Vec::new();
    for item in 1..=ITEMS {
        let name = format!("wai_{item}");
        at.push(header.iter().position(|head| *head == name).ok_or(name)?);
    }
    let mut columns = vec![Vec::new(); ITEMS];
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        for (j, column) in columns.iter_mut().enumerate() {
            let x: u8 = cells[at[j]].parse()?;
            column.push(if REVERSED.contains(&(j + 1)) { POINTS + 1 - x } else { x });
        }
    }
    Ok(columns)
}

fn id(item: usize) -> String {
    format!("i{:02}", item + 1)
}

fn answers(columns: &[Vec<u8>], persons: usize, items: usize) -> ItemMatrix {
    let row = |i: usize| columns[..items].iter().map(|column| f64::from(column[i])).collect();
    let rows: Vec<Vec<f64>> = (0..persons.min(columns[0].len())).map(row).collect();
    ItemMatrix::from_rows((0..items).map(id).collect(), &rows)
}
