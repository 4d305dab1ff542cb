//! The top-level error, split by who can mend it, and the exit codes that follow from that.

use std::path::PathBuf;

use crate::finding::Findings;

/// Everything went well (notes included).
pub const EXIT_OK: u8 = 0;
/// The command line asks for something that cannot be had.
pub const EXIT_USAGE: u8 = 2;
/// The file of answers has problems.
pub const EXIT_DATA: u8 = 3;
/// A definition, map or other file that steers the program has problems.
pub const EXIT_DEFINITION: u8 = 4;
/// A statistic could not be had and `--strict` was given.
pub const EXIT_STATISTIC: u8 = 5;
/// A file could not be read or written.
pub const EXIT_SYSTEM: u8 = 6;

/// What can stop a command. Each kind is mended by somebody else.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The person at the keyboard mends it.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// The owner of the answers mends it.
    #[error("{} problem(s) in the answers", .0.problems())]
    Data(Box<Findings>),
    /// The author of the definition, map or study mends it.
    #[error("{} problem(s) in the definition", .0.problems())]
    Definition(Box<Findings>),
    /// The system refused.
    #[error("{what} `{}`: {source}", path.display())]
    System {
        /// What was tried, as a fragment.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// A usage error.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::Usage { message: message.into(), help: None }
    }

    /// A usage error with advice.
    pub fn usage_help(message: impl Into<String>, help: impl Into<String>) -> Error {
        Error::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// Problems in the answers.
    pub fn data(findings: impl Into<Findings>) -> Error {
        Error::Data(Box::new(findings.into()))
    }

    /// Problems in a definition, map or study.
    pub fn definition(findings: impl Into<Findings>) -> Error {
        Error::Definition(Box::new(findings.into()))
    }

    /// The exit code of this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage { .. } => EXIT_USAGE,
            Error::Data(_) => EXIT_DATA,
            Error::Definition(_) => EXIT_DEFINITION,
            Error::System { .. } => EXIT_SYSTEM,
        }
    }
}
