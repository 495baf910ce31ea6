"""Text in capitals, in small letters: the Python twin of `crates/bellwether/src/text_view/capitals.rs`."""
import re

from disguise import LETTER

MIN_WORDS = 3
_DOTTED = '\u0130'
_CAPITALS = ''.join(c for start, end in ((0x41, 0x5a), (0xc0, 0xde), (0x100, 0x17f), (0x386, 0x3ab), (0x400, 0x4ff))
                    for c in map(chr, range(start, end + 1)) if c != _DOTTED and c.lower() != c)
_SMALL = str.maketrans(_CAPITALS, ''.join(c.lower() for c in _CAPITALS))
_CAPITAL = re.compile(f'[{_CAPITALS}{_DOTTED}]')
_OTHER = re.compile(f'(?![{_CAPITALS}{_DOTTED}]){LETTER}')


def written_small(view: str) -> str:
    """The view with every run of `MIN_WORDS` or more words in capitals in small letters."""
    words, run, count = view.split(' '), 0, 0
    for i, word in enumerate([*words, 'x']):
        if not _OTHER.search(word):
            count += len(_CAPITAL.findall(word)) > 1
            continue
        if count >= MIN_WORDS:
            words[run:i] = [word.translate(_SMALL) for word in words[run:i]]
        run, count = i + 1, 0
    return ' '.join(words)
