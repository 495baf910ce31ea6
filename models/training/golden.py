"""Writes what a model folder's networks say of texts of the repository's own: what every engine is held to.

    python golden.py MODEL_FOLDER GOLDEN_FILE

PyTorch computes the encoder and the student, from the weights that the folder has, and ONNX Runtime the gate.
"""
import argparse
import json
import pathlib
import tomllib

import numpy as np
import onnxruntime

import corpus
import measures
import shipped
from corpus import LABELS
from encoder import Encoder
from manifest import MAX_WINDOWS
from package import run_onnx
from score import score, score_windows
from tokens import Tokens

FIXTURES = pathlib.Path(__file__).parents[2] / 'fixtures' / 'documents.jsonl'
TEXTS = (
    'plain words', 'A\u00a0B\u2028C', 'ﬁne ﬂow', 'İstanbul ΣΑΣ ς', 'ｆｕｌｌ ｗｉｄｔｈ', 'zero\u200bwidth \u202ebidi\u202c',
    'نصٌّ بِتَشْكِيلٍ', '天气预报：明天多云。', '👩‍👩‍👧 family', 'e\u0301 é', 'tab\tnew\nline \x00 nul', '</s> <s> <unk>',
    'a p p l e, p.e.a.r.s and gr33n аррles', 'грyша и苹 果 和 梨', 'BRING THE R1PE PEARS! ПРИХОДИТЕ ВСЕ СЮДА, İKİ ÉLAN VAR. The FAO and the WHO',
    'Sooooo many pearrrs, f i g s, IEEE и грушшши, تفــاااااح',
    'The committee met on Tuesday and put the garden plan to a vote. ' * 40, '公园里的树今天都开花了' * 60)


def student_labels(gate: pathlib.Path, student: Encoder, tokens: Tokens, texts: list[str]) -> np.ndarray:
    """Label logits of the student's stage: what the gate and the student say of a window, added; the highest over windows."""
    windows = [(document, ids) for document, text in enumerate(texts) for ids in tokens.windows(text)[:MAX_WINDOWS]]
    logits = score_windows(student, tokens, [(i, ids) for i, (_, ids) in enumerate(windows)], len(windows)).labels
    session = onnxruntime.InferenceSession(str(gate), providers=['CPUExecutionProvider'])
    result = np.full((len(texts), len(LABELS)), -np.inf, np.float32)
    for (document, ids), added in zip(windows, logits):
        said = session.run(['logits'], {'input_ids': np.array([ids], np.int64)})[0][0] + added
        result[document] = np.maximum(result[document], said)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('model', 'golden'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    model = arguments.model
    manifest, tokens = tomllib.loads((model / 'manifest.toml').read_text()), Tokens(model / 'tokenizer.json')
    texts = [*TEXTS, *(row['text'] for row in corpus.rows(FIXTURES))]

    encoder, student = (shipped.network(model / f'{name}.onnx') for name in ('encoder', 'student'))
    said = score(encoder, tokens, texts, MAX_WINDOWS)
    context = measures.softmax(said.context)
    logits = {'': said.labels,
              'student_': student_labels(model / 'gate.onnx', student, tokens, texts),
              'gate_': run_onnx(model / 'gate.onnx', tokens, texts).labels}
    calibrations = {'': manifest['calibration'], **{f'{stage}_': manifest[stage]['calibration'] for stage in ('student', 'gate')}}
    scores = {stage: measures.calibrated(found, [(calibrations[stage][label]['scale'], calibrations[stage][label]['offset']) for label in LABELS])
              for stage, found in logits.items()}
    with arguments.golden.open('w') as out:
        for i, text in enumerate(texts):
            out.write(json.dumps({
                'text': text, 'ids': tokens.content(text), 'windows': len(tokens.windows(text)),
                **{f'{stage}scores': found[i].round(6).tolist() for stage, found in scores.items()},
                'context': context[i].round(6).tolist()}, ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()
