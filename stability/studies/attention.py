"""A block of a transformer, as it is written today: normalised before, GELU, residual."""

from typing import cast

import torch
from torch import nn
from torch.nn import functional

Tensor = torch.Tensor


class AttentionBlock(nn.Module):
    """Attention and a perceptron, each added to what it got.

    Parameters
    ----------
    dim, heads : int
    causal : bool
        Whether a place sees only those before it, and itself.
    dropout : float
        Of what is added.
    """

    def __init__(self, dim: int, heads: int, causal: bool, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.causal, self.dropout = heads, causal, nn.Dropout(dropout)
        self.norm1, self.qkv, self.out = nn.LayerNorm(dim), nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.norm2, self.up, self.down = nn.LayerNorm(dim), nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Return sequences (batch, places, dim) of the same shape."""
        n, places, dim = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, places, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.dropout(self.out(mixed.transpose(1, 2).reshape(n, places, dim)))
        return cast(Tensor, x + self.dropout(self.down(functional.gelu(self.up(self.norm2(x))))))
