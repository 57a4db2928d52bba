from fractions import Fraction
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import sympy
import torch
from some_slow import some_slow
from torch_oracle import loss_function

from stability import landscape
from stability.errors import NumberError, UnknownNameError
from stability.model.update_rules import RULES, update_rule

OPTIMISERS = {
    "gd": lambda p, step, **_: torch.optim.SGD(p, lr=step),
    "heavy-ball": lambda p, step, momentum: torch.optim.SGD(p, lr=step, momentum=momentum),
    "nesterov": lambda p, step, momentum: torch.optim.SGD(p, lr=step, momentum=momentum, nesterov=True),
    "adam": lambda p, step, beta1, beta2, eps: torch.optim.Adam(p, lr=step, betas=(beta1, beta2), eps=eps),
}
"""torch's own optimiser for each rule; torch has none that steps by signs alone."""

STEPS = {"gd": "1/20", "heavy-ball": "1/100", "nesterov": "1/100", "adam": "1/50", "sign": "1/100"}


def floats(rule):
    return {name: float(value) for name, value in rule.parameters.items()}


def slope_of(place):
    loss = loss_function(place)

    def slope(p):
        theta = p.detach().clone().requires_grad_()
        return torch.autograd.grad(loss(theta), theta)[0]

    return slope


def test_every_rule_has_a_peer():
    assert set(OPTIMISERS) == set(RULES) - {"sign"}
    assert set(STEPS) == set(RULES)


@pytest.mark.parametrize(("name", "model"), some_slow(product(OPTIMISERS, ["relu2", "abs1", "leaky1/100:3"]), 7))
def test_every_step_is_that_of_torch_to_the_last_bit(name, model):
    place, descent = landscape(model, "xor"), update_rule(name, step=STEPS[name])
    slope = slope_of(place)
    begin = torch.randn(place.units, place.width, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    theirs = torch.nn.Parameter(begin.clone())
    optimiser = OPTIMISERS[name]([theirs], **floats(descent))
    state = descent.start(begin)
    for t in range(1, 1001):
        theirs.grad = slope(theirs)
        optimiser.step()
        state = descent.step(state, slope(state[0]))
        assert torch.equal(state[0], theirs.detach()), f"step {t}"
    assert state[-1] == 1000
    assert (state[0] - begin).abs().max() > 0.1


def test_other_parameters_reach_torch_too():
    begin, slope = torch.ones(1, 3, dtype=torch.float64), slope_of(landscape("relu1", "xor"))
    for name, given in (("heavy-ball", {"momentum": "0"}), ("adam", {"beta1": "3/5", "beta2": 0, "eps": "1/10"})):
        descent = update_rule(name, step="1/30", **given)
        theirs, state = torch.nn.Parameter(begin.clone()), descent.start(begin)
        optimiser = OPTIMISERS[name]([theirs], **floats(descent))
        for _ in range(50):
            theirs.grad = slope(theirs)
            optimiser.step()
            state = descent.step(state, slope(state[0]))
        assert torch.equal(state[0], theirs.detach())


@pytest.mark.parametrize("name", RULES)
def test_numpy_and_plain_floats_agree_with_torch(name):
    descent, rows = update_rule(name, step=STEPS[name]), np.array([[0.3, -0.7], [1.1, 0.2]])
    theirs, ours = descent.start(torch.tensor([1.0, -2.0], dtype=torch.float64)), descent.start(np.array([1.0, -2.0]))
    single = descent.start(1.0)
    for _ in range(40):
        theirs = descent.step(theirs, torch.tensor(rows) @ theirs[0])
        ours, single = descent.step(ours, rows @ ours[0]), descent.step(single, 0.3 * single[0] + 0.1)
    assert np.allclose(ours[0], theirs[0].numpy(), rtol=1e-12, atol=0)
    assert isinstance(single[0], float)


def by_hand(name, p, v, m, g, c, t):
    """Return the new p, written from the documentation of torch.optim."""
    match name:
        case "gd":
            return p - c.step * g
        case "heavy-ball":
            return p - c.step * (c.momentum * v + g)
        case "nesterov":
            return p - c.step * (g + c.momentum * (c.momentum * v + g))
        case "sign":
            return p - c.step * sympy.sign(g)
    first = (c.beta1 * m + (1 - c.beta1) * g) / (1 - c.beta1**t)
    root = sympy.sqrt(c.beta2 * v + (1 - c.beta2) * g**2) / sympy.sqrt(1 - c.beta2**t)
    return p - c.step * first / (root + c.eps)


@pytest.mark.parametrize("name", RULES)
def test_sympy_gets_the_formula_from_the_same_definition(name):
    p, g = sympy.symbols("p g", real=True)
    m, v, t = sympy.symbols("m v t", positive=True)
    family = RULES[name]
    c = SimpleNamespace(**{each: sympy.Symbol(each, positive=True) for each in family.ranges})
    buffers = {(): (), ("v",): (v,), ("m", "v"): (m, v)}[family.buffers]
    after = family.move((p, *buffers, t - 1), g, c)
    assert sympy.simplify(after[0] - by_hand(name, p, v, m, g, c, t)) == 0
    assert after[-1] == t
    exact = update_rule(name, step="1/7")
    values = {symbol: sympy.Rational(k, 3) for k, symbol in enumerate((p, g, m, v), 1)}
    begin = [each.subs(values) for each in (p, *buffers)]
    numbers = SimpleNamespace(**{n: sympy.Rational(x.numerator, x.denominator) for n, x in exact.parameters.items()})
    wanted = by_hand(name, *(each.subs(values) for each in (p, v, m, g)), numbers, 4)
    assert sympy.simplify(exact.step((*begin, 3), values[g])[0] - wanted) == 0


@pytest.mark.parametrize("name", ["gd", "heavy-ball", "nesterov", "sign"])
def test_fractions_stay_exact(name):
    descent = update_rule(name, step="1/10")
    place = landscape("abs1", "xor")
    exact, array = descent.start(Fraction(1, 3)), descent.start(np.array([Fraction(1, 3)] * 3, dtype=object))
    for _ in range(5):
        exact = descent.step(exact, 8 * exact[0] - 1)
        array = descent.step(array, np.array(place.autograd_gradient([list(array[0])]), dtype=object))
    assert isinstance(exact[0], Fraction)
    assert all(isinstance(x, Fraction) for x in array[0])


def test_gradient_descent_repeats_the_cycle_of_the_theorem():
    descent, place = update_rule("gd", step="3/8"), landscape("abs1", "xor")
    state, seen = descent.start(np.array([0, 0, Fraction(3, 10)], dtype=object)), []
    for _ in range(4):
        state = descent.step(state, np.array(place.autograd_gradient([list(state[0])]), dtype=object))
        seen.append(state[0][2])
    assert seen == [Fraction(n, 10) for n in (9, -3, -9, 3)]


def test_adam_with_fractions_needs_rational_roots():
    descent = update_rule("adam", step="1/10", beta1=0, beta2=0, eps=1)
    assert descent.step(descent.start(Fraction(1)), Fraction(3))[0] == 1 - Fraction(1, 10) * Fraction(3, 4)
    with pytest.raises(NumberError, match="square of a rational"):
        update_rule("adam", step="1/10").step((Fraction(1), Fraction(0), Fraction(0), 0), Fraction(3))


@pytest.mark.parametrize("name", ["heavy-ball", "nesterov"])
def test_without_momentum_it_is_gradient_descent(name):
    plain, descent = update_rule("gd", step="1/10"), update_rule(name, step="1/10", momentum=0)
    a, b = plain.start(Fraction(5, 7)), descent.start(Fraction(5, 7))
    for _ in range(6):
        a, b = plain.step(a, 3 * a[0]), descent.step(b, 3 * b[0])
        assert a[0] == b[0]


def test_spellings():
    assert (
        update_rule("heavy_ball", step=1)
        == update_rule("heavy-ball", step="1", momentum="9/10")
        == update_rule("momentum", step=1)
    )
    assert update_rule("gradient_descent", step=1).name == "gd"
    assert str(update_rule("nesterov", step="1/10")) == "nesterov (step 1/10, momentum 9/10)"
    assert update_rule("adam", step="1/1000").parameters["eps"] == Fraction(1, 10**8)


@pytest.mark.parametrize(
    ("name", "given", "error", "words"),
    [
        ("adamw", {"step": 1}, UnknownNameError, "Did you mean 'adam'"),
        ("gd", {"step": 1, "momentum": "1/2"}, UnknownNameError, "gd has no parameter 'momentum'"),
        ("gd", {}, NumberError, "Expected the step of gd; got none"),
        ("gd", {"step": 0}, NumberError, "expected a step above 0; got 0"),
        ("gd", {"step": "-1/10"}, NumberError, "above 0; got -1/10"),
        ("gd", {"step": float("nan")}, NumberError, "finite number; got nan"),
        ("gd", {"step": float("inf")}, NumberError, "finite number; got inf"),
        ("gd", {"step": "fast"}, NumberError, "gd, step: expected a finite rational number; got 'fast'"),
        ("gd", {"step": "1e350"}, NumberError, "to 1e300"),
        ("heavy-ball", {"step": 1, "momentum": 1}, NumberError, "from 0 to below 1; got 1"),
        ("nesterov", {"step": 1, "momentum": "-1/100"}, NumberError, "from 0 to below 1"),
        ("adam", {"step": 1, "beta1": 1}, NumberError, "expected a beta1 from 0 to below 1"),
        ("adam", {"step": 1, "beta2": "1.5"}, NumberError, "beta2"),
        ("adam", {"step": 1, "eps": 0}, NumberError, "eps above 0"),
    ],
)
def test_errors_say_what_to_do(name, given, error, words):
    with pytest.raises(error, match=words):
        update_rule(name, **given)
