// cppickle.Document, a file that was read, and cppickle.Stream, one pickle stream of it.
//
// Both are read-only: once a stream is read any number of threads may look at it.
#ifndef CPPICKLE_PYTHON_DOCUMENT_OBJECT_H_
#define CPPICKLE_PYTHON_DOCUMENT_OBJECT_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cppickle/document.h"
#include "cppickle/pickler.h"
#include "cppickle/source.h"
#include "value_contents.h"

namespace cppickle::python {

// A file or bytes, opened. The source may point into `bytes`, so it goes first.
struct OpenedSource {
  Ref bytes;         // an exact bytes object that is not copied
  std::string name;  // of the file, as text; empty for bytes
  Limits limits;
  std::optional<Source> source;
};

// Opens what a user gave: a path or bytes-like. False with an exception.
bool open_source(const State& state, PyObject* given, PyObject* limits, OpenedSource& opened);
// {name: int} as the engine's limits; None changes nothing. False with an exception.
bool parse_limits(PyObject* given, Limits& limits);
// One stream's document, read without the GIL. False with an exception.
bool read_stream(const State& state, const OpenedSource& opened, std::size_t stream,
                 std::optional<Document>& document);

struct StreamData {
  std::optional<Document> document;  // once somebody asked for it
  std::vector<bool> fetched;         // as fetched_entries() gives it, once it is asked for
  bool has_fetched = false;
  std::unordered_map<std::uint64_t, Members> members;  // of large containers, by identity
};

struct DocumentData {
  OpenedSource opened;
  std::vector<StreamData> streams;  // as many as the source has
};

struct DocumentObject {
  PyObject_HEAD DocumentData* data;
};

struct StreamObject {
  PyObject_HEAD DocumentObject* document;
  std::size_t number;
};

// A stream of a document, borrowed; what the methods of both types work on.
struct StreamPlace {
  DocumentObject* document;
  std::size_t number;
  StreamData& data() const { return document->data->streams[number]; }
};

// Of a Document its first one. False with an exception where there is none.
bool place_of(const State& state, PyObject* self, StreamPlace& place);
// Reads the stream if nobody has yet. nullptr with an exception.
const Document* document_at(const State& state, const StreamPlace& place);
// Both in one.
const Document* document_of(const State& state, PyObject* self, StreamPlace& place);
// Which memo entries are fetched. nullptr with an exception.
const std::vector<bool>* fetched_at(const State& state, const StreamPlace& place);
// The root of a pickle of the stream: a Value or a scalar. nullptr with an exception.
PyObject* root_at(const State& state, const StreamPlace& place, std::size_t pickle);

extern PyType_Spec document_spec;
extern PyType_Spec stream_spec;

// document_text.cc
extern PyMethodDef document_methods[];  // of both types
Result<std::string> json_of(const Document& document, bool plain, const Limits& limits);
// None, or a protocol; below 0 it is the highest, as pickle has it. False with an exception.
bool parse_write_options(PyObject* protocol, WriteOptions& options);

PyObject* read(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords);
extern const char read_doc[];

// tp_new of types that only this module makes.
PyObject* refuse_new(PyTypeObject* type, PyObject* args, PyObject* keywords);

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_DOCUMENT_OBJECT_H_
