"""The scripted model: what it reads, which reply it picks, and the same over the real protocol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import TextBlock, ThinkingBlock, ToolAnswer, ToolCall
from core.models.anthropic_api import AnthropicModel
from core.models.base import Message, Model, ModelFault, ModelReply, ModelRequest, PromptBlock, TextPiece
from core.models.registry import make_model
from core.models.scripted import ScriptedModel, load_script
from core.yaml_file import YamlFault
from tests.protocol_script import scripted_answer, with_faults
from tests.protocol_server import ProtocolServer, http_fault

STORY = """
schema: 1
chunks:
  - replies:
      - think: I look around.
        say: First the plan.
        calls:
          - open_chunk: {name: Types, steps: ["1"]}
          - read_file: {path: a.py}
      - say: Nothing to call yet.
      - when: "error TS\\\\d+"
        calls: [{edit_file: {path: a.py, old: "x", new: "y"}}]
      - calls: [{close_chunk: }]
  - replies:
      - say: All done.
        calls: [{complete: {summary: "Done."}}]
otherwise:
  say: I close it again.
  calls: [{close_chunk: {summary: again}}]
"""


def script_file(folder: Path, text: str = STORY) -> Path:
    file = folder / "replies.yaml"
    file.write_text(text)
    return file


def scripted(folder: Path, text: str = STORY) -> ScriptedModel:
    return ScriptedModel(load_script(script_file(folder, text)), speed=None)


def ask(*messages: Message, approved: int = 0, chunk: int = 1) -> ModelRequest:
    first = Message(role="user", blocks=(TextBlock(text=f"Begin, {approved} approved."),))
    return ModelRequest(
        system=(PromptBlock(text="You are a worker."),),
        messages=(first, *messages),
        tools=(),
        chunk=chunk,
        approved_chunks=approved,
    )


async def reply_to(model: Model, request: ModelRequest) -> ModelReply:
    *_, reply = [item async for item in model.stream(request)]
    assert isinstance(reply, ModelReply)
    return reply


def turn(reply: ModelReply, answer: str = "ok") -> tuple[Message, Message]:
    """What the engine adds to the conversation for a reply: it, and the answers to its calls."""
    calls = [block for block in reply.blocks if isinstance(block, ToolCall)]
    answers = tuple(ToolAnswer(call_id=call.id, text=answer) for call in calls)
    return (
        Message(role="assistant", blocks=reply.blocks),
        Message(role="user", blocks=answers or (TextBlock(text=answer),)),
    )


async def play(model: Model, answers: Sequence[str], approved: int = 0) -> list[ModelReply]:
    """The replies of one conversation in which `answers` follow them."""
    messages: tuple[Message, ...] = ()
    replies = []
    for answer in answers:
        replies.append(await reply_to(model, ask(*messages, approved=approved)))
        messages += turn(replies[-1], answer)
    return replies


def called(reply: ModelReply) -> list[str]:
    return [block.name for block in reply.blocks if isinstance(block, ToolCall)]


# --- which reply ------------------------------------------------------------------------


async def test_replies_come_in_order_with_ids_that_tell_their_place(tmp_path: Path) -> None:
    replies = await play(scripted(tmp_path), ["ok", "error TS2322 in a.py", "ok", "ok"])

    assert [reply.request_id for reply in replies] == ["s0r0", "s0r1", "s0r2", "s0r3"]
    assert [reply.stop_reason for reply in replies] == ["tool_use", "end_turn", "tool_use", "tool_use"]
    assert replies[0].blocks == (
        ThinkingBlock(thinking="I look around."),
        TextBlock(text="First the plan."),
        ToolCall(id="s0r0c0-k1t0", name="open_chunk", input={"name": "Types", "steps": ["1"]}),
        ToolCall(id="s0r0c1-k1t0", name="read_file", input={"path": "a.py"}),
    )
    assert replies[3].blocks == (ToolCall(id="s0r3c0-k1t3", name="close_chunk", input={}),)


async def test_a_reply_whose_when_does_not_match_is_passed_over(tmp_path: Path) -> None:
    replies = await play(scripted(tmp_path), ["ok", "no errors", "error TS1"])
    assert [reply.request_id for reply in replies] == ["s0r0", "s0r1", "s0r3"]


async def test_otherwise_answers_when_the_group_has_no_more_and_its_ids_stay_unique(tmp_path: Path) -> None:
    replies = await play(scripted(tmp_path), ["ok"] * 6)
    assert [reply.request_id for reply in replies[3:]] == ["s0rx", "s0rx", "s0rx"]
    ids = [block.id for reply in replies for block in reply.blocks if isinstance(block, ToolCall)]
    assert len(set(ids)) == len(ids)


async def test_a_when_that_matches_later_is_used_after_otherwise(tmp_path: Path) -> None:
    text = 'schema: 1\nchunks: [{replies: [{when: "no,", say: I fix it.}]}]\notherwise: {say: I wait.}'
    replies = await play(scripted(tmp_path, text), ["hm", "no, change it", "ok"])
    assert [reply.request_id for reply in replies] == ["s0rx", "s0rx", "s0r0"]


async def test_approved_chunks_choose_the_group(tmp_path: Path) -> None:
    model = scripted(tmp_path)
    assert called(await reply_to(model, ask(approved=1, chunk=4))) == ["complete"]
    with pytest.raises(ModelFault) as caught:
        await reply_to(model, ask(approved=2))
    assert (caught.value.kind, caught.value.retryable) == ("exhausted", False)
    assert caught.value.message == "the script ended: replies.yaml has 2 chunks, and 2 are approved"


async def test_a_group_without_otherwise_runs_out(tmp_path: Path) -> None:
    model = scripted(tmp_path, "schema: 1\nchunks: [{replies: [{say: Only this.}]}]")
    with pytest.raises(ModelFault, match="no more replies for chunk 1"):
        await play(model, ["ok", "ok"])


@given(answers=st.lists(st.sampled_from(["ok", "error TS7", ""]), min_size=1, max_size=7))
@settings(max_examples=25, deadline=None)
async def test_a_resumed_conversation_goes_on_as_if_never_interrupted(
    tmp_path_factory: pytest.TempPathFactory, answers: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("script")
    in_one_go = await play(scripted(folder), answers)
    messages: tuple[Message, ...] = ()
    for answer, expected in zip(answers, in_one_go, strict=True):
        fresh = scripted(folder)
        assert await reply_to(fresh, ask(*messages)) == expected
        messages += turn(expected, answer)


async def test_a_new_chunk_in_the_same_group_begins_the_group_again(tmp_path: Path) -> None:
    model = scripted(tmp_path)
    first, again = await reply_to(model, ask(chunk=1)), await reply_to(model, ask(chunk=2))
    assert called(first) == called(again)
    assert {b.id for b in first.blocks if isinstance(b, ToolCall)}.isdisjoint(
        {b.id for b in again.blocks if isinstance(b, ToolCall)}
    )


async def test_a_scripted_fault_is_raised_once(tmp_path: Path) -> None:
    text = "schema: 1\nchunks: [{replies: [{say: One.}, {fault: overloaded}, {fault: auth}, {say: Two.}]}]"
    model = scripted(tmp_path, text)
    after_one = ask(*turn(await reply_to(model, ask())))
    faults = []
    for _ in range(2):
        with pytest.raises(ModelFault) as caught:
            await reply_to(model, after_one)
        faults.append((caught.value.kind, caught.value.retryable))
    assert faults == [("overloaded", True), ("auth", False)]
    assert (await reply_to(model, after_one)).request_id == "s0r3"


async def test_a_stop_reason_can_be_scripted(tmp_path: Path) -> None:
    text = "schema: 1\nchunks: [{replies: [{calls: [{write_file: {path: a}}], stop_reason: max_tokens}]}]"
    assert (await reply_to(scripted(tmp_path, text), ask())).stop_reason == "max_tokens"


# --- streaming --------------------------------------------------------------------------


async def test_a_reply_streams_in_words_and_its_usage_is_a_quarter_of_the_bytes(tmp_path: Path) -> None:
    model = scripted(tmp_path)
    *pieces, reply = [item async for item in model.stream(ask())]
    assert isinstance(reply, ModelReply)
    texts = {kind: "" for kind in ("thinking", "text", "tool")}
    for piece in pieces:
        assert isinstance(piece, TextPiece)
        texts[piece.kind] += piece.text
    assert texts == {
        "thinking": "I look around.",
        "text": "First the plan.",
        "tool": '{"name": "Types", "steps": ["1"]}{"path": "a.py"}',
    }
    assert pieces[0] == TextPiece(kind="thinking", text="I ")
    asked = "You are a worker." + "Begin, 0 approved."
    assert reply.usage.input == len(asked) // 4
    assert reply.usage.output == len("".join(texts.values())) // 4
    assert reply.cost_usd is None


async def test_speed_divides_the_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("core.models.scripted.asyncio.sleep", sleep)
    script = load_script(script_file(tmp_path, "schema: 1\nchunks: [{replies: [{say: one two three}]}]"))
    await reply_to(ScriptedModel(script, speed=2.0), ask())
    assert slept == [0.3, 0.0125, 0.0125, 0.0125]
    slept.clear()
    await reply_to(ScriptedModel(script, speed=None), ask())
    assert slept == []
    with pytest.raises(ValueError, match="speed"):
        ScriptedModel(script, speed=0)


# --- the file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the script: expected a mapping"),
        ("schema: 2\nchunks: []", "schema: expected 1"),
        ("schema: 1", "chunks: expected a list"),
        ("schema: 1\nchunks: [{replies: []}]", "chunks[1].replies: expected a list"),
        ("schema: 1\nchunks: [{reply: []}]", "chunks[1]: unknown key 'reply'; expected replies"),
        ("schema: 1\nchunks: [{replies: [{say: 3}]}]", "chunks[1].replies[1].say: expected text"),
        ("schema: 1\nchunks: [{replies: [{}]}]", "chunks[1].replies[1]: expected at least one of"),
        ("schema: 1\nchunks: [{replies: [{calls: [a]}]}]", "replies[1].calls[1]: expected one `tool: input`"),
        ("schema: 1\nchunks: [{replies: [{calls: [{a: 1}]}]}]", "calls[1].a: expected a mapping"),
        ("schema: 1\nchunks: [{replies: [{say: a, when: '(?=a)'}]}]", "replies[1].when: RE2 can't take"),
        ("schema: 1\nchunks: [{replies: [{fault: flu}]}]", "replies[1].fault: expected one of rate_limited"),
        (
            "schema: 1\nchunks: [{replies: [{say: a}, {say: a}]}]",
            "chunks[1]: expected no two replies without",
        ),
        (
            "schema: 1\nchunks: [{replies: [{say: a}]}]\notherwise: {say: a}",
            "expected no two replies without",
        ),
        ("schema: 1\nchunks: [{replies: [{say: a}]}]\notherwise: 7", "otherwise: expected a mapping"),
        ("schema: [", ":2: "),
    ],
)
def test_a_wrong_script_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    file = script_file(tmp_path, text)
    with pytest.raises(YamlFault) as caught:
        load_script(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file)) and "\n" not in str(caught.value)


# --- the registry -----------------------------------------------------------------------


def made(spec: str) -> Model:
    return make_model(
        spec,
        settings_model="claude-opus-5-5",
        max_output_tokens=10,
        effort=None,
        environ={"ANTHROPIC_API_KEY": "none"},
        speed=None,
    )


def test_models_by_their_spec(tmp_path: Path) -> None:
    own, other, told = (
        made("anthropic"),
        made("anthropic:claude-haiku-4-5"),
        made(f"scripted:{script_file(tmp_path)}"),
    )
    assert (own.name, own.scripted, own.context_tokens) == ("claude-opus-5-5", False, 1_000_000)
    assert (other.name, other.context_tokens) == ("claude-haiku-4-5", 200_000)
    assert made("anthropic:a-model-of-tomorrow").context_tokens == 200_000
    assert (told.name, told.scripted) == ("scripted", True)


@pytest.mark.parametrize("spec", ["", "openai", "anthropic:", "scripted", "scripted:", ":x"])
def test_unknown_models_are_refused_with_the_known_ones(spec: str) -> None:
    with pytest.raises(ValueError, match=r"expected anthropic, anthropic:MODEL, .*scripted:FILE"):
        made(spec)


def test_a_missing_script_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(YamlFault, match=r"gone\.yaml"):
        made(f"scripted:{tmp_path / 'gone.yaml'}")


# --- over the real protocol -------------------------------------------------------------


async def test_the_same_script_over_http_gives_the_same_conversation_in_spite_of_faults(
    tmp_path: Path,
) -> None:
    script = load_script(script_file(tmp_path))
    answers = ["ok", "error TS1", "ok", "ok"]
    faults = with_faults(
        scripted_answer(script),
        {
            0: http_fault(429, "rate_limit_error"),
            2: http_fault(529, "overloaded_error"),
            4: "cut",
            6: "reset",
        },
    )
    with ProtocolServer(faults) as server:
        environ = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url}
        model = AnthropicModel("claude-sonnet-5-5", max_output_tokens=10, effort=None, environ=environ)
        over_http = []
        for approved, said in ((0, answers), (1, ["ok"])):
            messages: tuple[Message, ...] = ()
            for answer in said:
                reply = await retried(model, ask(*messages, approved=approved))
                over_http.append(reply)
                messages += turn(reply, answer)
        await model.close()

    plain = ScriptedModel(script, speed=None)
    expected = [*await play(plain, answers), *await play(plain, ["ok"], approved=1)]
    assert [called(reply) for reply in over_http] == [called(reply) for reply in expected]
    assert [b for r in over_http for b in r.blocks if isinstance(b, TextBlock)] == [
        b for r in expected for b in r.blocks if isinstance(b, TextBlock)
    ]
    assert len(server.requests) == 5 + 4


async def retried(model: Model, request: ModelRequest) -> ModelReply:
    for _ in range(3):
        try:
            return await reply_to(model, request)
        except ModelFault as fault:
            assert fault.retryable
    raise AssertionError("no reply in three tries")
