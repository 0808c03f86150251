// What the scanner knows of a value: what kind of thing it is, and as much of its contents as a judgement needs.
//
// A symbol has 8 bytes. Literals stay where they lie in the source. Containers keep what can change the meaning of what
// holds them (other containers, objects, names) and of literals the first few, so that memory stays a small multiple of
// the file's bytes: no instruction costs more than 16 bytes for each of its own.
#ifndef CPPICKLE_SCAN_SYMBOL_H_
#define CPPICKLE_SCAN_SYMBOL_H_

#include <bit>
#include <cstdint>
#include <span>

namespace cppickle::scanning {

enum class Kind : std::uint8_t {
  kNothing,
  kNone,
  kBool,
  kInt,
  kFloat,
  kText,
  kByteString,  // str of Python 2: text or bytes to Python 3
  kBytes,
  kByteArray,   // and buffers that lie outside the stream
  kTuple,
  kList,
  kDict,
  kSet,
  kFrozenSet,
  kGlobal,
  kObject,   // an instance that a pack knows
  kForeign,  // what an unknown call, a persistent id or an extension code gives
  kMark,
};

// Kinds as a set of bits.
using Kinds = std::uint32_t;
constexpr Kinds bit(Kind kind) { return Kinds{1} << static_cast<unsigned>(kind); }
constexpr Kinds kLeafKinds = bit(Kind::kNone) | bit(Kind::kBool) | bit(Kind::kInt) | bit(Kind::kFloat) |
                             bit(Kind::kText) | bit(Kind::kByteString) | bit(Kind::kBytes) | bit(Kind::kByteArray);
constexpr Kinds kContainerKinds =
    bit(Kind::kTuple) | bit(Kind::kList) | bit(Kind::kDict) | bit(Kind::kSet) | bit(Kind::kFrozenSet);

struct Tuple;
class Container;
struct Object;
struct Entry;

class Symbol {
 public:
  constexpr Symbol() = default;
  Symbol(Kind kind, const void* payload)
      : bits_(std::uint64_t{static_cast<std::uint8_t>(kind)} << 56 | std::bit_cast<std::uint64_t>(payload)) {}
  constexpr Symbol(Kind kind, std::uint64_t payload)
      : bits_(std::uint64_t{static_cast<std::uint8_t>(kind)} << 56 | payload) {}

  Kind kind() const { return static_cast<Kind>(bits_ >> 56); }
  bool is(Kinds kinds) const { return (bit(kind()) & kinds) != 0; }
  bool is_leaf() const { return is(kLeafKinds); }
  std::uint64_t payload() const { return bits_ & ((std::uint64_t{1} << 56) - 1); }

  // The opcode byte of the instruction that a literal is.
  const std::uint8_t* instruction() const { return std::bit_cast<const std::uint8_t*>(payload()); }
  // Null for the empty tuple.
  Tuple* tuple() const { return std::bit_cast<Tuple*>(payload()); }
  // Lists, dicts and sets get their contents with their first item.
  Container*& contents() const { return *std::bit_cast<Container**>(payload()); }
  Object* object() const { return std::bit_cast<Object*>(payload()); }
  std::uint32_t name() const { return static_cast<std::uint32_t>(payload()); }

  friend constexpr bool operator==(Symbol, Symbol) = default;

 private:
  std::uint64_t bits_ = 0;
};

// What has been found out about a container, once and for all.
enum Mark : std::uint8_t {
  kReliedOn = 1,   // a model took it for plain: what is put into it later is refused
  kNotPlain = 2,   // it, or something that was looked at along with it, is not plain
  kPlaced = 4,     // the names in it have been judged as stored values
  kHasNames = 8,   // a tuple that holds names, or tuples that do
  kHashable = 16,  // a tuple whose contents can be hashed without running foreign code
  kOddKeys = 32,   // a dict with a key that is, or may pass for, "__setstate__"
  kSingle = 64,    // a list or set that keeps one item, in place of the pieces
};

struct Tuple {
  std::uint32_t count;
  std::uint16_t weight;  // how many values it is when written out, as the upper half of a float
  std::uint8_t marks;

  // They lie right behind it.
  Symbol* items() { return reinterpret_cast<Symbol*>(this + 1); }
  std::span<Symbol> span() { return {items(), count}; }
};
static_assert(sizeof(Tuple) == 8);

// Of a tuple, the empty one too; nothing of anything else.
inline std::span<Symbol> items_of(Symbol symbol) {
  if (symbol.kind() != Kind::kTuple || symbol.tuple() == nullptr) return {};
  return symbol.tuple()->span();
}

// Items that are kept, in pieces; the latest first.
struct Piece {
  Piece* before;
  std::uint32_t count;
  std::uint32_t room;

  Symbol* items() { return reinterpret_cast<Symbol*>(this + 1); }
};

class Container {
 public:
  Container() : last_(nullptr) {}

  static constexpr std::uint64_t kMostCount = (std::uint64_t{1} << 20) - 1;

  // Items, or pairs; at most kMostCount.
  std::uint64_t count() const { return bits_ & kMostCount; }
  void count_one() {
    if (count() < kMostCount) ++bits_;
  }

  // Of the items, or of a dict's keys; of its values.
  Kinds kinds() const { return static_cast<Kinds>(bits_ >> kKinds) & kAllKinds; }
  Kinds value_kinds() const { return static_cast<Kinds>(bits_ >> kValueKinds) & kAllKinds; }
  void add_kind(Kind kind) { bits_ |= std::uint64_t{bit(kind)} << kKinds; }
  void add_value_kind(Kind kind) { bits_ |= std::uint64_t{bit(kind)} << kValueKinds; }

  bool has(Mark mark) const { return (bits_ >> kMarks & mark) != 0; }
  void set(Mark mark) { bits_ |= std::uint64_t{mark} << kMarks; }
  void clear(Mark mark) { bits_ &= ~(std::uint64_t{mark} << kMarks); }

  // The latest piece of what is kept. A single item needs none: it lies here itself.
  Piece* last() const { return has(kSingle) ? nullptr : last_; }
  void set_last(Piece* piece) {
    clear(kSingle);
    last_ = piece;
  }
  bool keeps_nothing() const { return !has(kSingle) && last_ == nullptr; }
  Symbol* single() { return has(kSingle) ? &single_ : nullptr; }
  Symbol* make_single() {
    set(kSingle);
    return &single_;
  }

 private:
  static constexpr unsigned kKinds = 20;
  static constexpr unsigned kValueKinds = 38;
  static constexpr unsigned kMarks = 56;
  static constexpr Kinds kAllKinds = (Kinds{1} << 18) - 1;
  std::uint64_t bits_ = 0;
  union {
    Piece* last_;
    Symbol single_;
  };
};
static_assert(sizeof(Container) == 16);

struct Object {
  const Entry* entry;  // of its class
  Symbol args;         // the tuple that it was made of
  Symbol state;        // of the last BUILD
  std::uint8_t marks;
};

// As many literals of a container are kept; of everything else all.
constexpr std::uint32_t kLiteralsKept = 32;

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_SYMBOL_H_
