//! Files of texts, each read once.

use std::collections::HashMap;
use std::fs;

use serde::Deserialize;

use crate::Failure;

/// What has been read so far, by path.
#[derive(Default)]
pub(crate) struct Texts {
    read: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
}

impl Texts {
    /// The texts of a file of JSON lines, the first `limit` of them.
    pub(crate) fn of(&mut self, path: &str, limit: Option<usize>) -> Result<&[String], Failure> {
        if !self.read.contains_key(path) {
            // `str::lines` splits at line feeds alone: a text may hold other characters that end lines.
            let lines = fs::read_to_string(path)?;
            let texts: Result<Vec<_>, _> =
                lines.lines().map(|line| serde_json::from_str::<Line>(line).map(|line| line.text)).collect();
            self.read.insert(path.to_owned(), texts?);
        }
        let all = &self.read[path];
        Ok(&all[..limit.unwrap_or(all.len()).min(all.len())])
    }
}
