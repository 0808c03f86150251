#include "cppickle/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "document/repr.h"
#include "predict/estimator.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

constexpr std::array<std::string_view, kMethods> kMethodNames = {
    "predict", "predict_proba", "predict_log_proba", "decision_function", "transform",
    "inverse_transform", "score_samples", "kneighbors", "apply", "predict_std"};

constexpr std::array<std::string_view, 15> kTypeNames = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "str", "object", "category"};

// Rows that are worked on together: few enough that what lies between two steps stays in the processor's caches.
std::size_t rows_at_a_time(const Input& input) {
  constexpr std::size_t kNumbers = 1 << 15;
  return std::clamp<std::size_t>(kNumbers / std::max<std::size_t>(input.columns, 1), 16, 512);
}

template <class T>
Input row_major(const T* values, ElementType type, std::size_t rows, std::size_t columns) {
  Input input;
  input.type = type;
  input.rows = rows;
  input.columns = columns;
  input.data = values;
  input.row_stride = static_cast<std::ptrdiff_t>(columns * sizeof(T));
  input.column_stride = sizeof(T);
  return input;
}

}  // namespace

std::string_view name_of(Method method) { return kMethodNames[static_cast<std::size_t>(method)]; }

std::optional<Method> method_named(std::string_view name) {
  const auto found = std::ranges::find(kMethodNames, name);
  if (found == kMethodNames.end()) return {};
  return static_cast<Method>(found - kMethodNames.begin());
}

std::string_view name_of(ElementType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

bool equal(const Cell& a, const Cell& b) {
  using Kind = Cell::Kind;
  const auto is_integer = [](const Cell& cell) { return cell.kind == Kind::kBool || cell.kind == Kind::kInt; };
  if (is_integer(a) && is_integer(b)) return a.integer == b.integer;
  if (a.kind == Kind::kReal && b.kind == Kind::kReal) return a.real == b.real;
  if (a.kind == Kind::kReal && is_integer(b)) return equal(b, a);
  if (is_integer(a) && b.kind == Kind::kReal) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    return b.real >= -kTwoTo63 && b.real < kTwoTo63 && b.real == std::floor(b.real) &&
           static_cast<std::int64_t>(b.real) == a.integer;
  }
  return a.kind == b.kind && a.text == b.text;
}

std::string text_of(const Cell& cell, ElementType type) {
  switch (cell.kind) {
    case Cell::Kind::kNone: return "None";
    case Cell::Kind::kBool: return cell.integer != 0 ? "True" : "False";
    case Cell::Kind::kInt: return std::to_string(cell.integer);
    case Cell::Kind::kReal:
      return type == ElementType::kFloat32 ? float_repr(static_cast<float>(cell.real)) : float_repr(cell.real);
    case Cell::Kind::kText: return std::string(cell.text);
    case Cell::Kind::kBytes: return bytes_repr(cell.text);
  }
  return {};
}

Input Input::dense(const double* values, std::size_t rows, std::size_t columns) {
  return row_major(values, ElementType::kFloat64, rows, columns);
}

Input Input::dense(const float* values, std::size_t rows, std::size_t columns) {
  return row_major(values, ElementType::kFloat32, rows, columns);
}

Input Input::texts(std::span<const Cell> texts) {
  Input input;
  input.form = Form::kTexts;
  input.type = ElementType::kObject;
  input.rows = texts.size();
  input.columns = 1;
  input.data = texts.data();
  return input;
}

Input Input::of_table(std::span<const Column> columns, std::size_t rows) {
  Input input;
  input.form = Form::kTable;
  input.rows = rows;
  input.columns = columns.size();
  input.table = columns;
  return input;
}

struct Output::Texts {
  std::deque<std::string> all;
};

Output::Output() : texts_(std::make_unique<Texts>()), workspace_(std::make_unique<Workspace>()) {}
Output::~Output() = default;
Output::Output(Output&&) noexcept = default;
Output& Output::operator=(Output&&) noexcept = default;

Model::Model(std::shared_ptr<const Estimator> estimator) : estimator_(std::move(estimator)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

bool Model::has(Method method) const { return estimator_->has(method); }
std::vector<Method> Model::methods() const {
  std::vector<Method> methods;
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (has(static_cast<Method>(i))) methods.push_back(static_cast<Method>(i));
  }
  return methods;
}

const std::string& Model::class_name() const { return estimator_->facts().class_name; }
const std::string& Model::library_version() const { return estimator_->facts().library_version; }
std::optional<std::size_t> Model::features_in() const { return estimator_->facts().features_in; }
std::span<const std::string> Model::feature_names_in() const { return estimator_->facts().feature_names_in; }
const std::string& Model::output_container() const { return estimator_->facts().container; }
std::span<const Labels> Model::classes() const { return estimator_->facts().classes; }

Result<std::vector<std::string>> Model::feature_names_out() const {
  return estimator_->feature_names_out(estimator_->input_names());
}

Result<void> Model::run(Method method, const Input& input, Output& output) const {
  if (!has(method)) return no_method(*estimator_, method);
  output.rows_ = 0;
  output.values_.clear();
  output.row_starts_.assign(1, 0);
  output.indices_.clear();
  output.cells_.clear();
  output.column_types_.clear();
  output.texts_->all.clear();
  Workspace& memory = *output.workspace_;
  const bool all_at_once = estimator_->wants_all_rows(method);
  const std::size_t step = all_at_once ? std::max<std::size_t>(input.rows, 1) : rows_at_a_time(input);
  // No rows are a run as well: it tells the shape of the answer, or that scikit-learn wants at least one.
  for (std::size_t first = 0; first < input.rows || first == 0; first += step) {
    memory.clear();
    const auto rows = rows_of_input(input, first, std::min(step, input.rows - first), memory);
    if (!rows) return std::unexpected(rows.error());
    const auto answer = estimator_->run(method, *rows, memory);
    if (!answer) return std::unexpected(answer.error());
    output.type_ = answer->type;
    output.columns_ = answer->columns;
    output.is_vector_ = answer->is_vector;
    output.labels_ = answer->labels;
    output.parts_ = answer->parts;
    output.rows_ += answer->rows;
    switch (answer->form) {
      case Batch::Form::kDense:
        output.form_ = Output::Form::kDense;
        output.values_.insert(output.values_.end(), answer->values, answer->values + answer->rows * answer->columns);
        break;
      case Batch::Form::kSparse: {
        output.form_ = Output::Form::kSparse;
        const std::int64_t begin = answer->row_starts[0], end = answer->row_starts[answer->rows];
        const std::int64_t moved = output.row_starts_.back() - begin;
        for (std::size_t r = 1; r <= answer->rows; ++r) output.row_starts_.push_back(answer->row_starts[r] + moved);
        output.values_.insert(output.values_.end(), answer->values + begin, answer->values + end);
        output.indices_.insert(output.indices_.end(), answer->indices + begin, answer->indices + end);
        break;
      }
      case Batch::Form::kColumns:
        output.form_ = Output::Form::kCells;
        output.column_types_.clear();
        for (const Column& column : answer->table) output.column_types_.push_back(column.type);
        for (std::size_t r = 0; r < answer->rows; ++r) {
          for (const Column& column : answer->table) {
            Cell cell = cell_of_column(column, r);
            if (!cell.text.empty()) cell.text = output.texts_->all.emplace_back(cell.text);
            output.cells_.push_back(cell);
          }
        }
        break;
      case Batch::Form::kRecords: return refuse("a model that answers with dicts");
    }
  }
  return {};
}

}  // namespace cppickle::predict
