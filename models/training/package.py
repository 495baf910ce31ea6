"""Turns a fine-tuned checkpoint into a model folder: calibration, operating points, ONNX, manifest, metrics, golden vectors.

    python package.py PRUNED_FOLDER CHECKPOINT GATE STUDENT DATA_FOLDER WORK_FOLDER MODEL_FOLDER GOLDEN_FILE

The encoder reads every window of the labelled texts and of the held benign documents that `held.py` draws. Logits are kept in WORK_FOLDER, so that a
second call is quick. Every figure goes to MODEL_FOLDER/metrics.json with its split and count.
"""
import argparse
import copy
import hashlib
import json
import math
import pathlib
import random
import shutil

import numpy as np
import onnxruntime
import torch

import corpus
import export_onnx
import held as held_documents
import identity_terms
import measures
import obfuscation
import operating_points
import screening
import student as student_network
import watched_kinds
from corpus import CONTEXTS, DECLARED, LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS
from linear_probe import pooled_features
from score import Logits, load, score, score_windows
from tokens import WINDOW_OVERLAP, WINDOW_TOKENS, Tokens

MAX_WINDOWS = 1024
VERSION = '0.5.1'
"""Raised with every trained model that is committed."""
CALIBRATED_ON = 4000
"""Held documents that calibration and `balanced` are fitted on."""
FEWEST = 50
"""Held documents below which a group's flag rate is not told."""
FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'documents.jsonl'
GOLDEN_TEXTS = (
    'plain words', 'A\u00a0B\u2028C', 'ﬁne ﬂow', 'İstanbul ΣΑΣ ς', 'ｆｕｌｌ ｗｉｄｔｈ', 'zero\u200bwidth \u202ebidi\u202c',
    'نصٌّ بِتَشْكِيلٍ', '天气预报：明天多云。', '👩‍👩‍👧 family', 'e\u0301 é', 'tab\tnew\nline \x00 nul', '</s> <s> <unk>',
    'a p p l e, p.e.a.r.s and gr33n аррles', 'грyша и苹 果 和 梨', 'BRING THE R1PE PEARS! ПРИХОДИТЕ ВСЕ СЮДА, İKİ ÉLAN VAR. The FAO and the WHO',
    'The committee met on Tuesday and put the garden plan to a vote. ' * 40, '公园里的树今天都开花了' * 60)


def cached_logits(path: pathlib.Path, encoder: Encoder, tokens: Tokens, texts: list[str]) -> Logits:
    if path.exists():
        saved = np.load(path)
        return Logits(saved['labels'], saved['context'])
    logits = score(encoder, tokens, texts)
    np.savez(path, labels=logits.labels, context=logits.context)
    return logits


def cached_labels(path: pathlib.Path, read, texts: list[str]) -> np.ndarray:
    if not path.exists():
        np.save(path, read(texts))
    return np.load(path)


@torch.no_grad()
def rounded(encoder: Encoder, tokens: Tokens, sample: list[Document]) -> Encoder:
    """The encoder with its matrices on the shipped int8 grid: what the shipped file computes.

    Rounding shifts every text's logits by about the same amount; the mean shift over the sample goes into the heads' biases
    (bias correction: Nagel et al. 2019, *Data-free quantization*, ICCV).
    """
    result = copy.deepcopy(encoder)
    linear = [m for layer in result.layers for m in layer.modules() if isinstance(m, torch.nn.Linear)]
    for module in (result.words, *([result.word_projection] if result.word_projection else []), *linear):
        values, scale = export_onnx.quantize(module.weight.numpy(), axis=1)
        module.weight.copy_(torch.from_numpy(values.astype(np.float32) * scale))
    before, after = (pooled_features(model, tokens, sample).mean(0) for model in (encoder, result))
    for head in (result.labels, result.context):
        head.bias += head.weight @ torch.from_numpy(before - after)
    return result


def run_onnx(path: pathlib.Path, tokens: Tokens, texts: list[str], max_windows: int = MAX_WINDOWS) -> Logits:
    """Document logits of an exported file through ONNX Runtime, one window a run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
    labels, context = [], []
    for text in texts:
        runs = [session.run(None, {'input_ids': np.array([ids], np.int64)}) for ids in tokens.windows(text)[:max_windows]]
        logits = np.array([run[0][0] for run in runs])
        labels.append(logits.max(0))
        context.append(runs[int(logits.max(1).argmax())][1][0])
    return Logits(np.array(labels), np.array(context))


def student_labels(gate: pathlib.Path, student: Encoder, tokens: Tokens, texts: list[str], max_windows: int) -> np.ndarray:
    """Label logits of the student's stage: what the gate and the student say of a window, added; the highest over windows."""
    windows = [(document, ids) for document, text in enumerate(texts) for ids in tokens.windows(text)[:max_windows]]
    logits = score_windows(student, tokens, [(i, ids) for i, (_, ids) in enumerate(windows)], len(windows)).labels
    session = onnxruntime.InferenceSession(str(gate), providers=['CPUExecutionProvider'])
    result = np.full((len(texts), len(LABELS)), -np.inf, np.float32)
    for (document, ids), added in zip(windows, logits):
        said = session.run(['logits'], {'input_ids': np.array([ids], np.int64)})[0][0] + added
        result[document] = np.maximum(result[document], said)
    return result


def probabilities(logits: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    scale, offset = np.array(calibration).T
    return measures.sigmoid(logits * scale + offset)


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(folder: pathlib.Path, name: str, calibration, points, screens: dict[str, tuple], held: int, flagged) -> str:
    """The text of manifest.toml."""
    quoted = lambda values: '[' + ', '.join(f'"{value}"' for value in values) + ']'
    lines = ['format = 3', f'name = "{name}"', f'version = "{VERSION}"',
             f'languages = {quoted(DECLARED)}', f'labels = {quoted(LABELS)}', f'contexts = {quoted(CONTEXTS)}', 'text_view = 3', '',
             '[windows]', f'content_tokens = {WINDOW_TOKENS}', f'overlap = {WINDOW_OVERLAP}', f'max_windows = {MAX_WINDOWS}', '']
    for label, (scale, offset) in zip(LABELS, calibration):
        lines += [f'[calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    for profile, thresholds in points.items():
        lines += [f'[operating_points.{profile}]', *(f'{label} = {value:.6f}' for label, value in zip(LABELS, thresholds)), '']
    for stage, (stage_calibration, thresholds) in screens.items():
        for label, (scale, offset) in zip(LABELS, stage_calibration):
            lines += [f'[{stage}.calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
        # Rounded downwards: the text that a bar was taken from passes.
        lines += [f'[{stage}.thresholds]', *(f'{label} = {math.floor(value * 1e9) / 1e9:.9f}' for label, value in zip(LABELS, thresholds)), '']
    lines += held_counts(held, flagged)
    for file in ('tokenizer.json', 'gate.onnx', 'student.onnx', 'encoder.onnx'):
        path = folder / file
        lines += [f'[files."{file}"]', f'sha256 = "{sha256(path)}"', f'size = {path.stat().st_size}', '']
    return '\n'.join(lines)


def held_counts(held: int, flagged: dict[str, list[int]]) -> list[str]:
    """The lines of a manifest that say how many held documents are given each label."""
    lines = ['# Held benign documents that the encoder gives each label to, with the 95 % interval of their share.',
             '[held_benign]', f'documents = {held}', '']
    for profile, counts in flagged.items():
        lines += [f'[held_benign.flagged.{profile}]']
        for label, count in zip(LABELS, counts):
            low, high = measures.wilson(count, held)
            lines += [f'{label} = {{ documents = {count}, low = {low:.7f}, high = {high:.7f} }}']
        lines += ['']
    return lines


def cross_fitted(logits: np.ndarray, truth: np.ndarray, folds: int = 5) -> np.ndarray:
    """Probabilities [documents] from calibrations that were each fitted without the documents they are applied to."""
    fold = np.random.default_rng(0).integers(folds, size=len(logits))
    result = np.empty(len(logits))
    for k in range(folds):
        scale, offset = measures.platt(logits[fold != k], truth[fold != k])
        result[fold == k] = measures.sigmoid(logits[fold == k] * scale + offset)
    return result


def recall_at(truth: np.ndarray, logits: np.ndarray, held: np.ndarray, rate: float) -> dict:
    """Recall of each label at the logit that a share `rate` of the held documents reaches, with its 95 % interval."""
    thresholds = np.array([measures.threshold_at(column, rate) for column in held.T])
    hits = ((logits >= thresholds) & truth).sum(0)
    return {label: {'recall': float(hits[i] / max(1, truth[:, i].sum())), 'interval': measures.wilson(int(hits[i]), int(truth[:, i].sum())),
                    'positives': int(truth[:, i].sum())} for i, label in enumerate(LABELS)}


def dev_figures(sets: dict[str, list[Document]], logits: dict[str, np.ndarray], held: np.ndarray) -> dict:
    """Average precision and recall on labelled texts; false-positive rates from held benign documents."""
    figures = {}
    for name, documents in sets.items():
        truth = measures.targets(documents)
        figures[name] = {
            'documents': len(documents), 'positives': dict(zip(LABELS, truth.sum(0).tolist())),
            'average_precision': measures.average_precisions(truth, logits[name]),
            'recall_at_false_positive_rate': {f'{rate:g}': recall_at(truth, logits[name], held, rate) for rate in (1e-2, 1e-3, 1e-4)},
            'average_precision_by_language': {
                lang: measures.average_precisions(truth[rows], logits[name][rows])['macro']
                for lang in DECLARED if truth[rows := np.array([d.lang == lang for d in documents])].any()}}
    return figures


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'gate', 'student', 'data', 'work', 'model', 'golden'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    trained = load(arguments.base, arguments.checkpoint, POSITIONS)
    encoder = rounded(trained, tokens, corpus.own_texts()[::3])

    dev, held = dev_sets(arguments.data), held_sample(arguments.data)
    labelled = dev | {'functional': corpus.functional_suite()}
    in_sample = spread(held)
    texts = {name: [d.text for d in documents] for name, documents in labelled.items()}
    said = {name: cached_logits(work / f'{name}.npz', encoder, tokens, texts[name]) for name in texts}
    print('the encoder has read the labelled texts', flush=True)
    said['held'] = held_documents.score_held(encoder, tokens, [d.text for d in held], in_sample, work / 'held')
    logits = {name: found.labels for name, found in said.items()}

    student = rounded(student_network.load(trained, arguments.student), tokens, corpus.own_texts()[::3])
    with_held = texts | {'held': [d.text for d in held]}
    readers = {'gate': lambda texts: run_onnx(arguments.gate, tokens, texts, held_documents.MAX_WINDOWS).labels,
               'student': lambda texts: student_labels(arguments.gate, student, tokens, texts, held_documents.MAX_WINDOWS)}
    stages = [screening.Stage(stage, {name: cached_labels(work / f'{stage}-{name}.npy', read, with_held[name]) for name in with_held})
              for stage, read in readers.items()]
    print('the stages before it have read everything', flush=True)

    sets = labelled | {'held': held}
    mixed, truth = mix(sets)
    calibration = [measures.platt(mixed(logits)[:, i], truth[:, i]) for i in range(len(LABELS))]
    scores_of = lambda found: (probabilities(found.labels, calibration), operating_points.advocates(found.context))
    scored = {name: scores_of(found) for name, found in said.items()}
    points = fit_points(sets, scored)
    flags = {profile: {name: operating_points.labels_of(*found, thresholds) for name, found in scored.items()}
             for profile, thresholds in points.items()}
    flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}

    every_truth = {name: measures.targets(documents) for name, documents in (dev | {'held': held}).items()}
    lowest = np.min(list(points.values()), axis=0)
    bars, screens = {}, {}
    for stage in stages:
        stage_calibration = stage.calibration(every_truth)
        bars[stage.name] = stage.bars(flagged['balanced'], stage_calibration, lowest)
        screens[stage.name] = stage_calibration, probabilities(bars[stage.name][None], stage_calibration)[0]

    arguments.model.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.base / 'tokenizer.json', arguments.model / 'tokenizer.json')
    shutil.copy(arguments.gate, arguments.model / 'gate.onnx')
    export_onnx.write(trained, work / 'encoder-f32.onnx', int8=False)
    export_onnx.write(student, arguments.model / 'student.onnx', int8=True)
    export_onnx.write(encoder, arguments.model / 'encoder.onnx', int8=True)
    (arguments.model / 'manifest.toml').write_text(
        manifest(arguments.model, arguments.model.name, calibration, points, screens,
                 len(held), {profile: by_set['held'].sum(0).tolist() for profile, by_set in flags.items()}))

    trained_logits = cached_logits(work / 'synthetic-f32.npz', trained, tokens, texts['synthetic']).labels
    parity = {}
    for form, path, expected in (('f32', work / 'encoder-f32.onnx', trained_logits),
                                 ('shipped', arguments.model / 'encoder.onnx', logits['synthetic']),
                                 ('student', arguments.model / 'student.onnx', score(student, tokens, texts['synthetic'][:150]).labels)):
        parity[form] = float(np.abs(run_onnx(path, tokens, texts['synthetic'][:150]).labels - expected[:150]).max())
        if parity[form] > 1e-3:
            raise SystemExit(f'{path} differs from PyTorch by {parity[form]} in logits')
    synthetic_truth = measures.targets(dev['synthetic'])
    metrics = {
        'functional_suite_recall_by_disguise': recall_by_disguise(lambda _, texts: scores_of(score(encoder, tokens, texts)), points['balanced']),
        'fitted_on_the_same_texts': ['calibration and balanced thresholds (dev and a sample of held)', 'review and strict thresholds (held)', 'bars of the gate and the student (dev), their calibration (dev and held)'],
        'sets': dev_figures(labelled | {'synthetic and functional': labelled['synthetic'] + labelled['functional']},
                            logits | {'synthetic and functional': np.concatenate([logits['synthetic'], logits['functional']])}, logits['held']),
        'expected_calibration_error': {
            'documents': len(truth), 'cross_fitted': {label: measures.expected_calibration_error(
                truth[:, i], cross_fitted(mixed(logits)[:, i], truth[:, i])) for i, label in enumerate(LABELS)}},
        'average_precision_of_stages': {stage.name: {name: measures.average_precisions(measures.targets(documents), stage.logits[name])
                                                     for name, documents in labelled.items()} for stage in stages},
        'export': {
            'largest_logit_difference_onnx_to_pytorch': parity,
            'probability_difference_shipped_to_f32': {
                'mean': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).mean()),
                'largest': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).max())},
            'synthetic_macro_average_precision': {
                'f32': measures.average_precisions(synthetic_truth, trained_logits)['macro'],
                'shipped': measures.average_precisions(synthetic_truth, logits['synthetic'])['macro']}},
        'round': json.loads((arguments.checkpoint.parent / 'round.json').read_text())}
    metrics |= flag_figures(sets, {name: found[0] for name, found in scored.items()}, flags, stages, bars)
    (arguments.model / 'metrics.json').write_text(json.dumps(metrics, indent=1) + '\n')
    write_golden(arguments.golden, arguments.model, encoder, student, tokens, calibration, screens)
    print(json.dumps({'export': metrics['export'], 'screening': {name: found['shipped'] for name, found in metrics['screening'].items()}, 'ece': metrics['expected_calibration_error'], 'pairs': metrics['functional_pairs']['all']}, indent=1))
    for name, figures in metrics['sets'].items():
        print(name, json.dumps(figures['average_precision']))


def dev_sets(data: pathlib.Path) -> dict[str, list[Document]]:
    """The labelled texts of the dev split whose annotator was sure."""
    return {'posts': [d for d in corpus.posts(data, 'dev') if d.weight == 1.0], 'synthetic': corpus.synthetic(data, 'dev')}


def held_sample(data: pathlib.Path) -> list[Document]:
    """The held benign documents that are read."""
    return random.Random(7).sample(corpus.benign(data, held=True), held_documents.DOCUMENTS)


def spread(held: list[Document]) -> np.ndarray:
    """Which of the held documents calibration is fitted on: `CALIBRATED_ON` of them, sources taken evenly."""
    chosen = {d.id for d in corpus.spread_sample(held, CALIBRATED_ON, seed=7)}
    return np.array([d.id in chosen for d in held])


def mix(sets: dict[str, list[Document]]):
    """What calibration is fitted on: a function that joins these parts of something known of every set, and their truth."""
    in_sample = spread(sets['held'])
    joined = lambda parts: np.concatenate([parts['posts'], parts['synthetic'], parts['held'][in_sample]])
    return joined, joined({name: measures.targets(documents) for name, documents in sets.items()})


def fit_points(sets: dict[str, list[Document]], scored: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, list[float]]:
    """Thresholds by profile, from the scores and who advocates in each set."""
    joined, truth = mix(sets)
    mixed = tuple(joined({name: found[part] for name, found in scored.items()}) for part in (0, 1))
    return operating_points.fit(mixed, truth, scored['held'])


def flag_figures(sets: dict[str, list[Document]], scores: dict[str, np.ndarray], flags: dict[str, dict[str, np.ndarray]],
                 stages: list[screening.Stage], bars: dict[str, np.ndarray]) -> dict:
    """What is flagged of each set, by profile, and what of it the stages before the encoder keep."""
    flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}
    screened = {profile: screening.figures(stages, bars, by_set) for profile, by_set in flagged.items()}
    labelled = {name: documents for name, documents in sets.items() if name != 'held'}
    return {'functional_pairs': functional_pairs(sets['functional'], scores['functional'], flags['balanced']['functional']),
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


def recall_by_disguise(read, thresholds: list[float]) -> dict[str, float]:
    """Share of the functional suite's positives with one of their labels, plain and in each disguise; `read` gives the scores of texts
    in a disguise, and who advocates."""
    cases = [case for case in corpus.functional_suite() if case.labels]
    truth = measures.targets(cases)
    result = {}
    for kind in ('plain', *obfuscation.KINDS):
        generator = random.Random(1)
        texts = [case.text if kind == 'plain' else obfuscation.obfuscate(case.text, generator, kind) for case in cases]
        result[kind] = float((operating_points.labels_of(*read(kind, texts), thresholds) & truth).any(1).mean())
    return result


def write_golden(path: pathlib.Path, model: pathlib.Path, encoder: Encoder, student: Encoder, tokens: Tokens, calibration, screens) -> None:
    """What PyTorch computes for the encoder and the student and ONNX Runtime for the gate, on texts of the repository's own."""
    texts = [*GOLDEN_TEXTS, *(row['text'] for row in corpus.rows(FIXTURES))]
    reference = score(encoder, tokens, texts, MAX_WINDOWS)
    before = {'student': student_labels(model / 'gate.onnx', student, tokens, texts, MAX_WINDOWS), 'gate': run_onnx(model / 'gate.onnx', tokens, texts).labels}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as out:
        for i, text in enumerate(texts):
            out.write(json.dumps({
                'text': text, 'ids': tokens.content(text), 'windows': len(tokens.windows(text)),
                'scores': probabilities(reference.labels[i], calibration).round(6).tolist(),
                **{f'{stage}_scores': probabilities(logits[i], screens[stage][0]).round(6).tolist() for stage, logits in before.items()},
                'context': torch.softmax(torch.from_numpy(reference.context[i]), 0).numpy().astype(float).round(6).tolist()},
                ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()
