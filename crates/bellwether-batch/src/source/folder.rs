//! Folders as inputs.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::error::SourceError;
use super::input::Input;

/// The files in a folder and in its folders.
#[derive(Debug)]
pub(super) struct Folder {
    /// Those whose names say a format, in the order of their names, folder by folder.
    pub(super) files: Vec<PathBuf>,
    /// How many others there are.
    pub(super) skipped: u64,
}

impl Folder {
    /// Walks through a folder. A symbolic link is counted as skipped: followed, it could lead round in a circle or out
    /// of the folder.
    pub(super) fn list(path: &Path) -> Result<Self, SourceError> {
        let mut folder = Self { files: Vec::new(), skipped: 0 };
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let place = error.path().unwrap_or(path).to_owned();
                SourceError::unreadable(&place, error.into())
            })?;
            if entry.file_type().is_dir() || entry.depth() == 0 {
                continue;
            }
            if entry.file_type().is_file() && Input::from(entry.path()).format().is_some() {
                folder.files.push(entry.into_path());
            } else {
                folder.skipped += 1;
            }
        }
        Ok(folder)
    }
}
