"""Prints the tables of MODEL_CARD.md from a model folder's metrics.json.

    python card_tables.py MODEL_FOLDER
"""
import argparse
import json
import pathlib

LABELS = ('radicalization', 'recruitment', 'training', 'planning', 'fundraising')
SETS = {'synthetic': 'written texts, dev', 'functional': 'functional suite', 'synthetic and functional': 'both', 'posts': 'posts, dev, sure items'}
FEWEST = 20
"""Positives below which no figure is printed."""


def row(*cells) -> None:
    print('| ' + ' | '.join(map(str, cells)) + ' |')


def head(*cells) -> None:
    row(*cells)
    row(*['---'] * len(cells))


def quality(sets: dict) -> None:
    head('', *LABELS, 'macro')
    for name, title in SETS.items():
        figures = sets[name]
        counts, precision = figures['positives'], figures['average_precision']
        shown = [counts[label] >= FEWEST for label in LABELS]
        row(f"{title}: positives of {figures['documents']}", *(counts[label] for label in LABELS), '')
        row('average precision', *(f'{precision[label]:.2f}' if show else '–' for label, show in zip(LABELS, shown)),
            f"**{precision['macro']:.3f}**" if all(shown) else '')
        for rate, recalls in figures['recall_at_false_positive_rate'].items():
            row(f'recall at a false-positive rate of {rate}', *(
                '{:.2f} ({:.2f}–{:.2f})'.format(recalls[label]['recall'], *recalls[label]['interval']) if show else '–'
                for label, show in zip(LABELS, shown)), '')


def languages(sets: dict) -> None:
    names = [name for name in ('synthetic', 'functional') if name in sets]
    found = list(dict.fromkeys(lang for name in names for lang in sets[name]['average_precision_by_language']))
    head('macro average precision', *found)
    for name in names:
        row(SETS[name], *(f"{sets[name]['average_precision_by_language'][lang]:.2f}"
                          if lang in sets[name]['average_precision_by_language'] else '–' for lang in found))


def pairs(figures: dict) -> None:
    head('functional pairs at `balanced`', 'pairs', 'ranked right', 'positive caught', 'twin clean', 'both right')
    languages = [key for key in figures if len(key) == 2]
    functionalities = sorted((key for key in figures if len(key) > 3), key=lambda key: figures[key]['both_right'])
    for key in ('all', *languages, *functionalities):
        row(key, *figures[key].values())


def flagged(profiles: dict) -> None:
    head('held benign documents', 'of', *(f'`{profile}`' for profile in profiles))
    mean = {profile: figures['all']['all']['rate'] for profile, figures in profiles.items()}
    for kind, members in profiles['balanced'].items():
        for name, figures in sorted(members.items(), key=lambda item: -item[1]['rate']):
            cells = []
            for profile in profiles:
                found = profiles[profile][kind][name]
                many = ' **!**' if found['interval'][0] > 3 * mean[profile] else ''
                cells.append('{} = {:.2%} ({:.2%}–{:.2%}){}'.format(found['flagged'], found['rate'], *found['interval'], many))
            row(name if kind in ('all', 'watched') else f"{kind.replace('_', ' ')} {name}", figures['documents'], *cells)


def found(profiles: dict) -> None:
    head('labels given', *LABELS)
    for profile, by_set in profiles.items():
        for name, figures in by_set.items():
            row(f'`{profile}`: {SETS[name]}', *('{found} of {positives}, {false} wrong'.format(**figures[label]) for label in LABELS))


def screening(figures: dict, title: str = 'stage') -> None:
    sets = next(iter(figures.values()))['shipped']['keeps_of_flagged']
    head(title, 'lets through of held', *(f'keeps of flagged: {SETS.get(name, name)}' for name in sets))
    for stage, by_bar in figures.items():
        for bar, found in by_bar.items():
            row(stage if bar == 'shipped' else f'{stage}, at {float(bar):.0%}', f"{found['lets_through_held']:.2%}",
                *(f'{kept} of {of} ({kept / max(1, of):.1%})' for kept, of in found['keeps_of_flagged'].values()))


def cascade(profiles: dict) -> None:
    screening({f'at `{profile}`': {'shipped': found} for profile, found in profiles.items()}, 'cascade')


def stages(figures: dict) -> None:
    head('stages', *LABELS, 'macro')
    for stage, by_set in figures.items():
        for name in ('synthetic', 'functional'):
            row(f'{stage}: {SETS[name]}', *(f'{by_set[name][label]:.2f}' for label in LABELS), f"{by_set[name]['macro']:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('model', type=pathlib.Path)
    metrics = json.loads((parser.parse_args().model / 'metrics.json').read_text())
    for table, figures in ((quality, metrics['sets']), (languages, metrics['sets']), (pairs, metrics['functional_pairs']), (found, metrics['found_by_profile']),
                           (screening, metrics['screening']), (cascade, metrics['cascade_by_profile']),
                           (stages, metrics['average_precision_of_stages']), (flagged, metrics['held_benign_flagged_by_encoder'])):
        table(figures)
        print()
    head('functional positives caught in disguise', *metrics['functional_suite_recall_by_disguise'])
    row('share', *(f'{share:.2f}' for share in metrics['functional_suite_recall_by_disguise'].values()))
    print('\nexpected calibration error:', ', '.join(
        f'{label} {value:.4f}' for label, value in metrics['expected_calibration_error']['cross_fitted'].items()))
    print('export:', json.dumps(metrics['export']))


if __name__ == '__main__':
    main()
