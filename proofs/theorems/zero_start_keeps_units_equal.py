"""From zero weights the units of a layer stay equal under the constraints; their slopes cancel by torch's ties only.

Setting  Sep-U with one input and two points x, y; r is the share of the upper slack. At w = b = 0 both slacks are 1.
Idea     Near there the penalty is 1 - r max z + (1 - r) min z. At r = 1/2 that is 1 - (max z - min z)/2: it falls
         whatever w does. Torch shares a tie out: its slopes are (1 - 2r) times the mean of x, and 1 - 2r for the bias,
         0 for r = 1/2 only. Equal units have equal gradients, of any loss; inputs of 0 give weights none at all.
Scope    Linear penalty; the square has the same directions. So from exact zeros all layers but the first move in their
         biases only, until one is positive, and no rule without randomness ever makes units of a layer differ. If all
         points look alike (z = t), r > 1/2 has its least penalty at t = 1, an affine unit: r = 51/100 is not neutral.
"""

from stability.audit.landscape_statements import landscapes
from stability.audit.layer_statements import largest, penalty, reluing, smallest
from stability.logic.statements import AllOf, ForAll, Statement

Z = (("w*x + b",), ("w*y + b",))
SMALL = ["-1 <= w*x + b <= 1", "-1 <= w*y + b <= 1", "0 <= r", "r <= 1"]
START = {**dict.fromkeys("wbxy", 0), "r": "1/2"}
UNIT = ("u", "v", "b")


def near_zero(share: str, formula: str) -> ForAll:
    """State the penalty of one unit while its pre-activations are between -1 and 1."""
    given = [text.replace("r", share) for text in SMALL]
    return ForAll("w b x y r", given, [f"{penalty('sep-u', Z, share)} == {formula}"], reluing(), [START], samples=0)


def tied(weights: str, bias: str) -> ForAll:
    """State the slopes in w and b of the penalty if both points share each tie."""
    slopes = [f"-r*({z})/2 + (1 - r)*({z})/2" for z in ("x + y", "1 + 1")]
    return ForAll("x y r", [], [f"{slopes[0]} == {weights}", f"{slopes[1]} == {bias}"])


def alike(second: tuple[str, str, str]) -> ForAll:
    """State that two units have equal gradients on XOR."""
    point, names = f"[{', '.join((*UNIT, *second))}]", "u v b p q c"
    axes = [[f"[{', '.join(str(int(k == c + 3 * j)) for k in range(6))}]" for j in (0, 1)] for c in range(3)]
    then = [f"relu2.autograd({point}, {one}) == relu2.autograd({point}, {other})" for one, other in axes]
    return ForAll(names, [], then, landscapes(relu2="relu2"))


def collapsed(sign: str, share: str) -> ForAll:
    """State how the penalty of a unit with the same z = t at all points moves with t."""
    given = ["-1 <= s", "s < t", "t <= 1"]
    both = [penalty("sep-u", [[name], [name]], share) for name in "ts"]
    return ForAll("s t", given, [f"{both[0]} {sign} {both[1]}"], reluing(), [{"s": 0, "t": 1}], samples=0)


def theorem() -> Statement:
    """Return the statement."""
    high, low = largest("w*x + b", "w*y + b"), smallest("w*x + b", "w*y + b")
    unseen = ForAll("w b", [], [f"{penalty('sep-u', [['w*0 + b']] * 2)} == {penalty('sep-u', [['b']] * 2)}"], reluing())
    return AllOf(
        [
            near_zero("r", f"1 - r*{high} + (1 - r)*{low}"),
            near_zero("1/2", f"1 - ({high} - {low})/2"),
            tied("(1 - 2*r)*(x + y)/2", "1 - 2*r"),
            unseen,
            alike(UNIT),
            collapsed("<", "51/100"),
            collapsed("==", "1/2"),
        ]
    )


def false_variants() -> dict[str, Statement]:
    """Return statements that sound alike and are false."""
    return {
        "the penalty itself is flat": near_zero("1/2", "1"),
        "ties cancel for all shares": tied("0", "0"),
        "all units are alike": alike(("p", "q", "c")),
        "a little more than a half is neutral": collapsed("==", "51/100"),
    }
