"""Words in a disguised spelling, written plainly: the Python twin of `crates/bellwether/src/text_view/disguise.rs`."""
import re

MIN_PARTED_LETTERS, MIN_REPEATS, MIN_LETTERS, MAX_FIGURES_IN_A_ROW, MAX_FIGURED_CHARS = 3, 3, 5, 2, 20

_LATIN = 'A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f'
_CYRILLIC = '\u0400-\u0481\u048a-\u04ff'
_GREEK = '\u0391-\u03c9'
_ALPHABETIC = f'{_LATIN}{_CYRILLIC}{_GREEK}\u0620-\u064a\u0671-\u06d3'
LETTER = f'[{_ALPHABETIC}\u3400-\u4dbf\u4e00-\u9fff]'
_MARK = '[!-/:-@[-`{-~،؛؟、。»”…]'
_PARTED = re.compile(rf'(?<![^ ])(?:{LETTER} ){{{MIN_PARTED_LETTERS - 1},}}{LETTER}{_MARK}*(?![^ ])')
_PARTS = re.compile(rf'((?:(?!{LETTER}).)*)({LETTER}(?:[.\-_*·]{LETTER}){{{MIN_PARTED_LETTERS - 1},}})((?:(?!{LETTER}).)*)', re.DOTALL)
_STRETCH = re.compile(rf'([{_ALPHABETIC}])(?!\1*(?![{_ALPHABETIC}]))[{_ALPHABETIC}]{{{MIN_LETTERS - 1},}}')
_REPEATED = re.compile(rf'(.)\1{{{MIN_REPEATS - 1},}}', re.DOTALL)
_LATIN_LETTER, _FOREIGN_LETTER = re.compile(f'[{_LATIN}]'), re.compile(f'[{_CYRILLIC}{_GREEK}]')
_LOOKALIKES = dict(zip('асеіјорѕхуАВСЕНІЈКМОРЅТХУ' 'αεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'aceijopsxyABCEHIJKMOPSTXY' 'aeikvoptuxABEZHIKMNOPTYX'))
_TO_CYRILLIC = {latin: foreign for foreign, latin in _LOOKALIKES.items() if '\u0400' <= foreign <= '\u04ff'}
_FIGURES = dict(zip('01345' '7@$', 'oieas' 'tas'))
_FIGURED = re.compile(rf"([^{_LATIN}013457@$]*)([{_LATIN}013457@$](?:[{_LATIN}013457@$'’\-]*[{_LATIN}013457@$])?)([^{_LATIN}013457@$]*)", re.DOTALL)
_BETWEEN = re.compile(rf'[{_LATIN}][013457@$]+[{_LATIN}]')
_TOO_MANY = re.compile(rf'[013457@$]{{{MAX_FIGURES_IN_A_ROW + 1},}}')


def written_plainly(view: str) -> str:
    """The view with its disguised words in plain spelling."""
    view = _PARTED.sub(lambda match: match[0].replace(' ', ''), view)
    return ' '.join(_plain_spelling(word) for word in view.split(' '))


def _plain_spelling(word: str) -> str:
    return _written_once(_with_letters_for_figures(_written_once(_in_one_script(_without_parts(word)))))


def _without_parts(word: str) -> str:
    match = _PARTS.fullmatch(word)
    return match[1] + match[2][::2] + match[3] if match else word


def _in_one_script(word: str) -> str:
    if word.isascii() or not _LATIN_LETTER.search(word) or not _FOREIGN_LETTER.search(word):
        return word
    for letter, table in ((_FOREIGN_LETTER, _LOOKALIKES), (_LATIN_LETTER, _TO_CYRILLIC)):
        if all(c in table for c in letter.findall(word)):
            return letter.sub(lambda match: table[match[0]], word)
    return word


def _written_once(word: str) -> str:
    return _STRETCH.sub(lambda match: _REPEATED.sub(r'\1', match[0]), word) if _REPEATED.search(word) else word


def _with_letters_for_figures(word: str) -> str:
    match = _FIGURED.fullmatch(word)
    if not match or word.startswith('@'):
        return word
    core = match[2]
    figures = sum(c in _FIGURES for c in core)
    letters = len(_LATIN_LETTER.findall(core))
    if not _BETWEEN.search(core) or _TOO_MANY.search(core) or letters < figures or letters + figures > MAX_FIGURED_CHARS:
        return word
    plain = ''.join(_FIGURES.get(c, c) for c in core)
    return match[1] + (plain if any(map(str.islower, core)) else plain.upper()) + match[3]
