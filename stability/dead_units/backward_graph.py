"""Who uses a tensor, by the graph that a backward pass goes through: it has what no call of torch shows."""

from typing import Any

import torch

Tensor = torch.Tensor
Node = Any


def node_of(value: Any) -> Node:
    """Return the node of the graph that made a tensor; None where there is none."""
    return value.grad_fn if isinstance(value, Tensor) else None


class BackwardGraph:
    """The graph behind some results, read from each node to those that got what it made.

    Parameters
    ----------
    results : list of tensor

    Examples
    --------
    >>> import torch
    >>> w = torch.ones(2, requires_grad=True)
    >>> z = w + 1
    >>> graph = BackwardGraph([z.relu() * z.exp()])
    >>> len(graph.users(z.grad_fn)), graph.uses(w)
    (2, 1)
    """

    def __init__(self, results: list[Tensor]) -> None:
        self._users: dict[Node, list[Node]] = {}
        self._uses: dict[int, int] = {}
        waiting = [node for node in map(node_of, results) if node is not None]
        seen = set(waiting)
        while waiting:
            node = waiting.pop()
            for before, _ in node.next_functions:
                if before is None:
                    continue
                self._users.setdefault(before, []).append(node)
                own = getattr(before, "variable", None)
                if own is not None:
                    self._uses[id(own)] = self._uses.get(id(own), 0) + 1
                if before not in seen:
                    seen.add(before)
                    waiting.append(before)

    def users(self, node: Node) -> list[Node]:
        """Return the nodes that got what a node made."""
        return self._users.get(node, [])

    def uses(self, parameter: Tensor) -> int:
        """Return how many nodes got a parameter."""
        return self._uses.get(id(parameter), 0)
