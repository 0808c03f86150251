// cppickle.dis, stat, optimize, to_json and from_json.
#include "arguments.h"
#include "convert/listing.h"
#include "convert/stat_report.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"
#include "document_error.h"
#include "document_module.h"
#include "document_object.h"
#include "engine_call.h"
#include "no_throw.h"
#include "without_gil.h"

namespace cppickle::python {
namespace {

// Where a listing goes: into a string, or to a file object's write().
class ListingSink {
 public:
  explicit ListingSink(PyObject* write) : write_(write) {}

  bool put(WithoutGil& others, std::string_view block) {
    if (write_ == nullptr) {
      text_ += block;
      return true;
    }
    return others.with_gil([&] {
      const Ref text(text_object(block));
      const Ref done(text ? PyObject_CallFunctionObjArgs(write_, text.get(), nullptr) : nullptr);
      return good_ = static_cast<bool>(done);
    });
  }
  bool is_good() const { return good_; }
  const std::string& text() const { return text_; }

 private:
  PyObject* write_;
  std::string text_;
  bool good_ = true;
};

Result<void> list_all(const OpenedSource& opened, bool annotate, WithoutGil& others, ListingSink& sink) {
  ReadOptions reading;
  reading.limits = opened.limits;
  const auto& streams = opened.source->streams();
  for (std::size_t i = 0; i < streams.size() && sink.is_good(); ++i) {
    if (streams.size() > 1) sink.put(others, "# " + streams[i].where + "\n");
    const auto done = list_stream(*opened.source, i, reading, annotate,
                                  [&](std::string_view block) { return sink.put(others, block); });
    if (!done) return done;
  }
  return {};
}

}  // namespace

const char dis_doc[] =
    "dis($module, source, /, *, annotate=False, out=None)\n--\n\n"
    "The instructions of a path or bytes-like, in the words of pickletools.dis; `annotate` says what each "
    "does, and goes on\n"
    "after faults. Returns the text, or writes it to `out` and returns None.";

PyObject* disassemble_source(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"", "annotate", "out"};
  PyObject* found[3];
  bool annotate = false;
  if (!parse_arguments({"dis", kNames, 1, 1}, args, count, keywords, found) ||
      !parse_bool(found[1], annotate))
    return nullptr;
  const State& state = state_of(module);
  const bool has_out = found[2] != nullptr && found[2] != Py_None;
  const Ref write(has_out ? PyObject_GetAttr(found[2], state.s_write) : nullptr);
  if (has_out && !write) return nullptr;
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    OpenedSource opened;
    if (!open_source(state, found[0], nullptr, opened)) return nullptr;
    ListingSink sink(write.get());
    Result<void> done;
    {
      WithoutGil others;
      done = list_all(opened, annotate, others, sink);
    }
    if (!sink.is_good()) return nullptr;
    if (!done) return raise(state, done.error());
    return has_out ? new_ref(Py_None) : text_object(sink.text());
  });
}

const char stat_doc[] =
    "stat($module, source, /)\n--\n\n"
    "What a path or bytes-like is made of, as a dict: the report of `cppickle stat --json`.";

PyObject* stat_source(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {""};
  PyObject* found[1];
  if (!parse_arguments({"stat", kNames, 1, 1}, args, count, keywords, found)) return nullptr;
  const State& state = state_of(module);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    OpenedSource opened;
    if (!open_source(state, found[0], nullptr, opened)) return nullptr;
    std::string json;
    {
      const WithoutGil others;
      json = stat_json(
          file_report(*opened.source, opened.name, 0, opened.source->streams().size(), ReadOptions()));
    }
    const Ref text(text_object(json));
    const Ref reader(text ? PyImport_ImportModule("json") : nullptr);
    return reader ? PyObject_CallMethod(reader.get(), "loads", "O", text.get()) : nullptr;
  });
}

const char optimize_doc[] =
    "optimize($module, data, /)\n--\n\n"
    "The same pickles in fewer bytes: without the memo entries that nothing refers to, as "
    "pickletools.optimize does it.";

PyObject* optimize_bytes(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {""};
  PyObject* found[1];
  if (!parse_arguments({"optimize", kNames, 1, 1}, args, count, keywords, found)) return nullptr;
  const State& state = state_of(module);
  const Ref data(PyBytes_FromObject(found[0]));  // the same one if it is bytes
  if (!data) return nullptr;
  const std::string_view bytes(PyBytes_AS_STRING(data.get()),
                               static_cast<std::size_t>(PyBytes_GET_SIZE(data.get())));
  return engine_call(state, bytes_object, [&]() -> Result<std::string> {
    const auto document = Document::read(bytes);
    if (!document) return std::unexpected(document.error());
    return optimized(*document, bytes, Limits());
  });
}

const char to_json_doc[] =
    "to_json($module, source, /, *, plain=False)\n--\n\n"
    "The first pickle stream of a path or bytes-like as JSON: lossless, which from_json() turns back into "
    "the same pickle,\n"
    "or plain as a person expects it.";

PyObject* source_to_json(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"", "plain"};
  PyObject* found[2];
  bool plain = false;
  if (!parse_arguments({"to_json", kNames, 1, 1}, args, count, keywords, found) ||
      !parse_bool(found[1], plain))
    return nullptr;
  const State& state = state_of(module);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    OpenedSource opened;
    if (!open_source(state, found[0], nullptr, opened)) return nullptr;
    if (opened.source->streams().empty()) return raise(state, ErrorCode::kNotAPickle, "holds no pickle");
    std::optional<Document> document;
    if (!read_stream(state, opened, 0, document)) return nullptr;
    return engine_call(state, text_object, [&] { return json_of(*document, plain, opened.limits); });
  });
}

const char from_json_doc[] =
    "from_json($module, text, /, protocol=None)\n--\n\n"
    "The pickle that to_json() wrote as lossless JSON, or one that was edited there.";

PyObject* pickle_from_json(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"", "protocol"};
  PyObject* found[2];
  WriteOptions options;
  if (!parse_arguments({"from_json", kNames, 2, 1}, args, count, keywords, found) ||
      !parse_write_options(found[1], options)) {
    return nullptr;
  }
  if (!PyUnicode_Check(found[0]))
    return PyErr_Format(PyExc_TypeError, "JSON must be str, not %.200s", Py_TYPE(found[0])->tp_name);
  Py_ssize_t size;
  const char* text = PyUnicode_AsUTF8AndSize(found[0], &size);
  if (text == nullptr) return nullptr;
  const State& state = state_of(module);
  return engine_call(state, bytes_object, [&]() -> Result<std::string> {
    const auto document = from_json(std::string_view(text, static_cast<std::size_t>(size)));
    if (!document) return std::unexpected(document.error());
    return write(*document, options);
  });
}

}  // namespace cppickle::python
