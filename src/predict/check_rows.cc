// Rows as numbers, or an error where scikit-learn's check_array and _check_feature_names would raise.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/quote.h"
#include "predict/estimator.h"

namespace cppickle::predict {
namespace {

using Special = Accept::Special;

// numpy's cast of an object to a float: numbers, None as NaN, texts as float() reads them.
std::optional<double> number_of(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kNone: return NAN;
    case Cell::Kind::kBool:
    case Cell::Kind::kInt: return static_cast<double>(cell.integer);
    case Cell::Kind::kReal: return cell.real;
    case Cell::Kind::kText:
    case Cell::Kind::kBytes: break;
  }
  std::string_view text = cell.text;
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ptr != text.data() + text.size() || parsed.ec == std::errc::invalid_argument) return {};
  if (parsed.ec == std::errc::result_out_of_range) return text.starts_with('-') ? -HUGE_VAL : HUGE_VAL;
  return value;
}

ElementType type_of_columns(const Batch& rows) {
  ElementType type = ElementType::kBool;
  bool first = true;
  for (const Column& column : rows.table) {
    const ElementType own = is_number(column.type) ? column.type : ElementType::kObject;
    type = first ? own : promote(type, own);
    first = false;
  }
  return rows.table.empty() ? ElementType::kFloat64 : type;
}

Result<Batch> columns_to_dense(const Batch& rows, Workspace& memory) {
  const std::size_t width = rows.columns;
  double* const out = memory.numbers(rows.rows * width);
  for (std::size_t c = 0; c < width; ++c) {
    const Column& column = rows.table[c];
    for (std::size_t r = 0; r < rows.rows; ++r) {
      double& place = out[r * width + c];
      if (is_number(column.type)) {
        place = number_at(column, r);
        continue;
      }
      const Cell cell = column.type == ElementType::kCategory ? category_at(column, r) : cell_at(column, r);
      const auto number = number_of(cell);
      if (!number) return refuse(fmt::format("could not convert string to float: {}", quote(cell.text)));
      place = *number;
    }
  }
  ElementType type = type_of_columns(rows);
  if (!is_number(type)) type = ElementType::kFloat64;
  return Batch::dense(out, rows.rows, width, type);
}

bool all_finite(const double* values, std::size_t count) {
  // Zero times a finite number is zero, times another NaN.
  // Several sums, so that none waits for the one before.
  constexpr std::size_t kSums = 8;
  double sums[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += values[i + k] * 0;
  }
  for (; i < count; ++i) sums[0] += values[i] * 0;
  for (std::size_t k = 1; k < kSums; ++k) sums[0] += sums[k];
  return sums[0] == 0;
}

Result<void> check_special(const double* values, std::size_t count, const Accept& accept, ElementType type) {
  if (accept.special == Special::kAll || all_finite(values, count)) return {};
  const char* const name = type == ElementType::kFloat32 ? "float32" : "float64";
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) {
      if (accept.special != Special::kNan) return refuse("input contains NaN");
    } else if (std::isinf(values[i])) {
      return refuse(fmt::format("input contains infinity or a value too large for dtype('{}')", name));
    }
  }
  return {};
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + quote(names[i]);
  return names.size() > kMost ? text + ", ..." : text;
}

}  // namespace

ElementType promote(ElementType a, ElementType b) {
  using enum ElementType;
  if (a == b) return a;
  if (!is_number(a) || !is_number(b)) return kObject;
  if (a > b) std::swap(a, b);
  if (a == kBool) return b;
  const auto bits = [](ElementType type) {
    const int first = type >= kUInt8 ? static_cast<int>(kUInt8) : static_cast<int>(kInt8);
    return 8 << (static_cast<int>(type) - first);
  };
  if (is_float(b)) {
    if (is_float(a)) return b;
    if (bits(a) >= 32) return kFloat64;
    return bits(a) == 16 ? std::max(b, kFloat32) : b;
  }
  const bool signed_a = a <= kInt64, signed_b = b <= kInt64;
  if (signed_a == signed_b) return b;
  // Signed and unsigned: one that holds both; there is none for uint64.
  const int wanted = std::max(bits(a), 2 * bits(b));
  return wanted > 64 ? kFloat64 : wanted == 64 ? kInt64 : wanted == 32 ? kInt32 : kInt16;
}

Batch densify(const Batch& sparse, Workspace& memory) {
  double* const out = memory.numbers(sparse.rows * sparse.columns);
  std::fill_n(out, sparse.rows * sparse.columns, 0.0);
  for (std::size_t r = 0; r < sparse.rows; ++r) {
    for (std::int64_t k = sparse.row_starts[r]; k < sparse.row_starts[r + 1]; ++k) {
      out[r * sparse.columns + static_cast<std::size_t>(sparse.indices[k])] += sparse.values[k];
    }
  }
  Batch dense = Batch::dense(out, sparse.rows, sparse.columns, sparse.type);
  dense.names = sparse.names;
  return dense;
}

Batch sparsify(const Batch& dense, Workspace& memory) {
  const std::size_t count = dense.rows * dense.columns;
  const auto stored = count - static_cast<std::size_t>(std::count(dense.values, dense.values + count, 0.0));
  double* const values = memory.numbers(stored);
  auto* const indices = memory.make<std::int32_t>(stored);
  auto* const starts = memory.make<std::int64_t>(dense.rows + 1);
  std::size_t k = 0;
  starts[0] = 0;
  for (std::size_t r = 0; r < dense.rows; ++r) {
    for (std::size_t c = 0; c < dense.columns; ++c) {
      const double value = dense.values[r * dense.columns + c];
      if (value == 0) continue;
      values[k] = value;
      indices[k++] = static_cast<std::int32_t>(c);
    }
    starts[r + 1] = static_cast<std::int64_t>(k);
  }
  return Batch::sparse(values, starts, indices, dense.rows, dense.columns, dense.type);
}

Result<void> Estimator::check_columns(const Batch& rows) const {
  const std::vector<std::string>& wanted = facts().feature_names_in;
  if (rows.names != nullptr && !wanted.empty()) {
    const std::vector<std::string_view> names(rows.names, rows.names + rows.columns);
    if (!std::equal(names.begin(), names.end(), wanted.begin(), wanted.end())) {
      std::vector<std::string> extra, missing;
      std::vector<std::string_view> sorted_names = names, sorted_wanted(wanted.begin(), wanted.end());
      std::ranges::sort(sorted_names);
      std::ranges::sort(sorted_wanted);
      for (const std::string_view name : names) {
        if (!std::ranges::binary_search(sorted_wanted, name)) extra.emplace_back(name);
      }
      for (const std::string& name : wanted) {
        if (!std::ranges::binary_search(sorted_names, std::string_view(name))) missing.push_back(name);
      }
      std::string message = "the feature names should match those that were passed during fit";
      if (!extra.empty()) message += "; unseen at fit time: " + some_of(extra);
      if (!missing.empty()) message += "; seen at fit time, yet now missing: " + some_of(missing);
      if (extra.empty() && missing.empty()) message += ": they must be in the same order";
      return refuse(message);
    }
  }
  return facts().features_in ? check_width(rows, *facts().features_in) : Result<void>();
}

Result<void> Estimator::check_width(const Batch& rows, std::size_t wanted) const {
  if (rows.columns == wanted) return {};
  return refuse(fmt::format("X has {} features, but {} is expecting {} features as input", rows.columns, short_name(), wanted));
}

Result<Batch> Estimator::numbers(const Batch& rows, Workspace& memory, const Accept& accept) const {
  if (const auto fits = rows.is_table() ? check_columns(rows) : Result<void>(); !fits) return std::unexpected(fits.error());
  return as_numbers(rows, memory, accept);
}

Result<Batch> Estimator::numbers_to_undo(const Batch& rows, std::size_t width, Workspace& memory, const Accept& accept) const {
  if (const auto fits = rows.is_table() ? check_width(rows, width) : Result<void>(); !fits) return std::unexpected(fits.error());
  return as_numbers(rows, memory, accept);
}

Result<Batch> Estimator::as_numbers(const Batch& rows, Workspace& memory, const Accept& accept) const {
  if (!rows.is_table()) {
    return refuse("expected 2D array, got 1D array instead: give rows and columns, also for a single row");
  }
  if (accept.dense_only && rows.form == Batch::Form::kSparse) return refuse_sparse();
  Batch x = rows;
  if (rows.form == Batch::Form::kColumns) {
    auto dense = columns_to_dense(rows, memory);
    if (!dense) return std::unexpected(dense.error());
    x = *dense;
    x.names = rows.names;
  } else if (rows.form == Batch::Form::kSparse && !accept.sparse) {
    x = densify(rows, memory);
  }
  const bool keeps = (x.type == ElementType::kFloat32 && accept.keep_float32) ||
                     (accept.keep_integers && !is_float(x.type)) || (accept.keep_integers && x.type == ElementType::kFloat16);
  if (!keeps) x.type = ElementType::kFloat64;
  const bool is_sparse = x.form == Batch::Form::kSparse;
  const std::size_t first = is_sparse ? static_cast<std::size_t>(x.row_starts[0]) : 0;
  const std::size_t count = is_sparse ? static_cast<std::size_t>(x.row_starts[x.rows]) - first : x.rows * x.columns;
  if (accept.float32 && x.type != ElementType::kFloat32) {
    double* const floats = memory.numbers(first + count);
    for (std::size_t i = first; i < first + count; ++i) floats[i] = static_cast<double>(static_cast<float>(x.values[i]));
    x.values = floats;
    x.type = ElementType::kFloat32;
  }
  if (const auto fine = check_special(x.values + first, count, accept, x.type); !fine) return std::unexpected(fine.error());
  return x;
}

}  // namespace cppickle::predict
