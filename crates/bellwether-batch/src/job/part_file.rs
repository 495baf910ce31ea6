//! The output of a part: a file that appears whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::digest::{Hashed, Sized256};
use crate::ScoredDocument;

/// A file under its temporary name.
pub(super) struct PartFile {
    writer: BufWriter<Hashed<File>>,
    file: File,
    temporary: PathBuf,
    path: PathBuf,
}

impl Drop for PartFile {
    /// Takes away what was not finished; a finished file no longer has this name.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

impl PartFile {
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let temporary = path.with_file_name(name);
        // What an interrupted run left under this name goes.
        let file = File::create(&temporary)?;
        let writer = BufWriter::new(Hashed::new(file.try_clone()?));
        Ok(Self { writer, file, temporary, path })
    }

    pub(super) fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        serde_json::to_writer(&mut self.writer, scored)?;
        self.writer.write_all(b"\n")
    }

    pub(super) fn write_json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.writer, value)?;
        self.writer.write_all(b"\n")
    }

    /// Makes sure that the file is on disk, gives it its name, and makes sure of that too.
    pub(super) fn finish(mut self) -> io::Result<Sized256> {
        self.writer.flush()?;
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        sync_folder(self.path.parent().unwrap_or(Path::new(".")))?;
        let hashed = std::mem::replace(self.writer.get_mut(), Hashed::new(self.file.try_clone()?));
        Ok(hashed.finish())
    }
}

/// Makes sure that names in a folder are on disk, where the system lets one ask for that.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
