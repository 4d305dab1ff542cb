//! Everything about the items of a scale, in one go.

use serde::Serialize;

use super::deleted::alpha_if_deleted;
use super::describe::{Description, Frequencies, describe};
use super::items::{ItemFit, item_fit};
use super::omega::omega_if_deleted;
use crate::moments::{ItemMatrix, Missing, Moments};
use crate::statistic::{Estimate, Reason};

/// The scored answers that an item allows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Allowed {
    /// The lowest and the highest, where there are any.
    pub bounds: Option<[f64; 2]>,
    /// Every one of them in rising order, where they are points.
    pub points: Vec<f64>,
}

/// How often a point was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The scored answer.
    pub value: f64,
    /// How often.
    pub n: u64,
    /// As a share of the answers.
    pub share: Option<f64>,
}

/// What an item looks like and how it goes with its scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemStatistics {
    /// What its answers look like; none where only moments are known.
    pub description: Option<Description>,
    /// The mean.
    pub mean: Option<f64>,
    /// The standard deviation.
    pub sd: Option<f64>,
    /// How many persons left it out.
    pub missing: usize,
    /// How often each point was chosen.
    pub shares: Vec<Share>,
    /// The share of the lowest answer.
    pub floor: Option<f64>,
    /// The share of the highest answer.
    pub ceiling: Option<f64>,
    /// How it goes with the rest of the scale.
    pub fit: ItemFit,
    /// Alpha of the scale without it.
    pub alpha_if_deleted: Estimate,
    /// Omega total of the scale without it.
    pub omega_if_deleted: Estimate,
}

impl ItemStatistics {
    /// Whether the item runs against the rest of its scale.
    pub fn runs_the_wrong_way(&self) -> bool {
        self.fit.item_rest.estimate.is_some_and(|r| r < -ROUNDING)
    }
}

/// A correlation this small is rounding.
const ROUNDING: f64 = 1e-12;

/// What each item looks like and how it goes with its scale.
///
/// [`describe`], [`item_fit`], [`alpha_if_deleted`] and [`omega_if_deleted`] of each item, and the share of each allowed answer.
///
/// # Missing data
/// Under listwise deletion everything is of the complete persons; under the other policies an item is described by all who
/// answered it. `missing` counts all persons without an answer to the item.
///
/// # Errors
/// None; each part without estimate says why.
///
/// # Agrees with
/// As the functions it calls.
///
/// # Source
/// As for each.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, Moments};
/// use alliance_metrics::reliability::{Allowed, item_statistics};
/// let rows = [[1.0, 1.0], [2.0, 2.0], [2.0, f64::NAN], [4.0, 3.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let allowed = vec![Allowed { bounds: Some([1.0, 4.0]), points: vec![1.0, 2.0, 3.0, 4.0] }; 2];
/// let items = item_statistics(&data, &allowed, &Moments::listwise(&data).unwrap(), 0.95);
/// assert_eq!((items[0].shares[1].n, items[0].ceiling, items[1].missing), (1, Some(1.0 / 3.0), 1));
/// ```
pub fn item_statistics(
    data: &ItemMatrix,
    allowed: &[Allowed],
    moments: &Moments,
    level: f64,
) -> Vec<ItemStatistics> {
    match moments.missing {
        Missing::Listwise => item_statistics_of(data, &data.complete(), allowed, moments, level),
        Missing::Pairwise | Missing::Em => item_statistics_of(data, data, allowed, moments, level),
    }
}

/// The same, described by the persons who count.
pub(super) fn item_statistics_of(
    data: &ItemMatrix,
    used: &ItemMatrix,
    allowed: &[Allowed],
    moments: &Moments,
    level: f64,
) -> Vec<ItemStatistics> {
    let mut items = of_moments(data, moments, level);
    for (j, item) in items.iter_mut().enumerate() {
        item.describe(used.item(j), data.item(j), allowed.get(j));
    }
    items
}

impl ItemStatistics {
    /// Adds what the answers look like: those that count, and all.
    fn describe(&mut self, used: &[f64], all: &[f64], allowed: Option<&Allowed>) {
        let frequencies = Frequencies::of(used);
        let description = describe(&frequencies);
        let n = description.n;
        let share = |count: u64| (n > 0).then(|| count as f64 / n as f64);
        if let Some(allowed) = allowed {
            let shares = allowed.points.iter().map(|value| {
                let count = frequencies.count(*value);
                Share { value: *value, n: count, share: share(count) }
            });
            self.shares = shares.collect();
            self.floor = allowed.bounds.and_then(|[low, _]| share(frequencies.count(low)));
            self.ceiling = allowed.bounds.and_then(|[_, high]| share(frequencies.count(high)));
        }
        self.missing = all.iter().filter(|x| x.is_nan()).count();
        (self.mean, self.sd) = (description.mean, description.sd);
        self.description = Some(description);
    }
}

/// What each item looks like where the scale has no moments: described by all who answered it, and the reason in the place
/// of everything else.
pub fn unanswered(data: &ItemMatrix, allowed: &[Allowed], reason: Reason) -> Vec<ItemStatistics> {
    let none = Estimate::none(reason);
    let item = |(j, id): (usize, &String)| {
        let fit =
            ItemFit { item: id.clone(), item_rest: none, raw_r: none, std_r: none, r_cor: none, smc: none };
        let mut item = ItemStatistics {
            description: None,
            mean: None,
            sd: None,
            missing: 0,
            shares: Vec::new(),
            floor: None,
            ceiling: None,
            fit,
            alpha_if_deleted: none,
            omega_if_deleted: none,
        };
        item.describe(data.item(j), data.item(j), allowed.get(j));
        item
    };
    data.items.iter().enumerate().map(item).collect()
}

/// The same from moments alone: means, spreads, and how the items go with the scale.
pub(super) fn of_moments(data: &ItemMatrix, moments: &Moments, level: f64) -> Vec<ItemStatistics> {
    let deleted = alpha_if_deleted(moments).into_iter().zip(omega_if_deleted(moments));
    let item =
        |((j, fit), (alpha_if_deleted, omega_if_deleted)): ((usize, ItemFit), (Estimate, Estimate))| {
            ItemStatistics {
                description: None,
                mean: Some(moments.mean[j]).filter(|mean| mean.is_finite()),
                sd: Some(moments.covariance[(j, j)].sqrt()).filter(|sd| sd.is_finite()),
                missing: 0,
                shares: Vec::new(),
                floor: None,
                ceiling: None,
                fit,
                alpha_if_deleted,
                omega_if_deleted,
            }
        };
    item_fit(data, moments, level).into_iter().enumerate().zip(deleted).map(item).collect()
}
