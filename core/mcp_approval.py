"""Which tool servers the engineer has approved, and hashes of what that was; kept outside the workspace."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from core.domain import Sha, value
from core.mcp_clients import OfferedTool
from core.mcp_config import ServerConfig
from core.trust import user_folder


@value
class Approval:
    """What was approved: the command (or address) and the tools with their schemas."""

    command: Sha
    tools: Sha


def tools_sha(tools: Sequence[OfferedTool]) -> Sha:
    """Of names, descriptions and schemas: what the model reads, and what it may send."""
    parts = sorted((t.name, t.description, json.dumps(t.input_schema, sort_keys=True)) for t in tools)
    return sha256(json.dumps(parts).encode()).hexdigest()


def approval_of(root: Path, config: ServerConfig) -> Approval | None:
    found = _read().get(str(root.resolve()), {}).get(config.name)
    if not isinstance(found, dict) or not all(isinstance(found.get(k), str) for k in ("command", "tools")):
        return None
    return Approval(command=found["command"], tools=found["tools"])


def approve(root: Path, config: ServerConfig, tools: Sequence[OfferedTool]) -> None:
    """Remembers it. OSError when that can't be written."""
    known = _read()
    servers = {**known.get(str(root.resolve()), {})}
    servers[config.name] = {"command": config.command_sha, "tools": tools_sha(tools)}
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    remembered = {"schema": 1, "servers": {**known, str(root.resolve()): servers}}
    fresh.write_text(json.dumps(remembered, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def _file() -> Path:
    return user_folder(os.environ.get("SIGNOFF_STATE_DIR"), "user_state_dir") / "servers.json"


def _read() -> dict[str, dict[str, dict[str, str]]]:
    """A memory that can't be read approves nothing."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))["servers"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {str(k): v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}
