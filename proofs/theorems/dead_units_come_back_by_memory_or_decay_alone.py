"""A ReLU unit that is off at all inputs comes back by what its optimiser remembers, or by weight decay, or not at all.

Setting  z <= 0 is its pre-activation at an input, V the velocity of SGD along that input, h the step, mu the momentum.
Idea     Without gradient (1 - mu) z - h mu V is conserved, and z goes to a mean of itself and that: <= 0 is enough.
         Decay of all parameters scales z; of weights alone it leads to the bias. With both, V >= q z lasts if a step
         keeps it. A move of Adam is at most c = |m| / sqrt(v) in steps, and c falls by g >= beta1 / sqrt(beta2): with
         M = m^2 <= A = c^2 v and P = beta1^2 <= B = g^2 beta2 the new squares are P M <= B A.
Scope    Any data, whose pre-activations are such z, as long as layers before do not move them. Rules in exact numbers.
"""

from stability.audit.landscape_statements import landscapes
from stability.logic.statements import AllOf, ForAll, Statement

PLACES = landscapes(relu1="relu1")
OFF = [f"relu1.pre([u, v, b], 0, {i}) <= 0" for i in range(4)]
REST = "(1 - mu)*({z}) - h*mu*({V}) {is_}"
NEXT = "z - h*mu*V"
KEPT = ["1 - h*f >= 0", "f*(1 + p) <= q"]
AT = {"z": -1, "V": 0, "h": "1/10", "mu": "1/2"}
DECAYED = ["0 <= r", "r <= 1"]


def no_gradient(given: list[str]) -> Statement:
    """State that torch reports no slope along any direction."""
    at = {"u": 0, "v": 0, "b": -1, "d": 1, "e": 1, "f": 1}
    return ForAll("u v b d e f", given, ["relu1.autograd([u, v, b], [d, e, f]) == 0"], PLACES, [at], samples=9)


def velocity(given: list[str]) -> Statement:
    """State that a step of momentum without gradient leaves the unit off, and conserves where it leads."""
    rest = REST.format(z=NEXT, V="mu*V", is_="<= 0")
    wrong = [{**AT, "V": -99}]
    return AllOf(
        [
            ForAll("z V h mu", ["z <= 0", "0 <= mu", *given], [goal], try_at=[AT, *wrong])
            for goal in (f"{NEXT} <= 0", rest)
        ]
    )


def decay(given: list[str], then: str) -> Statement:
    """State what weight decay makes of s = w . x and the bias b."""
    at = [{"s": -4, "b": 1, "r": "1/8"}, {"s": -1, "b": -1, "r": "1/2"}, {"s": -1, "b": 0, "r": -1}]
    return ForAll("s b r", ["s + b <= 0", *given], [then], try_at=at)


def both(given: list[str]) -> Statement:
    """State what momentum with decay k makes of z: f = mu q + k, p = h q, f z + s the new velocity."""
    signs = ["z <= 0", "s >= 0", "f >= 0", "h >= 0", "p >= 0"]
    goals = ["z - h*(f*z + s) <= 0", "f*z + s - (q*z - p*(f*z + s)) >= 0"]
    at = [{"z": -1, "s": 0, "f": f, "h": 1, "p": 1, "q": q} for f, q in (("1/2", 1), (9, 1))]
    return AllOf([ForAll("z s f h p q", [*signs, *given], [goal], try_at=at) for goal in goals])


def adam(sums: str) -> Statement:
    """State that a bound of all moves that are left is one after a move of at most h g c too."""
    given = ["z <= 0", "0 <= g", "g < 1", "h >= 0", "c >= 0", sums, "y <= z + h*g*c"]
    at = [{"z": -1, "y": -1, "g": "1/2", "h": 1, "c": 1}, {"z": -1, "y": 0, "g": "1/2", "h": 1, "c": 2}]
    return ForAll("z y g h c", given, ["(1 - g)*y + h*g*(g*c) <= 0"], try_at=at)


def theorem() -> Statement:
    """Return the statement."""
    alike, weights = decay(DECAYED, "r*s + r*b <= 0"), decay([*DECAYED, "b <= 0"], "r*s + b <= 0")
    falls = ForAll("M A P B", ["0 <= M", "M <= A", "0 <= P", "P <= B"], ["P*M <= B*A"], samples=9)
    ends = adam("(1 - g)*z + h*g*c <= 0")
    return AllOf(
        [no_gradient(OFF), velocity([REST.format(z="z", V="V", is_="<= 0")]), alike, weights, both(KEPT), falls, ends]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "no gradient with one input on": no_gradient(OFF[1:]),
        "any velocity": velocity([]),
        "weights alone whatever the bias": decay(DECAYED, "r*s + b <= 0"),
        "decay that changes signs": decay(["-1 <= r", "r <= 1"], "r*s + r*b <= 0"),
        "momentum and any decay": both([]),
        "Adam whatever it remembers": adam("z <= 0"),
    }
