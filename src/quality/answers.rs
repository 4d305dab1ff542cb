//! The answers to a form, as ticked and as scored.

use crate::moments::ItemMatrix;
use crate::reliability::Allowed;

/// An item as it stands on the form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrintedItem {
    /// Whether the key reverses it.
    pub reversed: bool,
    /// The answers it allows.
    pub allowed: Allowed,
}

impl PrintedItem {
    /// The answer that means the opposite: min + max − x.
    pub(super) fn mirrored(&self, answer: f64) -> Option<f64> {
        self.allowed.bounds.map(|[low, high]| low + high - answer)
    }
}

/// A scale, as columns of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormScale {
    /// Its id.
    pub id: String,
    /// Its items, in the order of the form.
    pub items: Vec<usize>,
}

/// What some persons answered to a form: persons in rows, items in the order of the form in columns, NaN for a gap.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FormAnswers {
    /// The answers as they were ticked, n × k.
    pub ticked: ItemMatrix,
    /// The same as they are scored, reversed where the key says so, n × k.
    pub scored: ItemMatrix,
    /// The items, k.
    pub items: Vec<PrintedItem>,
    /// The scales.
    pub scales: Vec<FormScale>,
}

impl FormAnswers {
    /// Answers to a form.
    ///
    /// # Panics
    /// Where the parts do not have the same persons and items.
    pub fn new(
        ticked: ItemMatrix,
        scored: ItemMatrix,
        items: Vec<PrintedItem>,
        scales: Vec<FormScale>,
    ) -> FormAnswers {
        assert_eq!((ticked.n(), ticked.k()), (scored.n(), scored.k()), "the same persons and items");
        assert_eq!(ticked.k(), items.len(), "one key for each item");
        assert!(scales.iter().flat_map(|scale| &scale.items).all(|item| *item < items.len()));
        FormAnswers { ticked, scored, items, scales }
    }

    /// The scales that are no sums of others: those that hold no other scale.
    pub fn parts(&self) -> Vec<&FormScale> {
        let holds = |whole: &FormScale, part: &FormScale| {
            part.items.len() < whole.items.len() && part.items.iter().all(|item| whole.items.contains(item))
        };
        self.scales.iter().filter(|whole| !self.scales.iter().any(|part| holds(whole, part))).collect()
    }

    /// The answers of a person, item after item.
    pub(super) fn row(matrix: &ItemMatrix, person: usize) -> Vec<f64> {
        matrix.values().row(person).iter().copied().collect()
    }
}
