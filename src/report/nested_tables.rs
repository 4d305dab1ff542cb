//! The tables of `nested`.

use super::format::Kind;
use super::model::{Column, Table, Value};
use super::nested::NestedLine;
use super::nested_results::{needed, rows};
use super::reliability::ScaleLine;
use super::reliability_tables::limits;
use crate::nested::{Components, TARGETS};
use crate::statistic::Estimate;

fn head() -> Vec<Column> {
    ScaleLine::columns(&[], false)
}

fn estimate(value: &Estimate) -> [Value; 2] {
    [Value::number(value.estimate, Kind::Bounded), limits(value.lower, value.upper, Kind::Bounded)]
}

fn level(lines: &[NestedLine]) -> String {
    let level = lines.iter().find_map(|line| Some(line.alphas.as_ref().ok()?.config.level)).unwrap_or(0.95);
    format!("{:.0} % CI", 100.0 * level)
}

/// Alphas of all rows, within persons, between them.
pub(super) fn alphas(lines: &[NestedLine]) -> Table {
    let ci = level(lines);
    let mut columns = head();
    columns.extend([
        Column::new("persons", "Persons"),
        Column::new("n", "Rows"),
        Column::new("alpha_pooled", "α all rows"),
        Column::new("alpha_within", "α within"),
        Column::new("alpha_within_limits", ci.clone()),
        Column::new("alpha_between", "α means"),
        Column::new("alpha_between_limits", ci),
        Column::new("alpha_between_latent", "α true means"),
        Column::new("alpha_single_session", "α one row"),
    ]);
    let mut table = Table::new("alphas", columns);
    for line in lines {
        let Ok(found) = &line.alphas else { continue };
        let [within, within_limits] = estimate(&found.within);
        let [between, between_limits] = estimate(&found.between);
        let mut row = line.rows.of.cells();
        row.extend([
            Value::count(found.persons as u64),
            Value::count(found.n as u64),
            Value::number(found.pooled.estimate, Kind::Bounded),
            within,
            within_limits,
            between,
            between_limits,
            Value::number(found.between_latent.estimate, Kind::Bounded),
            Value::number(found.overall.estimate, Kind::Bounded),
        ]);
        table.rows.push(row);
    }
    table.notes.push("All rows: as if every row were another person; it hides what happens within. Within: of a session's distance from the person's own mean. Means: of the persons' means as observed (Lai). True means: of means without sampling error (Geldhof). One row: of a single session's score, both levels together (Lai).".to_owned());
    table
}

/// Cranford's coefficients, crossed and nested.
pub(super) fn generalizability(lines: &[NestedLine]) -> Table {
    let ci = level(lines);
    let mut columns = head();
    columns.extend([
        Column::new("design", "Design"),
        Column::new("one_fixed", "R1F"),
        Column::new("mean_fixed", "RkF"),
        Column::new("one_random", "R1R"),
        Column::new("one_random_limits", ci.clone()),
        Column::new("mean_random", "RkR"),
        Column::new("mean_random_limits", ci.clone()),
        Column::new("change", "RC"),
        Column::new("change_limits", ci),
    ]);
    let mut table = Table::new("generalizability", columns);
    for line in lines {
        let Ok(found) = &line.generalizability else { continue };
        let of = |id: &str| {
            let own = found.coefficients.iter().find(|own| own.id == id);
            own.map_or([Value::Empty, Value::Empty], |own| estimate(&own.value))
        };
        let [[r1f, _], [rkf, _], [r1r, r1r_limits], [rkr, rkr_limits], [rc, rc_limits]] =
            ["r1f", "rkf", "r1r", "rkr", "rc"].map(of);
        let mut row = line.rows.of.cells();
        row.extend([Value::text("crossed"), r1f, rkf, r1r, r1r_limits, rkr, rkr_limits, rc, rc_limits]);
        table.rows.push(row);
        let [[rkrn, rkrn_limits], [rcn, rcn_limits]] = ["rkrn", "rcn"].map(of);
        let mut row = line.rows.of.cells();
        row.extend([Value::text("nested"), Value::Empty, Value::Empty, Value::Empty, Value::Empty]);
        row.extend([rkrn, rkrn_limits, rcn, rcn_limits]);
        table.rows.push(row);
    }
    table.notes.push("R1R: one session, any session, tells persons apart; RkR: the mean of a person's sessions does. R1F, RkF: the same where all are compared in the same session. RC: changes from session to session are told from error. Crossed: session 3 of one person is that of another; nested: schedules differ (RkRN, RCN).".to_owned());
    table
}

/// How many sessions, items, raters, dyads.
pub(super) fn d_study(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([Column::new("question", "For"), Column::new("facet", "Needed")]);
    columns.extend([
        Column::new("reach_70", ".70"),
        Column::new("reach_80", ".80"),
        Column::new("reach_90", ".90"),
    ]);
    let mut table = Table::new("d_study", columns);
    for own in needed(lines).chunks(TARGETS.len()) {
        let Some(first) = own.first() else { continue };
        let question = match first.coefficient {
            "rkf" => continue,
            "rkr" => "telling persons apart, crossed",
            "rkrn" => "telling persons apart, nested",
            "rc" => "seeing change, crossed",
            "rcn" => "seeing change, nested",
            "agreement" => "raters, levels count",
            "consistency" => "raters, levels do not count",
            _ => "telling workers apart",
        };
        let mut row = first.line.rows.of.cells();
        row.extend([Value::text(question), Value::text(first.facet)]);
        row.extend(own.iter().map(|own| match own.needed {
            Some(number) => Value::count(number),
            None => Value::text("none"),
        }));
        table.rows.push(row);
    }
    table.notes.push("None: the component that should be measured is 0, so no number is enough. Items: of the same kind as these.".to_owned());
    table
}

/// Components side by side.
pub(super) fn components(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("design", "Design"),
        Column::new("by", "By"),
        Column::new("person", "Person"),
        Column::new("occasion", "Session"),
        Column::new("item", "Item"),
        Column::new("person_occasion", "P × S"),
        Column::new("person_item", "P × I"),
        Column::new("occasion_item", "S × I"),
        Column::new("residual", "Rest"),
    ]);
    let mut table = Table::new("components", columns);
    for line in lines {
        let Ok(found) = &line.generalizability else { continue };
        let of = |components: &Components, source: &str| {
            let own = components.components.iter().find(|own| own.source == source);
            own.map_or(Value::Empty, |own| Value::Number(own.variance, Kind::Fine))
        };
        let mut row = line.rows.of.cells();
        row.extend([Value::text("crossed"), Value::text(by(&found.crossed))]);
        let sources =
            ["person", "occasion", "item", "person_occasion", "person_item", "occasion_item", "residual"];
        row.extend(sources.map(|source| of(&found.crossed, source)));
        table.rows.push(row);
        let mut row = line.rows.of.cells();
        row.extend([Value::text("nested"), Value::text(by(&found.nested)), of(&found.nested, "person")]);
        row.extend([Value::Empty, Value::Empty, of(&found.nested, "occasion_in_person")]);
        row.extend([Value::Empty, Value::Empty, of(&found.nested, "residual")]);
        table.rows.push(row);
    }
    table.notes.push("Variances of single answers. P × S: persons' own ups and downs, what change is; in the nested design all that differs between sessions of a person.".to_owned());
    table
}

fn by(components: &Components) -> &'static str {
    if components.estimator == "anova" { "mean squares" } else { "REML" }
}

/// What a change must exceed, in points of the score.
pub(super) fn thresholds(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("standard_error_within", "SE within"),
        Column::new("error_within_crossed", "More than error"),
        Column::new("fluctuation_within_crossed", "More than usual swing"),
    ]);
    let mut table = Table::new("thresholds", columns);
    for line in lines {
        let Ok(found) = &line.generalizability else { continue };
        let points = |value: f64| Value::Number(line.factor * value, Kind::Score);
        let mut row = line.rows.of.cells();
        row.extend([
            points(found.within.standard_error),
            points(found.within.error_within_crossed),
            points(found.within.fluctuation_within_crossed),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Points of the score, from the crossed components (1.96 times the standard deviation of a difference). To mark falls by them: alliance sessions --rule error_within_crossed, --rule fluctuation_within_crossed.".to_owned());
    table
}

/// ICC(1), ICC(2), design effect.
pub(super) fn icc(lines: &[NestedLine]) -> Table {
    let ci = level(lines);
    let mut columns = head();
    columns.extend([
        Column::new("by", "By"),
        Column::new("groups", "Groups"),
        Column::new("n", "Rows"),
        Column::new("mean_size", "Size"),
        Column::new("icc1", "ICC(1)"),
        Column::new("icc1_limits", ci.clone()),
        Column::new("icc2", "ICC(2)"),
        Column::new("icc2_limits", ci),
        Column::new("design_effect", "Design effect"),
        Column::new("icc_reml", "ICC (REML)"),
    ]);
    let mut table = Table::new("icc", columns);
    for line in lines {
        for (group, found) in &line.icc {
            let Ok(found) = found else { continue };
            let [icc1, icc1_limits] = estimate(&found.icc1);
            let [icc2, icc2_limits] = estimate(&found.icc2);
            let mut row = line.rows.of.cells();
            row.extend([
                Value::text(group),
                Value::count(found.groups as u64),
                Value::count(found.n as u64),
                Value::Number(found.mean_size, Kind::Score),
                icc1,
                icc1_limits,
                icc2,
                icc2_limits,
                Value::number(found.design_effect, Kind::Score),
                Value::number(found.reml.estimate, Kind::Bounded),
            ]);
            table.rows.push(row);
        }
    }
    table.notes.push("Of the scores. ICC(1): how alike two sessions of a group are, or the share of variance between groups. ICC(2): how reliable the group's mean is. Design effect: how many times too small the variance of a mean is when rows are taken for independent.".to_owned());
    table
}

/// Variances of three levels.
pub(super) fn workers(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("workers", "Workers"),
        Column::new("dyads", "Dyads"),
        Column::new("variance_worker", "Worker"),
        Column::new("variance_dyad", "Dyad"),
        Column::new("variance_session", "Session"),
        Column::new("share_worker", "Worker %"),
        Column::new("share_dyad", "Dyad %"),
        Column::new("share_session", "Session %"),
    ]);
    let mut table = Table::new("workers", columns);
    for line in lines {
        let Some(Ok(found)) = &line.workers else { continue };
        let parts = [found.worker, found.dyad, found.session];
        let all: f64 = parts.iter().sum();
        let mut row = line.rows.of.cells();
        row.extend([Value::count(found.workers as u64), Value::count(found.dyads as u64)]);
        row.extend(parts.map(|part| Value::Number(part, Kind::Fine)));
        row.extend(parts.map(|part| Value::Number(part / all, Kind::Percent)));
        table.rows.push(row);
    }
    table.notes.push("Of the scores, by restricted likelihood.".to_owned());
    table
}

/// One row for each coefficient: for data formats.
pub(super) fn reliability_rows(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("coefficient", "Coefficient"),
        Column::new("about", "About"),
        Column::new("design", "Design"),
        Column::new("estimate", "Estimate"),
        Column::new("lower", "Lower"),
        Column::new("upper", "Upper"),
        Column::new("reason", "Reason"),
    ]);
    let mut table = Table::new("reliability", columns);
    for own in rows(lines) {
        let mut row = own.line.rows.of.cells();
        row.extend([
            Value::text(own.id),
            Value::text(own.about),
            Value::text(own.design),
            Value::number(own.value.estimate, Kind::Bounded),
            Value::number(own.value.lower, Kind::Bounded),
            Value::number(own.value.upper, Kind::Bounded),
            own.value.reason.map_or(Value::Empty, |reason| Value::text(reason.id())),
        ]);
        table.rows.push(row);
    }
    table
}

/// One row for each component: for data formats.
pub(super) fn component_rows(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("design", "Design"),
        Column::new("estimator", "By"),
        Column::new("source", "Source"),
        Column::new("variance", "Variance"),
        Column::new("mean_square", "Mean square"),
        Column::new("negative", "Negative"),
    ]);
    let mut table = Table::new("components", columns);
    for line in lines {
        let Ok(found) = &line.generalizability else { continue };
        for (design, components) in [("crossed", &found.crossed), ("nested", &found.nested)] {
            for own in &components.components {
                let mut row = line.rows.of.cells();
                row.extend([
                    Value::text(design),
                    Value::text(components.estimator),
                    Value::text(own.source),
                    Value::Number(own.variance, Kind::Fine),
                    Value::number(own.mean_square, Kind::Fine),
                    Value::number(own.negative, Kind::Fine),
                ]);
                table.rows.push(row);
            }
        }
    }
    table
}

/// One row for each target: for data formats.
pub(super) fn d_study_rows(lines: &[NestedLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("coefficient", "Coefficient"),
        Column::new("facet", "Facet"),
        Column::new("target", "Target"),
        Column::new("needed", "Needed"),
        Column::new("reason", "Reason"),
    ]);
    let mut table = Table::new("d_study", columns);
    for own in needed(lines) {
        let mut row = own.line.rows.of.cells();
        row.extend([
            Value::text(own.coefficient),
            Value::text(own.facet),
            Value::Number(own.target, Kind::Bounded),
            own.needed.map_or(Value::Empty, Value::count),
            own.reason.map_or(Value::Empty, |reason| Value::text(reason.id())),
        ]);
        table.rows.push(row);
    }
    table
}
