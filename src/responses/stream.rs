//! Work on a stream of parcels with several threads, results in the order of the stream, memory bounded.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// Runs `produce` → `work` → `consume` over parcels that are used again and again.
///
/// `produce` fills a parcel and says whether there was anything to fill it with; it runs in a thread of its own.
/// `work` runs in `threads` threads, each with a state made by `state`. `consume` runs in the calling thread and sees
/// the parcels in the order in which they were produced; if it returns `false`, the stream ends early. No more
/// parcels exist than are given, so memory does not grow with the stream.
///
/// Returns how production ended and the states of the workers.
pub fn ordered<P: Send, S: Send, E: Send>(
    parcels: Vec<P>,
    threads: usize,
    mut produce: impl FnMut(&mut P) -> Result<bool, E> + Send,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut P) + Sync,
    mut consume: impl FnMut(&mut P) -> bool,
) -> (Result<(), E>, Vec<S>) {
    let (free_in, free_out) = mpsc::channel::<P>();
    let (job_in, job_out) = mpsc::channel::<(u64, P)>();
    let (done_in, done_out) = mpsc::channel::<Option<(u64, P)>>();
    for parcel in parcels {
        let _ = free_in.send(parcel); // the other end is still here
    }
    let jobs = Mutex::new(job_out);
    let next_job = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    thread::scope(|scope| {
        let producer = scope.spawn(move || {
            let mut index = 0;
            while let Ok(mut parcel) = free_out.recv() {
                if !produce(&mut parcel)? || job_in.send((index, parcel)).is_err() {
                    break;
                }
                index += 1;
            }
            Ok(())
        });
        let workers: Vec<_> = (0..threads.max(1))
            .map(|_| {
                let done = LastWord(done_in.clone());
                let (state, work, next_job) = (&state, &work, &next_job);
                scope.spawn(move || {
                    let mut state = state();
                    while let Ok((index, mut parcel)) = next_job() {
                        work(&mut state, &mut parcel);
                        if done.0.send(Some((index, parcel))).is_err() {
                            break;
                        }
                    }
                    state
                })
            })
            .collect();
        drop(done_in);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        'stream: while let Ok(Some((index, parcel))) = done_out.recv() {
            waiting.insert(index, parcel);
            while let Some(mut parcel) = waiting.remove(&next) {
                next += 1;
                if !consume(&mut parcel) {
                    break 'stream;
                }
                let _ = free_in.send(parcel); // a producer that has finished needs no more parcels
            }
        }
        drop(free_in);
        drop(done_out);
        let produced = joined(producer.join());
        (produced, workers.into_iter().map(|worker| joined(worker.join())).collect())
    })
}

/// Tells the consumer if the worker panics, which would otherwise wait for the lost parcel for ever.
struct LastWord<T>(mpsc::Sender<Option<T>>);

impl<T> Drop for LastWord<T> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(None);
        }
    }
}

fn joined<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
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
                vec![0u64; 4],
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
        let produce = |n: &mut u64| if *n < 100 { Ok(true) } else { Err("full") };
        let (end, _) = ordered(vec![0u64; 3], 2, produce, || (), |(), n| *n += 1, |_| false);
        assert_eq!(end, Ok(()));
        let (end, _) = ordered(vec![0u64; 3], 2, produce, || (), |(), n| *n += 1, |_| true);
        assert_eq!(end, Err("full"));
    }
}
