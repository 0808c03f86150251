"""Pickler modes: persistent ids, extension codes, out-of-band buffers, fast mode, several dumps into one file."""
from __future__ import absolute_import

import io

from corpus import classes
from corpus.registry import ALL, PYTHON, PYTHON3, c_pickle, case_of_bytes

if PYTHON3:
    import copyreg
else:
    import copy_reg as copyreg


class Stored(object):
    """Stands for something kept outside of the pickle; `key` is its persistent id."""

    def __init__(self, key):
        self.key = key


def persistent_id(value):
    return value.key if isinstance(value, Stored) else None


def new_pickler(out, protocol):
    if not PYTHON3:
        pickler = c_pickle.Pickler(out, protocol)
        pickler.persistent_id = persistent_id
        return pickler

    class Persistent(c_pickle.Pickler):
        def persistent_id(self, value):
            return persistent_id(value)
    return Persistent(out, protocol)


def dump_with(make, configure=lambda pickler: None, pickler_of=c_pickle.Pickler):
    def dump(protocol):
        out = io.BytesIO()
        pickler = pickler_of(out, protocol)
        configure(pickler)
        pickler.dump(make())
        return out.getvalue()
    return dump


def persistent_case(name, keys, protocols=ALL):
    def make():
        storages = [Stored(key) for key in keys]
        return [storages, storages, classes.Plain(storage=storages[0]), Stored(keys[0])]
    case_of_bytes('persistent_' + name, dump_with(make, pickler_of=new_pickler), 'persistent', protocols)


persistent_case('text', ['a', 'key 2', 'a'])
persistent_case('text_unusual', [u'\xe9', u'', u'two words'], ALL[1:])
persistent_case('int', [1, 300, 70000], ALL[1:])
persistent_case('int_as_text', [1, 300, 70000], ALL[:1] if PYTHON3 else ())
persistent_case('tuple', [(u'storage', classes.Plain, u'0', u'cpu', 10), (u'storage', classes.Plain, u'1', u'cpu', 20)], ALL[1:])
case_of_bytes('persistent_root', dump_with(lambda: Stored('root'), pickler_of=new_pickler), 'persistent')

EXTENSIONS = (('Plain', 0x12), ('SubPlain', 0xff), ('Slotted', 0x1234), ('SubList', 0x10000), ('Point', 0x7fffffff))


def register_extensions():
    for name, code in EXTENSIONS:
        copyreg.add_extension('corpus.classes', name, code)


def dump_with_extensions(protocol):
    register_extensions()
    try:
        return c_pickle.dumps([classes.Plain(a=1), classes.SubPlain(), classes.Slotted(1, 2), classes.SubList([1]),
                               classes.Point(1, 2), classes.Plain, classes.Plain(b=2), classes.Point], protocol)
    finally:
        for name, code in EXTENSIONS:
            copyreg.remove_extension('corpus.classes', name, code)
        copyreg.clear_extension_cache()


case_of_bytes('extensions', dump_with_extensions, 'codes', ALL[2:])


def set_fast(pickler):
    pickler.fast = True


FAST_VALUES = (
    ('values', lambda: [1, u'text', b'bytes', (1, 2, 3, 4), {u'a': [u'text', u'text']}, classes.Plain(a=u'b'), set([1, 2])]),
    ('shared', lambda: (lambda inner: [inner, inner, (inner, inner)])([u'inner'])),
    ('instances', lambda: [classes.Plain(id=number) for number in range(1001)]),
    ('dict_2001', lambda: {number: u'value' for number in range(2001)}),
    ('list_1001', lambda: list(range(1001))),
    ('frames', lambda: [u'%d ' % number * 5000 for number in range(20)]),
)
for label, make in FAST_VALUES:
    case_of_bytes('fast_' + label, dump_with(make, set_fast), 'value')


def dump_several(values, fresh=False, clear=False):
    def dump(protocol):
        out = io.BytesIO()
        pickler = c_pickle.Pickler(out, protocol)
        for value in values():
            if fresh:
                pickler = c_pickle.Pickler(out, protocol)
            elif clear:
                pickler.clear_memo()
            pickler.dump(value)
        return out.getvalue()
    return dump


def three_sharing():
    shared, name = [1, 2], u'shared name'
    return [shared, {name: shared}, (shared, name, classes.Plain(shared=shared))]


def three_apart():
    return [[1, u'one'], {u'two': 2}, (3, u'three', 3.0)]


for label, values in (('sharing', three_sharing), ('apart', three_apart), ('scalars', lambda: [1, None, 300, 1.5]),
                      ('same', lambda: (lambda value: [value, value, value])([u'again']))):
    case_of_bytes('dumps_one_pickler_' + label, dump_several(values), 'shared')
    case_of_bytes('dumps_fresh_' + label, dump_several(values, fresh=True), 'several')
    case_of_bytes('dumps_cleared_' + label, dump_several(values, clear=True), 'several')
case_of_bytes('dumps_fresh_300', dump_several(lambda: [{u'line': n} for n in range(300)], fresh=True), 'several')
case_of_bytes('dumps_fresh_large', dump_several(lambda: [b'x' * 70000, u'y' * 65536, [b'z' * 65535]], fresh=True), 'several')

BUFFERS = [b'read only buffer', bytearray(b'writable buffer')]

if PYTHON >= (3, 8):
    from pickle import PickleBuffer

    def buffered(in_band):
        """Two arrays as buffers; in_band says for each whether its bytes stay in the stream."""
        def dump(protocol):
            out, wanted = io.BytesIO(), iter(in_band)
            value = [PickleBuffer(BUFFERS[0]), PickleBuffer(BUFFERS[1]), u'end']
            c_pickle.Pickler(out, protocol, buffer_callback=lambda buffer: next(wanted)).dump(value)
            return out.getvalue()
        return dump

    case_of_bytes('buffers_in_band', buffered((True, True)), 'value', (5,))
    case_of_bytes('buffers_out_of_band', buffered((False, False)), 'buffers', (5,))
    case_of_bytes('buffers_large_in_band', dump_with(lambda: [PickleBuffer(b'x' * 70000), PickleBuffer(bytearray(70000)), 1]),
                  'value', (5,))
    case_of_bytes('buffers_same_twice', dump_with(lambda: (lambda buffer: [buffer, buffer])(PickleBuffer(b'same'))), 'value', (5,))

if not PYTHON3:
    def dump_as_list(values):
        """cPickle's picklers without a file: PUT is written only for what is fetched later."""
        def dump(protocol):
            pickler = c_pickle.Pickler(protocol)
            for value in values():
                pickler.dump(value)
            return pickler.getvalue()
        return dump
    case_of_bytes('py2_list_pickler', dump_as_list(lambda: [three_sharing()]), 'value')
    case_of_bytes('py2_list_pickler_plain', dump_as_list(lambda: [[1, u'a', {2: 'b'}, classes.Plain(a=1)]]), 'value')
    case_of_bytes('py2_list_pickler_several', dump_as_list(three_sharing), 'shared')
