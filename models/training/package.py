"""Turns fine-tuned checkpoints into a model folder: ONNX, checked against PyTorch, and a manifest that `fit.py` fits.

    python package.py PRUNED_FOLDER CHECKPOINT GATE STUDENT DATA_FOLDER MODEL_FOLDER

Until then scores are no probabilities and thresholds mean nothing. MODEL_FOLDER/metrics.json has what only PyTorch can say.
"""
import argparse
import copy
import json
import pathlib
import shutil
import tempfile

import numpy as np
import onnxruntime
import torch

import corpus
import evaluation_sets
import export_onnx
import manifest
import measures
import student as student_network
from corpus import LABELS, Document
from encoder import Encoder
from fine_tune import POSITIONS
from linear_probe import pooled_features
from operating_points import ADVOCACY, OperatingPoint
from score import Logits, load, score
from tokens import Tokens

UNFITTED = [(0.25, 0.0)] * len(LABELS)
"""Calibration before there is one: logits of any size are scores from which they can be had back."""
COMPARED = 150
"""Texts whose logits by ONNX Runtime and by PyTorch are compared."""


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


def run_onnx(path: pathlib.Path, tokens: Tokens, texts: list[str]) -> Logits:
    """Document logits of an exported file through ONNX Runtime, one window a run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
    labels, context = [], []
    for text in texts:
        runs = [session.run(None, {'input_ids': np.array([ids], np.int64)}) for ids in tokens.windows(text)[:manifest.MAX_WINDOWS]]
        logits = np.array([run[0][0] for run in runs])
        labels.append(logits.max(0))
        context.append(runs[int(logits.max(1).argmax())][1][0])
    return Logits(np.array(labels), np.array(context))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'checkpoint', 'gate', 'student', 'data', 'model'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    tokens = Tokens(arguments.base / 'tokenizer.json')
    trained = load(arguments.base, arguments.checkpoint, POSITIONS)
    sample = corpus.own_texts()[::3]
    encoder = rounded(trained, tokens, sample)
    student = rounded(student_network.load(trained, arguments.student), tokens, sample)
    model = arguments.model
    model.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.base / 'tokenizer.json', model / 'tokenizer.json')
    shutil.copy(arguments.gate, model / 'gate.onnx')
    export_onnx.write(student, model / 'student.onnx', int8=True)
    export_onnx.write(encoder, model / 'encoder.onnx', int8=True)
    points = {profile: OperatingPoint(advocacy, [0.5] * len(LABELS)) for profile, advocacy in ADVOCACY.items()}
    (model / 'manifest.toml').write_text(manifest.written(
        model, model.name, UNFITTED, points, {stage: (UNFITTED, [0.5] * len(LABELS)) for stage in ('gate', 'student')}, 0,
        {profile: [0] * len(LABELS) for profile in points}))

    dev = evaluation_sets.dev_sets(arguments.data)['synthetic']
    texts, truth = [d.text for d in dev], measures.targets(dev)
    labels = {'f32': score(trained, tokens, texts).labels, 'shipped': score(encoder, tokens, texts).labels}
    with tempfile.TemporaryDirectory() as folder:
        f32 = pathlib.Path(folder) / 'encoder.onnx'
        export_onnx.write(trained, f32, int8=False)
        parity = {}
        for form, path, expected in (('f32', f32, labels['f32']), ('shipped', model / 'encoder.onnx', labels['shipped']),
                                     ('student', model / 'student.onnx', score(student, tokens, texts[:COMPARED]).labels)):
            parity[form] = float(np.abs(run_onnx(path, tokens, texts[:COMPARED]).labels - expected[:COMPARED]).max())
            if parity[form] > 1e-3:
                raise SystemExit(f'{path} differs from PyTorch by {parity[form]} in logits')
    gaps = np.abs(measures.sigmoid(labels['f32']) - measures.sigmoid(labels['shipped']))
    metrics = {
        'export': {'largest_logit_difference_onnx_to_pytorch': parity,
                   'probability_difference_shipped_to_f32': {'mean': float(gaps.mean()), 'largest': float(gaps.max())},
                   'synthetic_macro_average_precision': {form: measures.average_precisions(truth, found)['macro'] for form, found in labels.items()}},
        'round': json.loads((arguments.checkpoint.parent / 'round.json').read_text())}
    (model / 'metrics.json').write_text(json.dumps(metrics, indent=1) + '\n')
    print(json.dumps(metrics['export'], indent=1))


if __name__ == '__main__':
    main()
