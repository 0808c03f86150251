"""A pickle written at another protocol loads to the same objects, in the Python that wrote it.

Only generated files are loaded. What a protocol cannot say is not asked for: see is_possible().
"""
import concurrent.futures
import tempfile

import pytest

from command import check_all, distinct, Failed, memo_arguments, output_of
from loading import compare_in

HIGHEST = {'py27': 2, 'py36': 4, 'py37': 4}


def is_possible(entry, protocol):
    if protocol == entry['protocol'] or protocol > HIGHEST.get(entry['python'], 5):
        return False
    if entry['load'] == 'cloudpickle':  # functions by value: equal code has no equality
        return False
    if entry['load'] == 'buffers':  # out of band is protocol 5's own
        return protocol == 5
    if entry['load'] == 'codes':  # extension codes begin with protocol 2
        return protocol >= 2
    if entry['load'] == 'persistent' and protocol == 0:  # protocol 0 has only one-line texts as persistent ids
        return 'persistent_text.' in entry['name'] or 'persistent_root' in entry['name']
    if entry['case'].endswith(('int_70000_bytes', 'large_int')) and protocol < 2:  # more than 4,300 decimal digits
        return False
    if entry['case'].endswith('cycle_set') and entry['protocol'] >= 4 > protocol:  # a set that contains itself needs ADDITEMS
        return False
    if 'error_without_python2_name' in entry['name']:  # below 3, fix_imports writes TimeoutError as OSError
        return entry['protocol'] >= 3 and protocol >= 3
    return True


def convert_all(entries, protocol, folder):
    """Converts into the folder. The lines that compare_loads.py reads, and what failed: {name: words}."""
    def convert(entry):
        other = '%s/%s' % (folder, entry['file'].replace('/', '_'))
        try:
            output_of('convert', entry['path'], '--to', 'pickle', '--protocol', protocol, '-o', other, *memo_arguments(entry))
        except Failed as failure:
            return entry['name'], str(failure)
        return [entry['name'], str(entry['path']), other, entry['load']]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(convert, entries))
    return [result for result in results if isinstance(result, list)], dict(result for result in results if isinstance(result, tuple))


@pytest.mark.parametrize('protocol', range(6))
def test_generated_files(corpus, pythons, protocol, tmp_path):
    entries = [entry for entry in distinct(corpus) if is_possible(entry, protocol)]
    found = {}
    for name, python in sorted(pythons.items()):
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            pairs, failed = convert_all([entry for entry in entries if entry['python'] == name], protocol, folder)
            found.update(failed)
            found.update(compare_in(python, pairs))

    def check(entry):
        if entry['name'] in found:
            raise Failed(found[entry['name']])
    check_all(entries, check, 'reprotocol_%d' % protocol)
