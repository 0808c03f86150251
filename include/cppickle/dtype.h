// numpy's dtype as it stands in a pickle: what an array's bytes mean.
#ifndef CPPICKLE_DTYPE_H_
#define CPPICKLE_DTYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/document.h"

namespace cppickle {

// Names are text of the document. Copies share their fields' types.
struct DType {
  struct Field {
    std::string_view name;
    std::string_view title;  // empty if it has none
    std::uint64_t offset;    // in the item
    std::shared_ptr<const DType> type;
  };

  // numpy's letters: b(ool) i u f c, m and M (timedelta, datetime), O(bject), S U V, T for StringDType.
  char kind = 'V';
  char order = '|';           // '<', '>', or '|' where there is none
  std::uint64_t size = 0;     // bytes of one item; of an O or T in memory, they are not in the data
  std::uint32_t alignment = 1;
  bool has_objects = false;   // an O or T, or a structure that holds one: the data is a list of objects
  bool aligned_struct = false;

  bool is_struct = false;     // fields may be empty even so
  std::vector<Field> fields;  // in order of names
  bool fields_left_out = false;  // there are more than the caller wanted to see; `fields` is empty

  std::shared_ptr<const DType> base;  // of a subarray, with its shape
  std::vector<std::uint64_t> base_shape;

  std::string_view unit;      // m and M: "ns", "generic"
  std::int64_t multiplier = 1;
  std::optional<Value> metadata;
  std::optional<Value> missing;  // T: its na_object
  std::optional<Global> type;    // numpy.record, or the class of a type of another library

  // As numpy prints it: float64, <U4, datetime64[ns], [('a', '<i4'), ('b', '>f8', (2,))].
  std::string to_string() const;
};

struct DTypeOptions {
  std::uint64_t most_fields = 100'000;  // of all nested structures together
  bool leave_out_more = false;          // past that, structures keep no fields instead of being an error
};

// What a pickled dtype says: numpy.dtype(code) and its state, or StringDType's constructor. Sizes, offsets and shapes are
// checked. ErrorCode::kTypeMismatch if the value is no dtype, kCorrupt if it contradicts itself.
Result<DType> read_dtype(const Value& value, const DTypeOptions& options = {});

// A type code as numpy writes it: "f8", ">i4", "U4", "M8[ns]", "?", or one of C's letters ("b" is int8).
std::optional<DType> dtype_of_code(std::string_view code);

}  // namespace cppickle

#endif  // CPPICKLE_DTYPE_H_
