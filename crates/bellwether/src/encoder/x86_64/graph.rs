//! Recognises the encoder that `models/training/export_onnx.py` writes.

use std::collections::HashMap;

use prost::Message;

use super::linear::Linear;
use super::transformer::{Heads, Layer, Normalisation, Transformer, Words};
use crate::model::onnx::{FLOAT, ModelProto, NodeProto, TensorProto};
use crate::{Category, Context};

/// The encoder of an ONNX model that is, node for node, the graph of [`Transformer`]; none if it is any other, or has sizes
/// that [`Transformer`] does not compute.
pub(super) fn transformer(onnx: &[u8]) -> Option<Transformer> {
    let graph = ModelProto::decode(onnx).ok()?.graph?;
    let layers = graph.node.iter().filter(|node| node.op_type == "Softmax").count();
    let epsilon = graph.node.iter().find(|node| node.op_type == "LayerNormalization")?.attribute.last()?.float;
    if graph.node != expected_nodes(layers, epsilon) {
        return None;
    }
    let weights = Weights { tensors: graph.initializer.iter().map(|tensor| (&*tensor.name, tensor)).collect(), epsilon };
    weights.transformer(layers)
}

/// The weights of a graph by their names.
struct Weights<'a> {
    tensors: HashMap<&'a str, &'a TensorProto>,
    epsilon: f32,
}

impl Weights<'_> {
    fn transformer(&self, layers: usize) -> Option<Transformer> {
        let [vocabulary, hidden] = self.shape("words.int8")?;
        let [positions, _] = self.shape("positions.weight")?;
        let [_, intermediate] = self.shape("layer0.intermediate.weight.int8")?;
        let heads = match *self.tensors.get("split_heads")?.integers()? {
            [1, -1, heads, size] => {
                let (heads, size) = (usize::try_from(heads).ok()?, usize::try_from(size).ok()?);
                (heads.checked_mul(size) == Some(hidden) && Heads::can_compute(size)).then_some(Heads { count: heads, size })?
            }
            _ => return None,
        };
        let integers = [("zero", vec![0]), ("one", vec![1]), ("join_heads", vec![1, -1, i64::try_from(hidden).ok()?])];
        let are_right = integers.iter().all(|(name, values)| self.integers(name).as_ref() == Some(values));
        let [scale] = *self.floats("head_scale", 1)? else { return None };
        if !are_right || (scale - heads.scale()).abs() > 1e-6 {
            return None;
        }
        let layer = |layer: usize| {
            let name = |part: &str| format!("layer{layer}.{part}");
            Some(Layer {
                query_key_value: self.linear(&name("query_key_value"), hidden, 3 * hidden)?,
                attention_output: self.linear(&name("attention_output"), hidden, hidden)?,
                attention_norm: self.normalisation(&name("attention_norm"), hidden)?,
                intermediate: self.linear(&name("intermediate"), hidden, intermediate)?,
                output: self.linear(&name("output"), intermediate, hidden)?,
                output_norm: self.normalisation(&name("output_norm"), hidden)?,
            })
        };
        Some(Transformer {
            words: Words {
                entries: self.tensors.get("words.int8")?.int8([vocabulary, hidden])?.to_vec(),
                scales: self.matrix("words.scale", vocabulary, 1)?,
            },
            positions: self.matrix("positions.weight", positions, hidden)?,
            embedding_norm: self.normalisation("embedding_norm", hidden)?,
            heads,
            layers: (0..layers).map(layer).collect::<Option<Vec<_>>>()?,
            labels: self.matrix("labels.weight", hidden, Category::COUNT)?,
            labels_bias: self.floats("labels.bias", Category::COUNT)?.try_into().ok()?,
            context: self.matrix("context.weight", hidden, Context::COUNT)?,
            context_bias: self.floats("context.bias", Context::COUNT)?.try_into().ok()?,
        })
    }

    fn shape(&self, name: &str) -> Option<[usize; 2]> {
        self.tensors.get(name)?.shape()
    }

    fn floats(&self, name: &str, length: usize) -> Option<Vec<f32>> {
        self.tensors.get(name)?.floats([length])
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Option<Vec<f32>> {
        self.tensors.get(name)?.floats([rows, columns])
    }

    fn integers(&self, name: &str) -> Option<Vec<i64>> {
        self.tensors.get(name)?.integers()
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Option<Linear> {
        let weights = self.tensors.get(&*format!("{name}.weight.int8"))?.int8([inputs, outputs])?;
        let scales = self.matrix(&format!("{name}.weight.scale"), 1, outputs)?;
        Linear::new(weights, scales, self.floats(&format!("{name}.bias"), outputs)?)
    }

    fn normalisation(&self, name: &str, width: usize) -> Option<Normalisation> {
        Some(Normalisation {
            weight: self.floats(&format!("{name}.weight"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
            epsilon: self.epsilon,
        })
    }
}

/// The nodes of the graph, in their order.
fn expected_nodes(layers: usize, epsilon: f32) -> Vec<NodeProto> {
    let mut nodes = vec![
        NodeProto::new("Gather", &["words.int8", "input_ids"], "words.picked"),
        NodeProto::new("Cast", &["words.picked"], "words.cast").integer("to", i64::from(FLOAT)),
        NodeProto::new("Gather", &["words.scale", "input_ids"], "words.scales"),
        NodeProto::new("Mul", &["words.cast", "words.scales"], "words"),
        NodeProto::new("Shape", &["input_ids"], "length").integer("end", 2).integer("start", 1),
        NodeProto::new("Slice", &["positions.weight", "zero", "length", "zero"], "positions"),
        NodeProto::new("Add", &["words", "positions"], "embedded"),
        normalised("embedded", "embedding_norm", epsilon),
    ];
    let mut x = "embedding_norm".to_owned();
    for layer in 0..layers {
        let name = |part: &str| format!("layer{layer}.{part}");
        nodes.extend(linear(&x, &name("query_key_value"), true));
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
        nodes.extend(linear(&name("joined"), &name("attention_output"), true));
        nodes.push(NodeProto::new("Add", &[&x, &name("attention_output")], &name("attended")));
        nodes.push(normalised(&name("attended"), &name("attention_norm"), epsilon));
        nodes.extend(linear(&name("attention_norm"), &name("intermediate"), true));
        nodes.push(NodeProto::new("Gelu", &[&name("intermediate")], &name("gelu")));
        nodes.extend(linear(&name("gelu"), &name("output"), true));
        nodes.push(NodeProto::new("Add", &[&name("attention_norm"), &name("output")], &name("fed")));
        x = name("output_norm");
        nodes.push(normalised(&name("fed"), &x, epsilon));
    }
    nodes.push(NodeProto::new("ReduceMean", &[&x, "one"], "pooled").integer("keepdims", 0));
    for (head, output) in [("labels", "logits"), ("context", "context_logits")] {
        nodes.extend(linear("pooled", head, false));
        nodes.push(NodeProto::new("Identity", &[head], output));
    }
    nodes
}

/// A product with a matrix, stored as int8 or as it is, and a sum.
fn linear(input: &str, name: &str, is_int8: bool) -> Vec<NodeProto> {
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

fn normalised(input: &str, name: &str, epsilon: f32) -> NodeProto {
    NodeProto::new("LayerNormalization", &[input, &format!("{name}.weight"), &format!("{name}.bias")], name)
        .integer("axis", -1)
        .float("epsilon", epsilon)
}
