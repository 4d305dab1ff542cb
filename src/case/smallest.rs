//! The smallest part of a list that still shows something.

/// How much work may be spent on making something smaller.
#[derive(Debug)]
pub(super) struct Budget {
    /// What is left, in bytes looked at.
    pub left: usize,
}

impl Budget {
    /// Whether so many more bytes may be looked at.
    pub fn take(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes.max(1));
        self.left > 0
    }
}

/// Leaves out as much of a list as can be left out, half of it first, one by one at the end, as long as it holds. No
/// single element of what remains could be left out, unless it stops for want of work (`holds` gives none).
pub(super) fn smallest<T: Clone>(whole: Vec<T>, mut holds: impl FnMut(&[T]) -> Option<bool>) -> Vec<T> {
    let mut kept = whole;
    let mut chunk = kept.len().max(1);
    loop {
        let (mut at, mut smaller) = (0, false);
        while at < kept.len() {
            let end = (at + chunk).min(kept.len());
            let without = [&kept[..at], &kept[end..]].concat();
            match holds(&without) {
                None => return kept,
                Some(true) => (kept, smaller) = (without, true),
                Some(false) => at = end,
            }
        }
        if chunk == 1 && !smaller {
            return kept;
        }
        chunk = (chunk / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_more_can_be_left_out() {
        let mut tries = 0;
        let kept = smallest((0..1000).collect(), |part: &[i32]| {
            tries += 1;
            Some(part.contains(&17) && part.contains(&600) && part.iter().filter(|n| *n % 2 == 0).count() > 3)
        });
        assert_eq!(kept.len(), 5, "{kept:?}");
        assert!(tries < 200, "{tries}");
        assert_eq!(smallest(vec![1, 2, 3], |_| Some(true)), Vec::<i32>::new());
        assert_eq!(smallest(vec![1, 2, 3], |_| Some(false)), [1, 2, 3]);
        let mut budget = Budget { left: 10 };
        assert_eq!(
            smallest(vec![1, 2, 3, 4], |part| budget.take(part.len() * 3).then_some(true)),
            [1, 2, 3, 4][..0]
        );
    }
}
