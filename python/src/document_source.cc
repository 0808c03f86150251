// What users give to be read, opened: paths and bytes-like objects.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "document_error.h"
#include "document_object.h"
#include "without_gil.h"

namespace cppickle::python {
namespace {

// The engine's error has no errno; Python's own exception for the path is the one that people expect.
bool raise_for_path(PyObject* path, const char* name) {
  const int descriptor = ::open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor >= 0) {
    struct stat facts;
    const bool is_folder = ::fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
    ::close(descriptor);
    if (!is_folder) return false;
    errno = EISDIR;
  }
  PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
  return true;
}

OpenOptions open_options(const Limits& limits) {
  OpenOptions options;
  options.limits = limits;
  options.verify_blobs = false;
  return options;
}

bool keep(const State& state, Result<Source> source, OpenedSource& opened) {
  if (!source) {
    raise(state, source.error());
    return false;
  }
  opened.source = *std::move(source);
  const Result<void> held = opened.source->require_contents();
  if (!held) raise(state, held.error());
  return held.has_value();
}

bool open_path(const State& state, PyObject* given, OpenedSource& opened) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(given, &bytes) == 0) return false;
  const Ref held(bytes);
  std::string path(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
  opened.name = path;
  if (path == "-") path = "./-";  // a file of this name, not standard input
  Result<Source> source = std::unexpected(Error{ErrorCode::kIo, {}});
  {
    const WithoutGil others;
    source = Source::open(path, open_options(opened.limits));
  }
  if (!source && source.error().code == ErrorCode::kIo && raise_for_path(given, path.c_str())) return false;
  return keep(state, std::move(source), opened);
}

bool open_bytes(const State& state, PyObject* given, OpenedSource& opened) {
  const OpenOptions options = open_options(opened.limits);
  Result<Source> source = std::unexpected(Error{ErrorCode::kIo, {}});
  if (PyBytes_CheckExact(given)) {
    opened.bytes = Ref::of(given);
    const std::string_view view(PyBytes_AS_STRING(given), static_cast<std::size_t>(PyBytes_GET_SIZE(given)));
    const WithoutGil others;
    source = Source::borrow_bytes(view, options);
  } else {
    Py_buffer buffer;
    if (PyObject_GetBuffer(given, &buffer, PyBUF_SIMPLE) != 0) return false;
    struct Release {
      Py_buffer& buffer;
      ~Release() { PyBuffer_Release(&buffer); }
    } const release{buffer};
    std::string copy(static_cast<const char*>(buffer.buf), static_cast<std::size_t>(buffer.len));
    const WithoutGil others;
    source = Source::from_bytes(std::move(copy), options);
  }
  return keep(state, std::move(source), opened);
}

}  // namespace

bool parse_limits(PyObject* given, Limits& limits) {
  if (given == nullptr || given == Py_None) return true;
  if (!PyDict_Check(given)) {
    PyErr_Format(PyExc_TypeError, "limits must be a dict of names and numbers, not %.200s",
                 Py_TYPE(given)->tp_name);
    return false;
  }
  PyObject *key, *value;
  for (Py_ssize_t position = 0; PyDict_Next(given, &position, &key, &value);) {
    const char* name = PyUnicode_Check(key) ? PyUnicode_AsUTF8(key) : nullptr;
    if (name == nullptr && PyErr_Occurred() != nullptr) return false;
    if (!PyLong_Check(value)) {
      PyErr_Format(PyExc_TypeError, "limit %R must be an int, not %.200s", key, Py_TYPE(value)->tp_name);
      return false;
    }
    const unsigned long long number = PyLong_AsUnsignedLongLong(value);
    if (number == static_cast<unsigned long long>(-1) && PyErr_Occurred() != nullptr) return false;
    if (name != nullptr && limits.set(name, number)) continue;
    std::string known;
    for (const Limits::Name& entry : Limits::names()) known += " " + std::string(entry.name);
    PyErr_Format(PyExc_ValueError, "no limit is called %R; there are:%s", key, known.c_str());
    return false;
  }
  return true;
}

bool open_source(const State& state, PyObject* given, PyObject* limits, OpenedSource& opened) {
  if (!parse_limits(limits, opened.limits)) return false;
  return PyObject_CheckBuffer(given) ? open_bytes(state, given, opened) : open_path(state, given, opened);
}

bool read_stream(const State& state, const OpenedSource& opened, std::size_t stream,
                 std::optional<Document>& document) {
  Result<Document> read = std::unexpected(Error{ErrorCode::kIo, {}});
  {
    WithoutGil others;
    ReadOptions options;
    options.limits = opened.limits;
    options.progress = [&others](std::uint64_t) { return others.check_signals(); };
    read = opened.source->read(stream, options);
  }
  if (!read) {
    raise(state, read.error());
    return false;
  }
  document = *std::move(read);
  return true;
}

}  // namespace cppickle::python
