//! A table as its records stand in it, for taking some of them out.

use std::io::Read;
use std::ops::Range;

use super::blocks::{Block, BlockText, ReadError};
use super::buffer::Buffer;
use super::dialect::{Dialect, Said};
use super::encoding::to_utf8;
use super::open::open;
use super::record::{fields, first_end};
use crate::finding::Findings;

/// The records of a whole file, in UTF-8 whatever it was encoded in. Wholly empty ones are passed over.
pub struct Records {
    /// How the file is written.
    pub dialect: Dialect,
    /// Names of the columns.
    pub names: Vec<String>,
    /// BLAKE3 of the file, and how many bytes it has.
    pub digest: (String, u64),
    text: Buffer,
    spans: Vec<Range<usize>>,
}

impl Records {
    /// Reads all records of a file.
    ///
    /// # Errors
    /// The system's error, or a finding where the file is no table or no record ends.
    pub fn read<'a>(file: &str, source: impl Read + Send + 'a, said: &Said) -> Result<Records, ReadError> {
        let table = open(file, source, said)?;
        let mut block = Block::default();
        let (_, mut blocks) = table.blocks.rest(&mut block)?;
        blocks.next_block(&mut Block::default())?;
        let mut text = block.bytes;
        if let BlockText::Encoded(known) = block.text {
            let mut decoded = Buffer::default();
            to_utf8(known, text.bytes(), &mut decoded, file, &mut Findings::new());
            text = decoded;
        }
        let (bytes, delimiter) = (text.bytes(), table.dialect.delimiter);
        let (mut spans, mut at) = (Vec::new(), 0);
        while let Some(len) = first_end(&bytes[at..], delimiter, true).filter(|len| *len > 0) {
            let record = &bytes[at..at + len];
            let ends = record.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if !record.iter().all(|byte| byte.is_ascii_whitespace() || [delimiter, b'"'].contains(byte)) {
                spans.push(at..at + len - ends);
            }
            at += len;
        }
        let digest = blocks.digest();
        Ok(Records { dialect: table.dialect, names: table.header.names, digest, text, spans })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// A record as it stands in the file, without its line end.
    pub fn record(&self, at: usize) -> &[u8] {
        &self.text.bytes()[self.spans[at].clone()]
    }

    /// Its cells.
    pub fn cells(&self, at: usize) -> Vec<Vec<u8>> {
        fields(self.record(at), self.dialect.delimiter).into_iter().map(|(cell, _)| cell).collect()
    }
}
