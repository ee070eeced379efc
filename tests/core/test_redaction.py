"""No secret reaches the journal: by value where it is known, by shape where it is not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as ev
from core.blobs import BlobFault, Blobs, sealed_folder
from core.domain import TextBlock, ThinkingBlock, ToolCall, Usage
from core.redaction import Redactor
from core.secrets_known import Secret, known_secrets
from core.untrusted import redact

VALUE = "k4naR1-9f27c1d0e55b"
REDACTOR = Redactor([Secret(name="SERVICE_KEY", text=VALUE)])


def test_secrets_are_found_in_the_environment_and_in_env_files(tmp_path: Path) -> None:
    (tmp_path / "apps/api").mkdir(parents=True)
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / ".env").write_text('export DB_PASSWORD="p4ss word"\nPORT=3000\nMODE=development # why\n')
    (tmp_path / "apps/api/.env.local").write_text(
        "URL=postgres://app:s3cr3t-pw@localhost/app\nSEED=a1b2c3d4e5f6g7\n"
    )
    (tmp_path / "node_modules/x/.env").write_text("API_KEY=not-looked-at-1\n")
    (tmp_path / ".env.example").write_text("API_KEY=made-to-be-shared-1\n")
    environ = {
        "GH_TOKEN": "ghx-12345678",
        "HOME": "/home/me",
        "EDITOR": "vi",
        "SSH_AUTH_SOCK": "/tmp/agent.1",
    }
    found = {secret.text for secret in known_secrets(tmp_path, environ)}
    assert found == {"ghx-12345678", "p4ss word", "s3cr3t-pw", "a1b2c3d4e5f6g7"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("3000", "PORT"),
        ("true", "USE_TOKEN"),
        ("/usr/lib/keys", "KEY_FOLDER"),
        ("1.20.3-alpine1", "IMAGE_TAG"),
    ],
)
def test_ordinary_values_are_left_in_texts(text: str, name: str, tmp_path: Path) -> None:
    assert not known_secrets(tmp_path, {name: text})


def test_a_known_secret_is_struck_in_every_form() -> None:
    encoded = base64.b64encode(VALUE.encode()).decode()
    said = REDACTOR.text(f"is {VALUE}, or {encoded}")
    assert VALUE not in said and encoded.rstrip("=") not in said
    assert said.startswith("is [redacted: SERVICE_KEY], or [redacted: SERVICE_KEY]")


def turn(*blocks: object) -> ev.ModelTurnFinished:
    return ev.ModelTurnFinished(
        turn=1,
        chunk=1,
        blocks=blocks,  # type: ignore[arg-type]
        stop_reason="tool_use",
        usage=Usage(),
        duration_s=0.0,
    )


def test_a_reply_loses_what_is_known_and_keeps_the_rest_as_it_was_written() -> None:
    shaped = "ghp_" + "a1" * 20
    thought = ThinkingBlock(thinking=f"it is {VALUE}", signature="signed")
    call = ToolCall(id="c", name="write_file", input={"content": f"{VALUE} {shaped}", "lines": [1, VALUE]})
    struck = REDACTOR.event(turn(TextBlock(text="fine"), thought, call))
    assert isinstance(struck, ev.ModelTurnFinished)
    kept, thinking, called = struck.blocks
    assert kept == TextBlock(text="fine")
    assert thinking == ThinkingBlock(thinking="it is [redacted: SERVICE_KEY]", signature="")
    assert isinstance(called, ToolCall)
    assert called.input == {
        "content": f"[redacted: SERVICE_KEY] {shaped}",
        "lines": [1, "[redacted: SERVICE_KEY]"],
    }


def test_an_event_without_secrets_is_the_same_object() -> None:
    event = turn(TextBlock(text="fine"), ToolCall(id="c", name="read_file", input={"path": "a", "limit": 3}))
    assert REDACTOR.event(event) is event


@given(st.text(), st.text())
def test_no_event_holds_a_known_secret_afterwards(before: str, behind: str) -> None:
    event = ev.MessageSent(text=before + VALUE + behind, by="supervisor")
    struck = REDACTOR.event(event)
    assert VALUE not in str(struck) and "[redacted: SERVICE_KEY]" in str(struck)


@pytest.mark.parametrize(
    "line",
    [
        'API_KEY = "9f27c1d0e55b4a31"',
        "password: str = 'c0rrect-h0rse-b4ttery'",
        '  "apiKey": "Zk93jfk20fkd93kfd0",',
        "const stripeSecret = 'whsec9f27c1d0e55b4a'",
    ],
)
def test_a_secret_literal_in_code_is_struck(line: str) -> None:
    assert "[redacted: secret]" in redact(line)
    assert redact(line).count('"') == line.count('"')


@pytest.mark.parametrize(
    "line",
    [
        'token = "your-api-token-goes-here-1"',
        'password: str = "short1"',
        "token = read_token(request.headers, 16)",
        'PASSWORD_FIELD = "password_confirmation"',
        'api_key = os.environ["SERVICE_API_KEY_1"]',
        "const token = '${process.env.TOKEN_VALUE_1}'",
    ],
)
def test_code_about_secrets_is_left(line: str) -> None:
    assert redact(line) == line


def test_contents_with_a_secret_are_sealed_outside_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / "run-1/blobs"
    blobs = Blobs(folder, REDACTOR.holds_secret)
    plain, sealed = blobs.put(b"plain"), blobs.put(VALUE.encode())
    assert (blobs.get(plain), blobs.get(sealed)) == (b"plain", VALUE.encode())
    assert blobs.has(sealed) and blobs.put(VALUE.encode()) == sealed
    assert VALUE not in "".join(p.read_text() for p in folder.iterdir())
    assert sealed_folder(folder).stat().st_mode & 0o077 == 0

    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(BlobFault, match="holds a secret and is not on this machine"):
        blobs.get(sealed)


def test_what_is_sealed_is_found_without_knowing_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNOFF_STATE_DIR", str(tmp_path / "state"))
    sha = Blobs(tmp_path / "run/blobs", REDACTOR.holds_secret).put(VALUE.encode())
    assert Blobs(tmp_path / "run/blobs").get(sha) == VALUE.encode()


def test_marks_of_a_mended_event_do_not_repeat() -> None:
    once = REDACTOR.event(ev.MessageSent(text=VALUE, by="you"))
    assert REDACTOR.event(once) is once
