//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file under a temporary name in the folder that it is meant for: its name with `.partial` behind.
///
/// [`PendingFile::publish`] gives it its name, in place of a file that may have it; dropped before, it is removed. Whoever
/// opens the name sees the old file or the whole new one, also behind a crash.
#[derive(Debug)]
pub struct PendingFile {
    handle: File,
    temporary: PathBuf,
    path: PathBuf,
    is_published: bool,
}

impl PendingFile {
    /// Begins a file. What a killed run may have left under the temporary name is overwritten.
    ///
    /// # Errors
    /// If the path names no file, or the temporary file cannot be created.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let no_name = || io::Error::new(io::ErrorKind::InvalidInput, format!("{} is not a file name", path.display()));
        let mut name = path.file_name().ok_or_else(no_name)?.to_owned();
        name.push(".partial");
        let temporary = path.with_file_name(name);
        let handle = File::create(&temporary)?;
        Ok(Self { handle, temporary, path, is_published: false })
    }

    /// The name that the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the bytes on the disk, and then the name.
    ///
    /// # Errors
    /// If the system cannot do that; the file is then removed, and what had the name before still has it, unless it is only
    /// the name that could not be made safe against a crash.
    pub fn publish(mut self) -> io::Result<()> {
        self.handle.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        self.is_published = true;
        sync_folder(&self.path)
    }
}

/// Puts the names in the folder of a file on the disk.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the system keeps the order of names itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.handle.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.handle.flush()
    }
}

impl Drop for PendingFile {
    /// Takes away what was not published.
    fn drop(&mut self) {
        if !self.is_published {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
