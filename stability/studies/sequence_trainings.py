"""Small healthy trainings of networks for sequences: texts of known sentences, sequences backwards, rows of digits."""

from typing import cast

import torch
from torch import nn

from stability.studies.attention import AttentionBlock
from stability.studies.small_trainings import (
    SmallRun,
    SmallTraining,
    accuracy,
    entropy_losses,
    minibatches,
    supervised,
    warmed_up,
)
from stability.studies.training_data import SIGNS, digit_images, reversed_sequences, sentences

Tensor = torch.Tensor

LENGTH, READERS = 32, 16
"""How many characters a language model sees, and how many pieces of text make a batch."""

GPT_STEPS, TRANSFORMER_STEPS = 500, 700


class CharacterModel(nn.Module):
    """A language model of characters with causal attention, as GPT is built."""

    def __init__(self, dim: int = 48, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.signs, self.places = nn.Embedding(len(SIGNS), dim), nn.Embedding(LENGTH, dim)
        self.blocks = nn.Sequential(*[AttentionBlock(dim, heads, causal=True) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, len(SIGNS), bias=False)
        self.apply(self._initialised)

    @staticmethod
    def _initialised(part: nn.Module) -> None:
        if isinstance(part, nn.Linear | nn.Embedding):
            nn.init.normal_(part.weight, std=0.02)
        if isinstance(part, nn.Linear) and part.bias is not None:
            nn.init.zeros_(part.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each sign that may come next, (batch, places, signs)."""
        places = torch.arange(x.shape[1], device=x.device)
        return cast(Tensor, self.head(self.norm(self.blocks(self.signs(x) + self.places(places)))))


class RecurrentModel(nn.Module):
    """A language model of characters with an LSTM."""

    def __init__(self, dim: int = 16, hidden: int = 64) -> None:
        super().__init__()
        self.signs, self.lstm = nn.Embedding(len(SIGNS), dim), nn.LSTM(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, len(SIGNS))

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each sign that may come next, (batch, places, signs)."""
        return cast(Tensor, self.head(self.lstm(self.signs(x))[0]))


class RowReader(nn.Module):
    """Reads an image row by row with the simplest recurrent network, and classifies it at the end."""

    def __init__(self, hidden: int = 48) -> None:
        super().__init__()
        self.rnn, self.head = nn.RNN(8, hidden, nonlinearity="relu", batch_first=True), nn.Linear(hidden, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each class."""
        return cast(Tensor, self.head(self.rnn(x[:, 0])[0][:, -1]))


class SequenceModel(nn.Module):
    """The encoder of torch with its defaults (ReLU, normalised after), and a linear map at every place."""

    def __init__(self, signs: int = 10, length: int = 8, dim: int = 32) -> None:
        super().__init__()
        self.signs, self.places = nn.Embedding(signs, dim), nn.Parameter(0.1 * torch.randn(length, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.05, batch_first=True)
        self.encoder, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(dim, signs)

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each sign at each place."""
        return cast(Tensor, self.head(self.encoder(self.signs(x) + self.places)))


def _on_text(
    model: nn.Module, optimiser: torch.optim.Optimizer, seed: int, steps: int | None = None, warmup: int = 0
) -> SmallRun:
    """Return the training of a language model; a step takes pieces of text that begin anywhere."""
    text, other = sentences(2000, 0), sentences(60, 1)
    stream = torch.Generator().manual_seed(seed)

    def drawn() -> tuple[Tensor, Tensor]:
        begin = torch.randint(len(text) - LENGTH - 1, (READERS, 1), generator=stream)
        piece = text[begin + torch.arange(LENGTH + 1)]
        return piece[:, :-1], piece[:, 1:]

    pieces = other[: len(other) // (LENGTH + 1) * (LENGTH + 1)].view(-1, LENGTH + 1)
    score = accuracy(model, pieces[:, :-1], pieces[:, 1:])
    schedule = None if steps is None else warmed_up(optimiser, steps, warmup)
    return supervised(model, drawn, entropy_losses, optimiser, score, schedule, clip=1.0)


def gpt(seed: int) -> SmallRun:
    """Return a language model as GPT is built and trained: AdamW, warm-up, half a cosine, clipping."""
    model = CharacterModel()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, betas=(0.9, 0.95), weight_decay=0.1)
    return _on_text(model, optimiser, seed, GPT_STEPS, warmup=50)


def lstm(seed: int) -> SmallRun:
    """Return a language model with an LSTM; Adam, clipping."""
    model = RecurrentModel()
    return _on_text(model, torch.optim.Adam(model.parameters(), 5e-3), seed)


def rnn(seed: int) -> SmallRun:
    """Return a recurrent network with ReLU that reads digits row by row; Adam, clipping."""
    x, y, u, v = digit_images()
    model, drawn = RowReader(), minibatches(seed, 64, x, y)
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    return supervised(model, drawn, entropy_losses, optimiser, accuracy(model, u, v), clip=1.0)


def transformer(seed: int) -> SmallRun:
    """Return torch's own transformer encoder, which learns to write sequences backwards; Adam, warm-up."""
    x, y, u, v = reversed_sequences()
    model, drawn = SequenceModel(), minibatches(seed, 64, x, y)
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    schedule = warmed_up(optimiser, TRANSFORMER_STEPS, 100)
    return supervised(model, drawn, entropy_losses, optimiser, accuracy(model, u, v), schedule)


SEQUENCE_TRAININGS = (
    SmallTraining("gpt", "a language model of characters as GPT is built, AdamW", GPT_STEPS, 0.18, 0.8, gpt),
    SmallTraining("lstm", "a language model of characters with an LSTM, Adam", 500, 0.18, 0.8, lstm),
    SmallTraining("rnn", "a recurrent network with ReLU on rows of digits, Adam", 600, 0.1, 0.8, rnn),
    SmallTraining("transformer", "torch's encoder, which reverses, Adam", TRANSFORMER_STEPS, 0.1, 0.9, transformer),
)
