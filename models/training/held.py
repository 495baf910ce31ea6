"""What the encoder says of held benign documents: quickly of all, exactly of those that a profile could flag."""
import pathlib

import numpy as np

from encoder import Encoder
from score import Logits, score, score_windows
from tokens import Tokens

DOCUMENTS = 60_000
"""Held documents that are read, drawn at random: a false-positive rate of 1e-4 is six of them."""
MAX_WINDOWS = 64
CHUNK = 2000
EXACT_SHARE = 0.05
"""Share of the documents, those with the highest quick logits, that are read again in float32."""


def score_held(encoder: Encoder, tokens: Tokens, texts: list[str], also_exact: np.ndarray, folder: pathlib.Path) -> Logits:
    """Logits: bfloat16 for all, float32 for the highest and for those of `also_exact`.

    What has been read is kept in `folder`, a file every `CHUNK` documents, and is not read again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = []
    for start in range(0, len(texts), CHUNK):
        path = folder / f'quick-{start:06}.npz'
        if not path.exists():
            chunk = texts[start:start + CHUNK]
            windows = [(i, ids) for i, text in enumerate(chunk) for ids in tokens.windows(text)[:MAX_WINDOWS]]
            _save(path, score_windows(encoder, tokens, windows, len(chunk), quick=True))
            print(f'the encoder has read {start + len(chunk)} of {len(texts)} held documents', flush=True)
        chunks.append(np.load(path))
    logits, context = (np.concatenate([chunk[part] for chunk in chunks]) for part in ('labels', 'context'))
    # By label, since labels are not equally loud.
    bars = np.quantile(logits, 1 - EXACT_SHARE / 2, axis=0)
    chosen = np.flatnonzero((logits >= bars).any(1) | also_exact)
    path = folder / 'exact.npz'
    if not path.exists():
        exact = score(encoder, tokens, [texts[i] for i in chosen], MAX_WINDOWS)
        np.savez(path, rows=chosen, labels=exact.labels, context=exact.context)
    saved = np.load(path)
    rows = saved['rows']
    gap = np.abs(saved['labels'] - logits[rows])
    print(f'{len(chosen)} read exactly: logits moved by {gap.mean():.3f} on average, {gap.max():.2f} at most', flush=True)
    logits[rows], context[rows] = saved['labels'], saved['context']
    return Logits(logits, context)


def _save(path: pathlib.Path, logits: Logits) -> None:
    partial = path.with_suffix('.partial.npz')
    np.savez(partial, labels=logits.labels, context=logits.context)
    partial.rename(path)
