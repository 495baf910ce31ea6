//! The output folder of a job and what is kept in it.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use tracing::warn;

use super::JobError;
use super::configuration::Configuration;
use super::error::Kind;
use super::input::is_part_name;
use super::part_record::{PartRecord, RECORD_FORMAT};
use crate::sink::PendingFile;

/// Where the state of a job is kept in its output folder. Readers of data sets pass over names with an underscore.
const STATE: &str = "_job";
const CONFIGURATION: &str = "job.json";
const LOCK: &str = "lock";
const REPORT: &str = "run.json";

/// An output folder that no other run writes to.
#[derive(Debug)]
pub(super) struct JobFolder {
    root: PathBuf,
    state: PathBuf,
    /// Held open: the system lets the lock go with the process, however it ends.
    _lock: File,
}

impl JobFolder {
    /// Makes the folder if there is none, and locks it.
    pub(super) fn open(root: &Path) -> Result<Self, JobError> {
        let state = root.join(STATE);
        fs::create_dir_all(&state).map_err(|error| JobError::output(&state, error))?;
        let path = state.join(LOCK);
        let failed = |error| JobError::output(&path, error);
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), state, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Kind::Locked { folder: root.to_owned() }.into()),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    pub(super) fn output(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// Deletes the scores, the records and the report of whatever job was here, and nothing else.
    pub(super) fn clear(&self) -> Result<(), JobError> {
        let remove = |path: PathBuf| match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(JobError::output(&path, error)),
            _ => Ok(()),
        };
        remove(self.root.join(REPORT))?;
        for name in Self::names(&self.root)?.iter().filter(|name| is_part_name(name)) {
            remove(self.root.join(name))?;
        }
        for name in Self::names(&self.state)?.iter().filter(|&name| name != LOCK) {
            remove(self.state.join(name))?;
        }
        Ok(())
    }

    /// Makes the folder this configuration's, or says where it differs from the one whose folder it is.
    pub(super) fn claim(&self, configuration: &Configuration) -> Result<(), JobError> {
        let path = self.state.join(CONFIGURATION);
        match fs::read(&path) {
            Ok(bytes) => {
                let stored: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                self.refuse(configuration.differences(&stored))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::write(&path, &configuration.to_json()),
            Err(error) => Err(JobError::output(&path, error)),
        }
    }

    /// An error that names the differences, if there are any.
    pub(super) fn refuse(&self, differences: Vec<String>) -> Result<(), JobError> {
        if differences.is_empty() {
            return Ok(());
        }
        Err(Kind::Differs { folder: self.root.clone(), differences }.into())
    }

    /// The completion records by the names of their outputs. What is no record of this version is passed over: its part is
    /// done again.
    pub(super) fn records(&self) -> Result<BTreeMap<String, PartRecord>, JobError> {
        let mut records = BTreeMap::new();
        for name in Self::names(&self.state)? {
            if !is_part_name(&name) || Path::new(&name).extension() != Some("json".as_ref()) {
                continue;
            }
            let path = self.state.join(&name);
            let bytes = fs::read(&path).map_err(|error| JobError::output(&path, error))?;
            match serde_json::from_slice::<PartRecord>(&bytes) {
                Ok(record) if record.format == RECORD_FORMAT && name == record_name(&record.output.file) => {
                    records.insert(record.output.file.clone(), record);
                }
                _ => warn!(record = %path.display(), "not a completion record; its part is done again"),
            }
        }
        Ok(records)
    }

    pub(super) fn keep(&self, record: &PartRecord) -> Result<(), JobError> {
        Self::write(&self.state.join(record_name(&record.output.file)), record)
    }

    /// Takes the report away while the job is not complete.
    pub(super) fn withdraw_report(&self) -> Result<(), JobError> {
        let path = self.root.join(REPORT);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(JobError::output(&path, error)),
            _ => Ok(()),
        }
    }

    pub(super) fn write_report(&self, report: &impl Serialize) -> Result<(), JobError> {
        Self::write(&self.root.join(REPORT), report)
    }

    fn write(path: &Path, value: &impl Serialize) -> Result<(), JobError> {
        let written = PendingFile::create(path).and_then(|mut file| {
            let mut json = serde_json::to_vec_pretty(value)?;
            json.push(b'\n');
            file.write_all(&json)?;
            file.publish()
        });
        written.map_err(|error| JobError::output(path, error))
    }

    fn names(folder: &Path) -> Result<Vec<String>, JobError> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|error| JobError::output(folder, error))?;
        Ok(entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }
}

/// The name of the completion record of an output.
fn record_name(output: &str) -> String {
    format!("{output}.json")
}
