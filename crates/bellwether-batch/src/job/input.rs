//! The inputs of a job, and the names of the outputs made of them.

use std::fmt;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tracing::warn;

use super::JobError;
use super::digest;
use super::error::Kind;
use super::part_record::InputRecord;
use crate::Document;
use crate::source::Input;

/// The characters of a file name that are repeated in the names of its outputs.
const REPEATED_CHARS: usize = 80;

/// The hexadecimal digits of the digest of an input's path that stand in the names of its outputs.
const DISTINGUISHING_DIGITS: usize = 12;

/// The digits of the number of a part, or more of them.
const PART_DIGITS: usize = 5;

/// One stream of records: a file, standard input, or documents of one's own.
pub(super) struct JobInput {
    /// The path as it was given, or the name of the documents.
    pub(super) name: String,
    /// What the names of its outputs begin with.
    stem: String,
    pub(super) content: Content,
}

pub(super) enum Content {
    File {
        path: PathBuf,
        /// Whether it was found in a folder, and not named by itself.
        listed: bool,
    },
    Stdin,
    Own(OwnDocuments),
}

/// Documents that the caller brings, as they come.
pub(super) struct OwnDocuments {
    pub(super) identity: String,
    pub(super) documents: Box<dyn Iterator<Item = Document> + Send>,
}

impl fmt::Debug for JobInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobInput").field("name", &self.name).finish_non_exhaustive()
    }
}

impl JobInput {
    pub(super) fn file(path: PathBuf, listed: bool) -> Self {
        let bare = Input::File(path.clone()).name_without_format();
        let stem = stem(bare.as_deref().unwrap_or("input"), path.as_os_str().as_encoded_bytes());
        Self { name: path.display().to_string(), stem, content: Content::File { path, listed } }
    }

    pub(super) fn stdin() -> Self {
        Self { name: Input::Stdin.to_string(), stem: stem("stdin", b"-"), content: Content::Stdin }
    }

    pub(super) fn own(name: String, own: OwnDocuments) -> Self {
        Self { stem: stem(&name, format!("documents {name}").as_bytes()), name, content: Content::Own(own) }
    }

    /// The name of the output of one of its parts.
    pub(super) fn part_name(&self, part: u64, extension: &str) -> String {
        format!("{}-{part:0PART_DIGITS$}.{extension}", self.stem)
    }

    /// The size in bytes of a file.
    pub(super) fn size(&self) -> Option<u64> {
        match &self.content {
            Content::File { path, .. } => fs::metadata(path).ok().map(|metadata| metadata.len()),
            Content::Stdin | Content::Own(_) => None,
        }
    }

    /// What the input is now: a file is read once for its digest.
    pub(super) fn look(&self, go_on: impl FnMut() -> ControlFlow<()>) -> Result<(InputRecord, Unchanged), JobError> {
        let mut record = InputRecord { name: self.name.clone(), size: None, sha256: None, identity: None };
        match &self.content {
            Content::Stdin => {}
            Content::Own(own) => record.identity = Some(own.identity.clone()),
            Content::File { path, listed } => match seen(path).and_then(|seen| Ok((seen, digest::of_file(path, go_on)?))) {
                Ok((seen, Some(digest))) => {
                    (record.size, record.sha256) = (Some(digest.size), Some(digest.sha256));
                    return Ok((record, Unchanged(Some((path.clone(), seen)))));
                }
                Ok((_, None)) => return Err(Kind::Stopped.into()),
                // A file of a folder that may not be read becomes an error row, as it does outside a job.
                Err(error) if *listed && error.kind() != io::ErrorKind::NotFound => {
                    warn!(input = self.name, %error, "this file cannot be read now");
                }
                Err(error) => return Err(JobError::input_lost(path, error)),
            },
        }
        Ok((record, Unchanged(None)))
    }
}

/// The size and time of change of a file when its digest was taken.
#[derive(Debug)]
pub(super) struct Unchanged(Option<(PathBuf, (u64, Option<SystemTime>))>);

impl Unchanged {
    /// Whether the file still is what it was.
    pub(super) fn check(&self) -> Result<(), JobError> {
        let Some((path, then)) = &self.0 else { return Ok(()) };
        match seen(path) {
            Ok(now) if now == *then => Ok(()),
            Ok(_) => Err(Kind::InputChanged { path: path.clone() }.into()),
            Err(error) => Err(JobError::input_lost(path, error)),
        }
    }
}

fn seen(path: &Path) -> io::Result<(u64, Option<SystemTime>)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// A name that a person recognises and that no other input has, whichever others there are.
fn stem(readable: &str, whole: &[u8]) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let readable: String = readable.trim_start_matches(['.', '_']).chars().take(REPEATED_CHARS).map(plain).collect();
    let digest = digest::of_bytes(whole);
    format!("{readable}-{}", &digest[..DISTINGUISHING_DIGITS])
}

/// Whether a file in an output folder has the name of a part, a part's record, or one that was not finished.
pub(super) fn is_part_name(name: &str) -> bool {
    let is_hexadecimal = |text: &str| text.len() == DISTINGUISHING_DIGITS && text.bytes().all(|c| c.is_ascii_hexdigit());
    name.rmatch_indices('-').any(|(at, _)| {
        let (before, after) = (&name[..at], &name[at + 1..]);
        let number = after.split_once('.').map_or("", |(number, _)| number);
        number.len() >= PART_DIGITS
            && number.bytes().all(|c| c.is_ascii_digit())
            && before.rsplit_once('-').is_some_and(|(_, digest)| is_hexadecimal(digest))
    })
}
