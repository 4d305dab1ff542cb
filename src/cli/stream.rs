//! One pass over a file of answers: read, work on batches with all cores, results in the order of the file.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::console::Console;
use super::files::{FileState, Source};
use super::progress::Progress;
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

/// A file whose columns are known, ready to be streamed.
pub(super) struct Opened {
    pub layout: Layout,
    blocks: Blocks<'static>,
    /// How many lines come before the first row.
    pub header_lines: u64,
    base: String,
    state: Option<FileState>,
}

/// What a pass over a file leaves behind.
pub(super) struct Streamed<S> {
    pub counts: Counts,
    /// Findings that do not stand in the way.
    pub findings: Findings,
    /// Words of the role column, and the forms they were taken for.
    pub roles: BTreeMap<String, Vec<String>>,
    /// What each worker gathered.
    pub states: Vec<S>,
    pub file: InputFile,
}

/// Opens a file of answers and matches its columns to the instruments.
pub(super) fn open(
    source: Source,
    instruments: &[std::sync::Arc<Instrument>],
    options: &Options,
) -> Result<Opened, Error> {
    let Source { name, base, reader, state } = source;
    let table = responses::open(&name, reader, &options.said).map_err(|error| read_error(&name, error, 0))?;
    let layout = Layout::new(&name, &table.header, &table.dialect, instruments, options)?;
    Ok(Opened { layout, blocks: table.blocks, header_lines: table.header_lines, base, state })
}

/// What travels through the pass: a block of bytes, the batch made of it, and what the work made of that.
#[derive(Default)]
struct Parcel {
    block: Block,
    batch: Responses,
    out: Buffer,
    findings: Findings,
    counts: Counts,
}

/// Streams a file: `work` turns each batch into bytes, `sink` takes these in order. Nothing goes to `sink` once there is
/// a problem.
///
/// # Errors
/// Problems in the answers, an input that cannot be read, an output that cannot be written.
pub(super) fn stream<S: Send>(
    opened: Opened,
    threads: usize,
    console: &mut Console,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &Responses, &mut Buffer) + Sync,
    mut sink: impl FnMut(&[u8]) -> Result<(), Error> + Send,
) -> Result<Streamed<S>, Error> {
    let Opened { layout, mut blocks, header_lines, base, state: file_state } = opened;
    let mut progress = Progress::new(file_state.as_ref().map(|state| state.len));
    let keep_all = console.wants_all();
    let mut counts = Counts::default();
    let mut findings = Findings::new();
    let mut failure: Option<Error> = None;
    let parcels = (0..threads + 2).map(|_| Parcel::default()).collect();
    let (produced, states) = ordered(
        parcels,
        threads,
        |parcel: &mut Parcel| blocks.next_block(&mut parcel.block),
        || (BlockReader::new(&layout, Splitting::Automatic), state()),
        |(reader, state), parcel| {
            parcel.out.clear();
            parcel.findings = if keep_all { Findings::keeping_all() } else { Findings::new() };
            parcel.counts = reader.read(&mut parcel.block, &mut parcel.batch, &mut parcel.findings);
            work(state, &parcel.batch, &mut parcel.out);
        },
        |parcel| {
            let mut taken = || {
                let mut found = std::mem::take(&mut parcel.findings);
                for finding in found.kept_mut() {
                    finding.place.shift(header_lines + counts.lines, counts.records, parcel.block.offset);
                }
                for finding in found.kept().iter().filter(|_| keep_all) {
                    console.record(finding)?;
                }
                findings.append(found);
                counts.merge(&parcel.counts);
                progress.at(parcel.block.offset);
                if findings.problems() == 0 { sink(parcel.out.bytes()) } else { Ok(()) }
            };
            failure = taken().err();
            failure.is_none()
        },
    );
    if let Some(error) = failure {
        return Err(error);
    }
    if let Err(error) = produced {
        match read_error(&layout.file, error, header_lines + counts.lines) {
            Error::Data(last) => {
                for finding in last.kept() {
                    console.record(finding)?;
                }
                findings.append(*last);
            }
            error => return Err(error),
        }
    }
    if counts.records == 0 && findings.is_empty() {
        let finding =
            Finding::problem(Code::NoRows, Place::file(&layout.file), "the file has a header and no rows");
        return Err(Error::data(finding));
    }
    if findings.problems() > 0 {
        return Err(Error::data(findings));
    }
    if counts.used == 0 {
        return Err(no_rows_left(&counts));
    }
    file_state.map_or(Ok(()), |state| state.check())?;
    let (digest, bytes) = blocks.digest();
    let read_as = report::read_as(&layout.dialect, blocks.encoding());
    let file = InputFile { name: base, digest, bytes, rows: counts.records, read_as };
    let mut roles: BTreeMap<String, Vec<String>> = layout.roles_in_names().collect();
    let mut gathered = Vec::new();
    for (reader, state) in states {
        roles.extend(reader.roles_seen());
        gathered.push(state);
    }
    Ok(Streamed { counts, findings, roles, states: gathered, file })
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

fn read_error(name: &str, error: ReadError, lines: u64) -> Error {
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
