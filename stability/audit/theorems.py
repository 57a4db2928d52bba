"""The theorems that the project holds, and whether their false variants fail."""

from stability.audit.discovery import files, load
from stability.errors import StabilityError
from stability.logic.records import Judged, prove
from stability.logic.statements import Statement


def theorem_names() -> list[str]:
    """Return the names of all theorems, one per file of proofs/theorems."""
    return [path.stem for path in files("theorems")]


def theorem_statement(name: str, variant: str = "") -> Statement:
    """Return the statement of a theorem, or one of its false variants.

    Raises
    ------
    StabilityError
        If there is no such theorem or variant.
    """
    paths = {path.stem: path for path in files("theorems")}
    if name not in paths:
        raise StabilityError(f"There is no theorem {name!r}.", f"Known: {', '.join(paths)}.")
    module = load(paths[name])
    if not variant:
        statement: Statement = module.theorem()
        return statement
    false: dict[str, Statement] = module.false_variants()
    if variant not in false:
        raise StabilityError(f"{name} has no variant {variant!r}.", f"Known: {', '.join(false)}.")
    return false[variant]


def variants(name: str) -> list[str]:
    """Return the names of the false variants of a theorem."""
    return list(load({path.stem: path for path in files("theorems")}[name]).false_variants())


def theorem_verdict(name: str, variant: str = "") -> Judged:
    """Settle a theorem, or one of its false variants, and have the checker confirm it."""
    return prove(theorem_statement(name, variant))
