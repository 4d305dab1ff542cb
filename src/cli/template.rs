//! `alliance template`: a definition, or a rule for ruptures, to start from.

use super::console::Console;
use crate::error::Error;
use crate::finding::near;
use crate::instrument::{TEMPLATE, library};
use crate::session::{preset_ids, preset_text};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Start from this shipped instrument, with its worked cases, or from this shipped rule for ruptures
    instrument: Option<String>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    let Some(id) = &args.instrument else { return console.print(TEMPLATE.as_bytes()) };
    let text = library::with_cases(id).or_else(|| preset_text(id).map(str::to_owned));
    match text {
        Some(text) => console.print(text.as_bytes()),
        None => {
            let near = near(id, library::ids().chain(preset_ids()));
            let help = near.first().map_or("`alliance instruments` lists the shelf".to_owned(), |id| {
                format!("did you mean `{id}`?")
            });
            Err(Error::usage_help(format!("there is no instrument or rule `{id}`"), help))
        }
    }
}
