#include "cli/python_answers.h"

#include <cmath>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"
#include "cli/answers.h"
#include "cli/check_script.h"
#include "cli/child_process.h"
#include "cli/json_form.h"
#include "cli/npy_text.h"
#include "cli/scan_files.h"
#include "cli/temporary_folder.h"
#include "document/path.h"
#include "predict/batch.h"
#include "predict/rows_of_input.h"

namespace cppickle::cli {
namespace {

using predict::Cell;
using predict::Column;
using predict::ElementType;
using predict::Input;

// Python's json reads NaN and Infinity.
void append_json(std::string& out, const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kNone: out += "null"; return;
    case Cell::Kind::kBool: out += cell.integer != 0 ? "true" : "false"; return;
    case Cell::Kind::kReal:
      if (std::isnan(cell.real)) {
        out += "NaN";
      } else if (std::isinf(cell.real)) {
        out += cell.real > 0 ? "Infinity" : "-Infinity";
      } else {
        out += text_of(cell);
      }
      return;
    case Cell::Kind::kInt: out += text_of(cell); return;
    default: append_json_string(out, cell.text);
  }
}

std::string json_list(std::size_t count, auto&& cell_at) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    append_json(out, cell_at(i));
  }
  return out + "]";
}

std::string records_text(const Input& rows) {
  const auto* const entries = static_cast<const predict::Entry*>(rows.data);
  std::string out = "[";
  for (std::size_t row = 0; row < rows.rows; ++row) {
    out += row == 0 ? "{" : ", {";
    for (auto k = rows.row_starts[row]; k < rows.row_starts[row + 1]; ++k) {
      if (k > rows.row_starts[row]) out += ", ";
      append_json_string(out, entries[k].key);
      out += ": ";
      append_json(out, entries[k].value);
    }
    out += '}';
  }
  return out + "]";
}

// Elements as they lie, row after row.
std::string dense_text(const Input& rows) {
  const NpyType type = NpyType::of(rows.type);
  predict::Workspace memory;
  const auto batch = predict::rows_of_input(rows, 0, rows.rows, memory);
  if (!batch) return {};  // run() has refused them before
  std::string out = npy_header(type, rows.rows, rows.columns);
  const bool is_integer = rows.type < ElementType::kFloat16;
  for (std::size_t i = 0; i < rows.rows * rows.columns; ++i) {
    const double number = batch->values[i];
    type.append(out, is_integer ? Cell::of(static_cast<std::int64_t>(number)) : Cell::of(number));
  }
  return out;
}

// What the script reads: job.json and the rows beside it.
class Job {
 public:
  Job(const TemporaryFolder& folder, const PythonQuestion& question, const Input& rows)
      : folder_(folder), question_(question), rows_(rows) {}

  Result<void> write() {
    if (const auto written = write_rows(); !written) return written;
    const auto model = model_path();
    if (!model) return std::unexpected(model.error());
    const auto steps = parse_path(question_.file.loading.at);
    if (!steps) return std::unexpected(steps.error());
    JsonForm json(1);
    json.object([&] {
      json.field("model", *model);
      json.list("at", [&] {
        for (const PathStep& step : *steps) add_step(json, step);
      });
      json.list("methods", [&] {
        for (const predict::Method method : question_.methods) json.value(name_of(method));
      });
      json.field("form", form_);
      json.field("rows", rows_.rows);
      json.list("columns", [&] {
        for (const std::string& column : columns_) json.value(column);
      });
      json.list("names", [&] {
        for (const Column& column : rows_.table) {
          if (!column.name.empty()) json.value(column.name);
        }
      });
    });
    return folder_.write("job.json", json.take());
  }

 private:
  static void add_step(JsonForm& json, const PathStep& step) {
    json.list([&] {
      const bool is_number = step.kind == PathStep::Kind::kNumber;
      json.value(is_number ? "number" : step.kind == PathStep::Kind::kKey ? "key" : "name");
      json.value(is_number ? std::to_string(step.number) : step.text);
    });
  }

  // A stream inside an archive, or one that came from a pipe, becomes a file.
  Result<std::string> model_path() {
    const PickleStream& stream = question_.file.source.streams()[question_.file.stream];
    if (question_.file.path != "-" && stream.where.empty()) return question_.file.path;
    if (const auto written = folder_.write("model.pkl", stream.bytes); !written)
      return std::unexpected(written.error());
    return folder_.path("model.pkl");
  }

  Result<void> write_rows() {
    switch (rows_.form) {
      case Input::Form::kDense: form_ = "dense"; return folder_.write("rows.npy", dense_text(rows_));
      case Input::Form::kTexts: {
        form_ = "texts";
        const auto* const cells = static_cast<const Cell*>(rows_.data);
        return folder_.write("rows.json", json_list(rows_.rows, [&](std::size_t i) { return cells[i]; }));
      }
      case Input::Form::kRecords: form_ = "records"; return folder_.write("rows.json", records_text(rows_));
      default: form_ = "table"; return write_columns();
    }
  }

  Result<void> write_columns() {
    for (const Column& column : rows_.table) {
      const std::string name = "column" + std::to_string(columns_.size());
      const auto place = [&](std::size_t row) {
        return static_cast<const char*>(column.data) + static_cast<std::ptrdiff_t>(row) * column.stride;
      };
      Result<void> written;
      if (column.type == ElementType::kFloat64 || column.type == ElementType::kBool) {
        const bool is_flag = column.type == ElementType::kBool;
        const NpyType type = NpyType::of(column.type);
        std::string text = npy_header(type, rows_.rows, {});
        for (std::size_t row = 0; row < rows_.rows; ++row) {
          type.append(
              text, is_flag ? Cell::boolean(*place(row) != 0) : Cell::of(*reinterpret_cast<const double*>(place(row))));
        }
        columns_.push_back("npy");
        written = folder_.write(name + ".npy", text);
      } else {
        const auto cell_at = [&](std::size_t row) { return *reinterpret_cast<const Cell*>(place(row)); };
        columns_.push_back("json");
        written = folder_.write(name + ".json", json_list(rows_.rows, cell_at));
      }
      if (!written) return written;
    }
    return {};
  }

  const TemporaryFolder& folder_;
  const PythonQuestion& question_;
  const Input& rows_;
  std::string form_;
  std::vector<std::string> columns_;  // "npy" or "json"
};

// What another program printed, without what a terminal would act on. scikit-learn's errors are long: the beginning.
std::string without_controls(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() > kMost) return out + "...";
    const std::uint32_t c = next_code_point(text, i);
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    append_utf8(out, c >= kInvalidByte || is_control ? 0xFFFD : c);
  }
  return out;
}

std::string next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string word(line.substr(0, end));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// The last line of what it printed: a traceback ends with its error.
std::string last_words(const TemporaryFolder& folder) {
  const auto text = read_text(folder.path("errors.txt"));
  if (!text) return {};
  const std::size_t last = text->find_last_not_of("\r\n ");
  if (last == text->npos) return {};
  const std::size_t before = text->rfind('\n', last);
  const std::size_t first = before == text->npos ? 0 : before + 1;
  return without_controls(std::string_view(*text).substr(first, last + 1 - first));
}

// True for a report that is whole.
Result<bool> read_report(const TemporaryFolder& folder, PythonAnswers& to) {
  const auto report = read_text(folder.path("report.txt"));
  if (!report) return false;
  for (std::string_view rest = *report; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string kind = next_word(line);
    if (kind == "done") return true;
    const std::string name = next_word(line);
    const auto method = predict::method_named(name);
    if (kind == "version") to.versions[name] = without_controls(line);
    if (kind == "refusal" && method) to.refusals[*method] = without_controls(line);
    if (kind != "answer" || !method) continue;
    auto answers = read_answers(folder.path(name + ".npy"));
    if (!answers) return std::unexpected(answers.error());
    to.answers[*method] = *std::move(answers);
  }
  return false;
}

}  // namespace

Result<PythonAnswers> python_answers(const PythonQuestion& question, const Input& rows) {
  const auto failed = [&](const std::string& message) {
    return std::unexpected(Error{.code = ErrorCode::kIo, .message = message, .where = question.interpreter});
  };
  const auto folder = TemporaryFolder::make();
  if (!folder) return std::unexpected(folder.error());
  if (const auto written = Job(*folder, question, rows).write(); !written) return std::unexpected(written.error());
  const auto ran = run_child({question.interpreter, "-c", kCheckScript, folder->path()}, folder->path("errors.txt"),
                             question.timeout);
  if (!ran) return std::unexpected(ran.error());
  if (ran->timed_out)
    return failed("it took more than " + std::to_string(question.timeout.count()) + " seconds (--timeout)");
  PythonAnswers answers;
  const auto whole = read_report(*folder, answers);
  if (!whole) return std::unexpected(whole.error());
  if (ran->exit_code == 0 && *whole) return answers;
  const std::string words = last_words(*folder);
  return failed(words.empty() ? "it ended with exit code " + std::to_string(ran->exit_code) : words);
}

}  // namespace cppickle::cli
