// LabelEncoder and LabelBinarizer: they take labels, one for each row, not rows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/quote.h"
#include "predict/category_columns.h"
#include "predict/category_table.h"
#include "predict/registry.h"
#include "predict/rows_of_input.h"

namespace cppickle::predict {
namespace {

std::string repr_of(const Cell& cell) {
  return cell.kind == Cell::Kind::kText ? quote(cell.text) : text_of_category(cell, ElementType::kObject);
}

// Labels of a batch: a vector, or one column.
class LabelsOf {
 public:
  explicit LabelsOf(const Batch& rows) {
    if (rows.form == Batch::Form::kDense && rows.columns == 1) {
      column_ = {{}, rows.type, rows.values, sizeof(double), {}};
      fits_ = true;
    } else if (rows.form == Batch::Form::kColumns && rows.columns == 1) {
      column_ = rows.table[0];
      fits_ = true;
    }
  }
  bool fits() const { return fits_; }
  Cell operator[](std::size_t row) const { return cell_of_column(column_, row); }
  static std::unexpected<Error> refusal() { return refuse("y should be a 1d array of labels"); }

 private:
  Column column_;
  bool fits_ = false;
};

// Labels as positions in classes_, and back.
class LabelEncoder final : public Estimator {
 public:
  explicit LabelEncoder(Labels classes) : table_(classes.values) { facts().classes.push_back(std::move(classes)); }

  bool has(Method method) const override { return method == Method::kTransform || method == Method::kInverseTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    const LabelsOf labels(rows);
    if (!labels.fits()) return LabelsOf::refusal();
    double* const out = memory.numbers(rows.rows);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const Cell cell = labels[r];
      const auto position = method == Method::kTransform ? table_.find(cell) : position_of(cell);
      if (position < 0) return refuse(fmt::format("y contains previously unseen labels: [{}]", repr_of(cell)));
      out[r] = position;
    }
    if (method == Method::kTransform) return Batch::vector(out, rows.rows, ElementType::kInt64);
    return predicted(out, rows.rows);
  }

 private:
  // A position as a label: 1, 1.0 and True are the same.
  std::int32_t position_of(const Cell& cell) const {
    const bool is_integer = cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kBool;
    const double value = is_integer ? static_cast<double>(cell.integer) : cell.kind == Cell::Kind::kReal ? cell.real : -1;
    const bool fits = value >= 0 && value < static_cast<double>(table_.size()) && value == std::floor(value);
    return fits ? static_cast<std::int32_t>(value) : -1;
  }

  CategoryTable table_;
};

struct Binarizer {
  Labels classes;
  double negative = 0, positive = 1;
  bool is_sparse = false;
  bool is_binary = false;  // y_type_: what inverse_transform() goes by
  bool can_be_undone = true;
};

class LabelBinarizer final : public Estimator {
 public:
  explicit LabelBinarizer(Binarizer parts) : table_(parts.classes.values), parts_(std::move(parts)) {
    facts().classes.push_back(std::move(parts_.classes));
  }

  bool has(Method method) const override {
    return method == Method::kTransform || (method == Method::kInverseTransform && parts_.can_be_undone);
  }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (!has(method)) return no_method(*this, method);
    return method == Method::kTransform ? transform(rows, memory) : inverse(rows, memory);
  }

 private:
  // Two classes share one column, and so does a single one, which is always negative (label_binarize).
  Result<Batch> transform(const Batch& rows, Workspace& memory) const {
    const LabelsOf labels(rows);
    if (!labels.fits()) return LabelsOf::refusal();
    const std::size_t classes = table_.size(), width = classes <= 2 ? 1 : classes;
    auto* const found = memory.make<std::int32_t>(rows.rows);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const Cell cell = labels[r];
      if (cell.kind == Cell::Kind::kReal && cell.real != std::floor(cell.real)) {
        return refuse("continuous target data is not supported with label binarization");
      }
      found[r] = table_.find(cell);
      // A third label would make two columns of two classes: that depends on all rows.
      if (found[r] == CategoryTable::kUnknown && classes == 2 && rows.rows > 1) {
        return refuse(fmt::format("y contains labels that were not there at fit: [{}]", repr_of(cell)));
      }
      if (classes == 1) found[r] = CategoryTable::kUnknown;
      if (classes == 2) found[r] = found[r] == 1 ? 0 : CategoryTable::kUnknown;
    }
    if (parts_.is_sparse) return sparse(found, rows.rows, width, memory);
    double* const out = memory.numbers(rows.rows * width);
    std::fill_n(out, rows.rows * width, parts_.negative);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (found[r] != CategoryTable::kUnknown) out[r * width + static_cast<std::size_t>(found[r])] = parts_.positive;
    }
    return Batch::dense(out, rows.rows, width, ElementType::kInt64);
  }

  Batch sparse(const std::int32_t* found, std::size_t rows, std::size_t width, Workspace& memory) const {
    double* const values = memory.numbers(rows);
    auto* const indices = memory.make<std::int32_t>(rows);
    auto* const starts = memory.make<std::int64_t>(rows + 1);
    std::size_t stored = 0;
    starts[0] = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      if (found[r] != CategoryTable::kUnknown) {
        values[stored] = parts_.positive;
        indices[stored++] = found[r];
      }
      starts[r + 1] = static_cast<std::int64_t>(stored);
    }
    return Batch::sparse(values, starts, indices, rows, width, ElementType::kInt64);
  }

  Result<Batch> inverse(const Batch& rows, Workspace& memory) const {
    auto x = scores(rows, memory);
    if (!x) return std::unexpected(x.error());
    const std::size_t classes = table_.size();
    const double threshold = (parts_.positive + parts_.negative) / 2;
    if (parts_.is_binary && x->columns > 2) return refuse("output_type='binary', but y has more than 2 columns");
    if (!parts_.is_binary && x->columns == 0) return refuse("found array with 0 feature(s)");
    double* const out = memory.numbers(x->rows);
    for (std::size_t r = 0; r < x->rows; ++r) {
      const double* const row = x->values + r * x->columns;
      std::size_t position = 0;
      if (!parts_.is_binary) {
        position = std::min(first_largest(row, x->columns), classes - 1);
      } else if (classes > 1 && x->columns > 0) {
        position = row[x->columns - 1] > threshold ? 1 : 0;
      }
      out[r] = static_cast<double>(position);
    }
    return predicted(out, x->rows);
  }

  // A decision function of two classes is a vector.
  Result<Batch> scores(const Batch& rows, Workspace& memory) const {
    if (!rows.is_vector) return as_numbers(rows, memory, {.special = Accept::Special::kAll});
    const LabelsOf values(rows);
    if (!parts_.is_binary || !values.fits()) return refuse("expected 2D array, got 1D array instead");
    double* const out = memory.numbers(rows.rows);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const Cell cell = values[r];
      const bool is_number = cell.kind == Cell::Kind::kReal || cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kBool;
      if (!is_number) return refuse("numbers were expected");
      out[r] = cell.kind == Cell::Kind::kReal ? cell.real : static_cast<double>(cell.integer);
    }
    return Batch::dense(out, rows.rows, 1);
  }

  CategoryTable table_;
  Binarizer parts_;
};

bool read_classes(const State& state, Labels& classes) {
  classes = state.labels("classes_");
  if (!state.ok() || !state.check(classes.values.size() <= (std::size_t{1} << 30), "there are too many classes")) return false;
  return state.loader().spend(classes.values.size() * 48, state.place());
}

std::shared_ptr<Estimator> load_label_encoder(State& state) {
  Labels classes;
  return read_classes(state, classes) ? std::make_shared<LabelEncoder>(std::move(classes)) : nullptr;
}

std::shared_ptr<Estimator> load_label_binarizer(State& state) {
  Binarizer parts;
  if (!read_classes(state, parts.classes)) return nullptr;
  const std::string kind = state.text_or("y_type_", "");
  if (kind != "binary" && kind != "multiclass") {
    state.unsupported("LabelBinarizer of several labels at once is not supported");
    return nullptr;
  }
  parts.is_binary = kind == "binary";
  parts.negative = state.number_or("neg_label", 0);
  parts.positive = state.number_or("pos_label", 1);
  parts.is_sparse = state.flag_or("sparse_output", false);
  // What was fitted on sparse labels gives sparse labels back.
  parts.can_be_undone = !state.flag_or("sparse_input_", false);
  const std::size_t count = parts.classes.values.size();
  if (!state.ok() || !state.check(parts.is_binary ? count == 1 || count == 2 : count > 2, "classes_ and y_type_ do not fit")) return nullptr;
  const bool whole = parts.negative == std::floor(parts.negative) && parts.positive == std::floor(parts.positive);
  if (!state.check(whole && (!parts.is_sparse || parts.negative == 0), "neg_label and pos_label do not fit")) return nullptr;
  return std::make_shared<LabelBinarizer>(std::move(parts));
}

std::shared_ptr<Estimator> load_multi_label_binarizer(State& state) {
  state.unsupported("MultiLabelBinarizer takes a set of labels for each row, which is no form of rows here");
  return nullptr;
}

}  // namespace

std::span<const Registered> label_encoder_family() {
  static constexpr Registered kRows[] = {
      {"preprocessing", "LabelEncoder", load_label_encoder},
      {"preprocessing", "LabelBinarizer", load_label_binarizer},
      {"preprocessing", "MultiLabelBinarizer", load_multi_label_binarizer},
  };
  return kRows;
}

}  // namespace cppickle::predict
