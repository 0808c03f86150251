// A value and what it holds as plain JSON. The walk keeps its own stack, and a member's place in the input is known from
// that stack, so a path is made only when there is something to tell of it.
#include "cppickle/plain_json.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <forward_list>
#include <memory>
#include <unordered_set>
#include <variant>

#include "base/quote.h"
#include "base/json_text.h"
#include "convert/losses.h"
#include "convert/plain_known.h"
#include "convert/plain_text.h"
#include "cppickle/array_view.h"
#include "cppickle/bytes_view.h"
#include "cppickle/python_value.h"
#include "document/cell.h"
#include "document/graph.h"
#include "document/path.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

constexpr std::int64_t kMostExact = std::int64_t{1} << 53;

// Both point into themselves: they are made in place and never moved.
struct Members {
  explicit Members(const Values& values) : all(values), at(all.begin()) {}
  Members(const Members&) = delete;
  Values all;
  Values::Iterator at;
};

// The arguments of a call; `all` stays where it is as well.
struct ArgumentMembers {
  explicit ArgumentMembers(const Arguments& arguments) : all(arguments), at(all.begin()) {}
  ArgumentMembers(const ArgumentMembers&) = delete;
  Arguments all;
  Values::Iterator at;
};

struct Entries {
  explicit Entries(const Pairs& pairs) : all(pairs), at(all.begin()) {}
  Entries(const Entries&) = delete;
  Pairs all;
  Pairs::Iterator at;
};

// What is left of an object when its entries are through.
struct ObjectRest {
  enum class Part : std::uint8_t { kArgs, kKwargs, kAttributes, kSlots, kState, kItems, kPairs, kEnd };
  explicit ObjectRest(const ObjectView& object) : parts(object) {}
  ObjectView parts;
  Part next = Part::kArgs;
};

// Python's json module, like most readers, goes about as deep as its stack allows.
constexpr std::size_t kMostNested = 900;

// An open array or object of the output.
struct Frame {
  char end;                     // ']' or '}'
  bool on_one_line = false;
  bool is_empty = true;
  bool has_member = false;      // a current one
  bool has_text_key = false;    // of the current member
  std::uint64_t identity = 0;
  std::uint64_t index = 0;      // of the current member, where end is ']'
  std::string_view key;         // of the current member
  std::variant<std::monostate, Members, ArgumentMembers, Entries> members;
  std::vector<std::string_view> keys;          // all so far
  std::forward_list<std::string> made_keys;    // that are not text of the document
  std::unique_ptr<ObjectRest> object;
};

class PlainWriter {
 public:
  explicit PlainWriter(const PlainJsonOptions& options) : options_(options) {}

  Result<PlainJson> run(const Value& root) {
    value(root);
    while (!frames_.empty() && !error_) step();
    if (error_) return std::unexpected(*error_);
    out_ += '\n';
    return PlainJson{std::move(out_), losses_.lines()};
  }

 private:
  // --- The walk --------------------------------------------------------------------------------------------------------

  void step() {
    Frame& frame = frames_.back();
    if (auto* const members = std::get_if<Members>(&frame.members)) return member(frame, members->at);
    if (auto* const members = std::get_if<ArgumentMembers>(&frame.members)) return member(frame, members->at);
    auto* const entries = std::get_if<Entries>(&frame.members);
    if (entries != nullptr && entries->at != std::default_sentinel) {
      const Pair pair = *entries->at;
      ++entries->at;
      key(frame, pair.key);
      return value(pair.value);
    }
    if (frame.object == nullptr || frame.object->next == ObjectRest::Part::kEnd) return close();
    next_part(frame, *frame.object);
  }

  void member(Frame& frame, Values::Iterator& at) {
    if (at == std::default_sentinel) return close();
    const Value member = *at;
    ++at;
    frame.has_member = true;
    if (!frame.is_empty) ++frame.index;
    separate(frame);
    value(member);
  }

  void next_part(Frame& frame, ObjectRest& rest) {
    using Part = ObjectRest::Part;
    const Part part = rest.next;
    rest.next = static_cast<Part>(static_cast<int>(part) + 1);
    const ObjectView& parts = rest.parts;
    switch (part) {
      case Part::kArgs:
        if (parts.args.empty()) return;
        named_key(frame, "__args__");
        if (!open(']', {})) return;
        frames_.back().members.emplace<ArgumentMembers>(parts.args);
        frames_.back().on_one_line = are_short(parts.args);
        return;
      case Part::kKwargs:
        if (parts.kwargs && parts.kwargs->size() > 0) value_part(frame, "__kwargs__", *parts.kwargs);
        return;
      case Part::kAttributes:
        if (parts.attributes) frame.members.emplace<Entries>(parts.attributes->pairs());
        return;
      case Part::kSlots:
        if (parts.slots) frame.members.emplace<Entries>(parts.slots->pairs());
        return;
      case Part::kState:
        if (parts.state) value_part(frame, "__state__", *parts.state);
        return;
      case Part::kItems:
        if (parts.items().empty()) return;
        named_key(frame, "__items__");
        return list(parts.items(), {});
      case Part::kPairs:
        if (parts.pairs().empty()) return;
        named_key(frame, "__pairs__");
        if (open('}', {})) frames_.back().members.emplace<Entries>(parts.pairs());
        return;
      case Part::kEnd: return;
    }
  }

  void value_part(Frame& frame, std::string_view name, const Value& part) {
    named_key(frame, name);
    value(part);
  }

  void list(const Values& values, const std::optional<Value>& holder) {
    if (!open(']', holder)) return;
    frames_.back().members.emplace<Members>(values);
    frames_.back().on_one_line = are_short(values);
  }

  // --- Values ------------------------------------------------------------------------------------------------------------

  void value(const Value& value) {
    if (++nodes_ > options_.limits.output_nodes) return fail_too_many();
    if (out_.size() > options_.limits.output_bytes) {
      return fail("more text than the limit output-bytes=" + std::to_string(options_.limits.output_bytes) +
                  "; shared values are written wherever they stand");
    }
    switch (value.kind()) {
      case Kind::kNone: out_ += "null"; return;
      case Kind::kBool: out_ += value.as_bool() ? "true" : "false"; return;
      case Kind::kInt: return integer(value);
      case Kind::kFloat: return real(value.as_double());
      case Kind::kString: return text(value.text());
      case Kind::kBytes:
      case Kind::kByteString:
      case Kind::kByteArray: return bytes(value.text(), value.kind() == Kind::kByteString);
      case Kind::kTuple: return array(value, Loss::kTuple);
      case Kind::kSet: return array(value, Loss::kSet);
      case Kind::kFrozenSet: return array(value, Loss::kFrozenSet);
      case Kind::kList: return list(value.items(), value);
      case Kind::kDict:
        if (open('}', value)) frames_.back().members.emplace<Entries>(value.pairs());
        return;
      case Kind::kObject: return object(value);
      case Kind::kGlobal: return global(value);
      case Kind::kPersistentId:
        lose(Loss::kOutside, "its persistent id");
        if (!open('}', value)) return;
        return wrap("__persistent_id__", *value.persistent_id());
      case Kind::kExtension:
        lose(Loss::kOutside, "its extension code");
        out_ += "{\"__extension__\": " + std::to_string(value.extension_code()) + "}";
        return;
      case Kind::kBuffer:
        lose(Loss::kOutside, "a mark: its bytes are not in the file");
        out_ += "{\"__buffer__\": \"out-of-band\"}";
        return;
    }
  }

  void wrap(std::string_view name, const Value& inner) {
    Frame& frame = frames_.back();
    frame.object = nullptr;
    named_key(frame, name);
    value(inner);
  }

  void integer(const Value& value) {
    const std::string digits = value.as_decimal();
    const auto small = value.as_int();
    const bool is_huge = digits.find_first_not_of("-0123456789") != std::string::npos;
    if (is_huge) lose(Loss::kHugeInteger);
    else if (!small || *small > kMostExact || *small < -kMostExact) lose(Loss::kWideInteger);
    if (is_huge) return append_json_string(out_, digits);
    out_ += digits;
  }

  void real(double number) {
    if (std::isfinite(number)) {
      out_ += repr_of(number);
      return;
    }
    if (std::isnan(number)) lose(Loss::kNan);
    else lose(Loss::kInfinity, number > 0 ? "inf" : "-inf");
    out_ += "null";
  }

  void text(std::string_view utf8) {
    if (has_surrogates(utf8)) {
      lose(Loss::kSurrogate);
      return append_json_string(out_, without_surrogates(utf8));
    }
    append_json_string(out_, utf8);
  }

  void bytes(std::string_view bytes, bool is_python2) {
    const PlainBytes plain = plain_bytes(bytes, is_python2);
    lose(plain.is_base64 ? Loss::kBytesBase64 : is_python2 ? Loss::kByteString : Loss::kBytesText);
    append_json_string(out_, plain.text);
  }

  void array(const Value& value, Loss loss) {
    lose(loss);
    list(value.items(), value);
  }

  void object(const Value& value) {
    const ObjectView view = *object_view(value);
    if (!known_object(value, view)) any_object(value, view);
  }

  bool known_object(const Value& value, const ObjectView& view) {
    if (const auto text = known_text(value, view)) {
      lose(Loss::kKnownText, name_of(view.kind));
      append_json_string(out_, without_surrogates(*text));
      return true;
    }
    const bool has_more = view.attributes || view.slots || view.state;
    switch (view.kind) {
      case ObjectKind::kBytes:
      case ObjectKind::kByteArray: {
        const auto found = bytes_of(value);
        if (!found || has_more) return false;
        bytes(found->bytes, false);
        return true;
      }
      case ObjectKind::kSet:
      case ObjectKind::kFrozenSet:
      case ObjectKind::kTuple:
      case ObjectKind::kDeque:
      case ObjectKind::kList:
        if (has_more) return false;
        if (view.kind != ObjectKind::kList) lose(Loss::kKnownContainer, name_of(view.kind));
        list(view.items(), value);
        return true;
      case ObjectKind::kDict:
      case ObjectKind::kOrderedDict:
      case ObjectKind::kDefaultDict:
      case ObjectKind::kCounter:
        if (has_more || view.items_are_pairs) return false;
        if (view.kind != ObjectKind::kDict) lose(Loss::kKnownContainer, name_of(view.kind));
        if (open('}', value)) frames_.back().members.emplace<Entries>(view.pairs());
        return true;
      case ObjectKind::kArray:
      case ObjectKind::kMaskedArray:
      case ObjectKind::kArrayScalar: return numpy(value, view);
      default: return false;
    }
  }

  bool numpy(const Value& value, const ObjectView& view) {
    const auto array = array_view(value);
    if (!array) return false;
    if (array->objects && array->shape.size() == 1) {
      lose(Loss::kArray, name_of(view.kind));
      list(array->objects->items(), value);
      return true;
    }
    if (!can_write_array(*array)) return false;
    if (array->count > options_.limits.output_nodes - nodes_) {
      fail_too_many();
      return true;
    }
    nodes_ += array->count;
    lose(view.kind == ObjectKind::kArrayScalar ? Loss::kKnownContainer : Loss::kArray, name_of(view.kind));
    std::string row;
    if (options_.indent > 0) {
      std::swap(row, out_);
      new_line();
      std::swap(row, out_);
    }
    append_array(out_, *array, row, [this](Loss loss, std::string_view detail) { lose(loss, detail); });
    return true;
  }

  void any_object(const Value& value, const ObjectView& view) {
    if (!open('}', value)) return;
    Frame& frame = frames_.back();
    frame.object = std::make_unique<ObjectRest>(view);
    const auto callable = value.callable();
    if (!view.type.qualname.empty() || !callable) {
      std::string name = view.type.to_string();
      if (!view.method.empty()) (name += '.') += view.method;
      named_key(frame, "__class__");
      return append_json_string(out_, without_surrogates(name));
    }
    lose(Loss::kNoName);
    value_part(frame, "__callable__", *callable);
  }

  void global(const Value& value) {
    const auto name = value.global();
    lose(Loss::kGlobal);
    if (name) return append_json_string(out_, without_surrogates(name->to_string()));
    out_ += "{\"__global__\": null}";
  }

  // --- Arrays and objects of the output ------------------------------------------------------------------------------------

  // Opens one for `value`, unless that is open already: then it is a cycle, and null is written.
  bool open(char end, const std::optional<Value>& value) {
    const std::uint64_t identity = value ? value->identity() : 0;
    if (identity != 0) {
      const bool is_open = !open_.insert(identity).second;
      if (is_open) {
        lose(Loss::kCycle);
        out_ += "null";
        return false;
      }
      if (refers(*value)) lose(Loss::kShared);
    }
    if (frames_.size() >= options_.limits.depth) {
      fail("values nested deeper than the limit depth=" + std::to_string(options_.limits.depth));
      return false;
    }
    if (frames_.size() >= kMostNested) {
      fail("values nested more than " + std::to_string(kMostNested) +
           " deep, which JSON readers refuse; lossless JSON is flat");
      return false;
    }
    Frame& frame = frames_.emplace_back();
    frame.end = end;
    frame.identity = identity;
    out_ += end == ']' ? '[' : '{';
    return true;
  }

  void close() {
    Frame& frame = frames_.back();
    report_twins(frame);
    if (frame.identity != 0) open_.erase(frame.identity);
    const bool breaks = !frame.is_empty && !frame.on_one_line;
    const char end = frame.end;
    frames_.pop_back();
    if (breaks) new_line();
    out_ += end;
  }

  void separate(Frame& frame) {
    if (!frame.is_empty) out_ += frame.on_one_line || options_.indent == 0 ? ", " : ",";
    frame.is_empty = false;
    if (!frame.on_one_line) new_line();
  }

  void new_line() {
    if (options_.indent == 0) return;
    out_ += '\n';
    // Deep nesting would make the output's size quadratic.
    constexpr std::size_t kMostIndented = 64;
    out_.append(std::min(frames_.size(), kMostIndented) * static_cast<std::size_t>(options_.indent), ' ');
  }

  // True where a place refers back to a value that stands elsewhere, perhaps under changes that were made there.
  static bool refers(const Value& value) {
    Cell cell = Cell::from_bits(value.cell());
    while (cell.tag() == Tag::kChanged || cell.tag() == Tag::kPreceded || cell.tag() == Tag::kLeftover) {
      if (cell.node()->count == 0) return false;
      cell = cell.node()->cells[0];
    }
    return is_get(cell.tag()) || cell.tag() == tag_of(Opcode::DUP);
  }

  template <class Range>
  static bool are_short(const Range& values) {
    for (const Value value : values) {
      switch (value.kind()) {
        case Kind::kNone:
        case Kind::kBool:
        case Kind::kInt:
        case Kind::kFloat: continue;
        default: return false;
      }
    }
    return true;
  }

  // --- Keys ------------------------------------------------------------------------------------------------------------------

  void named_key(Frame& frame, std::string_view name) {
    frame.key = name;
    frame.has_member = frame.has_text_key = true;
    write_key(frame);
  }

  void key(Frame& frame, const Value& key) {
    frame.has_member = true;
    frame.has_text_key = key.kind() == Kind::kString || key.kind() == Kind::kByteString;
    if (key.kind() == Kind::kString && !has_surrogates(key.text())) {
      frame.key = key.text();
    } else {
      frame.key = frame.made_keys.emplace_front(key_text(key));
      if (!frame.has_text_key) lose(Loss::kKey, quote(frame.key));
      else lose(key.kind() == Kind::kString ? Loss::kSurrogate : Loss::kByteString);
    }
    write_key(frame);
  }

  void write_key(Frame& frame) {
    frame.keys.push_back(frame.key);
    separate(frame);
    append_json_string(out_, frame.key);
    out_ += ": ";
  }

  void report_twins(Frame& frame) {
    if (frame.keys.size() < 2) return;
    std::ranges::sort(frame.keys);
    for (auto at = std::ranges::adjacent_find(frame.keys); at != frame.keys.end();) {
      frame.key = *at;
      frame.has_text_key = true;
      lose(Loss::kDuplicateKey, quote(*at));
      at = std::find_if(at, frame.keys.end(), [at](std::string_view other) { return other != *at; });
      at = std::adjacent_find(at, frame.keys.end());
    }
  }

  // --- Errors and losses ----------------------------------------------------------------------------------------------------------

  void fail_too_many() {
    fail("more values to write than the limit output-nodes=" + std::to_string(options_.limits.output_nodes) +
         "; shared values are written wherever they stand");
  }

  void fail(std::string message) {
    if (!error_) error_ = Error{.code = ErrorCode::kLimit, .message = std::move(message), .where = path()};
  }

  void lose(Loss loss, std::string_view detail = {}) {
    losses_.add(loss, [this] { return path(); }, detail);
  }

  // Of the value that is written now. The middle of a long path is left out.
  std::string path() const {
    constexpr std::size_t kMostSteps = 16;
    std::string path = "$";
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      if (frames_.size() > 2 * kMostSteps && i == kMostSteps) {
        i = frames_.size() - kMostSteps;
        path += "...";
      }
      const Frame& frame = frames_[i];
      if (!frame.has_member) continue;
      if (frame.end == ']') append_index(path, frame.index);
      else if (frame.has_text_key) append_name(path, frame.key);
      else path += "[" + std::string(frame.key.substr(0, 80)) + "]";
    }
    return path;
  }

  const PlainJsonOptions& options_;
  std::string out_;
  Losses losses_;
  std::optional<Error> error_;
  std::uint64_t nodes_ = 0;
  std::deque<Frame> frames_;                // members point into themselves
  std::unordered_set<std::uint64_t> open_;  // identities of what is being written
};

}  // namespace

Result<PlainJson> to_plain_json(const Value& root, const PlainJsonOptions& options) {
  return PlainWriter(options).run(root);
}

}  // namespace cppickle
