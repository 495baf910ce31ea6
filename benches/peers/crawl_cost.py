"""What a month of Common Crawl would cost: facts about one, and the arithmetic."""
from collections.abc import Callable

PAGES = 2.7e9
"""Pages of CC-MAIN-2024-22, May 2024."""
PAGES_SOURCE = 'https://www.commoncrawl.org/blog/may-2024-crawl-archive-now-available'
WET_BYTES = 7.31e12
"""Bytes of its text extracts (WET) as they are stored, each page's compressed by gzip."""
WET_SOURCE = 'https://github.com/eugenesiow/LLM-Insights/blob/main/dataengineering/cc/README.md'


def text_bytes(gzip_ratio: float) -> float:
    """Bytes of its text, about."""
    return WET_BYTES * gzip_ratio


def core_hours(gzip_ratio: float, bytes_per_second: float) -> float:
    return text_bytes(gzip_ratio) / bytes_per_second / 3600


def nearest_length(gzip_ratio: float, lengths: tuple[int, ...]) -> int:
    """The measured length that is nearest to a page's, by ratio."""
    page = text_bytes(gzip_ratio) / PAGES
    distance: Callable[[int], float] = lambda length: max(length / page, page / length)
    return min(lengths, key=distance)
