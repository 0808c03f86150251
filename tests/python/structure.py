"""Are two unpickled objects the same? Runs on CPython 2.7 and 3.6 to 3.13.

Knows cycles, NaN (any equals any), -0.0, exact types (but that Python 2's int and long are one), and sharing: what is one object on one side must be one object on the other.
"""
from __future__ import absolute_import

import collections
import struct
import types

INTEGERS = (int, type(2 ** 70))
PLAIN = (type(None), bool, bytes, type(u''), type(Ellipsis), type(NotImplemented))
NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type(len))
if hasattr(types, 'ClassType'):
    NAMED += (types.ClassType,)  # Python 2
ITEM_TYPES = (list, tuple, set, frozenset, dict, collections.deque)


class Comparison(object):
    """Explicit stack; `left_to_right` remembers which mutable object stands for which."""

    def __init__(self):
        self.left_to_right = {}
        self.right_to_left = {}
        self.kept = []  # temporaries must stay alive while their ids are in the tables
        self.stack = []

    def difference(self, left, right):
        """None, or words on the first difference found."""
        self.stack = [('$', left, right)]
        while self.stack:
            path, left, right = self.stack.pop()
            found = self.compare(path, left, right)
            if found:
                return '%s: %s' % (path, found)
        return None

    def push(self, path, left, right):
        self.stack.append((path, left, right))

    def compare(self, path, left, right):
        if isinstance(left, INTEGERS) and type(right) in INTEGERS and type(left) in INTEGERS:
            return None if left == right else '%r, expected %r' % (right, left)
        if type(left) is not type(right):
            return 'type %s, expected %s' % (type(right).__name__, type(left).__name__)
        kind = type(left)
        if kind is float:
            same = struct.pack('d', left) == struct.pack('d', right) or left != left and right != right
            return None if same else '%r, expected %r' % (right, left)
        if kind in PLAIN:
            return None if left == right else '%.80r, expected %.80r' % (right, left)
        if isinstance(left, NAMED) and isinstance(getattr(left, '__self__', None), (type(None), types.ModuleType)):
            return None if left is right or left == right else '%r, expected %r' % (right, left)
        if id(left) in self.left_to_right or (id(right) in self.right_to_left and kind is not tuple):
            same = self.left_to_right.get(id(left)) == id(right)
            return None if same or kind is tuple and self.left_to_right.get(id(left)) is None else 'shared otherwise'
        self.left_to_right[id(left)] = id(right)
        self.right_to_left[id(right)] = id(left)
        self.kept.append((left, right))
        return self.compare_items(path, left, right) or self.compare_state(path, left, right)

    def compare_items(self, path, left, right):
        if not isinstance(left, ITEM_TYPES):
            return None
        if len(left) != len(right):
            return '%d items, expected %d' % (len(right), len(left))
        if isinstance(left, dict):
            return self.compare_pairs(path, list(left.items()), list(right.items()))
        if isinstance(left, (set, frozenset)):
            return self.compare_sets(path, list(left), list(right))
        for index, pair in enumerate(zip(left, right)):
            self.push('%s[%d]' % (path, index), *pair)
        return None

    def compare_pairs(self, path, left, right):
        try:  # Python 2's order of a dict depends on how it grew
            left.sort()
            right.sort()
        except Exception:
            pass
        for (left_key, left_value), (right_key, right_value) in zip(left, right):
            self.push('%s key' % path, left_key, right_key)
            self.push('%s[%.40r]' % (path, left_key), left_value, right_value)

    def compare_sets(self, path, left, right):
        try:
            if set(left) == set(right) and all(type(item) in PLAIN for item in left):
                return None
            left.sort()
            right.sort()
        except TypeError:
            pass
        for pair in zip(left, right):
            self.push('%s member' % path, *pair)

    def compare_state(self, path, left, right):
        """What an object holds besides items: attributes, slots, or else the parts that its own reducer names."""
        kind = type(left)
        if kind in ITEM_TYPES and kind is not collections.deque:
            return None
        has_state = False
        if hasattr(left, '__dict__') and hasattr(right, '__dict__'):
            has_state = kind.__module__.startswith('corpus') or bool(vars(left))
            self.push(path + '.__dict__', dict(vars(left)), dict(vars(right)))
        for base in getattr(kind, '__mro__', ()):
            slots = base.__dict__.get('__slots__', ())
            for name in (slots,) if isinstance(slots, str) else tuple(slots):
                if name not in ('__dict__', '__weakref__') and base.__module__.startswith('corpus'):
                    has_state = True
                    missing = object
                    self.push('%s.%s' % (path, name), getattr(left, name, missing), getattr(right, name, missing))
        if isinstance(left, BaseException):
            self.push(path + '.args', left.args, right.args)
            return None
        return None if has_state else self.compare_reduced(path, left, right)

    def compare_reduced(self, path, left, right):
        try:
            parts = [value.__reduce_ex__(2) for value in (left, right)]
        except Exception:  # not picklable after loading: what it says of itself must do
            return None if repr(left) == repr(right) else '%r, expected %r' % (right, left)
        if isinstance(parts[0], str) or isinstance(parts[1], str):
            return None if parts[0] == parts[1] else '%r, expected %r' % (parts[1], parts[0])
        for index, pair in enumerate(zip(*parts)):
            if index in (3, 4):
                pair = [part and list(part) for part in pair]
            self.push('%s reduced[%d]' % (path, index), *pair)
        return None


def difference(left, right):
    return Comparison().difference(left, right)
