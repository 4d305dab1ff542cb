//! `alliance study`: a study file to start from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::console::Console;
use super::files::open_all;
use super::peek::peek;
use crate::error::Error;
use crate::instrument::library;
use crate::responses::Said;
use crate::study::sketch;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The files of answers that the study has
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Result<(), Error> {
    for path in &args.files {
        if path == Path::new("-") {
            return Err(Error::usage("a study file names its files, so standard input cannot be one"));
        }
    }
    let mut seen = Vec::new();
    for (source, path) in open_all(&args.files)?.into_iter().zip(&args.files) {
        seen.push(peek(source, path.display().to_string(), &Said::default())?);
    }
    let shelf = library::ids().filter_map(library::load);
    let shelf = shelf.map(|loaded| loaded.map(Arc::new).map_err(Error::definition));
    let shelf = shelf.collect::<Result<Vec<_>, _>>()?;
    console.print(sketch(&seen, &shelf).as_bytes())
}
