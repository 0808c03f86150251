"""Reducers with two to six parts, and the tables that replace a reducer."""
from __future__ import absolute_import

import io

from corpus import classes
from corpus.classes import Reduced, reduced, set_state
from corpus.registry import ALL, PYTHON, PYTHON3, c_pickle, case, case_of_bytes

if PYTHON3:
    import copyreg
else:
    import copy_reg as copyreg

copyreg.pickle(classes.RegisteredReducer, classes.reduce_registered)

ITEMS = (0, 1, 2, 3, 999, 1000, 1001, 2001)


def pairs(count):
    return [(number, u'value') for number in range(count)]


case('reduce_no_arguments', lambda: reduced(Reduced, ()))
case('reduce_arguments', lambda: [reduced(Reduced, tuple(range(count))) for count in (1, 2, 3, 4, 10)])
case('reduce_state', lambda: [reduced(Reduced, (1,), state) for state in ({u'a': 1}, (1, 2), 0, u'', None, [])])
for count in ITEMS:
    case('reduce_items_%d' % count, lambda count=count: reduced(Reduced, (), None, list(range(count))))
    case('reduce_pairs_%d' % count, lambda count=count: reduced(Reduced, (), None, None, pairs(count)))
case('reduce_everything', lambda: reduced(Reduced, (1, 2), {u'state': 1}, [1, 2, 3], pairs(3)))
case('reduce_everything_shared', lambda: (lambda value: [value, value])(reduced(Reduced, (1,), u's', [1], pairs(1))))
case('reduce_nested', lambda: reduced(Reduced, (reduced(Reduced, (reduced(Reduced, ()),)),), {0: reduced(Reduced, ())}))
case('reduce_registered', lambda: [classes.RegisteredReducer(1), classes.RegisteredReducer([2])])
case('reduce_to_builtin', lambda: [reduced(int, (u'12',)), reduced(list, ((1, 2),)), reduced(getattr, (classes.Plain, '__name__'))])

if PYTHON >= (3, 8):
    case('setter', lambda: reduced(Reduced, (), {'a': 1}, None, None, set_state))
    case('setter_and_items', lambda: reduced(Reduced, (1,), [2], [3, 4], [(5, 6)], set_state))
    case('setter_shared', lambda: (lambda value: [value, value, value])(reduced(Reduced, (), 'state', None, None, set_state)))
    case('setter_many', lambda: [reduced(Reduced, (number,), number, None, None, set_state) for number in range(50)])

    def setter_holding_itself():
        value = reduced(Reduced, (), None, None, None, set_state)
        value.parts = (Reduced, (), [value], None, None, set_state)
        return value
    case('setter_holding_itself', setter_holding_itself)

if PYTHON3:
    from corpus import modern_classes

    case('new_keywords', lambda: [modern_classes.KeywordArguments(1, 2, key='value'), modern_classes.KeywordArguments(key=[1])],
         ALL[2:])
    case('new_keywords_empty', lambda: [modern_classes.KeywordArguments(1), modern_classes.KeywordArguments()], ALL[2:])
    case('new_keywords_shared', lambda: (lambda value: [value, value])(modern_classes.KeywordArguments(a=1)), ALL[2:])

    def dump_with_table(protocol):
        out = io.BytesIO()
        pickler = c_pickle.Pickler(out, protocol)
        pickler.dispatch_table = {complex: lambda value: (complex, (value.real, value.imag)),
                                  classes.Plain: lambda value: (Reduced, ('through the table', 1))}
        pickler.dump([classes.Plain(a=1), 1j, classes.Plain(b=2)])
        return out.getvalue()
    case_of_bytes('dispatch_table', dump_with_table, 'value')

if PYTHON >= (3, 8):
    class Overriding(c_pickle.Pickler):
        def reducer_override(self, value):
            if isinstance(value, classes.Plain):
                return Reduced, ('overridden',), {'state': 1}, None, None, set_state
            return NotImplemented

    def dump_with_override(protocol):
        out = io.BytesIO()
        Overriding(out, protocol).dump([classes.Plain(a=1), classes.Slotted(1, 2) if protocol >= 2 else None])
        return out.getvalue()
    case_of_bytes('reducer_override', dump_with_override, 'value')
