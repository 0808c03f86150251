"""CPython's own test classes, pointed at another module that says it is a pickle.

The module's names replace those of `pickle` wherever the suites look them up, so that no test can run against CPython's
pickle by accident: self_check.py's broken module makes every class fail.
"""
import pickle
import types

PRIVATE = {
    'SizeofTests': "counts the bytes of _pickle's own structs",
    'HeapTypesTests': "tests how _pickle's types are allocated",
    'CompatPickleTests': 'tests the tables of _compat_pickle, never the pickler',
    'doctests of pickle and pickletools': 'run the docstrings of the modules of CPython',
    'GenopsTests, DisTests, MiscTestCase': 'test pickletools, never the pickler',
    'Py* classes of test_pickle': "test pickle._Pickler and pickle._Unpickler, CPython's in Python",
}

PUBLIC = ('dump', 'dumps', 'load', 'loads', 'Pickler', 'Unpickler', 'PickleBuffer',
          'PickleError', 'PicklingError', 'UnpicklingError')


class PackageMissing(Exception):
    """This interpreter has no test.pickletester; the text names the package to install."""


def import_suites():
    """The modules of the `test` package, as attributes."""
    try:
        from test import pickletester, test_copyreg, test_pickle, test_picklebuffer, test_pickletools
    except ImportError as error:
        raise PackageMissing("this Python has no CPython test suites (%s): install Debian's libpython3.11-testsuite, or "
                             'the testsuite package of its version' % error) from error
    return types.SimpleNamespace(pickletester=pickletester, copyreg=test_copyreg, pickle=test_pickle,
                                 picklebuffer=test_picklebuffer, pickletools=test_pickletools)


def stand_in(module, recorder):
    """`pickle` with the public names of the module in their places: what the suites see as `pickle`."""
    names = dict(vars(pickle))
    names.update((name, getattr(module, name)) for name in PUBLIC if hasattr(module, name))
    names.update(dump=recorder.dump, dumps=recorder.dumps)
    return types.SimpleNamespace(**names)


def point_suites_at(suites, module, recorder):
    """From now on the suites' global `pickle` is the module."""
    names = stand_in(module, recorder)
    suites.pickletester.pickle = names
    suites.pickle.pickle = names
    suites.pickletools.pickle = names
    suites.picklebuffer.PickleBuffer = names.PickleBuffer
    # Evaluated when pickletester was imported, from pickle.HIGHEST_PROTOCOL.
    assert list(suites.pickletester.protocols) == list(range(pickle.HIGHEST_PROTOCOL + 1))


def build_classes(suites, module, recorder):
    """{name: class}, each derived from CPython's class of the same name."""
    cpython = suites.pickle
    # The function of the pure-Python class, whose globals still are CPython's.
    pure = pickle._Pickler, pickle._Unpickler

    class CPickleTests(cpython.CPickleTests):
        dump = staticmethod(recorder.dump)
        dumps = staticmethod(recorder.dumps)
        load = staticmethod(module.load)
        loads = staticmethod(module.loads)
        Pickler = module.Pickler
        Unpickler = module.Unpickler

    class CUnpicklerTests(cpython.CUnpicklerTests):
        unpickler = module.Unpickler

    class CPicklerTests(cpython.CPicklerTests):
        pickler = module.Pickler
        unpickler = module.Unpickler
        dumps = recorder.dumps_of_pickler

    class CPersPicklerTests(cpython.CPersPicklerTests):
        pickler = module.Pickler
        unpickler = module.Unpickler
        dumps = recorder.dumps_with_persistent_id

    class CIdPersPicklerTests(cpython.CIdPersPicklerTests):
        pickler = module.Pickler
        unpickler = module.Unpickler
        persistent_load_error = pickle.UnpicklingError
        dumps = recorder.dumps_with_persistent_id

    class CDumpPickle_LoadPickle(cpython.CDumpPickle_LoadPickle):
        pickler = module.Pickler
        unpickler = pure[1]
        dumps = recorder.dumps_of_pickler

    class DumpPickle_CLoadPickle(cpython.DumpPickle_CLoadPickle):
        pickler = pure[0]
        unpickler = module.Unpickler

    class InMemoryPickleTests(cpython.InMemoryPickleTests):
        # C picklers have one kind of error for a bad stack; the Python class allows for more.
        bad_stack_errors = (pickle.UnpicklingError,)
        truncated_errors = (pickle.UnpicklingError,)

        def dumps(self, arg, protocol=None, **kwargs):
            return recorder.dumps(arg, protocol, **kwargs)

        def loads(self, buf, **kwds):
            return module.loads(buf, **kwds)

    class OptimizedPickleTests(suites.pickletools.OptimizedPickleTests):
        """Its dumps and loads look up the global `pickle`, which is the module by now."""

    class PickleBufferTest(suites.picklebuffer.PickleBufferTest):
        """Looks up the global PickleBuffer."""

    class CopyRegTestCase(suites.copyreg.CopyRegTestCase):
        """Has no pickler in it: shows that importing the module leaves copyreg as it was."""

    classes = [CPickleTests, CUnpicklerTests, CPicklerTests, CPersPicklerTests, CIdPersPicklerTests,
               CDumpPickle_LoadPickle, DumpPickle_CLoadPickle, InMemoryPickleTests, OptimizedPickleTests,
               PickleBufferTest, CopyRegTestCase]
    if hasattr(cpython, 'CPicklingErrorTests'):  # from 3.13.0 and 3.12.8
        class CPicklingErrorTests(cpython.CPicklingErrorTests):
            pickler = module.Pickler
            dumps = recorder.dumps_of_pickler
        classes.append(CPicklingErrorTests)
    return {**{each.__name__: each for each in classes}, **build_object_classes(suites, module)}


def build_object_classes(suites, module):
    """The classes whose tests make picklers themselves; they can be built over _pickle too, to compare what both write."""
    cpython = suites.pickle

    class CPicklerUnpicklerObjectTests(cpython.CPicklerUnpicklerObjectTests):
        pickler_class = module.Pickler
        unpickler_class = module.Unpickler

    class CDispatchTableTests(cpython.CDispatchTableTests):
        pickler_class = module.Pickler

    class CChainDispatchTableTests(cpython.CChainDispatchTableTests):
        pickler_class = module.Pickler

    class CustomPickler(module.Pickler, suites.pickletester.AbstractCustomPicklerClass):
        pass

    class CPicklerHookTests(cpython.CPicklerHookTests):
        pickler_class = CustomPickler

    return {each.__name__: each for each in (CPicklerUnpicklerObjectTests, CDispatchTableTests, CChainDispatchTableTests,
                                             CPicklerHookTests)}
