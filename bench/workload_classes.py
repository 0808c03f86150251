"""The classes of the workloads' instances."""
import dataclasses


class Instance:
    def __init__(self, number):
        self.id = number
        self.name = 'name %d' % number
        self.score = number / 7


@dataclasses.dataclass
class Record:
    id: int
    name: str
    score: float
    active: bool
    tag: str


class Slotted:
    __slots__ = ('id', 'name', 'score')

    def __init__(self, number):
        self.id = number
        self.name = 'name %d' % number
        self.score = number / 7
