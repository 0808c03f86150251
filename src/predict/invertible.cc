#include "predict/invertible.h"

#include <fmt/format.h>

#include <algorithm>

namespace cppickle::predict {

bool InvertibleTransformer::has(Method method) const {
  return method == Method::kTransform || (method == Method::kInverseTransform && has_inverse());
}

Result<Batch> InvertibleTransformer::run(Method method, const Batch& rows, Workspace& memory) const {
  if (!has(method)) return no_method(*this, method);
  if (method == Method::kTransform) return Transformer::run(method, rows, memory);
  const auto x = as_numbers(rows, memory, accepts_inverse());
  if (!x) return std::unexpected(x.error());
  const auto wanted = features_out();
  if (wanted && x->columns != *wanted) {
    return refuse(fmt::format("shape of the passed X data is not correct: expected {} columns, got {}", *wanted, x->columns));
  }
  return inverse(*x, memory);
}

Result<std::vector<std::string>> InvertibleTransformer::feature_names_out(const std::vector<std::string>& names) const {
  return names;
}

SparseCopy copy_sparse(const Batch& sparse, Workspace& memory) {
  const std::int64_t begin = sparse.row_starts[0];
  SparseCopy copy{};
  copy.stored = static_cast<std::size_t>(sparse.row_starts[sparse.rows] - begin);
  copy.values = memory.numbers(copy.stored);
  copy.indices = memory.make<std::int32_t>(copy.stored);
  copy.row_starts = memory.make<std::int64_t>(sparse.rows + 1);
  std::copy_n(sparse.values + begin, copy.stored, copy.values);
  std::copy_n(sparse.indices + begin, copy.stored, copy.indices);
  for (std::size_t r = 0; r <= sparse.rows; ++r) copy.row_starts[r] = sparse.row_starts[r] - begin;
  return copy;
}

}  // namespace cppickle::predict
