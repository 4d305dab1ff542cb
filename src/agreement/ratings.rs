//! Units rated by raters, with gaps, as numbers or as declared categories.

use crate::statistic::{Reason, StatError};

/// Ratings of units (rows) by raters (columns), with gaps.
///
/// A unit is whatever was rated once by each rater: a session, a dyad at a session, a family member in a session. The
/// order of raters means something to coefficients of particular raters alone (Cohen, Light, Conger, Kendall, ICC of
/// two-way models); the others see only which ratings a unit received.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratings {
    raters: usize,
    /// Unit after unit; NaN is a gap and never leaves this room.
    cells: Vec<f64>,
}

impl Ratings {
    /// Ratings unit by unit; `None` and numbers that are not finite are gaps. Short rows end in gaps.
    pub fn from_rows(rows: &[Vec<Option<f64>>]) -> Ratings {
        let raters = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut ratings = Ratings::empty(rows.len(), raters);
        for (unit, row) in rows.iter().enumerate() {
            for (rater, rating) in row.iter().enumerate() {
                if let Some(rating) = rating {
                    ratings.set(unit, rater, *rating);
                }
            }
        }
        ratings
    }

    /// Ratings without gaps, unit by unit.
    pub fn from_table<const K: usize>(rows: &[[f64; K]]) -> Ratings {
        let mut ratings = Ratings::empty(rows.len(), K);
        for (unit, row) in rows.iter().enumerate() {
            for (rater, rating) in row.iter().enumerate() {
                ratings.set(unit, rater, *rating);
            }
        }
        ratings
    }

    /// A table of gaps, to be filled with [`Ratings::set`].
    pub fn empty(units: usize, raters: usize) -> Ratings {
        Ratings { raters, cells: vec![f64::NAN; units * raters] }
    }

    /// Fills a cell; a number that is not finite makes it a gap, a cell outside the table is left alone.
    pub fn set(&mut self, unit: usize, rater: usize, rating: f64) {
        if rater < self.raters
            && let Some(cell) = self.cells.get_mut(unit * self.raters + rater)
        {
            *cell = if rating.is_finite() { rating } else { f64::NAN };
        }
    }

    /// How many units there are.
    pub fn units(&self) -> usize {
        self.cells.len().checked_div(self.raters).unwrap_or(0)
    }

    /// How many raters there are.
    pub fn raters(&self) -> usize {
        self.raters
    }

    /// A rating, unless it is a gap.
    pub fn get(&self, unit: usize, rater: usize) -> Option<f64> {
        if rater >= self.raters {
            return None;
        }
        self.cells.get(unit * self.raters + rater).copied().filter(|rating| rating.is_finite())
    }

    /// The ratings that a unit received, in the order of raters, without the gaps.
    pub fn of_unit(&self, unit: usize) -> impl Iterator<Item = f64> {
        self.row(unit).iter().copied().filter(|rating| rating.is_finite())
    }

    /// All ratings, without the gaps.
    pub fn all(&self) -> impl Iterator<Item = f64> {
        self.cells.iter().copied().filter(|rating| rating.is_finite())
    }

    /// The units that every rater rated.
    pub fn complete(&self) -> Ratings {
        self.filtered(|row| row.iter().all(|rating| rating.is_finite()))
    }

    /// Some raters, in the order given, with the units that at least one of them rated.
    pub fn of_raters(&self, raters: &[usize]) -> Ratings {
        let mut some = Ratings::empty(self.units(), raters.len());
        for unit in 0..self.units() {
            for (column, rater) in raters.iter().enumerate() {
                if let Some(rating) = self.get(unit, *rater) {
                    some.set(unit, column, rating);
                }
            }
        }
        some.filtered(|row| row.iter().any(|rating| rating.is_finite()))
    }

    /// How many cells are gaps.
    pub fn gaps(&self) -> usize {
        self.cells.iter().filter(|rating| !rating.is_finite()).count()
    }

    /// The cells of a unit; NaN is a gap.
    pub(super) fn row(&self, unit: usize) -> &[f64] {
        self.cells.get(unit * self.raters..(unit + 1) * self.raters).unwrap_or(&[])
    }

    fn filtered(&self, keep: impl Fn(&[f64]) -> bool) -> Ratings {
        let rows = (0..self.units()).map(|unit| self.row(unit)).filter(|row| keep(row));
        Ratings { raters: self.raters, cells: rows.flatten().copied().collect() }
    }
}

/// The categories that raters may use, sorted as numbers: −3 stands before −2, and 10 after 9.
///
/// They come from the instrument. Coefficients that count categories (Gwet, Brennan–Prediger) change when a category
/// that nobody used is left out; Cohen, Fleiss, Conger and Krippendorff do not.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryList {
    values: Vec<f64>,
}

impl CategoryList {
    /// Categories with these values, in any order; values that are not finite are left out.
    pub fn new(values: impl IntoIterator<Item = f64>) -> CategoryList {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        // −0 and 0 are one category.
        values.dedup_by(|a, b| a == b);
        CategoryList { values }
    }

    /// The whole numbers from `low` to `high`.
    pub fn whole(low: i32, high: i32) -> CategoryList {
        CategoryList::new((low..=high).map(f64::from))
    }

    /// The values that occur, for ratings whose categories nobody declared.
    pub fn observed(ratings: &Ratings) -> CategoryList {
        CategoryList::new(ratings.all())
    }

    /// The values, from low to high.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The place of a value among the categories.
    pub fn position(&self, value: f64) -> Option<usize> {
        let at = self.values.partition_point(|category| *category < value);
        (self.values.get(at) == Some(&value)).then_some(at)
    }
}

/// Ratings as places in a list of categories.
#[derive(Debug, Clone, PartialEq)]
pub struct Coded {
    categories: CategoryList,
    raters: usize,
    cells: Vec<Option<u32>>,
}

impl Coded {
    /// Codes ratings by categories.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] names the first rating that is none of the categories.
    pub fn new(ratings: &Ratings, categories: &CategoryList) -> Result<Coded, StatError> {
        let code = |rating: f64| match categories.position(rating) {
            Some(at) => Ok(at as u32),
            None => {
                let listed: Vec<String> = categories.values.iter().map(f64::to_string).collect();
                let message = format!("a rating of {rating} is none of the categories {}", listed.join(", "));
                Err(StatError::new(Reason::NotApplicable, message))
            }
        };
        let cells: Result<Vec<Option<u32>>, StatError> = ratings
            .cells
            .iter()
            .map(|rating| Some(*rating).filter(|rating| rating.is_finite()).map(code).transpose())
            .collect();
        Ok(Coded { categories: categories.clone(), raters: ratings.raters, cells: cells? })
    }

    /// The categories.
    pub fn categories(&self) -> &CategoryList {
        &self.categories
    }

    /// How many units there are.
    pub fn units(&self) -> usize {
        self.cells.len().checked_div(self.raters).unwrap_or(0)
    }

    /// How many raters there are.
    pub fn raters(&self) -> usize {
        self.raters
    }

    /// The place of a rating among the categories, unless it is a gap.
    pub fn get(&self, unit: usize, rater: usize) -> Option<usize> {
        if rater >= self.raters {
            return None;
        }
        self.cells.get(unit * self.raters + rater).copied().flatten().map(|code| code as usize)
    }

    /// How many raters put a unit into each category.
    pub fn counts(&self, unit: usize) -> Vec<f64> {
        let mut counts = vec![0.0; self.categories.len()];
        for code in (0..self.raters).filter_map(|rater| self.get(unit, rater)) {
            counts[code] += 1.0;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_codes_sort_as_numbers_and_zero_is_a_rating() {
        let ratings = Ratings::from_rows(&[vec![Some(0.0), Some(-3.0)], vec![None, Some(10.0)], vec![]]);
        assert_eq!((ratings.units(), ratings.raters(), ratings.gaps()), (3, 2, 3));
        assert_eq!(CategoryList::observed(&ratings).values(), [-3.0, 0.0, 10.0]);
        assert_eq!(CategoryList::new([0.0, -0.0, 2.0]).len(), 2);
        let coded = Coded::new(&ratings, &CategoryList::whole(-3, 10)).unwrap();
        assert_eq!((coded.get(0, 0), coded.get(0, 1), coded.get(1, 0)), (Some(3), Some(0), None));
        assert_eq!((coded.get(0, 2), coded.get(9, 0)), (None, None));
        assert_eq!(ratings.complete().units(), 1);
        assert_eq!(ratings.of_raters(&[0]).units(), 1);
    }

    #[test]
    fn a_rating_outside_the_categories_is_named() {
        let ratings = Ratings::from_table(&[[1.0, 8.0]]);
        let error = Coded::new(&ratings, &CategoryList::whole(1, 3)).unwrap_err();
        assert_eq!(error.to_string(), "a rating of 8 is none of the categories 1, 2, 3");
    }

    #[test]
    fn nothing_is_no_reason_to_stop() {
        let nothing = Ratings::from_rows(&[]);
        assert_eq!((nothing.units(), nothing.raters(), nothing.complete().units()), (0, 0, 0));
        assert!(Coded::new(&nothing, &CategoryList::new([])).unwrap().categories().is_empty());
        let mut all_gaps = Ratings::empty(2, 2);
        all_gaps.set(0, 0, f64::INFINITY);
        all_gaps.set(0, 5, 1.0);
        all_gaps.set(7, 0, 1.0);
        assert_eq!((all_gaps.gaps(), all_gaps.complete().units()), (4, 0));
    }
}
