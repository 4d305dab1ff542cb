//! The report of `dyads`: how two informants agree.

mod follows;
mod found;
mod json;
mod members;
mod over;
mod picture;
mod tables;

pub use found::{OutcomeFound, OverSessions, PairLine};
pub use members::{Members, RolePair};

use serde_json::{Value as Json, json};

use super::format::{count, plural};
use super::model::{Block, Note, Report, Section};
use super::sessions::Detail;
use super::study::Study;
use crate::dyad::{Unpaired, Varies};
use crate::error::Error;
use crate::sample::Occasion;
use crate::statistic::StatError;
use picture::{Level, points};

/// What is asked of the pairs of a study.
pub struct DyadsAsked {
    /// The scales, by their places in the plan.
    pub scales: Vec<usize>,
    /// The scales that have pictures and lists of dyads too.
    pub large: Vec<usize>,
    /// Two roles, in the order in which the difference is taken; without any, every two roles.
    pub pair: Option<[String; 2]>,
    /// Which occasion of each dyad counts: the first that both answered, the last, or a session.
    pub occasion: Occasion,
    /// A column with an outcome of each row.
    pub outcome: Option<String>,
    /// The point that both scores are centred on in a response surface; their common mean without one.
    pub center: Option<f64>,
    /// What may differ between dyads in truth and bias.
    pub varies: Varies,
    /// Fit models with as few dyads as they can be computed from.
    pub force: bool,
    /// The confidence level of all limits.
    pub level: f64,
    /// Bootstrap draws for k of the actor–partner model.
    pub draws: usize,
    /// Their seed.
    pub seed: u64,
    /// Whether the report is for reading or for a program.
    pub detail: Detail,
}

/// More dyads than this are not listed one by one on a page.
const MOST_DYADS: usize = 20;

/// What works with few dyads.
const INSTEAD: &str = "the correlation, the difference, the limits of agreement and the congruence of each dyad are there with any number";

/// Everything that is found, roles by roles and scale by scale. The report is built from this; so may other pages be.
///
/// # Errors
/// Those of [`Members::of`] and [`Members::pairs`]; a usage error where the two forms of a scale have different ranges.
pub fn pair_lines<'a>(
    study: &Study,
    members: &Members,
    pairs: &'a [RolePair],
    asked: &DyadsAsked,
    outcome: Option<&[Option<f64>]>,
) -> Result<Vec<PairLine<'a>>, Error> {
    let mut lines = Vec::new();
    for pair in pairs {
        for scale in &asked.scales {
            let edition = |side: usize| study.sample.edition(*scale, pair.forms[side]);
            let (Some(first), Some(second)) = (edition(0), edition(1)) else { continue };
            if first.range != second.range {
                let [a, b] = &pair.roles;
                let id = &study.sample.plan.scales[*scale].id;
                let message =
                    format!("`{id}` has another range for {a} than for {b}: their difference means nothing");
                return Err(Error::usage_help(message, "--as pomp brings both to 0 to 100"));
            }
            lines.push(found::line(study, members, pair, *scale, asked, outcome));
        }
    }
    if lines.is_empty() {
        return Err(Error::usage("the forms of the two roles have no scale in common"));
    }
    Ok(lines)
}

/// Builds the report of `dyads`.
///
/// # Errors
/// Those of [`pair_lines`]; findings in the column of the outcome.
pub fn dyads(study: &Study, asked: &DyadsAsked) -> Result<Report, Error> {
    let outcome = asked.outcome.as_ref().map(|column| study.numbers("--outcome", column)).transpose()?;
    let members = Members::of(study, &asked.scales)?;
    let pairs = members.pairs(study, asked.pair.as_ref(), &asked.occasion)?;
    let lines = pair_lines(study, &members, &pairs, asked, outcome.as_deref())?;
    let mut sections = vec![on_one_occasion(study, &members, &pairs, &lines, asked)];
    sections.extend(large(&members, &lines, asked));
    sections.extend(outcomes(&lines, asked));
    let results = json!({
        "pairs": lines.iter().map(|line| json::line(study, &members, line, asked)).collect::<Vec<_>>(),
        "pairing": pairs.iter().map(|pair| json::pairing(study, &members, pair)).collect::<Vec<_>>(),
    });
    let title = format!("Two informants in {}: {}", study.file_names(), occasion_words(&asked.occasion));
    let notes = notes(study, &pairs, &lines, asked);
    Ok(study.report("dyads", title, settings(study, &pairs, asked), results, sections, notes))
}

fn occasion_words(occasion: &Occasion) -> String {
    match occasion {
        Occasion::First => "the first session that both answered".to_owned(),
        Occasion::Last => "the last session that both answered".to_owned(),
        other => format!("session {}", other.id()),
    }
}

fn settings(study: &Study, pairs: &[RolePair], asked: &DyadsAsked) -> Json {
    json!({
        "scales": asked.scales.iter().map(|scale| &study.sample.plan.scales[*scale].id).collect::<Vec<_>>(),
        "pairs": pairs.iter().map(|pair| &pair.roles).collect::<Vec<_>>(),
        "difference": "first minus second",
        "occasion": asked.occasion.id(),
        "outcome": asked.outcome,
        "center": asked.center,
        "truth_varies": asked.varies,
        "force": asked.force,
        "level": asked.level,
        "draws": asked.draws,
        "seed": asked.seed,
    })
}

fn on_one_occasion(
    study: &Study,
    members: &Members,
    pairs: &[RolePair],
    lines: &[PairLine<'_>],
    asked: &DyadsAsked,
) -> Section {
    let mut facts: Vec<(String, String)> =
        pairs.iter().map(|pair| ("Difference".to_owned(), who(study, members, pair))).collect();
    facts.push(("Occasion".to_owned(), format!("{} (another: --occasion)", occasion_words(&asked.occasion))));
    let occasion = asked.occasion.id();
    let mut blocks = vec![Block::Facts(facts)];
    let mut of_pairs = lines.chunk_by(|a, b| a.pair.roles == b.pair.roles).peekable();
    while let Some(own) = of_pairs.next() {
        let mut tables = [
            tables::difference(own, asked.level),
            tables::agreement(own, asked.level),
            tables::limits_of_agreement(own, asked.level, occasion),
        ];
        blocks.extend(heading(lines, own));
        // What the columns mean is said once.
        if of_pairs.peek().is_some() {
            tables.iter_mut().for_each(|table| table.notes.clear());
        }
        blocks.extend(tables.into_iter().map(Block::Table));
        if asked.detail == Detail::Page {
            for line in own.iter().filter(|line| asked.large.contains(&line.scale)) {
                let picture = bland_altman(line);
                if !picture.is_empty() {
                    blocks.push(Block::Plain(picture));
                }
            }
        }
    }
    Section { id: "pairs", title: None, blocks }
}

/// The roles above what is about them, where there are several pairs.
fn heading(lines: &[PairLine<'_>], own: &[PairLine<'_>]) -> Option<Block> {
    (own.len() < lines.len()).then(|| Block::Heading(own[0].pair.direction()))
}

/// The direction of a difference, and how many pair.
fn who(study: &Study, members: &Members, pair: &RolePair) -> String {
    let forms = pair.forms.map(|form| study.form_name(form));
    let same = |side: usize| forms[side].as_ref().is_none_or(|form| *form == pair.roles[side]);
    let forms = match (&forms, same(0) && same(1)) {
        ([Some(a), Some(b)], false) => format!(" (forms {a} and {b})"),
        _ => String::new(),
    };
    format!(
        "{}{forms}: {} of {} pair, {} over all sessions",
        pair.direction(),
        pair.pairing.dyads(),
        plural(members.dyads.len() as u64, "dyad", "dyads"),
        plural(pair.pairing.pairs.len() as u64, "pair", "pairs")
    )
}

/// The picture of Bland and Altman.
pub fn bland_altman(line: &PairLine<'_>) -> Vec<String> {
    let all: Vec<(f64, f64)> = line.scores.iter().map(|(_, a, b)| (0.5 * (a + b), a - b)).collect();
    let limits = &line.limits;
    let level = |value: Option<f64>, mark: char, name: &str| {
        value.map(|at| Level {
            at,
            mark,
            name: format!("{name} {}", super::format::number(at, super::format::Kind::Score)),
        })
    };
    let levels: Vec<Level> = [
        Some(Level { at: 0.0, mark: '·', name: String::new() }),
        level(limits.lower.estimate, '-', "lower limit"),
        level(limits.upper.estimate, '-', "upper limit"),
        level(limits.bias.estimate, '─', "mean"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let y = format!("{}: difference ({})", line.id, line.pair.direction());
    points(&all, &levels, "mean of the two scores", &y)
}

/// Items and sessions of the scales that are shown large.
fn large(members: &Members, lines: &[PairLine<'_>], asked: &DyadsAsked) -> Vec<Section> {
    let most = if asked.detail == Detail::Data { usize::MAX } else { MOST_DYADS };
    let shown: Vec<&PairLine<'_>> = lines
        .iter()
        .filter(|line| asked.detail == Detail::Data || asked.large.contains(&line.scale))
        .collect();
    let mut sections = Vec::new();
    let named = |line: &PairLine<'_>| match asked.pair.is_some()
        || lines.iter().all(|other| other.pair.roles == line.pair.roles)
    {
        true => line.id.clone(),
        false => format!("{}, {}", line.id, line.pair.direction()),
    };
    for line in &shown {
        let mut blocks = Vec::new();
        if line.profiles.as_ref().is_some_and(|all| !all.is_empty()) {
            blocks.push(Block::Table(tables::profiles(&[line], &members.dyads, most)));
            blocks.extend(cut(line.profiles.as_ref().map_or(0, Vec::len), most));
            sections.push(Section {
                id: "profiles",
                title: Some(format!("Item by item: {}", named(line))),
                blocks,
            });
        }
    }
    for line in &shown {
        let Some(over) = &line.over else { continue };
        let mut blocks = Vec::new();
        if asked.detail == Detail::Page {
            blocks.extend(over::picture(line, over));
        }
        blocks.push(Block::Table(over::congruence(line, over, &members.dyads, most)));
        blocks.extend(cut(over.dyads.len(), most));
        blocks.push(Block::Text(over::together(over)));
        sections.push(Section {
            id: "sessions",
            title: Some(format!("Over the sessions: {}", named(line))),
            blocks,
        });
    }
    let mut blocks = Vec::new();
    for own in lines.chunk_by(|a, b| a.pair.roles == b.pair.roles) {
        let over: Vec<&PairLine<'_>> = own.iter().filter(|line| line.over.is_some()).collect();
        let table = over::models(&over, asked.level);
        if !table.rows.is_empty() {
            blocks.extend(heading(lines, own));
            blocks.push(Block::Table(table));
        }
    }
    if !blocks.is_empty() {
        let title = Some("Within dyads: truth and bias, drift".to_owned());
        sections.push(Section { id: "within_dyads", title, blocks });
    }
    sections
}

fn cut(dyads: usize, most: usize) -> Option<Block> {
    let text =
        format!("The first {most} of {} dyads; all are in --format json and csv.", count(dyads as u64));
    (dyads > most).then_some(Block::Text(text))
}

fn outcomes(lines: &[PairLine<'_>], asked: &DyadsAsked) -> Option<Section> {
    let column = asked.outcome.as_ref()?;
    let mut blocks = Vec::new();
    for own in lines.chunk_by(|a, b| a.pair.roles == b.pair.roles) {
        let found: Vec<(&PairLine<'_>, &OutcomeFound)> =
            own.iter().filter_map(|line| Some((line, line.outcome.as_ref()?))).collect();
        let tables = [follows::actor_partner(&found, asked.level), follows::surfaces(&found, asked.level)];
        let before = blocks.len();
        blocks.extend(tables.into_iter().filter(|table| !table.rows.is_empty()).map(Block::Table));
        let surface = |(line, found): &(&PairLine<'_>, &OutcomeFound)| {
            let surface = found.surfaces.iter().find_map(|surface| surface.as_ref().ok())?;
            Some(follows::discrepant(line, surface))
        };
        let counts: Vec<String> = found.iter().filter_map(surface).collect();
        if !counts.is_empty() {
            blocks.push(Block::List(counts));
        }
        if blocks.len() > before
            && let Some(heading) = heading(lines, own)
        {
            blocks.insert(before, heading);
        }
    }
    let title = Some(format!("What follows from both scores: {column}"));
    (!blocks.is_empty()).then_some(Section { id: "outcome", title, blocks })
}

fn notes(study: &Study, pairs: &[RolePair], lines: &[PairLine<'_>], asked: &DyadsAsked) -> Vec<Note> {
    let mut notes = Vec::new();
    for pair in pairs {
        for why in [Unpaired::NoPartner, Unpaired::OtherSessions, Unpaired::Doubled, Unpaired::NoAnswer] {
            let rows: Vec<usize> =
                pair.pairing.unpaired.iter().filter(|(_, own)| *own == why).map(|(row, _)| *row).collect();
            if !rows.is_empty() {
                notes.push(Note::new("unpaired", unpaired(study, pair, why, &rows)));
            }
        }
        if pair.forms[0] == pair.forms[1] && pair.forms[0].is_some() && !study.is_of_scores() {
            let [a, b] = &pair.roles;
            let text = format!("{a} and {b} filled in the same form");
            notes.push(Note::new("one_form", text));
        }
    }
    for line in lines.iter().filter(|line| line.without_score > 0) {
        let text = format!(
            "{}, {}: {} left out, a score is missing on one side",
            line.id,
            line.pair.direction(),
            plural(line.without_score as u64, "pair", "pairs")
        );
        notes.push(Note::new("without_score", text));
    }
    if asked.force {
        let text = "models were fitted however few dyads there are (--force): with few dyads their limits and tests cannot be relied on";
        notes.push(Note::new("forced", text));
    }
    for text in refusals(lines) {
        notes.push(Note::new("no_model", text));
    }
    if study.is_of_scores()
        && study
            .sample
            .plan
            .scales
            .iter()
            .all(|scale| scale.editions.iter().all(|edition| edition.range.is_none()))
    {
        let text = "without --range the scores were not checked against their possible range";
        notes.push(Note::new("no_range", text));
    }
    notes
}

/// What was refused, each kind once with the scales that lack it.
fn refusals(lines: &[PairLine<'_>]) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |line: &PairLine<'_>, error: &StatError| {
        let forced = if error.reason == crate::statistic::Reason::TooFew {
            format!("; {INSTEAD} (--force fits it anyway)")
        } else {
            String::new()
        };
        let text = format!("{error}{forced}");
        match found.iter_mut().find(|(known, _)| *known == text) {
            Some((_, scales)) if !scales.contains(&line.id) => scales.push(line.id.clone()),
            Some(_) => {}
            None => found.push((text, vec![line.id.clone()])),
        }
    };
    for line in lines {
        for (_, error, _) in line.over.iter().flat_map(over::refused) {
            add(line, error);
        }
        if let Some(outcome) = &line.outcome {
            outcome.actor_partner.as_ref().err().into_iter().for_each(|error| add(line, error));
            outcome.surfaces.iter().filter_map(|s| s.as_ref().err()).for_each(|error| add(line, error));
        }
    }
    found.into_iter().map(|(text, scales)| format!("{}: {text}", scales.join(", "))).collect()
}

fn unpaired(study: &Study, pair: &RolePair, why: Unpaired, rows: &[usize]) -> String {
    let shown: Vec<String> = rows.iter().take(6).map(|row| study.who(*row)).collect();
    let more = rows.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
    format!(
        "{}: {} in no pair, {}: {}{more}",
        pair.direction(),
        plural(rows.len() as u64, "row is", "rows are"),
        why.words(),
        shown.join("; ")
    )
}
