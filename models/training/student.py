"""Distils the student: a small transformer that reads what the gate lets through, before the encoder does.

    python student.py PRUNED_FOLDER CHECKPOINT DATA_FOLDER LESSONS_FOLDER WORK_FOLDER --mined FILE

Of the encoder's form, a sixteenth of its arithmetic a token: narrow, three layers, word vectors of 32 numbers. It is taught the
encoder's logits, softened, on every pool (`lessons.py`), which are kept in LESSONS_FOLDER as they come. Training goes on from its last
checkpoint; `student.pt` in WORK_FOLDER is the result.

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

import score
from encoder import Encoder
from fine_tune import POSITIONS
from gate import standardised_words
from lessons import Lessons, heard
from tokens import Tokens

LAYERS, HIDDEN, HEADS, WORD_SIZE = 3, 192, 6, 32
EPOCHS, TOKENS_PER_BATCH, RATE = 4, 16_384, 1.5e-3
ALARM_WEIGHT = 6.0
"""Weight of a lesson the encoder is alarmed at: letting go of harm costs more than a look at the harmless."""
GATE_SHARE = 0.25
"""How much a logit of the gate counts beside one of the student as it was taught; chosen on dev, the functional suite and held documents."""
CHECKPOINT_SECONDS = 240


def untaught(base: Encoder) -> Encoder:
    """A student with the main directions of the encoder's word vectors, and the rest at random."""
    shape = dataclasses.replace(base.shape, hidden=HIDDEN, heads=HEADS, intermediate=4 * HIDDEN, layers=tuple(range(LAYERS)),
                                positions=POSITIONS, word_size=WORD_SIZE)
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


def read(student: Encoder, lessons: Lessons, rows: list[int], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the student says of a batch of lessons."""
    width = max(len(lessons.ids[i]) for i in rows)
    ids = torch.tensor([lessons.ids[i] + [pad] * (width - len(lessons.ids[i])) for i in rows])
    with torch.autocast('cpu', torch.bfloat16):
        labels, context = student(ids, torch.tensor([len(lessons.ids[i]) for i in rows]))
    return labels.float(), context.float()


def loss_of(student: Encoder, lessons: Lessons, rows: list[int], pad: int) -> torch.Tensor:
    labels, context = read(student, lessons, rows, pad)
    wanted = torch.from_numpy(lessons.labels[rows])
    weights = 1 + ALARM_WEIGHT * wanted.max(1, keepdim=True).values
    loss = (functional.binary_cross_entropy_with_logits(labels, wanted, reduction='none') * weights).sum(1).mean()
    return loss + 0.1 * functional.cross_entropy(context, torch.from_numpy(lessons.context[rows]))


@torch.inference_mode()
def report(student: Encoder, lessons: Lessons, rows: list[int], pad: int) -> str:
    """How much the student would keep of lessons that it does not learn."""
    student.eval()
    alarm = np.empty(len(rows))
    for batch in batches([len(lessons.ids[i]) for i in rows], 0):
        alarm[batch] = read(student, lessons, [rows[i] for i in batch], pad)[0].max(1).values.numpy()
    student.train()
    return lessons.report(alarm, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'data', 'lessons', 'work'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--mined', type=pathlib.Path, required=True, help='benign documents that mining read')
    parser.add_argument('--epochs', type=int, default=EPOCHS)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    encoder = score.load(arguments.base, arguments.checkpoint, POSITIONS)
    lessons = heard(encoder, tokens, arguments.data, arguments.mined, arguments.lessons, arguments.seed)
    learnt, validated = lessons.parted(arguments.seed)

    student = untaught(encoder).train()
    plan = [[learnt[i] for i in batch] for epoch in range(arguments.epochs)
            for batch in batches([len(lessons.ids[i]) for i in learnt], 1000 * arguments.seed + epoch)]
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
        loss = loss_of(student, lessons, plan[step], tokens.pad)
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
            print(report(student, lessons, validated, tokens.pad), flush=True)
        if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            partial = checkpoint.with_suffix('.partial')
            torch.save({'student': student.state_dict(), 'optimizer': optimizer.state_dict(), 'schedule': schedule.state_dict(),
                        'step': step + 1}, partial)
            partial.rename(checkpoint)
            saved_at = time.monotonic()
    torch.save({'student': student.state_dict()}, arguments.work / 'student.pt')


if __name__ == '__main__':
    main()
