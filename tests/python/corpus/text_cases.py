"""Text and bytes: every length edge, every character that some protocol must escape."""
from __future__ import absolute_import

from corpus.registry import ALL, PYTHON, PYTHON3, case, case_to_file

SMALL = (0, 1, 2, 10, 254, 255, 256, 257, 1000)
LARGE = (65534, 65535, 65536, 65537, 131072)
CONTROL = u''.join(chr(code) if PYTHON3 else unichr(code) for code in range(256))  # noqa: F821
ESCAPES = [u'', u'\\', u'\\\\', u'\\n', u'\n', u'\r', u'\r\n', u'\0', u'\x1a', u'\t', u'\\u0041', u'\\x41', u"'", u'"',
           u'\'"', u'\x7f', u'\x80', u'\xe9', u'\xff', u'\u0100', u'\u20ac', u'\u4e2d\u6587', u'\uffff', u'\ufeff',
           u'\U0001f600', u'\U0010ffff', u'a\\\nb\r\x1ac\0', u' leading and trailing ', CONTROL]
SURROGATES = [u'\ud800', u'\udfff', u'a\ud83db', u'\udc80\udcff', u'\ude00\ud83d']


def shared_text():
    once = u'shared ' * 2
    return [once, once, {once: once}, u''.join([u'shared ', u'shared '])]


case('text_small_ascii', lambda: [u'a' * length for length in SMALL])
case('text_small_latin1', lambda: [u'\xe9' * length for length in (1, 127, 128, 129, 255, 256)])
case('text_small_cjk', lambda: [u'\u4e2d' * length for length in (1, 84, 85, 86, 87, 255, 256)])
case('text_small_astral', lambda: [u'\U0001f600' * length for length in (1, 63, 64, 65)])
case('text_escapes', lambda: list(ESCAPES))
case('text_surrogates', lambda: list(SURROGATES))
case('text_shared', shared_text)
case('text_keys', lambda: {u'': 1, u'key': 2, u'\u4e2d': 3})
case('bytes_small', lambda: [b'\xab' * length for length in SMALL])
case('bytes_all', lambda: [bytes(bytearray(range(256))), bytes(bytearray(range(255, -1, -1))), b'a\nb\\c\'d"e'])
case('bytearray_small', lambda: [bytearray(b'\xcd' * length) for length in SMALL])
case('bytearray_all', lambda: bytearray(range(256)))

for length in (0, 1, 255, 256):
    case('root_text_%d' % length, lambda length=length: u'r' * length)
    case('root_bytes_%d' % length, lambda length=length: b'r' * length)
    case('root_bytearray_%d' % length, lambda length=length: bytearray(b'r' * length))

for length in LARGE:
    case('text_%d' % length, lambda length=length: [u't' * length, u'after', 1])
    case('bytes_%d' % length, lambda length=length: [b'b' * length, b'after', 1], ALL[1:])
    case('bytearray_%d' % length, lambda length=length: [bytearray(b'a' * length), bytearray(b'after'), 1], ALL[1:])
    case_to_file('file_text_%d' % length, lambda length=length: [u't' * length, u'after', 1], ALL[4:])
    case_to_file('file_bytes_%d' % length, lambda length=length: [b'b' * length, b'after', 1], ALL[3:])
case('text_cjk_65538_bytes', lambda: [u'\u4e2d' * 21846, u'\u4e2d' * 21845, u'after'])

if PYTHON >= (3, 8):
    case_to_file('file_bytearray_65536', lambda: [bytearray(65536), bytearray(65535), 1], ALL[4:])

if not PYTHON3:
    case('py2_str_quotes', lambda: ["'", '"', '\'"', '\\', '\n', '\r', '\0', '\x1a', '\t', "it's", 'say "x"'])
    case('py2_str_high', lambda: ['\x80', '\xff', 'caf\xe9', '\xe4\xb8\xad', ''.join(map(chr, range(256)))])
    case('py2_str_lengths', lambda: ['s' * length for length in SMALL + LARGE])
    case('py2_str_keys', lambda: {'a': 1, u'a b': 2, 'caf\xe9': u'caf\xe9'})
    case('py2_str_shared', lambda: (lambda name: [name, name, (name, name), {name: name}])('shared' * 3))
