// cppickle.scan: the scanner's report as a dict.
#include <sys/stat.h>

#include "arguments.h"
#include "cppickle/scan.h"
#include "document_error.h"
#include "document_module.h"
#include "document_object.h"
#include "io/file.h"
#include "no_throw.h"
#include "without_gil.h"

namespace cppickle::python {
namespace {

// A dict that is being filled; an exception that is set makes the rest do nothing.
class Fields {
 public:
  Fields() : dict_(PyDict_New()) {}

  void set(const char* name, Ref value) {
    if (!dict_ || !value || PyDict_SetItemString(dict_.get(), name, value.get()) != 0) dict_ = Ref();
  }
  void set(const char* name, std::string_view text) { set(name, Ref(text_object(text))); }
  void set(const char* name, std::uint64_t number) { set(name, Ref(PyLong_FromUnsignedLongLong(number))); }

  // The dict, or null with an exception.
  Ref take() { return std::move(dict_); }

 private:
  Ref dict_;
};

Ref finding_dict(const Finding& finding) {
  Fields fields;
  fields.set("verdict", name_of(finding.verdict));
  fields.set("rule", finding.rule);
  fields.set("use", name_of(finding.use));
  fields.set("name", finding.name);
  fields.set("arguments", finding.arguments);
  fields.set("reason", finding.reason);
  fields.set("where", finding.where);
  fields.set("offset", finding.offset);
  fields.set("count", finding.count);
  return fields.take();
}

Ref name_dict(const NameUse& name) {
  Fields fields;
  fields.set("name", name.name);
  fields.set("uses", Ref(list_of(uses_in(name.uses), [](Use use) { return text_object(name_of(use)); })));
  fields.set("count", name.count);
  fields.set("pack", name.pack);
  fields.set("verdict", name_of(name.verdict));
  return fields.take();
}

Ref coverage_dict(const Coverage& coverage) {
  Fields fields;
  fields.set("file", coverage.file);
  fields.set("pickles", coverage.pickles);
  fields.set("arrays", coverage.arrays);
  fields.set("data", coverage.data);
  fields.set("padding", coverage.padding);
  fields.set("unexplained", coverage.unexplained);
  return fields.take();
}

PyObject* report_dict(const ScanReport& report) {
  Fields fields;
  fields.set("verdict", name_of(report.verdict));
  fields.set("container", report.container);
  fields.set("pickles", report.pickles);
  fields.set("instructions", report.instructions);
  fields.set("coverage", coverage_dict(report.coverage));
  fields.set("findings", Ref(list_of(report.findings, finding_dict)));
  fields.set("findings_dropped", report.findings_dropped);
  fields.set("names", Ref(list_of(report.names, name_dict)));
  fields.set("latent", Ref(list_of(report.latent, [](const std::string& note) { return text_object(note); })));
  return fields.take().release();
}

// A path as the system takes it. False with an exception; OSError where nothing is there.
bool path_of(PyObject* given, std::string& path) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(given, &bytes) == 0) return false;
  const Ref held(bytes);
  path.assign(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
  if (path == "-") path = "./-";  // a file of this name, not standard input
  struct stat facts;
  if (::stat(path.c_str(), &facts) == 0) {
    if (S_ISREG(facts.st_mode)) return true;
    errno = S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;  // what has no end is not waited for
  }
  PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, given);
  return false;
}

bool read_policy(const State& state, PyObject* given, std::optional<ScanPolicy>& policy) {
  if (given == nullptr || given == Py_None) return true;
  std::string path;
  if (!path_of(given, path)) return false;
  const Result<Bytes> text = read_file(path, Limits());
  if (!text) return raise(state, text.error()) != nullptr;
  auto parsed = ScanPolicy::parse(text->view());
  if (!parsed) return raise(state, parsed.error()) != nullptr;
  policy = *std::move(parsed);
  return true;
}

}  // namespace

const char scan_doc[] =
    "scan($module, source, /, *, allow=None, limits=None)\n--\n\n"
    "What loading a path or bytes-like would do, and whether that is known to be harmless, without loading it.\n"
    "The report is a dict: its 'verdict' is 'safe', 'safe-by-policy', 'unknown', 'incomplete', 'malformed' or\n"
    "'dangerous', its 'findings' say why. `allow` is the path of a table of names that are allowed besides.";

PyObject* scan_given(PyObject* module, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  static constexpr const char* kNames[] = {"", "allow", "limits"};
  PyObject* found[3];
  if (!parse_arguments({"scan", kNames, 1, 1}, args, count, keywords, found)) return nullptr;
  const State& state = state_of(module);
  return no_throw<PyObject*>(nullptr, [&]() -> PyObject* {
    ScanOptions options;
    std::optional<ScanPolicy> policy;
    if (!parse_limits(found[2], options.limits) || !read_policy(state, found[1], policy)) return nullptr;
    if (policy) options.policy = &*policy;
    ScanReport report;
    if (PyObject_CheckBuffer(found[0])) {
      const Ref bytes(PyBytes_FromObject(found[0]));
      if (!bytes) return nullptr;
      const std::string_view view(PyBytes_AS_STRING(bytes.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.get())));
      const WithoutGil others;
      report = scan_bytes(view, options);
    } else {
      std::string path;
      if (!path_of(found[0], path)) return nullptr;
      const WithoutGil others;
      report = scan_file(path, options);
    }
    return report_dict(report);
  });
}

}  // namespace cppickle::python
