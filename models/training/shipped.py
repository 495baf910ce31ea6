"""Turns the encoder of a model folder back into a checkpoint, so that a round can start from what was shipped.

    python shipped.py PRUNED_FOLDER MODEL_FOLDER OUT_FOLDER

Matrices come back as their int8 grid has them; the frozen word vectors are the base's own.
"""
import argparse
import pathlib

import onnx
import torch
from onnx import numpy_helper

from encoder import Encoder, from_base
from fine_tune import POSITIONS


@torch.no_grad()
def read(encoder: Encoder, path: pathlib.Path) -> None:
    """Gives the encoder, but for its word vectors, the weights of a file that `export_onnx.write` made."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}
    encoder.positions.copy_(torch.from_numpy(stored['positions.weight'].copy()))
    modules = {'embedding_norm': encoder.embedding_norm, 'labels': encoder.labels, 'context': encoder.context}
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
    read(encoder, arguments.model / 'encoder.onnx')
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.save({'encoder': encoder.state_dict(), 'layers': encoder.shape.layers}, arguments.out / 'checkpoint.pt')


if __name__ == '__main__':
    main()
