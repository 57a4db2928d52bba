"""The torch functions that make pre-activations, activate them or move units, and what each does to axes."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import torch
from torch.nn import functional

Tensor = torch.Tensor
OWNERS = (torch, Tensor, functional, torch._C._nn, torch.special)


def named(*names: str) -> set[Any]:
    """Return the functions of these names, wherever torch has them, those that work in place too."""
    suffixes = [(name, f"{name}_") if not name.startswith("_") else (name,) for name in names]
    found = (getattr(owner, name, None) for owner in OWNERS for ends in suffixes for name in ends)
    return {each for each in found if callable(each)}


def operators(*names: str) -> set[Any]:
    """Return what Python calls for operators between tensors."""
    return named(*(f"__{before}{name}__" for name in names for before in ("", "r", "i")))


AFFINE: dict[Any, tuple[int, int]] = {
    functional.linear: (-1, 2),
    functional.bilinear: (-1, 2),
    torch.conv1d: (1, 3),
    torch.conv2d: (1, 4),
    torch.conv3d: (1, 5),
    torch.conv_transpose1d: (1, 3),
    torch.conv_transpose2d: (1, 4),
    torch.conv_transpose3d: (1, 5),
    functional.embedding: (-1, 2),
    functional.embedding_bag: (-1, 2),
    functional.multi_head_attention_forward: (-1, 2),
    **dict.fromkeys(named("lstm", "gru", "rnn_tanh", "rnn_relu"), (-1, 2)),
    **dict.fromkeys(named("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"), (-1, 2)),
}
"""The axis of the units, and how many axes there are."""
RECURRENT = named("lstm", "gru", "rnn_tanh", "rnn_relu")
"""Their last argument, of nine, says whether examples come before steps."""
BY_ROWS = {functional.linear, torch.conv1d, torch.conv2d, torch.conv3d}
"""Row j of their weight makes unit j."""
TRANSPOSED = {torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d}
NAMED = BY_ROWS | TRANSPOSED
"""Units are named after their weight."""
NORMS = {functional.batch_norm: 1, functional.layer_norm: -1, functional.group_norm: 1, functional.instance_norm: 1}
SUMS = {torch.add, Tensor.add, Tensor.add_, Tensor.__add__, Tensor.__radd__, Tensor.__iadd__}
CATS = {torch.cat, torch.concat, torch.concatenate}
NEGATIONS = {torch.neg, Tensor.neg, Tensor.__neg__, torch.negative, Tensor.negative}
INPLACE = {
    functional.relu: 1,
    functional.relu6: 1,
    functional.leaky_relu: 2,
    functional.hardtanh: 3,
    functional.threshold: 3,
}
"""Where these take the argument `inplace`."""
RELUS = {functional.relu, torch.relu, Tensor.relu, functional.relu6, torch.relu_, Tensor.relu_}
CLAMPS = {
    *(torch.clamp, Tensor.clamp, torch.clamp_, Tensor.clamp_, torch.clip, Tensor.clip, torch.clip_, Tensor.clip_),
    *(torch.clamp_min, Tensor.clamp_min, torch.clamp_min_, Tensor.clamp_min_),
}
LEAKY = {functional.leaky_relu, functional.leaky_relu_}
TRAINED = {functional.prelu, Tensor.prelu}
ACTIVATIONS = {*RELUS, *CLAMPS, *LEAKY, *TRAINED, functional.hardtanh, functional.threshold}
OPERATIONS: dict[Any, Any] = {
    call: getattr(functional, name, None) or getattr(torch, name)
    for name in ("relu", "relu6", "leaky_relu", "prelu", "hardtanh", "threshold", "clamp", "clamp_min")
    for ends in ("", "_")
    if (packet := getattr(torch.ops.aten, name + ends, None)) is not None
    for call in (packet, *(getattr(packet, overload) for overload in packet.overloads()))
}
"""The activations among the operations below torch's functions, which modules of torch.export call by themselves."""

KEEPING = {
    *named("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    *named("clone", "contiguous", "to", "float", "double", "half", "bfloat16", "type_as", "type", "cuda", "cpu"),
    *named("detach", "requires_grad"),
    *named("fake_quantize_per_tensor_affine", "fake_quantize_per_channel_affine", "fused_moving_avg_obs_fake_quant"),
    *named("_fake_quantize_learnable_per_tensor_affine", "_fake_quantize_learnable_per_channel_affine"),
}
"""After these the units are still made by the same map, and stand where they stood."""
POOLS = {
    each: dims
    for dims in (1, 2, 3)
    for kind in ("max", "avg", "adaptive_max", "adaptive_avg", "lp", "fractional_max")
    for each in named(f"{kind}_pool{dims}d", f"{kind}_pool{dims}d_with_indices")
}
"""Over how many of the last axes they go; the units are still made by the same map."""
SCALINGS = named("interpolate", "upsample", "upsample_nearest", "upsample_bilinear", "grid_sample")
"""They change the size of the axes behind the channels."""
VIEWS = {
    *named("transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "t", "adjoint", "narrow", "select"),
    *named("expand", "expand_as", "broadcast_to", "unbind", "chunk", "split", "split_with_sizes", "tensor_split"),
    *named("hsplit", "vsplit", "dsplit", "view_copy", "expand_copy"),
    *(getattr(Tensor, name).__get__ for name in ("T", "mT", "H", "mH")),
}
RESHAPES = named(
    "view", "reshape", "flatten", "unflatten", "ravel", "view_as", "reshape_as", "unsqueeze", "squeeze", "atleast_2d"
)
EXPANSIONS = named("pad", "repeat", "tile", "narrow_copy")
"""They change the length of axes; of axes of units none is followed."""
SELECTIONS = named("index_select", "repeat_interleave")
"""They take entries along one axis, in any order and more than once."""
GATHERS = named("gather", "take_along_dim")
"""They take entries along one axis, others at every place of the other axes."""
SORTS = {**dict.fromkeys(named("sort"), 1), **dict.fromkeys(named("topk"), 2)}
"""They put entries along one axis in order; the place of the argument that says which."""
SHUFFLES = named("pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "native_channel_shuffle")
WRITES = named("index_add", "index_copy", "index_fill", "scatter_add", "scatter", "scatter_reduce", "index_put")
"""They write entries to any places along one axis."""
REDUCTIONS = named(
    *("sum", "mean", "amax", "amin", "max", "min", "logsumexp", "norm", "std", "var", "median", "prod"),
    *("nansum", "nanmean", "nanmedian"),
)
PRODUCTS = {*named("matmul", "mm", "bmm", "mv", "__matmul__", "__rmatmul__"), torch.sparse.mm}
ADDED_PRODUCTS = named("addmm", "baddbmm", "addbmm")
ENTRYWISE = {
    *operators("add", "sub", "mul", "truediv", "div", "pow", "neg", "abs"),
    *named("add", "sub", "subtract", "rsub", "mul", "multiply", "div", "divide", "true_divide", "neg", "negative"),
    *named("abs", "absolute", "exp", "exp2", "expm1", "log", "log1p", "sqrt", "rsqrt", "square", "reciprocal", "pow"),
    *named("sin", "cos", "tanh", "sigmoid", "logsigmoid", "erf", "gelu", "silu", "mish", "elu", "selu", "celu"),
    *named("softplus", "softsign", "hardswish", "hardsigmoid", "hardtanh", "tanhshrink", "softshrink", "hardshrink"),
    *named("threshold", "rrelu", "relu", "relu6", "leaky_relu", "prelu", "clamp", "clip", "clamp_min", "clamp_max"),
    *named("maximum", "minimum", "fmax", "fmin", "where", "lerp", "addcmul", "addcdiv", "masked_fill", "nan_to_num"),
    *named("round", "floor", "ceil", "sign", "softmax", "log_softmax", "gumbel_softmax", "normalize", "cumsum"),
    *named("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "local_response_norm"),
    *named("flip", "fliplr", "flipud"),
    *named("real", "imag", "conj", "conj_physical", "resolve_conj", "complex", "polar", "angle"),
    *(getattr(Tensor, name).__get__ for name in ("real", "imag")),
    *named("renorm", "copysign", "heaviside", "atan2", "atan", "sinc", "xlogy", "copy", "zeros_like", "bernoulli"),
}
"""What they return has the entries of what they are given in their places, or mixes them along axes that stay."""


def tensors_in(values: Iterable[Any]) -> list[Tensor]:
    """Return the tensors among arguments, those in lists and tuples too."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, tuple | list):
            found += [each for each in value if isinstance(each, Tensor)]
    return found


def argument(args: Any, kwargs: Any, place: int, *names: str) -> Any:
    """Return an argument by its place or name; None if it is not given."""
    if len(args) > place:
        return args[place]
    return next((kwargs[name] for name in names if name in kwargs), None)


def name_of(func: Callable[..., Any]) -> str:
    """Return how people know a function."""
    name = getattr(func, "__name__", "") or type(func).__name__
    if name == "__get__":
        return getattr(getattr(func, "__self__", None), "__name__", "an attribute")
    return name.strip("_") if name.startswith("__") else name


def slope_of(func: Any, args: Any, kwargs: Any) -> float | None:
    """Return the slope left of 0; None of a function that is no ReLU, and of trained slopes."""
    if func in RELUS:
        return 0.0
    if func in LEAKY:
        return float(args[1] if len(args) > 1 else kwargs.get("negative_slope", 0.01))
    if func in CLAMPS:
        low, high = argument(args, kwargs, 1, "min"), argument(args, kwargs, 2, "max")
        return 0.0 if high is None and _is_zero(low) else None
    if func is functional.hardtanh:
        return 0.0 if _is_zero(argument(args, kwargs, 1, "min_val")) else None
    if func is functional.threshold:
        names = ("threshold", "value")
        return 0.0 if all(_is_zero(argument(args, kwargs, k + 1, name)) for k, name in enumerate(names)) else None
    return None


def _is_zero(number: Any) -> bool:
    return isinstance(number, int | float) and number == 0


@lru_cache(maxsize=1024)
def writes(func: Any) -> bool:
    """Return whether a function writes into its first argument, by its name.

    Examples
    --------
    >>> import torch
    >>> writes(torch.Tensor.add_), writes(torch.Tensor.__iadd__), writes(torch.Tensor.add)
    (True, True, False)
    """
    name = getattr(func, "__name__", "")
    return bool(name.endswith("_")) and (not name.endswith("__") or name.startswith("__i") or name == "__setitem__")
