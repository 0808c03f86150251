"""Frames end where _pickle's end (64 KiB and then before the next value), whatever comes there."""
import _pickle
import io

import pytest

import under_test

module = under_test.import_module()


def nested(depth):
    value = [depth]
    for level in range(depth):
        value = [value, level]
    return value


# What can stand at a frame's end; each is written so often that every offset in it meets one.
CONTENTS = {
    'lists that end in a number': [nested(400) for _ in range(200)],
    'lists of numbers': [[1, 300, 70000, 2.5] for _ in range(40_000)],
    'lists of one number': [[i & 255] for i in range(60_000)],
    'numbers and text': [[i, 'x', i] for i in range(30_000)],
    'tuples': [(i, [i]) for i in range(40_000)],
    'dicts': [{'a': i, 'b': [i, i]} for i in range(20_000)],
    'empty and long numbers': [[[], 1 << 70, 3] for _ in range(20_000)],
}


@pytest.mark.parametrize('protocol', (4, 5))
@pytest.mark.parametrize('name', CONTENTS)
def test_frames(name, protocol):
    value = CONTENTS[name]
    expected = _pickle.dumps(value, protocol)
    assert expected.count(b'\x95') > 3
    assert module.dumps(value, protocol) == expected
    file = io.BytesIO()
    module.dump(value, file, protocol)
    assert file.getvalue() == expected
