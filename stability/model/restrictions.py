"""What networks a module takes, where it does not take all."""

from dataclasses import replace

from stability.errors import PointError, UnknownNameError
from stability.io.printable import amount
from stability.model.network_loss import NetworkLoss, require_landscape

OTHERWISE = "Take one unit, as relu1, and points of two coordinates, or derive one cell by its pattern."

NOT_QUADRATIC = "the loss is no quadratic in each cell where they are trained"
NOT_LINEAR = "gradient flow is not piecewise linear where they are trained"


def require_fixed(landscape: NetworkLoss, what: str, why: str = NOT_QUADRATIC) -> None:
    """Refuse a network whose output weights are trained.

    Parameters
    ----------
    landscape : NetworkLoss
    what : str
        What is asked for, as "gradient flow".
    why : str
        What is different with trained output weights, as a clause.

    Raises
    ------
    KindError
        If it is no landscape.
    UnknownNameError
        If they are trained.

    Examples
    --------
    >>> from stability import landscape
    >>> require_fixed(landscape("relu[+,-]+c", "xor"), "gradient flow")
    """
    require_landscape(landscape)
    net = landscape.network
    if net.trainable:
        signs = tuple((-1) ** k for k in range(net.count)) if net.count > 1 else (-1,)
        instead = replace(net, trainable=False, output_weights=signs, outputs=1, one_hot=False)
        plain = replace(instead, output_weights=None)
        fixed = f"{instead.name}, or {plain.name}," if net.count == 1 else f"{instead.name}, or any other signs,"
        raise UnknownNameError(
            f"Expected fixed output weights for {what}: {why}; got {net.name}.",
            f"Write {fixed} for output weights that are not trained, or ask for the atlas of {net.name}.",
        )


def require_units_alone(landscape: NetworkLoss, what: str) -> None:
    """Refuse a network that has other parameters than weights and bias of every unit.

    Parameters
    ----------
    landscape : NetworkLoss
    what : str
        What is asked for, as "a plane of the loss".

    Raises
    ------
    UnknownNameError
        If output weights are trained, there is an output bias, or units have no biases.
    """
    require_fixed(landscape, what)
    net = landscape.network
    if net.output_bias or not net.hidden_biases:
        instead = replace(net, output_bias=False, hidden_biases=True)
        raise UnknownNameError(
            f"Expected units with biases, and no output bias, for {what}: its coordinates are theirs; got {net.name}.",
            f"Write {instead.name}.",
        )


def require_one_unit_in_the_plane(landscape: NetworkLoss, remedy: str = OTHERWISE) -> None:
    """Refuse a landscape that one angle does not describe.

    Raises
    ------
    UnknownNameError
        If there are other parameters than weights and bias of every unit.
    PointError
        If there are several units, or the data are not in the plane; with what to try instead.
    """
    require_units_alone(landscape, "an angle and a bias")
    if landscape.units != 1 or landscape.data.dimension != 2:
        raise PointError(
            f"Expected one unit in the plane; {landscape!r} has {amount(landscape.units, 'unit')} "
            f"in {amount(landscape.data.dimension, 'dimension')}.",
            remedy,
        )
