"""Fits a model folder's calibration, operating points and bars by the scores of the `bellwether` command, and measures them.

    python fit.py MODEL_FOLDER DATA_FOLDER WORK_FOLDER BELLWETHER [--keep-thresholds]

Of a folder that `package.py` made, or one whose networks stay as they are while the text view changes, or what makes a label of a
score; and, with `--keep-thresholds`, to count what a folder does as it is. Everything is scored by the encoder, the student and the gate,
`CHUNK` documents at a time, and what has been scored is kept in WORK_FOLDER: on two cores it takes from a quarter of an hour to an hour.
It rewrites the manifest, and metrics.json but for what only PyTorch can say.
"""
import argparse
import dataclasses
import json
import pathlib
import shutil
import subprocess
import tomllib

import numpy as np

import corpus
import evaluation_sets
import flagged
import manifest
import measures
import operating_points
import ranked
import screening
from corpus import LABELS, Document
from operating_points import OperatingPoint, Said

CHUNK = 4000
MANIFEST, METRICS = 'manifest.toml', 'metrics.json'
SCREENS = ('gate', 'student')
STAGES = ('encoder', *SCREENS)


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


def logits_of(scores: np.ndarray, calibration: list[tuple[float, float]]) -> np.ndarray:
    """The logits that scores were made of."""
    scale, offset = np.array(calibration).T
    return (measures.log_odds(scores) - offset) / scale


def as_it_was(model: pathlib.Path, work: pathlib.Path) -> pathlib.Path:
    """The model with the manifest that it had when WORK_FOLDER was begun: everything in there is scored by one calibration."""
    folder = work / 'model'
    if not folder.exists():
        folder.mkdir()
        shutil.copy(model / MANIFEST, folder)
        for file in tomllib.loads((model / MANIFEST).read_text())['files']:
            (folder / file).symlink_to((model / file).resolve())
    return folder


def calibrations_of(folder: pathlib.Path) -> dict[str, list[tuple[float, float]]]:
    """Scale and offset of each label, by stage, as a model folder has them."""
    found = tomllib.loads((folder / MANIFEST).read_text())
    by_stage = {'encoder': found['calibration'], **{stage: found[stage]['calibration'] for stage in SCREENS}}
    return {stage: [(labels[label]['scale'], labels[label]['offset']) for label in LABELS] for stage, labels in by_stage.items()}


@dataclasses.dataclass(frozen=True)
class Fit:
    """What makes scores of logits, and labels of scores."""
    calibration: dict[str, list[tuple[float, float]]]
    """Of each label, by stage."""
    points: dict[str, OperatingPoint]
    """By profile."""
    bars: dict[str, np.ndarray]
    """By stage before the encoder, the logits of each label from which on it lets a document through."""

    def said(self, logits: np.ndarray, advocacy: np.ndarray) -> Said:
        return Said(measures.calibrated(logits, self.calibration['encoder']), advocacy)


def fitted(sets: dict[str, list[Document]], logits: dict[str, dict[str, np.ndarray]], advocacy: dict[str, np.ndarray]) -> Fit:
    """Calibration, points and bars from what each stage says of each set."""
    joined, mixed_truth = evaluation_sets.mix(sets)
    truth = {name: measures.targets(documents) for name, documents in sets.items()}
    stages = [screening.Stage(stage, logits[stage]) for stage in SCREENS]
    calibration = {'encoder': [measures.platt(joined(logits['encoder'])[:, i], mixed_truth[:, i]) for i in range(len(LABELS))],
                   **{stage.name: stage.calibration(truth) for stage in stages}}
    scored = Fit(calibration, {}, {})
    mixed, held = (scored.said(part(logits['encoder']), part(advocacy)) for part in (joined, lambda parts: parts['held']))
    points = operating_points.fit(mixed, mixed_truth, held)
    flags = {name: points['balanced'].labels(scored.said(logits['encoder'][name], advocacy[name])).any(1) for name in sets}
    lowest = np.min([point.thresholds for point in points.values()], axis=0)
    return Fit(calibration, points, {stage.name: stage.bars(flags, calibration[stage.name], lowest) for stage in stages})


def kept(folder: pathlib.Path) -> Fit:
    """Those that a model folder has."""
    found, calibration = tomllib.loads((folder / MANIFEST).read_text()), calibrations_of(folder)
    by_label = lambda values: [values[label] for label in LABELS]
    points = {profile: OperatingPoint(point['advocacy'], by_label(point['thresholds'])) for profile, point in found['operating_points'].items()}
    return Fit(calibration, points, {stage: logits_of(np.array(by_label(found[stage]['thresholds'])), calibration[stage]) for stage in SCREENS})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('model', 'data', 'work', 'bellwether'):
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument('--keep-thresholds', action='store_true', help='count by the calibration and the thresholds there are')
    arguments = parser.parse_args()
    model = arguments.model
    arguments.work.mkdir(parents=True, exist_ok=True)
    scored_folder = as_it_was(model, arguments.work)
    command, made = Command(arguments.bellwether, scored_folder, arguments.work), calibrations_of(scored_folder)

    sets = evaluation_sets.dev_sets(arguments.data) | {'functional': corpus.functional_suite(), 'held': evaluation_sets.held_sample(arguments.data)}
    read = {stage: {name: command.read(name, stage, [d.text for d in documents]) for name, documents in sets.items()} for stage in STAGES}
    logits = {stage: {name: logits_of(found.scores, made[stage]) for name, found in by_set.items()} for stage, by_set in read.items()}
    advocacy = {name: found.advocacy for name, found in read['encoder'].items()}
    fit = kept(model) if arguments.keep_thresholds else fitted(sets, logits, advocacy)

    scored = {name: fit.said(logits['encoder'][name], advocacy[name]) for name in sets}
    flags = {profile: {name: point.labels(said) for name, said in scored.items()} for profile, point in fit.points.items()}
    screens = {stage: (fit.calibration[stage], measures.calibrated(bar[None], fit.calibration[stage])[0]) for stage, bar in fit.bars.items()}
    name = tomllib.loads((model / MANIFEST).read_text())['name']
    (model / MANIFEST).write_text(manifest.written(model, name, fit.calibration['encoder'], fit.points, screens, len(sets['held']),
                                                   {profile: by_set['held'].sum(0).tolist() for profile, by_set in flags.items()}))

    def disguised(kind: str, texts: list[str]) -> Said:
        found = command.read(f'disguise-{kind}', 'encoder', texts)
        return fit.said(logits_of(found.scores, made['encoder']), found.advocacy)

    stages = [screening.Stage(stage, logits[stage]) for stage in SCREENS]
    metrics = json.loads((model / METRICS).read_text())
    metrics |= ranked.figures(sets, logits['encoder'], stages) | flagged.figures(sets, scored, flags, stages, fit.bars) | {
        'fitted_on_the_same_texts': ['calibration and balanced thresholds (dev and a sample of held)', 'review and strict thresholds (held)',
                                     'bars of the gate and the student (dev), their calibration (dev and held)'],
        'functional_suite_recall_by_disguise': flagged.recall_by_disguise(disguised, fit.points['balanced'])}
    (model / METRICS).write_text(json.dumps(metrics, indent=1) + '\n')
    print(json.dumps({'operating_points': {profile: dataclasses.asdict(point) for profile, point in fit.points.items()}, 'pairs': metrics['functional_pairs']['all'],
                      'disguised': metrics['functional_suite_recall_by_disguise'],
                      'screening': {name: found['shipped'] for name, found in metrics['screening'].items()}}, indent=1))


if __name__ == '__main__':
    main()
