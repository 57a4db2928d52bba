"""Optimisers made again of their states, as checkpoints hold them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import torch

from stability.errors import DataError

Tensor = torch.Tensor
Order = list[int]

SGD_KEYS, ADAM_KEYS = {"momentum", "dampening", "weight_decay"}, {"betas", "eps", "weight_decay"}
"""What the groups of SGD, and of Adam and AdamW, have."""

ADAM_ALONE, OF_ALL = "amsgrad", {"foreach", "maximize", "capturable", "differentiable"}
"""What Adam alone has of the optimisers with `betas`, and what all of torch have beside."""

SGD_MEMORY, ADAM_MEMORY = {"momentum_buffer"}, {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}
"""What they remember of a parameter."""

SHAPED = ("exp_avg", "exp_avg_sq", "momentum_buffer")
"""What has the shape of the parameter."""

MOST_TRIED = 100_000
"""Places of parameters that are tried before their order is taken to be unknown."""


def loaded(
    parameters: Mapping[str, torch.nn.Parameter],
    name: str | None,
    settings: Mapping[str, float],
    kept: Mapping[str, Any],
) -> torch.optim.Optimizer:
    """Return the optimiser whose state was kept.

    Parameters
    ----------
    parameters : mapping of str to Parameter
        In the order of the network.
    name : str or None
        What the caller takes it to be: "sgd", "momentum", "nesterov", "adam" or "adamw".
    settings : mapping of str to float
        As `scan_checkpoint` takes them: those that are others from now on.
    kept : mapping
        As `Optimizer.state_dict` has it.

    Raises
    ------
    DataError
        If it is of an optimiser whose steps are not known, of other parameters, or does not say of which.
    """
    try:
        kind = _kind(name, kept)
        order = _order(parameters, kept)
        values = list(parameters.values())
        sizes = [len(group["params"]) for group in kept["param_groups"]]
        starts = [sum(sizes[:k]) for k in range(len(sizes))]
        groups = [{"params": [values[p] for p in order[a : a + n]]} for a, n in zip(starts, sizes, strict=True)]
        made: torch.optim.Optimizer = kind(groups, lr=float(kept["param_groups"][0]["lr"]))
        made.load_state_dict({"state": kept["state"], "param_groups": kept["param_groups"]})
    except DataError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise _wrong() from None
    _require_name(name, made, settings)
    _go_on_with(made, parameters, settings)
    return made


def _require_name(name: str | None, made: torch.optim.Optimizer, settings: Mapping[str, float]) -> None:
    """Refuse the state of another optimiser than the caller says."""
    groups = made.param_groups
    fits = {
        "sgd": isinstance(made, torch.optim.SGD),
        "momentum": "momentum" in settings or any(group.get("momentum") for group in groups),
        "nesterov": any(group.get("nesterov") for group in groups),
        "adam": type(made) is torch.optim.Adam,
        "adamw": type(made) is torch.optim.AdamW,
    }
    if name is not None and not (fits[name] and (name.startswith("adam") or fits["sgd"])):
        kind = f"{type(made).__name__}{' without momentum' * (fits['sgd'] and not fits['momentum'])}"
        raise DataError(f"Expected the state of {name}; got that of {kind}.", "Leave --optimizer out.")


def _go_on_with(
    made: torch.optim.Optimizer, parameters: Mapping[str, torch.nn.Parameter], settings: Mapping[str, float]
) -> None:
    """Give an optimiser the settings that are others from now on."""
    biases = {id(p) for key, p in parameters.items() if key.endswith("bias")}
    if "bias_decay" in settings:
        parts = [
            {**group, "params": [p for p in group["params"] if (id(p) in biases) == of_biases]}
            for group in made.param_groups
            for of_biases in (False, True)
        ]
        made.param_groups[:] = [part for part in parts if part["params"]]
    for group in made.param_groups:
        changed = {"lr", "weight_decay", "momentum", "eps"} & settings.keys() & group.keys()
        group.update({key: settings[key] for key in changed})
        if "betas" in group:
            group["betas"] = tuple(settings.get(f"beta{k}", beta) for k, beta in enumerate(group["betas"], start=1))
        if "bias_decay" in settings and id(group["params"][0]) in biases:
            group["weight_decay"] = settings["bias_decay"]


def _kind(name: str | None, kept: Mapping[str, Any]) -> Any:
    """Return the class of the optimiser, by what its groups and its memory are called."""
    groups = kept["param_groups"]
    remembered = {key for entry in kept["state"].values() for key in entry}
    adam = all({*group} >= ADAM_KEYS and (ADAM_ALONE in group or not OF_ALL & {*group}) for group in groups)
    if adam and remembered <= ADAM_MEMORY:
        said = {group.get("decoupled_weight_decay") for group in groups}
        if len(said) > 1:
            raise DataError(
                "Expected one optimiser; its groups of parameters decay in different ways.",
                "Give the network itself to stability.recovery.",
            )
        decoupled = said.pop()
        if decoupled is None and name is None and any(float(group["weight_decay"]) for group in groups):
            raise DataError(
                "Expected to know whether weight decay scales parameters or is part of the gradient; the state does "
                "not say so.",
                "Add --optimizer adam or --optimizer adamw.",
            )
        return torch.optim.AdamW if (name == "adamw" if decoupled is None else decoupled) else torch.optim.Adam
    sgd = all({*group} >= SGD_KEYS and not {"betas", "alpha"} & {*group} for group in groups)
    if sgd and remembered <= SGD_MEMORY:
        return torch.optim.SGD
    settings = sorted({str(key) for group in groups for key in group} - {"params", "param_names"})
    raise DataError(
        "Expected the state of an optimiser whose steps are known: SGD, Adam or AdamW of torch; got one with the "
        f"settings {', '.join(settings)!s:.100}.",
        "Leave the state out, and say with --optimizer and --lr how the training goes on.",
    )


def _order(parameters: Mapping[str, torch.nn.Parameter], kept: Mapping[str, Any]) -> Order:
    """Return which parameter of the network each place of the state is of, group after group."""
    groups, values = kept["param_groups"], list(parameters.values())
    places = [place for group in groups for place in group["params"]]
    if sorted(places) != list(range(len(values))):
        raise _wrong()
    shapes = [_shape(kept["state"].get(place, {})) for place in places]
    names = [name for group in groups for name in group.get("param_names", ())]
    if len(names) == len(places):
        known = list(parameters)
        found = [[known.index(name) for name in names]] if sorted(names) == sorted(known) else []
    elif len(groups) == 1 or (not any(shapes) and _alike(groups)):
        found = [list(range(len(values)))]
    else:
        sizes = [len(group["params"]) for group in groups]
        found = list(islice(_orders(sizes, shapes, [tuple(value.shape) for value in values]), 2))
    fitting = [
        order
        for order in found
        if all(shape in (None, tuple(values[p].shape)) for p, shape in zip(order, shapes, strict=True))
    ]
    if not fitting:
        raise _wrong()
    if len(fitting) > 1:
        raise _unclear()
    return fitting[0]


def _wrong() -> DataError:
    return DataError(
        "Expected the state of an optimiser of these parameters, in their order; got that of others.",
        "Save optimizer.state_dict() with the model.state_dict() of the same training, both by torch.save.",
    )


def _unclear() -> DataError:
    return DataError(
        "Expected to know which parameters each group of the optimiser holds; its state has several groups without "
        "names, and more than one order fits.",
        "Make the optimiser of model.named_parameters(), whose state has names, or give the network itself to "
        "stability.recovery.",
    )


def _alike(groups: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether groups of parameters are trained alike."""
    first, *others = ({key: value for key, value in group.items() if key != "params"} for group in groups)
    return all(other == first for other in others)


def _shape(entry: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return the shape of a parameter of which something is remembered; None where nothing is."""
    shapes = {tuple(entry[key].shape) for key in SHAPED if entry.get(key) is not None}
    if len(shapes) > 1:
        raise _wrong()
    return next(iter(shapes), None)


def _orders(
    sizes: Sequence[int], shapes: Sequence[tuple[int, ...] | None], wanted: Sequence[tuple[int, ...]]
) -> Iterator[Order]:
    """Yield the orders in which each group holds its parameters as they stand in the network.

    Raises
    ------
    DataError
        If there are too many to be tried.
    """
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    waiting: list[tuple[int, ...]] = [()]
    for _ in range(MOST_TRIED):
        if not waiting:
            return
        chosen = waiting.pop()
        if len(chosen) == len(wanted):
            order = [0] * len(wanted)
            for value, place in enumerate(chosen):
                order[place] = value
            yield order
            continue
        for start, size in zip(starts, sizes, strict=True):
            place = start + sum(start <= each < start + size for each in chosen)
            if place < start + size and shapes[place] in (None, wanted[len(chosen)]):
                waiting.append((*chosen, place))
    raise _unclear()
