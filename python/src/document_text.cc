// Documents written: as pickles, as JSON, as text for people and notebooks.
#include "arguments.h"
#include "convert/listing.h"
#include "cppickle/json.h"
#include "cppickle/pickler.h"
#include "cppickle/plain_json.h"
#include "document/tree_text.h"
#include "document_error.h"
#include "engine_call.h"
#include "io/safe_write.h"
#include "no_throw.h"
#include "value_object.h"

namespace cppickle::python {
namespace {

constexpr std::uint32_t kMostDepth = 1000;  // of a shown tree: indentation makes it quadratic
constexpr std::uint64_t kHtmlLines = 400;
constexpr std::uint32_t kHtmlDepth = 5;
constexpr std::uint32_t kHtmlOpen = 2;  // levels that are unfolded
constexpr std::uint64_t kHtmlItems = 30;

// --- Writing --------------------------------------------------------------------------------

PyObject* dumps_document(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"protocol", nullptr};
  PyObject* protocol = nullptr;
  WriteOptions options;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:dumps", const_cast<char**>(names), &protocol) ||
      !parse_write_options(protocol, options)) {
    return nullptr;
  }
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document = document_of(state, self, place);
  if (document == nullptr) return nullptr;
  return engine_call(state, bytes_object, [&] { return write(*document, options); });
}

PyObject* write_document(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"path", "protocol", nullptr};
  PyObject *path, *protocol = nullptr;
  WriteOptions options;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O&|O:write", const_cast<char**>(names),
                                   PyUnicode_FSConverter, &path, &protocol)) {
    return nullptr;
  }
  const Ref held(path);
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document =
      parse_write_options(protocol, options) ? document_of(state, self, place) : nullptr;
  if (document == nullptr) return nullptr;
  const auto nothing = [](std::string_view) { return new_ref(Py_None); };
  return engine_call(state, nothing, [&]() -> Result<std::string> {
    auto bytes = write(*document, options);
    if (!bytes) return bytes;
    const auto written = write_file(PyBytes_AS_STRING(path), as_span(*bytes));
    if (!written) return std::unexpected(written.error());
    return std::string();
  });
}

PyObject* document_to_json(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"plain", nullptr};
  int plain = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|p:to_json", const_cast<char**>(names), &plain))
    return nullptr;
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  const Document* document = document_of(state, self, place);
  if (document == nullptr) return nullptr;
  const Limits& limits = place.document->data->opened.limits;
  return engine_call(state, text_object, [&] { return json_of(*document, plain != 0, limits); });
}

PyObject* document_to_python(PyObject* self, PyObject*) {
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  Ref root(place_of(state, self, place) ? root_at(state, place, 0) : nullptr);
  return root && Py_IS_TYPE(root.get(), state.Value) ? value_to_python(root.get(), nullptr) : root.release();
}

PyObject* document_dis(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"annotate", nullptr};
  int annotate = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|p:dis", const_cast<char**>(names), &annotate))
    return nullptr;
  const State& state = state_of_type(Py_TYPE(self));
  StreamPlace place{};
  if (!place_of(state, self, place)) return nullptr;
  const OpenedSource& opened = place.document->data->opened;
  return engine_call(state, text_object, [&]() -> Result<std::string> {
    ReadOptions reading;
    reading.limits = opened.limits;
    std::string text;
    const auto done =
        list_stream(*opened.source, place.number, reading, annotate != 0, [&](std::string_view block) {
          text += block;
          return true;
        });
    if (!done) return std::unexpected(done.error());
    return text;
  });
}

// --- Trees --------------------------------------------------------------------------------

struct ShownRoot {
  const std::vector<bool>* fetched;
  std::vector<Value> roots;
};

// What a tree is shown of: a value, or all pickles of a stream. False with an exception.
bool shown_root(const State& state, PyObject* self, ShownRoot& shown) {
  StreamPlace place{};
  if (Py_IS_TYPE(self, state.Value)) {
    place = as_value(self)->place();
    shown.roots.push_back(as_value(self)->get());
  } else {
    const Document* document = document_of(state, self, place);
    if (document == nullptr) return false;
    for (std::size_t i = 0; i < document->pickles(); ++i) shown.roots.push_back(document->root(i));
  }
  shown.fetched = fetched_at(state, place);
  return shown.fetched != nullptr;
}

PyObject* show(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* names[] = {"depth", "width", "items", nullptr};
  unsigned depth = 6, width = 100;
  unsigned long long items = 20;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|IIK:show", const_cast<char**>(names), &depth, &width,
                                   &items)) {
    return nullptr;
  }
  const State& state = state_of_type(Py_TYPE(self));
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    ShownRoot shown;
    if (!shown_root(state, self, shown)) return nullptr;
    TreeOptions options;
    options.depth = std::min(depth, kMostDepth);
    options.width = width;
    options.items = items != 0 ? items : ~std::uint64_t{0};
    return engine_call(state, text_object, [&]() -> Result<std::string> {
      std::string text;
      for (std::size_t i = 0; i < shown.roots.size(); ++i) {
        if (shown.roots.size() > 1) {
          text += "# pickle " + std::to_string(i) + " of " + std::to_string(shown.roots.size()) + "\n";
        }
        auto tree = tree_text(shown.roots[i], *shown.fetched, options);
        if (!tree) return tree;
        text += *tree;
      }
      return text;
    });
  });
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

std::string painted(TreePart part, std::string_view text) {
  static constexpr const char* kStyles[] = {"", "color:#06738a", "font-weight:bold", "color:#a05a00",
                                            "opacity:.6"};
  std::string out;
  const bool is_plain = part == TreePart::kPlain;
  if (!is_plain) out.append("<span style=\"").append(kStyles[static_cast<std::size_t>(part)]).append("\">");
  append_escaped(out, text);
  if (!is_plain) out += "</span>";
  return out;
}

// Nested <details>: no script, and every byte of the file's escaped.
class HtmlTree {
 public:
  explicit HtmlTree(std::uint64_t most_lines) : left_(most_lines) {}

  bool add(const TreeLine& line) {
    close_to(line.depth);
    if (left_-- == 0) {
      out_ += "<div>...</div>";
      left_ = 0;
      return false;
    }
    const std::string text = tree_line_text(line, painted);
    if (line.is_container && line.refers_to == 0 && line.depth < kHtmlDepth) {
      out_ += line.depth < kHtmlOpen ? "<details open>" : "<details>";
      out_ += "<summary>" + text + "</summary><div style=\"margin-left:1.2em\">";
      ++depth_;
    } else {
      out_ += "<div>" + text + "</div>";
    }
    return true;
  }

  std::string finish() {
    close_to(0);
    return "<div style=\"font-family:monospace;white-space:pre-wrap\">" + std::move(out_) + "</div>";
  }

 private:
  void close_to(std::uint32_t depth) {
    for (; depth_ > depth; --depth_) out_ += "</div></details>";
  }

  std::string out_;
  std::uint32_t depth_ = 0;
  std::uint64_t left_;
};

PyObject* html(PyObject* self, PyObject*) {
  const State& state = state_of_type(Py_TYPE(self));
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    ShownRoot shown;
    if (!shown_root(state, self, shown)) return nullptr;
    TreeOptions options;
    options.depth = kHtmlDepth;
    options.items = kHtmlItems;
    return engine_call(state, text_object, [&]() -> Result<std::string> {
      HtmlTree tree(kHtmlLines);
      for (const Value& root : shown.roots) {
        bool more = true;
        const auto done = walk_tree(root, *shown.fetched, options,
                                    [&](const TreeLine& line) { return more = tree.add(line); });
        if (!done) return std::unexpected(done.error());
        if (!more) break;
      }
      return tree.finish();
    });
  });
}

}  // namespace

bool parse_write_options(PyObject* protocol, WriteOptions& options) {
  if (protocol == nullptr || protocol == Py_None) return true;
  const long number = PyLong_AsLong(protocol);
  if (number == -1 && PyErr_Occurred() != nullptr) return false;
  options.protocol = number < 0 ? 5 : static_cast<int>(std::min(number, 99L));
  return true;
}

Result<std::string> json_of(const Document& document, bool plain, const Limits& limits) {
  if (!plain) return to_json(document);
  PlainJsonOptions options;
  options.limits = limits;
  auto json = to_plain_json(document.root(), options);
  if (!json) return std::unexpected(json.error());
  return std::move(json->text);
}

PyObject* value_show(PyObject* self, PyObject* args, PyObject* keywords) {
  return show(self, args, keywords);
}
PyObject* value_html(PyObject* self, PyObject*) { return html(self, nullptr); }

PyMethodDef document_methods[] = {
    {"dumps", as_method(dumps_document), METH_VARARGS | METH_KEYWORDS,
     "dumps($self, /, protocol=None)\n--\n\n"
     "The pickles of the stream as bytes: at their own protocol as they were, byte for byte if a pickler of "
     "CPython's wrote\n"
     "them; at another as CPython would write the values."},
    {"write", as_method(write_document), METH_VARARGS | METH_KEYWORDS,
     "write($self, /, path, protocol=None)\n--\n\n"
     "dumps() to a file, under a temporary name that is renamed at the end. A container around the stream is "
     "not written."},
    {"to_json", as_method(document_to_json), METH_VARARGS | METH_KEYWORDS,
     "to_json($self, /, plain=False)\n--\n\n"
     "Lossless JSON, which from_json() turns back into the same pickle, or plain JSON as a person expects "
     "it."},
    {"dis", as_method(document_dis), METH_VARARGS | METH_KEYWORDS,
     "dis($self, /, annotate=False)\n--\n\nThe instructions, as pickletools.dis lists them."},
    {"to_python", document_to_python, METH_NOARGS,
     "to_python($self, /)\n--\n\nThe root as Python's own objects, if it is pure data: Value.to_python()."},
    {"show", as_method(show), METH_VARARGS | METH_KEYWORDS,
     "show($self, /, depth=6, width=100, items=20)\n--\n\nThe values as a tree, as text."},
    {"_repr_html_", html, METH_NOARGS, "_repr_html_($self, /)\n--\n\nThe tree for a notebook."},
    {}};

}  // namespace cppickle::python
