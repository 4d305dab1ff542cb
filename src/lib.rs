//! alliance

pub mod cli;
pub mod error;
pub mod finding;
pub mod instrument;
pub mod numeric;
pub mod render;
pub mod report;
pub mod responses;
pub mod scoring;
pub mod strict;
