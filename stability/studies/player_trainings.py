"""Small healthy trainings with two networks: a generator against a critic, and a player who balances a pole."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from math import pi

import torch
from torch import nn
from torch.nn import functional

from stability.studies.perceptron_trainings import perceptron
from stability.studies.small_trainings import Note, SmallRun, SmallTraining

Tensor = torch.Tensor

ANGLES = 2 * pi * torch.arange(8) / 8
RING = torch.stack([ANGLES.cos(), ANGLES.sin()], 1)
SPREAD, PENALTY = 0.1, 0.1


def adversarial(seed: int) -> SmallRun:
    """Return a generator of points around eight centres on a circle, and its critic; two of Adam, a gradient penalty.

    The score is the share of 1,000 generated points within four deviations of a centre, times the share of centres
    that at least 20 of them are near.
    """
    generator, critic = perceptron(8, 64, 64, 2), perceptron(2, 64, 64, 1, activation=lambda: nn.LeakyReLU(0.2))
    own_rule = torch.optim.Adam(generator.parameters(), 1e-3, betas=(0.5, 0.999))
    critic_rule = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.999))
    stream = torch.Generator().manual_seed(seed)

    def loss(points: Tensor, real: float) -> Tensor:
        out = critic(points)
        return functional.binary_cross_entropy_with_logits(out, torch.full_like(out, real))

    def step(note: Note) -> None:
        true = RING[torch.randint(8, (128,), generator=stream)] + SPREAD * torch.randn(128, 2, generator=stream)
        made = generator(torch.randn(128, 8, generator=stream))
        critic_rule.zero_grad()
        (slope,) = torch.autograd.grad(critic(true.requires_grad_()).sum(), true, create_graph=True)
        penalty = PENALTY / 2 * slope.square().sum(1).mean()
        critic_loss = loss(true, 1.0) + loss(made.detach(), 0.0) + penalty
        note("critic", critic_loss)
        critic_loss.backward()  # type: ignore[no-untyped-call]
        critic_rule.step()
        own_rule.zero_grad()
        own_loss = loss(made, 1.0)
        note("generator", own_loss)
        own_loss.backward()  # type: ignore[no-untyped-call]
        own_rule.step()

    def score() -> float:
        with torch.no_grad():
            distance, centre = torch.cdist(generator(torch.randn(1000, 8, generator=stream)), RING).min(1)
        near = centre[distance < 4 * SPREAD]
        return len(near) / 1000 * float((near.bincount(minlength=8) >= 20).double().mean())

    return SmallRun(
        {"generator": generator, "critic": critic}, {"generator": own_rule, "critic": critic_rule}, step, score
    )


def moved(states: Tensor, right: Tensor) -> Tensor:
    """Return where carts are after 1/50 s of a force of 10 N to the left or to the right.

    States (n, 4) are place, speed, angle and its speed; a cart of 1 kg, a pole of 0.1 kg and 1 m (Barto, Sutton and
    Anderson, 1983).
    """
    _, speed, angle, angular_speed = states.unbind(1)
    force = 20.0 * right.to(states) - 10
    sine, cosine = angle.sin(), angle.cos()
    thrust = (force + 0.05 * angular_speed.square() * sine) / 1.1
    angular = (9.8 * sine - cosine * thrust) / (0.5 * (4 / 3 - 0.1 * cosine.square() / 1.1))
    acceleration = thrust - 0.05 * angular * cosine / 1.1
    change = torch.stack([speed, acceleration, angular_speed, angular], 1)
    return states + 0.02 * change


def fallen(states: Tensor) -> Tensor:
    """Return which carts have left their track (2.4 m) or let their pole fall (12 degrees)."""
    return (states[:, 0].abs() > 2.4) | (states[:, 2].abs() > 12 * pi / 180)


@dataclass
class Memory:
    """The latest transitions of several carts, for a player to learn from."""

    size: int = 4000
    rows: list[tuple[Tensor, ...]] = field(default_factory=list)

    def add(self, *row: Tensor) -> None:
        """Keep a transition of every cart: state, action, next state, whether it fell."""
        self.rows.append(row)
        del self.rows[: -self.size]

    def drawn(self, count: int, stream: torch.Generator) -> list[Tensor]:
        """Return so many transitions."""
        places = torch.randint(len(self.rows), (count,), generator=stream).tolist()
        return [torch.cat(parts) for parts in zip(*(self.rows[k] for k in places), strict=True)]


CARTS, HORIZON = 4, 200


def fresh(count: int, stream: torch.Generator) -> Tensor:
    """Return carts near the middle with poles nearly upright."""
    return 0.1 * torch.rand(count, 4, generator=stream) - 0.05


def q_learning(seed: int) -> SmallRun:
    """Return a player who learns to balance a pole by deep Q-learning; Adam, a target network, replayed transitions.

    The score is how many of 200 moves the poles of 20 carts stay up, on average.
    """
    model = perceptron(4, 64, 64, 2)
    target = deepcopy(model)
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    stream, memory = torch.Generator().manual_seed(seed), Memory()
    state, age, made = fresh(CARTS, stream), torch.zeros(CARTS), [0]

    def played() -> None:
        share = max(0.05, 1 - made[0] / 300)
        with torch.no_grad():
            best = model(state).argmax(1)
        free = torch.rand(CARTS, generator=stream) < share
        action = torch.where(free, torch.randint(2, (CARTS,), generator=stream), best)
        after = moved(state, action)
        down = fallen(after)
        memory.add(state.clone(), action, after, down)
        age.add_(1)
        over = down | (age >= HORIZON)
        state.copy_(torch.where(over[:, None], fresh(CARTS, stream), after))
        age.masked_fill_(over, 0)

    def step(note: Note) -> None:
        for _ in range(1 if memory.rows else 50):
            played()
        states, actions, after, down = memory.drawn(16, stream)
        with torch.no_grad():
            value = target(after).gather(1, model(after).argmax(1, keepdim=True))[:, 0]
        aim = 1 + 0.98 * value * ~down
        loss = functional.smooth_l1_loss(model(states).gather(1, actions[:, None])[:, 0], aim)
        note("model", loss)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        made[0] += 1
        if made[0] % 50 == 0:
            target.load_state_dict(model.state_dict())

    def score() -> float:
        return balanced(lambda states: model(states).argmax(1), stream)

    return SmallRun({"model": model}, {"model": optimiser}, step, score)


def balanced(player: Callable[[Tensor], Tensor], stream: torch.Generator, carts: int = 20) -> float:
    """Return how many of 200 moves a player keeps poles up, on average over carts."""
    state, up = fresh(carts, stream), torch.ones(carts, dtype=torch.bool)
    moves = 0
    with torch.no_grad():
        for _ in range(HORIZON):
            state = moved(state, player(state))
            up &= ~fallen(state)
            moves += int(up.sum())
    return moves / carts


PLAYER_TRAININGS = (
    SmallTraining("adversarial", "a generator and its critic on eight centres, Adam", 1200, 0.0, 0.7, adversarial),
    SmallTraining("q-learning", "a pole on a cart by deep Q-learning, Adam", 3000, 22.0, 60.0, q_learning),
)
