"""Data of small trainings: digits, texts, pairs and functions, each made here or read from an installed library."""

from functools import cache

import numpy as np
import torch

from stability.training.deep.datasets import dataset

Tensor = torch.Tensor
Split = tuple[Tensor, Tensor, Tensor, Tensor]
"""Inputs and targets to train on, and those to score with."""

ADJECTIVES = ("small", "old", "red", "quiet", "round")
NOUNS = ("cat", "bird", "stone", "river", "house", "child")
VERBS = ("sees", "follows", "likes", "finds")
SIGNS = "".join(sorted({*"".join((*ADJECTIVES, *NOUNS, *VERBS)), *"the", " ", "."}))
"""The characters of `sentences`, in the order of their numbers."""


@cache
def digits_split() -> Split:
    """Return scikit-learn's digits: 1,527 rows of 64 pixels in [0, 1] to train on, 270 to score with, and labels."""
    data = dataset("digits")
    x, u = (torch.tensor(each, dtype=torch.float32) for each in (data.x_train, data.x_val))
    return x, torch.tensor(data.y_train), u, torch.tensor(data.y_val)


def digit_images() -> Split:
    """Return the same as images (n, 1, 8, 8), with the mean 0 and the deviation 1 of what is trained on."""
    x, y, u, v = digits_split()
    images = [((each - x.mean()) / x.std()).view(-1, 1, 8, 8) for each in (x, u)]
    return images[0], y, images[1], v


@cache
def moons_split(noise: float = 0.0) -> Split:
    """Return 200 points of two half circles and labels 0 or 1, float (n, 1); 200 other points to score with."""
    stream = np.random.default_rng(5)

    def drawn() -> tuple[Tensor, Tensor]:
        angle, label = np.pi * stream.random(200), np.arange(200) % 2
        x = np.stack([np.cos(angle) * (1 - 2 * label) + label, np.sin(angle) * (1 - 2 * label) + label / 2], 1)
        x = x + noise * stream.standard_normal(x.shape)
        return torch.tensor(x, dtype=torch.float32), torch.tensor(label[:, None], dtype=torch.float32)

    return (*drawn(), *drawn())


@cache
def sentences(count: int, seed: int) -> Tensor:
    """Return a text of sentences, each "the ADJECTIVE NOUN VERB the NOUN. ", as numbers of its characters (n,).

    Every word is drawn uniformly, so what can be learned is known: a word is certain once its first letters are.

    Examples
    --------
    >>> "".join(SIGNS[each] for each in sentences(1, 0).tolist())
    'the red stone sees the bird. '
    """
    stream = np.random.default_rng(seed)
    text = "".join(
        f"the {stream.choice(ADJECTIVES)} {stream.choice(NOUNS)} {stream.choice(VERBS)} the {stream.choice(NOUNS)}. "
        for _ in range(count)
    )
    return torch.tensor([SIGNS.index(each) for each in text])


@cache
def reversed_sequences(count: int = 2000, length: int = 8, signs: int = 10) -> Split:
    """Return random sequences of signs, int (count, length), and the same backwards; a fifth of them to score with."""
    x = torch.randint(signs, (count, length), generator=torch.Generator().manual_seed(7))
    cut = count - count // 5
    return x[:cut], x[:cut].flip(1), x[cut:], x[cut:].flip(1)


@cache
def noisy_function(noise: float = 0.5) -> Split:
    """Return 1,000 points of 8 coordinates with a function of them plus noise, and 500 without noise to score with."""
    stream = torch.Generator().manual_seed(11)
    x = torch.randn(1500, 8, generator=stream)
    y = torch.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3] / 2 + x[:, 3:4].abs()
    return x[:1000], y[:1000] + noise * torch.randn(1000, 1, generator=stream), x[1000:], y[1000:]


@cache
def noisy_labels() -> Split:
    """Return the digits with 510 of the 1,527 labels drawn at random; those to score with are clean."""
    x, y, u, v = digit_images()
    stream = torch.Generator().manual_seed(13)
    y, changed = y.clone(), torch.randperm(len(y), generator=stream)[: len(y) // 3]
    y[changed] = torch.randint(10, (len(changed),), generator=stream)
    return x, y, u, v
