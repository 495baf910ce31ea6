"""Writes a fine-tuned encoder and its gate as ONNX, node by node: no tracing, no control flow, no external data.

Input `input_ids` int64 [1, length]; outputs `logits` float [1, 5] and `context_logits` float [1, 4].
Two forms of the same graph: `f32`, and `shipped`, in which matrices are stored as int8 with a scale per
output channel (word vectors: per word) and turned back into floats by Cast and Mul, which a runtime folds
once when it loads the model. Arithmetic stays in f32: activations have outliers that int8 would clip.
"""
import copy
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from corpus import CONTEXTS, LABELS
from encoder import Encoder

OPSET = 20


class _Graph:
    """Collects nodes and initializers; every method returns the name of what it made."""

    def __init__(self, int8: bool):
        self.int8 = int8
        self.nodes, self.initializers = [], []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operation: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(operation, inputs, [output], output + ".node", **attributes))
        return output

    def matrix(self, name: str, weight: np.ndarray) -> str:
        """A matrix [inputs, outputs] for the right side of MatMul."""
        if not self.int8:
            return self.constant(name, weight)
        quantized, scale = quantize(weight, axis=0)
        cast = self.node('Cast', [self.constant(f'{name}.int8', quantized)], f'{name}.cast', to=TensorProto.FLOAT)
        return self.node('Mul', [cast, self.constant(f'{name}.scale', scale)], name)

    def linear(self, name: str, x: str, layer) -> str:
        product = self.node('MatMul', [x, self.matrix(f'{name}.weight', layer.weight.detach().numpy().T)], f'{name}.product')
        return self.node('Add', [product, self.constant(f'{name}.bias', layer.bias.detach().numpy())], name)

    def norm(self, name: str, x: str, layer) -> str:
        parts = [self.constant(f'{name}.{part}', getattr(layer, part).detach().numpy()) for part in ('weight', 'bias')]
        return self.node('LayerNormalization', [x, *parts], name, axis=-1, epsilon=layer.eps)


def quantize(weight: np.ndarray, axis: int | tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 with one scale for each slice along `axis`; shapes broadcast back."""
    scale = np.maximum(np.abs(weight).max(axis=axis, keepdims=True), 1e-12).astype(np.float32) / 127
    return np.rint(weight / scale).astype(np.int8), scale


def build(encoder: Encoder, int8: bool) -> onnx.ModelProto:
    """The whole model as ONNX."""
    shape, graph = encoder.shape, _Graph(int8)
    words = encoder.words.weight.detach().numpy()
    if int8:
        quantized, scale = quantize(words, axis=1)
        picked = graph.node('Gather', [graph.constant('words.int8', quantized), 'input_ids'], 'words.picked')
        cast = graph.node('Cast', [picked], 'words.cast', to=TensorProto.FLOAT)
        scales = graph.node('Gather', [graph.constant('words.scale', scale), 'input_ids'], 'words.scales')
        word_vectors = graph.node('Mul', [cast, scales], 'words')
    else:
        word_vectors = graph.node('Gather', [graph.constant('words.weight', words), 'input_ids'], 'words')
    if encoder.word_projection:
        word_vectors = graph.linear('word_projection', word_vectors, encoder.word_projection)
    zero, one = graph.constant('zero', np.array([0], np.int64)), graph.constant('one', np.array([1], np.int64))
    length = graph.node('Shape', ['input_ids'], 'length', start=1, end=2)
    positions = graph.node('Slice', [graph.constant('positions.weight', encoder.positions.detach().numpy()), zero, length, zero],
                           'positions')
    x = graph.norm('embedding_norm', graph.node('Add', [word_vectors, positions], 'embedded'), encoder.embedding_norm)

    split = graph.constant('split_heads', np.array([1, -1, shape.heads, shape.hidden // shape.heads], np.int64))
    join = graph.constant('join_heads', np.array([1, -1, shape.hidden], np.int64))
    root = graph.constant('head_scale', np.array((shape.hidden // shape.heads) ** -0.5, np.float32))
    for i, layer in enumerate(encoder.layers):
        name = f'layer{i}'
        joint = graph.linear(f'{name}.query_key_value', x, layer.query_key_value)
        thirds = [f'{name}.{part}' for part in ('query', 'key', 'value')]
        graph.nodes.append(helper.make_node('Split', [joint], thirds, f'{name}.thirds', axis=-1, num_outputs=3))
        query, key, value = (
            graph.node('Transpose', [graph.node('Reshape', [third, split], f'{third}.heads')], f'{third}.ready', perm=order)
            for third, order in zip(thirds, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])))
        match = graph.node('MatMul', [graph.node('Mul', [query, root], f'{name}.query.scaled'), key], f'{name}.match')
        attention = graph.node('Softmax', [match], f'{name}.attention', axis=-1)
        mixed = graph.node('Transpose', [graph.node('MatMul', [attention, value], f'{name}.mixed')], f'{name}.by_token', perm=[0, 2, 1, 3])
        attended = graph.linear(f'{name}.attention_output', graph.node('Reshape', [mixed, join], f'{name}.joined'), layer.attention_output)
        x = graph.norm(f'{name}.attention_norm', graph.node('Add', [x, attended], f'{name}.attended'), layer.attention_norm)
        inner = graph.node('Gelu', [graph.linear(f'{name}.intermediate', x, layer.intermediate)], f'{name}.gelu')
        outer = graph.linear(f'{name}.output', inner, layer.output)
        x = graph.norm(f'{name}.output_norm', graph.node('Add', [x, outer], f'{name}.fed'), layer.output_norm)
    pooled = graph.node('ReduceMean', [x, one], 'pooled', keepdims=0)
    # The heads are small, and stay in f32.
    graph.int8 = False
    graph.node('Identity', [graph.linear('labels', pooled, encoder.labels)], 'logits')
    graph.node('Identity', [graph.linear('context', pooled, encoder.context)], 'context_logits')
    return _model(graph, 'bellwether-encoder')


def _model(graph: _Graph, name: str) -> onnx.ModelProto:
    """The graph with the inputs and outputs that all stages share."""
    model = helper.make_model(
        helper.make_graph(graph.nodes, name,
                          [helper.make_tensor_value_info('input_ids', TensorProto.INT64, [1, 'length'])],
                          [helper.make_tensor_value_info('logits', TensorProto.FLOAT, [1, len(LABELS)]),
                           helper.make_tensor_value_info('context_logits', TensorProto.FLOAT, [1, len(CONTEXTS)])],
                          graph.initializers),
        opset_imports=[helper.make_opsetid('', OPSET)], ir_version=9, producer_name='bellwether')
    onnx.checker.check_model(model)
    return model


def build_gate(gate) -> onnx.ModelProto:
    """The gate of `gate.py`: one int8 look-up a tap and token, pooling over stretches, a small network, the highest logits.

    The taps of a feature share a scale. It is positive, so it goes through Relu and pooling, and into the weights behind them: sums
    and maxima are those of whole numbers.
    """
    graph = _Graph(int8=False)
    tables, scale = quantize(np.stack(gate.tables()), axis=(0, 1))
    hidden_layer = copy.deepcopy(gate.hidden)
    hidden_layer.weight.data *= torch.from_numpy(np.tile(scale.ravel(), 2))
    ints = lambda name, *values: graph.constant(name, np.array(values, np.int64))
    axis, zero, one = ints('axis', 1), ints('zero', 0), ints('one', 1)
    first = graph.node('Slice', ['input_ids', zero, one, axis], 'first')
    before = graph.node('Concat', [first] * (len(tables) - 1) + ['input_ids'], 'before', axis=1)
    features = None
    for i, table in enumerate(tables):
        if i == 0:
            ids = 'input_ids'
        else:
            ids = graph.node('Slice', [before, ints(f'tap{i}.start', len(tables) - 1 - i), ints(f'tap{i}.end', -i), axis], f'tap{i}.ids')
        picked = graph.node('Gather', [graph.constant(f'tap{i}.int8', table), ids], f'tap{i}.picked')
        tap = graph.node('Cast', [picked], f'tap{i}', to=TensorProto.FLOAT)
        features = tap if features is None else graph.node('Add', [features, tap], f'features{i}')
    features = graph.node('Transpose', [graph.node('Relu', [features], 'features')], 'by_feature', perm=[0, 2, 1])
    width = tables[0].shape[1]
    image = graph.node('Reshape', [features, ints('image_shape', 1, width, 1, -1)], 'image')
    pooling = {'kernel_shape': [1, gate.stretch], 'strides': [1, gate.stride], 'pads': [0, gate.stride] * 2}
    means = graph.node('AveragePool', [image], 'means', count_include_pad=1, **pooling)
    maxima = graph.node('MaxPool', [image], 'maxima', **pooling)
    joined = graph.node('Reshape', [graph.node('Concat', [means, maxima], 'pooled', axis=1), ints('rows', 1, 2 * width, -1)], 'joined')
    stretches = graph.node('Transpose', [joined], 'stretches', perm=[0, 2, 1])
    hidden = graph.node('Relu', [graph.linear('hidden', stretches, hidden_layer)], 'hidden.active')
    for output, head in (('logits', gate.labels), ('context_logits', gate.context)):
        graph.node('ReduceMax', [graph.linear(f'{output}.stretches', hidden, head), axis], output, keepdims=0)
    return _model(graph, 'bellwether-gate')


def write_gate(gate, path: pathlib.Path) -> None:
    """Writes the gate to a file."""
    path.write_bytes(build_gate(gate).SerializeToString(deterministic=True))


def write(encoder: Encoder, path: pathlib.Path, int8: bool) -> None:
    """Writes one form to a file."""
    path.write_bytes(build(encoder, int8).SerializeToString(deterministic=True))
