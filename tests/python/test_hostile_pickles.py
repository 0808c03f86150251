"""The generator of hostile pickles, itself: what it makes has the shape that it states."""
import collections
import io
import pathlib
import pickletools

import pytest

import hostile_pickles
from hostile_pickles import ANY, DANGEROUS, VERDICTS


@pytest.fixture(scope='module')
def files():
    return list(hostile_pickles.hostile_files())


def test_there_are_many_of_each_kind(files):
    kinds = collections.Counter(file.name.split('_')[0] for file in files)
    assert len(files) >= 450
    assert kinds['callable'] >= 150 and kinds['container'] >= 100
    assert sum(file.expected == DANGEROUS for file in files) >= 400


def test_names_are_unique_and_plain(files):
    names = collections.Counter(file.name for file in files)
    assert [name for name, count in names.items() if count > 1] == []
    assert all(set(name) <= set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-') for name in names)


def test_fields(files):
    for file in files:
        assert file.expected in VERDICTS and file.expected != ANY, file.name
        assert file.because and isinstance(file.data, bytes), file.name


def test_no_two_are_the_same(files):
    seen = collections.defaultdict(list)
    for file in files:
        kind = file.name.split('_')[0]
        if kind != 'container':
            seen[kind, file.data].append(file.name)
    assert [names for names in seen.values() if len(names) > 1] == []


def test_pickletools_disassembles_those_called_well_formed(files):
    for file in files:
        if file.well_formed:
            try:
                pickletools.dis(file.data, out=io.StringIO())
            except Exception as error:
                pytest.fail('%s: %s' % (file.name, error))


def test_resource_attacks_are_lazy_and_small():
    attacks = hostile_pickles.resource_attacks()
    names = set()
    for attack in attacks:
        assert attack.name not in names and attack.expected in VERDICTS, attack.name
        assert len(attack.data) <= 12_000_000, attack.name
        names.add(attack.name)
    assert len(names) >= 60


def test_nothing_is_loaded():
    source = pathlib.Path(hostile_pickles.__file__).read_text(encoding='utf-8')
    assert 'import pickle' not in source and 'import marshal' not in source
