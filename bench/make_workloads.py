#!/usr/bin/env python3
"""Writes the workloads of the benchmark as pickles: FOLDER/<workload>.p4.pkl and .p5.pkl. What is there is kept.

    make_workloads.py FOLDER [--quick] [NAME ...]

--quick writes a hundredth of each, into FOLDER/quick, to test the harness. A workload whose package (numpy, pandas,
scikit-learn) is missing is skipped with a notice.
"""
import argparse
import pathlib
import pickle
import random
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workload_classes  # noqa: E402

# Made of many small objects: the workloads whose ratios make the geometric means.
OBJECT_RICH = ('records', 'instances', 'dataclasses', 'slotted', 'containers', 'nested', 'small_arrays')
MANY, SOME = 1_000_000, 100_000


def nested(depth):
    value = [depth]
    for level in range(depth):
        value = [value, level]
    return value


def mixed_containers(count):
    makers = (lambda number: (number, str(number), number / 2),
              lambda number: {number, number + 1, number + 2},
              lambda number: frozenset((number, str(number))),
              lambda number: (number, (number, None), True, ()))
    return [makers[number % 4](number) for number in range(count)]


def small_arrays(count):
    import numpy
    return [numpy.arange(number, number + 4, dtype=numpy.float64) for number in range(count)]


def big_array(count):
    import numpy
    return numpy.arange(count, dtype=numpy.float64)


def forest(trees, rows):
    import numpy
    from sklearn.ensemble import RandomForestClassifier
    random_state = numpy.random.RandomState(0)
    inputs = random_state.normal(size=(rows, 10))
    return RandomForestClassifier(trees, random_state=0).fit(inputs, (inputs[:, 0] + inputs[:, 1] > 0).astype(int))


def table(rows):
    import numpy
    import pandas
    return pandas.DataFrame({'number': numpy.arange(rows), 'score': numpy.arange(rows) / 7,
                             'name': numpy.array(['name %d' % row for row in range(rows)], dtype=object)}).astype({'name': object})


def workloads(scale):
    """Name: a function that makes the object. `scale` divides the counts."""
    many, some = MANY // scale, SOME // scale
    numbers = random.Random(1)
    return {
        'ints': lambda: [numbers.randrange(-2 ** 31, 2 ** 31) for _ in range(many)],
        'floats': lambda: [numbers.random() for _ in range(many)],
        'short_strings': lambda: ['str%d' % number for number in range(some)],
        'cjk_strings': lambda: ['\u6f22\u5b57\u30c6\u30ad\u30b9\u30c8%d\u4e2d\u6587' % number for number in range(some)],
        'records': lambda: [{'id': number, 'name': 'user%d' % number, 'score': number / 3, 'active': number % 2 == 0,
                             'tag': 'tag%d' % (number % 10), 'age': number % 90} for number in range(some)],
        'instances': lambda: [workload_classes.Instance(number) for number in range(some)],
        'dataclasses': lambda: [workload_classes.Record(number, 'name %d' % number, number / 7, True, 'tag%d' % (number % 10))
                                for number in range(some)],
        'slotted': lambda: [workload_classes.Slotted(number) for number in range(some)],
        'containers': lambda: mixed_containers(40_000 // scale),
        'nested': lambda: [nested(400) for _ in range(max(300 // scale, 3))],
        'small_arrays': lambda: small_arrays(20_000 // scale),
        'big_array': lambda: big_array(10_000_000 // scale),
        'many_bytes': lambda: [bytes([number % 256]) * (1_000_000 // scale) for number in range(200)],
        'forest': lambda: forest(max(100 // scale, 3), 1000 // min(scale, 10)),
        'object_frame': lambda: table(some),
    }


def write_pickle(value, path, protocol):
    """Through another name, so that an interrupted run leaves no half file."""
    partial = path.with_suffix('.partial')
    with open(partial, 'wb') as file:
        pickle.dump(value, file, protocol)
    partial.rename(path)


def make_all(folder, scale, names):
    """The workloads that could be made."""
    folder.mkdir(parents=True, exist_ok=True)
    sys.setrecursionlimit(10_000)
    made = []
    for name, make in workloads(scale).items():
        if names and name not in names:
            continue
        paths = {protocol: folder / ('%s.p%d.pkl' % (name, protocol)) for protocol in (4, 5)}
        if not all(path.exists() for path in paths.values()):
            try:
                value = make()
            except ImportError as missing:
                print('bench: skipped %s: %s' % (name, missing), file=sys.stderr)
                continue
            for protocol, path in paths.items():
                write_pickle(value, path, protocol)
        made.append(name)
    return made


def make_huge_file(folder, size):
    """A file of about `size` bytes: a list of ten arrays. None where numpy or the disk space is missing."""
    path = folder / 'huge_arrays.p5.pkl'
    if path.exists():
        return path
    try:
        import numpy
    except ImportError as missing:
        print('bench: skipped the huge file: %s' % missing, file=sys.stderr)
        return None
    if shutil.disk_usage(folder).free < 2 * size:
        print('bench: skipped the huge file: less than %d MB free' % (2 * size // 1_000_000), file=sys.stderr)
        return None
    array = numpy.arange(size // 80, dtype=numpy.float64)
    write_pickle([array[:] for _ in range(10)], path, 5)
    return path


def make_small_file(folder):
    path = folder / 'small.p4.pkl'
    write_pickle({'name': 'a small file', 'numbers': list(range(20)), 'item': workload_classes.Instance(1)}, path, 4)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('names', nargs='*')
    parser.add_argument('--quick', action='store_true')
    options = parser.parse_args()
    folder = options.folder / 'quick' if options.quick else options.folder
    print('\n'.join(make_all(folder, 100 if options.quick else 1, options.names)))


if __name__ == '__main__':
    main()
