"""Starts the heads where a linear probe of the frozen base stands.

Random heads pull the features of the base to pieces before they learn anything of the rare labels; heads that already fit
them do not (Kumar et al. 2022, *Fine-tuning can distort pretrained features*, ICLR).
"""
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from corpus import CONTEXTS, LABELS, Document
from encoder import Encoder
from tokens import Tokens

LENGTH = 64
REGULARIZATION = 0.01


@torch.inference_mode()
def pooled_features(encoder: Encoder, tokens: Tokens, documents: list[Document]) -> np.ndarray:
    """Mean-pooled vectors [documents, hidden] of the texts' beginnings."""
    features = []
    hook = encoder.pooled_dropout.register_forward_pre_hook(lambda _, inputs: features.append(inputs[0].numpy().copy()))
    encoded = sorted(((tokens.encode(d.text, LENGTH), i) for i, d in enumerate(documents)), key=lambda e: len(e[0]))
    for start in range(0, len(encoded), 32):
        ids = [ids for ids, _ in encoded[start:start + 32]]
        width = len(ids[-1])
        encoder(torch.tensor([row + [tokens.pad] * (width - len(row)) for row in ids]), torch.tensor([len(row) for row in ids]))
    hook.remove()
    rows = np.empty((len(documents), encoder.shape.hidden), np.float32)
    rows[[i for _, i in encoded]] = np.concatenate(features)
    return rows


def initialise(encoder: Encoder, tokens: Tokens, documents: list[Document]) -> None:
    """Fits both heads on the frozen encoder's features of the documents."""
    encoder.eval()
    features = pooled_features(encoder, tokens, documents)
    center, spread = features.mean(0), features.std(0)
    features = (features - center) / spread
    weights = np.array([d.weight for d in documents])
    known = [i for i, d in enumerate(documents) if d.context]
    with torch.no_grad():
        encoder.center.copy_(torch.from_numpy(center))
        encoder.spread.copy_(torch.from_numpy(spread))
        for i, label in enumerate(LABELS):
            probe = LogisticRegression(C=REGULARIZATION, max_iter=300).fit(features, [label in d.labels for d in documents], weights)
            encoder.labels.weight[i] = torch.from_numpy(probe.coef_[0])
            encoder.labels.bias[i] = float(probe.intercept_[0])
        contexts = [CONTEXTS.index(documents[i].context) for i in known]
        probe = LogisticRegression(C=REGULARIZATION, max_iter=300).fit(features[known], contexts, weights[known])
        encoder.context.weight.copy_(torch.from_numpy(probe.coef_))
        encoder.context.bias.copy_(torch.from_numpy(probe.intercept_))
