//! Dyads one by one, and their informants side by side.

use super::super::model::{Block, Column, Kind, Section, Table, Value};
use super::coded::Coded;
use super::follow::{Followed, Group, Member};
use super::story::role;
use super::{charts, picture, story};
use crate::responses::Key;
use crate::session::{ChartConfig, Gap, chart};

/// How to read the pictures, then a section for each dyad: its picture, and its story.
pub(super) fn sections(
    followed: &Followed<'_>,
    dyads: &[Vec<usize>],
    coded: Option<&Coded>,
    large: bool,
) -> Vec<Section> {
    let marks = picture::legend(followed, dyads, coded.is_some(), large);
    let legend = Section {
        id: "legend",
        title: Some("How to read the pictures".to_owned()),
        blocks: vec![Block::Facts(marks)],
    };
    let dyads = dyads.iter().map(|dyad| section(followed, dyad, coded, large));
    std::iter::once(legend).chain(dyads).collect()
}

fn section(followed: &Followed<'_>, dyad: &[usize], coded: Option<&Coded>, large: bool) -> Section {
    let mut blocks = Vec::new();
    let several = followed.following.scales.len() > 1;
    for scale in &followed.following.scales {
        let members: Vec<(&Group, &Member)> =
            dyad.iter().filter_map(|at| followed.member(*at, *scale)).collect();
        if members.is_empty() {
            continue;
        }
        if several {
            blocks.push(Block::Text(followed.scale_id(*scale).to_owned()));
        }
        blocks.push(Block::Plain(picture::courses(followed, dyad, *scale, coded)));
        if large {
            for (group, member) in &members {
                blocks.push(Block::Text(role(followed, member).to_owned()));
                blocks.push(Block::Plain(enlarged(followed, group, member)));
            }
        }
        let mut facts: Vec<(String, String)> =
            members.iter().flat_map(|(group, member)| story::course(followed, group, member)).collect();
        for (at, (_, first)) in members.iter().enumerate() {
            for (_, second) in &members[at + 1..] {
                let names = [role(followed, first), role(followed, second)];
                facts.push(("together".to_owned(), story::both(followed, names, [first, second])));
            }
        }
        blocks.push(Block::Facts(facts));
        if large {
            for (group, member) in &members {
                blocks.push(Block::Text(charts::title(followed, member)));
                blocks.push(Block::Facts(charts::other_views(group, member)));
            }
        }
    }
    Section { id: "dyad", title: Some(title(followed, dyad)), blocks }
}

fn enlarged(followed: &Followed<'_>, group: &Group, member: &Member) -> Vec<String> {
    let drawn = chart(&member.series, &ChartConfig::default(), Gap::default(), group.range).ok();
    let limits = drawn.as_ref().map(|drawn| (&drawn.lower[..], &drawn.upper[..], &drawn.center[..]));
    picture::large(followed, group, member, limits)
}

fn title(followed: &Followed<'_>, dyad: &[usize]) -> String {
    let course = &followed.courses[dyad[0]];
    let workers = followed.study.sample.key(Key::Worker).map(|words| {
        let mut names: Vec<&str> = Vec::new();
        for visit in dyad.iter().flat_map(|at| &followed.courses[*at].visits) {
            let name = words.get(visit.row);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    });
    match workers.filter(|names| !names.is_empty()) {
        Some(names) => format!("Dyad {}, worker {names}", course.dyad),
        None => format!("Dyad {}", course.dyad),
    }
}

/// Ruptures that both informants show, or one alone, over all dyads.
pub(super) fn informants(followed: &Followed<'_>, dyads: &[Vec<usize>]) -> Option<Section> {
    let mut table = Table::new(
        "informants",
        [
            ("scale", "Scale"),
            ("first", "First"),
            ("second", "Second"),
            ("dyads", "Dyads"),
            ("both", "Both"),
            ("first_only", "First only"),
            ("second_only", "Second only"),
            ("unanswered", "Other silent"),
            ("first_earlier", "First earlier"),
            ("second_earlier", "Second earlier"),
            ("kappa", "Kappa"),
        ]
        .map(|(id, head)| Column::new(id, head))
        .to_vec(),
    );
    for pair in pairs(followed, dyads) {
        let mut row = vec![
            Value::text(followed.scale_id(pair.scale)),
            Value::text(&pair.roles[0]),
            Value::text(&pair.roles[1]),
        ];
        row.extend(
            [
                pair.dyads,
                pair.both,
                pair.alone[0],
                pair.alone[1],
                pair.unanswered,
                pair.earlier[0],
                pair.earlier[1],
            ]
            .map(|n| Value::count(n as u64)),
        );
        row.push(Value::number(
            super::kappa(pair.sessions).and_then(|kappa| kappa.value.estimate),
            Kind::Bounded,
        ));
        table.rows.push(row);
    }
    table.notes.push(format!(
        "Ruptures by {}, those at most {} session numbers apart counted as one. Other silent: the other gave no score there. Earlier: who was lowest first. Kappa over sessions that both answered, in a fall or not.",
        followed.leading_id(),
        followed.following.tolerance
    ));
    let title = Some("What both show, and what one shows alone".to_owned());
    (!table.rows.is_empty()).then(|| Section { id: "informants", title, blocks: vec![Block::Table(table)] })
}

/// Two roles over all dyads.
pub(super) struct Pair {
    pub scale: usize,
    pub roles: [String; 2],
    pub dyads: usize,
    pub both: usize,
    pub alone: [usize; 2],
    pub unanswered: usize,
    pub earlier: [usize; 2],
    pub sessions: [u64; 4],
}

/// Pairs of roles in the order in which dyads have them.
pub(super) fn pairs(followed: &Followed<'_>, dyads: &[Vec<usize>]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for scale in &followed.following.scales {
        for dyad in dyads {
            let members: Vec<&Member> =
                dyad.iter().filter_map(|at| Some(followed.member(*at, *scale)?.1)).collect();
            for (at, first) in members.iter().enumerate() {
                for second in &members[at + 1..] {
                    let Some(found) = story::together(followed, first, second) else { continue };
                    let roles = [role(followed, first).to_owned(), role(followed, second).to_owned()];
                    let known = pairs.iter().position(|pair| pair.scale == *scale && pair.roles == roles);
                    let at = known.unwrap_or_else(|| {
                        let scale = *scale;
                        pairs.push(Pair {
                            scale,
                            roles,
                            dyads: 0,
                            both: 0,
                            alone: [0; 2],
                            unanswered: 0,
                            earlier: [0; 2],
                            sessions: [0; 4],
                        });
                        pairs.len() - 1
                    });
                    let pair = &mut pairs[at];
                    let earlier = found.who_first();
                    pair.dyads += 1;
                    pair.both += found.both.len();
                    pair.alone =
                        [pair.alone[0] + found.first_only.len(), pair.alone[1] + found.second_only.len()];
                    pair.unanswered += found.unanswered.len();
                    pair.earlier = [pair.earlier[0] + earlier.0, pair.earlier[1] + earlier.1];
                    pair.sessions.iter_mut().zip(found.sessions).for_each(|(sum, own)| *sum += own);
                }
            }
        }
    }
    pairs
}
