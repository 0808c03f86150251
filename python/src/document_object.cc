#include "document_object.h"

#include "arguments.h"
#include "document/tree.h"
#include "document_error.h"
#include "no_throw.h"
#include "value_object.h"
#include "without_gil.h"

namespace cppickle::python {
namespace {

DocumentObject* as_document(PyObject* self) { return reinterpret_cast<DocumentObject*>(self); }
StreamObject* as_stream(PyObject* self) { return reinterpret_cast<StreamObject*>(self); }

// --- Stream --------------------------------------------------------------------------------

void stream_dealloc(PyObject* self) {
  Py_DECREF(as_stream(self)->document);
  free_object(self);
}

PyObject* make_stream(const State& state, DocumentObject* document, std::size_t number) {
  auto* stream = PyObject_New(StreamObject, state.Stream);
  if (stream == nullptr) return nullptr;
  Py_INCREF(document);
  stream->document = document;
  stream->number = number;
  return reinterpret_cast<PyObject*>(stream);
}

const PickleStream& pickle_stream(const StreamPlace& place) {
  return place.document->data->opened.source->streams()[place.number];
}

PyObject* get_where(PyObject* self, void*) {
  return text_object(pickle_stream({as_stream(self)->document, as_stream(self)->number}).where);
}
PyObject* get_offset(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(
      pickle_stream({as_stream(self)->document, as_stream(self)->number}).offset);
}
PyObject* get_size(PyObject* self, void*) {
  return PyLong_FromSize_t(pickle_stream({as_stream(self)->document, as_stream(self)->number}).bytes.size());
}

PyObject* stream_repr(PyObject* self) {
  const Ref where(get_where(self, nullptr));
  return where ? PyUnicode_FromFormat(
                     "<cppickle.Stream %R of %zu bytes>", where.get(),
                     pickle_stream({as_stream(self)->document, as_stream(self)->number}).bytes.size())
               : nullptr;
}

// --- What both have --------------------------------------------------------------------------------

PyObject* get_root(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  return place_of(state, self, place) ? root_at(state, place, 0) : nullptr;
}

PyObject* get_roots(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document = document_of(state, self, place);
  if (document == nullptr) return nullptr;
  return tuple_of(document->pickles(), [&](std::size_t i) { return root_at(state, place, i); });
}

PyObject* get_protocol(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document = document_of(state, self, place);
  return document != nullptr ? PyLong_FromLong(document->info().protocol) : nullptr;
}

PyObject* get_notes(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document = document_of(state, self, place);
  if (document == nullptr) return nullptr;
  return tuple_of(document->notes().size(), [&](std::size_t i) { return text_object(document->notes()[i].message); });
}

constexpr char kRootDoc[] = "The value of the first pickle: a Value, or a Python scalar.";
constexpr char kRootsDoc[] = "The values of all pickles of the stream, one after the other in it.";
constexpr char kProtocolDoc[] = "The first pickle's protocol.";
constexpr char kNotesDoc[] =
    "What is worth knowing of the stream and no error: bytes after the last pickle, a shared memo.";

PyGetSetDef stream_getsets[] = {
    {"where", get_where, nullptr,
     "Where it lies in its container: 'model.zip!archive/data.pkl'; '' for the file itself.", nullptr},
    {"offset", get_offset, nullptr, "Of its first byte in its member of the container.", nullptr},
    {"size", get_size, nullptr, "In bytes.", nullptr},
    {"root", get_root, nullptr, kRootDoc, nullptr},
    {"roots", get_roots, nullptr, kRootsDoc, nullptr},
    {"protocol", get_protocol, nullptr, kProtocolDoc, nullptr},
    {"notes", get_notes, nullptr, kNotesDoc, nullptr},
    {}};

PyType_Slot stream_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(refuse_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(stream_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(stream_repr)},
    {Py_tp_methods, document_methods},
    {Py_tp_getset, stream_getsets},
    {Py_tp_doc, const_cast<char*>("One pickle stream of a Document: a file, or a member of a container.")},
    {}};

// --- Document --------------------------------------------------------------------------------

void document_dealloc(PyObject* self) {
  delete std::exchange(as_document(self)->data, nullptr);
  free_object(self);
}

PyObject* get_format(PyObject* self, void*) {
  return text_object(as_document(self)->data->opened.source->container());
}

PyObject* get_streams(PyObject* self, void*) {
  const State& state = state_of_type(Py_TYPE(self));
  return tuple_of(as_document(self)->data->streams.size(),
                  [&](std::size_t i) { return make_stream(state, as_document(self), i); });
}

PyObject* get_problems(PyObject* self, void*) {
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    const auto& problems = as_document(self)->data->opened.source->problems();
    return tuple_of(problems.size(), [&](std::size_t i) { return text_object(problems[i].to_string()); });
  });
}

PyObject* document_repr(PyObject* self) {
  const DocumentData& data = *as_document(self)->data;
  const Ref name(text_object(data.opened.name));
  const Ref format(get_format(self, nullptr));
  if (!name || !format) return nullptr;
  const std::size_t count = data.streams.size();
  if (data.opened.name.empty()) {
    return PyUnicode_FromFormat("<cppickle.Document: %U, %zu stream%s>", format.get(), count,
                                count == 1 ? "" : "s");
  }
  return PyUnicode_FromFormat("<cppickle.Document %R: %U, %zu stream%s>", name.get(), format.get(), count,
                              count == 1 ? "" : "s");
}

// What is not the document's own is the root's.
PyObject* document_getattr(PyObject* self, PyObject* name) {
  PyObject* own = PyObject_GenericGetAttr(self, name);
  if (own != nullptr || !PyErr_ExceptionMatches(PyExc_AttributeError) || is_special_name(name)) return own;
  PyErr_Clear();
  const Ref root(get_root(self, nullptr));
  return root ? PyObject_GetAttr(root.get(), name) : nullptr;
}

PyObject* document_subscript(PyObject* self, PyObject* key) {
  const Ref root(get_root(self, nullptr));
  return root ? PyObject_GetItem(root.get(), key) : nullptr;
}

Py_ssize_t document_length(PyObject* self) {
  const Ref root(get_root(self, nullptr));
  return root ? PyObject_Size(root.get()) : -1;
}

PyObject* document_iter(PyObject* self) {
  const Ref root(get_root(self, nullptr));
  return root ? PyObject_GetIter(root.get()) : nullptr;
}

int document_contains(PyObject* self, PyObject* key) {
  const Ref root(get_root(self, nullptr));
  return root ? PySequence_Contains(root.get(), key) : -1;
}

int document_bool(PyObject*) { return 1; }

constexpr char kDocumentDoc[] =
    "A file as data; nothing of it was run or imported. What it has no attribute or method for is asked of "
    "its root:\n"
    "document['runs'][3], document.weights, len(document). Made by cppickle.read().\n\n"
    "Documents, streams and values don't change; threads may share them.";

PyGetSetDef document_getsets[] = {
    {"format", get_format, nullptr,
     "How the file is made, outermost first: 'raw pickle', 'gzip > pickle', 'torch zip'.", nullptr},
    {"streams", get_streams, nullptr,
     "All pickle streams in the file; each is read when it is first looked into.", nullptr},
    {"problems", get_problems, nullptr, "What is wrong with the container while its streams can be read.",
     nullptr},
    {"root", get_root, nullptr,
     "The value of the first pickle of the first stream: a Value, or a Python scalar.", nullptr},
    {"roots", get_roots, nullptr, kRootsDoc, nullptr},
    {"protocol", get_protocol, nullptr, kProtocolDoc, nullptr},
    {"notes", get_notes, nullptr, kNotesDoc, nullptr},
    {}};

PyType_Slot document_slots[] = {{Py_tp_new, reinterpret_cast<void*>(refuse_new)},
                                {Py_tp_dealloc, reinterpret_cast<void*>(document_dealloc)},
                                {Py_tp_repr, reinterpret_cast<void*>(document_repr)},
                                {Py_tp_getattro, reinterpret_cast<void*>(document_getattr)},
                                {Py_tp_iter, reinterpret_cast<void*>(document_iter)},
                                {Py_mp_length, reinterpret_cast<void*>(document_length)},
                                {Py_mp_subscript, reinterpret_cast<void*>(document_subscript)},
                                {Py_sq_contains, reinterpret_cast<void*>(document_contains)},
                                {Py_nb_bool, reinterpret_cast<void*>(document_bool)},
                                {Py_tp_methods, document_methods},
                                {Py_tp_getset, document_getsets},
                                {Py_tp_doc, const_cast<char*>(kDocumentDoc)},
                                {}};

}  // namespace

PyType_Spec document_spec = {"cppickle.Document", sizeof(DocumentObject), 0, Py_TPFLAGS_DEFAULT,
                             document_slots};
PyType_Spec stream_spec = {"cppickle.Stream", sizeof(StreamObject), 0, Py_TPFLAGS_DEFAULT, stream_slots};

PyObject* refuse_new(PyTypeObject* type, PyObject*, PyObject*) {
  return PyErr_Format(PyExc_TypeError, "%s is made by cppickle.read()", type->tp_name);
}

bool place_of(const State& state, PyObject* self, StreamPlace& place) {
  if (Py_IS_TYPE(self, state.Stream)) {
    place = {as_stream(self)->document, as_stream(self)->number};
    return true;
  }
  place = {as_document(self), 0};
  if (!place.document->data->streams.empty()) return true;
  raise(state, ErrorCode::kNotAPickle,
        "holds no pickle: it is " + place.document->data->opened.source->what());
  return false;
}

const Document* document_at(const State& state, const StreamPlace& place) {
  return no_throw<const Document*>(nullptr, [&]() -> const Document* {
    StreamData& data = place.data();
    if (!data.document) {
      std::optional<Document> read;
      if (!read_stream(state, place.document->data->opened, place.number, read)) return nullptr;
      // Another thread may have been faster; its values are in use.
      if (!data.document) data.document = std::move(read);
    }
    return &*data.document;
  });
}

const Document* document_of(const State& state, PyObject* self, StreamPlace& place) {
  return place_of(state, self, place) ? document_at(state, place) : nullptr;
}

const std::vector<bool>* fetched_at(const State& state, const StreamPlace& place) {
  const Document* document = document_at(state, place);
  if (document == nullptr) return nullptr;
  return no_throw<const std::vector<bool>*>(nullptr, [&]() -> const std::vector<bool>* {
    StreamData& data = place.data();
    if (!data.has_fetched) {
      std::vector<bool> fetched;
      {
        const WithoutGil others;
        fetched = fetched_entries(*document);
      }
      if (!data.has_fetched) data.fetched = std::move(fetched);
      data.has_fetched = true;
    }
    return &data.fetched;
  });
}

PyObject* root_at(const State& state, const StreamPlace& place, std::size_t pickle) {
  const Document* document = document_at(state, place);
  if (document == nullptr) return nullptr;
  return no_throw<PyObject*>(nullptr, [&] { return navigated_root(state, place, document->root(pickle)); });
}

const char read_doc[] =
    "read($module, source, /, *, limits=None)\n--\n\n"
    "Read a file as data, without running or importing anything of it, and return a Document. `source` is a "
    "path or\n"
    "bytes-like; an exact bytes object is not copied. What it is (a pickle, compressed, a joblib, torch, "
    "zip, tar or npz\n"
    "file) is told by its content. `limits` is a dict of bounds on what hostile input may cost: {'depth': "
    "1000}.\n"
    "Raises cppickle.Error where it is no pickle, damaged or over a limit.";

PyObject* read(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"", "limits"};
  PyObject* found[2];
  if (!parse_arguments({"read", kNames, 1, 1}, args, count, keywords, found)) return nullptr;
  const State& state = state_of(module);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    auto data = std::make_unique<DocumentData>();
    if (!open_source(state, found[0], found[1], data->opened)) return nullptr;
    data->streams.resize(data->opened.source->streams().size());
    auto* document = PyObject_New(DocumentObject, state.Document);
    if (document == nullptr) return nullptr;
    document->data = data.release();
    Ref owned(reinterpret_cast<PyObject*>(document));
    // Of several streams the others may be good where one is not.
    if (document->data->streams.size() == 1 && document_at(state, {document, 0}) == nullptr) return nullptr;
    return owned.release();
  });
}

}  // namespace cppickle::python
