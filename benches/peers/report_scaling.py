"""The part of the page on length, share, threads, and a crawl."""
import crawl_cost
import intervals
from report_tables import interval, number, table
from scaling import MODES


def _rates(rows: list[dict], of: str, **chosen) -> list[float]:
    """`of` a second of the rows that have these values."""
    return [row[of] / row['seconds'] for row in rows if all(row[key] == value for key, value in chosen.items())]


def _known(rows: list[dict], key: str) -> list:
    return sorted({row[key] for row in rows})


def lengths(results: dict) -> str:
    rows = results['lengths']
    cells = lambda length: [number(intervals.median(_rates(rows, 'documents', mode=mode, length=length))['value']) for mode in MODES]
    megabytes = lambda length: [number(intervals.median(_rates(rows, 'bytes', mode=mode, length=length))['value'] / 1e6) for mode in MODES]
    return table(['bytes', *MODES, *(f'{mode}: MB/s' for mode in MODES)],
                 [[number(length), *cells(length), *megabytes(length)] for length in _known(rows, 'length')])


def shares(results: dict) -> str:
    rows = results['shares']
    lines = []
    for share in _known(rows, 'share'):
        rates = {mode: _rates(rows, 'documents', mode=mode, share=share) for mode in MODES}
        lines.append([f'{share:.1%}', *(interval(intervals.median(rates[mode])) for mode in MODES),
                      interval(intervals.ratio(rates['cascade'], rates['encoder']))])
    passes = len(_known(rows, 'pass'))
    told = f"""\
{number(rows[0]['documents'])} documents of all languages, as the pool has them; a positive document is a benign one with a positive passage at its
end. Documents a second, medians of {passes} pass{'es' if passes > 1 else ''}.

"""
    return told + table(['share', *MODES, 'cascade, times encoder'], lines)


def threads(results: dict) -> str:
    rows = results['threads']
    lines = []
    for mode in ('gate', 'encoder'):
        one, two = (_rates(rows, 'documents', mode=mode, threads=count) for count in (1, 2))
        documents = next(row['documents'] for row in rows if row['mode'] == mode)
        rates = [number(intervals.median(rate)['value']) for rate in (one, two)]
        lines.append([mode, number(documents), *rates, interval(intervals.ratio(two, one))])
    pairs = len(_known(rows, 'pair'))
    told = f"""\
`bellwether score FILE --mode MODE --threads N -o OUTPUT`: wall time, with loading, language identification and writing; {pairs}
pair{'s' if pairs > 1 else ''} of runs by turns. The gate reads a `.jsonl.zst` file of documents of all languages, the encoder the first English ones.

"""
    return told + table(['mode', 'documents', '1 thread: documents/s', '2 threads: documents/s', '2 threads, times 1'], lines)


def crawl(results: dict) -> str:
    gzip_ratio = results['known']['gzip_ratio']
    rows = results['lengths']
    length = crawl_cost.nearest_length(gzip_ratio, tuple(_known(rows, 'length')))
    text = crawl_cost.text_bytes(gzip_ratio)
    lines = []
    for mode in MODES:
        rate = intervals.median(_rates(rows, 'bytes', mode=mode, length=length))['value']
        lines.append([mode, number(rate / 1e6), number(crawl_cost.core_hours(gzip_ratio, rate))])
    return f"""\
An estimate. CC-MAIN-2024-22 has [{crawl_cost.PAGES / 1e9:.1f} billion pages]({crawl_cost.PAGES_SOURCE}), by Common Crawl, and
[{crawl_cost.WET_BYTES / 1e12:.2f} TB of WET files]({crawl_cost.WET_SOURCE}), gzipped page by page, by others who
counted. A byte of gzip holds {gzip_ratio:.2f} bytes of text where pool documents of 3,000 bytes and more are compressed one by one: that makes about
{text / 1e12:.1f} TB of text, {number(text / crawl_cost.PAGES)} bytes a page, headers of records counted in. Core-hours are these bytes, divided by the MB/s of one thread at
{number(length)} bytes (above, English) and by 3,600 seconds. Reading and decompressing files, identifying languages and writing results come on top.

""" + table(['mode', 'MB/s', 'core-hours'], lines)
