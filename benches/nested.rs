//! How fast mixed models are fitted, on one core: `cargo bench --bench nested`.
//!
//! Sessions in dyads in workers are simulated from a seed before the clock starts. Every task is run several times; the
//! fastest run counts. With a folder (`cargo bench --bench nested -- FOLDER`) the data are written there too, for
//! `benches/peers/nested.py`, and log-likelihoods stand beside the times.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use alliance_metrics::nested::{
    Column, DegreesOfFreedom, Groups, MixedConfig, MixedModel, Random, mixed, person_lines,
};
use alliance_metrics::numeric::random::Stream;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mut out = io::stdout().lock();
    let large = Sessions::simulated(200, 5, 20, 1);
    let small = Sessions::simulated(20, 5, 5, 2);
    if let Some(folder) = &folder {
        large.write(&Path::new(folder).join("large.csv"))?;
        small.write(&Path::new(folder).join("small.csv"))?;
    }
    let plain = MixedConfig { df: DegreesOfFreedom::Normal, ..MixedConfig::default() };
    let exact = MixedConfig { df: DegreesOfFreedom::KenwardRoger, ..MixedConfig::default() };
    let two = large.line();
    let three = large.line().random(Random::intercept(large.worker.clone()));
    let few = small.line();
    for (what, model, config, runs) in [
        ("intercept and slope, 20 000 rows, 1 000 dyads", &two, &plain, 25),
        ("three levels, 200 workers", &three, &plain, 25),
        ("Kenward-Roger, 500 rows, with its fit", &few, &exact, 25),
    ] {
        let found = mixed(model, config)?;
        let seconds = fastest(runs, || mixed(model, config).is_ok());
        writeln!(out, "{what:<50} {:>9.3} ms   log-likelihood {:.9}", seconds * 1e3, found.log_likelihood)?;
    }
    let many = Sessions::simulated(2000, 5, 20, 3);
    let (score, time) = (Column::new("score", many.score.clone()), Column::new("time", many.time.clone()));
    let seconds = fastest(11, || person_lines(&score, &time, &many.dyad).len());
    writeln!(out, "{:<50} {:>9.3} ms", "10 000 regressions of a dyad, 20 sessions each", seconds * 1e3)?;
    Ok(())
}

struct Sessions {
    worker: Groups,
    dyad: Groups,
    time: Vec<f64>,
    score: Vec<f64>,
}

impl Sessions {
    fn simulated(workers: usize, dyads: usize, sessions: usize, seed: u64) -> Sessions {
        let mut chance = Stream::new(seed, 0);
        let (mut worker, mut dyad, mut time, mut score) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for own in 0..workers {
            let of_worker = 0.4 * chance.normal();
            for pair in 0..dyads {
                let (level, slope) = (5.0 + of_worker + 0.6 * chance.normal(), 0.04 + 0.06 * chance.normal());
                for session in 0..sessions {
                    worker.push(own);
                    dyad.push(own * dyads + pair);
                    time.push(session as f64);
                    score.push(level + slope * session as f64 + 0.5 * chance.normal());
                }
            }
        }
        Sessions { worker: Groups::new("worker", worker), dyad: Groups::new("dyad", dyad), time, score }
    }

    fn line(&self) -> MixedModel {
        let time = Column::new("time", self.time.clone());
        MixedModel::new(Column::new("score", self.score.clone()))
            .fixed(time.clone())
            .random(Random::intercept(self.dyad.clone()).slope(time))
    }

    fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut text = String::from("worker,dyad,time,score\n");
        for (at, score) in self.score.iter().enumerate() {
            let (worker, dyad) = (self.worker.of_row[at], self.dyad.of_row[at]);
            writeln!(text, "w{worker},d{dyad},{},{score}", self.time[at])?;
        }
        fs::write(path, text)?;
        Ok(())
    }
}

/// Seconds of the fastest run.
fn fastest<T>(runs: usize, mut task: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let clock = Instant::now();
        black_box(task());
        best = best.min(clock.elapsed().as_secs_f64());
    }
    best
}
