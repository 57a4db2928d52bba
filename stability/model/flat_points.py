"""Points in floats, many at once, in the two orders that are in use: row after row, and layer after layer."""

import numpy as np

from stability.arrays import Floats, Ints
from stability.exact.numbers import rational
from stability.model.network_loss import Matrix, NetworkLoss


def point_shape(landscape: NetworkLoss) -> tuple[int, ...]:
    """Return the shape of a point in floats: (units, numbers of a row), or flat where an output bias stands behind.

    Examples
    --------
    >>> from stability import landscape
    >>> point_shape(landscape("relu2-out", "xor")), point_shape(landscape("relu2-out+c", "xor"))
    ((2, 4), (9,))
    """
    if landscape.network.output_bias:
        return (landscape.parameters,)
    return landscape.units, landscape.stride


def exact_rows_of(landscape: NetworkLoss, point: Floats) -> Matrix:
    """Return a point in floats as the exact rows of the layer form.

    Raises
    ------
    NumberError
        If a number is not finite.

    Examples
    --------
    >>> from stability import landscape
    >>> rows = exact_rows_of(landscape("relu1+c", "parity:1"), np.array([1, -0.5, 2]))
    >>> [list(map(str, row)) for row in rows]
    [['1', '-1/2'], ['2']]
    """
    return landscape.by_unit([rational(x) for x in np.ravel(point).tolist()])


def layer_order(landscape: NetworkLoss) -> Ints:
    """Return where the parameters of the layers stand in a flat point, shape (parameters,).

    A flat point holds a row (w_1, ..., w_d, b, a) after the other and then c. Layer after layer come all (w, b), then
    for each output its trained weights and its bias: `flat[..., layer_order(landscape)]`.

    Examples
    --------
    >>> from stability import landscape
    >>> layer_order(landscape("relu2-out+c", "xor")).tolist()
    [0, 1, 2, 4, 5, 6, 3, 7, 8]
    >>> layer_order(landscape("relu1-linear", "xor")).tolist()
    [0, 1, 2, 3, 5, 4, 6]
    """
    rows = np.arange(landscape.units * landscape.stride).reshape(landscape.units, landscape.stride)
    weights, biases = rows[:, landscape.width :].T, np.arange(rows.size, landscape.parameters)
    if not weights.size:
        return np.concatenate([rows.ravel(), biases])
    last = np.concatenate([weights, biases[:, None]], axis=1) if biases.size else weights
    return np.concatenate([rows[:, : landscape.width].ravel(), last.ravel()])


def by_rows(landscape: NetworkLoss, layers: Floats) -> Floats:
    """Return points of shape (points, parameters), layer after layer, as `point_shape` has them.

    Examples
    --------
    >>> from stability import landscape
    >>> by_rows(landscape("relu2-out", "xor"), np.arange(8.0)[None]).tolist()
    [[[0.0, 1.0, 2.0, 6.0], [3.0, 4.0, 5.0, 7.0]]]
    """
    found = np.empty_like(layers)
    found[:, layer_order(landscape)] = layers
    return found.reshape(-1, *point_shape(landscape))
