"""Reads the data folder and says which rows train, which measure, and which stay untouched.

Rows are read line by line on `\\n` only: texts hold U+2028 and the like.
"""
import dataclasses
import hashlib
import io
import json
import pathlib
import random
from collections.abc import Iterator

import zstandard

LABELS = ('radicalization', 'recruitment', 'training', 'planning', 'fundraising')
CONTEXTS = ('advocacy', 'reporting', 'counter', 'unrelated')
TEXTS = pathlib.Path(__file__).parent / 'texts'
FUNCTIONAL_SUITE = pathlib.Path(__file__).parents[2] / 'fixtures' / 'functional' / 'cases.jsonl'
ANNOTATIONS = pathlib.Path(__file__).parent / 'annotations.jsonl.zst'
"""Labels given to rows of the weakly labelled posts for this project: `id`, `labels`, `stance`, `sure`, `batch`, and no text."""
LAST_BATCH = 6
"""The last batch that a round has read. Texts and annotations came in batches; a round can be made again with those that were there when it was made."""
DECLARED = ('ar', 'zh', 'en', 'fr', 'ru', 'es', 'de', 'tr', 'id', 'ur', 'fa')
"""Declared languages: the six of the United Nations, then the secondary ones."""
UNSURE_WEIGHT = 0.3
"""Weight of an item whose annotator was not sure."""


@dataclasses.dataclass(frozen=True)
class Document:
    """One text with what is known of it. `context` is None where nobody has said."""
    id: str
    text: str
    lang: str
    labels: tuple[str, ...]
    context: str | None
    weight: float
    source: str
    group: str
    unit: str = ''
    """What a benign document is part of: a subreddit, a chapter, a book; empty where the source names none."""


def rows(path: pathlib.Path) -> Iterator[dict]:
    """The JSON objects of a .jsonl or .jsonl.zst file."""
    with path.open('rb') as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == '.zst' else raw
        for line in io.BufferedReader(stream, 1 << 20):
            yield json.loads(line)


def _labelled(row: dict, source: str) -> Document:
    return Document(row['id'], row['text'], row['lang'], tuple(row['labels']), row['stance'],
                    1.0 if row['sure'] else UNSURE_WEIGHT, row.get('source') or source, source)


def posts(data: pathlib.Path, split: str) -> list[Document]:
    """Annotated public posts of one split."""
    return [_labelled(row, 'posts') for row in rows(data / 'posts.jsonl.zst') if row['split'] == split]


def synthetic(data: pathlib.Path, split: str) -> list[Document]:
    """Written positives of the rare labels and their benign twins, of one split."""
    return [_labelled(row, 'synthetic') for row in rows(data / 'synthetic.jsonl.zst') if row['split'] == split]


def own_texts(batch: int = LAST_BATCH) -> list[Document]:
    """The texts committed beside this file, up to a batch. All of them train; none of them measures."""
    return [Document(row['id'], row['text'], row['lang'], tuple(row['labels']), row['context'], 1.0, 'own', row['kind'])
            for path in sorted(TEXTS.glob('*.jsonl')) for row in rows(path) if batch_of(row['id']) <= batch]


def batch_of(name: str) -> int:
    """Ids of the first batch begin with `bw-`, of the second with `bw2-`, and so on."""
    return int(name.split('-')[0].removeprefix('bw') or 1)


def functional_suite() -> list[Document]:
    """The cases of the functional suite. None of them trains, and no threshold is fitted on them."""
    return [Document(row['id'], row['text'], row['lang'], tuple(row['labels']), row['context'], 1.0, 'functional', row['functionality'])
            for row in rows(FUNCTIONAL_SUITE)]


def annotated(data: pathlib.Path, batch: int = LAST_BATCH) -> list[Document]:
    """Weakly labelled posts that have been read and labelled for this project, up to a batch; all of them train."""
    labels = {row['id']: row for row in rows(ANNOTATIONS) if row['batch'] <= batch}
    return [_labelled(row | labels[row['id']], 'posts') for row in rows(data / 'weak.jsonl.zst') if row['id'] in labels]


def training_texts(data: pathlib.Path) -> tuple[list[Document], list[Document]]:
    """All labelled texts that train, and the weakly labelled posts that nobody has annotated."""
    labelled = posts(data, 'train') + synthetic(data, 'train') + own_texts() + annotated(data)
    known = {document.id for document in labelled}
    weak = [Document(row['id'], row['text'], row['lang'], (), None, 1.0, row['source'], 'weak')
            for row in rows(data / 'weak.jsonl.zst') if row['id'] not in known]
    return labelled, weak


def is_held(row: dict) -> bool:
    """Whether a benign row belongs to the held part, a quarter by source unit (a subreddit, a chapter, a book).

    All posts in African-American English are of one unit: half of them, post by post, are held, so that there are some to learn from.
    """
    if row['source'] == 'aave_corpora' and row.get('note') == 'twitter':
        return hashlib.sha256(row['id'].encode()).digest()[0] % 2 == 0
    unit = f"{row['source']}|{row.get('note') or row['id']}"
    return hashlib.sha256(unit.encode()).digest()[0] % 4 == 0


def benign(data: pathlib.Path, held: bool) -> list[Document]:
    """Documents taken as negatives: the part that may train, or the held part that only measures."""
    context_of_group = {'generic': 'unrelated', 'planning_like': 'unrelated', 'reporting': 'reporting'}
    return [Document(row['id'], row['text'], row['lang'], (), context_of_group.get(row['group']), 1.0, row['source'], row['group'],
                     row.get('note') or '')
            for row in rows(data / 'benign.jsonl.zst') if is_held(row) == held]


def spread_sample(documents: list[Document], count: int, seed: int) -> list[Document]:
    """A sample that takes sources evenly first, so that a large source does not crowd out the small ones."""
    generator = random.Random(seed)
    by_source: dict[tuple, list[Document]] = {}
    for document in documents:
        lang = document.lang if document.lang in DECLARED else 'other'
        by_source.setdefault((document.source, lang), []).append(document)
    # The share of a source grows with the square root of its size.
    roots = {key: len(members) ** 0.5 for key, members in by_source.items()}
    total = sum(roots.values())
    sample = []
    for key in sorted(by_source):
        share = min(len(by_source[key]), max(1, round(count * roots[key] / total)))
        sample += generator.sample(by_source[key], share)
    generator.shuffle(sample)
    return sample[:count]
