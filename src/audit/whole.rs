//! A whole text, audited at once.

use std::sync::Arc;

use super::look::{Audit, Config};
use super::places::Start;
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::Instrument;
use crate::responses::{Block, BlockReader, Counts, Layout, Options, ReadError, Responses, Splitting, open};
use crate::scoring::{Plan, Rules};

/// Everything that is wrong with a text, what its rows say and what its reader finds, in the order of a report.
///
/// # Errors
/// A usage error where the user's words do not fit the text or the instrument.
///
/// ```
/// use std::sync::Arc;
/// use alliance_metrics::audit::{Config, check_text};
/// use alliance_metrics::instrument::library;
/// use alliance_metrics::responses::Options;
/// use alliance_metrics::scoring::Rules;
///
/// let instrument = Arc::new(library::load("arm_5").unwrap().unwrap());
/// let text = "person,arm_1,arm_2,arm_3,arm_4,arm_5\nP1,7,6,1,8,5\nP1,5,5,2,6,6\n";
/// let asked = (&Options::default(), &Rules::default(), &Config::default());
/// let found = check_text("a.csv", text.as_bytes(), &instrument, asked).unwrap();
/// let codes: Vec<&str> = found.kept().iter().take(2).map(|finding| finding.code.id()).collect();
/// assert_eq!(codes, ["out_of_range", "duplicate_key"]);
/// ```
pub fn check_text(
    file: &str,
    text: &[u8],
    instrument: &Arc<Instrument>,
    (options, rules, config): (&Options, &Rules, &Config),
) -> Result<Findings, Error> {
    let failed = |error: ReadError| match error {
        ReadError::Io(source) => Error::System { what: "cannot read", path: file.into(), source },
        ReadError::Finding(finding) => Error::data(*finding),
    };
    let found = |error: Error| match error {
        Error::Data(findings) => Ok(*findings),
        error => Err(error),
    };
    let table = match open(file, text, &options.said).map_err(failed) {
        Ok(table) => table,
        Err(error) => return found(error),
    };
    let instruments = std::slice::from_ref(instrument);
    let layouts = match Layout::new(file, &table.header, &table.dialect, instruments, options) {
        Ok(layout) => [layout],
        Err(error) => return found(error),
    };
    let plan = Plan::new(&layouts[0], rules)?;
    let audit = Audit::new(&layouts, &plan, rules, config)?;
    let (mut auditor, mut reader) = (audit.auditor(), BlockReader::new(&layouts[0], Splitting::Automatic));
    let (mut block, mut batch, mut blocks) = (Block::default(), Responses::default(), table.blocks);
    let (mut counts, mut read, mut starts) = (Counts::default(), Findings::keeping_all(), Vec::new());
    loop {
        match blocks.next_block(&mut block).map_err(failed) {
            Ok(true) => {}
            Ok(false) => break,
            Err(Error::Data(findings)) => {
                read.append(*findings);
                return Ok(read);
            }
            Err(error) => return Err(error),
        }
        let start = Start { file: 0, records: counts.records, lines: table.header_lines + counts.lines };
        let mut here = Findings::keeping_all();
        counts.merge(&reader.read(&mut block, &mut batch, &mut here));
        let places = here.kept_mut().iter_mut().map(|finding| &mut finding.place);
        places.for_each(|place| place.shift(start.lines, start.records, block.offset));
        read.append(here);
        auditor.add(starts.len() as u64, &batch);
        starts.push(start);
    }
    if counts.records == 0 && read.is_empty() {
        let place = Place::file(file);
        return Ok(Finding::problem(Code::NoRows, place, "the file has a header and no rows").into());
    }
    let gathered = vec![auditor.gathered()];
    Ok(audit.finish(gathered, &counts, &starts).with(read))
}
