//! Everything, unrounded, for programs.

use serde_json::{Value as Json, json};

use super::dyads::pairs;
use super::events::Beside;
use super::follow::{Followed, Group, Member};
use super::items::{fallen, last_fall};
use super::{story, tables, thresholds};
use crate::session::{
    ChartConfig, CusumConfig, Detection, Direction, EwmaConfig, Gap, PartitionConfig, PersonClass, Series,
    ShapeConfig, Sudden, SuddenConfig, ThresholdScale, best_split, chart, course_shape, cusum, ewma,
    partition, sudden_changes, variability, wilson,
};

pub(super) fn results(followed: &Followed<'_>, dyads: &[Vec<usize>], beside: Option<&Beside<'_>>) -> Json {
    let mut courses = Vec::new();
    for dyad in dyads {
        for scale in &followed.following.scales {
            for at in dyad {
                courses.extend(
                    followed.member(*at, *scale).map(|(group, member)| course(followed, group, member)),
                );
            }
        }
    }
    let mut results = json!({
        "dyads": courses,
        "thresholds": thresholds::results(followed),
        "classes": classes(followed),
        "informants": informants(followed, dyads),
        "rule_agreement": rule_agreement(followed),
    });
    if let Some(beside) = beside {
        results["events"] = json!(beside.results(followed));
        results["before_repairs"] = beside.repairs_results(followed);
    }
    results
}

/// Everything about one course.
pub(in crate::report) fn course(followed: &Followed<'_>, group: &Group, member: &Member) -> Json {
    let series = &member.series;
    let course = &followed.courses[member.course];
    let rules: Vec<Json> = member
        .found
        .iter()
        .enumerate()
        .map(|(at, found)| rule(followed, group, member, (at, found)))
        .collect();
    let last = last_fall(followed, group, member)
        .map(|(from, to, items)| json!({ "from": from, "to": to, "items": items }));
    let cut = group.sample.get(ThresholdScale::ErrorWithin).ok().map(|s| 1.96 * s);
    json!({
        "dyad": course.dyad,
        "role": course.role,
        "form": followed.study.form_name(course.form),
        "scale": followed.scale_id(group.scale),
        "sessions": series.numbers(),
        "scores": series.scores(),
        "lacks": series.lacks(),
        "edge": member.edge,
        "variability": variability(series, Gap::default()),
        "shape": course_shape(series, &ShapeConfig::default()).ok(),
        "rules": rules,
        "more_than_error": member.noticed,
        "last_session": last,
        "chart": chart(series, &ChartConfig::default(), Gap::default(), group.range).ok(),
        "ewma": ewma(series, &EwmaConfig::default(), Gap::default()).ok(),
        "cusum": cusum(series, &CusumConfig::default(), Gap::default()).ok(),
        "best_split": best_split(series).ok(),
        "partition": partition(series, &PartitionConfig { shortest: 2, ..PartitionConfig::default() }).ok(),
        "sudden_falls": cut.map(|cut| large(series, &SuddenConfig::falls(cut))),
        "sudden_gains": cut.map(|cut| {
            large(series, &SuddenConfig { direction: Direction::Gain, ..SuddenConfig::falls(cut) })
        }),
    })
}

/// Changes beyond measurement error, each with whether it lasts.
fn large(series: &Series, config: &SuddenConfig) -> Vec<Sudden> {
    sudden_changes(series, config).into_iter().filter(|change| change.large).collect()
}

fn rule(followed: &Followed<'_>, group: &Group, member: &Member, (at, found): (usize, &Detection)) -> Json {
    let alarms = group.alarms.get(&member.series.n()).and_then(|alarms| alarms.get(at));
    let mut detection = json!(found);
    if let (Some(list), episodes) = (detection["episodes"].as_array_mut(), &found.episodes) {
        for (entry, episode) in list.iter_mut().zip(episodes) {
            let items = episode.at.0.map(|start| fallen(followed, group, member, (start, episode.at.1)));
            entry["items"] = json!(items);
            entry["censored"] = json!(episode.outcome == crate::session::Outcome::UnrepairedCensored);
        }
    }
    detection["parameters"] = json!(followed.rules[at]);
    detection["expected_flags"] = json!({
        "error": alarms.and_then(|a| a.error.expected_flags),
        "swing": alarms.and_then(|a| a.swing.expected_flags),
    });
    detection["chance_of_any"] = json!({
        "error": alarms.and_then(|a| a.error.chance_of_any),
        "swing": alarms.and_then(|a| a.swing.chance_of_any),
    });
    detection["false_alarms"] = json!(alarms);
    detection
}

/// Shares of the classes of courses, by rule, scale and form.
fn classes(followed: &Followed<'_>) -> Vec<Json> {
    let mut classes = Vec::new();
    for (at, rule) in followed.rules.iter().enumerate() {
        for group in &followed.groups {
            let found: Vec<PersonClass> = group
                .members
                .iter()
                .filter_map(|member| Some(member.found.get(at)?.course.as_ref()?.class))
                .collect();
            for class in
                [PersonClass::None, PersonClass::Repaired, PersonClass::Unrepaired, PersonClass::Undetermined]
            {
                let n = found.iter().filter(|own| **own == class).count();
                classes.push(json!({
                    "rule": rule.id,
                    "scale": followed.scale_id(group.scale),
                    "form": followed.study.form_name(group.form),
                    "class": class,
                    "n": n,
                    "of": found.len(),
                    "share": wilson(n, found.len(), 0.95),
                }));
            }
        }
    }
    classes
}

fn informants(followed: &Followed<'_>, dyads: &[Vec<usize>]) -> Json {
    let mut each = Vec::new();
    for dyad in dyads {
        for scale in &followed.following.scales {
            let members: Vec<&Member> =
                dyad.iter().filter_map(|at| Some(followed.member(*at, *scale)?.1)).collect();
            for (at, first) in members.iter().enumerate() {
                for second in &members[at + 1..] {
                    let apart = story::difference(first, second);
                    each.push(json!({
                        "dyad": followed.courses[first.course].dyad,
                        "scale": followed.scale_id(*scale),
                        "roles": [&followed.courses[first.course].role, &followed.courses[second.course].role],
                        "alignment": story::together(followed, first, second),
                        "difference": apart.and_then(|apart| course_shape(&apart, &ShapeConfig::default()).ok()),
                    }));
                }
            }
        }
    }
    let pooled: Vec<Json> = pairs(followed, dyads)
        .iter()
        .map(|pair| {
            json!({
                "scale": followed.scale_id(pair.scale),
                "roles": pair.roles,
                "dyads": pair.dyads,
                "both": pair.both,
                "first_only": pair.alone[0],
                "second_only": pair.alone[1],
                "unanswered": pair.unanswered,
                "first_earlier": pair.earlier[0],
                "second_earlier": pair.earlier[1],
                "sessions": pair.sessions,
                "kappa": super::kappa(pair.sessions),
            })
        })
        .collect();
    json!({ "dyads": each, "pooled": pooled })
}

fn rule_agreement(followed: &Followed<'_>) -> Vec<Json> {
    let rules = &followed.rules;
    let one = |((scale, a, b), counts): ((usize, usize, usize), [u64; 4])| {
        json!({
            "rules": [&rules[a].id, &rules[b].id],
            "scale": followed.scale_id(scale),
            "both": counts[0],
            "first_only": counts[1],
            "second_only": counts[2],
            "neither": counts[3],
            "kappa": super::kappa(counts),
        })
    };
    tables::crossed_rules(followed).into_iter().map(one).collect()
}
