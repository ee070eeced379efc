"""Where the model is, and what opens it: Anthropic's own API, Amazon Bedrock or Google Vertex (SPEC 10).

All of it comes from the engineer's environment, by the SDK's usual variables: never from the workspace, nor
from the SDK's own profiles on disk. Found out before any request.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from core.domain import value
from core.models.base import ModelFault

Platform: TypeAlias = Literal["anthropic", "bedrock", "vertex"]
API_URL = "https://api.anthropic.com"


@value
class Access:
    """How to reach the API. `url` None leaves the address to the SDK (it follows from the region). `key` and
    `token` are the secrets that open it; on a cloud they may be left to its own library."""

    platform: Platform = "anthropic"
    url: str | None = None
    key: str | None = None
    token: str | None = None
    region: str = ""
    project: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(secret for secret in (self.key, self.token) if secret)


def find_access(environ: Mapping[str, str], platform: Platform = "anthropic") -> Access:
    """Raises ModelFault, one line that names the variable or the package that is missing."""
    match platform:
        case "bedrock":
            return _bedrock(environ)
        case "vertex":
            return _vertex(environ)
    return _api(environ)


def _api(environ: Mapping[str, str]) -> Access:
    key, token = _given(environ, "ANTHROPIC_API_KEY"), _given(environ, "ANTHROPIC_AUTH_TOKEN")
    if not key and not token:
        raise _auth("no key for the API: set ANTHROPIC_API_KEY in your environment")
    url = _url(environ, "ANTHROPIC_BASE_URL") or API_URL
    return Access(url=url, key=key or None, token=None if key else token)


def _bedrock(environ: Mapping[str, str]) -> Access:
    if find_spec("botocore") is None:
        raise _auth("Bedrock needs one more package: install signoff[bedrock]")
    region = _given(environ, "AWS_REGION") or _given(environ, "AWS_DEFAULT_REGION")
    if not region:
        raise _auth("no region for Bedrock: set AWS_REGION in your environment")
    return Access(
        platform="bedrock",
        url=_url(environ, "ANTHROPIC_BEDROCK_BASE_URL"),
        token=_given(environ, "AWS_BEARER_TOKEN_BEDROCK") or None,
        region=region,
    )


def _vertex(environ: Mapping[str, str]) -> Access:
    region, project = _given(environ, "CLOUD_ML_REGION"), _given(environ, "ANTHROPIC_VERTEX_PROJECT_ID")
    token = _given(environ, "CLOUDSDK_AUTH_ACCESS_TOKEN")
    if not token and find_spec("google") is None:
        raise _auth("Vertex needs one more package: install signoff[vertex]")
    for name, found in (("CLOUD_ML_REGION", region), ("ANTHROPIC_VERTEX_PROJECT_ID", project)):
        if not found:
            raise _auth(f"Vertex needs a region and a project: set {name} in your environment")
    url = _url(environ, "ANTHROPIC_VERTEX_BASE_URL")
    return Access(platform="vertex", url=url, token=token or None, region=region, project=project)


def _given(environ: Mapping[str, str], name: str) -> str:
    found = environ.get(name, "").strip()
    if not (found.isascii() and found.isprintable()) and found:
        raise _auth(f"{name} holds characters that no key has")
    return found


def _url(environ: Mapping[str, str], name: str) -> str | None:
    url = environ.get(name, "").strip()
    if url and not _is_http_url(url):
        message = f"{name} is not a URL that begins with http:// or https://"
        raise ModelFault("bad_request", message, retryable=False)
    return url or None


def _is_http_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _auth(message: str) -> ModelFault:
    return ModelFault("auth", message, retryable=False)
