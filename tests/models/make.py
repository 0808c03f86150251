#!/usr/bin/env python3
"""Fits the models of the case tables with this interpreter's scikit-learn and writes what they answer.

  make.py FOLDER [PART...]    only cases whose name contains one of the parts

Runs on Python 3.6 to 3.13 with scikit-learn 0.18 to 1.9. Of each case FOLDER gets the file of the model, an .npz with the
answers to a few rows (all at once, and "single": the first ones one by one), and in manifest.json:
  file, rows (a file in FOLDER/rows), class, expression, data, parameters, container
  methods    name -> how the answer is held (storing.unpack)
  single     the same for the answers one by one
  refused    methods that scikit-learn has but that raised ValueError or TypeError for these rows
  classes, names_out, features: classes_, get_feature_names_out(), n_features_in_, where it has them
and under `left_out` the cases that this scikit-learn does not have, with its words.
"""
import os
import sys

os.environ.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1', MKL_NUM_THREADS='1')
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import json
import pickle
import warnings

import numpy as np
import sklearn
from sklearn.base import is_classifier
from sklearn.preprocessing import LabelEncoder

from asking import METHODS, ask, ask_one_by_one
from casetable import all_cases
from data import Data
from library import evaluate, names
from storing import pack, write_rows

try:
    import joblib
except ImportError:  # before 0.21 it came inside scikit-learn
    from sklearn.externals import joblib

# Containers that the cases take in turns.
PICKLED = (0, 2, 4, 2, 4)
COMPRESSED = (0, 3, ('zlib', 5), ('gzip', 3), ('bz2', 3), ('lzma', 3), ('xz', 3))
# Forms of rows that are there to be refused, by some; others are refused only where a version stumbles over itself.
REFUSED = ('nan', 'inf', 'narrow', 'unknown', 'sparse', 'vector')


class LeftOut(Exception):
    """This scikit-learn has no such case; the text says why."""


def write_model(estimator, case, folder):
    """The file's name and what it is."""
    if case.turn % 3 == 2:
        compress = COMPRESSED[case.turn // 3 % len(COMPRESSED)]
        name = case.file + '.joblib'
        joblib.dump(estimator, os.path.join(folder, name), compress=compress)
        return name, 'joblib, compress=%s' % (compress,)
    protocol = PICKLED[case.turn // 3 % len(PICKLED)]
    name = case.file + '.pkl'
    with open(os.path.join(folder, name), 'wb') as file:
        pickle.dump(estimator, file, protocol)
    return name, 'pickle, protocol %d' % protocol


def fitted(case, data, found):
    try:
        return data.fit_to(evaluate(case.expression, found, data))
    except Exception as error:  # what it does not know, old versions say in many ways
        raise LeftOut('%s: %s' % (type(error).__name__, ' '.join(str(error).split())[:200]))


def answers_of(estimator, rows, rows_form, entry):
    """Fills methods, single and refused; returns the arrays."""
    arrays, transformed = {}, None
    for method in METHODS:
        given = transformed if method == 'inverse_transform' else rows
        if given is None:
            continue
        try:
            answer = ask(estimator, method, given)
        except (AttributeError, NotImplementedError, IndexError, KeyError):  # no such method, or it stumbles over itself
            continue
        except (ValueError, TypeError) as error:
            if method != 'inverse_transform' and hasattr(estimator, method) and any(word in rows_form for word in REFUSED):
                entry['refused'][method] = ' '.join(str(error).split())[:200]
            continue
        if method == 'transform':
            transformed = answer
        entry['methods'][method] = pack(method, answer, arrays)
        try:
            entry['single'][method] = pack(method + '.single', ask_one_by_one(estimator, method, given), arrays)
        except (ValueError, TypeError, IndexError):
            pass  # one row is too few for it
    return arrays


def _attribute(estimator, name):
    try:
        return getattr(estimator, name)
    except Exception:  # properties of meta-estimators raise what they like
        return None


def describe(estimator, entry, arrays):
    classes = _attribute(estimator, 'classes_')
    if classes is not None and (is_classifier(estimator) or isinstance(estimator, LabelEncoder)):
        entry['classes'] = pack('classes', classes if isinstance(classes, list) else np.asarray(classes), arrays)
    features = _attribute(estimator, 'n_features_in_')
    if features is not None:
        entry['features'] = int(features)
    if 'transform' in entry['methods'] and hasattr(estimator, 'get_feature_names_out'):
        try:
            entry['names_out'] = [str(name) for name in estimator.get_feature_names_out()]
        except Exception:  # it has the method only for some of its parts
            pass


def parameters_of(estimator):
    return {name: ' '.join(repr(value).split())[:200] for name, value in estimator.get_params(deep=False).items()}


def make(case, data, found, folder):
    estimator = fitted(case, data, found)
    entry = {'expression': case.expression, 'data': case.data, 'class': type(estimator).__name__,
             'parameters': parameters_of(estimator), 'methods': {}, 'single': {}, 'refused': {}}
    arrays = answers_of(estimator, data.rows, data.rows_form, entry)
    if not entry['methods'] and not entry['refused']:
        raise LeftOut('no method answers')
    describe(estimator, entry, arrays)
    entry['file'], entry['container'] = write_model(estimator, case, folder)
    entry['answers'] = case.file + '.npz'
    np.savez(os.path.join(folder, entry['answers']), **arrays)
    return entry


def main(folder, parts):
    os.makedirs(os.path.join(folder, 'rows'), exist_ok=True)
    found, models, left_out, rows_files = names(), {}, {}, {}
    warnings.simplefilter('ignore')  # after the imports, which have filters of their own
    np.seterr(all='ignore')
    for case in all_cases():
        if parts and not any(part in case.name for part in parts):
            continue
        try:
            data = Data(case.data)
            entry = make(case, data, found, folder)
        except (LeftOut, ImportError) as reason:  # pandas may be missing
            left_out[case.name] = str(reason)
            continue
        except Exception:
            sys.stderr.write('while making %s\n' % case.name)
            raise
        form = data.rows_form
        if form not in rows_files:
            rows_files[form] = 'rows/%s.%s' % (form, write_rows(os.path.join(folder, 'rows', form), data.rows))
        entry['rows'] = rows_files[form]
        models[case.name] = entry
    manifest = {'sklearn': sklearn.__version__, 'numpy': np.__version__, 'python': sys.version.split()[0],
                'models': models, 'left_out': left_out}
    with open(os.path.join(folder, 'manifest.json'), 'w') as file:
        json.dump(manifest, file, indent=1, sort_keys=True)
    print('scikit-learn %s: %d models, %d left out' % (sklearn.__version__, len(models), len(left_out)))


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
