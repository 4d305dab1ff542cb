//! A look through a file of answers before it is known what it is: its columns, and what stands in them.

use std::path::PathBuf;

use super::files::Source;
use crate::error::Error;
use crate::responses::{self, Block, ReadError, Said};
use crate::study::{SeenColumn, SeenFile};

/// Looks through a file. `name` is how it is to be called.
///
/// # Errors
/// A file that cannot be read, or is no text table.
pub(super) fn peek(source: Source, name: String, said: &Said) -> Result<SeenFile, Error> {
    let failed = |error: ReadError| match error {
        ReadError::Io(source) => Error::System { what: "cannot read", path: PathBuf::from(&name), source },
        ReadError::Finding(finding) => Error::data(*finding),
    };
    let mut table = responses::open(&source.name, source.reader, said).map_err(failed)?;
    let mut columns = vec![SeenColumn::default(); table.header.names.len()];
    let (mut rows, mut block) = (0, Block::default());
    while table.blocks.next_block(&mut block).map_err(failed)? {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(table.dialect.delimiter)
            .from_reader(block.bytes.bytes());
        let mut record = csv::ByteRecord::new();
        let encoding = table.blocks.encoding();
        // Rows are split by the same rules as for scoring.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            rows += 1;
            for (column, cell) in columns.iter_mut().zip(&record) {
                column.add(&encoding.shown(cell));
            }
        }
    }
    Ok(SeenFile { name, header: table.header, dialect: table.dialect, rows, columns })
}
