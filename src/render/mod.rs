//! Reports as text, Markdown, CSV, JSON and HTML. Sees nothing but [`crate::report::model`].

mod csv;
mod html;
mod json;
mod markdown;
mod svg;
mod text;

use crate::report::model::{Figure, Report};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For reading in a terminal, at most 100 columns wide.
    #[default]
    Text,
    /// For Quarto and GitHub.
    Markdown,
    /// Everything, unrounded, in the envelope.
    Json,
    /// The tables, unrounded.
    Csv,
    /// A page for the browser.
    Html,
}

/// Renders a report. Equal reports give equal bytes.
pub fn render(report: &Report, format: Format) -> String {
    match format {
        Format::Text => text::render(report),
        Format::Markdown => markdown::render(report),
        Format::Json => json::render(report),
        Format::Csv => csv::render(report),
        Format::Html => html::render(report),
    }
}

/// How a figure alone is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Lines and words, sharp at any size.
    Svg,
}

/// Draws a figure as a file of its own.
pub fn picture(figure: &Figure, kind: Picture) -> Vec<u8> {
    match kind {
        Picture::Svg => svg::alone(figure).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::model::{Block, Column, Kind, Note, Section, Table, Value};

    fn sample() -> Report {
        let mut table = Table::new(
            "means",
            vec![Column::new("scale", "Scale"), Column::new("mean", "M"), Column::hidden("raw")],
        );
        table.rows.push(vec![
            Value::text("task <1>"),
            Value::Number(2.35625, Kind::Score),
            Value::Number(0.1, Kind::Exact),
        ]);
        table.rows.push(vec![Value::text("bond, \"b\""), Value::Number(-12.5, Kind::Score), Value::Empty]);
        table.notes.push("A note under the table.".to_owned());
        Report {
            command: "test",
            title: "A title | with a bar".to_owned(),
            instruments: Vec::new(),
            input: None,
            settings: json!({}),
            results: json!({ "x": 1.5 }),
            sections: vec![Section {
                id: "s",
                title: Some("Heading".to_owned()),
                blocks: vec![
                    Block::Facts(vec![("Name".into(), "what it is ".repeat(12))]),
                    Block::Table(table),
                ],
            }],
            notes: vec![Note::new("n", "remember")],
        }
    }

    #[test]
    fn text_is_aligned_and_fits_the_width() {
        let text = render(&sample(), Format::Text);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("task <1>     2.36\n") && text.contains("bond, \"b\"  -12.50\n"), "{text}");
        assert!(!text.contains("raw"));
    }

    #[test]
    fn data_is_not_rounded() {
        assert_eq!(
            render(&sample(), Format::Csv),
            "scale,mean,raw\ntask <1>,2.35625,0.1\n\"bond, \"\"b\"\"\",-12.5,\n"
        );
        let json: serde_json::Value = serde_json::from_str(&render(&sample(), Format::Json)).unwrap();
        assert_eq!((&json["schema"], &json["results"]["x"]), (&json!("alliance/1"), &json!(1.5)));
    }

    #[test]
    fn a_text_that_begins_like_a_formula_is_no_formula_in_a_spreadsheet() {
        let mut report = sample();
        let Block::Table(table) = &mut report.sections[0].blocks[1] else { unreachable!() };
        table.rows[0][0] = Value::text("=cmd()");
        table.rows[1][0] = Value::text("-12.5");
        let text = render(&report, Format::Csv);
        assert_eq!(text, "scale,mean,raw\n'=cmd(),2.35625,0.1\n-12.5,-12.5,\n");
    }

    #[test]
    fn headings_and_lists_stand_within_a_section() {
        let mut report = sample();
        let blocks = [Block::Heading("Part <1>".into()), Block::List(vec!["a & b".into(), "c".into()])];
        report.sections[0].blocks.extend(blocks);
        assert!(render(&report, Format::Html).contains("<h3>Part &lt;1&gt;</h3>\n<ul>\n<li>a &amp; b</li>"));
        assert!(render(&report, Format::Markdown).contains("### Part \\<1>\n\n- a & b\n- c\n"));
        assert!(render(&report, Format::Text).contains("Part <1>\n\n- a & b\n- c\n"));
    }

    #[test]
    fn markup_in_data_stays_text() {
        let html = render(&sample(), Format::Html);
        assert!(html.contains("task &lt;1&gt;") && !html.contains("task <1>"));
        let markdown = render(&sample(), Format::Markdown);
        assert!(markdown.contains("| task \\<1> | 2.36 |"), "{markdown}");
    }
}
