//! What people answered: from the bytes of a file to batches of item answers with their keys.
//!
//! A file is opened ([`open`]), its header is matched to the instruments ([`Layout`]), and its rows are read in blocks
//! ([`BlockReader`]) into [`Responses`]. [`read_all`] does it in one go for a text in memory. Every cell that is not an
//! allowed answer becomes a [`Finding`](crate::finding::Finding) with its place.

mod batch;
mod blocks;
mod buffer;
mod careful;
mod cell;
mod choice;
mod columns;
mod date;
mod dialect;
mod encoding;
mod fast;
mod fault;
mod filter;
mod fold;
mod header;
mod keys;
mod labels;
mod layout;
mod map;
mod missing;
mod open;
mod pass;
mod pattern;
mod read;
mod record;
mod records;
mod roles;
mod several;
mod sheet;
mod source;
mod stream;
mod wide;
mod words;

pub use batch::{MISSING, Responses};
pub use blocks::{BLOCK, Block, Blocks, ReadError, Table};
pub use buffer::{Buffer, WIDE};
pub use cell::{Cell, CellSpec, Fault};
pub use date::day_number;
pub use dialect::{Decimal, Dialect, Said, parse_delimiter};
pub use encoding::Encoding;
pub use filter::{Filter, parse_filters};
pub use fold::Fold;
pub use header::Header;
pub use keys::Key;
pub use labels::{Label, Labels, fold_label};
pub use layout::{Layout, OnInvalid, Options, TextColumn, Why};
pub use map::ColumnMap;
pub use missing::{Missing, MissingCodes};
pub use open::open;
pub use pass::{FormRule, Pass, Slot};
pub use pattern::Pattern;
pub use read::{BlockReader, Counts, Read, Splitting, read_all, read_whole};
pub use record::fields;
pub use records::Records;
pub use several::{FILE, align};
pub use sheet::Sheet;
pub use stream::ordered;
pub use words::{Word, WordMap};
