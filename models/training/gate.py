"""Distils the gate: three vectors a token, learnt from the encoder's own logits on every pool.

    python gate.py PRUNED_FOLDER CHECKPOINT DATA_FOLDER LESSONS_FOLDER WORK_FOLDER --mined FILE

A token's features are a small convolution over the word vectors of the token and the two before it: what the frozen vectors
say of a word, and what is learnt of the word itself. A convolution over static vectors is a sum of one table look-up a
position, so the shipped gate multiplies no matrix a token. Features are
averaged and their maximum taken over stretches of 32 tokens, a small network reads each stretch, and the highest
logit a label is the gate's. The encoder's logits (`lessons.py`) are kept in LESSONS_FOLDER; `gate.onnx` in WORK_FOLDER is the result.
"""
import argparse
import pathlib
import random

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional

import export_onnx
import score
from corpus import CONTEXTS, LABELS
from encoder import Encoder
from fine_tune import POSITIONS
from lessons import heard
from tokens import Tokens

FEATURES, WIDTH, HIDDEN = 64, 3, 64
EPOCHS, BATCH, RATE, WORD_RATE = 10, 128, 2e-3, 5e-4
LABEL_WEIGHT = 6.0
"""Weight of a label the encoder would give: letting go of harm costs more than a look at the harmless."""


class Gate(nn.Module):
    """Token ids [batch, length], 0 where a row has ended, to label logits [batch, 5] and context logits [batch, 4]."""

    stretch, stride = 32, 16
    """Tokens of a stretch, and how far apart stretches begin."""

    def __init__(self, words: Tensor):
        super().__init__()
        self.register_buffer('words', words)
        self.taps = nn.ModuleList(nn.Linear(words.shape[1], FEATURES, bias=i == 0) for i in range(WIDTH))
        self.own = nn.ModuleList(nn.Embedding(len(words), FEATURES, sparse=True) for _ in range(WIDTH))
        for table in self.own:
            nn.init.zeros_(table.weight)
        self.hidden = nn.Linear(2 * FEATURES, HIDDEN)
        self.labels = nn.Linear(HIDDEN, len(LABELS))
        self.context = nn.Linear(HIDDEN, len(CONTEXTS))
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        real = (torch.arange(ids.shape[1]) < lengths[:, None]).float()[:, :, None]
        # The tap for `i` tokens before; the first tokens have themselves before them.
        shifted = [torch.cat([ids[:, :1]] * i + [ids[:, :ids.shape[1] - i]], 1) for i in range(WIDTH)]
        taps = (tap(self.words[before]) + own(before) for tap, own, before in zip(self.taps, self.own, shifted))
        features = functional.relu(sum(taps)) * real
        stretches = self.pool(self.dropout(features.transpose(1, 2)))
        absent = (torch.arange(stretches.shape[2]) * self.stride > lengths[:, None])[:, :, None]
        hidden = functional.relu(self.hidden(stretches.transpose(1, 2)))
        return tuple(head(hidden).masked_fill(absent, -1e4).max(1).values for head in (self.labels, self.context))

    def pool(self, features: Tensor) -> Tensor:
        """Means and maxima of stretches: [batch, features, length] to [batch, 2 * features, stretches]."""
        sizes = {'kernel_size': self.stretch, 'stride': self.stride, 'padding': self.stride}
        means = functional.avg_pool1d(features, count_include_pad=True, **sizes)
        # Features are never negative, so padding never is the maximum.
        return torch.cat([means, functional.max_pool1d(features, **sizes)], 1)

    def tables(self) -> list[np.ndarray]:
        """The taps over the whole vocabulary [vocabulary, features]; the first holds the bias."""
        with torch.no_grad():
            return [(tap(self.words) + own.weight).numpy() for tap, own in zip(self.taps, self.own)]


def standardised_words(encoder: Encoder) -> Tensor:
    """The encoder's word vectors with mean 0 and deviation 1 in each direction."""
    words = encoder.words.weight.detach()
    return (words - words.mean(0)) / words.std(0)


def teach(gate: Gate, examples: list[tuple[list[int], np.ndarray, np.ndarray]], seed: int) -> None:
    """Fits the gate to (ids, label probabilities, context probabilities)."""
    own = list(gate.own.parameters())
    shared = [parameter for name, parameter in gate.named_parameters() if not name.startswith('own.')]
    optimizers = ((torch.optim.AdamW(shared, RATE, weight_decay=0.01), RATE), (torch.optim.SparseAdam(own, WORD_RATE), WORD_RATE))
    generator = random.Random(seed)
    steps, step = EPOCHS * (len(examples) // BATCH), 0
    for epoch in range(EPOCHS):
        # Batches of similar length, in random order.
        order = sorted(range(len(examples)), key=lambda i: len(examples[i][0]) + generator.random())
        starts = list(range(0, len(order) - BATCH + 1, BATCH))
        generator.shuffle(starts)
        total = 0.0
        for start in starts:
            rows = [examples[i] for i in order[start:start + BATCH]]
            width = max(len(ids) for ids, _, _ in rows)
            ids = torch.tensor([ids + [0] * (width - len(ids)) for ids, _, _ in rows])
            labels, context = gate(ids, torch.tensor([len(ids) for ids, _, _ in rows]))
            wanted = torch.tensor(np.array([label for _, label, _ in rows]))
            weights = 1 + LABEL_WEIGHT * wanted.max(1, keepdim=True).values
            loss = (functional.binary_cross_entropy_with_logits(labels, wanted, reduction='none') * weights).sum(1).mean()
            loss = loss + 0.2 * functional.cross_entropy(context, torch.tensor(np.array([c for _, _, c in rows])))
            for optimizer, rate in optimizers:
                optimizer.param_groups[0]['lr'] = rate * (1 - step / steps)
                optimizer.zero_grad()
            loss.backward()
            for optimizer, _ in optimizers:
                optimizer.step()
            total, step = total + loss.item(), step + 1
        print(f'epoch {epoch + 1}: loss {total / len(starts):.4f}', flush=True)


@torch.inference_mode()
def alarm(gate: Gate, lessons: list[list[int]]) -> np.ndarray:
    """The gate's highest logit of each lesson."""
    return np.array([gate(torch.tensor([ids]), torch.tensor([len(ids)]))[0].max() for ids in lessons])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'data', 'lessons', 'work'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--mined', type=pathlib.Path, required=True, help='benign documents that mining read')
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    encoder = score.load(arguments.base, arguments.checkpoint, POSITIONS)
    lessons = heard(encoder, tokens, arguments.data, arguments.mined, arguments.lessons, arguments.seed)
    learnt, validated = lessons.parted(arguments.seed)
    examples = [(lessons.ids[i], lessons.labels[i], lessons.context[i]) for i in learnt]
    gate = Gate(standardised_words(encoder))
    gate.train()
    teach(gate, examples, arguments.seed)
    gate.eval()
    print(lessons.report(alarm(gate, [lessons.ids[i] for i in validated]), validated), flush=True)
    export_onnx.write_gate(gate, arguments.work / 'gate.onnx')
    largest = 0.0
    session = onnxruntime.InferenceSession(str(arguments.work / 'gate.onnx'), providers=['CPUExecutionProvider'])
    for ids, _, _ in examples[:300]:
        shipped = session.run(None, {'input_ids': np.array([ids], np.int64)})[0][0]
        with torch.no_grad():
            largest = max(largest, float(np.abs(gate(torch.tensor([ids]), torch.tensor([len(ids)]))[0][0].numpy() - shipped).max()))
    print(f'the shipped gate differs from PyTorch by {largest:.4f} in logits at most')
    if largest > 0.5:
        raise SystemExit('that is more than rounding')


if __name__ == '__main__':
    main()
