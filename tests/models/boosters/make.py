#!/usr/bin/env python3
"""Fits the boosters of cases_xgboost.py or cases_lightgbm.py with this interpreter's version and writes what they answer.

  make.py xgboost|lightgbm FOLDER

Runs on Python 3.6 to 3.13. What it writes is laid out as ../make.py does, with the name of the library for sklearn; here
`refused` also has methods that the library does not have.
"""
import os
import sys

os.environ.update(OMP_NUM_THREADS='1')
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import importlib
import json
import pickle
import re
import warnings
import zlib

import numpy as np

from asking import ask_one_by_one
from samples import FORMS
from storing import pack, write_rows

METHODS = ('predict', 'predict_proba', 'apply')
PROTOCOLS = (2, 4, 0)


class Asking(object):
    """A model that is asked with rows as numpy and pandas have them."""

    def __init__(self, model, rows_for):
        self.model, self.rows_for = model, rows_for

    def ask(self, method, rows):
        return np.asarray(getattr(self.model, method)(self.rows_for(self.model, rows)))

    def __getattr__(self, method):
        return lambda rows: self.ask(method, rows)


def words(error):
    return '%s: %s' % (type(error).__name__, ' '.join(str(error).split())[:200])


def answers_of(asking, rows, entry):
    """Fills methods, single and refused; returns the arrays."""
    arrays = {}
    for method in METHODS:
        try:
            answer = asking.ask(method, rows)
        except Exception as error:  # each has exceptions of its own
            entry['refused'][method] = words(error)
            continue
        entry['methods'][method] = pack(method, answer, arrays)
        if rows.shape[0]:
            entry['single'][method] = pack(method + '.single', ask_one_by_one(asking, method, rows), arrays)
    return arrays


def describe(model, entry, arrays):
    # The classes of several labels are no classes.
    if hasattr(model, 'predict_proba') and entry['methods'].get('predict') and arrays['predict'].ndim == 1:
        entry['classes'] = pack('classes', np.asarray(model.classes_), arrays)
    if hasattr(model, 'n_features_in_'):
        entry['features'] = int(model.n_features_in_)


def make(name, fit, forms, cases, folder):
    """Yields form and entry."""
    fitted = fit()
    base = '%s-%08x' % (re.sub('[^A-Za-z0-9]+', '_', name)[:60], zlib.crc32(name.encode()) & 0xffffffff)
    protocol = PROTOCOLS[zlib.crc32(name.encode()) % len(PROTOCOLS)]
    data = pickle.dumps(fitted, protocol)
    with open(os.path.join(folder, base + '.pkl'), 'wb') as file:
        file.write(data)
    asking = Asking(pickle.loads(data), cases.rows_for)  # some forget a little
    for form in forms:
        entry = {'class': type(fitted).__name__, 'file': base + '.pkl', 'container': 'pickle, protocol %d' % protocol,
                 'methods': {}, 'single': {}, 'refused': {}}
        arrays = answers_of(asking, FORMS[form], entry)
        describe(asking.model, entry, arrays)
        entry['answers'] = '%s-%s.npz' % (base, form.replace(' ', '_'))
        np.savez(os.path.join(folder, entry['answers']), **arrays)
        yield form, entry


def main(library, folder):
    os.makedirs(os.path.join(folder, 'rows'), exist_ok=True)
    module, cases = importlib.import_module(library), importlib.import_module('cases_' + library)
    warnings.simplefilter('ignore')
    rows = {form: 'rows/%s.%s' % (form, write_rows(os.path.join(folder, 'rows', form), FORMS[form])) for form in FORMS}
    models, left_out = {}, {}
    for name in sorted(cases.CASES):
        fit, forms = cases.CASES[name]
        try:
            for form, entry in make(name, fit, forms, cases, folder):
                models['%s @ %s' % (name, form)] = dict(entry, rows=rows[form])
        except Exception as error:
            left_out[name] = words(error)
    manifest = {'library': library, library: module.__version__, 'numpy': np.__version__, 'python': sys.version.split()[0],
                'models': models, 'left_out': left_out}
    with open(os.path.join(folder, 'manifest.json'), 'w') as file:
        json.dump(manifest, file, indent=1, sort_keys=True)
    print('%s %s: %d models, %d left out' % (library, module.__version__, len(models), len(left_out)))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
