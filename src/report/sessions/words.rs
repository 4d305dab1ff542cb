//! A rule in words, with all its parameters.

use crate::session::{
    Before, Detrend, Gap, Mode, Passes, Points, Repair, Residual, Rule, Sample, Signal, Start, Threshold,
    ThresholdScale, TrendOf,
};

/// What a rule says, its parameters as they are on this scale.
pub(in crate::report) fn rule(rule: &Rule, sample: &Sample) -> String {
    let mut text = signal(&rule.signal, sample);
    match rule.before {
        Before::Anywhere => {}
        Before::AboveMean => text.push_str(", from the person's mean or above"),
        Before::Above { place } => text.push_str(&format!(", from {} or above", on_scale(&place, sample))),
    }
    text.push_str("; repaired once ");
    text.push_str(&repair(&rule.repair, sample));
    if let Some(window) = rule.window {
        text.push_str(&format!(", within {window} sessions"));
    }
    if rule.gap == Gap::Strict {
        text.push_str("; no change across missed sessions");
    }
    text
}

fn signal(signal: &Signal, sample: &Sample) -> String {
    match signal {
        Signal::Fall { threshold: t, mode: Mode::Single } => {
            format!("a fall of {} from one session to the next", threshold(t, sample))
        }
        Signal::Fall { threshold: t, mode: Mode::Cumulative } => {
            format!("a fall of {} over sessions without a rise", threshold(t, sample))
        }
        Signal::Chart { chart } => {
            let from =
                chart.baseline.map_or(String::new(), |n| format!(", limits from the first {n} sessions"));
            let trend = if chart.detrend == Detrend::Linear { ", the person's line taken out" } else { "" };
            let passes = if chart.passes == Passes::Two { ", drawn twice" } else { "" };
            format!(
                "a score more than {} standard deviations below the center of the control chart{from}{trend}{passes}",
                chart.multiplier
            )
        }
        Signal::Ewma { ewma } => {
            let from =
                ewma.baseline.map_or(String::new(), |n| format!(", its center from the first {n} sessions"));
            format!(
                "an average with weight {} on the newest session, more than {} of its standard deviations below the center{from}",
                ewma.lambda, ewma.multiplier
            )
        }
        Signal::Cusum { cusum } => {
            let from =
                cusum.baseline.map_or(String::new(), |n| format!(", the center from the first {n} sessions"));
            let head = if cusum.start == Start::Head { ", started half way" } else { "" };
            format!(
                "a sum of deviations downwards, less {} each, above {} standard deviations{from}{head}",
                cusum.slack, cusum.decision
            )
        }
        Signal::Sudden { threshold: t, share, sessions } => {
            let share = share
                .map_or(String::new(), |share| format!(" and of {} % of the score", trimmed(100.0 * share)));
            format!(
                "a fall of {}{share} from one session to the next, after which up to {sessions} sessions stay lower than the {sessions} before by more than their spread",
                threshold(t, sample)
            )
        }
        Signal::Parts { parts } => format!(
            "a part of {} or more sessions that lies lower than the part before (penalty {} s² ln n, s from the mean moving range)",
            parts.shortest, parts.penalty
        ),
        Signal::Residual { of, c, residual, .. } => {
            let kind = if *residual == Residual::Studentised { "leave-one-out " } else { "" };
            let trend = match of {
                TrendOf::Person => "the person's own trend",
                TrendOf::Sample => "what a growth model of the whole sample expects of this person",
            };
            format!("a score {c} {kind}standard deviations below {trend}")
        }
        Signal::Level { below } => format!("a score below {}", on_scale(below, sample)),
        Signal::LevelOrFall { below, threshold: t } => {
            format!(
                "a score below {}, or a fall of {} from one session to the next",
                on_scale(below, sample),
                threshold(t, sample)
            )
        }
    }
}

fn threshold(threshold: &Threshold, sample: &Sample) -> String {
    let (c, id) = (threshold.c, threshold.scale.id());
    if threshold.scale == ThresholdScale::Points {
        return amount(&Points { points: c, on: threshold.on }, sample);
    }
    let pair = threshold.pair.map_or(String::new(), |[a, b]| format!(", {} and {}", a.id(), b.id()));
    let of_sample = sample.get(threshold.scale).ok().filter(|_| threshold.pair.is_none());
    let points = of_sample.map_or(String::new(), |s| format!(" = {:.2}", c * s));
    format!("{c} times {id} ({}){pair}{points}", spread(threshold.scale))
}

/// What a spread is, in words.
fn spread(scale: ThresholdScale) -> &'static str {
    match scale {
        ThresholdScale::SdRaw => "the SD of the person's scores",
        ThresholdScale::SdResidLinear => "the SD around the person's line",
        ThresholdScale::SdResidQuadratic => "the SD around the person's parabola",
        ThresholdScale::SdDiff => "the SD of the person's changes",
        ThresholdScale::Mr => "the person's SD by moving ranges",
        ThresholdScale::MrMedian => "the person's SD by median moving range",
        ThresholdScale::SdWithinPooled => "the SD within persons, pooled",
        ThresholdScale::SdBetween => "the SD of the persons' means",
        ThresholdScale::SdDiffSample => "the SD of all changes in the sample",
        ThresholdScale::GumzStrict => "the larger of a spread of the person and one of the sample",
        ThresholdScale::Rci => "the error of a difference between persons",
        ThresholdScale::ErrorWithin => "measurement error of a change",
        ThresholdScale::FluctuationWithin => "the sample's usual swing",
        ThresholdScale::ErrorWithinCrossed => "measurement error of a change, crossed",
        ThresholdScale::FluctuationWithinCrossed => "the sample's usual swing, crossed",
        ThresholdScale::Points => "points of the score",
    }
}

fn amount(points: &Points, sample: &Sample) -> String {
    match points.amount(sample.range) {
        Ok(1.0) => "1 point".to_owned(),
        Ok(here) => format!("{} points", trimmed(here)),
        Err(_) => format!("{} points on another range", points.points),
    }
}

fn on_scale(points: &Points, sample: &Sample) -> String {
    points.place(sample.range).map_or_else(|_| format!("{} on another range", points.points), trimmed)
}

/// Four decimals at most.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn repair(repair: &Repair, sample: &Sample) -> String {
    match repair {
        Repair::ReturnToStart { tolerance } if tolerance.points == 0.0 => {
            "back where it fell from".to_owned()
        }
        Repair::ReturnToStart { tolerance } => {
            format!("within {} of where it fell from", amount(tolerance, sample))
        }
        Repair::Fraction { fraction } => format!("{} % of the fall is won back", trimmed(100.0 * fraction)),
        Repair::Rise => "it has risen by as much as a fall must be".to_owned(),
        Repair::InsideLimits => "back inside its limits".to_owned(),
        Repair::ToMean => "back at the person's mean".to_owned(),
    }
}
