"""Objects of every kind that pickle knows, built with sharing and cycles, and a comparison that sees both.

A graph is drawn as a pool of nodes: leaves, then containers and instances that take any earlier node. What can be changed
after it was made is filled at the end with any node of the pool, also itself: that makes the cycles.
"""
import collections
import copyreg
import dataclasses
import datetime
import decimal
import enum
import fractions
import math
import pathlib
import uuid

from hypothesis import strategies as st

try:
    import zoneinfo
    ZONES = [zoneinfo.ZoneInfo(name) for name in ('UTC', 'Europe/Berlin', 'America/St_Johns')]
except Exception:  # no zone files on this machine
    ZONES = []


class Plain:
    pass


class Slotted:
    __slots__ = ('one', 'two')


class SlottedWithDict(Slotted):
    __slots__ = ('three', '__dict__')


@dataclasses.dataclass
class Record:
    name: object
    value: object = None


@dataclasses.dataclass(frozen=True)
class FrozenRecord:
    name: object
    value: object = None


class WithState:
    """Its state is no dict, so that __setstate__ is called with it."""

    def __getstate__(self):
        return (sorted(vars(self)), [vars(self)[name] for name in sorted(vars(self))])

    def __setstate__(self, state):
        vars(self).update(zip(*state))


class WithReduce:
    """Made by a call, then given state, items and pairs: all parts that a reduce value has."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.items = []
        self.pairs = {}

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.pairs[key] = value

    def __reduce__(self):
        state = {name: value for name, value in vars(self).items() if name not in ('arguments', 'items', 'pairs')}
        return WithReduce, self.arguments, state, iter(self.items), iter(self.pairs.items())


class WithNewArguments:
    def __new__(cls, *arguments, **named):
        self = super().__new__(cls)
        self.arguments, self.named = arguments, named
        return self

    def __getnewargs_ex__(self):
        return self.arguments, self.named


class ByCopyreg:
    pass


def restore_by_copyreg(state):
    made = ByCopyreg()
    vars(made).update(state)
    return made


copyreg.pickle(ByCopyreg, lambda made: (restore_by_copyreg, (dict(vars(made)),)))


class ListWithAttributes(list):
    pass


class DictWithAttributes(dict):
    pass


class StringSubclass(str):
    pass


class IntSubclass(int):
    pass


class Failure(Exception):
    pass


class Colour(enum.Enum):
    RED = 1
    GREEN = 'green'


class Flags(enum.IntFlag):
    A = 1
    B = 2


Point = collections.namedtuple('Point', 'x y')

INTEGER_EDGES = sorted({sign * (1 << bits) + off for bits in (0, 7, 8, 15, 16, 31, 32, 63, 64, 2039, 2040, 2041)
                        for sign in (1, -1) for off in (-1, 0, 1)})
LENGTH_EDGES = (255, 256, 257, 65530, 65536, 70_000)


def leaves():
    """Immutable values without parts; they may be keys and members of sets, nan apart."""
    characters = st.characters()
    anything = st.characters(blacklist_categories=())  # surrogates too
    offsets = st.integers(-1439, 1439).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
    zones = st.one_of(st.none(), offsets, *([st.sampled_from(ZONES)] if ZONES else []))
    return st.one_of(
        st.none(), st.booleans(), st.integers(), st.sampled_from(INTEGER_EDGES), st.floats(), st.complex_numbers(),
        st.text(characters, max_size=20), st.text(anything, max_size=6), st.binary(max_size=20),
        st.sampled_from(LENGTH_EDGES).map(lambda length: 'e' * length),
        st.sampled_from(LENGTH_EDGES).map(lambda length: b'e' * length),
        st.sampled_from(['\n', '\\', '\0', '\x1a', '\r\n', '\\u0041', '\ud800', '\U0001f600', 'a\xe9\u20ac', '', b'', ()]),
        st.decimals(), st.fractions(), st.uuids(), st.dates(), st.timedeltas(), offsets,
        st.datetimes(timezones=zones), st.times(), st.sampled_from(ZONES or [None]),
        st.builds(pathlib.PurePosixPath, st.text('ab./', max_size=5)), st.just(pathlib.Path('a/b')),
        st.builds(range, st.integers(-5, 5), st.integers(), st.integers(1, 3)),
        st.sampled_from([Colour.RED, Colour.GREEN, Flags.A, Flags.A | Flags.B, Ellipsis, NotImplemented, type(None), int,
                         Plain, len, math.sin, [].append.__class__, collections.OrderedDict.fromkeys, Point,
                         datetime.timezone.utc]),
        st.builds(StringSubclass, st.text(max_size=3)), st.builds(IntSubclass, st.integers()))


def has_nan(value):
    if isinstance(value, decimal.Decimal):
        return value.is_nan()  # a signalling nan raises when it is compared
    return value != value if isinstance(value, (float, complex)) else False


NAMES = st.sampled_from(['one', 'two', 'three', 'a_longer_name', 'n\xe9'])


class Pool:
    """The nodes so far. `valued` are those that are equal by value and never change: what a set may hold."""

    def __init__(self, draw, values):
        self.draw = draw
        self.nodes = list(values)
        self.valued = [value for value in values if not has_nan(value) and is_hashable(value)] or [0]
        self.to_fill = []

    def any(self, most=5):
        return self.draw(st.lists(st.sampled_from(self.nodes), max_size=most))

    def one(self):
        return self.draw(st.sampled_from(self.nodes))

    def values(self, most=5):
        return self.draw(st.lists(st.sampled_from(self.valued), max_size=most))

    def named(self):
        return dict(zip(self.draw(st.lists(NAMES, max_size=3, unique=True)), self.any(3)))


def is_hashable(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


# How each kind of node is made. Those in FILLED are filled again at the end.
IMMUTABLE = {
    'tuple': lambda pool: tuple(pool.any()),
    'point': lambda pool: Point(pool.one(), pool.one()),
    'frozen record': lambda pool: FrozenRecord(pool.one(), pool.one()),
    'slice': lambda pool: slice(pool.one(), pool.one(), None),
    'new arguments': lambda pool: WithNewArguments(*pool.any(2), **{'named': pool.one()}),
    'many items': lambda pool: [pool.one()] * pool.draw(st.sampled_from([999, 1000, 1001, 2001])),
    'many pairs': lambda pool: dict.fromkeys(range(pool.draw(st.sampled_from([999, 1000, 1001]))), pool.one()),
}
VALUED = {
    'valued tuple': lambda pool: tuple(pool.values(4)),
    'frozenset': lambda pool: frozenset(pool.values()),
    'valued record': lambda pool: FrozenRecord(tuple(pool.values(2)), 1),
}
FILLED = {
    'list': list, 'dict': dict, 'set': set, 'bytearray': bytearray, 'ordered dict': collections.OrderedDict,
    'default dict': lambda: collections.defaultdict(list), 'deque': lambda: collections.deque(maxlen=7),
    'plain': Plain, 'slotted': Slotted, 'slotted with dict': SlottedWithDict, 'record': lambda: Record(None),
    'state': WithState, 'reduce': WithReduce, 'copyreg': ByCopyreg, 'list with attributes': ListWithAttributes,
    'dict with attributes': DictWithAttributes, 'failure': lambda: Failure('words', 1), 'error': lambda: KeyError('k'),
}


def fill(pool, node):
    if isinstance(node, (list, collections.deque)):
        node.extend(pool.any())
    elif isinstance(node, dict):
        node.update(zip(pool.values(), pool.any()))
    elif isinstance(node, set):
        node.update(pool.values())
    elif isinstance(node, bytearray):
        node.extend(pool.draw(st.binary(max_size=10)))
    elif isinstance(node, Slotted):
        for name in pool.draw(st.lists(st.sampled_from(['one', 'two']), unique=True)):
            setattr(node, name, pool.one())
    elif isinstance(node, WithReduce):
        node.items.extend(pool.any(3))
        node.pairs.update(zip(pool.values(3), pool.any(3)))
    if hasattr(node, '__dict__') and not isinstance(node, WithReduce):
        vars(node).update(pool.named())


@st.composite
def graphs(draw):
    pool = Pool(draw, draw(st.lists(leaves(), min_size=1, max_size=6)))
    for kind in draw(st.lists(st.sampled_from([*IMMUTABLE, *VALUED, *FILLED, *FILLED]), max_size=8)):
        if kind in FILLED:
            node = FILLED[kind]()
            pool.to_fill.append(node)
        else:
            node = {**IMMUTABLE, **VALUED}[kind](pool)
            if kind in VALUED:
                pool.valued.append(node)
        pool.nodes.append(node)
    for node in pool.to_fill:
        fill(pool, node)
    return draw(st.one_of(st.just(pool.nodes[-1]), st.just(pool.nodes), st.just([pool.nodes, pool.nodes[-1]])))


# The comparison.


class Differ(AssertionError):
    """Two graphs are not the same; the text says where and how."""


def state_of(value):
    """The attributes, slots included."""
    found = dict(vars(value)) if hasattr(value, '__dict__') else {}
    for base in type(value).__mro__:
        slots = vars(base).get('__slots__', ())
        for name in [slots] if isinstance(slots, str) else slots:
            if name not in ('__dict__', '__weakref__') and hasattr(value, name):
                found.setdefault(name, getattr(value, name))
    return found


def is_mutable(value):
    return isinstance(value, (list, dict, set, bytearray, collections.deque, BaseException)) or type(value).__module__ == __name__ \
        and not isinstance(value, (str, int, tuple, enum.Enum))


def check_same(first, second, strict=False):
    """Raises Differ unless both are the same graph: types, values, order, and what is shared.

    Identity is compared for what can change; with strict (two loads of the same bytes) also for text, bytes and tuples.
    """
    ours, theirs, seen = {}, {}, set()
    keep = []  # ids are compared, so nothing made on the way may die
    waiting = [(first, second, 'value')]
    while waiting:
        a, b, where = waiting.pop()
        keep.append((a, b))
        if type(a) is not type(b):
            raise Differ('%s: %r and %r' % (where, type(a), type(b)))
        if is_mutable(a) or strict and isinstance(a, (str, bytes, tuple)) and len(a) > 1:
            known = ours.setdefault(id(a), id(b))
            if known != id(b) or theirs.setdefault(id(b), id(a)) != id(a):
                raise Differ('%s: %.80r is shared in one and not in the other' % (where, type(a)))
        if (id(a), id(b)) in seen:
            continue
        seen.add((id(a), id(b)))
        waiting.extend((one, other, where + step) for one, other, step in parts(a, b, where, strict))


def parts(a, b, where, strict):
    """The pairs to compare next; raises Differ where the values themselves differ.

    The order of attributes counts with strict only: a __getstate__ may sort them.
    """
    pairs = []
    if isinstance(a, float):
        equal = math.isnan(a) and math.isnan(b) or a == b and math.copysign(1, a) == math.copysign(1, b)
    elif isinstance(a, complex):
        equal, pairs = True, [(a.real, b.real, '.real'), (a.imag, b.imag, '.imag')]
    elif isinstance(a, decimal.Decimal):
        equal = a.as_tuple() == b.as_tuple()
    elif isinstance(a, (list, tuple, collections.deque)):
        equal = len(a) == len(b) and getattr(a, 'maxlen', 0) == getattr(b, 'maxlen', 0)
        pairs = [(one, other, '[%d]' % at) for at, (one, other) in enumerate(zip(a, b))]
    elif isinstance(a, dict):
        equal = len(a) == len(b) and getattr(a, 'default_factory', 0) == getattr(b, 'default_factory', 0)
        pairs = [(one, other, '.key') for one, other in zip(a, b)]
        pairs += [(a[one], b[other], '[%.30r]' % (one,)) for one, other in zip(a, b)]
    elif isinstance(a, (set, frozenset)):
        members = {member: member for member in b}
        equal = len(a) == len(b) and all(member in members for member in a)
        pairs = [(member, members[member], '{}') for member in a] if equal else []
    elif isinstance(a, BaseException):
        equal, pairs = True, [(a.args, b.args, '.args')]
    elif isinstance(a, slice):
        equal, pairs = True, [(a.start, b.start, '.start'), (a.stop, b.stop, '.stop'), (a.step, b.step, '.step')]
    elif isinstance(a, (datetime.datetime, datetime.time)):
        # Protocols below 4 lose the fold.
        equal = repr(a) == repr(b) if strict else repr(a.replace(fold=0)) == repr(b.replace(fold=0))
    elif type(a).__module__ == __name__ and is_mutable(a):
        equal = True
    else:
        equal = a == b
    if not equal:
        raise Differ('%s: %.200r and %.200r' % (where, a, b))
    if isinstance(a, BaseException) or type(a).__module__ == __name__ and not isinstance(a, enum.Enum):
        one, other = state_of(a), state_of(b)
        if (list(one) != list(other)) if strict else (set(one) != set(other)):
            raise Differ('%s: attributes %r and %r' % (where, list(one), list(other)))
        pairs += [(one[name], other[name], '.' + name) for name in one]
    return pairs
