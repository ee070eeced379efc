"""`signoff mcp list|approve`: the tool servers of a workspace, and which of them its workers may use."""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from core.config import load_settings
from core.ending import COMPLETE
from core.mcp_approval import approval_of, approve
from core.mcp_clients import Connection, OfferedTool, ServerFault
from core.mcp_config import FILE, ServerConfig, read_servers
from core.mcp_servers import usable_tools
from core.process import scrubbed_environ
from core.spoken import one_line, print_json
from core.story import InputFault, find_workspace
from core.trust import is_trusted
from core.worker_profile import load_profile


def mcp(args: argparse.Namespace) -> int:
    """Raises InputFault for a workspace that is not trusted, and for a server that is not there."""
    root = find_workspace(args.workspace)
    servers = read_servers(root)
    if args.action == "list":
        return _list(args, root, servers)
    if not is_trusted(root):
        raise InputFault(f"{root}: not trusted yet; its servers may start after: signoff trust {root}")
    found = next((server for server in servers if server.name == args.server), None)
    if found is None:
        known = ", ".join(server.name for server in servers) or "none"
        raise InputFault(f"{FILE}: no server {args.server!r}; it has: {known}")
    return _approve(args, root, found)


def _list(args: argparse.Namespace, root: Path, servers: tuple[ServerConfig, ...]) -> int:
    rows = [
        {"server": server.name, "command": server.shown, "approval": _state(root, server)}
        for server in servers
    ]
    if args.json:
        print_json(rows)
        return COMPLETE
    if not rows:
        print(f"no tool servers: {root / FILE} names none")
    for row in rows:
        print(f"{row['server']:<20}  {row['approval']:<16}  {one_line(row['command'])}")
    return COMPLETE


def _state(root: Path, server: ServerConfig) -> str:
    known = approval_of(root, server)
    if known is None:
        return "not approved"
    return "approved" if known.command == server.command_sha else "command changed"


def _approve(args: argparse.Namespace, root: Path, server: ServerConfig) -> int:
    """Starts the server, shows what it offers, and remembers that."""
    profile = load_profile(args.worker) if args.worker else load_profile(Path("backend"))
    settings, _ = load_settings(root, environ=os.environ, overrides={}, trusted=True)
    tools = usable_tools(
        server, profile.mcp_tools, asyncio.run(_offered(root, server, settings.server_connect_s))
    )
    if not tools:
        raise InputFault(
            f"{server.name}: it offers no tool that the profile {profile.name} lists in mcp_tools"
        )
    approve(root, server, tools)
    print(f"{server.name} is approved: {one_line(server.shown)}")
    for tool in tools:
        print(f"  {server.name}__{tool.name}  {one_line(tool.description)[:100]}")
    return COMPLETE


async def _offered(root: Path, server: ServerConfig, timeout_s: float) -> tuple[OfferedTool, ...]:
    environ = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "stderr.log"
        connection = Connection(server, root, environ=scrubbed_environ(environ), own=environ, log=log)
        try:
            return await connection.connect(timeout_s)
        except ServerFault as fault:
            said = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
            last = f"; it said: {one_line(said[-1])}" if said else ""
            raise InputFault(f"{server.name}: {fault}{last}") from None
        finally:
            await connection.close()
