"""Hypothesis: the drop-in and CPython's _pickle write the same bytes and load the same graphs, sharing included.

CPPICKLE_EXAMPLES says how many graphs are drawn in all; each goes through all protocols.
"""
import _pickle
import io
import os
import pickle

from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import properties
import under_test

module = under_test.import_module()
EXAMPLES = int(os.environ.get('CPPICKLE_EXAMPLES', '3000'))
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def options(examples):
    # Not derandomized: every run draws other graphs. A failure prints the seed and a reproduction.
    return settings(max_examples=examples, deadline=None, database=None, print_blob=True,
                    suppress_health_check=list(HealthCheck))


def outcome(function, *arguments, **named):
    """(value, None) or (None, class of the exception)."""
    try:
        return function(*arguments, **named), None
    except Exception as error:
        return None, type(error)


@options(EXAMPLES * 8 // 10)
@given(properties.graphs())
def test_same_bytes_and_same_graphs(value):
    for protocol in PROTOCOLS:
        data, error = outcome(_pickle.dumps, value, protocol)
        ours, our_error = outcome(module.dumps, value, protocol)
        assert our_error is error, (protocol, our_error, error)
        assert ours == data, protocol
        if error is not None:
            continue
        theirs, error = outcome(_pickle.loads, data)
        loaded, our_error = outcome(module.loads, data)
        assert our_error is error, (protocol, our_error, error)
        if error is not None:
            continue
        properties.check_same(loaded, theirs, strict=True)
        properties.check_same(value, loaded)
        # Only the graph itself refers to what was loaded: where one thing does, the pickler does not look for it.
        assert outcome(module.dumps, loaded, protocol) == outcome(_pickle.dumps, loaded, protocol), protocol


@options(max(EXAMPLES // 10, 20))
@given(properties.graphs(), st.sampled_from(PROTOCOLS), st.booleans())
def test_files_are_as_good_as_bytes(value, protocol, fix_imports):
    data, error = outcome(_pickle.dumps, value, protocol, fix_imports=fix_imports)
    file = io.BytesIO(b'before')
    file.seek(6)
    our_error = outcome(module.dump, value, file, protocol, fix_imports=fix_imports)[1]
    assert our_error is error
    if error is not None:
        return
    assert file.getvalue() == b'before' + data
    file.write(b'after')
    file.seek(6)
    loaded, our_error = outcome(module.load, file, fix_imports=fix_imports)
    theirs, error = outcome(_pickle.loads, data, fix_imports=fix_imports)
    assert our_error is error
    if error is None:
        properties.check_same(loaded, theirs, strict=True)
        assert file.read() == b'after'  # nothing past STOP is taken


def with_persistent_ids(base):
    """Text that begins with 'e' goes by persistent id."""
    class Persistent(base):
        def persistent_id(self, obj):
            return 'id-%d' % len(obj) if type(obj) is str and obj.startswith('e') else None
    return Persistent


def with_persistent_load(base):
    class Persistent(base):
        def persistent_load(self, name):
            return 'e' * int(name[3:])
    return Persistent


class PicklerPair(RuleBasedStateMachine):
    """One pickler of each module, told the same; their files and memos must stay the same."""

    def __init__(self):
        super().__init__()
        self.values = []
        self.fast = False
        self.dumped = 0

    @initialize(protocol=st.sampled_from(PROTOCOLS), persistent=st.booleans(), buffers=st.booleans())
    def start(self, protocol, persistent, buffers):
        self.persistent = persistent
        self.files = io.BytesIO(), io.BytesIO()
        self.buffers = [], []
        self.picklers = []
        self.out_of_band = buffers and protocol == 5
        for base, file, taken in zip((module.Pickler, _pickle.Pickler), self.files, self.buffers):
            cls = with_persistent_ids(base) if persistent else base
            named = {'buffer_callback': taken.append} if self.out_of_band else {}
            self.picklers.append(cls(file, protocol, **named))

    def both(self, function):
        results = [outcome(function, pickler) for pickler in self.picklers]
        assert results[0][1] is results[1][1], results
        return results

    def dump(self, value):
        _, error = self.both(lambda pickler: pickler.dump(value))[0]
        self.dumped += error is None
        self.values.append(value)  # alive, because memos hold ids
        assert self.files[0].getvalue() == self.files[1].getvalue()

    @precondition(lambda self: not self.fast)
    @rule(value=properties.graphs())
    def dump_new(self, value):
        self.dump(value)

    @rule(value=st.recursive(st.integers() | st.text(), lambda parts: st.lists(parts, max_size=3), max_leaves=6))
    def dump_tree(self, value):
        self.dump(value)

    @precondition(lambda self: self.values and not self.fast)
    @rule(data=st.data())
    def dump_again(self, data):
        self.dump(self.values[data.draw(st.integers(0, len(self.values) - 1))])

    @rule(content=st.binary(max_size=30), mutable=st.booleans())
    def dump_buffer(self, content, mutable):
        self.dump([pickle.PickleBuffer(bytearray(content) if mutable else content)] * 2)

    @rule()
    def dump_what_cannot_be(self):
        self.dump(['before', lambda: None])

    @rule()
    def clear_memo(self):
        self.both(lambda pickler: pickler.clear_memo())

    @rule(fast=st.booleans())
    def set_fast(self, fast):
        for pickler in self.picklers:
            pickler.fast = fast
        # Without a memo what is shared is written once for each way that leads there: millions for some graphs.
        self.fast = fast

    @rule()
    def copy_memo(self):
        copies = [pickler.memo.copy() for pickler in self.picklers]
        # Keys are ids, and what a reducer made for one of the two only has its own.
        ours, theirs = (dict((number, type(kept).__name__) for number, kept in copy.values()) for copy in copies)
        # An `object` stands in our memo for what _pickle made, wrote and nobody else has seen (docs/adr/0008).
        assert {number: 'object' if theirs[number] != ours.get(number) == 'object' else kept
                for number, kept in theirs.items()} == ours
        for pickler, copy in zip(self.picklers, copies):
            pickler.memo = copy

    @rule()
    def take_the_memo_of_another(self):
        for pickler, base in zip(self.picklers, (module.Pickler, _pickle.Pickler)):
            other = base(io.BytesIO(), 4)
            other.dump(self.values[:2] if not self.values else 'text')
            pickler.memo = other.memo

    @precondition(lambda self: self.dumped)
    @rule()
    def load_all(self):
        """Both unpicklers over the whole file, with one memo, as far as it can be read."""
        data = self.files[0].getvalue()
        unpicklers = []
        for base, taken in zip((module.Unpickler, _pickle.Unpickler), self.buffers):
            cls = with_persistent_load(base) if self.persistent else base
            named = {'buffers': list(taken)} if self.out_of_band else {}
            unpicklers.append(cls(io.BytesIO(data), **named))
        for _ in range(self.dumped + 1):
            results = [outcome(unpickler.load) for unpickler in unpicklers]
            assert results[0][1] is results[1][1], results
            if results[0][1] is not None:
                break
            if not self.out_of_band:  # what a buffer gives has another address
                properties.check_same(results[0][0], results[1][0], strict=True)
        assert sorted(unpicklers[0].memo.copy()) == sorted(unpicklers[1].memo.copy())


def test_pickler_objects():
    examples = max(EXAMPLES // 30, 10)
    run_state_machine_as_test(PicklerPair, settings=settings(options(examples), stateful_step_count=20))
