//! `alliance template`: a definition to start from.

use super::console::Console;
use crate::error::Error;
use crate::finding::near;
use crate::instrument::{TEMPLATE, library};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Start from this shipped instrument, with its worked cases
    instrument: Option<String>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let Some(id) = &args.instrument else { return console.print(TEMPLATE.as_bytes()) };
    match library::with_cases(id) {
        Some(text) => console.print(text.as_bytes()),
        None => {
            let near = near(id, library::ids());
            let help = near.first().map_or("`alliance instruments` lists the shelf".to_owned(), |id| {
                format!("did you mean `{id}`?")
            });
            Err(Error::usage_help(format!("there is no instrument `{id}`"), help))
        }
    }
}
