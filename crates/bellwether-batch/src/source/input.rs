//! Where documents come from.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::SourceError;
use super::folder::Folder;
use super::format::Format;

/// Where documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input; compression is recognised from its first bytes.
    Stdin,
    /// A file, whose compression is recognised from its first bytes, or a folder: the files in it and in its folders, in
    /// the order of their names, as far as a name says a format. Symbolic links inside it are not followed.
    File(PathBuf),
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::File(path.to_owned()) }
    }
}

impl FromStr for Input {
    type Err = std::convert::Infallible;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        Ok(Path::new(argument).into())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Input {
    /// The format that the file's name says, looking through `.gz` and `.zst`; `None` if it says nothing.
    ///
    /// ```
    /// use bellwether_batch::source::{Format, Input};
    /// assert_eq!(Input::File("crawl.jsonl.zst".into()).format(), Some(Format::JsonLines));
    /// assert_eq!(Input::File("crawl.warc.gz".into()).format(), Some(Format::WebArchive));
    /// assert_eq!(Input::File("crawl".into()).format(), None);
    /// ```
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        let (_, extension) = self.bare_name()?;
        Format::of_extension(&extension)
    }

    /// The file's name without what says its format and compression; `None` if it has none.
    pub(crate) fn name_without_format(&self) -> Option<String> {
        let Self::File(path) = self else { return None };
        let name = path.file_name()?.to_string_lossy();
        let known = self.format().and(self.bare_name()).map_or(name.len(), |(bare, _)| bare);
        Some(name.get(..known)?.to_owned())
    }

    /// The length of the name before the extension that says a format, and that extension in small letters.
    fn bare_name(&self) -> Option<(usize, String)> {
        let Self::File(path) = self else { return None };
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        name.rsplit_once('.').map(|(bare, extension)| (bare.len(), extension.to_owned()))
    }

    /// The files to read, in order: the file itself, or those of the folder whose names say a format; and how many others
    /// the folder has. Standard input is no file.
    ///
    /// # Errors
    /// If the folder, or one in it, cannot be listed.
    pub fn files(&self) -> Result<(Vec<PathBuf>, u64), SourceError> {
        match self {
            Self::Stdin => Ok((Vec::new(), 0)),
            Self::File(path) if path.is_dir() => Folder::list(path).map(|Folder { files, skipped }| (files, skipped)),
            Self::File(path) => Ok((vec![path.clone()], 0)),
        }
    }

    /// The size in bytes, compressed as it is, for a folder of the files that would be read; `None` if it cannot be
    /// known beforehand.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        if *self == Self::Stdin {
            return None;
        }
        let (files, _) = self.files().ok()?;
        files.iter().map(|file| fs::metadata(file).ok().map(|metadata| metadata.len())).sum()
    }
}
