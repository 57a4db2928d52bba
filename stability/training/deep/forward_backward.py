"""Forward and backward pass of many deep networks at once, layer by layer, by hand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from stability.training.deep.parameters import Parameters
from stability.training.deep.settings import Settings

Tensor = torch.Tensor

LANES = 16
"""Points are filled up to a multiple of this: products of matrices whose rows start anywhere are rounded by where."""

BATCH_EPS, BATCH_MOMENTUM = 1e-3, 0.01
"""Of batch normalisation: what is added to variances, and the share of a batch in the running means."""


def filled(n: int) -> int:
    """Return the least multiple of LANES from n."""
    return -(-n // LANES) * LANES


def root(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the square root, correctly rounded wherever a number stands; that of torch on CPUs is not."""
    out = torch.empty_like(x) if out is None else out
    if x.device.type == "cpu":
        np.sqrt(x.numpy(), out=out.numpy())
        return out
    return torch.sqrt(x, out=out)


class LayerPass:
    """Buffers of a forward and a backward pass of S networks over the same points.

    Points at the origin fill up what the first t are trained on to t', and all of them to n'. Backward passes run over
    the first t' columns, where those that are not trained on have zero slopes.

    Attributes
    ----------
    train : int
        The number t of points that are trained on.
    z : tensor (D, S, w, n')
        What the activation functions get; after batch normalisation where there is one.
    h : tensor (D, S, f + 1, n')
        What layers hand on, and a row of ones.
    logits : tensor (S, 1, n')
    dz : tensor (D, S, w, t')
        Slopes of the objective in z.
    keep : tensor (D, S, f, n')
        Factors of dropout; of size 0 without it.
    """

    def __init__(self, settings: Settings, x: Tensor, seeds: int, train: int) -> None:
        d, w, f, n = settings.depth, settings.width, settings.features, filled(len(x))
        how: Any = {"dtype": x.dtype, "device": x.device}
        self.settings, self.train = settings, train
        points = torch.nn.functional.pad(x.T, (0, n - len(x)))
        self.inputs = torch.cat([points, torch.ones(1, n, **how)]).expand(seeds, -1, -1).contiguous()
        self.z = torch.zeros(d, seeds, w, n, **how)
        self.h = torch.ones(d, seeds, f + 1, n, **how)
        self.logits = torch.zeros(seeds, 1, n, **how)
        self.dz = torch.zeros(d, seeds, w, filled(train), **how)
        self.slope = torch.zeros_like(self.dz)
        self.dh = torch.zeros(seeds, f, filled(train), **how)
        self.spare = torch.zeros(seeds, w, n, **how)
        self.keep = torch.ones(d if settings.dropout else 0, seeds, f, n, **how)
        self._ones, self._low = torch.ones((), **how), torch.full((), settings.slope, **how)
        self._place()

    def _place(self) -> None:
        """Keep the views that the loops over layers need."""
        f, w, t = self.settings.features, self.settings.width, filled(self.train)
        self._below = [self.inputs, *self.h[:-1]]
        self._z, self._dz, self._slope = list(self.z), list(self.dz), list(self.slope)
        self._out = [h[:, :f] for h in self.h]
        self._upper, self._lower = [h[:, :w] for h in self.h], [h[:, w:f] for h in self.h]
        self._keep = list(self.keep)
        self._below_train = [x[..., :t].transpose(1, 2) for x in self._below]
        self._top_train = self.h[-1][..., :t].transpose(1, 2)
        self._hidden_train = self.h[:-1, ..., :t].flatten(0, 1).transpose(1, 2)

    @property
    def z_train(self) -> Tensor:
        """The pre-activations of the points that are trained on, (D, S, w, t)."""
        return self.z[..., : self.train]

    @property
    def z_back(self) -> Tensor:
        """The pre-activations that backward passes need, (D, S, w, t')."""
        return self.z[..., : self.dz.shape[-1]]

    def activate(self, k: int, dropping: bool = False) -> None:
        """Compute what layer k hands on from its pre-activations."""
        z, method = self._z[k], self.settings.method
        if method == "leaky":
            torch.mul(z, self.settings.slope, out=self.spare)
            torch.maximum(z, self.spare, out=self._upper[k])
        else:
            torch.clamp_min(z, 0, out=self._upper[k])
        if method == "crelu":
            torch.neg(z, out=self._lower[k]).clamp_min_(0)
        if dropping:
            self._out[k].mul_(self._keep[k])

    def forward(self, p: Parameters, logits: Tensor, dropping: bool = False) -> None:
        """Compute z, h and logits.

        Parameters
        ----------
        p : Parameters
        logits : tensor (S, 1, n')
            Where they go.
        dropping : bool
            Whether outputs are multiplied with `keep`.
        """
        for k, (weights, z, below) in enumerate(zip(p.layers, self._z, self._below, strict=False)):
            torch.bmm(weights, below, out=z)
            self.activate(k, dropping)
        torch.bmm(p.head, self.h[-1], out=logits)

    def slopes_of_activations(self) -> None:
        """Compute the slope of the activation function at all pre-activations."""
        if self.settings.method == "leaky":
            torch.where(self.z_back > 0, self._ones, self._low, out=self.slope)
        else:
            torch.gt(self.z_back, 0, out=self.slope)

    def backward(
        self, p: Parameters, dlogits: Tensor, extra: Tensor | None, slopes: Parameters, dropping: bool = False
    ) -> None:
        """Compute the slopes of the objective in all parameters.

        Parameters
        ----------
        p : Parameters
            As in the forward pass.
        dlogits : tensor (S, 1, t')
        extra : tensor (D, S, w, t'), optional
            What the penalty adds to the slopes in z.
        slopes : Parameters
            Where they go.
        dropping : bool
            As in the forward pass.
        """
        self.slopes_of_activations()
        torch.bmm(dlogits, self._top_train, out=slopes.head)
        above = dlogits
        for k in range(len(self._z) - 1, -1, -1):
            torch.bmm(p.turned[k], above, out=self.dh)
            self.through_activation(k, None if extra is None else extra[k], dropping)
            above = self._dz[k]
        self.slopes_of_weights(slopes)

    def slopes_of_weights(self, slopes: Parameters) -> None:
        """Compute the slopes in weights and biases of hidden layers from those in pre-activations."""
        torch.bmm(self._dz[0], self._below_train[0], out=slopes.first)
        torch.bmm(self.dz[1:].flatten(0, 1), self._hidden_train, out=slopes.hidden.flatten(0, 1))

    def through_activation(self, k: int, extra: Tensor | None, dropping: bool) -> None:
        """Compute dz of layer k from dh."""
        w, out = self.settings.width, self._dz[k]
        if dropping:
            self.dh.mul_(self._keep[k][..., : self.dh.shape[-1]])
        if extra is not None:
            torch.addcmul(extra, self.dh, self._slope[k], out=out)
            return
        torch.mul(self.dh[:, :w], self._slope[k], out=out)
        if self.settings.method == "crelu":
            out.sub_(self.dh[:, w:] * (self._z[k][..., : self.dh.shape[-1]] < 0))


@dataclass(frozen=True)
class Running:
    """Running means and variances of batch normalisation, each (D, S, w, 1)."""

    mean: Tensor
    variance: Tensor


class NormalisedPass(LayerPass):
    """The same with batch normalisation before the activation: by the batch to train, by running means to evaluate."""

    def __init__(self, settings: Settings, x: Tensor, seeds: int, train: int, running: Running) -> None:
        super().__init__(settings, x, seeds, train)
        self.running = running
        self.normal = torch.zeros_like(self.z)
        self.root = torch.ones_like(running.mean)

    def evaluate(self, p: Parameters, logits: Tensor) -> None:
        """Compute z, h and logits with running means and variances."""
        factor = p.scale / root(self.running.variance + BATCH_EPS)
        for k, (weights, z, below) in enumerate(zip(p.layers, self._z, self._below, strict=False)):
            torch.bmm(weights, below, out=z)
            z.sub_(self.running.mean[k]).mul_(factor[k]).add_(p.shift[k])
            self.activate(k)
        torch.bmm(p.head, self.h[-1], out=logits)

    def forward(self, p: Parameters, logits: Tensor, dropping: bool = False) -> None:
        """Compute z, h and logits by means and variances of the batch; move the running ones."""
        n = self.train
        for k, (weights, z, below) in enumerate(zip(p.layers, self._z, self._below, strict=False)):
            torch.bmm(weights, below, out=z)
            mean = z[..., :n].sum(-1, keepdim=True) / n
            z.sub_(mean)
            square = (z * z)[..., :n].sum(-1, keepdim=True)
            root(square / n + BATCH_EPS, out=self.root[k])
            torch.div(z, self.root[k], out=self.normal[k])
            torch.mul(self.normal[k], p.scale[k], out=z).add_(p.shift[k])
            self.activate(k, dropping)
            for held, found in (self.running.mean[k], mean), (self.running.variance[k], square / (n - 1)):
                held.mul_(1 - BATCH_MOMENTUM).add_(found * BATCH_MOMENTUM)
        torch.bmm(p.head, self.h[-1], out=logits)

    def backward(
        self, p: Parameters, dlogits: Tensor, extra: Tensor | None, slopes: Parameters, dropping: bool = False
    ) -> None:
        """Compute the slopes of the objective in all parameters, after a forward pass over the points to train on."""
        n, above = self.train, dlogits
        self.slopes_of_activations()
        torch.bmm(dlogits, self._top_train, out=slopes.head)
        for k in range(len(self._z) - 1, -1, -1):
            torch.bmm(p.turned[k], above, out=self.dh)
            self.through_activation(k, None if extra is None else extra[k], dropping)
            above, normal = self._dz[k], self.normal[k][..., : self.dz.shape[-1]]
            torch.sum(above, -1, keepdim=True, out=slopes.shift[k])
            torch.sum(above * normal, -1, keepdim=True, out=slopes.scale[k])
            above.sub_(slopes.shift[k] / n).sub_(normal * (slopes.scale[k] / n)).mul_(p.scale[k] / self.root[k])
            above[..., n:] = 0
        self.slopes_of_weights(slopes)
