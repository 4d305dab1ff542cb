//! Lists and numbers in the messages of findings.

use std::fmt::Display;

/// So many things are named in a message.
const NAMED: usize = 5;

/// `4`, `4 and 10`, `4, 7 and 10`.
pub(super) fn all(things: impl IntoIterator<Item = impl Display>) -> String {
    let things: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
    match things.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// `-.71`, `-.71 and -.66`, or `-.71 to -.55` for many.
pub(super) fn range(values: impl Iterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.collect();
    if values.len() <= 3 {
        return all(values.into_iter().map(bounded));
    }
    values.sort_by(f64::total_cmp);
    format!("{} to {}", bounded(values[0]), bounded(values[values.len() - 1]))
}

/// The first of `n` things: `a; b; c; and 12 more`.
pub(super) fn first(things: impl IntoIterator<Item = impl Display>, n: u64) -> String {
    let mut named: Vec<String> = things.into_iter().take(NAMED).map(|thing| thing.to_string()).collect();
    let more = n - (named.len() as u64).min(n);
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named.join("; ")
}

/// `line 5`, or `lines 5, 9, 12, and 40 more`.
pub(super) fn lines(lines: impl IntoIterator<Item = impl Display>, n: u64) -> String {
    let word = if n == 1 { "line" } else { "lines" };
    format!("{word} {}", first(lines, n).replace("; ", ", "))
}

/// `1 row`, `2 rows`.
pub(super) fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A quantity bounded by one, as APA writes it: two decimals, no zero before the point.
pub(super) fn bounded(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_prefix("-0").or_else(|| text.strip_prefix('0')) {
        Some(".00") => ".00".to_owned(),
        Some(rest) => format!("{}{rest}", if value < 0.0 { "-" } else { "" }),
        None => text,
    }
}

/// A share in percent, with one decimal.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// A number without more decimals than it needs, four at most.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_numbers_read_well() {
        assert_eq!(all([4, 10]), "4 and 10");
        assert_eq!(all([4, 7, 10]), "4, 7 and 10");
        assert_eq!(lines([5], 1), "line 5");
        assert_eq!(lines([5, 9, 12, 13, 14, 15], 40), "lines 5, 9, 12, 13, 14, and 35 more");
        assert_eq!(
            [bounded(0.914), bounded(-0.7), bounded(-0.001), bounded(1.0)],
            [".91", "-.70", ".00", "1.00"]
        );
        assert_eq!([number(5.25), number(62.0), number(1.0 / 3.0)], ["5.25", "62", "0.3333"]);
    }
}
