//! The file that a sandbox keeps its state in: found, locked, and replaced as a whole.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many links are followed, as on Linux.
const MAX_LINKS: usize = 40;

/// How many bytes are written at once.
const BUFFER: usize = 1 << 18;

/// Opens and locks the file, and creates it when there is none. Returns its own path, where links lead to it.
pub(super) fn open(path: &Path) -> io::Result<(PathBuf, File)> {
    let path = resolve(path)?;
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => return Err(refused("it is a folder: name a file in it")),
        Ok(metadata) if !metadata.is_file() => return Err(refused("it is not a regular file")),
        Ok(_) => check_replaceable(&path)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    loop {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        lock(&file)?;
        // Another sandbox may have replaced the file before it was locked here.
        if is_at(&file, &path) {
            return Ok((path, file));
        }
    }
}

/// Locks a file against other sandboxes as long as it is open. Some file systems have no locks.
fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::Error::new(ErrorKind::ResourceBusy, "another sandbox has it")),
        Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => Err(error),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Follows links, to a file that need not exist: what replaces a file must not replace a link to it.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(refused("it is a link that leads in a circle"))
}

/// A file that is mounted by itself, as containers can, cannot be replaced. Linking tells it from others.
fn check_replaceable(path: &Path) -> io::Result<()> {
    let probe = sibling(path, "probe");
    match fs::hard_link(path, &probe) {
        Ok(()) => fs::remove_file(&probe),
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            Err(refused("it is mounted by itself, and so cannot be replaced: mount its folder instead"))
        }
        // Not every file system has links.
        Err(_) => Ok(()),
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().ok().map(id) == fs::metadata(path).ok().map(id)
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn refused(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, reason)
}

/// The path of a file beside another one: `state.json.new` for `state.json`.
fn sibling(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.file_name().map(OsStr::to_owned).unwrap_or_default();
    name.push(".");
    name.push(extension);
    path.with_file_name(name)
}

/// A file beside the one that it is to replace. Dropping it removes it.
pub(super) struct Replacement {
    target: PathBuf,
    path: PathBuf,
    /// `None` once it is in its place.
    file: Option<BufWriter<File>>,
    length: u64,
}

impl Replacement {
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        let path = sibling(target, "new");
        // Left by a sandbox that was killed. This one has the lock, so nobody writes to it.
        let _ = fs::remove_file(&path);
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(&path)?;
        let new = Self { target: target.into(), path, file: Some(BufWriter::with_capacity(BUFFER, file)), length: 0 };
        let file = new.file()?.get_ref();
        lock(file)?;
        if let Ok(replaced) = fs::metadata(target) {
            // Who could read the file still can. On a file system without permissions this fails.
            let _ = file.set_permissions(replaced.permissions());
        }
        Ok(new)
    }

    /// The bytes that it has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer()?.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Appends a part of another file.
    pub(super) fn copy(&mut self, mut other: &File, from: u64, to: u64) -> io::Result<()> {
        other.seek(SeekFrom::Start(from))?;
        let copied = io::copy(&mut other.take(to.saturating_sub(from)), self.writer()?)?;
        self.length += copied;
        if from + copied == to { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    /// Returns when even a power failure would lose nothing of it.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.writer()?.flush()?;
        self.file()?.get_ref().sync_all()
    }

    /// Puts it in its place, and returns it to append to.
    pub(super) fn replace(mut self) -> io::Result<File> {
        self.writer()?.flush()?;
        fs::rename(&self.path, &self.target)?;
        let file = self.file.take().ok_or(ErrorKind::BrokenPipe)?;
        Ok(file.into_parts().0)
    }

    fn file(&self) -> io::Result<&BufWriter<File>> {
        self.file.as_ref().ok_or_else(|| ErrorKind::BrokenPipe.into())
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| ErrorKind::BrokenPipe.into())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What is still in the buffer is not wanted.
            drop(file.into_parts());
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns when even a power failure would not bring back the file that was replaced.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
