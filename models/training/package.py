"""Turns a fine-tuned checkpoint into a model folder: calibration, operating points, ONNX, manifest, metrics, golden vectors.

    python package.py PRUNED_FOLDER CHECKPOINT GATE DATA_FOLDER WORK_FOLDER MODEL_FOLDER GOLDEN_FILE

The encoder reads every window of the dev texts and of a sample of the held benign documents, and of all held documents what
the gate lets through, as the shipped cascade does. Logits are kept in WORK_FOLDER, so that a second call is quick. Every figure
goes to MODEL_FOLDER/metrics.json with its split and count.
"""
import argparse
import copy
import hashlib
import json
import pathlib
import random
import shutil

import numpy as np
import onnxruntime
import torch

import corpus
import export_onnx
import identity_terms
import measures
import obfuscation
from corpus import CONTEXTS, DECLARED, LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS
from linear_probe import pooled_features
from negatives import Negatives, two_phase
from score import Logits, load, score, score_windows
from tokens import WINDOW_OVERLAP, WINDOW_TOKENS, Tokens

MAX_WINDOWS = 1024
VERSION = '0.2.0'
"""Raised with every trained model that is committed."""
RATES = {'review': 1e-3, 'strict': 1e-4}
GATE_PASS_RATES = (0.02, 0.05)
"""Shares of held benign documents that a gate may let through; the last one is shipped, the others are looked at."""
MAX_HELD_WINDOWS = 64
SUITE = pathlib.Path(__file__).parents[2] / 'fixtures' / 'functional' / 'cases.jsonl'
FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'documents.jsonl'
GOLDEN_TEXTS = (
    'plain words', 'A\u00a0B\u2028C', 'ﬁne ﬂow', 'İstanbul ΣΑΣ ς', 'ｆｕｌｌ ｗｉｄｔｈ', 'zero\u200bwidth \u202ebidi\u202c',
    'نصٌّ بِتَشْكِيلٍ', '天气预报：明天多云。', '👩‍👩‍👧 family', 'e\u0301 é', 'tab\tnew\nline \x00 nul', '</s> <s> <unk>',
    'The committee met on Tuesday and put the garden plan to a vote. ' * 40, '公园里的树今天都开花了' * 60)


def cached_logits(path: pathlib.Path, encoder: Encoder, tokens: Tokens, texts: list[str]) -> Logits:
    if path.exists():
        saved = np.load(path)
        return Logits(saved['labels'], saved['context'])
    logits = score(encoder, tokens, texts)
    np.savez(path, labels=logits.labels, context=logits.context)
    return logits


@torch.no_grad()
def rounded(encoder: Encoder, tokens: Tokens, sample: list[Document]) -> Encoder:
    """The encoder with its matrices on the shipped int8 grid: what the shipped file computes.

    Rounding shifts every text's logits by about the same amount; the mean shift over the sample goes into the heads' biases
    (bias correction: Nagel et al. 2019, *Data-free quantization*, ICCV).
    """
    result = copy.deepcopy(encoder)
    for module in (result.words, *(m for layer in result.layers for m in layer.modules() if isinstance(m, torch.nn.Linear))):
        values, scale = export_onnx.quantize(module.weight.numpy(), axis=1)
        module.weight.copy_(torch.from_numpy(values.astype(np.float32) * scale))
    before, after = (pooled_features(model, tokens, sample).mean(0) for model in (encoder, result))
    for head in (result.labels, result.context):
        head.bias += head.weight @ torch.from_numpy(before - after)
    return result


def run_onnx(path: pathlib.Path, tokens: Tokens, texts: list[str], max_windows: int = MAX_WINDOWS) -> tuple[Logits, list[np.ndarray]]:
    """Document logits of an exported file through ONNX Runtime, one window a run, and the label logits of every window."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
    labels, context, by_window = [], [], []
    for text in texts:
        runs = [session.run(None, {'input_ids': np.array([ids], np.int64)}) for ids in tokens.windows(text)[:max_windows]]
        logits = np.array([run[0][0] for run in runs])
        by_window.append(logits)
        labels.append(logits.max(0))
        context.append(runs[int(logits.max(1).argmax())][1][0])
    return Logits(np.array(labels), np.array(context)), by_window


def cascaded(path: pathlib.Path, encoder: Encoder, tokens: Tokens, texts: list[str], passed: list[np.ndarray]) -> np.ndarray:
    """Encoder logits [documents, 5] over the windows that passed; minus infinity for a document without one."""
    if path.exists():
        return np.load(path)
    windows = [(i, ids) for i, text in enumerate(texts) if passed[i].any()
               for ids, passes in zip(tokens.windows(text), passed[i]) if passes]
    print(f'the encoder reads {len(windows)} windows', flush=True)
    logits = score_windows(encoder, tokens, windows, len(texts)).labels
    np.save(path, logits)
    return logits


def probabilities(logits: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    scale, offset = np.array(calibration).T
    return measures.sigmoid(logits * scale + offset)


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(folder: pathlib.Path, name: str, calibration, operating_points, gate_calibration, gate_thresholds, held: int, flagged) -> str:
    """The text of manifest.toml."""
    quoted = lambda values: '[' + ', '.join(f'"{value}"' for value in values) + ']'
    lines = ['format = 2', f'name = "{name}"', f'version = "{VERSION}"',
             f'languages = {quoted(DECLARED)}', f'labels = {quoted(LABELS)}', f'contexts = {quoted(CONTEXTS)}', 'text_view = 1', '',
             '[windows]', f'content_tokens = {WINDOW_TOKENS}', f'overlap = {WINDOW_OVERLAP}', f'max_windows = {MAX_WINDOWS}', '']
    for label, (scale, offset) in zip(LABELS, calibration):
        lines += [f'[calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    for profile, thresholds in operating_points.items():
        lines += [f'[operating_points.{profile}]', *(f'{label} = {value:.6f}' for label, value in zip(LABELS, thresholds)), '']
    for label, (scale, offset) in zip(LABELS, gate_calibration):
        lines += [f'[gate.calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    lines += ['[gate.thresholds]', *(f'{label} = {value:.6f}' for label, value in zip(LABELS, gate_thresholds)), '',
              '# Held benign documents that each label was given to by the cascade, with the 95 % interval of their share.',
              '[held_benign]', f'documents = {held}', '']
    for profile, counts in flagged.items():
        lines += [f'[held_benign.flagged.{profile}]']
        for label, count in zip(LABELS, counts):
            low, high = measures.wilson(count, held)
            lines += [f'{label} = {{ documents = {count}, low = {low:.7f}, high = {high:.7f} }}']
        lines += ['']
    for file in ('tokenizer.json', 'gate.onnx', 'encoder.onnx'):
        path = folder / file
        lines += [f'[files."{file}"]', f'sha256 = "{sha256(path)}"', f'size = {path.stat().st_size}', '']
    return '\n'.join(lines)


def cross_fitted(logits: np.ndarray, truth: np.ndarray, folds: int = 5) -> np.ndarray:
    """Probabilities [documents] from calibrations that were each fitted without the documents they are applied to."""
    fold = np.random.default_rng(0).integers(folds, size=len(logits))
    result = np.empty(len(logits))
    for k in range(folds):
        scale, offset = measures.platt(logits[fold != k], truth[fold != k])
        result[fold == k] = measures.sigmoid(logits[fold == k] * scale + offset)
    return result


def dev_figures(dev: dict[str, list[Document]], logits: dict[str, np.ndarray], negatives: Negatives) -> dict:
    """Average precision and recall on the dev texts; thresholds from benign documents."""
    figures = {}
    for name, documents in dev.items():
        truth = measures.targets(documents)
        figures[name] = {
            'documents': len(documents), 'positives': dict(zip(LABELS, truth.sum(0).tolist())),
            'average_precision': measures.average_precisions(truth, logits[name]),
            'recall_at_false_positive_rate': {
                f'{rate:g}': negatives.recall(truth, logits[name], rate) for rate in (1e-2, 1e-3)}}
    truth = measures.targets(dev['synthetic'])
    figures['synthetic']['average_precision_by_language'] = {
        lang: measures.average_precisions(truth[rows], logits['synthetic'][rows])['macro']
        for lang in DECLARED if (rows := np.array([d.lang == lang for d in dev['synthetic']])).any() and truth[rows].any()}
    return figures


def flag_rates(held: list[Document], flags: np.ndarray) -> dict:
    """Share of held documents with a flag: all, by group, source, language and identity term, with counts and intervals."""
    rate = lambda rows: {'documents': len(rows), 'flagged': int(flags[rows].sum()), 'rate': float(flags[rows].mean()),
                         'interval': measures.wilson(int(flags[rows].sum()), len(rows))}
    groups = {'all': {'all': list(range(len(held)))}, 'group': {}, 'source': {}, 'language': {}, 'identity_term': {}}
    for i, document in enumerate(held):
        for kind, value in (('group', document.group), ('source', f'{document.source}/{document.lang}' if document.source in
                             ('quran_json', 'aave_corpora', 'crisislex') else document.source), ('language', document.lang)):
            groups[kind].setdefault(value, []).append(i)
        for term in identity_terms.mentioned(document.text):
            groups['identity_term'].setdefault(term, []).append(i)
    return {kind: {value: rate(rows) for value, rows in sorted(members.items()) if len(rows) >= 50} for kind, members in groups.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'gate', 'data', 'work', 'model', 'golden'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--sample', type=int, default=4000, help='held benign documents that the encoder reads without the gate')
    arguments = parser.parse_args()
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    trained = load(arguments.base, arguments.checkpoint, POSITIONS)
    encoder = rounded(trained, tokens, corpus.own_texts()[::3])

    dev = {'posts': [d for d in corpus.posts(arguments.data, 'dev') if d.weight == 1.0], 'synthetic': corpus.synthetic(arguments.data, 'dev')}
    held = corpus.benign(arguments.data, held=True)
    sample = corpus.spread_sample(held, arguments.sample, seed=7)
    texts = {name: [d.text for d in documents] for name, documents in (*dev.items(), ('sample', sample))}
    logits = {name: cached_logits(work / f'{name}.npz', encoder, tokens, texts[name]).labels for name in texts}
    print('the encoder has read the dev texts and the sample', flush=True)

    gate_held_file = work / 'gate-held.npz'
    if not gate_held_file.exists():
        by_window = run_onnx(arguments.gate, tokens, [d.text for d in held], MAX_HELD_WINDOWS)[1]
        np.savez(gate_held_file, logits=np.concatenate(by_window), windows=[len(w) for w in by_window])
    saved = np.load(gate_held_file)
    by_window = np.split(saved['logits'], np.cumsum(saved['windows'])[:-1])
    gate_held = np.array([w.max(0) for w in by_window])
    gate = {name: run_onnx(arguments.gate, tokens, texts[name])[0].labels for name in dev}
    # One bar for the highest logit of any label.
    bars = {rate: measures.threshold_at(gate_held.max(1), rate) for rate in GATE_PASS_RATES}
    bar = bars[GATE_PASS_RATES[-1]]
    held_logits = cascaded(work / 'held-read.npy', encoder, tokens, [d.text for d in held], [w.max(1) >= bar for w in by_window])
    negatives = two_phase(held, gate_held.max(1) >= bar, held_logits, sample, logits['sample'])

    mix = np.concatenate([logits['posts'], logits['synthetic'], logits['sample']])
    truth = measures.targets([*dev['posts'], *dev['synthetic'], *sample])
    calibration = [measures.platt(mix[:, i], truth[:, i]) for i in range(len(LABELS))]
    mix_probabilities = probabilities(mix, calibration)
    held_probabilities = probabilities(held_logits, calibration)
    operating_points = {
        'balanced': [measures.best_f1_threshold(truth[:, i], mix_probabilities[:, i]) for i in range(len(LABELS))]}
    gate_mix = np.concatenate([gate['posts'], gate['synthetic'], gate_held])
    gate_truth = measures.targets([*dev['posts'], *dev['synthetic'], *held])
    gate_calibration = [measures.platt(gate_mix[:, i], gate_truth[:, i]) for i in range(len(LABELS))]
    gate_thresholds = probabilities(np.full((1, len(LABELS)), bar), gate_calibration)[0]
    for profile, rate in RATES.items():
        # Never below the gate's: what the gate turns down must not be flagged.
        operating_points[profile] = np.maximum(
            gate_thresholds, probabilities(negatives.thresholds(rate)[None], calibration)[0]).tolist()
    flags = {profile: held_probabilities >= np.array(thresholds) for profile, thresholds in operating_points.items()}
    if any((np.array(thresholds) < gate_thresholds).any() for thresholds in operating_points.values()):
        raise SystemExit('a threshold of the gate is above one of a profile: what the gate turns down would be flagged')

    arguments.model.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.base / 'tokenizer.json', arguments.model / 'tokenizer.json')
    shutil.copy(arguments.gate, arguments.model / 'gate.onnx')
    export_onnx.write(trained, work / 'encoder-f32.onnx', int8=False)
    export_onnx.write(encoder, arguments.model / 'encoder.onnx', int8=True)
    (arguments.model / 'manifest.toml').write_text(
        manifest(arguments.model, arguments.model.name, calibration, operating_points, gate_calibration, gate_thresholds,
                 len(held), {profile: flags[profile].sum(0).tolist() for profile in flags}))

    trained_logits = cached_logits(work / 'synthetic-f32.npz', trained, tokens, texts['synthetic']).labels
    parity = {}
    for form, path, expected in (('f32', work / 'encoder-f32.onnx', trained_logits),
                                 ('shipped', arguments.model / 'encoder.onnx', logits['synthetic'])):
        parity[form] = float(np.abs(run_onnx(path, tokens, texts['synthetic'][:150])[0].labels - expected[:150]).max())
        if parity[form] > 1e-3:
            raise SystemExit(f'{path} differs from PyTorch by {parity[form]} in logits')
    synthetic_truth = measures.targets(dev['synthetic'])
    gate_figures = {'pass_rate': {f'{rate:g}': float((gate_held.max(1) >= b).mean()) for rate, b in bars.items()}, 'kept': {}}
    for rate, b in bars.items():
        for name in dev:
            flagged = (probabilities(logits[name], calibration) >= np.array(operating_points['balanced'])).any(1)
            kept = int((flagged & (gate[name].max(1) >= b)).sum())
            gate_figures['kept'][f'{name} at {rate:g}'] = {'flagged_by_encoder': int(flagged.sum()), 'kept': kept}
    metrics = {
        'functional_suite_recall_by_disguise': recall_by_disguise(encoder, tokens, calibration, operating_points['balanced']),
        'fitted_on_the_same_texts': ['balanced thresholds (dev and sample)', 'review and strict thresholds (held; estimated by two-phase sampling)'],
        'dev': dev_figures(dev, logits, negatives),
        'expected_calibration_error': {
            'documents': len(mix), 'cross_fitted': {label: measures.expected_calibration_error(
                truth[:, i], cross_fitted(mix[:, i], truth[:, i])) for i, label in enumerate(LABELS)}},
        'negatives': {'documents': len(held), 'read_by_encoder': len(negatives.weights), 'heaviest': float(negatives.weights.max())},
        'held_benign_flagged_by_cascade': {profile: flag_rates(held, flags[profile].any(1)) for profile in flags},
        'sample_flag_rate_without_gate': {
            profile: float((probabilities(logits['sample'], calibration) >= np.array(thresholds)).any(1).mean())
            for profile, thresholds in operating_points.items()},
        'gate': gate_figures,
        'export': {
            'largest_logit_difference_onnx_to_pytorch': parity,
            'probability_difference_shipped_to_f32': {
                'mean': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).mean()),
                'largest': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).max())},
            'synthetic_macro_average_precision': {
                'f32': measures.average_precisions(synthetic_truth, trained_logits)['macro'],
                'shipped': measures.average_precisions(synthetic_truth, logits['synthetic'])['macro']}},
        'round': json.loads((arguments.checkpoint.parent / 'round.json').read_text())}
    (arguments.model / 'metrics.json').write_text(json.dumps(metrics, indent=1) + '\n')
    write_golden(arguments.golden, arguments.model, encoder, tokens, calibration, gate_calibration)
    print(json.dumps({'export': metrics['export'], 'gate': gate_figures, 'ece': metrics['expected_calibration_error']}, indent=1))
    for name, figures in metrics['dev'].items():
        print(name, json.dumps(figures['average_precision']))


def recall_by_disguise(encoder: Encoder, tokens: Tokens, calibration, thresholds: list[float]) -> dict[str, float]:
    """Share of the functional suite's positives with one of their labels, plain and in each disguise."""
    cases = [row for row in corpus.rows(SUITE) if row['labels']]
    truth = np.array([[label in row['labels'] for label in LABELS] for row in cases])
    result = {}
    for kind in ('plain', *obfuscation.KINDS):
        generator = random.Random(1)
        texts = [row['text'] if kind == 'plain' else obfuscation.obfuscate(row['text'], generator, kind) for row in cases]
        flags = probabilities(score(encoder, tokens, texts).labels, calibration) >= np.array(thresholds)
        result[kind] = float((flags & truth).any(1).mean())
    return result


def write_golden(path: pathlib.Path, model: pathlib.Path, encoder: Encoder, tokens: Tokens, calibration, gate_calibration) -> None:
    """What PyTorch computes for the encoder and ONNX Runtime for the gate, on texts of the repository's own."""
    texts = [*GOLDEN_TEXTS, *(row['text'] for row in corpus.rows(FIXTURES))]
    reference = score(encoder, tokens, texts, MAX_WINDOWS)
    gate = run_onnx(model / 'gate.onnx', tokens, texts)[0].labels
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as out:
        for i, text in enumerate(texts):
            out.write(json.dumps({
                'text': text, 'ids': tokens.content(text), 'windows': len(tokens.windows(text)),
                'scores': probabilities(reference.labels[i], calibration).round(6).tolist(),
                'gate_scores': probabilities(gate[i], gate_calibration).round(6).tolist(),
                'context': torch.softmax(torch.from_numpy(reference.context[i]), 0).numpy().astype(float).round(6).tolist()},
                ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()
