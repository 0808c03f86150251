"""The case tables: (expression, data) lines of cases_*.py, and what one line stands for.

An expression is what scikit-learn evaluates. Data names what it is fitted on and asked: "TARGETS/FORMS", both lists
with commas, every target with every form ("binary,three/dense,sparse"); several of them with spaces between. Without
"/" the form is dense. See data.py for the names. A case whose class or parameters a scikit-learn does not have is
left out there.
"""
import importlib
import itertools
import pathlib
import re
import zlib


class Case(object):
    """One estimator fitted on one data set."""

    def __init__(self, expression, data):
        self.expression = expression
        self.data = data
        self.name = '%s @ %s' % (expression, data)
        digest = zlib.crc32(self.name.encode()) & 0xffffffff
        words = re.sub(r'[^A-Za-z0-9.]+', '_', self.name.replace('>', '_to_')).strip('_')
        self.file = '%s-%08x' % (words[:70].strip('_'), digest)
        self.turn = digest  # takes turns by itself, so that a new line does not change the files of others


def every(expression, data, **choices):
    """Lines for every combination of the choices, each put into the expression as Python writes it."""
    names = sorted(choices)
    return [(expression.format(**{name: repr(value) for name, value in zip(names, values)}), data)
            for values in itertools.product(*[choices[name] for name in names])]


def data_names(text):
    for group in text.split():
        targets, _, forms = group.partition('/')
        for target in targets.split(','):
            for form in (forms or 'dense').split(','):
                yield '%s/%s' % (target, form)


def all_cases():
    """Every case of every cases_*.py beside this file, in the order of the tables."""
    cases = []
    for path in sorted(pathlib.Path(__file__).resolve().parent.glob('cases_*.py')):
        table = importlib.import_module(path.stem).CASES
        cases += [Case(expression, data) for expression, wanted in table for data in data_names(wanted)]
    seen = set()
    for case in cases:
        if case.name in seen:
            raise ValueError('twice in the tables: %s' % case.name)
        seen.add(case.name)
    return cases
