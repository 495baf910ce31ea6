"""Tables and numbers in Markdown."""
from collections.abc import Iterable, Sequence


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    if value >= 100:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def interval(figure: dict, unit: float = 1.0, digits: int | None = None) -> str:
    """A figure and its interval."""
    show = number if digits is None else lambda value: f'{value:.{digits}f}'
    low, high = figure['interval']
    return f"{show(figure['value'] / unit)} ({show(low / unit)}–{show(high / unit)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(map(str, line)) + ' |' for line in lines)
