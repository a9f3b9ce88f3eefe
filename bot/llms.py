"""Language models by name, through LlamaIndex's integrations: what may be named, what it needs, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from index.errors import BylineError

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

REPLY_TOKENS = 800  # a reply may have so many: some twenty sentences
CONTEXT = 4096  # tokens taken for the window of a model that does not tell its own
CREATIVITY = 0.0  # the temperature: a report of articles is no place for chance

Variables = Mapping[str, str]  # of the environment, read at the entry points


class LLMError(BylineError):
    """A language model did not answer; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of name that `--llm` takes."""

    name: str  # what stands before the slash, and the extra: pip install byline[NAME]
    module: str  # LlamaIndex's integration
    key: str = ""  # the variable that holds the key; empty where none is needed
    example: str = ""
    tokens: Literal["exact", "margin"] = "margin"  # whether our tables count this family's tokens exactly

    @property
    def installed(self) -> bool:
        """Tell whether the integration is there, without importing it."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:  # its parent package is not there either
            return False


PROVIDERS = (
    Provider("openai", "llama_index.llms.openai", "OPENAI_API_KEY", "openai/gpt-4.1-mini", "exact"),
    Provider("anthropic", "llama_index.llms.anthropic", "ANTHROPIC_API_KEY", "anthropic/claude-sonnet-4-5"),
    Provider("ollama", "llama_index.llms.ollama", "", "ollama/llama3.2"),
)
ADDRESS = Provider("openai-like", "llama_index.llms.openai_like", "", "http://127.0.0.1:8080/v1#MODEL")


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds to wait for a model."""

    first: float = 120.0  # for the first words: a model on a laptop reads the passages first
    between: float = 30.0  # for the next
    whole: float = 600.0  # for all of it


@dataclass(frozen=True, slots=True)
class Model:
    """A language model that can be asked.

    `make` returns an LLM that nobody else uses, so that a stream that is given up can close its connections;
    where `ours` is false it is somebody's own LLM, and is left as it is.
    """

    name: str
    make: Callable[[], LLM] = field(repr=False)
    tokens: Literal["exact", "margin"] = "margin"
    ours: bool = True
    context: int = 0  # tokens of its window; 0 where nobody said
    patience: Patience = Patience()


def open_llm(name: str, variables: Variables, *, first: float = 120.0) -> Model:
    """Return the model called `name`: `provider/model`, or the address of an OpenAI-compatible server.

    Nothing is contacted yet. Raises BylineError for a name that cannot be one, an integration that is not
    installed, or a key that is missing. `first` says how many seconds to wait for its first words.
    """
    patience = Patience(first, min(first, Patience().between))
    if re.match(r"https?://", name):
        _require(ADDRESS)
        return Model(
            name, lambda: _at_address(name, variables, first), context=_window(variables) or CONTEXT, patience=patience
        )
    family, _, model = name.partition("/")
    provider = next((one for one in PROVIDERS if one.name == family), None)
    if provider is None or not model:
        known = ", ".join(f"{one.name}/…" for one in PROVIDERS)
        raise BylineError(f"There is no language model called “{name}”: write {known} or an address, http://….")
    _require(provider)
    if provider.key and not variables.get(provider.key):
        raise BylineError(f"{name} needs a key: set {provider.key}, or choose another model with --llm.")
    make = {"openai": _openai, "anthropic": _anthropic, "ollama": _ollama}[family]
    return Model(
        name,
        lambda: make(model, variables, first),
        tokens=provider.tokens,
        context=_window(variables),
        patience=patience,
    )


def of_llm(llm: LLM) -> Model:
    """Return a LlamaIndex LLM, whoever made it, as a model that can be asked."""
    return Model(str(llm.metadata.model_name), lambda: llm, ours=False, context=llm.metadata.context_window)


def explain(error: BaseException, name: str) -> LLMError:
    """Return one sentence that says why the model called `name` did not answer, and what to do.

    Providers' errors have no class in common; what they share is a status, a response, or httpx's names.
    """
    if isinstance(error, LLMError):
        return error
    chain = [error, *_causes(error)]
    for one in chain:
        status = getattr(one, "status_code", None)
        if isinstance(status, int) and status > 0:
            return LLMError(_of_status(status, one, name))
    kinds = {type(one).__name__ for one in chain}
    if isinstance(error, TimeoutError) or any("Timeout" in kind for kind in kinds):
        return LLMError(f"{name} did not answer in time; try again, or raise BYLINE_LLM_TIMEOUT (seconds).")
    if kinds & {"RemoteProtocolError", "ReadError", "IncompleteRead"}:
        return LLMError(f"{name} broke off in the middle of its reply; try again.")
    if any(isinstance(one, OSError) or "Connect" in type(one).__name__ for one in chain):
        return LLMError(f"Nothing answers at {name}: check the address, and that the model's server is running.")
    if type(error).__name__ == "APIError":  # an event of the stream that says what is wrong
        return LLMError(f"{name} reported an error ({_first_line(error)}); try again.")
    return LLMError(f"{name} sent a reply that cannot be read ({type(error).__name__}); is it OpenAI-compatible?")


async def close(llm: LLM) -> None:
    """Close the connections of an LLM that `Model.make` made."""
    for attribute in ("_aclient", "_async_client"):
        client = getattr(llm, attribute, None)
        if client is not None:
            await client.close()


def _of_status(status: int, error: BaseException, name: str) -> str:
    if status in (401, 403):
        return f"{name} refused the key ({status}): check the variable that holds it; `byline llm` names it."
    if status == 404:
        return f"{name} does not exist there (404): check the model's name and the address."
    if status == 429:
        headers = getattr(getattr(error, "response", None), "headers", None) or {}
        wait = str(headers.get("retry-after", ""))
        when = f"in {wait} seconds" if wait.isdigit() else "in a while"
        return f"{name} takes no more questions for now (429): ask again {when}."
    if status >= 500:
        return f"{name} has trouble of its own ({status}); try again later."
    return f"{name} refused the question ({status}: {_first_line(error)})."


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in found and len(found) < 8:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _require(provider: Provider) -> None:
    if not provider.installed:
        raise BylineError(
            f"{provider.example} needs a package that is not installed: pip install 'byline[{provider.name}]'"
        )


def _window(variables: Variables) -> int:
    value = variables.get("BYLINE_LLM_CONTEXT", "0")
    if not value.isdigit():
        raise BylineError(f"BYLINE_LLM_CONTEXT={value!r} is no number of tokens; write for instance 8192.")
    return int(value)


def _openai(model: str, variables: Variables, wait: float) -> LLM:
    from llama_index.llms.openai import OpenAI

    return OpenAI(
        model=model,
        api_key=variables["OPENAI_API_KEY"],
        api_base=variables.get("OPENAI_BASE_URL"),
        temperature=CREATIVITY,
        max_tokens=REPLY_TOKENS,
        max_retries=0,  # a person waits: say what is wrong at once
        timeout=wait,
    )


def _anthropic(model: str, variables: Variables, wait: float) -> LLM:
    from llama_index.llms.anthropic import Anthropic

    llm: LLM = Anthropic(
        model=model,
        api_key=variables["ANTHROPIC_API_KEY"],
        base_url=variables.get("ANTHROPIC_BASE_URL"),
        temperature=CREATIVITY,
        max_tokens=REPLY_TOKENS,
        max_retries=0,
        timeout=wait,
    )
    return llm


def _ollama(model: str, variables: Variables, wait: float) -> LLM:
    from llama_index.llms.ollama import Ollama

    window = _window(variables) or 2 * CONTEXT  # Ollama cuts the prompt silently unless it is told the window
    return Ollama(
        model=model,
        base_url=_ollama_host(variables),
        temperature=CREATIVITY,
        context_window=window,
        request_timeout=wait,
        additional_kwargs={"num_predict": REPLY_TOKENS},
    )


def _ollama_host(variables: Variables) -> str:
    host = variables.get("OLLAMA_HOST") or "127.0.0.1:11434"
    return host if "://" in host else f"http://{host}"


def _at_address(name: str, variables: Variables, wait: float) -> LLM:
    from llama_index.llms.openai_like import OpenAILike

    address, _, model = name.partition("#")
    base = address.rstrip("/")
    base = base if base.count("/") > 2 else f"{base}/v1"  # nothing but a host: the usual place
    key = variables.get("BYLINE_LLM_KEY") or "none"  # the client insists on one
    return OpenAILike(
        model=model or _only_model(base, key, name),
        api_base=base,
        api_key=key,
        is_chat_model=True,
        context_window=_window(variables) or CONTEXT,
        temperature=CREATIVITY,
        max_tokens=REPLY_TOKENS,
        max_retries=0,
        timeout=wait,
    )


def _only_model(base: str, key: str, name: str) -> str:
    """Ask the server which model it has; raise LLMError where there are several to choose from."""
    import httpx

    try:
        reply = httpx.get(f"{base}/models", headers={"Authorization": f"Bearer {key}"}, timeout=10)
        reply.raise_for_status()
        models = [str(one["id"]) for one in reply.json()["data"]]
    except httpx.HTTPStatusError as error:
        raise LLMError(_of_status(error.response.status_code, error, name)) from error
    except httpx.HTTPError as error:
        raise explain(error, name) from error
    except (ValueError, KeyError, TypeError) as error:
        raise LLMError(f"{name} does not list its models as OpenAI's servers do; write {base}#MODEL.") from error
    if len(models) != 1:
        listed = ", ".join(models[:8]) or "none"
        raise LLMError(f"{name} has several models or none ({listed}); write {base}#MODEL.")
    return models[0]
