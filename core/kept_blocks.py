"""How a History stands in a snapshot: the keys of its full blocks, each of which is kept once; its tail."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import ConfigDict, TypeAdapter
from pydantic_core import core_schema

from core.history import History, KeptBlock

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class BlockStore(Protocol):
    """The `context` that a snapshot is dumped and loaded with."""

    def keep(self, block: tuple[Any, ...] | KeptBlock[Any], adapter: TypeAdapter[Any]) -> int:
        """The key of a block, which is written now unless it was before."""
        ...

    def kept(self, key: int, adapter: TypeAdapter[Any]) -> KeptBlock[Any]:
        """The block of that key; it is read when it is looked at."""
        ...


# A journal may have numbers that JSON has not: in a snapshot they are not to become null.
EXACT = ConfigDict(ser_json_inf_nan="constants")


@cache
def items_adapter(item: Any) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[item, ...], config=EXACT)


def history_schema(item: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    items = handler.generate_schema(tuple[item, ...])
    pair = core_schema.tuple_positional_schema(
        [core_schema.tuple_variable_schema(core_schema.int_schema()), items]
    )

    def dump(history: History[Any], info: core_schema.SerializationInfo) -> tuple[Any, Any]:
        store = cast("BlockStore", info.context)
        return tuple(store.keep(block, items_adapter(item)) for block in history.blocks), history.tail

    def load(found: tuple[Any, Any], info: core_schema.ValidationInfo) -> History[Any]:
        store = cast("BlockStore", info.context)
        keys, tail = found
        return History.of(tuple(store.kept(key, items_adapter(item)) for key in keys), tail)

    return core_schema.with_info_after_validator_function(
        load,
        pair,
        serialization=core_schema.plain_serializer_function_ser_schema(
            dump, info_arg=True, return_schema=pair
        ),
    )
