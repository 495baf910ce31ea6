//! ONNX models as far as this crate reads them itself: nodes and weights, to tell whether a graph is one that it can compute.
//! The rest of a file is what [`refuse_external_data`](super::external_data::refuse_external_data) has looked at.

use std::collections::HashMap;

use prost::Message;

/// `TensorProto.DataType`.
pub(crate) const FLOAT: i32 = 1;
const INT8: i32 = 3;
const INT64: i32 = 7;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ModelProto {
    #[prost(message, optional, tag = "7")]
    pub(crate) graph: Option<GraphProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    pub(crate) node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) initializer: Vec<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    pub(crate) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) output: Vec<String>,
    #[prost(string, tag = "4")]
    pub(crate) op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub(crate) attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    pub(crate) domain: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AttributeProto {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(float, tag = "2")]
    pub(crate) float: f32,
    #[prost(int64, tag = "3")]
    pub(crate) integer: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) string: Vec<u8>,
    #[prost(int64, repeated, tag = "8")]
    pub(crate) integers: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub(crate) data_type: i32,
    #[prost(string, tag = "8")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) raw_data: Vec<u8>,
}

/// The weights and constants of a graph by their names. All methods give none where there is no tensor of the name, type and shape.
pub(crate) struct Weights<'a>(HashMap<&'a str, &'a TensorProto>);

impl<'a> Weights<'a> {
    pub(crate) fn new(graph: &'a GraphProto) -> Self {
        Self(graph.initializer.iter().map(|tensor| (&*tensor.name, tensor)).collect())
    }

    /// The shape of a tensor of so many dimensions.
    pub(crate) fn shape<const DIMENSIONS: usize>(&self, name: &str) -> Option<[usize; DIMENSIONS]> {
        self.0.get(name)?.shape()
    }

    /// A list of so many finite floats.
    pub(crate) fn floats(&self, name: &str, length: usize) -> Option<Vec<f32>> {
        self.0.get(name)?.floats([length])
    }

    /// A matrix of finite floats, row after row.
    pub(crate) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Option<Vec<f32>> {
        self.0.get(name)?.floats([rows, columns])
    }

    /// A matrix of int8, each in a byte, row after row.
    pub(crate) fn int8(&self, name: &str, rows: usize, columns: usize) -> Option<&'a [u8]> {
        self.0.get(name)?.int8([rows, columns])
    }

    /// A list of integers.
    pub(crate) fn integers(&self, name: &str) -> Option<Vec<i64>> {
        self.0.get(name)?.integers()
    }
}

impl NodeProto {
    pub(crate) fn new(op_type: &str, input: &[&str], output: &str) -> Self {
        Self::with_outputs(op_type, input, &[output])
    }

    pub(crate) fn with_outputs(op_type: &str, input: &[&str], output: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self { op_type: op_type.to_owned(), input: owned(input), output: owned(output), ..Self::default() }
    }

    pub(crate) fn float(mut self, name: &str, float: f32) -> Self {
        self.attribute.push(AttributeProto { name: name.to_owned(), float, ..AttributeProto::default() });
        self
    }

    pub(crate) fn integer(mut self, name: &str, integer: i64) -> Self {
        self.attribute.push(AttributeProto { name: name.to_owned(), integer, ..AttributeProto::default() });
        self
    }

    pub(crate) fn integers(mut self, name: &str, integers: Vec<i64>) -> Self {
        self.attribute.push(AttributeProto { name: name.to_owned(), integers, ..AttributeProto::default() });
        self
    }

    pub(crate) fn all_integers(self, attributes: impl IntoIterator<Item = (&'static str, Vec<i64>)>) -> Self {
        attributes.into_iter().fold(self, |node, (name, integers)| node.integers(name, integers))
    }
}

impl TensorProto {
    /// Its shape, if it has so many dimensions.
    fn shape<const DIMENSIONS: usize>(&self) -> Option<[usize; DIMENSIONS]> {
        let dims: Option<Vec<usize>> = self.dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        dims?.try_into().ok()
    }

    /// Its bytes, if it holds elements of a type, of `size` bytes each, and as many as its shape asks for.
    fn elements(&self, data_type: i32, size: usize) -> Option<&[u8]> {
        let elements = self.dims.iter().try_fold(1_usize, |product, &dim| product.checked_mul(usize::try_from(dim).ok()?))?;
        let is_sound = self.data_type == data_type && elements.checked_mul(size) == Some(self.raw_data.len());
        is_sound.then_some(&*self.raw_data)
    }

    /// Its values, if it holds finite floats in this shape.
    fn floats<const DIMENSIONS: usize>(&self, shape: [usize; DIMENSIONS]) -> Option<Vec<f32>> {
        let (words, _) = self.elements(FLOAT, 4).filter(|_| self.shape() == Some(shape))?.as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        values.iter().all(|value| value.is_finite()).then_some(values)
    }

    /// Its values, if it is a list of integers.
    fn integers(&self) -> Option<Vec<i64>> {
        let (words, _) = self.elements(INT64, 8).filter(|_| self.dims.len() == 1)?.as_chunks::<8>();
        Some(words.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect())
    }

    /// Its values, each an int8 in a byte, if it holds int8 in this shape.
    fn int8(&self, shape: [usize; 2]) -> Option<&[u8]> {
        self.elements(INT8, 1).filter(|_| self.shape() == Some(shape))
    }
}
