#!/usr/bin/env python3
"""Measures cppickle beside its peers, in one run, and writes the tables of docs/performance.md.

    run.py [--quick] [--seconds S] [--no-docs] [WORKLOAD ...]

CPU time, the least of many rounds; each program in a process of its own, freeing included. --quick uses workloads of a
hundredth of the size, measures hardly and writes no page: it is the test of this harness. Naming workloads measures only
those and writes no page either.
"""
import argparse
import json
import platform
import sys

import make_workloads
import measure
import tables

TOOL_WORKLOADS = ('records', 'instances', 'ints', 'short_strings')
BOTH_PROTOCOLS = ('small_arrays', 'big_array', 'many_bytes')


def measure_loads(folder, names, seconds, serde):
    results = []
    for name in names:
        for protocol in (4, 5) if name in BOTH_PROTOCOLS else (4,):
            path = folder / ('%s.p%d.pkl' % (name, protocol))
            results.append({
                'name': name if protocol == 4 else name + ' (protocol 5)',
                'bytes': path.stat().st_size,
                'python': measure.python_peer('load', seconds, path),
                'serde': measure.lines_of([serde, seconds, path])[0] if serde else {},
                'ours': measure.ours('load', path),
            })
            print(tables.row([name, *(str(results[-1][peer].get('ms', '-'))[:8] for peer in ('python', 'serde', 'ours'))]),
                  file=sys.stderr)
    return results


def measure_tools(folder, names, seconds):
    results = []
    for name in names:
        path = folder / (name + '.p4.pkl')
        result = {'name': name}
        for mode, peer in (('scan', 'genops'), ('dis', 'dis'), ('optimize', 'optimize')):
            result[mode] = measure.ours(mode, path), measure.python_peer(peer, seconds, path)
        results.append(result)
    return results


def measure_processes(folder, huge_size, rounds):
    results = []
    for name, path in (('a small file', make_workloads.make_small_file(folder)),
                       ('ten arrays, %d MB' % (huge_size // 1_000_000), make_workloads.make_huge_file(folder, huge_size))):
        if path:
            results.append({'name': name, 'bytes': path.stat().st_size,
                            'run': measure.whole_process([measure.COMMAND, 'show', path], rounds)})
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='WORKLOAD')
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--seconds', type=float, default=2.0, help='CPU time for each measurement')
    parser.add_argument('--no-docs', action='store_true', help='leave docs/performance.md as it is')
    options = parser.parse_args()
    if options.quick:
        options.seconds = 0.01
    if not measure.OURS.exists():
        sys.exit('bench: no program at %s: run ./dev build first' % measure.OURS)

    folder = measure.REPOSITORY / 'build' / 'bench-data' / ('quick' if options.quick else '')
    names = make_workloads.make_all(folder, 100 if options.quick else 1, options.names)
    unknown = set(options.names) - set(make_workloads.workloads(1))
    if unknown:
        sys.exit('bench: no workload %s; there are: %s' % (', '.join(sorted(unknown)), ', '.join(make_workloads.workloads(1))))
    loads = measure_loads(folder, names, options.seconds, measure.build_serde_pickle())
    tools = measure_tools(folder, [name for name in TOOL_WORKLOADS if name in names], options.seconds)
    processes = [] if options.names else measure_processes(folder, 10_000_000 if options.quick else 1_000_000_000, 10)

    lines = ['Measured on %s with CPython %s; CPU time, the least of many rounds.' % (measure.processor(), platform.python_version()), '']
    lines += tables.load_table(loads, make_workloads.OBJECT_RICH) + ['']
    if tools:
        lines += tables.tools_table(tools) + ['']
    if processes:
        lines += tables.process_table(processes) + ['']
    lines += tables.notes(loads)
    while not lines[-1]:
        lines.pop()
    print('\n'.join(lines))
    (folder / 'results.json').write_text(json.dumps({'loads': loads, 'tools': tools, 'processes': processes}, indent=1))

    if not (options.quick or options.names or options.no_docs):
        page = measure.REPOSITORY / 'docs' / 'performance.md'
        if not page.exists() or not tables.write_between_markers(page, lines):
            sys.exit('bench: %s has no %s and %s' % (page, tables.BEGIN, tables.END))


if __name__ == '__main__':
    main()
