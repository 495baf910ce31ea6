"""Turns a fine-tuned checkpoint into a model folder: calibration, operating points, ONNX, manifest, metrics.

    python package.py PRUNED_FOLDER CHECKPOINT GATE STUDENT DATA_FOLDER WORK_FOLDER MODEL_FOLDER

The encoder reads every window of the labelled texts and of the held benign documents that `held.py` draws. Logits are kept in WORK_FOLDER, so that a
second call is quick. Every figure goes to MODEL_FOLDER/metrics.json with its split and count.
"""
import argparse
import copy
import hashlib
import json
import math
import pathlib
import shutil

import numpy as np
import onnxruntime
import torch

import corpus
import evaluation_sets
import export_onnx
import flagged as flagged_documents
import held as held_documents
import measures
import operating_points
import ranked
import screening
import student as student_network
from corpus import CONTEXTS, DECLARED, LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS
from linear_probe import pooled_features
from operating_points import OperatingPoint, Said
from score import Logits, load, score, score_windows
from tokens import WINDOW_OVERLAP, WINDOW_TOKENS, Tokens

MAX_WINDOWS = 1024
VERSION = '0.6.0'
"""Raised with every trained model that is committed."""


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


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities [documents, contexts]."""
    powers = np.exp(logits.astype(float) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(folder: pathlib.Path, name: str, calibration, points, screens: dict[str, tuple], held: int, flagged) -> str:
    """The text of manifest.toml."""
    quoted = lambda values: '[' + ', '.join(f'"{value}"' for value in values) + ']'
    lines = ['format = 4', f'name = "{name}"', f'version = "{VERSION}"',
             f'languages = {quoted(DECLARED)}', f'labels = {quoted(LABELS)}', f'contexts = {quoted(CONTEXTS)}', 'text_view = 4', '',
             '[windows]', f'content_tokens = {WINDOW_TOKENS}', f'overlap = {WINDOW_OVERLAP}', f'max_windows = {MAX_WINDOWS}', '']
    for label, (scale, offset) in zip(LABELS, calibration):
        lines += [f'[calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    for profile, point in points.items():
        lines += [f'[operating_points.{profile}]', f'advocacy = {point.advocacy:.6f}', '', f'[operating_points.{profile}.thresholds]',
                  *(f'{label} = {value:.6f}' for label, value in zip(LABELS, point.thresholds)), '']
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'gate', 'student', 'data', 'work', 'model'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    trained = load(arguments.base, arguments.checkpoint, POSITIONS)
    encoder = rounded(trained, tokens, corpus.own_texts()[::3])

    dev, held = evaluation_sets.dev_sets(arguments.data), evaluation_sets.held_sample(arguments.data)
    labelled = dev | {'functional': corpus.functional_suite()}
    in_sample = evaluation_sets.spread(held)
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
    mixed, truth = evaluation_sets.mix(sets)
    calibration = [measures.platt(mixed(logits)[:, i], truth[:, i]) for i in range(len(LABELS))]
    said_by = lambda found: Said(probabilities(found.labels, calibration), softmax(found.context)[:, CONTEXTS.index('advocacy')])
    scored = {name: said_by(found) for name, found in said.items()}
    points = fit_points(sets, scored)
    flags = {profile: {name: point.labels(found) for name, found in scored.items()} for profile, point in points.items()}
    flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}

    every_truth = {name: measures.targets(documents) for name, documents in (dev | {'held': held}).items()}
    lowest = lowest_thresholds(points)
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
        'functional_suite_recall_by_disguise': flagged_documents.recall_by_disguise(lambda _, texts: said_by(score(encoder, tokens, texts)), points['balanced']),
        'fitted_on_the_same_texts': ['calibration and balanced thresholds (dev and a sample of held)', 'review and strict thresholds (held)', 'bars of the gate and the student (dev), their calibration (dev and held)'],
        'export': {
            'largest_logit_difference_onnx_to_pytorch': parity,
            'probability_difference_shipped_to_f32': {
                'mean': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).mean()),
                'largest': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).max())},
            'synthetic_macro_average_precision': {
                'f32': measures.average_precisions(synthetic_truth, trained_logits)['macro'],
                'shipped': measures.average_precisions(synthetic_truth, logits['synthetic'])['macro']}},
        'round': json.loads((arguments.checkpoint.parent / 'round.json').read_text())}
    metrics |= ranked.figures(sets, logits, stages) | flagged_documents.figures(sets, scored, flags, stages, bars)
    (arguments.model / 'metrics.json').write_text(json.dumps(metrics, indent=1) + '\n')
    print(json.dumps({'export': metrics['export'], 'screening': {name: found['shipped'] for name, found in metrics['screening'].items()}, 'ece': metrics['expected_calibration_error'], 'pairs': metrics['functional_pairs']['all']}, indent=1))
    for name, figures in metrics['sets'].items():
        print(name, json.dumps(figures['average_precision']))


def fit_points(sets: dict[str, list[Document]], scored: dict[str, Said]) -> dict[str, OperatingPoint]:
    """Operating points by profile, from what is said of each set."""
    joined, truth = evaluation_sets.mix(sets)
    mixed = Said(*(joined({name: getattr(found, part) for name, found in scored.items()}) for part in ('scores', 'advocacy')))
    return operating_points.fit(mixed, truth, scored['held'])


def lowest_thresholds(points: dict[str, OperatingPoint]) -> np.ndarray:
    """Each label's lowest threshold in any profile."""
    return np.min([point.thresholds for point in points.values()], axis=0)


if __name__ == '__main__':
    main()
