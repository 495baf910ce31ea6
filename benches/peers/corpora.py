"""The texts that everything is measured on, and the rows that every peer learns from, drawn from the data folder.

Each is a file of JSON lines with a `text`; the same files go to every contender. Throughput is measured on benign documents: of the
held part, and, in other languages than English, which are few, of both parts.
"""
import dataclasses
import gzip
import hashlib
import json
import pathlib
import random

import zstandard

import corpus
from corpus import DECLARED, LABELS, Document

LENGTHS = (100, 300, 1000, 3000, 10000)
"""Bytes of the documents by which throughput is told."""
SHARES = (0.0, 0.001, 0.01, 0.1)
"""Shares of positives in a mix."""
NATURAL_SHARE = 0.001
"""Share of positives in the mix that stands for a crawl."""
TUNING_SHARE = 0.15
"""Share of the training rows on which a peer's settings are chosen; it is then trained anew on all of them."""
BENIGN_SEED, TEXT_SEED = 31, 32


@dataclasses.dataclass(frozen=True)
class Size:
    """How much of everything."""
    name: str
    benign: int
    """Benign documents among the training rows."""
    documents: int
    """Documents of a corpus, for contenders that read thousands a second."""
    mix: int
    """Documents of a mix that is read with the time of each taken."""
    length_bytes: int
    """Bytes of text by length, for the gate; the encoder reads a fortieth, and at least three documents."""
    batch_trial: int
    """Documents on which it is found out which batches are the fastest."""
    end_to_end: int
    """Documents that the command scores from file to file with the gate."""


FULL = Size('full', benign=12_000, documents=20_000, mix=1_000, length_bytes=2_000_000, batch_trial=50, end_to_end=75_000)
QUICK = Size('quick', benign=400, documents=300, mix=40, length_bytes=60_000, batch_trial=3, end_to_end=2_000)
SIZES = {size.name: size for size in (FULL, QUICK)}


@dataclasses.dataclass(frozen=True)
class Corpus:
    """A file of texts."""
    path: str
    documents: int
    bytes: int
    sha256: str


def training_rows(data: pathlib.Path, size: Size) -> list[Document]:
    """What every peer is trained on: what the encoder was trained on, and a fixed number of benign documents."""
    benign = corpus.spread_sample(corpus.benign(data, held=False), size.benign, BENIGN_SEED)
    rows = [*corpus.posts(data, 'train'), *corpus.annotated(data), *corpus.synthetic(data, 'train'), *corpus.own_texts()]
    if size is QUICK:
        rows = random.Random(BENIGN_SEED).sample(rows, 1200)
    return rows + benign


def is_for_tuning(document: Document) -> bool:
    """Whether a training row belongs to the part on which settings are chosen."""
    return hashlib.sha256(document.id.encode()).digest()[0] < 256 * TUNING_SHARE


def dev_sets(data: pathlib.Path) -> dict[str, list[Document]]:
    """The labelled texts that measure, as the model card has them."""
    return {'written': corpus.synthetic(data, 'dev'), 'posts': [d for d in corpus.posts(data, 'dev') if d.weight == 1.0]}


def written_out(path: pathlib.Path, texts: list[str]) -> Corpus:
    """Writes texts to a file. The digest is of the file."""
    lines = ''.join(json.dumps({'text': text}, ensure_ascii=False) + '\n' for text in texts).encode()
    path.write_bytes(lines)
    return Corpus(str(path), len(texts), sum(len(text.encode()) for text in texts), hashlib.sha256(lines).hexdigest())


def with_passage(document: str, positive: str) -> str:
    """A document that ends in a positive text: as long as others are, so that a mix differs by what it says and not by its length."""
    return f'{document}\n{positive}'


def places_in_mix(count: int, share: float) -> list[int]:
    """The documents of a mix with a share of positives, as places in the corpus `mix`.

    That has `count` benign documents and then, from the last of these backwards, the same ones with a positive passage.
    """
    positives = round(count * share)
    return [*range(count - positives), *range(count, count + positives)]


def of_length(texts: list[str], length: int, count: int) -> list[str]:
    """Documents of nearly `length` bytes, each of them whole texts joined, and cut at a character."""
    result, joined = [], b''
    for text in texts:
        joined += (b'\n' if joined else b'') + text.encode()
        if len(joined) >= length:
            result.append(joined[:length].decode(errors='ignore'))
            joined = b''
        if len(result) == count:
            break
    return result


def gzip_ratio(texts: list[str]) -> float:
    """How many bytes of text a byte of gzip holds, of documents of 3,000 bytes and more, each compressed by itself as in a WET file."""
    long = [text.encode() for text in texts if len(text.encode()) >= 3000][:500]
    return sum(map(len, long)) / sum(len(gzip.compress(text, 6)) for text in long)


def build(data: pathlib.Path, folder: pathlib.Path, size: Size) -> tuple[dict[str, Corpus], dict]:
    """Writes every corpus; also what is known of them beside their texts."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = random.Random(TEXT_SEED)
    held = corpus.benign(data, held=True)
    generator.shuffle(held)
    english = [d.text for d in held if d.lang == 'en']
    others = [d.text for d in held + corpus.benign(data, held=False) if d.lang in DECLARED and d.lang != 'en']
    generator.shuffle(others)
    everything = [d.text for d in held]
    dev = dev_sets(data)
    positives = [d.text for name in dev for d in dev[name] if d.labels]
    generator.shuffle(positives)

    natural = everything[:size.documents]
    for place, text in zip(generator.sample(range(len(natural)), max(1, round(len(natural) * NATURAL_SHARE))), positives):
        natural[place] = with_passage(natural[place], text)
    benign = everything[size.documents:size.documents + size.mix]
    mix = benign + [with_passage(*pair) for pair in zip(reversed(benign), positives[:round(size.mix * max(SHARES))])]
    corpora = {'english': english[:size.documents], 'multilingual': others[:size.documents], 'natural mix': natural, 'mix': mix}
    for length in LENGTHS:
        corpora[f'{length} bytes'] = of_length(english, length, max(4, size.length_bytes // length))
    corpora |= {f'dev {name}': [d.text for d in documents] for name, documents in dev.items()}
    result = {name: written_out(folder / f"{name.replace(' ', '-')}.jsonl", texts) for name, texts in corpora.items()}

    lines = ''.join(json.dumps({'id': str(i), 'text': text}, ensure_ascii=False) + '\n' for i, text in enumerate(
        everything[i % len(everything)] for i in range(size.end_to_end))).encode()
    (folder / 'end-to-end.jsonl.zst').write_bytes(zstandard.ZstdCompressor().compress(lines))
    known = {'labels': LABELS, 'gzip_ratio': gzip_ratio(english), 'end_to_end_documents': size.end_to_end}
    return result, known
