#include "cppickle/optimize.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "pickle/argument.h"
#include "pickle/instruction_scan.h"
#include "pickle/memo_keys.h"
#include "pickle/opcode_reader.h"

namespace cppickle {
namespace {

constexpr std::uint32_t kWanted = ~std::uint32_t{0};  // a GET asks for the key, and no PUT came yet
constexpr std::size_t kFrameHeader = 9;
constexpr std::size_t kFrameLeast = 4;  // _FRAME_SIZE_MIN: a shorter frame is written without its header

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// Instructions that stay as they are: all but FRAME and those of the memo.
constexpr std::array<bool, 256> make_is_kept() {
  std::array<bool, 256> kept;
  kept.fill(true);
  for (const Opcode opcode : {Opcode::FRAME, Opcode::MEMOIZE, Opcode::PUT, Opcode::BINPUT, Opcode::LONG_BINPUT,
                              Opcode::GET, Opcode::BINGET, Opcode::LONG_BINGET}) {
    kept[byte_of(opcode)] = false;
  }
  return kept;
}
constexpr std::array<bool, 256> kIsKept = make_is_kept();

// The key of PUT or GET in any form. False, with the reader's error set, where text is no key.
bool read_key(const Instruction& in, OpcodeReader& reader, std::uint64_t& key) {
  switch (info(in.opcode).argument) {
    case ArgumentKind::kU1: key = in.argument[0]; return true;
    case ArgumentKind::kU4: key = OpcodeReader::load_u4(in.argument); return true;
    default: break;
  }
  return parse_index(payload(in.opcode, in.argument, in.end), key) ||
         reader.fail(ErrorCode::kReadersDisagree, in, "a memo key that is no plain decimal number");
}

// The bytes of the answer, appended to a string, and where frames lie in them: _Framer of pickle.py, whose frames end at
// 64 KiB or before an instruction that is larger, and hold nothing but whole instructions.
class FramedBytes {
 public:
  explicit FramedBytes(std::string& out) : out_(out), size_(out.size()) {}

  void reserve(std::size_t more) { grow(more); }
  void begin_framing() {
    framing_ = true;
    open();
  }

  // How many bytes fit before the frame is closed; without bound where nothing is framed. May be negative.
  std::ptrdiff_t room_in_frame() const {
    if (!framing_) return PTRDIFF_MAX;
    return static_cast<std::ptrdiff_t>(content_ + kFrameTarget) - static_cast<std::ptrdiff_t>(size_);
  }

  // `readable_end` says how far the input can be read: short pieces are copied by fixed sizes.
  void append(const std::uint8_t* begin, const std::uint8_t* end, const std::uint8_t* readable_end) {
    constexpr std::ptrdiff_t kShort = 32;
    if (out_.size() - size_ < kShort) [[unlikely]] grow(kShort);
    if (end - begin <= kShort && readable_end - begin >= kShort) [[likely]] {
      std::memcpy(&out_[size_], begin, kShort);
      size_ += static_cast<std::size_t>(end - begin);
    } else {
      append(std::string_view(reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)));
    }
  }
  void append(std::string_view bytes) {
    if (out_.size() - size_ < bytes.size()) [[unlikely]] grow(bytes.size());
    bytes.copy(out_.data() + size_, bytes.size());
    size_ += bytes.size();
  }

  void commit() {
    if (!framing_) return;
    close();
    open();
  }
  // An instruction outside any frame.
  void append_unframed(std::string_view instruction) {
    if (framing_) close();
    append(instruction);
    if (framing_) open();
  }
  void finish() {
    if (framing_) close();
    out_.resize(size_);
  }

 private:
  void grow(std::size_t more) {
    const std::size_t wanted = std::max(size_ + more, size_ + size_ / 2);
    out_.resize_and_overwrite(wanted, [](char*, std::size_t size) { return size; });
  }
  void open() {
    append(std::string_view("\0\0\0\0\0\0\0\0\0", kFrameHeader));
    content_ = size_;
  }
  void close() {
    const std::uint64_t size = size_ - content_;
    char* const header = &out_[content_ - kFrameHeader];
    if (size < kFrameLeast) {
      std::memmove(header, header + kFrameHeader, size);
      size_ -= kFrameHeader;
      return;
    }
    header[0] = static_cast<char>(Opcode::FRAME);
    std::memcpy(header + 1, &size, sizeof size);
  }

  std::string& out_;   // longer than what was written; see finish()
  std::size_t size_;   // written so far
  bool framing_ = false;
  std::size_t content_ = 0;  // where the open frame's first instruction stands
};

// How many different keys were put: what MEMOIZE uses as its key (PEP 3154).
class PutCount {
 public:
  void add(std::uint64_t key) {
    if (others_.size() == 0 && key == in_order_) {
      ++in_order_;
    } else if (key >= in_order_) {
      others_.set(key, 1);
    }
  }
  std::uint64_t count() const { return in_order_ + others_.size(); }

 private:
  std::uint64_t in_order_ = 0;  // 0, 1, 2 ... were put
  MemoKeys others_;
};

// Two runs over the instructions. Steps return false at an error, which the reader keeps.
class Optimizer {
 public:
  Optimizer(std::string_view stream, std::string& out, const Limits& limits)
      : stream_(stream), reader_(make_reader()), bytes_(out), limits_(limits) {}

  // The size of the pickle.
  Result<std::uint64_t> run() {
    if (!look_for_gets()) return std::unexpected(reader_.error());
    const std::uint64_t size = reader_.offset(reader_.position());
    bytes_.reserve(size + size / kFrameTarget * kFrameHeader + 64);
    reader_ = make_reader();
    if (!copy()) return std::unexpected(reader_.error());
    return size;
  }

 private:
  OpcodeReader make_reader() const {
    return OpcodeReader(bytes_of(stream_), bytes_of(stream_), bytes_of(stream_) + stream_.size());
  }

  bool look_for_gets() {
    const auto look = [this](const Instruction& in, ScanClass) __attribute__((always_inline)) {
      switch (in.opcode) {
        case Opcode::PROTO: return raise_protocol(in);
        case Opcode::GET:
        case Opcode::BINGET:
        case Opcode::LONG_BINGET: return want(in);
        default: return true;
      }
    };
    return scan_instructions<Frames::kStrict>(reader_, look);
  }

  bool raise_protocol(const Instruction& in) {
    protocol_ = std::max(protocol_, int{in.argument[0]});
    return protocol_ <= kHighestProtocol ||
           reader_.fail(ErrorCode::kBadProtocol, in,
                        "protocol " + std::to_string(protocol_) + "; the highest there is is 5");
  }

  bool want(const Instruction& in) {
    std::uint64_t key;
    if (!read_key(in, reader_, key)) return false;
    protocol_ = std::max(protocol_, int{info(in.opcode).protocol});
    numbers_.set(key, kWanted);
    return numbers_.size() <= limits_.memo || too_many(in);
  }

  bool copy() {
    kept_ = reader_.position();
    if (*kept_ == byte_of(Opcode::PROTO)) {
      append_kept(kept_ + 2);
      reader_.jump(kept_);
    }
    if (protocol_ >= 4) bytes_.begin_framing();
    keep_from(kept_);
    const auto copy_one = [this](const Instruction& in, ScanClass) __attribute__((always_inline)) {
      if (!kIsKept[byte_of(in.opcode)]) return copy_other(in);
      if (in.begin >= frame_end_ || in.end - in.begin > static_cast<std::ptrdiff_t>(kFrameTarget)) [[unlikely]] {
        end_frame(in);
      }
      return true;
    };
    if (!scan_instructions<Frames::kIgnored>(reader_, copy_one)) return false;
    append_kept(reader_.position());
    bytes_.finish();
    return true;
  }

  void append_kept(const std::uint8_t* end) {
    bytes_.append(kept_, end, reader_.end());
    kept_ = end;
  }
  // What lies before `begin` is dealt with. An instruction that begins at or behind frame_end_ belongs to the next frame.
  void keep_from(const std::uint8_t* begin) {
    kept_ = begin;
    frame_end_ = begin + std::clamp<std::ptrdiff_t>(bytes_.room_in_frame(), 0, reader_.end() - begin);
  }

  // The frame is full, or the instruction is so large that it stands outside frames.
  void end_frame(const Instruction& in) {
    append_kept(in.begin);
    if (in.end - in.begin > static_cast<std::ptrdiff_t>(kFrameTarget)) {
      bytes_.append_unframed({reinterpret_cast<const char*>(in.begin), static_cast<std::size_t>(in.end - in.begin)});
      keep_from(in.end);
    } else {
      bytes_.commit();
      keep_from(in.begin);
    }
  }

  // FRAME, and whatever uses the memo.
  bool copy_other(const Instruction& in) {
    append_kept(in.begin);
    const bool good = in.opcode == Opcode::FRAME || copy_memo(in);
    keep_from(in.end);
    return good;
  }

  bool copy_memo(const Instruction& in) {
    std::uint64_t key = puts_.count();
    if (in.opcode != Opcode::MEMOIZE && !read_key(in, reader_, key)) return false;
    const std::uint32_t number = numbers_.find(key);
    if (is_get(in.opcode)) {
      if (number == kWanted) {
        return reader_.fail(ErrorCode::kBadMemo, in, "no entry was put under the memo key " + std::to_string(key));
      }
      write_get(number - 1);
      return true;
    }
    puts_.add(key);
    if (number == MemoKeys::kAbsent) return true;
    if (entries_ + 1 >= kWanted) return too_many(in);
    write_put(entries_++);
    numbers_.set(key, entries_);
    return true;
  }

  static bool is_get(Opcode opcode) {
    return opcode == Opcode::GET || opcode == Opcode::BINGET || opcode == Opcode::LONG_BINGET;
  }

  void write_put(std::uint32_t number) {
    if (protocol_ >= 4) return write(Opcode::MEMOIZE, {});
    write_key(number, Opcode::PUT, Opcode::BINPUT, Opcode::LONG_BINPUT);
  }
  void write_get(std::uint32_t number) { write_key(number, Opcode::GET, Opcode::BINGET, Opcode::LONG_BINGET); }

  void write_key(std::uint32_t number, Opcode text, Opcode small, Opcode large) {
    if (protocol_ == 0) return write(text, std::to_string(number) + '\n');
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    write(number < 256 ? small : large, std::string_view(bytes, number < 256 ? 1 : sizeof number));
  }

  void write(Opcode opcode, std::string_view argument) {
    if (bytes_.room_in_frame() <= 0) bytes_.commit();
    const char byte = static_cast<char>(opcode);
    bytes_.append(std::string_view(&byte, 1));
    bytes_.append(argument);
  }

  bool too_many(const Instruction& in) {
    return reader_.fail(ErrorCode::kLimit, in, "limit memo: more than " + std::to_string(limits_.memo) + " entries");
  }

  std::string_view stream_;
  OpcodeReader reader_;
  FramedBytes bytes_;
  const std::uint8_t* kept_ = nullptr;  // bytes from here on are still to be appended, as they are
  const std::uint8_t* frame_end_ = nullptr;
  const Limits& limits_;
  int protocol_ = 0;
  MemoKeys numbers_;           // keys that a GET asks for: one more than their number in the answer, or kWanted
  PutCount puts_;
  std::uint32_t entries_ = 0;  // in the answer
};

}  // namespace

Result<std::uint64_t> optimize_into(std::string_view stream, std::string& out, const Limits& limits) {
  const std::size_t before = out.size();
  Result<std::uint64_t> size = Optimizer(stream, out, limits).run();
  if (!size) out.resize(before);
  return size;
}

Result<std::string> optimize(std::string_view stream, const Limits& limits) {
  std::string out;
  Result<std::uint64_t> size = optimize_into(stream, out, limits);
  if (!size) return std::unexpected(std::move(size.error()));
  return out;
}

}  // namespace cppickle
