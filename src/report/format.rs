//! How numbers look on a page, one rule for each kind (APA style). Data formats never round.

/// What kind of number it is, and so how many decimals it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A count.
    Count,
    /// A score, a mean, a standard deviation: two decimals.
    Score,
    /// A share of one, shown in percent with one decimal.
    Percent,
    /// A quantity that cannot pass one, such as a correlation or a reliability: two decimals, no leading zero.
    Bounded,
    /// The same with three decimals, for small differences.
    Fine,
    /// A probability: three decimals, no leading zero, `< .001`.
    P,
    /// As it is: the shortest text that reads back to the same number.
    Exact,
}

/// A number as it is shown.
///
/// ```
/// use alliance_metrics::report::format::{Kind, number};
/// assert_eq!(number(2.395833, Kind::Score), "2.40");
/// assert_eq!(number(0.025, Kind::Percent), "2.5");
/// assert_eq!(number(-0.001, Kind::Score), "0.00");
/// assert_eq!(number(-0.914, Kind::Bounded), "-.91");
/// assert_eq!(number(0.0004, Kind::P), "< .001");
/// ```
pub fn number(value: f64, kind: Kind) -> String {
    match kind {
        Kind::Count => format!("{value:.0}"),
        Kind::Score => fixed(value, 2),
        Kind::Percent => fixed(100.0 * value, 1),
        Kind::Bounded => without_zero(&fixed(value, 2)),
        Kind::Fine => without_zero(&fixed(value, 3)),
        Kind::P if value < 0.001 => "< .001".to_owned(),
        Kind::P => without_zero(&fixed(value, 3)),
        Kind::Exact => format!("{value}"),
    }
}

/// What stands before decimals in print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimal {
    /// As in English.
    #[default]
    Point,
    /// As in Spanish: with a zero before it.
    Comma,
}

/// A number as it is printed: with a minus sign, and the language's own decimals.
///
/// ```
/// use alliance_metrics::report::format::{Decimal, Kind, printed};
/// assert_eq!(printed(-0.914, Kind::Bounded, Decimal::Point), "−.91");
/// assert_eq!(printed(-0.914, Kind::Bounded, Decimal::Comma), "−0,91");
/// assert_eq!(printed(2.395833, Kind::Score, Decimal::Comma), "2,40");
/// ```
pub fn printed(value: f64, kind: Kind, decimal: Decimal) -> String {
    decimal.mark(&number(value, kind).replace('-', "−"))
}

impl Decimal {
    /// A number that has a point, with this instead.
    pub fn mark(self, text: &str) -> String {
        match (self, text.split_once('.')) {
            (Decimal::Comma, Some((whole, rest))) if whole.ends_with(|c: char| c.is_ascii_digit()) => {
                format!("{whole},{rest}")
            }
            (Decimal::Comma, Some((whole, rest))) => format!("{whole}0,{rest}"),
            _ => text.to_owned(),
        }
    }
}

/// `.91` for `0.91`.
fn without_zero(text: &str) -> String {
    match (text.strip_prefix("0."), text.strip_prefix("-0.")) {
        (Some(rest), _) => format!(".{rest}"),
        (_, Some(rest)) => format!("-.{rest}"),
        _ => text.to_owned(),
    }
}

/// A fixed number of decimals, without a negative zero.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// A count with thin groups of thousands where it is long: 1 000 000.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A word in its right number: `1 row`, `2 rows`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}
