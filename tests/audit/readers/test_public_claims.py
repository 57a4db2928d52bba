"""Claims that people make of such networks, in our words: each is settled without a hint, and with a certificate."""

import pytest

from stability import check, run_audit

ABS, RELU, TWO = "abs1 xor mean", "relu1 xor mean", "relu2 xor mean"
ABS_LOSS = "4*b^2 + 4*w1^2 + 4*w2^2 - 2*abs(w1 - w2 + b) - 2*abs(w2 - w1 + b) + 2"
MIRRORED = "[[w1, w2, b], [-w1, -w2, -b]]"
WITHOUT_BIAS = "[[w1, w2, 0], [-w1, -w2, 0]]"


def active(*examples: int) -> str:
    """Return that exactly these examples are active; 0 and 1 have the label 1, and 2 and 3 are (1, 1), (-1, -1)."""
    return ", ".join(f"preactivation(p, 0, {i}) {'>' if i in examples else '<'} 0" for i in range(4))


DEAD = ", ".join(f"preactivation(p, 0, {i}) <= 0" for i in range(4))
QUADRATIC = f"for all p given {active(0, 3)} then dot(gradient(p), gradient(p))"

CLAIMS = {
    "loss-as-mean": (ABS, f"for all w1 w2 b then loss([w1, w2, b]) = {ABS_LOSS}", "refuted"),
    "loss-as-sum": ("abs1 xor sum", f"for all w1 w2 b then loss([w1, w2, b]) = {ABS_LOSS}", "proved"),
    "bias-slope": (ABS, "for all w1 w2 b given gradient([w1, w2, b])[2] = 0 then b = 0", "refuted"),
    "stationary-without-bias": (
        ABS,
        "for all w1 w2 given differentiable([w1, w2, 0]), gradient([w1, w2, 0])[0] = 0, gradient([w1, w2, 0])[1] = 0\n"
        "then w1 = -w2",
        "proved",
    ),
    "solved-in-one-step": (ABS, "for all p given differentiable(p) then loss(step(p, 1/2)) = 0", "refuted"),
    "solved-from-opposite-signs": (
        ABS,
        "for all w1 w2 b given b = 0, w1*w2 < 0, differentiable([w1, w2, b]) then loss(step([w1, w2, b], 1/2)) = 0",
        "proved",
    ),
    "contraction": (
        ABS,
        "for all p q given differentiable(p), differentiable(q)\n"
        "then dot(step(p, 1/4) - step(q, 1/4), step(p, 1/4) - step(q, 1/4)) <= dot(p - q, p - q)",
        "refuted",
    ),
    "own-curvature-allows-the-step": (
        RELU,
        f"for all p eta given eta > 0, eta < 4/3, {active(1)} then loss(step(p, eta)) <= loss(p)",
        "refuted",
    ),
    "no-negative-curvature": (ABS, "for all p d then curvature(p, d) >= 0", "proved"),
    "mirrored-units": (
        TWO,
        f"for all w1 w2 b eta given eta > 0, differentiable({MIRRORED})\n"
        f"then step({MIRRORED}, eta)[0] = -step({MIRRORED}, eta)[3]",
        "refuted",
    ),
    "mirrored-weights": (
        TWO,
        f"for all w1 w2 eta given eta > 0, differentiable({WITHOUT_BIAS})\n"
        f"then step({WITHOUT_BIAS}, eta)[0] = -step({WITHOUT_BIAS}, eta)[3],\n"
        f"step({WITHOUT_BIAS}, eta)[1] = -step({WITHOUT_BIAS}, eta)[4]",
        "proved",
    ),
    "mirrored-biases": (
        TWO,
        f"for all w1 w2 eta given eta > 0, differentiable({WITHOUT_BIAS})\n"
        f"then step({WITHOUT_BIAS}, eta)[2] = -step({WITHOUT_BIAS}, eta)[5]",
        "refuted",
    ),
    "rate-at-least": (RELU, f"{QUADRATIC} >= 2*(loss(p) - 1/4)", "proved"),
    "rate-exactly": (RELU, f"{QUADRATIC} = 2*(loss(p) - 1/4)", "refuted"),
    "percentages": (ABS, "numbers 29/50 = 58%, 35/50 = 70%", "proved"),
    "third-percentage": (ABS, "numbers 43/50 = 85%", "refuted"),
    "misspelt": (ABS, 'sets where kind = "local minimun": number = 0', "error"),
    "float-for-a-third": ("abs1 xor sum", "for all w1 w2 b then loss([w1, w2, b]) >= 1.3333", "refuted"),
    "two-roots": (ABS, "for all w given w^2 = 1 then w = 1 or w = -1", "proved"),
    "never-negative": (ABS, "for all p then loss(p) >= 0", "proved"),
    "negative-loss": (ABS, "exists p such that loss(p) < 0", "refuted"),
    "on-a-circle": (
        ABS,
        "for all w1 w2 given w1^2 + w2^2 = 1, w1 > w2 then loss([w1, w2, 0]) >= 3/4",
        "refuted",
    ),
}

SLOW = {
    "step-below-the-bound": (
        ABS,
        "for all p eta given eta > 0, eta < 1, differentiable(p) then loss(step(p, eta)) <= loss(p)",
        "proved",
    ),
    "step-of-a-relu": (
        RELU,
        "for all p eta given eta > 0, eta < 1, differentiable(p) then loss(step(p, eta)) <= loss(p)",
        "proved",
    ),
    "step-of-two-relus": (
        TWO,
        "for all p eta given eta > 0, eta < 1/2, differentiable(p) then loss(step(p, eta)) <= loss(p)",
        "refuted",
    ),
    "one-dead-unit": (TWO, f"for all p given {DEAD} then loss(p) > 0", "proved"),
}


def audited(folder, on, body):
    path = folder / "notes.md"
    path.write_text(f"Words.\n\n```stability\n:id: one\n:on: {on}\n{body}\n```\n")
    ((_, (verdict,)),) = run_audit([str(path)])
    return verdict


@pytest.mark.parametrize(
    ("on", "body", "status"),
    [
        *(pytest.param(*claim, id=name) for name, claim in CLAIMS.items()),
        *(pytest.param(*claim, id=name, marks=pytest.mark.slow) for name, claim in SLOW.items()),
    ],
)
def test_it_is_settled_without_hints(tmp_path, on, body, status):
    verdict = audited(tmp_path, on, body)
    assert verdict.status == status, verdict.reason
    for record in verdict.judged.records if verdict.judged else ():
        assert check(record)


def test_a_misspelt_value_is_named_with_its_line(tmp_path):
    verdict = audited(tmp_path, *CLAIMS["misspelt"][:2])
    assert "minimun" in verdict.reason
    assert verdict.claim.place.line in (3, 6)
