"""The same against itself, then everybody by turns."""
import random
import sys

from contender_process import ContenderProcess
from corpora import Corpus

CORPORA = ('english', 'multilingual')
AGAINST_ITSELF = ('gate', 'static-multilingual', 'encoder')
MIX = 'natural mix'


def against_itself(first: dict[str, ContenderProcess], second: dict[str, ContenderProcess], corpus: Corpus, rounds: int) -> dict:
    """Seconds of two processes of the same contender, by turns: what differs between them is noise."""
    seconds = {name: {'first': [], 'second': []} for name in second}
    for number in range(rounds):
        for name in second:
            pair = [('first', first[name]), ('second', second[name])]
            for which, process in pair if number % 2 == 0 else reversed(pair):
                seconds[name][which].append(process.score(corpus.path, process.entry.limit)['seconds'])
        print(f'round {number + 1} of {rounds} of the same against itself', file=sys.stderr, flush=True)
    return seconds


def by_turns(processes: dict[str, ContenderProcess], corpora: dict[str, Corpus], rounds: int) -> list[dict]:
    """Every round has every contender once, in an order of its own."""
    generator = random.Random(33)
    result = []
    for number in range(rounds):
        order = generator.sample(list(processes), len(processes))
        reports = {}
        for name in order:
            process = processes[name]
            names = (*CORPORA, MIX) if process.entry.reads_mix else CORPORA
            reports[name] = {corpus: process.score(corpora[corpus].path, process.entry.limit) for corpus in names}
        result.append({'order': order, 'reports': reports})
        total = sum(report['seconds'] for of_one in reports.values() for report in of_one.values())
        print(f'round {number + 1} of {rounds}: {total:.0f} s', file=sys.stderr, flush=True)
    return result
