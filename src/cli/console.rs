//! What goes to the screen: reports and data to standard output, problems and notes to standard error.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;

use super::draw;
use super::files::Output;
use crate::error::{EXIT_OK, Error};
use crate::finding::{Finding, Findings};
use crate::render::{Format, render};
use crate::report::model::Report;

/// The formats in which all findings may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FindingFormat {
    /// A list of objects.
    Json,
    /// A table.
    Csv,
}

/// Standard output and standard error, and the findings as data if they are asked for.
#[derive(Default)]
pub(super) struct Console {
    log: Option<Log>,
    /// Whether standard output holds the scores, so that nothing else may go there.
    pub stdout_taken: bool,
}

/// All findings as data, spooled so that a million of them take no memory.
struct Log {
    format: FindingFormat,
    spool: File,
    written: u64,
}

impl Console {
    /// Asks for all findings as data.
    pub fn want_findings(&mut self, format: Option<FindingFormat>) -> Result<(), Error> {
        if let Some(format) = format {
            let spool = tempfile::tempfile().map_err(spool_error)?;
            self.log = Some(Log { format, spool, written: 0 });
        }
        Ok(())
    }

    /// Whether all findings are asked for, not just the first.
    pub fn wants_all(&self) -> bool {
        self.log.is_some()
    }

    /// Takes down a finding, if all are asked for.
    pub fn record(&mut self, finding: &Finding) -> Result<(), Error> {
        match &mut self.log {
            Some(log) => log.push(finding).map_err(spool_error),
            None => Ok(()),
        }
    }

    /// Prints a report where the user wants it.
    pub fn report(&mut self, report: &Report, format: Format, output: Option<&Path>) -> Result<(), Error> {
        let bytes = render(report, format);
        match output {
            None => self.print(&bytes),
            Some(path) => self.write(path, &bytes),
        }
    }

    /// Writes a file, whole or not at all.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let mut file = Output::create(path)?;
        let failed = |source| Error::System { what: "cannot write", path: path.to_owned(), source };
        file.write_all(bytes).map_err(failed)?;
        file.commit()
    }

    /// Writes to standard output.
    pub fn print(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(stdout_error)
    }

    /// Copies a spool to standard output.
    pub fn print_spool(&mut self, spool: &mut File) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        spool.rewind().map_err(stdout_error)?;
        io::copy(spool, &mut out).and_then(|_| out.flush()).map_err(stdout_error)
    }

    /// Writes to standard error.
    pub fn say(&mut self, text: &str) {
        // Nobody is left to tell if this fails.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Shows findings: drawn on standard error, or as data where they are asked for so.
    pub fn show_findings(&mut self, findings: &Findings) -> Result<(), Error> {
        if self.log.is_none() {
            draw::findings(findings);
            return Ok(());
        }
        if self.log.as_ref().is_some_and(|log| log.written == 0) {
            for finding in findings.kept() {
                self.record(finding)?;
            }
        }
        let Some(mut log) = self.log.take() else { return Ok(()) };
        let text = log.finish().map_err(spool_error)?;
        if self.stdout_taken {
            self.say(&text);
            return Ok(());
        }
        self.print(text.as_bytes())
    }

    /// Says why a command failed; returns the exit code.
    pub fn fail(&mut self, error: &Error) -> u8 {
        if let Error::System { source, .. } = error
            && source.kind() == ErrorKind::BrokenPipe
        {
            return EXIT_OK; // the reader has seen enough
        }
        match error {
            Error::Data(findings) | Error::Definition(findings) => {
                if let Err(other) = self.show_findings(findings) {
                    draw::error(&other);
                }
                let data = matches!(error, Error::Data(_));
                draw::verdict(findings, if data { "; nothing was written" } else { "" });
            }
            _ => draw::error(error),
        }
        error.exit_code()
    }
}

fn spool_error(source: io::Error) -> Error {
    Error::System { what: "cannot use", path: std::env::temp_dir(), source }
}

fn stdout_error(source: io::Error) -> Error {
    Error::System { what: "cannot write to", path: "standard output".into(), source }
}

impl Log {
    fn push(&mut self, finding: &Finding) -> io::Result<()> {
        self.written += 1;
        match self.format {
            FindingFormat::Json => {
                let separator = if self.written == 1 { "[\n" } else { ",\n" };
                self.spool.write_all(separator.as_bytes())?;
                serde_json::to_writer(&mut self.spool, finding)?;
            }
            FindingFormat::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                if self.written == 1 {
                    writer.write_record([
                        "severity", "code", "file", "row", "line", "column", "message", "help",
                    ])?;
                }
                let number = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
                let place = &finding.place;
                writer.write_record([
                    match finding.severity {
                        crate::finding::Severity::Problem => "problem",
                        crate::finding::Severity::Note => "note",
                    },
                    finding.code.id(),
                    &place.file,
                    &number(place.record),
                    &number(place.line),
                    place.column.as_deref().unwrap_or_default(),
                    &finding.message,
                    finding.help.as_deref().unwrap_or_default(),
                ])?;
                let bytes = writer.into_inner().map_err(|error| error.into_error())?;
                self.spool.write_all(&bytes)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<String> {
        if self.format == FindingFormat::Json {
            let end: &[u8] = if self.written == 0 { b"[]\n" } else { b"\n]\n" };
            self.spool.write_all(end)?;
        }
        self.spool.rewind()?;
        let mut text = String::new();
        self.spool.read_to_string(&mut text)?;
        Ok(text)
    }
}
