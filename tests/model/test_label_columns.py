"""Networks and labels that do not fit are refused with the shape expected."""

import pytest

from stability import Dataset, dataset, landscape, network
from stability.errors import DataError
from stability.model.label_columns import classes, fitted_outputs, require_labels

TWO = Dataset("two", [[0, 1], [1, 2]], [[1, 0], [0, 1]])
THREE_CLASSES = Dataset("classes", [[0], [1], [2]], [0, 2, 1])


@pytest.mark.parametrize(
    ("model", "data", "problem", "remedy"),
    [
        ("relu2", TWO, "two: expected one label for each point, as relu2 has one output; got 2.", "relu2-out2"),
        ("relu[+,-]+c-nob", TWO, "has one output; got 2.", "Write relu2-out2+c-nob for 2 outputs"),
        ("leaky1/100:2-out", TWO, "has one output; got 2.", "Write leaky1/100:2-out2 for 2 outputs"),
        ("relu2-out2", dataset("xor"), "xor: expected 2 columns of labels for relu2-out2; got 1.", "x1,x2,y1,y2"),
        ("leaky1/100:2-out3", TWO, "expected 3 columns of labels", "x1,x2,y1,y2,y3"),
        ("leaky1/100:2-out3-nob", TWO, "expected 3 columns of labels", "write leaky1/100:2-linear."),
        ("relu2-linear", TWO, "two: expected one label for one-hot targets; got 2 columns.", "x1,x2,y"),
        ("relu2-linear", Dataset("d", [[0]], ["1/2"]), "d, label 1: expected a whole number", "Write 0, 1, 2"),
        ("relu2-linear", Dataset("d", [[0], [1]], [0, -1]), "d, label 2: expected a whole number", "Write 0, 1, 2"),
        ("relu2-linear", Dataset("d", [[0], [1]], [0, 10**9]), "d, label 2: expected a whole", "Write 0, 1, 2"),
    ],
)
def test_what_does_not_fit(model, data, problem, remedy):
    for refused in (lambda: require_labels(network(model), data), lambda: landscape(model, data)):
        with pytest.raises(DataError) as caught:
            refused()
        assert problem in caught.value.problem
        assert remedy in caught.value.remedy


def test_text_labels_are_refused():
    with pytest.raises(DataError, match="pets, label 1: expected a"):
        Dataset("pets", [[0], [1]], ["cat", "dog"])
    with pytest.raises(DataError, match="pets, label 2, column y1: expected a"):
        Dataset("pets", [[0], [1]], [[0, 1], ["dog", 1]])


def test_one_output_for_each_class():
    assert classes(THREE_CLASSES) == 3
    assert fitted_outputs(network("relu2-linear"), THREE_CLASSES).outputs == 3
    assert fitted_outputs(network("relu2-out"), THREE_CLASSES) == network("relu2-out")
    assert fitted_outputs(network("relu2-linear"), Dataset("one class", [[0]], [0])).outputs == 2
    place = landscape("relu1-linear", THREE_CLASSES)
    assert place.targets == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    with pytest.raises(DataError, match="expected labels below 2 for 2 one-hot outputs; got 2"):
        require_labels(network("relu2-linear"), THREE_CLASSES)
