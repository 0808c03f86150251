"""The files of the scanners' benchmark: many small pickles, one of twenty million instructions, a large torch file."""
import collections
import datetime
import io
import os
import pickle
import random
import sys
import types
import zipfile

SMALL_FILES = 1000


def small_values(dice):
    """What folders of small pickles hold: settings, records, counters, dates."""
    records = [{'name': 'item %d' % i, 'price': dice.random() * 100, 'tags': ['a', 'b', str(i)],
                'day': datetime.date(2026, 1, 1 + i % 28)} for i in range(dice.randrange(5, 30))]
    return [records, collections.OrderedDict((str(i), i * i) for i in range(50)), collections.Counter('some text or other'),
            {'values': [dice.random() for _ in range(100)], 'done': True, 'note': None}]


def make_small(folder):
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(1)
    for number in range(SMALL_FILES):
        value = small_values(dice)[number % 4]
        (folder / ('%04d.pkl' % number)).write_bytes(pickle.dumps(value, 2 + number % 4))


def make_instructions(path, count):
    """A list of `count` small integers: two bytes and a half for each."""
    path.write_bytes(pickle.dumps([200 if i % 2 else 70 + 256 * (i % 200) for i in range(count)], 4))


def make_records(path, count):
    path.write_bytes(pickle.dumps([{'id': i, 'score': i / 7, 'pair': (i, -i), 'name': 'n%d' % i} for i in range(count)], 4))


class FloatStorage:
    pass


def _rebuild_tensor_v2(*_):
    pass


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


class Tensor:
    def __init__(self, storage):
        self.storage = storage

    def __reduce__(self):
        return _rebuild_tensor_v2, (self.storage, 0, (self.storage.count,), (1,), False, collections.OrderedDict())


class TorchPickler(pickle.Pickler):
    """Writes what torch.save does (torch/serialization.py)."""

    def persistent_id(self, value):
        if isinstance(value, Storage):
            return 'storage', FloatStorage, value.key, 'cpu', value.count


def make_torch(path, size, count=20):
    for module, value in (('torch', FloatStorage), ('torch._utils', _rebuild_tensor_v2)):
        value.__module__ = module
        sys.modules[module] = types.ModuleType(module)
        setattr(sys.modules[module], value.__name__, value)
    items = size // 4 // count
    file = io.BytesIO()
    TorchPickler(file, 2).dump(collections.OrderedDict(
        ('layer%d.weight' % i, Tensor(Storage(str(i), items))) for i in range(count)))
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as archive:
        archive.writestr('archive/data.pkl', file.getvalue())
        archive.writestr('archive/version', '3\n')
        for i in range(count):
            archive.writestr('archive/data/%d' % i, os.urandom(items * 4))


def make_all(folder, scale):
    """Paths by workload; made once."""
    paths = {'1,000 small files': folder / 'small', '20 million instructions': folder / 'instructions.pkl',
             'records': folder / 'records.pkl', 'torch file': folder / 'torch.pt'}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        make_small(paths['1,000 small files'])
        make_instructions(paths['20 million instructions'], 20_000_000 // scale)
        make_records(paths['records'], 500_000 // scale)
        make_torch(paths['torch file'], 500_000_000 // scale)
    return paths
