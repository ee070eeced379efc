"""The policy that a run decided by, at each moment of its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from core import events as ev
from core.decisions.configuration import DecisionConfig, parse_decision_config
from core.domain import Sha

NOT_RECORDED = "the journal holds no policy files of this run: it is judged by those that are there now"
PREFERENCES = "preferences.yaml"


class PolicyInForce:
    """`config` after the events so far. `fallback` holds until the journal names policy files of the run;
    `note` says so when a decision was judged by it."""

    def __init__(self, get_blob: Callable[[str], bytes], fallback: DecisionConfig) -> None:
        self.config = fallback
        self.note = ""
        self._recorded = False
        self._get_blob = get_blob

    def apply(self, event: ev.Event) -> None:
        match event:
            case ev.RunStarted() | ev.RunResumed() if event.policy_files is not None:
                self.config, self._recorded = self._read(event.policy_files), True
            case ev.DecisionRequested() if not self._recorded:
                self.note = NOT_RECORDED
            case ev.PreferenceSaved():
                saved = self._read([(PREFERENCES, event.file)])
                self.config = replace(self.config, preferences=saved.preferences)
            case _:
                pass

    def _read(self, files: Iterable[tuple[str, Sha]]) -> DecisionConfig:
        texts = {name: self._get_blob(sha) for name, sha in files}
        return parse_decision_config(texts, Path("."))
