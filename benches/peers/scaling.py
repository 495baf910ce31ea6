"""How throughput goes with the length of documents, the share of positives, and threads."""
import pathlib
import subprocess
import sys
import time

import corpora
from contender_process import ContenderProcess
from corpora import LENGTHS, SHARES, Corpus

MODES = ('gate', 'student', 'cascade', 'encoder')
THREADS = (1, 2)


def by_length(processes: dict[str, ContenderProcess], texts: dict[str, Corpus], passes: int) -> list[dict]:
    """Every pass has every mode read documents of every length."""
    result = []
    for number in range(passes):
        for length in LENGTHS:
            corpus = texts[f'{length} bytes']
            for mode in MODES:
                limit = None if mode == 'gate' else max(3, corpus.documents // 40)
                report = processes[mode].score(corpus.path, limit)
                result.append({'pass': number, 'length': length, 'mode': mode} | report)
        print(f'pass {number + 1} of {passes} over lengths', file=sys.stderr, flush=True)
    return result


def by_share(processes: dict[str, ContenderProcess], mix: Corpus, size: corpora.Size, passes: int) -> list[dict]:
    """Seconds of mixes with a share of positives.

    A document takes as long among others as alone, since it is read alone. So each is read once a pass, with its time taken, and
    the mixes are put together from these: the benign ones are the same in all of them, and only the share differs.
    """
    result = []
    for number in range(passes):
        for mode in MODES:
            report = processes[mode].score(mix.path, each=True)
            seconds = report['each']
            for share in SHARES:
                chosen = corpora.places_in_mix(size.mix, share)
                result.append({'pass': number, 'mode': mode, 'share': share, 'documents': len(chosen),
                               'seconds': sum(seconds[i] for i in chosen)})
        print(f'pass {number + 1} of {passes} over shares of positives', file=sys.stderr, flush=True)
    return result


def by_threads(program: pathlib.Path, folder: pathlib.Path, model: pathlib.Path, size: corpora.Size, pairs: int) -> list[dict]:
    """Wall seconds of `bellwether score` from a file to a file, with 1 and 2 threads by turns."""
    whole = folder / 'end-to-end.jsonl.zst'
    part = folder / 'english-part.jsonl'
    with (folder / 'english.jsonl').open('rb') as lines:
        part.write_bytes(b''.join(line for _, line in zip(range(200 if size is corpora.FULL else 6), lines)))
    result = []
    for number in range(pairs):
        for mode, texts in (('gate', whole), ('encoder', part)):
            for threads in THREADS if number % 2 == 0 else reversed(THREADS):
                output = folder / 'end-to-end-scores.jsonl'
                command = [program, 'score', texts, '--mode', mode, '--threads', str(threads), '--model', model, '--quiet', '-o', output]
                begin = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                seconds = time.perf_counter() - begin
                with output.open('rb') as scores:
                    documents = sum(1 for _ in scores)
                result.append({'pair': number, 'mode': mode, 'threads': threads, 'seconds': seconds, 'documents': documents})
        print(f'pair {number + 1} of {pairs} of runs from file to file', file=sys.stderr, flush=True)
    return result
