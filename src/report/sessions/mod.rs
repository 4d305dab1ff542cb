//! The report of `sessions`: dyads through time.
//!
//! `follow` makes courses and applies rules; everything else reads what it made. For other reports: `glance` (a dyad in a
//! sentence), `story` (a course in sentences), `picture` (marks and pictures), `items` (what fell most), `charts` (other ways to
//! look), `words` (a rule in words).

pub(in crate::report) mod charts;
mod coded;
mod coded_file;
mod dyads;
mod events;
mod events_words;
mod follow;
pub(in crate::report) mod glance;
pub(in crate::report) mod items;
mod lacks;
pub(in crate::report) mod picture;
mod repairs;
mod results;
mod sample_line;
mod spreads;
pub(in crate::report) mod story;
mod tables;
mod thresholds;
pub(in crate::report) mod words;

pub use coded::{Coded, CodedLayout};
pub use coded_file::CodedOptions;
pub use events::Primary;
pub(super) use events::{Run as CodeRun, run as code_run};
pub(super) use follow::{Followed, Group, Member};
pub use follow::{Following, refuse_clashes};
pub(super) use items::fallen;
pub(super) use results::course as course_json;
pub(super) use sample_line::slope_changes;
pub(super) use story::together;
pub(super) use thresholds::name as group_name;

use serde_json::{Value as Json, json};

use super::format::plural;
use super::model::{Block, Note, Report, Section};
use super::study::Study;
use crate::agreement::{CategoryList, Confusion, Kappa, Weights, kappa as cohen};
use crate::error::Error;
use events::Beside;
use follow::Numbering;

/// What the report holds beside its defaults.
pub struct Asked<'a> {
    /// What is asked of the courses.
    pub following: &'a Following,
    /// Coded sessions.
    pub coded: Option<&'a Coded>,
    /// The question named beforehand.
    pub primary: Option<&'a Primary>,
    /// Dyads shown large; without any, all are shown small.
    pub show: &'a [String],
    /// Whether the report is for reading or for a program.
    pub detail: Detail,
}

/// Whom a report is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// A reader: pictures and sentences, and no more dyads than a page holds.
    #[default]
    Page,
    /// A program: everything.
    Data,
    /// A report on the whole study: its tables for a reader, without the story of each dyad; its data for a program.
    Study,
}

/// More dyads than this are not told one by one on a page.
const MOST_DYADS: usize = 20;

/// Builds the report of `sessions`.
///
/// # Errors
/// The same dyad, role and session twice; a dyad to show that is not there; a question named beforehand that cannot be put.
pub fn sessions(study: &Study, asked: &Asked<'_>) -> Result<Report, Error> {
    sessions_of(&Followed::new(study, asked.following)?, asked)
}

/// The same, of courses that are there already.
pub(in crate::report) fn sessions_of(followed: &Followed<'_>, asked: &Asked<'_>) -> Result<Report, Error> {
    let study = followed.study;
    let dyads = followed.dyads();
    let shown = shown_dyads(followed, &dyads, asked.show)?;
    asked.coded.map_or(Ok(()), |coded| coded.is_not_of_answers(study))?;
    let many = asked.show.is_empty() && dyads.len() > MOST_DYADS && asked.detail != Detail::Data;
    let beside = asked.coded.map(|coded| Beside::new(followed, coded, asked.primary));
    if let (Some(beside), Some(primary)) = (&beside, asked.primary)
        && beside.unmatched_primary(followed)
    {
        let message = format!(
            "--primary {},{},{},{}: no such question",
            primary.code, primary.role, primary.scale, primary.lag
        );
        return Err(Error::usage_help(
            message,
            "write CODE,ROLE,SCALE,LAG with a code of the file and a lag of -1, 0 or 1",
        ));
    }

    let in_shown = |member: &follow::Member| shown.iter().any(|dyad| dyad.contains(&member.course));
    let mut sections = Vec::new();
    if asked.detail == Detail::Page && !many {
        sections.extend(glance::section(followed, &shown));
        sections.extend(dyads::sections(followed, &shown, asked.coded, !asked.show.is_empty()));
    }
    sections.extend([thresholds::section(followed), tables::rules(followed)]);
    if !many {
        let mut blocks = vec![Block::Table(tables::courses(followed, &in_shown))];
        let ruptures = tables::ruptures(followed, &in_shown);
        if !ruptures.rows.is_empty() {
            blocks.push(Block::Table(ruptures));
        }
        sections.push(Section { id: "courses", title: Some("Courses".to_owned()), blocks });
    }
    if asked.show.is_empty() {
        sections.extend(dyads::informants(followed, &dyads));
    }
    sections.extend(beside.as_ref().map(|beside| beside.section(followed, asked.show)));

    let mut notes = own_notes(followed, &dyads, many);
    notes.extend(lacks::notes(followed));
    notes.extend(thresholds::notes(followed));
    notes.extend(beside.as_ref().map(|beside| beside.notes(followed, asked.show)).unwrap_or_default());
    let results = match asked.detail {
        Detail::Page => Json::Null,
        Detail::Data | Detail::Study => results::results(followed, &dyads, beside.as_ref()),
    };
    let title = format!(
        "{} of {}, {} through time",
        plural(study.counts.used, "row", "rows"),
        study.file_names(),
        plural(dyads.len() as u64, "dyad", "dyads")
    );
    let settings = settings(followed, asked);
    let mut report = study.report("sessions", title, settings, results, sections, notes);
    if let (Some(input), Some(coded)) = (&mut report.input, asked.coded) {
        input.files.push(coded.file.clone());
    }
    Ok(report)
}

fn settings(followed: &Followed<'_>, asked: &Asked<'_>) -> Json {
    let following = asked.following;
    json!({
        "rules": followed.rules,
        "leading_rule": followed.leading_id(),
        "scales": following.scales.iter().map(|scale| followed.scale_id(*scale)).collect::<Vec<_>>(),
        "tolerance": following.tolerance,
        "seed": following.seed,
        "simulations": following.simulations,
        "sessions_numbered": match followed.numbering {
            Numbering::Numbers => "by_number",
            Numbering::Words => "by_word",
            Numbering::Order => "by_order",
        },
        "show": asked.show,
        "events": asked.coded.map(Coded::settings),
        "primary": asked.primary.map(|p| json!({ "code": p.code, "role": p.role, "scale": p.scale, "lag": p.lag })),
    })
}

/// The dyads to show, in their order; all, if none is named.
pub(super) fn shown_dyads(
    followed: &Followed<'_>,
    dyads: &[Vec<usize>],
    show: &[String],
) -> Result<Vec<Vec<usize>>, Error> {
    if show.is_empty() {
        return Ok(dyads.to_vec());
    }
    let name = |dyad: &[usize]| followed.courses[dyad[0]].dyad.as_str();
    for wanted in show {
        if !dyads.iter().any(|dyad| name(dyad) == wanted) {
            let known: Vec<&str> = dyads.iter().take(30).map(|dyad| name(dyad)).collect();
            let message = format!("--show: there is no dyad `{wanted}`");
            return Err(Error::usage_help(message, format!("dyads are: {}", known.join(", "))));
        }
    }
    Ok(dyads.iter().filter(|dyad| show.iter().any(|wanted| wanted == name(dyad))).cloned().collect())
}

fn own_notes(followed: &Followed<'_>, dyads: &[Vec<usize>], many: bool) -> Vec<Note> {
    let mut notes = Vec::new();
    if many {
        let text = format!(
            "{} are too many to be told one by one: --show ID tells one, --format csv and json hold all",
            plural(dyads.len() as u64, "dyad", "dyads")
        );
        notes.push(Note::new("many_dyads", text));
    }
    match followed.numbering {
        Numbering::Numbers => {}
        Numbering::Words => {
            let places = followed.places_of_words();
            let shown: Vec<String> =
                places.iter().take(6).map(|(at, word)| format!("{word} = {at}")).collect();
            let more = if places.len() > 6 { ", …" } else { "" };
            let text = format!("sessions are words, numbered by their order: {}{more}", shown.join(", "));
            notes.push(Note::new("sessions_by_word", text));
        }
        Numbering::Order => {
            let text = "sessions have no whole numbers that can be read: within each dyad they are numbered by their order";
            notes.push(Note::new("sessions_by_order", text));
        }
    }
    let roles = |dyad: &[usize]| dyad.iter().filter(|at| followed.courses[**at].role.is_some()).count();
    if dyads.iter().any(|dyad| roles(dyad) > 1) {
        let alone: Vec<String> = dyads
            .iter()
            .filter(|dyad| roles(dyad) == 1)
            .map(|dyad| {
                let course = &followed.courses[dyad[0]];
                format!("{} ({})", course.dyad, course.role.as_deref().unwrap_or_default())
            })
            .collect();
        if !alone.is_empty() {
            notes.push(Note::new(
                "one_informant",
                format!("one informant only, in dyad {}", alone.join(", ")),
            ));
        }
    }
    let short = followed.groups.iter().flat_map(|group| &group.members).filter(|m| m.series.n() < 3).count();
    if short > 0 {
        let text = format!(
            "{} under three sessions with a score: no rule is applied",
            plural(short as u64, "course has", "courses have")
        );
        notes.push(Note::new("short_courses", text));
    }
    notes
}

/// Cohen's kappa of a two-by-two table: both, first alone, second alone, neither.
fn kappa(counts: [u64; 4]) -> Option<Kappa> {
    let categories = CategoryList::whole(0, 1);
    let mut table = Confusion { counts: nalgebra::DMatrix::zeros(2, 2), categories };
    let [both, first, second, neither] = counts.map(|n| n as f64);
    table.counts[(1, 1)] = both;
    table.counts[(1, 0)] = first;
    table.counts[(0, 1)] = second;
    table.counts[(0, 0)] = neither;
    cohen(&table, &Weights::Identity, 0.95).ok()
}
