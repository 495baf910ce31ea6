"""The results as a page: every number on it is computed here from the raw results of one run.

    python report.py RESULTS_JSON > RESULTS.md
"""
import json
import pathlib
import sys

import intervals
from report_scaling import crawl, lengths, shares, threads
from report_tables import interval, number, table

STATIC = ('static-multilingual', 'static-english')


def throughput(results: dict, name: str, corpus: str, of: str) -> dict:
    """Bytes or documents a second: median over rounds, with its interval."""
    return intervals.median(_rates(results, name, corpus, of))


def _rates(results: dict, name: str, corpus: str, of: str) -> list[float]:
    reports = [turn['reports'][name][corpus] for turn in results['rounds']]
    return [report[of] / report['seconds'] for report in reports]


def _times(results: dict, name: str, other: str, corpus: str) -> str:
    """How many times another's bytes a second, by rounds."""
    return interval(intervals.ratio(*(_rates(results, who, corpus, 'bytes') for who in (name, other))))


def _speed(results: dict, contenders: list[dict], others: list[str], corpora: list[str]) -> str:
    titles = {contender['name']: contender['title'] for contender in results['contenders']}
    head = ['', *(f'{corpus}: {unit}' for corpus in corpora for unit in ('MB/s', 'documents/s')),
            *(f'{corpus}: times {titles[other]}' for other in others for corpus in corpora[:2])]
    rows = []
    for contender in contenders:
        name = contender['name']
        cells = []
        for corpus in corpora:
            megabytes, documents = (throughput(results, name, corpus, of) for of in ('bytes', 'documents'))
            cells += [interval(megabytes, 1e6), number(documents['value'])]
        cells += ['1' if name == other else _times(results, name, other, corpus) for other in others for corpus in corpora[:2]]
        rows.append([_name(contender), *cells])
    return table(head, rows)


def _name(contender: dict) -> str:
    return f"**{contender['title']}**" if contender['is_ours'] else contender['title']


def _quality(results: dict) -> str:
    rows = []
    for contender in results['contenders']:
        figures = results['quality'][contender['name']]
        rows.append([_name(contender), interval(figures['written_macro'], digits=3), f"{figures['written_english_macro']:.2f}",
                     *(f"{figures['written'][label]:.2f}" for label in results['known']['labels']),
                     interval(figures['posts_radicalization'], digits=3), number(contender['disk_bytes'] / 1e6)])
    labels = results['known']['labels']
    return table(['', 'written texts: macro', 'the English of them: macro', *labels, 'posts: radicalization', 'MB on disk'], rows)


def _against_itself(results: dict) -> str:
    titles = {contender['name']: contender['title'] for contender in results['contenders']}
    rows = []
    for name, seconds in results['against_itself'].items():
        ratios = [a / b for a, b in zip(seconds['second'], seconds['first'])]
        rows.append([titles[name], interval(intervals.median(ratios), digits=3), f'{min(ratios):.3f} to {max(ratios):.3f}'])
    return table(['', 'second process, times the first', 'single rounds'], rows)


def _inputs(results: dict) -> str:
    return table(['file', 'documents', 'bytes', 'SHA-256'], [
        [corpus['path'], number(corpus['documents']), number(corpus['bytes']), f"`{corpus['sha256']}`"] for corpus in results['corpora'].values()])


def _given(results: dict) -> str:
    chosen = results['training']['chosen']
    code = lambda value: f'`{json.dumps(_rounded(value))}`'
    batches = lambda name: ', '.join(f'{batch}: {number(seconds)} s' for batch, seconds in results['training']['seconds_by_batch'][name].items())
    rows = next(iter(results['training']['rows'].values()))
    return f"""\
All are trained on the same {number(rows)} rows: the training split that the encoder learnt from (annotated posts, written texts,
`models/training/texts`) and {number(results['training']['benign'])} benign documents. Settings are chosen on a part of these split off for it, by macro average
precision, and never on dev; then the peer is trained anew on all rows. Bellwether's recipe was chosen while looking at dev (see
the model card), which favours it; and its encoder has met these rows in several epochs, disguised, inside other text, and with
benign documents picked because they were hard.

- **fastText**: words, pairs, pieces of 2 to 5 characters, small letters; one model with a loss a label or five of two classes. Rows
  of which the annotator was not sure are left out. Chosen: {code(chosen['fasttext'])}
- **TF-IDF and linear SVM**: words, pairs, pieces of 2 to 5 characters within words; unsure rows weigh less. Chosen: {code(chosen['svm'])}
- **model2vec-rs**: models distilled here to 256 dimensions by `model2vec`: English from all-MiniLM-L6-v2 (WordPiece),
  multilingual from multilingual-e5-small (Unigram; without NFKC, which makes it the faster). The potion models of its authors are
  trained further, on data that cannot be had here. No length limit: by default it would drop what is behind 512 tokens. Only
  `encode` is timed; a logistic head a label comes after. Chosen: {code(chosen['static-english'])}, {code(chosen['static-multilingual'])}
- **Python onnxruntime**: our `encoder.onnx` and `tokenizer.json`, the same windows; one window a run, or several of the same length
  (the graph has no mask for padding), whichever was the fastest on some documents ({batches('onnxruntime')}).
- **sentence-transformers**: multilingual-e5-small in f32 on torch, frozen, mean pooling; the first 512 tokens of a text, and only
  their bytes count; the fastest batch ({batches('sentence-transformers')}). Chosen: {code(chosen['sentence-transformers'])}

The weights of multilingual-e5-small come from a package that keeps them in 4 bits, for Bellwether and for the peers."""


def _rounded(value):
    """The same, with numbers as they are shown."""
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return float(f'{value:.3g}') if isinstance(value, float) else value


def _surroundings(results: dict) -> str:
    around = results['surroundings']
    packages = ', '.join(f'{name} {version}' for name, version in around['packages'].items())
    programs = '; '.join(f"{contender['title']}: {contender['description']}" for contender in results['contenders'])
    return f"""\
{around['processor']}, {around['processors']} processors, {', '.join(around['instructions'])}, {around['memory_gib']} GiB; {around['system']};
{around['rustc']}; Python {around['python']}; Bellwether at {around['commit']}. {packages}.
The runner by the lock file with SHA-256 `{around['runner_lock_sha256']}`. {programs}."""


def markdown(results: dict) -> str:
    """The whole page."""
    fast = [c for c in results['contenders'] if c['limit'] is None]
    slow = [c for c in results['contenders'] if c['limit'] is not None]
    transformers = [c for c in slow if c['peer'] == 'onnxruntime']
    others = [c for c in slow if c['peer'] != 'onnxruntime']
    corpora = ['english', 'multilingual']
    quick = '\n**A trial run with a few documents: its figures mean nothing.**\n' if results['is_quick'] else ''
    gaps = table(['', 'largest difference of a score'], [[what, f'{gap:.1e}'] for what, gap in results['gaps'].items()])
    return f"""\
# Bellwether and its peers, side by side
{quick}
Written by `benches/peers/run.sh` from one run, of which `peers/results.json` holds the raw seconds. One thread, and one processor
for all contenders; models are loaded before; only scoring is timed, of texts in memory. {len(results['rounds'])} rounds; in each, every contender comes
once, in shuffled order. Figures are medians over rounds, with 95 % intervals (resampled rounds; resampled documents for quality).
Ratios are taken within a round. `english` and `multilingual` are benign documents; `natural mix` has a positive passage in one
document of 1,000. What Bellwether remembers of words is forgotten between rounds.

![Macro average precision against megabytes a second](quality_against_throughput.svg)

## Quality

Average precision on the dev split, by the scores of the processes that were timed. Written texts are in nine languages; posts are
mostly English.

{_quality(results)}

## Throughput of what reads thousands of documents a second

{_speed(results, fast, list(STATIC), [*corpora, 'natural mix'])}

Bellwether's gate writes calibrated scores; model2vec-rs's time ends with vectors. The command identifies languages besides, which is not in here.

{_speed(results, others, ['static-multilingual'], corpora)}

These read the first {others[0]['limit']:,} documents of each corpus, so that their ratios are of other documents.

## Throughput of what runs a transformer

{_speed(results, transformers, ['onnxruntime'], corpora)}

All read the same documents: the first {transformers[0]['limit']:,} of each corpus.

## The same against itself

Two processes of one contender, by turns, on the English corpus. Differences of this size mean nothing.

{_against_itself(results)}

## Scores are what they should be

As many as texts, and finite; a run stops where one of these differences is above 0.001.

{gaps}

## By length

English text, one thread, in documents a second.

{lengths(results)}

## By share of positives

{shares(results)}

## By threads

{threads(results)}

## A month of Common Crawl

{crawl(results)}

## What each peer was given

{_given(results)}

## What it ran on

{_surroundings(results)}

{_inputs(results)}

## Again

    benches/peers/run.sh --data DATA_FOLDER

`DATA_FOLDER` is described in `models/training/README.md`. The first run installs 7 GB of Python packages and trains the peers, for
half an hour to an hour; measuring takes about as long again, on a machine that does nothing else. `--quick` shows in some minutes
that all of it works.
"""


if __name__ == '__main__':
    sys.stdout.write(markdown(json.loads(pathlib.Path(sys.argv[1]).read_text())))
