// What the module keeps per interpreter: exception classes, copyreg's tables, interned names and its own types.
#ifndef CPPICKLE_PYTHON_STATE_H_
#define CPPICKLE_PYTHON_STATE_H_

#include "ref.h"

namespace cppickle::python {

struct State {
  // _pickle's own, so that `except pickle.PicklingError` catches ours.
  PyObject* PickleError;
  PyObject* PicklingError;
  PyObject* UnpicklingError;

  // copyreg's tables: the same dicts, so that later registrations are seen.
  PyObject* dispatch_table;
  PyObject* extension_registry;
  PyObject* inverted_registry;
  PyObject* extension_cache;
  PyObject* slotnames;         // copyreg._slotnames
  // _compat_pickle's tables (Python 2 and 3 names).
  PyObject* name_mapping_2to3;
  PyObject* import_mapping_2to3;
  PyObject* name_mapping_3to2;
  PyObject* import_mapping_3to2;

  PyObject* codecs_encode;
  PyObject* getattr;
  PyObject* partial;

  // What `object` gives to classes that change nothing; a class that has these has CPython's default behaviour.
  PyObject* object_reduce;
  PyObject* object_reduce_ex;
  PyObject* object_getstate;  // nullptr before 3.11
  PyObject* object_class;
  void* dict_getter;          // of a plain class's __dict__
  PyObject* namedtuple_code;  // of the __getnewargs__ that collections.namedtuple makes

  // Interned names.
  PyObject* s_append;
  PyObject* s_add;
  PyObject* s_class;
  PyObject* s_dict;
  PyObject* s_dispatch_table;
  PyObject* s_extend;
  PyObject* s_find_class;
  PyObject* s_getinitargs;
  PyObject* s_getnewargs;
  PyObject* s_getnewargs_ex;
  PyObject* s_getstate;
  PyObject* s_items;
  PyObject* s_latin1;
  PyObject* s_main;
  PyObject* s_module;
  PyObject* s_name;
  PyObject* s_new;
  PyObject* s_newobj;
  PyObject* s_newobj_ex;
  PyObject* s_peek;
  PyObject* s_persistent_id;
  PyObject* s_persistent_load;
  PyObject* s_qualname;
  PyObject* s_read;
  PyObject* s_readinto;
  PyObject* s_readline;
  PyObject* s_reduce;
  PyObject* s_reduce_ex;
  PyObject* s_reducer_override;
  PyObject* s_seek;
  PyObject* s_setstate;
  PyObject* s_slotnames;
  PyObject* s_slots;
  PyObject* s_tell;
  PyObject* s_getvalue;
  PyObject* s_write;

  PyTypeObject* Pickler;
  PyTypeObject* Unpickler;
  PyTypeObject* PicklerMemoProxy;
  PyTypeObject* UnpicklerMemoProxy;
  PyTypeObject* BytesIO;
  PyTypeObject* BufferedReader;
  PyTypeObject* BufferedWriter;
  PyTypeObject* BufferedRandom;
  PyTypeObject* FileIO;

  // cppickle.read: document_module.h
  PyObject* Error;
  PyTypeObject* Document;
  PyTypeObject* Stream;
  PyTypeObject* Value;
  PyTypeObject* ValueIterator;
  PyTypeObject* RawBytes;
  PyTypeObject* NativeModel;  // model_object.h

  bool pause_collector;  // the off switch: cppickle.pause_collector
};

extern PyModuleDef module_def;

inline State& state_of(PyObject* module) { return *static_cast<State*>(PyModule_GetState(module)); }

// The state behind one of the module's types or a subclass of one.
State& state_of_type(PyTypeObject* type);

// Fills the state but for the module's own types. False with an exception.
bool fill_state(State& state);
// Calls visit(member) for each object in the state.
int traverse_state(State& state, visitproc visit, void* arg);
void clear_state(State& state);

// Where C code is about to run code that may be Python's: the collector is on meanwhile.
class CollectorPause {
 public:
  explicit CollectorPause(const State& state);
  ~CollectorPause();
  CollectorPause(const CollectorPause&) = delete;
  CollectorPause& operator=(const CollectorPause&) = delete;

  void resume();
  void pause_again();

 private:
  bool paused_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_STATE_H_
