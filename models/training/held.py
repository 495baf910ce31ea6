"""What the encoder says of held benign documents: quickly of all, exactly of those that a profile could flag."""
import pathlib

import numpy as np

from encoder import Encoder
from score import score, score_windows
from tokens import Tokens

DOCUMENTS = 60_000
"""Held documents that are read, drawn at random: a false-positive rate of 1e-4 is six of them."""
MAX_WINDOWS = 64
CHUNK = 2000
EXACT_SHARE = 0.05
"""Share of the documents, those with the highest quick logits, that are read again in float32."""


def score_held(encoder: Encoder, tokens: Tokens, texts: list[str], also_exact: np.ndarray, folder: pathlib.Path) -> np.ndarray:
    """Label logits [documents, 5]: bfloat16 for all, float32 for the highest and for those of `also_exact`.

    What has been read is kept in `folder`, a file every `CHUNK` documents, and is not read again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = []
    for start in range(0, len(texts), CHUNK):
        path = folder / f'quick-{start:06}.npy'
        if not path.exists():
            chunk = texts[start:start + CHUNK]
            windows = [(i, ids) for i, text in enumerate(chunk) for ids in tokens.windows(text)[:MAX_WINDOWS]]
            _save(path, score_windows(encoder, tokens, windows, len(chunk), quick=True).labels)
            print(f'the encoder has read {start + len(chunk)} of {len(texts)} held documents', flush=True)
        chunks.append(np.load(path))
    logits = np.concatenate(chunks)
    # By label, since labels are not equally loud.
    bars = np.quantile(logits, 1 - EXACT_SHARE / 2, axis=0)
    chosen = np.flatnonzero((logits >= bars).any(1) | also_exact)
    path = folder / 'exact.npz'
    if not path.exists():
        exact = score(encoder, tokens, [texts[i] for i in chosen], MAX_WINDOWS).labels
        np.savez(path, rows=chosen, logits=exact)
    saved = np.load(path)
    gap = np.abs(saved['logits'] - logits[saved['rows']])
    print(f'{len(chosen)} read exactly: logits moved by {gap.mean():.3f} on average, {gap.max():.2f} at most', flush=True)
    logits[saved['rows']] = saved['logits']
    return logits


def _save(path: pathlib.Path, values: np.ndarray) -> None:
    partial = path.with_suffix('.partial.npy')
    np.save(partial, values)
    partial.rename(path)
