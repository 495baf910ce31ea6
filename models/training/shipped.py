"""Turns networks of a model folder back into PyTorch's; run, it writes a checkpoint, so that a round can start from what was shipped.

    python shipped.py PRUNED_FOLDER MODEL_FOLDER OUT_FOLDER

Matrices come back as their int8 grid has them; in the checkpoint the frozen word vectors are the base's own.
"""
import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from encoder import Encoder, Shape, from_base
from fine_tune import POSITIONS


def network(path: pathlib.Path) -> Encoder:
    """The encoder or the student of a file that `export_onnx.write` made, as it is."""
    graph = onnx.load(path).graph
    stored = _stored(graph)
    vocabulary, word_size = stored['words.int8'].shape
    positions, hidden = stored['positions.weight'].shape
    layers = sum(name.endswith('.query_key_value.bias') for name in stored)
    intermediate = len(stored['layer0.intermediate.bias'])
    epsilon = next(a.f for node in graph.node if node.op_type == 'LayerNormalization' for a in node.attribute if a.name == 'epsilon')
    # The export writes one over the root of a head's size.
    heads = round(hidden * stored['head_scale'].item() ** 2)
    encoder = Encoder(Shape(vocabulary, hidden, heads, intermediate, epsilon, tuple(range(layers)), positions, word_size))
    with torch.no_grad():
        encoder.words.weight.copy_(torch.from_numpy(stored['words.int8'].astype('float32') * stored['words.scale']))
    _copy(stored, encoder)
    return encoder.eval()


def _stored(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


@torch.no_grad()
def _copy(stored: dict[str, np.ndarray], encoder: Encoder) -> None:
    """Gives the encoder the weights of a file, but for its word vectors."""
    encoder.positions.copy_(torch.from_numpy(stored['positions.weight'].copy()))
    modules = {'embedding_norm': encoder.embedding_norm, 'labels': encoder.labels, 'context': encoder.context}
    if encoder.word_projection:
        modules['word_projection'] = encoder.word_projection
    for i, layer in enumerate(encoder.layers):
        modules |= {f'layer{i}.{name}': module for name, module in layer.named_children() if list(module.parameters())}
    for name, module in modules.items():
        if f'{name}.weight.int8' in stored:
            weight = stored[f'{name}.weight.int8'].astype('float32') * stored[f'{name}.weight.scale']
        else:
            weight = stored[f'{name}.weight']
        module.weight.copy_(torch.from_numpy(weight.T.copy()))
        module.bias.copy_(torch.from_numpy(stored[f'{name}.bias'].copy()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'model', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    encoder = from_base(arguments.base, (), POSITIONS)
    _copy(_stored(onnx.load(arguments.model / 'encoder.onnx').graph), encoder)
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.save({'encoder': encoder.state_dict(), 'layers': encoder.shape.layers}, arguments.out / 'checkpoint.pt')


if __name__ == '__main__':
    main()
