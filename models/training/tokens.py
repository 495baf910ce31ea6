"""Texts to token ids, with the pruned tokenizer and the same words as the Rust library."""
import pathlib

from tokenizers import Tokenizer

from text_view import disguised_view, text_view, words

WINDOW_TOKENS, WINDOW_OVERLAP = 126, 32
"""Content tokens of a window at most, and how many of them the next window repeats at least; the manifest carries both."""


class Tokens:
    """Encodes words and joins them between the begin and end tokens."""

    def __init__(self, path: pathlib.Path, keep_disguises: bool = False):
        self.view = disguised_view if keep_disguises else text_view
        self.tokenizer = Tokenizer.from_file(str(path))
        self.tokenizer.encode_special_tokens = True
        self.begin, self.pad, self.end, self.unknown = (self.tokenizer.token_to_id(t) for t in ('<s>', '<pad>', '</s>', '<unk>'))
        self.control = {self.begin, self.pad, self.end}

    def content(self, text: str) -> list[int]:
        """Ids of the whole text without special tokens."""
        ids = self.tokenizer.encode(' '.join(words(self.view(text))), add_special_tokens=False).ids
        # A text that spells out a control token never yields that token.
        return [self.unknown if id in self.control else id for id in ids]

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids of the text's beginning: `limit` at most, the begin and end tokens counted."""
        # A token is seldom longer than 12 characters: cut before tokenizing what would be dropped.
        return [self.begin, *self.content(text[:12 * limit])[:limit - 2], self.end]

    def windows(self, text: str) -> list[list[int]]:
        """The whole document as overlapping windows of one length, no longer than it takes."""
        ids = self.content(text)
        overlaps = -(-max(len(ids) - WINDOW_TOKENS, 0) // (WINDOW_TOKENS - WINDOW_OVERLAP))
        length = -(-(len(ids) + overlaps * WINDOW_OVERLAP) // (overlaps + 1))
        starts = [i * (len(ids) - length) // max(overlaps, 1) for i in range(overlaps + 1)]
        return [[self.begin, *ids[start:start + length], self.end] for start in starts]
