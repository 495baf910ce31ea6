"""Bellwether's own encoder as a Python program would run it: onnxruntime and the tokenizers package.

Text view and windows are those of `models/training`, twins of the Rust ones, so that the same ids go in. The exported graph takes
one window a run. `train` makes a copy of it that takes several of the same length: it has no mask, and needs none for these.
"""
import pathlib
import tomllib
from collections import defaultdict

import numpy as np
import onnx
import onnxruntime
import tokenizers
from onnx import numpy_helper

from corpus import LABELS, Document
from roster import MODEL
from tokens import Tokens


def batched_graph(path: pathlib.Path) -> None:
    """Writes the encoder with a free first dimension: its two reshapes copy it instead of stating 1."""
    model = onnx.load(MODEL / 'encoder.onnx')
    for tensor in model.graph.initializer:
        if tensor.name in ('split_heads', 'join_heads'):
            shape = numpy_helper.to_array(tensor).copy()
            shape[:2] = 0
            tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = 'windows'
    onnx.save(model, path)


def session(path: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])


def train(rows: list[Document], folder: pathlib.Path) -> dict:
    """Nothing is learnt."""
    batched_graph(folder / 'batched.onnx')
    return {}


class Contender:
    batches = (1, 4, 16)
    """Most windows a run."""
    description = f'onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}'

    def __init__(self, folder: pathlib.Path):
        self.batch = 1
        self.one, self.several = session(MODEL / 'encoder.onnx'), session(folder / 'batched.onnx')
        self.tokens = Tokens(MODEL / 'tokenizer.json')
        manifest = tomllib.loads((MODEL / 'manifest.toml').read_text())
        self.most_windows = manifest['windows']['max_windows']
        self.scale, self.offset = (np.array([manifest['calibration'][label][key] for label in LABELS]) for key in ('scale', 'offset'))

    def scores(self, texts: list[str]) -> np.ndarray:
        """Calibrated probabilities [texts, 5]."""
        graph = self.one if self.batch == 1 else self.several
        by_length = defaultdict(list)
        for document, text in enumerate(texts):
            for ids in self.tokens.windows(text)[:self.most_windows]:
                by_length[len(ids)].append((document, ids))
        best = np.full((len(texts), len(LABELS)), -np.inf)
        for windows in by_length.values():
            for start in range(0, len(windows), self.batch):
                run = windows[start:start + self.batch]
                logits, = graph.run(['logits'], {'input_ids': np.array([ids for _, ids in run], np.int64)})
                for (document, _), row in zip(run, logits):
                    best[document] = np.maximum(best[document], row)
        return 1 / (1 + np.exp(-(best * self.scale + self.offset)))
