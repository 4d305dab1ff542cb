//! Answers of persons to the items of a scale, occasion after occasion.

use super::model::{Column, Groups};
use crate::statistic::{Reason, StatError};

/// One row for each person and occasion, one column for each item; a gap is NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeated {
    /// Whose answers a row holds; a dyad, where there is one person a dyad.
    pub person: Groups,
    /// On which occasion: the same session number is the same occasion for everybody.
    pub occasion: Groups,
    /// The items.
    pub items: Vec<Column>,
}

/// The cells with an answer: persons, occasions and items counted anew from 0.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    pub persons: usize,
    pub occasions: usize,
    pub items: usize,
    /// Person, occasion, item, answer.
    pub answers: Vec<(usize, usize, usize, f64)>,
    /// Occasions of each person.
    pub visits: Vec<usize>,
    /// Rows without any answer.
    pub dropped: usize,
}

impl Repeated {
    pub(super) fn cells(&self) -> Result<Cells, StatError> {
        let rows = self.person.of_row.len();
        let uneven = self.items.iter().find(|item| item.values.len() != rows);
        if let Some(item) = uneven.or(self.items.first().filter(|_| self.occasion.of_row.len() != rows)) {
            let message = format!("{} has not as many rows as there are persons' rows", item.name);
            return Err(StatError::new(Reason::NotApplicable, message));
        }
        let answered = |row: &usize| self.items.iter().any(|item| item.values[*row].is_finite());
        let used: Vec<usize> = (0..rows).filter(answered).collect();
        let (mut person, mut occasion) =
            (vec![usize::MAX; self.person.len()], vec![usize::MAX; self.occasion.len()]);
        let (mut visits, mut occasions): (Vec<usize>, usize) = (Vec::new(), 0);
        let mut answers = Vec::with_capacity(used.len() * self.items.len());
        let mut seen = std::collections::HashSet::new();
        for row in &used {
            let (old_person, old_occasion) = (self.person.of_row[*row], self.occasion.of_row[*row]);
            if !seen.insert((old_person, old_occasion)) {
                let message = format!(
                    "{} {} has two rows of {} {}",
                    self.person.name,
                    self.person.labels[old_person],
                    self.occasion.name,
                    self.occasion.labels[old_occasion]
                );
                return Err(StatError::new(Reason::NotApplicable, message));
            }
            if person[old_person] == usize::MAX {
                person[old_person] = visits.len();
                visits.push(0);
            }
            if occasion[old_occasion] == usize::MAX {
                occasion[old_occasion] = occasions;
                occasions += 1;
            }
            visits[person[old_person]] += 1;
            for (j, item) in self.items.iter().enumerate().filter(|(_, item)| item.values[*row].is_finite()) {
                answers.push((person[old_person], occasion[old_occasion], j, item.values[*row]));
            }
        }
        Ok(Cells {
            persons: visits.len(),
            occasions,
            items: self.items.len(),
            answers,
            visits,
            dropped: rows - used.len(),
        })
    }
}

impl Cells {
    /// Has everybody answered every item on every occasion?
    pub fn is_complete(&self) -> bool {
        self.answers.len() == self.persons * self.occasions * self.items
    }

    /// Occasions of a person: the harmonic mean.
    pub fn mean_occasions(&self) -> f64 {
        self.persons as f64 / self.visits.iter().map(|visits| 1.0 / *visits as f64).sum::<f64>()
    }

    /// Some persons, each as often as named, as persons of their own.
    pub fn resampled(&self, persons: &[usize]) -> Cells {
        let mut of_person: Vec<Vec<(usize, usize, f64)>> = vec![Vec::new(); self.persons];
        for (person, occasion, item, answer) in &self.answers {
            of_person[*person].push((*occasion, *item, *answer));
        }
        let answers = persons.iter().enumerate().flat_map(|(new, old)| {
            of_person[*old].iter().map(move |(occasion, item, answer)| (new, *occasion, *item, *answer))
        });
        Cells {
            persons: persons.len(),
            answers: answers.collect(),
            visits: persons.iter().map(|old| self.visits[*old]).collect(),
            ..*self
        }
    }
}
