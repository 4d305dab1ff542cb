//! The envelope, indented.

use crate::report::model::Report;

pub(super) fn render(report: &Report) -> String {
    format!("{:#}\n", report.envelope())
}
