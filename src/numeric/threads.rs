//! How many threads work, and how they share it.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads work, all cores unless told otherwise. No result depends on it, so it is never written out with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(usize);

impl Threads {
    /// One alone.
    pub const ONE: Threads = Threads(1);

    /// How many.
    pub fn count(self) -> usize {
        self.0
    }

    /// What `job` gives for each number below `jobs`, in their order, whoever computed it. Each thread has a `space` of its
    /// own to work in, and takes the next number as soon as it is free.
    ///
    /// ```
    /// use alliance_metrics::numeric::Threads;
    /// let squares = Threads::from(3).in_order(5, || (), |at, ()| at * at);
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// ```
    pub fn in_order<S, T: Send>(
        self,
        jobs: usize,
        space: impl Fn() -> S + Sync,
        job: impl Fn(usize, &mut S) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let some = || {
            let mut space = space();
            let mut found = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= jobs {
                    return found;
                }
                found.push((at, job(at, &mut space)));
            }
        };
        let mut all: Vec<Option<T>> = (0..jobs).map(|_| None).collect();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.0.min(jobs)).map(|_| scope.spawn(some)).collect();
            let own = some();
            let others = others.into_iter().filter_map(|other| other.join().ok()).flatten();
            own.into_iter().chain(others).for_each(|(at, found)| all[at] = Some(found));
        });
        // What a thread could not do is done here.
        let again = |(at, found): (usize, Option<T>)| found.unwrap_or_else(|| job(at, &mut space()));
        all.into_iter().enumerate().map(again).collect()
    }
}

impl From<usize> for Threads {
    /// So many, at least one.
    fn from(count: usize) -> Threads {
        Threads(count.max(1))
    }
}

impl Default for Threads {
    fn default() -> Threads {
        Threads(std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
    }
}
