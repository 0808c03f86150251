// The builder that judges: the machine's steps become symbols and events, and each event is compared with the packs.
#ifndef CPPICKLE_SCAN_SCAN_BUILDER_H_
#define CPPICKLE_SCAN_SCAN_BUILDER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/arena.h"
#include "base/utf8.h"
#include "pickle/argument.h"
#include "pickle/memo_index.h"
#include "pickle/opcode_reader.h"
#include "scan/event_log.h"
#include "scan/findings.h"
#include "scan/int_hashes.h"
#include "scan/judge.h"
#include "scan/names.h"
#include "scan/symbol.h"
#include "scan/torch_storages.h"

namespace cppickle::scanning {

// What the pickles of one stream share.
struct StreamState {
  StreamState(Names& all_names, Findings& all_findings, const std::uint8_t* end, std::uint64_t budget)
      : names(all_names), findings(all_findings), judge(all_names, end, budget), most_key(budget) {}

  Names& names;
  Findings& findings;
  Judge judge;
  Arena arena;
  std::uint64_t most_key;  // of the memo that picklers use: they number entries, and each takes a byte
  MemoIndex memo_keys;
  IntHashes key_hashes;
  GrowingArray<Symbol> memo;
  std::string where;
  const Storages* storages = nullptr;  // what its persistent ids may name; null: nothing
  EventLog* events = nullptr;
  std::uint64_t event_count = 0;
  std::uint64_t act_count = 0;  // events that are more than naming something
  // The numbers of findings by rule, use, subject and reason: a stream may give the same one millions of times.
  using Accusation = std::tuple<const char*, Use, std::uint64_t, const char*>;
  std::map<Accusation, std::size_t> accusations;
  std::uint64_t array_bytes = 0;             // raw data between instructions
  std::vector<std::string_view> candidates;  // bytes and texts that may be, or hold, pickles
};

class ScanBuilder {
 public:
  using Value = Symbol;
  static constexpr bool kDropsRemains = true;

  ScanBuilder(StreamState& stream, OpcodeReader& reader, const Limits& limits, std::uint64_t nesting)
      : stream_(stream), reader_(reader), limits_(limits), nesting_(nesting) {}

  template <Opcode kOp>
  bool leaf(const Instruction& in, Symbol& out) {
    constexpr Kind kKind = kind_of(kOp);
    if constexpr (kOp == Opcode::EMPTY_LIST || kOp == Opcode::EMPTY_DICT || kOp == Opcode::EMPTY_SET) {
      out = new_container(kKind);
    } else if constexpr (kOp == Opcode::EMPTY_TUPLE) {
      out = Symbol(Kind::kTuple, std::uint64_t{0});
    } else if constexpr (kOp == Opcode::GLOBAL) {
      if (!check_argument(in, reader_)) return false;
      const auto [module, qualname] = line_pair(in.argument, in.end);
      out = import(in, module, qualname);
    } else if constexpr (kOp == Opcode::PERSID) {
      if (!check_argument(in, reader_)) return false;
      out = persistent(in, {});
    } else if constexpr (kOp == Opcode::NEXT_BUFFER) {
      out = outside_buffer(in);
    } else if constexpr (kOp == Opcode::EXT1 || kOp == Opcode::EXT2 || kOp == Opcode::EXT4) {
      return extension(in, out);
    } else {
      constexpr bool kIsText =
          kOp == Opcode::SHORT_BINUNICODE || kOp == Opcode::BINUNICODE || kOp == Opcode::BINUNICODE8;
      if constexpr (kIsText) {
        const std::string_view text = payload(kOp, in.argument, in.end);
        if (!is_utf8_inline(text) && !check_argument(in, reader_)) return false;
        if (text.starts_with("gA")) [[unlikely]] stream_.candidates.push_back(text);  // perhaps in base64
      } else if constexpr (kOp == Opcode::INT || kOp == Opcode::LONG || kOp == Opcode::FLOAT ||
                           kOp == Opcode::STRING || kOp == Opcode::UNICODE) {
        if (!check_argument(in, reader_)) return false;
      } else if constexpr (kKind == Kind::kBytes || kKind == Kind::kByteString || kOp == Opcode::BYTEARRAY8) {
        look_inside(payload(kOp, in.argument, in.end));
      }
      out = Symbol(kOp == Opcode::INT && is_text_bool(line(in)) ? Kind::kBool : kKind, in.begin);
    }
    return true;
  }

  template <Opcode kOp>
  bool make(const Instruction& in, std::span<Symbol> taken, Symbol& out) {
    if constexpr (kOp == Opcode::TUPLE || kOp == Opcode::TUPLE1 || kOp == Opcode::TUPLE2 || kOp == Opcode::TUPLE3) {
      return make_tuple(in, taken, out);
    } else if constexpr (kOp == Opcode::LIST) {
      out = new_container(Kind::kList);
      return extend(in, out, taken);
    } else if constexpr (kOp == Opcode::DICT) {
      out = new_container(Kind::kDict);
      return set_items(in, out, taken);
    } else if constexpr (kOp == Opcode::FROZENSET) {
      out = new_container(Kind::kFrozenSet);
      return add_members(in, out, taken);
    } else if constexpr (kOp == Opcode::STACK_GLOBAL) {
      return stack_global(in, taken[0], taken[1], out);
    } else if constexpr (kOp == Opcode::REDUCE) {
      return reduce(in, taken[0], taken[1], Use::kCall, out);
    } else if constexpr (kOp == Opcode::NEWOBJ) {
      return reduce(in, taken[0], taken[1], Use::kNew, out);
    } else if constexpr (kOp == Opcode::NEWOBJ_EX) {
      return new_object_ex(in, taken[0], taken[1], taken[2], out);
    } else if constexpr (kOp == Opcode::OBJ) {
      return instance(in, taken[0], taken.subspan(1), out);
    } else if constexpr (kOp == Opcode::INST) {
      if (!check_argument(in, reader_)) return false;
      const auto [module, qualname] = line_pair(in.argument, in.end);
      return instance(in, import(in, module, qualname), taken, out);
    } else if constexpr (kOp == Opcode::BINPERSID) {
      out = persistent(in, taken[0]);
      return true;
    } else {  // READONLY_BUFFER
      out = taken[0];
      return true;
    }
  }

  template <Opcode kOp>
  bool apply(const Instruction& in, Symbol& target, std::span<Symbol> taken) {
    if constexpr (kOp == Opcode::APPEND || kOp == Opcode::APPENDS) {
      return append(in, target, taken, kOp == Opcode::APPENDS);
    } else if constexpr (kOp == Opcode::SETITEM || kOp == Opcode::SETITEMS) {
      return put_items(in, target, taken);
    } else if constexpr (kOp == Opcode::ADDITEMS) {
      return add_items(in, target, taken);
    } else {
      return build(in, target, taken[0]);
    }
  }

  template <Opcode kOp>
  bool put(const Instruction& in, Symbol& target) {
    std::uint64_t key = 0;
    if constexpr (kOp == Opcode::PUT) {
      if (!check_argument(in, reader_)) return false;
      parse_index(line(in), key);
    }
    if constexpr (kOp == Opcode::BINPUT) key = in.argument[0];
    if constexpr (kOp == Opcode::LONG_BINPUT) key = OpcodeReader::load_u4(in.argument);
    if constexpr (kOp == Opcode::MEMOIZE) key = stream_.memo_keys.size();
    if (stream_.memo.size() >= limits_.memo || stream_.memo.size() >= MemoIndex::kNone) [[unlikely]] return too_many(in);
    if (key > stream_.most_key) [[unlikely]] sparse_key(in);
    stream_.memo_keys.put(key, static_cast<std::uint32_t>(stream_.memo.size()));
    stream_.memo.push_back(target);
    return true;
  }

  template <Opcode kOp>
  bool get(const Instruction& in, Symbol& out) {
    std::uint64_t key = 0;
    if constexpr (kOp == Opcode::GET) {
      if (!check_argument(in, reader_)) return false;
      parse_index(line(in), key);
    }
    if constexpr (kOp == Opcode::BINGET) key = in.argument[0];
    if constexpr (kOp == Opcode::LONG_BINGET) key = OpcodeReader::load_u4(in.argument);
    const std::uint32_t entry = stream_.memo_keys.find(key);
    if (entry == MemoIndex::kNone) [[unlikely]] return never_put(in, key);
    out = stream_.memo[entry];
    return true;
  }

  bool duplicate(const Instruction&, Symbol& top, Symbol& out) {
    out = top;
    return true;
  }
  bool discard(const Instruction&, std::span<Symbol>, bool, Symbol*, Symbol&) { return true; }
  bool prefix(Symbol, Symbol&) { return true; }
  bool after_build(const Instruction& in, Symbol& target) { return !saw_wrapper_ || inline_array(in, target); }
  bool protocol(const Instruction& in);
  bool finish(const Instruction& in, Symbol root, std::span<Symbol> left);
  static Symbol open_mark() { return Symbol(Kind::kMark, std::uint64_t{0}); }

 private:
  static constexpr Kind kind_of(Opcode opcode) {
    switch (opcode) {
      case Opcode::NONE: return Kind::kNone;
      case Opcode::NEWTRUE:
      case Opcode::NEWFALSE: return Kind::kBool;
      case Opcode::INT:
      case Opcode::LONG:
      case Opcode::LONG1:
      case Opcode::LONG4:
      case Opcode::BININT:
      case Opcode::BININT1:
      case Opcode::BININT2: return Kind::kInt;
      case Opcode::FLOAT:
      case Opcode::BINFLOAT: return Kind::kFloat;
      case Opcode::UNICODE:
      case Opcode::SHORT_BINUNICODE:
      case Opcode::BINUNICODE:
      case Opcode::BINUNICODE8: return Kind::kText;
      case Opcode::STRING:
      case Opcode::BINSTRING:
      case Opcode::SHORT_BINSTRING: return Kind::kByteString;
      case Opcode::BINBYTES:
      case Opcode::SHORT_BINBYTES:
      case Opcode::BINBYTES8: return Kind::kBytes;
      case Opcode::BYTEARRAY8:
      case Opcode::NEXT_BUFFER: return Kind::kByteArray;
      case Opcode::EMPTY_LIST: return Kind::kList;
      case Opcode::EMPTY_DICT: return Kind::kDict;
      case Opcode::EMPTY_SET: return Kind::kSet;
      default: return Kind::kNothing;
    }
  }
  static std::string_view line(const Instruction& in) { return payload(in.opcode, in.argument, in.end); }

  // A pickle in bytes is looked at afterwards. What cannot begin one is not worth a note.
  void look_inside(std::string_view bytes) {
    if (bytes.size() < 4 || bytes.back() != '.') return;
    if ((bytes[0] == '\x80' && bytes[1] <= kHighestProtocol) || std::string_view("c(i]}").find(bytes[0]) != std::string_view::npos) {
      stream_.candidates.push_back(bytes);
    }
  }

  // Names, calls, states: scan_calls.cc
  Symbol import(const Instruction& in, std::string_view module, std::string_view qualname);
  bool stack_global(const Instruction& in, Symbol module, Symbol qualname, Symbol& out);
  bool reduce(const Instruction& in, Symbol callee, Symbol arguments, Use use, Symbol& out);
  bool new_object_ex(const Instruction& in, Symbol type, Symbol arguments, Symbol keywords, Symbol& out);
  bool instance(const Instruction& in, Symbol type, std::span<const Symbol> arguments, Symbol& out);
  bool call(const Instruction& in, Symbol callee, std::span<const Symbol> arguments, Use use, Symbol& out);
  bool accepts(const Entry& entry, Use use, const Symbol& subject, std::span<const Symbol> arguments);
  Symbol made(const Instruction& in, const Entry& entry, std::span<const Symbol> arguments);
  Symbol attribute(const Instruction& in, const Entry& entry, std::span<const Symbol> arguments);
  bool call_partial(const Instruction& in, const Object& partial, std::span<const Symbol> arguments, Symbol& out);
  Symbol new_object(const Instruction& in, const Entry* entry, std::span<const Symbol> arguments);
  bool build(const Instruction& in, Symbol& target, Symbol state);
  bool has_plain_version(const Object& object, Symbol state);
  Symbol persistent(const Instruction& in, Symbol id);
  std::optional<Symbol> torch_storage(const Instruction& in, Symbol id);
  Symbol outside_buffer(const Instruction& in);
  bool extension(const Instruction& in, Symbol& out);
  static std::uint32_t extension_code(const Instruction& in);
  bool inline_array(const Instruction& in, Symbol& target);
  bool raw_array(const Instruction& in, std::uint64_t bytes, bool is_padded);
  bool nested_pickle(const Instruction& in);

  // Containers: scan_containers.cc
  Symbol new_container(Kind kind);
  bool make_tuple(const Instruction& in, std::span<const Symbol> items, Symbol& out);
  bool append(const Instruction& in, Symbol target, std::span<const Symbol> items, bool is_many);
  bool put_items(const Instruction& in, Symbol target, std::span<const Symbol> pairs);
  bool add_items(const Instruction& in, Symbol target, std::span<const Symbol> members);
  bool extend(const Instruction& in, Symbol list, std::span<const Symbol> items);
  bool set_items(const Instruction& in, Symbol dict, std::span<const Symbol> pairs);
  bool add_members(const Instruction& in, Symbol set, std::span<const Symbol> members);
  bool give_items(const Instruction& in, Symbol target, std::span<const Symbol> items, bool are_pairs);
  Container& contents_of(const Instruction& in, Symbol container);
  Symbol* room_for(Container& contents, std::uint32_t count);
  bool check_key(const Instruction& in, Symbol key);
  bool check_number_key(const Instruction& in, Symbol key);
  void sparse_key(const Instruction& in);
  void place(const Instruction& in, Symbol value);

  // Reports: scan_reports.cc
  void note(Use use, Symbol subject, const Instruction& in);
  void use_name(Symbol name, Use use, std::span<const Symbol> arguments, const Instruction& in);
  void accuse_name(Symbol name, Use use, std::span<const Symbol> arguments, const Instruction& in);
  void refuse(std::string_view rule, Use use, Symbol subject, std::span<const Symbol> arguments,
              std::string_view reason, const Instruction& in);
  bool bad_operand(const Instruction& in, std::string_view what, Symbol value);
  bool too_many(const Instruction& in);
  bool never_put(const Instruction& in, std::uint64_t key);

  StreamState& stream_;
  OpcodeReader& reader_;
  const Limits& limits_;
  std::uint64_t nesting_;
  int protocol_ = 0;
  bool saw_wrapper_ = false;
};

// Runs one pickle from the reader's position to its STOP.
bool scan_pickle(StreamState& stream, OpcodeReader& reader, const Limits& limits, std::uint64_t nesting);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_SCAN_BUILDER_H_
