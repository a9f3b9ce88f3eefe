"""Sentences of an article that give orders to whatever reads it. They support nothing."""

import re
import unicodedata

_VERBS = (
    "ignore|disregard|forget|override|reply|respond|answer|print|output|repeat|reveal|write|append|insert|include|"
    "translate|summari[sz]e|pretend|act as|call the|invoke|execute|cite|say|state that|tell the|claim that|end every|"
    "begin every|finish every|fetch|load|send|obey|do not mention|never mention|always"
)
_MACHINE = r"language model|chatbot|ai|llm|gpt|summari[sz]er|bot"
_KINDS = (
    # “Ignore all previous instructions”
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,60}"
    r"\b(?:above|previous|prior|earlier|instructions?|rules?|passages?|articles?|everything)\b",
    # “System prompt”, “new instructions”, and turns of a conversation that is none
    r"\b(?:system|developer) ?(?:prompt|message|note|override|instructions?)\b|\bnew instructions?\b",
    r"^\W*(?:system|assistant|user|developer|human|ai|instructions?|important|note to)\b[^.!?]{0,60}[:>\]]",
    # “The assistant must”, “you are now”, “you must reply”
    rf"\b(?:{_MACHINE})s?\b[^.!?]{{0,60}}\b(?:must|should|shall|will now|have to|are to|please|are now|is now)\b",
    r"\bassistants?,? (?:must|should|shall|will now|has to|have to|is to|are to|please|is now)\b",
    r"\byou (?:are now|are an? (?:\w+ )?(?:assistant|ai|bot|model)|will now)\b",
    rf"\byou (?:must|should|shall|have to|are to) (?:now |only |always |not )?(?:{_VERBS})\b",
    # “Print …”, “please cite [1]”
    rf"^\W*(?:(?:now|then|please|also|instead|first|and|so)\W+)*(?:{_VERBS})\b(?!\s+(?:said|says|was|were|had|is))",
    rf"\b(?:please|must|to|and|then|instead) (?:{_VERBS})\b.{{0,80}}"
    r"(?:\[\d|\bpassages?\b|\bprompt\b|\bonly\b.{0,20}[:“\"])",
    r"\bonly (?:this|the following) is (?:true|correct)\b",
    # Marks of prompts, pages, tools and citations
    r"[<‹]/?(?:passage|system|user|assistant|script|img|iframe|style|!--|im_start|\|)|\[/?INST\]|<\|",
    r"!\[[^\]]*\]\(|\{\s*[\"“](?:tool|function|name|action)[\"”]|\b(?:tool|function)_?calls?\b",
    r"\[\d{1,2}\](?:\s*\[\d|\W*$)|[\U000E0020-\U000E007F]",
)
_ORDER = re.compile("|".join(f"(?:{kind})" for kind in _KINDS), re.IGNORECASE | re.DOTALL)


def speaks_to_a_machine(text: str) -> bool:
    """Tell whether a sentence of an article gives orders to whatever reads it, or poses as part of a prompt.

    What it wants said would otherwise be borne out by its own words. Of 41,700 sentences of web pages 118 look so,
    nearly all of them buttons and notes of the page's own (“Reply”, “Print this article”).
    """
    return bool(_ORDER.search(unicodedata.normalize("NFKC", text)))
