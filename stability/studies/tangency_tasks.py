"""XOR from a partial tangency: a task for every share of units turned away, and every radius."""

from stability.model.update_rules import update_rule
from stability.model.wilson import wilson
from stability.training.ensembles.ensemble import train
from stability.training.ensembles.problem import task


def tangency(
    p: float, alpha: float, restarts: int, epochs: int, seed: int, model: str, device: str
) -> dict[str, float | int]:
    """Return the success rate on XOR (all four points correct) from the starts `partial-tangency:p:alpha`.

    Parameters
    ----------
    p : float
        The probability that a unit is turned away from the data.
    alpha : float
        The radius of the sphere, as a part of that of the data.
    restarts, epochs, seed : int
    model : str
        Of ReLU units, as "relu2".
    device : str
        "cpu", "cuda" or "auto".

    Returns
    -------
    dict
        successes, share, its 95% interval (wilson_low, wilson_high), and mean_loss at the stop.
    """
    init, adam = f"partial-tangency:{p!r}:{alpha!r}", update_rule("adam", step="1/100")
    found = train(task(model, "xor"), init, adam, epochs=epochs, restarts=restarts, seed=seed, device=device)
    successes = int(found.success.sum())
    low, high = wilson(successes, restarts)
    share = successes / restarts
    return {
        "successes": successes,
        "share": share,
        "wilson_low": low,
        "wilson_high": high,
        "mean_loss": float(found.losses.mean()),
    }
