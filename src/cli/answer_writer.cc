#include "cli/answer_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <optional>

#include "base/json_text.h"
#include "cli/answers.h"
#include "cli/npy_text.h"
#include "io/safe_write.h"

namespace cppickle::cli {
namespace {

using predict::Cell;
using predict::ElementType;
using predict::Labels;
using predict::Method;
using predict::Model;
using predict::Output;

// A file under a temporary name, or standard output, in large pieces.
class Sink {
 public:
  static Result<Sink> open(const std::string& path) {
    Sink sink;
    if (path == "-") return sink;
    auto file = SafeFile::create(path);
    if (!file) return std::unexpected(file.error());
    sink.file_.emplace(*std::move(file));
    return sink;
  }

  std::string& text() { return text_; }

  Result<void> flush_if_full() { return text_.size() < kPiece ? Result<void>() : flush(); }

  Result<void> finish() {
    if (const auto flushed = flush(); !flushed) return flushed;
    if (file_) return file_->commit();
    return std::fflush(stdout) == 0 ? Result<void>() : cannot_write();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 20;

  static std::unexpected<Error> cannot_write() {
    return std::unexpected(Error{ErrorCode::kIo, "cannot write to standard output"});
  }

  Result<void> flush() {
    Result<void> done;
    if (file_) {
      done = file_->write(text_);
    } else if (std::fwrite(text_.data(), 1, text_.size(), stdout) != text_.size()) {
      done = cannot_write();
    }
    text_.clear();
    return done;
  }

  std::optional<SafeFile> file_;
  std::string text_;
};

struct Context {
  Sink sink;
  const Model& model;
  Method method;
  std::uint64_t rows;
};

bool is_nan(const Cell& cell) { return cell.kind == Cell::Kind::kReal && std::isnan(cell.real); }

class CsvWriter final : public AnswerWriter {
 public:
  explicit CsvWriter(Context context) : context_(std::move(context)) {}

  Result<void> add(const Output& output) override {
    std::string& out = context_.sink.text();
    if (is_first_) {
      const std::vector<std::string> names = answer_names(context_.model, context_.method, output);
      for (std::size_t i = 0; i < names.size(); ++i) field(out, i, names[i], names.size());
      out += '\n';
      is_first_ = false;
    }
    for (std::size_t row = 0; row < output.rows(); ++row) {
      answer_row(output, row, cells_);
      for (std::size_t i = 0; i < cells_.size(); ++i) {
        const bool is_missing = cells_[i].kind == Cell::Kind::kNone || is_nan(cells_[i]);
        field(out, i, is_missing ? "" : text_of(cells_[i], output.type()), cells_.size());
      }
      out += '\n';
      if (const auto flushed = context_.sink.flush_if_full(); !flushed) return flushed;
    }
    return {};
  }

  Result<void> finish() override { return context_.sink.finish(); }

 private:
  static void field(std::string& out, std::size_t place, std::string_view text, std::size_t width) {
    if (place > 0) out += ',';
    // An empty line would be no record.
    const bool quotes = text.find_first_of(",\"\r\n") != text.npos || (text.empty() && width == 1);
    if (!quotes) {
      out += text;
      return;
    }
    out += '"';
    for (const char c : text) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }

  Context context_;
  bool is_first_ = true;
  std::vector<Cell> cells_;
};

// {"columns": [...], "data": [...]}: pandas' orient="split", which predict takes as input too.
class JsonWriter final : public AnswerWriter {
 public:
  explicit JsonWriter(Context context) : context_(std::move(context)) {}

  Result<void> add(const Output& output) override {
    std::string& out = context_.sink.text();
    if (is_first_) begin(out, answer_names(context_.model, context_.method, output));
    for (std::size_t row = 0; row < output.rows(); ++row) {
      out += has_rows_ ? ",\n  [" : "\n  [";
      has_rows_ = true;
      answer_row(output, row, cells_);
      for (std::size_t i = 0; i < cells_.size(); ++i) {
        if (i > 0) out += ", ";
        value(out, cells_[i], output.type());
      }
      out += ']';
      if (const auto flushed = context_.sink.flush_if_full(); !flushed) return flushed;
    }
    return {};
  }

  Result<void> finish() override {
    context_.sink.text() += has_rows_ ? "\n]}\n" : "]}\n";
    return context_.sink.finish();
  }

 private:
  void begin(std::string& out, const std::vector<std::string>& names) {
    out += "{\"columns\": [";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out += ", ";
      append_json_string(out, names[i]);
    }
    out += "],\n \"data\": [";
    is_first_ = false;
  }

  // JSON has no NaN and no infinity.
  static void value(std::string& out, const Cell& cell, ElementType type) {
    const bool is_real = cell.kind == Cell::Kind::kReal;
    if (cell.kind == Cell::Kind::kNone || is_nan(cell)) {
      out += "null";
    } else if (cell.kind == Cell::Kind::kBool) {
      out += cell.integer != 0 ? "true" : "false";
    } else if (is_real && std::isinf(cell.real)) {
      out += cell.real > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else if (is_real || cell.kind == Cell::Kind::kInt) {
      out += text_of(cell, type);
    } else {
      append_json_string(out, text_of(cell));
    }
  }

  Context context_;
  bool is_first_ = true;
  bool has_rows_ = false;
  std::vector<Cell> cells_;
};

class NpyWriter final : public AnswerWriter {
 public:
  explicit NpyWriter(Context context) : context_(std::move(context)) {}

  Result<void> add(const Output& output) override {
    if (!has_shape_) {
      has_shape_ = true;
      if (!output.is_vector()) columns_ = output.columns();
      // What cells hold is known once all of them are there.
      keeps_ = output.form() == Output::Form::kCells;
      if (!keeps_) {
        type_ = output.labels().empty() ? NpyType::of(output.type()) : type_of(output.labels());
        if (!type_) return cannot_hold();
        context_.sink.text() += npy_header(*type_, context_.rows, columns_);
      }
    }
    for (std::size_t row = 0; row < output.rows(); ++row) {
      answer_row(output, row, cells_);
      for (Cell& cell : cells_) {
        if (!keeps_) {
          type_->append(context_.sink.text(), cell);
          continue;
        }
        if (!cell.text.empty()) cell.text = texts_.emplace_back(cell.text);
        kept_.push_back(cell);
      }
      if (const auto flushed = context_.sink.flush_if_full(); !flushed) return flushed;
    }
    return {};
  }

  Result<void> finish() override {
    if (keeps_) {
      type_ = NpyType::of(kept_);
      if (!type_) return cannot_hold();
      context_.sink.text() += npy_header(*type_, context_.rows, columns_);
      for (const Cell& cell : kept_) type_->append(context_.sink.text(), cell);
    }
    return context_.sink.finish();
  }

 private:
  static std::unexpected<Error> cannot_hold() {
    return std::unexpected(
        Error{ErrorCode::kBadProtocol, "answers of several kinds: no array holds them; write CSV or JSON"});
  }

  static std::optional<NpyType> type_of(std::span<const Labels> outputs) {
    std::optional<NpyType> type;
    for (const Labels& labels : outputs) {
      const bool is_number = labels.type <= ElementType::kFloat64;
      const auto own = is_number ? std::optional<NpyType>(NpyType::of(labels.type)) : NpyType::of(labels.values);
      if (!own) return {};
      type = type ? NpyType::both(*type, *own) : own;
      if (!type) return {};
    }
    return type;
  }

  Context context_;
  bool has_shape_ = false;
  std::optional<std::uint64_t> columns_;
  std::optional<NpyType> type_;
  bool keeps_ = false;
  std::vector<Cell> cells_;
  std::vector<Cell> kept_;
  std::deque<std::string> texts_;
};

}  // namespace

Result<std::unique_ptr<AnswerWriter>> make_answer_writer(const AnswerForm& form, const Model& model, Method method) {
  auto sink = Sink::open(form.path);
  if (!sink) return std::unexpected(sink.error());
  Context context{*std::move(sink), model, method, form.rows};
  if (form.format == "json") return std::make_unique<JsonWriter>(std::move(context));
  if (form.format == "npy") return std::make_unique<NpyWriter>(std::move(context));
  return std::make_unique<CsvWriter>(std::move(context));
}

}  // namespace cppickle::cli
