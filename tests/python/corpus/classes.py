"""Classes that the cases pickle by name; those that need Python 3's syntax or library are in modern_classes.py."""
from __future__ import absolute_import

import collections

Point = collections.namedtuple('Point', 'x y')
Empty = collections.namedtuple('Empty', '')


class Plain(object):
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class SubPlain(Plain):
    pass


class OldStyle:
    def __init__(self, *values):
        self.values = values


class OldStyleInitArgs:
    def __init__(self, *values):
        self.values = values

    def __getinitargs__(self):
        return self.values


class OldStyleState:
    def __getstate__(self):
        return (1, u'state')

    def __setstate__(self, state):
        self.state = state


class Slotted(object):
    __slots__ = ('left', 'right', 'me')

    def __init__(self, left, right):
        self.left = left
        self.right = right


class SlottedWithDict(Slotted):
    pass


class SlottedMore(Slotted):
    __slots__ = ('more',)


class SubList(list):
    pass


class SubDict(dict):
    pass


class SubSet(set):
    pass


class SubFrozenSet(frozenset):
    pass


class SubTuple(tuple):
    pass


class SubDeque(collections.deque):
    pass


class SubOrderedDict(collections.OrderedDict):
    pass


class SubInt(int):
    pass


class SubFloat(float):
    pass


class SubText(type(u'')):
    pass


class SubBytes(bytes):
    pass


class SubByteArray(bytearray):
    pass


def with_state(value):
    value.label = u'state'
    value.numbers = [1, 2]
    return value


class NewArguments(object):
    def __new__(cls, *arguments):
        self = object.__new__(cls)
        self.arguments = arguments
        return self

    def __getnewargs__(self):
        return self.arguments


class NewArgumentsNoState(NewArguments):
    def __getstate__(self):
        return None


class State(object):
    """__getstate__ returns whatever the case put in; __setstate__ keeps it."""

    def __init__(self, state):
        self.state = state

    def __getstate__(self):
        return self.state

    def __setstate__(self, state):
        self.state = state


class StateTuple(object):
    """The (dict, slots) form that object.__reduce_ex__(2) also writes."""

    def __init__(self, attributes, slots):
        self.pair = (attributes, slots)

    def __getstate__(self):
        return self.pair


class Reduced(object):
    """__reduce__ returns the parts it was given; calling it with values makes a new one that holds them."""

    def __init__(self, *values):
        self.values = values
        self.parts = None
        self.items = []
        self.pairs = []

    def __reduce__(self):
        parts = list(self.parts)
        for index in (3, 4):
            if len(parts) > index and parts[index] is not None:
                parts[index] = iter(parts[index])
        return tuple(parts)

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.pairs.append((key, value))

    def __setstate__(self, state):
        self.values += ('state', state)


def reduced(*parts):
    value = Reduced()
    value.parts = parts
    return value


def set_state(value, state):
    value.values += ('setter', state)


class ReducedToName(object):
    def __reduce__(self):
        return 'A_NAMED_OBJECT'


A_NAMED_OBJECT = ReducedToName()


class Holder(object):
    def __init__(self, inside=None):
        self.inside = inside


class ReducedByList(Holder):
    def __reduce__(self):
        return type(self), (self.inside,)


class ReducedByDict(Holder):
    def __reduce__(self):
        return type(self), ({u'inside': self.inside},)


class ReducedWithState(Holder):
    def __reduce__(self):
        return type(self), (self.inside,), {u'more': [self]}


def reducer_holding_itself(cls):
    inside = []
    value = cls(inside)
    inside.append(value)
    return value


class CustomError(Exception):
    def __init__(self, code, message):
        Exception.__init__(self, code, message)
        self.code = code


class Outer(object):
    class Inner(object):
        class Innermost(Plain):
            pass

        def method(self):
            return 1

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def fixed():
        return 1


def function(value=None):
    return value


class Meta(type):
    pass


WithMeta = Meta('WithMeta', (object,), {'__module__': __name__})


class RegisteredReducer(object):
    """Pickled by a function in copyreg.dispatch_table (reducer_cases.py registers it)."""

    def __init__(self, value=None):
        self.value = value


def reduce_registered(instance):
    return RegisteredReducer, (instance.value,)
