//! alliance

pub mod error;
pub mod finding;
pub mod instrument;
pub mod numeric;
pub mod responses;
pub mod scoring;
pub mod strict;
