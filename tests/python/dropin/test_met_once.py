"""Objects that one thing refers to are not looked for in the memo (Saver::Alone): where that could show, the bytes are
_pickle's."""
import _pickle
import collections
import gc
import io
import pickle
import sys

import pytest

import under_test

module = under_test.import_module()
each_protocol = pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
Pair = collections.namedtuple('Pair', 'one two')


class Holder:
    """Any attributes."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slots:
    __slots__ = ('first', 'second')


class Finder:
    """When it is reduced it gives what `find` finds in the graph that it is part of."""
    find = None

    def __reduce__(self):
        return list, (Finder.find(),)


def text(number):
    """A str that nobody else has."""
    return 'text %d' % number


def found_in_a_list():
    value = [[text(1)], {text(2): [text(3)]}, (text(4), [text(5)]), Finder()]
    Finder.find = lambda: [value[0], value[0][0], *value[1].values(), value[2], value[2][0], value[2][1]]
    return value


def found_before_it_is_met():
    value = [Finder(), [text(1)], (text(2),), Finder()]
    Finder.find = lambda: [value[1], value[2], value[1][0]]
    return value


def found_in_attributes():
    value = [Holder(list=[text(1)], text=text(2)), Finder()]
    Finder.find = lambda: [value[0], vars(value[0]), value[0].list, value[0].text]
    return value


def found_in_slots():
    one = Slots()
    one.first, one.second = [text(1)], text(2)
    value = [one, Finder()]
    Finder.find = lambda: [value[0].first, value[0].second]
    return value


def found_in_its_own_parts():
    """Tuples are in the memo only after their items."""
    value = [(text(1), [Finder()])]
    Finder.find = lambda: [value[0]] if len(seen) < 3 and not seen.append(1) else []
    seen = []
    return value


def found_in_the_parts_of_a_namedtuple():
    value = [Pair(text(1), Holder(a=Finder()))]
    Finder.find = lambda: [value[0]] if len(seen) < 3 and not seen.append(1) else []
    seen = []
    return value


def taken_out_while_it_is_written():
    """What follows the hook is alone in a list that nothing refers to any more."""
    value = [[Finder(), [text(1), text(2)], Holder(a=text(3))], text(4), [text(5)]]

    def find():
        if isinstance(value[0], list):
            value[0] = None
        return []
    Finder.find = find
    return value


def tuple_in_a_list_in_it():
    value = ([],)
    value[0].append(value)
    return value


def tuple_in_a_dict_in_it():
    return [tuple_in_a_list_in_it(), {text(1): tuple_in_a_list_in_it()}]


def namedtuple_in_an_attribute_of_its_item():
    value = Pair(Holder(), Holder())
    value.one.pair, value.two.pair = value, [value]
    return [value]


def list_in_itself():
    value = []
    value.append(value)
    return [value]


def instance_in_its_attributes():
    value = Holder()
    value.me, value.mine = value, [value]
    return [value]


def names_that_only_classes_share():
    """Instances share their names: one reference for all of them."""
    globals().pop('OfItsOwn', None)
    gc.collect()  # the class of the last call refers to the same names
    class_of_its_own = type('OfItsOwn', (Holder,), {'__module__': __name__})
    globals()['OfItsOwn'] = class_of_its_own
    values = []
    for number in range(3):
        one = class_of_its_own()
        for part in 'abc':
            setattr(one, ''.join(['attribute ', part]), text(number))
        values.append(one)
    sys._clear_type_cache()  # which refers to them too
    return values


def names_that_copies_of_dicts_share():
    return [dict(vars(one)) for one in names_that_only_classes_share()]


def shared_by_two():
    one, pair = text(1), (text(2), text(3))
    return [[one, pair], {text(4): one}, (pair, one), Holder(a=pair, b=one), {one}, frozenset([pair])]


def of_every_kind():
    return [text(1), b'bytes %d' % 2, (text(3),), [text(4)], {text(5): text(6)}, {text(7)}, frozenset([text(8)]),
            bytearray(b'9'), Holder(a=text(10)), Pair(text(11), [text(12)]), 2 ** 100, 1.5, range(3)]


CASES = {make.__name__: make for make in (
    found_in_a_list, found_before_it_is_met, found_in_attributes, found_in_slots, found_in_its_own_parts,
    found_in_the_parts_of_a_namedtuple, taken_out_while_it_is_written, tuple_in_a_list_in_it, tuple_in_a_dict_in_it,
    namedtuple_in_an_attribute_of_its_item, list_in_itself, instance_in_its_attributes, names_that_only_classes_share,
    names_that_copies_of_dicts_share, shared_by_two, of_every_kind)}


def dumped(dump, make, protocol):
    file = io.BytesIO()
    try:
        dump(make(), file, protocol)
    except Exception as error:
        return type(error), file.tell()
    return file.getvalue()


def in_bytes(module_):
    return lambda value, file, protocol: file.write(module_.dumps(value, protocol))


def by_python(write):
    """A write() that is Python code, which runs at each frame."""
    class File:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            return self.file.write(data)
    return lambda value, file, protocol: write(value, File(file), protocol)


@each_protocol
@pytest.mark.parametrize('name', CASES)
def test_same_bytes(name, protocol):
    make = CASES[name]
    expected = dumped(_pickle.dump, make, protocol)
    for dump in (in_bytes(module), module.dump, by_python(module.dump),
                 lambda value, file, protocol: module.Pickler(file, protocol).dump(value)):
        assert dumped(dump, make, protocol) == expected


@each_protocol
def test_a_file_gets_it_in_frames_or_at_once(protocol):
    """Many frames: Python code runs between them, or none does."""
    def make():
        return [Holder(number=number, name=text(number), items=[text(-number), (text(number),)])
                for number in range(8000)] + [{text(number): [text(number)]} for number in range(8000)]
    expected = dumped(_pickle.dump, make, protocol)
    assert dumped(module.dump, make, protocol) == expected == dumped(by_python(module.dump), make, protocol)
    assert dumped(in_bytes(module), make, protocol) == expected


def test_a_file_gets_much_in_parts():
    """The pickler holds what it meets from the first write() on, which comes after 32 MiB."""
    value = [[text(number).ljust(200)] for number in range(250_000)]
    value += [value[0], value[-1], value[100_000][0], value[200_000][0]]
    written = []

    class Counted(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            written.append(bytes(data))
            return len(data)
    with io.BufferedWriter(Counted()) as file:
        module.dump(value, file, 4)
        file.flush()
    assert b''.join(written) == _pickle.dumps(value, 4)


@each_protocol
def test_a_pickler_remembers_what_was_alone(protocol):
    """The next dump of the same Pickler refers to it."""
    def dump_twice(pickler_class):
        file = io.BytesIO()
        pickler = pickler_class(file, protocol)
        value = [[text(1)], Holder(a=[text(2)]), (text(3),)]
        pickler.dump(value)
        pickler.dump([value[0], vars(value[1]), value[1].a, value[2], value[2][0]])
        return file.getvalue()
    assert dump_twice(module.Pickler) == dump_twice(_pickle.Pickler)


@pytest.mark.skipif(module is _pickle or module is pickle, reason='the switch is ours')
def test_the_collector_finds_it_where_it_is_not_paused():
    """A finalizer that runs in the middle of a dump takes things out of what is dumped."""
    class Finalized:
        def __del__(self):
            for one in value[::7]:
                vars(one).clear()
    module.pause_collector(False)
    try:
        value = [Holder(items=[text(number)], text=text(-number)) for number in range(3000)]
        for _ in range(20):
            cycle = [Finalized()]
            cycle.append(cycle)
            del cycle
        data = module.dumps(value)
        file = io.BytesIO()
        module.dump(value, file)
        assert len(module.loads(data)) == len(module.loads(file.getvalue())) == len(value)
    finally:
        module.pause_collector(True)


def test_what_was_dumped_is_let_go():
    value = [[text(number)] for number in range(1000)] + [Holder(a=text(number)) for number in range(1000)]
    vars_seen = [vars(one) for one in value[1000:]]  # reading __dict__ makes one, where there was none
    del vars_seen
    before = [sys.getrefcount(one) for one in value] + [sys.getrefcount(one.a) for one in value[1000:]]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        module.dumps(value, protocol)
        module.dump(value, io.BytesIO(), protocol)
        by_python(module.dump)(value, io.BytesIO(), protocol)
    assert [sys.getrefcount(one) for one in value] + [sys.getrefcount(one.a) for one in value[1000:]] == before
