//! Reports as text, Markdown, CSV, JSON, HTML and Word documents; figures as SVG and PNG. Sees nothing but [`crate::report::model`].

mod csv;
mod docx;
mod html;
mod ink;
mod json;
mod markdown;
mod png;
mod svg;
mod text;

use crate::report::model::{Figure, Report};

pub use png::NoPicture;

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
    /// A document for Word.
    Docx,
}

/// Renders a report. Equal reports give equal bytes.
pub fn render(report: &Report, format: Format) -> Vec<u8> {
    let text = match format {
        Format::Text => text::render(report),
        Format::Markdown => markdown::render(report),
        Format::Json => json::render(report),
        Format::Csv => csv::render(report),
        Format::Html => html::render(report),
        Format::Docx => return docx::render(report),
    };
    text.into_bytes()
}

/// How a figure alone is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Lines and words, sharp at any size.
    Svg,
    /// Pixels, 288 to the inch.
    Png,
}

/// Draws a figure as a file of its own.
///
/// # Errors
/// A PNG of letters that its typeface does not have, or of no size that a picture can have.
pub fn picture(figure: &Figure, kind: Picture) -> Result<Vec<u8>, NoPicture> {
    match kind {
        Picture::Svg => Ok(svg::alone(figure).into_bytes()),
        Picture::Png => png::render(&figure.drawing, png::ALONE),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::model::{
        Anchor, Block, Column, Drawing, Figure, Ink, Kind, Mark, Note, PageWords, Section, Table, Value,
    };

    fn text_of(report: &Report, format: Format) -> String {
        String::from_utf8(render(report, format)).unwrap()
    }

    fn text(format: Format) -> String {
        text_of(&sample(), format)
    }

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
            words: PageWords::default(),
        }
    }

    #[test]
    fn text_is_aligned_and_fits_the_width() {
        let text = text(Format::Text);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("task <1>     2.36\n") && text.contains("bond, \"b\"  -12.50\n"), "{text}");
        assert!(!text.contains("raw"));
    }

    #[test]
    fn data_is_not_rounded() {
        assert_eq!(text(Format::Csv), "scale,mean,raw\ntask <1>,2.35625,0.1\n\"bond, \"\"b\"\"\",-12.5,\n");
        let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
        assert_eq!((&json["schema"], &json["results"]["x"]), (&json!("alliance/1"), &json!(1.5)));
    }

    #[test]
    fn a_text_that_begins_like_a_formula_is_no_formula_in_a_spreadsheet() {
        let mut report = sample();
        let Block::Table(table) = &mut report.sections[0].blocks[1] else { unreachable!() };
        table.rows[0][0] = Value::text("=cmd()");
        table.rows[1][0] = Value::text("-12.5");
        let text = text_of(&report, Format::Csv);
        assert_eq!(text, "scale,mean,raw\n'=cmd(),2.35625,0.1\n-12.5,-12.5,\n");
    }

    #[test]
    fn headings_and_lists_stand_within_a_section() {
        let mut report = sample();
        let blocks = [Block::Heading("Part <1>".into()), Block::List(vec!["a & b".into(), "c".into()])];
        report.sections[0].blocks.extend(blocks);
        assert!(text_of(&report, Format::Html).contains("<h3>Part &lt;1&gt;</h3>\n<ul>\n<li>a &amp; b</li>"));
        assert!(text_of(&report, Format::Markdown).contains("### Part \\<1>\n\n- a & b\n- c\n"));
        assert!(text_of(&report, Format::Text).contains("Part <1>\n\n- a & b\n- c\n"));
    }

    #[test]
    fn markup_in_data_stays_text() {
        let html = text(Format::Html);
        assert!(html.contains("task &lt;1&gt;") && !html.contains("task <1>"));
        let markdown = text(Format::Markdown);
        assert!(markdown.contains("| task \\<1> | 2.36 |"), "{markdown}");
    }

    fn with_figure(title: &str) -> Report {
        let mut report = sample();
        let drawing = Drawing {
            width: 40.0,
            height: 20.0,
            marks: vec![
                Mark::Area {
                    points: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]],
                    ink: Ink::Step(-4),
                    opacity: 0.5,
                },
                Mark::Words {
                    text: title.to_owned(),
                    at: [2.0, 12.0],
                    anchor: Anchor::Start,
                    size: 10.0,
                    ink: Ink::Text,
                    bold: false,
                    turned: false,
                },
            ],
        };
        report.sections[0].blocks.push(Block::Figure(Figure {
            id: "f",
            title: title.to_owned(),
            description: "What it shows.".to_owned(),
            data: Table::new("data", vec![Column::new("x", "X")]),
            drawing,
            notes: Vec::new(),
        }));
        report
    }

    #[test]
    fn a_page_holds_no_script_and_asks_for_nothing() {
        let html = text_of(&with_figure("<script>alert(1)</script>"), Format::Html);
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url("));
        assert!(html.contains("default-src 'none'"));
        let body = &html[html.find("<body>").unwrap()..html.find("</html>").unwrap()];
        let tree = roxmltree::Document::parse(body).unwrap();
        let svg = tree.descendants().find(|node| node.has_tag_name("svg")).unwrap();
        assert_eq!(svg.attribute("role"), Some("img"));
    }

    #[test]
    fn tables_and_figures_are_numbered() {
        let html = text_of(&with_figure("t"), Format::Html);
        assert!(
            html.contains("<caption><b>Table 1</b></caption>") && html.contains("<b>Figure 1</b> <i>t</i>"),
            "{html}"
        );
    }

    #[test]
    fn a_figure_alone_is_a_picture_or_says_which_letter_it_lacks() {
        let report = with_figure("Σ α ≥ ▼ ñ");
        let Some(Block::Figure(figure)) = report.sections[0].blocks.last() else { panic!() };
        assert!(picture(figure, Picture::Png).unwrap().starts_with(b"\x89PNG"));
        let report = with_figure("عنوان");
        let Some(Block::Figure(figure)) = report.sections[0].blocks.last() else { panic!() };
        assert_eq!(picture(figure, Picture::Png), Err(NoPicture::Letter('ع')));
        assert!(String::from_utf8(picture(figure, Picture::Svg).unwrap()).unwrap().contains("عنوان"));
    }

    /// The main part of a Word document.
    fn document(report: &Report) -> String {
        let bytes = render(report, Format::Docx);
        assert_eq!(&bytes[..2], b"PK");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name("word/document.xml").unwrap(), &mut text).unwrap();
        text
    }

    #[test]
    fn a_word_document_has_real_tables_with_notes_and_repeated_heads() {
        let text = document(&with_figure("a <figure>"));
        let tree = roxmltree::Document::parse(&text).unwrap();
        let count = |name: &str| tree.descendants().filter(|node| node.tag_name().name() == name).count();
        assert_eq!((count("tbl"), count("tblHeader"), count("tr"), count("tc")), (1, 1, 3, 6), "{text}");
        assert_eq!(count("drawing"), 1);
        // Without a rule for the height of lines, LibreOffice cuts a figure down to the height of letters.
        let lines = tree.descendants().filter(|node| node.tag_name().name() == "spacing");
        let rule = |node: &roxmltree::Node<'_, '_>| {
            node.attributes().any(|a| a.name() == "line") == node.attributes().any(|a| a.name() == "lineRule")
        };
        assert!(lines.clone().count() > 4 && lines.clone().all(|node| rule(&node)), "{text}");
        let words: String = tree.descendants().filter_map(|node| node.text()).collect();
        for word in [
            "Table 1",
            "task <1>",
            "2.36",
            "−12.50",
            "Note.",
            "A note under the table.",
            "Figure 1",
            "a <figure>",
        ] {
            assert!(words.contains(word), "{word}: {words}");
        }
    }
}
