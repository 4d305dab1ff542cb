//! Does the key fit the answers? Reversed items against the rest of their scale, and the key moved along the items.

use nalgebra::DMatrix;
use serde::Serialize;

use super::answers::FormAnswers;
use crate::moments::{KeyedItem, Moments};
use crate::reliability::{AlphaConfig, alpha};
use crate::responses::Layout;
use crate::scoring::{Edition, Plan, Term};

/// A correlation at or below this runs the wrong way.
pub(super) const WRONG_WAY: f64 = -0.10;
/// Fewer rows than this prove nothing.
pub(super) const ENOUGH_ROWS: usize = 30;
/// With fewer rows than this nothing is said at all.
const FEWEST_ROWS: usize = 10;
/// A key is not looked for farther off than this.
const FARTHEST: i64 = 3;

/// How well the key fits the answers on one form.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FormKey {
    /// The scales through which the items were looked at, the most telling first.
    pub scales: Vec<ScaleKey>,
    /// The key does not fit, and would if it were moved along the items.
    pub moved: Option<Moved>,
}

/// A key moved along the items, as if the columns were shifted.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Moved {
    /// By how many items.
    pub by: i64,
    /// Slots that run against the others.
    #[serde(skip)]
    pub against: Vec<usize>,
    /// Slots that the key reverses.
    #[serde(skip)]
    pub declared: Vec<usize>,
    /// Alpha of the first scale with the key moved.
    pub alpha: f64,
}

/// How the items of a scale go together on one form, as the key has them.
///
/// The correlation of an item is that with the sum of the other items that the key does not reverse (of all others,
/// where fewer than two are left): that sum stays right when somebody has reversed items before. Rows that answered all
/// items of the scale; n counts them.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ScaleKey {
    /// Index of the scale in the plan.
    #[serde(skip)]
    pub scale: usize,
    /// Rows that answered all items.
    pub n: usize,
    /// Alpha with the key as it is.
    pub alpha: Option<f64>,
    /// The items.
    pub items: Vec<ItemKey>,
    /// Alpha with the items that run the wrong way turned round.
    pub alpha_turned: Option<f64>,
    #[serde(skip)]
    moments: Moments,
}

/// How an item goes together with the rest of its scale.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ItemKey {
    /// Index of its slot.
    #[serde(skip)]
    pub slot: usize,
    /// Id of the item.
    pub item: String,
    /// Whether the key reverses it.
    pub reversed: bool,
    /// Its correlation with the rest, as the key has it.
    pub r: Option<f64>,
}

impl ItemKey {
    /// Whether it correlates clearly the wrong way.
    pub fn is_wrong(&self) -> bool {
        self.r.is_some_and(|r| r <= WRONG_WAY)
    }
}

impl ScaleKey {
    /// The items that run the wrong way, those that the key reverses or those that it does not.
    pub fn wrong(&self, reversed: bool) -> impl Iterator<Item = &ItemKey> {
        self.items.iter().filter(move |item| item.reversed == reversed && item.is_wrong())
    }
}

/// The slots that some scale of a form reverses.
pub(super) fn reversed_slots(plan: &Plan, form: usize) -> Vec<usize> {
    let editions = plan.scales.iter().filter_map(|planned| planned.edition(Some(form)));
    let terms = editions.flat_map(|edition| &edition.terms);
    let mut slots: Vec<usize> = terms.filter(|term| term.reversed).map(|term| term.slot).collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// Looks at the scales of a form until every item has been looked at: those that enough rows answered first, and among
/// them the largest.
pub(super) fn look(layout: &Layout, plan: &Plan, form: usize, answers: &FormAnswers) -> FormKey {
    let mut sets: Vec<usize> = (0..answers.scales.len()).collect();
    let edition = |set: usize| plan.scales[answers.scales[set]].edition(Some(form));
    let size = |set: usize| edition(set).map_or(0, |edition| edition.terms.len());
    let scarce = |set: usize| answers.products.n(set) < ENOUGH_ROWS as u64;
    sets.sort_by_key(|set| (scarce(*set), std::cmp::Reverse(size(*set))));
    let mut seen: Vec<usize> = Vec::new();
    let mut scales: Vec<ScaleKey> = Vec::new();
    for set in sets {
        let Some(edition) = edition(set).filter(|edition| edition.terms.len() > 2) else { continue };
        if edition.terms.iter().all(|term| seen.contains(&term.slot)) {
            continue;
        }
        let moments = moments(layout, edition, set, answers);
        let Some(moments) = moments.filter(|moments| moments.n >= FEWEST_ROWS) else { continue };
        seen.extend(edition.terms.iter().map(|term| term.slot));
        scales.push(scale_key(layout, answers.scales[set], edition, moments));
    }
    let moved = moved(layout.slots.len(), reversed_slots(plan, form), &scales);
    FormKey { scales, moved }
}

/// Moments of the answers as the key has them.
pub(super) fn moments(
    layout: &Layout,
    edition: &Edition,
    set: usize,
    answers: &FormAnswers,
) -> Option<Moments> {
    let points: Vec<usize> = (0..layout.slots.len()).filter(|slot| layout.slots[*slot].is_points()).collect();
    let item = |term: &Term| {
        let responses = &term.spec.set;
        let (from, step) =
            if term.reversed { (responses.max?, -responses.step) } else { (responses.min, responses.step) };
        let column = points.iter().position(|slot| *slot == term.slot)?;
        Some(KeyedItem { id: item_id(layout, term.slot), column, from, step })
    };
    let items: Option<Vec<KeyedItem>> = edition.terms.iter().map(item).collect();
    answers.products.moments(set, &items?).ok()
}

fn item_id(layout: &Layout, slot: usize) -> String {
    let of = &layout.slots[slot];
    layout.passes[of.pass].instrument.items[of.item].id.clone()
}

fn scale_key(layout: &Layout, scale: usize, edition: &Edition, moments: Moments) -> ScaleKey {
    let reversed: Vec<bool> = edition.terms.iter().map(|term| term.reversed).collect();
    let rs = rest_correlations(&moments.covariance, &reversed);
    let item = |(term, r): (&Term, &Option<f64>)| {
        let (slot, reversed) = (term.slot, term.reversed);
        ItemKey { slot, item: item_id(layout, slot), reversed, r: *r }
    };
    let items: Vec<ItemKey> = edition.terms.iter().zip(&rs).map(item).collect();
    let wrong: Vec<bool> = items.iter().map(ItemKey::is_wrong).collect();
    let alpha = alpha_of(&moments);
    let alpha_turned = wrong.contains(&true).then(|| alpha_of(&turned(&moments, &wrong))).flatten();
    ScaleKey { scale, n: moments.n, alpha, items, alpha_turned, moments }
}

/// The correlation of each item with the sum of the others that are not reversed; with all others, where these are
/// fewer than two.
fn rest_correlations(covariance: &DMatrix<f64>, reversed: &[bool]) -> Vec<Option<f64>> {
    let k = reversed.len();
    let of = |j: usize| {
        let others = || (0..k).filter(move |other| *other != j);
        let straight: Vec<usize> = others().filter(|other| !reversed[*other]).collect();
        let rest: Vec<usize> = if straight.len() < 2 { others().collect() } else { straight };
        let shared: f64 = rest.iter().map(|other| covariance[(j, *other)]).sum();
        let spread: f64 = rest.iter().flat_map(|a| rest.iter().map(|b| covariance[(*a, *b)])).sum();
        let product = covariance[(j, j)] * spread;
        (product > 0.0).then(|| shared / product.sqrt()).filter(|r| r.is_finite())
    };
    (0..k).map(of).collect()
}

fn alpha_of(moments: &Moments) -> Option<f64> {
    alpha(moments, &AlphaConfig::default()).ok().and_then(|alpha| alpha.estimate.estimate)
}

/// The moments with some items turned round; means are left alone, for nothing here looks at them.
fn turned(moments: &Moments, turn: &[bool]) -> Moments {
    let mut turned = moments.clone();
    let sign = |j: usize| if turn[j] { -1.0 } else { 1.0 };
    let k = moments.k();
    turned.covariance = DMatrix::from_fn(k, k, |a, b| sign(a) * sign(b) * moments.covariance[(a, b)]);
    turned
}

/// Where items run the wrong way that the key does not reverse, the columns may be shifted: does the key fit every scale
/// when it is moved along the items of the instrument?
fn moved(slots: usize, declared: Vec<usize>, scales: &[ScaleKey]) -> Option<Moved> {
    scales.iter().find(|scale| scale.wrong(false).next().is_some())?;
    let fits = |by: i64| {
        let there = |slot: &usize| (*slot as i64 + by).rem_euclid(slots as i64) as usize;
        let against: Vec<usize> = declared.iter().map(there).collect();
        let alphas: Option<Vec<f64>> = scales.iter().map(|scale| scale.alpha_with(&against)).collect();
        let alpha = *alphas?.first()?;
        Some(Moved { by, against, declared: declared.clone(), alpha })
    };
    let places = (1..=FARTHEST).flat_map(|by| [by, -by]);
    places.filter_map(fits).reduce(|best, other| if other.alpha > best.alpha { other } else { best })
}

impl ScaleKey {
    /// Alpha if the key reversed these slots instead; none if the key would fit no better, or not all items.
    fn alpha_with(&self, reversed: &[usize]) -> Option<f64> {
        let flags: Vec<bool> = self.items.iter().map(|item| reversed.contains(&item.slot)).collect();
        let turn: Vec<bool> =
            self.items.iter().zip(&flags).map(|(item, reversed)| item.reversed != *reversed).collect();
        let moments = turned(&self.moments, &turn);
        let rs = rest_correlations(&moments.covariance, &flags);
        let fits = !rs.iter().flatten().any(|r| *r <= WRONG_WAY);
        let better = |alpha: &f64| !turn.contains(&true) || self.alpha.is_none_or(|now| *alpha > now);
        alpha_of(&moments).filter(|alpha| fits && better(alpha))
    }
}
