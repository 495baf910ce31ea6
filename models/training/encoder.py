"""The encoder as PyTorch: BERT layers over frozen word vectors, mean pooling, a label head and a context head."""
import dataclasses
import json
import pathlib

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from corpus import CONTEXTS, LABELS


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of an encoder. `layers` names which layers of the base are kept, in order."""
    vocabulary: int
    hidden: int
    heads: int
    intermediate: int
    epsilon: float
    layers: tuple[int, ...]
    positions: int
    word_size: int
    """Size of a word's vector; where it is not `hidden`, a matrix makes it that."""


class Layer(nn.Module):
    """One post-norm transformer layer with a joint projection for query, key and value."""

    def __init__(self, shape: Shape, dropout: float):
        super().__init__()
        self.heads = shape.heads
        self.query_key_value = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.attention_output = nn.Linear(shape.hidden, shape.hidden)
        self.attention_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.intermediate = nn.Linear(shape.hidden, shape.intermediate)
        self.output = nn.Linear(shape.intermediate, shape.hidden)
        self.output_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        # One draw a text and feature, for all of its tokens (Gal and Ghahramani 2016); a draw a token costs a tenth of a step.
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, hidden = x.shape
        joint = self.query_key_value(x).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = joint.permute(2, 0, 3, 1, 4)
        # Written out: over texts this short torch's fused attention takes several times as long on the way back.
        match = (query * (hidden // self.heads) ** -0.5) @ key.transpose(2, 3)
        if mask is not None:
            match = match.masked_fill(~mask, float('-inf'))
        attended = (match.softmax(-1).to(value.dtype) @ value).transpose(1, 2).reshape(batch, length, hidden)
        x = self.attention_norm(x + self.dropped(self.attention_output(attended)))
        return self.output_norm(x + self.dropped(self.output(functional.gelu(self.intermediate(x)))))

    def dropped(self, x: Tensor) -> Tensor:
        return self.dropout(x.transpose(1, 2)).transpose(1, 2)


class Encoder(nn.Module):
    """Token ids [batch, length] to label logits [batch, 5] and context logits [batch, 4]."""

    def __init__(self, shape: Shape, dropout: float = 0.1):
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.vocabulary, shape.word_size)
        self.words.weight.requires_grad_(False)
        self.word_projection = nn.Linear(shape.word_size, shape.hidden) if shape.word_size != shape.hidden else None
        self.positions = nn.Parameter(torch.zeros(shape.positions, shape.hidden))
        self.embedding_norm = nn.LayerNorm(shape.hidden, shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in shape.layers)
        # Pooled features of the base share a large mean and hardly vary: the heads see them standardised.
        self.register_buffer('center', torch.zeros(shape.hidden))
        self.register_buffer('spread', torch.ones(shape.hidden))
        self.pooled_dropout = nn.Dropout(dropout)
        self.labels = nn.Linear(shape.hidden, len(LABELS))
        self.context = nn.Linear(shape.hidden, len(CONTEXTS))

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Rows shorter than the batch are padded on the right; `lengths` says how many ids of a row count."""
        words = self.words(ids)
        if self.word_projection:
            words = self.word_projection(words)
        x = self.embedding_norm(words + self.positions[:ids.shape[1]])
        if lengths is None:
            mask, weights = None, torch.ones(ids.shape, device=ids.device)
        else:
            real = torch.arange(ids.shape[1]) < lengths[:, None]
            mask, weights = real[:, None, None, :], real.float()
        for layer in self.layers:
            x = layer(x, mask)
        pooled = (x * weights[:, :, None]).sum(1) / weights.sum(1, keepdim=True)
        pooled = self.pooled_dropout((pooled - self.center) / self.spread)
        return self.labels(pooled), self.context(pooled)

    @torch.no_grad()
    def fold_standardisation(self) -> None:
        """Moves center and spread into the heads; what the encoder computes stays the same."""
        for head in (self.labels, self.context):
            head.weight /= self.spread
            head.bias -= head.weight @ self.center
        self.center.zero_()
        self.spread.fill_(1)

    def head_parameters(self) -> list[nn.Parameter]:
        return [*self.labels.parameters(), *self.context.parameters()]

    def body_parameters(self) -> list[nn.Parameter]:
        heads = {id(p) for p in self.head_parameters()}
        return [p for p in self.parameters() if p.requires_grad and id(p) not in heads]


def from_base(folder: pathlib.Path, keep: tuple[int, ...], positions: int) -> Encoder:
    """An encoder with the base's weights and fresh heads; keeps the listed layers (all if the list is empty)."""
    config = json.loads((folder / 'config.json').read_text())
    keep = keep or tuple(range(config['num_hidden_layers']))
    encoder = Encoder(Shape(config['vocab_size'], config['hidden_size'], config['num_attention_heads'],
                            config['intermediate_size'], config['layer_norm_eps'], keep, positions, config['hidden_size']))
    base = load_file(folder / 'model.safetensors')
    embeddings = 'embeddings.'
    state = {'words.weight': base[embeddings + 'word_embeddings.weight'],
             # Every text is of type 0: its vector joins the positions.
             'positions': base[embeddings + 'position_embeddings.weight'][:positions]
                          + base[embeddings + 'token_type_embeddings.weight'][0]}
    names = (('attention.output.dense', 'attention_output'), ('attention.output.LayerNorm', 'attention_norm'),
             ('intermediate.dense', 'intermediate'), ('output.dense', 'output'), ('output.LayerNorm', 'output_norm'))
    for part in ('weight', 'bias'):
        state[f'embedding_norm.{part}'] = base[f'{embeddings}LayerNorm.{part}']
        for new, old in enumerate(keep):
            prefix = f'encoder.layer.{old}.'
            state[f'layers.{new}.query_key_value.{part}'] = torch.cat(
                [base[f'{prefix}attention.self.{name}.{part}'] for name in ('query', 'key', 'value')])
            for theirs, ours in names:
                state[f'layers.{new}.{ours}.{part}'] = base[f'{prefix}{theirs}.{part}']
    missing, unexpected = encoder.load_state_dict(state, strict=False)
    if unexpected or not all(name.startswith(('labels.', 'context.', 'center', 'spread')) for name in missing):
        raise ValueError(f'{folder} does not hold the expected encoder: missing {missing}, unexpected {unexpected}')
    return encoder
