"""Spelling disguises seen in the wild, applied at random to training texts of every kind.

Benign texts are disguised as often as positives: a disguise must not itself become the signal.
"""
import random

_LEET = str.maketrans('aeiost', '431057')
_HOMOGLYPHS = str.maketrans('aceopxyABCEHKMOPTX', 'асеорхуАВСЕНКМОРТХ')


KINDS = ('upper', 'lower', 'leet', 'homoglyph', 'spaced', 'repeated', 'dotted', 'emoji')


def obfuscate(text: str, generator: random.Random, kind: str | None = None) -> str:
    """The text with one kind of disguise, drawn if not given, over all or some of its words."""
    kind = kind or generator.choice(KINDS)
    if kind == 'upper':
        return text.upper()
    if kind == 'lower':
        return text.lower()
    share = generator.uniform(0.2, 0.7)
    return ' '.join(_disguise(word, kind, generator) if generator.random() < share else word for word in text.split(' '))


def _disguise(word: str, kind: str, generator: random.Random) -> str:
    if len(word) < 3 or word.startswith(('http', '@')):
        return word
    match kind:
        case 'leet':
            return word.lower().translate(_LEET)
        case 'homoglyph':
            return word.translate(_HOMOGLYPHS)
        case 'spaced':
            return ' '.join(word)
        case 'dotted':
            return '.'.join(word)
        case 'repeated':
            at = generator.randrange(len(word))
            return word[:at] + word[at] * generator.randrange(2, 5) + word[at + 1:]
        case _:
            return word + generator.choice(['🔥', '💪', '🙏', '‼️', '😂', '📢'])
