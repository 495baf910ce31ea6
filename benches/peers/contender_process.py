"""A contender as a process that is loaded once and told what to score."""
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

from roster import Entry

ONE_THREAD = {'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'RAYON_NUM_THREADS': '1',
              'TOKENIZERS_PARALLELISM': 'false'}
PROCESSOR = max(os.sched_getaffinity(0))
"""All contenders share one processor, on which one of them at a time is at work: what starts more threads gains nothing by it."""


class ContenderProcess:
    """Started at once; ready when the constructor returns."""

    def __init__(self, entry: Entry, log: pathlib.Path):
        self.entry = entry
        pin = lambda: os.sched_setaffinity(0, {PROCESSOR})
        self.process = subprocess.Popen(entry.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log.open('w'), text=True,
                                        encoding='utf8', env=os.environ | ONE_THREAD, preexec_fn=pin)
        self.description = self._answer()['ready']

    def score(self, texts: str, limit: int | None = None, **wanted) -> dict:
        """The report on scoring the first `limit` texts of a file."""
        order = {'texts': texts, **wanted} | ({} if limit is None else {'limit': limit})
        self.process.stdin.write(json.dumps(order) + '\n')
        self.process.stdin.flush()
        return self._answer()

    def scores_of(self, texts: str, limit: int | None = None) -> np.ndarray:
        """The scores [texts, 5] themselves."""
        with tempfile.NamedTemporaryFile(suffix='.json') as file:
            report = self.score(texts, limit, scores=file.name)
            scores = np.array(json.loads(pathlib.Path(file.name).read_text()))
        if scores.shape != (report['documents'], 5) or not np.isfinite(scores).all():
            raise SystemExit(f'{self.entry.name} gave scores of shape {scores.shape} for {report["documents"]} texts, or not numbers')
        return scores

    def choose_batch(self, texts: str, limit: int) -> dict:
        """Has a contender try the batches that it offers, and keep the fastest; median seconds by batch."""
        return self.score(texts, limit, choose_batch=True)['medians']

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f'{self.entry.name} ended with status {self.process.wait()}')
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
