"""Instances in all the ways that object.__reduce_ex__ writes them, and things pickled by name."""
from __future__ import absolute_import

import math

from corpus import classes
from corpus.classes import Plain, Slotted, State
from corpus.registry import ALL, PYTHON, PYTHON3, case


def slotted_with_dict():
    value = classes.SlottedWithDict(1, 2)
    value.extra = [3]
    return value


def slotted_more():
    value = classes.SlottedMore(1, u'two')
    value.more = {3: 4}
    return value


def many(make, count):
    return [make(number) for number in range(count)]


def error_with_attributes():
    value = ValueError(u'text', 1)
    value.extra = u'attribute'
    return value


def decode_error():
    try:
        b'\xff'.decode('utf-8')
    except UnicodeDecodeError as error:
        return error


case('instance_empty', lambda: Plain())
case('instance', lambda: Plain(a=1, b=u'two', c=[3.0], d=None))
case('instance_of_instances', lambda: Plain(child=Plain(child=classes.SubPlain(x=1)), other=[Plain(), Plain()]))
case('instances_300', lambda: many(lambda number: Plain(id=number, name=u'n%d' % number), 300))
case('instances_1001', lambda: many(lambda number: Plain(id=number), 1001))
case('slotted', lambda: [Slotted(1, 2), Slotted(u'a', [Slotted(None, ())])], ALL[2:])
case('slotted_with_dict', slotted_with_dict, ALL[2:])
case('slotted_more', slotted_more, ALL[2:])
case('slotted_unset', lambda: Slotted.__new__(Slotted), ALL[2:])
case('slotted_300', lambda: many(lambda number: Slotted(number, u'n'), 300), ALL[2:])
case('namedtuple', lambda: [classes.Point(1, u'y'), classes.Point(x=[], y=()), classes.Empty()])
case('namedtuple_500', lambda: many(lambda number: classes.Point(number, -number), 500))
case('sub_scalars', lambda: [classes.SubInt(5), classes.SubFloat(1.5), classes.SubText(u'text'), classes.SubBytes(b'bytes'),
                             classes.SubByteArray(b'array')])
case('sub_scalars_with_state', lambda: [classes.with_state(classes.SubInt(2 ** 30)), classes.with_state(classes.SubText(u'')),
                                        classes.with_state(classes.SubByteArray(b'x'))])
case('subtuple_with_state', lambda: classes.with_state(classes.SubTuple([1, 2, 3])))
case('subset_with_state', lambda: [classes.with_state(classes.SubSet([1])), classes.with_state(classes.SubFrozenSet([2]))])
case('new_arguments', lambda: [classes.NewArguments(), classes.NewArguments(1), classes.NewArguments(1, 2, 3, u'4')], ALL[2:])
case('new_arguments_no_state', lambda: classes.NewArgumentsNoState(1, [2]), ALL[2:])
for label, state in (('tuple', (1, u'two', [3])), ('list', [1, 2]), ('text', u'state'), ('none', None), ('false', False),
                     ('zero', 0), ('empty_dict', {}), ('empty_tuple', ()), ('number', 7), ('dict', {u'a': 1, 2: 3}),
                     ('pair', (None, {u'a': 1}))):
    case('state_' + label, lambda state=state: State(state))
case('state_dict_and_slots', lambda: classes.StateTuple({'a': 1}, {'b': 2}))
case('state_slots_only', lambda: classes.StateTuple(None, {'b': 2}))

case('old_style', lambda: classes.OldStyle(1, u'two'))
case('old_style_shared', lambda: (lambda value: [value, value, {1: value}])(classes.OldStyle()))
case('old_style_initargs', lambda: [classes.OldStyleInitArgs(), classes.OldStyleInitArgs(1), classes.OldStyleInitArgs(1, [2], u'3')])
case('old_style_state', lambda: classes.OldStyleState())
case('old_style_300', lambda: many(classes.OldStyle, 300))

case('errors', lambda: [ValueError(u'text'), KeyError(3), Exception(), OSError(2, u'no such file'), StopIteration(1),
                        OSError(2, u'no such file', u'name'), KeyboardInterrupt(), SystemExit(3)])
case('error_with_attributes', error_with_attributes)
case('error_decode', decode_error)
case('error_custom', lambda: classes.CustomError(7, u'seven'))
case('errors_same_class', lambda: many(lambda number: ValueError(number), 30))

case('classes_by_name', lambda: [Plain, classes.SubList, int, float, dict, object, type, ValueError, classes.WithMeta, classes.Point])
case('functions_by_name', lambda: [classes.function, len, sorted, math.sin, isinstance, classes.function, len])
case('special_types', lambda: [type(None), type(Ellipsis), type(NotImplemented)], ALL if PYTHON3 else ())
case('special_values', lambda: [Ellipsis, NotImplemented, Ellipsis, None], ALL if PYTHON3 else ())
case('reduced_to_name', lambda: [classes.A_NAMED_OBJECT, classes.A_NAMED_OBJECT])
case('meta_class_instance', lambda: classes.WithMeta())

if PYTHON3:
    case('nested_classes', lambda: [classes.Outer.Inner, classes.Outer.Inner.Innermost, classes.Outer.Inner])
    case('nested_class_instances', lambda: [classes.Outer.Inner(), classes.Outer.Inner.Innermost(a=1), classes.Outer.Inner()])
    case('methods', lambda: [classes.Outer.make, classes.Outer.fixed, classes.Outer.Inner.method, classes.Outer().Inner().method])
    case('builtin_methods', lambda: [str.upper, list.append, [].append, u'text'.upper, dict.fromkeys, bytes.fromhex, {1: 2}.get])

if PYTHON >= (3, 11):
    def error_with_notes():
        value = ValueError('text')
        value.add_note('a note')
        return value
    case('error_with_notes', error_with_notes)
    case('error_group', lambda: ExceptionGroup('group', [ValueError(1), ExceptionGroup('inner', [KeyError(2)])]))  # noqa: F821
