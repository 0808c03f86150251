"""encode() and decode<T>() against Python, through examples/types.cc."""
import datetime
import pickle
import subprocess
import sys
import textwrap
import warnings

import pytest

from examples import error_of_example, run_example

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
EVERYTHING = {
    'flag': True, 'small': -128, 'large': 2**64 - 1, 'single': 0.5, 'real': 0.1, 'text': 'h\xe9llo\n\U0001F600',
    'bytes': b'\x00\xff\n', 'list': [1, 2, 3], 'two': [1.5, -2.0], 'lists': {'a': [1], 'b': []}, 'flags': {7: True},
    'names': {'x', 'y'}, 'numbers': {42}, 'nothing': None, 'something': 5, 'either': 'or', 'pair': (1, 'one'),
    'when': datetime.datetime(2024, 5, 1, 12, 0, 0, 7), 'day': datetime.date(1969, 12, 31),
    'took': datetime.timedelta(microseconds=-1),
}  # fmt: skip


def types_of(value):
    """The value with the type of each part, since True == 1 == 1.0."""
    if isinstance(value, dict):
        return {key: types_of(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [types_of(part) for part in value]
    return type(value), value


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_python_loads_what_is_written(tmp_path, protocol):
    run_example('types', 'write', protocol, tmp_path / 'out.pkl')
    data = (tmp_path / 'out.pkl').read_bytes()
    for loads in (pickle.loads, pickle._loads):
        assert types_of(loads(data)) == types_of(EVERYTHING)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_what_python_writes_is_read(tmp_path, protocol):
    for dumps in (pickle.dumps, pickle._dumps):
        (tmp_path / 'in.pkl').write_bytes(dumps(EVERYTHING, protocol))
        run_example('types', 'copy', protocol, tmp_path / 'in.pkl', tmp_path / 'out.pkl')
        assert types_of(pickle.loads((tmp_path / 'out.pkl').read_bytes())) == types_of(EVERYTHING)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_other_forms_of_the_same(tmp_path, protocol):
    zone = datetime.timezone(datetime.timedelta(hours=2))
    value = dict(EVERYTHING, bytes=bytearray(EVERYTHING['bytes']), list=(1, 2, 3), two=(1.5, -2), names=frozenset('xy'),
                 pair=[1, 'one'], when=datetime.datetime(2024, 5, 1, 14, 0, 0, 7, zone), more=object)  # fmt: skip
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(value, protocol))
    run_example('types', 'copy', protocol, tmp_path / 'in.pkl', tmp_path / 'out.pkl')
    assert types_of(pickle.loads((tmp_path / 'out.pkl').read_bytes())) == types_of(EVERYTHING)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_numpy_scalars_and_arrays_for_plain_values(tmp_path, protocol):
    numpy = pytest.importorskip('numpy')
    value = dict(EVERYTHING, flag=numpy.bool_(True), small=numpy.int64(-128), large=numpy.uint64(2**64 - 1),
                 single=numpy.float64(0.5), real=numpy.float64(0.1), list=numpy.array([1, 2, 3], 'i4'))  # fmt: skip
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(value, protocol))
    run_example('types', 'copy', protocol, tmp_path / 'in.pkl', tmp_path / 'out.pkl')
    assert types_of(pickle.loads((tmp_path / 'out.pkl').read_bytes())) == types_of(EVERYTHING)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_arrays(tmp_path, protocol):
    numpy = pytest.importorskip('numpy')
    run_example('types', 'write-arrays', protocol, tmp_path / 'out.pkl')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        arrays = pickle.loads((tmp_path / 'out.pkl').read_bytes())
    assert arrays['doubles'].dtype == numpy.float64 and arrays['doubles'].tolist() == [0.5, -1, 1e300]
    assert arrays['integers'].dtype == numpy.int32 and arrays['integers'].tolist() == [[1, -2, 3], [4, 5, 6]]

    value = {'doubles': numpy.arange(5.0), 'integers': numpy.arange(8, dtype='i4')[::2]}
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(value, protocol))
    run_example('types', 'copy-arrays', protocol, tmp_path / 'in.pkl', tmp_path / 'out.pkl')
    arrays = pickle.loads((tmp_path / 'out.pkl').read_bytes())
    assert arrays['doubles'].tolist() == [0, 1, 2, 3, 4] and arrays['integers'].tolist() == [[0, 2], [4, 6]]


@pytest.mark.parametrize('key, value, message', [
    ('small', 128, '$.small: expected int from -128 to 127, found 128'),
    ('real', '0.1', '$.real: expected float, found str'),
    ('lists', {'a b': [0, None]}, "$.lists['a b'][1]: expected int, found None"),
    ('pair', (1,), '$.pair: expected tuple of 2 items, found 1'),
    ('when', datetime.time(1), "$.when: expected datetime, found 'datetime.time' object"),
    ('either', [], '$.either: expected int, float or str, found list'),
    ('bytes', 'text', '$.bytes: expected bytes, found str'),
])  # fmt: skip
def test_errors(tmp_path, key, value, message):
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(dict(EVERYTHING, **{key: value})))
    assert error_of_example('types', 'copy', 4, tmp_path / 'in.pkl', 'none') == message + '\n'


def test_isolated_python_loads_it(tmp_path):
    """Without this test's own imports."""
    run_example('types', 'write', 2, tmp_path / 'out.pkl')
    code = textwrap.dedent('''
        import pickle, sys
        print(sorted(pickle.load(open(sys.argv[1], 'rb'))))
    ''')
    done = subprocess.run([sys.executable, '-I', '-c', code, tmp_path / 'out.pkl'], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(EVERYTHING))
