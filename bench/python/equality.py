"""Whether two loaded values are the same: types, values, and the order of dicts, without recursion."""
import _pickle


def shared_nothing(first, second):
    """How two objects that have no == of their own hold their state."""
    names = [name for base in type(first).__mro__ for name in getattr(base, '__slots__', ())]
    missing = object()
    return ([getattr(first, name, missing) for name in names] + [getattr(first, '__dict__', None)],
            [getattr(second, name, missing) for name in names] + [getattr(second, '__dict__', None)], missing)


def parts(first, second):
    """Pairs that must be the same for these two of one type to be, or False or True where that is known."""
    kind = type(first)
    if issubclass(kind, (list, tuple)):
        return len(first) == len(second) and list(zip(first, second))
    if issubclass(kind, dict):
        pairs = list(zip(first, second)) + list(zip(first.values(), second.values()))
        return len(first) == len(second) and pairs
    if kind.__module__ == 'numpy' and kind.__name__ == 'ndarray':
        if first.dtype != second.dtype or first.shape != second.shape:
            return False
        if first.dtype.hasobject:
            return [(first.tolist(), second.tolist())]
        return first.tobytes() == second.tobytes()
    if hasattr(first, 'equals'):  # pandas
        return bool(first.equals(second))
    if kind.__eq__ is object.__eq__:
        left, right, missing = shared_nothing(first, second)
        if any((a is missing) != (b is missing) for a, b in zip(left, right)):
            return False
        return [(a, b) for a, b in zip(left, right) if a is not missing]
    return bool(first == second) or (first != first and second != second)


def same(first, second):
    waiting, seen = [(first, second)], set()
    while waiting:
        one, other = waiting.pop()
        if one is other:
            continue
        if type(one) is not type(other):
            return False
        if (id(one), id(other)) in seen:
            continue
        found = parts(one, other)
        if found is False:
            return False
        if found is not True:
            seen.add((id(one), id(other)))  # only what holds others: numbers of a list come and go
            waiting += found
    return True


def check(expected, found, protocol, what):
    """Raises where a loaded value isn't what it must be. Equal pickles are the fast way to know."""
    if _pickle.dumps(expected, protocol) != _pickle.dumps(found, protocol) and not same(expected, found):
        raise AssertionError('%s: the value differs' % what)
