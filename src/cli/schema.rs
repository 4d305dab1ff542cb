//! `alliance schema`: the JSON Schema of a format.

use super::console::Console;
use crate::error::Error;
use crate::{instrument, session};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The format: definitions of instruments, or rules for ruptures
    #[arg(value_enum, default_value_t = Which::Instrument)]
    which: Which,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Which {
    /// A definition of an instrument
    Instrument,
    /// A rule for ruptures
    Rule,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let schema = match args.which {
        Which::Instrument => instrument::schema(),
        Which::Rule => session::rule_schema(),
    };
    console.print(format!("{schema:#}\n").as_bytes())
}
