"""The grammar of statements about all stationary sets, and of their proofs. Standard library only.

Nothing is concluded here: what is of another form is rejected. The grammar is that of docs/certificates.md.
"""

from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, grammar, wording = part("limits"), part("grammar"), part("text")
need, fields, listed, whole, wholes = limits.need, grammar.fields, grammar.listed, grammar.whole, grammar.wholes

KINDS = ("global minimum", "local minimum", "saddle", "local maximum")
COUNTS = ("dimension", "faces", "autograd_faces", "smooth_faces", "orbit", "right")
TRUTHS = ("isolated", "strict", "clarke", "directional", "autograd_rests")
LISTS = ("outputs", "correct")  # one entry for every example
ATTRIBUTES = ("kind", "loss", *COUNTS, *TRUTHS, *LISTS)
CLASS = "correct of class "  # and a label: how many examples of that label are correct
SAID = ("kind", "loss", "orbit", "witness")  # of every set in a list of sets
Shapes = dict[str, Any]


def attribute(name: str, value: Any, where: str, examples: int | None = None) -> Any:
    """Return the value of an attribute: a number, a word, a truth value, or a list with an entry for every example."""
    if name == "kind":
        return grammar.word(value, where, KINDS)
    if name == "outputs":
        return grammar.vector(value, where, examples, 1)
    if name == "correct":
        return [attribute("strict", x, f"{where}[{k}]") for k, x in enumerate(listed(value, where, 1, examples))]
    if name in TRUTHS:
        if type(value) is not bool:
            grammar.refuse(where, "true or false", value)
        return value
    if counts(name):
        return whole(value, where)
    if type(value) is int:
        return value
    if type(value) is not str:
        grammar.refuse(where, "a whole number, or a number as text", value)
    return grammar.number(value, where)


def counts(name: str) -> bool:
    """Return whether an attribute is a whole number."""
    return name in COUNTS or name.startswith(CLASS)


def named(value: Any, where: str) -> str:
    """Return the name of an attribute, that of a class with its label in lowest terms."""
    if type(value) is not str or not value.startswith(CLASS):
        return grammar.word(value, where, ATTRIBUTES)  # type: ignore[no-any-return]
    label = value.removeprefix(CLASS)
    need(str(grammar.number(label, where)) == label, f"{where}: expected a label in lowest terms; got {label!r:.60}")
    return value


def meant(name: str, shape: Any, where: str) -> str:
    """Return the name of an attribute, which sets of a landscape must have."""
    need(name != "dimension" or not shape or not shape.one_hot, f"{where}: expected no dimension with one-hot outputs")
    return name


def conditions(value: Any, where: str, shape: Any = None) -> None:
    """Confirm that a list consists of conditions: attribute, relation, value."""
    examples = shape.examples if shape else None
    for k, each in enumerate(listed(value, where)):
        here = f"{where}[{k}]"
        name, relation, wanted = listed(each, here, length=3)
        ordered = meant(named(name, here), shape, here) == "loss" or counts(name)
        words = ("=", "!=") if name in LISTS else ("=", "!=", "in")
        grammar.word(relation, here, (*grammar.RELATIONS, "in") if ordered else words)
        for each_value in listed(wanted, here, 1) if relation == "in" else [wanted]:
            attribute(name, each_value, here, examples)
    grammar.distinct(value, where)


def statement(value: Any, shapes: Shapes, where: str = "statement", depth: int = 0) -> None:
    """Confirm that a statement is one."""
    grammar.nested(depth)
    keys = {*value} if type(value) is dict else set()
    if "all of" in keys:
        for k, each in enumerate(listed(fields(value, where, ("all of",))["all of"], f"{where}['all of']", 1)):
            statement(each, shapes, f"{where}['all of'][{k}]", depth + 1)
    elif "not" in keys:
        statement(fields(value, where, ("not",))["not"], shapes, f"{where}.not", depth + 1)
    elif "every set of" in keys:
        fields(value, where, ("every set of", "with", "has"))
        shape = grammar.known(value["every set of"], where, shapes)
        conditions(value["with"], f"{where}.with", shape)
        conditions(value["has"], f"{where}.has", shape)
        need(value["has"], f"{where}.has: expected a list of at least 1; got a list of 0")
    elif "sets of" in keys:
        fields(value, where, ("sets of", "with", "number"))
        conditions(value["with"], f"{where}.with", grammar.known(value["sets of"], where, shapes))
        relation, number = listed(value["number"], f"{where}.number", length=2)
        grammar.word(relation, f"{where}.number", grammar.RELATIONS)
        whole(number, f"{where}.number")
    elif "set of" in keys:
        fields(value, where, ("set of", "at", "has"))
        shape = grammar.known(value["set of"], where, shapes)
        grammar.point(value["at"], f"{where}.at", shape)
        conditions(value["has"], f"{where}.has", shape)
    elif "all sets of" in keys:
        fields(value, where, ("all sets of", "are"))
        shape = grammar.known(value["all sets of"], where, shapes)
        for k, each in enumerate(listed(value["are"], f"{where}.are", 1)):
            described(each, shape, f"{where}.are[{k}]")
    else:
        wanted = "a statement: 'all sets of', 'every set of', 'sets of', 'set of', 'not' or 'all of'"
        grammar.refuse(where, wanted, value)


def described(value: Any, shape: Any, where: str) -> None:
    """Confirm that a set is described by attributes, of which it has those that are said, and a witness."""
    fields(value, where, SAID, ATTRIBUTES)
    for name, each in value.items():
        here = f"{where}.{meant(name, shape, where)}"
        if name == "witness":
            grammar.point(each, here, shape)
        elif name in COUNTS:
            whole(each, here, 0)
        else:
            attribute(name, each, here, shape.examples)


def proof(value: Any, shapes: Shapes) -> None:
    """Confirm that there is a proof for each landscape, made of trees, rays and fits."""
    for name, each in fields(value, "proof", tuple(shapes)).items():
        width, examples, here = shapes[name].hidden, shapes[name].examples, f"proof.{name}"
        fields(each, here, ("tree", "rays", "fits"))
        for k, node in enumerate(listed(each["tree"], f"{here}.tree", 1)):
            place = f"{here}.tree[{k}]"
            split, *reasons = listed(node, place, 1)
            whole(wholes(split, place, 1)[0], place, -1, examples - 1)
            for reason in reasons:
                need(len(wholes(reason, place, least=3)) % 2, f"{place}: expected a reason of an odd length")
        for k, ray in enumerate(listed(each["rays"], f"{here}.rays")):
            wholes(ray, f"{here}.rays[{k}]", width)
        for k, fit in enumerate(listed(each["fits"], f"{here}.fits", 1)):
            one_fit(listed(fit, f"{here}.fits[{k}]", length=5), width, f"{here}.fits[{k}]")


def one_fit(value: list[Any], width: int, where: str) -> None:
    """Confirm the form of one fit: generators, verdict, weights, directions and balances."""
    generators, verdict, weights, directions, balances = value
    wholes(generators, f"{where}[0]")
    need(all(x >= 0 for x in generators), f"{where}[0]: expected numbers of generators, from 0")
    grammar.distinct(generators, f"{where}[0]")
    whole(verdict, f"{where}[1]", 0, 2)
    wholes(weights, f"{where}[2]", len(generators) + 1)
    for direction in listed(directions, f"{where}[3]"):
        need(wholes(direction, f"{where}[3]", width + 1)[0] >= 0, f"{where}[3]: expected the number of a face, from 0")
    for balance in listed(balances, f"{where}[4]"):
        face, *pairs = listed(balance, f"{where}[4]", 2)
        whole(face, f"{where}[4]", 0)
        for pair in pairs:
            wholes(pair, f"{where}[4]", 2)


def values(condition: list[Any]) -> list[Any]:
    """Return the values that a condition allows or compares with, as numbers where they are."""
    name, relation, value = condition
    return [attribute(name, each, "value") for each in (value if relation == "in" else [value])]


def words(conditions: list[list[Any]]) -> str:
    """Return conditions in words."""

    def plain(x: Any) -> str:
        if type(x) is list:
            return f"[{', '.join(map(plain, x))}]"
        return {True: "true", False: "false"}[x] if type(x) is bool else str(x)

    return " and ".join(f"{name} {relation} {plain(value)}" for name, relation, value in conditions) or "anything"


def said(statement: Any) -> str:
    """Return a statement in words."""
    match statement:
        case {"all of": parts}:
            return " and ".join(f"[{said(each)}]" for each in parts)
        case {"not": inner}:
            return f"not [{said(inner)}]"
        case {"every set of": name, "with": given, "has": wanted}:
            return f"every stationary set of {name} with {words(given)} has {words(wanted)}"
        case {"sets of": name, "with": given, "number": [relation, number]}:
            return f"the number of stationary sets of {name} with {words(given)} is {relation} {number}"
        case {"set of": name, "at": point, "has": wanted}:
            return f"the point {wording.point_said(point)} of {name} is in a stationary set with {words(wanted)}"
    sets = statement["are"]
    kinds = ", ".join(f"{each['orbit']} {each['kind']} of loss {each['loss']}" for each in sets)
    more = sorted({key for each in sets for key in each} - {"orbit", "kind", "loss"})
    name = statement["all sets of"]
    return f"the stationary sets of {name} are exactly: {kinds}; each with the {', '.join(more)} that the record lists"
