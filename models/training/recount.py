"""Counts again what a model folder flags, by the scores of the `bellwether` command, and writes the counts into the folder.

    python recount.py MODEL_FOLDER DATA_FOLDER WORK_FOLDER BELLWETHER

For a model whose files stay as they are while what makes a label of a score changes; and to see that the command counts what
`package.py` counts from PyTorch. Everything is scored by the encoder, the student and the gate, `CHUNK` documents at a time, and
what has been scored is kept in WORK_FOLDER. It rewrites the parts of metrics.json that count flags, and `held_benign` and the version in the manifest;
with `--without-held`, which takes a minute and not an hour, only what is said of the functional suite.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import tomllib

import numpy as np

import corpus
import held as held_documents
import measures
import obfuscation
import package
import screening
from corpus import CONTEXTS, LABELS, Document

CHUNK = 4000


class Command:
    """The `bellwether` command over one model."""

    def __init__(self, program: pathlib.Path, model: pathlib.Path, work: pathlib.Path):
        self.program, self.model, self.work = program, model, work

    def scores(self, name: str, mode: str, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Scores [documents, 5], and whether advocacy is the most probable context [documents]."""
        rows = [row for start in range(0, len(texts), CHUNK) for row in self._chunk(f'{name}-{mode}-{start:06}', mode, texts[start:start + CHUNK])]
        scores = np.array([[row['scores'][label] for label in LABELS] for row in rows])
        return scores, np.array([max(CONTEXTS, key=row['context'].get) == 'advocacy' for row in rows])

    def _chunk(self, name: str, mode: str, texts: list[str]) -> list[dict]:
        output = self.work / f'{name}.scores.jsonl'
        if not output.exists():
            texts_file = self.work / f'{name}.jsonl'
            texts_file.write_text(''.join(json.dumps({'text': text}) + '\n' for text in texts))
            subprocess.run([self.program, 'score', texts_file, '--model', self.model, '--mode', mode, '--quiet', '-o', output], check=True)
            print(f'scored: {name}', flush=True)
        rows = [json.loads(line) for line in output.read_text().split('\n') if line]
        assert len(rows) == len(texts), f'{output} has {len(rows)} lines for {len(texts)} documents'
        return rows


def stage_logits(scores: np.ndarray, calibration: dict) -> np.ndarray:
    """The logits that a stage's scores were made of."""
    scores = np.clip(scores, 1e-30, 1 - 1e-7)
    scale, offset = np.array([[calibration[label]['scale'], calibration[label]['offset']] for label in LABELS]).T
    return (np.log(scores / (1 - scores)) - offset) / scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('model', 'data', 'work', 'bellwether'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--without-held', action='store_true')
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    command = Command(arguments.bellwether, arguments.model, arguments.work)
    manifest_file, metrics_file = arguments.model / 'manifest.toml', arguments.model / 'metrics.json'
    manifest, metrics = tomllib.loads(manifest_file.read_text()), json.loads(metrics_file.read_text())
    thresholds = {profile: np.array([point[label] for label in LABELS]) for profile, point in manifest['operating_points'].items()}
    flags_of = lambda said, profile: (said[0] >= thresholds[profile]) & said[1][:, None]
    cases = corpus.functional_suite()
    suite = command.scores('functional', 'encoder', [case.text for case in cases])
    metrics |= {'functional_suite_recall_by_disguise': recall_by_disguise(command, [case for case in cases if case.labels], flags_of),
                'functional_pairs': package.functional_pairs(cases, suite[0], flags_of(suite, 'balanced'))}
    if not arguments.without_held:
        held = random.Random(7).sample(corpus.benign(arguments.data, held=True), held_documents.DOCUMENTS)
        sets = {'posts': [d for d in corpus.posts(arguments.data, 'dev') if d.weight == 1.0], 'synthetic': corpus.synthetic(arguments.data, 'dev'),
                'functional': cases, 'held': held}
        scored = {name: command.scores(name, 'encoder', [d.text for d in documents]) for name, documents in sets.items()}
        flags = {profile: {name: flags_of(said, profile) for name, said in scored.items()} for profile in thresholds}
        flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}
        screened = screening_figures(command, manifest, sets, flagged)
        metrics |= {
            'held_benign_flagged_by_encoder': {profile: package.flag_rates(held, by_set['held']) for profile, by_set in flagged.items()},
            'screening': screened['balanced'],
            'cascade_by_profile': {profile: found['cascade']['shipped'] for profile, found in screened.items()}}
        counts = package.held_counts(len(held), {profile: by_set['held'].sum(0).tolist() for profile, by_set in flags.items()})
        text = re.sub(r'(?ms)^# Held benign documents.*?(?=^\[files)', lambda _: '\n'.join(counts) + '\n', manifest_file.read_text())
        manifest_file.write_text(re.sub(r'(?m)^version = .*$', f'version = "{package.VERSION}"', text))
    metrics_file.write_text(json.dumps(metrics, indent=1) + '\n')
    print(json.dumps({'pairs': metrics['functional_pairs']['all'], 'disguised': metrics['functional_suite_recall_by_disguise']}, indent=1))


def screening_figures(command: Command, manifest: dict, sets: dict[str, list[Document]], flagged: dict[str, dict[str, np.ndarray]]) -> dict:
    """What the stages before the encoder pass and keep, for each profile; as `screening.figures` has it."""
    stages, bars = [], {}
    for stage in ('gate', 'student'):
        settings = manifest[stage]
        logits = {name: stage_logits(command.scores(name, stage, [d.text for d in documents])[0], settings['calibration'])
                  for name, documents in sets.items()}
        stages.append(screening.Stage(stage, logits))
        bars[stage] = stage_logits(np.array([settings['thresholds'][label] for label in LABELS]), settings['calibration'])
    return {profile: screening.figures(stages, bars, by_set) for profile, by_set in flagged.items()}


def recall_by_disguise(command: Command, positives: list[Document], flags_of) -> dict[str, float]:
    """Share of the functional suite's positives with one of their labels, plain and in each disguise."""
    result = {}
    for kind in ('plain', *obfuscation.KINDS):
        generator = random.Random(1)
        texts = [case.text if kind == 'plain' else obfuscation.obfuscate(case.text, generator, kind) for case in positives]
        labels = flags_of(command.scores(f'disguise-{kind}', 'encoder', texts), 'balanced')
        result[kind] = float((labels & measures.targets(positives)).any(1).mean())
    return result


if __name__ == '__main__':
    main()
