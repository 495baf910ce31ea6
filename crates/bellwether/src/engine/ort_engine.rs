//! The engine that needs a library on the machine: ONNX Runtime.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ndarray::{Array2, ArrayView2, Ix2};
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::{Outlet, Tensor};

use super::ort_library::{OrtLibrary, library};
use super::pool::Pool;
use super::{Engine, INPUT, Logits, OUTPUTS, Runtime, check_names};
use crate::error::{Error, ErrorKind, Result};

/// A model loaded by ONNX Runtime, once for each run that may be under way at a time.
pub(super) struct OrtEngine {
    library: &'static OrtLibrary,
    sessions: Pool<Session>,
}

impl OrtEngine {
    /// Loads the ONNX model `bytes`, for up to `parallel_sessions` runs at a time.
    ///
    /// # Errors
    ///
    /// `RuntimeUnavailable` if there is no usable library; `Model`, naming `path`, if the bytes
    /// are no model that it can run or the names of its inputs and outputs are wrong.
    pub(super) fn load(path: &Path, bytes: Vec<u8>, parallel_sessions: NonZeroUsize) -> Result<Self> {
        let library = library()?;
        let model = PathBuf::from(path);
        let sessions = Pool::new(parallel_sessions, move || new_session(library, &model, &bytes));
        let first = sessions.lease()?;
        let (inputs, outputs) = (names(first.inputs()), names(first.outputs()));
        check_names(path, &inputs, &outputs)?;
        drop(first);
        Ok(Self { library, sessions })
    }
}

impl Engine for OrtEngine {
    fn run(&self, input_ids: ArrayView2<'_, i64>) -> Result<Logits> {
        let data: Vec<i64> = input_ids.iter().copied().collect();
        let shape: [usize; 2] = input_ids.dim().into();
        let tensor = Tensor::from_array((shape, data)).map_err(|error| fault(&error))?;
        let mut session = self.sessions.lease()?;
        let outputs = session.run(ort::inputs![INPUT => tensor]).map_err(|error| fault(&error))?;
        Ok(Logits { labels: matrix(&outputs, OUTPUTS[0])?, context: matrix(&outputs, OUTPUTS[1])? })
    }

    fn runtime(&self) -> Runtime {
        Runtime::Ort
    }

    fn description(&self) -> String {
        self.library.description()
    }
}

/// A session over the model `bytes`, on the thread of whoever runs it.
fn new_session(library: &OrtLibrary, path: &Path, bytes: &[u8]) -> Result<Session> {
    #[allow(clippy::result_large_err, reason = "ort's builder hands itself back in its errors")]
    let build = || -> ort::Result<Session> {
        Session::builder(library.environment())?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_optimization_level(GraphOptimizationLevel::Level3)
            // Releases before 1.23 do not know level 3; their highest level means the same.
            .or_else(|error| error.recover().with_optimization_level(GraphOptimizationLevel::All))?
            .commit_from_memory(bytes)
    };
    build().map_err(|error| {
        let detail = format!("ONNX Runtime cannot load it: {error}");
        ErrorKind::Model { path: path.to_owned(), detail }.into()
    })
}

fn names(outlets: &[Outlet]) -> Vec<&str> {
    outlets.iter().map(Outlet::name).collect()
}

fn matrix(outputs: &SessionOutputs<'_>, name: &str) -> Result<Array2<f32>> {
    let missing = || ort::Error::new(format!("there is no output {name}"));
    let value = outputs.get(name).ok_or_else(|| fault(&missing()))?;
    let array = value.try_extract_array::<f32>().map_err(|error| fault(&error))?;
    let array = array
        .into_dimensionality::<Ix2>()
        .map_err(|error| fault(&ort::Error::new(format!("{name} is not a matrix: {error}"))))?;
    Ok(array.to_owned())
}

fn fault(error: &ort::Error) -> Error {
    ErrorKind::Inference { runtime: Runtime::Ort, detail: error.to_string() }.into()
}
