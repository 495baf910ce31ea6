"""The normalised text that the model reads: the Python twin of `crates/bellwether/src/text_view.rs`.

The two are one definition; the golden vectors hold them together.
"""
import re
import unicodedata

from capitals import written_small
from disguise import written_plainly

MAX_WORD_CHARS = 256
"""A run without white space is cut into words of at most this many characters, as `Tokenizer` does in Rust."""

_INVISIBLE = re.compile(
    '[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164'
    '\ufcf2-\ufcf4\ufe00-\ufe0f\ufe71\ufe77\ufe79\ufe7b\ufe7d\ufe7f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff]')
_SPACE = re.compile('[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+')


def text_view(text: str) -> str:
    """Removes characters that say nothing, applies NFKC, folds white space and control characters to single spaces, undoes disguises and capitals."""
    return written_small(written_plainly(disguised_view(text)))


def disguised_view(text: str) -> str:
    """The view of model 0.2 and before, which left disguises and capitals as they are."""
    return _SPACE.sub(' ', unicodedata.normalize('NFKC', _INVISIBLE.sub('', text))).strip(' ')


def words(view: str) -> list[str]:
    """The words of a view, each short enough to be tokenized by itself."""
    return [word[i:i + MAX_WORD_CHARS] for word in view.split(' ') if word for i in range(0, len(word), MAX_WORD_CHARS)]
