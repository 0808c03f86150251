"""`cppickle scan` against tests/wild_verdicts.tsv: what a reader of each wild file says that loading it would do."""
import json

import pytest

import command

TABLE = command.REPOSITORY / 'tests' / 'wild_verdicts.tsv'
VERDICTS = {'safe', 'unknown', 'dangerous', 'malformed', 'incomplete'}


@pytest.fixture(scope='module')
def table():
    """{file: (verdict, because)}"""
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith('#')]
    rows = [line.split('\t') for line in lines]
    assert all(len(row) == 3 and row[1] in VERDICTS and row[2] for row in rows)
    names = [row[0] for row in rows]
    assert names == sorted(set(names))
    return {name: (verdict, because) for name, verdict, because in rows}


@pytest.fixture(scope='module')
def folder(fixtures):
    return fixtures / 'wild' / 'files'


def scanned(*arguments):
    """The report on each file, by its name."""
    done = command.run('scan', '--format', 'json', *arguments)
    assert done.returncode in (0, 1, 2), done.stderr[-300:].decode(errors='replace')
    return {file['path'].rsplit('/', 1)[-1]: file for file in json.loads(done.stdout)['files']}


def test_every_file_of_the_table_is_there(folder, table):
    """Others may lie beside them: the owners keep more files of each kind."""
    missing = sorted(name for name in table if not (folder / name).is_file())
    assert not missing, '%d of %d files are not in %s: %s' % (len(missing), len(table), folder, ' '.join(missing))


def test_verdicts(folder, table):
    reports = scanned('-r', folder)
    skipped = sorted(name for name in table if name not in reports and (folder / name).is_file())
    if skipped:  # a walk passes over files of other kinds; whoever names one is told that it holds no pickle
        named = scanned(*(folder / name for name in skipped))
        assert sorted(named) == skipped
        for name, file in named.items():
            rules = [finding['rule'] for finding in file['findings']]
            assert rules == ['no-pickle'], 'the walk passed over %s: %s' % (name, rules)
        reports.update(named)
    differences = []
    for name, (verdict, because) in table.items():
        if name in reports and reports[name]['verdict'] != verdict:
            worst = [' '.join(filter(None, (finding['rule'], finding.get('name'), finding.get('where'))))
                     for finding in reports[name]['findings'][:2]]
            differences.append('%s: scanned as %s (%s), read as %s: %s' % (
                name, reports[name]['verdict'], '; '.join(worst), verdict, because))
    if differences:
        pytest.fail('%d of %d files:\n%s' % (len(differences), len(table), '\n'.join(differences)), pytrace=False)
