"""From zero biases half of all starts of two ReLU units leave a class-1 point of XOR dead: 2^(1-k) of those of k units.

Setting  k units without biases, w1 != w2 in each; dead: no unit sees the point, so that the output there is 0.
Idea     A unit sees one of x1 = (1, -1) and x2 = -x1, and its negative sees the other. So of the 2^k ways to negate
         units just two leave x1 or x2 dead: those that make all units see the same one.
Scope    Shown for k up to 3. Whatever law of the starts does not change when a unit is negated gives these shares,
         whatever the norms and angles. Not so with biases.
"""

from itertools import product

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement


def dead(name: str, point: str) -> list[str]:
    """Return that a class-1 point is dead."""
    return [f"{name}.out({point}, 0)*{name}.out({point}, 1) == 0"]


def live(name: str, point: str) -> list[str]:
    """Return that none is."""
    return [f"{name}.out({point}, {i}) > 0" for i in (0, 1)]


def unseen_flips(k: int, bias: str = "0", alike: bool = True) -> Statement:
    """State that of the 2^k ways to negate k units just two leave a class-1 point dead: `alike`, or alternating."""
    name, ways = f"relu{k}", list(product("+-", repeat=k))
    points = {w: "[" + ", ".join(f"{s}u{j}, {s}v{j}, {bias}" for j, s in enumerate(w)) + "]" for w in ways}
    points = {w: point.replace("+", "") for w, point in points.items()}
    goals = []
    for way in ways[: len(ways) // 2]:
        other = tuple("+-"[(s == "+") ^ (j % 2 and not alike)] for j, s in enumerate(way))
        pair = {way, other}
        goals.append([r for w, p in points.items() for r in (dead if w in pair else live)(name, p)])
    apart = [f"u{j} != v{j}" for j in range(k)]
    names = " ".join(f"u{j} v{j}" for j in range(k))
    return ForAll(names, apart, goals, landscapes(**{name: name}), splits=[f"u{j} - v{j}" for j in range(k)])


def theorem() -> Statement:
    """Return the statement."""
    return AllOf([unseen_flips(k) for k in (1, 2, 3)])


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "with a bias too": unseen_flips(2, bias="1/2"),
        "another pair of flips": unseen_flips(2, alike=False),
    }
