//! One number out of stored results, as prose writes it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::format::{Kind, number};
use super::model::SCHEMA;
use super::validation::block_ids;
use crate::error::Error;
use crate::finding::near;

/// A number in stored results.
struct Leaf {
    /// Command, form, group, scale, statistic; and what of it, if it is not the estimate itself.
    path: Vec<String>,
    /// The number; none where there is a reason instead.
    value: Option<f64>,
    /// Its limits and their level.
    limits: Option<([f64; 2], f64)>,
    /// Why there is no number.
    reason: Option<String>,
}

/// What tells the entries of a list apart, in the order of a path.
const LABELS: [&str; 15] = [
    "form", "role", "roles", "group", "scale", "with", "occasion", "dyad", "file", "model", "term", "code",
    "item", "exceeds", "method",
];
/// What of an estimate may be asked for.
const PARTS: [&str; 4] = ["lower", "upper", "se", "n"];
/// So many paths are listed where one is ambiguous.
const LISTED: usize = 40;

/// The number at a path: `reliability.caregiver.task.alpha` gives `α = .91, 95 % CI [.89, .93]`. Parts that only one number
/// needs may be left out.
///
/// # Errors
/// A usage error where the text holds no results, where no number has the path, where several have it (all are listed), and
/// where there is a reason instead of a number.
///
/// ```
/// use alliance_metrics::report::value;
/// let results = serde_json::json!({
///     "schema": "alliance/1", "command": "reliability",
///     "results": { "scales": [{
///         "scale": "task", "form": "caregiver", "role": null, "group": null, "n": 96,
///         "alpha": { "estimate": 0.911, "lower": 0.887, "upper": 0.931, "level": 0.95 },
///     }] },
/// });
/// assert_eq!(value(&results, "task.alpha").unwrap(), "α = .91, 95 % CI [.89, .93]");
/// assert_eq!(value(&results, "reliability.caregiver.task.alpha.lower").unwrap(), ".89");
/// assert_eq!(value(&results, "alpha.n").unwrap(), "96");
/// ```
pub fn value(envelope: &Json, path: &str) -> Result<String, Error> {
    let leaves = leaves(envelope)?;
    let wanted: Vec<&str> = path.trim().split('.').collect();
    let whole = |leaf: &Leaf| leaf.path.join(".") == path.trim();
    let mut found: Vec<&Leaf> = leaves.iter().filter(|leaf| whole(leaf)).collect();
    if found.is_empty() {
        found = leaves.iter().filter(|leaf| fits(&leaf.path, &wanted)).collect();
    }
    // `alpha.lower` is the limit of alpha, not one of the further limits that stand beside it.
    let end = &wanted[wanted.len().saturating_sub(2)..];
    let closed = |leaf: &&&Leaf| leaf.path.iter().rev().zip(end.iter().rev()).all(|(own, part)| own == part);
    if found.iter().any(|leaf| closed(&leaf)) {
        found.retain(|leaf| closed(&leaf));
    }
    let found = without_copies(found);
    let list = |leaves: &[&Leaf]| {
        let mut paths: Vec<String> = leaves.iter().take(LISTED).map(|leaf| leaf.path.join(".")).collect();
        if leaves.len() > LISTED {
            paths.push(format!("… and {} more", leaves.len() - LISTED));
        }
        paths.join("\n")
    };
    match found[..] {
        [leaf] => shown(leaf),
        [] => Err(unknown(&leaves, path, &wanted)),
        _ => {
            let message = format!("`{path}` may be {} numbers", found.len());
            Err(Error::usage_help(message, format!("say which:\n{}", list(&found))))
        }
    }
}

/// The same numbers without those that another block of a report repeats; that of reliability stays, or the first.
fn without_copies(mut found: Vec<&Leaf>) -> Vec<&Leaf> {
    let blocks = block_ids();
    let home = |leaf: &&Leaf| leaf.path.iter().any(|part| part == "reliability");
    found.sort_by_key(|leaf| !home(leaf));
    let mut kept: Vec<&Leaf> = Vec::new();
    for leaf in found {
        if !kept.iter().any(|known| is_copy(known, leaf, &blocks)) {
            kept.push(leaf);
        }
    }
    kept
}

/// Whether two paths differ in their block alone, and the numbers are the same to the last bit.
fn is_copy(a: &Leaf, b: &Leaf, blocks: &[&str]) -> bool {
    let bits = |leaf: &Leaf| leaf.value.map(f64::to_bits);
    let mut other = a.path.iter().zip(&b.path).filter(|(a, b)| a != b);
    let block = |part: &String| blocks.contains(&part.as_str());
    let only_block = other.next().is_some_and(|(a, b)| block(a) && block(b)) && other.next().is_none();
    a.value.is_some() && bits(a) == bits(b) && a.path.len() == b.path.len() && only_block
}

fn unknown(leaves: &[Leaf], path: &str, wanted: &[&str]) -> Error {
    let last = wanted.last().copied().unwrap_or_default();
    let with = leaves.iter().filter(|leaf| leaf.path.iter().any(|own| own == last));
    let near: Vec<String> = with.take(LISTED).map(|leaf| leaf.path.join(".")).collect();
    let alike = statistics_near(leaves, wanted);
    let mut commands: Vec<&str> =
        leaves.iter().filter_map(|leaf| leaf.path.first()).map(String::as_str).collect();
    commands.dedup();
    let help = match near.is_empty() {
        true if !alike.is_empty() => format!("statistics there are: {}", alike.join(", ")),
        false => format!("numbers with `{last}` are:\n{}", near.join("\n")),
        true => format!(
            "a path is command.form.scale.statistic, such as reliability.caregiver.task.alpha; here are: {}",
            commands.join(", ")
        ),
    };
    Error::usage_help(format!("there is no number `{path}`"), help)
}

/// The last words of paths under the same place that are like the last word wanted, or begin with it.
fn statistics_near<'a>(leaves: &'a [Leaf], wanted: &[&str]) -> Vec<&'a str> {
    let Some((last, place)) = wanted.split_last() else { return Vec::new() };
    let under = |leaf: &&Leaf| {
        let mut rest = leaf.path.iter();
        place.iter().all(|part| rest.any(|own| own == part))
    };
    let names = leaves.iter().filter(under).filter_map(|leaf| leaf.path.last()).map(String::as_str);
    let names: BTreeSet<&str> = names.collect();
    let mut alike = near(last, names.iter().copied());
    let begins = names.iter().filter(|name| !last.is_empty() && name.starts_with(last));
    let more: Vec<&str> = begins.copied().filter(|name| !alike.contains(name)).collect();
    alike.extend(more);
    alike
}

/// Whether the wanted parts stand in the path in their order, the last of both being the same.
fn fits(path: &[String], wanted: &[&str]) -> bool {
    let mut rest = path.iter();
    let in_order = wanted.iter().all(|part| rest.any(|own| own == part));
    in_order && path.last().map(String::as_str) == wanted.last().copied()
}

fn leaves(envelope: &Json) -> Result<Vec<Leaf>, Error> {
    let (Some(SCHEMA), Some(command), Some(results)) =
        (envelope["schema"].as_str(), envelope["command"].as_str(), envelope["results"].as_object())
    else {
        let help = "results are written by any command with --format json or -o results.json";
        return Err(Error::usage_help(format!("the file holds no results ({SCHEMA})"), help));
    };
    if results.keys().all(|key| key == "pages") {
        let help = "numbers are looked up in the results of a report without --publish";
        return Err(Error::usage_help(
            "these results hold tables alone, as those of a published report do",
            help,
        ));
    }
    let mut leaves = Vec::new();
    for (key, child) in results.iter().filter(|(key, _)| *key != "pages") {
        match command {
            // Results of a report stand under the command that gives the same, or first under their instrument.
            "report" => walk(child, std::slice::from_ref(key), None, &mut leaves),
            _ => walk_named(key, child, &[command.to_owned()], None, &mut leaves),
        }
    }
    Ok(leaves)
}

/// The words that tell an entry of a list apart.
fn labels(node: &serde_json::Map<String, Json>) -> Vec<String> {
    let mut words = Vec::new();
    for label in LABELS {
        match node.get(label) {
            Some(Json::String(word)) => words.push(word.clone()),
            Some(Json::Object(group)) => {
                words.extend(group.values().filter_map(Json::as_str).map(str::to_owned))
            }
            Some(Json::Array(list)) => words.extend(list.iter().filter_map(Json::as_str).map(str::to_owned)),
            _ => {}
        }
    }
    words
}

fn walk(node: &Json, path: &[String], n: Option<f64>, leaves: &mut Vec<Leaf>) {
    match node {
        Json::Object(object) => {
            let n = object.get("n").and_then(Json::as_f64).or(n);
            if object.contains_key("estimate") {
                return estimate(object, path, n, leaves);
            }
            let own = [path, &labels(object)].concat();
            for (key, child) in object.iter().filter(|(key, _)| !LABELS.contains(&key.as_str())) {
                walk_named(key, child, &own, n, leaves);
            }
        }
        Json::Array(list) => {
            for (at, child) in list.iter().enumerate() {
                let labelled = child.as_object().is_some_and(|child| !labels(child).is_empty());
                let number = if labelled { None } else { Some((at + 1).to_string()) };
                walk(child, &[path, &number.into_iter().collect::<Vec<_>>()].concat(), n, leaves);
            }
        }
        Json::Number(value) => {
            leaves.push(Leaf { path: path.to_vec(), value: value.as_f64(), limits: None, reason: None });
        }
        _ => {}
    }
}

/// A child under its name; the name of a list whose entries have names of their own says nothing.
fn walk_named(key: &str, child: &Json, path: &[String], n: Option<f64>, leaves: &mut Vec<Leaf>) {
    let named = |entry: &Json| entry.as_object().is_some_and(|entry| !labels(entry).is_empty());
    let silent = child.as_array().is_some_and(|list| list.iter().all(named) && !list.is_empty());
    let own = if silent { path.to_vec() } else { [path, &[key.to_owned()]].concat() };
    walk(child, &own, n, leaves);
}

fn estimate(object: &serde_json::Map<String, Json>, path: &[String], n: Option<f64>, leaves: &mut Vec<Leaf>) {
    let of = |key: &str| object.get(key).and_then(Json::as_f64);
    let limits =
        of("lower").zip(of("upper")).map(|(lower, upper)| ([lower, upper], of("level").unwrap_or(0.95)));
    let reason = object.get("reason").and_then(Json::as_str).map(str::to_owned);
    leaves.push(Leaf { path: path.to_vec(), value: of("estimate"), limits, reason });
    for part in PARTS {
        let value = if part == "n" { of("n").or(n) } else { of(part) };
        if value.is_some() {
            let path = [path, &[part.to_owned()]].concat();
            leaves.push(Leaf { path, value, limits: None, reason: None });
        }
    }
    if let Some(intervals) = object.get("intervals") {
        walk(intervals, path, n, leaves);
    }
}

/// How statistics are written in prose: id, symbol, kind of number.
const SYMBOLS: [(&str, &str, Kind); 36] = [
    ("alpha", "α", Kind::Bounded),
    ("alpha_standardized", "standardized α", Kind::Bounded),
    ("alpha_if_deleted", "α without the item", Kind::Bounded),
    ("omega_total", "ω", Kind::Bounded),
    ("omega_total_implied", "ω", Kind::Bounded),
    ("omega_hierarchical", "ω_h", Kind::Bounded),
    ("omega_if_deleted", "ω without the item", Kind::Bounded),
    ("explained_common_variance", "ECV", Kind::Bounded),
    ("h", "H", Kind::Bounded),
    ("ave", "AVE", Kind::Bounded),
    ("composite_reliability", "CR", Kind::Bounded),
    ("lambda1", "λ1", Kind::Bounded),
    ("lambda2", "λ2", Kind::Bounded),
    ("lambda3", "λ3", Kind::Bounded),
    ("lambda4", "λ4", Kind::Bounded),
    ("lambda5", "λ5", Kind::Bounded),
    ("lambda6", "λ6", Kind::Bounded),
    ("glb", "glb", Kind::Bounded),
    ("mean_r", "mean r", Kind::Bounded),
    ("item_rest", "r", Kind::Bounded),
    ("r", "r", Kind::Bounded),
    ("disattenuated", "r", Kind::Bounded),
    ("icc_agreement", "ICC(A,1)", Kind::Bounded),
    ("icc_consistency", "ICC(C,1)", Kind::Bounded),
    ("kappa", "κ", Kind::Bounded),
    ("kmo", "KMO", Kind::Bounded),
    ("mean", "M", Kind::Score),
    ("sd", "SD", Kind::Score),
    ("median", "Mdn", Kind::Score),
    ("bartlett", "χ²", Kind::Score),
    ("chi_square", "χ²", Kind::Score),
    ("n", "n", Kind::Count),
    ("k", "k", Kind::Count),
    ("df", "df", Kind::Exact),
    ("p", "p", Kind::P),
    ("rmsea", "RMSEA", Kind::Fine),
];

fn shown(leaf: &Leaf) -> Result<String, Error> {
    let name = leaf.path.last().map(String::as_str).unwrap_or_default();
    let part = PARTS.contains(&name) && leaf.path.len() > 1;
    let of = if part { leaf.path[leaf.path.len() - 2].as_str() } else { name };
    let known = |id: &str| SYMBOLS.iter().find(|(known, ..)| *known == id);
    let Some(value) = leaf.value else {
        let path = leaf.path.join(".");
        let reason = leaf.reason.as_deref().unwrap_or("not_applicable").replace('_', " ");
        return Err(Error::usage(format!("`{path}` has no number: {reason}")));
    };
    let whole = value.fract() == 0.0 && leaf.limits.is_none();
    let plain = if whole { Kind::Exact } else { Kind::Score };
    if part && name != "n" {
        return Ok(number(value, known(of).map_or(plain, |(.., kind)| *kind)));
    }
    if name == "n" && known(of).is_some_and(|(id, ..)| *id != "n") {
        return Ok(number(value, Kind::Count));
    }
    let spoken = name.replace('_', " ");
    let (symbol, kind) = known(name).map_or((spoken.as_str(), plain), |(_, symbol, kind)| (*symbol, *kind));
    let text = number(value, kind);
    let equals =
        if text.starts_with('<') { format!("{symbol} {text}") } else { format!("{symbol} = {text}") };
    Ok(match leaf.limits {
        None => equals,
        Some(([lower, upper], level)) => {
            let (lower, upper) = (number(lower, kind), number(upper, kind));
            format!("{equals}, {} % CI [{lower}, {upper}]", 100.0 * level)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Json {
        let scale = |form: &str, alpha: f64| serde_json::json!({ "scale": "task", "form": form, "alpha": { "estimate": alpha }, "omega_total": 0.9 });
        let scales = serde_json::json!({ "scales": [scale("caregiver", 0.91), scale("worker", 0.91)] });
        let results = serde_json::json!({ "items": scales, "reliability": scales });
        serde_json::json!({ "schema": SCHEMA, "command": "report", "results": results })
    }

    fn refused(path: &str) -> (String, String) {
        let Err(Error::Usage { message, help: Some(help) }) = value(&report(), path) else {
            panic!("{path}")
        };
        (message, help)
    }

    #[test]
    fn what_blocks_repeat_is_one_number_and_what_forms_have_is_not() {
        assert_eq!(value(&report(), "caregiver.task.alpha").unwrap(), "α = .91");
        let (message, help) = refused("task.alpha");
        assert_eq!(message, "`task.alpha` may be 2 numbers");
        assert_eq!(help, "say which:\nreliability.caregiver.task.alpha\nreliability.worker.task.alpha");
    }

    #[test]
    fn a_wrong_statistic_is_told_those_that_are_like_it() {
        assert_eq!(refused("caregiver.task.alpah").1, "statistics there are: alpha");
        assert_eq!(refused("caregiver.task.omega").1, "statistics there are: omega_total");
    }

    #[test]
    fn results_of_a_published_report_are_tables() {
        let results =
            serde_json::json!({ "schema": SCHEMA, "command": "report", "results": { "pages": [] } });
        assert!(value(&results, "alpha").unwrap_err().to_string().contains("hold tables alone"));
    }
}
