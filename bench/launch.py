"""launch.py ROUNDS COMMAND...: runs a command many times; one JSON line with the least CPU time and the largest memory.

A process of its own, run with -I -S: a child's peak of resident memory begins with its parent's.
"""
import json
import os
import sys

rounds, command = int(sys.argv[1]), sys.argv[2:]
least, peak, code = float('inf'), 0, 0
nowhere = os.open(os.devnull, os.O_RDWR)
for _ in range(rounds):
    child = os.posix_spawn(command[0], command, os.environ,
                           file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)])
    _, status, usage = os.wait4(child, 0)
    code = code or os.waitstatus_to_exitcode(status)
    least = min(least, (usage.ru_utime + usage.ru_stime) * 1e3)
    peak = max(peak, usage.ru_maxrss * 1024)
print(json.dumps({'error': 'exit code %d' % code} if code else {'ms': least, 'peak_bytes': peak}))
