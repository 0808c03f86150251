"""The classes of the Python benchmark's workloads, besides those of bench/workload_classes.py."""
import collections
import dataclasses
import enum


@dataclasses.dataclass(frozen=True)
class FrozenRecord:
    id: int
    name: str
    score: float
    active: bool
    tag: str


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


Row = collections.namedtuple('Row', 'key path color size')
