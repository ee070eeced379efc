"""A real local HTTP server that speaks the Messages streaming protocol, its faults too.

    turns = [http_fault(429, "rate_limit_error", retry_after="0"), Turn(content=(text("hi"),))]
    with ProtocolServer(turns) as server:
        AnthropicModel(..., environ={"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "k"})

Each request takes the next turn; one that the API itself would refuse gets its 400 and takes none (see
tests/protocol_rules.py). `server.requests` and `server.headers` hold what came, in order.
tests/protocol_script.py makes turns from a script of the scripted model.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, TypeAlias

from core.domain import JsonObject, Usage, value
from tests.protocol_rules import refusal

PIECE = 7  # characters of a delta
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: closing resets the connection
Connection: TypeAlias = socket.socket | tuple[bytes, socket.socket]  # as socketserver types it
Ending: TypeAlias = Literal["whole", "no_stop", "cut", "drop", "reset", "stall", "error"]


@value
class Turn:
    """One reply. `content` holds blocks as the API has them: see `text`, `thinking`, `tool`, `raw_event`.

    Of the endings other than `whole`, `no_stop` leaves out message_stop only. The rest stop at the first
    piece of the last block: `cut` ends the response cleanly there, `drop` closes the connection, `reset`
    resets it, `stall` says nothing more until the server closes, `error` sends an event of `error_type`.
    """

    content: tuple[JsonObject, ...]
    stop_reason: str | None = "end_turn"
    usage: Usage = Usage(input=100, output=20)
    ending: Ending = "whole"
    error_type: str = "overloaded_error"


@value
class HttpFault:
    """An answer with an HTTP status of 400 or more instead of a stream."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()


Answer: TypeAlias = Turn | HttpFault
Planned: TypeAlias = Answer | Callable[[JsonObject], Answer]


def text(words: str) -> JsonObject:
    return {"type": "text", "text": words}


def thinking(words: str, signature: str = "signed") -> JsonObject:
    return {"type": "thinking", "thinking": words, "signature": signature}


def tool(name: str, given: JsonObject | str, *, id: str = "toolu_1") -> JsonObject:
    """A tool call. `given` as a str is the raw text of the input, strict JSON or not."""
    return {"type": "tool_use", "id": id, "name": name, "input": given}


def raw_event(event: JsonObject) -> JsonObject:
    """An event to send as it is, in the place of a block; its `raw`, if it has one, instead of its JSON."""
    return {"raw_event": event}


def http_fault(status: int, error_type: str, message: str = "no", **headers: str) -> HttpFault:
    """An error in the API's form. Headers by name, `_` for `-`: `retry_after="3"`."""
    named = tuple((name.replace("_", "-"), held) for name, held in headers.items())
    return HttpFault(status=status, body=json.dumps(_error(error_type, message)), headers=named)


VERTEX_PATH = re.compile(r"/projects/p/locations/\w+/publishers/anthropic/models/([\w-]+):streamRawPredict")


class ProtocolServer:
    """Serves `turns`, which may be endless, on 127.0.0.1. `url` is the base URL."""

    def __init__(self, turns: Iterable[Planned]) -> None:
        self.requests: list[JsonObject] = []
        self.headers: list[dict[str, str]] = []
        self._turns = iter(turns)
        self._lock = threading.Lock()
        self._server = _Server(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> ProtocolServer:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        if self._server.faults and error is None:
            raise self._server.faults[0]

    @property
    def connections(self) -> int:
        """How many connections were made so far."""
        return self._server.connections

    def wait_until_left(self, timeout_s: float = 10.0) -> bool:
        """Waits until no client is connected any more; False where one still is."""
        return self._server.wait_until_left(timeout_s)

    def _answer(self, request: JsonObject, headers: Mapping[str, str]) -> Answer:
        with self._lock:
            self.requests.append(request)
            self.headers.append({name.lower(): held for name, held in headers.items()})
            if problem := refusal(request):
                return http_fault(400, "invalid_request_error", problem)
            planned = next(self._turns, None)
            if planned is None:
                return http_fault(400, "invalid_request_error", "the test server has no more turns")
            return planned(request) if callable(planned) else planned


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def __init__(self, answer: Callable[[JsonObject, Mapping[str, str]], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.connections = 0
        self.faults: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()

    def process_request(self, request: Connection, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        with self._changed:
            self.connections += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Connection) -> None:
        assert isinstance(request, socket.socket)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET)) == RESET:
            request.close()
        else:
            super().shutdown_request(request)

    def wait_until_left(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._open, timeout_s)

    def close_connections(self) -> None:
        with self._changed:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):  # a client may leave when it likes
            self.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the test's screen."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        on_vertex = VERTEX_PATH.fullmatch(self.path)
        if self.path != "/v1/messages" and not on_vertex:
            return self._send_fault(http_fault(404, "not_found_error", self.path))
        request = json.loads(body)
        if on_vertex and request.pop("anthropic_version", None):
            request["model"] = on_vertex[1]
        answer = self.server.answer(request, {**self.headers, ":path": self.path})
        if isinstance(answer, HttpFault):
            return self._send_fault(answer)
        self._send_turn(answer, request["model"])

    def _send_fault(self, fault: HttpFault) -> None:
        body = fault.body.encode()
        self.send_response(fault.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, held in fault.headers:
            self.send_header(name, held)
        self.end_headers()
        self.wfile.write(body)

    def _send_turn(self, turn: Turn, model: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("request-id", "req_test")
        self.end_headers()
        for event in sent_events(turn, model):
            self._send_event(event)
        if turn.ending == "stall":
            self.connection.recv(1)  # until the client leaves or the server closes
        if turn.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        if turn.ending in ("drop", "reset", "stall"):
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _send_event(self, event: JsonObject) -> None:
        """In two HTTP chunks: a reader may not take a chunk for an event."""
        data = f"event: {event['type']}\ndata: {event.get('raw') or json.dumps(event)}\n\n".encode()
        for part in (data[: len(data) // 2], data[len(data) // 2 :]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))


# --- what is sent -----------------------------------------------------------------------


def sent_events(turn: Turn, model: str) -> list[JsonObject]:
    events = list(_events(turn, model))
    if turn.ending == "whole":
        return events
    if turn.ending == "no_stop":
        return events[:-1]
    starts = [n for n, event in enumerate(events) if event["type"] == "content_block_start"]
    events = events[: starts[-1] + 3]  # the block's start, an empty delta and its first piece
    if turn.ending == "error":
        events.append(_error(turn.error_type, "in mid-stream"))
    return events


def _events(turn: Turn, model: str) -> Iterator[JsonObject]:
    usage = {
        "input_tokens": turn.usage.input,
        "cache_read_input_tokens": turn.usage.cache_read,
        "cache_creation_input_tokens": turn.usage.cache_write,
        "output_tokens": 1,
    }
    message: JsonObject = {
        "id": "msg_test",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
    }
    message |= {"stop_reason": None, "stop_sequence": None, "usage": usage}
    yield {"type": "message_start", "message": message}
    yield {"type": "ping"}
    for index, block in enumerate(turn.content):
        yield from [block["raw_event"]] if "raw_event" in block else _block_events(index, block)
    delta = {"stop_reason": turn.stop_reason, "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": turn.usage.output}}
    yield {"type": "message_stop"}


def _block_events(index: int, block: JsonObject) -> Iterator[JsonObject]:
    start, deltas = _start_and_deltas(block)
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _start_and_deltas(block: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    match block["type"]:
        case "text":
            return {**block, "text": ""}, _deltas("text_delta", "text", block["text"])
        case "thinking":
            signature: JsonObject = {"type": "signature_delta", "signature": block["signature"]}
            words = _deltas("thinking_delta", "thinking", block["thinking"])
            return {**block, "thinking": "", "signature": ""}, [*words, signature]
        case "tool_use":
            given = block["input"] if isinstance(block["input"], str) else json.dumps(block["input"])
            return {**block, "input": {}}, _deltas("input_json_delta", "partial_json", given)
    return block, []


def _deltas(kind: str, field: str, content: str) -> list[JsonObject]:
    """An empty piece first, as the API sends it, then the content in small ones."""
    pieces = ["", *(content[at : at + PIECE] for at in range(0, len(content), PIECE))]
    return [{"type": kind, field: piece} for piece in pieces]


def _error(error_type: str, message: str) -> JsonObject:
    return {"type": "error", "error": {"type": error_type, "message": message}, "request_id": "req_test"}
