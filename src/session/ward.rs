//! Courses in types: Ward's clustering of profiles or growth parameters.

use serde::Serialize;

use crate::statistic::{Reason, StatError};

/// A dendrogram.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Dendrogram {
    /// How many things were clustered.
    pub n: usize,
    /// Joins in the order of their height.
    pub joins: Vec<Join>,
}

/// Two clusters becoming one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Join {
    /// The smallest member of the one.
    pub first: usize,
    /// The smallest member of the other.
    pub second: usize,
    /// The height.
    pub height: f64,
    /// Members after the join.
    pub size: usize,
}

/// More things make a table of distances larger than memory should hold.
const MOST: usize = 5000;

/// Ward's hierarchical clustering on Euclidean distances of rows of features.
///
/// Lance–Williams on squared distances, d²(AB, C) = [(|A| + |C|) d²(A, C) + (|B| + |C|) d²(B, C) − |C| d²(A, B)] / (|A| + |B| + |C|);
/// heights are distances.
///
/// Rows may be ipsatised profiles, or level, slope, curvature and residual SD; features of different units are to be
/// standardised first. How many types there are is the user's to say.
///
/// # Missing data
/// None: every row has every feature.
///
/// # Errors
/// [`Reason::TooFew`] for under two rows, [`Reason::NotApplicable`] for rows of different lengths, numbers that are not finite, or
/// more than 5,000 rows.
///
/// # Agrees with
/// R 4.2.2 `hclust(dist(x), method = "ward.D2")`.
///
/// # Source
/// Ward (1963), Journal of the American Statistical Association 58; Murtagh & Legendre (2014), Journal of Classification 31.
///
/// ```
/// use alliance_metrics::session::ward;
/// let rows = [vec![0.0], vec![1.0], vec![10.0]];
/// let tree = ward(&rows).unwrap();
/// assert_eq!(tree.joins[0].height, 1.0);
/// assert_eq!(tree.groups(2), [0, 0, 1]);
/// ```
pub fn ward(rows: &[Vec<f64>]) -> Result<Dendrogram, StatError> {
    let n = rows.len();
    if n < 2 {
        return Err(StatError::new(Reason::TooFew, format!("{n} courses to cluster")));
    }
    let sound = |row: &Vec<f64>| row.len() == rows[0].len() && row.iter().all(|x| x.is_finite());
    if n > MOST || !rows.iter().all(sound) {
        let message = format!("{n} rows, up to {MOST} of equal length and without gaps can be clustered");
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    let squared = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let mut distance: Vec<f64> = (0..n * n).map(|at| squared(&rows[at / n], &rows[at % n])).collect();
    let mut size = vec![1usize; n];
    let mut alive = vec![true; n];
    let mut joins = Vec::with_capacity(n - 1);
    let mut chain: Vec<usize> = Vec::new();
    // A chain of nearest neighbours ends in a pair that is nearest to each other.
    while joins.len() < n - 1 {
        let Some(tip) = chain.last().copied() else {
            chain.extend(alive.iter().position(|alive| *alive));
            continue;
        };
        let before = chain.len().checked_sub(2).map(|at| chain[at]);
        let start = before.map_or((f64::INFINITY, usize::MAX), |b| (distance[tip * n + b], b));
        let (near, next) =
            (0..n).filter(|other| alive[*other] && *other != tip).fold(start, |best, other| {
                let d = distance[tip * n + other];
                if d < best.0 { (d, other) } else { best }
            });
        if before != Some(next) {
            chain.push(next);
            continue;
        }
        chain.truncate(chain.len() - 2);
        let (keep, gone) = (tip.min(next), tip.max(next));
        let (a, b) = (size[keep] as f64, size[gone] as f64);
        for other in (0..n).filter(|other| alive[*other] && *other != keep && *other != gone) {
            let c = size[other] as f64;
            let (to_a, to_b) = (distance[keep * n + other], distance[gone * n + other]);
            let merged = ((a + c) * to_a + (b + c) * to_b - c * near) / (a + b + c);
            distance[keep * n + other] = merged;
            distance[other * n + keep] = merged;
        }
        alive[gone] = false;
        size[keep] += size[gone];
        joins.push(Join { first: keep, second: gone, height: near.max(0.0).sqrt(), size: size[keep] });
    }
    joins.sort_by(|a, b| a.height.total_cmp(&b.height).then(a.size.cmp(&b.size)));
    Ok(Dendrogram { n, joins })
}

impl Dendrogram {
    /// The group of each thing when the tree is cut into `k` groups, numbered in the order of their first member.
    pub fn groups(&self, k: usize) -> Vec<usize> {
        let mut root: Vec<usize> = (0..self.n).collect();
        let joined = self.n.saturating_sub(k.clamp(1, self.n));
        for join in &self.joins[..joined] {
            let (keep, gone) = (root[join.first], root[join.second]);
            root.iter_mut().filter(|root| **root == gone).for_each(|root| *root = keep);
        }
        let mut seen: Vec<usize> = Vec::new();
        let number = |root: &usize| {
            seen.iter().position(|known| known == root).unwrap_or_else(|| {
                seen.push(*root);
                seen.len() - 1
            })
        };
        root.iter().map(number).collect()
    }
}
