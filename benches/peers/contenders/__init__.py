"""The peers that run in Python, a module each: how it is trained, and how it scores.

A module has `train(rows, folder) -> dict`, which leaves what scoring needs in a folder and tells what was chosen (where there is
anything to train), and a class `Contender(folder)` with `description`, `scores(texts) -> array [texts, 5]` and, where it does not read
all of a text, `bytes_read(texts)`. One that can read in batches has `batches`, those that it offers, and `batch`,
the one that it uses.
"""
