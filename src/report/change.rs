//! The report of `change`: reliable change from the first session to the last, and from session to session.

use serde_json::json;

use super::change_tables::{
    basis_json, class_counts, classes, cut_in_words, fact, moves_table, people_table, person_json,
};
use super::format::plural;
use super::growth::LEAST_DYADS;
use super::model::{Block, Note, Report, Section};
use super::sessions::{Detail, Followed, Following, Group, Member, group_name, slope_changes};
use super::study::Study;
use crate::error::Error;
use crate::moments::Moments;
use crate::reliability::{AlphaConfig, alpha};
use crate::sample::Occasion;
use crate::session::{
    Better, ChangeBasis, ChangeIndex, ChangeMethod, Gap, Norm, Status, Swings, ThresholdScale, TrueCutoff,
    TrueCutoffBasis, TrueScore, cutoffs, reliable_change, status, swings, true_cutoff, true_score,
};
use crate::statistic::Reason;

/// What the user says about change.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct ChangeAsked {
    /// The reliability of scores, in place of alpha of the first sessions.
    pub reliability: Option<f64>,
    /// That of scores afterwards.
    pub reliability_post: Option<f64>,
    /// The standard deviation that belongs to the reliability, in place of that of the first sessions.
    pub sd: Option<f64>,
    /// The clinical norm.
    pub clinical: Option<Norm>,
    /// The functional norm.
    pub functional: Option<Norm>,
    /// Whether the report is for reading or for a program.
    #[serde(skip)]
    pub detail: Detail,
}

/// More persons than this are not listed one by one on a page.
const MOST_PERSONS: usize = 60;

/// The basis of change on one scale and form, and where it comes from.
pub(super) struct Basis {
    pub given: Result<ChangeBasis, String>,
    pub reliability: String,
    pub sd: String,
    pub n: usize,
}

/// One person, first to last.
pub(super) struct Person<'g> {
    pub group: &'g Group,
    pub member: &'g Member,
    pub from: i64,
    pub to: i64,
    pub pre: f64,
    pub post: f64,
    pub indices: Vec<ChangeIndex>,
    pub status: Option<Status>,
    /// Kelley's estimate of the true score, first and last.
    pub true_scores: [Option<TrueScore>; 2],
    /// Where the last score stands to the cut-off between true scores, where both norms are given.
    pub true_cutoff: Option<TrueCutoff>,
}

/// Builds the report of `change`.
///
/// # Errors
/// The same dyad, role and session twice; norms or a reliability that make no sense.
pub fn change(study: &Study, scales: Vec<usize>, asked: &ChangeAsked) -> Result<Report, Error> {
    let following =
        Following { rules: Vec::new(), scales, tolerance: 1, seed: 1, simulations: 0, threads: 1 };
    change_of(&Followed::new(study, &following)?, asked)
}

/// The same, of courses that are there already.
pub(super) fn change_of(followed: &Followed<'_>, asked: &ChangeAsked) -> Result<Report, Error> {
    let study = followed.study;
    let cut = cutoffs(asked.clinical, asked.functional, Better::Higher)
        .map_err(|error| Error::usage(format!("the norms make no sense: {error}")))?;
    let used = cut.in_use(Better::Higher);
    let line = used.map(|(_, line)| line);
    let cut_fact = used.map(|(kind, _)| ("cut-off".to_owned(), cut_in_words(&cut, kind)));
    let mut persons = Vec::new();
    let mut bases = Vec::new();
    let mut notes = Vec::new();
    for group in &followed.groups {
        let basis = basis(followed, group, asked);
        match &basis.given {
            Ok(given) => {
                let found = people(group, given, line, asked);
                persons.extend(found.map_err(|error| Error::usage(format!("--reliability: {error}")))?);
            }
            Err(why) => notes.push(Note::new("no_basis", format!("{}: {why}", group_name(followed, group)))),
        }
        if asked.reliability.is_none() && basis.given.is_ok() && basis.n < 30 {
            let text = format!(
                "{}: the reliability comes from {} of this file; with under 30 take it lightly, or give one with --reliability",
                group_name(followed, group),
                plural(basis.n as u64, "person", "persons")
            );
            notes.push(Note::new("reliability_of_few", text));
        }
        let indices = persons
            .iter()
            .filter(|person| std::ptr::eq(person.group, group))
            .flat_map(|person: &Person<'_>| &person.indices);
        let model = indices.filter(|index| index.method == ChangeMethod::Hlm);
        if let Some(Reason::TooFewClusters) = model.filter_map(|index| index.reason).next() {
            let text = format!(
                "{}: no growth model, it needs {LEAST_DYADS} courses at least",
                group_name(followed, group)
            );
            notes.push(Note::new("no_growth_model", text));
        }
        bases.push((group, basis));
    }
    let moves: Vec<(&Group, &'static str, Swings)> = followed.groups.iter().flat_map(moves).collect();
    if line.is_none() {
        let text = "no norms were given (--clinical, --functional), so nobody is called recovered; none are shipped, because alliance has none";
        notes.push(Note::new("no_norms", text));
    }
    let many = asked.detail == Detail::Page && persons.len() > MOST_PERSONS;
    if many {
        let text = format!(
            "{} are too many to be listed: --format csv and json hold all",
            plural(persons.len() as u64, "course", "courses")
        );
        notes.push(Note::new("many_courses", text));
    }
    let facts = bases.iter().map(|(group, basis)| fact(followed, group, basis)).chain(cut_fact).collect();
    let listed = (!many).then(|| Block::Table(people_table(followed, &persons)));
    let sections = vec![
        Section {
            id: "classes",
            title: Some("First session to last".to_owned()),
            blocks: [Block::Facts(facts), Block::Table(classes(followed, &persons))]
                .into_iter()
                .chain(listed)
                .collect(),
        },
        Section {
            id: "session_to_session",
            title: Some("Session to session".to_owned()),
            blocks: vec![Block::Table(moves_table(followed, &moves))],
        },
    ];
    let results = json!({
        "change": persons.iter().map(|person| person_json(followed, person)).collect::<Vec<_>>(),
        "basis": bases.iter().map(|(group, basis)| basis_json(followed, group, basis)).collect::<Vec<_>>(),
        "classes": class_counts(followed, &persons),
        "cutoffs": cut,
        "cutoff_in_use": used.map(|(kind, line)| json!({ "kind": kind, "value": line })),
        "session_to_session": moves.iter().map(|(group, kind, found)| json!({
            "scale": followed.scale_id(group.scale),
            "form": study.form_name(group.form),
            "exceeds": kind,
            "swings": found,
        })).collect::<Vec<_>>(),
    });
    let title =
        format!("Change of {} in {}", plural(persons.len() as u64, "course", "courses"), study.file_names());
    Ok(study.report(
        "change",
        title,
        json!({ "change": asked, "better": Better::Higher }),
        results,
        sections,
        notes,
    ))
}

fn basis(followed: &Followed<'_>, group: &Group, asked: &ChangeAsked) -> Basis {
    let pairs: Vec<[f64; 2]> = group.members.iter().filter_map(ends).map(|(_, _, pair)| pair).collect();
    let of = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let (first, last) = (moments(&of(0)), moments(&of(1)));
    let reliability = asked.reliability.or(group.between.alpha);
    let sd = asked.sd.or(first.map(|(_, sd)| sd));
    let given = match (reliability, sd, first) {
        (None, ..) => {
            Err("there is no reliability: alpha cannot be had here, give one with --reliability".to_owned())
        }
        (_, _, None) | (_, None, _) => Err("fewer than two persons have two sessions".to_owned()),
        (Some(r), ..) if !(r > 0.0 && r < 1.0) => {
            Err(format!("a reliability of {r:.2} is not between 0 and 1"))
        }
        (_, Some(sd), _) if sd <= 0.0 => Err("all first scores are equal".to_owned()),
        (Some(reliability), Some(sd_pre), Some((mean_pre, _))) => Ok(ChangeBasis {
            mean_pre,
            sd_pre,
            reliability,
            mean_post: last.map(|(mean, _)| mean),
            sd_post: last.map(|(_, sd)| sd),
            reliability_post: asked.reliability_post.or_else(|| last_alpha(followed, group)),
            correlation: correlation(&pairs),
        }),
    };
    let source = match asked.reliability {
        Some(_) => "given".to_owned(),
        None => format!("alpha of the first sessions of this file, n = {}", group.between.n),
    };
    Basis {
        given,
        reliability: source,
        sd: if asked.sd.is_some() { "given" } else { "of the first sessions of this file" }.to_owned(),
        n: group.between.n,
    }
}

/// First and last session of a course, and its scores there.
fn ends(member: &Member) -> Option<(i64, i64, [f64; 2])> {
    let (numbers, scores) = (member.series.numbers(), member.series.scores());
    let last = scores.len().checked_sub(1).filter(|last| *last > 0)?;
    Some((numbers[0], numbers[last], [scores[0], scores[last]]))
}

/// Mean and standard deviation; none for under two values.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (values.len() >= 2).then(|| (mean, (squares / (n - 1.0)).sqrt()))
}

fn correlation(pairs: &[[f64; 2]]) -> Option<f64> {
    let of = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let ((a, sa), (b, sb)) = (moments(&of(0))?, moments(&of(1))?);
    let products: f64 = pairs.iter().map(|[x, y]| (x - a) * (y - b)).sum();
    Some(products / ((pairs.len() - 1) as f64 * sa * sb)).filter(|r| r.is_finite())
}

fn last_alpha(followed: &Followed<'_>, group: &Group) -> Option<f64> {
    let sample = &followed.study.sample;
    let edition = sample.edition(group.scale, group.form).filter(|edition| edition.terms.len() > 1)?;
    let selection = sample.select(&Occasion::Last).ok()?;
    let rows: Vec<usize> = selection.rows.into_iter().filter(|row| sample.form(*row) == group.form).collect();
    let moments = Moments::listwise(&sample.items(edition, &rows)).ok()?;
    let found = alpha(&moments, &AlphaConfig::default()).ok()?;
    found.estimate.estimate.filter(|alpha| *alpha > 0.0 && *alpha < 1.0)
}

fn people<'g>(
    group: &'g Group,
    basis: &ChangeBasis,
    cut: Option<f64>,
    asked: &ChangeAsked,
) -> Result<Vec<Person<'g>>, crate::statistic::StatError> {
    let series: Vec<_> = group.members.iter().map(|member| &member.series).collect();
    let slopes = slope_changes(&series);
    let one = |(at, member): (usize, &'g Member)| {
        let (from, to, [pre, post]) = ends(member)?;
        Some(reliable_change(pre, post, basis, Better::Higher).map(|mut indices| {
            indices.push(slope_change(&slopes, at));
            let class = indices.first().and_then(|index| index.class);
            let status = cut.zip(class).map(|(cut, class)| status(pre, post, cut, class, Better::Higher));
            let whole = |score| true_score(score, basis.mean_pre, basis.sd_pre, basis.reliability).ok();
            let true_scores = [whole(pre), whole(post)];
            let true_cutoff = true_basis(basis, asked).and_then(|basis| true_cutoff(post, &basis).ok());
            Person { group, member, from, to, pre, post, indices, status, true_scores, true_cutoff }
        }))
    };
    group.members.iter().enumerate().filter_map(one).collect()
}

/// The index of a person's slope, or why there is none.
fn slope_change(slopes: &Result<Vec<Option<ChangeIndex>>, Reason>, at: usize) -> ChangeIndex {
    let reason = match slopes {
        Ok(slopes) => match slopes.get(at).copied().flatten() {
            Some(index) => return index,
            None => Reason::TooFew,
        },
        Err(reason) => *reason,
    };
    ChangeIndex {
        method: ChangeMethod::Hlm,
        difference: None,
        se: None,
        index: None,
        class: None,
        reason: Some(reason),
    }
}

/// What Hageman and Arrindell's cut-off is made of, where both norms are given.
fn true_basis(basis: &ChangeBasis, asked: &ChangeAsked) -> Option<TrueCutoffBasis> {
    Some(TrueCutoffBasis {
        clinical: asked.clinical?,
        functional: asked.functional?,
        post: Norm { mean: basis.mean_post?, sd: basis.sd_post? },
        reliability: basis.reliability,
    })
}

/// Changes from session to session beyond the sample's own thresholds.
fn moves(group: &Group) -> Vec<(&Group, &'static str, Swings)> {
    let series: Vec<_> = group.members.iter().map(|member| &member.series).collect();
    let scales = [ThresholdScale::ErrorWithin, ThresholdScale::FluctuationWithin];
    let one = |scale: ThresholdScale| {
        let threshold = 1.96 * group.sample.get(scale).ok()?;
        Some((group, scale.id(), swings(&series, threshold, Gap::default(), 0.95)))
    };
    scales.into_iter().filter_map(one).collect()
}
