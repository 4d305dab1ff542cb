//! `alliance score`: answers in, scores out.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::{FormatWord, ReadArgs, RuleArgs};
use super::console::{Console, FindingFormat};
use super::files::{Output, base_name, open_all, read, refuse_early};
use super::{load, stream};
use crate::error::Error;
use crate::render::{Format, render};
use crate::report::{self, Scored};
use crate::responses::Layout;
use crate::scoring::{Columns, Norms, Plan, PlannedNorms, ScoreTable, Scores, Tally};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    rules: RuleArgs,
    /// A table of norms (columns: scale, form, score, mean, sd, n, source; or raw and t): adds z, T and percentile
    #[arg(long, value_name = "FILE", help_heading = "Scoring")]
    norms: Option<PathBuf>,
    /// Where the scores go (.csv or .tsv); a receipt is written beside it. Without it: standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Which columns are written: all, or just keys, kept columns and scores
    #[arg(long, value_enum, value_name = "WHICH", default_value = "all", help_heading = "Output")]
    columns: ColumnsWord,
    /// Name score columns INSTRUMENT_SCALE, as is done for several instruments
    #[arg(long, help_heading = "Output")]
    prefix: bool,
    /// Where the receipt goes, instead of beside the output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    receipt: Option<PathBuf>,
    /// How the summary is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: FormatWord,
    /// Give all findings as data, instead of drawing the first 50
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    findings: Option<FindingFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColumnsWord {
    /// Form, and for each scale the score, items answered, prorated, reason
    All,
    /// The file's own keys, kept columns and the scores alone
    Scores,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    console.want_findings(args.findings)?;
    console.stdout_taken = args.output.is_none();
    let delimiter = check_paths(args)?;
    let instruments = load::instruments(&args.read.instrument)?;
    let (options, rules) = (args.read.how.options()?, args.rules.rules()?);
    let opened = stream::open(open_all(&args.read.files)?, &instruments, &options)?;
    let layout = opened.layout().clone();
    stream::check_keys(&layout, None, args.rules.accept_inferred)?;
    let plan = Plan::new(&layout, &rules)?;
    let norms = args.norms.as_deref().map(|path| norms(path, &layout, &plan)).transpose()?;
    let columns = if args.columns == ColumnsWord::All { Columns::All } else { Columns::Scores };
    let table = || ScoreTable::new(&layout, &plan, columns, args.prefix, delimiter, norms.as_ref());
    let header = table()?.header();
    let mut sink = Sink::new(args.output.as_deref())?;
    sink.write(&header)?;

    let streamed = stream::stream(
        opened,
        args.read.how.threads(),
        console,
        || Worker { table: table().ok(), scores: Scores::new(&plan), tally: Tally::new(&plan, &layout) },
        |worker, batch, out| {
            plan.score(batch, &mut worker.scores);
            worker.tally.add(&plan, &layout, batch, &worker.scores);
            if let Some(table) = &mut worker.table {
                table.write(batch, &worker.scores, out);
            }
        },
        |bytes| sink.write(bytes),
    )?;
    stream::check_keys(&layout, Some(&streamed.counts), args.rules.accept_inferred)?;
    let mut tally = Tally::new(&plan, &layout);
    streamed.states.iter().for_each(|worker| tally.merge(&worker.tally));
    let summaries = tally.summaries(&plan, &layout);
    let report = report::score(&Scored {
        layout: &layout,
        plan: &plan,
        rules: &rules,
        counts: &streamed.counts,
        files: &streamed.files,
        roles: &streamed.roles,
        summaries: &summaries,
        output: args.output.as_deref().map(base_name),
        columns,
        norms: norms.as_ref(),
        accept_inferred: args.rules.accept_inferred,
    });
    if !streamed.findings.is_empty() || args.findings.is_some() {
        console.show_findings(&streamed.findings)?;
    }
    // The receipt is complete before the scores appear: no score without its receipt.
    let receipt = receipt_path(args).map(|path| whole(&path, &render(&report, Format::Json))).transpose()?;
    sink.finish(console)?;
    receipt.map(Output::commit).transpose()?;
    let text = render(&report, args.format.into());
    match args.output {
        Some(_) => console.print(&text),
        None => {
            console.say(&String::from_utf8_lossy(&text));
            Ok(())
        }
    }
}

/// The norms of a file, fitted to the scales that are scored.
fn norms(path: &Path, layout: &Layout, plan: &Plan) -> Result<PlannedNorms, Error> {
    let norms = Norms::parse(&base_name(path), &read(path)?).map_err(Error::definition)?;
    norms.plan(layout, plan)
}

/// What a thread of the pass keeps.
struct Worker<'a> {
    table: Option<ScoreTable<'a>>,
    scores: Scores,
    tally: Tally,
}

/// Where the scores go: a file that appears when it is whole, or a spool for standard output.
enum Sink {
    File(Output, PathBuf),
    Spool(File),
}

impl Sink {
    fn new(output: Option<&Path>) -> Result<Sink, Error> {
        match output {
            Some(path) => Ok(Sink::File(Output::create(path)?, path.to_owned())),
            None => {
                let folder = std::env::temp_dir();
                Ok(Sink::Spool(tempfile::tempfile().map_err(stream::write_error(&folder))?))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Sink::File(file, path) => file.write_all(bytes).map_err(stream::write_error(path)),
            Sink::Spool(file) => file.write_all(bytes).map_err(stream::write_error(&std::env::temp_dir())),
        }
    }

    fn finish(self, console: &mut Console) -> Result<(), Error> {
        match self {
            Sink::File(file, _) => file.commit(),
            Sink::Spool(mut file) => console.print_spool(&mut file),
        }
    }
}

/// A whole small output, not yet in its place.
fn whole(path: &Path, bytes: &[u8]) -> Result<Output, Error> {
    let mut file = Output::create(path)?;
    file.write_all(bytes).map_err(stream::write_error(path))?;
    Ok(file)
}

fn receipt_path(args: &Args) -> Option<PathBuf> {
    let beside = |path: &PathBuf| {
        let mut name = path.clone().into_os_string();
        name.push(".receipt.json");
        PathBuf::from(name)
    };
    // What is written to a device leaves no place beside it.
    let file = args.output.as_ref().filter(|path| !path.exists() || path.is_file());
    args.receipt.clone().or_else(|| file.map(beside))
}

/// Outputs that make no sense; returns the delimiter of the scores.
fn check_paths(args: &Args) -> Result<u8, Error> {
    let mut outputs: Vec<PathBuf> = args.output.iter().cloned().collect();
    outputs.extend(receipt_path(args));
    let mut inputs = args.read.inputs();
    inputs.extend(args.norms.clone());
    refuse_early(&outputs.iter().collect::<Vec<_>>(), &inputs)?;
    let extension = args
        .output
        .as_ref()
        .and_then(|path| path.extension())
        .map(|ext| ext.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("tsv" | "tab") => Ok(b'\t'),
        Some(ext @ ("json" | "html" | "md" | "xlsx" | "xls" | "sav" | "docx" | "gz" | "parquet")) => {
            let help = "scores are written as .csv or .tsv; the summary in other formats with --format";
            Err(Error::usage_help(format!("scores cannot be written as .{ext}"), help))
        }
        _ => Ok(b','),
    }
}
