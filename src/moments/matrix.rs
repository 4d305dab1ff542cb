//! Answers as numbers: persons in rows, items in columns.

use std::borrow::Cow;

use nalgebra::DMatrix;

/// Scored answers of some persons to the items of a scale; a gap is NaN. The only type in which NaN is legal.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemMatrix {
    /// The ids of the items, one for each column.
    pub items: Vec<String>,
    values: DMatrix<f64>,
}

impl ItemMatrix {
    /// A matrix of persons (rows) by items (columns).
    ///
    /// # Panics
    /// Where the number of ids is not the number of columns.
    pub fn new(items: Vec<String>, values: DMatrix<f64>) -> ItemMatrix {
        assert_eq!(items.len(), values.ncols(), "one id for each column");
        ItemMatrix { items, values }
    }

    /// A matrix from rows.
    ///
    /// # Panics
    /// Where a row has not as many values as there are items.
    pub fn from_rows(items: Vec<String>, rows: &[Vec<f64>]) -> ItemMatrix {
        let k = items.len();
        assert!(rows.iter().all(|row| row.len() == k), "every row has one value an item");
        let values = DMatrix::from_fn(rows.len(), k, |i, j| rows[i][j]);
        ItemMatrix { items, values }
    }

    /// How many persons there are.
    pub fn n(&self) -> usize {
        self.values.nrows()
    }

    /// How many items there are.
    pub fn k(&self) -> usize {
        self.values.ncols()
    }

    /// The values, persons in rows; NaN for a gap.
    pub fn values(&self) -> &DMatrix<f64> {
        &self.values
    }

    /// The answers to an item, one a person.
    pub fn item(&self, j: usize) -> &[f64] {
        let n = self.n();
        &self.values.as_slice()[j * n..][..n]
    }

    /// The persons without a gap.
    pub fn complete(&self) -> Cow<'_, ItemMatrix> {
        let rows = self.complete_rows();
        if rows.len() == self.n() { Cow::Borrowed(self) } else { Cow::Owned(self.rows(&rows)) }
    }

    /// The rows of the persons without a gap.
    pub fn complete_rows(&self) -> Vec<usize> {
        let mut whole = vec![true; self.n()];
        for j in 0..self.k() {
            whole.iter_mut().zip(self.item(j)).for_each(|(whole, x)| *whole &= !x.is_nan());
        }
        (0..self.n()).filter(|i| whole[*i]).collect()
    }

    /// Some persons, in the order given.
    pub fn rows(&self, rows: &[usize]) -> ItemMatrix {
        let mut values = Vec::with_capacity(rows.len() * self.k());
        for j in 0..self.k() {
            let item = self.item(j);
            values.extend(rows.iter().map(|i| item[*i]));
        }
        let values = DMatrix::from_vec(rows.len(), self.k(), values);
        ItemMatrix { items: self.items.clone(), values }
    }

    /// Some items, in the order given.
    pub fn columns(&self, columns: &[usize]) -> ItemMatrix {
        let values = DMatrix::from_fn(self.n(), columns.len(), |i, j| self.values[(i, columns[j])]);
        ItemMatrix { items: columns.iter().map(|j| self.items[*j].clone()).collect(), values }
    }
}
