// Python values to instructions, by way of the Encoder.
#include "cppickle/writer.h"

#include <array>
#include <bit>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "document/python_time.h"
#include "pickle/compat_names.h"
#include "pickle/encoder.h"

namespace cppickle {
namespace {

constexpr std::size_t kDepth = 1000;
constexpr std::uint64_t kBatch = 1000;  // BATCHSIZE of _pickle.c

}  // namespace

struct Writer::State {
  enum class Kind : std::uint8_t { kList, kDict, kSet, kSetCall, kTuple, kCall };

  struct Open {
    Kind kind;
    std::uint64_t count;       // of a tuple or call: members to come
    std::uint64_t written = 0;
    bool in_batch = false;
    std::string_view name = {};  // of a dict: the last name
  };

  // A name's memo key, found by where the text lies before by what it says.
  struct KnownName {
    const char* data = nullptr;
    std::size_t size = 0;
    std::uint64_t key = 0;
  };

  explicit State(int protocol) : encoder(out, protocol) {}

  std::string out;
  Encoder encoder;
  std::vector<Open> open;
  std::array<KnownName, 64> recent_names;
  std::unordered_map<std::string_view, std::uint64_t> names;
  std::map<std::string, std::uint64_t, std::less<>> globals;
  std::optional<Error> error;
  bool has_root = false;

  bool has_batches() const { return encoder.protocol() >= 1; }

  // Before each value. False after an error.
  bool begin_value() {
    if (error) [[unlikely]] return false;
    encoder.boundary();
    if (open.empty()) return begin_root();
    Open& top = open.back();
    if (top.kind == Kind::kTuple || top.kind == Kind::kCall) {
      return top.written++ < top.count || fail(ErrorCode::kUnsupported, "more members than were announced");
    }
    const std::uint64_t batch = (top.kind == Kind::kDict ? 2 : 1) * (has_batches() ? kBatch : 1);
    if (top.in_batch && top.written % batch == 0) close_batch(top);
    if (!top.in_batch) {
      if (has_batches()) encoder.op(Opcode::MARK);
      top.in_batch = true;
    }
    ++top.written;
    return true;
  }

  bool begin_root() {
    if (has_root) return fail(ErrorCode::kUnsupported, "a second value");
    has_root = true;
    return true;
  }

  void close_batch(Open& top) {
    if (top.kind == Kind::kDict) {
      encoder.op(has_batches() ? Opcode::SETITEMS : Opcode::SETITEM);
    } else if (top.kind == Kind::kSet) {
      encoder.op(Opcode::ADDITEMS);
    } else {
      encoder.op(has_batches() ? Opcode::APPENDS : Opcode::APPEND);
    }
    top.in_batch = false;
  }

  bool begin(Kind kind, std::uint64_t count = 0) {
    if (open.size() >= kDepth) return fail(ErrorCode::kLimit, "more than 1000 containers inside one another");
    open.push_back({kind, count});
    return true;
  }

  std::string path() const {
    std::string text = "$";
    for (const Open& at : open) {
      if (at.kind == Kind::kDict && !at.name.empty()) {
        (text += '.') += at.name;
      } else if (at.written > 0) {
        text += '[' + std::to_string(at.kind == Kind::kDict ? (at.written - 1) / 2 : at.written - 1) + ']';
      }
      if (text.size() > 400) return text + "...";
    }
    return text;
  }

  bool fail(ErrorCode code, std::string message) {
    if (!error) error = Error{code, std::move(message), Error::kNoOffset, {}, path()};
    return false;
  }

  void end() {
    if (error) return;
    if (open.empty()) return void(fail(ErrorCode::kUnsupported, "an end without a beginning"));
    Open top = open.back();
    if (top.kind == Kind::kTuple || top.kind == Kind::kCall) {
      if (top.written != top.count) return void(fail(ErrorCode::kUnsupported, "fewer members than were announced"));
      end_members(top.count);
    } else {
      if (top.kind == Kind::kDict && top.written % 2 != 0) return void(fail(ErrorCode::kUnsupported, "a key without a value"));
      if (top.in_batch) close_batch(top);
    }
    if (top.kind == Kind::kSetCall) end_members(1);
    if (top.kind == Kind::kSetCall || top.kind == Kind::kCall) encoder.op(Opcode::REDUCE);
    open.pop_back();
  }

  void empty(Opcode binary, Opcode text) {
    if (encoder.protocol() >= 1) return encoder.op(binary);
    encoder.op(Opcode::MARK);
    encoder.op(text);
  }

  // A tuple: its members are written in between.
  void begin_members(std::uint64_t count) {
    if (needs_mark(count)) encoder.op(Opcode::MARK);
  }
  void end_members(std::uint64_t count) {
    if (count == 0) return encoder.empty_tuple();
    if (needs_mark(count)) return encoder.op(Opcode::TUPLE);
    encoder.op(count == 1 ? Opcode::TUPLE1 : count == 2 ? Opcode::TUPLE2 : Opcode::TUPLE3);
  }
  bool needs_mark(std::uint64_t count) const { return count > 3 || (count > 0 && encoder.protocol() < 2); }

  void global(std::string_view module, std::string_view qualname) {
    const ImportName name = encoder.protocol() < 3 ? to_python2(module, qualname) : ImportName{module, qualname};
    std::string both(name.module);
    (both += '\n') += name.name;
    if (const auto known = globals.find(both); known != globals.end()) return encoder.get(known->second);
    if (encoder.protocol() >= 4) {
      encoder.text(name.module);
      encoder.text(name.name);
      encoder.op(Opcode::STACK_GLOBAL);
    } else {
      encoder.lines(Opcode::GLOBAL, name.module, name.name);
    }
    globals.emplace(std::move(both), encoder.put());
  }

  // Bytes as the protocol has them: below 3, what `_codecs.encode` makes of text.
  void bytes(std::string_view value) {
    if (encoder.protocol() >= 3) return encoder.bytes(value);
    if (value.empty()) {
      global("builtins", "bytes");
      encoder.empty_tuple();
    } else {
      global("_codecs", "encode");
      begin_members(2);
      encoder.text(latin1_to_utf8(value));
      encoder.text("latin1");
      end_members(2);
    }
    encoder.op(Opcode::REDUCE);
  }

  // A call with bytes as its only argument.
  void call(std::string_view module, std::string_view qualname, std::string_view argument) {
    global(module, qualname);
    begin_members(1);
    bytes(argument);
    end_members(1);
    encoder.op(Opcode::REDUCE);
  }

  // numpy.dtype('f8', False, True) and its state (3, '<', None, None, None, -1, -1, 0), as numpy writes it.
  void dtype(NumberType type) {
    const char order = type.bytes == 1 ? '|' : std::endian::native == std::endian::little ? '<' : '>';
    global("numpy", "dtype");
    begin_members(3);
    encoder.text(type.kind + std::to_string(type.bytes));
    encoder.boolean(false);
    encoder.boolean(true);
    end_members(3);
    encoder.op(Opcode::REDUCE);
    begin_members(8);
    encoder.integer(3);
    encoder.text({&order, 1});
    for (int i = 0; i < 3; ++i) encoder.none();
    for (const std::int64_t value : {-1, -1, 0}) encoder.integer(value);
    end_members(8);
    encoder.op(Opcode::BUILD);
  }
};

Writer::Writer(int protocol) : state_(std::make_unique<State>(protocol)) {
  if (protocol < 0 || protocol > 5) {
    state_->fail(ErrorCode::kBadProtocol, "protocol " + std::to_string(protocol) + " is none of 0 to 5");
  } else {
    state_->encoder.begin();
  }
}
Writer::~Writer() = default;

void Writer::none() {
  if (state_->begin_value()) state_->encoder.none();
}

void Writer::boolean(bool value) {
  if (state_->begin_value()) state_->encoder.boolean(value);
}

void Writer::integer(std::int64_t value) {
  if (state_->begin_value()) state_->encoder.integer(value);
}

void Writer::integer(std::uint64_t value) {
  if (value <= INT64_MAX) return integer(static_cast<std::int64_t>(value));
  char bytes[9] = {};
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> 8 * i & 0xFF);
  if (state_->begin_value()) state_->encoder.big_integer({bytes, sizeof bytes}, std::to_string(value));
}

void Writer::real(double value) {
  if (state_->begin_value()) state_->encoder.real(value);
}

void Writer::text(std::string_view utf8) {
  if (!state_->begin_value()) return;
  if (!is_utf8(utf8)) return fail(ErrorCode::kBadText, "a string that is not UTF-8; bytes are std::vector<std::byte>");
  state_->encoder.text(utf8);
}

void Writer::bytes(std::string_view value) {
  if (state_->begin_value()) state_->bytes(value);
}

void Writer::name(std::string_view utf8) {
  State& state = *state_;
  if (!state.begin_value()) return;
  if (!state.open.empty()) state.open.back().name = utf8;
  const auto at = reinterpret_cast<std::uintptr_t>(utf8.data());
  State::KnownName& recent = state.recent_names[(at ^ at >> 6) % state.recent_names.size()];
  if (recent.data == utf8.data() && recent.size == utf8.size()) return state.encoder.get(recent.key);
  if (const auto known = state.names.find(utf8); known != state.names.end()) {
    recent = {utf8.data(), utf8.size(), known->second};
    return state.encoder.get(known->second);
  }
  if (!is_utf8(utf8)) return fail(ErrorCode::kBadText, "a name that is not UTF-8");
  state.encoder.text(utf8);
  recent = {utf8.data(), utf8.size(), state.encoder.put()};
  state.names.emplace(utf8, recent.key);
}

bool Writer::begin_list() {
  if (!state_->begin_value()) return false;
  state_->empty(Opcode::EMPTY_LIST, Opcode::LIST);
  return state_->begin(State::Kind::kList);
}

bool Writer::begin_dict() {
  if (!state_->begin_value()) return false;
  state_->empty(Opcode::EMPTY_DICT, Opcode::DICT);
  return state_->begin(State::Kind::kDict);
}

bool Writer::begin_set() {
  State& state = *state_;
  if (!state.begin_value()) return false;
  if (state.encoder.protocol() >= 4) {
    state.encoder.op(Opcode::EMPTY_SET);
    return state.begin(State::Kind::kSet);
  }
  state.global("builtins", "set");
  state.begin_members(1);
  state.empty(Opcode::EMPTY_LIST, Opcode::LIST);
  return state.begin(State::Kind::kSetCall);
}

bool Writer::begin_tuple(std::uint64_t count) {
  if (!state_->begin_value()) return false;
  state_->begin_members(count);
  return state_->begin(State::Kind::kTuple, count);
}

bool Writer::begin_call(std::string_view module, std::string_view qualname, std::uint64_t count) {
  if (!state_->begin_value()) return false;
  state_->global(module, qualname);
  state_->begin_members(count);
  return state_->begin(State::Kind::kCall, count);
}

void Writer::end() { state_->end(); }

void Writer::date(std::int64_t days) {
  constexpr std::int64_t kDay = 86'400'000'000;
  if (!state_->begin_value()) return;
  const auto bytes = days > INT64_MIN / kDay && days < INT64_MAX / kDay ? datetime_bytes(days * kDay) : std::nullopt;
  if (!bytes) return fail(ErrorCode::kUnsupported, "a date outside the years 1 to 9999");
  state_->call("datetime", "date", {bytes->data(), 4});
}

void Writer::time_point(std::int64_t microseconds) {
  if (!state_->begin_value()) return;
  const auto bytes = datetime_bytes(microseconds);
  if (!bytes) return fail(ErrorCode::kUnsupported, "a time outside the years 1 to 9999");
  state_->call("datetime", "datetime", {bytes->data(), bytes->size()});
}

void Writer::duration(std::int64_t microseconds) {
  constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
  if (!begin_call("datetime", "timedelta", 3)) return;
  const bool before = microseconds % kDay < 0;  // the rest is never negative
  const std::int64_t days = microseconds / kDay - (before ? 1 : 0);
  const std::int64_t rest = microseconds % kDay + (before ? kDay : 0);
  integer(days);
  integer(rest / kSecond);
  integer(rest % kSecond);
  end();
}

void Writer::array(NumberType type, std::span<const std::uint64_t> shape, std::string_view data) {
  State& state = *state_;
  Encoder& encoder = state.encoder;
  if (!state.begin_value()) return;
  std::uint64_t bytes = type.bytes;
  for (const std::uint64_t length : shape) {
    if (__builtin_mul_overflow(bytes, length, &bytes)) return fail(ErrorCode::kUnsupported, "a shape that is too large");
  }
  if (bytes != data.size()) return fail(ErrorCode::kUnsupported, "a shape for another number of values");

  // numpy.core is where numpy 1 has it; numpy 2 keeps that name for pickles.
  state.global("numpy.core.multiarray", "_reconstruct");
  state.begin_members(3);
  state.global("numpy", "ndarray");
  state.begin_members(1);
  encoder.integer(0);
  state.end_members(1);
  state.bytes("b");
  state.end_members(3);
  encoder.op(Opcode::REDUCE);

  state.begin_members(5);
  encoder.integer(1);  // the version
  state.begin_members(shape.size());
  for (const std::uint64_t length : shape) encoder.integer(static_cast<std::int64_t>(length));
  state.end_members(shape.size());
  state.dtype(type);
  encoder.boolean(false);  // not in Fortran's order
  state.bytes(data);
  state.end_members(5);
  encoder.op(Opcode::BUILD);
}

void Writer::fail(ErrorCode code, std::string message) { state_->fail(code, std::move(message)); }

Result<std::string> Writer::finish() {
  State& state = *state_;
  if (!state.open.empty() || !state.has_root) fail(ErrorCode::kUnsupported, "no value, or one without its end");
  if (state.error) return std::unexpected(*state.error);
  state.encoder.finish();
  return std::move(state.out);
}

}  // namespace cppickle
