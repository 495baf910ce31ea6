//! The engine that is compiled in: the `rten` crate.

use std::any::Any;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use ndarray::{Array2, ArrayView2};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::NdTensor;

use super::pool::Pool;
use super::{Engine, INPUT, Logits, OUTPUTS, Runtime, check_names};
use crate::error::{Error, ErrorKind, Result};

/// A model loaded by `rten`; all runs share its weights.
pub(super) struct RtenEngine {
    model: Model,
    input: NodeId,
    outputs: [NodeId; 2],
    /// Pools of one thread. `rten` has no way to run on the caller's thread, and its own pool
    /// would spread each run over all cores.
    threads: Pool<Arc<ThreadPool>>,
}

impl RtenEngine {
    /// Loads the ONNX model `bytes`, for up to `parallel_sessions` runs at a time.
    ///
    /// # Errors
    ///
    /// `Model`, naming `path`, if the bytes are no model that `rten` can run or the names of its
    /// inputs and outputs are wrong.
    pub(super) fn load(path: &Path, bytes: Vec<u8>, parallel_sessions: NonZeroUsize) -> Result<Self> {
        let fault = |detail: String| -> Error { ErrorKind::Model { path: path.to_owned(), detail }.into() };
        // Constants (weights stored as int8 too) are folded to floats and laid out for the
        // matrix kernels once, here, rather than in each run. rten 0.27 then ignores the zero
        // points of int8 weights in MatMulInteger: such weights must be symmetric.
        let model = on_own_thread(move || ModelOptions::with_all_ops().prepack_weights(true).load(bytes))
            .map_err(&fault)?
            .map_err(|error| fault(format!("rten cannot load it: {error}")))?;

        check_names(path, &names(&model, model.input_ids()), &names(&model, model.output_ids()))?;

        let node = |name: &str| model.node_id(name).map_err(|error| fault(format!("its graph is broken: {error}")));
        let (input, outputs) = (node(INPUT)?, [node(OUTPUTS[0])?, node(OUTPUTS[1])?]);
        let threads = Pool::new(parallel_sessions, || Ok(Arc::new(ThreadPool::with_num_threads(1))));
        Ok(Self { model, input, outputs, threads })
    }
}

impl Engine for RtenEngine {
    fn run(&self, input_ids: ArrayView2<'_, i64>) -> Result<Logits> {
        // rten holds ONNX int64 as i32.
        let ids = input_ids
            .iter()
            .map(|&id| i32::try_from(id).map_err(|_| fault(format!("{id} is not a token id"))))
            .collect::<Result<Vec<i32>>>()?;
        let tensor = NdTensor::from_data(input_ids.dim().into(), ids);
        let pool = self.threads.lease()?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&pool)));
        let run = || self.model.run_n(vec![(self.input, tensor.into())], self.outputs, Some(options));
        let [labels, context] = on_own_thread(run).map_err(fault)?.map_err(|error| fault(error.to_string()))?;
        Ok(Logits { labels: matrix(labels)?, context: matrix(context)? })
    }

    fn runtime(&self) -> Runtime {
        Runtime::Rten
    }

    fn description(&self) -> String {
        "rten 0.27".to_owned()
    }
}

/// Runs `work` on a thread of its own and waits; an error says that it panicked, and why.
///
/// `rten` hands its work to a rayon pool. A caller that is itself a rayon worker would, while it
/// waits there, take up another of its own tasks: a second run, inside the first and waiting for
/// what the first holds. Waiting for a plain thread cannot do that.
fn on_own_thread<R: Send>(work: impl FnOnce() -> R + Send) -> std::result::Result<R, String> {
    thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name("bellwether-rten".to_owned())
            .spawn_scoped(scope, work)
            .map_err(|error| format!("no thread could be started: {error}"))?;
        worker.join().map_err(|panic| format!("rten panicked: {}", panic_text(&*panic)))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("for an unknown reason")
}

fn matrix(value: Value) -> Result<Array2<f32>> {
    let (shape, data) =
        value.into_shape_vec::<f32, 2>().map_err(|error| fault(format!("an output is not a matrix of floats: {error}")))?;
    Array2::from_shape_vec(shape, data).map_err(|error| fault(error.to_string()))
}

fn fault(detail: String) -> Error {
    ErrorKind::Inference { runtime: Runtime::Rten, detail }.into()
}

fn names<'a>(model: &'a Model, ids: &[NodeId]) -> Vec<&'a str> {
    let name = |&id| model.node_info(id).and_then(|node| node.name()).unwrap_or_default();
    ids.iter().map(name).collect()
}
