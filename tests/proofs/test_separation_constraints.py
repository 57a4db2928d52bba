"""The audit of separation-constraints: claims settle as found, small changes turn the verdicts, torch agrees."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from altering import altered
from altering import formal as formal_of
from audits import Audit

from stability.audit.deep_experiments import DeepMeasured
from stability.audit.discovery import proofs_folder
from stability.audit.result_store import ResultStore
from stability.audit.verdicts import settle
from stability.logic.records import prove
from stability.training.constraints.penalties import penalty, slacks
from stability.training.deep.datasets import two_moons

AUDIT = Audit("separation_constraints")
CLAIMS = {claim.id: claim for claim in AUDIT.CLAIMS}
STATED = [claim for claim in AUDIT.CLAIMS if claim.kind == "statement"]
MEASURED = [claim for claim in AUDIT.CLAIMS if claim.kind == "measurement"]
KEPT = ResultStore(proofs_folder() / "measured" / "separation-constraints")

SLOW = {"layer-relaxes-both", "layer-relaxes-units", "points-ignore-batches", "eq-27"}
"""Claims that take a second; proofs/test_audits.py settles all."""

REFUTED = {
    "prelu-against-dead-units",
    "crelu-against-dead-units",
    "gradients-depend-on-dying",
    "layer-is-a-sum-of-units",
    "always-a-plane",
    "upper-is-a-half-space",
    "lower-is-a-closure",
    "zero-set-is-open",
    "interzone-is-closed",
    "interzone-is-not-convex",
    "interzone-is-not-affine",
    "zero-set-to-origin",
    "interzone-onto-boundary",
    "dead-in-every-layer",
    "eq-9-covers-all-layers",
    "no-gradient-on-the-plane",
    "dead-points-give-no-gradient",
    "live-points-give-gradients",
    "separating-units-make-a-layer",
    "separation-tells-of-dead-points",
    "eq-13-for-discrete-sets",
    "eq-15-from-the-lower-part",
    "constraints-are-the-predicate",
    "upper-slack-saves-lower-part",
    "lower-slack-saves-upper-part",
    "flat-at-zero",
    "share-is-neutral",
    "enables-zero-start",
    "layers-are-square",
    "eq-25-index",
    "eq-27",
    "any-width",
    "strictly-beyond-one",
    "depth-many-constraints",
    "layer-is-cheaper-than-units",
    "points-make-a-separating-layer",
    "accuracies-are-counts",
    "loss-of-zero",
    "drop-over-20-points",
    "drop-of-5.59",
    "same-base",
    "family-variation-72",
    "normalised-63-percent",
    "constraints-over-90",
    "vanishing-is-prevented",
    "lower-bounds-on-magnitudes",
    "bounding-values-stops-explosions",
    "room-for-both",
}

NOT_REPRODUCED = {
    "relu-losses-of-one-output",
    "sep-pu-loss",
    "normalisation-evens-gradients",
    "constraints-keep-gradients",
    "validation-at-the-best",
    "layer-is-best",
    "layer-reaches-100",
    "maxima-are-kept",
    "drops-are-smaller",
    "drops-are-below-14",
    "width-compensates",
    "points-break-down",
    "layer-suffers-from-width",
    "maps-are-kept",
    "figure-3-fails-like-relu",
    "figure-5-underfits",
    "figure-8-collapse",
    "both-leave-none-dead",
    "zero-start-is-superior",
}


def formal(name, which="claim"):
    """Return the statement of a claim or of its repair."""
    return formal_of(CLAIMS[name] if which == "claim" else CLAIMS[name].repair)


def kept(experiment):
    """Return the kept result of an experiment."""
    found = KEPT.kept(experiment)
    assert found is not None, experiment.name
    return found


def test_every_claim_says_where_and_what():
    assert len(CLAIMS) == len(AUDIT.WRITEUP.claims) > 150
    assert all(claim.where and claim.says.endswith(".") for claim in AUDIT.CLAIMS)
    places = {place for claim in AUDIT.CLAIMS for place in claim.where.split(", ")}
    assert {"1", "2", "3", "3.1", "3.2", "3.3", "4", "4.1", "5", "Table 1", "Table 2"} <= places
    assert {f"Figure {k}" for k in range(1, 9)} <= {place[:8] for place in places}
    equations = {
        int(n)
        for claim in AUDIT.CLAIMS
        if "Eq." in claim.where
        for n in re.findall(r"\d+", claim.where.split("Eq.")[1])
    }
    assert {*range(1, 30)} - equations <= {26} - equations


@pytest.mark.parametrize("claim", [pytest.param(c, id=c.id) for c in STATED if c.id not in SLOW])
def test_statement(claim):
    found = settle(claim, runs=False)
    status = "vacuous" if claim.id == "beyond-width-25" else "refuted" if claim.id in REFUTED else "proved"
    assert found.status == status, found.reason
    assert found.repair_status == (None if status == "proved" else "proved")


def test_measurements():
    statuses = {claim.id: settle(replace(claim, repair=None), store=KEPT).status for claim in MEASURED}
    assert {name for name, status in statuses.items() if status != "reproduced"} == NOT_REPRODUCED
    assert all(CLAIMS[name].because for name in NOT_REPRODUCED)


def test_the_results_kept_are_those_used():
    used = {e.name: e for claim in MEASURED for e in getattr(claim.measure, "experiments", ())}
    assert {path.stem for path in KEPT.folder.glob("*.json")} == set(used)
    assert all(kept(experiment).count == experiment.restarts for experiment in used.values())


TURNS = [
    ("leaky-against-dead-units", "claim", "!= 0", "== 0", "proved", "refuted"),
    ("prelu-against-dead-units", "repair", "== a*z", "== z", "proved", "refuted"),
    ("normalisation-against-gradients", "claim", "a + b + c == 0", "a + b + c >= 0", "proved", "refuted"),
    ("dying-depends-on-planes", "claim", "c > 0", "c < 0", "proved", "refuted"),
    ("layer-is-a-sum-of-units", "repair", "1*", "2*", "proved", "refuted"),
    ("lower-is-a-closure", "repair", "t > 0", "t >= 0", "proved", "refuted"),
    ("not-always-bounded", "claim", "1 - x - y > 0", "1 - x > 0", "proved", "refuted"),
    ("interzone-is-not-affine", "claim", "q <= 0", "q < 0", "refuted", "proved"),
    ("outputs-are-not-negative", "claim", ">= 0", "> 0", "proved", "refuted"),
    ("no-gradient-in-the-zero-set", "claim", "z <= 0", "z <= 1/2", "proved", "refuted"),
    ("may-die-in-the-next-layer", "claim", "<= 0", "< w*relu.out([0, x], 0) + b", "proved", "refuted"),
    ("separating-units-do-not-degrade", "claim", "q <= 0", "q > 0", "proved", "refuted"),
    ("eq-14", "claim", "a > 0", "a >= 0", "proved", "refuted"),
    ("eq-15-from-the-lower-part", "repair", "a <= 0", "a <= 1", "proved", "refuted"),
    ("upper-slack-saves-lower-part", "repair", "> 0", "> 1", "proved", "refuted"),
    ("main-loss-takes-over", "claim", "p + d > 1", "p + d > 0", "proved", "refuted"),
    ("convex-combination", "claim", "r <= 1", "r <= 2", "proved", "refuted"),
    ("equal-at-zero", "claim", "== 1", "== 2", "proved", "refuted"),
    ("layers-are-square", "claim", "2 ==", "4 ==", "refuted", "proved"),
    ("depth-many-constraints", "claim", "2*50", "1*50", "refuted", "proved"),
    ("points-make-a-separating-layer", "repair", " < 0", " < -1", "proved", "refuted"),
    ("layer-is-cheaper-than-units", "claim", "n*w - 1 < w*(n - 1)", "n*w - 1 >= w*(n - 1)", "refuted", "proved"),
]
WITNESSED = [
    ("always-a-plane", ("+ 1 ==", "+ 0 =="), ("refuted", "proved"), {"x": 0, "y": 0}),
    ("lower-is-a-closure", ("+ 0 < 0", "- 1 < 0"), ("refuted", "proved"), {"x": 0, "y": 0}),
    ("loss-of-zero", ("p == 1", "p == 99/100"), ("refuted", "proved"), {"E": 99, "p": "99/100"}),
    ("no-upper-bounds", ("s >= 1", "s >= 1/2"), ("proved", "refuted"), {"p": 1, "q": -1, "s": "1/2"}),
    ("connections-against-vanishing", ("== h", "== 0"), ("proved", "refuted"), {"h": 1, "w": 0, "b": 0}),
    ("penalty-means-slack", ("0 < r", "0 <= r"), ("proved", "refuted"), {"s": 1, "t": 0, "r": 0}),
    ("crelu-against-dead-units", (" > 0", " >= 0"), ("refuted", "proved"), {"p": 0, "q": 0}),
    ("force-two-points", (">= 4", "> 4"), ("proved", "refuted"), {"p": 1, "q": -1}),
]


@pytest.mark.parametrize(("claim", "which", "old", "new", "before", "after"), TURNS)
def test_a_small_change_turns_the_verdict(claim, which, old, new, before, after):
    statement = formal(claim, which)
    assert altered(statement, old, new) != statement
    assert prove(statement).conclusion == before
    assert prove(altered(statement, old, new)).conclusion == after


@pytest.mark.parametrize(("claim", "texts", "verdicts", "witness"), WITNESSED)
def test_a_small_change_turns_the_verdict_by_a_witness(claim, texts, verdicts, witness):
    statement = formal(claim)
    assert prove(statement).conclusion == verdicts[0]
    assert prove(altered(statement, *texts, [witness])).conclusion == verdicts[1]


def test_gradients_of_a_layer_without_slack_are_any_power():
    for e in (0.0, 0.5, 3.0):
        weights, bias = torch.tensor([[e, e - 2], [e - 2, e]], dtype=torch.double), torch.tensor([1 - e] * 2)
        x = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.double, requires_grad=True)
        h = x
        for _ in range(7):
            z = h @ weights.T + bias.double()
            for kind in ("sep-u", "sep-p", "sep-l"):
                assert sum(slacks(z[None], kind)).sum() == 0
            h = torch.relu(z)
        h[0, 0].backward()
        assert h.tolist() == [[1, 0], [0, 1]]
        assert x.grad[0, 0] == pytest.approx(e**7)


@pytest.mark.parametrize("share", [0.5, 0.51, 0.8])
def test_slopes_at_zero_are_those_of_torch_with_shared_ties(share):
    points = torch.as_tensor(two_moons().x_train)
    weights, bias = torch.zeros(1, 2, dtype=torch.double), torch.zeros(1, dtype=torch.double)
    for x in (weights, bias):
        x.requires_grad_()
    penalty((points @ weights.T + bias)[None], "sep-u", rho=share, power=1).sum().backward()
    assert weights.grad[0].numpy() == pytest.approx((1 - 2 * share) * points.mean(0).numpy(), abs=1e-12)
    assert float(bias.grad) == pytest.approx(1 - 2 * share, abs=1e-12)


@pytest.mark.parametrize(
    ("high", "low"),
    [(torch.amax, torch.amin), (lambda z, dim: z.max(dim).values, lambda z, dim: z.min(dim).values)],
    ids=["ties shared out", "the first of equals"],
)
@pytest.mark.parametrize(("share", "zero"), [(0.5, True), (0.51, False)])
def test_slacks_cancel_in_training_from_zero(high, low, share, zero):
    points = torch.as_tensor(two_moons().x_train)
    weights, bias = torch.zeros(2, dtype=torch.double), torch.zeros((), dtype=torch.double)
    for x in (weights, bias):
        x.requires_grad_()
    z = points @ weights + bias
    (share * torch.relu(1 - high(z, 0)) + (1 - share) * torch.relu(1 + low(z, 0))).backward()
    assert torch.allclose(weights.grad, torch.zeros(2, dtype=torch.double), atol=1e-12) == zero
    assert float(bias.grad) == pytest.approx(1 - 2 * share, abs=1e-12)


def test_a_layer_of_all_points_needs_fewer_comparisons_than_points_and_units():
    for n, w in np.random.default_rng(0).integers(2, 200, (50, 2)).tolist():
        assert n * w - 1 < w * (n - 1) + n * (w - 1)
    assert 85 * 4 - 1 < 4 * 84 + 85 * 3


def test_no_point_lies_in_all_upper_parts_without_point_slack():
    z = np.random.default_rng(0).uniform(-4, 4, (20_000, 6, 3))
    fulfilled = z[((z.max(2) >= 1) & (z.min(2) <= -1)).all(1)]
    assert len(fulfilled) > 100
    assert not (fulfilled > 0).all(2).any()


def test_no_constant_has_both_losses_of_relu():
    p = np.linspace(0.01, 0.99, 9801)
    gap = np.maximum(
        abs(0.6925 + (44 * np.log(p) + 41 * np.log(1 - p)) / 85), abs(0.6938 + (6 * np.log(p) + 9 * np.log(1 - p)) / 15)
    )
    assert gap.min() > 3e-4
    assert not AUDIT.losses_of_one_constant().reproduced


def test_the_penalty_at_zero_is_a_peak():
    points = torch.as_tensor(two_moons().x_train)
    for direction in np.random.default_rng(0).normal(size=(20, 3)):
        w, b = torch.as_tensor(1e-3 * direction[:2]), 1e-3 * direction[2]
        z = (points @ w + b)[None, :, None]
        assert float(penalty(z, "sep-u", rho=0.5, power=1)) == pytest.approx(
            1 - float(z.max() - z.min()) / 2, abs=1e-12
        )


def test_batches_of_torch_penalties():
    z = torch.as_tensor(np.random.default_rng(1).normal(size=(1, 12, 4)))
    parts = {
        kind: sum(float(penalty(z[:, k : k + 3], kind)) for k in range(0, 12, 3))
        for kind in ("sep-p", "sep-u", "sep-l")
    }
    assert parts["sep-p"] == pytest.approx(float(penalty(z, "sep-p")))
    assert all(parts[kind] > float(penalty(z, kind)) for kind in ("sep-u", "sep-l"))


def test_the_split_of_the_moons_fits_the_table():
    data = two_moons()
    assert [int(data.y_train.sum()), len(data.y_train), int(data.y_val.sum()), len(data.y_val)] == [44, 85, 6, 15]
    p = 44 / 85
    loss = -np.mean(np.where(data.y_train == 1, np.log(p), np.log(1 - p)))
    assert AUDIT.constant_loss().reproduced
    assert f"{loss:.4f}" in AUDIT.constant_loss().says
    assert AUDIT.possible_loss().reproduced


def table(rows):
    """Return the judgement on rows of Table 2, and on which columns it rests."""
    return AUDIT.published_table([kept(AUDIT.MAIN[row.name]) for row in AUDIT.ROWS], rows)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("relu", {"train": "0.6"}),
        ("relu-bn", {"train": "0.3"}),
        ("sep-l", {"train": "0.7"}),
        ("sep-p", {"validation": "0.2"}),
        ("relu", {"loss": "0.9"}),
        ("relu", {"validation_loss": "0.9"}),
    ],
)
def test_other_published_numbers_are_not_reproduced(name, changes):
    assert table(AUDIT.ROWS).reproduced
    assert not table([replace(row, **changes) if row.name == name else row for row in AUDIT.ROWS]).reproduced


def test_exchanged_rows_are_not_reproduced():
    relu, norm, *others = AUDIT.ROWS
    assert not table([norm, relu, *others]).reproduced


def test_tables_of_our_own_runs_are_refused_as_seldom_as_said():
    found = [kept(AUDIT.MAIN[row.name]) for row in AUDIT.ROWS]
    stream, refused = np.random.default_rng(1), 0
    for _ in range(40):
        rows = []
        for row, each in zip(AUDIT.ROWS, found, strict=True):
            seed = stream.integers(each.count)
            numbers = AUDIT.best(each), AUDIT.greatest_validation(each), *(AUDIT.at_best(each, x) for x in LOSSES)
            names = ("train", "validation", "loss", "validation_loss")
            rows.append(replace(row, **{name: str(x[seed]) for name, x in zip(names, numbers, strict=True)}))
        refused += not AUDIT.published_table(found, rows).reproduced
    assert refused <= 3  # of 40, at a level of 1%


LOSSES = ("loss", "val_loss")


def normalised(**numbers):
    """Return what two networks with batch normalisation came to."""
    settings = AUDIT.MAP["relu-bn", 70, 25].settings | {"restarts": 2}
    return DeepMeasured(settings, {}, {name: list(values) for name, values in numbers.items()})


def test_normalised_networks_are_judged_by_batch_statistics_with_running_means_beside():
    found = normalised(
        batch_accuracy_max=[1.0, 0.95], batch_accuracy_final=[0.95, 0.5],
        train_accuracy_max=[0.9, 0.6], train_accuracy_final=[0.5, 0.4],
        batch_loss_at_best=[0.1, 0.2], loss_at_best=[5, 6], val_loss_at_batch_best=[0.3, 0.4], val_loss_at_best=[7, 8],
    )  # fmt: skip
    assert AUDIT.best(found).tolist() == [1.0, 0.95]
    assert AUDIT.final(found).tolist() == [0.95, 0.5]
    assert AUDIT.gap(found) == pytest.approx([1 - 1 / 3, 1 / 2])
    says = AUDIT.works(found).says
    assert "At the end 1 of 2 do, by batch statistics; by running means 1 at their best and 0 at the end" in says
    assert "0.975 and 0.725 by batch statistics, 0.750 and 0.450 by running means" in AUDIT.means([found])


def test_where_most_networks_do_not_get_lost_a_greatest_accuracy_is_not_what_is_left():
    says = settle(CLAIMS["both-until-120"], store=KEPT).reason
    assert re.search(r"At the end [0-3] of 32 do", says), says


def test_all_trainings_of_figure_1_and_table_2_last_5000_epochs():
    assert {each.epochs for each in (*AUDIT.MAIN.values(), *AUDIT.MAP.values())} == {5000}


BOTH_WAYS = [
    "table-2",
    "constraints-are-superior",
    "constraints-are-superior-at-the-end",
    "normalisation-until-70",
    "both-work-better",
    "deeper-than-normalisation",
    "all-degrade-with-depth",
    "width-compensates",
    "skinny-networks",
]


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_reasons_have_both_accuracies_of_normalised_networks(name):
    says = settle(CLAIMS[name], store=KEPT).reason
    assert all(words in says for words in ("by batch statistics", "by running means", "at the end", "5,000 epochs")), (
        says
    )


@pytest.mark.parametrize("name", ["units-allow-depth", "figure-4-fewer-dead-and-affine", "figure-6-retains-power"])
def test_exchanged_results_turn_a_comparison(name):
    study = CLAIMS[name].measure
    results = [kept(experiment) for experiment in study.experiments]
    assert study.judge(*results).reproduced
    assert not study.judge(*results[::-1]).reproduced
