"""Sample pickles, and what is made of them: every truncation and byte flips by a seeded generator."""
import _pickle
import collections
import datetime
import decimal
import random


class Sample:
    def __init__(self, **state):
        vars(self).update(state)


def values():
    shared = ['shared', 2.5]
    cycle = [1]
    cycle.append({'self': cycle})
    return [
        None, True, -1, 300, 70_000, 1 << 40, -(1 << 70), 1 << 2100, 1.5, 'text', 'text\n\\ \u20ac\U0001f600', b'bytes\0\xff',
        'long' * 80, b'long' * 80, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [1, [2, [3]]], {'a': 1, 'b': {'c': None}},
        {1, 2}, frozenset({3}), bytearray(b'abc'), [shared, shared, (shared,)], cycle, complex(1, 2), range(5),
        Sample(name='n', other=[1, 2]), [Sample(name='n'), Sample(name='m')], collections.OrderedDict(a=1),
        collections.deque([1, 2], 3), datetime.date(2020, 1, 2), datetime.timedelta(3), decimal.Decimal('1.5'), list(range(300)),
    ]


def samples():
    """{name: bytes}, each value at every protocol."""
    made = {'%d.p%d' % (at, protocol): _pickle.dumps(value, protocol)
            for at, value in enumerate(values()) for protocol in range(6)}
    made['python 2 strings'] = b"(S'a\\n'\nU\x02\xffbT\x02\x00\x00\x00cdI01\nL5L\nlp0\n."
    made['instances'] = b'(ihostile_samples\nSample\n(dS"a"\nI1\nsb.'
    made['persistent'] = b'Pname\n.'
    made['extension'] = b'\x80\x02\x82\x01.'
    return made


def truncations(limit):
    for name, data in samples().items():
        for length in range(min(len(data), limit)):
            yield '%s[:%d]' % (name, length), data[:length]


def flips(seed, each):
    """Bytes changed, put in, taken out or doubled, one to four of them."""
    generator = random.Random(seed)
    for name, data in samples().items():
        for number in range(each):
            changed = bytearray(data)
            for _ in range(generator.choice((1, 1, 1, 2, 4))):
                at = generator.randrange(len(changed)) if changed else 0
                kind = generator.randrange(5)
                if kind <= 2 or not changed:
                    changed[at:at + 1] = bytes([generator.randrange(256)])
                elif kind == 3:
                    del changed[at]
                else:
                    changed[at:at] = changed[at:at + generator.randrange(1, 9)]
            yield '%s flip %d' % (name, number), bytes(changed)
