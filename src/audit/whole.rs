//! A whole text, audited at once.

use std::sync::Arc;

use super::look::{Audit, Config};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::Instrument;
use crate::responses::{Options, Read, read_whole};
use crate::scoring::{Plan, Rules};

/// Everything that is wrong with a text, what its rows say and what its reader finds, in the order of a report.
///
/// # Errors
/// A usage error where the user's words do not fit the text or the instrument.
///
/// ```
/// use std::sync::Arc;
/// use alliance_metrics::audit::{Config, check_text};
/// use alliance_metrics::instrument::library;
/// use alliance_metrics::responses::Options;
/// use alliance_metrics::scoring::Rules;
///
/// let instrument = Arc::new(library::load("arm_5").unwrap().unwrap());
/// let text = "person,arm_1,arm_2,arm_3,arm_4,arm_5\nP1,7,6,1,8,5\nP1,5,5,2,6,6\n";
/// let asked = (&Options::default(), &Rules::default(), &Config::default());
/// let found = check_text("a.csv", text.as_bytes(), &instrument, asked).unwrap();
/// let codes: Vec<&str> = found.kept().iter().take(2).map(|finding| finding.code.id()).collect();
/// assert_eq!(codes, ["out_of_range", "duplicate_key"]);
/// ```
pub fn check_text(
    file: &str,
    text: &[u8],
    instrument: &Arc<Instrument>,
    (options, rules, config): (&Options, &Rules, &Config),
) -> Result<Findings, Error> {
    let read = read_whole(file, text, std::slice::from_ref(instrument), options);
    let Read { layout, responses, counts, findings, header_lines, .. } = match read {
        Err(Error::Data(findings)) => return Ok(*findings),
        read => read?,
    };
    if counts.records == 0 && findings.is_empty() {
        let place = Place::file(file);
        return Ok(Finding::problem(Code::NoRows, place, "the file has a header and no rows").into());
    }
    let plan = Plan::new(&layout, rules)?;
    let audit = Audit::new(&layout, &plan, rules, config)?;
    let mut auditor = audit.auditor();
    auditor.add(0, &responses);
    let gathered = vec![auditor.gathered()];
    Ok(audit.finish(gathered, &counts, &[(0, header_lines)]).with(findings))
}
