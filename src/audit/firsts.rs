//! The first of many: all are counted, a few are kept.

use std::collections::BTreeMap;

/// How many are kept.
const KEPT: usize = 20;

/// Where a row stands: block of the file and line within the block. In the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Spot(u64);

/// Bits for the line within a block, and for the block.
const LINE_BITS: u32 = 18;
const BLOCK_BITS: u32 = 22;
/// Bits of a spot.
pub(super) const SPOT_BITS: u32 = LINE_BITS + BLOCK_BITS;

impl Spot {
    /// A spot; lines and blocks beyond what any file has are taken together.
    pub fn new(block: u64, line: u64) -> Spot {
        Spot(block.min((1 << BLOCK_BITS) - 1) << LINE_BITS | line.min((1 << LINE_BITS) - 1))
    }

    /// The spot packed into [`SPOT_BITS`] bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The spot that was packed.
    pub fn from_bits(bits: u64) -> Spot {
        Spot(bits)
    }

    /// The block.
    pub fn block(self) -> usize {
        (self.0 >> LINE_BITS) as usize
    }

    /// The line within the block.
    pub fn line(self) -> u64 {
        self.0 & ((1 << LINE_BITS) - 1)
    }
}

/// Counts things that stand in rows and keeps the first of them. Merging depends neither on the split nor on the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Firsts<T> {
    n: u64,
    kept: BTreeMap<Spot, T>,
}

impl<T> Default for Firsts<T> {
    fn default() -> Firsts<T> {
        Firsts { n: 0, kept: BTreeMap::new() }
    }
}

impl<T: Clone> Firsts<T> {
    /// Counts one, and keeps it if it is among the first.
    pub fn add(&mut self, spot: Spot, thing: impl FnOnce() -> T) {
        self.n += 1;
        let early =
            self.kept.len() < KEPT || self.kept.last_key_value().is_some_and(|(last, _)| spot < *last);
        if early {
            self.kept.insert(spot, thing());
            if self.kept.len() > KEPT {
                self.kept.pop_last();
            }
        }
    }

    /// Adds another count.
    pub fn merge(&mut self, other: &Firsts<T>) {
        for (spot, thing) in &other.kept {
            self.add(*spot, || thing.clone());
        }
        self.n += other.n - other.kept.len() as u64;
    }

    /// How many there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The first of them, in the order of the file.
    pub fn kept(&self) -> impl Iterator<Item = (Spot, &T)> {
        self.kept.iter().map(|(spot, thing)| (*spot, thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_whatever_the_order_and_the_split() {
        let spots =
            |range: std::ops::Range<u64>| range.map(|at| Spot::new(at * 7919 % 1000 / 10, at * 7919 % 1000));
        let mut one = Firsts::default();
        spots(0..1000).for_each(|spot| one.add(spot, || spot.bits()));
        let (mut a, mut b) = (Firsts::default(), Firsts::default());
        spots(300..1000).for_each(|spot| a.add(spot, || spot.bits()));
        spots(0..300).for_each(|spot| b.add(spot, || spot.bits()));
        a.merge(&b);
        a.merge(&Firsts::default());
        assert_eq!(a, one);
        assert_eq!(
            (one.n(), one.kept().count(), one.kept().next().map(|(spot, _)| spot)),
            (1000, KEPT, Some(Spot(0)))
        );
    }

    #[test]
    fn a_spot_is_a_line_of_a_block() {
        let spot = Spot::from_bits(Spot::new(7, 3).bits());
        assert_eq!((spot.block(), spot.line()), (7, 3));
        assert!(Spot::new(1, 1) > Spot::new(0, 9) && SPOT_BITS == 40);
    }
}
