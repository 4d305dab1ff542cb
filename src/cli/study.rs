//! What the commands on whole studies share: a file in memory, from answers or from scores somebody else computed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::args::{HowArgs, RuleArgs};
use super::console::Console;
use super::files::open_all;
use super::{load, stream};
use crate::error::Error;
use crate::instrument::{Instrument, PossibleScores};
use crate::report::Study;
use crate::responses::{ColumnMap, Options};
use crate::sample::{Gatherer, Occasion, Sample};
use crate::scoring::{Plan, Rules};

/// A study: an instrument and a file of answers, or a file of scores.
#[derive(Debug, Args)]
pub(super) struct StudyArgs {
    /// The instrument (an id, or the path of a definition) and the files of answers; - for standard input
    #[arg(value_names = ["INSTRUMENT", "FILE"], num_args = 0..)]
    words: Vec<String>,
    /// A file of scores that somebody else computed, in place of an instrument and its answers
    #[arg(long, value_name = "FILE", help_heading = "Scores instead of answers")]
    scores: Option<PathBuf>,
    /// The columns of scores
    #[arg(
        long,
        value_name = "COLUMN",
        value_delimiter = ',',
        requires = "scores",
        help_heading = "Scores instead of answers"
    )]
    score: Vec<String>,
    /// The lowest and the highest possible score: 1..7
    #[arg(
        long,
        value_name = "LO..HI",
        requires = "scores",
        allow_hyphen_values = true,
        help_heading = "Scores instead of answers"
    )]
    range: Option<String>,
    #[command(flatten)]
    pub how: HowArgs,
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// Which occasion of a person counts; for statistics that take one row for each dyad and role.
#[derive(Debug, Args)]
pub(super) struct OccasionArgs {
    /// Which occasion of each dyad and role: first, last, all, or a session
    #[arg(long, value_name = "WHICH", default_value = "first", help_heading = "Rows")]
    occasion: String,
}

impl OccasionArgs {
    /// The occasion asked for.
    pub fn occasion(&self) -> Occasion {
        Occasion::parse(&self.occasion)
    }
}

impl StudyArgs {
    /// Whether scores are given instead of answers.
    pub fn gives_scores(&self) -> bool {
        self.scores.is_some()
    }

    /// Whether an instrument, a file of answers or a file of scores is named.
    pub fn is_named(&self) -> bool {
        !self.words.is_empty() || self.scores.is_some()
    }

    /// The instrument, where no file of answers belongs to it.
    pub fn instrument_alone(&self) -> Result<Arc<Instrument>, Error> {
        match &self.words[..] {
            [instrument] if self.scores.is_none() => Ok(Arc::new(load::instrument(instrument)?.instrument)),
            _ => {
                let help = "alliance reliability wai_sr --cov matrix.csv --matrix cross_products --n 40";
                Err(Error::usage_help(
                    "a matrix stands in the place of answers: an instrument, and no file",
                    help,
                ))
            }
        }
    }

    /// Reads the study into memory. `also` are further columns that are read as words (to split by, outcomes …).
    ///
    /// # Errors
    /// As for `score`: usage errors, problems in the definition or the answers, files that cannot be read.
    pub fn load(&self, also: &[String], console: &mut Console) -> Result<Study, Error> {
        let possible = match (&self.scores, &self.range) {
            (Some(_), None) => {
                return Err(Error::usage_help("--scores needs --range LO..HI", "--range 1..7"));
            }
            (_, range) => self.possible(range.as_deref())?,
        };
        self.load_columns(&self.score, possible, also, console)
    }

    /// The same where the possible range of scores need not be known.
    ///
    /// # Errors
    /// As for [`StudyArgs::load`].
    pub fn load_any_range(&self, also: &[String], console: &mut Console) -> Result<Study, Error> {
        self.load_columns(&self.score, self.possible(self.range.as_deref())?, also, console)
    }

    /// A file of scores in which these are possible; if nothing is said of them, those within --range.
    ///
    /// # Errors
    /// As for [`StudyArgs::load`].
    pub fn load_scores(
        &self,
        possible: Option<PossibleScores>,
        also: &[String],
        console: &mut Console,
    ) -> Result<Study, Error> {
        let possible = possible.map_or_else(|| self.possible(self.range.as_deref()), Ok)?;
        self.load_columns(&self.score, possible, also, console)
    }

    fn possible(&self, range: Option<&str>) -> Result<PossibleScores, Error> {
        range
            .map_or(Ok(PossibleScores::Any), |text| parse_range("--range", text).map(PossibleScores::Between))
    }

    /// Reads the study into memory; in a file of scores these columns, with these possible values.
    ///
    /// # Errors
    /// As for [`StudyArgs::load`].
    pub fn load_columns(
        &self,
        columns: &[String],
        possible: PossibleScores,
        also: &[String],
        console: &mut Console,
    ) -> Result<Study, Error> {
        let mut options = self.how.options()?;
        let (paths, instrument) = self.source(columns, possible, &mut options)?;
        let mut reading = Reading {
            paths,
            instrument,
            options,
            rules: self.rules.rules()?,
            accept_inferred: self.rules.accept_inferred,
            threads: self.how.threads(),
        };
        reading.keep(also);
        reading.study(console)
    }

    /// How each instrument of a comma-separated list is read from the files.
    pub fn readings(&self) -> Result<Vec<Reading>, Error> {
        let [list, files @ ..] = &self.words[..] else {
            let help = "alliance report study.toml, or alliance report wai_s answers.csv";
            return Err(Error::usage_help(
                "a study file, or an instrument and a file of answers, is needed",
                help,
            ));
        };
        if files.is_empty() {
            let help = format!("alliance report {list} answers.csv");
            return Err(Error::usage_help("a file of answers is needed", help));
        }
        let reading = |instrument: Arc<Instrument>| {
            Ok(Reading {
                paths: files.iter().map(PathBuf::from).collect(),
                instrument,
                options: self.how.options()?,
                rules: self.rules.rules()?,
                accept_inferred: self.rules.accept_inferred,
                threads: self.how.threads(),
            })
        };
        load::instruments(list)?.into_iter().map(reading).collect()
    }

    /// Whether nothing is said about reading and scoring.
    pub fn says_nothing(&self) -> Result<bool, Error> {
        let plain = self.how.options()? == Options::default() && self.rules.rules()? == Rules::default();
        Ok(plain && !self.rules.accept_inferred && self.scores.is_none())
    }

    /// The files that are read, so that none of them is written to.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let mut inputs: Vec<PathBuf> = self.words.iter().map(PathBuf::from).collect();
        inputs.extend(self.scores.iter().cloned());
        inputs.extend(self.how.inputs());
        inputs
    }

    /// The words before the options.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The file, and the instrument it is read against.
    fn source(
        &self,
        columns: &[String],
        possible: PossibleScores,
        options: &mut Options,
    ) -> Result<(Vec<PathBuf>, Arc<Instrument>), Error> {
        let Some(scores) = &self.scores else {
            let [instrument, files @ ..] = &self.words[..] else {
                let help =
                    "alliance COMMAND wai_s answers.csv, or --scores FILE --score COLUMN --range LO..HI";
                return Err(Error::usage_help("an instrument and a file of answers are needed", help));
            };
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            return Ok((files, Arc::new(load::instrument(instrument)?.instrument)));
        };
        if let Some(word) = self.words.first() {
            let message = format!("`{word}`: with --scores there is neither an instrument nor another file");
            return Err(Error::usage(message));
        }
        if columns.is_empty() {
            let help = "--score COLUMN, or several with commas between";
            return Err(Error::usage_help("--scores does not say which columns hold scores", help));
        }
        // A map names the columns, so that names which look like a series of items are not taken for one.
        let entry = |name: &String| (0, name.clone(), name.clone());
        let map = options.map.get_or_insert_with(ColumnMap::default);
        map.entries.extend(columns.iter().map(entry));
        Ok((vec![scores.clone()], Arc::new(Instrument::of_possible_scores(columns, possible))))
    }
}

/// Files of answers, and how they are read against an instrument.
pub(super) struct Reading {
    pub paths: Vec<PathBuf>,
    pub instrument: Arc<Instrument>,
    pub options: Options,
    pub rules: Rules,
    pub accept_inferred: bool,
    pub threads: usize,
}

impl Reading {
    /// Further columns that are read as words.
    pub fn keep(&mut self, also: &[String]) {
        self.options.keep.extend(also.iter().cloned());
        let mut seen = BTreeSet::new();
        self.options.keep.retain(|name| seen.insert(name.clone()));
    }

    /// Reads the files into memory.
    ///
    /// # Errors
    /// As for `score`.
    pub fn study(&self, console: &mut Console) -> Result<Study, Error> {
        let instruments = std::slice::from_ref(&self.instrument);
        let opened = stream::open(open_all(&self.paths)?, instruments, &self.options)?;
        let layout = opened.layout().clone();
        stream::check_keys(&layout, None, self.accept_inferred)?;
        let plan = Plan::new(&layout, &self.rules)?;
        let mut sample = Sample::new(layout.clone(), plan.clone());
        let streamed = stream::stream(
            opened,
            self.threads,
            console,
            || Gatherer::new(&plan),
            |gatherer, batch, out| gatherer.pack(&layout, batch, out),
            |pack| {
                sample.take(pack);
                Ok(())
            },
        )?;
        stream::check_keys(&layout, Some(&streamed.counts), self.accept_inferred)?;
        if !streamed.findings.is_empty() {
            console.show_findings(&streamed.findings)?;
        }
        let starts: Vec<(usize, u64)> =
            streamed.starts.iter().map(|start| (start.file, start.lines)).collect();
        sample.locate(&starts);
        let roles: BTreeMap<String, Vec<String>> = streamed.roles;
        Ok(Study { sample, counts: streamed.counts, files: streamed.files, roles })
    }
}

/// `LO..HI`.
pub(super) fn parse_range(option: &str, text: &str) -> Result<[f64; 2], Error> {
    let number = |text: &str| text.trim().replace('−', "-").parse::<f64>().ok().filter(|x| x.is_finite());
    let bounds = text.split_once("..").and_then(|(low, high)| Some([number(low)?, number(high)?]));
    bounds.filter(|[low, high]| low < high).ok_or_else(|| {
        Error::usage_help(format!("{option} `{text}` makes no sense"), "write LO..HI, such as 1..7")
    })
}
