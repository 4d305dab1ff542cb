//! Arrangements of codes under which nothing connects them with scores: exchanged between dyads, or shifted within them.

use serde::Serialize;

use super::events::{EventDyad, EventsConfig, Overlap, rotated};
use super::threshold::ROUNDING;
use crate::numeric::random::Stream;

/// A test of a code by arrangements.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArrangementTest {
    /// How codes were arranged.
    pub test: Arrangement,
    /// What that assumes, in words.
    pub assumes: &'static str,
    /// Dyads whose codes were arranged.
    pub dyads: usize,
    /// Arrangements, the observed one included.
    pub arrangements: usize,
    /// Whether these are all there are.
    pub coverage: Coverage,
    /// Two-sided p; none where the code is informative in no dyad.
    pub p: Option<f64>,
    /// The same, corrected over all codes of the run.
    pub p_corrected: Option<f64>,
    /// The smallest p it could have reached: the share of arrangements that give the observed statistic.
    pub smallest_p: Option<f64>,
}

/// How codes are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrangement {
    /// Whole code series are exchanged between dyads.
    Exchange,
    /// Each dyad's code series is shifted circularly.
    CircularShift,
}

/// Which arrangements were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of them.
    All,
    /// Some, drawn with the seed, and the observed one.
    Drawn,
}

/// The tests of all codes over shared arrangements.
pub(super) struct Arranged {
    pub(super) tests: Vec<ArrangementTest>,
}

const ASSUMES_EXCHANGEABLE: &str =
    "dyads are exchangeable: none is bound to have both deeper falls and more codes at that time";
const ASSUMES_NO_COMMON_COURSE: &str = "no common course beyond a straight line";

/// All exchanges up to this many dyads.
const ALL_EXCHANGES: usize = 8;
/// All combinations of shifts below this many.
const ALL_SHIFTS: usize = 50_000;
/// Pairs of a dyad and a lent series that are worked out at most; beyond, fewer arrangements are drawn.
const MOST_PAIRS: usize = 5_000_000;
/// Streams of exchanges and of shifts.
const EXCHANGE_STREAM: u64 = 1 << 41;
const SHIFT_STREAM: u64 = 1 << 42;

/// Exchanges whole code series between dyads, aligned by session number.
pub(super) fn exchange(dyads: &[EventDyad<'_>], codes: usize, config: &EventsConfig) -> Arranged {
    let d = dyads.len();
    let pair = |i: usize, j: usize| -> Vec<Option<f64>> {
        let lent = Overlap::new(dyads[i].scores, dyads[j].coded, config.lag);
        (0..codes).map(|code| lent.difference(lent.marks(code).into_iter())).collect()
    };
    let all = d <= ALL_EXCHANGES;
    let draws = config.arrangements.min(MOST_PAIRS / d).max(1);
    let mut tally = Tally::new(codes);
    if all || d * d <= MOST_PAIRS / 5 {
        let table: Vec<Vec<Option<f64>>> = (0..d * d).map(|at| pair(at / d, at % d)).collect();
        let mut add =
            |order: &[usize]| tally.add(order.iter().enumerate().map(|(i, j)| &table[i * d + j][..]));
        if all {
            permutations(d, &mut add);
        } else {
            drawn_orders(d, draws, config.seed, &mut add);
        }
    } else {
        drawn_orders(d, draws, config.seed, &mut |order: &[usize]| {
            let row: Vec<Vec<Option<f64>>> = order.iter().enumerate().map(|(i, j)| pair(i, *j)).collect();
            tally.add(row.iter().map(Vec::as_slice));
        });
    }
    let coverage = if all { Coverage::All } else { Coverage::Drawn };
    Arranged { tests: tally.tests(Arrangement::Exchange, ASSUMES_EXCHANGEABLE, d, coverage) }
}

/// Shifts the code series of each dyad circularly; all codes of a dyad together.
pub(super) fn shift(own: &[Overlap<'_>], codes: usize, config: &EventsConfig) -> Arranged {
    // For each dyad and each shift the differences of all codes.
    let table: Vec<Vec<Vec<Option<f64>>>> = own
        .iter()
        .filter_map(|overlap| {
            let n = overlap.residuals.as_ref()?.len();
            let marks: Vec<Vec<Option<bool>>> = (0..codes).map(|code| overlap.marks(code)).collect();
            let by = |by: usize| marks.iter().map(|marks| overlap.difference(rotated(marks, by))).collect();
            Some((0..n).map(by).collect())
        })
        .collect();
    let combinations = table.iter().try_fold(1usize, |product, shifts| product.checked_mul(shifts.len()));
    let all = combinations.is_some_and(|combinations| combinations < ALL_SHIFTS);
    let mut tally = Tally::new(codes);
    let mut at = vec![0; table.len()];
    let mut add = |at: &[usize]| tally.add(at.iter().zip(&table).map(|(by, shifts)| &shifts[*by][..]));
    add(&at);
    if all {
        while advance(&mut at, &table) {
            add(&at);
        }
    } else {
        for draw in 0..config.arrangements as u64 {
            let mut chance = Stream::new(config.seed, SHIFT_STREAM + draw);
            for (by, shifts) in at.iter_mut().zip(&table) {
                *by = chance.below(shifts.len() as u64) as usize;
            }
            add(&at);
        }
    }
    let coverage = if all { Coverage::All } else { Coverage::Drawn };
    Arranged {
        tests: tally.tests(Arrangement::CircularShift, ASSUMES_NO_COMMON_COURSE, table.len(), coverage),
    }
}

/// The next combination of shifts; false after the last.
fn advance<T>(at: &mut [usize], table: &[Vec<T>]) -> bool {
    for (by, shifts) in at.iter_mut().zip(table) {
        *by += 1;
        if *by < shifts.len() {
            return true;
        }
        *by = 0;
    }
    false
}

/// Every order of n things, the given one first (Heap's algorithm).
fn permutations(n: usize, visit: &mut impl FnMut(&[usize])) {
    let mut order: Vec<usize> = (0..n).collect();
    let mut counters = vec![0; n];
    visit(&order);
    let mut at = 1;
    while at < n {
        if counters[at] < at {
            order.swap(if at % 2 == 0 { 0 } else { counters[at] }, at);
            visit(&order);
            counters[at] += 1;
            at = 1;
        } else {
            counters[at] = 0;
            at += 1;
        }
    }
}

/// The given order, and orders drawn at random.
fn drawn_orders(n: usize, draws: usize, seed: u64, visit: &mut impl FnMut(&[usize])) {
    let given: Vec<usize> = (0..n).collect();
    visit(&given);
    for draw in 0..draws as u64 {
        let mut chance = Stream::new(seed, EXCHANGE_STREAM + draw);
        let mut order = given.clone();
        for at in (1..n).rev() {
            order.swap(at, chance.below(at as u64 + 1) as usize);
        }
        visit(&order);
    }
}

/// The statistics of every code in every arrangement; the observed one comes first.
struct Tally {
    codes: usize,
    /// Arrangement after arrangement.
    statistics: Vec<f64>,
    /// Whether a code is informative in any dyad as observed.
    informative: Vec<bool>,
}

impl Tally {
    fn new(codes: usize) -> Tally {
        Tally { codes, statistics: Vec::new(), informative: Vec::new() }
    }

    /// Adds an arrangement: for each dyad the differences of all codes.
    fn add<'a>(&mut self, dyads: impl Iterator<Item = &'a [Option<f64>]>) {
        let mut sums = vec![(0.0, 0u32); self.codes];
        for differences in dyads {
            for (sum, difference) in sums.iter_mut().zip(differences) {
                if let Some(difference) = difference {
                    *sum = (sum.0 + difference, sum.1 + 1);
                }
            }
        }
        if self.statistics.is_empty() {
            self.informative = sums.iter().map(|(_, n)| *n > 0).collect();
        }
        self.statistics.extend(sums.iter().map(|(sum, n)| if *n > 0 { sum / f64::from(*n) } else { 0.0 }));
    }

    fn tests(
        &self,
        test: Arrangement,
        assumes: &'static str,
        dyads: usize,
        coverage: Coverage,
    ) -> Vec<ArrangementTest> {
        let arrangements = self.statistics.len() / self.codes.max(1);
        let all = || self.statistics.chunks_exact(self.codes.max(1));
        let n = arrangements as f64;
        let spreads: Vec<f64> = (0..self.codes)
            .map(|code| {
                let center = all().map(|row| row[code]).sum::<f64>() / n;
                (all().map(|row| (row[code] - center) * (row[code] - center)).sum::<f64>() / n).sqrt()
            })
            .collect();
        let sized = |row: &[f64], code: usize| {
            if spreads[code] > ROUNDING && self.informative[code] {
                row[code].abs() / spreads[code]
            } else {
                0.0
            }
        };
        let largest: Vec<f64> =
            all().map(|row| (0..self.codes).map(|code| sized(row, code)).fold(0.0, f64::max)).collect();
        let share = |count: usize| count as f64 / n;
        let one = |code: usize| {
            let observed = self.statistics[code];
            let there = self.informative[code];
            let as_large = || share(all().filter(|row| row[code].abs() >= observed.abs() - ROUNDING).count());
            let same = || share(all().filter(|row| (row[code] - observed).abs() <= ROUNDING).count());
            let corrected = || {
                let size = sized(&self.statistics[..self.codes], code);
                share(largest.iter().filter(|most| **most >= size - ROUNDING).count())
            };
            ArrangementTest {
                test,
                assumes,
                dyads,
                arrangements,
                coverage,
                p: there.then(as_large),
                p_corrected: there.then(corrected),
                smallest_p: there.then(same),
            }
        };
        (0..self.codes).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once_and_the_given_one_first() {
        let mut orders: Vec<Vec<usize>> = Vec::new();
        permutations(5, &mut |order: &[usize]| orders.push(order.to_vec()));
        assert_eq!(orders[0], [0, 1, 2, 3, 4]);
        orders.sort();
        orders.dedup();
        assert_eq!(orders.len(), 120);
    }
}
