"""What is made without calling Python, by the hundred so that the short ways are taken: the same as _pickle makes."""
import _pickle
import collections
import datetime
import gc
import io
import sys
import typing
import weakref

import pytest

import under_test

module = under_test.import_module()
PROTOCOLS = (2, 3, 4, 5)
COUNT = 40  # enough that the loader looks ahead


def both(data):
    return _pickle.loads(data), module.loads(data)


# --- Arrays -------------------------------------------------------------------------------------------------------------

def array_shape(array):
    """All that can be seen of an array but its values."""
    base, bases = array.base, []
    while base is not None:
        bases.append((type(base), getattr(base, 'shape', None)))
        base = getattr(base, 'base', None)
    flags = {name: array.flags[name] for name in ('C', 'F', 'OWNDATA', 'WRITEABLE', 'ALIGNED', 'WRITEBACKIFCOPY')}
    return type(array), array.dtype, array.shape, array.strides, flags, bases


def arrays():
    np = pytest.importorskip('numpy')
    for name in '?bBhHiIlLqQfdgFDGe':
        yield np.arange(6).astype(name)
        yield np.arange(6).astype(np.dtype(name).newbyteorder('S'))
    yield from (np.arange(24.0).reshape(2, 3, 4), np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
                np.asfortranarray(np.arange(6).reshape(1, 6)), np.array(3.5), np.empty((0, 3)), np.empty((3, 0, 2), order='F'),
                np.zeros(125), np.zeros(126), np.zeros((1,) * 20), np.array(['a', 'bc']), np.array([b'a', b'bc']),
                np.array(['2020-01-01'], 'M8[D]'), np.array([None, [1]], dtype=object), np.zeros(2, [('a', 'i4'), ('b', 'f8')]),
                np.arange(10)[::2], np.arange(6).view(np.matrix), np.frombuffer(b'12345678', 'u1'),
                np.zeros(3, np.dtype('f8', metadata={'a': 1})))


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_arrays(protocol):
    np = pytest.importorskip('numpy')
    for array in arrays():
        objects = [array.copy(order='K') if i % 2 else array for i in range(COUNT)]
        expected, found = both(_pickle.dumps(objects, protocol))
        for one, other in zip(expected, found):
            assert array_shape(one) == array_shape(other)
            np.testing.assert_array_equal(one, other)
            assert one.tobytes('A') == other.tobytes('A') or one.dtype.hasobject


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_arrays_that_are_met_again(protocol):
    np = pytest.importorskip('numpy')
    shared = np.arange(4.0)
    holder = np.empty(1, dtype=object)
    holder[0] = holder
    objects = [np.arange(number) for number in range(COUNT)] + [shared, shared, [shared], holder]
    expected, found = both(_pickle.dumps(objects, protocol))
    assert found[-4] is found[-3] and found[-2][0] is found[-4] and found[-1][0] is found[-1]
    for one, other in zip(expected[:-1], found[:-1]):
        np.testing.assert_array_equal(one, other)
    found[-4][0] = 7
    assert found[-3][0] == 7


class Kept:
    """Keeps what it is given, weakly: the array must not be another one later."""
    seen = []

    def __new__(cls, array):
        cls.seen.append(weakref.ref(array))
        return array


def test_an_array_that_others_know_of_keeps_its_identity():
    np = pytest.importorskip('numpy')
    empty = np.empty(0, 'b').__reduce__()  # (_reconstruct, (ndarray, (0,), b'b'), state)
    filled = np.arange(3.0).__reduce__()

    class Reduced:
        def __reduce__(self):
            return Kept, (Made(),), filled[2]

    class Made:
        def __reduce__(self):
            return empty[:2]

    Kept.seen.clear()
    globals().update(Reduced=Reduced, Made=Made)
    Reduced.__qualname__, Made.__qualname__ = 'Reduced', 'Made'
    for load in (_pickle.loads, module.loads):
        Kept.seen.clear()
        found = load(_pickle.dumps([np.arange(3.0) for _ in range(COUNT)] + [Reduced() for _ in range(COUNT)], 4))
        assert [one() is array for one, array in zip(Kept.seen, found[COUNT:])] == [True] * COUNT
        assert all(array.tolist() == [0, 1, 2] for array in found)


@pytest.mark.parametrize('state', ['(1, (3,), dtype, False, b"12")', '(1, (-1,), dtype, False, b"12345678")',
                                   '(1, (2**40, 2**40), dtype, False, b"12345678")', '(2, (1,), dtype, False, b"12345678")',
                                   '(1, (1,), dtype, 3, b"12345678")', '(1, (1,), 5, False, b"12345678")',
                                   '((1,), dtype, False, b"12345678")', '(1, [1], dtype, False, b"12345678")',
                                   '(1, (1,), dtype, False, "12345678")', '(1, (1,) * 33, dtype, False, b"12345678")', '5'])
def test_states_that_are_no_arrays(state):
    np = pytest.importorskip('numpy')
    make, args, _ = np.empty(0, 'b').__reduce__()

    class Odd:
        def __reduce__(self):
            return make, args, eval(state, {'dtype': np.dtype('f8')})

    data = _pickle.dumps([np.arange(3) for _ in range(COUNT)] + [Odd()], 4)
    assert outcome(_pickle.loads, data) == outcome(module.loads, data)


@pytest.mark.parametrize('args', ['(b"1234567", dtype, (1,), "C")', '(bytearray(16), dtype, (3,), "C")',
                                  '(bytearray(16), dtype, (-1,), "C")', '(bytearray(16), dtype, 2, "C")',
                                  '(bytearray(16), dtype, (2,), "X")', '(bytearray(), dtype, (0,), "C")',
                                  '(bytearray(16), "f8", (2,), "C")', '(bytearray(16), dtype, (2,), "A")',
                                  '(bytearray(48), dtype, (2, 3), "F")', '(bytes(48), dtype, (3, 2), "C")'])
def test_buffers_that_are_odd(args):
    np = pytest.importorskip('numpy')
    numeric = sys.modules.get('numpy._core.numeric') or sys.modules['numpy.core.numeric']

    class Odd:
        def __reduce__(self):
            return numeric._frombuffer, eval(args, {'dtype': np.dtype('f8'), 'bytearray': bytearray, 'bytes': bytes})

    data = _pickle.dumps([np.arange(3) for _ in range(COUNT)] + [Odd()], 5)
    assert outcome(_pickle.loads, data) == outcome(module.loads, data)


def test_a_function_in_the_place_of_numpys_is_called(monkeypatch):
    np = pytest.importorskip('numpy')
    numeric = sys.modules.get('numpy._core.numeric') or sys.modules['numpy.core.numeric']
    data = _pickle.dumps([np.arange(3) for _ in range(COUNT)], 5)
    monkeypatch.setattr(numeric, '_frombuffer', lambda *args: 'called')
    assert module.loads(data) == ['called'] * COUNT


def outcome(load, data):
    """What a load gives, or how it fails."""
    try:
        last = load(data)[-1]
    except Exception as error:
        return type(error), str(error)
    return array_shape(last) + (last.tolist(),)


# --- Others -------------------------------------------------------------------------------------------------------------

def test_timedeltas():
    limits = [datetime.timedelta.min, datetime.timedelta.max, datetime.timedelta.resolution, datetime.timedelta(0)]
    objects = limits + [datetime.timedelta(number, -number * 7, number * 1000) for number in range(COUNT)]
    for protocol in PROTOCOLS:
        expected, found = both(_pickle.dumps(objects, protocol))
        assert expected == found == objects and {type(one) for one in found} == {datetime.timedelta}


class Delta(datetime.timedelta):
    pass


class Arguments:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return datetime.timedelta, self.args


@pytest.mark.parametrize('args', [(), (1,), (1, 2), (1.5, 0, 0), (10 ** 9, 0, 0), (-10 ** 9, 0, 0), (10 ** 30, 0, 0), (1, 2, 3, 4),
                                  (True, 0, 0), ('a', 0, 0), (0, 10 ** 8, 10 ** 9)])
def test_timedeltas_of_odd_arguments(args):
    data = _pickle.dumps([datetime.timedelta(n) for n in range(COUNT)] + [Arguments(*args)])

    def last(load):
        try:
            return repr(load(data)[-1])
        except Exception as error:
            return type(error), str(error)

    assert last(_pickle.loads) == last(module.loads)


def test_a_subclass_of_timedelta():
    expected, found = both(_pickle.dumps([Delta(number) for number in range(COUNT)]))
    assert expected == found and {type(one) for one in found} == {Delta}


Point = collections.namedtuple('Point', 'x y', defaults=[2])
One = collections.namedtuple('One', 'only')


class Typed(typing.NamedTuple):
    x: int
    y: str = ''


class Checked(collections.namedtuple('Checked', 'x y')):
    """With a __new__ of its own, which must be called."""
    made = 0

    def __new__(cls, x, y):
        cls.made += 1
        return super().__new__(cls, x, y)


class Plain(Point):
    __slots__ = ()


class WithDict(Point):
    pass


@pytest.mark.parametrize('cls', [Point, Typed, Plain, WithDict])
@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_namedtuples(cls, protocol):
    objects = [cls(number, str(number)) for number in range(COUNT)]
    if cls is WithDict:
        for one in objects:
            one.extra = [one]
    expected, found = both(_pickle.dumps(objects, protocol))
    assert found == expected == objects and {type(one) for one in found} == {cls}
    assert [gc.is_tracked(one) for one in found] == [gc.is_tracked(one) for one in expected]
    if cls is WithDict:
        assert all(one.extra[0] is one for one in found)


def test_a_namedtuple_of_one_field():
    assert module.loads(_pickle.dumps([One((number,)) for number in range(COUNT)])) == [One((n,)) for n in range(COUNT)]


def test_a_namedtuple_with_its_own_new_is_asked():
    data = _pickle.dumps([Checked(number, 2) for number in range(COUNT)])
    Checked.made = 0
    assert module.loads(data)[-1] == (COUNT - 1, 2) and Checked.made == COUNT


@pytest.mark.parametrize('args', [(), (1,), (1, 2, 3)])
def test_namedtuples_of_odd_arguments(args):
    """NEWOBJ with other numbers of arguments than there are fields, written by hand behind good ones."""
    good = _pickle.dumps([Point(number, 2) for number in range(COUNT)], 2)
    point = b'c%s\nPoint\n' % __name__.encode()
    odd = point + b'(' + b''.join(b'K%c' % value for value in args) + b't\x81'
    assert good.endswith(b'e.')
    data = good[:-2] + odd + b'e.'

    def last(load):
        try:
            return load(data)[-1]
        except TypeError as error:
            return str(error)

    assert last(_pickle.loads) == last(module.loads)


# --- Instances ------------------------------------------------------------------------------------------------------------

class Bag:
    def __init__(self, **attributes):
        for name, value in attributes.items():
            self.__dict__[sys.intern(name)] = value


class WithProperty(Bag):
    """Its state has names of a property and of a slot, which __dict__ holds all the same."""
    middle = property(lambda self: 'the property')


def instances():
    yield 'same order', [Bag(a=number, b=str(number), c=None) for number in range(COUNT)]
    yield 'other orders', [Bag(**dict(sorted(dict(a=1, b=2, c=number).items(), key=lambda item: (ord(item[0]) * number) % 7)))
                           for number in range(COUNT)]
    yield 'same values', [Bag(a=None, b=None, c=None) for _ in range(COUNT)]
    yield 'fewer and more', [Bag(**{'name%d' % place: place for place in range(number % 9 + 1)}) for number in range(COUNT)]
    yield 'many', [Bag(**{'name%d' % place: [place] for place in range(45)}) for _ in range(COUNT)]
    yield 'a property', [WithProperty(first=number, middle=number + 1, last=number + 2) for number in range(COUNT)]
    yield 'not ASCII', [Bag(**{'\u00fc': 1, '\u6f22': number}) for number in range(COUNT)]
    yield 'shared', [Bag(me=[], b=2) for _ in range(COUNT)]


@pytest.mark.parametrize('protocol', (0, 1) + PROTOCOLS)
@pytest.mark.parametrize('name,objects', [pytest.param(*one, id=one[0]) for one in instances()])
def test_instances(name, objects, protocol):
    if name == 'shared':
        for one in objects:
            one.me.append(one)
    expected, found = both(_pickle.dumps(objects, protocol))
    for one, other in zip(expected, found):
        assert list(vars(one)) == list(vars(other))
        if name == 'shared':
            assert other.me[0] is other
        else:
            assert vars(one) == vars(other)
        other.later = 1
        del other.later
        assert all(key is sys.intern(key) for key in vars(other))
    if name == 'a property':
        assert found[0].middle == 'the property' and found[0].last == 2
    # Attributes set and deleted afterwards, before anybody asks for the dict.
    for one in module.loads(_pickle.dumps(objects, protocol)):
        first = next(iter(vars(objects[0])))
        one.added = 5
        if hasattr(one, first) and first != 'middle':
            delattr(one, first)
        assert one.added == 5


def test_two_classes_by_turns():
    objects = [(Bag if number % 2 else WithProperty)(x=number, y=-number) for number in range(200)]
    expected, found = both(_pickle.dumps(objects))
    assert [(type(one), vars(one)) for one in expected] == [(type(one), vars(one)) for one in found]


# --- Large payloads and files ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize('size', [0, 1, 2, (4 << 20) - 33, 4 << 20, (4 << 20) + 1, 9_000_001])
def test_large_payloads(size, tmp_path):
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    value = [data, bytearray(data), 'x' * size, data]
    for protocol in (4, 5):
        written = module.dumps(value, protocol)
        assert written == _pickle.dumps(value, protocol)
        assert module.loads(written) == value
        path = tmp_path / 'value.pkl'
        with open(path, 'wb') as file:
            module.dump(value, file, protocol)
        assert path.read_bytes() == written
        with open(path, 'rb') as file:
            assert module.load(file) == value and file.read() == b''


class Keeper:
    """A file that keeps what it is given, which must stay what it was."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(data)


def files(path):
    yield 'BytesIO', io.BytesIO()
    yield 'buffered', open(path, 'wb')
    yield 'both ways', open(path, 'w+b')
    yield 'raw', open(path, 'wb', buffering=0)
    yield 'keeper', Keeper()


@pytest.mark.parametrize('protocol', (0, 2, 4, 5))
def test_files_of_all_kinds_get_the_same_bytes(protocol, tmp_path):
    np = pytest.importorskip('numpy')
    value = [np.arange(100_000.0), list(range(100_000)), b'x' * 100_000, 'y' * 70_000, np.arange(100_000)]
    expected = _pickle.dumps(value, protocol)
    for name, file in files(tmp_path / 'file'):
        module.dump(value, file, protocol)
        module.dump('after', file, protocol)
        if name == 'keeper':
            written = b''.join(file.pieces)
        elif name == 'BytesIO':
            written = file.getvalue()
        else:
            file.close()
            written = (tmp_path / 'file').read_bytes()
        assert written == expected + _pickle.dumps('after', protocol), name
