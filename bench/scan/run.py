#!/usr/bin/env python3
"""Measures `cppickle scan` beside other scanners, whole processes, and writes the table of docs/performance.md.

    run.py [--quick] [--no-docs]

CPU time, the least of several rounds (one for what takes minutes), and the peak of resident memory. The peers are in a
venv of their own below .cache/bench-scan/ (requirements-bench-scan.txt). Each is run as its own command is; the files are
harmless, so that all have the same answer to give.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import make_files  # noqa: E402
import measure  # noqa: E402
import tables  # noqa: E402

BEGIN, END = '<!-- bench-scan:begin -->', '<!-- bench-scan:end -->'
VENV = measure.REPOSITORY / '.cache' / 'bench-scan'
SLOW = '20 million instructions', 'records'

# The least ratio over picklescan's CPU that is wanted, and the most memory beyond the file.
WANTED = {'1,000 small files': 6, '20 million instructions': 50, 'torch file': 1}
WANTED_HASHING = 20
MOST_MEMORY = {'20 million instructions': 64 << 20}


def commands(programs, path):
    """Each scanner's command line, by name. fickling takes one file at a time."""
    recursive = ['-r'] if path.is_dir() else []
    found = {
        'cppickle': [measure.COMMAND, 'scan', *recursive, path],
        'cppickle, hashing': [measure.COMMAND, 'scan', '--format', 'json', *recursive, path],
        'picklescan': [programs / 'picklescan', '-p', path],
        'modelscan': [programs / 'modelscan', 'scan', '-p', path],
    }
    if path.suffix == '.pt':  # of the others it takes minutes; 1 says that it has something to remark
        found['modelaudit'] = ['/bin/sh', '-c', '"$@"; [ $? -le 1 ]', 'sh', programs / 'modelaudit', 'scan', '--quiet', path]
    if not path.is_dir() and path.suffix == '.pkl':
        found['fickling'] = [programs / 'fickling', '--check-safety', path]
    return {name: command for name, command in found.items()
            if all(part.exists() for part in command if isinstance(part, pathlib.Path))}


def size_of(path):
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def measure_all(paths, programs):
    results = []
    for workload, path in paths.items():
        found = {}
        for name, command in commands(programs, path).items():
            if name == 'fickling' and workload in SLOW:
                continue  # its syntax tree of these takes more memory than there is
            ours = name.startswith('cppickle')
            found[name] = measure.whole_process(command, 10 if ours else 1 if workload in SLOW else 3)
            print('bench: %s, %s: %s' % (workload, name, found[name]), file=sys.stderr)
        results.append({'name': workload, 'bytes': size_of(path), 'found': found})
    return results


def table(results):
    peers = sorted({name for result in results for name in result['found'] if name != 'cppickle'})
    lines = tables.header(['CPU ms (peak MB)', 'MB', 'cppickle', *[cell for peer in peers for cell in (peer, 'x')]])
    for result in results:
        ours = result['found']['cppickle']
        cells = [result['name'], tables.number(result['bytes'] / 1e6), cell(ours)]
        for peer in peers:
            theirs = result['found'].get(peer, {})
            cells += [cell(theirs), tables.number(tables.ratio(theirs, ours))]
        lines.append(tables.row(cells))
    return lines + ['', *targets(results)]


def cell(found):
    if 'ms' not in found:
        return found.get('error', '-')
    return '%s (%s)' % (tables.number(found['ms']), tables.number(found['peak_bytes'] / 1e6))


def targets(results):
    lines = tables.header(['to reach', 'at least', 'measured', ''])
    for result in results:
        ours, found = result['found']['cppickle'], result['found'].get('picklescan', {})
        if result['name'] in WANTED and 'ms' in found:
            reached = tables.ratio(found, ours)
            lines.append(tables.row(['%s, over picklescan' % result['name'], tables.number(WANTED[result['name']]),
                                     tables.number(reached), tables.verdict(reached >= WANTED[result['name']])]))
        reading, hashing = result['found'].get('modelaudit', {}), result['found'].get('cppickle, hashing', {})
        if 'ms' in reading and 'ms' in hashing:
            reached = tables.ratio(reading, hashing)
            lines.append(tables.row(['%s, hashing, over modelaudit, which reads all' % result['name'], tables.number(WANTED_HASHING),
                                     tables.number(reached), tables.verdict(reached >= WANTED_HASHING)]))
        if result['name'] in MOST_MEMORY:
            beyond = ours['peak_bytes'] - result['bytes']
            lines.append(tables.row(['%s, MB beyond the file, at most' % result['name'],
                                     tables.number(MOST_MEMORY[result['name']] / 1e6), tables.number(beyond / 1e6),
                                     tables.verdict(beyond <= MOST_MEMORY[result['name']])]))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='files of a hundredth of the size, no page')
    parser.add_argument('--no-docs', action='store_true', help='leave docs/performance.md as it is')
    options = parser.parse_args()
    folder = measure.REPOSITORY / 'build' / 'bench-data' / ('scan-quick' if options.quick else 'scan')
    results = measure_all(make_files.make_all(folder, 100 if options.quick else 1), measure.install_peers(VENV, 'requirements-bench-scan.txt'))
    lines = table(results)
    print('\n'.join(lines))
    if not options.quick and not options.no_docs:
        tables.write_between_markers(measure.REPOSITORY / 'docs' / 'performance.md', lines, BEGIN, END)


if __name__ == '__main__':
    main()
