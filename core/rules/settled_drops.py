"""Whether it was decided that something is destroyed: by a line of the plan, or by a person.

Conservative. One clause says that the very table, column or rows go: a verb that destroys, and what it
destroys right beside it. `DELETE /items/:id removes one of the items` drops no table.
"""

from __future__ import annotations

import re

from core.rules.base import RuleContext
from core.rules.destruction import Drop
from core.rules.settled import SettledText, settled_texts

# Not the method of HTTP, nor what a user does with one.
_NOT_HTTP = r"(?!`?\s*/|\s+(?:endpoints?|routes?|requests?|handlers?|buttons?|methods?|actions?|api)\b)"
_VERB = (
    r"(?<![\w.-])(?P<verb>drop(?:s|ped|ping)?|truncat(?:e|es|ed|ing)|remov(?:e|es|ed|ing|al\s+of)"
    rf"|delet(?:e|es|ed|ing|ion\s+of)|destroy(?:s|ed|ing)?|empt(?:y|ies|ied|ying))(?![\w-]){_NOT_HTTP}"
)
_NO_OBJECT = r"(?!(?:from|of|in|on|to|for|by|at|with|that|which|when|where|if|and|or|but|then|keep)\b)"
_BETWEEN = rf"(?:\s+{_NO_OBJECT}[\w`\"'.]{{1,80}}){{0,4}}?(?:\s+[\w`\"'.]{{1,80}}(?:\s*,|\s+and)){{0,9}}?"
_OUT_OF = rf"(?:{_BETWEEN}\s+(?:of|from|in))?"
_AFTER = rf"(?P<after>(?:[`\"]?(?:['’]s?)?\s+{_NO_OBJECT}[\w'’]{{1,60}}){{0,2}})"
_GOES = (
    r"[`\"]?\s+(?:(?:table|column|field|model|schema|row|data)s?\s+)?"
    r"(?:is|are|gets?|(?:will|can|shall|must)\s+be)\s+"
)
_VERB_FOR_SURE = re.compile(r"drop|truncat")
_NOUNS = {
    "column": re.compile(r"\b(?:column|field|attribute)s?\b"),
    "rows": re.compile(r"\b(?:row|record|data|content|value|entry|entrie)s?\b|\btruncat|\bempt"),
    "table": re.compile(r"\b(?:table|schema|database|model|relation|partition)s?\b"),
}
_DENIES = re.compile(r"\b(?:no|not|never|neither|nor|without|except)\b")
# The answer names it, but does something else with it.
_OTHERWISE = re.compile(r"\b(?:renam|archiv|mov|cop|leav|hid|soft|migrat|back)\w*")


def is_settled_drop(drop: Drop, context: RuleContext) -> bool:
    short = drop.target.casefold().rsplit(".", 1)[-1]
    kind = _kind(drop)
    return any(
        _speaks_of_it(text, short, kind) or _is_answer(text, short, kind)
        for text in settled_texts(context, about=short)
    )


def _kind(drop: Drop) -> str:
    what = drop.what.casefold()
    if re.search(r"column|field|^drop$", what):
        return "column"
    if re.search(r"^(?:del|delete|delete from|deletefrom|bulkdelete|truncate|set null)$", what):
        return "rows"
    return "table"


def _speaks_of_it(text: SettledText, short: str, kind: str) -> bool:
    """`drop the wishes table`, `the table wishes is removed`; of rows also `delete all rows of wishes`."""
    reach = _OUT_OF if kind == "rows" else ""
    name = rf"(?<![\w/:-]){re.escape(short)}(?![\w/:-])"
    active = re.compile(rf"{_VERB}(?P<between>{reach}{_BETWEEN}\s+[`\"'(]?(?:\w{{1,60}}\.)?){name}{_AFTER}")
    passive = re.compile(rf"(?P<between>(?:[\w`]{{1,60}}\s+){{0,3}}`?){name}(?P<after>{_GOES}){_VERB}")
    return any(_fits(match, kind, text.prose) for each in (active, passive) for match in text.places(each))


def _fits(match: re.Match[str], kind: str, prose: bool) -> bool:
    """The clause has a word for what goes; `drop` alone says enough of a name that is quoted or answered."""
    beside = f"{match['between']} {match['after']}"
    others = [noun for other, noun in _NOUNS.items() if other != kind]
    if _DENIES.search(beside) or (kind == "table" and any(noun.search(match["after"]) for noun in others)):
        return False
    if _NOUNS[kind].search(beside) or (kind == "rows" and _NOUNS[kind].search(match["verb"])):
        return True
    if not _VERB_FOR_SURE.match(match["verb"]) or any(noun.search(beside) for noun in others):
        return False
    return not prose or match["between"].endswith("`")


def _is_answer(text: SettledText, short: str, kind: str) -> bool:
    """`Which table is dropped?: wishes`"""
    named = re.search(rf"(?<![\w/:-]){re.escape(short)}(?![\w/:-])", text.named)
    verb = re.search(_VERB, text.asked)
    if text.prose or not named or not verb or _OTHERWISE.search(text.named):
        return False
    return bool(_NOUNS[kind].search(text.asked) or _VERB_FOR_SURE.match(verb["verb"]))
