//! The other ways to look at one course: charts, splits and steps, in a line each.

use super::super::format::{Kind, number};
use super::follow::{Followed, Group, Member};
use super::story::role;
use crate::session::{
    Chart, ChartConfig, CusumConfig, Direction, EwmaConfig, Firmness, Gap, PartitionConfig, Side,
    SuddenConfig, ThresholdScale, best_split, chart, cusum, ewma, partition, sudden_changes, variability,
};
use crate::statistic::StatError;

fn score(value: f64) -> String {
    number(value, Kind::Score)
}

/// What charts, splits and steps say of a course; the first line is about how much it varies.
pub(in crate::report) fn other_views(group: &Group, member: &Member) -> Vec<(String, String)> {
    let series = &member.series;
    let gap = Gap::default();
    let line = |what: &str, text: String| (what.to_owned(), text);
    let drawn = chart(series, &ChartConfig::default(), gap, group.range);
    let mut facts = vec![line("how much it varies", varies(member))];
    facts.push(line("control chart", drawn.map_or_else(refused, |drawn| limits(&drawn))));
    let sessions = |found: &[i64]| match found.is_empty() {
        true => "no signal".to_owned(),
        false => format!("signals in session {}", listed(found)),
    };
    let average = ewma(series, &EwmaConfig::default(), gap).map(|drawn| sessions(&drawn.signals));
    facts.push(line("moving average (EWMA)", average.unwrap_or_else(refused)));
    let sums = cusum(series, &CusumConfig::default(), gap).map(|drawn| sessions(&drawn.signals));
    facts.push(line("cumulative sum (CUSUM)", sums.unwrap_or_else(refused)));
    let split = best_split(series).map(|split| {
        format!(
            "after session {}, M = {} before and {} from there; there is always a best one",
            split.after,
            score(split.before_mean),
            score(split.after_mean)
        )
    });
    facts.push(line("best split in two", split.unwrap_or_else(refused)));
    let parts = partition(series, &PartitionConfig { shortest: 2, ..PartitionConfig::default() });
    let parts = parts.map(|parts| {
        let means: Vec<String> = parts.means.iter().map(|mean| score(*mean)).collect();
        match parts.after.is_empty() {
            true => "one level throughout".to_owned(),
            false => format!("new levels after session {}: M = {}", listed(&parts.after), means.join(", ")),
        }
    });
    facts.push(line("parts by level", parts.unwrap_or_else(refused)));
    if let Ok(s) = group.sample.get(ThresholdScale::ErrorWithin) {
        let falls = SuddenConfig::falls(1.96 * s);
        let gains = SuddenConfig { direction: Direction::Gain, ..falls.clone() };
        let lasting = |config: &SuddenConfig| {
            let met: Vec<i64> = sudden_changes(series, config)
                .iter()
                .filter(|step| step.is_met())
                .map(|step| step.to)
                .collect();
            if met.is_empty() { "none".to_owned() } else { format!("session {}", listed(&met)) }
        };
        facts.push(line("steps that last", format!("down: {}; up: {}", lasting(&falls), lasting(&gains))));
    }
    facts
}

fn varies(member: &Member) -> String {
    let found = variability(&member.series, Gap::default());
    let with = |what: &str, estimate: Option<f64>| estimate.map(|value| format!("{what} {}", score(value)));
    let all = [
        with("SD", found.sd.estimate),
        with("from one session to the next (RMSSD)", found.rmssd.estimate),
        with("von Neumann ratio", found.von_neumann.estimate)
            .map(|text| text + " (2 where sessions are unrelated)"),
        with("lag-one correlation", found.lag_one.estimate),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "too few sessions to say".to_owned() } else { all.join(", ") }
}

fn limits(drawn: &Chart) -> String {
    let edge = |values: &[f64]| values.first().map_or(String::new(), |value| score(*value));
    let firm = match drawn.firmness {
        Firmness::Trial => format!("; trial limits, from {} sessions", drawn.n_limits),
        _ => String::new(),
    };
    let silent = match drawn.silent.first() {
        Some(Side::Lower) => "; no score can lie below",
        Some(Side::Upper) => "; no score can lie above",
        None => "",
    };
    let signals: Vec<String> = drawn
        .signals
        .iter()
        .map(|signal| {
            let side = match signal.side {
                Some(Side::Lower) => "low in session ",
                Some(Side::Upper) => "high in session ",
                None => "too few or too long runs up to session ",
            };
            format!("{side}{} ({})", signal.to, signal.rule.name())
        })
        .collect();
    let signals = if signals.is_empty() { "no signal".to_owned() } else { signals.join(", ") };
    format!(
        "center {}, limits {} and {}{firm}{silent}; {signals}",
        edge(&drawn.center),
        edge(&drawn.lower),
        edge(&drawn.upper)
    )
}

fn refused(error: StatError) -> String {
    use crate::statistic::Reason;
    match error.reason {
        Reason::TooFew => "too few sessions".to_owned(),
        Reason::NoVariability => "all scores are equal".to_owned(),
        _ => "cannot be drawn".to_owned(),
    }
}

fn listed(sessions: &[i64]) -> String {
    sessions.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The title over them.
pub(super) fn title(followed: &Followed<'_>, member: &Member) -> String {
    format!(
        "Other ways to look at the {}, each with false alarms of its own (--rule control_chart, ewma, cusum, sudden_loss, optimal_partition)",
        role(followed, member)
    )
}
