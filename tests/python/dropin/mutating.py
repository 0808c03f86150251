"""Objects and hooks that misbehave while they are dumped or loaded. Standard library only: child processes import it."""
import gc


class Hooked:
    """Calls a function given by the test whenever it is reduced."""
    action = None

    def __init__(self, result=()):
        self.result = result

    def __reduce__(self):
        if Hooked.action is not None:
            Hooked.action()
        return tuple, (self.result,)


def raising(*arguments, **named):
    raise Planned('planned')


class Planned(Exception):
    """Raised on purpose; no pickler raises it by itself."""


class RaisesInReduce:
    __reduce__ = raising


class RaisesInReduceEx:
    def __reduce_ex__(self, protocol):
        raise Planned


class RaisesInGetstate:
    __getstate__ = raising


class RaisesInGetnewargs:
    __getnewargs__ = raising


class RaisesInGetnewargsEx:
    __getnewargs_ex__ = raising


class RaisesInGetattribute:
    def __getattribute__(self, name):
        if name in ('__reduce_ex__', '__reduce__', '__getstate__'):
            raise Planned
        return object.__getattribute__(self, name)


class RaisesInItems:
    def __reduce__(self):
        return list, (), None, self.items()

    def items(self):
        yield 1
        raise Planned


class RaisesInPairs:
    def __reduce__(self):
        return dict, (), None, None, self.pairs()

    def pairs(self):
        yield 1, 2
        raise Planned


class RaisesInIterationOfList(list):
    def __iter__(self):
        raise Planned


class RaisesInItemsOfDict(dict):
    def items(self):
        raise Planned


class RaisesInLength(list):
    def __len__(self):
        raise Planned


DUMP_HOOKS = [RaisesInReduce, RaisesInReduceEx, RaisesInGetstate, RaisesInGetnewargs, RaisesInGetnewargsEx,
              RaisesInGetattribute, RaisesInItems, RaisesInPairs]


class RaisesInSetstate:
    def __init__(self):
        self.state = 1

    __setstate__ = raising


class RaisesInSetattr:
    def __init__(self):
        self.__dict__['name'] = 1


class SlotsThatRaise:
    __slots__ = ('name',)

    def __setattr__(self, name, value):
        if name == 'name' and not SlotsThatRaise.calm:
            raise Planned
        object.__setattr__(self, name, value)
    calm = True


class RaisesInAppend(list):
    append = extend = raising

    def __reduce__(self):
        return RaisesInAppend, (), None, iter([1, 2])


class RaisesInSetitem(dict):
    __setitem__ = raising

    def __reduce__(self):
        return RaisesInSetitem, (), None, None, iter([(1, 2)])


class RaisesInHash:
    def __init__(self):
        self.name = 1
    calm = True

    def __hash__(self):
        if not RaisesInHash.calm:
            raise Planned
        return 1


class RaisesInNew:
    calm = True

    def __new__(cls):
        if not cls.calm:
            raise Planned
        return object.__new__(cls)


class RaisesInCall:
    def __reduce__(self):
        return raising, ()


def load_cases():
    """[(name, value, class to make wild before the load)]"""
    RaisesInHash.calm = SlotsThatRaise.calm = RaisesInNew.calm = True
    slots = SlotsThatRaise()
    slots.name = 1
    key = RaisesInHash()
    return [('setstate', RaisesInSetstate(), None), ('slots', slots, SlotsThatRaise), ('append', RaisesInAppend(), None),
            ('setitem', RaisesInSetitem(), None), ('hash of key', {key: 1}, RaisesInHash),
            ('hash of member', {key}, RaisesInHash), ('new', RaisesInNew(), RaisesInNew), ('call', RaisesInCall(), None)]


class NotesCollector:
    """Notes in a list whether the collector is on, in every hook that a dump and a load call."""
    noted = []

    def __reduce__(self):
        NotesCollector.note()
        return NotesCollector.make, (), {'name': 1}

    @staticmethod
    def note():
        NotesCollector.noted.append(gc.isenabled())

    @classmethod
    def make(cls):
        cls.note()
        return cls()

    def __setstate__(self, state):
        NotesCollector.note()
