"""Loss levels of networks with output weights, in floats, by linear programs over every choice of sign patterns.

Slow and independent of the package: patterns come from linear programs, errors from least squares, balance and descent
from linear programs over slopes and directions. Only for a few examples and one or two units.
"""

from itertools import combinations_with_replacement, product

import numpy as np
from scipy.optimize import linprog

TOL = 1e-7


def feasible(equal, above, size, free=()):
    """Return whether equal . x = 0 and above . x >= 1 have a solution."""
    del free
    found = linprog(
        np.zeros(size),
        A_ub=-np.array(above) if len(above) else None,
        b_ub=-np.ones(len(above)) if len(above) else None,
        A_eq=np.array(equal) if len(equal) else None,
        b_eq=np.zeros(len(equal)) if len(equal) else None,
        bounds=[(None, None)] * size,
        method="highs",
    )
    return found.status == 0


class Levels:
    """The losses of stationary points and of local minima."""

    def __init__(self, place):
        net = place.network
        self.rows = np.array([[float(x) for x in row] for row in place.rows])
        self.labels = np.array([float(y) for y in place.data.labels])
        self.low, self.high = float(net.unit.negative), float(net.unit.positive)
        self.bias, self.scale, self.count = net.output_bias, float(place.scale), net.count
        n = len(self.rows)
        self.patterns = [
            p
            for p in product((-1, 0, 1), repeat=n)
            if feasible(
                [self.rows[i] for i in range(n) if p[i] == 0],
                [p[i] * self.rows[i] for i in range(n) if p[i]],
                self.rows.shape[1],
            )
        ]
        bent = [i for i in range(n) if self.rows[i].any()]
        self.cells = [p for p in self.patterns if all(p[i] for i in bent)]
        self.found, self.minima = set(), set()
        signs = [float(np.sign(float(a))) for a in net.weights]
        widths = range(net.count + 1) if net.trainable else [net.count]
        for width in widths:
            chosen = combinations_with_replacement((1.0, -1.0), width) if net.trainable else [tuple(signs)]
            for each in chosen:
                for patterns in product(self.patterns, repeat=width):
                    self.decide(each, patterns, net.count - width)

    def slopes(self, pattern):
        """Return the slope of a unit at every example; 0 at kinks, where it puts out nothing."""
        return np.array([self.high if s > 0 else self.low if s < 0 else 0.0 for s in pattern])

    def decide(self, signs, patterns, silent):
        """Note the loss of a choice, if there are stationary points."""
        n, d = self.rows.shape
        size = d * len(signs)
        jac = np.zeros((n, size + self.bias))
        for j, (sign, pattern) in enumerate(zip(signs, patterns, strict=True)):
            jac[:, j * d : (j + 1) * d] = sign * self.slopes(pattern)[:, None] * self.rows
        if self.bias:
            jac[:, -1] = 1
        walls = [
            np.concatenate([np.zeros(j * d), self.rows[i], np.zeros(size + self.bias - (j + 1) * d)])
            for j, p in enumerate(patterns)
            for i in range(n)
            if p[i] == 0
        ]
        inside = null_space(np.array(walls).reshape(len(walls), size + self.bias))
        outs = jac @ inside
        best = np.linalg.lstsq(outs, self.labels, rcond=None)[0] if outs.size else np.zeros(0)
        target = outs @ best if outs.size else np.zeros(n)
        errors = target - self.labels
        if not all(self.balanced(p, errors) for p in patterns) or not self.reached(jac, target, patterns, size):
            return
        loss = round(self.scale * float(errors @ errors), 7) + 0.0
        self.found.add(loss)
        least = all(self.least(p, sign * errors) for sign, p in zip(signs, patterns, strict=True))
        calm = any(np.abs((self.slopes(c) * errors) @ self.rows).max() < TOL for c in self.cells)
        if least and (calm or not silent):
            self.minima.add(loss)

    def reached(self, jac, target, patterns, size):
        """Return whether parameters with these patterns put out the target."""
        n, d = self.rows.shape
        rows, sides = [*np.hstack([jac, -target[:, None]])], [np.append(np.zeros(size + self.bias), 1.0)]
        for j, p in enumerate(patterns):
            for i in range(n):
                line = np.zeros(size + self.bias + 1)
                line[j * d : (j + 1) * d] = self.rows[i]
                (rows.append(line) if p[i] == 0 else sides.append(p[i] * line))
        rows = [row for row in rows if np.abs(row).max() > TOL]
        return feasible(rows, sides, size + self.bias + 1)

    def balanced(self, pattern, errors):
        """Return whether slopes between the two at kinks, with weights over the cells around, balance the gradient."""
        near = [c for c in self.cells if all(s == 0 or s == t for s, t in zip(pattern, c, strict=True))]
        slopes = np.array([(self.slopes(c) * errors) @ self.rows for c in near])
        if (slopes > TOL).all(0).any() or (slopes < -TOL).all(0).any():
            return False  # all lie on one side of 0
        equal = np.vstack([slopes.T, np.ones(len(near))])
        goal = np.append(np.zeros(slopes.shape[1]), 1.0)
        return linprog(np.zeros(len(near)), A_eq=equal, b_eq=goal, method="highs").status == 0

    def least(self, pattern, errors):
        """Return whether no direction into any cell around descends."""
        for cell in self.cells:
            if all(s == 0 or s == t for s, t in zip(pattern, cell, strict=True)):
                slope = (self.slopes(cell) * errors) @ self.rows
                walls = [cell[i] * self.rows[i] for i, s in enumerate(pattern) if s == 0]
                if np.abs(slope).sum() <= TOL:
                    continue
                found = linprog(
                    slope, A_ub=-np.array(walls) if walls else None, b_ub=np.zeros(len(walls)) if walls else None,
                    bounds=[(-1, 1)] * len(slope), method="highs",
                )  # fmt: skip
                if found.fun < -TOL:
                    return False
        return True


def null_space(walls):
    """Return a basis, in columns, of the vectors on all walls."""
    size = walls.shape[1]
    if not len(walls):
        return np.eye(size)
    _, values, turn = np.linalg.svd(walls)
    return turn[int((values > 1e-9).sum()) :].T
