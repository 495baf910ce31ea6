"""The manifest of a model folder: what the networks are, how their logits become scores, and scores labels."""
import hashlib
import math
import pathlib

import measures
from corpus import CONTEXTS, DECLARED, LABELS
from tokens import WINDOW_OVERLAP, WINDOW_TOKENS

VERSION = '0.7.0'
"""Raised with every trained model that is committed."""
MAX_WINDOWS = 1024


def _sha256(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def written(folder: pathlib.Path, name: str, calibration, points, screens: dict[str, tuple], held: int, flagged) -> str:
    """The text of manifest.toml."""
    quoted = lambda values: '[' + ', '.join(f'"{value}"' for value in values) + ']'
    lines = ['format = 4', f'name = "{name}"', f'version = "{VERSION}"',
             f'languages = {quoted(DECLARED)}', f'labels = {quoted(LABELS)}', f'contexts = {quoted(CONTEXTS)}', 'text_view = 4', '',
             '[windows]', f'content_tokens = {WINDOW_TOKENS}', f'overlap = {WINDOW_OVERLAP}', f'max_windows = {MAX_WINDOWS}', '']
    for label, (scale, offset) in zip(LABELS, calibration):
        lines += [f'[calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
    for profile, point in points.items():
        lines += [f'[operating_points.{profile}]', f'advocacy = {point.advocacy:.6f}', '', f'[operating_points.{profile}.thresholds]',
                  *(f'{label} = {value:.6f}' for label, value in zip(LABELS, point.thresholds)), '']
    for stage, (stage_calibration, thresholds) in screens.items():
        for label, (scale, offset) in zip(LABELS, stage_calibration):
            lines += [f'[{stage}.calibration.{label}]', f'scale = {scale:.6f}', f'offset = {offset:.6f}', '']
        # Rounded downwards: the text that a bar was taken from passes.
        lines += [f'[{stage}.thresholds]', *(f'{label} = {math.floor(value * 1e9) / 1e9:.9f}' for label, value in zip(LABELS, thresholds)), '']
    lines += _held_counts(held, flagged)
    for file in ('tokenizer.json', 'gate.onnx', 'student.onnx', 'encoder.onnx'):
        path = folder / file
        lines += [f'[files."{file}"]', f'sha256 = "{_sha256(path)}"', f'size = {path.stat().st_size}', '']
    return '\n'.join(lines)


def _held_counts(held: int, flagged: dict[str, list[int]]) -> list[str]:
    """The lines of a manifest that say how many held documents are given each label."""
    lines = ['# Held benign documents that the encoder gives each label to, with the 95 % interval of their share.',
             '[held_benign]', f'documents = {held}', '']
    for profile, counts in flagged.items():
        lines += [f'[held_benign.flagged.{profile}]']
        for label, count in zip(LABELS, counts):
            low, high = measures.wilson(count, held)
            lines += [f'{label} = {{ documents = {count}, low = {low:.7f}, high = {high:.7f} }}']
        lines += ['']
    return lines
