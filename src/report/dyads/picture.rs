//! Points in plain characters: Bland and Altman's picture, and differences over the sessions.

use std::collections::BTreeMap;

/// How wide and high the field of points is.
const WIDTH: usize = 64;
const HEIGHT: usize = 17;

/// A level line with its name.
pub struct Level {
    /// Where it lies.
    pub at: f64,
    /// What it is drawn with.
    pub mark: char,
    /// What it is called, at its right end.
    pub name: String,
}

/// Points over a plane: a digit is how many lie on one another, # more than nine. Level lines run behind them.
pub fn points(points: &[(f64, f64)], levels: &[Level], x_name: &str, y_name: &str) -> Vec<String> {
    let (Some(x), Some(y)) = (
        span(points.iter().map(|point| point.0)),
        span(points.iter().map(|point| point.1).chain(levels.iter().map(|level| level.at))),
    ) else {
        return Vec::new();
    };
    let place = |value: f64, [low, high]: [f64; 2], cells: usize| {
        (((value - low) / (high - low) * (cells - 1) as f64).round().max(0.0) as usize).min(cells - 1)
    };
    let row = |value: f64| HEIGHT - 1 - place(value, y, HEIGHT);
    let mut cells = vec![vec![' '; WIDTH]; HEIGHT];
    let mut names = vec![String::new(); HEIGHT];
    for level in levels {
        cells[row(level.at)].iter_mut().for_each(|cell| *cell = level.mark);
        let name = &mut names[row(level.at)];
        if !name.is_empty() {
            name.push_str(", ");
        }
        name.push_str(&level.name);
    }
    let mut counts: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    points.iter().for_each(|(a, b)| *counts.entry((row(*b), place(*a, x, WIDTH))).or_default() += 1);
    for ((down, right), n) in counts {
        cells[down][right] = char::from_digit(n, 10).unwrap_or('#');
    }
    let mut out = vec![y_name.to_owned()];
    for (down, line) in cells.iter().enumerate() {
        let at = y[1] - (y[1] - y[0]) * down as f64 / (HEIGHT - 1) as f64;
        let label = if down % 4 == 0 { format!("{at:>7.2}") } else { " ".repeat(7) };
        let text = format!("{label} │{} {}", line.iter().collect::<String>(), names[down]);
        out.push(text.trim_end().chars().take(100).collect());
    }
    out.push(format!("        └{}", "─".repeat(WIDTH)));
    let (from, to) = (format!("{:.2}", x[0]), format!("{:.2}", x[1]));
    let room = WIDTH.saturating_sub(from.len() + to.len());
    out.push(format!("         {from}{x_name:^room$}{to}"));
    out
}

/// Lowest and highest, apart even where they are the same.
fn span(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let [low, high] = values
        .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)]);
    let finite = low.is_finite() && high.is_finite();
    finite.then_some(if high > low { [low, high] } else { [low - 0.5, high + 0.5] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_where_they_belong_and_no_line_is_too_long() {
        let of = |n: usize| (0..n).map(|_| (1.0, -1.0)).collect::<Vec<_>>();
        let mut all = of(12);
        all.extend([(2.0, 1.0), (2.0, 1.0)]);
        let level = Level { at: 0.0, mark: '-', name: "bias 0.00".to_owned() };
        let picture = points(&all, &[level], "mean", "difference");
        assert!(picture.iter().all(|line| line.chars().count() <= 100));
        assert!(picture[1].starts_with("   1.00 │") && picture[1].ends_with('2'));
        assert!(picture[9].ends_with("- bias 0.00"));
        assert!(picture[17].starts_with("  -1.00 │#"));
        assert!(points(&[], &[], "x", "y").is_empty());
        assert_eq!(points(&[(3.0, 3.0)], &[], "x", "y").len(), HEIGHT + 3);
    }
}
