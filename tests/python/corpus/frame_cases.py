"""Protocol 4's frames: their ends just before, at and after 64 KiB, many of them, and what is written outside of them."""
from __future__ import absolute_import

from corpus.registry import ALL, case, case_to_file

FRAMED = ALL[4:]


def both(name, make):
    case(name, make, FRAMED)
    case_to_file('file_' + name, make, FRAMED)


# `]` `\x94` `(` and `X....` with 60,000 letters and `\x94` are 60,009 bytes, the second text 6 more than its letters;
# a frame is closed at the first opcode boundary at or past 65,536 bytes: 5,521 letters.
for extra in range(5518, 5526):
    both('frame_text_%d' % extra, lambda extra=extra: [u'x' * 60000, u'y' * extra, 1, 2, 3])
for extra in (5519, 5522, 5526):
    both('frame_bytes_%d' % extra, lambda extra=extra: (b'x' * 60000, b'y' * extra, None))
    both('frame_then_stop_%d' % extra, lambda extra=extra: {u'x' * 60000: u'y' * extra})

both('frames_many_texts', lambda: [u'%d ' % number * (1000 + 137 * number) for number in range(36)])
both('frames_many_numbers', lambda: list(range(70000, 97000)))
both('frames_many_pairs', lambda: [(number, [number]) for number in range(12000)])
both('large_bytes_root', lambda: b'x' * 70000)
both('large_bytes_65536_root', lambda: b'x' * 65536)
both('large_text_65536_root', lambda: u'x' * 65536)
both('large_then_one', lambda: (b'x' * 65536, 1))
both('small_then_large', lambda: [1, 2, b'x' * 65536])
both('large_between_small', lambda: [b'x' * 70000, 1, u'a', b'y' * 65536, (), b'z' * 65535, u't' * 65537, [u'end']])
both('large_twice', lambda: (lambda large: [large, large, u'end'])(b'x' * 80000))
both('large_keys', lambda: {u'k' * 65536: 1, u'k' * 65535: b'v' * 65536})
both('large_alone_in_tuples', lambda: ((b'x' * 65536,), (b'y' * 65536,)))
both('large_next_to_large', lambda: [b'x' * 65536, b'y' * 65536, u'z' * 65536])
both('full_frame_then_large', lambda: [u'x' * 60000, u'y' * 5530, b'z' * 65536, 1])
both('large_int', lambda: [2 ** 600000, 1, 2 ** 524280, 2])
both('frame_of_three_bytes', lambda: 300)
both('frame_of_four_bytes', lambda: (300,))
both('frame_of_one_byte', lambda: None)
