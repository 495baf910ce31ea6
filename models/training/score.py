"""Document logits of an encoder: every window, then the highest logit a label."""
import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np
import torch

from corpus import LABELS
from encoder import Encoder, from_base
from tokens import Tokens

TOKENS_PER_BATCH = 4096


@dataclasses.dataclass(frozen=True)
class Logits:
    """Label logits [documents, 5] (highest over windows) and context logits [documents, 4] (of the most telling window)."""
    labels: np.ndarray
    context: np.ndarray


def load(base: pathlib.Path, checkpoint: pathlib.Path, positions: int) -> Encoder:
    """A fine-tuned encoder, ready to score."""
    saved = torch.load(checkpoint)
    encoder = from_base(base, tuple(saved['layers']), positions)
    encoder.load_state_dict(saved['encoder'])
    encoder.fold_standardisation()
    return encoder.eval()


def score(encoder: Encoder, tokens: Tokens, texts: Sequence[str], max_windows: int = 64) -> Logits:
    """Scores whole documents (to `max_windows` windows)."""
    windows = [(i, ids) for i, text in enumerate(texts) for ids in tokens.windows(text)[:max_windows]]
    return score_windows(encoder, tokens, windows, len(texts))


def score_beginnings(encoder: Encoder, tokens: Tokens, texts: Sequence[str], limit: int) -> Logits:
    """Scores the first `limit` tokens of each text, in bfloat16."""
    windows = [(i, tokens.encode(text, limit)) for i, text in enumerate(texts)]
    return score_windows(encoder, tokens, windows, len(texts), quick=True)


@torch.inference_mode()
def score_windows(encoder: Encoder, tokens: Tokens, windows: list[tuple[int, list[int]]], count: int, quick: bool = False) -> Logits:
    """Batches windows of similar length; a document has the highest logits of its windows. `quick` computes in bfloat16."""
    windows.sort(key=lambda item: len(item[1]))
    labels = np.full((count, len(LABELS)), -np.inf, np.float32)
    context, telling = np.zeros((count, 4), np.float32), np.full(count, -np.inf, np.float32)
    start = 0
    while start < len(windows):
        end = start + 1
        while end < len(windows) and len(windows[end][1]) * (end + 1 - start) <= TOKENS_PER_BATCH:
            end += 1
        batch = windows[start:end]
        width = len(batch[-1][1])
        ids = torch.tensor([ids + [tokens.pad] * (width - len(ids)) for _, ids in batch])
        lengths = torch.tensor([len(ids) for _, ids in batch])
        uniform = len(batch[0][1]) == width
        with torch.autocast('cpu', torch.bfloat16, enabled=quick):
            label_logits, context_logits = (t.float().numpy() for t in encoder(ids, None if uniform else lengths))
        for (document, _), row, context_row in zip(batch, label_logits, context_logits):
            labels[document] = np.maximum(labels[document], row)
            if row.max() > telling[document]:
                telling[document], context[document] = row.max(), context_row
        start = end
    return Logits(labels, context)
