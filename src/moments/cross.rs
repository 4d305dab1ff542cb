//! Exact cross-products of answers that are points: whole numbers, which merge in any order.

use nalgebra::{DMatrix, DVector};

use super::moments::{Missing, Moments};
use crate::responses::MISSING;
use crate::statistic::{Reason, StatError};

/// An item and how its codes become scored values: `from + step × code`.
///
/// An item that counts as it is answered goes from the lowest answer up, a reversed one from the highest down.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyedItem {
    /// Its id.
    pub id: String,
    /// Its column.
    pub column: usize,
    /// The value of code 0.
    pub from: f64,
    /// The distance between two codes, negative where the item is reversed.
    pub step: f64,
}

/// Counts, sums and cross-products over the rows that answered every item of a set.
///
/// The rows of several sets (scales) are told apart, so that each scale has its own n. Everything is a whole number: the
/// result depends neither on the order of the rows nor on how they are split into batches.
///
/// ```
/// use alliance_metrics::moments::{CompleteProducts, KeyedItem};
/// let mut products = CompleteProducts::new(2, &[vec![0, 1]]);
/// products.add(&[&[0, 4, 2, 1], &[1, 3, 255, 1]], &[0, 1, 2, 3]); // 255 is a gap
/// let item = |column: usize| KeyedItem { id: format!("i{column}"), column, from: 1.0, step: 1.0 };
/// let moments = products.moments(0, &[item(0), item(1)]).unwrap();
/// assert_eq!((moments.n, moments.dropped), (3, 1));
/// assert!((moments.covariance[(0, 1)] - 7.0 / 3.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteProducts {
    rows: u64,
    /// Over the rows that answered everything.
    whole: Products,
    /// For each set: its columns, and the products over the rows that answered it but not everything.
    sets: Vec<(Vec<usize>, Products)>,
}

impl CompleteProducts {
    /// Nothing yet, for `k` columns and sets of them.
    pub fn new(k: usize, sets: &[Vec<usize>]) -> CompleteProducts {
        let of = |set: &Vec<usize>| (set.clone(), Products::new(set.len()));
        CompleteProducts { rows: 0, whole: Products::new(k), sets: sets.iter().map(of).collect() }
    }

    /// Adds some rows of a batch of `k` columns of codes. Columns are all as long as the batch.
    pub fn add(&mut self, columns: &[&[u8]], rows: &[u32]) {
        self.rows += rows.len() as u64;
        let all: Vec<usize> = (0..columns.len()).collect();
        let (complete, others) = split(columns, &all, rows);
        self.whole.add(columns, &all, &complete);
        for (set, products) in self.sets.iter_mut().filter(|(set, _)| set.len() < all.len()) {
            let (complete, _) = split(columns, set, &others);
            products.add(columns, set, &complete);
        }
    }

    /// Adds the rows of another one for the same columns and sets.
    pub fn merge(&mut self, other: &CompleteProducts) {
        self.rows += other.rows;
        self.whole.merge(&other.whole);
        for ((_, mine), (_, theirs)) in self.sets.iter_mut().zip(&other.sets) {
            mine.merge(theirs);
        }
    }

    /// How many rows answered every item of a set.
    pub fn n(&self, set: usize) -> u64 {
        self.whole.n + self.sets[set].1.n
    }

    /// Means and covariances (divisor n − 1) of items of a set, over the rows that answered all of the set.
    ///
    /// # Errors
    /// [`Reason::TooFew`] with no item or under two such rows; [`Reason::NotApplicable`] for an item beside the set.
    pub fn moments(&self, set: usize, items: &[KeyedItem]) -> Result<Moments, StatError> {
        let (columns, rest) = &self.sets[set];
        let n = self.n(set);
        if items.is_empty() || n < 2 {
            let message = format!("{n} rows answered all of {} items", columns.len());
            return Err(StatError::new(Reason::TooFew, message));
        }
        let mut places = Vec::new();
        for item in items {
            match columns.iter().position(|column| *column == item.column) {
                Some(own) => places.push((item.column, own)),
                None => {
                    let message = format!("{} is not among the items of the set", item.id);
                    return Err(StatError::new(Reason::NotApplicable, message));
                }
            }
        }
        let pair = |a: usize, b: usize| {
            let ((whole_a, a), (whole_b, b)) = (places[a], places[b]);
            let sum = |whole: usize, own: usize| self.whole.sums[whole] + rest.sums[own];
            let product = self.whole.product(whole_a, whole_b) + rest.product(a, b);
            PairSums { n, sums: [sum(whole_a, a), sum(whole_b, b)], product }
        };
        let mut moments = given(items, n, pair)?;
        moments.dropped = count(self.rows - n);
        Ok(moments)
    }
}

/// Counts, sums and cross-products over the rows that answered both items of each pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairProducts {
    k: usize,
    rows: u64,
    /// Rows without any answer.
    empty: u64,
    /// Over the rows without a gap, where all pairs have the same rows.
    whole: Products,
    /// k × k: how many rows with a gap elsewhere answered both.
    counts: Vec<u64>,
    /// k × k: the sum of the first item's codes over these rows.
    sums: Vec<u64>,
    /// k × k: the sum of products over these rows.
    products: Vec<u64>,
}

impl PairProducts {
    /// Nothing yet, for `k` columns.
    pub fn new(k: usize) -> PairProducts {
        let square = || vec![0; k * k];
        let (counts, sums, products) = (square(), square(), square());
        PairProducts { k, rows: 0, empty: 0, whole: Products::new(k), counts, sums, products }
    }

    /// Adds some rows of a batch of `k` columns of codes. Columns are all as long as the batch.
    pub fn add(&mut self, columns: &[&[u8]], rows: &[u32]) {
        self.rows += rows.len() as u64;
        let all: Vec<usize> = (0..columns.len()).collect();
        let (complete, others) = split(columns, &all, rows);
        self.whole.add(columns, &all, &complete);
        let mut tile = Tile::new(self.k);
        let mut there = Tile::new(self.k);
        for rows in others.chunks(ROWS) {
            tile.fill(columns, &all, rows, |code| if code == MISSING { 0 } else { u16::from(code) });
            there.fill(columns, &all, rows, |code| u16::from(code != MISSING));
            for a in 0..self.k {
                for b in 0..self.k {
                    let at = a * self.k + b;
                    self.counts[at] += there.dot(a, &there, b);
                    self.sums[at] += tile.dot(a, &there, b);
                    self.products[at] += tile.dot(a, &tile, b);
                }
            }
            self.empty += there.rows_of_zeros();
        }
    }

    /// Adds the rows of another one for the same columns.
    pub fn merge(&mut self, other: &PairProducts) {
        self.rows += other.rows;
        self.empty += other.empty;
        self.whole.merge(&other.whole);
        add_all(&mut self.counts, &other.counts);
        add_all(&mut self.sums, &other.sums);
        add_all(&mut self.products, &other.products);
    }

    /// Means, variances and covariances, each over the rows it can use, with divisor n − 1 and the pair's own means.
    ///
    /// # Errors
    /// [`Reason::TooFew`] with no item, or if under two rows answered both items of a pair.
    pub fn moments(&self, items: &[KeyedItem]) -> Result<Moments, StatError> {
        if items.is_empty() {
            return Err(StatError::new(Reason::TooFew, "no item"));
        }
        let pair = |a: usize, b: usize| {
            let (a, b) = (items[a].column, items[b].column);
            let (ab, ba) = (a * self.k + b, b * self.k + a);
            PairSums {
                n: self.whole.n + self.counts[ab],
                sums: [self.whole.sums[a] + self.sums[ab], self.whole.sums[b] + self.sums[ba]],
                product: self.whole.product(a, b) + self.products[ab],
            }
        };
        let k = items.len();
        let pairs: Vec<(usize, usize)> = (0..k).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let ns: Vec<u64> = pairs.iter().map(|(a, b)| pair(*a, *b).n).collect();
        let fewest = ns.iter().copied().min().unwrap_or_else(|| pair(0, 0).n);
        let most = ns.iter().copied().max().unwrap_or(fewest);
        if let Some((a, b)) = pairs.iter().zip(&ns).find(|(_, n)| **n < 2).map(|(pair, _)| *pair) {
            let message = format!("{} rows answered both {} and {}", fewest, items[b].id, items[a].id);
            return Err(StatError::new(Reason::TooFew, message));
        }
        let mut moments = given(items, fewest, pair)?;
        moments.missing = Missing::Pairwise;
        moments.dropped = count(self.empty);
        moments.pairs = (fewest < most).then_some((count(fewest), count(most)));
        Ok(moments)
    }
}

/// What a covariance is made of.
struct PairSums {
    n: u64,
    sums: [u64; 2],
    product: u64,
}

impl PairSums {
    /// (n Σab − Σa Σb) / (n (n − 1)), exact up to the last division.
    fn covariance(&self) -> f64 {
        let n = i128::from(self.n);
        let scatter = n * i128::from(self.product) - i128::from(self.sums[0]) * i128::from(self.sums[1]);
        scatter as f64 / (n * (n - 1)) as f64
    }
}

fn given(items: &[KeyedItem], n: u64, pair: impl Fn(usize, usize) -> PairSums) -> Result<Moments, StatError> {
    let k = items.len();
    let mean = DVector::from_fn(k, |j, _| {
        let own = pair(j, j);
        items[j].from + items[j].step * (own.sums[0] as f64 / own.n as f64)
    });
    let covariance = DMatrix::from_fn(k, k, |a, b| items[a].step * items[b].step * pair(a, b).covariance());
    Moments::given(items.iter().map(|item| item.id.clone()).collect(), count(n), mean, covariance)
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn add_all(to: &mut [u64], from: &[u64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// The rows without a gap in some columns, and the others.
fn split(columns: &[&[u8]], set: &[usize], rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut gap = vec![0u8; columns.first().map_or(0, |column| column.len())];
    for column in set {
        gap.iter_mut().zip(columns[*column]).for_each(|(gap, code)| *gap |= u8::from(*code == MISSING));
    }
    let (mut complete, mut others) = (vec![0; rows.len()], vec![0; rows.len()]);
    let (mut n, mut left) = (0, 0);
    for row in rows {
        // Written to both and counted for one: no branch that nobody could foresee.
        (complete[n], others[left]) = (*row, *row);
        let gap = usize::from(gap[*row as usize]);
        (n, left) = (n + 1 - gap, left + gap);
    }
    complete.truncate(n);
    others.truncate(left);
    (complete, others)
}

/// Sums and cross-products of codes over rows without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Products {
    k: usize,
    n: u64,
    sums: Vec<u64>,
    /// k × k; the upper triangle counts.
    products: Vec<u64>,
}

impl Products {
    fn new(k: usize) -> Products {
        Products { k, n: 0, sums: vec![0; k], products: vec![0; k * k] }
    }

    fn product(&self, a: usize, b: usize) -> u64 {
        self.products[a.min(b) * self.k + a.max(b)]
    }

    /// Adds rows without a gap in the columns of `set`, which are ours.
    fn add(&mut self, columns: &[&[u8]], set: &[usize], rows: &[u32]) {
        self.n += rows.len() as u64;
        let mut tile = Tile::new(self.k);
        for rows in rows.chunks(ROWS) {
            tile.fill(columns, set, rows, u16::from);
            for a in 0..self.k {
                self.sums[a] += tile.sum(a);
                for b in a..self.k {
                    self.products[a * self.k + b] += tile.dot(a, &tile, b);
                }
            }
        }
    }

    fn merge(&mut self, other: &Products) {
        self.n += other.n;
        add_all(&mut self.sums, &other.sums);
        add_all(&mut self.products, &other.products);
    }
}

/// How many rows are worked on at a time: all their columns stay in the first-level cache, and the sum of products of
/// codes up to [`SMALL`] stays below 2¹⁶.
const ROWS: usize = 256;
const SMALL: u16 = 15;

/// Some rows of some columns, a column side by side.
struct Tile {
    values: Vec<[u16; ROWS]>,
    /// Rows in use, rounded up to what the processor takes at once; those beyond the last are zero.
    rows: usize,
    real_rows: usize,
    /// Whether no value is above [`SMALL`].
    small: bool,
}

impl Tile {
    fn new(k: usize) -> Tile {
        Tile { values: vec![[0; ROWS]; k], rows: 0, real_rows: 0, small: true }
    }

    fn fill(&mut self, columns: &[&[u8]], set: &[usize], rows: &[u32], value: impl Fn(u8) -> u16) {
        const LANES: usize = 16;
        (self.real_rows, self.rows) = (rows.len(), rows.len().next_multiple_of(LANES));
        let mut bits = 0;
        for (to, column) in self.values.iter_mut().zip(set) {
            let from = columns[*column];
            for (to, row) in to.iter_mut().zip(rows) {
                *to = value(from[*row as usize]);
                bits |= *to;
            }
            to[rows.len()..self.rows].fill(0);
        }
        self.small = bits <= SMALL;
    }

    fn column(&self, a: usize) -> &[u16] {
        &self.values[a][..self.rows]
    }

    fn sum(&self, a: usize) -> u64 {
        self.column(a).iter().map(|x| u32::from(*x)).sum::<u32>().into()
    }

    /// The sum of products of two columns. Sums of small codes need 16 bits, so that the processor does eight at once.
    fn dot(&self, a: usize, other: &Tile, b: usize) -> u64 {
        let pairs = self.column(a).iter().zip(other.column(b));
        if self.small && other.small {
            pairs.fold(0u16, |sum, (x, y)| sum.wrapping_add(x.wrapping_mul(*y))).into()
        } else {
            pairs.map(|(x, y)| u32::from(*x) * u32::from(*y)).sum::<u32>().into()
        }
    }

    fn rows_of_zeros(&self) -> u64 {
        (0..self.real_rows).filter(|row| self.values.iter().all(|column| column[*row] == 0)).count() as u64
    }
}
