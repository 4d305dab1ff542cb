//! `alliance schema`: the JSON Schema of a format.

use super::console::Console;
use crate::error::Error;
use crate::{instrument, session, study};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The format: definitions of instruments, rules for ruptures, or study files
    #[arg(value_enum, default_value_t = Which::Instrument)]
    which: Which,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Which {
    /// A definition of an instrument
    Instrument,
    /// A rule for ruptures
    Rule,
    /// A study file
    Study,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let schema = match args.which {
        Which::Instrument => instrument::schema(),
        Which::Rule => session::rule_schema(),
        Which::Study => study::schema(),
    };
    console.print(format!("{schema:#}\n").as_bytes())
}
