//! All integration tests, in one binary: it links once.

mod common;

/// Is the bad cell named?
mod findings;
/// Is scoring mathematically itself?
mod laws;
/// Are the definitions on the shelf sound, and their keys those of the sources?
mod library;
