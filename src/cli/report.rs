//! `alliance report`: the whole study on one page.

use clap::ValueEnum;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::{ReportArgs, format_of};
use super::check::{AskArgs, Asked, look};
use super::console::Console;
use super::files::{Output, open_all, refuse_early};
use super::practice::{PracticeArgs, practice};
use super::progress::Blocks;
use super::scales::{MissingWord, parse_level};
use super::sessions::scales;
use super::study::{Reading, StudyArgs};
use super::study_file::{StudyOnDisk, is_study_file};
use crate::error::Error;
use crate::moments::Missing;
use crate::report::model::Report;
use crate::report::{self, Coded, Part, Scales, Study, ValidityAsked, Wanted, block_ids};
use crate::responses::Key;
use crate::sample::{Occasion, Pseudonyms};
use crate::study::{Identifiers, MissingWord as StudyMissing};
use crate::validity::ClusterErrors;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    study: StudyArgs,
    /// For whom the report is: every table of a paper, or a page for each dyad in plain words
    #[arg(
        long = "for",
        value_enum,
        value_name = "WHOM",
        default_value = "research",
        help_heading = "Report"
    )]
    reader: ReaderWord,
    #[command(flatten)]
    practice: PracticeArgs,
    /// The title
    #[arg(long, value_name = "TEXT", help_heading = "Report")]
    title: Option<String>,
    /// Only these blocks: codebook, sample, items, … (all that can be had, if not given)
    #[arg(long, value_name = "BLOCK", value_delimiter = ',', help_heading = "Report")]
    blocks: Vec<String>,
    /// Which occasion of each dyad and role counts between persons: first, last, all, or a session
    #[arg(long, value_name = "WHICH", help_heading = "Report")]
    occasion: Option<String>,
    /// Groups side by side: one or more columns of the file
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Report")]
    by: Vec<String>,
    /// What happens to gaps: leave out persons with any, or use what is there
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Report")]
    missing: Option<MissingWord>,
    /// Columns of numbers that scores are related to
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Report")]
    with: Vec<String>,
    /// Columns of groups that are known to differ
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', help_heading = "Report")]
    groups: Vec<String>,
    /// The confidence level of all limits
    #[arg(long, value_name = "LEVEL", value_parser = parse_level, help_heading = "Report")]
    level: Option<f64>,
    /// The seed of everything random
    #[arg(long, value_name = "N", help_heading = "Report")]
    seed: Option<u64>,
    /// For publication: nothing about single people, and no cell of fewer persons than --smallest-cell
    #[arg(long, help_heading = "Privacy")]
    publish: bool,
    /// The fewest persons a published cell has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..), requires = "publish", help_heading = "Privacy")]
    smallest_cell: Option<u32>,
    /// Call people by the identifiers of the file, instead of D1, D2 …
    #[arg(long, conflicts_with = "publish", help_heading = "Privacy")]
    identifiers: bool,
    /// Write which pseudonym is whom to a file of its own
    #[arg(long, value_name = "FILE", conflicts_with = "identifiers", help_heading = "Privacy")]
    key: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    /// Write the same report to a further file too; the format follows from its name
    #[arg(long, value_name = "FILE")]
    also: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReaderWord {
    /// Every table of a validation paper
    Research,
    /// One dyad a page, for those who work with it
    Practice,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let format = args.report.format()?;
    let also = args.also.iter().map(|path| Ok((path, format_of(path)?)));
    let also = also.collect::<Result<Vec<_>, Error>>()?;
    let mut asked = asked(args)?;
    let outputs: Vec<&PathBuf> = args.report.output.iter().chain(&args.key).chain(&args.also).collect();
    refuse_early(&outputs, &asked.inputs)?;
    let read = parts(&mut asked, console);
    let (parts, names) = read.map_err(|error| asked.placed(error))?;
    if !matches!(args.reader, ReaderWord::Practice)
        && let Some(option) = args.practice.given()
    {
        return Err(Error::usage_help(
            format!("{option} is for the report for practice"),
            "add --for practice",
        ));
    }
    let report = match args.reader {
        ReaderWord::Practice => practice(&args.practice, args.publish, &asked, &parts)?,
        ReaderWord::Research => {
            let mut blocks = Blocks::new();
            let mut progress = |done: usize, all: usize, title: &str| blocks.at(done, all, title);
            let report = report::validation(&parts, &asked.wanted, &mut progress);
            let report = report.map_err(|error| asked.placed(error))?;
            blocks.done();
            report
        }
    };
    if let (Some(path), Some(names)) = (&args.key, &names) {
        write_key(path, names)?;
    }
    for (path, format) in also {
        console.report(&report, format, Some(path))?;
    }
    console.report(&report, format, args.report.output.as_deref())
}

/// What is to be read, and what is wanted of it.
pub(super) struct Plan {
    readings: Vec<Reading>,
    /// For each reading the scales to follow, by name.
    follow: Vec<Vec<String>>,
    /// The study file, if there is one.
    pub on_disk: Option<StudyOnDisk>,
    identifiers: Identifiers,
    /// What the report is asked for.
    pub wanted: Wanted,
    inputs: Vec<PathBuf>,
}

impl Plan {
    /// An error about what the study file says, in its place there.
    fn placed(&self, error: Error) -> Error {
        match &self.on_disk {
            Some(on_disk) => on_disk.placed(error, &self.wanted.occasion),
            None => error,
        }
    }

    /// A column that is not there, by the option that named it; it is carried along as --keep does.
    fn column(&self, error: Error) -> Error {
        let Error::Usage { message, help } = error else { return error };
        let named = |names: &[String]| names.iter().any(|name| message.ends_with(&format!("`{name}`")));
        let validity = self.wanted.validity.as_ref();
        let option = match () {
            () if named(&self.wanted.by) => "--by",
            () if validity.is_some_and(|asked| named(&asked.with)) => "--with",
            () if validity.is_some_and(|asked| named(&asked.groups)) => "--groups",
            () => "--keep",
        };
        Error::Usage { message: message.replacen("--keep", option, 1), help }
    }
}

fn asked(args: &Args) -> Result<Plan, Error> {
    let threads = args.study.how.threads();
    let on_disk = match args.study.words() {
        [path] if is_study_file(Path::new(path)) => {
            if !args.study.says_nothing()? {
                let message = "with a study file, how the data are read and scored is said there";
                return Err(Error::usage_help(message, format!("write it into {path}")));
            }
            Some(StudyOnDisk::load(Path::new(path), threads)?)
        }
        _ if args.study.gives_scores() => {
            let message = "report works on the answers to items, not on scores";
            return Err(Error::usage_help(message, "alliance report wai_s answers.csv -o report.html"));
        }
        _ => None,
    };
    let file = on_disk.as_ref().map(|on_disk| &on_disk.file);
    let rules = file.map(|file| &file.rules);
    let missing = match (args.missing, rules.map(|rules| rules.missing)) {
        (Some(word), _) => word.policy(),
        (None, Some(StudyMissing::Pairwise)) => Missing::Pairwise,
        (None, Some(StudyMissing::Em)) => Missing::Em,
        (None, Some(StudyMissing::Listwise) | None) => Missing::Listwise,
    };
    let occasion = args.occasion.as_deref().or(rules.map(|rules| rules.occasion.get_ref().as_str()));
    let by = match file {
        Some(file) if args.by.is_empty() => {
            file.groups.by.iter().map(|name| name.get_ref().clone()).collect()
        }
        _ => args.by.clone(),
    };
    let privacy = file.map(|file| file.privacy.clone()).unwrap_or_default();
    let wanted = Wanted {
        title: args.title.clone().or_else(|| file.map(|file| file.study.title.clone())),
        blocks: chosen(args, file)?,
        level: args.level.or(file.map(|file| *file.study.level.get_ref())).unwrap_or(0.95),
        missing,
        occasion: Occasion::parse(occasion.unwrap_or("first")),
        by,
        seed: args.seed.or(file.map(|file| file.study.seed)).unwrap_or(1),
        rules: on_disk.as_ref().map(|on_disk| on_disk.ruptures.clone()).unwrap_or_default(),
        tolerance: rules.map_or(1, |rules| rules.tolerance),
        simulations: rules.map_or(2000, |rules| rules.simulations),
        primary: on_disk.as_ref().and_then(|on_disk| on_disk.primary.clone()),
        validity: validity(args, on_disk.as_ref()),
        threads,
        names: None,
        publish: args.publish.then(|| args.smallest_cell.unwrap_or(*privacy.smallest_cell.get_ref())),
        study_file: on_disk.as_ref().map(|on_disk| (on_disk.base.clone(), on_disk.digest.clone())),
    };
    let mut inputs = args.study.inputs();
    inputs.extend(on_disk.iter().flat_map(StudyOnDisk::inputs));
    let mut on_disk = on_disk;
    let (readings, follow) = match &mut on_disk {
        Some(on_disk) => {
            let follow = on_disk.file.instrument.iter();
            let names = |entry: &crate::study::InstrumentEntry| {
                entry.follow.iter().map(|name| name.get_ref().clone()).collect()
            };
            (std::mem::take(&mut on_disk.readings), follow.map(names).collect())
        }
        None => {
            let readings = args.study.readings()?;
            let follow = vec![Vec::new(); readings.len()];
            (readings, follow)
        }
    };
    let identifiers = if args.identifiers { Identifiers::Shown } else { privacy.identifiers };
    let identifiers = if args.publish { Identifiers::Pseudonyms } else { identifiers };
    Ok(Plan { readings, follow, on_disk, identifiers, wanted, inputs })
}

/// What scores are related to; none if no column is named.
fn validity(args: &Args, on_disk: Option<&StudyOnDisk>) -> Option<ValidityAsked> {
    let file = on_disk.map(|on_disk| &on_disk.file);
    let hypotheses = on_disk.map(|on_disk| on_disk.hypotheses.clone()).unwrap_or_default();
    let name = |name: &crate::study::Name| name.get_ref().clone();
    let (mut with, mut groups) = (args.with.clone(), args.groups.clone());
    if let Some(file) = file {
        let said = &file.validity;
        with.extend(said.with.iter().chain(&said.outcome).map(name));
        groups.extend(said.groups.iter().map(name));
    }
    with.extend(hypotheses.iter().filter_map(|stated| stated.with.clone()));
    groups.extend(hypotheses.iter().filter_map(|stated| stated.groups.clone()));
    let mut seen = std::collections::BTreeSet::new();
    with.retain(|column| seen.insert(column.clone()));
    seen.clear();
    groups.retain(|column| seen.insert(column.clone()));
    let known = file.into_iter().flat_map(|file| &file.validity.reliabilities);
    (!with.is_empty() || !groups.is_empty()).then(|| ValidityAsked {
        with,
        groups,
        reliabilities: known.map(|(column, r)| (column.clone(), *r.get_ref())).collect(),
        cluster: file.and_then(|file| file.columns.cluster.as_ref()).map(name),
        errors: ClusterErrors::default(),
        hypotheses,
        level: args.level.or(file.map(|file| *file.study.level.get_ref())).unwrap_or(0.95),
    })
}

/// The blocks of the report.
fn chosen(args: &Args, file: Option<&crate::study::StudyFile>) -> Result<Vec<String>, Error> {
    let known = block_ids();
    if let Some(strange) = args.blocks.iter().find(|block| !known.contains(&block.trim())) {
        let message = format!("--blocks: there is no block `{strange}`");
        return Err(Error::usage_help(message, format!("blocks are: {}", known.join(", "))));
    }
    let names = |list: &[crate::study::Name]| -> Vec<String> {
        list.iter().map(|name| name.get_ref().trim().to_lowercase()).collect()
    };
    let (only, without) = match file {
        _ if !args.blocks.is_empty() => {
            (args.blocks.iter().map(|block| block.trim().to_owned()).collect(), Vec::new())
        }
        Some(file) => (names(&file.analyses.blocks), names(&file.analyses.leave_out)),
        None => (Vec::new(), Vec::new()),
    };
    let wanted = |id: &&str| {
        (only.is_empty() || only.iter().any(|only: &String| only == id))
            && !without.iter().any(|out| out == id)
    };
    let chosen: Vec<String> = known.into_iter().filter(wanted).map(str::to_owned).collect();
    if chosen.is_empty() {
        let help = "`leave_out` takes away every block that `blocks` names";
        return Err(Error::usage_help("no block of the report is left", help));
    }
    Ok(chosen)
}

/// Reads every instrument of the study, and gives people their pseudonyms.
fn parts(asked: &mut Plan, console: &mut Console) -> Result<(Vec<Part>, Option<Pseudonyms>), Error> {
    let mut studies: Vec<Study> = Vec::new();
    for reading in &mut asked.readings {
        reading.keep(&asked.wanted.by);
        if let Some(validity) = &asked.wanted.validity {
            reading.keep(&validity.with);
            reading.keep(&validity.groups);
            reading.keep(&validity.cluster.iter().cloned().collect::<Vec<_>>());
        }
    }
    for reading in &asked.readings {
        let study = reading.study(console).map_err(|error| asked.column(error))?;
        report::refuse_clashes(&study)?;
        studies.push(study);
    }
    let keys = asked.readings.first().map(|reading| reading.options.keys.clone()).unwrap_or_default();
    let mut coded = match &asked.on_disk {
        Some(on_disk) => on_disk.coded(&keys)?,
        None => None,
    };
    let names = (asked.identifiers == Identifiers::Pseudonyms).then(|| {
        let samples: Vec<_> = studies.iter().map(|study| &study.sample).collect();
        let others: Vec<(Key, &str)> = coded.as_ref().map(Coded::people).unwrap_or_default();
        Pseudonyms::new(&samples, &others)
    });
    if let Some(names) = &names {
        studies.iter_mut().for_each(|study| study.sample.pseudonymise(names));
        coded = coded.map(|coded| coded.pseudonymised(names));
    }
    asked.wanted.names.clone_from(&names);
    let mut parts = Vec::new();
    for ((study, reading), follow) in studies.into_iter().zip(&asked.readings).zip(&asked.follow) {
        let follow = scales(&study, follow)?;
        let all: Vec<usize> = (0..study.sample.plan.scales.len()).collect();
        let check = if asked.wanted.wants("sample") { check(reading, console)? } else { None };
        let scales = Scales::new(study, &asked.wanted.occasion, &asked.wanted.by, &all)?;
        parts.push(Part { scales, follow, check, coded: coded.take() });
    }
    Ok((parts, names))
}

/// What `check` says of the files; nothing where one can be read only once.
fn check(reading: &Reading, console: &mut Console) -> Result<Option<Report>, Error> {
    if reading.paths.iter().any(|path| path == Path::new("-")) {
        return Ok(None);
    }
    let asked = Asked {
        instruments: vec![reading.instrument.clone()],
        options: reading.options.clone(),
        rules: reading.rules.clone(),
        config: AskArgs::default().config()?,
        threads: reading.threads,
    };
    Ok(Some(look(open_all(&reading.paths)?, &asked, console)?.0))
}

/// Which pseudonym is whom, as a table. A spreadsheet takes an identifier that begins like a formula for text.
fn write_key(path: &Path, names: &Pseudonyms) -> Result<(), Error> {
    let failed = |source| Error::System { what: "cannot write", path: path.to_owned(), source };
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(["key", "identifier", "pseudonym"]);
    for (key, id, name) in names.list() {
        let formula = id.starts_with(['=', '+', '-', '@']) && id.parse::<f64>().is_err();
        let id = if formula { format!("'{id}") } else { id.to_owned() };
        let _ = writer.write_record([key.id(), &id, name]);
    }
    let mut file = Output::create(path)?;
    file.write_all(&writer.into_inner().unwrap_or_default()).map_err(failed)?;
    file.commit()
}
