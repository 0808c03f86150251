"""examples/records.cc, the README's program: records that Python pickled become structs, and come back."""
import collections
import dataclasses
import pathlib
import pickle
import types

import pytest

from examples import error_of_example, run_example

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
RECORDS = [{'name': 'run %d' % i, 'loss': i / 7 % 1, 'epochs': None if i % 3 else i} for i in range(20)]
GOOD = [record for record in RECORDS if record['loss'] <= 0.5]


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ('name', 'loss', 'epochs')

    def __init__(self, **attributes):
        for name, value in attributes.items():
            setattr(self, name, value)


@dataclasses.dataclass
class Dataclass:
    name: str
    loss: float
    epochs: object


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str
    loss: float
    epochs: object
    __slots__ = ('name', 'loss', 'epochs')

    def __getstate__(self):  # as dataclasses(slots=True, frozen=True) of Python 3.10 and later makes it
        return [self.name, self.loss, self.epochs]

    def __setstate__(self, state):
        for name, value in zip(self.__slots__, state):
            object.__setattr__(self, name, value)


Named = collections.namedtuple('Named', 'name loss epochs')
CLASSES = [dict, Plain, Slotted, Dataclass, Frozen, Named, types.SimpleNamespace, collections.OrderedDict]


def convert(tmp_path, value, protocol):
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(value, protocol))
    run_example('records', tmp_path / 'in.pkl', tmp_path / 'out.pkl')
    return pickle.loads((tmp_path / 'out.pkl').read_bytes())


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('kind', CLASSES, ids=lambda kind: kind.__name__)
def test_records(tmp_path, kind, protocol):
    if kind is Slotted and protocol < 2:
        pytest.skip('Python cannot pickle these')
    assert convert(tmp_path, [kind(**record) for record in RECORDS], protocol) == GOOD


def test_errors_name_the_path(tmp_path):
    (tmp_path / 'in.pkl').write_bytes(pickle.dumps(RECORDS[:3] + [{'name': 'x', 'loss': 'high'}]))
    assert error_of_example('records', tmp_path / 'in.pkl', 'none') == '$[3].loss: expected float, found str\n'


def test_the_readme_shows_this_program():
    root = pathlib.Path(__file__).resolve().parents[2]
    program = (root / 'examples' / 'records.cc').read_text()
    assert '```cpp\n%s```' % program in (root / 'README.md').read_text()
