"""The pieces of stationary points with the same errors, and their connected sets. Standard library only.

A piece is a choice of an option for each unit; options are those of `atlas_fits.py`. No code is shared with the finder.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations_with_replacement, product
from math import comb, factorial, prod
from pathlib import Path
from runpy import run_path
from typing import Any, NamedTuple

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
lands, units_of = part("atlas_landscapes"), part("atlas_units")

Choice = tuple[int, ...]
MINIMUM, SADDLE, MAXIMUM = "minimum", "saddle", "local maximum"


class Piece(NamedTuple):
    """Pieces on the same faces of active units and of one sort.

    Attributes
    ----------
    sort : str
    dimension : int
        The largest.
    many : int
        How many there are, by the faces of silent units.
    directional, torch, smooth : bool
        Whether no direction descends to first order, the gradient of torch is 0, and the loss has a gradient.
    """

    sort: str
    dimension: int
    many: int
    directional: bool
    torch: bool
    smooth: bool


class Component(NamedTuple):
    """Connected sets of one sort that permuting the units takes to each other: their choices, and how many they are."""

    choices: list[Choice]
    orbit: int
    touched: bool


class Classes:
    """Which names are connected."""

    def __init__(self) -> None:
        self.root: dict[Hashable, Any] = {}

    def find(self, x: Any) -> Any:
        """Return the name by which what is connected to one is called."""
        root = self.root
        top = root.setdefault(x, x)
        while root[top] != top:
            top = root[top]
        while root[x] != top:
            root[x], x = top, root[x]
        return top

    def join(self, names: Iterable[Any]) -> None:
        """Connect names."""
        first, *others = map(self.find, names)
        for each in others:
            self.root[each] = first


def arrangements(choice: Choice) -> Iterator[Choice]:
    """Yield every order of a sorted choice once."""
    if not choice:
        yield ()
    for k, face in enumerate(choice):
        if k == 0 or choice[k - 1] != face:
            yield from ((face, *rest) for rest in arrangements((*choice[:k], *choice[k + 1 :])))


class Pieces:
    """All pieces with the same errors, by their choices; those of silent units that behave alike are counted together.

    Where h is 0 everywhere, all pieces are minima, and a silent unit on any face is connected to one at the origin.
    Elsewhere that is so for saddles, and the faces of silent units at minima and maxima are listed.
    """

    def __init__(self, fits: Any, errors: Any, choices: Any) -> None:
        self.fits, self.land, self.place, self.many = fits, fits.land, fits.place, fits.many
        self.units = units_of.Units(self.land, self.place, errors)
        self.sizes = [many for many, _ in fits.groups()]
        self.found: dict[Choice, Piece] = {}
        self.corners: list[Choice] = []
        self.idle = self.land.count * (self.land.width - self.land.rank)
        for choice, names in choices:
            self.enter(choice, names)

    def enter(self, choice: Choice, names: Any) -> None:
        """Add the pieces of a choice whose silent units are anywhere."""
        active = tuple(option for option in choice if option < 2 * self.many)
        self.land.spend(5 + len(choice), "pieces of stationary sets")
        quiet, own = len(choice) - len(active), [self.units.reaction(option) for option in active]
        flat, free = sum(each.free for each in own) - self.rank_of(names), self.idle
        if flat == len(active) * self.land.trained:
            self.corners.append(choice)
        least, most = all(each.least for each in own), all(each.most for each in own) and not self.land.bias
        known = [all(getattr(each, name) for each in own) for name in ("directional", "torch", "smooth")]
        sort = MINIMUM if least else MAXIMUM if most else SADDLE
        if not quiet:
            self.found[choice] = Piece(sort, flat + free, 1, *known)
            return
        sizes = self.units.silent
        top = max(sizes.values())
        if self.units.flat:
            self.found[choice] = Piece(sort, flat + free + quiet * top, len(sizes) ** quiet, *known)
            return
        alike = [s for s in sizes if self.alike(s, sort)]
        number = comb(len(alike) + quiet - 1, quiet) if alike else 0
        self.land.spend(number * (5 + len(choice)), "pieces of stationary sets")
        for faces in combinations_with_replacement(alike, quiet):
            dimension = flat + free + sum(sizes[s] for s in faces)
            self.found[(*active, *faces)] = Piece(sort, dimension, 1, *known)
        other = max(size for s, size in sizes.items() if s not in {*alike})
        dimension = flat + free + other + (quiet - 1) * top
        self.found[choice] = Piece(SADDLE, dimension, len(sizes) ** quiet - len(alike) ** quiet, *known)

    def alike(self, option: int, sort: str) -> bool:
        """Return whether a silent unit leaves pieces of a sort as they are."""
        if sort == SADDLE:
            return False
        reaction = self.units.reaction(option)
        return bool(reaction.least if sort == MINIMUM else reaction.most)

    def rank_of(self, names: Any) -> int:
        """Return the rank of generators."""
        known = self.fits.ranks
        if names not in known:
            self.land.spend(5 + len(names) ** 2 * self.land.size // 8, "the rank of generators")
            known[names] = lands.rank([self.fits.vectors[g] for g in names])
        return int(known[names])

    def orders(self, choice: Choice) -> list[Choice]:
        """Return a choice in all orders of the units, like units among each other."""
        cut = self.sizes[0]
        first, last = arrangements(choice[:cut]), list(arrangements(choice[cut:]))
        return [(*a, *b) for a in first for b in last]

    def times(self, choice: Choice) -> int:
        """Return how many orders of the units a choice has."""
        orders = prod(map(factorial, self.sizes))
        return orders // prod(map(factorial, Counter(choice).values()))

    def ordered(self, choices: Iterable[Choice]) -> None:
        """Count the work of taking choices in all orders."""
        units = self.land.count
        for choice in choices:
            self.land.spend(self.times(choice) * (3 + 2 * units), "orders of the units")

    def components(self) -> list[Component]:
        """Return the connected sets of one sort, up to the order of like units."""
        return self.by_cells() if self.units.flat else self.by_faces()

    def signed(self, option: int, faces: Any) -> list[int]:
        """Return the options on some faces above that of an option, with its sign or, if it is silent, any."""
        block = option // self.many
        blocks = [block] if block < 2 else ([0, 1] if self.land.trained else []) + [2]
        return [b * self.many + face for b in blocks for face in faces]

    def by_cells(self) -> list[Component]:
        """Connect pieces where h is 0 everywhere.

        All that lies in the closure of one tuple of signed cells is connected, since the outputs of active units are
        those of a convex polyhedron there; and two of these meet where they share a corner.
        """
        above: dict[int, list[int]] = {}
        for option in {option for choice in self.found for option in choice}:
            cells = self.place.cells_around(option % self.many)
            above[option] = [o for o in self.signed(option, cells) if o < 2 * self.many]
        classes, home = Classes(), dict[Any, int]()
        self.ordered(self.corners)
        for choice in self.corners:
            for order in self.orders(choice):
                own = [above[option] for option in order]
                self.land.spend(2 * prod(map(len, own)), "cells around corners")
                classes.join(product(*own))
        found: list[Component] = []
        self.land.spend(len(self.found) * (2 + self.land.count), "cells around pieces")
        for choice in self.found:
            cells = tuple(above[option][0] for option in choice)
            if classes.find(cells) not in home:
                self.ordered([tuple(sorted(cells))])
                roots = {classes.find(order) for order in self.orders(self.sorted(cells))}
                home |= dict.fromkeys(roots, len(found))
                found.append(Component([], len(roots), False))
            found[home[classes.find(cells)]].choices.append(choice)
        return found

    def sorted(self, choice: Iterable[int]) -> Choice:
        """Return options in ascending order, as choices have them."""
        return tuple(sorted(choice))

    def by_faces(self) -> list[Component]:
        """Connect pieces whose faces are in the closures of those of others, from below."""
        self.ordered(self.found)
        tree: dict[int, Any] = {}
        for choice in self.found:
            for order in self.orders(choice):
                branch = tree
                for option in order[:-1]:
                    branch = branch.setdefault(option, {})
                branch[order[-1]] = choice
        used = {option for choice in self.found for option in choice}
        above = {option: self.above(option, used) for option in used}
        level = {option: self.level(option) for option in used}
        classes, reached, touched = Classes(), set[Choice](), set[Choice]()
        for choice in sorted(self.found, key=lambda choice: sum(level[option] for option in choice)):
            sort = self.found[choice].sort
            for order in self.orders(choice):
                if order in reached:
                    continue
                for upper, whole in self.uppers(order, tree, above):
                    if self.found[whole].sort == sort:
                        classes.join((order, upper))
                        reached.add(upper)
                    else:
                        touched.add(choice)
        home, found = dict[Any, int](), list[Component]()
        for choice in self.found:
            root = classes.find(choice)
            if root not in home:
                roots = {classes.find(order) for order in self.orders(choice)}
                home |= dict.fromkeys(roots, len(found))
                found.append(Component([], len(roots), choice in touched))
            found[home[root]].choices.append(choice)
        return found

    def level(self, option: int) -> int:
        """Return a number that is lower for all options in the closure of one."""
        active = option < 2 * self.many
        return int(self.place.dimension(option % self.many) + active)

    def above(self, option: int, used: Any) -> set[int]:
        """Return the used options in whose closure an option is."""
        face = option % self.many
        self.land.spend(1 + len(used) // 4, "pieces beside each other")
        blocks = {0, 1, 2} if option >= 2 * self.many else {option // self.many}
        return {o for o in used if o // self.many in blocks and self.place.borders(face, o % self.many)}

    def uppers(self, order: Choice, tree: Any, above: Any) -> Iterator[tuple[Choice, Choice]]:
        """Yield the pieces in whose closure one is, in their order and sorted."""
        level: list[tuple[Choice, Any]] = [((), tree)]
        for option in order:
            fit = above[option]
            self.land.spend(1 + sum(min(len(branch), len(fit)) for _, branch in level) // 4, "pieces beside each other")
            level = [
                ((*head, o), branch[o])
                for head, branch in level
                for o in (branch.keys() & fit if len(fit) > 1 else fit)
                if o in branch
            ]
        yield from level
