//! How many threads work.

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
