"""model2vec: a vector a token, distilled here from a base encoder as the authors of its potion models begin; the runner reads with it."""
import pathlib

from model2vec.distill import distill_from_model
from transformers import AutoModel

from contenders.base_encoder import ENGLISH, lay_out_multilingual, tokenizer_of

DIMENSIONS = 256


def distill(language: str, folder: pathlib.Path) -> None:
    """Makes the model folder that model2vec-rs opens."""
    base = ENGLISH
    if language == 'multilingual':
        base = folder / 'base'
        # Without NFKC, which texts rarely need, it is the faster.
        lay_out_multilingual(base, normalises=False)
    model = distill_from_model(AutoModel.from_pretrained(base), tokenizer_of(base), pca_dims=DIMENSIONS, device='cpu')
    model.save_pretrained(folder / 'model')
