//! Recognises the gate that `models/training/export_onnx.py` writes.

#![allow(clippy::cast_possible_wrap, reason = "the sizes in the graph are small numbers")]

use prost::Message;

use super::convolution::{BLOCK, Convolution, FEATURES, HIDDEN, POOLED, TAPS, TokenEntries};
use super::layer::Layer;
use crate::model::onnx::{FLOAT, ModelProto, NodeProto, Weights};
use crate::{Category, Context};

/// The gate of an ONNX model that is, node for node, the graph of [`Convolution`]; none if it is any other.
pub(super) fn convolution(onnx: &[u8]) -> Option<Convolution> {
    let graph = ModelProto::decode(onnx).ok()?.graph?;
    if graph.node != expected_nodes() {
        return None;
    }
    let weights = Weights::new(&graph);
    if expected_integers().into_iter().any(|(name, values)| weights.integers(&name) != Some(values)) {
        return None;
    }
    let [vocabulary, _] = weights.shape("tap0.int8")?;
    let entries: [&[u8]; TAPS] = each_tap(|tap| weights.int8(&format!("tap{tap}.int8"), vocabulary, FEATURES))?;
    let entry = |entries: &[u8], id: usize| std::array::from_fn(|feature| i8::from_ne_bytes([entries[id * FEATURES + feature]]));
    let tables = (0..vocabulary).map(|id| TokenEntries(entries.map(|entries| entry(entries, id))));
    let labels = weights.matrix("logits.stretches.weight", HIDDEN, Category::COUNT)?;
    let contexts = weights.matrix("context_logits.stretches.weight", HIDDEN, Context::COUNT)?;
    let heads = labels.chunks(Category::COUNT).zip(contexts.chunks(Context::COUNT));
    let heads: Vec<f32> = heads.flat_map(|(labels, contexts)| [labels, contexts].concat()).collect();
    let mut bias = weights.floats("logits.stretches.bias", Category::COUNT)?;
    bias.extend(weights.floats("context_logits.stretches.bias", Context::COUNT)?);
    Some(Convolution {
        tables: tables.collect(),
        hidden: Layer::new(&weights.matrix("hidden.weight", POOLED, HIDDEN)?, &weights.floats("hidden.bias", HIDDEN)?)?,
        heads: Layer::new(&heads, &bias)?,
    })
}

fn each_tap<T>(of: impl Fn(usize) -> Option<T>) -> Option<[T; TAPS]> {
    (0..TAPS).map(of).collect::<Option<Vec<T>>>()?.try_into().ok()
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
        let entries = format!("tap{tap}");
        nodes.push(NodeProto::new("Gather", &[&name("int8"), &ids], &name("picked")));
        nodes.push(NodeProto::new("Cast", &[&name("picked")], &entries).integer("to", i64::from(FLOAT)));
        features = if tap == 0 {
            entries
        } else {
            let sum = format!("features{tap}");
            nodes.push(NodeProto::new("Add", &[&features, &entries], &sum));
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
