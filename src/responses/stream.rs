//! Work on a stream of parcels with several threads, results in the order of the stream, memory bounded.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Runs `produce` → `work` → `consume` over parcels that are used again and again.
///
/// Every thread fetches a parcel (`produce` fills it and says whether there was anything to fill it with), works on it
/// with a state of its own, and hands it in. Parcels are consumed in the order in which they were produced, by whichever
/// thread completes the order; if `consume` returns `false`, the stream ends early. No more parcels exist than are
/// given, so memory does not grow with the stream. With one thread everything happens in the calling one.
///
/// Returns how production ended and the states of the threads.
pub fn ordered<P: Send, S: Send, E: Send>(
    parcels: Vec<P>,
    threads: usize,
    produce: impl FnMut(&mut P) -> Result<bool, E> + Send,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut P) + Sync,
    consume: impl FnMut(&mut P) -> bool + Send,
) -> (Result<(), E>, Vec<S>) {
    let source = Mutex::new(Source { produce, next: 0, end: None });
    let counter = Counter {
        desk: Mutex::new(Desk { free: parcels, waiting: BTreeMap::new(), next: 0, closed: false, consume }),
        freed: Condvar::new(),
    };
    let run = || {
        let _last = LastWord(&counter);
        let mut state = state();
        while let Some(mut parcel) = counter.take() {
            let Some(index) = locked(&source).fill(&mut parcel) else { break };
            work(&mut state, &mut parcel);
            counter.hand_in(index, parcel);
        }
        state
    };
    let states = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut states = vec![run()];
        for other in others {
            states.push(other.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload)));
        }
        states
    });
    let end = source.into_inner().unwrap_or_else(PoisonError::into_inner).end;
    (end.unwrap_or(Ok(())), states)
}

/// Where parcels are filled, one at a time.
struct Source<F, E> {
    produce: F,
    next: u64,
    end: Option<Result<(), E>>,
}

impl<F, E> Source<F, E> {
    /// Fills a parcel; its number in the stream, or none at the end.
    fn fill<P>(&mut self, parcel: &mut P) -> Option<u64>
    where
        F: FnMut(&mut P) -> Result<bool, E>,
    {
        if self.end.is_some() {
            return None;
        }
        match (self.produce)(parcel) {
            Ok(true) => {
                self.next += 1;
                Some(self.next - 1)
            }
            Ok(false) => {
                self.end = Some(Ok(()));
                None
            }
            Err(error) => {
                self.end = Some(Err(error));
                None
            }
        }
    }
}

/// Where parcels are given out and handed in.
struct Counter<P, C> {
    desk: Mutex<Desk<P, C>>,
    freed: Condvar,
}

struct Desk<P, C> {
    free: Vec<P>,
    /// Parcels that are done and wait for their turn.
    waiting: BTreeMap<u64, P>,
    next: u64,
    closed: bool,
    consume: C,
}

impl<P, C: FnMut(&mut P) -> bool> Counter<P, C> {
    /// A free parcel; none if the stream has ended early.
    fn take(&self) -> Option<P> {
        let mut desk = locked(&self.desk);
        loop {
            if desk.closed {
                return None;
            }
            if let Some(parcel) = desk.free.pop() {
                return Some(parcel);
            }
            desk = self.freed.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Consumes this parcel and those behind it, as far as their turn has come.
    fn hand_in(&self, index: u64, parcel: P) {
        let mut guard = locked(&self.desk);
        let desk = &mut *guard;
        desk.waiting.insert(index, parcel);
        while let Some(mut parcel) = desk.waiting.remove(&desk.next) {
            desk.next += 1;
            desk.closed = desk.closed || !(desk.consume)(&mut parcel);
            desk.free.push(parcel);
            self.freed.notify_one();
        }
        if desk.closed {
            self.freed.notify_all();
        }
    }
}

/// Ends the stream if a thread panics; the others would wait for its parcel for ever.
struct LastWord<'a, P, C>(&'a Counter<P, C>);

impl<P, C> Drop for LastWord<'_, P, C> {
    fn drop(&mut self) {
        if thread::panicking() {
            locked(&self.0.desk).closed = true;
            self.0.freed.notify_all();
        }
    }
}

/// A lock whose holder panicked is no reason to stop here: the panic itself is passed on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        for threads in [1, 2, 5] {
            let mut left = 0..200u64;
            let mut seen = Vec::new();
            let (end, states) = ordered(
                vec![0u64; threads + 1],
                threads,
                |parcel| Ok::<bool, ()>(left.next().map(|n| *parcel = n).is_some()),
                || 0u64,
                |count, parcel| {
                    *count += 1;
                    *parcel *= 2;
                },
                |parcel| {
                    seen.push(*parcel);
                    true
                },
            );
            assert_eq!(end, Ok(()));
            assert_eq!(seen, (0..200).map(|n| n * 2).collect::<Vec<_>>());
            assert_eq!(states.iter().sum::<u64>(), 200);
        }
    }

    #[test]
    #[should_panic(expected = "in the worker")]
    fn a_panic_is_passed_on_and_nothing_hangs() {
        let work = |(): &mut (), n: &mut u64| assert!(*n != 1, "in the worker");
        let mut next = 0;
        let produce = |n: &mut u64| {
            *n = next;
            next += 1;
            Ok::<bool, ()>(true)
        };
        let _ = ordered(vec![0u64; 3], 2, produce, || (), work, |_| true);
    }

    #[test]
    fn a_consumer_may_stop_and_a_producer_may_fail() {
        for threads in [1, 3] {
            let produce = |n: &mut u64| if *n < 100 { Ok(true) } else { Err("full") };
            let (end, _) = ordered(vec![0u64; 4], threads, produce, || (), |(), n| *n += 1, |_| false);
            assert_eq!(end, Ok(()));
            let (end, _) = ordered(vec![0u64; 4], threads, produce, || (), |(), n| *n += 1, |_| true);
            assert_eq!(end, Err("full"));
        }
    }
}
