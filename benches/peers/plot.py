"""Quality against throughput, as a picture.

    python plot.py RESULTS_JSON SVG
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use('svg')
from matplotlib import pyplot

from report import throughput

CORPUS = 'english'
OURS, THEIRS = '#0b5394', '#7f3f00'


def draw(results: dict, path: pathlib.Path) -> None:
    """A point a contender: megabytes a second of one thread, macro average precision on the written dev texts, both with intervals."""
    # The same results give the same bytes, and letters stay letters.
    matplotlib.rcParams.update({'svg.hashsalt': 'bellwether', 'svg.fonttype': 'none', 'font.size': 10, 'font.family': 'sans-serif'})
    figure, axes = pyplot.subplots(figsize=(8.4, 5.2), layout='constrained')
    figure.patch.set_facecolor('white')
    axes.set_facecolor('white')
    for contender in results['contenders']:
        speed = throughput(results, contender['name'], CORPUS, 'bytes')
        quality = results['quality'][contender['name']]['written_macro']
        x, y = speed['value'] / 1e6, quality['value']
        color = OURS if contender['is_ours'] else THEIRS
        errors = [[[abs(x - speed['interval'][0] / 1e6)], [abs(speed['interval'][1] / 1e6 - x)]],
                  [[max(0, y - quality['interval'][0])], [max(0, quality['interval'][1] - y)]]]
        axes.errorbar(x, y, xerr=errors[0], yerr=errors[1], fmt='o' if contender['is_ours'] else 's', color=color, ecolor=color + '70', markersize=7)
        axes.annotate(contender['title'], (x, y), xytext=LABEL_PLACES.get(contender['name'], (8, 6)), textcoords='offset points',
                      color=color, ha='right' if LABEL_PLACES.get(contender['name'], (8, 6))[0] < 0 else 'left',
                      fontweight='bold' if contender['is_ours'] else 'normal')
    axes.set_xscale('log')
    left, right = axes.get_xlim()
    # Room for the names on both sides.
    axes.set_xlim(left / 16, right * 14)
    axes.set_xlabel('MB of text a second, one thread (English benign documents)')
    axes.set_ylabel('macro average precision (written texts, dev)')
    axes.grid(which='major', color='#dddddd', linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ('top', 'right'):
        axes.spines[side].set_visible(False)
    figure.savefig(path, metadata={'Date': None, 'Title': 'Quality against throughput'})
    pyplot.close(figure)


LABEL_PLACES = {'student': (8, -14), 'onnxruntime': (8, -14), 'encoder': (-8, 8), 'cascade': (8, 8), 'sentence-transformers': (-8, -14)}
"""Where names stand that would stand on each other: points to the right of a mark, and above it."""


if __name__ == '__main__':
    draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]))
