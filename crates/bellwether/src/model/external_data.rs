//! Refuses ONNX models that keep weights in other files.
//!
//! The digest in the manifest covers the model file alone, and a runtime that follows a path
//! written in a model reads whatever file that path names.

use std::path::Path;

use prost::Message;

use crate::error::{ErrorKind, Result};

/// `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: i32 = 1;

/// Refuses an ONNX model, read from `path`, of which any tensor is kept in another file.
///
/// Looks at the weights, sparse ones too, at the tensors in the attributes of nodes at any depth,
/// and at the model's functions and training graphs. Weights are skipped, not copied.
///
/// # Errors
///
/// `Model` if there is such a tensor, if the bytes are not an ONNX model, or if it is nested more
/// than a hundred messages deep.
pub(crate) fn refuse_external_data(path: &Path, onnx: &[u8]) -> Result<()> {
    let fault = |detail: String| ErrorKind::Model { path: path.to_owned(), detail };
    let model = ModelProto::decode(onnx).map_err(|error| fault(format!("it is not an ONNX model, or is damaged: {error}")))?;
    let Some(graph) = &model.graph else {
        return Err(fault("it is not an ONNX model, or is damaged: it has no graph".into()).into());
    };
    let found = (graph.external())
        .or_else(|| model.functions.iter().find_map(FunctionProto::external))
        .or_else(|| model.training.iter().find_map(TrainingInfoProto::external));
    match found {
        None => Ok(()),
        Some(tensor) => Err(fault(format!(
            "its tensor {:?} is kept in another file (ONNX external data), which the manifest \
             does not vouch for; save the model as one file",
            tensor.name
        ))
        .into()),
    }
}

// The part of onnx.proto in which tensors occur, and the recursive messages besides. Fields that
// are not named here are skipped by the decoder.

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "20")]
    training: Vec<TrainingInfoProto>,
    #[prost(message, repeated, tag = "25")]
    functions: Vec<FunctionProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TrainingInfoProto {
    #[prost(message, optional, tag = "1")]
    initialization: Option<GraphProto>,
    #[prost(message, optional, tag = "2")]
    algorithm: Option<GraphProto>,
}

#[derive(Clone, PartialEq, Message)]
struct FunctionProto {
    #[prost(message, repeated, tag = "7")]
    node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "11")]
    attribute: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "13")]
    value_info: Vec<ValueInfoProto>,
    #[prost(message, repeated, tag = "15")]
    sparse_initializer: Vec<SparseTensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeProto {
    #[prost(message, optional, tag = "5")]
    tensor: Option<TensorProto>,
    #[prost(message, optional, tag = "6")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "10")]
    tensors: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    graphs: Vec<GraphProto>,
    #[prost(message, optional, tag = "22")]
    sparse_tensor: Option<SparseTensorProto>,
    #[prost(message, repeated, tag = "23")]
    sparse_tensors: Vec<SparseTensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct SparseTensorProto {
    #[prost(message, optional, tag = "1")]
    values: Option<TensorProto>,
    #[prost(message, optional, tag = "2")]
    indices: Option<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(string, tag = "8")]
    name: String,
    #[prost(message, repeated, tag = "13")]
    external_data: Vec<Skipped>,
    #[prost(int32, tag = "14")]
    data_location: i32,
}

/// Decoded because sequences of sequences nest without end, and only for that.
#[derive(Clone, PartialEq, Message)]
struct ValueInfoProto {
    #[prost(message, optional, tag = "2")]
    of: Option<TypeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeProto {
    #[prost(message, optional, boxed, tag = "4")]
    sequence: Option<Box<SequenceProto>>,
}

#[derive(Clone, PartialEq, Message)]
struct SequenceProto {
    #[prost(message, optional, tag = "1")]
    of: Option<TypeProto>,
}

/// A message whose presence is all that matters.
#[derive(Clone, PartialEq, Message)]
struct Skipped {}

/// The first tensor below a message that is kept in another file.
impl GraphProto {
    fn external(&self) -> Option<&TensorProto> {
        (self.initializer.iter().find_map(TensorProto::external))
            .or_else(|| self.sparse_initializer.iter().find_map(SparseTensorProto::external))
            .or_else(|| self.node.iter().find_map(NodeProto::external))
    }
}

impl TrainingInfoProto {
    fn external(&self) -> Option<&TensorProto> {
        (self.initialization.iter()).chain(&self.algorithm).find_map(GraphProto::external)
    }
}

impl FunctionProto {
    fn external(&self) -> Option<&TensorProto> {
        (self.node.iter().find_map(NodeProto::external)).or_else(|| self.attribute.iter().find_map(AttributeProto::external))
    }
}

impl NodeProto {
    fn external(&self) -> Option<&TensorProto> {
        self.attribute.iter().find_map(AttributeProto::external)
    }
}

impl AttributeProto {
    fn external(&self) -> Option<&TensorProto> {
        let mut sparse = self.sparse_tensor.iter().chain(&self.sparse_tensors);
        (self.tensor.iter().chain(&self.tensors).find_map(TensorProto::external))
            .or_else(|| sparse.find_map(SparseTensorProto::external))
            .or_else(|| self.graph.iter().chain(&self.graphs).find_map(GraphProto::external))
    }
}

impl SparseTensorProto {
    fn external(&self) -> Option<&TensorProto> {
        self.values.iter().chain(&self.indices).find_map(TensorProto::external)
    }
}

impl TensorProto {
    fn external(&self) -> Option<&Self> {
        (self.data_location == EXTERNAL || !self.external_data.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests;
