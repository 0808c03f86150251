#include "predict/svm_kernel.h"

#include <algorithm>
#include <cmath>

#include "document/sparse_view.h"

namespace cppickle::predict {
void KernelFunction::apply(double* values, std::size_t count) const {
  switch (kind) {
    case Kind::kLinear:
    case Kind::kPrecomputed: return;
    case Kind::kPolynomial: return polynomial_of_all(values, count, gamma, coef0, degree);
    case Kind::kRbf:
      for (std::size_t i = 0; i < count; ++i) values[i] *= -gamma;
      return exp_of_all(values, count);
    case Kind::kSigmoid:
      for (std::size_t i = 0; i < count; ++i) values[i] = std::tanh(gamma * values[i] + coef0);
  }
}

bool SparseVectors::read(const State& state) {
  const auto value = state.get("support_vectors_");
  const auto matrix = value ? sparse_matrix(*value) : std::unexpected(Error{});
  if (!matrix)
    return state.check(false, "support_vectors_ of a model trained on sparse rows are no sparse matrix");
  constexpr std::uint64_t kSmall = 1 << 14, kMost = std::uint64_t{1} << 31;
  if (!state.check(matrix->rows < kMost && matrix->columns < kMost, "support_vectors_ are too large"))
    return false;
  const std::size_t stored = matrix->values.size(), rows = matrix->rows, columns = matrix->columns;
  if (rows * columns <= kSmall || stored >= rows * columns / 4) return false;
  if (!state.loader().spend(2 * stored * sizeof(Element) + (rows + columns) * 2 * sizeof(std::size_t),
                            state.place())) {
    return false;
  }
  row_starts_.push_back(0);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t begin = by_row_.size();
    for (std::uint64_t k = matrix->row_starts[row]; k < matrix->row_starts[row + 1]; ++k) {
      by_row_.push_back({static_cast<std::uint32_t>(matrix->indices[k]), matrix->values[k]});
    }
    std::stable_sort(by_row_.begin() + static_cast<std::ptrdiff_t>(begin), by_row_.end(),
                     [](const Element& a, const Element& b) { return a.at < b.at; });
    double norm = 0;
    for (std::size_t k = begin; k < by_row_.size(); ++k) {
      if (k > begin && by_row_[k].at == by_row_[k - 1].at)
        return state.check(false, "support_vectors_ name a place twice");
      norm += by_row_[k].value * by_row_[k].value;
    }
    norms_.push_back(norm);
    row_starts_.push_back(by_row_.size());
  }
  largest_norm_ = norms_.empty() ? 0 : *std::ranges::max_element(norms_);
  feature_starts_.assign(columns + 1, 0);
  for (const Element& element : by_row_) ++feature_starts_[element.at + 1];
  for (std::size_t c = 0; c < columns; ++c) feature_starts_[c + 1] += feature_starts_[c];
  by_feature_.resize(by_row_.size());
  std::vector<std::size_t> next(feature_starts_.begin(), feature_starts_.end() - 1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t k = row_starts_[row]; k < row_starts_[row + 1]; ++k) {
      by_feature_[next[by_row_[k].at]++] = {static_cast<std::uint32_t>(row), by_row_[k].value};
    }
  }
  return true;
}

void SparseVectors::products(const Element* row, std::size_t count, double* out) const {
  std::fill_n(out, this->count(), 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const double value = row[k].value;
    for (std::size_t i = feature_starts_[row[k].at]; i < feature_starts_[row[k].at + 1]; ++i) {
      out[by_feature_[i].at] += value * by_feature_[i].value;
    }
  }
}

void SparseVectors::squared_distances(const Element* row, std::size_t count, double gamma,
                                      double* out) const {
  double norm = 0;
  for (std::size_t k = 0; k < count; ++k) norm += row[k].value * row[k].value;
  // By products where that is much faster, and where what they lose, some 2^-53 of the norms, is nothing in
  // the exponent; else element by element in libsvm's order, and with its rounding.
  constexpr double kNothing = 64;
  constexpr std::size_t kFew = 1 << 15;
  if (by_row_.size() + count * this->count() > kFew && std::abs(gamma) * (norm + largest_norm_) < kNothing) {
    products(row, count, out);
    for (std::size_t i = 0; i < this->count(); ++i) out[i] = std::max(0.0, norm + norms_[i] - 2 * out[i]);
    return;
  }
  for (std::size_t i = 0; i < this->count(); ++i) {
    double sum = 0;
    std::size_t a = 0;
    for (std::size_t b = row_starts_[i]; b < row_starts_[i + 1]; ++b) {
      for (; a < count && row[a].at < by_row_[b].at; ++a) sum += row[a].value * row[a].value;
      const double own = a < count && row[a].at == by_row_[b].at ? row[a++].value : 0;
      sum += (own - by_row_[b].value) * (own - by_row_[b].value);
    }
    for (; a < count; ++a) sum += row[a].value * row[a].value;
    out[i] = sum;
  }
}

bool SupportVectors::read(const State& state) {
  using enum KernelFunction::Kind;
  const std::string name = state.text_or("kernel", "");
  if (name == "linear")
    function_.kind = kLinear;
  else if (name == "poly")
    function_.kind = kPolynomial;
  else if (name == "rbf")
    function_.kind = kRbf;
  else if (name == "sigmoid")
    function_.kind = kSigmoid;
  else if (name == "precomputed")
    function_.kind = kPrecomputed;
  else
    return state.unsupported("a kernel that is a function is not supported");
  function_.gamma = state.number("_gamma");
  function_.coef0 = state.number_or("coef0", 0);
  function_.degree = static_cast<std::int64_t>(std::clamp(state.number_or("degree", 3), -1.0, 1e9));
  trained_on_sparse_ = state.flag_or("_sparse", false);
  if (!state.ok()) return false;
  if (function_.kind == kPrecomputed) return read_precomputed(state);
  if (trained_on_sparse_ && sparse_.read(state)) {
    count_ = sparse_.count();
    width_ = sparse_.width();
    return true;
  }
  if (!state.ok()) return false;
  const Matrix vectors = state.matrix("support_vectors_");
  const std::vector<std::int64_t> shape =
      state.given("shape_fit_") ? state.integers("shape_fit_") : std::vector<std::int64_t>();
  if (!state.ok()) return false;
  count_ = vectors.rows;
  width_ = vectors.columns;
  // scikit-learn keeps an array without columns where there is no support vector.
  if (count_ == 0 && shape.size() == 2 && shape[1] >= 0) width_ = static_cast<std::size_t>(shape[1]);
  dense_ = RowBlocks(vectors.values.data(), count_, vectors.columns);
  return state.check(shape.size() != 2 || static_cast<std::uint64_t>(shape[1]) == width_,
                     "support_vectors_ and shape_fit_ do not fit");
}

bool SupportVectors::read_precomputed(const State& state) {
  if (trained_on_sparse_) return state.unsupported("a sparse precomputed kernel is not supported");
  const std::vector<std::int64_t> support = state.integers("support_"), shape = state.integers("shape_fit_");
  if (!state.ok() || !state.check(shape.size() == 2 && shape[1] >= 0, "shape_fit_ is no pair")) return false;
  count_ = support.size();
  width_ = static_cast<std::size_t>(shape[1]);
  for (const std::int64_t column : support) {
    if (!state.check(column >= 0 && column < shape[1], "support_ is out of range")) return false;
    support_.push_back(static_cast<std::size_t>(column));
  }
  return true;
}

void SupportVectors::kernel_values(const Batch& x, std::size_t first, std::size_t rows, double* out,
                                   Workspace& memory) const {
  const std::size_t stride = padded();
  if (sparse_.count() != 0) {
    auto* const elements = memory.make<SparseVectors::Element>(width_);
    for (std::size_t r = 0; r < rows; ++r) values_of_sparse(x, first + r, elements, out + r * stride);
    return;
  }
  const double* const from = x.values + first * x.columns;
  if (function_.kind == KernelFunction::Kind::kPrecomputed) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < count_; ++i) out[r * stride + i] = from[r * x.columns + support_[i]];
    }
    return;
  }
  if (count_ == 0) return;
  if (function_.kind == KernelFunction::Kind::kRbf) {
    dense_.squared_distances(from, rows, out, stride);
  } else {
    dense_.products(from, rows, out, stride);
  }
  function_.apply(out, rows * stride);
}

void SupportVectors::values_of_sparse(const Batch& x, std::size_t row, SparseVectors::Element* elements,
                                      double* out) const {
  std::size_t count = 0;
  if (x.form == Batch::Form::kSparse) {
    std::fill_n(elements, width_, SparseVectors::Element{0, 0.0});
    // Elements of a row may come in any order, and name a place twice.
    for (std::int64_t k = x.row_starts[row]; k < x.row_starts[row + 1]; ++k)
      elements[x.indices[k]].value += x.values[k];
    for (std::size_t c = 0; c < width_; ++c) {
      if (elements[c].value != 0) elements[count++] = {static_cast<std::uint32_t>(c), elements[c].value};
    }
  } else {
    for (std::size_t c = 0; c < width_; ++c) {
      const double value = x.values[row * x.columns + c];
      if (value != 0) elements[count++] = {static_cast<std::uint32_t>(c), value};
    }
  }
  if (function_.kind == KernelFunction::Kind::kRbf) {
    sparse_.squared_distances(elements, count, function_.gamma, out);
  } else {
    sparse_.products(elements, count, out);
  }
  function_.apply(out, count_);
}

}  // namespace cppickle::predict
