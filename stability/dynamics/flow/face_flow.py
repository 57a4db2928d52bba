"""Gradient flow on a choice of faces, in closed form, through the spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpq_poly

from stability.exact.systems import kernel
from stability.geometry.arrangement.cells import exact
from stability.model.network_loss import NetworkLoss

Signs = tuple[tuple[int, ...], ...]
"""One sign vector per unit: on which side of, or on which kinks, each unit is."""


@dataclass(frozen=True)
class Field:
    """The gradient flow restricted to the span of a choice of faces: p' = force - matrix p, matrix symmetric.

    Attributes
    ----------
    landscape : NetworkLoss
    signs : Signs
    """

    landscape: NetworkLoss
    signs: Signs
    notes: dict[tuple[str, int], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rows(self) -> list[list[fmpq]]:
        """The rows of the examples: pre-activations are row . (w, b)."""
        return [[exact(x) for x in row] for row in self.landscape.rows]

    @cached_property
    def slopes(self) -> dict[int, fmpq]:
        """The slopes of the unit, with their mean at the kink."""
        unit = self.landscape.network.unit
        return {-1: exact(unit.negative), 0: exact((unit.negative + unit.positive) / 2), 1: exact(unit.positive)}

    @cached_property
    def jacobian(self) -> fmpq_mat:
        """The derivative of the outputs in the parameters, with mean slopes at kinks."""
        net, steep = self.landscape.network, self.slopes
        units = [(exact(a), signs) for a, signs in zip(net.weights, self.signs, strict=True)]
        bias = [fmpq(1)] * net.output_bias
        return fmpq_mat(
            [[a * steep[signs[i]] * x for a, signs in units for x in row] + bias for i, row in enumerate(self.rows)]
        )

    @cached_property
    def projection(self) -> fmpq_mat:
        """The orthogonal projection onto the span of the faces."""
        width, size = self.landscape.width, self.landscape.parameters
        total = [[fmpq(int(r == c >= width * self.landscape.units)) for c in range(size)] for r in range(size)]
        for j, signs in enumerate(self.signs):
            basis = kernel([self.rows[i] for i, s in enumerate(signs) if s == 0], width)
            if basis:
                table = fmpq_mat(basis)
                block = table.transpose() * (table * table.transpose()).inv() * table
                for a in range(width):
                    for b in range(width):
                        total[j * width + a][j * width + b] = block[a, b]
        return fmpq_mat(total)

    @cached_property
    def gradient(self) -> tuple[fmpq_mat, list[fmpq]]:
        """The gradient as (matrix, force) of matrix p - force, with mean slopes at kinks, not projected."""
        scale, table = 2 * exact(self.landscape.scale), self.jacobian
        labels = fmpq_mat(len(self.rows), 1, [exact(y) for y in self.landscape.data.labels])
        matrix = table.transpose() * table * scale
        force = table.transpose() * labels * scale
        return matrix, [force[r, 0] for r in range(force.nrows())]

    @cached_property
    def matrix(self) -> fmpq_mat:
        """The symmetric matrix of the restricted flow."""
        return self.projection * self.gradient[0] * self.projection

    @cached_property
    def force(self) -> list[fmpq]:
        """The constant part of the restricted flow."""
        size = self.landscape.parameters
        found = self.projection * fmpq_mat(size, 1, self.gradient[1])
        return [found[r, 0] for r in range(size)]

    @cached_property
    def rest(self) -> list[fmpq]:
        """A point at which the restricted flow rests: matrix p = force."""
        size = self.landscape.parameters
        table, rank = fmpq_mat([[*row, f] for row, f in zip(self.matrix.tolist(), self.force, strict=True)]).rref()
        found = [fmpq(0)] * size
        for r in range(int(rank)):
            pivot = next(c for c in range(size) if table[r, c])
            found[pivot] = table[r, size]
        return found

    @cached_property
    def factors(self) -> list[fmpq_poly]:
        """The irreducible factors of the characteristic polynomial without the root 0."""
        _, found = self.matrix.charpoly().factor()
        return [f for f, _ in found if f[0]]

    @cached_property
    def idempotents(self) -> list[fmpq_mat]:
        """For every factor, the exact projection onto the sum of the eigenspaces of its roots."""
        size = self.landscape.parameters
        zero = fmpq_mat([[int(r == c) for c in range(size)] for r in range(size)])
        found = []
        for k, factor in enumerate(self.factors):
            others = [f for m, f in enumerate(self.factors) if m != k]
            rest = fmpq_poly([0, 1])
            for other in others:
                rest *= other
            _, times, _ = rest.xgcd(factor)
            found.append(_evaluated(rest * times, self.matrix, zero))
        return found

    def spectral(self) -> list[tuple[int, arb, arb_mat]]:
        """Return (factor, eigenvalue, projection onto its space) as balls, for the positive eigenvalues, ascending."""
        known = _SPECTRA.setdefault((self.landscape, self.signs), {})
        if ctx.prec not in known:
            roots = [(k, rate) for k, factor in enumerate(self.factors) for rate in _roots(factor)]
            roots.sort(key=lambda entry: entry[1].mid())
            rates = [rate for _, rate in roots]
            known[ctx.prec] = [(k, rate, self._projector(rates, m)) for m, (k, rate) in enumerate(roots)]
        return known[ctx.prec]

    def _projector(self, rates: Sequence[arb], k: int) -> arb_mat:
        size = self.landscape.parameters
        matrix, one = arb_mat(self.matrix), arb_mat(fmpq_mat([[int(r == c) for c in range(size)] for r in range(size)]))
        total = matrix * (1 / rates[k])
        for m, rate in enumerate(rates):
            if m != k:
                total = total * ((matrix - one * rate) * (1 / (rates[k] - rate)))
        return total


@lru_cache(maxsize=4096)
def field_of(landscape: NetworkLoss, signs: Signs) -> Field:
    """Return the flow on a choice of faces, with what is already known of it."""
    return Field(landscape, signs)


def _roots(factor: fmpq_poly) -> list[arb]:
    """Return the roots of an irreducible factor, all real."""
    found: Any = factor.numer().complex_roots()
    return [root.real for root, _ in found]


def _evaluated(polynomial: fmpq_poly, matrix: fmpq_mat, one: fmpq_mat) -> fmpq_mat:
    total = one * 0
    for coefficient in reversed(polynomial.coeffs()):
        total = total * matrix + one * coefficient
    return total


_SPECTRA: dict[tuple[NetworkLoss, Signs], dict[int, list[tuple[int, arb, arb_mat]]]] = {}
