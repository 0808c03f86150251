// The module _cppickle: its functions, types and constants.
#include "arguments.h"
#include "document_module.h"
#include "object_arenas.h"
#include "pickler.h"
#include "state.h"
#include "unpickler.h"

#include "pickle/opcode.h"

namespace cppickle::python {
namespace {

PyObject* set_pause_collector(PyObject* module, PyObject* value) {
  const int truth = PyObject_IsTrue(value);
  if (truth < 0) return nullptr;
  const bool before = std::exchange(state_of(module).pause_collector, truth == 1);
  return PyBool_FromLong(before);
}

PyMethodDef methods[] = {
    {"dump", as_method(dump), METH_FASTCALL | METH_KEYWORDS, dump_doc},
    {"dumps", as_method(dumps), METH_FASTCALL | METH_KEYWORDS, dumps_doc},
    {"load", as_method(load), METH_FASTCALL | METH_KEYWORDS, load_doc},
    {"loads", as_method(loads), METH_FASTCALL | METH_KEYWORDS, loads_doc},
    {"pause_collector", set_pause_collector, METH_O,
     "pause_collector($module, enabled, /)\n--\n\n"
     "Whether the cyclic garbage collector waits while a dump or load runs in C (before Python 3.12, where it always\n"
     "does). Returns what it was; on by default."},
    {}};

bool add_type(PyObject* module, PyTypeObject*& type, PyType_Spec& spec, bool is_public) {
#if PY_VERSION_HEX >= 0x030A0000
  spec.flags |= Py_TPFLAGS_IMMUTABLETYPE;
#endif
  type = reinterpret_cast<PyTypeObject*>(PyType_FromModuleAndSpec(module, &spec, nullptr));
  return type != nullptr && (!is_public || PyModule_AddType(module, type) == 0);
}

bool add_opcodes(PyObject* module) {
  const Ref opcodes(PyDict_New());
  if (!opcodes) return false;
  const auto add = [&](const char* name, unsigned char byte) {
    const char text = static_cast<char>(byte);
    const Ref value(PyBytes_FromStringAndSize(&text, 1));
    return value && PyDict_SetItemString(opcodes.get(), name, value.get()) == 0;
  };
#define CPPICKLE_OPCODE(name, byte, argument, protocol, takes, leaves, mark) \
  if (!add(#name, byte)) return false;
#include "pickle/opcodes.def"
#undef CPPICKLE_OPCODE
  Py_INCREF(opcodes.get());
  if (PyModule_AddObject(module, "opcodes", opcodes.get()) == 0) return true;
  Py_DECREF(opcodes.get());
  return false;
}

int execute(PyObject* module) {
  wrap_arena_allocator();
  State& state = state_of(module);
  if (!fill_state(state)) return -1;
  const bool good = add_type(module, state.Pickler, pickler_spec, true) &&
                    add_type(module, state.Unpickler, unpickler_spec, true) &&
                    add_type(module, state.PicklerMemoProxy, pickler_memo_spec, false) &&
                    add_type(module, state.UnpicklerMemoProxy, unpickler_memo_spec, false) && add_opcodes(module) &&
                    add_document_types(module, add_type);
  return good ? 0 : -1;
}

int traverse(PyObject* module, visitproc visit, void* arg) {
  void* state = PyModule_GetState(module);
  return state != nullptr ? traverse_state(*static_cast<State*>(state), visit, arg) : 0;
}

int clear(PyObject* module) {
  if (void* state = PyModule_GetState(module)) clear_state(*static_cast<State*>(state));
  return 0;
}

void free_module(void* module) { clear(static_cast<PyObject*>(module)); }

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {}};

}  // namespace

PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_cppickle",
                          "Pickling and unpickling of Python objects; use it through the package cppickle.",
                          sizeof(State), methods, slots, traverse, clear, free_module};

}  // namespace cppickle::python

PyMODINIT_FUNC PyInit__cppickle() { return PyModuleDef_Init(&cppickle::python::module_def); }
