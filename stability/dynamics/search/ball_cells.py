"""Gradient and Hessian of a landscape in one cell, in ball arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq

from stability.dynamics.search.layer_batch import LayerBatch


@dataclass(frozen=True)
class BallCell:
    """Gradient and Hessian of the sum of squares of a landscape in a cell, in ball arithmetic, halved.

    Attributes
    ----------
    batch : LayerBatch
    pattern : array (k, n)
        The signs of the pre-activations.
    """

    batch: LayerBatch
    pattern: Any

    def parts(self, flat: Sequence[arb]) -> tuple[list[list[arb]], list[list[arb]], list[arb]]:
        """Return hidden parameters, output weights and output biases of flat parameters."""
        net = self.batch.landscape.network
        count, width, outputs = self.batch.sizes
        stride = width + outputs * net.trainable
        rows = [list(flat[j * stride : (j + 1) * stride]) for j in range(count)]
        fixed = [[ball(a)] for a in net.weights]
        outer = [row[width:] for row in rows] if net.trainable else fixed
        biases = list(flat[count * stride :]) if net.output_bias else [arb(0)] * outputs
        return [row[:width] for row in rows], outer, biases

    def _slopes(self) -> list[list[arb]]:
        unit = self.batch.landscape.network.unit
        low, high = ball(unit.negative), ball(unit.positive)
        return [[high if s > 0 else low for s in signs] for signs in self.pattern]

    def heights(self, flat: Sequence[arb]) -> list[list[arb]]:
        """Return the pre-activations."""
        rows = [[ball(x) for x in row] for row in self.batch.landscape.rows]
        return [[dot(row, own) for row in rows] for own in self.parts(flat)[0]]

    def errors(self, flat: Sequence[arb]) -> list[list[arb]]:
        """Return the errors, a row of outputs for each example."""
        _, outer, biases = self.parts(flat)
        values = self._values(flat)
        return [
            [dot([own[i] for own in values], [a[o] for a in outer]) + biases[o] - ball(y) for o, y in enumerate(row)]
            for i, row in enumerate(self.batch.landscape.targets)
        ]

    def _values(self, flat: Sequence[arb]) -> list[list[arb]]:
        pairs = zip(self._slopes(), self.heights(flat), strict=True)
        return [[s * z for s, z in zip(*pair, strict=True)] for pair in pairs]

    def jacobian(self, flat: Sequence[arb]) -> list[list[arb]]:
        """Return the derivatives of the outputs by the parameters, a row for each example and output."""
        net, (_, _, outputs) = self.batch.landscape.network, self.batch.sizes
        _, outer, _ = self.parts(flat)
        values, slopes = self._values(flat), self._slopes()
        found = []
        for i, row in enumerate(self.batch.landscape.rows):
            for o in range(outputs):
                line = []
                for a, own, steep in zip(outer, values, slopes, strict=True):
                    line += [a[o] * steep[i] * ball(x) for x in row]
                    line += [own[i] if p == o else arb(0) for p in range(outputs * net.trainable)]
                found.append(line + [arb(int(p == o)) for p in range(outputs * net.output_bias)])
        return found

    def gradient(self, flat: Sequence[arb]) -> list[arb]:
        """Return the derivatives by all parameters."""
        errors = [e for row in self.errors(flat) for e in row]
        return [dot(errors, column) for column in zip(*self.jacobian(flat), strict=True)]

    def hessian(self, flat: Sequence[arb]) -> list[list[arb]]:
        """Return the second derivatives by all parameters."""
        lines = arb_mat(self.jacobian(flat))
        total = (lines.transpose() * lines).tolist()
        if self.batch.landscape.network.trainable:
            self._add_mixed(total, flat)
        return [list(row) for row in total]

    def _add_mixed(self, total: list[list[arb]], flat: Sequence[arb]) -> None:
        count, width, outputs = self.batch.sizes
        errors, slopes = self.errors(flat), self._slopes()
        for j in range(count):
            start = j * (width + outputs)
            for c in range(width):
                steps = [s * ball(row[c]) for s, row in zip(slopes[j], self.batch.landscape.rows, strict=True)]
                for o in range(outputs):
                    force = dot(steps, [e[o] for e in errors])
                    total[start + c][start + width + o] += force
                    total[start + width + o][start + c] += force


def ball(x: Fraction) -> arb:
    """Return the number as a ball that holds it."""
    return arb(fmpq(x.numerator, x.denominator))


def dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    """Return the sum of products."""
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))
