"""The claims of section 5: the published counts, and what an attempt costs."""

from stability import AllOf, Claim, Not, Repair
from stability.audit.hypothesis_tests import count
from stability.audit.vocabulary import Study, number_fact, pre, theorem_statement

from .experiments import FLOW, LIVE, NORMAL, PLAIN, SAFE, SPHERES
from .judgements import fails_dead_or_narrow, fails_narrow, fails_otherwise, leaves_dead, perfect, same_start
from .vocabulary import SEEING, TANGENT, WIDE, unit


def short_starts_are_trapped() -> AllOf:
    """State that units that face XOR with |w| <= 1/6 (and a radius up to 31/20) have pre-activations between 0 and 1/2.

    So those of two units differ by less than 1/2 everywhere, from where gradient flow ends with outputs 1/2.
    """
    given = [*WIDE, "r <= 31/20", "6*n <= 1"]
    at = [{"u": "1/10", "v": 0, "n": "1/10", "r": "3/2"}]
    z = pre("relu1", "[u, v, n*r]")
    edges = [f"2*({x}) - 2*n*r - 3*n" for x in z]
    inside = [unit(given, f"0 < {x} < 1/2", try_at=at, splits=[x, edge]) for x, edge in zip(z, edges, strict=True)]
    return AllOf([*inside, theorem_statement("seeing_everything_is_a_trap")])


EXPERIMENTS = [
    Claim(
        "counts-and-percentages",
        "5.1",
        "29 of 50 are 58%, 49 of 50 are 98%, 496 of 500 are 99.2%.",
        statement=number_fact("100*29 == 58*50", "100*49 == 98*50", "1000*496 == 992*500"),
    ),
    Claim(
        "standard-58-percent",
        "5.1",
        "The standard start succeeds in 29 of 50 runs.",
        measure=Study([NORMAL], lambda m: count(m, 29, 50)),
        weight="central",
    ),
    Claim(
        "live-98-percent",
        "5.1",
        "With dead data rejected 49 of 50 runs succeed.",
        measure=Study([LIVE], lambda m: count(m, 49, 50)),
        weight="central",
    ),
    Claim(
        "margin-99-percent",
        "5.1",
        "With a margin too (read: of 1/10), 496 of 500 runs succeed.",
        measure=Study([SAFE], lambda m: count(m, 496, 500)),
        weight="central",
    ),
    Claim(
        "standard-fails-by-dead-data",
        "5.1",
        "The standard start fails by dead data and small margins (read: 95% of the failures began with a dead point, or "
        "a margin below 1/10).",
        measure=Study([NORMAL], fails_dead_or_narrow),
        weight="central",
    ),
    Claim(
        "live-fails-by-margin",
        "5.1",
        "With dead data rejected training fails by small margins (read: below 1/10, more often than live starts "
        "have them).",
        measure=Study([LIVE], fails_narrow),
        weight="central",
    ),
    Claim(
        "margin-fails-subtly",
        "5.1",
        "With a margin too, only subtle geometric failures are left (read: most of another kind than dead class-1 points).",
        measure=Study([SAFE], fails_otherwise),
        because="They are the old ones: a class-1 point is lost on the way, long units being the likely ones.",
        weight="central",
    ),
    Claim(
        "bhi-solves-in-theory",
        "5.1",
        "In theory the rule always succeeds on XOR (read: gradient flow carries no start of it into a trap).",
        statement=lambda: Not(short_starts_are_trapped()),
        because="All starts with |w| <= 1/6 in both units are carried into one.",
        repair=Repair(
            "While both units see all points the loss is 1 at least, and they move straight to outputs 1/2, a trap of loss "
            "1. They get there if their pre-activations differ by less than 1/2 everywhere, and lose a point before if they "
            "differ by more somewhere.",
            lambda: AllOf([theorem_statement(SEEING), short_starts_are_trapped()]),
        ),
        weight="central",
    ),
    Claim(
        "bhi-100-percent",
        "5.1",
        "The rule succeeds in all runs.",
        measure=Study([SPHERES, PLAIN, FLOW], perfect),
        because="It fails in about one run of five.",
        weight="central",
    ),
    Claim(
        "deterministic",
        "5.2",
        "The initialisation is deterministic.",
        measure=Study([SPHERES], same_start),
        because="Only the bias is, given the weights; these are drawn.",
        weight="ours",
    ),
    Claim(
        "one-attempt",
        "5.2",
        "One attempt is enough to have no dead data (with w . m put back).",
        statement=lambda: theorem_statement(TANGENT),
        weight="central",
    ),
    Claim(
        "rejection-only-approximates",
        "5.2, 8",
        "Rejection approximates statistically what the rule guarantees (read: it leaves some point dead in some starts).",
        measure=Study([LIVE], leaves_dead),
        because="What it accepts has no dead data, as surely; it is the number of draws that is left to chance.",
        weight="central",
        uses=["no-dead-data"],
    ),
    Claim(
        "cost-independent",
        "5.2",
        "The cost does not depend on how rare live draws are: whatever the data, the first draw is live.",
        statement=lambda: theorem_statement(TANGENT),
        because="True, at the price of a pass over the data for their mean and radius.",
    ),
]
