"""Distils the student: a small transformer that reads what the gate lets through, before the encoder does.

    python student.py PRUNED_FOLDER CHECKPOINT DATA_FOLDER WORK_FOLDER --mined FILE

Of the encoder's form, a sixteenth of its arithmetic a token: narrow, three layers, word vectors of 32 numbers. It is taught the
encoder's logits, softened (Hinton et al. 2015, *Distilling the knowledge in a neural network*), on every pool: labelled texts, plain,
inside other texts and disguised; weakly labelled posts; benign documents, those that mining found alarming among them. The
encoder's logits are kept in WORK_FOLDER as they come, and training goes on from its last checkpoint; `student.pt` there is the result.

Its label logits are added to the gate's: the two learnt the same in different ways, and go wrong on different texts.
"""
import argparse
import dataclasses
import pathlib
import random
import time

import numpy as np
import torch
from torch.nn import functional

import corpus
import measures
import obfuscation
import score
from corpus import LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS, embedded
from gate import standardised_words
from tokens import Tokens

LAYERS, HIDDEN, HEADS, WORD_SIZE = 3, 192, 6, 32
LENGTH = POSITIONS
"""Tokens of a lesson: one window."""
EPOCHS, TOKENS_PER_BATCH, RATE = 5, 16_384, 1.5e-3
TEMPERATURE = 2.0
CENTRE_RATE = 2e-3
"""Share of benign lessons above the logit that is taught as a half."""
ALARM_WEIGHT = 6.0
"""Weight of a lesson the encoder is alarmed at: letting go of harm costs more than a look at the harmless."""
INSIDE, DISGUISED, WEAK, BENIGN = 8_000, 6_000, 10_000, 25_000
VALIDATED = 20
"""One lesson in so many is not learnt and shows how far learning is."""
GATE_SHARE = 0.25
"""How much a logit of the gate counts beside one of the student as it was taught; chosen on dev, the functional suite and held documents."""
CHUNK = 4000
CHECKPOINT_SECONDS = 240


def lessons(data: pathlib.Path, mined: pathlib.Path, seed: int) -> tuple[list[Document], list[Document]]:
    """The documents that the student hears the encoder on, those of the benign pool apart."""
    generator = random.Random(seed)
    benign = corpus.benign(data, held=False)
    labelled, weak = corpus.training_texts(data)
    inside = [dataclasses.replace(d, text=embedded(d, benign, generator)) for d in generator.sample(labelled, INSIDE)]
    disguised = [dataclasses.replace(d, text=obfuscation.obfuscate(d.text, generator)) for d in generator.sample(labelled, DISGUISED)]
    alarming = {row['id'] for row in corpus.rows(mined)}
    spread = {d.id for d in corpus.spread_sample([d for d in benign if d.id not in alarming], BENIGN, seed)}
    return labelled + inside + disguised + generator.sample(weak, WEAK), [d for d in benign if d.id in alarming or d.id in spread]


def taught_logits(encoder: Encoder, tokens: Tokens, documents: list[Document], folder: pathlib.Path) -> score.Logits:
    """What the encoder says of the beginnings; what it has read is in `folder`, a file every `CHUNK` documents."""
    folder.mkdir(exist_ok=True)
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
    return score.Logits(np.concatenate(labels), np.concatenate(context))


def untaught(base: Encoder) -> Encoder:
    """A student with the main directions of the encoder's word vectors, and the rest at random."""
    shape = dataclasses.replace(base.shape, hidden=HIDDEN, heads=HEADS, intermediate=4 * HIDDEN, layers=tuple(range(LAYERS)),
                                positions=LENGTH, word_size=WORD_SIZE)
    student = Encoder(shape, dropout=0.0)
    words = standardised_words(base)
    _, directions = torch.linalg.eigh(words.T @ words)
    with torch.no_grad():
        main = words @ directions[:, -WORD_SIZE:]
        student.words.weight.copy_(main / main.std(0))
        student.positions.normal_(0, 0.1)
    student.words.weight.requires_grad_(True)
    return student


@torch.no_grad()
def load(base: Encoder, path: pathlib.Path) -> Encoder:
    """A taught student, ready to score, with label logits that are to be added to the gate's."""
    student = untaught(base)
    student.load_state_dict(torch.load(path)['student'])
    student.labels.weight /= GATE_SHARE
    student.labels.bias /= GATE_SHARE
    return student.eval()


def batches(lengths: list[int], seed: int) -> list[list[int]]:
    """Indices of lessons of like length, about as many tokens in each batch, in random order."""
    generator = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + generator.random() * 4)
    result, current = [], []
    for i in order:
        if current and (len(current) + 1) * (lengths[i] + 4) > TOKENS_PER_BATCH:
            result.append(current)
            current = []
        current.append(i)
    result.append(current)
    generator.shuffle(result)
    return result


class Lessons:
    """Token ids, and what the encoder says of them, softened."""

    def __init__(self, ids: list[list[int]], labels: np.ndarray, context: np.ndarray, centre: np.ndarray):
        self.ids = ids
        self.labels = torch.from_numpy(measures.sigmoid((labels - centre) / TEMPERATURE)).float()
        self.context = torch.softmax(torch.from_numpy(context), 1)

    def batch(self, rows: list[int], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(len(self.ids[i]) for i in rows)
        ids = torch.tensor([self.ids[i] + [pad] * (width - len(self.ids[i])) for i in rows])
        return ids, torch.tensor([len(self.ids[i]) for i in rows])

    def loss(self, student: Encoder, rows: list[int], pad: int) -> torch.Tensor:
        ids, lengths = self.batch(rows, pad)
        with torch.autocast('cpu', torch.bfloat16):
            labels, context = student(ids, lengths)
        wanted = self.labels[rows]
        weights = 1 + ALARM_WEIGHT * wanted.max(1, keepdim=True).values
        loss = (functional.binary_cross_entropy_with_logits(labels.float(), wanted, reduction='none') * weights).sum(1).mean()
        return loss + 0.1 * functional.cross_entropy(context.float(), self.context[rows])


@torch.inference_mode()
def report(student: Encoder, lessons: Lessons, rows: list[int], pad: int) -> str:
    """How much of what the encoder takes for harm a share of the lessons would keep, on lessons that are not learnt."""
    student.eval()
    alarm, wanted = np.empty(len(rows)), lessons.labels[rows].max(1).values.numpy()
    for batch in batches([len(lessons.ids[i]) for i in rows], 0):
        with torch.autocast('cpu', torch.bfloat16):
            logits, _ = student(*lessons.batch([rows[i] for i in batch], pad))
        alarm[batch] = logits.float().max(1).values.numpy()
    student.train()
    harm, quiet = alarm[wanted > 0.5], np.sort(alarm[wanted <= 0.5])
    passing = {keep: float((quiet >= np.quantile(harm, 1 - keep)).mean()) for keep in (0.95, 0.98, 0.99)}
    return ', '.join(f'to keep {keep:.0%} of {len(harm)} it passes {share:.3f} of the others' for keep, share in passing.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'data', 'work'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--mined', type=pathlib.Path, required=True, help='benign documents that mining read')
    parser.add_argument('--epochs', type=int, default=EPOCHS)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    encoder = score.load(arguments.base, arguments.checkpoint, POSITIONS)
    others, benign = lessons(arguments.data, arguments.mined, arguments.seed)
    documents = others + benign
    logits = taught_logits(encoder, tokens, documents, arguments.work / 'lessons')
    centre = np.quantile(logits.labels[len(others):], 1 - CENTRE_RATE, axis=0)
    heard = Lessons([tokens.encode(d.text, LENGTH) for d in documents], logits.labels, logits.context, centre)
    order = list(range(len(documents)))
    random.Random(arguments.seed).shuffle(order)
    validated, learnt = order[::VALIDATED], [i for k, i in enumerate(order) if k % VALIDATED]
    print(f'{len(learnt)} lessons; taught as a half: {dict(zip(LABELS, centre.round(2).tolist()))}', flush=True)

    student = untaught(encoder).train()
    plan = [[learnt[i] for i in batch] for epoch in range(arguments.epochs)
            for batch in batches([len(heard.ids[i]) for i in learnt], 1000 * arguments.seed + epoch)]
    optimizer = torch.optim.AdamW(student.parameters(), RATE, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    warmup = max(1, len(plan) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.0, (len(plan) - step) / (len(plan) - warmup))))
    checkpoint, start = arguments.work / 'checkpoint.pt', 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        student.load_state_dict(saved['student'])
        optimizer.load_state_dict(saved['optimizer'])
        schedule.load_state_dict(saved['schedule'])
        start = saved['step']
        print(f'resumed at step {start}', flush=True)
    began = saved_at = time.monotonic()
    running = None
    for step in range(start, len(plan)):
        loss = heard.loss(student, plan[step], tokens.pad)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0 or step + 1 == len(plan):
            left = (len(plan) - step - 1) * (time.monotonic() - began) / (step + 1 - start) / 60
            print(f'step {step + 1}/{len(plan)} loss {running:.4f}, {left:.1f} min left', flush=True)
        if (step + 1) % (len(plan) // arguments.epochs) == 0 or step + 1 == len(plan):
            print(report(student, heard, validated, tokens.pad), flush=True)
        if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            partial = checkpoint.with_suffix('.partial')
            torch.save({'student': student.state_dict(), 'optimizer': optimizer.state_dict(), 'schedule': schedule.state_dict(),
                        'step': step + 1}, partial)
            partial.rename(checkpoint)
            saved_at = time.monotonic()
    torch.save({'student': student.state_dict()}, arguments.work / 'student.pt')


if __name__ == '__main__':
    main()
