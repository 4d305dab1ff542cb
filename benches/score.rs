//! How fast each stage of scoring is, on one core: `cargo bench --bench score [-- ROWS]`.
//!
//! The data are simulated in memory before the clock starts. Every stage is run several times; the fastest run counts.

use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use alliance_metrics::finding::Findings;
use alliance_metrics::instrument::library;
use alliance_metrics::responses::{self, Block, BlockReader, Buffer, Layout, Options, Responses, Splitting};
use alliance_metrics::scoring::{Columns, Plan, Rules, ScoreTable, Scores, Tally};

#[path = "data/wai36.rs"]
mod wai36;

const RUNS: usize = 31;

fn main() -> Result<(), Box<dyn Error>> {
    let rows = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(200_000);
    let mut bytes = Vec::new();
    wai36::write(rows, 36, &mut bytes)?;
    let instrument =
        Arc::new(library::load("wai").ok_or("no such instrument")?.map_err(|_| "a broken definition")?);
    let options = Options {
        keys: vec![(responses::Key::Person, "client_id".into()), (responses::Key::Role, "rater".into())],
        ..Options::default()
    };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{rows} rows of 36 items, {:.1} MB; one core, the fastest of {RUNS} runs",
        bytes.len() as f64 / 1e6
    )?;
    for stage in [Stage::Blocks, Stage::Read, Stage::StateMachine, Stage::Score, Stage::Tally, Stage::Write] {
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let clock = Instant::now();
            run(stage, &bytes, &instrument, &options)?;
            best = best.min(clock.elapsed().as_secs_f64());
        }
        let (ns, mbs) = (best * 1e9 / rows as f64, bytes.len() as f64 / 1e6 / best);
        writeln!(out, "{:<34} {ns:>8.1} ns a row {mbs:>9.0} MB/s", stage.name())?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Blocks,
    Read,
    StateMachine,
    Score,
    Tally,
    Write,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Blocks => "blocks and digest",
            Stage::Read => "+ cells",
            Stage::StateMachine => "  (cells by the state machine)",
            Stage::Score => "+ scores",
            Stage::Tally => "+ summary",
            Stage::Write => "+ text of the scores",
        }
    }
}

fn run(
    stage: Stage,
    bytes: &[u8],
    instrument: &Arc<alliance_metrics::instrument::Instrument>,
    options: &Options,
) -> Result<(), Box<dyn Error>> {
    let table = responses::open("bench", bytes, &options.said).map_err(|_| "cannot be opened")?;
    let layout =
        Layout::new("bench", &table.header, &table.dialect, std::slice::from_ref(instrument), options)?;
    let plan = Plan::new(&layout, &Rules::default())?;
    let splitting = if stage == Stage::StateMachine { Splitting::StateMachine } else { Splitting::Automatic };
    let mut reader = BlockReader::new(&layout, splitting);
    let mut scores = Scores::new(&plan);
    let mut tally = Tally::new(&plan, &layout);
    let mut writer = ScoreTable::new(&layout, &plan, Columns::Scores, false, b',', None)?;
    let (mut block, mut batch, mut findings) = (Block::default(), Responses::default(), Findings::new());
    let mut blocks = table.blocks;
    let mut out = Buffer::default();
    let mut rows = 0;
    while blocks.next_block(&mut block).map_err(|_| "cannot be read")? {
        if stage >= Stage::Read {
            reader.read(&mut block, &mut batch, &mut findings);
            rows += batch.rows();
        }
        if stage >= Stage::Score {
            plan.score(&batch, &mut scores);
        }
        if stage >= Stage::Tally {
            tally.add(&plan, &layout, &batch, &scores);
        }
        if stage >= Stage::Write {
            out.clear();
            writer.write(&batch, &scores, &mut out);
        }
    }
    std::hint::black_box((rows, out.bytes().len()));
    Ok(())
}
