"""Train the resolver: which words of what was said before does a question leave out?

    python -m training.resolver --data ../shared/data --start READER_OUT --out OUT
    python -m training.resolver --out OUT --export bot/models/resolver.int8.onnx

It begins with the encoder of a trained reader and learns from the conversations in `training/questions` and from what
people added to the questions of TREC CAsT 2019 and 2020. Every eighth conversation is held out to measure on.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from bot.resolver import Talk, lay_out
from index.lexical import terms
from training.encoder import WIDTH, Encoder, export_pair, load_encoder
from training.reader import load_tokenizer, note

QUESTIONS = Path(__file__).with_name("questions")
HELD_OUT = 8  # every so many conversations
BATCH = 3072  # tokens, padding counted
RATE, HEAD_RATE, WARM, AVERAGE = 1.5e-4, 1e-3, 0.06, 0.99
ELSEWHERE = 0.15  # share of questions that are asked again after another conversation
FROZEN = 1  # layers from below that stay as they are, with the embeddings


@dataclass(frozen=True, slots=True)
class Case:
    """A question, what was said before it, and as a person would ask it alone."""

    question: str
    before: Talk
    alone: str

    @property
    def added(self) -> frozenset[str]:
        """Return the terms that the person added."""
        return frozenset(terms(self.alone)) - frozenset(terms(self.question))


def talks() -> list[list[dict[str, str]]]:
    """Return the written conversations, each a list of turns."""
    paths = sorted(QUESTIONS.glob("conversations-*.jsonl"))
    return [json.loads(line)["turns"] for path in paths for line in path.read_text("utf-8").splitlines()]


def held_out(conversations: Sequence[list[dict[str, str]]], *, out: bool) -> list[list[dict[str, str]]]:
    """Return the conversations that are held out, or the others."""
    return [one for number, one in enumerate(conversations) if (number % HELD_OUT == 0) is out]


def cases_of(turns: Sequence[dict[str, str]], *, completed: bool) -> Iterator[Case]:
    """Yield the follow-ups of a conversation; earlier questions as typed, or `completed`."""
    for number in range(1, len(turns)):
        before = [(one["alone" if completed else "question"], one["answer"]) for one in turns[:number]]
        yield Case(turns[number]["question"], before, turns[number]["alone"])


def cast(folder: Path) -> list[list[dict[str, str]]]:
    """Return the conversations of CAsT 2019 and 2020, which have no answers."""
    rows = (folder / "2019_resolved.tsv").read_text("utf-8").splitlines()
    resolved = dict(row.split("\t") for row in rows)
    found = []
    for year in (2019, 2020):
        for topic in json.loads((folder / f"{year}_topics.json").read_text("utf-8")):
            turns = []
            for turn in topic["turn"]:
                alone = turn.get("manual_rewritten_utterance") or resolved.get(f"{topic['number']}_{turn['number']}")
                if alone:
                    turns.append({"question": turn["raw_utterance"].strip(), "alone": alone.strip(), "answer": ""})
            found.append(turns)
    return found


@dataclass(frozen=True, slots=True)
class Example:
    """A case as tokens, and for each word of what was said before, whether the person added it."""

    ids: list[int]
    second: int
    words: list[tuple[int, int, bool]]
    needs: bool


def example(case: Case, tokenizer: Tokenizer) -> Example:
    """Return the case for training; words without a term of their own are left out."""
    said, added = lay_out(case.question, case.before, tokenizer), case.added
    words = [(word.first, word.after, bool(added & set(own))) for word in said.words if (own := terms(word.said))]
    return Example(said.ids, said.second, words, bool(added))


class ResolverModel(nn.Module):
    """The encoder, a number for each token, and one for the whole: whether anything is left out."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokens = nn.Linear(WIDTH, 1)
        self.whole = nn.Linear(WIDTH, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (batch, tokens) and (batch,) logits."""
        states = self.encoder(ids, types, mask)
        return self.tokens(states)[:, :, 0], self.whole(states[:, 0])[:, 0]


def build(start: Path | None) -> ResolverModel:
    """Return the model before training, with the encoder of the reader's run in `start`."""
    torch.manual_seed(7)
    encoder = load_encoder(dropout=0.1)
    if start:
        kept = torch.load(start / "checkpoint.pt", weights_only=True)["mean"]
        encoder.load_state_dict(
            {name.removeprefix("encoder."): held for name, held in kept.items() if name.startswith("encoder.")},
            strict=False,
        )
    model = ResolverModel(encoder)
    for part in [encoder.words, encoder.positions, encoder.types, encoder.embedded, *encoder.layers[:FROZEN]]:
        part.requires_grad_(False)
    return model


def tensors(batch: Sequence[Example]) -> dict[str, Tensor]:
    """Return a batch as padded tensors."""
    length = max(len(one.ids) for one in batch)
    made = {name: torch.zeros(len(batch), length, dtype=torch.long) for name in ("ids", "types", "mask")}
    made |= {name: torch.zeros(len(batch), length) for name in ("added", "counted")}
    for row, one in enumerate(batch):
        made["ids"][row, : len(one.ids)] = torch.tensor(one.ids)
        made["types"][row, one.second : len(one.ids)] = 1
        made["mask"][row, : len(one.ids)] = 1
        for first, after, added in one.words:
            made["added"][row, first:after] = float(added)
            made["counted"][row, first:after] = 1 / (after - first)
    made["needs"] = torch.tensor([float(one.needs) for one in batch])
    return made


def loss_of(model: ResolverModel, made: dict[str, Tensor]) -> Tensor:
    """Return the loss: of each case the sum over its words, and whether it needs any."""
    with torch.autocast("cpu", torch.bfloat16):
        tokens, whole = (one.float() for one in model(made["ids"], made["types"], made["mask"]))
    each = nn.functional.binary_cross_entropy_with_logits(tokens, made["added"], reduction="none")
    words = (each * made["counted"]).sum() / made["counted"].sum() * 20
    return words + 0.5 * nn.functional.binary_cross_entropy_with_logits(whole, made["needs"])


def batches(examples: Sequence[Example], chance: Random) -> list[list[Example]]:
    """Return the examples in batches of like length, in random order."""
    order = sorted(examples, key=lambda one: len(one.ids) + chance.random() * 40)
    made: list[list[Example]] = [[]]
    for one in order:
        if made[-1] and (len(made[-1]) + 1) * max(len(one.ids), *(len(o.ids) for o in made[-1])) > BATCH:
            made.append([])
        made[-1].append(one)
    chance.shuffle(made)
    return made


def epoch(conversations: Sequence[list[dict[str, str]]], chance: Random) -> list[Case]:
    """Return the cases of one round: earlier questions typed or completed, and some asked after another talk."""
    cases = []
    for turns in conversations:
        cases += cases_of(turns, completed=chance.random() < 0.5)
        other = chance.choice(conversations)
        if other is not turns:
            for turn in turns:
                if turn["alone"] == turn["question"] and chance.random() < ELSEWHERE * 2:
                    cut = chance.randint(1, len(other) - 1)
                    before = [(one["question"], one["answer"]) for one in other[:cut]]
                    cases.append(Case(turn["question"], before, turn["question"]))
    return cases


@torch.no_grad()
def measure(model: ResolverModel, examples: Sequence[Example]) -> dict[str, float]:
    """Return recall, precision and F of the added words at 0.5, and the accuracy of whether any is needed."""
    model.eval()
    hit = said = true = right = 0
    for one in examples:
        made = tensors([one])
        tokens, whole = model(made["ids"], made["types"], made["mask"])
        right += (float(whole[0]) > 0) == one.needs
        for first, after, added in one.words:
            yes = float(tokens[0, first:after].mean()) > 0
            hit, said, true = hit + (yes and added), said + yes, true + added
    model.train()
    recall, precision = hit / max(true, 1), hit / max(said, 1)
    f = 2 * recall * precision / max(recall + precision, 1e-9)
    return {"recall": recall, "precision": precision, "f": f, "needs": right / max(len(examples), 1)}


def train(data: Path, out: Path, start: Path | None, epochs: int) -> None:
    """Train for so many rounds, and keep the mean of the weights."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer, chance = load_tokenizer(), Random(7)
    written = talks()
    learnt_from = [*held_out(written, out=False), *cast(data / "cast")]
    kept = [example(c, tokenizer) for turns in held_out(written, out=True) for c in cases_of(turns, completed=False)]
    model = build(start).train()
    learnt = {n: p for n, p in model.named_parameters() if p.requires_grad}
    body = [p for n, p in learnt.items() if n.startswith("encoder")]
    head = [p for n, p in learnt.items() if not n.startswith("encoder")]
    optimiser = torch.optim.AdamW([{"params": body}, {"params": head}], betas=(0.9, 0.98), weight_decay=0.01)
    mean = {n: p.detach().clone() for n, p in learnt.items()}
    step, began = 0, time.time()
    rounds = [batches([example(one, tokenizer) for one in epoch(learnt_from, chance)], chance) for _ in range(epochs)]
    total = sum(map(len, rounds))
    for number, made in enumerate(rounds):
        lost = 0.0
        for batch in made:
            done = step / total
            rate = max(min(done / WARM, (1 - done) / (1 - WARM)), 0.0)
            for group, most in zip(optimiser.param_groups, (RATE, HEAD_RATE), strict=True):
                group["lr"] = rate * most
            loss = loss_of(model, tensors(batch))
            loss.backward()
            nn.utils.clip_grad_norm_(learnt.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            lost += float(loss.detach())
            keep = min(AVERAGE, step / (10 + step))
            for name, parameter in learnt.items():
                mean[name].lerp_(parameter.detach(), 1 - keep)
        torch.save(mean, out / "resolver.new")
        (out / "resolver.new").replace(out / "resolver.pt")
        now = {n: p.detach().clone() for n, p in learnt.items()}
        model.load_state_dict(mean, strict=False)
        note(out, round=number, seconds=time.time() - began, loss=lost / len(made), **measure(model, kept))
        model.load_state_dict(now, strict=False)


def export(out: Path, path: Path) -> None:
    """Write the averaged weights as ONNX, int8 per channel."""
    model = build(None)
    model.load_state_dict(torch.load(out / "resolver.pt", weights_only=True), strict=False)
    export_pair(model.eval(), path)


def main() -> None:
    """Train or export, as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="the OUT of a reader's run whose encoder to begin with")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--export", type=Path, help="write the averaged weights here as int8 ONNX")
    given = parser.parse_args()
    torch.set_num_threads(2)
    if given.export:
        export(given.out, given.export)
    else:
        train(given.data, given.out, given.start, given.epochs)


if __name__ == "__main__":
    main()
