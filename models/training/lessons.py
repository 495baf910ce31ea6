"""What the encoder says of every pool: the lessons that the gate and the student learn from.

Labelled texts, plain, inside other texts and disguised; weakly labelled posts; benign documents, those that mining found alarming among
them. What is learnt of it is softened (Hinton et al. 2015, *Distilling the knowledge in a neural network*).
"""
import dataclasses
import pathlib
import random

import numpy as np

import corpus
import measures
import obfuscation
import score
from corpus import Document
from encoder import Encoder
from fine_tune import POSITIONS, embedded
from tokens import Tokens

LENGTH = POSITIONS
"""Tokens of a lesson: one window."""
INSIDE, DISGUISED, WEAK, BENIGN = 8_000, 6_000, 10_000, 25_000
TEMPERATURE = 2.0
CENTRE_RATE = 2e-3
"""Share of benign lessons above the logit that is taught as a half."""
VALIDATED = 20
"""One lesson in so many is not learnt and shows how far learning is."""
CHUNK = 4000


@dataclasses.dataclass(frozen=True)
class Lessons:
    """Token ids, and what the encoder says of them: labels [lessons, 5], softened, and contexts [lessons, 4], both as probabilities."""
    documents: list[Document]
    ids: list[list[int]]
    labels: np.ndarray
    context: np.ndarray

    def parted(self, seed: int) -> tuple[list[int], list[int]]:
        """The lessons that are learnt, in random order, and those that are not."""
        order = list(range(len(self.ids)))
        random.Random(seed).shuffle(order)
        return [i for k, i in enumerate(order) if k % VALIDATED], order[::VALIDATED]

    def report(self, alarm: np.ndarray, rows: list[int]) -> str:
        """How much of what the encoder takes for harm a share of the lessons would keep, by the highest logits of these rows."""
        wanted = self.labels[rows].max(1)
        harm, quiet = alarm[wanted > 0.5], alarm[wanted <= 0.5]
        passing = {keep: float((quiet >= np.quantile(harm, 1 - keep)).mean()) for keep in (0.95, 0.98, 0.99)}
        return ', '.join(f'to keep {keep:.0%} of {len(harm)} it passes {share:.3f} of the others' for keep, share in passing.items())


def heard(encoder: Encoder, tokens: Tokens, data: pathlib.Path, mined: pathlib.Path, folder: pathlib.Path, seed: int) -> Lessons:
    """Has the encoder read every lesson; what it has read is kept in `folder`, a file every `CHUNK` documents."""
    others, benign = _documents(data, mined, seed)
    documents = others + benign
    folder.mkdir(parents=True, exist_ok=True)
    labels, context = [], []
    for start in range(0, len(documents), CHUNK):
        path = folder / f'{start:06}.npz'
        if not path.exists():
            logits = score.score_beginnings(encoder, tokens, [d.text for d in documents[start:start + CHUNK]], LENGTH)
            partial = path.with_suffix('.partial.npz')
            np.savez(partial, labels=logits.labels, context=logits.context)
            partial.rename(path)
            print(f'the encoder has read {min(start + CHUNK, len(documents))} of {len(documents)}', flush=True)
        saved = np.load(path)
        labels.append(saved['labels'])
        context.append(saved['context'])
    labels, context = np.concatenate(labels), np.concatenate(context)
    centre = np.quantile(labels[len(others):], 1 - CENTRE_RATE, axis=0)
    print(f'{len(documents)} lessons; taught as a half: {dict(zip(corpus.LABELS, centre.round(2).tolist()))}', flush=True)
    return Lessons(documents, [tokens.encode(d.text, LENGTH) for d in documents],
                   measures.sigmoid((labels - centre) / TEMPERATURE).astype(np.float32), measures.softmax(context).astype(np.float32))


def _documents(data: pathlib.Path, mined: pathlib.Path, seed: int) -> tuple[list[Document], list[Document]]:
    """The documents, those of the benign pool apart."""
    generator = random.Random(seed)
    benign = corpus.benign(data, held=False)
    labelled, weak = corpus.training_texts(data)
    inside = [dataclasses.replace(d, text=embedded(d, benign, generator)) for d in generator.sample(labelled, INSIDE)]
    disguised = [dataclasses.replace(d, text=obfuscation.obfuscate(d.text, generator)) for d in generator.sample(labelled, DISGUISED)]
    alarming = {row['id'] for row in corpus.rows(mined)}
    spread = {d.id for d in corpus.spread_sample([d for d in benign if d.id not in alarming], BENIGN, seed)}
    return labelled + inside + disguised + generator.sample(weak, WEAK), [d for d in benign if d.id in alarming or d.id in spread]
