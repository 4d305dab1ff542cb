//! Which column is which item.

use crate::finding::{Code, Finding, Findings, near};
use crate::instrument::{Instrument, fold_name};

use super::header::Header;
use super::pattern::Pattern;

/// How the columns of an instrument were found.
pub(super) struct Matched {
    /// The column of each item; none only where there is a finding.
    pub columns: Vec<Option<usize>>,
    /// What to tell the user about it.
    pub notes: Vec<String>,
    /// What is wrong.
    pub findings: Findings,
}

/// What is known before matching: items placed by a map, columns that are spoken for, a pattern.
pub(super) struct Given<'a> {
    pub mapped: Vec<Option<usize>>,
    pub taken: &'a [bool],
    pub pattern: Option<&'a Pattern>,
}

/// Finds the column of every item.
pub(super) fn match_items(instrument: &Instrument, header: &Header, given: &Given<'_>) -> Matched {
    let open: Vec<usize> = (0..instrument.items.len()).filter(|item| given.mapped[*item].is_none()).collect();
    let mut columns = given.mapped.clone();
    let (mut notes, mut findings) = (Vec::new(), Findings::keeping_all());
    if open.is_empty() {
        return Matched { columns, notes, findings };
    }
    let families = families(instrument, given.pattern);
    let counts: Vec<usize> = families
        .iter()
        .map(|family| open.iter().filter(|item| !hits(header, given, &family[**item]).is_empty()).count())
        .collect();
    // The first family that is complete; otherwise the first of those that come nearest, for the message.
    let best = counts.iter().copied().max().unwrap_or(0);
    let chosen = counts.iter().position(|count| *count == best).unwrap_or(0);
    let family = &families[chosen];
    if best == 0 {
        findings.push(nothing_found(instrument, header, given));
        return Matched { columns, notes, findings };
    }
    for item in &open {
        match hits(header, given, &family[*item])[..] {
            [column] => columns[*item] = Some(column),
            [] => findings.push(missing(instrument, header, given, *item, &families)),
            [_, second, ..] => findings.push(
                Finding::problem(
                    Code::DuplicateColumn,
                    header.place(Some(second)),
                    format!("item {} of {} has two columns of the same name", item + 1, instrument.id),
                )
                .help("remove or rename one of them, or say which counts: --map"),
            ),
        }
    }
    if findings.is_empty() && given.pattern.is_none() && open.len() == instrument.items.len() {
        continues(instrument, header, given, &columns, &mut findings);
    }
    let others: Vec<&str> = (0..families.len())
        .filter(|other| *other != chosen && counts[*other] == open.len())
        .filter_map(|other| {
            hits(header, given, &families[other][open[0]]).first().map(|c| header.names[*c].as_str())
        })
        .filter(|name| columns[open[0]].is_none_or(|column| header.names[column] != *name))
        .collect();
    if !others.is_empty() {
        notes.push(format!(
            "columns that begin with `{}` would fit too and are not used",
            others.join("`, `")
        ));
    }
    Matched { columns, notes, findings }
}

/// Families of names: in each, one list of folded names for every item. All items of a file use one family.
fn families(instrument: &Instrument, pattern: Option<&Pattern>) -> Vec<Vec<Vec<String>>> {
    if let Some(pattern) = pattern {
        let of = |(at, item): (usize, &crate::instrument::Item)| pattern.names(at, &item.id).to_vec();
        return vec![instrument.items.iter().enumerate().map(of).collect()];
    }
    let most = instrument.items.iter().map(|item| item.columns.len()).max().unwrap_or(0);
    let mut families: Vec<Vec<Vec<String>>> = (0..most)
        .map(|at| {
            instrument
                .items
                .iter()
                .map(|item| item.columns.get(at).map(|name| fold_name(name)).into_iter().collect())
                .collect()
        })
        .collect();
    families.push(instrument.items.iter().map(|item| vec![fold_name(&item.id)]).collect());
    families
}

fn hits(header: &Header, given: &Given<'_>, names: &[String]) -> Vec<usize> {
    (0..header.folded.len())
        .filter(|column| !given.taken[*column] && !header.folded[*column].is_empty())
        .filter(|column| names.contains(&header.folded[*column]))
        .collect()
}

fn nothing_found(instrument: &Instrument, header: &Header, given: &Given<'_>) -> Finding {
    let what = match given.pattern {
        Some(pattern) => format!("no column of the file fits the pattern `{}`", pattern.text),
        None => format!("no column of the file is an item of {}", instrument.id),
    };
    let first = instrument.items.first().map(|item| item.columns.join(", ")).unwrap_or_default();
    Finding::problem(Code::MissingColumn, header.place(None), what).help(format!(
        "the file has: {}; the first item is looked for as {first}; say otherwise with --items or --map",
        header.listed()
    ))
}

fn missing(
    instrument: &Instrument,
    header: &Header,
    given: &Given<'_>,
    item: usize,
    families: &[Vec<Vec<String>>],
) -> Finding {
    let id = &instrument.items[item].id;
    let looked_for = match given.pattern {
        Some(pattern) => pattern.text.replace("{item}", &(item + 1).to_string()),
        None => instrument.items[item].columns.join(", "),
    };
    let message =
        format!("item {} ({id}) of {} has no column; looked for {looked_for}", item + 1, instrument.id);
    let other = families.iter().flat_map(|family| hits(header, given, &family[item])).next();
    let free = |column: &usize| !given.taken[*column];
    let names: Vec<&str> =
        (0..header.names.len()).filter(free).map(|column| header.names[column].as_str()).collect();
    let folded: Vec<String> = names.iter().map(|name| fold_name(name)).collect();
    let wanted = instrument.items[item].columns.first().map(|name| fold_name(name)).unwrap_or_default();
    let close = near(&wanted, folded.iter().map(String::as_str)).first().and_then(|hit| {
        let at = folded.iter().position(|name| name == hit)?;
        Some(names[at])
    });
    let help = match (other, close) {
        (Some(column), _) => {
            format!(
                "`{}` would fit, but is named in another way than the other items: say so with --map",
                header.names[column]
            )
        }
        (None, Some(name)) => format!("`{name}` is near: if it is this item, say so with --map"),
        (None, None) => "say which column it is with --items or --map".to_owned(),
    };
    Finding::problem(Code::MissingColumn, header.place(None), message).help(help)
}

/// Columns that go on under the same name beyond the instrument, such as `wai_13` beside a form of 12 items.
fn continues(
    instrument: &Instrument,
    header: &Header,
    given: &Given<'_>,
    columns: &[Option<usize>],
    findings: &mut Findings,
) {
    let stems: Vec<&str> =
        columns.iter().flatten().filter_map(|column| stem(&header.folded[*column])).collect();
    let beyond: Vec<usize> = (0..header.folded.len())
        .filter(|column| !given.taken[*column] && !columns.contains(&Some(*column)))
        .filter(|column| stem(&header.folded[*column]).is_some_and(|stem| stems.contains(&stem)))
        .collect();
    let Some(first) = beyond.first() else { return };
    let message = match beyond.len() {
        1 => format!(
            "`{}` goes on beyond the {} items of {}",
            header.names[*first],
            columns.len(),
            instrument.id
        ),
        n => format!(
            "`{}` … `{}` ({n} columns) go on beyond the {} items of {}",
            header.names[*first],
            header.names[beyond[n - 1]],
            columns.len(),
            instrument.id
        ),
    };
    findings.push(Finding::problem(Code::ColumnsContinue, header.place(Some(*first)), message).help(
        "is this another, longer form? If the columns are right, confirm them with --items 'NAME_{item}' or --map",
    ));
}

/// The name without the number at its end; none if there is no number, or no name.
fn stem(folded: &str) -> Option<&str> {
    let stem = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    (stem.len() < folded.len() && !stem.is_empty()).then_some(stem)
}
