"""The gradient of the separation penalty by pre-activations, at all layers of all networks at once."""

import torch

from stability.training.constraints.penalties import families

Tensor = torch.Tensor


class PenaltyGradient:
    """The slope of the penalty in pre-activations that lie unit by unit.

    Parameters
    ----------
    z : tensor (D, S, w, n')
        The pre-activations; looked at anew in every call.
    points, columns : int
        The first n of them count; the slope gets so many columns, n or more, with zeros beyond n.
    kind : str
        One of `stability.model.relu_network.KINDS`.
    weight, rho : float
        What the penalty is multiplied with, and the weight of the upper slack in it.
    power : int
        1 or 2.
    ties : str
        "split" or "first".
    """

    def __init__(
        self, z: Tensor, points: int, columns: int, kind: str, weight: float, rho: float, power: int, ties: str
    ) -> None:
        self.z, self.points, self.families = z[..., :columns], points, families(kind)
        self.weight, self.rho, self.power, self.ties = weight, rho, power, ties
        self.slope = torch.zeros(*z.shape[:-1], columns, dtype=z.dtype, device=z.device)
        self._copy, self._chosen = torch.zeros_like(self.slope), torch.zeros_like(self.slope)

    def __call__(self) -> Tensor:
        """Return the slope, (D, S, w, columns); the next call writes it anew."""
        n = self.points
        self._copy.copy_(self.z)
        self._copy[..., n:] = self._copy[..., :1]
        for place, family in enumerate(self.families):
            self._add(family, place == 0)
        self.slope[..., n:] = 0
        return self.slope

    def _add(self, family: str, fresh: bool) -> None:
        """Add the slope of one family of constraints, or write it."""
        axes = {"sep-u": (-1,), "sep-p": (-2,), "sep-l": (-2, -1)}[family]
        top, bottom = self._copy.amax(axes, keepdim=True), self._copy.amin(axes, keepdim=True)
        upper, lower = torch.relu(1 - top), torch.relu(1 + bottom)
        factor = self._factor(upper, lower)
        up, down = -self.rho * factor * (upper > 0), (1 - self.rho) * factor * (lower > 0)
        up /= self._choose(top, axes, True)
        if fresh:
            torch.mul(self._chosen, up, out=self.slope)
        else:
            self.slope.addcmul_(self._chosen, up)
        down /= self._choose(bottom, axes, False)
        self.slope.addcmul_(self._chosen, down)

    def _factor(self, upper: Tensor, lower: Tensor) -> Tensor:
        """Return the slope of the penalty in the mixed slacks."""
        if self.power == 1:
            return torch.full_like(upper, self.weight)
        return (self.rho * upper + (1 - self.rho) * lower) * (2 * self.weight)

    def _choose(self, extreme: Tensor, axes: tuple[int, ...], largest: bool) -> Tensor:
        """Mark by 1 the entries that bear the slope, by 0 the others; return how many of the points do."""
        if self.ties == "first":
            self._chosen.copy_(self._first(axes, largest))
            return torch.ones_like(extreme)
        torch.eq(self._copy, extreme, out=self._chosen)
        if axes == (-2,):
            return self._chosen.sum(-2, keepdim=True)
        counted = self._chosen[..., : self.points].sum(-1, keepdim=True)
        return counted.sum(-2, keepdim=True) if len(axes) == 2 else counted

    def _first(self, axes: tuple[int, ...], largest: bool) -> Tensor:
        """Return the marks where only the first of equal entries bears the slope, points before units."""
        ordered = self._copy.transpose(-1, -2)
        shape = ordered.shape
        if len(axes) == 2:
            ordered = ordered.flatten(-2).unsqueeze(-1)
        axis = -1 if axes == (-2,) else -2
        place = ordered.argmax(axis, keepdim=True) if largest else ordered.argmin(axis, keepdim=True)
        return torch.zeros_like(ordered).scatter_(axis, place, 1).reshape(shape).transpose(-1, -2)
