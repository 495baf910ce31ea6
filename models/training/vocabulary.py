"""Prunes the base vocabulary to the declared languages and cuts the embedding table to match.

    python vocabulary.py BASE_FOLDER DATA_FOLDER OUT_FOLDER

A piece is kept if a frequent word of a declared language uses it (word lists of the `wordfreq` package),
if the data pools use it at least `MIN_COUNT` times, or if it is a single character of a declared script.
Prints the share of unknown tokens a language before and after.
"""
import argparse
import collections
import json
import pathlib
import unicodedata

import numpy as np
import wordfreq
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

import corpus
from corpus import DECLARED
from base_model import tokenizer_json
from text_view import disguised_view

WORDS = {'en': 60_000, 'ar': 60_000, 'zh': 60_000, 'fr': 60_000, 'ru': 60_000, 'es': 60_000}
SECONDARY_WORDS = 30_000
MIN_COUNT = 3
SCRIPTS = ('LATIN', 'ARABIC', 'CYRILLIC', 'CJK UNIFIED', 'DIGIT')


def keeps_single(piece: str) -> bool:
    character = piece.removeprefix('▁')
    if len(character) != 1:
        return piece == '▁'
    name = unicodedata.name(character, '')
    return name.startswith(SCRIPTS) or unicodedata.category(character)[0] in 'PSN'


def pool_texts(data: pathlib.Path):
    for name in ('posts', 'synthetic', 'weak', 'benign'):
        for row in corpus.rows(data / f'{name}.jsonl.zst'):
            if row['lang'] in DECLARED:
                yield row['lang'], disguised_view(row['text'])[:2000]


def count_pieces(tokenizer: Tokenizer, texts, batch: int = 4096):
    """Ids used, by language."""
    counts = collections.defaultdict(collections.Counter)
    pending = []

    def flush():
        for (lang, _), encoding in zip(pending, tokenizer.encode_batch_fast([t for _, t in pending], add_special_tokens=False)):
            counts[lang].update(encoding.ids)
        pending.clear()

    for item in texts:
        pending.append(item)
        if len(pending) == batch:
            flush()
    flush()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ('base', 'data', 'out'):
        parser.add_argument(name, type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    specification = json.loads((arguments.base / 'tokenizer.json').read_text())
    specification['normalizer'] = None
    specification['post_processor'] = None
    tokenizer = Tokenizer.from_str(json.dumps(specification))
    pieces = specification['model']['vocab']
    specials = {token['id']: token['content'] for token in specification['added_tokens']}

    pool = list(pool_texts(arguments.data))
    used = count_pieces(tokenizer, pool)
    total = sum(used.values(), collections.Counter())
    keep = {i for i, n in total.items() if n >= MIN_COUNT} | set(specials)
    keep |= {i for i, (piece, _) in enumerate(pieces) if keeps_single(piece)}
    for lang in DECLARED:
        words = wordfreq.top_n_list(lang, WORDS.get(lang, SECONDARY_WORDS))
        forms = [(lang, disguised_view(form)) for word in words for form in {word, word.capitalize()}]
        keep |= set(count_pieces(tokenizer, forms)[lang])
    ids = np.array(sorted(i for i in keep if i < len(pieces)))
    state = load_file(arguments.base / 'model.safetensors')
    state['embeddings.word_embeddings.weight'] = state['embeddings.word_embeddings.weight'][ids]
    save_file(state, arguments.out / 'model.safetensors')
    config = json.loads((arguments.base / 'config.json').read_text()) | {'vocab_size': len(ids)}
    (arguments.out / 'config.json').write_text(json.dumps(config))
    new_id = {int(old): new for new, old in enumerate(ids)}
    pruned = tokenizer_json([pieces[i] for i in ids], {new_id[i]: content for i, content in specials.items() if i in new_id},
                            new_id[specification['model']['unk_id']])
    (arguments.out / 'tokenizer.json').write_text(json.dumps(pruned, ensure_ascii=False))

    after = count_pieces(Tokenizer.from_str(json.dumps(pruned)), pool)
    unknown_before, unknown_after = specification['model']['unk_id'], pruned['model']['unk_id']
    for lang in DECLARED:
        before_total, after_total = used[lang].total(), after[lang].total()
        print(f'{lang}: {before_total} -> {after_total} tokens, unknown {used[lang][unknown_before] / before_total:.5%} -> '
              f'{after[lang][unknown_after] / after_total:.5%}')
    print(f'{len(pieces)} -> {len(ids)} pieces')


if __name__ == '__main__':
    main()
