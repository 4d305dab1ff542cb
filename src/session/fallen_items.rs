//! Which items fell most: practitioners talk about items, not totals.

use serde::Serialize;

/// An item between two sessions, in scored points.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FallenItem {
    /// Its id.
    pub item: String,
    /// Its scored answer at the first session.
    pub from: f64,
    /// At the second.
    pub to: f64,
}

impl FallenItem {
    /// How far it fell.
    pub fn fall(&self) -> f64 {
        self.from - self.to
    }
}

/// The items that fell between two sessions, those that fell most first; of equals, in the order of the form.
///
/// Answers are scored (reversed items turned), so that a fall is a fall of the alliance on every item.
///
/// # Missing data
/// Items without an answer (NaN) at either session are left out.
///
/// # Errors
/// None; empty where no item fell.
///
/// ```
/// use alliance_metrics::session::fallen_items;
/// let ids = ["i1", "i2", "i3"].map(String::from);
/// let fell = fallen_items(&ids, &[6.0, 5.0, 7.0], &[5.0, 5.0, 3.0], 2);
/// assert_eq!((fell[0].item.as_str(), fell[0].fall(), fell.len()), ("i3", 4.0, 2));
/// ```
pub fn fallen_items(items: &[String], from: &[f64], to: &[f64], most: usize) -> Vec<FallenItem> {
    let both = items.iter().zip(from.iter().zip(to));
    let mut fallen: Vec<FallenItem> = both
        .filter(|(_, (from, to))| **from > **to)
        .map(|(item, (from, to))| FallenItem { item: item.clone(), from: *from, to: *to })
        .collect();
    fallen.sort_by(|a, b| b.fall().total_cmp(&a.fall()));
    fallen.truncate(most);
    fallen
}
