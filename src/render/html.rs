//! One page for the browser: no script, no network, light and dark, on a phone and on paper.

use std::collections::HashMap;

use super::svg;
use crate::report::model::{Block, Figure, PageWords, Report, Section, Table};

const STYLE: &str = include_str!("style.css");
/// With fewer headings than this, a page needs no table of contents.
const LEAST_CONTENTS: usize = 4;
/// A table of more columns is set smaller on paper.
const BROAD: usize = 9;
/// So many rows of the numbers behind a figure stand on a page.
const MOST_BEHIND: usize = 250;
/// Nothing is loaded, nothing is run: a browser holds the page to it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A page being written.
struct Page<'a> {
    out: String,
    words: &'a PageWords,
    tables: usize,
    figures: usize,
}

pub(super) fn render(report: &Report) -> String {
    let title = escape(&report.title);
    let anchors = anchors(&report.sections);
    let mut page = Page { out: String::new(), words: &report.words, tables: 0, figures: 0 };
    page.out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"generator\" content=\"alliance {}\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n",
        escape(&report.words.lang),
        env!("CARGO_PKG_VERSION"),
        svg::page_style()
    );
    page.contents(report, &anchors);
    page.out.push_str(&format!("<main>\n<h1 dir=\"auto\">{title}</h1>\n"));
    for (section, anchor) in report.sections.iter().zip(&anchors) {
        page.section(section, anchor);
    }
    if !report.notes.is_empty() {
        page.out
            .push_str(&format!("<section id=\"page-notes\">\n<h2>{}</h2>\n", escape(&report.words.notes)));
        page.bullets(report.notes.iter().map(|note| note.text.as_str()));
        page.out.push_str("</section>\n");
    }
    page.out.push_str("</main>\n</body>\n</html>\n");
    page.out
}

/// Where each section is found on the page; ids that occur again are numbered.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let anchor = |section: &Section| {
        let n = seen.entry(section.id).or_default();
        *n += 1;
        if *n == 1 { section.id.to_owned() } else { format!("{}-{n}", section.id) }
    };
    sections.iter().map(anchor).collect()
}

impl Page<'_> {
    fn contents(&mut self, report: &Report, anchors: &[String]) {
        let titled: Vec<(&str, &String)> = report
            .sections
            .iter()
            .zip(anchors)
            .filter_map(|(section, anchor)| Some((section.title.as_deref()?, anchor)))
            .collect();
        if titled.len() < LEAST_CONTENTS {
            return;
        }
        // On a phone the list is folded: without a script, a box that is ticked unfolds it.
        self.out.push_str(&format!(
            "<nav>\n<input type=\"checkbox\" id=\"unfold\"><h2><label for=\"unfold\">{}</label></h2>\n<ol>\n",
            escape(&self.words.contents)
        ));
        for (title, anchor) in titled {
            self.out.push_str(&format!("<li><a href=\"#{}\">{}</a></li>\n", escape(anchor), escape(title)));
        }
        self.out.push_str("</ol>\n</nav>\n");
    }

    fn section(&mut self, section: &Section, anchor: &str) {
        let class = if section.starts_page() { " class=\"page\"" } else { "" };
        self.out.push_str(&format!("<section id=\"{}\"{class}>\n", escape(anchor)));
        if let Some(title) = &section.title {
            self.out.push_str(&format!("<h2>{}</h2>\n", escape(title)));
        }
        for block in &section.blocks {
            match block {
                Block::Heading(text) => self.out.push_str(&format!("<h3>{}</h3>\n", escape(text))),
                Block::List(texts) => self.bullets(texts.iter().map(String::as_str)),
                Block::Text(text) => self.out.push_str(&format!("<p>{}</p>\n", escape(text))),
                Block::Facts(facts) => self.list(facts),
                Block::Table(table) => {
                    self.tables += 1;
                    let name = format!("{} {}", self.words.table, self.tables);
                    self.grid(table, Some(&name));
                }
                Block::Figure(figure) => self.picture(figure),
                Block::Plain(lines) => {
                    self.out.push_str(&format!("<pre>{}</pre>\n", escape(&lines.join("\n"))));
                }
            }
        }
        self.out.push_str("</section>\n");
    }

    fn picture(&mut self, figure: &Figure) {
        self.figures += 1;
        let name = format!("{} {}", self.words.figure, self.figures);
        self.out.push_str(&format!(
            "<figure>\n<figcaption><b>{}</b> <i>{}</i></figcaption>\n<div class=\"drawn\" tabindex=\"0\">\n",
            escape(&name),
            escape(&figure.title)
        ));
        self.out.push_str(&svg::inline(figure, self.figures));
        self.out.push_str("</div>\n");
        self.notes(&figure.notes);
        self.out.push_str(&format!("<details><summary>{}</summary>\n", escape(&self.words.numbers)));
        self.behind(&figure.data);
        self.out.push_str("</details>\n</figure>\n");
    }

    /// The numbers behind a figure: so many that a page stays light.
    fn behind(&mut self, data: &Table) {
        if data.rows.len() <= MOST_BEHIND {
            return self.grid(data, None);
        }
        let mut some = data.clone();
        some.rows.truncate(MOST_BEHIND);
        let left = self.words.rows_left_out.replace("{shown}", &MOST_BEHIND.to_string());
        some.notes.push(left.replace("{all}", &data.rows.len().to_string()));
        self.grid(&some, None);
    }

    fn bullets<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        self.out.push_str("<ul>\n");
        texts.for_each(|text| self.out.push_str(&format!("<li>{}</li>\n", escape(text))));
        self.out.push_str("</ul>\n");
    }

    fn list(&mut self, facts: &[(String, String)]) {
        self.out.push_str("<dl>\n");
        for (name, text) in facts {
            self.out.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(text)));
        }
        self.out.push_str("</dl>\n");
    }

    fn grid(&mut self, table: &Table, name: Option<&str>) {
        let shown = table.shown();
        let broad = if shown.len() > BROAD { " broad" } else { "" };
        self.out.push_str(&format!("<div class=\"wide{broad}\" tabindex=\"0\">\n<table>\n"));
        let caption: Vec<String> = name
            .map(|name| format!("<b>{}</b>", escape(name)))
            .into_iter()
            .chain(table.title.as_ref().map(|title| format!("<i>{}</i>", escape(title))))
            .collect();
        if !caption.is_empty() {
            self.out.push_str(&format!("<caption>{}</caption>\n", caption.join(" ")));
        }
        let class = |at: usize| if table.is_right(at) { " class=\"n\"" } else { "" };
        self.out.push_str("<thead><tr>");
        for at in &shown {
            let head = escape(&table.columns[*at].head);
            self.out.push_str(&format!("<th scope=\"col\"{}>{head}</th>", class(*at)));
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for at in &shown {
                self.out.push_str(&format!(
                    "<td{}>{}</td>",
                    class(*at),
                    breakable(&row[*at].printed(self.words.decimal))
                ));
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</div>\n");
        self.notes(&table.notes);
    }

    /// Notes under a table or figure, the first with the word that says so.
    fn notes(&mut self, notes: &[String]) {
        for (at, note) in notes.iter().enumerate() {
            let word = if at == 0 { format!("<i>{}</i> ", escape(&self.words.note)) } else { String::new() };
            self.out.push_str(&format!("<p class=\"note\">{word}{}</p>\n", escape(note)));
        }
    }
}

/// A cell's text; words longer than any language's may break, so that an identifier of any length fits a sheet.
fn breakable(text: &str) -> String {
    /// The longest word that stays whole, and the length of the pieces of longer ones.
    const WORD: usize = 32;
    const PIECE: usize = 16;
    let word = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() <= WORD {
            return escape(word);
        }
        let pieces: Vec<String> =
            letters.chunks(PIECE).map(|piece| escape(&piece.iter().collect::<String>())).collect();
        pieces.join("<wbr>")
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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
            // Control characters are no part of HTML or SVG.
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
