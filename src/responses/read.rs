//! From blocks of bytes to batches of answers.
//!
//! Plain rows (one-digit answers, no quotes) take the fast path, four cells at a time; whatever it does not understand
//! is read again from the start of the row by the careful path, which also words the findings. A property test holds
//! that both give the same on any bytes.

use std::collections::BTreeMap;

use super::batch::{NO_FORM, Responses};
use super::blocks::{Block, BlockText, ReadError};
use super::buffer::Buffer;
use super::careful::Careful;
use super::encoding::to_utf8;
use super::fast::Fast;
use super::layout::Layout;
use super::missing::Missing;
use super::pass::FormRule;
use super::roles::{RoleCache, RowForm};
use crate::error::Error;
use crate::finding::Findings;

/// How records are split into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splitting {
    /// The fast path where it serves.
    #[default]
    Automatic,
    /// The CSV state machine for every record; for tests.
    StateMachine,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read, the header not counted.
    pub lines: u64,
    /// Rows read, wholly empty ones not counted.
    pub records: u64,
    /// Wholly empty rows, skipped.
    pub blank: u64,
    /// Rows that `--where` leaves out.
    pub filtered: u64,
    /// Rows of another form than the one asked for.
    pub other_form: u64,
    /// Rows that the records unfold into: as many as there are records, unless the file is wide.
    pub unfolded: u64,
    /// Rows of a wide file for a role and session without any answer, skipped.
    pub unanswered: u64,
    /// Rows that are used.
    pub used: u64,
    /// Missing answers in the rows used, by reason.
    pub missing: BTreeMap<Missing, u64>,
    /// Cells that were no allowed answer, by item slot.
    pub rejected: BTreeMap<usize, u64>,
    /// Answers in words, by word map and word.
    pub labels: BTreeMap<(usize, usize), u64>,
    /// Rows used, by instrument and form.
    pub by_form: BTreeMap<(usize, Option<usize>), u64>,
}

impl Counts {
    /// Rows that are not used, for whatever reason; those of a role and session without any answer are not counted.
    pub fn dropped(&self) -> u64 {
        self.unfolded.saturating_sub(self.unanswered + self.used)
    }

    /// Adds the counts of another part of the file.
    pub fn merge(&mut self, other: &Counts) {
        self.lines += other.lines;
        self.records += other.records;
        self.blank += other.blank;
        self.filtered += other.filtered;
        self.other_form += other.other_form;
        self.unfolded += other.unfolded;
        self.unanswered += other.unanswered;
        self.used += other.used;
        add(&mut self.missing, &other.missing);
        add(&mut self.rejected, &other.rejected);
        add(&mut self.labels, &other.labels);
        add(&mut self.by_form, &other.by_form);
    }
}

fn add<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, n) in from {
        *to.entry(key.clone()).or_default() += n;
    }
}

/// Reads blocks into batches; one for each thread.
pub struct BlockReader<'l> {
    layout: &'l Layout,
    splitting: Splitting,
    fast: Fast<'l>,
    careful: Careful<'l>,
    roles: RoleCache<'l>,
    /// Room for the text of an encoded block.
    decoded: Buffer,
}

impl<'l> BlockReader<'l> {
    /// A reader for a layout.
    pub fn new(layout: &'l Layout, splitting: Splitting) -> BlockReader<'l> {
        BlockReader {
            layout,
            splitting,
            fast: Fast::new(layout),
            careful: Careful::new(layout),
            roles: RoleCache::new(layout),
            decoded: Buffer::default(),
        }
    }

    /// Reads a block (its bytes move into the batch). Lines, records and bytes in the findings count from its start.
    pub fn read(&mut self, block: &mut Block, batch: &mut Responses, findings: &mut Findings) -> Counts {
        if let BlockText::Encoded(known) = block.text {
            to_utf8(known, block.bytes.bytes(), &mut self.decoded, &self.layout.file, findings);
            std::mem::swap(&mut self.decoded, &mut block.bytes);
        }
        std::mem::swap(&mut batch.bytes, &mut block.bytes);
        batch.reset(self.layout);
        self.fast.aim(batch);
        let store = std::mem::take(&mut batch.bytes);
        let bytes = store.bytes();
        let fast = self.splitting == Splitting::Automatic && self.layout.uniform;
        let plain = self.splitting == Splitting::Automatic && !block.quotes;
        let mut counts = Counts::default();
        let mut at = 0;
        while at < bytes.len() {
            if fast {
                at = self.fast_rows(bytes, at, batch, &mut counts);
            }
            if at < bytes.len() {
                at = self.careful.row(bytes, at, plain, batch, (&mut self.roles, findings, &mut counts));
            }
        }
        if block.text != BlockText::AsInFile {
            // Where these bytes stand in the file nobody can tell.
            findings.kept_mut().iter_mut().for_each(|finding| finding.place.bytes = None);
        }
        batch.bytes = store;
        if self.layout.folds.len() == 1 {
            batch.put_words(&self.layout.worded);
        }
        batch.totals = (counts.records, counts.lines);
        counts.unfolded = counts.records * self.layout.folds.len() as u64;
        counts.used = batch.rows() as u64;
        self.count_forms(batch, &mut counts);
        counts
    }

    /// Reads plain rows; returns where the first one begins that is not plain.
    fn fast_rows(&mut self, bytes: &[u8], start: usize, batch: &mut Responses, counts: &mut Counts) -> usize {
        let (mut at, mut rows, mut blanks) = (start, 0, 0);
        let folds = self.layout.folds.len() as u64;
        let wide = self.layout.is_wide();
        while at < bytes.len() {
            let gaps = batch.gaps.len();
            let Some(row) = self.fast.row(bytes, at, batch) else {
                batch.gaps.truncate(gaps);
                break;
            };
            let taken = match self.roles.plain(bytes, batch.open_texts()) {
                RowForm::Take(forms) if wide => {
                    let place = (at, counts.records + rows + 1);
                    batch.end_record(self.layout, place, (forms, gaps), counts);
                    rows += 1;
                    at = row.next;
                    continue;
                }
                RowForm::Take(forms) => {
                    batch.end_row(at, counts.records + rows + 1, forms);
                    blanks += row.blanks;
                    true
                }
                RowForm::OtherForm => {
                    counts.other_form += folds;
                    false
                }
                RowForm::Filtered => {
                    counts.filtered += folds;
                    false
                }
                RowForm::Look => {
                    batch.gaps.truncate(gaps);
                    break;
                }
            };
            if batch.gaps.len() > gaps {
                for (_, _, reason) in batch.gaps.iter().skip(gaps).filter(|_| taken) {
                    *counts.missing.entry(*reason).or_default() += 1;
                }
                if !taken {
                    batch.gaps.truncate(gaps);
                }
            }
            rows += 1;
            at = row.next;
        }
        counts.records += rows;
        counts.lines += rows;
        if blanks > 0 {
            *counts.missing.entry(Missing::Blank).or_default() += blanks;
        }
        at
    }

    /// The words of the role column met so far, and the form each means for every instrument.
    pub fn roles_seen(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.roles.seen()
    }

    fn count_forms(&self, batch: &Responses, counts: &mut Counts) {
        for (at, pass) in self.layout.passes.iter().enumerate() {
            let mut by = [0u64; 256];
            match pass.form {
                FormRule::ByRole => batch.form_codes(at).for_each(|form| by[usize::from(form)] += 1),
                FormRule::Fixed(form) => by[form] = batch.rows as u64,
                FormRule::Unspecified => by[0] = batch.rows as u64,
            }
            for (form, n) in by.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                let form = (form != usize::from(NO_FORM)).then_some(form);
                *counts.by_form.entry((at, form)).or_default() += n;
            }
        }
    }
}

/// Places in a batch are numbers of 31 bits.
const MOST_AT_ONCE: usize = 1 << 30;

/// A whole text, read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Read {
    /// What every column is.
    pub layout: Layout,
    /// All rows, as one batch.
    pub responses: Responses,
    /// What became of the rows.
    pub counts: Counts,
    /// What is wrong with the rows; with [`OnInvalid::Missing`](super::layout::OnInvalid::Missing) cells that were refused
    /// are notes.
    pub findings: Findings,
    /// How many lines come before the first row.
    pub header_lines: u64,
}

/// Reads a whole text at once.
///
/// # Errors
/// As [`Layout::new`]; and the findings, if there are problems among them.
///
/// ```
/// use std::sync::Arc;
/// use alliance_metrics::instrument::library;
/// use alliance_metrics::responses::{self, Options};
///
/// let instrument = Arc::new(library::load("arm_5").unwrap().unwrap());
/// let text = "person,arm_1,arm_2,arm_3,arm_4,arm_5\nP1,7,6,1,NA,5\n";
/// let read = responses::read_all("a.csv", text.as_bytes(), &[instrument], &Options::default()).unwrap();
/// assert_eq!(read.responses.codes(0).unwrap(), [6]);
/// assert_eq!((read.responses.rows(), read.counts.missing.values().sum::<u64>()), (1, 1));
/// assert_eq!(read.layout.texts[0].name, "person");
/// ```
pub fn read_all(
    file: &str,
    bytes: &[u8],
    instruments: &[std::sync::Arc<crate::instrument::Instrument>],
    options: &super::layout::Options,
) -> Result<Read, Error> {
    let read = read_whole(file, bytes, instruments, options)?;
    if read.findings.problems() > 0 {
        return Err(Error::data(read.findings));
    }
    Ok(read)
}

/// As [`read_all`], but leaves it to the caller to judge what is wrong with the rows.
///
/// # Errors
/// As [`Layout::new`]; a finding where no row can be read at all.
pub fn read_whole(
    file: &str,
    bytes: &[u8],
    instruments: &[std::sync::Arc<crate::instrument::Instrument>],
    options: &super::layout::Options,
) -> Result<Read, Error> {
    let failed = |error: ReadError| match error {
        ReadError::Io(source) => Error::System { what: "cannot read", path: file.into(), source },
        ReadError::Finding(finding) => Error::data(*finding),
    };
    let table = super::open::open(file, bytes, &options.said).map_err(failed)?;
    let mut layout = Layout::new(file, &table.header, &table.dialect, instruments, options)?;
    let header_lines = table.header_lines;
    // One block for everything: what comes as a batch need not be put together again.
    let mut block = Block::default();
    let (any, mut blocks) = table.blocks.rest(&mut block).map_err(failed)?;
    if block.bytes.bytes().len() > MOST_AT_ONCE {
        return Err(Error::usage(format!("{file} is too large to be read at once; read it block by block")));
    }
    layout.dialect.encoding = blocks.encoding();
    let mut reader = BlockReader::new(&layout, Splitting::Automatic);
    let (mut responses, mut findings) = (Responses::default(), Findings::keeping_all());
    // A file without rows gives a batch without rows, with all its columns.
    let counts = reader.read(&mut block, &mut responses, &mut findings);
    for finding in findings.kept_mut() {
        finding.place.shift(header_lines, 0, block.offset);
    }
    if any {
        let mut rest = Block::default();
        blocks.next_block(&mut rest).map_err(failed)?;
    }
    Ok(Read { layout, responses, counts, findings, header_lines })
}
