"""Streams made by something other than a plain C pickler: pickletools.optimize, pickle._Pickler, cloudpickle."""
from __future__ import absolute_import

import io

from corpus.registry import ALL, CASES, PYTHON, PYTHON3, Case, case_of_bytes

OPTIMIZED = ('shared', 'memo_300', 'memo_text', 'cycle_', 'instance', 'records', 'reduce_', 'setter', 'text_escapes', 'text_65', 'bytes_65',
             'frames_many_texts', 'large_', 'slotted', 'namedtuple', 'ordereddict_', 'frozenset_', 'deque_10', 'enums', 'datetime',
             'dataclass', 'errors', 'sublist_', 'extensions', 'buffers_', 'persistent_', 'fast_values', 'new_keywords', 'int_edges')
PURE = ('shared', 'memo_300', 'cycle_', 'instance', 'records', 'reduce_', 'setter', 'slotted', 'namedtuple', 'list_10', 'dict_10',
        'set_10', 'tuple_', 'text_small', 'text_escapes', 'bytes_small', 'bytearray_small', 'frame_text_552', 'large_between', 'int_edges',
        'float', 'old_style', 'errors', 'root_')


def selected(prefixes):
    return [existing for existing in list(CASES) if existing.name.startswith(prefixes)]


def pure_cases():
    """The same objects through the pickler written in Python, which memoizes and frames a little differently."""
    import pickle
    pickler = pickle._Pickler if PYTHON3 else pickle.Pickler

    def dump_of(make):
        def dump(protocol):
            out = io.BytesIO()
            pickler(out, protocol).dump(make())
            return out.getvalue()
        return dump
    return [Case(existing.name, dump_of(existing.make), existing.protocols, 'value', existing.make)
            for existing in selected(PURE) if existing.make]


if PYTHON3:
    import pickletools

    for original in selected(OPTIMIZED):
        case_of_bytes('optimized_' + original.name,
                      lambda protocol, original=original: pickletools.optimize(original.dump(protocol)),
                      original.load, original.protocols)

try:
    import cloudpickle
except ImportError:
    cloudpickle = None

if cloudpickle and PYTHON >= (3, 8):
    def cloud_values():
        """Functions and classes that only exist here, so that cloudpickle writes them by value."""
        total = 10

        def closure(value):
            return value + total

        def recursive(count):
            return recursive(count - 1) if count else 0

        class Local(object):
            attribute = 3

            def method(self):
                return Local, self.attribute

        class LocalSlotted(Local):
            __slots__ = ('x',)

        return (('lambda', lambda: 1), ('closure', closure), ('recursive', recursive), ('class', Local),
                ('subclass', LocalSlotted), ('instance', Local()), ('all', [closure, Local, closure, Local(), {1: Local}]))

    def cloud_case(label):
        def dump(protocol):
            return cloudpickle.dumps(dict(cloud_values())[label], protocol)
        case_of_bytes('cloudpickle_' + label, dump, 'cloudpickle', ALL[2:])

    for label, _ in cloud_values():
        cloud_case(label)
