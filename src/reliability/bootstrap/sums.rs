//! Cross-products of weighted persons: what a draw of a bootstrap costs.

use nalgebra::DMatrix;

use crate::moments::ItemMatrix;

/// How many rows are multiplied at once: two tiles of 36 items stay in the nearest cache.
const TILE: usize = 256;
/// The largest distance from the centre that is held as a small whole number.
const SMALL: f64 = 127.0;
/// 256 products of a small number, a weighted small number and this weight still fit 32 bits.
const HEAVIEST: u16 = 250;

/// The answers of complete persons, around the centres of the items.
pub(super) enum Columns {
    /// Points: whole numbers, whose sums are exact in any order.
    Whole(Vec<Vec<i16>>),
    /// Lines.
    Lines(Vec<Vec<f64>>),
}

/// Weighted counts, sums and products (lower triangle, row by row) around the centres.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    n: f64,
    sums: Vec<f64>,
    products: Vec<f64>,
}

/// Where a draw works.
pub(super) struct Scratch {
    weighted: Vec<[i16; TILE]>,
    plain: Vec<[i16; TILE]>,
}

impl Columns {
    pub fn new(complete: &ItemMatrix) -> Columns {
        let centred: Vec<Vec<f64>> = (0..complete.k())
            .map(|j| {
                let column = complete.item(j);
                let (low, high) = column
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
                let centre = low + ((high - low) / 2.0).floor();
                column.iter().map(|x| x - centre).collect()
            })
            .collect();
        let small = |x: &f64| x.abs() <= SMALL && *x == x.round();
        if centred.iter().flatten().all(small) {
            let whole = |column: &Vec<f64>| column.iter().map(|x| *x as i16).collect();
            return Columns::Whole(centred.iter().map(whole).collect());
        }
        Columns::Lines(centred)
    }

    fn k(&self) -> usize {
        match self {
            Columns::Whole(columns) => columns.len(),
            Columns::Lines(columns) => columns.len(),
        }
    }

    fn value(&self, j: usize, i: usize) -> f64 {
        match self {
            Columns::Whole(columns) => f64::from(columns[j][i]),
            Columns::Lines(columns) => columns[j][i],
        }
    }

    pub fn scratch(&self) -> Scratch {
        Scratch { weighted: vec![[0; TILE]; self.k()], plain: vec![[0; TILE]; self.k()] }
    }

    /// Each row taken as often as its weight says.
    pub fn weigh(&self, weights: &[u16], scratch: &mut Scratch) -> Sums {
        match self {
            Columns::Whole(columns) if weights.iter().all(|w| *w <= HEAVIEST) => {
                whole(columns, weights, scratch)
            }
            _ => self.slowly(weights),
        }
    }

    fn slowly(&self, weights: &[u16]) -> Sums {
        let k = self.k();
        let rows: Vec<(usize, f64)> =
            weights.iter().enumerate().filter(|(_, w)| **w > 0).map(|(i, w)| (i, f64::from(*w))).collect();
        let column = |j: usize| rows.iter().map(|(i, _)| self.value(j, *i)).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = (0..k).map(column).collect();
        let weighted = |x: &Vec<f64>| rows.iter().zip(x).map(|((_, w), x)| w * x).collect::<Vec<f64>>();
        let weighted: Vec<Vec<f64>> = columns.iter().map(weighted).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        Sums {
            n: rows.iter().map(|(_, w)| w).sum(),
            sums: weighted.iter().map(|column| column.iter().sum()).collect(),
            products: (0..k)
                .flat_map(|a| (0..=a).map(move |b| (a, b)))
                .map(|(a, b)| dot(&weighted[a], &columns[b]))
                .collect(),
        }
    }

    /// The sums without some rows, each of weight one.
    pub fn without(&self, all: &Sums, rows: &[usize]) -> Sums {
        let mut rest = all.clone();
        for i in rows {
            rest.n -= 1.0;
            let mut at = 0;
            for a in 0..self.k() {
                let x = self.value(a, *i);
                rest.sums[a] -= x;
                for b in 0..=a {
                    rest.products[at] -= x * self.value(b, *i);
                    at += 1;
                }
            }
        }
        rest
    }
}

fn whole(columns: &[Vec<i16>], weights: &[u16], scratch: &mut Scratch) -> Sums {
    let k = columns.len();
    let mut sums = vec![0i64; k];
    let mut products = vec![0i64; k * (k + 1) / 2];
    for (tile, weights) in weights.chunks(TILE).enumerate() {
        let from = tile * TILE;
        for (j, column) in columns.iter().enumerate() {
            let (weighted, plain) = (&mut scratch.weighted[j], &mut scratch.plain[j]);
            if weights.len() < TILE {
                (*weighted, *plain) = ([0; TILE], [0; TILE]);
            }
            plain[..weights.len()].copy_from_slice(&column[from..from + weights.len()]);
            for ((to, x), w) in weighted.iter_mut().zip(plain.iter()).zip(weights) {
                *to = x * (*w as i16);
            }
            sums[j] += i64::from(weighted.iter().map(|x| i32::from(*x)).sum::<i32>());
        }
        let mut at = 0;
        for a in 0..k {
            for plain in &scratch.plain[..=a] {
                products[at] += i64::from(dot(&scratch.weighted[a], plain));
                at += 1;
            }
        }
    }
    Sums {
        n: weights.iter().map(|w| f64::from(*w)).sum(),
        sums: sums.into_iter().map(|x| x as f64).collect(),
        products: products.into_iter().map(|x| x as f64).collect(),
    }
}

fn dot(a: &[i16; TILE], b: &[i16; TILE]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

impl Sums {
    /// The covariances with divisor n − 1; none under two persons.
    pub fn covariance(&self) -> Option<DMatrix<f64>> {
        let (k, n) = (self.sums.len(), self.n);
        if n < 2.0 {
            return None;
        }
        let mut covariance = DMatrix::zeros(k, k);
        let mut at = 0;
        for a in 0..k {
            for b in 0..=a {
                // In this order a constant item of whole answers has a variance of exactly nothing.
                let s = (n * self.products[at] - self.sums[a] * self.sums[b]) / n / (n - 1.0);
                covariance[(a, b)] = s;
                covariance[(b, a)] = s;
                at += 1;
            }
        }
        Some(covariance)
    }

    pub fn n(&self) -> f64 {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::Moments;

    fn data(step: f64) -> ItemMatrix {
        let rows: Vec<Vec<f64>> = (0..700)
            .map(|i| (0..5).map(|j| step * f64::from((i * (j + 3) + j * j) % 7 + 1)).collect())
            .collect();
        ItemMatrix::from_rows((0..5).map(|j| format!("i{j}")).collect(), &rows)
    }

    #[test]
    fn weights_are_repeated_rows() {
        for data in [data(1.0), data(0.37)] {
            let weights: Vec<u16> = (0..700).map(|i| (i % 4) as u16).collect();
            let rows: Vec<usize> = (0..700).flat_map(|i| std::iter::repeat_n(i, i % 4)).collect();
            let theirs = Moments::listwise(&data.rows(&rows)).unwrap();
            let columns = Columns::new(&data);
            let sums = columns.weigh(&weights, &mut columns.scratch());
            assert_eq!(sums.n() as usize, theirs.n);
            let ours = sums.covariance().unwrap();
            assert!((&ours - &theirs.covariance).amax() < 1e-12);
            // The slow way, and very heavy weights.
            assert!((columns.slowly(&weights).covariance().unwrap() - &ours).amax() < 1e-12);
            let heavy: Vec<u16> = weights.iter().map(|w| w * 300).collect();
            let ratio = columns.weigh(&heavy, &mut columns.scratch()).covariance().unwrap();
            assert!(
                (ratio * ((rows.len() * 300 - 1) as f64 / 300.0 / (rows.len() - 1) as f64) - ours).amax()
                    < 1e-9
            );
        }
    }

    #[test]
    fn leaving_out_is_a_weight_of_nothing() {
        for data in [data(1.0), data(0.37)] {
            let columns = Columns::new(&data);
            let all = columns.weigh(&[1; 700], &mut columns.scratch());
            let mut weights = [1; 700];
            weights[3] = 0;
            weights[600] = 0;
            let theirs = columns.weigh(&weights, &mut columns.scratch()).covariance().unwrap();
            assert!((columns.without(&all, &[3, 600]).covariance().unwrap() - theirs).amax() < 1e-12);
        }
    }
}
