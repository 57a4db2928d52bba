"""Small healthy trainings of networks for images, on scikit-learn's digits."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import nn

from stability.studies.attention import AttentionBlock
from stability.studies.small_trainings import (
    SmallRun,
    SmallTraining,
    accuracy,
    entropy_losses,
    explained,
    minibatches,
    squared_losses,
    supervised,
    warmed_up,
)
from stability.studies.training_data import digit_images, noisy_labels

Tensor = torch.Tensor


def convolved(a: int, b: int, size: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """Return a convolution without bias, and its batch normalisation."""
    return [nn.Conv2d(a, b, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(b)]


class BasicBlock(nn.Module):
    """Two convolutions beside a shortcut, as in ResNet-18."""

    def __init__(self, a: int, b: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = convolved(a, b, 3, stride)
        self.relu = nn.ReLU()
        self.conv2, self.bn2 = convolved(b, b, 3)
        self.downsample = nn.Sequential(*convolved(a, b, 1, stride)) if a != b or stride != 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """Return what the next block gets."""
        out = self.relu(self.bn1(self.conv1(x)))
        beside = x if self.downsample is None else self.downsample(x)
        return cast(Tensor, self.relu(self.bn2(self.conv2(out)) + beside))


class InvertedResidual(nn.Module):
    """Expansion, a convolution of each channel by itself, projection, as in MobileNetV2."""

    def __init__(self, a: int, b: int, stride: int, expand: int = 4) -> None:
        super().__init__()
        hidden = a * expand
        self.conv = nn.Sequential(
            *convolved(a, hidden, 1),
            nn.ReLU6(),
            *convolved(hidden, hidden, 3, stride, groups=hidden),
            nn.ReLU6(),
            *convolved(hidden, b, 1),
        )
        self.shortcut = stride == 1 and a == b

    def forward(self, x: Tensor) -> Tensor:
        """Return what the next block gets."""
        out = self.conv(x)
        return cast(Tensor, x + out if self.shortcut else out)


class VisionTransformer(nn.Module):
    """Patches of 2 x 2 pixels, a class token, blocks of attention, and a linear head."""

    def __init__(self, dim: int = 32, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, dim, 2, 2)
        self.token = nn.Parameter(torch.zeros(1, 1, dim))
        self.places = nn.Parameter(0.02 * torch.randn(1, 17, dim))
        self.blocks = nn.Sequential(*[AttentionBlock(dim, heads, causal=False) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return a number for each class."""
        patches = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), patches], 1) + self.places
        return cast(Tensor, self.head(self.norm(self.blocks(x))[:, 0]))


def _classifier(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    seed: int,
    steps: int,
    warmup: int = 0,
    clip: float | None = None,
) -> SmallRun:
    x, y, u, v = digit_images()
    drawn, schedule = minibatches(seed, 64, x, y), warmed_up(optimiser, steps, warmup)
    return supervised(model, drawn, entropy_losses, optimiser, accuracy(model, u, v), schedule, clip)


def _kaiming(model: nn.Module) -> nn.Module:
    for part in model.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
    return model


def _stages(widths: Sequence[int], blocks: int) -> list[nn.Module]:
    found: list[nn.Module] = []
    for place, (a, b) in enumerate(zip((widths[0], *widths), widths, strict=False)):
        found += [
            BasicBlock(a, b, 2 if place and not k else 1) if not k else BasicBlock(b, b, 1) for k in range(blocks)
        ]
    return found


RESNET_STEPS = MOBILENET_STEPS = VIT_STEPS = 500


def resnet(seed: int) -> SmallRun:
    """Return a ResNet of 14 layers; SGD with momentum, weight decay and half a cosine."""
    stem = [*convolved(1, 12, 3), nn.ReLU()]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10)]
    model = _kaiming(nn.Sequential(*stem, *_stages((12, 24, 48), 2), *head))
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=5e-4)
    return _classifier(model, optimiser, seed, RESNET_STEPS)


def mobilenet(seed: int) -> SmallRun:
    """Return a MobileNetV2 of four inverted residuals with ReLU6; SGD with momentum."""
    blocks = [InvertedResidual(12, 12, 1), InvertedResidual(12, 16, 2), InvertedResidual(16, 16, 1)]
    ends = [*convolved(16, 64, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2)]
    model = _kaiming(nn.Sequential(*convolved(1, 12, 3), nn.ReLU6(), *blocks, *ends, nn.Linear(64, 10)))
    optimiser = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=4e-5)
    return _classifier(model, optimiser, seed, MOBILENET_STEPS)


def vision_transformer(seed: int) -> SmallRun:
    """Return a small vision transformer with GELU; AdamW, warm-up, clipping."""
    model = VisionTransformer()
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
    return _classifier(model, optimiser, seed, VIT_STEPS, warmup=50, clip=1.0)


def noisy_convolutions(seed: int) -> SmallRun:
    """Return three convolutions on digits of which a third has random labels; Adam, batches of 256."""
    x, y, u, v = noisy_labels()
    maps = [nn.Conv2d(1, 32, 3, 1, 1), nn.Conv2d(32, 64, 3, 2, 1), nn.Conv2d(64, 64, 3, 2, 1)]
    model = nn.Sequential(*[part for each in maps for part in (each, nn.ReLU())], nn.Flatten(), nn.Linear(256, 10))
    optimiser, drawn = torch.optim.Adam(model.parameters(), 1e-3), minibatches(seed, 256, x, y)
    return supervised(model, drawn, entropy_losses, optimiser, accuracy(model, u, v))


def autoencoder(seed: int) -> SmallRun:
    """Return an autoencoder with strided and transposed convolutions and a code of 16 numbers; Adam."""
    x, _, u, _ = digit_images()
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, 2, 1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 16),
        nn.Linear(16, 128),
        nn.ReLU(),
        nn.Unflatten(1, (32, 2, 2)),
        nn.ConvTranspose2d(32, 16, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, 2, 1),
    )
    optimiser, drawn = torch.optim.Adam(model.parameters(), 2e-3), minibatches(seed, 64, x, x)
    return supervised(model, drawn, squared_losses, optimiser, explained(model, u, u))


AUTOENCODER_STEPS, NOISY_STEPS = 600, 300

IMAGE_TRAININGS = (
    SmallTraining("resnet", "a ResNet with 14 layers on digits, SGD with momentum", RESNET_STEPS, 0.1, 0.9, resnet),
    SmallTraining("mobilenet", "a MobileNetV2 with ReLU6 on digits, SGD", MOBILENET_STEPS, 0.1, 0.9, mobilenet),
    SmallTraining("vit", "a vision transformer on digits, AdamW", VIT_STEPS, 0.1, 0.8, vision_transformer),
    SmallTraining(
        "noisy-labels", "convolutions, a third of labels random, Adam", NOISY_STEPS, 0.1, 0.85, noisy_convolutions
    ),
    SmallTraining(
        "conv-autoencoder",
        "strided and transposed convolutions, Adam",
        AUTOENCODER_STEPS,
        0.0,
        0.6,
        autoencoder,
    ),
)
