"""Which platform is asked, and what of the engineer's environment opens it."""

from __future__ import annotations

import asyncio

import pytest

from core.domain import TextBlock
from core.models.anthropic_access import Access, find_access
from core.models.anthropic_api import AnthropicModel
from core.models.base import Message, ModelFault, ModelReply, ModelRequest, PromptBlock
from core.models.registry import make_model
from tests.protocol_server import ProtocolServer, Turn, text

VERTEX = {"CLOUD_ML_REGION": "eu", "ANTHROPIC_VERTEX_PROJECT_ID": "p", "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.x"}


def test_vertex_takes_region_project_and_token() -> None:
    assert find_access(VERTEX, "vertex") == Access(
        platform="vertex", region="eu", project="p", token="ya29.x", url=None, key=None
    )


@pytest.mark.parametrize(
    ("platform", "environ", "said"),
    [
        ("vertex", {**VERTEX, "CLOUD_ML_REGION": ""}, "set CLOUD_ML_REGION"),
        ("vertex", {**VERTEX, "ANTHROPIC_VERTEX_PROJECT_ID": " "}, "set ANTHROPIC_VERTEX_PROJECT_ID"),
        (
            "vertex",
            {**VERTEX, "ANTHROPIC_VERTEX_BASE_URL": "ftp://x"},
            "ANTHROPIC_VERTEX_BASE_URL is not a URL",
        ),
        ("bedrock", {"AWS_REGION": "eu-west-1"}, "install signoff.bedrock|"),
        ("anthropic", {}, "set ANTHROPIC_API_KEY"),
    ],
)
def test_what_is_missing_is_named(platform: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(ModelFault, match=said):
        access = find_access(environ, platform)  # type: ignore[arg-type]
        # With the package installed Bedrock finds its credentials itself.
        raise ModelFault("auth", access.region, retryable=False)


def test_a_model_on_vertex_speaks_the_same_protocol_at_its_own_address() -> None:
    async def reply(url: str) -> ModelReply:
        environ = {**VERTEX, "ANTHROPIC_VERTEX_BASE_URL": url}
        model = make_model(
            "vertex:claude-opus-5-5",
            settings_model="",
            max_output_tokens=100,
            effort=None,
            environ=environ,
            speed=None,
        )
        assert isinstance(model, AnthropicModel) and model.name == "claude-opus-5-5"
        request = ModelRequest(
            system=(PromptBlock(text="s"),),
            messages=(Message(role="user", blocks=(TextBlock(text="hi"),)),),
            tools=(),
        )
        items = [item async for item in model.stream(request)]
        await model.close()
        (last,) = [item for item in items if isinstance(item, ModelReply)]
        return last

    with ProtocolServer([Turn(content=(text("hello"),))]) as server:
        answer = asyncio.run(reply(server.url))
        assert answer.blocks == (TextBlock(text="hello"),)
        assert server.headers[0][":path"].endswith("/models/claude-opus-5-5:streamRawPredict")
        assert server.headers[0]["authorization"] == "Bearer ya29.x"
