//! `alliance schema`: the JSON Schema of the definition format.

use super::console::Console;
use crate::error::Error;
use crate::instrument;

pub(super) fn run(console: &mut Console) -> Result<(), Error> {
    console.print(format!("{:#}\n", instrument::schema()).as_bytes())
}
