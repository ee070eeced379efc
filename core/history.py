"""An immutable sequence for what a run gathers without bound: a version shares all but its end with the next.

It is a list of full blocks and a short tail. A change at the end, where a run makes its changes, costs the
same however long it is; and a block may be one that lies in a file and is read when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args, overload

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
WIDTH = 16


class KeptBlock(Protocol[T_co]):
    """A block that lies elsewhere, and is had by `items`: WIDTH of them."""

    def items(self) -> tuple[T_co, ...]: ...


class History(Sequence[T]):
    """Equal to any history or tuple of the same items. The last item, if there is one, is always in the
    tail, which holds 1 to WIDTH of them."""

    __slots__ = ("blocks", "tail")
    blocks: tuple[tuple[T, ...] | KeptBlock[T], ...]
    tail: tuple[T, ...]

    def __init__(self, items: Iterable[T] = ()) -> None:
        every = tuple(items)
        ends = range(WIDTH, len(every), WIDTH)
        self.blocks = tuple(every[end - WIDTH : end] for end in ends)
        self.tail = every[len(self.blocks) * WIDTH :]

    @classmethod
    def of(cls, blocks: Sequence[tuple[T, ...] | KeptBlock[T]], tail: tuple[T, ...]) -> History[T]:
        made: History[T] = cls.__new__(cls)
        made.blocks, made.tail = tuple(blocks), tail
        return made

    # --- other versions -----------------------------------------------------------------

    def with_last(self, item: T) -> History[T]:
        """One more."""
        if len(self.tail) < WIDTH:
            return History.of(self.blocks, (*self.tail, item))
        return History.of((*self.blocks, self.tail), (item,))

    def without_last(self) -> History[T]:
        """One less; an empty one stays empty."""
        if len(self.tail) != 1 or not self.blocks:
            return History.of(self.blocks, self.tail[:-1])
        return History.of(self.blocks[:-1], _items(self.blocks[-1]))

    def with_other_last(self, item: T) -> History[T]:
        """Another one in place of the last."""
        return History.of(self.blocks, (*self.tail[:-1], item))

    def without(self, item: T) -> History[T]:
        """Without any that is equal to it: quick for the last one, which it mostly is."""
        if self.last == item:
            return self.without_last().without(item)
        place = self.last_place(lambda other: other == item)
        return self if place is None else History(other for other in self if other != item)

    def with_item(self, place: int, item: T) -> History[T]:
        """Another one at `place`, from 0."""
        block, at = divmod(place, WIDTH)
        if block == len(self.blocks):
            return History.of(self.blocks, _with_item(self.tail, at, item))
        changed = _with_item(_items(self.blocks[block]), at, item)
        return History.of((*self.blocks[:block], changed, *self.blocks[block + 1 :]), self.tail)

    @property
    def last(self) -> T | None:
        return self.tail[-1] if self.tail else None

    # --- a sequence ---------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.blocks) * WIDTH + len(self.tail)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...
    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(f"item {place} of {len(self)}")
        block, at = divmod(at, WIDTH)
        return self.tail[at] if block == len(self.blocks) else _items(self.blocks[block])[at]

    def __iter__(self) -> Iterator[T]:
        return chain(chain.from_iterable(_items(block) for block in self.blocks), self.tail)

    def __reversed__(self) -> Iterator[T]:
        blocks = (reversed(_items(block)) for block in reversed(self.blocks))
        return chain(reversed(self.tail), chain.from_iterable(blocks))

    def last_place(self, fits: Callable[[T], bool]) -> int | None:
        """Where the last item that `fits` is, from 0."""
        place = len(self)
        for item in reversed(self):
            place -= 1
            if fits(item):
                return place
        return None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, History) and self.blocks is other.blocks:
            return self.tail == other.tail
        return tuple(self) == tuple(other) if isinstance(other, History | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"History({list(self)!r})"

    # --- in a snapshot ------------------------------------------------------------------

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from core.kept_blocks import history_schema

        return history_schema((get_args(source) or (Any,))[0], handler)


def _items(block: tuple[T, ...] | KeptBlock[T]) -> tuple[T, ...]:
    return block if isinstance(block, tuple) else block.items()


def _with_item(items: tuple[T, ...], place: int, item: T) -> tuple[T, ...]:
    return (*items[:place], item, *items[place + 1 :])
