"""A dead unit simulated step by step by torch's formulas, in decimals of 60 digits, with records that claim it."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product

from forged_records import changed, nodes

from stability.checker import checker

SGD = {
    "name": "sgd",
    "lr": "1/10",
    "momentum": "0",
    "dampening": "0",
    "nesterov": False,
    "weight_decay": "0",
    "bias_decay": "0",
}
ADAM = {
    "name": "adam",
    "lr": "1/100",
    "beta1": "9/10",
    "beta2": "99/100",
    "eps": "1/100000000",
    "taken": 3,
    "weight_decay": "0",
    "bias_decay": "0",
}
POINTS = {"points": [["0", "1"], ["1", "1/2"], ["-1", "0"]]}


def unit_record(units, inputs, rule, proof, steps=None, roundoff="0", conclusion="proved"):
    statement = {"units": units, "inputs": inputs, "rule": rule, "roundoff": roundoff, "steps": steps}
    whole = {"format": "stability-recovery/1", "landscapes": {}, "statement": statement, "conclusion": conclusion}
    record = {**whole, "proof": proof, "id": ""}
    return {**record, "id": checker.digest(record)}


def sgd_unit(weights=("-1", "1/2"), bias="-2", velocity=("0", "1/10", "-1/10")):
    return {"weights": [*weights], "bias": bias, "velocity": [*velocity]}


def adam_unit(weights=("-1", "1/2"), bias="-2", m=("0", "1/10", "-1/10"), v=("0", "1/50", "1/50")):
    return {"weights": [*weights], "bias": bias, "m": [*m], "v": [*v]}


PROOF, MOMENTS = {"bits": 128, "ratios": [None, None]}, {"bits": 128, "explicit": 40}


def true_records():
    """Return true records by name: each rule, for ever and for some steps, on points and in boxes."""
    momentum = {**SGD, "momentum": "9/10"}
    decayed = {**momentum, "weight_decay": "1/100", "bias_decay": "1/100"}
    kept = {"bits": 128, "ratios": ["1/2", "1/2"]}
    short = {"bits": 128, "ratios": ["1/5", "1/5"]}
    box = {"box": [["0", None], ["0", "1"]]}
    adamw = {**ADAM, "name": "adamw", "weight_decay": "1/10", "bias_decay": "1/10"}
    coupled = {**ADAM, "weight_decay": "1/10", "bias_decay": "1/10"}
    return {
        "sgd": unit_record([sgd_unit()], POINTS, SGD, PROOF),
        "momentum": unit_record([sgd_unit(), sgd_unit(bias="-4")], POINTS, momentum, PROOF),
        "nesterov": unit_record([sgd_unit()], POINTS, {**momentum, "nesterov": True}, PROOF, roundoff="1/16777216"),
        "momentum for some steps": unit_record([sgd_unit(bias="-103/100")], POINTS, momentum, PROOF, 3),
        "decayed": unit_record([sgd_unit()], POINTS, decayed, kept),
        "decayed for some steps": unit_record([sgd_unit()], POINTS, decayed, short, 5),
        "weights decayed": unit_record(
            [sgd_unit()], POINTS, {**decayed, "bias_decay": "0"}, {**kept, "ratios": ["1/2", None]}
        ),
        "bias stays": unit_record(
            [sgd_unit(("-1", "-1"), "1/2", ("0",) * 3)],
            {"points": [["1", "1"], ["2", "0"]]},
            {**SGD, "weight_decay": "1"},
            PROOF,
            12,
        ),
        "box": unit_record([sgd_unit()], box, momentum, PROOF),
        "adam": unit_record([adam_unit()], POINTS, ADAM, MOMENTS, roundoff="1/16777216"),
        "adam for some steps": unit_record([adam_unit(bias="-51/50")], POINTS, ADAM, MOMENTS, 2),
        "adam with decay": unit_record([adam_unit()], POINTS, coupled, MOMENTS, 6),
        "adamw": unit_record([adam_unit()], POINTS, adamw, MOMENTS),
        "adamw without bias decay": unit_record([adam_unit()], POINTS, {**adamw, "bias_decay": "0"}, MOMENTS),
    }


def corners(inputs, far=10**4):
    """Return inputs at which a dead unit must be off: all points, or the vertices of a box with far ones for none."""
    if "points" in inputs:
        return [[Decimal(Fraction(x).numerator) / Fraction(x).denominator for x in row] for row in inputs["points"]]
    sides = [
        [Decimal(sign * far) if x is None else number(x) for sign, x in zip((-1, 1), side, strict=True)]
        for side in inputs["box"]
    ]
    return [list(each) for each in product(*sides)]


def number(text):
    exact = Fraction(text)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def revives(unit, statement, steps, rates=None):
    """Return after how many steps a unit is first on at some input, by more than 10^-30; None if it is not.

    Parameters
    ----------
    unit, statement : dict
        Of a record.
    steps : int
    rates : sequence of Decimal, optional
        By what the learning rate of the rule is multiplied, step after step.
    """
    with localcontext() as context:
        context.prec = 60
        rule = {key: number(x) if type(x) is str and key != "name" else x for key, x in statement["rule"].items()}
        p = [*map(number, unit["weights"]), number(unit["bias"])]
        memory = [list(map(number, unit[key])) for key in ("velocity", "m", "v") if key in unit]
        decays = [rule["weight_decay"]] * (len(p) - 1) + [rule["bias_decay"]]
        inputs = corners(statement["inputs"])
        for t in range(steps + 1):
            if max(sum(w * x for w, x in zip(p, [*row, 1], strict=True)) for row in inputs) > Decimal("1e-30"):
                return t
            lr = rule["lr"] * (rates[t % len(rates)] if rates else 1)
            for i, decay in enumerate(decays):
                p[i] = one_step(rule, lr, decay, p[i], memory, i, t)
    return None


def one_step(rule, lr, decay, p, memory, i, t):
    """Return a parameter after a step without gradient of the loss, as torch.optim does it; memory is changed."""
    if rule["name"] == "sgd":
        g = decay * p
        if rule["momentum"]:
            memory[0][i] = rule["momentum"] * memory[0][i] + (1 - rule["dampening"]) * g
            g = g + rule["momentum"] * memory[0][i] if rule["nesterov"] else memory[0][i]
        return p - lr * g
    if rule["name"] == "adamw":
        p, g = p * (1 - lr * decay), Decimal(0)
    else:
        g = decay * p
    m, v = memory
    m[i] = rule["beta1"] * m[i] + (1 - rule["beta1"]) * g
    v[i] = rule["beta2"] * v[i] + (1 - rule["beta2"]) * g * g
    now = rule["taken"] + t + 1
    size = (v[i] / (1 - rule["beta2"] ** now)).sqrt() + rule["eps"]
    return p if not m[i] else p - lr * (m[i] / (1 - rule["beta1"] ** now)) / size


def changes(value):
    """Return other values of the same kind."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value * 10 + 1]
    if isinstance(value, str):
        x = Fraction(value)
        return [str(y) for y in (-x, x * 2, x + 1, x / 3, x - 1)]
    return [1, "1/2"]


def campaign():
    """Yield true records with one number changed."""
    for name, record in true_records().items():
        places = [(path, value) for path, value in nodes(record) if path[:1] in (("statement",), ("proof",))]
        for path, value in places:
            if value is None or isinstance(value, bool | int) or (isinstance(value, str) and path[-1] != "name"):
                for other in changes(value):
                    yield name, path, changed(record, path, other)
