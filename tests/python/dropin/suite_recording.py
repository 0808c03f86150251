"""Makes every dump of CPython's suites a second time with CPython's _pickle and compares the bytes.

The first dump is the module's and the test sees only that one. The second must not be seen by the test:
- a buffer_callback is not called again: the answers of the first time are replayed;
- counters that a test's hooks keep (id_count and the like) are put back;
- a test whose dumps are random, or an object whose reduce value holds an iterator and so can be dumped once only, is left out
  and counted;
- a dump that raises is compared by the class of its exception, and counted apart.
"""
import _pickle
import collections
import io
import unittest

ONE_SHOT = 'reduce value with an iterator, which only one dump can read'
NOT_REPEATABLE = {
    'test_evil_class_mutating_dict': 'mutates itself at random while it is dumped',
}
HIGHEST_REPORTED = 20


class Recorder:
    """What one class of tests dumped; with enabled=False it only passes calls on (leaks are counted without twins)."""

    def __init__(self, module, enabled=True):
        self.module = module
        self.enabled = enabled
        self.test = ''
        self.compared = 0
        self.errors_compared = 0
        self.left_out = collections.Counter()
        self.differences = []

    def report(self):
        return {'dumps_compared': self.compared, 'errors_compared': self.errors_compared,
                'left_out': dict(self.left_out), 'differences': self.differences}

    def differ(self, words):
        if len(self.differences) < HIGHEST_REPORTED:
            self.differences.append('%s: %s' % (self.test, words))

    # What the suites call.

    def dumps(self, *args, **kwargs):
        return self.twice(lambda kwargs: self.module.dumps(*args, **kwargs),
                          lambda kwargs: _pickle.dumps(*args, **kwargs), args, kwargs)

    def dump(self, *args, **kwargs):
        """The test's file may be anything, so the two that are compared are written to files of our own, afterwards."""
        result = self.module.dump(*args, **kwargs)
        if len(args) >= 2 and 'file' not in kwargs:
            self.twice(lambda kwargs: dump_into_bytes(self.module.dump, args, kwargs),
                       lambda kwargs: dump_into_bytes(_pickle.dump, args, kwargs), args, kwargs)
        return result

    @property
    def dumps_of_pickler(self):
        """The method `dumps` of a class with an attribute `pickler`."""
        recorder = self

        def dumps(case, arg, proto=None, **kwargs):
            return recorder.twice(lambda kwargs: dump_with(case.pickler, arg, proto, kwargs),
                                  lambda kwargs: dump_with(_pickle.Pickler, arg, proto, kwargs), (arg,), kwargs)
        return dumps

    @property
    def dumps_with_persistent_id(self):
        """The method `dumps` of a class with `pickler` and `persistent_id`, which may count its calls."""
        recorder = self

        def dumps(case, arg, proto=None):
            def with_base(base):
                class PersPickler(base):
                    def persistent_id(subself, obj):
                        return case.persistent_id(obj)
                return dump_with(PersPickler, arg, proto, {})

            def twin(kwargs):
                counters = {name: value for name, value in vars(case).items() if name.endswith('_count')}
                try:
                    return with_base(_pickle.Pickler)
                finally:
                    vars(case).update(counters)
            return recorder.twice(lambda kwargs: with_base(case.pickler), twin, (arg,), {})
        return dumps

    # How it compares.

    def twice(self, ours, twin, args, kwargs):
        """What ours(kwargs) returns or raises."""
        if not self.enabled:
            return ours(kwargs)
        if args and has_one_shot(args[0]):
            self.left_out[ONE_SHOT] += 1
            return ours(kwargs)
        if self.test in NOT_REPEATABLE:
            self.left_out[NOT_REPEATABLE[self.test]] += 1
            return ours(kwargs)
        first, second = with_replayed_callback(kwargs)
        try:
            data = ours(first)
        except Exception as error:
            self.compare_error(error, twin, second)
            raise
        try:
            expected = twin(second)
        except Exception as error:
            self.differ('%d bytes where _pickle raises %r' % (len(data), error))
            return data
        self.compared += 1
        if data != expected:
            self.differ('%.200r where _pickle writes %.200r' % (data, expected))
        return data

    def compare_error(self, error, twin, kwargs):
        try:
            expected = twin(kwargs)
        except Exception as theirs:
            self.errors_compared += 1
            if type(theirs) is not type(error):
                self.differ('raises %r where _pickle raises %r' % (error, theirs))
        else:
            self.differ('raises %r where _pickle writes %.200r' % (error, expected))


def dump_with(pickler, obj, protocol, kwargs):
    file = io.BytesIO()
    pickler(file, protocol, **kwargs).dump(obj)
    return file.getvalue()


def dump_into_bytes(dump, args, kwargs):
    file = io.BytesIO()
    dump(args[0], file, *args[2:], **kwargs)
    return file.getvalue()


def has_one_shot(obj):
    """Whether a second dump would find an iterator at its end: pickletester's REX(value) reduces to the same value always."""
    value = getattr(obj, '__dict__', {}).get('reduce_ex')
    return isinstance(value, tuple) and any(hasattr(part, '__next__') for part in value)


def with_replayed_callback(kwargs):
    """Arguments for both dumps: the first calls the test's buffer_callback, the second gets the same answers."""
    callback = kwargs.get('buffer_callback')
    if not callable(callback):
        return kwargs, kwargs
    answers = collections.deque()

    def note(buffer):
        try:
            answers.append((callback(buffer), None))
        except Exception as error:
            answers.append((None, error))
        return replay(answers[-1])
    return dict(kwargs, buffer_callback=note), dict(kwargs, buffer_callback=lambda buffer: replay(answers.popleft()))


def replay(answer):
    value, error = answer
    if error is not None:
        raise error
    return value


class RecordingFiles:
    """Stands in for the module `io` of the suites: remembers every BytesIO that a test makes."""

    def __init__(self):
        files = self.files = []

        class BytesIO(io.BytesIO):
            def __init__(self, *args):
                super().__init__(*args)
                files.append(self)
        self.BytesIO = BytesIO

    def __getattr__(self, name):
        return getattr(io, name)

    def contents(self):
        return [file.getvalue() for file in self.files if not file.closed]


def compare_written_files(suites, ours, theirs, recorder):
    """Runs each test of the class over both modules once more, and compares the files that they have written to."""
    for name in unittest.defaultTestLoader.getTestCaseNames(ours):
        recorder.test = name
        written = []
        for cls in (ours, theirs):
            files = RecordingFiles()
            suites.pickletester.io = suites.pickle.io = files
            try:
                result = unittest.TestResult()
                cls(name).run(result)
            finally:
                suites.pickletester.io = suites.pickle.io = io
            written.append(files.contents())
            if not result.wasSuccessful():
                recorder.differ('fails when its files are recorded')
        recorder.compared += min(map(len, written))
        if written[0] != written[1]:
            recorder.differ('writes %.300r where _pickle writes %.300r' % tuple(written))
