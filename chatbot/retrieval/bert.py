"""A BERT encoder's forward pass in numpy: what turns text into vectors, without a deep-learning framework.

It reads the published files of a model (config.json, model.safetensors), maps the weights from disk, so that several
processes share them, and computes what the framework computes, in float32. The words of all texts of a batch go through
the layers as one matrix without padding, a column for each word piece: so the weights stand on the left of each
product, which for a short text takes half the time. Only attention looks at texts one by one.

The stack of torch would take 1.4 GB of disk, half a gigabyte a process and four seconds to load; this loads in tenths.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FAMILIES = ("bert", "roberta", "xlm-roberta", "camembert")

#: Φ(x) ≈ ½ + ½ tanh(x · p(x²)): least squares against the error function, wrong by 4e-6 at most for any x.
_PHI = tuple(np.float32(c) for c in (0.797871635, 0.0363863042, -8.36385538e-5, -3.76254619e-5, 1.4856058e-6))

#: Columns are filled up to a multiple of this: the matrix kernels work on so many at once, and are slow on the rest.
_LANES = 16

#: Numbers treated at a time, so that they stay in the processor's cache.
_BLOCK = 1 << 15


class Unsupported(Exception):
    """These files hold a model that this module cannot compute. The text says which part."""


@dataclass(frozen=True, slots=True)
class _Layer:
    qkv: Floats
    qkv_bias: Floats
    out: Floats
    out_bias: Floats
    out_norm: tuple[Floats, Floats]
    up: Floats
    up_bias: Floats
    down: Floats
    down_bias: Floats
    down_norm: tuple[Floats, Floats]


class Bert:
    """An encoder read from a folder. Raises Unsupported or OSError."""

    def __init__(self, folder: Path) -> None:
        self.config = _config(folder)
        self.weights = _named(read_safetensors(folder / "model.safetensors"))
        self.width = int(self.config["hidden_size"])
        self.heads = int(self.config["num_attention_heads"])
        self._epsilon = np.float32(self.config.get("layer_norm_eps", 1e-12))
        self._activate = _activation(str(self.config.get("hidden_act", "gelu")))
        # RoBERTa's positions begin after its padding token's.
        self._first_position = 0 if self.config["model_type"] == "bert" else int(self.config["pad_token_id"]) + 1
        self.most_tokens = int(self.config["max_position_embeddings"]) - self._first_position
        try:
            self._words = self.weights["embeddings.word_embeddings.weight"]
            self._positions = self.weights["embeddings.position_embeddings.weight"]
            self._kinds = self.weights["embeddings.token_type_embeddings.weight"]
            self._norm = self._pair("embeddings.LayerNorm")
            self._layers = [self._layer(i) for i in range(int(self.config["num_hidden_layers"]))]
        except KeyError as error:
            raise Unsupported(f"the weights have no {error}") from None

    def encode(
        self, texts: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]] | None = None, *, layers: int | None = None
    ) -> list[Floats]:
        """Token ids of n texts → n matrices [tokens, width]: the last layer, or that after `layers` of them.

        `kinds` are token types, 0 by default.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        groups = [(length, len(list(same))) for length, same in groupby(len(texts[i]) for i in order)]
        ids = np.concatenate([np.asarray(texts[i], dtype=np.int64) for i in order])
        types = np.concatenate([np.asarray(kinds[i], dtype=np.int64) for i in order]) if kinds is not None else 0
        positions = np.concatenate([np.arange(length) for length, count in groups for _ in range(count)])
        words = self._words[ids] + self._positions[positions + self._first_position] + self._kinds[types]
        x = np.zeros((self.width, -(-len(words) // _LANES) * _LANES), dtype=np.float32)
        x[:, : len(words)] = words.T
        x = self._normed(x, self._norm)
        for layer in self._layers[:layers]:
            x = self._normed(self._attend(x, layer, groups) + x, layer.out_norm)
            inner = self._activate(layer.up @ x + layer.up_bias)
            x = self._normed(layer.down @ inner + layer.down_bias + x, layer.down_norm)
        ends = np.cumsum([len(texts[i]) for i in order])
        found: list[Floats] = [x] * len(texts)
        for i, piece in zip(order, np.split(x.T[: ends[-1]], ends[:-1]), strict=True):
            found[i] = piece
        return found

    def _attend(self, x: Floats, layer: _Layer, groups: Sequence[tuple[int, int]]) -> Floats:
        """Multi-head attention within each text, those of equal length in one go."""
        depth = self.width // self.heads
        qkv = layer.qkv @ x + layer.qkv_bias
        mixed = np.zeros_like(x)
        start = 0
        for length, count in groups:
            end = start + length * count
            parts = qkv[:, start:end].reshape(3, self.heads, depth, count, length).transpose(0, 3, 1, 2, 4)
            q, k, v = parts
            scores = _softmax(np.matmul(q.transpose(0, 1, 3, 2), k))  # [count, heads, asking, asked]
            target = mixed[:, start:end].reshape(self.heads, depth, count, length).transpose(2, 0, 1, 3)
            target[...] = np.matmul(v, scores.transpose(0, 1, 3, 2))
            start = end
        return layer.out @ mixed + layer.out_bias

    def _normed(self, x: Floats, norm: tuple[Floats, Floats]) -> Floats:
        """Layer norm of each column, in place."""
        x -= x.mean(axis=0)
        variance = np.einsum("ij,ij->j", x, x) / np.float32(len(x))
        x *= 1 / np.sqrt(variance + self._epsilon)
        x *= norm[0]
        x += norm[1]
        return x

    def _pair(self, name: str) -> tuple[Floats, Floats]:
        """Weight and bias; what is one number for each feature stands as a column."""
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return weight if weight.ndim == 2 else weight[:, None], bias[:, None]

    def _layer(self, number: int) -> _Layer:
        here = f"encoder.layer.{number}"
        names = [f"{here}.attention.self.{part}" for part in ("query", "key", "value")]
        weights, biases = ([self.weights[f"{name}.{part}"] for name in names] for part in ("weight", "bias"))
        # Folding the scale of attention into the query saves a pass over the scores.
        scale = np.float32(1 / np.sqrt(self.width // self.heads))
        return _Layer(
            np.concatenate([weights[0] * scale, *weights[1:]]),
            np.concatenate([biases[0] * scale, *biases[1:]])[:, None],
            *self._pair(f"{here}.attention.output.dense"),
            self._pair(f"{here}.attention.output.LayerNorm"),
            *self._pair(f"{here}.intermediate.dense"),
            *self._pair(f"{here}.output.dense"),
            self._pair(f"{here}.output.LayerNorm"),
        )


def read_safetensors(path: Path) -> dict[str, Floats]:
    """Tensors by name, mapped from the file: float32 as they lie there, half precision widened.

    The format: a length (8 bytes, little-endian), a JSON header of that length, the numbers.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= size - 8:
            raise Unsupported(f"{path.name} is no safetensors file")
        try:
            header: dict[str, Any] = json.loads(file.read(length))
        except ValueError:
            raise Unsupported(f"{path.name} is no safetensors file") from None
    data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length))
    header.pop("__metadata__", None)
    return {name: _tensor(name, about, data) for name, about in header.items() if about["dtype"] in _WIDENED}


def _tensor(name: str, about: dict[str, Any], data: npt.NDArray[np.uint8]) -> Floats:
    start, end = about["data_offsets"]
    if end > data.size:
        raise Unsupported(f"the file ends within {name}")
    return _WIDENED[about["dtype"]](data[start:end]).reshape(about["shape"])


def _brain_floats(data: npt.NDArray[np.uint8]) -> Floats:
    return (data.view("<u2").astype(np.uint32) << 16).view(np.float32)


_WIDENED: dict[str, Callable[[npt.NDArray[np.uint8]], Floats]] = {
    "F32": lambda data: data.view("<f4"),
    "F16": lambda data: data.view("<f2").astype(np.float32),
    "BF16": _brain_floats,
}


def _config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        raise Unsupported("config.json is not JSON") from None
    if config.get("model_type") not in FAMILIES:
        raise Unsupported(f"models of type {config.get('model_type')!r} are not computed here")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise Unsupported("relative positions are not computed here")
    return config


def _named(weights: dict[str, Floats]) -> dict[str, Floats]:
    """Weights without the prefix that a model with a head of its own puts before the encoder's."""
    return {name.removeprefix("bert.").removeprefix("roberta."): tensor for name, tensor in weights.items()}


def _activation(name: str) -> Callable[[Floats], Floats]:
    known: dict[str, Callable[[Floats], Floats]] = {
        "gelu": _gelu, "gelu_new": _gelu_new, "gelu_pytorch_tanh": _gelu_new, "relu": lambda x: np.maximum(x, 0, out=x),
    }  # fmt: skip
    if name not in known:
        raise Unsupported(f"the activation {name!r} is not computed here")
    return known[name]


def _gelu(x: Floats) -> Floats:
    """x · Φ(x), in place."""
    return _in_blocks(x, _gelu_block)


def _gelu_block(x: Floats) -> Floats:
    square = x * x
    inner = square * _PHI[4]
    for coefficient in reversed(_PHI[1:4]):
        inner += coefficient
        inner *= square
    inner += _PHI[0]
    return _half_of_tanh(inner, x)


def _gelu_new(x: Floats) -> Floats:
    """The approximation of GELU that some models were trained with, in place."""
    return _in_blocks(x, _gelu_new_block)


def _gelu_new_block(x: Floats) -> Floats:
    inner = x * x
    inner *= np.float32(0.0356774081)
    inner += np.float32(0.7978845608)
    return _half_of_tanh(inner, x)


def _half_of_tanh(inner: Floats, x: Floats) -> Floats:
    """½ x (1 + tanh(x · inner))."""
    inner *= x
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _in_blocks(x: Floats, block: Callable[[Floats], Floats]) -> Floats:
    flat = x.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        flat[start : start + _BLOCK] = block(flat[start : start + _BLOCK])
    return x


def _softmax(scores: Floats) -> Floats:
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores
