"""Fits a model folder's thresholds anew by the scores of the `bellwether` command, and measures them.

    python refit.py MODEL_FOLDER DATA_FOLDER WORK_FOLDER BELLWETHER [--keep-thresholds]

For a model whose networks stay as they are while the text view changes, or what makes a label of a score; and, with
`--keep-thresholds`, to see that the command counts what `package.py` counts from PyTorch. Everything is scored by the encoder, the
student and the gate, `CHUNK` documents at a time, and what has been scored is kept in WORK_FOLDER: on two cores it takes an hour.
It rewrites the manifest, and metrics.json but for what only PyTorch can say. Calibration stays.
"""
import argparse
import dataclasses
import json
import pathlib
import subprocess
import tomllib

import numpy as np

import corpus
import evaluation_sets
import flagged as flagged_documents
import measures
import package
import ranked
import screening
from corpus import LABELS
from operating_points import OperatingPoint, Said

CHUNK = 4000
STAGES = ('gate', 'student')


class Command:
    """The `bellwether` command over one model."""

    def __init__(self, program: pathlib.Path, model: pathlib.Path, work: pathlib.Path):
        self.program, self.model, self.work = program, model, work

    def read(self, name: str, mode: str, texts: list[str]) -> Said:
        """What the stages of a mode say of texts."""
        rows = [row for start in range(0, len(texts), CHUNK) for row in self._chunk(f'{name}-{mode}-{start:06}', mode, texts[start:start + CHUNK])]
        scores = np.array([[row['scores'][label] for label in LABELS] for row in rows])
        return Said(scores, np.array([row['context']['advocacy'] for row in rows]))

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


def stage_logits(scores: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    """The logits that a stage's scores were made of."""
    scale, offset = np.array(calibration).T
    return (measures.log_odds(scores) - offset) / scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('model', 'data', 'work', 'bellwether'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--keep-thresholds', action='store_true', help='count by the thresholds there are')
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    command = Command(arguments.bellwether, arguments.model, arguments.work)
    manifest_file, metrics_file = arguments.model / 'manifest.toml', arguments.model / 'metrics.json'
    manifest, metrics = tomllib.loads(manifest_file.read_text()), json.loads(metrics_file.read_text())
    calibration = {stage: [(found[label]['scale'], found[label]['offset']) for label in LABELS] for stage, found in (
        ('encoder', manifest['calibration']), *((stage, manifest[stage]['calibration']) for stage in STAGES))}
    by_label = lambda found: [found[label] for label in LABELS]

    sets = evaluation_sets.dev_sets(arguments.data) | {'functional': corpus.functional_suite(), 'held': evaluation_sets.held_sample(arguments.data)}
    scored = {name: command.read(name, 'encoder', [d.text for d in documents]) for name, documents in sets.items()}
    stages = [screening.Stage(stage, {name: stage_logits(command.read(name, stage, [d.text for d in documents]).scores, calibration[stage])
                                      for name, documents in sets.items()}) for stage in STAGES]
    if arguments.keep_thresholds:
        points = {profile: OperatingPoint(found['advocacy'], by_label(found['thresholds'])) for profile, found in manifest['operating_points'].items()}
    else:
        points = package.fit_points(sets, scored)
    flags = {profile: {name: point.labels(said) for name, said in scored.items()} for profile, point in points.items()}
    flagged = {profile: {name: labels.any(1) for name, labels in by_set.items()} for profile, by_set in flags.items()}
    bars = {}
    for stage in stages:
        if arguments.keep_thresholds:
            bars[stage.name] = stage_logits(np.array(by_label(manifest[stage.name]['thresholds'])), calibration[stage.name])
        else:
            bars[stage.name] = stage.bars(flagged['balanced'], calibration[stage.name], package.lowest_thresholds(points))
    screens = {stage: (calibration[stage], package.probabilities(bars[stage][None], calibration[stage])[0]) for stage in STAGES}
    manifest_file.write_text(package.manifest(
        arguments.model, manifest['name'], calibration['encoder'], points, screens, len(sets['held']),
        {profile: by_set['held'].sum(0).tolist() for profile, by_set in flags.items()}))

    disguised = lambda kind, texts: command.read(f'disguise-{kind}', 'encoder', texts)
    logits = {name: stage_logits(said.scores, calibration['encoder']) for name, said in scored.items()}
    metrics |= ranked.figures(sets, logits, stages) | flagged_documents.figures(sets, scored, flags, stages, bars) | {
        'functional_suite_recall_by_disguise': flagged_documents.recall_by_disguise(disguised, points['balanced'])}
    metrics_file.write_text(json.dumps(metrics, indent=1) + '\n')
    print(json.dumps({'operating_points': {profile: dataclasses.asdict(point) for profile, point in points.items()}, 'pairs': metrics['functional_pairs']['all'],
                      'disguised': metrics['functional_suite_recall_by_disguise'],
                      'screening': {name: found['shipped'] for name, found in metrics['screening'].items()}}, indent=1))


if __name__ == '__main__':
    main()
