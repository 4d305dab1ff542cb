//! Findings and errors as a person sees them: the line they stand in, underlined, and what to do.

use std::io::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::error::Error;
use crate::finding::{Finding, Findings, Severity};
use crate::report::format::{count, plural};

/// Draws the findings that were kept, and says how many there are beyond them.
pub(super) fn findings(findings: &Findings) {
    for finding in findings.kept() {
        put(&one(finding));
    }
    let hidden = findings.total() - findings.kept().len() as u64;
    if hidden > 0 {
        put(&format!("… and {} more; `--findings csv` gives them all as a table\n", count(hidden)));
    }
}

/// One finding.
fn one(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Problem => Level::ERROR.with_name("problem"),
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.code.id());
    let place = &finding.place;
    let mut group = match &place.excerpt {
        Some(excerpt) => {
            let mut annotation = AnnotationKind::Primary.span(excerpt.span.clone());
            if let Some(column) = &place.column {
                annotation = annotation.label(column.as_str());
            }
            title.element(
                Snippet::source(excerpt.text.as_str())
                    .line_start(excerpt.first_line as usize)
                    .path(place.file.as_str())
                    .annotation(annotation),
            )
        }
        None => {
            let origin = Origin::path(place.file.as_str());
            let origin = match place.line {
                Some(line) => origin.line(line as usize),
                None => origin,
            };
            title.element(origin)
        }
    };
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    render(group)
}

/// An error that is no finding.
pub(super) fn error(error: &Error) {
    let message = error.to_string();
    let mut group = Group::with_title(Level::ERROR.with_name("error").primary_title(message));
    if let Error::Usage { help: Some(help), .. } = error {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    put(&render(group));
}

/// The last line of a failure: how many problems of each kind, and what follows from them.
pub(super) fn verdict(findings: &Findings, then: &str) {
    let by: Vec<String> =
        findings.counts().iter().map(|(code, n)| format!("{} {}", count(*n), code.id())).collect();
    let found = plural(findings.problems(), "problem", "problems");
    put(&format!("{found} ({}){then}\n", by.join(", ")));
}

fn render(group: Group<'_>) -> String {
    let mut text = Renderer::styled().render(&[group]);
    text.push_str("\n\n");
    text
}

/// To standard error; colours stay only on a terminal.
fn put(text: &str) {
    // Nobody is left to tell if this fails.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
