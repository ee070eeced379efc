"""What a question's words and the worker's view make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decisions.classify import classify
from core.decisions.configuration import ClassificationRules, DecisionConfig, Rule, built_in_config
from core.decisions.patterns import Pattern
from core.decisions.tiers import CAUTION
from core.domain import DecisionRequest

PLAIN = built_in_config()


def question(title: str, context: str = "", view: int | None = None) -> DecisionRequest:
    return DecisionRequest(id="D1", title=title, context=context, options=(), tier_view=view)


def tiers_by_word(*tiers: int) -> DecisionConfig:
    """A rule for each of these tiers, matching the word `tierN`."""
    rules = tuple(
        Rule(name=f"tier_{t}", tier=t, patterns=(Pattern(id=f"p{t}", regex=f"tier{t}"),)) for t in tiers
    )
    return DecisionConfig(classification=ClassificationRules(rules=rules))


@pytest.mark.parametrize(
    ("title", "tier"),
    [
        ("Name of the test file", 1),
        ("Default page size", 1),
        ("Response shape of POST /wishlist", 2),
        ("Which test framework for the services?", 2),
        ("What to validate on the note field", 3),
        ("Improve performance of the list query", 3),
        ("Delete the legacy exports", 4),
        ("Drop the wishlist_items table", 4),
        ("Overwrite existing data on import", 4),
        ("Run the migration against production", 4),
        ("Rotate the API key", 4),
        ("rm -rf the build folder", 4),
        ("Upgrade the payment SDK", 5),
        ("Call a third-party geocoding service", 5),
        # words that only look like it
        ("Dropdown component for the sort order", None),
        ("Keyboard shortcuts in the list", None),
        ("DELETE /items/:id answers with a body or not", None),
        ("Soft delete or a flag", None),
        ("Truncate long descriptions at 200 characters", None),
        ("Secretary role wording", None),
        ("Key naming in the answer", None),
        ("Use dependency injection for the repository", None),
    ],
)
def test_built_in_patterns(title: str, tier: int | None) -> None:
    found = classify(question(title), PLAIN)
    assert (found.tier, found.tier_by) == (tier, "pattern" if tier else "unclassified")


@pytest.mark.parametrize(
    "title",
    [
        "Where should the formatter live: packages/core or apps/api?",
        "Create a new package for pricing",
        "Change the endpoint contract of POST /wishlist",
        "Add a column to the wishlist",
        "Database schema for tags",
        "Switch auth to JWT",
        "Is a breaking API change fine here?",
        "Add a date dependency",
        "pnpm add zod",
        "Error-handling strategy of the services",
        "State management strategy",
        "Cross-cutting logging",
    ],
)
def test_architectural_topics(title: str) -> None:
    found = classify(question(title), PLAIN)
    assert found.architectural
    assert any(name.startswith("architectural.") for name in found.matched)


@pytest.mark.parametrize("title", ["Author name in the answer", "Import order", "Error message wording"])
def test_everyday_questions_are_not_architectural(title: str) -> None:
    assert not classify(question(title, "The route is behind the auth middleware."), PLAIN).architectural


@pytest.mark.parametrize(
    ("title", "moonshot"),
    [
        ("Out of scope: bulk import", True),
        ("Sharing, a future enhancement", True),
        ("A nice-to-have dark mode", True),
        ("Are dates in the future accepted?", False),
        ("An asyncio future or a callback", False),
    ],
)
def test_moonshots(title: str, moonshot: bool) -> None:
    assert bool(classify(question(title), PLAIN).moonshot) is moonshot


def test_a_word_in_the_context_makes_no_question_automatic() -> None:
    context = "The default page size is 20. It is unclear which file name to use."
    assert classify(question("Blue or green", context), PLAIN).tier is None


@settings(max_examples=60, deadline=None)
@given(
    words=st.sets(st.integers(1, 5), max_size=3), view=st.one_of(st.none(), st.integers(1, 5)), data=st.data()
)
def test_the_most_cautious_wins_and_the_worker_only_raises(
    words: set[int], view: int | None, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(words)))
    found = classify(question(" ".join(f"tier{t}" for t in order), view=view), tiers_by_word(1, 2, 3, 4, 5))
    by_hand = [t for t in (4, 5, 2, 3, 1) if t in words or t == view]
    assert found.tier == (by_hand[0] if by_hand else None)
    assert found.tier_by == (
        "unclassified" if not by_hand else "pattern" if found.tier in words else "worker"
    )
    if words:
        assert found.tier is not None
        assert CAUTION.index(found.tier) <= min(CAUTION.index(t) for t in words)


def test_matched_names_the_deciding_pattern_first() -> None:
    found = classify(question("tier1 tier2 tier5"), tiers_by_word(1, 2, 5))
    assert found.matched == ("p5", "p2", "p1")
    assert found.category == "external_dependency"


def test_a_pattern_sees_title_and_context_together_without_regard_to_case() -> None:
    rule = Rule(name="tier_2", tier=2, patterns=(Pattern(id="p", regex="auth.*change"),))
    config = DecisionConfig(classification=ClassificationRules(rules=(rule,)))
    assert classify(question("AUTH", "a later\nCHANGE"), config).tier == 2


def test_the_worker_can_call_a_question_architectural() -> None:
    request = replace(question("Blue or green"), architectural=True)
    assert classify(request, PLAIN).architectural


def test_a_tier_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="tier 9 is not one of"):
        classify(question("Blue or green", view=9), PLAIN)


def test_a_pattern_that_hangs_a_backtracking_engine_is_matched_in_linear_time() -> None:
    rule = Rule(name="tier_2", tier=2, patterns=(Pattern(id="p", regex="^(a+)+$"),))
    config = DecisionConfig(classification=ClassificationRules(rules=(rule,)))
    assert classify(question("a" * 50_000 + "!"), config).tier is None


def test_text_that_no_encoding_takes_is_matched_all_the_same() -> None:
    assert classify(question("Delete the \ud800 files"), PLAIN).tier == 4
