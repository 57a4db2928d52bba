"""Proofs about all stationary sets of networks with output weights and biases, every choice of faces decided by itself.

The arrangement, fits and balances are those of the package for plain sums of units; how signs, silent units and an
output bias enter is written here from docs/certificates.md alone. Slow, and for small landscapes.
"""

from itertools import combinations_with_replacement, product
from math import lcm

from stability.checker import checker
from stability.geometry.arrangement.enumerate import arrange
from stability.geometry.arrangement.integer_problem import Integers, dot, independent, integers, primitive
from stability.geometry.stationary.least_squares import Fits
from stability.geometry.stationary.unit_balance import UnitBalance


class Proof:
    """What a record about all stationary sets of a landscape needs."""

    def __init__(self, place):
        self.place, net = place, place.network
        whole = integers(place)
        self.live = [i for i, row in enumerate(whole.rows) if any(row)]
        rows = tuple(whole.rows[i] for i in self.live)
        self.whole = whole
        if rows:
            self.found = arrange(rows)
            self.faces, self.cells = self.found.faces, self.found.cells
            sides = [(self.faces[c].plus, self.faces[c].minus) for c in self.cells]
            self.unit = UnitBalance(
                Integers(rows, (0,) * len(rows), whole.slopes, 1, place.width, whole.kept, 1, 1), sides
            )
        self.signs = (1, -1) if net.trainable else tuple(s for s in (1, -1) if any(s * a > 0 for a in net.weights))
        labels = [y / 1 for y in place.data.labels]
        self.level = lcm(*(y.denominator for y in labels))
        targets = [int(y * self.level) for y in labels]
        if net.output_bias:
            self.level *= len(labels)
            targets = self.centred(targets)
        self.targets = targets
        self.names, self.generated = {}, {}
        for sign in self.signs:
            for ray in self.found.rays if rows else []:
                self.name(ray, sign)
            for f, face in enumerate(self.faces if rows else [None]):
                rays = face.rays if rows else []
                self.generated[sign, f] = frozenset(self.name(ray, sign) for ray in rays) - {-1}
        self.generated[0, None] = frozenset()
        self.fits = Fits(list(self.names), targets)

    def centred(self, values):
        return [len(values) * x - sum(values) for x in values]

    def name(self, ray, sign):
        out = [sign * self.whole.activation(dot(row, ray)) for row in self.whole.rows]
        out = primitive(self.centred(out) if self.place.network.output_bias else out)
        return self.names.setdefault(out, len(self.names)) if any(out) else -1

    def choices(self):
        net = self.place.network
        options = {s: [key for key in self.generated if key[0] == s] for s in (1, -1, 0)}
        if net.trainable:
            yield from combinations_with_replacement([*options[1], *options[-1], *options[0]], net.count)
            return
        ups = sum(a > 0 for a in net.weights)
        first = combinations_with_replacement(options[1], ups)
        for a, b in product(first, list(combinations_with_replacement(options[-1], net.count - ups))):
            yield a + b

    def full(self, vector):
        values = dict(zip(self.whole.kept, vector, strict=True))
        return [values.get(c, 0) for c in range(self.place.width)]

    def tree(self):
        if not self.live:
            return [[[-1]]]
        basis, rest = independent([self.whole.rows[i] for i in self.live]), iter(self.found.tree)

        def subtree(level):
            if level < len(basis):
                return [[[basis[level]]], *(node for _ in range(3) for node in subtree(level + 1))]
            nodes, open_ends = [], 1
            while open_ends:
                nodes.append(next(rest))
                open_ends += 2 if nodes[-1][0][0] >= 0 else -1
            return nodes

        return [self.renamed(node) for node in subtree(0)]

    def renamed(self, node):
        """Return a node with examples counted among all, those at the origin too."""
        (split,), *reasons = node
        found = [[self.live[split] if split >= 0 else -1]]
        for i, sign, c, *pairs in reasons:
            numbers = [self.live[x] if k % 2 == 0 else x for k, x in enumerate(pairs)]
            found.append([self.live[i], sign, c, *numbers])
        return found

    def around(self, face, errors):
        """Return a direction that separates a face, or None, and pairs that balance it."""
        if not self.live:
            return None, [[0, 1]]
        found = self.unit.balance(self.faces[face], tuple(errors[i] for i in self.live))
        if found.direction is not None:
            return self.full(found.direction), None
        common = lcm(*(w.denominator for _, w in found.weights))
        cell = {(self.faces[c].plus, self.faces[c].minus): c for c in self.cells}
        return None, [[cell[sides], int(w * common)] for sides, w in found.weights]

    def proof(self):
        entries, said, known = {}, set(), {}
        for choice in self.choices():
            key = frozenset().union(*(self.generated[option] for option in choice))
            if key not in entries:
                fit = self.fits.fit(key)
                inside, weights = self.fits.inside(fit)
                values = weights.values(key)
                values[0] *= self.level if inside else 1
                entries[key] = [sorted(key), int(inside), values, [], []]
                known[key] = primitive(self.fits.errors(fit)[0])
            errors = known[key]
            if entries[key][1]:
                for _, face in choice:
                    if face is not None and (face, errors) not in said:
                        said.add((face, errors))
                        direction, pairs = self.around(face, errors)
                        entries[key][3 if pairs is None else 4].append([face, *(pairs or direction)])
        rays = [self.full(ray) for ray in self.found.rays] if self.live else []
        fits = sorted(entries.values(), key=lambda entry: (len(entry[0]), entry[0]))
        return {"tree": self.tree(), "rays": rays, "fits": fits}


def record_of(place, statement, conclusion="proved", name="L", proof=None):
    """Return a record about a landscape; `proof`: another than the slow one."""
    record = {
        "format": "stability-atlas/1",
        "id": "",
        "landscapes": {name: place.to_record()},
        "statement": statement,
        "conclusion": conclusion,
        "proof": {name: Proof(place).proof() if proof is None else proof},
    }
    return {**record, "id": checker.digest(record)}
