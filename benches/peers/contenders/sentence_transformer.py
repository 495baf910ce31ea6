"""sentence-transformers: multilingual-e5-small on torch in f32, frozen, with a logistic head a label.

It reads the first 512 tokens of a text, as the library does; its throughput counts the bytes of these alone.
"""
import pathlib

import joblib
import numpy as np
import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer

from contenders.base_encoder import lay_out_multilingual
from corpus import Document
from tuning import Heads

PREFIX = 'query: '
"""What the model's authors put before a text that is to be classified."""
MOST_TOKENS = 512


def open_model(folder: pathlib.Path) -> SentenceTransformer:
    words = Transformer(str(folder), max_seq_length=MOST_TOKENS)
    return SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension()), Normalize()], device='cpu')


def embed(model: SentenceTransformer, texts: list[str], batch: int) -> np.ndarray:
    return model.encode([PREFIX + text for text in texts], batch_size=batch, show_progress_bar=False)


def train(rows: list[Document], folder: pathlib.Path) -> dict:
    base = folder / 'base'
    lay_out_multilingual(base, normalises=True)
    model = open_model(base)
    heads, told = Heads.tuned(embed(model, [row.text for row in rows], 8), rows)
    joblib.dump(heads, folder / 'heads.joblib')
    return told


class Contender:
    batches = (1, 8, 32)
    """Texts a batch; the library sorts texts by length."""
    description = f'sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}'

    def __init__(self, folder: pathlib.Path):
        torch.set_num_threads(1)
        self.model = open_model(folder / 'base')
        self.heads = joblib.load(folder / 'heads.joblib')
        self.batch = 1

    def scores(self, texts: list[str]) -> np.ndarray:
        return self.heads.scores(embed(self.model, texts, self.batch))

    def bytes_read(self, texts: list[str]) -> int:
        """Bytes up to the end of the last token that is read."""
        total = 0
        for text in texts:
            encoded = self.model.tokenizer(PREFIX + text, truncation=True, max_length=MOST_TOKENS, return_offsets_mapping=True)
            end = max(end for _, end in encoded['offset_mapping'])
            total += max(0, len((PREFIX + text)[:end].encode()) - len(PREFIX))
        return total
