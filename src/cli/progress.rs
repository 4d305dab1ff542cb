//! How far a long run is, on a terminal only.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter runs need no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error that says how many bytes were read, once that takes longer than a moment.
pub(super) struct Progress {
    start: Instant,
    total: Option<u64>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Progress through so many bytes, if it is known how many.
    pub fn new(total: Option<u64>) -> Progress {
        Progress { start: Instant::now(), total, bar: None }
    }

    /// Says that so many bytes were read.
    pub fn at(&mut self, bytes: u64) {
        if self.bar.is_none() && self.start.elapsed() > PATIENCE {
            // Draws nothing where standard error is no terminal.
            let target = ProgressDrawTarget::stderr();
            let bar = match self.total {
                Some(total) => ProgressBar::with_draw_target(Some(total), target),
                None => ProgressBar::with_draw_target(None, target),
            };
            let template = match self.total {
                Some(_) => "{bytes} of {total_bytes} read ({percent} %), {msg} to go",
                None => "{bytes} read, {bytes_per_sec}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            // From the whole run so far, which the bar has not seen: it came late.
            if let Some(total) = self.total.filter(|_| bytes > 0) {
                let left = total.saturating_sub(bytes) as f64 / bytes as f64;
                bar.set_message(format!("{:.0} s", (self.start.elapsed().as_secs_f64() * left).ceil()));
            }
            bar.set_position(bytes);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line on standard error that says which block of a long report is being made.
pub(super) struct Blocks {
    start: Instant,
    bar: Option<ProgressBar>,
}

impl Blocks {
    pub fn new() -> Blocks {
        Blocks { start: Instant::now(), bar: None }
    }

    /// Says that so many blocks are done, and which one is next.
    pub fn at(&mut self, done: usize, all: usize, title: &str) {
        if self.bar.is_none() && self.start.elapsed() > PATIENCE {
            let bar = ProgressBar::with_draw_target(Some(all as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:20} block {pos} of {len}: {wide_msg}") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            bar.set_message(title.to_owned());
            bar.tick();
        }
    }

    /// The report is made.
    pub fn done(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
