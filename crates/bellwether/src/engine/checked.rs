//! The checks that every engine needs, around any engine.

use std::path::Path;

use ndarray::{ArrayView2, aview2};

use super::{Engine, Heads, Logits, Runtime};
use crate::error::{ErrorKind, Result};

/// The beginning and the end of an empty text: valid ids of every model this crate can use.
const PROBE: [[i64; 2]; 1] = [[0, 2]];

/// An engine whose inputs and outputs are checked, so that callers may index its logits.
pub(super) struct CheckedEngine {
    inner: Box<dyn Engine>,
    /// The number of labels and the number of contexts.
    widths: (usize, usize),
}

impl CheckedEngine {
    /// Wraps `inner`, loaded from `path`, after one tiny run has shown that its outputs are as
    /// wide as `heads` says.
    ///
    /// # Errors
    ///
    /// `Model` if the run fails or a width is wrong.
    pub(super) fn new(inner: Box<dyn Engine>, path: &Path, heads: &Heads<'_>) -> Result<Self> {
        let fault = |detail: String| ErrorKind::Model { path: path.to_owned(), detail };
        let probe = inner.run(aview2(&PROBE)).map_err(|error| fault(format!("a trial run failed: {error}")))?;
        for (what, found, names) in
            [("label", probe.labels.ncols(), heads.labels), ("context", probe.context.ncols(), heads.contexts)]
        {
            if found != names.len() {
                return Err(fault(format!(
                    "it has {found} {what} outputs, this version needs {} ({})",
                    names.len(),
                    names.join(", "),
                ))
                .into());
            }
        }
        Ok(Self { inner, widths: (heads.labels.len(), heads.contexts.len()) })
    }

    fn fault(&self, detail: String) -> ErrorKind {
        ErrorKind::Inference { runtime: self.inner.runtime(), detail }
    }
}

impl Engine for CheckedEngine {
    fn run(&self, input_ids: ArrayView2<'_, i64>) -> Result<Logits> {
        if input_ids.is_empty() {
            return Err(self.fault("there is no token to run it on".to_owned()).into());
        }
        // ONNX counts negative indices from the end of the vocabulary, which would hide a fault.
        if let Some(id) = input_ids.iter().find(|&&id| id < 0) {
            return Err(self.fault(format!("{id} is not a token id")).into());
        }
        let logits = self.inner.run(input_ids)?;
        let rows = input_ids.nrows();
        let (labels, contexts) = self.widths;
        if logits.labels.dim() != (rows, labels) || logits.context.dim() != (rows, contexts) {
            return Err(self
                .fault(format!(
                    "its outputs have the shapes {:?} and {:?}, expected {:?} and {:?}",
                    logits.labels.dim(),
                    logits.context.dim(),
                    (rows, labels),
                    (rows, contexts),
                ))
                .into());
        }
        Ok(logits)
    }

    fn runtime(&self) -> Runtime {
        self.inner.runtime()
    }

    fn description(&self) -> String {
        self.inner.description()
    }
}
