// What Codecs read with. Users of decode<T>() need not know it; authors of a Codec do.
#ifndef CPPICKLE_DECODER_H_
#define CPPICKLE_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cppickle/codec.h"
#include "cppickle/document.h"
#include "cppickle/error.h"
#include "cppickle/limits.h"

namespace cppickle {

struct DecodeOptions {
  // output_nodes: the items, pairs and fields to visit (sharing makes a small file large); allocation: bytes to copy.
  Limits limits;
  // Containers inside containers, for types that contain themselves. A cycle ends here too.
  std::uint32_t depth = 1000;
  // Whether dict keys and attributes for which a struct has no member are ignored, or an error.
  bool extra_keys = true;
};

// A member of a struct: read by its name, or by its position among the members.
struct Field {
  std::string_view name;
  bool required;
  bool (*read)(Decoder& decoder, const Value& value, void* object);
};

// The elements of a numpy array in C order and this machine's byte order.
struct NumericArray {
  std::uint64_t items;
  std::uint64_t dimensions;
  std::string_view data;
  std::shared_ptr<const void> owner;  // of data that could not be taken from the source as it is
};

// One run of decode<T>(). Every function returns false after the first error, which take_error() gives. Values are
// untrusted: what is visited, copied and nested is counted against the options. Not thread-safe.
class Decoder {
 public:
  explicit Decoder(const DecodeOptions& options);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  template <class T>
  bool read(const Value& value, T& out) {
    return Codec<T>::read(*this, value, out);
  }

  // Leaves. numpy's scalars count as the bool, int or float that they hold.
  bool boolean(const Value& value, bool& out);
  bool integer(const Value& value, std::int64_t& out, std::int64_t least, std::int64_t most);
  bool integer(const Value& value, std::uint64_t& out, std::uint64_t most);
  bool real(const Value& value, double& out);  // a float, or an int that a double holds
  bool real(const Value& value, float& out);   // a float is rounded, though never to infinity
  bool text(const Value& value, std::string_view& out);  // a str, or a byte string that is UTF-8
  bool text(const Value& value, std::string& out);
  // bytes, bytearray or a byte string. Protocols 0 to 2 hide bytes in text: then `owner` keeps the decoded ones.
  bool bytes(const Value& value, std::string_view& out, std::shared_ptr<const void>& owner);
  // A numpy array of that type, in C order (or of one dimension) and this machine's byte order.
  bool array(const Value& value, NumberType type, NumericArray& out);
  static bool is_array(const Value& value);
  // datetime.datetime in UTC or without a zone, datetime.date; since 1970. And datetime.timedelta.
  bool time_point(const Value& value, std::int64_t& microseconds);
  bool duration(const Value& value, std::int64_t& microseconds);

  // Calls visit(const Value& item) for each member. `allowed` are kinds; an object that works like one of them (a deque,
  // a set of protocol 2) may stand for it. Messages call it `expected`.
  template <class Visit>
  bool items(const Value& value, Kinds allowed, std::string_view expected, Visit visit) {
    return walk_items(value, allowed, expected,
                      {&visit, [](void* to, const Value& item, bool) { return (*static_cast<Visit*>(to))(item); }});
  }
  // As above for exactly `count` members of a list, a tuple, or an object made like a namedtuple.
  template <class Visit>
  bool exactly(std::uint64_t count, const Value& value, std::string_view expected, Visit visit) {
    return walk_exactly(count, value, expected,
                        {&visit, [](void* to, const Value& item, bool) { return (*static_cast<Visit*>(to))(item); }});
  }
  // Calls visit(const Value& key_or_value, bool is_key) for each key and then for its value. Keys may repeat.
  template <class Visit>
  bool pairs(const Value& value, Visit visit) {
    return walk_pairs(value, {&visit, [](void* to, const Value& part, bool is_key) {
                                return (*static_cast<Visit*>(to))(part, is_key);
                              }});
  }
  // From a dict with string keys; from the attributes of an object (its state: a dict, a pair of dicts where the class has
  // slots, a list for frozen dataclasses with slots); or by position from an object made like a namedtuple.
  bool fields(const Value& value, std::span<const Field> fields, void* object);
  static constexpr std::size_t kMostFields = 128;

  // Counts bytes that a Codec is about to copy.
  bool copying(std::uint64_t bytes);

  // For hash tables: files can be made whose keys all fall into one bucket.
  static constexpr std::size_t kMostCollisions = 100;
  bool collision();

  // How many items to make room for: those of `value`, or fewer where they would take much memory.
  static std::size_t room_for(const Value& value, std::size_t item_bytes);

  // Notes an error at the place that is being read. Always false.
  bool fail(ErrorCode code, std::string message);
  bool mismatch(const Value& found, std::string_view expected);

  // While one lives, errors are not told in words: for a value that may be of another type.
  class Trial {
   public:
    explicit Trial(Decoder& decoder) : decoder_(decoder) { ++decoder_.trials_; }
    ~Trial() { --decoder_.trials_; }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

   private:
    Decoder& decoder_;
  };
  // After a failed trial: whether another one makes sense.
  bool may_go_on() const { return error_.code != ErrorCode::kLimit; }

  Error take_error();

 private:
  struct Place;
  struct Entered;
  struct KnownKeys;
  struct Visitor {
    void* target;
    bool (*step)(void* target, const Value& part, bool is_key);
    bool operator()(const Value& part, bool is_key = false) const { return step(target, part, is_key); }
  };

  bool walk_items(const Value& value, Kinds allowed, std::string_view expected, Visitor visit);
  bool walk_exactly(std::uint64_t count, const Value& value, std::string_view expected, Visitor visit);
  bool walk_pairs(const Value& value, Visitor visit);
  bool keyed_fields(const Value& holder, std::span<const Field> fields, void* object, std::span<bool> seen);
  bool positional_fields(const Value& members, std::span<const Field> fields, void* object);
  bool visiting(std::uint64_t values) {
    visited_ += values;
    return visited_ <= options_.limits.output_nodes || too_many_visits();
  }
  bool too_many_visits();
  std::string path() const;

  const DecodeOptions& options_;
  const Place* place_ = nullptr;  // the innermost
  std::uint64_t visited_ = 0;
  std::uint64_t copied_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t trials_ = 0;
  Error error_;
  std::unique_ptr<KnownKeys> known_keys_;
};

}  // namespace cppickle

#endif  // CPPICKLE_DECODER_H_
