//! Reading a model folder: nothing is parsed before its digest is right.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::external_data::refuse_external_data;
use super::manifest::Manifest;
use crate::error::{Error, ErrorKind, Result};
use crate::side_by_side::side_by_side;

const MANIFEST: &str = "manifest.toml";
const TOKENIZER: &str = "tokenizer.json";
const GATE: &str = "gate.onnx";
const STUDENT: &str = "student.onnx";
const ENCODER: &str = "encoder.onnx";

/// A manifest is a page of text.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// A file of a model: twenty times what the shipped models need.
const MAX_MODEL_FILE_BYTES: u64 = 2 << 30;

/// A model folder whose every file is the one its manifest was written for.
///
/// ```
/// # fn main() -> bellwether::Result<()> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
/// let folder = bellwether::ModelFolder::verify(path)?;
/// assert_eq!(folder.manifest().name(), "multilingual-small");
/// assert_eq!(folder.hash().len(), 64);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ModelFolder {
    path: PathBuf,
    manifest: Manifest,
    hash: String,
    tokenizer: Vec<u8>,
    gate: Vec<u8>,
    student: Vec<u8>,
    encoder: Vec<u8>,
}

/// A file of a model and where it was read.
pub(crate) struct ModelFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

/// The networks of a model, in the order in which a text may come to them.
pub(crate) struct NetworkFiles {
    pub(crate) gate: ModelFile,
    pub(crate) student: ModelFile,
    pub(crate) encoder: ModelFile,
}

impl ModelFolder {
    /// Reads a model folder into memory and verifies it: the manifest parses, every file it names is there with
    /// the size and SHA-256 digest it states, and no ONNX file refers to data outside itself.
    ///
    /// # Errors
    /// Says which file is missing, damaged, foreign or too large, and how.
    pub fn verify(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let manifest_path = path.join(MANIFEST);
        let text = read(&manifest_path, MAX_MANIFEST_BYTES)?;
        let hash = hex_digest(&text);
        let text = String::from_utf8(text).map_err(|error| ErrorKind::Manifest {
            path: manifest_path.clone(),
            detail: format!("it is not UTF-8 text ({error})"),
        })?;
        let manifest = Manifest::parse(&manifest_path, &text)?;
        let (mut tokenizer, mut gate, mut student) = (None, None, None);
        // The digest of the encoder takes about as long as those of all others.
        let (encoder, others) = side_by_side(
            || manifest.file(ENCODER).map(|_| sound(&manifest, path, ENCODER)).transpose(),
            || {
                for (name, _) in manifest.files().filter(|&(name, _)| name != ENCODER) {
                    let bytes = sound(&manifest, path, name)?;
                    match name {
                        TOKENIZER => tokenizer = Some(bytes),
                        GATE => gate = Some(bytes),
                        STUDENT => student = Some(bytes),
                        _ => {}
                    }
                }
                Ok::<_, Error>(())
            },
        );
        others?;
        let encoder = encoder?;
        let needed = |found: Option<Vec<u8>>, name: &str| {
            found.ok_or_else(|| ErrorKind::Manifest {
                path: manifest_path.clone(),
                detail: format!("[files.\"{name}\"] is missing"),
            })
        };
        Ok(Self {
            path: path.to_owned(),
            hash,
            tokenizer: needed(tokenizer, TOKENIZER)?,
            gate: needed(gate, GATE)?,
            student: needed(student, STUDENT)?,
            encoder: needed(encoder, ENCODER)?,
            manifest,
        })
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the model says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The SHA-256 digest of the manifest in hexadecimal. The manifest holds the digest of every
    /// other file, so this names the whole model: record it beside scores.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What the folder has: its manifest, its tokenizer, its networks.
    pub(crate) fn into_parts(self) -> (Manifest, ModelFile, NetworkFiles) {
        let file = |name: &str, bytes| ModelFile { path: self.path.join(name), bytes };
        let networks = NetworkFiles {
            gate: file(GATE, self.gate),
            student: file(STUDENT, self.student),
            encoder: file(ENCODER, self.encoder),
        };
        (self.manifest, file(TOKENIZER, self.tokenizer), networks)
    }
}

/// The bytes of a verified file of a folder, which refers to no other if it is an ONNX model.
fn sound(manifest: &Manifest, folder: &Path, name: &str) -> Result<Vec<u8>> {
    let file = folder.join(name);
    let bytes = verified(manifest, &file, name)?;
    if file.extension().is_some_and(|extension| extension == "onnx") {
        refuse_external_data(&file, &bytes)?;
    }
    Ok(bytes)
}

/// The bytes of a file that has the size and digest the manifest states.
fn verified(manifest: &Manifest, path: &Path, name: &str) -> Result<Vec<u8>> {
    let bytes = read(path, MAX_MODEL_FILE_BYTES)?;
    let Some(record) = manifest.file(name) else { return Ok(bytes) };
    let mismatch = |what, expected: String, found: String| ErrorKind::Mismatch { path: path.to_owned(), what, expected, found };
    if bytes.len() as u64 != record.size() {
        return Err(mismatch("size", record.size().to_string(), bytes.len().to_string()).into());
    }
    let digest = hex_digest(&bytes);
    if digest != record.sha256() {
        return Err(mismatch("SHA-256 digest", record.sha256().to_owned(), digest).into());
    }
    Ok(bytes)
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |source| ErrorKind::Io { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    if size > limit {
        return Err(ErrorKind::LimitExceeded { what: "size of a model file", limit, found: size }.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.by_ref().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
