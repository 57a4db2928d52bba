"""How a claim is changed a little, to see its verdict turn."""

from dataclasses import replace

from stability.logic.statements import AllOf, Exists, ForAll, Not


def altered(statement, old, new, try_at=()):
    """Return the statement with a text replaced wherever it stands in a relation."""

    def other(relation):
        return relation.replace(old, new)

    match statement:
        case ForAll(given=given, then=then):
            goals = [other(t) if isinstance(t, str) else [*map(other, t)] for t in then]
            return replace(statement, given=[*map(other, given)], then=goals, try_at=[*try_at, *statement.try_at])
        case Exists(such_that=relations):
            return replace(statement, such_that=[*map(other, relations)], try_at=[*try_at, *statement.try_at])
        case Not(part=part):
            return Not(altered(part, old, new, try_at))
        case AllOf(parts=parts):
            return AllOf([altered(part, old, new, try_at) for part in parts])
    raise TypeError(statement)


def formal(part):
    """Return the statement of a claim or of a repair."""
    return part.statement() if callable(part.statement) else part.statement
