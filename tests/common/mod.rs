//! What several tests need: a whole file scored in memory, by any path, in any block size.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use alliance_metrics::error::Error;
use alliance_metrics::finding::Findings;
use alliance_metrics::instrument::{Instrument, library};
use alliance_metrics::responses::{
    self, Block, BlockReader, Buffer, Counts, Layout, Options, ReadError, Responses, Splitting,
};
use alliance_metrics::scoring::{Columns, Plan, Rules, ScaleSummary, ScoreTable, Scores, Tally};

static SHELF: LazyLock<BTreeMap<&str, Arc<Instrument>>> = LazyLock::new(|| {
    let load = |id| Arc::new(library::load(id).expect("it is on the shelf").expect("it is sound"));
    library::ids().map(|id| (id, load(id))).collect()
});

/// A shipped instrument.
pub fn shipped(id: &str) -> Arc<Instrument> {
    SHELF[id].clone()
}

/// What scoring a file gives.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub table: String,
    pub summaries: Vec<ScaleSummary>,
    pub counts: Counts,
    pub findings: Findings,
    /// How reading ended, if not at the end of the file.
    pub stopped: Option<String>,
}

/// Scores a text; an error is one of the header or the options.
pub fn score(
    bytes: &[u8],
    instruments: &[Arc<Instrument>],
    options: &Options,
    rules: &Rules,
    (splitting, block): (Splitting, usize),
) -> Result<Outcome, Error> {
    let failed = |error| match error {
        ReadError::Io(error) => Error::usage(error.to_string()),
        ReadError::Finding(finding) => Error::data(*finding),
    };
    let table = responses::open("test.csv", bytes, &options.said).map_err(failed)?;
    let layout = Layout::new("test.csv", &table.header, &table.dialect, instruments, options)?;
    let plan = Plan::new(&layout, rules)?;
    let mut blocks = table.blocks.with_block_size(block);
    let mut reader = BlockReader::new(&layout, splitting);
    let mut writer = ScoreTable::new(&layout, &plan, Columns::All, false, b',', None)?;
    let (mut scores, mut tally) = (Scores::new(&plan), Tally::new(&plan, &layout));
    let mut text = Buffer::default();
    text.push(&writer.header());
    let (mut counts, mut findings) = (Counts::default(), Findings::keeping_all());
    let (mut one, mut batch) = (Block::default(), Responses::default());
    let stopped = loop {
        match blocks.next_block(&mut one) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(ReadError::Finding(finding)) => break Some(finding.code.id().to_owned()),
            Err(ReadError::Io(error)) => break Some(error.to_string()),
        }
        let mut found = Findings::keeping_all();
        let offset = one.offset;
        let here = reader.read(&mut one, &mut batch, &mut found);
        for finding in found.kept_mut() {
            finding.place.shift(table.header_lines + counts.lines, counts.records, offset);
        }
        findings.append(found);
        counts.merge(&here);
        plan.score(&batch, &mut scores);
        // A tally made of parts is the same as one made at once.
        let mut part = Tally::new(&plan, &layout);
        part.add(&plan, &layout, &batch, &scores);
        tally.merge(&part);
        writer.write(&batch, &scores, &mut text);
    };
    Ok(Outcome {
        table: String::from_utf8_lossy(text.bytes()).into_owned(),
        summaries: tally.summaries(&plan, &layout),
        counts,
        findings,
        stopped,
    })
}

/// Scores a text the ordinary way.
pub fn score_text(text: &str, instrument: &str, options: &Options, rules: &Rules) -> Result<Outcome, Error> {
    score(text.as_bytes(), &[shipped(instrument)], options, rules, (Splitting::Automatic, responses::BLOCK))
}
