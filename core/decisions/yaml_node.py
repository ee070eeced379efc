"""A value of a policy file with the place it came from, so that every fault names file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from core.decisions.patterns import Pattern, refusal
from core.domain import value
from core.yaml_file import YamlFault, parse_yaml

Step: TypeAlias = str | int
BOM = "\ufeff"


@value
class Node:
    """`content` at `path` (keys and list positions) of a file's text, `source`. Reading it wrongly shaped
    raises YamlFault, naming `file`."""

    file: Path
    source: str
    content: object
    path: tuple[Step, ...] = ()

    def fault(self, message: str) -> YamlFault:
        where = ".".join(str(step) for step in self.path)
        return YamlFault(str(self.file), self._line(), f"{where}: {message}" if where else message)

    def __getitem__(self, key: str) -> Node:
        """The entry of a mapping; one that is absent, or empty, reads as nothing."""
        return self.children().get(key) or self._at(key, None)

    @property
    def given(self) -> bool:
        return self.content is not None

    def children(self) -> dict[str, Node]:
        """The entries of a mapping; nothing at all reads as an empty one."""
        if not self.given:
            return {}
        if not isinstance(self.content, dict):
            raise self.fault("expected a mapping (key: value)")
        return {str(key): self._at(key, content) for key, content in self.content.items()}

    def items(self) -> tuple[Node, ...]:
        """The entries of a list; nothing at all reads as an empty one."""
        if not self.given:
            return ()
        if not isinstance(self.content, list):
            raise self.fault("expected a list")
        return tuple(self._at(place, content) for place, content in enumerate(self.content))

    def text(self, default: str | None = None) -> str:
        if not self.given and default is not None:
            return default
        if not isinstance(self.content, str | int | float) or isinstance(self.content, bool):
            raise self.fault("expected a text")
        if not (text := str(self.content).strip()):
            raise self.fault("expected a text, not an empty one")
        return text

    def flag(self, default: bool) -> bool:
        if not self.given:
            return default
        if not isinstance(self.content, bool):
            raise self.fault("expected true or false")
        return self.content

    def share(self, default: float) -> float:
        """A number from 0 to 1."""
        if not self.given:
            return default
        if (
            not isinstance(self.content, int | float)
            or isinstance(self.content, bool)
            or not 0 <= self.content <= 1
        ):
            raise self.fault("expected a number from 0 to 1")
        return float(self.content)

    def count(self, default: int) -> int:
        if not self.given:
            return default
        if not isinstance(self.content, int) or isinstance(self.content, bool) or self.content < 0:
            raise self.fault("expected a whole number, 0 or more")
        return self.content

    def pattern(self, default_id: str) -> Pattern:
        """A pattern, written as a text or as `{pattern, id}`. One that RE2 refuses is a fault (SPEC 5.2)."""
        if not isinstance(self.content, dict):
            return Pattern(id=default_id, regex=self._regex())
        return Pattern(id=self["id"].text(default_id), regex=self["pattern"]._regex())

    def _regex(self) -> str:
        regex = self.text()
        if refused := refusal(regex):
            raise self.fault(f"the pattern `{regex}` is refused: {refused}")
        return regex

    def _at(self, step: Step, content: object) -> Node:
        return Node(file=self.file, source=self.source, content=content, path=(*self.path, step))

    def _line(self) -> int | None:
        import yaml

        line = 1
        # The parser that read the text: the two differ in what they take.
        here = yaml.compose(self.source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for step in self.path:
            if isinstance(here, yaml.SequenceNode) and isinstance(step, int):
                here = here.value[step]
                line = here.start_mark.line + 1
            elif isinstance(here, yaml.MappingNode):
                found = [pair for pair in here.value if pair[0].value == step]
                if not found:  # it came in by a merge key
                    return line
                key, here = found[0]
                line = key.start_mark.line + 1
        return line


def policy_node(text: str, file: Path) -> Node:
    """The whole of a policy file's text, with or without a byte order mark. Raises YamlFault."""
    source = text.removeprefix(BOM)
    return Node(file=file, source=source, content=parse_yaml(source, str(file)))
