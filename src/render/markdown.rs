//! Markdown with pipe tables, for Quarto and GitHub.

use crate::report::model::{Block, Figure, PageWords, Report, Table};

pub(super) fn render(report: &Report) -> String {
    let mut out = format!("# {}\n", escape(&report.title));
    for section in &report.sections {
        if let Some(title) = &section.title {
            out.push_str(&format!("\n## {}\n", escape(title)));
        }
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => out.push_str(&format!("### {}\n", escape(text))),
                Block::List(texts) => {
                    texts.iter().for_each(|text| out.push_str(&format!("- {}\n", escape(text))));
                }
                Block::Text(text) => out.push_str(&format!("{}\n", escape(text))),
                Block::Facts(facts) => {
                    for (name, text) in facts {
                        out.push_str(&format!("- **{}:** {}\n", escape(name), escape(text)));
                    }
                }
                Block::Table(table) => grid(&mut out, table, &report.words),
                Block::Figure(figure) => picture(&mut out, figure, &report.words),
                Block::Plain(lines) => out.push_str(&format!("```text\n{}\n```\n", lines.join("\n"))),
            }
        }
    }
    notes(&mut out, report.notes.iter().map(|note| note.text.as_str()), &report.words);
    out
}

/// Neither GitHub nor every output of Quarto shows a picture that stands in the text: its numbers do.
fn picture(out: &mut String, figure: &Figure, words: &PageWords) {
    out.push_str(&format!("**{}**\n\n{}\n\n", escape(&figure.title), escape(&figure.description)));
    grid(out, &figure.data, words);
    notes(out, figure.notes.iter().map(String::as_str), words);
}

fn grid(out: &mut String, table: &Table, words: &PageWords) {
    let shown = table.shown();
    if let Some(title) = &table.title {
        out.push_str(&format!("**{}**\n\n", escape(title)));
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(shown.iter().map(|at| escape(&table.columns[*at].head)).collect()));
    let rule = |at: &usize| if table.is_right(*at) { "---:".to_owned() } else { ":---".to_owned() };
    out.push_str(&line(shown.iter().map(rule).collect()));
    for row in &table.rows {
        out.push_str(&line(shown.iter().map(|at| escape(&row[*at].printed(words.decimal))).collect()));
    }
    notes(out, table.notes.iter().map(String::as_str), words);
}

fn notes<'t>(out: &mut String, notes: impl Iterator<Item = &'t str>, words: &PageWords) {
    notes.for_each(|note| out.push_str(&format!("\n*{}* {}\n", words.note, escape(note))));
}

/// Text that Markdown leaves alone.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '<' | '*' | '_' | '`' | '[' | '\\' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}
