//! What an outcome owes to the scores of both: tables and sentences.

use super::found::{OutcomeFound, PairLine};
use crate::dyad::{ActorPartner, Effect, Surface, Wald};
use crate::report::format::{Kind, number};
use crate::report::model::{Column, Table, Value};
use crate::report::reliability_tables::limits;

fn columns(level: f64, effect: &str) -> Vec<Column> {
    vec![
        Column::hidden("roles"),
        Column::new("scale", "Scale"),
        Column::new("outcome_of", "Outcome of"),
        Column::new("effect", effect),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", format!("{} % CI", 100.0 * level)),
        Column::new("t", "t or F"),
        Column::new("df", "df"),
        Column::new("p", "p"),
    ]
}

fn begin(line: &PairLine<'_>, of: &str, effect: String) -> Vec<Value> {
    vec![Value::text(line.pair.direction()), Value::text(&line.id), Value::text(of), Value::Text(effect)]
}

fn effect_row(line: &PairLine<'_>, of: &str, name: String, effect: &Effect) -> Vec<Value> {
    let mut row = begin(line, of, name);
    row.extend([
        Value::number(effect.value.estimate, Kind::Score),
        limits(effect.value.lower, effect.value.upper, Kind::Score),
        Value::number(effect.t, Kind::Score),
        Value::Number(effect.df, Kind::Count),
        Value::number(effect.p, Kind::P),
    ]);
    row
}

/// The actor–partner model of every scale that has one.
pub fn actor_partner(lines: &[(&PairLine<'_>, &OutcomeFound)], level: f64) -> Table {
    let mut table = Table::new("actor_partner", columns(level, "Effect of"));
    for (line, found) in lines {
        let Ok(model) = &found.actor_partner else { continue };
        let roles = &line.pair.roles;
        for (own, side) in model.sides.iter().enumerate() {
            let (of, other) = (&roles[own], &roles[1 - own]);
            table.rows.push(effect_row(line, of, format!("own score ({of}): actor"), &side.actor));
            table.rows.push(effect_row(line, of, format!("the other's ({other}): partner"), &side.partner));
            let mut row = begin(line, of, "k = partner / actor".to_owned());
            row.extend([
                Value::number(side.k.estimate, Kind::Score),
                limits(side.k.lower, side.k.upper, Kind::Score),
                Value::Empty,
                Value::Empty,
                Value::Empty,
            ]);
            table.rows.push(row);
        }
        let wald = |name: &str, test: &Wald| {
            let mut row = begin(line, "both", name.to_owned());
            row.extend([
                Value::number(test.difference, Kind::Score),
                Value::Empty,
                Value::number(test.f, Kind::Score),
                Value::text(format!("{}, {}", test.df1, test.df2)),
                Value::number(test.p, Kind::P),
            ]);
            row
        };
        table.rows.push(wald("equal actor effects?", &model.equal_actors));
        table.rows.push(wald("equal partner effects?", &model.equal_partners));
        table.rows.push(wald("both equal?", &model.equal_both));
    }
    if let Some(model) = lines.iter().find_map(|(_, found)| found.actor_partner.as_ref().ok()) {
        table.notes.push(notes(model));
    }
    table
}

fn notes(model: &ActorPartner) -> String {
    let drawn = match model.config.draws {
        0 => "no interval was drawn for k".to_owned(),
        draws => format!("limits of k from {draws} bootstrap draws of dyads, seed {}", model.config.seed),
    };
    let r = model
        .residual_correlation
        .map_or(String::new(), |r| format!(" Residuals of the two correlate {}.", number(r, Kind::Bounded)));
    format!(
        "Two regressions with correlated residuals. Actor: a member's outcome by the own score, at the same score of the other. k: 1 both scores count alike, 0 only the own, −1 a contrast; {drawn}. Equality: Wald tests, F.{r}"
    )
}

/// The response surfaces of every scale that has one.
pub fn surfaces(lines: &[(&PairLine<'_>, &OutcomeFound)], level: f64) -> Table {
    let mut table = Table::new("response_surface", columns(level, "Along the surface"));
    const NAMES: [&str; 5] = [
        "a1: slope where both agree",
        "a2: curve where both agree",
        "a3: slope where they differ",
        "a4: curve where they differ",
        "a5: difference of the curves",
    ];
    for (line, found) in lines {
        for (side, surface) in found.surfaces.iter().enumerate() {
            let Ok(surface) = surface else { continue };
            for (name, effect) in NAMES.iter().zip(&surface.features) {
                table.rows.push(effect_row(line, &line.pair.roles[side], (*name).to_owned(), effect));
            }
        }
    }
    table.notes.push("Outcome over both scores and their squares and product, centred on one point. a1 > 0: the outcome rises where both scores rise together. a4 < 0 with a3 near 0: it falls the further the two are apart, whoever is higher; then congruence itself counts. a3 > 0: it is better where the first lies above the second.".to_owned());
    table
}

/// How many dyads disagree, each way: a surface needs some.
pub fn discrepant(line: &PairLine<'_>, surface: &Surface) -> String {
    format!(
        "{}: of {} dyads {} differ by over half a standard deviation with {} higher, {} with {} higher; a response surface needs such dyads.",
        line.id,
        surface.n,
        surface.first_higher,
        line.pair.roles[0],
        surface.second_higher,
        line.pair.roles[1]
    )
}
