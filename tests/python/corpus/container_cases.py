"""Containers at the edges of the batches (1,000 items) and of the tuple opcodes."""
from __future__ import absolute_import

import collections

from corpus import classes
from corpus.registry import case

SIZES = (0, 1, 2, 3, 4, 999, 1000, 1001, 2000, 2001)
FEW = (0, 1, 2, 1000, 1001, 2001)


def pairs(size):
    return [(number, -number) for number in range(size)]


for size in SIZES:
    case('list_%d' % size, lambda size=size: list(range(size)))
    case('tuple_%d' % size, lambda size=size: tuple(range(size)))
    case('dict_%d' % size, lambda size=size: dict(pairs(size)))
    case('set_%d' % size, lambda size=size: set(range(size)))
    case('frozenset_%d' % size, lambda size=size: frozenset(range(size)))
    case('deque_%d' % size, lambda size=size: collections.deque(range(size)))
    case('ordereddict_%d' % size, lambda size=size: collections.OrderedDict(pairs(size)))

for size in FEW:
    case('sublist_%d' % size, lambda size=size: classes.SubList(range(size)))
    case('subdict_%d' % size, lambda size=size: classes.SubDict(pairs(size)))
    case('subset_%d' % size, lambda size=size: classes.SubSet(range(size)))
    case('subfrozenset_%d' % size, lambda size=size: classes.SubFrozenSet(range(size)))
    case('subtuple_%d' % size, lambda size=size: classes.SubTuple(range(size)))
    case('subdeque_%d' % size, lambda size=size: classes.SubDeque(range(size), maxlen=5000))
    case('subordereddict_%d' % size, lambda size=size: classes.SubOrderedDict(pairs(size)))
    case('sublist_state_%d' % size, lambda size=size: classes.with_state(classes.SubList(range(size))))
    case('subdict_state_%d' % size, lambda size=size: classes.with_state(classes.SubDict(pairs(size))))
    case('defaultdict_%d' % size, lambda size=size: collections.defaultdict(list, pairs(size)))
    case('list_of_text_%d' % size, lambda size=size: [u'item %d' % number for number in range(size)])
    case('dict_of_lists_%d' % size, lambda size=size: {u'key %d' % number: [number] for number in range(size)})
    case('list_of_tuples_%d' % size, lambda size=size: [(number, None, True) for number in range(size)])

case('empties', lambda: [[], (), {}, set(), frozenset(), [[]], [()], ((),), ([],), {0: ()}])
case('tuples_of_tuples', lambda: ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((((1,),),),)))
case('records', lambda: [{u'id': n, u'name': u'name %d' % n, u'score': n / 4.0, u'tags': [u'a', u'b'], u'ok': n % 2 == 0,
                          u'none': None} for n in range(300)])


def nested(depth, wrap):
    value = 0
    for _ in range(depth):
        value = wrap(value)
    return value


case('nested_list_300', lambda: nested(300, lambda inner: [inner]))
case('nested_tuple_150', lambda: nested(150, lambda inner: (inner, 1)))
case('nested_dict_150', lambda: nested(150, lambda inner: {0: inner}))
case('nested_mixed_80', lambda: nested(80, lambda inner: [({0: [inner], 1: inner},)] if inner == 0 else [({0: [inner]},)]))
