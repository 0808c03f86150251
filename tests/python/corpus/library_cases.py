"""The standard library's own picklable values."""
from __future__ import absolute_import

import array
import collections
import datetime
import decimal
import fractions
import functools
import operator
import random
import re
import time
import uuid

from corpus import classes
from corpus.registry import ALL, PYTHON, PYTHON3, case

Decimal, Fraction = decimal.Decimal, fractions.Fraction
DAY = datetime.date(2024, 2, 29)
MOMENT = datetime.datetime(1999, 12, 31, 23, 59, 59, 999999)


def counter():
    value = collections.Counter()
    for letter in u'abracadabra':
        value[letter] += 1
    return value


case('date', lambda: [DAY, datetime.date.min, datetime.date.max])
case('time', lambda: [datetime.time(), datetime.time(1, 2, 3, 4), datetime.time.max])
case('datetime', lambda: [MOMENT, datetime.datetime.min, datetime.datetime.max, datetime.datetime(2024, 1, 1)])
case('datetime_500', lambda: [datetime.datetime(2000 + n % 50, 1 + n % 12, 1 + n % 28, n % 24, n % 60) for n in range(500)])
case('timedelta', lambda: [datetime.timedelta(), datetime.timedelta(-1, 2, 3), datetime.timedelta.max])
case('decimal', lambda: [Decimal(text) for text in ('0', '-0', '1.50', '1E+100', 'NaN', '-Infinity', 'sNaN', '3.14')])
case('fraction', lambda: [Fraction(1, 3), Fraction(-7, 2), Fraction(0)])
case('uuid', lambda: [uuid.UUID(int=0), uuid.UUID('12345678-1234-5678-1234-567812345678')])
case('counter', counter)
case('defaultdicts', lambda: [collections.defaultdict(), collections.defaultdict(int, {1: 2}), collections.defaultdict(None, {})])
case('deques', lambda: [collections.deque(), collections.deque([1, 2], 2), collections.deque([], 0)])
case('ordereddict_of_text', lambda: collections.OrderedDict([(u'z', 1), (u'a', [2]), (u'm', None)]))
case('ranges', lambda: [range(0), range(10), range(1, 10, 3), range(10, -10, -1)])
case('slices', lambda: [slice(None), slice(1), slice(1, 2, 3), slice(None, None, -1)], ALL if PYTHON3 else ())
case('partial', lambda: functools.partial(classes.function, 1))
case('partial_keywords', lambda: functools.partial(int, base=2))
case('array', lambda: [array.array('i', [1, 2, 3]), array.array('d', [0.5]), array.array('B', b'bytes'), array.array('H')])
case('array_1000', lambda: array.array('l', range(1000)))
case('random', lambda: random.Random(7))
case('regex', lambda: [re.compile(u'a+b'), re.compile(b'x', re.S)])
case('struct_time', lambda: time.gmtime(0))
case('operators', lambda: [operator.itemgetter(1), operator.attrgetter('a.b'), operator.methodcaller('m', 1)],
     ALL if PYTHON >= (3, 5) else ())

if PYTHON3:
    import ipaddress
    import pathlib
    import string
    import types
    import typing
    import urllib.parse
    import xml.etree.ElementTree as ElementTree

    from corpus import modern_classes
    from corpus.modern_classes import Color, IntPermission, Number, Permission

    EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=45))
    WEST = datetime.timezone(datetime.timedelta(hours=-8), 'West')

    def element():
        root = ElementTree.Element('root', {'a': 'b'})
        ElementTree.SubElement(root, 'child').text = 'text'
        return root

    case('zones', lambda: [datetime.timezone.utc, EAST, WEST])
    case('datetime_zones', lambda: [MOMENT.replace(tzinfo=datetime.timezone.utc), MOMENT.replace(tzinfo=EAST),
                                    MOMENT.replace(tzinfo=EAST), datetime.time(1, tzinfo=WEST)])
    case('datetime_fold', lambda: [MOMENT.replace(fold=1), datetime.time(1, 30, fold=1)])
    case('enums', lambda: [Color.RED, Color.GREEN, Color.BLUE, Color.RED, Number.ONE, Number.TWO, modern_classes.Outer.Shade.DARK])
    case('enum_classes', lambda: [Color, Number, Color])
    case('flags', lambda: [Permission.READ, Permission.READ | Permission.EXECUTE, Permission(0), IntPermission(3)])
    case('typed_namedtuple', lambda: [modern_classes.Typed('a'), modern_classes.Typed('b', 4)])
    case('paths', lambda: [pathlib.PurePosixPath('/usr/lib'), pathlib.PureWindowsPath('C:\\x\\y'), pathlib.Path('a/b'), pathlib.Path()])
    case('chainmap', lambda: collections.ChainMap({1: 2}, {3: 4}, collections.OrderedDict()))
    case('user_containers', lambda: [collections.UserDict(a=1), collections.UserList([1, 2]), collections.UserString('text')])
    case('namespace', lambda: types.SimpleNamespace(a=1, b=[2], c=types.SimpleNamespace()))
    case('ip_addresses', lambda: [ipaddress.ip_address('10.0.0.1'), ipaddress.ip_network('fe80::/64')])
    case('template', lambda: string.Template('$name'))
    case('url', lambda: urllib.parse.urlparse('https://user@host:80/path;p?q=1#f'))
    case('element', element)
    case('typing', lambda: [typing.List[int], typing.Dict[str, typing.Any], typing.Optional[int]], ALL if PYTHON >= (3, 7) else ())
    case('iterators', lambda: [iter([1, 2, 3]), iter((1, 2)), iter('ab'), reversed([1, 2]), iter(range(3)), enumerate([1])])
    case('dict_views', lambda: [iter({1: 2}), iter({1})])
    case('os_error_kinds', lambda: [FileNotFoundError(2, 'no'), PermissionError(13, 'denied', 'name')])
    case('error_without_python2_name', lambda: [TimeoutError(), ImportError('no'), ModuleNotFoundError('no')])
    case('bytes_warning', lambda: [DeprecationWarning('old'), UnicodeEncodeError('ascii', '\xe9', 0, 1, 'reason')])

if PYTHON >= (3, 7):  # 3.6 loses the outer class of a NamedTuple
    case('nested_namedtuple', lambda: [modern_classes.Outer.Pair(1, 'r')])
    case('dataclasses', lambda: [modern_classes.Data(1, 'a'), modern_classes.Data(2, 'b', [3]), modern_classes.Frozen(1),
                                 modern_classes.SubData(1, 'x', [], 2.5)])
    case('dataclasses_300', lambda: [modern_classes.Data(n, 'text %d' % n, [n]) for n in range(300)])

if PYTHON >= (3, 9):
    import zoneinfo

    case('generic_alias', lambda: [list[int], dict[str, list[int]], tuple[int, ...]])

    def zones():
        return [zoneinfo.ZoneInfo('Europe/Paris'), MOMENT.replace(tzinfo=zoneinfo.ZoneInfo('UTC'))]
    try:
        zones()
        case('zoneinfo', zones)
    except zoneinfo.ZoneInfoNotFoundError:  # no time zone database on this machine
        pass

if PYTHON >= (3, 10):
    case('union_types', lambda: [int | None, type(int | None)])
    case('slotted_dataclasses', lambda: [modern_classes.SlottedData(1, 'a'), modern_classes.SlottedFrozen(2, 'b')], ALL[2:])
