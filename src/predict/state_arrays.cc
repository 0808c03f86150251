// Arrays, lists and sparse matrices of a fitted estimator, copied into plain numbers and cells.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>

#include "base/utf8.h"
#include "document/sparse_view.h"
#include "predict/state.h"

namespace cppickle::predict {
namespace {

std::optional<ElementType> element_type(const DType& dtype) {
  constexpr std::string_view kKinds = "biufUSO";
  if (kKinds.find(dtype.kind) == std::string_view::npos || dtype.is_struct || dtype.base) return {};
  const auto sized = [&](ElementType one) {
    return std::has_single_bit(dtype.size) && dtype.size <= 8
               ? std::optional<ElementType>(static_cast<ElementType>(static_cast<int>(one) + std::countr_zero(dtype.size)))
               : std::nullopt;
  };
  switch (dtype.kind) {
    case 'b': return ElementType::kBool;
    case 'i': return sized(ElementType::kInt8);
    case 'u': return sized(ElementType::kUInt8);
    case 'f': return dtype.size == 2   ? ElementType::kFloat16
                     : dtype.size == 4 ? ElementType::kFloat32
                                       : ElementType::kFloat64;
    case 'U': return ElementType::kText;
    default: return ElementType::kObject;
  }
}

std::vector<std::size_t> sizes(const std::vector<std::uint64_t>& shape) { return {shape.begin(), shape.end()}; }

// numpy's U: code points of four bytes, padded with zeros.
std::string decode_text(std::string_view bytes, char order) {
  std::string text;
  std::size_t length = bytes.size() / 4;
  const auto point = [&](std::size_t i) {
    std::uint32_t code;
    std::memcpy(&code, bytes.data() + i * 4, 4);
    return order == '>' ? __builtin_bswap32(code) : code;
  };
  while (length > 0 && point(length - 1) == 0) --length;
  for (std::size_t i = 0; i < length; ++i) append_utf8(text, std::min<std::uint32_t>(point(i), 0x10FFFF));
  return text;
}

std::string_view without_zeros(std::string_view bytes) {
  const std::size_t last = bytes.find_last_not_of('\0');
  return bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// What an element of an object array is; texts go to `texts`.
std::optional<Cell> cell_of(const Value& value, std::deque<std::string>& texts) {
  switch (value.kind()) {
    case Kind::kNone: return Cell::none();
    case Kind::kBool: return Cell::boolean(value.as_bool());
    case Kind::kInt: {
      const auto number = value.as_int();
      return number ? std::optional<Cell>(Cell::of(*number)) : std::nullopt;
    }
    case Kind::kFloat: return Cell::of(value.as_double());
    case Kind::kString:
    case Kind::kByteString: return Cell::of(std::string_view(texts.emplace_back(value.text())));
    case Kind::kBytes: return Cell{Cell::Kind::kBytes, 0, 0, texts.emplace_back(value.text())};
    case Kind::kGlobal: {
      // pandas.NA is a global's value; None stands for it.
      const auto global = value.global();
      return global && global->qualname == "NA" ? std::optional<Cell>(Cell::none()) : std::nullopt;
    }
    case Kind::kObject: {
      const auto array = array_view(value);
      if (!array || array->count != 1) return {};
      if (array->dtype.kind == 'U') {
        return Cell::of(std::string_view(texts.emplace_back(decode_text(array->element(0), array->dtype.order))));
      }
      if (array->dtype.kind == 'b') return Cell::boolean(array->get<bool>(0).value_or(false));
      if (array->dtype.kind == 'f') return Cell::of(array->get<double>(0).value_or(0));
      const auto number = array->get<std::int64_t>(0);
      return number ? std::optional<Cell>(Cell::of(*number)) : std::nullopt;
    }
    default: return {};
  }
}

Cell cell_at(const ArrayView& array, std::uint64_t index, std::deque<std::string>& texts) {
  switch (array.dtype.kind) {
    case 'U': return Cell::of(std::string_view(texts.emplace_back(decode_text(array.element(index), array.dtype.order))));
    case 'S': return {Cell::Kind::kBytes, 0, 0, texts.emplace_back(without_zeros(array.element(index)))};
    case 'b': return Cell::boolean(array.get<bool>(index).value_or(false));
    case 'f': return Cell::of(array.get<double>(index).value_or(0));
    default: return Cell::of(array.get<std::int64_t>(index).value_or(0));
  }
}

}  // namespace

Matrix transposed(const Matrix& matrix) {
  Matrix other{matrix.columns, matrix.rows, std::vector<double>(matrix.values.size()), matrix.type};
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.columns; ++c) other.values[c * matrix.rows + r] = matrix.row(r)[c];
  }
  return other;
}

std::optional<std::string> text_of(const Value& value) {
  if (value.kind() == Kind::kString || value.kind() == Kind::kByteString) return std::string(value.text());
  if (value.kind() != Kind::kObject) return {};
  const auto array = array_view(value);
  if (!array || array->count != 1 || array->dtype.kind != 'U') return {};
  return decode_text(array->element(0), array->dtype.order);
}

Numbers State::array_of(const Value& value, std::string_view place) const {
  Numbers numbers;
  const auto wrong = [&](ErrorCode code, const char* message) {
    fail(code, message, place);
    return Numbers();
  };
  if (value.kind() == Kind::kList || value.kind() == Kind::kTuple) {
    std::vector<std::size_t> inner;
    std::size_t rows = 0;
    for (const Value item : value.items()) {
      if (const auto number = number_of(item); number && (rows == 0 || inner.empty())) {
        numbers.values.push_back(*number);
      } else {
        // One level of nesting is what estimators keep: [[0, 1], [2, 3]], lists of arrays.
        if (item.kind() == Kind::kList || item.kind() == Kind::kTuple) {
          for (const Value member : item.items()) {
            if (!number_of(member)) return wrong(ErrorCode::kTypeMismatch, "a list of numbers was expected");
          }
        }
        Numbers row = array_of(item, place);
        if (!ok()) return {};
        if (rows != 0 && row.shape != inner) return wrong(ErrorCode::kCorrupt, "rows of different lengths");
        inner = std::move(row.shape);
        numbers.values.insert(numbers.values.end(), row.values.begin(), row.values.end());
      }
      ++rows;
      if (!loader_->spend(sizeof(double), at(place))) return {};
    }
    numbers.shape.push_back(rows);
    numbers.shape.insert(numbers.shape.end(), inner.begin(), inner.end());
    return numbers;
  }
  if (const auto number = value.kind() == Kind::kObject ? std::nullopt : number_of(value)) {
    numbers.values = {*number};
    if (value.kind() != Kind::kFloat) numbers.type = ElementType::kInt64;
    return numbers;
  }
  if (const auto sparse = sparse_matrix(value)) {
    if (sparse->columns != 0 && sparse->rows > (std::uint64_t{1} << 40) / sparse->columns) {
      return wrong(ErrorCode::kLimit, "a sparse matrix that is too large");
    }
    const std::uint64_t count = sparse->rows * sparse->columns;
    if (!loader_->spend(count * sizeof(double), at(place))) return {};
    numbers.shape = {sparse->rows, sparse->columns};
    numbers.values.assign(count, 0);
    numbers.type = sparse->dtype.kind == 'f' && sparse->dtype.size == 4 ? ElementType::kFloat32 : ElementType::kFloat64;
    for (std::uint64_t row = 0; row < sparse->rows; ++row) {
      for (std::uint64_t k = sparse->row_starts[row]; k < sparse->row_starts[row + 1]; ++k) {
        numbers.values[row * sparse->columns + sparse->indices[k]] += sparse->values[k];
      }
    }
    return numbers;
  }
  const auto array = array_view(value);
  if (!array) {
    fail(array.error().code, array.error().message, place);
    return {};
  }
  const auto type = element_type(array->dtype);
  if (array->form == ArrayView::Form::kMasked) return wrong(ErrorCode::kUnsupported, "a masked array");
  if (!type || *type == ElementType::kText) return wrong(ErrorCode::kTypeMismatch, "an array of numbers was expected");
  if (!loader_->spend(array->count * sizeof(double), at(place))) return {};
  numbers.shape = sizes(array->shape);
  numbers.values.resize(array->count);
  numbers.type = *type;
  if (*type == ElementType::kObject) {
    if (!array->objects) return wrong(ErrorCode::kTypeMismatch, "an array of numbers was expected");
    numbers.type = ElementType::kFloat64;
    std::size_t i = 0;
    for (const Value item : array->objects->items()) {
      const auto number = number_of(item);
      if (!number || i == numbers.values.size()) return wrong(ErrorCode::kTypeMismatch, "an array of numbers was expected");
      numbers.values[i++] = *number;
    }
    return numbers;
  }
  if (const auto direct = array->values<double>(); direct && (array->order == 'C' || array->shape.size() == 1)) {
    std::copy(direct->begin(), direct->end(), numbers.values.begin());
    return numbers;
  }
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const auto number = array->get<double>(i);
    if (!number) return wrong(ErrorCode::kTypeMismatch, "an array of numbers was expected");
    numbers.values[i] = *number;
  }
  return numbers;
}

Cells State::cells_of(const Value& value, std::string_view place) const {
  Cells cells;
  auto texts = std::make_shared<std::deque<std::string>>();
  cells.owner = texts;
  const auto wrong = [&](ErrorCode code, const char* message) {
    fail(code, message, place);
    return Cells();
  };
  const auto add_objects = [&](const Value& holder) {
    for (const Value item : holder.items()) {
      const auto cell = cell_of(item, *texts);
      if (!cell) return fail(ErrorCode::kUnsupported, "an element that is no number and no text", place);
      cells.values.push_back(*cell);
      if (!loader_->spend(sizeof(Cell) + cell->text.size(), at(place))) return false;
    }
    return true;
  };
  if (value.kind() == Kind::kList || value.kind() == Kind::kTuple) {
    if (!add_objects(value)) return {};
    cells.shape = {cells.values.size()};
    cells.dtype = "object";
    return cells;
  }
  const auto array = array_view(value);
  if (!array) {
    fail(array.error().code, array.error().message, place);
    return {};
  }
  const auto type = element_type(array->dtype);
  if (!type || array->form == ArrayView::Form::kMasked) return wrong(ErrorCode::kUnsupported, "an array of another type");
  cells.dtype = array->dtype.to_string();
  cells.type = *type;
  cells.shape = sizes(array->shape);
  if (array->dtype.has_objects) {
    if (!array->objects || !add_objects(*array->objects)) return {};
    if (cells.values.size() != array->count) return wrong(ErrorCode::kCorrupt, "an array with too few elements");
    return cells;
  }
  if (array->count > (std::uint64_t{1} << 40)) return wrong(ErrorCode::kLimit, "an array that is too large");
  if (!loader_->spend(array->count * sizeof(Cell), at(place))) return {};
  cells.values.reserve(array->count);
  for (std::uint64_t i = 0; i < array->count; ++i) cells.values.push_back(cell_at(*array, i, *texts));
  return cells;
}

}  // namespace cppickle::predict
