//! `alliance case`: the smallest anonymised files that show a score or a finding, and the command that shows it.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{FormatWord, ReadArgs, RuleArgs};
use super::check::AskArgs;
use super::console::Console;
use super::files::{Source, base_name, read};
use super::{load, stream};
use crate::case::{ANSWERS, Case, Question, case, code};
use crate::error::Error;
use crate::report::{self, Cased};
use crate::responses::Records;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    ask: AskArgs,
    /// A finding that `alliance check` prints, such as already_reversed; without it: the scores of the rows of --where
    #[arg(long, value_name = "CODE", help_heading = "The case")]
    finding: Option<String>,
    /// The folder that the case goes into; it must not be there yet
    #[arg(short, long, value_name = "FOLDER", required = true, help_heading = "The case")]
    output: PathBuf,
    /// How the report is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text", help_heading = "The case")]
    format: FormatWord,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let [file] = &args.read.files[..] else {
        return Err(Error::usage("a case is made of one file at a time"));
    };
    if args.output.exists() {
        let message = format!("`{}` is there already", args.output.display());
        return Err(Error::usage_help(message, "name a folder that is not; nothing is ever overwritten"));
    }
    // Refused before the file is read, which may be what fails.
    args.finding.as_deref().map(code).transpose()?;
    let loaded = load::instruments(&args.read.instrument)?;
    let [instrument] = &loaded[..] else {
        return Err(Error::usage("a case is about one instrument at a time"));
    };
    let mut options = args.read.how.options()?;
    let config = args.ask.config()?;
    options.keep = config.compare.iter().map(|(column, _)| column.clone()).collect();
    let Source { name, base, reader, .. } = Source::open(file)?;
    let records =
        Records::read(&name, reader, &options.said).map_err(|error| stream::read_error(&name, error, 0))?;
    let question = Question { instrument: instrument.clone(), options, rules: args.rules.rules()?, config };
    let case = case(&question, &records, args.finding.as_deref())?;
    let mut files = vec![(ANSWERS.to_owned(), case.text.clone())];
    let words = words(args, &case, &mut files)?;
    let report = report::case(&Cased {
        case: &case,
        instrument,
        records: &records,
        file: &base,
        folder: &args.output.display().to_string(),
        files: files.iter().map(|(name, _)| name.clone()).collect(),
        command: &words.join(" "),
    });
    let text = crate::render::render(&report, crate::render::Format::Markdown);
    files.push(("README.md".to_owned(), text));
    write(&args.output, &files)?;
    console.report(&report, args.format.into(), None)
}

/// The command that shows it, from within the folder; files that it needs are added.
fn words(args: &Args, case: &Case, files: &mut Vec<(String, Vec<u8>)>) -> Result<Vec<String>, Error> {
    let command = if matches!(case.shows, crate::case::Shows::Scores(_)) { "explain" } else { "check" };
    let own = Path::new(&args.read.instrument);
    let mut instrument = args.read.instrument.clone();
    if own.is_file() {
        instrument = base_name(own);
        files.push((instrument.clone(), read(own)?));
        let cases = own.with_extension("cases.toml");
        if cases.is_file() {
            files.push((base_name(&cases), read(&cases)?));
        }
    }
    if let Some(labels) = args.read.how.labels_file() {
        files.push(("labels.csv".to_owned(), read(labels)?));
    }
    if let Some(map) = case.options.map.as_ref().filter(|map| !map.entries.is_empty()) {
        files.push(("map.csv".to_owned(), map.text()?));
    }
    let mut words = vec!["alliance".to_owned(), command.to_owned(), quoted(&instrument), ANSWERS.to_owned()];
    let options = args.read.how.words(&case.options).into_iter().chain(args.rules.words());
    let asked = if command == "check" { args.ask.words() } else { Vec::new() };
    words.extend(options.chain(asked).map(|word| quoted(&word)));
    Ok(words)
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Writes the files into a new folder, which appears when it is whole.
fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let failed = |source| Error::System { what: "cannot write", path: folder.to_owned(), source };
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".case.").tempdir_in(parent).map_err(failed)?;
    let inside = made.path().join("case");
    fs::create_dir(&inside).map_err(failed)?;
    for (name, bytes) in files {
        fs::write(inside.join(name), bytes).map_err(failed)?;
    }
    fs::rename(&inside, folder).map_err(failed)
}
