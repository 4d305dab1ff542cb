//! What `nested` found, one entry for each estimate.

use serde_json::{Value as Json, json};

use super::nested::NestedLine;
use crate::statistic::{Estimate, Reason};

/// An estimate by name, with what it is about.
pub(super) struct Row<'a> {
    pub line: &'a NestedLine,
    pub id: &'static str,
    /// `between`, `within`, `both`.
    pub about: &'static str,
    pub design: &'static str,
    pub value: Estimate,
}

/// Every coefficient of every scale, one after the other.
pub(super) fn rows(lines: &[NestedLine]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for line in lines {
        if let Ok(alphas) = &line.alphas {
            let list = [
                ("alpha_pooled", "pooled", alphas.pooled),
                ("alpha_within", "within", alphas.within),
                ("alpha_between", "between", alphas.between),
                ("alpha_between_latent", "between", alphas.between_latent),
                ("alpha_single_session", "both", alphas.overall),
            ];
            let row = |(id, about, value)| Row { line, id, about, design: "two_level", value };
            rows.extend(list.map(row));
        }
        if let Ok(found) = &line.generalizability {
            rows.extend(found.coefficients.iter().map(|own| {
                let about = if own.id.starts_with("rc") { "within" } else { "between" };
                let design = if matches!(own.id, "rkrn" | "rcn") { "nested" } else { "crossed" };
                Row { line, id: own.id, about, design, value: own.value }
            }));
        }
        for (group, found) in &line.icc {
            if let Ok(found) = found {
                let ids = if group == "worker" { ["icc1_worker", "icc2_worker"] } else { ["icc1", "icc2"] };
                let values = ids.into_iter().zip([found.icc1, found.icc2]);
                rows.extend(values.map(|(id, value)| Row {
                    line,
                    id,
                    about: "between",
                    design: "one_way",
                    value,
                }));
            }
        }
        if let Some(Ok(found)) = &line.raters {
            let list = [("raters_agreement", found.agreement), ("raters_consistency", found.consistency)];
            rows.extend(list.map(|(id, value)| Row { line, id, about: "raters", design: "crossed", value }));
        }
    }
    rows
}

/// A line of a D study.
pub(super) struct NeededRow<'a> {
    pub line: &'a NestedLine,
    pub coefficient: &'static str,
    pub facet: &'static str,
    pub target: f64,
    pub needed: Option<u64>,
    pub reason: Option<Reason>,
}

/// Every line of every D study: sessions, items, raters, dyads of a worker.
pub(super) fn needed(lines: &[NestedLine]) -> Vec<NeededRow<'_>> {
    let mut rows = Vec::new();
    for line in lines {
        let own = line.generalizability.iter().flat_map(|found| &found.d_study);
        let raters = line.raters.iter().flatten().flat_map(|found| &found.d_study);
        rows.extend(own.chain(raters).map(|own| NeededRow {
            line,
            coefficient: own.coefficient,
            facet: own.facet,
            target: own.target,
            needed: own.needed,
            reason: own.reason,
        }));
        let dyads = line.workers.iter().flatten().flat_map(|found| &found.needed);
        rows.extend(dyads.map(|(target, found)| NeededRow {
            line,
            coefficient: "worker_mean",
            facet: "dyads",
            target: *target,
            needed: found.ok(),
            reason: found.err(),
        }));
    }
    rows
}

/// For machines.
pub(super) fn results(lines: &[NestedLine]) -> Json {
    let head =
        |line: &NestedLine| json!({ "scale": line.rows.of.scale, "form": line.rows.of.form, "role": null });
    let with = |line: &NestedLine, more: Json| {
        let mut own = head(line);
        if let (Json::Object(own), Json::Object(more)) = (&mut own, more) {
            own.extend(more);
        }
        own
    };
    let reliability: Vec<Json> = rows(lines)
        .iter()
        .map(|row| {
            let found = row.line.generalizability.as_ref().ok();
            with(
                row.line,
                json!({
                    "coefficient": row.id, "about": row.about, "design": row.design,
                    "persons": found.map_or(row.line.rows.person.len(), |found| found.persons),
                    "estimate": row.value.estimate, "lower": row.value.lower, "upper": row.value.upper,
                    "level": row.value.level, "interval": row.value.interval, "reason": row.value.reason,
                }),
            )
        })
        .collect();
    let d_study: Vec<Json> = needed(lines)
        .iter()
        .map(|row| {
            with(
                row.line,
                json!({
                    "coefficient": row.coefficient, "facet": row.facet, "target": row.target,
                    "needed": row.needed, "reason": row.reason,
                }),
            )
        })
        .collect();
    let each = |one: &dyn Fn(&NestedLine) -> Json| -> Vec<Json> {
        lines.iter().map(|line| with(line, one(line))).collect()
    };
    json!({
        "reliability": reliability,
        "d_study": d_study,
        "generalizability": each(&|line| match &line.generalizability {
            Ok(found) => json!({ "found": found, "reason": null }),
            Err(error) => json!({ "found": null, "reason": error.reason }),
        }),
        "level_alphas": each(&|line| match &line.alphas {
            Ok(found) => json!({ "found": found, "reason": null }),
            Err(error) => json!({ "found": null, "reason": error.reason }),
        }),
        "icc": lines.iter().flat_map(|line| line.icc.iter().map(|(group, found)| match found {
            Ok(found) => with(line, json!({ "group": group, "found": found, "reason": null })),
            Err(error) => with(line, json!({ "group": group, "found": null, "reason": error.reason })),
        })).collect::<Vec<_>>(),
        "workers": each(&|line| match &line.workers {
            Some(Ok(found)) => json!({
                "workers": found.workers, "dyads": found.dyads, "n": found.n, "mean_sessions": found.mean_sessions,
                "variance_worker": found.worker, "variance_dyad": found.dyad, "variance_session": found.session,
                "status": found.status, "reason": null,
            }),
            Some(Err(error)) => json!({ "reason": error.reason }),
            None => json!({ "reason": Reason::NotApplicable }),
        }),
        "thresholds": each(&|line| match &line.generalizability {
            Ok(found) => json!({
                "standard_error_within": line.factor * found.within.standard_error,
                "error_within_crossed": line.factor * found.within.error_within_crossed,
                "fluctuation_within_crossed": line.factor * found.within.fluctuation_within_crossed,
            }),
            Err(error) => json!({ "reason": error.reason }),
        }),
    })
}
