//! One pass over a file of answers: read, work on batches with all cores, results in the order of the file.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::console::Console;
use super::files::{FileState, Source};
use super::progress::Progress;
use crate::audit::Start;
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::{Evidence, Instrument};
use crate::report;
use crate::report::format::{count, plural};
use crate::report::model::InputFile;
use crate::responses::{
    self, Block, BlockReader, Blocks, Buffer, Counts, FormRule, Layout, Options, ReadError, Responses,
    Splitting, ordered,
};

/// Files whose columns are known, ready to be streamed as one.
pub(super) struct Opened {
    /// How each file is read. Results are read as by the first: all have the same items and text columns.
    pub layouts: Vec<Layout>,
    files: Vec<OpenFile>,
}

/// A file whose header has been read.
struct OpenFile {
    blocks: Blocks<'static>,
    /// How many lines come before the first row.
    header_lines: u64,
    base: String,
    state: Option<FileState>,
}

impl Opened {
    /// How results are read.
    pub fn layout(&self) -> &Layout {
        &self.layouts[0]
    }

    /// For each file how many lines come before the first row.
    pub fn header_lines(&self) -> Vec<u64> {
        self.files.iter().map(|file| file.header_lines).collect()
    }

    /// How many bytes there are, if that is known; packed and decoded ones are counted otherwise.
    fn len(&self) -> Option<u64> {
        let plain = |layout: &Layout| !layout.dialect.gzip && layout.dialect.encoding.is_ascii_based();
        let of = |file: &OpenFile| Some(file.state.as_ref()?.len);
        self.files.iter().map(of).sum::<Option<u64>>().filter(|_| self.layouts.iter().all(plain))
    }
}

/// What a pass over files leaves behind.
pub(super) struct Streamed<S> {
    pub counts: Counts,
    /// Findings that do not stand in the way.
    pub findings: Findings,
    /// Words of the role column, and the forms they were taken for.
    pub roles: BTreeMap<String, Vec<String>>,
    /// What each worker gathered.
    pub states: Vec<S>,
    pub files: Vec<InputFile>,
    /// What comes before each block.
    pub starts: Vec<Start>,
}

/// Opens files of answers and matches their columns to the instruments.
pub(super) fn open(
    sources: Vec<Source>,
    instruments: &[std::sync::Arc<Instrument>],
    options: &Options,
) -> Result<Opened, Error> {
    let several = sources.len() > 1;
    let (mut layouts, mut files, mut findings) = (Vec::new(), Vec::new(), Findings::keeping_all());
    for Source { name, base, reader, state } in sources {
        let opened = responses::open(&name, reader, &options.said)
            .map_err(|error| read_error(&name, error, 0))
            .and_then(|table| {
                let layout = Layout::new(&name, &table.header, &table.dialect, instruments, options)?;
                Ok((layout, table))
            });
        match opened {
            Ok((layout, table)) => {
                layouts.push(layout);
                files.push(OpenFile { blocks: table.blocks, header_lines: table.header_lines, base, state });
            }
            Err(Error::Data(found)) => findings.append(*found),
            Err(Error::Usage { message, help }) if several => {
                return Err(Error::Usage { message: format!("{name}: {message}"), help });
            }
            Err(error) => return Err(error),
        }
    }
    if findings.problems() > 0 {
        return Err(Error::data(findings));
    }
    if several {
        let names: Vec<String> = files.iter().map(|file| file.base.clone()).collect();
        responses::align(&mut layouts, &names)?;
    }
    Ok(Opened { layouts, files })
}

/// What travels through the pass: a block of bytes, the batch made of it, and what the work made of that.
#[derive(Default)]
struct Parcel {
    /// Which file it is from.
    source: usize,
    /// Its place among the blocks of all files.
    number: u64,
    block: Block,
    batch: Responses,
    out: Buffer,
    findings: Findings,
    counts: Counts,
}

/// Streams files: `work` turns each batch into bytes, `sink` takes these in order. Nothing goes to `sink` once there is a
/// problem.
///
/// # Errors
/// Problems in the answers, an input that cannot be read, an output that cannot be written.
pub(super) fn stream<S: Send>(
    opened: Opened,
    threads: usize,
    console: &mut Console,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &Responses, &mut Buffer) + Sync,
    sink: impl FnMut(&[u8]) -> Result<(), Error> + Send,
) -> Result<Streamed<S>, Error> {
    let streamed =
        pass(opened, threads, console, state, |state, _, batch, out| work(state, batch, out), sink)?;
    if streamed.findings.problems() > 0 {
        return Err(Error::data(streamed.findings));
    }
    if streamed.counts.used == 0 {
        return Err(no_rows_left(&streamed.counts));
    }
    Ok(streamed)
}

/// As [`stream`], but reads on whatever is wrong with the answers, and leaves it to the caller to say what follows. The
/// work learns the number of its block.
///
/// # Errors
/// A file without rows, an input that cannot be read, an output that cannot be written.
pub(super) fn pass<S: Send>(
    opened: Opened,
    threads: usize,
    console: &mut Console,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, u64, &Responses, &mut Buffer) + Sync,
    mut sink: impl FnMut(&[u8]) -> Result<(), Error> + Send,
) -> Result<Streamed<S>, Error> {
    let mut progress = Progress::new(opened.len());
    let Opened { layouts, mut files } = opened;
    let header_lines: Vec<u64> = files.iter().map(|file| file.header_lines).collect();
    let keep_all = console.wants_all();
    // Rows and lines are counted file by file, for their places.
    let mut counts = vec![Counts::default(); files.len()];
    let mut findings = Findings::new();
    let mut failure: Option<Error> = None;
    let (mut current, mut read_before, mut last_offset) = (0, 0, 0);
    let (mut number, mut starts) = (0, Vec::new());
    let parcels = (0..threads + 2).map(|_| Parcel::default()).collect();
    let (produced, states) = ordered(
        parcels,
        threads,
        |parcel: &mut Parcel| {
            while let Some(file) = files.get_mut(current) {
                (parcel.source, parcel.number) = (current, number);
                match file.blocks.next_block(&mut parcel.block) {
                    Ok(false) => current += 1,
                    other => {
                        number += 1;
                        return other.map_err(|error| (current, error));
                    }
                }
            }
            Ok(false)
        },
        || (Readers::new(&layouts), state()),
        |(readers, state), parcel| {
            parcel.out.clear();
            parcel.findings = if keep_all { Findings::keeping_all() } else { Findings::new() };
            let reader = readers.of(parcel.source);
            parcel.counts = reader.read(&mut parcel.block, &mut parcel.batch, &mut parcel.findings);
            work(state, parcel.number, &parcel.batch, &mut parcel.out);
        },
        |parcel| {
            let mut taken = || {
                let mut found = std::mem::take(&mut parcel.findings);
                let (counts, lines) = (&mut counts[parcel.source], header_lines[parcel.source]);
                for finding in found.kept_mut() {
                    finding.place.shift(lines + counts.lines, counts.records, parcel.block.offset);
                }
                for finding in found.kept().iter().filter(|_| keep_all) {
                    console.record(finding)?;
                }
                findings.append(found);
                starts.push(Start {
                    file: parcel.source,
                    records: counts.records,
                    lines: lines + counts.lines,
                });
                counts.merge(&parcel.counts);
                if parcel.block.offset < last_offset {
                    read_before += last_offset; // another file
                }
                last_offset = parcel.block.offset;
                progress.at(read_before + last_offset);
                if findings.problems() == 0 { sink(parcel.out.bytes()) } else { Ok(()) }
            };
            failure = taken().err();
            failure.is_none()
        },
    );
    if let Some(error) = failure {
        return Err(error);
    }
    if let Err((at, error)) = produced {
        match read_error(&layouts[at].file, error, header_lines[at] + counts[at].lines) {
            Error::Data(last) => {
                for finding in last.kept() {
                    console.record(finding)?;
                }
                findings.append(*last);
            }
            error => return Err(error),
        }
    }
    let mut total = Counts::default();
    counts.iter().for_each(|of| total.merge(of));
    if findings.is_empty() {
        let empty = layouts.iter().zip(&counts).filter(|(_, counts)| counts.records == 0);
        for (layout, _) in empty {
            let place = Place::file(&layout.file);
            findings.push(Finding::problem(Code::NoRows, place, "the file has a header and no rows"));
        }
    }
    let mut inputs = Vec::new();
    for ((file, layout), counts) in files.into_iter().zip(&layouts).zip(&counts) {
        if findings.problems() == 0 {
            file.state.map_or(Ok(()), |state| state.check())?;
        }
        let (digest, bytes) = file.blocks.digest();
        let read_as = report::read_as(&layout.dialect, file.blocks.encoding());
        let columns = (layouts.len() > 1).then(|| report::columns_of(layout));
        inputs.push(InputFile { name: file.base, digest, bytes, rows: counts.records, read_as, columns });
    }
    let mut roles: BTreeMap<String, Vec<String>> =
        layouts.iter().flat_map(|layout| layout.roles_in_names()).collect();
    let mut gathered = Vec::new();
    for (readers, state) in states {
        readers.0.iter().flatten().for_each(|reader| roles.extend(reader.roles_seen()));
        gathered.push(state);
    }
    Ok(Streamed { counts: total, findings, roles, states: gathered, files: inputs, starts })
}

/// The readers of one thread, one for each file whose turn has come.
struct Readers<'l>(Vec<Option<BlockReader<'l>>>, &'l [Layout]);

impl<'l> Readers<'l> {
    fn new(layouts: &'l [Layout]) -> Readers<'l> {
        Readers(layouts.iter().map(|_| None).collect(), layouts)
    }

    fn of(&mut self, source: usize) -> &mut BlockReader<'l> {
        self.0[source].get_or_insert_with(|| BlockReader::new(&self.1[source], Splitting::Automatic))
    }
}

fn no_rows_left(counts: &Counts) -> Error {
    let mut why = Vec::new();
    for (n, what) in [
        (counts.filtered, "left out by --where"),
        (counts.other_form, "of another form than --form"),
        (counts.unanswered, "of a role and session without any answer"),
    ] {
        if n > 0 {
            why.push(format!("{} {what}", count(n)));
        }
    }
    Error::usage(format!("no row is left of {}: {}", plural(counts.unfolded, "row", "rows"), why.join(", ")))
}

/// Turns what a reader says into our error; so many lines come before it.
pub(super) fn read_error(name: &str, error: ReadError, lines: u64) -> Error {
    match error {
        ReadError::Io(source) => Error::System { what: "cannot read", path: PathBuf::from(name), source },
        ReadError::Finding(mut finding) => {
            finding.place.shift(lines, 0, 0);
            Error::data(*finding)
        }
    }
}

/// Refuses forms whose key is open, and keys that are inferred unless the user accepts them. Before the pass for what is
/// known then; after it, with the counts, for what the roles brought.
///
/// # Errors
/// A definition error for an open form; a usage error that names the inferred scales.
pub(super) fn check_keys(layout: &Layout, counts: Option<&Counts>, accepted: bool) -> Result<(), Error> {
    for (at, pass) in layout.passes.iter().enumerate() {
        let (instrument, id) = (&pass.instrument, &pass.instrument.id);
        if let FormRule::Fixed(form) = pass.form
            && let Some(why) = &instrument.forms[form].template
        {
            let message = format!("the form `{}` of {id} cannot be scored: {why}", instrument.forms[form].id);
            let finding = Finding::problem(Code::TemplateForm, Place::file(format!("{id}.toml")), message);
            let help = format!("complete a copy of the definition: alliance template {id} > my_{id}.toml");
            return Err(Error::definition(finding.help(help)));
        }
        let used = |form: usize| match (&pass.form, counts) {
            (FormRule::Fixed(fixed), _) => *fixed == form,
            (FormRule::Unspecified, _) => true,
            (FormRule::ByRole, Some(counts)) => counts.by_form.get(&(at, Some(form))).is_some_and(|n| *n > 0),
            (FormRule::ByRole, None) => false,
        };
        let inferred: Vec<&str> = instrument
            .scales
            .iter()
            .filter(|scale| {
                scale.evidence == Evidence::Inferred && scale.forms.iter().any(|form| used(*form))
            })
            .map(|scale| scale.id.as_str())
            .collect();
        if !inferred.is_empty() && !accepted {
            let message = format!("the key of {id} is inferred for: {}", inferred.join(", "));
            let help = format!(
                "look at it with `alliance show {id}`; if you accept it, say --accept-inferred (it is recorded)"
            );
            return Err(Error::usage_help(message, help));
        }
    }
    Ok(())
}

/// Turns an error of a writer into ours.
pub(super) fn write_error(path: &std::path::Path) -> impl Fn(io::Error) -> Error + '_ {
    move |source| Error::System { what: "cannot write", path: path.to_owned(), source }
}
