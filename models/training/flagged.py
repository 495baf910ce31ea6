"""Counts what is flagged of sets of documents: labels found, pairs told apart, benign documents, disguised texts, what the stages keep."""
import random

import numpy as np

import corpus
import identity_terms
import measures
import obfuscation
import screening
import watched_kinds
from corpus import LABELS, Document
from operating_points import OperatingPoint, Said

FEWEST = 50
"""Held documents below which a group's flag rate is not told."""


def figures(sets: dict[str, list[Document]], scored: dict[str, Said], flags: dict[str, dict[str, np.ndarray]],
                 stages: list[screening.Stage], bars: dict[str, np.ndarray]) -> dict:
    """What is flagged of each set, by profile, and what of it the stages before the encoder keep."""
    flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}
    screened = {profile: screening.figures(stages, bars, by_set) for profile, by_set in flagged.items()}
    labelled = {name: documents for name, documents in sets.items() if name != 'held'}
    return {'functional_pairs': functional_pairs(sets['functional'], scored['functional'].scores, flags['balanced']['functional']),
            'found_by_profile': {profile: {name: found(measures.targets(documents), by_set[name]) for name, documents in labelled.items()}
                                 for profile, by_set in flags.items()},
            'held_benign_flagged_by_encoder': {profile: flag_rates(sets['held'], by_set['held']) for profile, by_set in flagged.items()},
            'screening': screened['balanced'],
            'cascade_by_profile': {profile: figures['cascade']['shipped'] for profile, figures in screened.items()}}


def found(truth: np.ndarray, flags: np.ndarray) -> dict[str, dict[str, int]]:
    """Positives, how many of them have the label, and how many others do, by label."""
    return {label: {'positives': int(truth[:, i].sum()), 'found': int((truth & flags)[:, i].sum()), 'false': int((~truth & flags)[:, i].sum())}
            for i, label in enumerate(LABELS)}


def functional_pairs(cases: list[Document], scores: np.ndarray, flags: np.ndarray) -> dict:
    """Pairs of the functional suite: ranked right, positive caught, twin clean, both right, in all and by functionality and language."""
    positives = [i for i, case in enumerate(cases) if case.labels]
    # A pair stands in two lines, its positive and its twin in either order.
    twin = lambda i: i ^ 1
    counts: dict[str, list[int]] = {}
    for i in positives:
        own = [LABELS.index(label) for label in cases[i].labels]
        caught = bool(flags[i][own].any())
        clean = not flags[twin(i)].any()
        row = [1, int(scores[i][own].max() > scores[twin(i)][own].max()), int(caught), int(clean), int(caught and clean)]
        for key in ('all', cases[i].group, cases[i].lang):
            counts[key] = [a + b for a, b in zip(counts.get(key, [0] * 5), row)]
    return {key: dict(zip(('pairs', 'ranked_right', 'positive_caught', 'twin_clean', 'both_right'), values)) for key, values in counts.items()}


def flag_rates(held: list[Document], flags: np.ndarray) -> dict:
    """Share of held documents with a flag: all, by watched kind, group, source, language and identity term, with counts and intervals."""
    rate = lambda rows: {'documents': len(rows), 'flagged': int(flags[rows].sum()), 'rate': float(flags[rows].mean()),
                         'interval': measures.wilson(int(flags[rows].sum()), len(rows))}
    groups = {'all': {'all': list(range(len(held)))}, 'group': {}, 'source': {}, 'language': {}, 'identity_term': {}, 'watched': {}}
    for i, document in enumerate(held):
        for kind, value in (('group', document.group), ('source', f'{document.source}/{document.lang}' if document.source in
                             ('quran_json', 'aave_corpora', 'crisislex') else document.source), ('language', document.lang)):
            groups[kind].setdefault(value, []).append(i)
        for term in identity_terms.mentioned(document.text):
            groups['identity_term'].setdefault(term, []).append(i)
        for kind in watched_kinds.kinds_of(document):
            groups['watched'].setdefault(kind, []).append(i)
    return {kind: {value: rate(rows) for value, rows in sorted(members.items()) if len(rows) >= FEWEST or kind == 'watched'} for kind, members in groups.items()}


def recall_by_disguise(read, point: OperatingPoint) -> dict[str, float]:
    """Share of the functional suite's positives with one of their labels, plain and in each disguise; `read` gives what is said of
    texts in a disguise."""
    cases = [case for case in corpus.functional_suite() if case.labels]
    truth = measures.targets(cases)
    result = {}
    for kind in ('plain', *obfuscation.KINDS):
        generator = random.Random(1)
        texts = [case.text if kind == 'plain' else obfuscation.obfuscate(case.text, generator, kind) for case in cases]
        result[kind] = float((point.labels(read(kind, texts)) & truth).any(1).mean())
    return result
