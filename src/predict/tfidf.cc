#include "predict/tfidf.h"

#include <algorithm>
#include <cmath>

#include "base/quote.h"
#include "document/sparse_view.h"
#include "predict/registry.h"
#include "predict/scratch_array.h"

namespace cppickle::predict {
namespace {

// Elements of each row by column; those that name one place are added up, in their order.
Batch merged(const Batch& rows, Workspace& memory) {
  struct Element {
    std::int32_t column;
    double value;
  };
  ScratchArray<Element> row(memory);
  const auto most = static_cast<std::size_t>(rows.row_starts[rows.rows]);
  auto* const starts = memory.make<std::int64_t>(rows.rows + 1);
  auto* const indices = memory.make<std::int32_t>(most);
  double* const values = memory.numbers(most);
  std::int64_t end = 0;
  starts[0] = 0;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    row.clear();
    for (std::int64_t k = rows.row_starts[r]; k < rows.row_starts[r + 1]; ++k)
      row.push({rows.indices[k], rows.values[k]});
    std::ranges::sort(row, {}, &Element::column);
    for (const Element& element : row) {
      if (end > starts[r] && indices[end - 1] == element.column) {
        values[end - 1] += element.value;
        continue;
      }
      indices[end] = element.column;
      values[end++] = element.value;
    }
    starts[r + 1] = end;
  }
  return Batch::sparse(values, starts, indices, rows.rows, rows.columns, rows.type);
}

bool is_merged(const Batch& rows) {
  for (std::size_t r = 0; r < rows.rows; ++r) {
    for (std::int64_t k = rows.row_starts[r] + 1; k < rows.row_starts[r + 1]; ++k) {
      if (rows.indices[k] <= rows.indices[k - 1]) return false;
    }
  }
  return true;
}

class TfidfTransformer final : public Estimator {
 public:
  TfidfTransformer(TfidfWeights weights, Version version) : weights_(std::move(weights)), version_(version) {
    if (weights_.columns() > 0) facts().features_in = weights_.columns();
  }

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    Accept accept{.sparse = true};
    if (version_ < Version{0, 20}) accept.special = Accept::Special::kAll;  // no check_array() then
    const auto given = numbers(rows, memory, accept);
    if (!given) return std::unexpected(given.error());
    Batch x = *given;
    if (x.form == Batch::Form::kDense) {
      x = sparsify(x, memory);
      if (version_ >= Version{0, 20} && version_ < Version{1, 5}) x.type = ElementType::kFloat64;
    }
    const auto first = static_cast<std::size_t>(x.row_starts[0]), last = static_cast<std::size_t>(x.row_starts[x.rows]);
    double* const values = memory.numbers(last);
    std::copy(x.values + first, x.values + last, values + first);
    const ElementType type = weights_.weigh(values + first, x.indices + first, last - first, x.type);
    Batch answer = Batch::sparse(values, x.row_starts, x.indices, x.rows, x.columns, type);
    if (weights_.is_product() && !is_merged(answer)) answer = merged(answer, memory);
    // In memory of this run, whichever it is.
    const auto done =
        normalize_rows(const_cast<double*>(answer.values), answer.row_starts, answer.rows, weights_.norm(), type);
    if (!done) return std::unexpected(done.error());
    return answer;
  }

  Result<std::vector<std::string>> feature_names_out(const std::vector<std::string>& names) const override {
    return names;
  }

 private:
  TfidfWeights weights_;
  Version version_;
};

std::shared_ptr<Estimator> load_tfidf_transformer(State& state) {
  TfidfWeights weights;
  weights.read(state);
  if (!state.ok()) return nullptr;
  const auto told = state.given("n_features_in_") ? state.integer("n_features_in_") : -1;
  const auto columns = static_cast<std::int64_t>(weights.columns());
  if (!state.check(told < 0 || columns == 0 || told == columns, "n_features_in_ and idf_ do not fit")) return nullptr;
  return state.ok() ? std::make_shared<TfidfTransformer>(std::move(weights), state.version()) : nullptr;
}

}  // namespace

RowNorm row_norm_parameter(const State& state, RowNorm fallback) {
  if (!state.has("norm")) return fallback;
  if (!state.given("norm")) return RowNorm::kNone;
  const std::string norm = state.text_or("norm", "?");
  if (norm == "l1") return RowNorm::kL1;
  if (norm != "l2") state.unsupported("the norm " + quote(norm));
  return RowNorm::kL2;
}

Result<void> normalize_rows(double* values, const std::int64_t* row_starts, std::size_t rows, RowNorm norm,
                            ElementType type) {
  if (norm == RowNorm::kNone) return {};
  for (std::size_t r = 0; r < rows; ++r) {
    double *const begin = values + row_starts[r], *const end = values + row_starts[r + 1];
    double total = 0;
    for (const double* p = begin; p < end; ++p) {
      if (!std::isfinite(*p)) {
        return refuse(std::isnan(*p) ? "input contains NaN" : "input contains infinity or a value too large");
      }
      total += norm == RowNorm::kL1 ? std::fabs(*p) : rounded(*p * *p, type);
    }
    if (total == 0) continue;
    if (norm == RowNorm::kL2) total = std::sqrt(total);
    for (double* p = begin; p < end; ++p) *p = rounded(*p / total, type);
  }
  return {};
}

void TfidfWeights::read(const State& state) {
  sublinear_ = state.flag_or("sublinear_tf", false);
  norm_ = row_norm_parameter(state, RowNorm::kL2);
  is_product_ = state.version() < Version{1, 5};
  if (is_product_) {
    if (state.flag_or("use_idf", true)) read_idf(state);
    return;
  }
  // From 1.5 on what was fitted counts, not what the parameter says now.
  if (state.has("idf_")) return read_idf(state);
  state.check(state.has("n_features_in_"), "the idf vector is not fitted");
}

void TfidfWeights::read_idf(const State& state) {
  if (!is_product_) {
    Numbers idf = state.array("idf_");
    if (!state.ok() || !state.check(idf.shape.size() == 1 && !idf.values.empty(), "idf_ is no list of numbers")) return;
    idf_ = std::move(idf.values);
    idf_type_ = idf.type == ElementType::kFloat32 ? ElementType::kFloat32 : ElementType::kFloat64;
    return;
  }
  const auto value = state.get("_idf_diag");
  if (!state.check(value.has_value(), "the idf vector is not fitted")) return;
  const auto diagonal = sparse_matrix(*value);
  if (!diagonal) {
    state.fail(diagonal.error().code, diagonal.error().message, "_idf_diag");
    return;
  }
  if (!state.check(diagonal->rows == diagonal->columns && diagonal->rows > 0, "_idf_diag is not square") ||
      !state.loader().spend(diagonal->rows * sizeof(double), state.place())) {
    return;
  }
  idf_.assign(diagonal->rows, 0);
  idf_type_ = diagonal->dtype.kind == 'f' && diagonal->dtype.size == 4 ? ElementType::kFloat32 : ElementType::kFloat64;
  for (std::uint64_t row = 0; row < diagonal->rows; ++row) {
    for (std::uint64_t k = diagonal->row_starts[row]; k < diagonal->row_starts[row + 1]; ++k) {
      if (!state.check(diagonal->indices[k] == row, "_idf_diag is no diagonal")) return;
      idf_[row] += diagonal->values[k];
    }
  }
}

ElementType TfidfWeights::weigh(double* values, const std::int32_t* indices, std::size_t count,
                                ElementType type) const {
  if (sublinear_) {
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = values[i] == 1 ? 1 : rounded(rounded(std::log(values[i]), type) + 1, type);
    }
  }
  if (idf_.empty()) return type;
  if (is_product_ && idf_type_ == ElementType::kFloat64) type = ElementType::kFloat64;
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = rounded(values[i] * idf_[static_cast<std::size_t>(indices[i])], type);
  }
  return type;
}

std::span<const Registered> tfidf_family() {
  static constexpr Registered kRows[] = {{"feature_extraction", "TfidfTransformer", load_tfidf_transformer}};
  return kRows;
}

}  // namespace cppickle::predict
