"""Whether two texts say that something is so or that it is not, by words that deny and words that mean the opposite."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bot.claims import fold
from index.lexical import terms

# Each line: a question that a word answers with yes, and words that answer it with no.
_LINES = """
agree agreed agrees agreement accept accepted accepts approve approved approves approval back backed backs support \
supported supports supporting endorse endorsed welcome welcomed welcomes consent consented allow allowed allows permit \
permitted permits permission authorise authorised authorize authorized willing ready favour favoured favor favored \
granted grant let lets satisfied happy embrace embraced willingness passed adopted upheld cleared yes \
| refuse refused refuses refusing refusal reject rejected rejects rejecting rejection decline declined declines oppose \
opposed opposes opposing opposition resist resisted veto vetoed block blocked blocks rebuff rebuffed spurned spurn \
unwilling ban banned bans banning forbid forbade forbidden forbids prohibit prohibited bar barred bars object objected \
objects against disapprove disagreed disagree unhappy protest protested dismissed dismiss overturned struck quashed \
refusals reluctant loath unthinkable unimaginable prevented prevent prevents withheld withhold denied
confirm confirmed confirms confirming admit admitted admits acknowledge acknowledged acknowledges concede conceded \
concedes true affirmed proved proof certain established claims claimed insists accepts \
| deny denied denies denying denial dispute disputed disputes dismissed dismisses false untrue doubt doubted doubts \
contradict contradicted rejects rejected wrong nonsense fabricated retracted
succeed succeeded succeeds success successful successfully manage managed manages able achieved achieve reached \
reach worked completed won \
| fail failed fails failing failure unable unsuccessful unsuccessfully vain cannot collapsed lost
still continue continued continues continuing remain remained remains keep keeps kept keeping stays stay stayed \
retain retained resume resumed goes-on carry carries ongoing \
| stop stopped stops stopping halt halted halts cease ceased ceases end ended ends ending abandon abandoned abandons \
scrap scrapped scraps suspend suspended suspends cancel cancelled canceled cancels quit quits drop dropped gave-up \
discontinued closed close closes closing withdrew withdrawn withdraw shut axed gone removed called-off
attend attended attends attending include included includes including present joined join joins available \
| without lack lacked lacks lacking absent absence absentee exclude excluded excludes missing miss missed boycott \
boycotted stayed-away empty omitted omit left-out skipped avoid avoided spared devoid minus deprived
know knew known knows aware informed told learned learnt seen saw identified named found \
| unknown unaware ignorant uninformed unidentified unnamed unseen unclear undisclosed
rise rose risen rises rising increase increased increases grow grew grown grows growth climbed climb gained gain \
higher raised raise jumped soared doubled improved better widened expanded \
| fall fell fallen falls falling decrease decreased drop dropped drops decline declined cut cuts reduce reduced \
reduces lower lowered shrank shrunk worse narrowed sank slumped halved
same unchanged identical alike equal | different differ differed differs changed unlike other
guilty convicted convict liable | innocent acquitted acquit acquittal cleared exonerated
possible likely | impossible unlikely improbable
enough sufficient sufficiently ample | insufficient insufficiently short scarce inadequate
alive survived survive survives survivor survivors living unhurt unharmed safe safely intact \
| dead died dies killed kill death perished injured hurt wounded damaged destroyed
trust trusted trusts | distrust distrusted mistrust suspects suspicious
legal lawful legally valid | illegal unlawful illegally invalid void
first | last
all every everyone everybody each whole entire always | none nobody no-one nothing never
early earlier before | late later after
"""
_DENIES = frozenset(
    "not no never none neither nor nobody nothing cannot hardly barely scarcely nowhere without".split()
)
_PHRASES = (
    (re.compile(r"\bno longer\b|\bnot any ?more\b|\bnot any longer\b"), "stopped"),
    (
        re.compile(
            r"\bnot only\b|\bno more than\b|\bno (?:fewer|less) than\b|\bno doubt\b|\bnot just\b|\bnot merely\b"
        ),
        "only",
    ),
    (re.compile(r"\brul\w+ out\b|\bturn\w* (?:down|away)\b|\bshut\w* out\b|\bvot\w+ (?:down|against)\b"), "rejected"),
    (re.compile(r"\b(?:g[ai]ve|giving|given) up\b|\bcall\w* off\b|\bpull\w* out\b"), "abandoned"),
    (re.compile(r"\bleft out\b|\bstay\w* away\b|\bkept (?:out|away)\b"), "absent"),
    (re.compile(r"\b(?:stood|stands?|standing|got|gets?) in the way\b"), "blocked"),
    (re.compile(r"\bin vain\b|\bto no avail\b"), "failed"),
    (re.compile(r"\bno-?one\b"), "nobody"),
    (re.compile(r"\b(?:rather than|instead of|far from|anything but)\b"), "not"),
)
_SIDES: dict[str, list[tuple[int, int]]] = {}
for _n, _line in enumerate(_LINES.strip().splitlines()):
    for _sign, _words in zip((1, -1), _line.split("|"), strict=True):
        for _word in _words.split():
            _SIDES.setdefault(_word, []).append((_n, _sign))
_CLAUSE = re.compile(
    r"(?<=[^\d])[,;:.!?—\"](?=\s|$)|\s-\s|\b(?:but|because|although|though|while|whereas|since|and|who|which|until|if)\b"
)
_WORD = re.compile(r"[a-z0-9$]+(?:'[a-z]+)?")
_REACH = 5  # words behind a denial that it is about


class Said(NamedTuple):
    """What one clause says: its words, as terms, and which of the pairs of opposites it takes which side in."""

    terms: frozenset[str]
    sides: dict[int, int]  # pair of opposites → 1 yes, -1 no, 0 both
    denials: int  # plain denials

    @property
    def is_negative(self) -> bool:
        """Tell whether it denies anything, or takes the side of no."""
        return self.denials > 0 or any(sign < 0 for sign in self.sides.values())


class Contrast(NamedTuple):
    """How two texts differ in what they deny."""

    opposed: bool  # a clause takes the other side of a pair of opposites than the clause most like it
    denied_there: bool  # the clauses most like it have a plain denial, and the statement nothing negative


def contrast(statement: str, there: Iterable[str]) -> Contrast:
    """Compare each clause of a statement with the clause of the sentences `there` that shares most words with it."""
    own, others = clauses(statement), [clause for text in there for clause in clauses(text)]
    pairs = [(one, max(others, key=lambda other: _likeness(one, other))) for one in own] if others else []
    opposed = any(a.sides[n] * b.sides[n] < 0 for a, b in pairs for n in a.sides.keys() & b.sides.keys())
    return Contrast(opposed, any(b.denials for _, b in pairs) and not any(one.is_negative for one in own))


def is_negative(text: str) -> bool:
    """Tell whether any clause of `text` denies something or takes the side of no."""
    return any(one.is_negative for one in clauses(text))


def _likeness(one: Said, other: Said) -> float:
    return len(one.terms & other.terms) / math.sqrt(len(other.terms) + 3)


@lru_cache(8_000)
def clauses(text: str) -> tuple[Said, ...]:
    """Return what each clause of `text` says."""
    plain = fold(text)
    for pattern, word in _PHRASES:
        plain = pattern.sub(word, plain)
    return tuple(one for part in _CLAUSE.split(plain) if (one := _clause(_WORD.findall(part))).terms)


def _clause(words: list[str]) -> Said:
    at = [i for i, word in enumerate(words) if word in _DENIES or word.endswith("n't")]
    held: set[str] = set()
    sides: dict[int, int] = {}
    for i, word in enumerate(words):
        under = sum(0 < i - k <= _REACH for k in at) % 2
        for pair, sign in _SIDES.get(word, ()):
            sign = -sign if under else sign
            sides[pair] = sign if sides.get(pair, sign) == sign else 0
        held.update(terms(word))
    return Said(frozenset(held), sides, len(at))
