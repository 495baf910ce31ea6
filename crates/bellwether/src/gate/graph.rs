//! Recognises the gate that `models/training/export_onnx.py` writes.

#![allow(clippy::cast_possible_wrap, reason = "the sizes in the graph are small numbers")]

use std::collections::HashMap;

use prost::Message;

use super::convolution::{BLOCK, Convolution, FEATURES, HIDDEN, OUTPUTS, POOLED, TAPS};
use crate::{Category, Context};

/// `TensorProto.DataType`.
const FLOAT: i32 = 1;
const INT8: i32 = 3;
const INT64: i32 = 7;

/// The gate of an ONNX model that is, node for node, the graph of [`Convolution`]; none if it is any other.
pub(super) fn convolution(onnx: &[u8]) -> Option<Convolution> {
    let graph = ModelProto::decode(onnx).ok()?.graph?;
    if graph.node != expected_nodes() {
        return None;
    }
    let tensors: HashMap<&str, &TensorProto> = graph.initializer.iter().map(|tensor| (&*tensor.name, tensor)).collect();
    let constants_are_right = expected_integers().iter().all(|(name, values)| {
        tensors.get(&**name).and_then(|tensor| tensor.integers(&[values.len()])).is_some_and(|found| found == *values)
    });
    if !constants_are_right {
        return None;
    }
    let floats = |name: &str, shape: &[usize]| tensors.get(name)?.floats(shape);
    let entries: [&[u8]; TAPS] = each_tap(|tap| {
        let tensor = tensors.get(&*format!("tap{tap}.int8"))?;
        let is_table = tensor.data_type == INT8 && tensor.dims.get(1) == Some(&(FEATURES as i64)) && tensor.is_whole(1);
        is_table.then_some(&*tensor.raw_data)
    })?;
    let vocabulary = entries[0].len() / FEATURES;
    if entries.iter().any(|entries| entries.len() != vocabulary * FEATURES) {
        return None;
    }
    let tables = (0..vocabulary)
        .map(|id| entries.map(|entries| std::array::from_fn(|feature| i8::from_ne_bytes([entries[id * FEATURES + feature]]))));
    let labels = floats("logits.stretches.weight", &[HIDDEN, Category::COUNT])?;
    let contexts = floats("context_logits.stretches.weight", &[HIDDEN, Context::COUNT])?;
    let heads = (0..OUTPUTS).map(|output| {
        let column = |weights: &[f32], at, count| weights.chunks(count).map(|units| units[at]).collect();
        match output.checked_sub(Category::COUNT) {
            None => column(&labels, output, Category::COUNT),
            Some(context) => column(&contexts, context, Context::COUNT),
        }
    });
    let mut bias = floats("logits.stretches.bias", &[Category::COUNT])?;
    bias.extend(floats("context_logits.stretches.bias", &[Context::COUNT])?);
    Some(Convolution {
        tables: tables.collect(),
        scales: each_tap(|tap| floats(&format!("tap{tap}.scale"), &[1, FEATURES])?.try_into().ok())?,
        hidden: rows(floats("hidden.weight", &[POOLED, HIDDEN])?.chunks(HIDDEN).map(<[f32]>::to_vec))?,
        hidden_bias: floats("hidden.bias", &[HIDDEN])?.try_into().ok()?,
        heads: rows(heads)?,
        heads_bias: bias.try_into().ok()?,
    })
}

fn each_tap<T>(of: impl Fn(usize) -> Option<T>) -> Option<[T; TAPS]> {
    (0..TAPS).map(of).collect::<Option<Vec<T>>>()?.try_into().ok()
}

fn rows<const ROWS: usize, const COLUMNS: usize>(rows: impl Iterator<Item = Vec<f32>>) -> Option<[[f32; COLUMNS]; ROWS]> {
    rows.map(|row| row.try_into().ok()).collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// The nodes of the graph, in their order.
fn expected_nodes() -> Vec<NodeProto> {
    let pooling = || {
        [
            ("kernel_shape", vec![1, 2 * BLOCK as i64]),
            ("pads", vec![0, BLOCK as i64, 0, BLOCK as i64]),
            ("strides", vec![1, BLOCK as i64]),
        ]
    };
    let mut nodes = vec![
        NodeProto::new("Slice", &["input_ids", "zero", "one", "axis"], "first"),
        NodeProto::new("Concat", &["first", "first", "input_ids"], "before").integer("axis", 1),
    ];
    let mut features = String::new();
    for tap in 0..TAPS {
        let name = |part: &str| format!("tap{tap}.{part}");
        let ids = if tap == 0 {
            "input_ids".to_owned()
        } else {
            nodes.push(NodeProto::new("Slice", &["before", &name("start"), &name("end"), "axis"], &name("ids")));
            name("ids")
        };
        let dequantized = format!("tap{tap}");
        nodes.push(NodeProto::new("Gather", &[&name("int8"), &ids], &name("picked")));
        nodes.push(NodeProto::new("Cast", &[&name("picked")], &name("cast")).integer("to", i64::from(FLOAT)));
        nodes.push(NodeProto::new("Mul", &[&name("cast"), &name("scale")], &dequantized));
        features = if tap == 0 {
            dequantized
        } else {
            let sum = format!("features{tap}");
            nodes.push(NodeProto::new("Add", &[&features, &dequantized], &sum));
            sum
        };
    }
    nodes.extend([
        NodeProto::new("Relu", &[&features], "features"),
        NodeProto::new("Transpose", &["features"], "by_feature").integers("perm", vec![0, 2, 1]),
        NodeProto::new("Reshape", &["by_feature", "image_shape"], "image"),
        NodeProto::new("AveragePool", &["image"], "means").integer("count_include_pad", 1).all_integers(pooling()),
        NodeProto::new("MaxPool", &["image"], "maxima").all_integers(pooling()),
        NodeProto::new("Concat", &["means", "maxima"], "pooled").integer("axis", 1),
        NodeProto::new("Reshape", &["pooled", "rows"], "joined"),
        NodeProto::new("Transpose", &["joined"], "stretches").integers("perm", vec![0, 2, 1]),
        NodeProto::new("MatMul", &["stretches", "hidden.weight"], "hidden.product"),
        NodeProto::new("Add", &["hidden.product", "hidden.bias"], "hidden"),
        NodeProto::new("Relu", &["hidden"], "hidden.active"),
    ]);
    for output in ["logits", "context_logits"] {
        let name = |part: &str| format!("{output}.{part}");
        nodes.extend([
            NodeProto::new("MatMul", &["hidden.active", &name("stretches.weight")], &name("stretches.product")),
            NodeProto::new("Add", &[&name("stretches.product"), &name("stretches.bias")], &name("stretches")),
            NodeProto::new("ReduceMax", &[&name("stretches"), "axis"], output).integer("keepdims", 0),
        ]);
    }
    nodes
}

/// The graph's own numbers: places, axes and shapes.
fn expected_integers() -> Vec<(String, Vec<i64>)> {
    let named = |name: &str, values: &[i64]| (name.to_owned(), values.to_vec());
    let mut integers = vec![
        named("axis", &[1]),
        named("zero", &[0]),
        named("one", &[1]),
        named("image_shape", &[1, FEATURES as i64, 1, -1]),
        named("rows", &[1, POOLED as i64, -1]),
    ];
    for tap in 1..TAPS {
        integers.push((format!("tap{tap}.start"), vec![(TAPS - 1 - tap) as i64]));
        integers.push((format!("tap{tap}.end"), vec![-(tap as i64)]));
    }
    integers
}

// The part of onnx.proto that such a graph uses; `refuse_external_data` has looked at the rest.

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<AttributeProto>,
    #[prost(string, tag = "7")]
    domain: String,
}

#[derive(Clone, PartialEq, Message)]
struct AttributeProto {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(float, tag = "2")]
    float: f32,
    #[prost(int64, tag = "3")]
    integer: i64,
    #[prost(bytes = "vec", tag = "4")]
    string: Vec<u8>,
    #[prost(int64, repeated, tag = "8")]
    integers: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

impl NodeProto {
    fn new(op_type: &str, input: &[&str], output: &str) -> Self {
        let input = input.iter().map(|&name| name.to_owned()).collect();
        Self { op_type: op_type.to_owned(), input, output: vec![output.to_owned()], ..Self::default() }
    }

    fn integer(mut self, name: &str, integer: i64) -> Self {
        self.attribute.push(AttributeProto { name: name.to_owned(), integer, ..AttributeProto::default() });
        self
    }

    fn integers(mut self, name: &str, integers: Vec<i64>) -> Self {
        self.attribute.push(AttributeProto { name: name.to_owned(), integers, ..AttributeProto::default() });
        self
    }

    fn all_integers(self, attributes: impl IntoIterator<Item = (&'static str, Vec<i64>)>) -> Self {
        attributes.into_iter().fold(self, |node, (name, integers)| node.integers(name, integers))
    }
}

impl TensorProto {
    /// Whether its bytes are as many as its shape asks for, at `size` bytes an element.
    fn is_whole(&self, size: usize) -> bool {
        let elements = self.dims.iter().try_fold(1_usize, |product, &dim| product.checked_mul(usize::try_from(dim).ok()?));
        elements.and_then(|elements| elements.checked_mul(size)) == Some(self.raw_data.len())
    }

    fn has_shape(&self, shape: &[usize]) -> bool {
        self.dims.len() == shape.len() && self.dims.iter().zip(shape).all(|(&dim, &wanted)| usize::try_from(dim) == Ok(wanted))
    }

    /// Its values, if it holds finite floats in this shape.
    fn floats(&self, shape: &[usize]) -> Option<Vec<f32>> {
        let (words, _) = self.raw_data.as_chunks::<4>();
        let values: Vec<f32> = words.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        let is_sound =
            self.data_type == FLOAT && self.has_shape(shape) && self.is_whole(4) && values.iter().all(|v| v.is_finite());
        is_sound.then_some(values)
    }

    /// Its values, if it holds integers in this shape.
    fn integers(&self, shape: &[usize]) -> Option<Vec<i64>> {
        let (words, _) = self.raw_data.as_chunks::<8>();
        let is_sound = self.data_type == INT64 && self.has_shape(shape) && self.is_whole(8);
        is_sound.then(|| words.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect())
    }
}
