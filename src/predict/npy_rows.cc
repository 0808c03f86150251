#include "predict/npy_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/half.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "io/npy.h"
#include "predict/row_set.h"

namespace cppickle::predict {
namespace {

std::unexpected<Error> unsupported(std::string message) {
  return std::unexpected(Error{ErrorCode::kUnsupported, std::move(message)});
}

template <class T>
T swapped(T value) {
  auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  std::ranges::reverse(bytes);
  return std::bit_cast<T>(bytes);
}

template <class T>
T read_as(std::string_view bytes, bool is_swapped) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return is_swapped ? swapped(value) : value;
}

ElementType type_of(const NpyArray& array) {
  const int power = std::countr_zero(array.item_size);
  switch (array.kind) {
    case 'b': return ElementType::kBool;
    case 'i': return static_cast<ElementType>(static_cast<int>(ElementType::kInt8) + power);
    case 'u': return static_cast<ElementType>(static_cast<int>(ElementType::kUInt8) + power);
    default: return static_cast<ElementType>(static_cast<int>(ElementType::kFloat16) + power - 1);
  }
}

class NpyRows final : public RowReader {
 public:
  NpyRows(Bytes file, const NpyArray& array, Takes takes) : file_(std::move(file)), array_(array), takes_(takes) {}

  std::uint64_t rows() const override { return array_.rows; }

  Result<Input> next(std::size_t most) override {
    const std::size_t first = done_, count = std::min(most, array_.rows - done_);
    done_ += count;
    if (takes_ == Takes::kRows && array_.kind != 'U')
      return array_.is_swapped ? turned(first, count) : in_place(first, count);
    set_.clear();
    set_.columns.resize(array_.columns);
    set_.rows = count;
    for (std::size_t c = 0; c < array_.columns; ++c) {
      RowColumn& column = set_.columns[c];
      column.type = ElementType::kObject;
      for (std::size_t r = first; r < first + count; ++r) column.cells.push_back(cell(r, c));
    }
    return set_.input(takes_, 0, count);
  }

 private:
  Cell cell(std::size_t row, std::size_t column) {
    if (array_.kind == 'U') return Cell::of(set_.keep(array_.text(row, column)));
    return array_.cell(row, column);
  }

  Input in_place(std::size_t first, std::size_t count) const {
    const std::size_t size = array_.item_size;
    const std::size_t step = array_.is_fortran_order ? size : size * array_.columns;
    Input input;
    input.type = type_of(array_);
    input.rows = count;
    input.columns = array_.columns;
    input.data = array_.data.data() + first * step;
    input.row_stride = static_cast<std::ptrdiff_t>(step);
    input.column_stride = static_cast<std::ptrdiff_t>(array_.is_fortran_order ? size * array_.rows : size);
    return input;
  }

  Input turned(std::size_t first, std::size_t count) {
    numbers_.clear();
    for (std::size_t r = first; r < first + count; ++r) {
      for (std::size_t c = 0; c < array_.columns; ++c) numbers_.push_back(array_.number(r, c));
    }
    return Input::dense(numbers_.data(), count, array_.columns);
  }

  Bytes file_;
  NpyArray array_;
  Takes takes_;
  std::size_t done_ = 0;
  RowSet set_;
  std::vector<double> numbers_;
};

}  // namespace

std::string_view NpyArray::element(std::size_t row, std::size_t column) const {
  const std::size_t place = is_fortran_order ? column * rows + row : row * columns + column;
  return data.substr(place * item_size, item_size);
}

double NpyArray::number(std::size_t row, std::size_t column) const {
  const std::string_view bytes = element(row, column);
  const auto read = [&](auto sample) { return static_cast<double>(read_as<decltype(sample)>(bytes, is_swapped)); };
  switch (kind) {
    case 'b': return bytes[0] != 0 ? 1 : 0;
    case 'i':
      return item_size == 1   ? read(std::int8_t{})
             : item_size == 2 ? read(std::int16_t{})
             : item_size == 4 ? read(std::int32_t{})
                              : read(std::int64_t{});
    case 'u':
      return item_size == 1   ? read(std::uint8_t{})
             : item_size == 2 ? read(std::uint16_t{})
             : item_size == 4 ? read(std::uint32_t{})
                              : read(std::uint64_t{});
    default:
      return item_size == 2   ? static_cast<double>(half_to_float(read_as<std::uint16_t>(bytes, is_swapped)))
             : item_size == 4 ? read(0.0F)
                              : read(0.0);
  }
}

Cell NpyArray::cell(std::size_t row, std::size_t column) const {
  const double value = number(row, column);
  if (kind == 'f') return Cell::of(value);
  if (kind == 'b') return Cell::boolean(value != 0);
  if (item_size < sizeof(std::int64_t)) return Cell::of(static_cast<std::int64_t>(value));
  const auto whole = read_as<std::int64_t>(element(row, column), is_swapped);
  return kind == 'u' && whole < 0 ? Cell::of(value) : Cell::of(whole);
}

std::string NpyArray::text(std::size_t row, std::size_t column) const {
  const std::string_view bytes = element(row, column);
  std::string text;
  std::size_t length = bytes.size() / 4;
  const auto point = [&](std::size_t i) { return read_as<std::uint32_t>(bytes.substr(i * 4), is_swapped); };
  while (length > 0 && point(length - 1) == 0) --length;
  for (std::size_t i = 0; i < length; ++i) append_utf8(text, std::min<std::uint32_t>(point(i), 0x10FFFF));
  return text;
}

Result<NpyArray> npy_array(ByteSpan file) {
  const auto header = read_npy_header(file);
  if (!header) return std::unexpected(header.error());
  // "'<f8'": a text; a list of fields is a structure.
  std::string_view descr = header->descr_source();
  if (descr.size() < 4 || (descr[0] != '\'' && descr[0] != '"'))
    return unsupported("an array of dtype " + quote(descr, 40));
  descr = descr.substr(1, descr.size() - 2);
  NpyArray array;
  array.is_swapped = descr[0] == '>';
  array.kind = descr[1] == '?' ? 'b' : descr[1];
  array.item_size = static_cast<std::size_t>(header->item_size.value_or(0));
  const bool is_text = array.kind == 'U';
  const bool is_whole = std::has_single_bit(array.item_size) && array.item_size <= 8;
  const bool is_number = array.kind == 'b' ? array.item_size == 1
                                           : std::string_view("iuf").contains(array.kind) && is_whole &&
                                                 (array.kind != 'f' || array.item_size > 1);
  if (header->is_object || !header->data_size || (!is_number && !is_text)) {
    return unsupported("an array of dtype " + quote(descr, 40) + ": numbers and texts can be read");
  }
  if (header->shape.empty() || header->shape.size() > 2) {
    return bad_rows("an array of " + std::to_string(header->shape.size()) + " dimensions: rows and columns are needed");
  }
  array.is_vector = header->shape.size() == 1;
  array.rows = static_cast<std::size_t>(header->shape[0]);
  array.columns = array.is_vector ? 1 : static_cast<std::size_t>(header->shape[1]);
  if (array.columns == 0 || array.item_size == 0) return bad_rows("an array without columns");
  // Where there are rows, the bytes of the file bound them.
  constexpr std::size_t kMostColumnsOfNoRows = std::size_t{1} << 20;
  if (array.rows == 0 && array.columns > kMostColumnsOfNoRows) {
    return bad_rows("an array of many columns and no rows");
  }
  array.is_fortran_order = header->is_fortran_order && !array.is_vector;
  array.data =
      as_view(file).substr(static_cast<std::size_t>(header->data_offset), static_cast<std::size_t>(*header->data_size));
  return array;
}

Result<std::unique_ptr<RowReader>> npy_rows(Bytes file, const RowsWanted& wanted) {
  const auto array = npy_array(file.span());
  if (!array) return std::unexpected(array.error());
  if (wanted.takes == Takes::kRecords) return bad_rows("the model takes records: give them as JSON");
  if (wanted.takes == Takes::kRows && array->is_vector) {
    return bad_rows("an array of one dimension: rows and columns are needed, also for a single row");
  }
  return std::make_unique<NpyRows>(std::move(file), *array, wanted.takes);
}

}  // namespace cppickle::predict
