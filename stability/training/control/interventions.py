"""Which repairs of a layer are there, and what does each do to weights and to what the optimiser remembers?

A repair is data: a kind and a size. Repairs of weights change them in place and say which entries they changed; the
optimiser then forgets its moments of those entries. docs/controller.md says when each helps and when it cannot.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import cos, inf, pi, sin

import torch

from stability.errors import NumberError, StabilityError, UnknownNameError, nearest
from stability.training.control.layer_view import Site

Tensor = torch.Tensor


@dataclass(frozen=True)
class Repair:
    """A repair as data.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    size : float
        What `KINDS` says of it.
    steps : int
        How many steps a leaky slope lasts; how many a repair is given before the next one of its ladder is tried.
    """

    kind: str
    size: float
    steps: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError(f"Expected a repair; got {self.kind!r}.", nearest(str(self.kind), list(KINDS)))
        upper = KINDS[self.kind].upper
        if not 0 < self.size < upper or (self.kind == LEAKY and self.steps < 1):
            steps = " and at least one step" if self.kind == LEAKY else ""
            raise NumberError(
                f"Expected a size between 0 and {upper:.4g}{steps} for {self.kind}; got {self.size} and {self.steps}.",
                f"Its size is {KINDS[self.kind].size}.",
            )

    @property
    def lasts(self) -> bool:
        """Whether it is switched on and off rather than done once."""
        return self.kind in SEPARATIONS

    def __str__(self) -> str:
        return f"{self.kind} ({self.size:g}{f' for {self.steps} steps' if self.kind == LEAKY else ''})"


@dataclass(frozen=True, eq=False)
class Change:
    """What a repair changed.

    Attributes
    ----------
    masks : tuple of (Parameter, bool tensor)
        The changed entries; none if nothing was changed.
    reason : str
        Why nothing was changed; empty otherwise. It begins with `CANNOT` where the repair cannot be done at this layer.
    """

    masks: tuple[tuple[Tensor, Tensor], ...] = ()
    reason: str = ""

    @property
    def entries(self) -> int:
        """How many numbers were changed."""
        return sum(int(mask.sum()) for _, mask in self.masks)


CANNOT = "cannot: "

NO_BIAS, NO_WEIGHT = f"{CANNOT}it has no bias that is trained", f"{CANNOT}it has no weight that is trained"

Act = Callable[[Site, float, Sequence[int], torch.Generator | None], Change]
"""(layer, size, examples, random stream) -> what was changed."""


@dataclass(frozen=True)
class Kind:
    """A kind of repair.

    Attributes
    ----------
    size : str
        What its size is.
    act : callable or None
        What it does to weights; None if it does nothing to them.
    upper : float
        Sizes are below it.
    looks : bool
        Whether it needs pre-activations at the weights as they are now, not only weights and gradients.
    """

    size: str
    act: Act | None = None
    upper: float = inf
    looks: bool = True


def warm_up(site: Site, size: float, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Add delta = size - min_i max_j z_ij to every bias, so that every example has an active unit.

    It does nothing where every example has one. All other pre-activations rise as well, those of fitted examples too.
    """
    low = site.tops.amax(1).min()
    if site.bias is None:
        return Change(reason=NO_BIAS)
    if low > 0:
        return Change(reason="every example has an active unit by now")
    return _set(site.bias, site.bias + (size - low))


def ascend(site: Site, size: float, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Add size * g_t to the weights: uphill to first order, and nothing where g_t = 0."""
    return _along(site, size)


def descend(site: Site, size: float, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Subtract size * g_t from the weights: downhill to first order, and nothing where g_t = 0."""
    return _along(site, -size)


def _along(site: Site, factor: float) -> Change:
    if site.weight is None:
        return Change(reason=NO_WEIGHT)
    if site.gradient is None:
        return Change(reason="it has no gradient")
    step = factor * tangential(site.weight.detach(), site.gradient)
    return _set(site.weight, site.weight + step, "the tangential gradient is zero")


def tangential(weight: Tensor, gradient: Tensor) -> Tensor:
    """Return the part of each row of the gradient that is orthogonal to the weight's row; all of it where that is 0."""
    rows, slopes = weight.flatten(1), gradient.flatten(1)
    squares = (rows * rows).sum(1, keepdim=True)
    shares = torch.where(squares > 0, (rows * slopes).sum(1, keepdim=True) / squares, torch.zeros_like(squares))
    return (slopes - shares * rows).view_as(weight)


def rotate(site: Site, size: float, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Turn every row of the weight by the angle `size` (radians) in a random direction; its norm stays."""
    if site.weight is None:
        return Change(reason=NO_WEIGHT)
    weight = site.weight.detach()
    drawn = torch.randn(weight.shape, generator=stream, dtype=torch.float64).to(weight)
    across = tangential(weight, drawn).flatten(1)
    lengths = [torch.linalg.vector_norm(rows, dim=1, keepdim=True) for rows in (weight.flatten(1), across)]
    unit = across / lengths[1].clamp_min(torch.finfo(weight.dtype).tiny)
    turned = cos(size) * weight.flatten(1) + sin(size) * lengths[0] * unit
    turns = (lengths[0] > 0) & (lengths[1] > 1e-6 * lengths[0])
    return _set(site.weight, torch.where(turns, turned, weight.flatten(1)).view_as(weight), "its rows cannot turn")


def revive_by_bias(site: Site, size: float, points: Sequence[int], stream: torch.Generator | None = None) -> Change:
    """Raise one bias for each example that is dead still, so that the nearest unit has the pre-activation `size` there.

    Nearest of the units that the loss wants to be on at the example, if there are any; else of all.
    """
    if site.bias is None:
        return Change(reason=NO_BIAS)
    bias, before = site.bias.detach().clone(), site.bias.detach()
    for i in points:
        row = site.tops[i] + (bias - before)
        if row.max() <= 0:
            j = _nearest(row, site, i)
            bias[j] += size - row[j]
    return _set(site.bias, bias, "every example has an active unit by now")


def revive(site: Site, size: float, points: Sequence[int], stream: torch.Generator | None = None) -> Change:
    """Do the same by the least change of the unit's (w, b): with its input x, by (size - z) (x, 1) / (|x|^2 + 1).

    Without a bias that is trained w alone moves. After convolutions and in sequences a bias is raised instead.
    """
    if site.inputs is None or site.weight is None:
        return revive_by_bias(site, size, points)
    rows = _Rows(site)
    for i in points:
        z = rows.at(i)
        if z.max() <= 0:
            rows.move(i, _nearest(z, site, i), size)
    return rows.write("every example has an active unit by now")


def employ(site: Site, size: float, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Turn each unit that is dead on the batch on at the example that wants it most, as `revive` does.

    What an example wants is told by its loss. Needs losses by example, and inputs that are rows.
    """
    if site.weight is None:
        return Change(reason=NO_WEIGHT)
    if site.inputs is None or site.wishes is None:
        return Change(reason=f"{CANNOT}it is not known which example wants which unit")
    rows = _Rows(site)
    for j in (site.tops.amax(0) <= 0).nonzero()[:, 0].tolist():
        wish = site.wishes[:, j]
        i = int(wish.argmax())
        if wish[i] > 0 and rows.at(i)[j] <= 0:
            rows.move(i, j, size)
    return rows.write("no example wants a dead unit")


class _Rows:
    """Copies of the rows (w, b) of a layer, to be moved and written back."""

    def __init__(self, site: Site) -> None:
        assert site.weight is not None
        assert site.inputs is not None
        self._site, self._x, self._one = site, site.inputs.to(site.weight), float(site.bias is not None)
        self._w = site.weight.detach().clone()
        bias = site.fixed if site.bias is None else site.bias
        self._b = torch.zeros_like(self._w[:, 0]) if bias is None else bias.detach().clone()

    def at(self, i: int) -> Tensor:
        """Return the pre-activations at an example."""
        return self._w @ self._x[i] + self._b

    def move(self, i: int, j: int, size: float) -> None:
        """Give unit j the pre-activation `size` at example i by the least change."""
        x = self._x[i]
        square = x @ x + self._one
        if square > 0:
            share = (size - self.at(i)[j]) / square
            self._w[j] += share * x
            self._b[j] += share * self._one

    def write(self, nothing: str) -> Change:
        """Write the rows back; return what was changed."""
        pairs = [(self._site.weight, self._w), (self._site.bias, self._b)]
        changes = [_set(parameter, values) for parameter, values in pairs if parameter is not None]
        masks = tuple(mask for change in changes for mask in change.masks)
        return Change(masks) if masks else Change(reason=nothing)


def _nearest(z: Tensor, site: Site, i: int) -> int:
    """Return the unit with the largest pre-activation among those that example i wants, or among all."""
    wanted = None if site.wishes is None else site.wishes[i] > 0
    if wanted is not None and wanted.any():
        z = torch.where(wanted, z, -inf)
    return int(z.argmax())


LEAKY = "leaky slope"
SEPARATIONS = {"separation of points": "sep-p", "separation of units": "sep-u", "separation": "sep-pu"}
"""Repairs that add a penalty while they last, and the kind of the penalty."""

KINDS: dict[str, Kind] = {
    "bias warm-up": Kind("how far above 0 the lowest example gets", warm_up),
    "tangential ascent": Kind("the factor before the tangential gradient, which is added", ascend, looks=False),
    "tangential descent": Kind("the factor before the tangential gradient, which is subtracted", descend, looks=False),
    "random rotation": Kind("the angle in radians", rotate, pi, False),
    "revival by bias": Kind("the pre-activation that the nearest unit gets", revive_by_bias),
    "revival": Kind("the pre-activation that the nearest unit gets", revive),
    "employment of dead units": Kind("the pre-activation that each of them gets at one example", employ),
    LEAKY: Kind("the slope left of 0", None, 1.0),
    **{name: Kind("the weight of the penalty") for name in SEPARATIONS},
}
"""Every repair, by name."""


def repair(site: Site, what: Repair, points: Sequence[int] = (), stream: torch.Generator | None = None) -> Change:
    """Repair the weights of a layer in place.

    Parameters
    ----------
    site : Site
    what : Repair
    points : sequence of int
        The examples it is about, by their place in the batch; for revivals.
    stream : Generator, optional
        For random rotations.

    Returns
    -------
    Change
        Without masks where the repair cannot be done at this layer, or has nothing to do.

    Raises
    ------
    StabilityError
        If it is no repair of weights.
    """
    act = KINDS[what.kind].act
    if act is None:
        raise StabilityError(
            f"Expected a repair of weights; got {what}.", "The controller switches this one on and off."
        )
    if site.obstacle:
        return Change(reason=CANNOT + site.obstacle)
    with torch.no_grad():
        return act(site, what.size, points, stream)


def forget(optimizers: Iterable[torch.optim.Optimizer], change: Change) -> None:
    """Set what optimisers remember of the changed entries to 0, and nothing else: step counts stay.

    Every tensor in their state that has the shape of the parameter counts: momentum, Adam's first and second moments,
    the largest second moments of AMSGrad.
    """
    for optimizer in optimizers:
        for parameter, mask in change.masks:
            for value in optimizer.state.get(parameter, {}).values():
                if isinstance(value, Tensor) and value.shape == mask.shape and value.ndim:
                    value.masked_fill_(mask.to(value.device), 0)


def _set(parameter: Tensor, values: Tensor, nothing: str = "it would change nothing") -> Change:
    """Write values into a parameter; return which entries that changed."""
    mask = parameter.detach() != values.detach()
    if not mask.any():
        return Change(reason=nothing)
    with torch.no_grad():
        parameter.copy_(values)
    return Change(((parameter, mask),))
