"""python_peer.py MODE SECONDS FILE: one JSON line with the least CPU time of many rounds, in this process alone.

MODE is load (`_pickle.loads`, garbage collector off, the result freed in the timed region), genops, dis (text into
nothing) or optimize (pickletools).
"""
import gc
import json
import os
import pathlib
import pickletools
import sys
import time
import _pickle

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))  # workload_classes


class Nothing:
    def write(self, text):
        pass


def load(data):
    value = _pickle.loads(data)
    del value


def genops(data):
    for _ in pickletools.genops(data):
        pass


def dis(data):
    pickletools.dis(data, Nothing())


MODES = {'load': load, 'genops': genops, 'dis': dis, 'optimize': pickletools.optimize}


def main():
    mode, seconds, path = MODES[sys.argv[1]], float(sys.argv[2]), sys.argv[3]
    data = pathlib.Path(path).read_bytes()
    if sys.argv[1] == 'load':
        load(data)  # imports the modules that the file names
        gc.collect()
        gc.disable()
    begin, least, rounds = time.process_time(), float('inf'), 0
    while rounds < (3 if sys.argv[1] == 'load' else 1) or time.process_time() - begin < seconds:
        start = time.process_time()
        mode(data)
        least = min(least, time.process_time() - start)
        rounds += 1
    print(json.dumps({'file': path, 'ms': least * 1e3, 'rounds': rounds, 'bytes': os.path.getsize(path)}))


if __name__ == '__main__':
    main()
