"""Fine-tunes the whole encoder on the data folder; resumable.

    python fine_tune.py PRUNED_FOLDER DATA_FOLDER OUT_FOLDER [--epochs 2] [--layers 0,2,4,6,8,10]

A round starts from the base, or with `--start CHECKPOINT` from an earlier round; `--mined FILE` (of `mine.py`)
adds the benign documents that the earlier round took most for harm. Writes `OUT_FOLDER/checkpoint.pt` every few minutes and goes on from it.
"""
import argparse
import collections
import dataclasses
import itertools
import json
import pathlib
import random
import time

import torch
from torch.nn import functional

import corpus
import linear_probe
import obfuscation
from corpus import CONTEXTS, LABELS, Document
from encoder import Encoder, from_base
from tokens import Tokens

POSITIONS = 128
TOKENS_PER_BATCH = 2048
BODY_RATE, HEAD_RATE = 6e-5, 1e-3
CHECKPOINT_SECONDS = 240
READ_TOKENS = 96
"""Tokens of a post or a benign document that an example reads: most are shorter, and the cost grows with it."""
READ_WINDOWS = 3
"""Windows of a written text that an example reads: its guilty sentence may stand anywhere."""
HARD, HARD_A_SOURCE, HARD_LOGIT = 'hard', 500, -5.5
"""The group of hard negatives, how many a round takes of one source and language at most, and how alarming they must have been."""
WRITTEN = ('synthetic', 'own')
"""Sources whose texts were written for training."""
EMBED_SHARE, LONG_SHARE, OBFUSCATE_SHARE = 0.12, 0.3, 0.18
"""Shares of the examples that are put into other texts (of the written ones among them: into long texts) or disguised."""
AVERAGED_FROM, AVERAGE_EVERY, AVERAGE_DECAY = 0.4, 4, 0.985
"""The weights that are kept are a running mean over the last part of a round (Izmailov et al. 2018)."""


def embedded(document: Document, benign: list[Document], generator: random.Random) -> str:
    """The text inside unrelated text, as one sentence of a long page."""
    reach = 500 if document.source in WRITTEN and generator.random() < LONG_SHARE else 160
    before, after = (generator.choice(benign).text[:generator.randrange(20, reach)] for _ in range(2))
    return generator.choice([f'{before} {document.text}', f'{document.text} {after}', f'{before}\n{document.text}\n{after}'])


def hard_negatives(mined: list[pathlib.Path], benign: list[Document], count: int, weight: float) -> list[Document]:
    """The `count` mined documents with the highest logit of any label, but no more than `HARD_A_SOURCE` of one source and language.

    Of one whose loudest bytes are known, these; else its beginning is read.
    """
    found = {row['id']: row for path in mined for row in corpus.rows(path)}
    worst = {name: max(row['logits']) for name, row in found.items()}
    taken, result = collections.Counter(), []
    for document in sorted((document for document in benign if document.id in worst), key=lambda document: -worst[document.id]):
        taken[document.source, document.lang] += 1
        if taken[document.source, document.lang] <= HARD_A_SOURCE and worst[document.id] > HARD_LOGIT:
            row = found[document.id]
            loudest = document.text.encode()[row['start']:row['end']].decode() if 'start' in row else document.text
            result.append(dataclasses.replace(document, text=loudest, group=HARD, weight=weight))
    return result[:count]


def probe_sample(pools: dict, seed: int) -> list[Document]:
    """A few thousand documents of every kind, for the linear probe."""
    generator = random.Random(seed)
    written = pools['synthetic'] + pools['own']
    return [*generator.sample(written, min(1600, len(written))), *generator.sample(pools['posts'], 800),
            *corpus.spread_sample(pools['benign'], 600, seed)]


def epoch_examples(arguments, epoch: int, pools: dict) -> list[tuple[str, Document]]:
    """One epoch's texts and what is known of them, drawn from a seed so that a resumed run sees the same ones."""
    generator = random.Random(1000 * arguments.seed + epoch)
    benign = corpus.spread_sample(pools['benign'], arguments.benign, seed=1000 * arguments.seed + epoch)
    examples = []
    written = arguments.written * (pools['synthetic'] + pools['own'])
    written += arguments.fresh * [document for document in pools['own'] if corpus.batch_of(document.id) == arguments.batch]
    for document in pools['posts'] + written + pools['hard'] + pools['whole'] + benign:
        text, draw = document.text, generator.random()
        if draw < EMBED_SHARE and len(text) < 400:
            text = embedded(document, pools['benign'], generator)
        elif draw < EMBED_SHARE + OBFUSCATE_SHARE:
            text = obfuscation.obfuscate(text, generator)
        examples.append((text, document))
    generator.shuffle(examples)
    return examples


def read(text: str, document: Document, tokens: Tokens) -> list[list[int]]:
    """The windows of an example."""
    if document.source in WRITTEN:
        return tokens.windows(text)[:READ_WINDOWS]
    # An embedded text may begin late, and of a hard negative all may be what alarms.
    return [tokens.encode(text, READ_TOKENS if text == document.text and document.group != HARD else POSITIONS)]


def batches(examples, tokens: Tokens, seed: int):
    """Batches of similar length with about the same number of tokens, in random order."""
    encoded = sorted(((read(text, document, tokens), document) for text, document in examples), key=lambda e: (len(e[0]), len(e[0][0])))
    result, current, windows = [], [], 0
    for item in encoded:
        if current and len(item[0][0]) * (windows + len(item[0])) > TOKENS_PER_BATCH:
            result.append(current)
            current, windows = [], 0
        current.append(item)
        windows += len(item[0])
    result.append(current)
    random.Random(seed).shuffle(result)
    return result


def loss_of(encoder: Encoder, batch, pad: int):
    """Mean loss of a batch of texts, each read as the classifier reads it: by the highest logit over its windows."""
    windows = [ids for windows, _ in batch for ids in windows]
    counts = [len(windows) for windows, _ in batch]
    width = max(map(len, windows))
    ids = torch.tensor([ids + [pad] * (width - len(ids)) for ids in windows])
    targets = torch.tensor([[float(label in d.labels) for label in LABELS] for _, d in batch])
    weights = torch.tensor([d.weight for _, d in batch])
    contexts = torch.tensor([CONTEXTS.index(d.context) if d.context else -100 for _, d in batch])
    with torch.autocast('cpu', torch.bfloat16):
        logits, context_logits = encoder(ids, torch.tensor([len(ids) for ids in windows]))
    by_text = logits.float().split(counts)
    # The context is that of the most telling window.
    telling = [start + int(part.detach().max(1).values.argmax())
               for start, part in zip(itertools.accumulate(counts, initial=0), by_text)]
    logits = torch.stack([part.max(0).values for part in by_text])
    label_loss = functional.binary_cross_entropy_with_logits(logits, targets, reduction='none').sum(1)
    context_loss = functional.cross_entropy(context_logits.float()[telling], contexts, ignore_index=-100, reduction='none')
    return ((label_loss + 0.3 * context_loss) * weights).mean()


class Average:
    """A running mean of a model's weights."""

    def __init__(self, encoder: Encoder):
        self.trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
        self.means: list[torch.Tensor] = []

    @torch.no_grad()
    def take(self) -> None:
        """Takes the weights as they are now into the mean."""
        if self.means:
            torch._foreach_lerp_(self.means, self.trained, 1 - AVERAGE_DECAY)
        else:
            self.means = [parameter.detach().clone() for parameter in self.trained]

    @torch.no_grad()
    def apply(self) -> None:
        """Makes the mean the model's weights."""
        for parameter, mean in zip(self.trained, self.means):
            parameter.copy_(mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'data', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--epochs', type=int, default=2)
    parser.add_argument('--layers', default='', help='layers of the base to keep, comma separated; all by default')
    parser.add_argument('--benign', type=int, default=4000, help='benign documents an epoch')
    parser.add_argument('--written', type=int, default=1, help='times an epoch sees the written texts')
    parser.add_argument('--fresh', type=int, default=0, help='times more that an epoch sees the texts of the last batch written for training')
    parser.add_argument('--batch', type=int, default=corpus.LAST_BATCH, help='use texts and annotations up to this batch')
    parser.add_argument('--mined', type=pathlib.Path, action='append', default=[], help='logits of an earlier round on benign documents')
    parser.add_argument('--hard', type=int, default=6000, help='hard negatives at most')
    parser.add_argument('--hard-weight', type=float, default=1.0, help='weight of these')
    parser.add_argument('--whole', default='', help='benign sources of which an epoch sees every document, comma separated')
    parser.add_argument('--whole-weight', type=float, default=1.0,
                        help='weight of these: at 1 a benign document that is nearly certain moves nothing, though its score may be high for a benign one')
    parser.add_argument('--start', type=pathlib.Path, help='weights of an earlier round')
    parser.add_argument('--rate', type=float, default=1.0, help='factor on both learning rates')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep-disguises', action='store_true', help='read disguised spellings as they are, as model 0.2 did')
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)

    tokens = Tokens(arguments.base / 'tokenizer.json', arguments.keep_disguises)
    keep = tuple(int(i) for i in arguments.layers.split(',') if i)
    encoder = from_base(arguments.base, keep, POSITIONS)
    if arguments.start:
        encoder.load_state_dict(torch.load(arguments.start)['encoder'])
    pools = {'posts': corpus.posts(arguments.data, 'train') + corpus.annotated(arguments.data, arguments.batch),
             'synthetic': corpus.synthetic(arguments.data, 'train'), 'own': corpus.own_texts(arguments.batch),
             'benign': corpus.benign(arguments.data, held=False), 'hard': []}
    pools['whole'] = [dataclasses.replace(document, weight=arguments.whole_weight)
                      for document in pools['benign'] if document.source in arguments.whole.split(',')]
    if arguments.mined:
        pools['hard'] = hard_negatives(arguments.mined, pools['benign'], arguments.hard, arguments.hard_weight)
    print({name: len(pool) for name, pool in pools.items()}, flush=True)
    checkpoint = arguments.out / 'checkpoint.pt'
    if not arguments.start and not checkpoint.exists():
        linear_probe.initialise(encoder, tokens, probe_sample(pools, arguments.seed))
    plan = [batch for epoch in range(arguments.epochs)
            for batch in batches(epoch_examples(arguments, epoch, pools), tokens, arguments.seed + epoch)]
    tokens_of = lambda batch: sum(len(ids) for windows, _ in batch for ids in windows)
    total_tokens = sum(map(tokens_of, plan))
    print(f'{len(plan)} steps, {sum(map(len, plan))} examples, {total_tokens} tokens', flush=True)

    optimizer = torch.optim.AdamW([{'params': encoder.body_parameters(), 'lr': BODY_RATE * arguments.rate},
                                   {'params': encoder.head_parameters(), 'lr': HEAD_RATE * arguments.rate}],
                                  weight_decay=0.01, fused=True)
    warmup = max(1, len(plan) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.0, (len(plan) - step) / (len(plan) - warmup))))
    average, start = Average(encoder), 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        encoder.load_state_dict(saved['encoder'])
        optimizer.load_state_dict(saved['optimizer'])
        schedule.load_state_dict(saved['schedule'])
        average.means = saved['means']
        torch.set_rng_state(saved['random'])
        start = saved['step']
        print(f'resumed at step {start}', flush=True)

    def save(step: int) -> None:
        partial = checkpoint.with_suffix('.partial')
        torch.save({'encoder': encoder.state_dict(), 'means': average.means, 'optimizer': optimizer.state_dict(),
                    'schedule': schedule.state_dict(), 'random': torch.get_rng_state(), 'step': step,
                    'layers': encoder.shape.layers}, partial)
        partial.rename(checkpoint)

    encoder.train()
    began = saved_at = time.monotonic()
    running, seen = 0.0, 0
    for step in range(start, len(plan)):
        loss = loss_of(encoder, plan[step], tokens.pad)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step > AVERAGED_FROM * len(plan) and step % AVERAGE_EVERY == 0:
            average.take()
        running = 0.98 * running + 0.02 * loss.item() if step > start else loss.item()
        seen += tokens_of(plan[step])
        if step % 25 == 0 or step + 1 == len(plan):
            elapsed = time.monotonic() - began
            print(f'step {step + 1}/{len(plan)} loss {running:.4f} {seen / elapsed:.0f} tokens/s '
                  f'{(len(plan) - step - 1) * elapsed / (step + 1 - start) / 60:.1f} min left', flush=True)
        # The last step is saved once the mean is in place: a run resumed behind it would not take the mean again.
        if step + 1 < len(plan) and time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            save(step + 1)
            saved_at = time.monotonic()
    if start < len(plan):
        average.apply()
        save(len(plan))
    (arguments.out / 'round.json').write_text(json.dumps({
        'layers': list(encoder.shape.layers), 'epochs': arguments.epochs, 'steps': len(plan), 'tokens': total_tokens,
        'pools': {name: len(pool) for name, pool in pools.items()}}))


if __name__ == '__main__':
    main()
