"""The grammar of statements about points, and of their proofs. Standard library only.

Nothing is concluded here: what is of another form is rejected. The grammar is that of docs/certificates.md.
"""

from pathlib import Path
from runpy import run_path
from typing import Any

part = run_path(str(Path(__file__).with_name("parts.py")))["part"]
limits, grammar, formulas = part("limits"), part("grammar"), part("point_formulas")
need, fields, listed = limits.need, grammar.fields, grammar.listed

OPPOSITE = {"proved": "refuted", "refuted": "proved"}
EXISTS = {"proved": "refuted", "refuted": "vacuous"}
"""What a statement of existence means for its negation, which is universal."""


class Reading:
    """The landscapes of a record, and the formulas that were read so far."""

    def __init__(self, shapes: dict[str, Any], meter: Any) -> None:
        self.shapes, self.meter = shapes, meter
        self.scopes: dict[tuple[str, ...], Any] = {}

    def scope(self, names: list[str]) -> Any:
        """Return where formulas in these variables are read."""
        key = tuple(names)
        if key not in self.scopes:
            self.scopes[key] = formulas.Scope(key, self.shapes, self.meter)
        return self.scopes[key]

    def variables(self, value: Any, where: str) -> Any:
        """Return where formulas in these variables are read, once they are found to be names."""
        names = [grammar.name(each, f"{where}[{k}]") for k, each in enumerate(listed(value, where))]
        grammar.distinct(names, where)
        need(not {*names} & {*self.shapes}, f"{where}: expected variables; got the name of a landscape")
        return self.scope(names)

    def relations(self, value: Any, where: str, scope: Any, least: int) -> None:
        """Confirm that a list consists of relations."""
        for k, text in enumerate(listed(value, where, least)):
            try:
                scope.relation(text)
            except limits.Rejected as problem:
                raise limits.Rejected(f"{where}[{k}]: {problem}") from None

    def statement(self, value: Any, where: str = "statement", depth: int = 0) -> None:
        """Confirm that a statement is one."""
        grammar.nested(depth)
        keys = {*value} if type(value) is dict else set()
        if "for all" in keys:
            fields(value, where, ("for all", "given", "then"))
            scope = self.variables(value["for all"], f"{where}['for all']")
            self.relations(value["given"], f"{where}.given", scope, 0)
            for k, goal in enumerate(listed(value["then"], f"{where}.then", 1)):
                self.relations(goal, f"{where}.then[{k}]", scope, 1)
        elif "exists" in keys:
            fields(value, where, ("exists", "such that"))
            scope = self.variables(value["exists"], f"{where}.exists")
            self.relations(value["such that"], f"{where}['such that']", scope, 1)
        elif "clarke" in keys:
            fields(value, where, ("clarke", "at"))
            shape = grammar.known(value["clarke"], f"{where}.clarke", self.shapes)
            need(not shape.outer, f"{where}.clarke: expected output weights that are fixed; got trainable ones")
            grammar.vector(value["at"], f"{where}.at", shape.parameters)
        elif "not" in keys:
            fields(value, where, ("not",))
            self.statement(value["not"], f"{where}.not", depth + 1)
        elif "all of" in keys:
            fields(value, where, ("all of",))
            for k, each in enumerate(listed(value["all of"], f"{where}['all of']", 1)):
                self.statement(each, f"{where}['all of'][{k}]", depth + 1)
        else:
            grammar.refuse(where, "a statement: 'for all', 'exists', 'clarke', 'not' or 'all of'", value)

    def proof(self, statement: Any, conclusion: str, value: Any, where: str = "proof") -> None:
        """Confirm that a proof has the parts that this conclusion about a statement needs."""
        if "for all" in statement:
            scope, goals = self.scope(statement["for all"]), [len(goal) for goal in statement["then"]]
            self.universal(scope, bool(statement["given"]), goals, conclusion, value, where)
        elif "exists" in statement:
            need(conclusion in EXISTS, "a statement of existence is proved or refuted")
            self.universal(self.scope(statement["exists"]), True, [], EXISTS[conclusion], value, where)
        elif "clarke" in statement:
            self.clarke(len(statement["at"]), conclusion, value, where)
        elif "not" in statement:
            need(conclusion in OPPOSITE, "the opposite of a statement is proved or refuted")
            self.proof(statement["not"], OPPOSITE[conclusion], value, where)
        elif conclusion == "proved":
            parts = listed(fields(value, where, ("parts",))["parts"], f"{where}.parts", length=len(statement["all of"]))
            for k, (each, why) in enumerate(zip(statement["all of"], parts, strict=True)):
                self.proof(each, "proved", why, f"{where}.parts[{k}]")
        else:
            need(conclusion == "refuted", "several statements at once are proved or refuted")
            fields(value, where, ("part", "proof"))
            k = grammar.whole(value["part"], f"{where}.part", 0, len(statement["all of"]) - 1)
            self.proof(statement["all of"][k], "refuted", value["proof"], f"{where}.proof")

    def universal(self, scope: Any, given: bool, goals: list[int], conclusion: str, value: Any, where: str) -> None:
        """Confirm the form of the proof of a universal statement, of its refutation, or of its emptiness."""
        keys = {*value} if type(value) is dict else set()
        if conclusion == "vacuous":
            self.tree(fields(value, where, ("empty",))["empty"], f"{where}.empty", scope, 0)
        elif conclusion == "refuted" and "witness" in keys:
            self.values(fields(value, where, ("witness",))["witness"], f"{where}.witness", scope)
        else:
            needed = ("tree",) if conclusion == "proved" else ("never", "picks")
            how = "root" if "root" in keys else "instance"
            fields(value, where, (*needed, how) if given else needed)
            if "root" in keys:
                grammar.vector(value["root"], f"{where}.root", 2)
            elif given:
                self.values(value["instance"], f"{where}.instance", scope)
            if conclusion == "refuted":
                picks = listed(value["picks"], f"{where}.picks", length=len(goals))
                for k, (pick, size) in enumerate(zip(picks, goals, strict=True)):
                    grammar.whole(pick, f"{where}.picks[{k}]", 0, size - 1)
            self.tree(value[needed[0]], f"{where}.{needed[0]}", scope, len(goals) if conclusion == "proved" else 1)

    def values(self, value: Any, where: str, scope: Any) -> None:
        """Confirm that every variable has a value, and nothing else has."""
        for name, each in fields(value, where, scope.names).items():
            if type(each) is not str or not limits.SURD.fullmatch(each):
                grammar.number(each, f"{where}.{name}")
            limits.surd(each)

    def clarke(self, size: int, conclusion: str, value: Any, where: str) -> None:
        """Confirm the form of what shows that a point is, or is not, Clarke-stationary."""
        if conclusion == "refuted":
            fields(value, where, ("separator", "tree"))
            grammar.vector(value["separator"], f"{where}.separator", size)
            self.tree(value["tree"], f"{where}.tree", self.scope([f"u{k}" for k in range(size)]), 1)
        else:
            need(conclusion == "proved", "a point is Clarke-stationary or not")
            fields(value, where, ("weights", "toward"))
            many = len(grammar.vector(value["weights"], f"{where}.weights", least=1))
            for k, each in enumerate(listed(value["toward"], f"{where}.toward", length=many)):
                grammar.vector(each, f"{where}.toward[{k}]", size)

    def tree(self, value: Any, where: str, scope: Any, goals: int) -> None:
        """Confirm the form of a distinction of cases."""
        keys = {*value} if type(value) is dict else set()
        if "split" in keys:
            fields(value, where, ("split", "-", "0", "+"))
            scope.expression(value["split"])
            for side in "-0+":
                self.tree(value[side], f"{where}{side}", scope, goals)
        elif "absurd" in keys:
            self.terms(fields(value, where, ("absurd",))["absurd"], f"{where}.absurd", scope)
        else:
            fields(value, where, ("goal", "by"))
            grammar.whole(value["goal"], f"{where}.goal", 0, goals - 1)
            for k, why in enumerate(listed(value["by"], f"{where}.by")):
                pair = type(why) is list and len(why) == 2 and type(why[0]) is list
                for each in why if pair else [] if why is None else [why]:
                    self.terms(each, f"{where}.by[{k}]", scope)

    def terms(self, value: Any, where: str, scope: Any) -> None:
        """Confirm the form of a combination of facts."""
        for k, term in enumerate(listed(value, where)):
            here = f"{where}[{k}]"
            if type(term) is dict and "times" in term:
                fields(term, here, ("of", "times"))
                scope.expression(term["times"])
            else:
                fields(term, here, ("of", "weight"), ("square",))
                grammar.number(term["weight"], f"{here}.weight")
                if "square" in term:
                    scope.expression(term["square"])
            grammar.wholes(term["of"], f"{here}.of")


def said(statement: Any) -> str:
    """Return a statement in words."""
    match statement:
        case {"for all": names, "given": given, "then": goals}:
            assumed = f" with {relations(given)}" if given else ""
            return f"for all {', '.join(names)}{assumed}: {' or '.join(map(relations, goals))}"
        case {"exists": names, "such that": given}:
            return f"there are {', '.join(names)} with {relations(given)}"
        case {"clarke": name, "at": at}:
            return f"({', '.join(at)}) is a Clarke-stationary point of {name}"
        case {"not": inner}:
            return f"not [{said(inner)}]"
    return " and ".join(f"[{said(each)}]" for each in statement["all of"])


def relations(texts: list[str]) -> str:
    """Return relations in words, as they are read."""
    return " and ".join(map(formulas.said, texts))
