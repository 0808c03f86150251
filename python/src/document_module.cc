#include "document_module.h"

#include "arguments.h"
#include "document_error.h"
#include "document_object.h"
#include "model_object.h"
#include "value_object.h"

namespace cppickle::python {
namespace {

PyMethodDef functions[] = {
    {"read", as_method(read), METH_FASTCALL | METH_KEYWORDS, read_doc},
    {"dis", as_method(disassemble_source), METH_FASTCALL | METH_KEYWORDS, dis_doc},
    {"stat", as_method(stat_source), METH_FASTCALL | METH_KEYWORDS, stat_doc},
    {"scan", as_method(scan_given), METH_FASTCALL | METH_KEYWORDS, scan_doc},
    {"optimize", as_method(optimize_bytes), METH_FASTCALL | METH_KEYWORDS, optimize_doc},
    {"to_json", as_method(source_to_json), METH_FASTCALL | METH_KEYWORDS, to_json_doc},
    {"from_json", as_method(pickle_from_json), METH_FASTCALL | METH_KEYWORDS, from_json_doc},
    {}};

}  // namespace

bool add_document_types(PyObject* module, AddType* add_type) {
  State& state = state_of(module);
  state.Error = make_error_class();
  if (state.Error == nullptr) return false;
  Py_INCREF(state.Error);
  if (PyModule_AddObject(module, "Error", state.Error) != 0) {
    Py_DECREF(state.Error);
    return false;
  }
  return add_type(module, state.Document, document_spec, true) &&
         add_type(module, state.Stream, stream_spec, true) &&
         add_type(module, state.Value, value_spec, true) &&
         add_type(module, state.ValueIterator, value_iterator_spec, false) &&
         add_type(module, state.RawBytes, raw_bytes_spec, false) &&
         add_type(module, state.NativeModel, model_spec, true) &&
         PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace cppickle::python
