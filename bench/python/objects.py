"""The workloads of the Python benchmark: those of the engine's benchmark, and what only Python programs meet.

A workload is a list of values, each pickled by a call of its own; most have one.
"""
import dataclasses
import datetime
import decimal
import pathlib
import random
import sys
import typing
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # make_workloads, workload_classes
import make_workloads  # noqa: E402
import messages  # noqa: E402
import record_classes  # noqa: E402

# The default of the Pythons measured here.
PROTOCOL = 4


@dataclasses.dataclass
class Workload:
    name: str
    make: typing.Callable
    protocol: int = PROTOCOL
    # A str that isn't ASCII keeps its UTF-8 once asked for: its second dump is cheaper than the first,
    # whoever made that. So each timing gets new ones.
    made_anew: bool = False


def frozen(count):
    return [record_classes.FrozenRecord(number, 'name %d' % number, number / 7, True, 'tag%d' % (number % 10))
            for number in range(count)]


def dates(count):
    first = datetime.datetime(2020, 1, 1)
    return [{'at': first + datetime.timedelta(seconds=number * 61),
             'day': datetime.date.fromordinal(700_000 + number),
             'price': decimal.Decimal(number) / 100} for number in range(count)]


def named(count):
    numbers, colors = random.Random(3), list(record_classes.Color)
    return [record_classes.Row(uuid.UUID(int=numbers.getrandbits(128)),
                               pathlib.Path('data/part%d/file.bin' % number),
                               colors[number % 3], number) for number in range(count)]


def big_ints(count):
    numbers = random.Random(4)
    return [numbers.getrandbits(200) for _ in range(count)]


def only(make):
    return lambda: [make()]


def workloads(scale=1):
    """{name: Workload}, in the order of the tables. `scale` divides the counts of the big ones."""
    engine = make_workloads.workloads(scale)
    both = ('small_arrays', 'big_array')
    found = []
    for name, make in engine.items():
        if name in both:
            found += [Workload('%s_p%d' % (name, protocol), only(make), protocol) for protocol in (5, 4)]
        else:
            found.append(Workload(name, only(make), made_anew=name == 'cjk_strings'))
        if name == 'dataclasses':
            found.append(Workload('frozen_dataclasses', only(lambda: frozen(100_000 // scale))))
    found += [
        Workload('dates_decimals', only(lambda: dates(50_000 // scale))),
        Workload('uuid_path_enum', only(lambda: named(20_000 // scale))),
        Workload('big_ints', only(lambda: big_ints(100_000 // scale))),
        Workload('big_dict', only(lambda: {'key %d' % number: number for number in range(500_000 // scale)})),
        Workload('message', messages.message),
        Workload('pyperf_objects', messages.profiles),
        Workload('pyperf_list', messages.lists),
        Workload('pyperf_dict', messages.dicts),
    ]
    return {workload.name: workload for workload in found}


def chosen(names):
    """The workloads that the command line names; big_array stands for both protocols. Unknown names raise."""
    known = list(workloads())
    if not names:
        return known
    meant = {name: {name, name + '_p4', name + '_p5'}.intersection(known) for name in names}
    unknown = [name for name in names if not meant[name]]
    if unknown:
        raise ValueError('no workload %s; there are: %s' % (', '.join(unknown), ', '.join(known)))
    return [full for full in known if full in set().union(*meant.values())]
