//! Courses in plain characters, at most 100 columns wide.

use super::coded::Coded;
use super::follow::{Followed, Group, Member};
use crate::session::{Outcome, Series};

/// No line is longer.
const WIDTH: usize = 100;
/// Columns of a session.
const CELL: usize = 3;
/// Labels are cut here.
const LABEL: usize = 22;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A typing error in a session number must not make a picture of thousands of columns.
const MOST_SESSIONS: i64 = 200;

/// What the marks mean: those that can occur here.
pub(in crate::report) fn legend(
    followed: &Followed<'_>,
    dyads: &[Vec<usize>],
    codes: bool,
    large: bool,
) -> Vec<(String, String)> {
    let members = || {
        let all = followed.groups.iter().flat_map(|group| &group.members);
        all.filter(|member| dyads.iter().any(|dyad| dyad.contains(&member.course)))
    };
    let new_worker = members().any(|m| (0..m.series.n()).any(|at| m.series.has_new_worker(at)));
    let lines = [
        ("▁ to █", "the score, between the lowest and the highest possible one", true),
        ("V", "the lowest session of a rupture", true),
        ("^", "the session that repaired it", true),
        ("v", "a fall larger than measurement error, but no rupture", true),
        ("x", "a code in this session", codes),
        ("|", "the first session with a new worker", new_worker),
        ("-", "a session without a score", true),
        ("·", "a session number that is not in the file", true),
        ("o", "in the large picture: a session", large),
        ("= and .", "there: the limits of the control chart, and its center", large),
        (
            "By chance",
            "how many courses of as many sessions, in which nothing changes, would show such a mark at least once: by error of measurement alone, or by this sample's usual swing from session to session",
            followed.following.simulations > 0,
        ),
    ];
    lines
        .into_iter()
        .filter(|(.., there)| *there)
        .map(|(mark, text, _)| (mark.to_owned(), text.to_owned()))
        .collect()
}

/// A row of the picture: a label, and a text for each session.
struct Line {
    label: String,
    cells: Vec<String>,
}

/// The courses of a dyad on a scale, one under the other, with the codes of its sessions: lines of at most 100 columns.
pub(in crate::report) fn courses(
    followed: &Followed<'_>,
    dyad: &[usize],
    scale: usize,
    coded: Option<&Coded>,
) -> Vec<String> {
    let members: Vec<(&Group, &Member)> = dyad.iter().filter_map(|at| followed.member(*at, scale)).collect();
    let name = &followed.courses[dyad[0]].dyad;
    let codes = coded.and_then(|coded| coded.of_dyad(name));
    let mut took_place: Vec<i64> = members
        .iter()
        .flat_map(|(_, member)| member.series.numbers().iter().chain(member.series.unanswered()))
        .copied()
        .collect();
    took_place.extend(codes.iter().flat_map(|codes| &codes.sessions));
    took_place.sort_unstable();
    took_place.dedup();
    let (Some(first), Some(last)) = (took_place.first().copied(), took_place.last().copied()) else {
        return Vec::new();
    };
    let sessions = if last - first < MOST_SESSIONS { (first..=last).collect() } else { took_place.clone() };
    let mut lines = vec![Line {
        label: "session".to_owned(),
        cells: sessions
            .iter()
            .map(|t| if took_place.binary_search(t).is_ok() { t.to_string() } else { "·".to_owned() })
            .collect(),
    }];
    for (group, member) in &members {
        let label = followed.courses[member.course].role.clone().unwrap_or_else(|| "score".to_owned());
        lines.push(Line { label, cells: bars(&sessions, group, member) });
        let marks = marks(followed, &sessions, member);
        if marks.iter().any(|mark| !mark.is_empty()) {
            lines.push(Line { label: String::new(), cells: marks });
        }
    }
    if let Some((coded, codes)) = coded.zip(codes) {
        for (code, id) in
            coded.codes.iter().enumerate().filter(|(code, _)| codes.with(*code).next().is_some())
        {
            let mark =
                |t: &i64| if codes.get(code, *t) == Some(true) { "x".to_owned() } else { String::new() };
            lines.push(Line { label: id.clone(), cells: sessions.iter().map(mark).collect() });
        }
    }
    banded(&lines)
}

fn bars(sessions: &[i64], group: &Group, member: &Member) -> Vec<String> {
    let series = &member.series;
    let scores = series.scores();
    let seen = || scores.iter().copied();
    let [low, high] = group
        .range
        .unwrap_or_else(|| [seen().fold(f64::INFINITY, f64::min), seen().fold(f64::NEG_INFINITY, f64::max)]);
    let bar = |score: f64| {
        let share = if high > low { (score - low) / (high - low) } else { 0.5 };
        BARS[((share * BARS.len() as f64) as usize).min(BARS.len() - 1)].to_string()
    };
    let cell = |t: &i64| match series.score(*t) {
        Some(score) => bar(score),
        None if series.unanswered().contains(t) => "-".to_owned(),
        None => String::new(),
    };
    sessions.iter().map(cell).collect()
}

/// The marks of the leading rule for each of these sessions: `V`, `^`, `V^`, `|`, `v` or nothing.
pub(in crate::report) fn marks(followed: &Followed<'_>, sessions: &[i64], member: &Member) -> Vec<String> {
    let episodes = || followed.leading(member).into_iter().flat_map(|found| &found.episodes);
    let noticed = || member.noticed.episodes.iter().map(|episode| episode.trough);
    let series = &member.series;
    let new_worker = |t: i64| series.numbers().binary_search(&t).is_ok_and(|at| series.has_new_worker(at));
    let mark = |t: &i64| {
        let rupture = episodes().any(|e| e.trough == *t && !e.worker_changed);
        let repair = episodes().any(|e| e.repair == Some(*t) && !e.worker_changed);
        match (rupture, repair) {
            (true, true) => "V^",
            (true, false) => "V",
            (false, true) => "^",
            _ if new_worker(*t) => "|",
            _ if noticed().any(|trough| trough == *t) => "v",
            _ => "",
        }
        .to_owned()
    };
    sessions.iter().map(mark).collect()
}

/// Lines in bands of as many sessions as fit.
fn banded(lines: &[Line]) -> Vec<String> {
    let cut = |label: &str| label.chars().take(LABEL).collect::<String>();
    let width = lines.iter().map(|line| cut(&line.label).chars().count()).max().unwrap_or(0);
    let widest =
        lines.iter().flat_map(|line| &line.cells).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let cell_width = CELL.max(widest + 1);
    let fit = ((WIDTH - width) / cell_width).max(1);
    let n = lines.first().map_or(0, |line| line.cells.len());
    let mut out = Vec::new();
    for from in (0..n).step_by(fit) {
        if from > 0 {
            out.push(String::new());
        }
        for line in lines {
            let mut text = format!("{:width$}", cut(&line.label));
            for cell in &line.cells[from..(from + fit).min(n)] {
                text.push_str(&format!("{cell:>cell_width$}"));
            }
            out.push(text.trim_end().to_owned());
        }
    }
    out
}

/// One course, large: rows are heights of the scale, `o` a session, `V` and `^` as in the small picture, `=` the limits of the
/// control chart, `.` its center.
pub(super) fn large(
    followed: &Followed<'_>,
    group: &Group,
    member: &Member,
    limits: Option<(&[f64], &[f64], &[f64])>,
) -> Vec<String> {
    let series = &member.series;
    let Some([low, high]) = group.range.or_else(|| observed(series)) else { return Vec::new() };
    let rows = 12;
    let height = |row: usize| high - (high - low) * row as f64 / rows as f64;
    let row_of =
        |score: f64| (((high - score) / (high - low) * rows as f64).round().max(0.0) as usize).min(rows);
    let within = |value: f64| (low..=high).contains(&value);
    let marks = marks(followed, series.numbers(), member);
    let per_band = (WIDTH - 8) / CELL;
    let mut out = Vec::new();
    for from in (0..series.n()).step_by(per_band) {
        let band = from..(from + per_band).min(series.n());
        if from > 0 {
            out.push(String::new());
        }
        for row in 0..=rows {
            let mut text = format!("{:>6.2} ", height(row));
            for at in band.clone() {
                let score = row_of(series.scores()[at]) == row;
                let line = |values: &[f64]| within(values[at]) && row_of(values[at]) == row;
                let limit = limits.is_some_and(|(lower, upper, _)| line(lower) || line(upper));
                let center = limits.is_some_and(|(_, _, center)| line(center));
                let mark = if score {
                    if marks[at].starts_with('V') {
                        "V"
                    } else if marks[at] == "^" {
                        "^"
                    } else {
                        "o"
                    }
                } else if limit {
                    "="
                } else if center {
                    "."
                } else {
                    ""
                };
                text.push_str(&format!("{mark:>CELL$}"));
            }
            out.push(text.trim_end().to_owned());
        }
        let mut foot = "       ".to_owned();
        for at in band {
            foot.push_str(&format!("{:>CELL$}", series.numbers()[at]));
        }
        out.push(foot);
    }
    out
}

fn observed(series: &Series) -> Option<[f64; 2]> {
    let low = series.scores().iter().copied().min_by(f64::total_cmp)?;
    let high = series.scores().iter().copied().max_by(f64::total_cmp)?;
    (high > low).then_some([low, high])
}

/// How an episode ended, in a word.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Repaired => "repaired",
        Outcome::Unrepaired => "not repaired",
        Outcome::UnrepairedCensored => "open at the end",
    }
}
