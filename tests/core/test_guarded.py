"""What the command line makes of faults: one line, the right exit code, never a traceback."""

from __future__ import annotations

import pytest

from core.blobs import BlobFault
from core.journal import JournalFault
from core.spoken import guarded
from core.story import InputFault
from core.yaml_file import YamlFault


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (InputFault("a.md:\x1b[2J no"), 2, "signoff: a.md:"),
        (YamlFault("a.yaml", 3, "no"), 2, "signoff: a.yaml:3: no"),
        (JournalFault("j:1: no"), 1, "j:1: no. Nothing acknowledged is lost"),
        (BlobFault("blob 0a is damaged"), 1, "blob 0a is damaged. Nothing acknowledged is lost"),
        (OSError(28, "No space left on device", "a/b"), 1, "a/b: No space left on device. Nothing"),
        (OSError("odd\nthing"), 1, "odd thing. Nothing"),
    ],
)
def test_a_fault_is_one_line(
    fault: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def act() -> int:
        raise fault

    assert guarded(act) == code
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1 and "\x1b" not in shown


def test_a_bug_stays_a_bug() -> None:
    def act() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guarded(act)
