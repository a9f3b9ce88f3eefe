"""What the page may ask of the server about conversations: thin, each a mapping in and a mapping out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

import seeds
from bot.answer import Answer
from bot.conversations import Conversations, Turn, Unanswered
from bot.export import to_markdown
from bot.suggest import suggest
from index.articles import Article
from index.library import Library
from index.limits import Limits, checked_limits
from ui.choosing import Choosing
from ui.desk import Desk, Job
from ui.lists import FRONT, render_dateline, render_front, render_outlets, render_rail
from ui.markup import byline, html, join
from ui.reading import render_article, render_cited
from ui.render import Place, render_notice, render_turn, spoken

Asked = Mapping[str, Any]  # what the page sends
Told = dict[str, Any]  # what it gets


class Answering(Protocol):
    """What the page needs of `bot.chat.Bot`."""

    def settings(self) -> dict[str, Any]:
        """Return what an answer depends on besides question and articles."""

    def ask(self, question: str, history: Sequence[tuple[str, str]] = (), *, limits: Limits) -> Answer:
        """Answer one question."""

    def stream(self, question: str, history: Sequence[tuple[str, str]] = (), *, limits: Limits) -> Iterable[Answer]:
        """Yield the answer as it grows; the last one is final."""


class Room:
    """Conversations on one library, for any number of people: what is said to one is kept under its own id."""

    def __init__(self, choosing: Choosing, library: Library, conversations: Conversations, desk: Desk) -> None:
        """Let the bot of `choosing` answer at `desk`, and keep what it says in `conversations`."""
        self._choosing = choosing
        self._library = library
        self._conversations = conversations
        self._desk = desk

    def functions(self) -> list[Callable[..., Any]]:
        """Return what the page may call."""
        return [
            *(self.enter, self.turns, self.ask, self.follow, self.stop, self.read, self.judge),
            *(self.rail, self.rename, self.delete, self.restore, self.export),
        ]

    def enter(self, asked: Asked) -> Told:
        """Return what stands around a conversation: the front page, the outlets to narrow to, the list."""
        entries = self._library.entries()
        newest = sorted(entries, key=lambda entry: entry.published or "", reverse=True)[:FRONT]
        articles = self._library.articles([entry.id for entry in newest])
        front = [articles[entry.id] for entry in newest if entry.id in articles]
        return {
            "front": str(render_front(entries, front, _examples(front))),
            "dateline": str(render_dateline(entries, today=datetime.now())),
            "outlets": str(render_outlets(self._library.outlets().items(), name="outlets")),
            "articles": len(entries),
            **self.rail(asked),
        }

    def turns(self, asked: Asked) -> Told:
        """Return a conversation as it stands, with the question that is open in it."""
        id = int(asked["conversation"])
        conversation = self._conversations.get(id)
        job = self._desk.job(id)  # before the turns: it may be saved in between
        is_open = job is not None and not job.done
        saved = self._conversations.turns(id)
        parts = [_render_saved(turn, id) for turn in saved]
        if job and is_open and job.turn > len(saved):
            parts.append(_render_open(job))
        elif not is_open and (lost := self._conversations.unanswered(id)):
            parts.append(_render_lost(lost, Place(id, len(saved) + 1)))
        return {
            "title": conversation.title,
            "html": str(join(parts)),
            "turns": len(parts),
            "growing": is_open,
        }

    def ask(self, asked: Asked) -> Told:
        """Open a question; `edit` is the number of the turn it replaces, in a conversation of its own."""
        question, limits, edited = str(asked["question"]), _limits(asked), asked.get("edit")
        id = asked.get("conversation")
        settings: dict[str, Any] = {}
        if id and edited:
            settings, id = {"branch_of": int(id)}, self._branch(int(id), before=int(edited))
        id = int(id) if id else self._conversations.create().id
        if (lost := self._conversations.unanswered(id)) and "branch_of" in lost.settings:
            settings["branch_of"] = lost.settings["branch_of"]  # its first turn still waits for an answer
        saved = self._conversations.turns(id)
        history = [(turn.answer.question, turn.answer.said) for turn in saved]
        bot = self._choosing.bot(prose=asked.get("style") != "quotations")
        stream = partial(bot.stream, question, history, limits=limits, **_as_asked(asked))
        settings |= bot.settings()
        used = {"limits": asdict(limits) if limits else {}, "settings": {**settings, **_as_asked(asked)}}
        question = " ".join(question.split())
        note, save = partial(self._conversations.ask, id, question, **used), partial(self._save, used)
        job = Job(id, len(saved) + 1, question, note, save, limits=str(limits))
        self._desk.ask(job, lambda: iter(stream()))
        return {
            "conversation": id,
            "turn": job.turn,
            "html": str(_render_open(job)),
            "branched": "branch_of" in settings,
        }

    async def follow(self, asked: Asked) -> Told:
        """Wait until the open question has something newer than `seen`, and return it."""
        job = self._desk.job(int(asked["conversation"]))
        if job is None:
            return {"done": True, "version": 0, "html": "", "turn": 0, "spoken": ""}
        await job.wait(int(asked.get("seen") or 0))
        version, done = job.version, job.done
        said = spoken(job.answer) if job.answer and done else (job.problem or "") if done else ""
        return {"turn": job.turn, "version": version, "done": done, "html": str(_render_open(job)), "spoken": said}

    def stop(self, asked: Asked) -> Told:
        """Stop the open question; what it has said stays."""
        self._desk.stop(int(asked["conversation"]))
        return {}

    def read(self, asked: Asked) -> Told:
        """Return an article, with every sentence marked that the answer at hand cites of it."""
        id = str(asked["article"])
        current = self._library.articles([id]).get(id)
        answer = self._answer(asked)
        cited = answer.articles.get(id) if answer else None
        if answer and cited:
            return {"html": str(render_cited(answer, cited, current=current)), "byline": str(byline(current or cited))}
        article = current or self._library.article(id)
        return {"html": str(render_article(article)), "byline": str(byline(article))}

    def judge(self, asked: Asked) -> Told:
        """Note whether an answer is good or bad, with a word why; no verdict takes it back."""
        id, number = int(asked["conversation"]), int(asked["turn"])
        self._conversations.judge(id, number, asked.get("verdict"), why=str(asked.get("why") or ""))
        turn = next(turn for turn in self._conversations.turns(id) if turn.number == number)
        return {"html": str(_render_saved(turn, id))}

    def rail(self, asked: Asked) -> Told:
        """Return the list of conversations, those with all of `words`."""
        words, current = str(asked.get("words") or ""), asked.get("conversation")
        found = self._conversations.search(words) if words.strip() else self._conversations.entries()
        return {
            "rail": str(
                render_rail(found, current=int(current) if current else None, words=words, today=datetime.now(UTC))
            )
        }

    def rename(self, asked: Asked) -> Told:
        """Give a conversation another title."""
        return {"title": self._conversations.rename(int(asked["id"]), str(asked["title"])).title}

    def delete(self, asked: Asked) -> Told:
        """Delete a conversation; `restore` brings it back."""
        self._conversations.delete(int(asked["id"]))
        return {}

    def restore(self, asked: Asked) -> Told:
        """Bring a deleted conversation back."""
        self._conversations.restore(int(asked["id"]))
        return {}

    def export(self, asked: Asked) -> Told:
        """Return a conversation as Markdown, and a name for the file."""
        conversation = self._conversations.get(int(asked["id"]))
        text = to_markdown(conversation, self._conversations.turns(conversation.id))
        return {"text": text, "name": f"byline-{conversation.id}.md"}

    def _answer(self, asked: Asked) -> Answer | None:
        """Return the answer at hand, saved or still in the making."""
        if not asked.get("conversation") or not asked.get("turn"):
            return None
        id, number = int(asked["conversation"]), int(asked["turn"])
        job = self._desk.job(id)
        if job and job.turn == number and job.answer:
            return job.answer
        return next((turn.answer for turn in self._conversations.turns(id) if turn.number == number), None)

    def _branch(self, id: int, *, before: int) -> int:
        """Start a conversation with the turns `before` the edited one; what followed stays where it is."""
        branch = self._conversations.create()
        for turn in self._conversations.turns(id):
            if turn.number < before:
                self._conversations.add(branch.id, turn.answer, limits=turn.limits, settings=turn.settings)
        return branch.id

    def _save(self, used: Mapping[str, Mapping[str, Any]], job: Job) -> None:
        if job.answer and job.has_said:
            settings = {**used["settings"], **({"stopped": True} if job.stopped else {})}
            self._conversations.add(job.conversation, job.answer, limits=used["limits"], settings=settings)
        elif job.stopped or job.problem:
            self._conversations.drop(job.conversation)


def _render_saved(turn: Turn, conversation: int) -> Markup:
    return _branched(turn.settings) + render_turn(
        turn.answer,
        Place(conversation, turn.number),
        state="stopped" if turn.settings.get("stopped") else "answered",
        limits=str(_limits(turn.limits)),
        verdict=turn.verdict,
        why=turn.why,
    )


def _render_lost(lost: Unanswered, place: Place) -> Markup:
    """Render a question that was never answered; asking it again asks it as it was asked."""
    said = "Byline ended before it had answered this question."
    also = {**lost.limits, **({"as_asked": True} if lost.settings.get("as_asked") else {})}
    within = str(_limits(lost.limits))
    return _branched(lost.settings) + render_notice(lost.question, said, place, wrong=True, limits=within, also=also)


def _branched(settings: Mapping[str, Any]) -> Markup:
    """Say where the question stood before it was edited."""
    if not (before := settings.get("branch_of")):
        return Markup()
    return html(
        '<p class="branch">You edited this question. Its earlier form and what followed are kept in '
        '<a href="?c={0}" data-conversation="{0}">the earlier conversation</a>.</p>',
        before,
    )


def _render_open(job: Job) -> Markup:
    place = Place(job.conversation, job.turn)
    if job.problem:
        return render_notice(job.question, job.problem, place, wrong=True)
    if job.answer is None or (job.done and not job.has_said):
        if job.done:
            return render_notice(job.question, "Stopped before there was an answer.", place, wrong=True)
        return render_notice(job.question, "Reading the articles …", place)
    state = "growing" if not job.done else "stopped" if job.stopped else "answered"
    answer = job.answer if job.done else replace(job.answer, citations=_mentioned(job.answer))
    return render_turn(answer, place, state=state, limits=job.limits)  # type: ignore[arg-type]


def _mentioned(answer: Answer) -> tuple[Any, ...]:
    """Return the citations of what has been said so far, so that no source comes before its sentence."""
    numbers = {number for sentence in answer.sentences for number in sentence.citations}
    return tuple(citation for citation in answer.citations if citation.number in numbers)


def _examples(articles: Sequence[Article]) -> Sequence[str]:
    """Return questions to try: those written for the bundled articles where they are among the newest."""
    bundled = any(Path(article.path).is_relative_to(seeds.FOLDER) for article in articles)
    return seeds.QUESTIONS if bundled else suggest(articles)


def _limits(asked: Asked) -> Limits:
    outlets = tuple(str(outlet) for outlet in asked.get("outlets") or ())
    return checked_limits(Limits(outlets, asked.get("since") or None, asked.get("until") or None))


def _as_asked(asked: Asked) -> dict[str, Any]:
    return {"as_asked": True} if asked.get("as_asked") else {}
