//! One page for the browser: no script, no network, light and dark.

use super::svg;
use crate::report::model::{Block, Figure, Report, Table};

const STYLE: &str = include_str!("style.css");

pub(super) fn render(report: &Report) -> String {
    let title = escape(&report.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        svg::page_style()
    );
    let mut figures = 0;
    for section in &report.sections {
        out.push_str("<section>\n");
        if let Some(title) = &section.title {
            out.push_str(&format!("<h2>{}</h2>\n", escape(title)));
        }
        for block in &section.blocks {
            match block {
                Block::Heading(text) => out.push_str(&format!("<h3>{}</h3>\n", escape(text))),
                Block::List(texts) => bullets(&mut out, texts.iter().map(String::as_str)),
                Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", escape(text))),
                Block::Facts(facts) => list(&mut out, facts),
                Block::Table(table) => grid(&mut out, table),
                Block::Figure(figure) => {
                    figures += 1;
                    picture(&mut out, figure, figures);
                }
                Block::Plain(lines) => out.push_str(&format!("<pre>{}</pre>\n", escape(&lines.join("\n")))),
            }
        }
        out.push_str("</section>\n");
    }
    if !report.notes.is_empty() {
        out.push_str("<section>\n<h2>Notes</h2>\n");
        bullets(&mut out, report.notes.iter().map(|note| note.text.as_str()));
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn picture(out: &mut String, figure: &Figure, at: usize) {
    out.push_str(&format!("<figure>\n<figcaption>{}</figcaption>\n", escape(&figure.title)));
    out.push_str(&svg::inline(figure, at));
    for note in &figure.notes {
        out.push_str(&format!("<p class=\"note\"><i>Note.</i> {}</p>\n", escape(note)));
    }
    out.push_str("<details><summary>The numbers behind it</summary>\n");
    grid(out, &figure.data);
    out.push_str("</details>\n</figure>\n");
}

fn bullets<'a>(out: &mut String, texts: impl Iterator<Item = &'a str>) {
    out.push_str("<ul>\n");
    texts.for_each(|text| out.push_str(&format!("<li>{}</li>\n", escape(text))));
    out.push_str("</ul>\n");
}

fn list(out: &mut String, facts: &[(String, String)]) {
    out.push_str("<dl>\n");
    for (name, text) in facts {
        out.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(text)));
    }
    out.push_str("</dl>\n");
}

fn grid(out: &mut String, table: &Table) {
    let shown = table.shown();
    out.push_str("<div class=\"wide\">\n<table>\n");
    if let Some(title) = &table.title {
        out.push_str(&format!("<caption>{}</caption>\n", escape(title)));
    }
    let class = |at: usize| if table.is_right(at) { " class=\"n\"" } else { "" };
    out.push_str("<thead><tr>");
    for at in &shown {
        out.push_str(&format!("<th scope=\"col\"{}>{}</th>", class(*at), escape(&table.columns[*at].head)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>");
        for at in &shown {
            out.push_str(&format!("<td{}>{}</td>", class(*at), escape(&row[*at].shown())));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    for note in &table.notes {
        out.push_str(&format!("<p class=\"note\"><i>Note.</i> {}</p>\n", escape(note)));
    }
}

/// Text that HTML leaves alone, also inside quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
