"""Markdown: front matter in YAML, and the words without their markup."""

import re

import yaml
from markdown_it import MarkdownIt

from index.blocks import block_text, parse_html
from index.bylines import Byline, complete, read_byline
from index.errors import BylineError
from index.plain import take_credits

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def read_markdown(text: str) -> tuple[str, Byline]:
    """Return the body and the byline of a Markdown text; a leading `# heading` is a title.

    Links and pictures leave their words and nothing; lists lose their bullets, code stays.
    """
    byline, text = _take_front_matter(text)
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    tree = parse_html(f"<body>{rendered}").find("body")
    first = next((element for element in tree if element.text_content().strip()), None)
    if first is not None and first.tag == "h1" and not byline.title:
        heading = " ".join(first.text_content().split())
        byline = complete(byline, Byline(title=heading, origins={"title": "heading"}))
        first.drop_tree()
    return take_credits(block_text(tree), byline)


def _take_front_matter(text: str) -> tuple[Byline, str]:
    match = _FRONT_MATTER.match(text)
    if match is None:
        return Byline(), text
    try:
        # The base loader gives every value as it is written: no `2014-09-15` becomes a date, no `No` a False.
        fields = yaml.load(match[1] or "", Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 2}" if mark else "its front matter"
        raise BylineError(f"{where}: the front matter is not YAML ({error.problem}); mend it") from None
    except (yaml.YAMLError, RecursionError):
        raise BylineError("line 1: the front matter is not YAML; mend it") from None
    if not isinstance(fields, dict | None):  # two thematic breaks with words between
        return Byline(), text
    named = {str(name): value for name, value in (fields or {}).items()}
    return read_byline(named, origin="front matter"), text[match.end() :]
