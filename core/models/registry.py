"""The models by name: add one here and a file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.models.anthropic_access import Platform
from core.models.base import Model

KNOWN = ("anthropic", "anthropic:MODEL", "bedrock:MODEL", "vertex:MODEL", "scripted:FILE", "recorded:RUN")
PLATFORMS: dict[str, Platform] = {"anthropic": "anthropic", "bedrock": "bedrock", "vertex": "vertex"}


def make_model(
    spec: str,
    *,
    settings_model: str,
    max_output_tokens: int,
    effort: str | None,
    environ: Mapping[str, str],
    speed: float | None,
    context_editing: bool = True,
) -> Model:
    """The model that `spec` names, one of `KNOWN`; `anthropic` alone takes `settings_model`.

    Raises ValueError for any other spec, ModelFault when `environ` has no key for the API, YamlFault for a
    script and JournalFault for a recorded run that can't be used. Nothing is connected or imported yet that
    costs time.
    """
    kind, _, rest = spec.partition(":")
    # Only the one asked for is imported: the first frame waits for this.
    if kind == "scripted" and rest:
        from core.models.scripted import ScriptedModel, load_script

        return ScriptedModel(load_script(Path(rest)), speed=speed)
    if kind == "recorded" and rest:
        from core.models.recorded import RecordedModel, load_recorded

        return RecordedModel(load_recorded(Path(rest)), name=Path(rest).name, speed=speed)
    platform = PLATFORMS.get(kind)
    if platform is not None and (rest or spec == "anthropic"):
        from core.models.anthropic_access import find_access
        from core.models.anthropic_api import AnthropicModel

        find_access(environ, platform)
        return AnthropicModel(
            rest or settings_model,
            max_output_tokens=max_output_tokens,
            effort=effort,
            environ=environ,
            platform=platform,
            context_editing=context_editing,
        )
    raise ValueError(f"unknown model {spec!r}: expected {', '.join(KNOWN)}")
