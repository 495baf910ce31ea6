//! Recognises the transformers that `models/training/export_onnx.py` writes.

use prost::Message;

use super::attention::Heads;
use super::linear::Linear;
use super::transformer::{Layer, Normalisation, Transformer, Words};
use crate::model::onnx::{FLOAT, ModelProto, NodeProto, Weights};
use crate::{Category, Context};

const WORD_PROJECTION: &str = "word_projection";

/// The transformer of an ONNX model that is, node for node, the graph of [`Transformer`]; none if it is any other, or has sizes
/// that [`Transformer`] does not compute.
pub(super) fn transformer(onnx: &[u8]) -> Option<Transformer> {
    let graph = ModelProto::decode(onnx).ok()?.graph?;
    let layers = graph.node.iter().filter(|node| node.op_type == "Softmax").count();
    let mut attributes = graph.node.iter().filter(|node| node.op_type == "LayerNormalization").flat_map(|node| &node.attribute);
    let epsilon = attributes.find(|attribute| attribute.name == "epsilon")?.float;
    let weights = Weights::new(&graph);
    let [vocabulary, word_size] = weights.shape("words.int8")?;
    let [positions, hidden] = weights.shape("positions.weight")?;
    let has_projection = word_size != hidden;
    if graph.node != expected_nodes(layers, epsilon, has_projection) {
        return None;
    }
    let [_, intermediate] = weights.shape("layer0.intermediate.weight.int8")?;
    let signed_hidden = i64::try_from(hidden).ok()?;
    let integers = [("zero", vec![0]), ("one", vec![1]), ("join_heads", vec![1, -1, signed_hidden])];
    if integers.into_iter().any(|(name, values)| weights.integers(name) != Some(values)) {
        return None;
    }
    let norm = |name: &str| normalisation(&weights, name, hidden, epsilon);
    let layer = |layer: usize| {
        let name = |part: &str| format!("layer{layer}.{part}");
        Some(Layer {
            query_key_value: linear(&weights, &name("query_key_value"), hidden, 3 * hidden)?,
            attention_output: linear(&weights, &name("attention_output"), hidden, hidden)?,
            attention_norm: norm(&name("attention_norm"))?,
            intermediate: linear(&weights, &name("intermediate"), hidden, intermediate)?,
            output: linear(&weights, &name("output"), intermediate, hidden)?,
            output_norm: norm(&name("output_norm"))?,
        })
    };
    Some(Transformer {
        words: Words {
            entries: weights.int8("words.int8", vocabulary, word_size)?.to_vec(),
            scales: weights.matrix("words.scale", vocabulary, 1)?,
            projection: if has_projection { Some(linear(&weights, WORD_PROJECTION, word_size, hidden)?) } else { None },
        },
        positions: weights.matrix("positions.weight", positions, hidden)?,
        embedding_norm: norm("embedding_norm")?,
        heads: heads(&weights, hidden)?,
        layers: (0..layers).map(layer).collect::<Option<Vec<_>>>()?,
        labels: weights.matrix("labels.weight", hidden, Category::COUNT)?,
        labels_bias: weights.floats("labels.bias", Category::COUNT)?.try_into().ok()?,
        context: weights.matrix("context.weight", hidden, Context::COUNT)?,
        context_bias: weights.floats("context.bias", Context::COUNT)?.try_into().ok()?,
    })
}

/// How the graph parts the hidden features among heads, if that is a way that [`Heads`] computes.
fn heads(weights: &Weights<'_>, hidden: usize) -> Option<Heads> {
    let [1, -1, count, size] = *weights.integers("split_heads")? else { return None };
    let heads = Heads { count: usize::try_from(count).ok()?, size: usize::try_from(size).ok()? };
    let [scale] = *weights.floats("head_scale", 1)? else { return None };
    let is_known = heads.count.checked_mul(heads.size) == Some(hidden)
        && Heads::can_compute(heads.size)
        && (scale - heads.scale()).abs() < 1e-6;
    is_known.then_some(heads)
}

fn linear(weights: &Weights<'_>, name: &str, inputs: usize, outputs: usize) -> Option<Linear> {
    let int8 = weights.int8(&format!("{name}.weight.int8"), inputs, outputs)?;
    let scales = weights.matrix(&format!("{name}.weight.scale"), 1, outputs)?;
    Linear::new(int8, scales, weights.floats(&format!("{name}.bias"), outputs)?)
}

fn normalisation(weights: &Weights<'_>, name: &str, width: usize, epsilon: f32) -> Option<Normalisation> {
    Some(Normalisation {
        weight: weights.floats(&format!("{name}.weight"), width)?,
        bias: weights.floats(&format!("{name}.bias"), width)?,
        epsilon,
    })
}

/// The nodes of the graph, in their order.
fn expected_nodes(layers: usize, epsilon: f32, has_projection: bool) -> Vec<NodeProto> {
    let mut nodes = vec![
        NodeProto::new("Gather", &["words.int8", "input_ids"], "words.picked"),
        NodeProto::new("Cast", &["words.picked"], "words.cast").integer("to", i64::from(FLOAT)),
        NodeProto::new("Gather", &["words.scale", "input_ids"], "words.scales"),
        NodeProto::new("Mul", &["words.cast", "words.scales"], "words"),
    ];
    let mut words = "words";
    if has_projection {
        nodes.extend(linear_nodes(words, WORD_PROJECTION, true));
        words = WORD_PROJECTION;
    }
    nodes.extend([
        NodeProto::new("Shape", &["input_ids"], "length").integer("end", 2).integer("start", 1),
        NodeProto::new("Slice", &["positions.weight", "zero", "length", "zero"], "positions"),
        NodeProto::new("Add", &[words, "positions"], "embedded"),
        normalisation_node("embedded", "embedding_norm", epsilon),
    ]);
    let mut x = "embedding_norm".to_owned();
    for layer in 0..layers {
        let name = |part: &str| format!("layer{layer}.{part}");
        nodes.extend(linear_nodes(&x, &name("query_key_value"), true));
        let parts = ["query", "key", "value"].map(name);
        nodes.push(
            NodeProto::with_outputs("Split", &[&name("query_key_value")], &parts.each_ref().map(|part| &**part))
                .integer("axis", -1)
                .integer("num_outputs", 3),
        );
        for (part, order) in parts.iter().zip([[0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]]) {
            nodes.push(NodeProto::new("Reshape", &[part, "split_heads"], &format!("{part}.heads")));
            nodes.push(
                NodeProto::new("Transpose", &[&format!("{part}.heads")], &format!("{part}.ready")).integers("perm", order.into()),
            );
        }
        nodes.extend([
            NodeProto::new("Mul", &[&name("query.ready"), "head_scale"], &name("query.scaled")),
            NodeProto::new("MatMul", &[&name("query.scaled"), &name("key.ready")], &name("match")),
            NodeProto::new("Softmax", &[&name("match")], &name("attention")).integer("axis", -1),
            NodeProto::new("MatMul", &[&name("attention"), &name("value.ready")], &name("mixed")),
            NodeProto::new("Transpose", &[&name("mixed")], &name("by_token")).integers("perm", vec![0, 2, 1, 3]),
            NodeProto::new("Reshape", &[&name("by_token"), "join_heads"], &name("joined")),
        ]);
        nodes.extend(linear_nodes(&name("joined"), &name("attention_output"), true));
        nodes.push(NodeProto::new("Add", &[&x, &name("attention_output")], &name("attended")));
        nodes.push(normalisation_node(&name("attended"), &name("attention_norm"), epsilon));
        nodes.extend(linear_nodes(&name("attention_norm"), &name("intermediate"), true));
        nodes.push(NodeProto::new("Gelu", &[&name("intermediate")], &name("gelu")));
        nodes.extend(linear_nodes(&name("gelu"), &name("output"), true));
        nodes.push(NodeProto::new("Add", &[&name("attention_norm"), &name("output")], &name("fed")));
        x = name("output_norm");
        nodes.push(normalisation_node(&name("fed"), &x, epsilon));
    }
    nodes.push(NodeProto::new("ReduceMean", &[&x, "one"], "pooled").integer("keepdims", 0));
    for (head, output) in [("labels", "logits"), ("context", "context_logits")] {
        nodes.extend(linear_nodes("pooled", head, false));
        nodes.push(NodeProto::new("Identity", &[head], output));
    }
    nodes
}

/// A product with a matrix, stored as int8 or as it is, and a sum.
fn linear_nodes(input: &str, name: &str, is_int8: bool) -> Vec<NodeProto> {
    let part = |part: &str| format!("{name}.{part}");
    let mut nodes = Vec::new();
    if is_int8 {
        nodes.extend([
            NodeProto::new("Cast", &[&part("weight.int8")], &part("weight.cast")).integer("to", i64::from(FLOAT)),
            NodeProto::new("Mul", &[&part("weight.cast"), &part("weight.scale")], &part("weight")),
        ]);
    }
    nodes.extend([
        NodeProto::new("MatMul", &[input, &part("weight")], &part("product")),
        NodeProto::new("Add", &[&part("product"), &part("bias")], name),
    ]);
    nodes
}

fn normalisation_node(input: &str, name: &str, epsilon: f32) -> NodeProto {
    NodeProto::new("LayerNormalization", &[input, &format!("{name}.weight"), &format!("{name}.bias")], name)
        .integer("axis", -1)
        .float("epsilon", epsilon)
}
