"""fastText: bags of words, pairs of words and pieces of words, hashed, under linear outputs.

One model with an independent loss a label (`ova`), or five models of two classes; the better one on the tuning part is kept. It knows
no weights: rows of which the annotator was not sure are left out.
"""
import json
import pathlib
import tempfile

import fasttext
import numpy as np

from corpus import LABELS, Document
from tuning import tuned

FEATURES = {'dim': 64, 'wordNgrams': 2, 'minn': 2, 'maxn': 5, 'bucket': 1_000_000, 'minCount': 2, 'epoch': 10}
SETTINGS = [('ova', 0.2), ('ova', 0.5), ('ova', 1.0), ('binary', 0.5), ('binary', 1.0)]
"""Forms and learning rates; five models take five times as long to train."""
NONE, YES = '__label__none', '__label__yes'


def as_line(text: str) -> str:
    """The text as fastText reads it: one line, in small letters, words parted by single spaces."""
    return ' '.join(text.lower().split())


def fit(rows: list[Document], form: str, rate: float) -> list:
    """One model, or five."""
    rows = [row for row in rows if row.weight == 1.0]
    if form == 'ova':
        names = [' '.join(f'__label__{label}' for label in row.labels) or NONE for row in rows]
        return [_supervised(names, rows, loss='ova', lr=rate)]
    return [_supervised([YES if label in row.labels else NONE for row in rows], rows, loss='softmax', lr=rate) for label in LABELS]


def _supervised(names: list[str], rows: list[Document], **settings):
    with tempfile.NamedTemporaryFile('w', suffix='.txt', encoding='utf8') as file:
        file.writelines(f'{name} {as_line(row.text)}\n' for name, row in zip(names, rows))
        file.flush()
        # On one thread the same rows give the same model.
        return fasttext.train_supervised(file.name, thread=1, verbose=0, **FEATURES, **settings)


def predict(models: list, texts: list[str]) -> np.ndarray:
    """Probabilities [texts, 5]."""
    lines = [as_line(text) + '\n' for text in texts]
    wanted = [f'__label__{label}' for label in LABELS] if len(models) == 1 else [YES]
    columns = []
    for model in models:
        # The bound function itself: `predict` of the Python class makes an array of each line's few numbers.
        labels, probabilities = _raw(model, lines)
        found = np.zeros((len(texts), len(wanted)))
        places = {name: i for i, name in enumerate(wanted)}
        for row, (names, values) in enumerate(zip(labels, probabilities)):
            for name, value in zip(names, values):
                if name in places:
                    found[row, places[name]] = value
        columns.append(found)
    return np.concatenate(columns, 1)


def _raw(model, lines: list[str]):
    return model.f.multilinePredict(lines, -1, 0.0, 'strict')


def train(rows: list[Document], folder: pathlib.Path) -> dict:
    def scores_of(setting, learnt, kept):
        return predict(fit([rows[i] for i in learnt], *setting), [rows[i].text for i in kept])
    (form, rate), figures = tuned(rows, SETTINGS, scores_of)
    models = fit(rows, form, rate)
    for old in folder.glob('*.bin'):
        old.unlink()
    for i, model in enumerate(models):
        model.save_model(str(folder / f'{i}.bin'))
    (folder / 'models.json').write_text(json.dumps(len(models)))
    return {'form': form, 'lr': rate, 'features': FEATURES, 'macro average precision on the tuning part': figures}


class Contender:
    description = 'fastText 0.9.2'

    def __init__(self, folder: pathlib.Path):
        count = json.loads((folder / 'models.json').read_text())
        self.models = [fasttext.load_model(str(folder / f'{i}.bin')) for i in range(count)]

    def scores(self, texts: list[str]) -> np.ndarray:
        return predict(self.models, texts)
