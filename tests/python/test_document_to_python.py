"""to_python: pure data as Python's own objects, and nothing else."""

import collections
import datetime
import decimal
import fractions
import pathlib
import pickle
import uuid

import pytest
from hypothesis import given, settings, strategies

from document_package import cppickle

PROTOCOLS = range(6)


def through(value, protocol=4):
    return cppickle.read(pickle.dumps(value, protocol)).to_python()


DATA = [
    [],
    {},
    (),
    set(),
    frozenset(),
    [[]],
    ((),),
    {'a': {'b': [1, (2, {3})]}},
    {1, (2, (3,)), frozenset({4})},
    {(1, 2): {frozenset({1}): 'x'}},
    range(1, 10, 3),
    slice(1, None, 'x'),
    1 + 2j,
    bytearray(b'x'),
    b'\x00\xff' * 300,
    datetime.date(2024, 2, 29),
    datetime.time(1, 2, 3, 4),
    datetime.datetime(2024, 5, 1, 12, 30, 1, 5),
    datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc),
    datetime.datetime(2020, 10, 25, 2, 30, fold=1),
    datetime.time(23, tzinfo=datetime.timezone(datetime.timedelta(hours=-3), 'X')),
    datetime.timedelta(-3, 5, 7),
    decimal.Decimal('1.50'),
    decimal.Decimal('-Infinity'),
    fractions.Fraction(-1, 3),
    uuid.UUID(int=5),
    uuid.UUID(int=2**127),
    pathlib.PurePosixPath('/a/b'),
    pathlib.Path('x'),
    collections.OrderedDict([('b', 1), ('a', [2])]),
    collections.Counter('hello'),
    collections.defaultdict(list, a=[1]),
    collections.defaultdict(None, a=1),
    collections.deque([1, [2]], 4),
    collections.deque([3]),
]


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('value', DATA, ids=lambda value: repr(value)[:40])
def test_pure_data(value, protocol):
    for wrapped in (value, [value], {'k': value}, (value, 0)):
        back = through(wrapped, protocol)
        assert back == wrapped and type(back) is type(wrapped)
        if wrapped is value:
            loaded = pickle.loads(
                pickle.dumps(value, protocol)
            )  # below protocol 4 pickle forgets a datetime's fold
            assert repr(back) == repr(loaded) or isinstance(value, (set, frozenset))
    if isinstance(value, collections.deque):
        assert through(value, protocol).maxlen == value.maxlen


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_sharing(protocol):
    shared = [1]
    pair = (shared, 'text')
    back = through({'a': shared, 'b': [shared, pair], 'c': pair}, protocol)
    assert back['a'] is back['b'][0] is back['c'][0] and back['b'][1] is back['c']


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_cycles(protocol):
    loop = []
    loop.append(loop)
    back = through(loop, protocol)
    assert back[0] is back
    inner = []
    outer = (inner, 1)
    inner.append(outer)
    for back in (through(outer, protocol), through([inner], protocol)[0][0]):
        assert back[0][0] is back and back[1] == 1
    table = collections.OrderedDict()
    table['self'] = (table, [table])
    back = through(table, protocol)
    assert back['self'][0] is back is back['self'][1][0]
    queue = collections.deque()
    queue.append([queue])
    back = through(queue, protocol)
    assert back[0][0] is back


class Custom:
    pass


class MyList(list):
    pass


@pytest.mark.parametrize(
    'value, path',
    [
        ([1, Custom()], '$[1]'),
        ({'a': [0, {'b': print}]}, '$.a[1].b'),
        ((1, (2, Custom)), '$[1][1]'),
        (MyList([1]), '$'),
        ({'x y': {5: [Custom()]}}, "$['x y'][5][0]"),
        (collections.defaultdict(Custom, a=1), '$'),
        ([ValueError('x')], '$[0]'),
    ],
)
def test_anything_else_is_an_error_with_its_path(value, path):
    with pytest.raises(cppickle.Error) as raised:
        through(value)
    assert (raised.value.code, raised.value.where) == ('unsupported', path)


def test_errors_name_paths_below_the_value():
    value = cppickle.read(pickle.dumps({'a': [0, Custom()]}))['a']
    with pytest.raises(cppickle.Error) as raised:
        value.to_python()
    assert raised.value.where == '$.a[1]'


def test_unhashable_keys():
    for data in (b'(d]I1\ns.', b'(d(]tI1\ns.', b'\x80\x04\x8f(]\x90.', b'\x80\x04(}\x91.'):
        with pytest.raises(cppickle.Error) as raised:
            cppickle.read(data).to_python()
        assert raised.value.code == 'corrupt'
        repr(cppickle.read(data).root), list(cppickle.read(data).root)


def test_values_that_python_refuses():
    for data in (
        b'cuuid\nUUID\n)\x81}Vint\nI-5\nsb.',
        b'cdatetime\ntimedelta\n(I99999999999\ntR.',
        b'cdecimal\nDecimal\n(Vx\ntR.',
        b'cbuiltins\nrange\n(I1\nI2\nI0\ntR.',
    ):
        with pytest.raises(cppickle.Error):
            cppickle.read(b'\x80\x02' + data).to_python()


def test_a_tuple_inside_itself():
    # A tuple can't hold itself, but instructions can say so with a list that is emptied of its meaning.
    document = cppickle.read(b'(lp0\n(g0\ntp1\na.')
    back = document.to_python()
    assert back[0][0] is back


def test_scalars_of_objects():
    root = cppickle.read(pickle.dumps([decimal.Decimal('2.5'), fractions.Fraction(3, 1), {}])).root
    assert float(root[0]) == 2.5 and int(root[1]) == 3 and root[0].value == decimal.Decimal('2.5')
    with pytest.raises(TypeError):
        float(root[2])


leaves = (
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats(allow_nan=False)
    | strategies.text()
    | strategies.binary()
    | strategies.complex_numbers(allow_nan=False)
)
keys = strategies.recursive(
    leaves,
    lambda inner: strategies.tuples(inner, inner) | strategies.frozensets(inner, max_size=3),
    max_leaves=4,
)
trees = strategies.recursive(
    leaves,
    lambda inner: (
        strategies.lists(inner)
        | strategies.dictionaries(keys, inner)
        | strategies.lists(inner).map(tuple)
        | strategies.sets(keys)
        | strategies.lists(inner).map(lambda x: [x, x])
    ),
)


@settings(max_examples=400, deadline=None)
@given(trees, strategies.integers(0, 5))
def test_any_data(value, protocol):
    data = pickle.dumps(value, protocol)
    document = cppickle.read(data)
    assert document.to_python() == pickle.loads(data) == value
    assert document.dumps() == data
    if isinstance(value, dict):
        assert all(key in document for key in value)
        assert list(document.keys()) == list(value) and len(document) == len(value)
