//! Units as patterns of codes: which ratings a unit received, whoever gave them.

use super::ratings::{CategoryList, Ratings};
use crate::numeric::random::Stream;

/// The units with two ratings or more. Units with the same ratings are one pattern, so that a draw is a count of
/// patterns and costs no more than there are patterns.
pub(super) struct Units {
    /// The distinct ratings, sorted.
    pub(super) values: Vec<f64>,
    /// The codes of each pattern, sorted: places among the values.
    pub(super) patterns: Vec<Vec<u32>>,
    /// The pattern of each unit.
    pub(super) of_unit: Vec<u32>,
    /// Units with one rating, left out.
    pub(super) single: usize,
    /// Ratings in the units used.
    pub(super) ratings: usize,
}

impl Units {
    pub(super) fn new(ratings: &Ratings) -> Units {
        let k = ratings.raters();
        let (mut cells, mut single, mut used) = (Vec::with_capacity(ratings.units() * k), 0, 0);
        for unit in 0..ratings.units() {
            let row = ratings.row(unit);
            let mut rated = 0;
            for rating in row {
                rated += usize::from(!rating.is_nan());
            }
            match rated {
                0 => {}
                1 => single += 1,
                n => {
                    used += n;
                    cells.extend_from_slice(row);
                }
            }
        }
        let (values, mut codes) = coded(&cells);
        let gap = values.len() as u32;
        sort_within(&mut codes, k);
        let order = sorted_rows(&codes, k.max(1), values.len() + 1);
        let row = |unit: u32| &codes[unit as usize * k..(unit as usize + 1) * k];
        let mut of_unit = vec![0; order.len()];
        let mut patterns: Vec<Vec<u32>> = Vec::new();
        let mut before: &[u32] = &[];
        for unit in order {
            if row(unit) != before {
                before = row(unit);
                patterns.push(before.iter().copied().filter(|code| *code < gap).collect());
            }
            of_unit[unit as usize] = patterns.len() as u32 - 1;
        }
        Units { values, patterns, of_unit, single, ratings: used }
    }

    /// Counts each pattern in the sample, or in a draw of as many units with replacement.
    pub(super) fn weigh(&self, draw: Option<&mut Stream>, weights: &mut [u32]) {
        weights.fill(0);
        match draw {
            None => self.of_unit.iter().for_each(|pattern| weights[*pattern as usize] += 1),
            Some(stream) => {
                let n = self.of_unit.len() as u64;
                for _ in 0..n {
                    weights[self.of_unit[stream.below(n) as usize] as usize] += 1;
                }
            }
        }
    }
}

/// Whole numbers spread over no more than this are coded by a table, without sorting.
const TABLE: f64 = 4096.0;

/// The distinct values, sorted, and for each cell its place among them; a gap stands after the last.
fn coded(cells: &[f64]) -> (Vec<f64>, Vec<u32>) {
    if let Some(found) = coded_by_table(cells) {
        return found;
    }
    let list = CategoryList::new(cells.iter().copied());
    let code = |x: &f64| list.position(*x).unwrap_or(list.len()) as u32;
    (list.values().to_vec(), cells.iter().map(code).collect())
}

/// The same for whole numbers that lie near each other, without sorting.
fn coded_by_table(cells: &[f64]) -> Option<(Vec<f64>, Vec<u32>)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for x in cells {
        low = if *x < low { *x } else { low };
        high = if *x > high { *x } else { high };
    }
    if !(0.0..TABLE).contains(&(high - low)) {
        return None;
    }
    let gap = (high - low) as u32 as usize + 1;
    let mut used = vec![false; gap + 1];
    let mut codes = vec![0_u32; cells.len()];
    let mut broken = 0;
    for (code, x) in codes.iter_mut().zip(cells) {
        let place = (*x - low) as i32;
        broken += u32::from(low + f64::from(place) != *x) & u32::from(!x.is_nan());
        *code = if x.is_nan() { gap as u32 } else { place as u32 };
        used[*code as usize] = true;
    }
    let mut values = Vec::with_capacity(gap);
    let mut code_of = vec![0; gap + 1];
    for place in (0..gap).filter(|place| used[*place]) {
        code_of[place] = values.len() as u32;
        values.push(low + place as f64);
    }
    code_of[gap] = values.len() as u32;
    codes.iter_mut().for_each(|code| *code = code_of[*code as usize]);
    (broken == 0).then_some((values, codes))
}

/// Sorts the codes within each unit.
fn sort_within(codes: &mut [u32], raters: usize) {
    match raters {
        0 | 1 => {}
        2 => sort_few::<2>(codes),
        3 => sort_few::<3>(codes),
        4 => sort_few::<4>(codes),
        5 => sort_few::<5>(codes),
        6 => sort_few::<6>(codes),
        _ => codes.chunks_exact_mut(raters).for_each(<[u32]>::sort_unstable),
    }
}

/// The same for few raters, without a branch that chance could not foresee.
fn sort_few<const K: usize>(codes: &mut [u32]) {
    for row in codes.as_chunks_mut::<K>().0 {
        for i in 1..K {
            for j in (0..i).rev() {
                let (a, b) = (row[j], row[j + 1]);
                (row[j], row[j + 1]) = (a.min(b), a.max(b));
            }
        }
    }
}

/// The rows of a table of codes below `codes`, sorted by the first column, then the second, and so on: counting sorts
/// from the last columns to the first, several at a time.
fn sorted_rows(table: &[u32], columns: usize, codes: usize) -> Vec<u32> {
    let n = table.len() / columns;
    let mut together = 1;
    while together < columns && codes.pow(together as u32 + 1) <= n.max(256) {
        together += 1;
    }
    let mut order: Vec<u32> = (0..n as u32).collect();
    let mut next = vec![0; n];
    let mut starts = vec![0_u32; codes.pow(together as u32) + 1];
    let mut last = columns;
    while last > 0 {
        let first = last.saturating_sub(together);
        let digit = |row: &[u32]| row[first..last].iter().fold(0, |at, code| at * codes + *code as usize);
        let digits: Vec<u32> = table.chunks_exact(columns).map(|row| digit(row) as u32).collect();
        starts.fill(0);
        digits.iter().for_each(|digit| starts[*digit as usize + 1] += 1);
        let mut sum = 0;
        starts.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        for unit in &order {
            let place = &mut starts[digits[*unit as usize] as usize];
            next[*place as usize] = *unit;
            *place += 1;
        }
        std::mem::swap(&mut order, &mut next);
        last = first;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[Vec<Option<f64>>]) -> Units {
        Units::new(&Ratings::from_rows(rows))
    }

    #[test]
    fn whole_numbers_and_others_are_coded_alike() {
        let whole = [3.0, -1.0, f64::NAN, -0.0, 3.0, 0.0];
        let scaled = whole.map(|x| 0.3 * x);
        let far = whole.map(|x| 1e4 * x);
        let codes = vec![2, 0, 3, 1, 2, 1];
        assert_eq!(coded(&whole), (vec![-1.0, 0.0, 3.0], codes.clone()));
        assert_eq!(coded(&scaled).1, codes);
        assert_eq!(coded(&far), (vec![-1e4, 0.0, 3e4], codes));
        assert_eq!(coded(&[f64::NAN]).1, [0]);
    }

    #[test]
    fn rows_are_sorted_whatever_fits_into_one_pass() {
        let mut chance = Stream::new(3, 0);
        for (columns, codes) in [(1, 2), (3, 5), (5, 8), (4, 700), (9, 3)] {
            let table: Vec<u32> = (0..300 * columns).map(|_| chance.below(codes) as u32).collect();
            let row = |at: u32| &table[at as usize * columns..(at as usize + 1) * columns];
            let order = sorted_rows(&table, columns, codes as usize);
            assert!(order.windows(2).all(|pair| (row(pair[0]), pair[0]) < (row(pair[1]), pair[1])));
            assert_eq!(order.len(), 300);
        }
    }

    #[test]
    fn units_are_sorted_within_and_counted() {
        for raters in 2..=8 {
            let row = |from: usize| (0..raters).map(|at| Some(((from + 7 * at) % 5) as f64)).collect();
            let units = of(&[row(0), row(3), row(0), vec![Some(1.0)], vec![]]);
            assert_eq!((units.single, units.ratings, units.of_unit.len()), (1, 3 * raters, 3));
            assert!(units.patterns.iter().all(|codes| codes.is_sorted()));
            assert_eq!(units.of_unit[0], units.of_unit[2]);
            let mut weights = vec![9; units.patterns.len()];
            units.weigh(None, &mut weights);
            assert_eq!(weights.iter().sum::<u32>(), 3);
        }
        assert!(of(&[]).of_unit.is_empty());
        assert!(of(&[vec![Some(2.0)]]).of_unit.is_empty());
    }
}
