//! Files: inputs that are opened, outputs that appear only when they are whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tempfile::NamedTempFile;

use super::interrupt::Unfinished;
use crate::error::Error;

/// What this run has read, and what it writes: no input is ever written to, no output twice.
static INPUTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static OUTPUTS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn remember(files: &Mutex<Vec<PathBuf>>, path: &Path) {
    files.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

fn is_among(files: &Mutex<Vec<PathBuf>>, path: &Path) -> bool {
    let files = files.lock().unwrap_or_else(PoisonError::into_inner);
    files.iter().any(|file| file == path || same_file(file, path))
}

/// Refuses to write where something was read, or where something else is written.
fn refuse(path: &Path) -> Result<(), Error> {
    if is_among(&INPUTS, path) {
        return Err(is_input(path));
    }
    if is_among(&OUTPUTS, path) { Err(is_twice(path)) } else { Ok(()) }
}

/// The same before anything is read, for commands that take long.
pub(super) fn refuse_early(outputs: &[&PathBuf], inputs: &[PathBuf]) -> Result<(), Error> {
    for (at, output) in outputs.iter().enumerate() {
        if outputs[..at].iter().any(|other| other == output || same_file(other, output)) {
            return Err(is_twice(output));
        }
        if inputs.iter().any(|input| same_file(output, input)) {
            return Err(is_input(output));
        }
    }
    Ok(())
}

fn is_input(path: &Path) -> Error {
    let message = format!("the output `{}` is also an input", path.display());
    Error::usage_help(message, "the program never changes its input; choose another name")
}

fn is_twice(path: &Path) -> Error {
    let message = format!("`{}` is named for two outputs", path.display());
    Error::usage_help(message, "each needs a file of its own")
}

/// A file of answers, or standard input.
pub(super) struct Source {
    /// Its name for messages.
    pub name: String,
    /// Its name for records: without the way to it.
    pub base: String,
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
    /// What it was when it was opened; none for what is no plain file.
    pub state: Option<FileState>,
}

/// Size and time of a file, by which it is seen whether it changes while it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileState {
    path: PathBuf,
    /// Its size.
    pub len: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    fn of(path: &Path, data: &fs::Metadata) -> Option<FileState> {
        let plain = FileState { path: path.to_owned(), len: data.len(), modified: data.modified().ok() };
        data.is_file().then_some(plain)
    }

    /// Refuses a file that is no longer what it was.
    pub fn check(&self) -> Result<(), Error> {
        let now = fs::metadata(&self.path).ok().and_then(|data| FileState::of(&self.path, &data));
        let what = match now {
            Some(now) if now == *self => return Ok(()),
            Some(now) if now.len != self.len => {
                format!("it changed while it was read: {} bytes at first, {} at the end", self.len, now.len)
            }
            Some(_) => "it was written to while it was read".to_owned(),
            None => "it vanished while it was read".to_owned(),
        };
        Err(Error::System { what: "cannot read", path: self.path.clone(), source: io::Error::other(what) })
    }
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub fn open(path: &Path) -> Result<Source, Error> {
        if path == Path::new("-") {
            let name = "standard input".to_owned();
            return Ok(Source { base: name.clone(), name, reader: Box::new(io::stdin()), state: None });
        }
        let failed = |source| Error::System { what: "cannot read", path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let data = file.metadata().map_err(failed)?;
        if data.is_dir() {
            return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory, not a file")));
        }
        let state = FileState::of(path, &data);
        if state.is_some() {
            remember(&INPUTS, path);
        }
        Ok(Source { name: path.display().to_string(), base: base_name(path), reader: Box::new(file), state })
    }
}

/// Opens several files of answers, which are told apart by as much of their paths as it takes.
///
/// # Errors
/// A usage error if one of them is named twice; an error if one cannot be opened.
pub(super) fn open_all(paths: &[PathBuf]) -> Result<Vec<Source>, Error> {
    for (at, path) in paths.iter().enumerate() {
        if let Some(other) = paths[..at].iter().find(|other| *other == path || same_file(other, path)) {
            let message = format!("`{}` and `{}` are one file", other.display(), path.display());
            return Err(Error::usage(message));
        }
    }
    let mut sources: Vec<Source> = paths.iter().map(|path| Source::open(path)).collect::<Result<_, _>>()?;
    let most = paths.iter().map(|path| path.components().count()).max().unwrap_or_default();
    for parts in 1..=most {
        let names: Vec<String> = sources.iter().map(|source| tail(Path::new(&source.name), parts)).collect();
        let twice = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
        if parts == most || !names.iter().any(twice) {
            sources.iter_mut().zip(names).for_each(|(source, name)| source.base = name);
            break;
        }
    }
    Ok(sources)
}

/// The last parts of a path.
fn tail(path: &Path, parts: usize) -> String {
    let all: Vec<String> =
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    all[all.len().saturating_sub(parts)..].join("/")
}

/// The name of a file without the way to it.
pub(super) fn base_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Reads a small file as a whole.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    if path.is_file() {
        remember(&INPUTS, path);
    }
    fs::read(path).map_err(|source| Error::System { what: "cannot read", path: path.to_owned(), source })
}

/// A file that replaces its target only when it is complete.
pub(super) struct Output {
    path: PathBuf,
    place: Place,
}

enum Place {
    /// Beside the target, to be renamed.
    Beside(BufWriter<NamedTempFile>, Unfinished),
    /// A device or a pipe cannot be replaced; it is written as it is.
    Direct(BufWriter<File>),
}

impl Output {
    /// Begins an output.
    pub fn create(path: &Path) -> Result<Output, Error> {
        refuse(path)?;
        let failed = |source| Error::System { what: "cannot write", path: path.to_owned(), source };
        // A link stays a link: what it points to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let place = match fs::metadata(&target) {
            Ok(old) if old.is_dir() => {
                return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")));
            }
            Ok(old) if !old.is_file() => {
                Place::Direct(BufWriter::new(File::options().write(true).open(&target).map_err(failed)?))
            }
            Ok(old) if old.permissions().readonly() => {
                return Err(failed(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "the file may not be changed",
                )));
            }
            old => {
                let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
                if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                    let what = format!("the folder `{}` does not exist", folder.display());
                    return Err(failed(io::Error::new(io::ErrorKind::NotFound, what)));
                }
                let mut builder = tempfile::Builder::new();
                let prefix = format!(".{}.", base_name(&target));
                builder.prefix(&prefix).suffix(".tmp");
                let permissions = old.ok().map(|old| old.permissions()).or_else(fresh_permissions);
                if let Some(permissions) = permissions {
                    builder.permissions(permissions);
                }
                let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
                let unfinished = Unfinished::new(file.path());
                remember(&OUTPUTS, &target);
                Place::Beside(BufWriter::with_capacity(1 << 16, file), unfinished)
            }
        };
        Ok(Output { path: target, place })
    }

    /// Puts the complete file in the place of its target.
    pub fn commit(self) -> Result<(), Error> {
        let failed = |source| Error::System { what: "cannot write", path: self.path.clone(), source };
        match self.place {
            Place::Direct(mut file) => file.flush().map_err(failed),
            Place::Beside(file, unfinished) => {
                let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
                let put = || file.persist(&self.path).map(drop).map_err(|error| failed(error.error));
                unfinished.finish(put)
            }
        }
    }
}

/// What the user's own settings (umask) make of a new file.
#[cfg(unix)]
fn fresh_permissions() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn fresh_permissions() -> Option<fs::Permissions> {
    None
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.place {
            Place::Beside(file, _) => file.write(bytes),
            Place::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Beside(file, _) => file.flush(),
            Place::Direct(file) => file.flush(),
        }
    }
}

/// Whether two paths lead to the same existing file.
pub(super) fn same_file(a: &Path, b: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::canonicalize(a), fs::canonicalize(b)) else { return false };
    a == b || same_inode(&a, &b)
}

#[cfg(unix)]
fn same_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_inode(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changes_is_refused() {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(b"a,b\n").unwrap();
        let state = Source::open(file.path()).unwrap().state.unwrap();
        assert!(state.check().is_ok());
        file.write_all(b"1,2\n").unwrap();
        let grown = state.check().unwrap_err();
        assert!(
            matches!(&grown, Error::System { source, .. } if source.to_string().contains("4 bytes at first, 8"))
        );
        file.as_file().set_len(1).unwrap();
        assert!(state.check().is_err());
        drop(file);
        assert!(state.check().unwrap_err().to_string().contains("vanished"));
    }
}
