"""What the package has promised to reach, and whether it did.

Where more than one direction or workload is meant, the lowest counts.
"""
import dataclasses
import math

import timing

DUMPS, LOADS = timing.DIRECTIONS[:2], timing.DIRECTIONS[2:]
OBJECTS = ('instances', 'dataclasses', 'frozen_dataclasses')
NEVER_BELOW = 0.95


@dataclasses.dataclass
class Target:
    text: str
    least: float
    directions: tuple
    names: tuple = ()  # all of them when empty
    mean: bool = False
    python: str = ''


TARGETS = (
    Target('every workload, every direction', NEVER_BELOW, timing.DIRECTIONS),
    Target('load, geometric mean', 1.6, LOADS, mean=True, python='3.11'),
    Target('load, geometric mean', 1.35, LOADS, mean=True, python='3.13'),
    Target('load, instances and dataclasses', 3, LOADS, OBJECTS, python='3.11'),
    Target('load, instances and dataclasses', 1.8, LOADS, OBJECTS, python='3.13'),
    Target('dump, geometric mean', 2, DUMPS, mean=True),
    Target('dump, instances and dataclasses', 2.8, DUMPS, OBJECTS),
    Target('dump, records', 1.4, DUMPS, ('records',)),
    Target('dump, datetimes and Decimals', 2, DUMPS, ('dates_decimals',)),
    Target('dump, one big array by protocol 4', 1.8, DUMPS, ('big_array_p4',)),
)


def ratio(result, direction, mode='on'):
    """How many times less the module takes than `_pickle`."""
    times = result['results'][direction][mode]
    return times['_pickle'] / times['module']


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def mean_of(results, direction, mode='on'):
    return geometric_mean([ratio(result, direction, mode) for result in results])


def value_of(target, results):
    """(ratio, where), or None where not all that it speaks of was measured."""
    names = target.names or [result['name'] for result in results]
    meant = [result for result in results if result['name'] in names]
    if not meant or len(meant) < len(names):
        return None
    if target.mean:
        return min((mean_of(meant, direction), direction) for direction in target.directions)
    return min((ratio(result, direction), '%s, %s' % (result['name'], direction))
               for result in meant for direction in target.directions)


def judged(results, version, complete):
    """[(target, (ratio, where) or None)] of this Python's targets; what speaks of all needs a full run."""
    return [(target, value_of(target, results) if complete or target.names else None)
            for target in TARGETS if target.python in ('', version)]
