"""Which labels a network needs: one for each point, a column for each output, or classes for one-hot targets."""

from dataclasses import replace

from stability.errors import DataError
from stability.exact.numbers import formatted
from stability.model.datasets import Dataset
from stability.model.networks import Network

MOST_CLASSES = 1000
"""One-hot targets are refused beyond so many labels."""


def require_labels(net: Network, data: Dataset) -> None:
    """Refuse data that do not have the labels that a network needs.

    Raises
    ------
    DataError
        If there is not one label for each output, or labels of one-hot targets are no classes 0, 1, ...

    Examples
    --------
    >>> from stability import StabilityError, dataset, network
    >>> try:
    ...     require_labels(network("relu2-out2"), dataset("xor"))
    ... except StabilityError as error:
    ...     print(error.problem)
    xor: expected 2 columns of labels for relu2-out2; got 1.
    """
    if net.one_hot:
        if classes(data) > net.outputs:
            raise DataError(
                f"{data.name}: expected labels below {net.outputs} for {net.outputs} one-hot outputs; got "
                f"{formatted(max(data.labels))}.",
                f'Write landscape("{net.name}", ...), which has an output for each label.',
            )
    elif net.outputs == 1 and data.columns > 1:
        several = replace(net, output_weights=None, trainable=True, outputs=data.columns)
        raise DataError(
            f"{data.name}: expected one label for each point, as {net.name} has one output; got {data.columns}.",
            f"Write {several.name} for {data.columns} outputs, or leave out columns of labels: x1,x2,y.",
        )
    elif data.columns != net.outputs:
        names = [*(f"x{c + 1}" for c in range(data.dimension)), *(f"y{c + 1}" for c in range(net.outputs))]
        one_hot = replace(net, output_bias=True, hidden_biases=True, one_hot=True)
        raise DataError(
            f"{data.name}: expected {net.outputs} columns of labels for {net.name}; got {data.columns}.",
            f"Write a CSV file with the columns {','.join(names)}, or rows of {net.outputs} labels in Python; for "
            f"classes 0, 1, ... in one column write {one_hot.name}.",
        )


def classes(data: Dataset) -> int:
    """Return how many one-hot outputs the labels of a dataset need.

    Raises
    ------
    DataError
        If the labels are not whole numbers from 0, or there are several columns of them.

    Examples
    --------
    >>> from stability import dataset
    >>> classes(dataset("xor"))
    2
    """
    remedy = "Write 0, 1, 2, ... for the classes, in one column: x1,x2,y."
    if data.label_rows:
        raise DataError(f"{data.name}: expected one label for one-hot targets; got {data.columns} columns.", remedy)
    for i, y in enumerate(data.labels, 1):
        if y.denominator != 1 or not 0 <= y < MOST_CLASSES:
            raise DataError(
                f"{data.name}, label {i}: expected a whole number from 0 to {MOST_CLASSES - 1} for one-hot targets; "
                f"got {formatted(y)}.",
                remedy,
            )
    return int(max(data.labels)) + 1


def fitted_outputs(net: Network, data: Dataset) -> Network:
    """Return the network with an output for each label 0, 1, ... of the data, where its targets are one-hot.

    Examples
    --------
    >>> from stability import Dataset, network
    >>> fitted_outputs(network("relu3-linear"), Dataset("three classes", [[0], [1], [2]], [0, 1, 2])).outputs
    3
    """
    return replace(net, outputs=max(2, classes(data))) if net.one_hot else net
