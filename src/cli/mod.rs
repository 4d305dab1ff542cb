//! The command line: the only place that opens files or looks at the terminal.
//!
//! One file a command. Every command ends in a [`Report`](crate::report::model::Report), or in an
//! [`Error`] whose kind decides the exit code.

mod args;
mod case;
mod change;
mod check;
mod compare_alphas;
mod console;
mod draw;
mod dyads;
mod explain;
mod files;
mod growth;
mod instruments;
mod interrupt;
mod items;
mod lint;
mod load;
mod matrix;
mod nested;
mod peek;
mod plot;
mod practice;
mod progress;
mod quality;
mod raters;
mod reliability;
mod report;
mod retest;
mod scales;
mod schema;
mod score;
mod sessions;
mod show;
mod stream;
mod study;
mod study_file;
mod study_sketch;
mod template;
mod validity;
mod value;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::error::{EXIT_OK, Error};
use console::Console;

const AFTER: &str = "\
Instruments are named by id (see `alliance instruments`) or by the path of a definition file.
Exit codes: 0 done; 2 the command line asks for something that cannot be had; 3 problems in the answers;
4 problems in a definition or map; 6 a file cannot be read or written; 130 interrupted.";

#[derive(Debug, Parser)]
#[command(name = "alliance", version, about, after_help = AFTER, max_term_width = 100)]
#[command(about = "Scores and validates questionnaires about the working alliance")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the instruments on the shelf: id, forms, items, range, evidence of the key, rights
    Instruments(instruments::Args),
    /// Show an instrument's key: scales, reversed items, ranges, missing rule, sources
    Show(show::Args),
    /// Is the file what you think it is? Columns, ranges, reversed items, sessions, stored totals
    Check(Box<check::Args>),
    /// Score a file of answers
    Score(Box<score::Args>),
    /// Show every step from the cells of a row to its scores
    Explain(Box<explain::Args>),
    /// The smallest anonymised files that show a score or a finding, for asking for help
    Case(Box<case::Args>),
    /// Reliability of every scale: alpha, omega and their relatives, with limits
    Reliability(Box<reliability::Args>),
    /// The items of every scale: answers, item–rest correlations, alpha without the item
    Items(Box<items::Args>),
    /// How answers were given: straight lines and other patterns, floors and ceilings, gaps
    Quality(Box<quality::Args>),
    /// Do alphas differ? Between groups or informants, or of published figures
    CompareAlphas(Box<compare_alphas::Args>),
    /// Follow dyads through time: courses, ruptures and repairs, codes beside scores
    Sessions(Box<sessions::Args>),
    /// Reliable change, first session to last and from session to session
    Change(Box<change::Args>),
    /// Test and retest: agreement of two occasions, error of measurement, smallest detectable change
    Retest(Box<retest::Args>),
    /// The whole study on one page: every table of a validation paper, with methods and references
    Report(Box<report::Args>),
    /// One number of stored results, as prose writes it
    Value(value::Args),
    /// Write a commented study file from what the data look like
    Study(study_sketch::Args),
    /// Draw one figure, as a picture or as its numbers
    Plot(Box<plot::Args>),
    /// Two informants: agreement, congruence over sessions, truth and bias, what follows from both
    Dyads(Box<dyads::Args>),
    /// Mixed models of the course: average, differences between dyads, the next session
    Growth(Box<growth::Args>),
    /// Does a score go with what it should go with? Correlations, known groups, regression, hypotheses
    Validity(Box<validity::Args>),
    /// Reliability within and between persons: how many sessions are enough, and is change seen?
    Nested(Box<nested::Args>),
    /// Observers: intraclass correlations, kappas, Krippendorff, Gwet, drift, final scores of three judges
    Raters(Box<raters::Args>),
    /// Check a definition and recompute its worked cases
    Lint(lint::Args),
    /// Print a definition to start from: a small complete one, or a copy of a shipped one
    Template(template::Args),
    /// Print the JSON Schema of a format, for editors: definitions, rules for ruptures, study files
    Schema(schema::Args),
}

/// Runs the program and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe is nobody's fault.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(crate::error::EXIT_USAGE);
        }
    };
    let mut console = Console::default();
    let done = |result: Result<(), Error>| result.map(|()| EXIT_OK);
    let result = match cli.command {
        Command::Instruments(args) => done(instruments::run(&args, &mut console)),
        Command::Show(args) => done(show::run(&args, &mut console)),
        Command::Score(args) => done(score::run(&args, &mut console)),
        Command::Explain(args) => done(explain::run(&args, &mut console)),
        Command::Case(args) => done(case::run(&args, &mut console)),
        Command::Reliability(args) => done(reliability::run(&args, &mut console)),
        Command::Items(args) => done(items::run(&args, &mut console)),
        Command::Quality(args) => done(quality::run(&args, &mut console)),
        Command::CompareAlphas(args) => done(compare_alphas::run(&args, &mut console)),
        Command::Sessions(args) => done(sessions::run(&args, &mut console)),
        Command::Change(args) => done(change::run(&args, &mut console)),
        Command::Retest(args) => done(retest::run(&args, &mut console)),
        Command::Report(args) => done(report::run(&args, &mut console)),
        Command::Value(args) => done(value::run(&args, &mut console)),
        Command::Study(args) => done(study_sketch::run(&args, &mut console)),
        Command::Plot(args) => done(plot::run(&args, &mut console)),
        Command::Raters(args) => done(raters::run(&args, &mut console)),
        Command::Dyads(args) => done(dyads::run(&args, &mut console)),
        Command::Growth(args) => done(growth::run(&args, &mut console)),
        Command::Validity(args) => done(validity::run(&args, &mut console)),
        Command::Nested(args) => done(nested::run(&args, &mut console)),
        Command::Lint(args) => done(lint::run(&args, &mut console)),
        Command::Template(args) => done(template::run(&args, &mut console)),
        Command::Schema(args) => done(schema::run(&args, &mut console)),
        Command::Check(args) => check::run(&args, &mut console),
    };
    match result {
        Ok(code) => code,
        Err(error) => console.fail(&error),
    }
}
