"""Turns a fine-tuned checkpoint into a model folder: calibration, operating points, ONNX, manifest, metrics, golden vectors.

    python package.py PRUNED_FOLDER CHECKPOINT DATA_FOLDER WORK_FOLDER MODEL_FOLDER GOLDEN_FILE [--held 4000]

Logits of the dev and held texts are kept in WORK_FOLDER, so that a second call is quick. Every figure
goes to MODEL_FOLDER/metrics.json with its split and count.
"""
import argparse
import copy
import hashlib
import json
import pathlib
import shutil

import numpy as np
import onnxruntime
import torch

import corpus
import export_onnx
import measures
from corpus import CONTEXTS, DECLARED, LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS
from linear_probe import pooled_features
from score import Logits, load, score
from tokens import WINDOW_OVERLAP, WINDOW_TOKENS, Tokens

MAX_WINDOWS = 1024
VERSION = '0.1.0'
"""Raised with every trained model that is committed."""
RATES = {'review': 1e-3, 'strict': 1e-4}
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


def run_onnx(path: pathlib.Path, tokens: Tokens, texts: list[str]) -> Logits:
    """Document logits of an exported file through ONNX Runtime, one window a run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
    labels, context = [], []
    for text in texts:
        runs = [session.run(None, {'input_ids': np.array([ids], np.int64)}) for ids in tokens.windows(text)[:MAX_WINDOWS]]
        logits = np.array([run[0][0] for run in runs])
        labels.append(logits.max(0))
        context.append(runs[int(logits.max(1).argmax())][1][0])
    return Logits(np.array(labels), np.array(context))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def probabilities(logits: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    scale, offset = np.array(calibration).T
    return sigmoid(logits * scale + offset)


def sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(folder: pathlib.Path, name: str, calibration, operating_points) -> str:
    """The text of manifest.toml."""
    quoted = lambda values: '[' + ', '.join(f'"{value}"' for value in values) + ']'
    lines = ['format = 1', f'name = "{name}"', f'version = "{VERSION}"',
             f'languages = {quoted(DECLARED)}', f'labels = {quoted(LABELS)}', f'contexts = {quoted(CONTEXTS)}', 'text_view = 1', '',
             '[windows]', f'content_tokens = {WINDOW_TOKENS}', f'overlap = {WINDOW_OVERLAP}', f'max_windows = {MAX_WINDOWS}', '']
    for label, (scale, offset) in zip(LABELS, calibration):
        lines += [f'[calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    for profile, thresholds in operating_points.items():
        lines += [f'[operating_points.{profile}]', *(f'{label} = {value:.6f}' for label, value in zip(LABELS, thresholds)), '']
    for file in ('tokenizer.json', 'encoder.onnx'):
        path = folder / file
        lines += [f'[files."{file}"]', f'sha256 = "{sha256(path)}"', f'size = {path.stat().st_size}', '']
    return '\n'.join(lines)


def dev_figures(dev: dict[str, list[Document]], logits: dict[str, np.ndarray], held: np.ndarray, calibration) -> dict:
    figures = {}
    for name, documents in dev.items():
        truth = measures.targets(documents)
        figures[name] = {
            'documents': len(documents), 'positives': dict(zip(LABELS, truth.sum(0).tolist())),
            'average_precision': measures.average_precisions(truth, logits[name]),
            'recall_at_false_positive_rate': {
                f'{rate:g}': measures.recall_at(truth, logits[name], held, rate) for rate in (1e-2, 1e-3)},
            'expected_calibration_error': {
                label: measures.expected_calibration_error(truth[:, i], probabilities(logits[name], calibration)[:, i])
                for i, label in enumerate(LABELS)}}
    truth = measures.targets(dev['synthetic'])
    figures['synthetic']['average_precision_by_language'] = {
        lang: measures.average_precisions(truth[rows], logits['synthetic'][rows])['macro']
        for lang in DECLARED if (rows := np.array([d.lang == lang for d in dev['synthetic']])).any() and truth[rows].any()}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'data', 'work', 'model', 'golden'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--held', type=int, default=4000, help='held benign documents to set thresholds on')
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(arguments.base / 'tokenizer.json')
    trained = load(arguments.base, arguments.checkpoint, POSITIONS)
    encoder = rounded(trained, tokens, corpus.own_texts()[::3])

    dev = {'posts': [d for d in corpus.posts(arguments.data, 'dev') if d.weight == 1.0], 'synthetic': corpus.synthetic(arguments.data, 'dev')}
    held = corpus.spread_sample(corpus.benign(arguments.data, held=True), arguments.held, seed=7)
    scored = {name: cached_logits(arguments.work / f'{name}.npz', encoder, tokens, [d.text for d in documents])
              for name, documents in (*dev.items(), ('held', held))}
    logits = {name: value.labels for name, value in scored.items()}

    mix = np.concatenate([logits['posts'], logits['synthetic'], logits['held']])
    truth = measures.targets([*dev['posts'], *dev['synthetic'], *held])
    calibration = [measures.platt(mix[:, i], truth[:, i]) for i in range(len(LABELS))]
    mix_probabilities = probabilities(mix, calibration)
    held_probabilities = probabilities(logits['held'], calibration)
    operating_points = {
        'balanced': [measures.best_f1_threshold(truth[:, i], mix_probabilities[:, i]) for i in range(len(LABELS))]}
    for profile, rate in RATES.items():
        operating_points[profile] = [measures.threshold_at(held_probabilities[:, i], rate) for i in range(len(LABELS))]

    arguments.model.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.base / 'tokenizer.json', arguments.model / 'tokenizer.json')
    export_onnx.write(trained, arguments.work / 'encoder-f32.onnx', int8=False)
    export_onnx.write(encoder, arguments.model / 'encoder.onnx', int8=True)
    (arguments.model / 'manifest.toml').write_text(
        manifest(arguments.model, arguments.model.name, calibration, operating_points))

    texts = [d.text for d in dev['synthetic']]
    trained_logits = cached_logits(arguments.work / 'synthetic-f32.npz', trained, tokens, texts).labels
    parity = {}
    for form, path, expected in (('f32', arguments.work / 'encoder-f32.onnx', trained_logits),
                                 ('shipped', arguments.model / 'encoder.onnx', logits['synthetic'])):
        parity[form] = float(np.abs(run_onnx(path, tokens, texts[:150]).labels - expected[:150]).max())
        if parity[form] > 1e-3:
            raise SystemExit(f'{path} differs from PyTorch by {parity[form]} in logits')
    truth = measures.targets(dev['synthetic'])
    metrics = {
        'fitted_in_sample': ['expected_calibration_error', 'flag_rate'],
        'dev': dev_figures(dev, logits, logits['held'], calibration),
        'held_benign': {'documents': len(held), 'flag_rate': {
            profile: {label: float((held_probabilities[:, i] >= thresholds[i]).mean()) for i, label in enumerate(LABELS)}
            for profile, thresholds in operating_points.items()}},
        'export': {
            'largest_logit_difference_onnx_to_pytorch': parity,
            'probability_difference_shipped_to_f32': {
                'mean': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).mean()),
                'largest': float(np.abs(probabilities(trained_logits, calibration) - probabilities(logits['synthetic'], calibration)).max())},
            'synthetic_macro_average_precision': {
                'f32': measures.average_precisions(truth, trained_logits)['macro'],
                'shipped': measures.average_precisions(truth, logits['synthetic'])['macro']}},
        'round': json.loads((arguments.checkpoint.parent / 'round.json').read_text())}
    (arguments.model / 'metrics.json').write_text(json.dumps(metrics, indent=1) + '\n')

    texts = [*GOLDEN_TEXTS, *(row['text'] for row in corpus.rows(FIXTURES))]
    reference = score(encoder, tokens, texts, MAX_WINDOWS)
    arguments.golden.parent.mkdir(parents=True, exist_ok=True)
    with arguments.golden.open('w') as out:
        for i, text in enumerate(texts):
            out.write(json.dumps({
                'text': text, 'ids': tokens.content(text), 'windows': len(tokens.windows(text)),
                'scores': probabilities(reference.labels[i], calibration).round(6).tolist(),
                'context': torch.softmax(torch.from_numpy(reference.context[i]), 0).numpy().astype(float).round(6).tolist()},
                ensure_ascii=False) + '\n')
    print(json.dumps(metrics['export'], indent=1))
    for name, figures in metrics['dev'].items():
        print(name, json.dumps(figures['average_precision']))


if __name__ == '__main__':
    main()
