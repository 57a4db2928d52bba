"""Statements about stationary sets by brute force: every choice of faces, or descent from starts for more units."""

from fractions import Fraction as Q
from functools import cache
from operator import eq, ge, gt, le, lt, ne

import numpy as np
from slow_atlas import Slow

from stability import Dataset, Network, landscape
from stability.model.units import Unit

TESTS = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
FEW = 2
"""Units up to which every choice of faces is tried."""


@cache
def slow(units, slopes, points, labels, loss):
    unit = Unit("of the record", *map(Q, slopes))
    return Slow(landscape(Network(unit, units), Dataset("of the record", points, labels), loss))


def sets(record):
    """Return the list of all sets, units in every order, and a function from a point to its set."""
    slopes = tuple(record["slopes"][key] for key in ("-", "+", "0"))
    points, labels = tuple(map(tuple, record["points"])), tuple(record["labels"])
    found = slow(record["units"], slopes, points, labels, record["loss"])
    least = min(found.place.loss(spot.point) for part in found.parts.values() for spot in part)
    listed = {root: described(found, root, least) for root in found.parts}

    def at(point):
        rows = [[Q(x) for x in row] for row in point]
        spot = found.stationary.get(tuple(map(tuple, found.place.pattern(rows))))
        return listed[found.root[spot.choice]] if spot and spot.outputs == found.place.outputs(rows) else None

    return list(listed.values()), at


def described(found, root, least):
    part, labels = found.parts[root], found.place.data.labels
    loss, outputs, kind = found.place.loss(part[0].point), part[0].outputs, found.kind(root)
    dimension = max(spot.dimension for spot in part)
    middle = (min(labels) + max(labels)) / 2
    return {
        "kind": "global minimum" if kind == "local minimum" and loss == least else kind,
        "loss": loss,
        "dimension": dimension,
        "isolated": dimension == 0 and not found.neighbours(root),
        "strict": part[0].found.strict,
        "clarke": True,
        "outputs": outputs,
        "right": sum((f > middle) == (y > middle) for f, y in zip(outputs, labels, strict=True)),
    }


def has(each, conditions):
    return all(compared(each[name], relation, value) for name, relation, value in conditions)


def compared(found, relation, value):
    def read(x):
        return Q(x) if isinstance(found, Q) else x

    return found in map(read, value) if relation == "in" else TESTS[relation](found, read(value))


def descended(record, runs=400, steps=3000):
    """Return the losses of smooth local minima at which descent from random starts ends: no slope, no kink near."""
    points = np.array([[*map(float, map(Q, row)), 1.0] for row in record["points"]])
    labels, units = np.array([float(Q(y)) for y in record["labels"]]), record["units"]
    below, above = (float(Q(record["slopes"][key])) for key in "-+")
    at = np.random.default_rng(3).normal(size=(runs, units, points.shape[1]))

    def state(at):
        z = at @ points.T
        slopes = np.where(z > 0, above, below)
        errors = (slopes * z).sum(1) - labels
        return z, 2 * np.einsum("rui,ri,ip->rup", slopes, errors, points), (errors**2).sum(1)

    for _ in range(steps):
        at = at - state(at)[1] / (4 * units * len(points))
    z, gradient, losses = state(at)
    smooth = (np.abs(z).min((1, 2)) > 1e-3) & (np.abs(gradient).max((1, 2)) < 1e-9)
    return losses[smooth]


def rederived(statement, landscapes):
    """Return (verdict, how) of a statement about stationary sets."""
    match statement:
        case {"all of": parts}:
            found = [rederived(part, landscapes) for part in parts]
            return next((each for v in ("refuted", "vacuous") for each in found if each[0] == v), found[0])
        case {"not": inner}:
            verdict, how = rederived(inner, landscapes)
            return {"proved": "refuted", "refuted": "proved"}.get(verdict, verdict), how
        case {"sets of": name, "number": [relation, number], "with": given} if landscapes[name]["units"] > FEW:
            assert (given, relation, number) == ([["kind", "=", "local minimum"]], "=", 0), statement
            losses = descended(landscapes[name])
            return ("refuted" if losses.max() > losses.min() + 1e-6 else "proved"), f"descent from {len(losses)} starts"
        case {"sets of": name, "number": [relation, number], "with": given}:
            count = sum(has(each, given) for each in sets(landscapes[name])[0])
            return ("proved" if TESTS[relation](count, number) else "refuted"), "all faces"
        case {"every set of": name, "with": given, "has": wanted}:
            chosen = [each for each in sets(landscapes[name])[0] if has(each, given)]
            verdict = "proved" if all(has(each, wanted) for each in chosen) else "refuted"
            return (verdict if chosen else "vacuous"), "all faces"
        case {"set of": name, "at": point, "has": wanted}:
            found = sets(landscapes[name])[1](point)
            return ("proved" if found and has(found, wanted) else "refuted"), "all faces"
    raise AssertionError(statement)
