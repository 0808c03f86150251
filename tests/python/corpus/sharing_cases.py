"""Shared references, memo indexes beyond one and two bytes, and every kind of cycle."""
from __future__ import absolute_import

import collections

from corpus import classes
from corpus.registry import case


def shared():
    inner, pair, mapping = [1], (2, 3), {u'k': 4}
    return [inner, inner, pair, pair, mapping, {0: mapping, 1: inner}, (inner, pair), [inner] * 3]


def memo_reach(count):
    items = [(number, number) for number in range(count)]
    return [items] + [items[index] for index in (0, 1, 100, 250, 251, 252, 253, 254, 255, 256, 257, count - 2, count - 1)
                      if index < count]


def memo_reach_text(count):
    items = [u'text %d' % number for number in range(count)]
    return items + items[::97] + items[-3:]


def cycle_list():
    value = [1]
    value.append(value)
    return value


def cycle_list_only():
    value = []
    value.append(value)
    return value


def cycle_dict():
    value = {}
    value[1] = value
    value[2] = [value]
    return value


def cycle_tuple(size):
    middle = []
    value = (middle,) + tuple(range(size - 1))
    middle.append(value)
    return value


def cycle_tuple_seen_from_list(size):
    middle = []
    middle.append((middle,) * size)
    return middle


def cycle_tuple_twice():
    left, right = [], []
    value = (left, right)
    left.append(value)
    right.append(value)
    return [value, value]


def cycle_tuple_in_dict():
    middle = {}
    value = (middle, 1)
    middle[0] = value
    return value


def cycle_instance():
    value = classes.Plain()
    value.me = value
    value.inside = [value, (value,)]
    return value


def cycle_set(kind, start_inside):
    member = classes.Plain()
    member.label = u'member'
    value = kind([member])
    member.owner = value
    return member if start_inside else value


def cycle_subclass(value, add):
    add(value, value)
    return value


def cycle_sub_tuple():
    middle = []
    value = classes.SubTuple([middle, 1])
    middle.append(value)
    return value


def cycle_attribute(value):
    value.me = value
    return value


def two_lists():
    left, right = [], []
    left.append(right)
    right.append(left)
    return [left, right, left]


case('shared', shared)
case('memo_300', lambda: memo_reach(300))
case('memo_text_700', lambda: memo_reach_text(700))
case('memo_65600', lambda: memo_reach(65600))
case('cycle_list', cycle_list)
case('cycle_list_only', cycle_list_only)
case('cycle_two_lists', two_lists)
case('cycle_dict', cycle_dict)
for size in (1, 2, 3, 4, 5, 20):
    case('cycle_tuple_%d' % size, lambda size=size: cycle_tuple(size))
    case('cycle_list_tuple_%d' % size, lambda size=size: cycle_tuple_seen_from_list(size))
case('cycle_tuple_twice', cycle_tuple_twice)
case('cycle_tuple_in_dict', cycle_tuple_in_dict)
case('cycle_instance', cycle_instance)
case('cycle_set', lambda: cycle_set(set, False))
case('cycle_set_inside', lambda: cycle_set(set, True))
case('cycle_frozenset', lambda: cycle_set(frozenset, False))
case('cycle_frozenset_inside', lambda: cycle_set(frozenset, True))
case('cycle_subset', lambda: cycle_set(classes.SubSet, False))
case('cycle_subfrozenset', lambda: cycle_set(classes.SubFrozenSet, False))
case('cycle_subset_inside', lambda: cycle_set(classes.SubSet, True))
case('cycle_sublist', lambda: cycle_subclass(classes.SubList(), lambda into, item: into.append(item)))
case('cycle_subdict', lambda: cycle_subclass(classes.SubDict(), lambda into, item: into.update({1: item})))
case('cycle_deque', lambda: cycle_subclass(collections.deque(), lambda into, item: into.append(item)))
case('cycle_ordereddict', lambda: cycle_subclass(collections.OrderedDict(), lambda into, item: into.update({1: item})))
case('cycle_defaultdict', lambda: cycle_subclass(collections.defaultdict(list), lambda into, item: into.update({1: item})))
case('cycle_sublist_attribute', lambda: cycle_attribute(classes.SubList([1])))
case('cycle_subset_attribute', lambda: cycle_attribute(classes.SubSet([1])))
case('cycle_subtuple', cycle_sub_tuple)
case('cycle_subtuple_attribute', lambda: cycle_attribute(classes.SubTuple([1, 2])))
case('cycle_reducer', lambda: classes.reducer_holding_itself(classes.ReducedByList))
case('cycle_reducer_dict', lambda: classes.reducer_holding_itself(classes.ReducedByDict))
case('cycle_reducer_state', lambda: classes.reducer_holding_itself(classes.ReducedWithState))
case('cycle_slots', lambda: cycle_attribute(classes.Slotted(1, 2)))
