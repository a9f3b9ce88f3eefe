"""Train the reader: which words of a passage answer a question, which of its sentences, or none.

    python -m training.reader --data ../shared/data --out OUT   # goes on from OUT/checkpoint.pt
    python -m training.reader --data ../shared/data --out OUT2 --start OUT   # a new run from another's weights
    python -m training.reader --out OUT --export bot/models/reader.int8.onnx

It runs on two CPU cores and writes a checkpoint every three minutes. `training.reader_eval` measures it.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.encoder import WIDTH, Encoder, export_pair, load_encoder, original
from training.reader_data import Pair, training_pairs

PARTS = {"starts": 1.0, "ends": 1.0, "sentences": 0.3, "choice": 0.7, "whole": 0.5}  # weights of the loss
PAST = -1e4  # the logit of a token that is not there; −inf would make gradients NaN


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights besides the data."""

    tokens: int = 6_000_000
    rate: float = 1.5e-4  # of the encoder; small models bear more than BERT's 3e-5
    head_rate: float = 1e-3
    warm: float = 0.04  # share of the run over which the rates rise; then they fall in a line to zero
    decay: float = 0.01
    average: float = 0.99  # of the running mean of the weights, a step
    dropout: float = 0.1  # the runs see most questions several times
    frozen: int = 1  # layers from below that stay as they are, with the embeddings
    seed: int = 7


class ReaderModel(nn.Module):
    """The encoder with two small heads.

    A token has four numbers: the logits that an answer starts and ends there, what it says for its sentence,
    and how much it counts there. The first token says whether the passage answers a question, and whether it
    supports a statement.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokens = nn.Linear(WIDTH, 4)
        self.whole = nn.Linear(WIDTH, 2)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (batch, tokens, 4) and (batch, 2) logits."""
        states = self.encoder(ids, types, mask)
        return self.tokens(states), self.whole(states[:, 0])


def tensors(batch: Sequence[Pair]) -> dict[str, Tensor]:
    """Return a batch as padded tensors."""
    length, most = max(len(p.ids) for p in batch), max(len(p.bounds) for p in batch)
    made = {
        "ids": torch.zeros(len(batch), length, dtype=torch.long),
        "types": torch.zeros(len(batch), length, dtype=torch.long),
        "mask": torch.zeros(len(batch), length, dtype=torch.long),
        "starts": torch.zeros(len(batch), length, dtype=torch.bool),
        "ends": torch.zeros(len(batch), length, dtype=torch.bool),
        "within": torch.zeros(len(batch), most, length, dtype=torch.bool),
        "relevant": torch.zeros(len(batch), most),
        "present": torch.zeros(len(batch), most, dtype=torch.bool),
        "states": torch.tensor([pair.states for pair in batch]),
        "holds": torch.tensor([float(pair.holds) for pair in batch]),
    }
    for row, pair in enumerate(batch):
        size = len(pair.ids)
        made["ids"][row, :size] = torch.tensor(pair.ids)
        made["types"][row, pair.second : size] = 1
        made["mask"][row, :size] = 1
        made["starts"][row, list(pair.starts)] = True
        made["ends"][row, list(pair.ends)] = True
        for number, (start, end) in enumerate(pair.bounds):
            made["within"][row, number, start:end] = True
            made["present"][row, number] = True
            made["relevant"][row, number] = float(pair.relevant[number])
    return made


def sentence_logits(tokens: Tensor, within: Tensor) -> Tensor:
    """Return (batch, sentences): what the tokens of a sentence say, each as much as it counts."""
    counts = tokens[:, None, :, 3].masked_fill(~within, PAST).softmax(-1)
    return (counts * tokens[:, None, :, 2]).sum(-1)


def loss_of(model: ReaderModel, made: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of a batch and its parts."""
    whole_mask = None if made["mask"].all() else made["mask"]
    with torch.autocast("cpu", torch.bfloat16):  # 1.8 times the pace of float32 where the processor has the type
        tokens, whole = (logits.float() for logits in model(made["ids"], made["types"], whole_mask))
    readable = made["types"].bool()
    readable[:, 0] = True  # the first token stands for "no answer"
    parts = {}
    for name, column in (("starts", 0), ("ends", 1)):
        logits = tokens[:, :, column].masked_fill(~readable, PAST)
        allowed = logits.masked_fill(~made[name], PAST)
        each = logits.logsumexp(-1) - allowed.logsumexp(-1)
        parts[name] = (each * ~made["states"]).mean() / 2  # a statement is supported by no words in particular
    sentences = sentence_logits(tokens, made["within"])
    answered = made["relevant"].any(-1)
    each = nn.functional.binary_cross_entropy_with_logits(sentences, made["relevant"], reduction="none")
    parts["sentences"] = (each * made["present"]).sum() / len(sentences)
    # the best sentence against its neighbours and against none at all, whose logit is 0
    choices = torch.cat([sentences.masked_fill(~made["present"], PAST), torch.zeros(len(sentences), 1)], 1)
    right = torch.cat([made["relevant"].bool(), ~answered[:, None]], 1)
    parts["choice"] = (choices.logsumexp(-1) - choices.masked_fill(~right, PAST).logsumexp(-1)).mean()
    asked = whole.gather(1, made["states"].long()[:, None])[:, 0]
    parts["whole"] = nn.functional.binary_cross_entropy_with_logits(asked, made["holds"])
    loss = sum((PARTS[name] * value for name, value in parts.items()), start=torch.zeros(()))
    return loss, {name: float(value.detach()) for name, value in parts.items()}


def load_tokenizer() -> Tokenizer:
    """Return the published tokenizer, which neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(original() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def build(recipe: Recipe) -> ReaderModel:
    """Return the model before training, with what stays frozen marked so."""
    torch.manual_seed(recipe.seed)
    model = ReaderModel(load_encoder(dropout=recipe.dropout))
    nn.init.normal_(model.tokens.weight, std=0.02)
    nn.init.normal_(model.whole.weight, std=0.02)
    kept = [model.encoder.words, model.encoder.positions, model.encoder.types, model.encoder.embedded]
    for part in [*kept, *model.encoder.layers[: recipe.frozen]]:
        part.requires_grad_(False)
    return model


class Run:
    """One training run: weights, their running mean, optimiser, and how far it is."""

    def __init__(self, recipe: Recipe, out: Path, until: float | None) -> None:
        self.recipe, self.out, self.until = recipe, out, until
        self.model = build(recipe).train()
        self.learnt = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, parameter in self.learnt.items():
            groups.setdefault((name.startswith("encoder"), parameter.dim() > 1), []).append(parameter)
        kinds = [
            {"params": parameters, "body": body, "weight_decay": recipe.decay * wide}
            for (body, wide), parameters in groups.items()
        ]
        self.optimiser = torch.optim.AdamW(kinds, betas=(0.9, 0.98))
        self.mean = {n: p.detach().clone() for n, p in self.learnt.items()}
        self.step, self.seen, self.started = 0, 0, time.time()

    def resume(self) -> None:
        """Go on from the last checkpoint, where there is one."""
        path = self.out / "checkpoint.pt"
        if path.exists():
            kept = torch.load(path, weights_only=True)
            self.model.load_state_dict(kept["learnt"], strict=False)
            self.optimiser.load_state_dict(kept["optimiser"])
            self.mean, self.step, self.seen = kept["mean"], kept["step"], kept["seen"]
            self.started = kept["started"]

    def start_from(self, out: Path) -> None:
        """Begin with the averaged weights of another run, where they have the same shape."""
        kept = torch.load(out / "checkpoint.pt", weights_only=True)["mean"]
        for name, parameter in self.learnt.items():
            if kept[name].shape == parameter.shape:
                parameter.data.copy_(kept[name])
                self.mean[name].copy_(kept[name])

    def save(self) -> None:
        """Write the checkpoint in one move, so that a stop in the middle leaves the one before."""
        kept = {
            "recipe": asdict(self.recipe),
            "learnt": {n: p.detach() for n, p in self.learnt.items()},
            "mean": self.mean,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "started": self.started,
        }
        torch.save(kept, self.out / "checkpoint.new")
        (self.out / "checkpoint.new").replace(self.out / "checkpoint.pt")

    def progress(self) -> float:
        """Return how much of the run is over, 0 to 1: by tokens, or by the clock where that is further."""
        done = self.seen / self.recipe.tokens
        if self.until is not None:
            done = max(done, (time.time() - self.started) / (self.until - self.started))
        return min(done, 1.0)

    def learn(self, batch: list[Pair]) -> dict[str, float]:
        """Take one step."""
        done = self.progress()
        rate = min(done / self.recipe.warm, (1 - done) / (1 - self.recipe.warm))
        rate = max(rate, 0.0) if self.step else 0.0
        for group in self.optimiser.param_groups:
            group["lr"] = rate * (self.recipe.rate if group["body"] else self.recipe.head_rate)
        loss, parts = loss_of(self.model, tensors(batch))
        loss.backward()
        nn.utils.clip_grad_norm_(self.learnt.values(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step += 1
        self.seen += sum(len(p.ids) for p in batch)
        keep = min(self.recipe.average, self.step / (10 + self.step))
        for name, parameter in self.learnt.items():
            self.mean[name].lerp_(parameter.detach(), 1 - keep)
        return parts


def train(recipe: Recipe, data: Path, out: Path, until: float | None, start: Path | None = None) -> None:
    """Train until the tokens or the time are spent."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer()
    run = Run(recipe, out, until)
    if start and not (out / "checkpoint.pt").exists():
        run.start_from(start)
    run.resume()
    note(out, event="start", recipe=asdict(recipe), step=run.step, seen=run.seen)
    recent: dict[str, float] = {}
    saved, began, since = time.time(), time.time(), run.seen
    batches = training_pairs(data, tokenizer, tokens=2 * recipe.tokens, seed=recipe.seed)
    for number, batch in enumerate(batches):
        if number < run.step:
            continue  # the order is fixed by the seed: these were seen before the stop
        if run.progress() >= 1.0:
            break
        for name, value in run.learn(batch).items():
            recent[name] = 0.98 * recent.get(name, value) + 0.02 * value
        if run.step % 25 == 0:
            pace = (run.seen - since) / (time.time() - began)
            note(out, step=run.step, seen=run.seen, progress=run.progress(), pace=pace, **recent)
        if time.time() - saved > 180:
            run.save()
            saved = time.time()
    run.save()
    note(out, event="end", step=run.step, seen=run.seen)


def note(out: Path, **row: object) -> None:
    """Add one line to the log, on screen and in OUT/log.jsonl."""
    row = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
    line = json.dumps({"at": datetime.now(UTC).strftime("%H:%M:%S"), **row})
    with (out / "log.jsonl").open("a") as log:
        log.write(line + "\n")
    print(line, flush=True)


def load(out: Path) -> tuple[ReaderModel, int]:
    """Return the averaged weights of OUT/checkpoint.pt, and the tokens that they have seen."""
    kept = torch.load(out / "checkpoint.pt", weights_only=True)
    model = build(Recipe(**kept["recipe"]))
    model.load_state_dict(kept["mean"], strict=False)
    return model.eval(), kept["seen"]


def export(model: ReaderModel, path: Path, *, whole: bool = False) -> None:
    """Write the model as ONNX for one window a run: int8 per channel, or float32 where `whole`."""
    export_pair(model, path, whole=whole)


def main() -> None:
    """Train, measure or export, as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="the OUT of a run whose weights to begin with")
    parser.add_argument("--tokens", type=int, default=Recipe.tokens, help="read at most so many")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="another order of other questions")
    parser.add_argument("--until", help="HH:MM UTC: be finished then, whatever share of the tokens is seen")
    parser.add_argument("--export", type=Path, help="write the averaged weights here as int8 ONNX")
    parser.add_argument("--float", action="store_true", help="export float32")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.export:
        export(load(given.out)[0], given.export, whole=given.float)
        return
    until = None
    if given.until:
        hour, minute = map(int, given.until.split(":"))
        until = datetime.now(UTC).replace(hour=hour, minute=minute, second=0).timestamp()
    train(Recipe(tokens=given.tokens, seed=given.seed), given.data, given.out, until, given.start)


if __name__ == "__main__":
    main()
