"""The alarms of a reading, number by number in plain Python: what the columns of `alarm_kinds` have to agree with."""

from math import inf, isfinite, isnan, nan

from stability.training.monitoring.alarms import Alarm


def slow_alarms(reading, limits, first):
    """Return the alarms of a reading by itself, given the first one; None if it is this."""
    whole = [
        ("not finite", None, not_finite(reading)),
        ("dead data", limits.dead_fraction, [("", reading.dead_fraction, 1.0, "")]),
        *((name, limit, grown(reading, first, of)) for name, limit, of in (
            ("exploding weights", limits.growth, "weight_norm"),
            ("exploding gradient", limits.growth, "gradient_norm"),
            ("exploding loss", limits.loss_growth, "loss"),
        )),
        ("exploding pre-activations", limits.growth, grown_preactivations(reading, first)),
        ("large start", limits.scale, large_start(reading, first)),
        ("small start", limits.small_scale, small_start(reading, first, limits)),
        ("dead from initialisation", limits.dead_start, dead_start(reading, first, limits)),
        ("large update", limits.update_ratio, [(reading.update_layer, reading.update_ratio, 1.0, "")]),
        ("no update", limits.no_update, no_update(reading, first, limits)),
        ("gradient kept", limits.gradient_kept, [("", float(reading.gradient_kept), 1.0, "")] if first else []),
        ("plateau", limits.rest, rest(reading, first, limits)),
    ]  # fmt: skip
    found = []
    for name, limit, numbers in whole:
        for layer, value, reference, of in numbers:
            if name == "not finite":
                found.append(Alarm(name, layer, nan, nan, of))
                break
            if limit is not None and beyond(name, value, limit * reference):
                found.append(Alarm(name, layer, value, limit * reference, of))
                break
    for layer in reading.layers:
        for name, limit, value in of_layer(layer, reading, first, limits):
            if limit is not None and beyond(name, value, limit):
                found.append(Alarm(name, layer.name, value, limit))
    return tuple(found)


BELOW = {"no torque", "bias freeze", "vanishing gradient", "plateau", "small start", "no update"}


def beyond(name, value, bound):
    return value < bound if name in BELOW else value > bound


def unlearned(reading, first, limits):
    now, then = reading.loss, None if first is None else first.loss
    return now is not None and then is not None and now > limits.unlearned * then > 0


def not_finite(reading):
    return [] if reading.finite else [(reading.not_finite[1], nan, nan, reading.not_finite[0])]


def grown(reading, first, name):
    now, then = getattr(reading, name), None if first is None else getattr(first, name)
    known = now is not None and then is not None and isfinite(then)
    return [("", now, max(1.0, abs(then)), "")] if known else []


def grown_preactivations(reading, first):
    then = {} if first is None else {each.name: each.largest_preactivation for each in first.layers}
    known = [each for each in reading.layers if isfinite(then.get(each.name, nan))]
    return [(each.name, each.largest_preactivation, max(1.0, then[each.name]), "") for each in known]


def large_start(reading, first):
    if first is not None or not isfinite(reading.largest_input):
        return []
    sizes = [*((each.name, each.largest_preactivation) for each in reading.layers), ("", reading.largest_output)]
    ratios = [(name, size / max(1.0, reading.largest_input)) for name, size in sizes]
    return [(name, ratio, 1.0, "") for name, ratio in ratios if ratio < inf]


def small_start(reading, first, limits):
    if first is not None or not 0 < reading.largest_input < inf:
        return []
    known = [each for each in reading.layers if each.points >= limits.examples and 0 < each.largest_range < inf]
    return [(each.name, each.largest_range / reading.largest_input, 1.0, "") for each in known]


def dead_units(layer, limits):
    return layer.dead_units / layer.units if layer.slope == 0 and layer.points >= limits.examples else nan


def dead_start(reading, first, limits):
    then = {each.name: dead_units(each, limits) for each in (reading if first is None else first).layers}
    return [(each.name, min(then.get(each.name, nan), dead_units(each, limits)), 1.0, "") for each in reading.layers]


def no_update(reading, first, limits):
    if not reading.gradient_norm > limits.gradient:
        return []
    if reading.step_gradient_norm == 0:
        return [("", reading.update_ratio, 1.0, "step_gradient_norm")]
    if any(each.bias_change > 0 for each in reading.layers):
        return []
    if reading.learning_rates and max(map(abs, reading.learning_rates)) == 0:
        return [("", reading.update_ratio, 1.0, "learning_rates")]
    if not unlearned(reading, first, limits):
        return []
    for each in reading.layers[1:]:
        if each.points and each.gradient_norm > limits.gradient and each.units_without_gradient < each.units / 2:
            return [("", reading.update_ratio, 1.0, "update_ratio")]
    return []


def rest(reading, first, limits):
    if not unlearned(reading, first, limits):
        return []
    named = (reading.output_change, "output_change"), (reading.output_spread, "output_spread")
    return [("", value, 1.0, of) for value, of in sorted((value, of) for value, of in named if not isnan(value))]


def of_layer(layer, reading, first, limits):
    """Yield kind, limit and number of each alarm of a layer, in their order."""
    enough, rates = layer.points >= limits.examples, reading.learning_rates
    yield "dead data", limits.dead_fraction, layer.dead_fraction if layer.slope == 0 else nan
    yield "dead units", limits.dead_units, dead_units(layer, limits)
    yield "affine units", limits.affine_units, layer.affine_units / layer.units if layer.units > 1 and enough else nan
    yield "no torque", limits.torque, layer.torque_mean if layer.gradient_norm > limits.gradient else nan
    judged = unlearned(reading, first, limits) and not (rates and not any(rates))
    slowest = min((rate for rate in rates if rate > 0), default=1.0)
    yield "bias freeze", limits.bias_change, layer.bias_change / slowest if judged else nan
    longest = max((each.gradient_norm for each in reading.layers if isfinite(each.gradient_norm)), default=0.0)
    yield "vanishing gradient", limits.gradient_ratio, layer.gradient_norm / longest if longest > 0 else nan
