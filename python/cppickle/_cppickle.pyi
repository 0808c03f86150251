from collections.abc import Callable, Iterable, Mapping
from pickle import PickleBuffer
from typing import Any, Protocol, SupportsBytes, SupportsIndex, final
from typing_extensions import Buffer, Self

class _ReadableFile(Protocol):
    def read(self, n: int, /) -> bytes: ...
    def readline(self) -> bytes: ...

class _WritableFile(Protocol):
    def write(self, b: bytes, /) -> object: ...

_BufferCallback = Callable[[PickleBuffer], Any] | None

class PicklerMemoProxy:
    def clear(self, /) -> None: ...
    def copy(self, /) -> dict[int, tuple[int, Any]]: ...

class UnpicklerMemoProxy:
    def clear(self, /) -> None: ...
    def copy(self, /) -> dict[int, Any]: ...

class Pickler:
    fast: bool
    bin: bool
    dispatch_table: Mapping[type, Callable[[Any], Any]]
    reducer_override: Callable[[Any], Any]
    def __init__(
        self, file: _WritableFile, protocol: int | None = None, fix_imports: bool = True, buffer_callback: _BufferCallback = None
    ) -> None: ...
    @property
    def memo(self) -> PicklerMemoProxy: ...
    @memo.setter
    def memo(self, value: PicklerMemoProxy | dict[int, tuple[int, Any]]) -> None: ...
    def dump(self, obj: Any, /) -> None: ...
    def clear_memo(self) -> None: ...
    def persistent_id(self, obj: Any, /) -> Any: ...

class Unpickler:
    def __init__(
        self,
        file: _ReadableFile,
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> None: ...
    @property
    def memo(self) -> UnpicklerMemoProxy: ...
    @memo.setter
    def memo(self, value: UnpicklerMemoProxy | dict[int, Any]) -> None: ...
    def load(self) -> Any: ...
    def find_class(self, module_name: str, global_name: str, /) -> Any: ...
    def persistent_load(self, pid: Any, /) -> Any: ...

def dump(
    obj: Any, file: _WritableFile, protocol: int | None = None, *, fix_imports: bool = True, buffer_callback: _BufferCallback = None
) -> None: ...
def dumps(
    obj: Any,
    protocol: int | None = None,
    *,
    fix_imports: bool = True,
    buffer_callback: _BufferCallback = None,
    compact: bool = False,
) -> bytes: ...
def load(
    file: _ReadableFile,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...
def loads(
    data: Buffer,
    /,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...
def pause_collector(enabled: bool, /) -> bool: ...

opcodes: dict[str, bytes]
