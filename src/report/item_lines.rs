//! The items of scales: what they look like, how they go with their scale and with others.

use super::items::{ItemLine, ItemsLine, ScalePair};
use super::reliability::ScaleLine;
use super::scales::{ScaleRows, Scales, allowed};
use crate::factor::adequacy;
use crate::moments::{Divisor, ItemMatrix, Missing, Moments};
use crate::numeric::matrix::eigenvalues;
use crate::reliability::{
    AlphaInterval, Correlation, ItemStatistics, alpha_interval, correlation, disattenuated, item_elsewhere,
    item_statistics, mardia, unanswered,
};
use crate::scoring::Edition;
use crate::statistic::{Estimate, Reason, StatError};

/// The items of every scale in every group.
pub fn item_lines(scales: &Scales, missing: Missing, divisor: Divisor, level: f64) -> Vec<ItemsLine> {
    scales.lines.iter().filter_map(|line| describe(scales, line, missing, divisor, level)).collect()
}

/// All items of a form at once, for forms on which no scale holds them all: whether they are jointly normal, and fit for a
/// factor analysis. Groups are taken together.
pub fn whole_forms(scales: &Scales, missing: Missing, divisor: Divisor) -> Vec<ItemsLine> {
    let sample = &scales.study.sample;
    let mut forms: Vec<Option<usize>> = scales.lines.iter().map(|line| line.form).collect();
    forms.sort_unstable();
    forms.dedup();
    let whole = |form: Option<usize>| {
        let rows: Vec<usize> =
            scales.selection.rows.iter().copied().filter(|row| sample.form(*row) == form).collect();
        let data = sample.form_items(form, &rows)?;
        let largest =
            sample.plan.scales.iter().filter_map(|scale| Some(scale.edition(form)?.terms.len())).max();
        if largest >= Some(data.k()) {
            return None;
        }
        let of = ScaleLine {
            scale: "all items".to_owned(),
            form: scales.study.form_name(form),
            role: None,
            by: Vec::new(),
            rows: rows.len(),
        };
        let moments = Moments::of(&data, missing);
        let correlations = moments.as_ref().ok().and_then(|moments| moments.pair_correlation().ok());
        let why = |error: &StatError| error.reason;
        Some(ItemsLine {
            of,
            n: moments.as_ref().map_or(0, |moments| moments.n),
            items: Vec::new(),
            alpha: Estimate::none(Reason::NotApplicable),
            eigenvalues: correlations.as_ref().and_then(eigenvalues),
            correlations,
            adequacy: moments
                .as_ref()
                .map_err(why)
                .and_then(|moments| adequacy(moments).map_err(|error| error.reason)),
            mardia: mardia(&data, divisor).map_err(|error| error.reason),
            reason: moments.as_ref().err().map(why),
        })
    };
    forms.into_iter().filter_map(whole).collect()
}

/// The items of a scale in a group.
fn describe(
    scales: &Scales,
    line: &ScaleRows,
    missing: Missing,
    divisor: Divisor,
    level: f64,
) -> Option<ItemsLine> {
    let edition = scales.edition(line)?;
    let data = scales.study.sample.items(edition, &line.rows);
    let moments = Moments::of(&data, missing);
    let why = |error: &StatError| error.reason;
    let correlations = moments.as_ref().ok().and_then(|moments| moments.pair_correlation().ok());
    let statistics: Vec<ItemStatistics> = match &moments {
        Ok(moments) => item_statistics(&data, &allowed(edition), moments, level),
        Err(error) => unanswered(&data, &allowed(edition), error.reason),
    };
    let others = other_scores(scales, line);
    let item = |(term, statistics): (&crate::scoring::Term, ItemStatistics)| {
        let elsewhere =
            item_elsewhere(&answers(&data, &statistics), &statistics.fit.item_rest, &others, level);
        ItemLine { reversed: term.reversed, statistics, elsewhere }
    };
    let alpha = moments.as_ref().map_err(why).and_then(|moments| {
        alpha_interval(moments, AlphaInterval::Feldt, level).map_err(|error| error.reason)
    });
    let adequacy =
        moments.as_ref().map_err(why).and_then(|moments| adequacy(moments).map_err(|error| error.reason));
    Some(ItemsLine {
        of: line.of.clone(),
        n: moments.as_ref().map_or(0, |moments| moments.n),
        items: edition.terms.iter().zip(statistics).map(item).collect(),
        alpha: alpha.into(),
        eigenvalues: correlations.as_ref().and_then(eigenvalues),
        correlations,
        adequacy,
        mardia: mardia(&data, divisor).map_err(|error| error.reason),
        reason: moments.as_ref().err().map(why),
    })
}

/// The answers to an item.
fn answers(data: &ItemMatrix, statistics: &ItemStatistics) -> Vec<f64> {
    let at = data.items.iter().position(|id| *id == statistics.fit.item);
    at.map_or_else(Vec::new, |j| data.item(j).to_vec())
}

/// The scores of the scales of the form that have no item of this one.
fn other_scores(scales: &Scales, line: &ScaleRows) -> Vec<(String, Vec<f64>)> {
    let plan = &scales.study.sample.plan;
    let other = |(scale, planned): (usize, &crate::scoring::PlannedScale)| {
        let (own, other) = (scales.edition(line)?, planned.edition(line.form)?);
        (shared_items(own, other) == 0).then(|| (planned.id.clone(), scores(scales, scale, &line.rows)))
    };
    plan.scales.iter().enumerate().filter_map(other).collect()
}

fn shared_items(a: &Edition, b: &Edition) -> usize {
    a.terms.iter().filter(|term| b.terms.iter().any(|other| other.slot == term.slot)).count()
}

fn scores(scales: &Scales, scale: usize, rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|row| scales.study.sample.score(scale, *row).value.unwrap_or(f64::NAN)).collect()
}

/// How the scales of each form and group correlate.
pub fn scale_pairs(scales: &Scales, lines: &[ItemsLine], level: f64) -> Vec<ScalePair> {
    let mut pairs = Vec::new();
    let both = scales.lines.iter().zip(lines);
    for (at, (first, found)) in both.clone().enumerate() {
        let same_group = |(other, _): &(&ScaleRows, &ItemsLine)| {
            other.of.form == first.of.form && other.of.by == first.of.by
        };
        for (second, beside) in both.clone().skip(at + 1).filter(same_group) {
            let (Some(a), Some(b)) = (scales.edition(first), scales.edition(second)) else { continue };
            let shared = shared_items(a, b);
            let (x, y) =
                (scores(scales, first.scale, &first.rows), scores(scales, second.scale, &second.rows));
            let r: Correlation = correlation(&x, &y, level);
            // Errors of shared items correlate, and are no attenuation.
            let freed = match shared {
                0 => disattenuated(&r.r, &found.alpha, &beside.alpha),
                _ => Estimate::none(Reason::NotApplicable),
            };
            pairs.push(ScalePair {
                of: first.of.clone(),
                with: second.of.scale.clone(),
                shared_items: shared,
                found: r,
                disattenuated: freed,
            });
        }
    }
    pairs
}
