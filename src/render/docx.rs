//! A Word document: real tables by APA's rules, numbered, their notes beneath, figures as pictures.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BorderType, Docx, Footer, LineSpacing, LineSpacingType, PageMargin, PageNum, Paragraph,
    Pic, Run, RunFonts, SpecialIndentType, Style, StyleType, Table as Grid, TableAlignmentType, TableCell,
    TableCellBorder, TableCellBorderPosition, TableCellBorders, TableCellMargins, TableLayoutType, TableRow,
    VAlignType, WidthType,
};

use super::png;
use crate::report::model::{Block, Figure, PageWords, Report, Section, Table};

/// Twentieths of a point across the page between its margins: A4 with an inch on each side.
const ACROSS: usize = 9026;
/// Half points of letters in tables and notes.
const SMALL: usize = 18;
/// Letters of headings, from the first level on, in half points.
const HEADINGS: [usize; 3] = [32, 26, 23];
/// And those of tables that are broad, the largest first.
const SIZES: [usize; 4] = [SMALL, 16, 14, 12];
/// A word longer than this breaks, in twentieths of a point.
const LONG_WORD: usize = 1700;
/// English metric units in one pixel of a screen.
const EMU: f64 = 9525.0;

/// A document being written.
struct Writer<'a> {
    docx: Docx,
    words: &'a PageWords,
    tables: usize,
    figures: usize,
}

pub(super) fn render(report: &Report) -> Vec<u8> {
    let mut writer = Writer { docx: empty(), words: &report.words, tables: 0, figures: 0 };
    writer.paragraph(heading(0, &report.title));
    for section in &report.sections {
        writer.section(section);
    }
    if !report.notes.is_empty() {
        writer.paragraph(heading(1, &report.words.notes));
        for note in &report.notes {
            writer.paragraph(bullet(&note.text));
        }
    }
    let mut xml = writer.docx.build();
    xml.document = repeated_heads(xml.document);
    let mut bytes = Cursor::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = xml.pack(&mut bytes);
    bytes.into_inner()
}

/// A document with its styles, and the number of each page at its foot.
fn empty() -> Docx {
    let inch = 1440;
    let margins =
        PageMargin { top: inch, left: inch, bottom: inch, right: inch, header: 720, footer: 720, gutter: 0 };
    let mut docx = Docx::new()
        .page_size(11906, 16838)
        .page_margin(margins)
        .default_fonts(fonts())
        .default_size(22)
        .default_line_spacing(lines(276).after(120))
        .footer(
            Footer::new()
                .add_paragraph(Paragraph::new().align(AlignmentType::Center).add_page_num(PageNum::new())),
        );
    for (level, size) in HEADINGS.iter().enumerate() {
        let style = Style::new(format!("Heading{}", level + 1), StyleType::Paragraph)
            .name(format!("heading {}", level + 1))
            .q_format(true)
            .size(*size)
            .bold()
            .outline_lvl(level);
        docx = docx.add_style(style);
    }
    docx
}

/// Lines of a height (240 are single) that grow with what stands in them: without that rule, LibreOffice cuts a picture
/// down to a strip as high as letters.
fn lines(height: i32) -> LineSpacing {
    LineSpacing::new().line(height).line_rule(LineSpacingType::Auto)
}

fn fonts() -> RunFonts {
    RunFonts::new()
        .ascii("Times New Roman")
        .hi_ansi("Times New Roman")
        .cs("Times New Roman")
        .east_asia("Times New Roman")
}

/// A heading of level 0, 1 or 2.
fn heading(level: usize, text: &str) -> Paragraph {
    Paragraph::new()
        .style(&format!("Heading{}", level + 1))
        .keep_next(true)
        .line_spacing(LineSpacing::new().before(if level == 0 { 0 } else { 280 }).after(100))
        .add_run(Run::new().add_text(clean(text)))
}

fn bullet(text: &str) -> Paragraph {
    Paragraph::new()
        .indent(Some(284), Some(SpecialIndentType::Hanging(200)), None, None)
        .add_run(Run::new().add_text("•\u{a0}").add_text(clean(text)))
}

impl Writer<'_> {
    fn paragraph(&mut self, paragraph: Paragraph) {
        self.docx = std::mem::take(&mut self.docx).add_paragraph(paragraph);
    }

    fn section(&mut self, section: &Section) {
        if let Some(title) = &section.title {
            self.paragraph(heading(1, title).page_break_before(section.starts_page()));
        }
        for block in &section.blocks {
            match block {
                Block::Heading(text) => self.paragraph(heading(2, text)),
                Block::Text(text) => {
                    self.paragraph(Paragraph::new().add_run(Run::new().add_text(clean(text))))
                }
                Block::List(texts) => texts.iter().for_each(|text| self.paragraph(bullet(text))),
                Block::Facts(facts) => facts.iter().for_each(|(name, text)| {
                    let name = Run::new().bold().add_text(clean(name)).add_text(": ");
                    self.paragraph(Paragraph::new().add_run(name).add_run(Run::new().add_text(clean(text))));
                }),
                Block::Table(table) => {
                    self.tables += 1;
                    let name = format!("{} {}", self.words.table, self.tables);
                    self.table(table, &name);
                }
                Block::Figure(figure) => self.figure(figure),
                Block::Plain(lines) => {
                    let mono = RunFonts::new().ascii("Courier New").hi_ansi("Courier New");
                    for line in lines {
                        let run = Run::new().fonts(mono.clone()).size(15).add_text(clean(line));
                        self.paragraph(
                            Paragraph::new().line_spacing(LineSpacing::new().after(0)).add_run(run),
                        );
                    }
                }
            }
        }
    }

    /// The number of a table or figure in bold, its title in italics under it.
    fn caption(&mut self, name: &str, title: Option<&str>) {
        let close = || LineSpacing::new().before(0).after(60);
        let number = Run::new().bold().add_text(clean(name));
        self.paragraph(
            Paragraph::new()
                .keep_next(true)
                .line_spacing(LineSpacing::new().before(280).after(20))
                .add_run(number),
        );
        if let Some(title) = title {
            let title = Run::new().italic().add_text(clean(title));
            self.paragraph(Paragraph::new().keep_next(true).line_spacing(close()).add_run(title));
        }
    }

    fn notes(&mut self, notes: &[String]) {
        for (at, note) in notes.iter().enumerate() {
            let mut paragraph =
                Paragraph::new().line_spacing(lines(240).before(if at == 0 { 60 } else { 0 }).after(60));
            if at == 0 {
                let word = Run::new().italic().size(SMALL).add_text(clean(&self.words.note)).add_text(" ");
                paragraph = paragraph.add_run(word);
            }
            self.paragraph(paragraph.add_run(Run::new().size(SMALL).add_text(clean(note))));
        }
        self.paragraph(Paragraph::new().line_spacing(LineSpacing::new().after(0)));
    }

    fn figure(&mut self, figure: &Figure) {
        self.figures += 1;
        let name = format!("{} {}", self.words.figure, self.figures);
        self.caption(&name, Some(&figure.title));
        // Letters that the typeface of pictures lacks: the numbers stand in the picture's place.
        match png::render(&figure.drawing, png::WITHIN) {
            Ok(bytes) => {
                let shrink = (602.0 / figure.drawing.width).min(880.0 / figure.drawing.height).min(1.0);
                let size = |length: f64| (length * shrink * EMU) as u32;
                let picture = Pic::new_with_dimensions(bytes, 1, 1)
                    .size(size(figure.drawing.width), size(figure.drawing.height));
                let spacing = lines(240).after(120);
                self.paragraph(Paragraph::new().line_spacing(spacing).add_run(Run::new().add_image(picture)));
                self.notes(&figure.notes);
            }
            Err(_) => {
                self.tables += 1;
                let name = format!("{} {}", self.words.table, self.tables);
                self.table(&figure.data, &name);
            }
        }
    }

    fn table(&mut self, table: &Table, name: &str) {
        self.caption(name, table.title.as_deref());
        let shown = table.shown();
        let cells: Vec<Vec<String>> = table
            .rows
            .iter()
            .map(|row| shown.iter().map(|at| row[*at].printed(self.words.decimal)).collect())
            .collect();
        let Columns { size, widths } = Columns::of(table, &shown, &cells);
        let last = cells.len().saturating_sub(1);
        let row = |texts: Vec<&str>, head: bool, bottom: bool| {
            let cell = |(at, text): (usize, &str)| {
                let right = table.is_right(shown[at]);
                let align = if right { AlignmentType::Right } else { AlignmentType::Left };
                let run = Run::new().size(size).add_text(clean(text));
                // Said to the paragraph too: an empty cell is as high as its letters would be.
                let paragraph = Paragraph::new()
                    .size(size)
                    .align(align)
                    .keep_next(!bottom && (head || cells.len() <= 30))
                    .line_spacing(lines(240).before(20).after(20))
                    .add_run(run);
                TableCell::new()
                    .width(widths[at], WidthType::Dxa)
                    .vertical_align(if head { VAlignType::Bottom } else { VAlignType::Top })
                    .set_borders(rules(head, head || bottom))
                    .add_paragraph(paragraph)
            };
            TableRow::new(texts.into_iter().enumerate().map(cell).collect()).cant_split()
        };
        let heads: Vec<&str> = shown.iter().map(|at| table.columns[*at].head.as_str()).collect();
        let mut rows = vec![row(heads, true, cells.is_empty())];
        rows.extend(
            cells
                .iter()
                .enumerate()
                .map(|(at, texts)| row(texts.iter().map(String::as_str).collect(), false, at == last)),
        );
        let grid = Grid::without_borders(rows)
            .set_grid(widths.clone())
            .layout(TableLayoutType::Fixed)
            .align(TableAlignmentType::Left)
            .width(widths.iter().sum(), WidthType::Dxa)
            .margins(TableCellMargins::new().margin(0, 70, 0, 70));
        self.docx = std::mem::take(&mut self.docx).add_table(grid);
        self.notes(&table.notes);
    }
}

/// Rules above the heads, under them and under the last row, and nowhere else.
fn rules(above: bool, below: bool) -> TableCellBorders {
    let mut borders = TableCellBorders::with_empty();
    let rule =
        |position| TableCellBorder::new(position).border_type(BorderType::Single).size(6).color("000000");
    if above {
        borders = borders.set(rule(TableCellBorderPosition::Top));
    }
    if below {
        borders = borders.set(rule(TableCellBorderPosition::Bottom));
    }
    borders
}

/// Columns as they stand on the page.
struct Columns {
    /// Half points of letters.
    size: usize,
    /// Twentieths of a point.
    widths: Vec<usize>,
}

impl Columns {
    /// As wide as what stands in them; where that is too wide for the page, words give way, then letters become smaller.
    fn of(table: &Table, shown: &[usize], cells: &[Vec<String>]) -> Columns {
        let narrowest = |text: &str| text.split(' ').map(breadth).max().unwrap_or(0);
        let column = |at: usize| cells.iter().map(move |row| row[at].as_str());
        let least_of_head = |at: usize| narrowest(&table.columns[shown[at]].head);
        // A head may break between words; a figure may not.
        let natural: Vec<usize> = (0..shown.len())
            .map(|at| column(at).map(breadth).max().unwrap_or(0).max(least_of_head(at)))
            .collect();
        let least: Vec<usize> = (0..shown.len())
            .map(|at| match table.is_right(shown[at]) {
                true => natural[at],
                false => column(at).map(narrowest).max().unwrap_or(0).max(least_of_head(at)).min(LONG_WORD),
            })
            .collect();
        let fits = |size: &usize| least.iter().map(|least| room(*least, *size)).sum::<usize>() <= ACROSS;
        let size = SIZES.into_iter().find(fits).unwrap_or(SIZES[SIZES.len() - 1]);
        let at_size = |all: &[usize]| all.iter().map(|breadth| room(*breadth, size)).collect::<Vec<usize>>();
        Columns { size, widths: share(&at_size(&natural), &at_size(&least)) }
    }
}

/// Widths for a page: natural ones where there is room; else what is over the least gives way in proportion; if that is not
/// enough, everything does.
fn share(natural: &[usize], least: &[usize]) -> Vec<usize> {
    let total: usize = natural.iter().sum();
    if total <= ACROSS {
        return natural.to_vec();
    }
    let floor: usize = least.iter().zip(natural).map(|(least, natural)| least.min(natural)).sum();
    if floor >= ACROSS {
        return natural.iter().zip(least).map(|(n, l)| n.min(l) * ACROSS / floor).collect();
    }
    let (over, spare) = (total - floor, ACROSS - floor);
    natural.iter().zip(least).map(|(n, l)| n.min(l) + (n - n.min(l)) * spare / over).collect()
}

/// A column for a text: its breadth at a size, and the margins of its cells.
fn room(breadth: usize, size: usize) -> usize {
    breadth.max(2 * 115) * size / SMALL + 160
}

/// How broad a text is in letters of [`SMALL`] size, in twentieths of a point: in a broad typeface, as the reader's machine
/// may have another than the writer's.
fn breadth(text: &str) -> usize {
    let letter = |c: char| match c {
        '.' | ',' | ':' | ';' | '\'' | '|' | 'i' | 'j' | 'l' => 60,
        ' ' | 't' | 'f' | 'r' | 's' | '(' | ')' | '-' | 'I' => 85,
        '−' | '≥' | '≤' | '=' | '<' | '>' | '+' | 'm' | 'w' | 'M' | 'W' | '%' | '→' => 170,
        c if c.is_uppercase() => 140,
        _ => 116,
    };
    text.chars().map(letter).sum()
}

/// Heads repeat on every page that a table reaches; the writer knows no such thing, so it is said to the first row of
/// each table.
fn repeated_heads(document: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(document) else { return Vec::new() };
    let mut out = String::with_capacity(text.len());
    for (at, piece) in text.split("</w:tblGrid>").enumerate() {
        if at > 0 {
            out.push_str("</w:tblGrid>");
            out.push_str(&piece.replacen("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />", 1));
        } else {
            out.push_str(piece);
        }
    }
    out.into_bytes()
}

/// XML knows no control characters.
fn clean(text: &str) -> String {
    let known = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars()
        .map(|c| if matches!(c, '\n' | '\t' | '\r') { ' ' } else { c })
        .map(|c| if known(c) { c } else { '\u{fffd}' })
        .collect()
}
