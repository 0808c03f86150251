"""Classes that Python 2 cannot have."""
import enum
import typing


class Color(enum.Enum):
    RED = 1
    GREEN = 'green'
    BLUE = (1, 2)


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Permission(enum.Flag):
    READ = 1
    WRITE = 2
    EXECUTE = 4


class IntPermission(enum.IntFlag):
    READ = 1
    WRITE = 2


class Outer:
    class Shade(enum.Enum):
        DARK = 1

    class Pair(typing.NamedTuple):
        left: int
        right: str


class Typed(typing.NamedTuple):
    name: str
    size: int = 3


class KeywordArguments:
    def __new__(cls, *arguments, **keywords):
        self = object.__new__(cls)
        self.arguments = arguments
        self.keywords = keywords
        return self

    def __getnewargs_ex__(self):
        return self.arguments, self.keywords


try:
    import dataclasses
except ImportError:  # 3.6
    dataclasses = None

if dataclasses:
    @dataclasses.dataclass
    class Data:
        number: int
        text: str
        items: list = dataclasses.field(default_factory=list)

    @dataclasses.dataclass(frozen=True)
    class Frozen:
        number: int
        text: str = 'default'

    @dataclasses.dataclass
    class SubData(Data):
        more: float = 0.5

    if hasattr(dataclasses, 'KW_ONLY'):  # 3.10
        @dataclasses.dataclass(slots=True)
        class SlottedData:
            number: int
            text: str

        @dataclasses.dataclass(slots=True, frozen=True)
        class SlottedFrozen:
            number: int
            text: str
