"""Initialisations: their laws, what they guarantee, and that restart i is the same in every run."""

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp, kstest

from stability import landscape
from stability.errors import DataError, NumberError, StabilityError, UnknownNameError
from stability.initialisation import rejection as selection
from stability.initialisation.plain import normal
from stability.initialisation.problem import InitialisationProblem, place_of
from stability.initialisation.rejection import ATTEMPTS
from stability.initialisation.sampling import BLOCK, initial
from stability.initialisation.table import GUARANTEES, INITIALISATIONS, NEEDS, listing
from stability.model.datasets import Dataset

RELU2 = landscape("relu2", "xor", "mean")
XOR = place_of(RELU2)


def relu_losses(place, rows):
    """Return the mean squared error of a sum of ReLUs, written independently of the package."""
    return ((np.maximum(preactivations(place, rows), 0).sum(1) - place.labels) ** 2).mean(1)


def preactivations(place, rows):
    d, width = place.points.shape[1], place.points.shape[1] + place.hidden_biases
    first = rows[:, : place.units * width].reshape(len(rows), place.units, width)
    z = np.einsum("rkd,nd->rkn", first[..., :d], place.points)
    return z + first[..., -1:] if place.hidden_biases else z


def place(points, labels, units, head=0, **layers):
    made = InitialisationProblem(points, labels, units, head, loss=lambda rows: relu_losses(made, rows), **layers)
    return made


RANDOM = np.random.default_rng(0).normal(size=(9, 3))
PLACES = {
    "xor": XOR,
    "off-centre": place([[10, 7], [11, 9], [12, 7], [10, 10]], [0, 1, 1, 0], 2),
    "three dimensions": place(RANDOM, [0, 1, 2] * 3, 6),
    "duplicates": place([[1, -1], [1, -1], [1, -1], [-1, 2]], [1, 0, 1, 1], 4),
    "one unit": place([[1, 2], [2, 1], [3, 3]], [0, 1, 0], 1),
    "one point": place([[2, -1]], [1], 2),
    "a head": place([[1, -1], [-1, 1], [1, 1], [-1, -1]], [1, 1, 0, 0], 4, head=2),
    "a head without constants": place([[1, -1], [-1, 1], [1, 1]], [1, 1, 0], 2, head=1, head_constants=False),
    "an output bias": place([[1, -1], [-1, 1], [1, 1]], [1, 1, 0], 2, head=1, head_weights=False),
    "no biases": place([[1, -1], [-1, 1], [1, 1]], [1, 1, 0], 4, hidden_biases=False),
}


def unmet(family, at):
    """Return what the family needs and the place lacks."""
    lacks = {"data": False, "loss": at.loss is None, "two classes": len(set(at.labels)) < 2, "pairs": at.units % 2 == 1}
    lacks["biases"] = not at.hidden_biases
    return [need for need in family.needs if lacks[need]]


def spelled(name, at):
    """Return a spelling of the family that the place can satisfy."""
    if name in ("loss-below", "loss-above"):
        return f"{name}:0.5:{float(np.median(at.losses(initial('normal:0.5', at, 100, 9))))!r}"
    return INITIALISATIONS[name].example


def numbers(spelling):
    return [float(word) for word in spelling.split(":")[1:] if word.replace(".", "").isdigit()]


def margins(at, rows, margin):
    first = rows[:, : at.units * at.width].reshape(len(rows), at.units, at.width)
    norms = np.linalg.norm(first[..., :-1], axis=-1, keepdims=True)
    return (preactivations(at, rows) >= norms * (margin - 1e-9)).all()


def flipped(at, rows, share):
    first = rows[:, : at.units * at.width].reshape(len(rows), at.units, at.width)
    return ((first[..., :-1] @ at.points.mean(0) + first[..., -1] < 0).sum(1) == round(share * at.units)).all()


def pairs(at, rows):
    first = at.first(rows)
    return np.array_equal(first[:, ::2], -first[:, 1::2])


def threshold(at, q, seed):
    """Return the percentile over 100 draws with the key (seed + 2^63, 0), drawn here by hand."""
    stream = np.random.Generator(np.random.Philox(key=np.array([seed + 2**63, 0], np.uint64)))
    first = (stream.standard_normal((BLOCK, at.units, at.dimension + 1)) * 0.5)[..., : at.width]
    first[..., at.dimension :] = 0
    flat = np.concatenate([first.reshape(BLOCK, -1), np.zeros((BLOCK, at.parameters - at.units * at.width))], axis=1)
    return np.percentile(relu_losses(at, flat[:100]), q)


CHECKS = {
    "no dead data": lambda at, rows, s: preactivations(at, rows).max(1).min() > 0,
    "pre-activation above MARGIN": lambda at, rows, s: preactivations(at, rows).max(1).min() > numbers(s)[-1] - 1e-12,
    "all units on with margin": lambda at, rows, s: margins(at, rows, 0.1),
    "all units on with margin on centred data": lambda at, rows, s: at.points.mean(0).any() or margins(at, rows, 0.1),
    "loss below THRESHOLD": lambda at, rows, s: relu_losses(at, rows).max() < numbers(s)[-1] + 1e-12,
    "loss above THRESHOLD": lambda at, rows, s: relu_losses(at, rows).min() > numbers(s)[-1] - 1e-12,
    "loss below percentile": lambda at, rows, s: relu_losses(at, rows).max() < threshold(at, numbers(s)[-1], 3) + 1e-12,
    "loss above percentile": lambda at, rows, s: relu_losses(at, rows).min() > threshold(at, numbers(s)[-1], 3) - 1e-12,
    "mirrored pairs": lambda at, rows, s: pairs(at, rows),
    "round(P units) flipped": lambda at, rows, s: flipped(at, rows, numbers(s)[0]),
    "bounded by 1/sqrt(d)": lambda at, rows, s: abs(at.first(rows)).max() <= at.dimension**-0.5,
}


def test_every_guarantee_and_need_is_used_and_checked():
    families = INITIALISATIONS.values()
    assert set(CHECKS) == set(GUARANTEES) == {g for family in families for g in family.guarantees}
    assert set(NEEDS) == {n for family in families for n in family.needs}


def test_the_listing_names_every_family():
    assert [form.split(":")[0].split("[")[0] for form, _ in listing()] == list(INITIALISATIONS)
    assert all(
        line and family.example.startswith(name)
        for (name, family), (_, line) in zip(INITIALISATIONS.items(), listing(), strict=True)
    )


@pytest.mark.parametrize("where", list(PLACES))
@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_contract(name, where):
    family, at = INITIALISATIONS[name], PLACES[where]
    if unmet(family, at):
        with pytest.raises(StabilityError) as caught:
            initial(family.example, at, 2, seed=3)
        assert caught.value.remedy
        return
    spelling = spelled(name, at)
    rows = initial(spelling, at, 60, seed=3)
    assert rows.shape == (60, at.parameters)
    assert rows.dtype == np.float64
    assert np.isfinite(rows).all()
    assert len(np.unique(rows, axis=0)) == 60
    assert np.array_equal(initial(spelling, at, 60, seed=3), rows)
    assert not np.array_equal(initial(spelling, at, 60, seed=4), rows)
    assert np.array_equal(initial(spelling, at, 7, seed=3), rows[:7])
    assert np.array_equal(initial(spelling, at, 9, seed=3, first=20), rows[20:29])
    for guarantee in family.guarantees:
        assert CHECKS[guarantee](at, rows, spelling), guarantee


@pytest.mark.parametrize("name", list(INITIALISATIONS))
def test_chunks_across_blocks(name):
    spelling = INITIALISATIONS[name].example
    rows = initial(spelling, XOR, BLOCK + 300, seed=5)
    parts = [(0, 700), (700, 400), (1100, BLOCK + 300 - 1100)]
    assert np.array_equal(np.concatenate([initial(spelling, XOR, n, seed=5, first=f) for f, n in parts]), rows)


def by_definition(accept, restarts, seed):
    """Return the first accepted attempts, one attempt at a time, from the streams as they are defined."""
    kept = np.full((restarts, 6), np.nan)
    for block in range(-(-restarts // BLOCK)):
        stream = np.random.Generator(np.random.Philox(key=[seed, block]))
        part = kept[block * BLOCK : (block + 1) * BLOCK]
        while np.isnan(part).any():
            rows = (stream.standard_normal((BLOCK, 2, 3)) * [0.5, 0.5, 0]).reshape(BLOCK, 6)[: len(part)]
            new = np.isnan(part[:, 0]) & accept(rows)
            part[new] = rows[new]
    return kept


SELECTED = {
    "loss-below:0.5:0.2": lambda rows: relu_losses(XOR, rows) < 0.2,
    "loss-above:0.5:0.8": lambda rows: relu_losses(XOR, rows) > 0.8,
    "dead-data-rejection:0.5": lambda rows: preactivations(XOR, rows).max(1).min(1) > 0,
    "margin-rejection:0.5:0.2": lambda rows: preactivations(XOR, rows).max(1).min(1) > 0.2,
}


@pytest.mark.parametrize("spelling", list(SELECTED))
def test_rejection_is_the_filter_of_plain_draws(spelling):
    assert np.array_equal(initial(spelling, XOR, BLOCK + 50, 2), by_definition(SELECTED[spelling], BLOCK + 50, 2))


def test_thresholds_are_strict():
    first = initial("normal:0.5", XOR, 1, 2)
    loss = float(XOR.losses(first)[0])
    for name in ("loss-below", "loss-above"):
        assert not np.array_equal(initial(f"{name}:0.5:{loss!r}", XOR, 1, 2), first)
    just_above = float(np.nextafter(loss, np.inf))
    assert np.array_equal(initial(f"loss-below:0.5:{just_above!r}", XOR, 1, 2), first)


def test_heads_come_from_a_stream_of_their_own():
    at, fresh = PLACES["a head"], np.random.Philox(key=[2, 0])
    units = np.random.Generator(np.random.Philox(key=[2, 0])).standard_normal((200, BLOCK, 4, 3)) * [0.5, 0.5, 0]
    heads = np.random.Generator(fresh.jumped()).standard_normal((200, BLOCK, 2, 5)) * [*[3**-0.5] * 4, 0]
    tries = np.concatenate([units.reshape(200, BLOCK, -1), heads.reshape(200, BLOCK, -1)], axis=2)[:, :5]
    losses = np.stack([relu_losses(at, row) for row in tries])
    assert (losses < 0.3).any(0).all()
    rows = initial("loss-below:0.5:0.3", at, 5, 2)
    assert np.allclose(rows, tries[(losses < 0.3).argmax(0), np.arange(5)], rtol=1e-15)


@pytest.mark.parametrize("spelling", list(SELECTED))
def test_accepted_draws_have_the_conditional_law(spelling):
    plain = np.random.default_rng(8).normal(size=(60_000, 6)) * [0.5, 0.5, 0, 0.5, 0.5, 0]
    wanted = plain[SELECTED[spelling](plain)]
    rows = initial(spelling, XOR, 2000, 3)
    for column in (0, 1, 3, 4):
        assert ks_2samp(rows[:, column], wanted[:, column]).pvalue > 1e-3
    assert ks_2samp(relu_losses(XOR, rows), relu_losses(XOR, wanted)).pvalue > 1e-3


@pytest.mark.parametrize("q", [0, 25, 50, 100])
def test_percentile_thresholds(q):
    rows = initial(f"loss-percentile:0.5:{q}", XOR, 40, seed=6)
    assert np.array_equal(rows, initial(f"loss-below:0.5:{float(threshold(XOR, q, 6))!r}", XOR, 40, seed=6))
    if q < 100:
        above = initial(f"loss-above-percentile:0.5:{q}", XOR, 40, seed=6)
        assert relu_losses(XOR, above).min() > threshold(XOR, q, 6) - 1e-12


def test_more_draws_for_the_threshold():
    cut = selection.percentile_threshold(XOR, normal("0.5"), 1, 25, 5000)
    share = (relu_losses(XOR, initial("normal:0.5", XOR, 20_000, 1)) < cut).mean()
    assert abs(share - 0.25) < 0.02


def test_best_of_is_the_best_of_the_first_attempts():
    rows = initial("best-of:0.5:7", XOR, 200, seed=2)
    stream = np.random.Generator(np.random.Philox(key=[2, 0]))
    tries = (stream.standard_normal((7, BLOCK, 2, 3)) * [0.5, 0.5, 0]).reshape(7, BLOCK, 6)[:, :200]
    best = np.stack([relu_losses(XOR, t) for t in tries]).argmin(0)
    assert np.array_equal(rows, tries[best, np.arange(200)])
    assert np.array_equal(initial("best-of:0.5:1", XOR, 30, 2), initial("normal:0.5", XOR, 30, 2))


@pytest.mark.parametrize(
    ("name", "reset"),
    [
        ("xavier-normal", lambda layer: torch.nn.init.xavier_normal_(layer.weight)),
        ("xavier-uniform", lambda layer: torch.nn.init.xavier_uniform_(layer.weight)),
        ("kaiming-normal", lambda layer: torch.nn.init.kaiming_normal_(layer.weight)),
        ("kaiming-uniform", lambda layer: torch.nn.init.kaiming_uniform_(layer.weight)),
        ("torch-default", lambda layer: layer.reset_parameters()),
    ],
)
def test_laws_of_torch(name, reset):
    torch.manual_seed(0)
    layers = [torch.nn.Linear(5, 3, dtype=torch.float64) for _ in range(2000)]
    for layer in layers:
        reset(layer)
    theirs = torch.stack([layer.weight.detach() for layer in layers]).numpy().ravel()
    at = InitialisationProblem(np.ones((1, 5)), np.zeros(1), 3)
    first = at.first(initial(name, at, 2000, 1))
    ours = first[..., :-1].ravel()
    assert abs(ours.std() / theirs.std() - 1) < 0.02
    assert ks_2samp(ours, theirs).pvalue > 1e-3
    if "normal" not in name:
        assert abs(abs(ours).max() / abs(theirs).max() - 1) < 1e-3
    if name == "torch-default":
        their_biases = torch.stack([layer.bias.detach() for layer in layers]).numpy().ravel()
        assert ks_2samp(first[..., -1].ravel(), their_biases).pvalue > 1e-3
    else:
        assert not first[..., -1].any()
        biases = at.first(initial(f"{name}:0.3", at, 2000, 1))[..., -1]
        assert kstest(biases.ravel(), "norm", (0, 0.3)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "law", "constants"),
    [
        ("normal:0.5", ("norm", (0, (2 / 6) ** 0.5)), False),
        ("kaiming-uniform", ("norm", (0, (2 / 6) ** 0.5)), False),
        ("hypersphere", ("norm", (0, (2 / 6) ** 0.5)), False),
        ("xavier-uniform", ("uniform", (-1.0, 2.0)), False),
        ("torch-default", ("uniform", (-0.5, 1.0)), True),
    ],
)
def test_heads(name, law, constants):
    at = PLACES["a head"]
    rows = initial(name, at, 3000, 2)
    last = at.last(rows)
    assert last.shape == (3000, 2, 5)
    assert kstest(last[..., :-1].ravel(), *law).pvalue > 1e-3
    assert last[..., -1].any() == constants
    headless = initial(name, InitialisationProblem(at.points, at.labels, 4), 3000, 2)
    assert np.array_equal(rows[:, : headless.shape[1]], headless)
    correlation = np.corrcoef(rows[:, 0], last[:, 0, 0])[0, 1]
    assert abs(correlation) < 0.07


@pytest.mark.parametrize("name", ["normal:0.5:0.1", "uniform:1", "torch-default", "xavier-uniform", "kaiming-normal"])
@pytest.mark.parametrize(
    ("units", "left"),
    [
        ({"head": 1}, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ({"head": 1, "head_constants": False}, [0, 1, 2, 3, 4, 5, 6, 7]),
        ({"head": 1, "head_weights": False}, [0, 1, 2, 3, 4, 5, 8]),
        ({"head": 1, "hidden_biases": False}, [0, 1, 3, 4, 6, 7, 8]),
        ({"hidden_biases": False}, [0, 1, 3, 4]),
        ({}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_what_is_not_trained_is_left_out_and_the_rest_of_a_seed_stays(name, units, left):
    whole = initial(name, place(XOR.points, XOR.labels, 2, head=1), 50, 3)
    assert np.array_equal(initial(name, place(XOR.points, XOR.labels, 2, **units), 50, 3), whole[:, left])


def test_a_head_of_one_output_is_drawn_as_a_layer_of_torch():
    torch.manual_seed(0)
    at = place(XOR.points, XOR.labels, 3, head=1)
    layers = [torch.nn.Linear(3, 1, dtype=torch.float64) for _ in range(2000)]
    last = at.last(initial("torch-default", at, 2000, 1))
    theirs = torch.stack([layer.weight.detach() for layer in layers]).numpy()
    assert ks_2samp(last[..., :-1].ravel(), theirs.ravel()).pvalue > 1e-3
    assert (
        ks_2samp(last[..., -1].ravel(), torch.stack([layer.bias.detach() for layer in layers]).numpy().ravel()).pvalue
        > 1e-3
    )
    normal_last = at.last(initial("kaiming-normal", at, 2000, 1))
    theirs = torch.stack([torch.nn.init.xavier_normal_(layer.weight.detach()) for layer in layers]).numpy()
    assert ks_2samp(normal_last[..., :-1].ravel(), theirs.ravel()).pvalue > 1e-3
    assert not normal_last[..., -1].any()


def test_a_place_lays_rows_out_unit_by_unit_then_the_head():
    at = InitialisationProblem(np.ones((3, 2)), np.zeros(3), units=2, head=1)
    assert (at.width, at.parameters) == (3, 9)
    rows = np.arange(18.0).reshape(2, 9)
    assert at.first(rows).tolist()[0] == [[0, 1, 2], [3, 4, 5]]
    assert at.last(rows).tolist()[1] == [[15, 16, 17]]
    at.first(rows)[0, 0, 0] = 7
    assert rows[0, 0] == 7


@pytest.mark.parametrize("model", ["relu2", "abs1", "leaky1/4:3"])
@pytest.mark.parametrize("data", ["xor", "parity:3", "moons:7:1"])
@pytest.mark.parametrize("kind", ["sum", "mean"])
def test_the_loss_of_a_landscape(model, data, kind):
    land = landscape(model, data, kind)
    at = place_of(land)
    rows = initial("uniform:2", at, 5, 1)
    exact = [float(land.loss(at.first(rows)[i].tolist())) for i in range(5)]
    assert np.allclose(at.losses(rows), exact, rtol=1e-12)
    assert np.array_equal([at.losses(rows[i : i + 1])[0] for i in range(5)], at.losses(rows))


def test_wide_data():
    points = np.random.default_rng(0).normal(size=(30, 20))
    at = place(points, np.zeros(30), 8)
    rows = initial("dead-data-rejection:torch-default", at, 50, 1)
    z = preactivations(at, rows)
    assert z.max(1).min() > 0
    assert np.allclose(at.lowest_activation(rows), z.max(1).min(1))
    assert np.array_equal(initial("dead-data-rejection:torch-default", at, 3, 1), rows[:3])


def test_hypersphere_is_tangent_and_the_written_one_fails_off_centre():
    at = PLACES["off-centre"]
    first = at.first(initial("hypersphere:0.5", at, 200, 1))
    centre = at.points.mean(0)
    radius = np.linalg.norm(at.points - centre, axis=1).max() + 0.5
    distance = (first[..., :-1] @ centre + first[..., -1]) / np.linalg.norm(first[..., :-1], axis=-1)
    assert np.allclose(distance, radius)
    written = initial("hypersphere-as-written:0.5", at, 200, 1)
    assert np.allclose(at.first(written)[..., -1], np.linalg.norm(first[..., :-1], axis=-1) * radius)
    assert (preactivations(at, written).max(1).min(1) <= 0).mean() > 0.1
    centred = InitialisationProblem(at.points - centre, at.labels, 2)
    assert np.allclose(initial("hypersphere", centred, 9, 1), initial("hypersphere-as-written", centred, 9, 1))


def test_partial_tangency():
    at = PLACES["three dimensions"]
    plain, centre = at.first(initial("hypersphere", at, 2000, 4)), at.points.mean(0)
    whole = plain[..., -1] + plain[..., :-1] @ centre

    def offsets(spelling):
        first = at.first(initial(spelling, at, 2000, 4))
        assert np.array_equal(first[..., :-1], plain[..., :-1])
        ratio = (first[..., -1] + first[..., :-1] @ centre) / whole
        assert np.allclose(abs(ratio), 0.3)
        return ratio < 0

    assert abs(offsets("partial-tangency:0.25:0.3").mean() - 0.25) < 0.01
    assert len(set(offsets("partial-tangency:0.25:0.3").sum(1))) > 3
    assert not offsets("partial-tangency:0:0.3").any()
    assert offsets("partial-tangency:1:0.3").all()
    fixed = offsets("partial-tangency-fixed:0.5:0.3")
    assert (fixed.sum(1) == 3).all()
    assert abs(fixed.mean(0) - 0.5).max() < 0.05
    assert (offsets("partial-tangency-fixed:0.25:0.3").sum(1) == 2).all()
    assert np.allclose(initial("partial-tangency:0:1", at, 9, 4), initial("hypersphere", at, 9, 4))


def test_class_spheres():
    at = InitialisationProblem([[5, 1], [6, 3], [0, 0], [0, 2], [1, 1]], [7, 7, 2, 2, 2], 4)
    inside, outside = at.points[2:], at.points[:2]
    z = {name: preactivations(at, initial(f"{name}:1", at, 300, 1)) for name in INITIALISATIONS if "class" in name}
    assert len(z) == 3
    for name, values in z.items():
        assert (values[:, :2, 2:] > 0).all(), name
        side = values[:, 2:, :2]
        assert (side > 0).all() if "inward" in name else (side < 0).all(), name
    first = at.first(initial("class-spheres:0.5", at, 5, 1))
    for part, points, sign in ((first[:, :2], inside, 1), (first[:, 2:], outside, -1)):
        centre = points.mean(0)
        radius = np.linalg.norm(points - centre, axis=1).max() + 0.1
        norms = np.linalg.norm(part[..., :-1], axis=-1)
        assert np.allclose(part[..., -1], norms * sign * 0.5 * radius - part[..., :-1] @ centre)


def test_the_first_half_of_an_odd_number_of_units_is_the_larger():
    at = InitialisationProblem(XOR.points, XOR.labels, 3)
    z = preactivations(at, initial("class-spheres:1", at, 50, 1))
    assert (z[:, :2, 2:] > 0).all()
    assert (z[:, 2, :2] < 0).all()


def test_aligned_weights_on_xor_lie_on_the_diagonals():
    first = XOR.first(initial("class-spheres-aligned:0.3", XOR, 100, 1))
    assert np.allclose(first[:, 0, 0], first[:, 0, 1])
    assert np.allclose(first[:, 1, 0], -first[:, 1, 1])
    drawn = XOR.first(initial("xavier-normal", XOR, 100, 1))
    assert np.allclose(np.linalg.norm(first[..., :2], axis=-1), np.linalg.norm(drawn[..., :2], axis=-1))
    assert 30 < (first[:, 0, 0] > 0).sum() < 70


IMPOSSIBLE = [
    ("loss-below:0.5:0", XOR),
    ("loss-above:0.5:1e9", XOR),
    ("dead-data-rejection:0.5", InitialisationProblem(XOR.points, XOR.labels, 1)),
    ("margin-rejection:0.5:1000", XOR),
]


@pytest.mark.parametrize(("spelling", "at"), IMPOSSIBLE)
def test_an_impossible_request_stops(monkeypatch, spelling, at):
    monkeypatch.setattr(selection, "ATTEMPTS", 300)
    with pytest.raises(StabilityError, match="0 of 50 restarts found one in 300 draws each") as caught:
        initial(spelling, at, 50, 1)
    assert caught.value.remedy


def test_a_partly_impossible_request_counts_what_it_found(monkeypatch):
    monkeypatch.setattr(selection, "ATTEMPTS", 30)
    with pytest.raises(StabilityError, match=r"[1-9]\d* of 1000 restarts found one"):
        initial("loss-below:0.5:0.072", XOR, 1000, 1)
    assert ATTEMPTS == 20_000


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "hypersphe",
        "normal",
        "normal:1:2:3",
        "normal:-1",
        "normal:nan",
        "normal:1e399",
        "uniform:2:1",
        "torch-default:1",
        "xavier-normal:-1",
        "xavier-uniform:1:2",
        "kaiming-normal:x",
        "kaiming-uniform:-0.1",
        "mirrored",
        "mirrored:-1",
        "dead-data-rejection",
        "dead-data-rejection:0.5:1",
        "dead-data-rejection:nan",
        "dead-data-rejection:-0.5",
        "dead-data-rejection:normal",
        "dead-data-rejection:best-of",
        "margin-rejection:0.5",
        "margin-rejection:0.5:nan",
        "loss-below:0.4",
        "loss-below:0.5:inf",
        "loss-above:0.5:",
        "loss-percentile:0.5:101",
        "loss-percentile:0.5:-1",
        "loss-percentile:0.5:50:0",
        "loss-above-percentile:0.5:50:1.5",
        "best-of:0.5",
        "best-of:0.5:0",
        "best-of:0.5:2.5",
        "best-of:0.5:1e9",
        "hypersphere:0",
        "hypersphere:-1",
        "hypersphere:0.1:2",
        "hypersphere-as-written:nan",
        "partial-tangency:0.5",
        "partial-tangency:1.1:0.3",
        "partial-tangency:-0.1:0.3",
        "partial-tangency-fixed:0.5:-1",
        "class-spheres",
        "class-spheres:0.3:1",
        "class-spheres-inward:0.3:1",
        "class-spheres-inward:-1",
        "class-spheres-aligned:x",
    ],
)
def test_bad_spellings(spelling):
    with pytest.raises((UnknownNameError, NumberError)) as caught:
        initial(spelling, XOR, 3, seed=0)
    assert caught.value.remedy


def test_every_family_has_a_bad_spelling():
    tried = {s.split(":")[0] for mark in test_bad_spellings.pytestmark for s in mark.args[1]}
    assert set(INITIALISATIONS) <= tried


def test_the_nearest_name_is_offered():
    with pytest.raises(UnknownNameError, match="Did you mean 'hypersphere'"):
        initial("hypershere:0.1", XOR, 3, 0)
    with pytest.raises(UnknownNameError, match="Did you mean 'kaiming-normal'"):
        initial("best-of:kaimin-normal:3", XOR, 3, 0)
    with pytest.raises(NumberError, match=r"best-of:0.5:0: expected a whole number"):
        initial("best-of:0.5:0", XOR, 3, 0)


@pytest.mark.parametrize(
    ("points", "labels", "units", "head"),
    [
        ([], [], 1, 0),
        ([[]], [0], 1, 0),
        ([1, 2], [0, 1], 1, 0),
        ([[1, np.nan]], [0], 1, 0),
        ([[1, 2]], [np.inf], 1, 0),
        ([[1, 2]], [0, 1], 1, 0),
        ([[1, 2]], [0], 0, 0),
        ([[1, 2]], [0], 1, -1),
    ],
)
def test_bad_places(points, labels, units, head):
    with pytest.raises(StabilityError) as caught:
        InitialisationProblem(points, labels, units, head)
    assert caught.value.remedy


@pytest.mark.parametrize("options", [{"restarts": 0}, {"seed": -1}, {"seed": 2**63}, {"first": -1}])
def test_no_restarts_or_no_seed(options):
    with pytest.raises(StabilityError, match="at least one start"):
        initial("normal:1", XOR, **{"restarts": 3, "seed": 0, **options})


def test_losses_that_make_no_sense():
    with pytest.raises(StabilityError, match="this place has none"):
        initial("best-of:1:3", InitialisationProblem(XOR.points, XOR.labels, 2), 3, 0)
    with pytest.raises(StabilityError, match=r"shape \(R,\)"):
        initial("best-of:1:3", InitialisationProblem(XOR.points, XOR.labels, 2, loss=lambda rows: rows), 3, 0)
    nothing = InitialisationProblem(XOR.points, XOR.labels, 2, loss=lambda rows: np.full(len(rows), np.nan))
    with pytest.raises(StabilityError, match="finite losses"):
        initial("loss-percentile:1:3", nothing, 3, 0)
    assert np.array_equal(initial("best-of:1:3", nothing, 3, 0), initial("normal:1", nothing, 3, 0))


def test_data_beyond_float64():
    for far in (1e308, 1e200, 1e13):
        with pytest.raises(DataError, match=r"for a margin of 0.1 in float64"):
            initial("hypersphere", InitialisationProblem([[far, 0], [far, far]], [0, 1], 2), 3, 0)
    at = InitialisationProblem([[9e11, 0], [9e11, 0.1]], [0, 1], 2)
    assert preactivations(at, initial("hypersphere", at, 100, 0)).min() > 0
    with pytest.raises(DataError, match="range of float64"):
        place_of(landscape("relu2", Dataset("big", [["1e400"]], [0])))
