"""Integers at every opcode's edge, big integers, floats, and the constants."""
from __future__ import absolute_import

from corpus.registry import ALL, PYTHON3, case

integer = int if PYTHON3 else long  # noqa: F821

EDGES = sorted(set(
    sign * (2 ** bits + offset)
    for bits in (0, 7, 8, 15, 16, 31, 32, 62, 63, 64, 127, 128)
    for offset in (-2, -1, 0, 1, 2)
    for sign in (1, -1)))

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 1.0 / 3, 1e16, 1e17, 123456789012345680.0, 1e22, 1e23, 5e-324, -5e-324,
          2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, 1e-5, 1e-4, 0.0001234,
          float('inf'), float('-inf'), float('nan'), 3.0, 1e100, 2.0 ** 53, 2.0 ** 53 + 2]


def byte_length_edges(lengths):
    values = []
    for length in lengths:
        values += [2 ** (8 * length - 1) - 1, 2 ** (8 * length - 1), -2 ** (8 * length - 1), -2 ** (8 * length - 1) - 1]
    return values


case('int_edges', lambda: list(EDGES))
case('int_repeated', lambda: [300, 300, 70000, 70000, 2 ** 40, 2 ** 40])
case('int_big_1_to_40_bytes', lambda: byte_length_edges(range(1, 41)))
case('int_big_41_to_300_bytes', lambda: byte_length_edges(range(41, 301)))
case('int_big_long4_edge', lambda: byte_length_edges(range(253, 260)))
case('int_70000_bytes', lambda: [3 ** 353000, -3 ** 353000], ALL[2:])
case('bool_and_none', lambda: [True, False, None, 1, 0, (True,), {None: False}])
case('float_edges', lambda: list(FLOATS))
case('complex', lambda: [complex(1, 2), complex(-0.0, float('nan')), complex(float('inf'), 0.0), 0j])

for label, root in (('none', None), ('true', True), ('false', False), ('zero', 0), ('one', 1), ('minus_one', -1),
                    ('255', 255), ('256', 256), ('65535', 65535), ('65536', 65536), ('2_31', 2 ** 31),
                    ('minus_2_31', -2 ** 31), ('2_63', 2 ** 63), ('2_2039', 2 ** 2039), ('2_2040', 2 ** 2040),
                    ('float', 1.5), ('nan', float('nan'))):
    case('root_' + label, lambda root=root: root)

if not PYTHON3:
    case('py2_long_edges', lambda: [integer(value) for value in EDGES])
    case('py2_long_zero', lambda: [integer(0), 0, integer(-1), -1])
