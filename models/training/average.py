"""Averages the weights of two rounds (Wortsman et al. 2022, *Model soups*, ICML): what the two disagree in counts half.

    python average.py CHECKPOINT CHECKPOINT OUT_FOLDER
"""
import argparse
import json
import pathlib

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('first', 'second', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    first, second = (torch.load(path) for path in (arguments.first, arguments.second))
    if first['layers'] != second['layers']:
        raise SystemExit('the two have not the same layers')
    mean = {name: value.lerp(second['encoder'][name], 0.5) for name, value in first['encoder'].items()}
    arguments.out.mkdir(parents=True, exist_ok=True)
    rounds = [json.loads((path.parent / 'round.json').read_text()) for path in (arguments.first, arguments.second)]
    (arguments.out / 'round.json').write_text(json.dumps({'mean_of': rounds}))
    torch.save({'encoder': mean, 'layers': first['layers']}, arguments.out / 'checkpoint.pt')


if __name__ == '__main__':
    main()
