#include "predict/category_codes.h"

#include <algorithm>
#include <cmath>

namespace cppickle::predict {

CategoryCodes::CategoryCodes(const Cells& categories) {
  for (std::size_t i = 0; i < categories.values.size(); ++i) {
    const Cell& cell = categories.values[i];
    const auto code = static_cast<double>(i);
    switch (cell.kind) {
      case Cell::Kind::kBool:
      case Cell::Kind::kInt: numbers_.emplace_back(static_cast<double>(cell.integer), code); break;
      case Cell::Kind::kReal:
        if (!std::isnan(cell.real)) numbers_.emplace_back(cell.real, code);
        break;
      case Cell::Kind::kText: texts_.emplace_back(cell.text, code); break;
      case Cell::Kind::kNone:
      case Cell::Kind::kBytes: break;
    }
  }
  std::ranges::sort(numbers_);
  std::ranges::sort(texts_);
}

double CategoryCodes::of(double value) const {
  if (std::isinf(value)) return value;
  if (std::isnan(value)) return NAN;
  const auto at = std::ranges::lower_bound(numbers_, value, {}, &std::pair<double, double>::first);
  return at != numbers_.end() && at->first == value ? at->second : NAN;
}

double CategoryCodes::of(const Cell& value) const {
  switch (value.kind) {
    case Cell::Kind::kBool:
    case Cell::Kind::kInt: return of(static_cast<double>(value.integer));
    case Cell::Kind::kReal: return std::isfinite(value.real) ? of(value.real) : NAN;
    case Cell::Kind::kText: {
      const auto less = [](const auto& known, std::string_view text) { return known.first < text; };
      const auto at = std::lower_bound(texts_.begin(), texts_.end(), value.text, less);
      return at != texts_.end() && at->first == value.text ? at->second : NAN;
    }
    default: return NAN;
  }
}

void CategoryCodes::of_column(const Column& column, std::size_t rows, double* out, Workspace& memory) const {
  if (is_number(column.type)) {
    for (std::size_t r = 0; r < rows; ++r) out[r] = of(number_at(column, r));
    return;
  }
  if (column.type != ElementType::kCategory) {
    for (std::size_t r = 0; r < rows; ++r) out[r] = of(cell_at(column, r));
    return;
  }
  const std::size_t count = column.categories.size();
  double* const codes = memory.numbers(count);
  for (std::size_t c = 0; c < count; ++c) codes[c] = of(column.categories[c]);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto code = *reinterpret_cast<const std::int32_t*>(static_cast<const char*>(column.data) +
                                                             static_cast<std::ptrdiff_t>(r) * column.stride);
    out[r] = code >= 0 && static_cast<std::size_t>(code) < count ? codes[code] : NAN;
  }
}

}  // namespace cppickle::predict
