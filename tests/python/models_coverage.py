"""docs/models-coverage.md: which classes of which versions were compared, from the outcomes of models_check."""
import collections
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'models-coverage.md'

HEAD = '''# Models: what is compared with the libraries themselves

Each number counts models of that class that this version fitted, pickled and answered questions with, and whose answers
`cppickle.Model` gave the same way: with other hyper-parameters, rows (dense of all types, sparse, data frames, texts, missing
values) and targets; a booster counts for each form of rows it is asked about. "5 of 7" means that two differ, are not supported
or are not refused as there: `tests/python/model_gaps.py` and `booster_gaps.py` say how. A dash means that this version has no
such class. Classes inside others (the steps of a Pipeline) count for the outer class. The bar is at the top of
`tests/python/models_check.py`, the models are in `tests/models/cases_*.py` and `tests/models/boosters/cases_*.py`. Written by
`CPPICKLE_ALL_MODELS=1 pytest tests/python/test_models.py tests/python/test_boosters.py`; do not edit.
'''
LIBRARIES = ('scikit-learn', 'XGBoost', 'LightGBM')


def _version_order(version):
    return [int(''.join(digit for digit in part if digit.isdigit()) or 0) for part in version.split('.')]


def table(outcomes_of):
    """The table of one library; outcomes_of is {version: [Outcome]}."""
    versions = sorted(outcomes_of, key=_version_order)
    classes, cells = collections.defaultdict(set), collections.defaultdict(lambda: [0, 0])
    for version in versions:
        for outcome in outcomes_of[version]:
            classes[outcome.class_name].update(outcome.compared)
            cell = cells[outcome.class_name, version]
            cell[0] += not outcome.problems
            cell[1] += 1
    lines = ['| class | methods | %s |' % ' | '.join(versions), '|---|---|%s' % ('--:|' * len(versions))]
    for name in sorted(classes):
        counts = []
        for version in versions:
            good, all_of_them = cells.get((name, version), (0, 0))
            counts.append('-' if not all_of_them else str(good) if good == all_of_them else '%d of %d' % (good, all_of_them))
        lines.append('| %s | %s | %s |' % (name, ', '.join(sorted(classes[name])) or '-', ' | '.join(counts)))
    answers = sum(len(outcome.compared) for outcomes in outcomes_of.values() for outcome in outcomes)
    models = sum(len(outcomes) for outcomes in outcomes_of.values())
    return '%s\n\n%d models of %d classes, %d answers.\n' % ('\n'.join(lines), models, len(classes), answers)


def page(tables):
    """The text of the page from {library: table}."""
    return HEAD + ''.join('\n## %s\n\n%s' % (library, tables[library]) for library in LIBRARIES if library in tables)


def _tables(text):
    sections = [section.partition('\n\n') for section in text.split('\n## ')[1:]]
    return {library: table for library, _, table in sections}


def write(library, outcomes_of, path=PAGE):
    """Only that library's part changes."""
    path.write_text(page({**_tables(path.read_text()), library: table(outcomes_of)}))
