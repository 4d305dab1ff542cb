//! For reading in a terminal: at most 100 columns, figures to the right, notes beneath.

use unicode_width::UnicodeWidthStr;

use crate::report::model::{Block, Decimal, Figure, Report, Table, Value};

/// No line is longer.
const WIDTH: usize = 100;
/// What stands between two columns.
const GAP: usize = 2;
/// A column of words is not squeezed below this.
const NARROWEST: usize = 12;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    paragraph(&mut out, &report.title, 0);
    for section in &report.sections {
        out.push('\n');
        if let Some(title) = &section.title {
            paragraph(&mut out, title, 0);
        }
        for (at, block) in section.blocks.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            match block {
                Block::Heading(text) | Block::Text(text) => paragraph(&mut out, text, 0),
                Block::List(texts) => texts.iter().for_each(|text| hanging(&mut out, "- ", text)),
                Block::Facts(facts) => list(&mut out, facts),
                Block::Table(table) => grid(&mut out, table, report.words.decimal),
                Block::Figure(figure) => picture(&mut out, figure, report.words.decimal),
                Block::Plain(lines) => lines.iter().for_each(|line| {
                    out.push_str(line);
                    out.push('\n');
                }),
            }
        }
    }
    if !report.notes.is_empty() {
        out.push('\n');
        for note in &report.notes {
            hanging(&mut out, "Note: ", &note.text);
        }
    }
    out
}

fn paragraph(out: &mut String, text: &str, indent: usize) {
    for line in wrap(text, WIDTH - indent) {
        out.push_str(&" ".repeat(indent));
        out.push_str(&line);
        out.push('\n');
    }
}

/// A text whose first line begins with a label and whose other lines stand under the text.
fn hanging(out: &mut String, label: &str, text: &str) {
    let indent = label.width();
    for (at, line) in wrap(text, WIDTH - indent).iter().enumerate() {
        if at == 0 {
            out.push_str(label);
        } else {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(line);
        out.push('\n');
    }
}

/// A terminal shows no pictures: the numbers behind one stand in its place.
fn picture(out: &mut String, figure: &Figure, decimal: Decimal) {
    paragraph(out, &figure.title, 0);
    grid(out, &figure.data, decimal);
    for note in &figure.notes {
        paragraph(out, note, 0);
    }
}

fn list(out: &mut String, facts: &[(String, String)]) {
    let widest = facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, text) in facts {
        let label = format!("{name}{}  ", " ".repeat(widest - name.width()));
        hanging(out, &label, text);
    }
}

fn grid(out: &mut String, table: &Table, decimal: Decimal) {
    let shown = table.shown();
    // A terminal has hyphens for minus signs, and points, unless the language says another.
    let cell = |value: &Value| match decimal {
        Decimal::Point => value.shown(),
        Decimal::Comma => value.printed(decimal),
    };
    let cells: Vec<Vec<String>> =
        table.rows.iter().map(|row| shown.iter().map(|at| cell(&row[*at])).collect()).collect();
    let heads: Vec<&str> = shown.iter().map(|at| table.columns[*at].head.as_str()).collect();
    let right: Vec<bool> = shown.iter().map(|at| table.is_right(*at)).collect();
    let column = |at: usize| cells.iter().map(move |row| row[at].as_str());
    let widest = |at: usize| column(at).chain([heads[at]]).map(UnicodeWidthStr::width).max().unwrap_or(0);
    let word = |text: &str| text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
    // A figure is never broken; words may be, if need be.
    let unbroken = |at: usize| match right[at] {
        true => column(at).map(UnicodeWidthStr::width).chain([word(heads[at])]).max().unwrap_or(0),
        false => column(at).chain([heads[at]]).map(word).max().unwrap_or(0),
    };
    let natural = (0..shown.len()).map(|at| (widest(at), unbroken(at))).collect();
    let widths = squeeze(natural, &right);
    let total = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    if let Some(title) = &table.title {
        paragraph(out, title, 0);
    }
    let heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
    row(out, &heads, &widths, &right, true);
    let rule = "─".repeat(total.min(WIDTH)) + "\n";
    out.push_str(&rule);
    for cells in &cells {
        row(out, cells, &widths, &right, false);
    }
    if !table.notes.is_empty() {
        out.push_str(&rule);
    }
    for note in &table.notes {
        paragraph(out, note, 0);
    }
}

/// Takes width from the widest columns until the table fits: first where no word breaks, then from columns of words.
fn squeeze(columns: Vec<(usize, usize)>, right: &[bool]) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|(widest, _)| *widest).collect();
    loop {
        let total = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let all = || 0..widths.len();
        let whole = all().filter(|at| widths[*at] > columns[*at].1).max_by_key(|at| widths[*at]);
        let broken =
            || all().filter(|at| !right[*at] && widths[*at] > NARROWEST).max_by_key(|at| widths[*at]);
        match whole.or_else(broken) {
            Some(at) if total > WIDTH => widths[at] -= 1,
            _ => return widths,
        }
    }
}

/// A row of cells, each wrapped to its column; `heads` stand at the bottom of theirs.
fn row(out: &mut String, cells: &[String], widths: &[usize], right: &[bool], heads: bool) {
    let wrapped: Vec<Vec<String>> =
        cells.iter().zip(widths).map(|(cell, width)| wrap(cell, (*width).max(1))).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
    for at in 0..height {
        let mut line = String::new();
        for (column, lines) in wrapped.iter().enumerate() {
            let above = if heads { height - lines.len() } else { 0 };
            let text = at.checked_sub(above).and_then(|at| lines.get(at)).map_or("", String::as_str);
            let pad = " ".repeat(widths[column].saturating_sub(text.width()));
            let (before, after) = if right[column] { (pad.as_str(), "") } else { ("", pad.as_str()) };
            line.extend([before, text, after, &" ".repeat(GAP)]);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Lines of at most `width`, broken at spaces where there are any. Control characters of the data are not passed on.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split([' ', '\n', '\t', '\r']).filter(|word| !word.is_empty()) {
        let word: String = word.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let mut word = word.as_str();
        loop {
            let line = lines.last_mut().map_or(0, |line| line.width());
            let space = usize::from(line > 0);
            if line + space + word.width() <= width {
                break;
            }
            if line > 0 {
                lines.push(String::new());
                continue;
            }
            // A word longer than the line is cut.
            let cut = word
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .take_while(|at| word[..*at].width() <= width)
                .last()
                .unwrap_or(word.len());
            if cut == word.len() {
                break;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(&word[..cut]);
            }
            word = &word[cut..];
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
