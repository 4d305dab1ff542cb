//! An interrupted run leaves nothing half-written behind.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The exit code of a run that was interrupted: 128 and the number of the signal of Ctrl-C.
pub(super) const EXIT_INTERRUPTED: i32 = 130;

/// Files that are not whole yet.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that is removed if the run is interrupted, until this is dropped.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// Watches over a file.
    pub fn new(path: &Path) -> Unfinished {
        listen();
        unfinished().push(path.to_owned());
        Unfinished(path.to_owned())
    }

    /// Does the last step of a file, which an interruption has to wait for.
    pub fn finish<T>(self, step: impl FnOnce() -> T) -> T {
        let mut files = unfinished();
        let done = step();
        files.retain(|file| *file != self.0);
        drop(files);
        done
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|file| *file != self.0);
    }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens for interruptions, from the first unfinished file on: a run without one may simply end.
fn listen() {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let _ = ctrlc::set_handler(|| {
            // Held to the end, so that no file is begun or finished meanwhile.
            let files = unfinished();
            for file in files.iter() {
                let _ = std::fs::remove_file(file);
            }
            let text = b"interrupted; nothing was written, and an older output is as it was\n";
            let _ = std::io::stderr().lock().write_all(text);
            std::process::exit(EXIT_INTERRUPTED);
        });
    });
}
