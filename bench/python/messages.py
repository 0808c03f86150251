"""Small payloads, where what counts is the cost of a call: a message of 100 bytes, and objects of
pyperformance's shapes.

pyperformance's benchmarks pickle, unpickle, pickle_list, unpickle_list and pickle_dict time these shapes: a
dict of 33 fields with a date and a list in it, a tuple with a list of 20 ints, three such dicts in a list;
ten lists of two lists of ten ints; 100 dicts of ten ints. The values here are made up.
"""
import datetime
import random


def message():
    return [{'id': 4711, 'kind': 'update', 'user': 'anna', 'score': 0.25, 'tags': ['new', 'red'],
             'done': False}]


def profile(numbers):
    words = {'word%02d' % number: ''.join(numbers.choices('abcdefghij', k=numbers.randrange(1, 12)))
             for number in range(12)}
    flags = {'flag%02d' % number: numbers.randrange(2) for number in range(8)}
    counts = {'count_of_%02d' % number: numbers.randrange(2 ** 30) for number in range(10)}
    return dict(words, **flags, **counts, birthday=datetime.date(1980, 5, 7), tags=list('abcdefg'),
                play_time=412317970704)


def changed(record, numbers):
    """The same keys, and values of which no two are one object."""
    return {key: str(numbers.random()) if isinstance(value, str) else numbers.randrange(2 ** 62)
            for key, value in record.items()}


def profiles():
    numbers = random.Random(2)
    record = profile(numbers)
    pair = [numbers.randrange(45_000_000, 266_000_000) for _ in range(20)], 60
    return [record, pair, [changed(record, numbers) for _ in range(3)]]


def lists():
    return [[[list(range(10)), list(range(10))] for _ in range(10)]]


def dicts():
    return [{key: dict.fromkeys(range(10)) for key in range(100)}]
