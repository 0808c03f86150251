"""What the hand-made allow packs must accept and must refuse.

ACCEPTED: (label, function that pickles an object with the library that is installed). REFUSED: (label, bytes put
together by hand), each of which uses a name that a pack lists in a way that genuine pickles do not. Nothing in REFUSED
is ever loaded.
"""
import argparse
import array
import calendar
import collections
import datetime
import decimal
import fractions
import functools
import inspect
import io
import ipaddress
import itertools
import logging
import operator
import pathlib
import pickle
import random
import re
import statistics
import string
import struct
import time
import types
import typing
import urllib.parse
import uuid
import warnings
import zoneinfo

import numpy as np
import pandas as pd
from scipy import cluster, integrate, interpolate, optimize, signal, sparse, spatial, special, stats
from scipy.spatial import transform

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SINCE_2 = PROTOCOLS[2:]

STDLIB = {
    'argparse_namespace': lambda: argparse.Namespace(verbose=True, paths=['a', 'b']),
    'array_of_doubles': lambda: array.array('d', [1.0, 2.0]),
    'array_of_ints': lambda: array.array('i', range(10)),
    'bytearray': lambda: bytearray(b'\x00\xff abc'),
    'bytes': lambda: [b'', b'\x00\xff', 'caf\xe9'.encode()],
    'bytes_io': lambda: io.BytesIO(b'abc'),
    'calendar': lambda: calendar.TextCalendar(6),
    'chain_map': lambda: collections.ChainMap({'a': 1}, {'b': 2}),
    'complex': lambda: [1j, complex(2.5, -1)],
    'counter': lambda: collections.Counter('abracadabra'),
    'date': lambda: datetime.date(2024, 2, 29),
    'datetime': lambda: datetime.datetime(2024, 2, 29, 12, 30, 1, 5, fold=1),
    'datetime_utc': lambda: datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc),
    'datetime_zone': lambda: datetime.datetime(2024, 2, 29, tzinfo=zoneinfo.ZoneInfo('Europe/Paris')),
    'decimal': lambda: [decimal.Decimal('1.50'), decimal.Decimal('NaN'), decimal.Decimal('-1E+30')],
    'default_dict': lambda: collections.defaultdict(list, {'a': [1]}),
    'default_dict_of_counter': lambda: collections.defaultdict(collections.Counter, {'a': collections.Counter('aa')}),
    'default_dict_without_factory': lambda: collections.defaultdict(None, {1: 2}),
    'deque': lambda: collections.deque([1, 2, 3]),
    'deque_with_length': lambda: collections.deque([1, 2, 3], 5),
    'ellipsis': lambda: [..., NotImplemented, type(None)],
    'exception': lambda: [ValueError('bad', 3), KeyError('k'), OSError(2, 'no such file', 'a.txt')],
    'exception_with_state': lambda: with_note(RuntimeError('late')),
    'fraction': lambda: fractions.Fraction(-22, 7),
    'frozenset': lambda: frozenset(['a', 'b', (1, 2)]),
    'functions_as_values': lambda: [len, sorted, abs, max, operator.add, str.lower, print.__class__ and int],
    'generic_alias': lambda: list[int],
    'inspect_signature': lambda: inspect.signature(lambda a, b=2, *, c: None),
    'ip_addresses': lambda: [ipaddress.ip_address('10.0.0.1'), ipaddress.ip_address('fe80::1'),
                             ipaddress.ip_network('10.0.0.0/8'), ipaddress.ip_interface('10.0.0.1/8')],
    'item_getter': lambda: operator.itemgetter(1, 'a'),
    'itertools': lambda: [itertools.count(3), itertools.repeat('x', 3), itertools.chain([1], [2]),
                          itertools.product([1], [2])],
    'keys_of_dates': lambda: {datetime.date(2024, 1, 1): 1, decimal.Decimal(1): 2, uuid.UUID(int=3): 3,
                              (1, datetime.timedelta(1)): 4},
    'list_iterator': lambda: iter([1, 2, 3]),
    'logger': lambda: logging.getLogger('a.b'),
    'namespace': lambda: types.SimpleNamespace(a=1, b=[2]),
    'normal_dist': lambda: statistics.NormalDist(1.0, 2.0),
    'object': lambda: object(),
    'ordered_dict': lambda: collections.OrderedDict([('b', 1), ('a', 2)]),
    'ordered_dict_with_attribute': lambda: with_attribute(collections.OrderedDict(a=1)),
    'partial': lambda: functools.partial(int, base=2),
    'partial_of_partial': lambda: functools.partial(functools.partial(max, 1), 2),
    'path': lambda: [pathlib.PurePosixPath('/a/b'), pathlib.Path('c') / 'd', pathlib.PureWindowsPath('c:/x')],
    'pattern': lambda: [re.compile('a+(b|c)', re.I), re.compile(b'x')],
    'random': lambda: random.Random(1),
    'range': lambda: range(1, 10, 2),
    'set': lambda: {1, 'a', (2, 3)},
    'set_of_dates': lambda: {datetime.date(2024, 1, 1), datetime.timedelta(1)},
    'slice': lambda: [slice(1, 10, 2), slice(None), slice('a', 'b')],
    'split_url': lambda: urllib.parse.urlsplit('https://example.org/a?b=c#d'),
    'string_io': lambda: io.StringIO('abc'),
    'string_template': lambda: string.Template('$a and $b'),
    'struct_time': lambda: time.gmtime(0),
    'time': lambda: datetime.time(1, 2, 3, 4),
    'timedelta': lambda: datetime.timedelta(1, 2, 3),
    'timezone': lambda: [datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=2), 'CEST')],
    'typing': lambda: [typing.Any, typing.List, typing.Optional],
    'user_containers': lambda: [collections.UserDict(a=1), collections.UserList([1]), collections.UserString('a')],
    'uuid': lambda: [uuid.UUID(int=5), uuid.uuid4()],
    'zone_info': lambda: [zoneinfo.ZoneInfo('Europe/Paris'), zoneinfo.ZoneInfo('UTC'), zoneinfo.ZoneInfo('Etc/GMT+5')],
    'zone_info_without_cache': lambda: zoneinfo.ZoneInfo.no_cache('America/New_York'),
}

NUMPY = {
    'array_' + label: (lambda array=array: array) for label, array in {
        'bool': np.array([True, False]),
        'bytes': np.array([b'ab', b'c']),
        'complex': np.array([1j, 2]),
        'datetime': np.array(['2024-01-01', 'NaT'], 'M8[ns]'),
        'days': np.array(['2024-01-01'], 'M8[D]'),
        'empty': np.zeros((0, 3)),
        'f2': np.ones(3, 'f2'),
        'f4': np.ones((2, 3), 'f4'),
        'f8': np.arange(6.0).reshape(2, 3),
        'f8_big_endian': np.ones(3, '>f8'),
        'fortran': np.asfortranarray(np.ones((2, 3))),
        'i1': np.ones(3, 'i1'),
        'longdouble': np.ones(2, 'g'),
        'object': np.array([1, 'a', None, [2]], dtype=object),
        'object_of_arrays': np.array([np.ones(2), None], dtype=object),
        'scalar_shape': np.array(3.0),
        'strided': np.arange(10.0)[::2],
        'structured': np.zeros(2, [('a', 'f4'), ('b', 'i8', (2,)), ('c', 'U3')]),
        'structured_aligned': np.zeros(2, np.dtype([('a', 'i1'), ('b', 'f8')], align=True)),
        'structured_with_objects': np.zeros(2, [('a', 'f4'), ('b', 'O')]),
        'text': np.array(['a', 'caf\xe9']),
        'timedelta': np.array([1, 2], 'm8[s]'),
        'u8': np.ones(3, 'u8'),
        'void': np.zeros(2, 'V5'),
    }.items()
}
NUMPY.update({
    'char_array': lambda: np.char.array(['a', 'b']),
    'default_rng': lambda: np.random.default_rng(1),
    'dtypes': lambda: [np.dtype(code) for code in ('f8', 'O', 'U3', '>i4', 'M8[us]', 'V3')],
    'dtype_as_key': lambda: {np.dtype('f8'): 1, np.float64(2.0): 2},
    'functions': lambda: [np.mean, np.median, np.sin, np.log1p, np.linalg.norm, np.clip],
    'masked': lambda: np.ma.array([1.0, 2, 3], mask=[0, 1, 0], fill_value=9.0),
    'masked_constant': lambda: np.ma.masked,
    'masked_structured': lambda: np.ma.zeros(2, [('a', 'f4'), ('b', 'i4')]),
    'matrix': lambda: np.matrix([[1, 2]]),
    'mt19937': lambda: np.random.MT19937(1),
    'pcg64': lambda: np.random.PCG64(1),
    'pcg64dxsm': lambda: np.random.PCG64DXSM(1),
    'philox': lambda: np.random.Philox(1),
    'poly1d': lambda: np.poly1d([1, 2]),
    'polynomials': lambda: [np.polynomial.Polynomial([1, 2]), np.polynomial.Chebyshev([1, 2]),
                            np.polynomial.HermiteE([1])],
    'random_state': lambda: np.random.RandomState(1),
    'recarray': lambda: np.rec.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')]),
    'scalars': lambda: [np.float64(1.5), np.int8(3), np.bool_(True), np.str_('x'), np.bytes_(b'y'), np.complex64(1j),
                        np.datetime64('2024-01-01'), np.timedelta64(3, 's')],
    'seed_sequence': lambda: np.random.SeedSequence(5),
    'sfc64': lambda: np.random.SFC64(1),
    'types': lambda: [np.float64, np.int32, np.bool_, np.str_, np.ndarray],
    'void_scalar': lambda: np.zeros(1, [('a', 'f4')])[0],
})

STAMP = pd.Timestamp('2024-01-02 03:04:05.678')
MULTI = pd.MultiIndex.from_product([[1, 2], ['a', 'b']])
PANDAS = {
    'categorical': lambda: pd.Categorical(['a', 'b', None], ordered=True),
    'date_offset': lambda: pd.DateOffset(months=1, days=2),
    'dtypes': lambda: [pd.Int64Dtype(), pd.Float32Dtype(), pd.BooleanDtype(), pd.StringDtype(),
                       pd.CategoricalDtype(['a']), pd.DatetimeTZDtype(tz='UTC'), pd.PeriodDtype('M'),
                       pd.IntervalDtype('int64'), pd.SparseDtype(float)],
    'frame': lambda: pd.DataFrame({'a': [1, 2], 'b': [1.5, None], 'c': ['x', 'y']}),
    'frame_empty': lambda: pd.DataFrame(),
    'frame_of_many_types': lambda: pd.DataFrame({
        'bool': [True, False], 'complex': [1j, 2], 'day': pd.to_datetime(['2024', '2025']),
        'delta': pd.to_timedelta([1, 2], 'D'),
        'category': pd.Categorical(['u', 'v']), 'masked': pd.array([1, None], dtype='Int64'),
        'zone': pd.to_datetime(['2024', '2025']).tz_localize('Europe/Paris'),
        'period': pd.period_range('2024', periods=2, freq='D'),
        'sparse': pd.arrays.SparseArray([0, 1]), 'interval': pd.interval_range(0, 2), 'object': [None, {'a': 1}]}),
    'frame_with_attrs': lambda: with_attrs(pd.DataFrame({'a': [1]})),
    'frame_with_multi_columns': lambda: pd.DataFrame(np.ones((2, 4)), columns=MULTI),
    'frame_with_multi_index': lambda: pd.DataFrame({'a': range(4)}, index=MULTI),
    'frame_with_time_index': lambda: pd.DataFrame({'a': range(3)}, index=pd.date_range('2024', periods=3, freq='h')),
    'index': lambda: pd.Index([3, 1, 2], name='n'),
    'index_category': lambda: pd.CategoricalIndex(['a', 'b']),
    'index_dates': lambda: pd.date_range('2024', periods=3),
    'index_dates_zone': lambda: pd.date_range('2024', periods=3, tz='Europe/Paris'),
    'index_empty': lambda: pd.Index([]),
    'index_float': lambda: pd.Index([1.5, 2]),
    'index_interval': lambda: pd.interval_range(0, 3),
    'index_month_ends': lambda: pd.date_range('2024', periods=3, freq='BME'),
    'index_multi': lambda: pd.MultiIndex.from_product([[1, 2], ['a', 'b']], names=['x', None]),
    'index_object': lambda: pd.Index([1, 'a', None], dtype=object),
    'index_periods': lambda: pd.period_range('2024', '2025', freq='M'),
    'index_range': lambda: pd.RangeIndex(5),
    'index_text': lambda: pd.Index(['a', 'b']),
    'index_timedelta': lambda: pd.timedelta_range('1D', '3D'),
    'interval': lambda: [pd.Interval(0, 1), pd.Interval(STAMP, STAMP + pd.Timedelta('1D'), 'left')],
    'masked_boolean': lambda: pd.array([True, None], dtype='boolean'),
    'masked_float': lambda: pd.array([1.5, None], dtype='Float64'),
    'masked_int': lambda: pd.array([1, None], dtype='UInt8'),
    'missing': lambda: [pd.NA, pd.NaT],
    'offsets': lambda: [pd.offsets.Day(2), pd.offsets.MonthEnd(1), pd.offsets.BDay(2), pd.offsets.Week(weekday=1),
                        pd.offsets.Hour(3), pd.offsets.QuarterEnd(1), pd.offsets.YearBegin(1), pd.offsets.Easter(1)],
    'offsets_business': lambda: [pd.offsets.CDay(1), pd.offsets.BusinessHour(1),
                                 pd.offsets.CDay(holidays=['2024-01-01'])],
    'period': lambda: pd.Period('2024-03', 'M'),
    'period_array': lambda: pd.period_range('2024', '2025', freq='M').array,
    'series': lambda: pd.Series([1, 2, 3], name='s'),
    'series_category': lambda: pd.Series(['a', 'b', 'a'], dtype='category'),
    'series_dates_zone': lambda: pd.Series(pd.date_range('2024', periods=3, tz='UTC')),
    'series_int64': lambda: pd.Series([1, None], dtype='Int64'),
    'series_object': lambda: pd.Series([1, 'a', None, STAMP, pd.Timedelta(3)], dtype=object),
    'series_sparse': lambda: pd.Series(pd.arrays.SparseArray([0.0, 0, 1])),
    'series_string': lambda: pd.Series(['a', None], dtype='string'),
    'series_text': lambda: pd.Series(['a', 'b']),
    'sparse_blocks': lambda: pd.arrays.SparseArray([0, 0, 1, 2], kind='block'),
    'timedelta': lambda: pd.Timedelta('1D 2h'),
    'timestamp': lambda: STAMP,
    'timestamp_as_key': lambda: {STAMP: 1, pd.Timedelta('1D'): 2, pd.NaT: 3, pd.Period('2024', 'Y'): 4,
                                 pd.Interval(0, 1): 5},
    'timestamp_zone': lambda: STAMP.tz_localize('Europe/Paris'),
}

X = np.arange(10.0)
Y = np.sin(X)
SPARSE = sparse.csr_matrix(np.diag([1.0, 2, 0, 3]))
SCIPY = {form + '_' + kind: (lambda form=form, kind=kind: getattr(sparse, form + '_' + kind)(SPARSE))
         for form in ('bsr', 'coo', 'csc', 'csr', 'dia', 'dok', 'lil') for kind in ('array', 'matrix')}
SCIPY.update({
    'akima': lambda: interpolate.Akima1DInterpolator(X, Y),
    'barycentric': lambda: interpolate.BarycentricInterpolator(X, Y),
    'bounds': lambda: optimize.Bounds([0], [1]),
    'bspline': lambda: interpolate.make_interp_spline(X, Y),
    'ckdtree': lambda: spatial.cKDTree(np.random.RandomState(0).rand(20, 2)),
    'cluster_tree': lambda: cluster.hierarchy.to_tree(cluster.hierarchy.linkage(np.random.RandomState(0).rand(4, 2))),
    'cubic_spline': lambda: interpolate.CubicSpline(X, Y),
    'delaunay': lambda: spatial.Delaunay(np.random.RandomState(0).rand(10, 2)),
    'distance_function': lambda: spatial.distance.euclidean,
    'frozen_beta': lambda: stats.beta(1, 2),
    'frozen_binomial': lambda: stats.binom(5, .5),
    'frozen_gamma': lambda: stats.gamma(2),
    'frozen_log_uniform': lambda: stats.loguniform(1, 10),
    'frozen_normal': lambda: stats.norm(),
    'frozen_poisson': lambda: stats.poisson(3),
    'frozen_randint': lambda: stats.randint(0, 5),
    'frozen_uniform': lambda: stats.uniform(0, 1),
    'gaussian_kde': lambda: stats.gaussian_kde(X),
    'hull': lambda: spatial.ConvexHull(np.random.RandomState(0).rand(10, 2)),
    'interp1d_cubic': lambda: interpolate.interp1d(X, Y, kind='cubic'),
    'interp1d_linear': lambda: interpolate.interp1d(X, Y),
    'interp1d_nearest': lambda: interpolate.interp1d(X, Y, kind='nearest'),
    'interpolated_spline': lambda: interpolate.InterpolatedUnivariateSpline(X, Y),
    'kdtree': lambda: spatial.KDTree(np.random.RandomState(0).rand(20, 2)),
    'linear_nd': lambda: interpolate.LinearNDInterpolator(np.random.RandomState(0).rand(10, 2), X),
    'mode_result': lambda: stats.mode([1, 1, 2]),
    'optimize_result': lambda: optimize.minimize(lambda v: (v ** 2).sum(), np.ones(2), method='BFGS'),
    'pchip': lambda: interpolate.PchipInterpolator(X, Y),
    'rbf': lambda: interpolate.RBFInterpolator(np.c_[X, X ** 2], Y, kernel='linear', degree=0),
    'regular_grid': lambda: interpolate.RegularGridInterpolator((X, X), np.outer(Y, Y)),
    'rotation': lambda: transform.Rotation.from_euler('x', 1),
    'rv_normal': lambda: stats.norm,
    'smoothing_spline': lambda: interpolate.UnivariateSpline(X, Y),
    'solve_ivp': lambda: integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0]),
    'special_functions': lambda: [special.expit, special.gammaln, special.logsumexp],
    'transfer_function': lambda: signal.lti([1], [1, 2]),
})


NOT_BEFORE_2 = ('akima', 'barycentric', 'bytes_io', 'ckdtree', 'cubic_spline', 'inspect_signature', 'interp1d_cubic',
                'interp1d_linear', 'interp1d_nearest', 'kdtree', 'logger', 'pchip', 'string_io')


def with_note(error):
    error.detail = ['a', 1]
    return error


def with_attribute(ordered):
    ordered._metadata = collections.OrderedDict(version=1)
    return ordered


def with_attrs(frame):
    frame.attrs['unit'] = 'm'
    return frame


def _protocols(label):
    # Classes with __slots__, and a few others, cannot be pickled at protocols 0 and 1.
    return SINCE_2 if label in NOT_BEFORE_2 else PROTOCOLS


def _dump(make, protocol):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return pickle.dumps(make(), protocol)


ACCEPTED = [(f'{group}_{label}.p{protocol}', functools.partial(_dump, make, protocol))
            for group, makers in (('py', STDLIB), ('np', NUMPY), ('pd', PANDAS), ('sp', SCIPY))
            for label, make in makers.items() for protocol in _protocols(label)]


# --- by hand: each function gives the instructions for one value, at protocol 4 ---

def name(path):
    """module:qualname, as an import."""
    return b'c' + path.replace(':', '\n').encode() + b'\n'


def value(obj):
    """Literals and containers; bytes that are instructions already are wrapped in Code."""
    if isinstance(obj, Code):
        return obj.code
    if obj is None:
        return b'N'
    if obj is True or obj is False:
        return b'\x88' if obj else b'\x89'
    if isinstance(obj, int):
        data = obj.to_bytes(obj.bit_length() // 8 + 1, 'little', signed=True)
        return b'\x8a' + bytes([len(data)]) + data
    if isinstance(obj, float):
        return b'G' + struct.pack('>d', obj)
    if isinstance(obj, str):
        return b'X' + struct.pack('<I', len(obj.encode())) + obj.encode()
    if isinstance(obj, bytes):
        return b'B' + struct.pack('<I', len(obj)) + obj
    items = itertools.chain(*obj.items()) if isinstance(obj, dict) else obj
    return b'(' + b''.join(map(value, items)) + {tuple: b't', list: b'l', dict: b'd'}[type(obj)]


class Code:
    def __init__(self, code):
        self.code = code


def G(path):
    return Code(name(path))


def call(callee, *arguments):
    callee = name(callee) if isinstance(callee, str) else callee.code
    return Code(callee + value(arguments) + b'R')


def new(cls, *arguments):
    return Code(name(cls) + value(arguments) + b'\x81')


def build(instance, state):
    return Code(instance.code + value(state) + b'b')


def items(instance, pairs):
    return Code(instance.code + b'(' + b''.join(map(value, itertools.chain(*pairs.items()))) + b'u')


def append(instance, item):
    return Code(instance.code + value(item) + b'a')


def wrapper(subclass, shape, dtype):
    state = {'subclass': subclass, 'shape': shape, 'order': 'C', 'dtype': dtype, 'allow_mmap': False}
    return build(new('joblib.numpy_pickle:NumpyArrayWrapper'), state)


def file(code):
    return b'\x80\x04' + code.code + b'.'


MASKED = 'numpy.ma.core:_mareconstruct'
NEW_INDEX = 'pandas.core.indexes.base:_new_Index'
NP = 'numpy._core.multiarray:'
RECONSTRUCTOR = 'copyreg:_reconstructor'
STAMPS = 'pandas._libs.tslibs.timestamps:_unpickle_timestamp'
OTHER_DEFAULT = '\ndef _parse_args(self,  loc=0, scale=print()):\n    return (), loc, scale\n'
EMPTY = call(NP + '_reconstruct', G('numpy:ndarray'), (0,), b'b')
F8 = build(call('numpy:dtype', 'f8', False, True), (3, '<', None, None, None, -1, -1, 0))
OBJECTS = build(call('numpy:dtype', 'O8', False, True), (3, '|', None, None, None, -1, -1, 63))
THREE = build(EMPTY, (1, (3,), F8, False, b'\0' * 24))
SYSTEM = G('os:system')
EVAL = G('builtins:eval')
PARTIAL = call('functools:partial', G('builtins:len'))
DELTA = call('datetime:timedelta', 0, 0, 0)
OFFSETS = 'pandas._libs.tslibs.offsets:'
NORMAL = new('scipy.stats._continuous_distns:norm_gen')

REFUSED_CODE = {
    # A callable where one is called later, or by something else.
    'defaultdict_of_system': call('collections:defaultdict', SYSTEM),
    'defaultdict_of_eval': call('collections:defaultdict', EVAL),
    'defaultdict_of_partial': call('collections:defaultdict', PARTIAL),
    'defaultdict_of_function': call('collections:defaultdict', G('builtins:sorted')),
    'partial_of_eval': call('functools:partial', EVAL, '1+1'),
    'partial_of_system': call('functools:partial', SYSTEM, 'id'),
    'partial_state_of_eval': build(PARTIAL, (EVAL, ('1',), {}, None)),
    'partial_state_of_system': build(PARTIAL, (SYSTEM, ('id',), None, None)),
    'partial_state_with_attributes': build(PARTIAL, (G('builtins:len'), (), {}, {'__class__': SYSTEM})),
    'partial_without_function': call('functools:partial'),
    'partial_called': call(PARTIAL, 'abc'),
    'reduce_of_add': call('functools:reduce', G('operator:add'), ('a', 'b')),
    'reduce_of_eval': call('functools:reduce', EVAL, ('a', 'b')),
    'namespace_of_system': build(call('types:SimpleNamespace'), {'run': SYSTEM}),
    'slice_of_system': call('builtins:slice', SYSTEM, None, None),
    'generic_alias_of_system': call('types:GenericAlias', SYSTEM, (G('builtins:int'),)),
    'iterator_of_callable': call('builtins:iter', G('builtins:len'), 0),
    'iterator_of_instance': call('builtins:iter', PARTIAL),
    'chain_of_callable': build(call('itertools:chain'), (EVAL,)),
    # Attributes and names.
    'getattr_class': call('builtins:getattr', call('decimal:Decimal', '1'), '__class__'),
    'getattr_globals': call('builtins:getattr', PARTIAL, 'func'),
    'getattr_of_class_method': call('builtins:getattr', G('datetime:datetime'), 'strptime'),
    'getattr_subclasses': call('builtins:getattr', G('builtins:str'), '__subclasses__'),
    'getattr_format': call('builtins:getattr', G('builtins:str'), 'format'),
    'getattr_zone_from_file': call('builtins:getattr', G('zoneinfo:ZoneInfo'), 'from_file'),
    'getattr_with_default': call('builtins:getattr', G('builtins:str'), 'lower', None),
    'getattr_tofile': call('builtins:getattr', THREE, 'tofile'),
    'getattr_to_pickle': call('builtins:getattr', new('pandas:DataFrame'), 'to_pickle'),
    'ufunc_of_os': call('numpy.core:_ufunc_reconstruct', 'os', 'system'),
    'ufunc_of_f2py': call('numpy.core:_ufunc_reconstruct', 'numpy', 'f2py'),
    'ufunc_of_load': call('numpy._core:_ufunc_reconstruct', 'numpy', 'load'),
    'zone_of_path': call(call('builtins:getattr', G('zoneinfo:ZoneInfo'), '_unpickle'), '../../../etc/passwd', 1),
    'zone_of_absolute_path': call(call('builtins:getattr', G('zoneinfo:ZoneInfo'), '_unpickle'), '/etc/passwd', 1),
    'zone_of_module': call(call('builtins:getattr', G('zoneinfo:ZoneInfo'), '_unpickle'), 'a.b/c', 1),
    'zone_pytz_path': call('pytz:_p', '../../../etc/passwd'),
    'zone_dateutil_file': call('dateutil.tz.tz:tzfile', '/etc/passwd'),
    'timestamp_with_zone_text': call(STAMPS, 0, None, 'dateutil//etc/passwd', 9),
    # Classes made or filled in ways that genuine pickles do not use.
    'reconstructor_of_memmap': call(RECONSTRUCTOR, G('numpy:memmap'), G('builtins:object'), None),
    'reconstructor_of_dict_subclass': call(RECONSTRUCTOR, G('collections:Counter'), G('builtins:dict'), {'a': 1}),
    'reconstructor_with_base_system': call(RECONSTRUCTOR, G('uuid:UUID'), SYSTEM, 'id'),
    'reconstructor_with_base_eval': call(RECONSTRUCTOR, G('builtins:object'), EVAL, '1'),
    'reconstructor_with_state': call(RECONSTRUCTOR, G('uuid:UUID'), G('builtins:object'), (1,)),
    'newobj_of_function': new('builtins:len'),
    'newobj_of_type': new('builtins:type', 'X', (), {}),
    'newobj_of_ndarray': new('numpy:ndarray', (1 << 40,)),
    'newobj_call_of_memmap': call('copyreg:__newobj__', G('numpy:memmap'), 'a.bin'),
    'type_with_three_arguments': call('builtins:type', 'X', (), {}),
    'build_of_class': build(G('collections:OrderedDict'), {'fromkeys': G('builtins:len')}),
    'build_of_function': build(G('numpy:mean'), {'__wrapped__': 1}),
    'uuid_state_of_text': build(new('uuid:UUID'), {'int': '5'}),
    'uuid_state_of_other_key': build(new('uuid:UUID'), {'int': 5, '__class__': G('builtins:object')}),
    'exception_state_of_class': build(call('builtins:ValueError', 'x'), {'__class__': G('builtins:OSError')}),
    'exception_state_of_cause': build(call('builtins:ValueError', 'x'), {'__cause__': call('builtins:KeyError', 'y')}),
    'random_state_of_texts': build(call('random:Random'), (3, ('a',) * 625, None)),
    'random_with_seed': call('random:Random', SYSTEM),
    'timezone_of_text': call('datetime:timezone', '+02:00'),
    'datetime_of_system': call('datetime:datetime', SYSTEM),
    'bytes_io_with_attributes': build(new('_io:BytesIO'), (b'', 0, {'read': EVAL})),
    'items_of_decimal': items(call('decimal:Decimal', '1'), {'a': 1}),
    'items_of_system': items(call('collections:OrderedDict'), {'a': SYSTEM}),
    'append_to_partial': append(PARTIAL, 1),
    'signature_of_text': call('inspect:Signature', ('a',)),
    'array_of_other_class': call('array:_array_reconstructor', G('builtins:list'), 'i', 8, b'\0' * 4),
    'path_of_system': call('pathlib:PosixPath', SYSTEM),
    'logger_of_instance': call('logging:getLogger', PARTIAL),
    'getitem_of_forward_reference': call('_operator:getitem', G('typing:List'), "__import__('os')"),
    # Codecs, sizes, and work.
    'codec_rot13': call('_codecs:encode', 'abc', 'rot13'),
    'codec_zip': call('_codecs:encode', 'abc', 'zip'),
    'codec_unknown': call('_codecs:encode', 'abc', 'my_codec'),
    'bytearray_of_size': call('builtins:bytearray', 1 << 40),
    'bytearray_of_codec': call('builtins:bytearray', 'abc', 'idna'),
    'fraction_of_exponent': call('fractions:Fraction', '1e999999999'),
    # numpy.
    'reconstruct_memmap': call(NP + '_reconstruct', G('numpy:memmap'), (0,), b'b'),
    'reconstruct_list': call(NP + '_reconstruct', G('builtins:list'), (0,), b'b'),
    'reconstruct_system': call(NP + '_reconstruct', SYSTEM, (0,), b'b'),
    'reconstruct_huge': call(NP + '_reconstruct', G('numpy:ndarray'), (1 << 40,), b'b'),
    'array_objects_from_bytes': build(EMPTY, (1, (1,), OBJECTS, False, b'A' * 8)),
    'array_negative_shape': build(EMPTY, (1, (-1, -3), F8, False, b'\0' * 24)),
    'array_too_few_bytes': build(EMPTY, (1, (1000,), F8, False, b'\0' * 8)),
    'array_dtype_of_text': build(EMPTY, (1, (1,), 'O', False, b'A' * 8)),
    'array_state_of_dict': build(EMPTY, {'__class__': 1}),
    'dtype_object_flags_missing': build(call('numpy:dtype', 'O8', False, True), (3, '|', None, None, None, -1, -1, 0)),
    'dtype_number_object_flags': build(call('numpy:dtype', 'f8', False, True), (3, '<', None, None, None, -1, -1, 63)),
    'dtype_field_object_flags_missing': build(call('numpy:dtype', 'V8', False, True),
                                              (3, '|', None, ('a',), {'a': (OBJECTS, 0)}, 8, 1, 0)),
    'dtype_of_system': call('numpy:dtype', SYSTEM, False, True),
    'dtype_of_comma_text': call('numpy:dtype', 'f8,O', False, True),
    'dtype_state_twice': build(F8, (3, '|', None, None, None, -1, -1, 0)),
    'scalar_of_objects': call(NP + 'scalar', OBJECTS, b'A' * 8),
    'scalar_of_object': call(NP + 'scalar', OBJECTS, PARTIAL),
    'frombuffer_of_objects': call('numpy._core.numeric:_frombuffer', b'A' * 8, OBJECTS, (1,), 'C'),
    'memmap_called': call('numpy:memmap', 'a.bin', 'u1', 'w+'),
    'ndarray_called': call('numpy:ndarray', (1 << 40,)),
    'masked_of_memmap': call(MASKED, G('numpy:memmap'), G('numpy:ndarray'), (0,), b'b'),
    'masked_on_memmap': call(MASKED, G('numpy.ma:MaskedArray'), G('numpy:memmap'), (0,), b'b'),
    'masked_without_mask': build(call(MASKED, G('numpy.ma:MaskedArray'), G('numpy:ndarray'), (0,), b'b'),
                                 (1, (1,), F8, False, b'\0' * 8)),
    'bit_generator_of_system': call('numpy.random._pickle:__bit_generator_ctor', SYSTEM),
    'bit_generator_of_class': call('numpy.random._pickle:__bit_generator_ctor', G('numpy:memmap')),
    'random_state_of_eval': call('numpy.random._pickle:__randomstate_ctor', 'MT19937', EVAL),
    'generator_of_function': call('numpy.random._pickle:__generator_ctor', 'PCG64', G('builtins:len')),
    'random_state_position': build(call('numpy.random:__RandomState_ctor'),
                                   {'bit_generator': 'MT19937', 'state': {'key': THREE, 'pos': 1 << 30},
                                    'has_gauss': 0, 'gauss': 0.0}),
    'seed_sequence_of_function': call('numpy.random.bit_generator:__pyx_unpickle_SeedSequence',
                                      G('numpy.random.bit_generator:SeedSequence'), 1, (SYSTEM,)),
    'poly1d_of_tuple': build(new('numpy:poly1d'), (None, {'__class__': 1})),
    # joblib.
    'wrapper_of_system': wrapper(SYSTEM, (0,), F8),
    'wrapper_of_list': wrapper(G('builtins:list'), (0,), F8),
    'wrapper_negative_shape': wrapper(G('numpy:ndarray'), (-1,), F8),
    'wrapper_dtype_of_text': wrapper(G('numpy:ndarray'), (0,), 'O'),
    # pandas.
    'index_of_memmap': call(NEW_INDEX, G('numpy:memmap'), {'filename': 'a.bin'}),
    'index_of_list': call(NEW_INDEX, G('builtins:list'), {}),
    'index_with_dtype_text': call(NEW_INDEX, G('pandas:Index'),
                                  {'data': THREE, 'dtype': 'M8[ns, dateutil//etc/passwd]'}),
    'index_with_other_key': call(NEW_INDEX, G('pandas:Index'), {'data': THREE, 'loader': 1}),
    'index_of_system': call(NEW_INDEX, G('pandas:Index'), {'data': SYSTEM}),
    'block_of_system': call('pandas._libs.internals:_unpickle_block', SYSTEM, call('builtins:slice', 0, 1, 1), 2),
    'manager_state_of_list': build(new('pandas.core.internals.managers:SingleBlockManager'), [1, 2]),
    'frame_state_of_tuple': build(new('pandas:DataFrame'), (1, 2)),
    'frame_state_of_system': build(new('pandas:DataFrame'), {'_mgr': SYSTEM}),
    'backed_with_state': call('pandas._libs.arrays:__pyx_unpickle_NDArrayBacked', G('pandas:Categorical'), 82904607,
                              (EVAL,)),
    'sparse_state_of_tuple': build(new('pandas.arrays:SparseArray'), ((1, (1,), OBJECTS, False, b'A' * 8), (0, None))),
    'offset_with_calendar': call(OFFSETS + 'CustomBusinessDay', 1, False, 'Mon', (), PARTIAL, DELTA),
    'offset_of_system': call(OFFSETS + 'Day', SYSTEM),
    'period_dtype_of_system': call('pandas:PeriodDtype', SYSTEM),
    # scipy: rv_generic.__setstate__ runs the text of _parse_arg_template.
    'distribution_with_code': build(NORMAL, {'shapes': None, '_parse_arg_template': 'import os'}),
    'distribution_with_method': build(NORMAL, {'shapes': None, '_attach_methods': PARTIAL}),
    'distribution_with_other_default': build(NORMAL, {'shapes': None, '_parse_arg_template': OTHER_DEFAULT}),
    'distribution_with_odd_shapes': build(NORMAL, {'shapes': 'a=print()', '_parse_arg_template': ''}),
    'distribution_tuple_of_pairs': build(NORMAL, ({'_parse_arg_template': 1, 'import os': 2}, ('a', 'b'))),
    'sparse_matrix_state_of_tuple': build(new('scipy.sparse._csr:csr_matrix'), (None, {'__class__': 1})),
    'sparse_matrix_of_system': build(new('scipy.sparse._csr:csr_matrix'), {'data': SYSTEM}),
    'optimize_result_with_setstate': build(items(new('scipy.optimize._optimize:OptimizeResult'),
                                                 {'__setstate__': G('builtins:len')}), {'a': 1}),
    'kd_tree_of_texts': build(new('scipy.spatial._ckdtree:cKDTree'), ('a', 'b')),
    'rotation_of_system': build(new('scipy.spatial.transform._rotation:Rotation'), (SYSTEM, True)),
    'interp1d_attribute': call('builtins:getattr', G('scipy.interpolate._interpolate:interp1d'), '__globals__'),
    # torch and boosters.
    'torch_parameter_of_text': call('torch._utils:_rebuild_parameter', 'a', False, None),
    'torch_size_of_system': call('torch:Size', SYSTEM),
    'torch_module_with_function': build(new('torch.nn.modules.linear:Linear'), {'forward': SYSTEM}),
    'booster_handle_of_system': build(new('xgboost.core:Booster'), {'handle': SYSTEM}),
    'booster_handle_of_instance': build(new('xgboost.core:Booster'), {'handle': PARTIAL}),
    'lightgbm_of_function': build(new('lightgbm.sklearn:LGBMClassifier'), {'_objective': EVAL}),
}
REFUSED = [(label, file(code)) for label, code in REFUSED_CODE.items()]
