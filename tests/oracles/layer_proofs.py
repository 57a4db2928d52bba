"""Records about all stationary sets of networks with output layers, with any statement on any proof."""

from fractions import Fraction as Q

from stability import Landscape
from stability.checker import checker
from stability.geometry.atlas.certificates import proof
from stability.model.datasets import Dataset
from stability.model.networks import Network, network
from stability.model.units import Unit


def place_of(name, points, labels, loss="sum"):
    """Return a landscape on points such as [[0], ["1/2"]]."""
    return Landscape(network(name), Dataset("points", points, labels), loss)


def proof_of(place):
    """Return what shows that the list of stationary sets is complete."""
    return proof(place.atlas())


def record_of(landscape, proof, statement, conclusion="proved", name="L"):
    """Return a record about a landscape as records hold it."""
    record = {
        "format": "stability-atlas/1",
        "id": "",
        "landscapes": {name: landscape},
        "statement": statement,
        "conclusion": conclusion,
        "proof": {name: proof},
    }
    return {**record, "id": checker.digest(record)}


def network_of(data):
    """Return the network of a landscape as records hold it; of one-hot outputs the one output that is equivalent."""
    slopes = [Q(data["slopes"][side]) for side in "-+0"]
    weights = data.get("output_weights")
    return Network(
        Unit("drawn", *slopes),
        data["units"],
        tuple(map(Q, weights)) if isinstance(weights, list) else None,
        trainable=weights == "trainable",
        output_bias="output_bias" in data,
        hidden_biases="hidden_biases" not in data,
    )
