#include "pickle/encoder.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace cppickle {
namespace {

void append_hex(std::string& out, const char* prefix, std::uint32_t value, int digits) {
  out += prefix;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

// raw_unicode_escape() of _pickle.c: Latin-1 as it is; backslash, NUL, newline, carriage return and Ctrl-Z escaped.
std::string raw_unicode_escape(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::uint32_t c = next_code_point(utf8, i);
    if (c >= 0x10000) {
      append_hex(out, "\\U", c, 8);
    } else if (c >= 0x100 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1A) {
      append_hex(out, "\\u", c, 4);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

// repr() of a Python 2 str.
std::string string_repr(std::string_view bytes) {
  const bool double_quotes = bytes.find('\'') != std::string_view::npos && bytes.find('"') == std::string_view::npos;
  const char quote = double_quotes ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : bytes) {
    if (c == quote || c == '\\') (out += '\\') += c;
    else if (c == '\t') out += "\\t";
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c < ' ' || c >= 0x7F) append_hex(out, "\\x", static_cast<unsigned char>(c), 2);
    else out += c;
  }
  return out + quote;
}

}  // namespace

std::string repr_of(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* from = digits + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, end, exponent);
  // repr uses the exponent form from 1e16 on and below 1e-4 (float_repr: format code 'r').
  if (exponent < -4 || exponent >= 16) {
    std::string out(text.substr(0, e));
    out += exponent < 0 ? "e-" : "e+";
    const int magnitude = exponent < 0 ? -exponent : exponent;
    if (magnitude < 10) out += '0';
    return out + std::to_string(magnitude);
  }
  const auto fixed = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed).ptr;
  std::string out(digits, fixed);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

void Encoder::begin() {
  if (protocol_ < 2) return;
  if (!automatic_) return op(Opcode::PROTO, std::string(1, static_cast<char>(protocol_)));
  out_ += static_cast<char>(Opcode::PROTO);
  out_ += static_cast<char>(protocol_);
  ++count_;
}

void Encoder::finish() {
  op(Opcode::STOP);
  if (frame_ != kNoFrame) close_frame();
}

void Encoder::open_frame() {
  if (automatic_) {
    frame_ = out_.size();
    out_.append(kFrameHeader, '\0');
    return;
  }
  while (planned_ < plan_.size() && plan_[planned_].first == count_) {
    frame_ = out_.size();
    out_.append(kFrameHeader, '\0');
    if (plan_[planned_].count != 0) return;
    close_frame();
  }
}

void Encoder::close_frame() {
  const std::uint64_t length = out_.size() - frame_ - kFrameHeader;
  if (automatic_ && length < kFrameLeast) {
    out_.erase(frame_, kFrameHeader);
  } else {
    out_[frame_] = static_cast<char>(Opcode::FRAME);
    std::memcpy(&out_[frame_ + 1], &length, sizeof length);
  }
  frame_ = kNoFrame;
  ++planned_;
}

void Encoder::later_proto() {
  const char version = static_cast<char>(later_protos_.front().second);
  later_protos_ = later_protos_.subspan(1);
  op(Opcode::PROTO, {&version, 1});
  if (frame_ == kNoFrame) open_frame();
}

void Encoder::op(Opcode opcode, std::string_view argument) {
  const bool unframed = automatic_ && argument.size() >= kFrameTarget;
  if (unframed) {
    if (frame_ != kNoFrame) close_frame();
    out_ += static_cast<char>(opcode);
  } else {
    start(opcode);
  }
  out_ += argument;
  done();
}

void Encoder::counted(Opcode opcode, std::string_view payload, int count_bytes) {
  // A large payload is written without a frame around it (CPython 3.7 and later, bpo-31993).
  const bool unframed = automatic_ && payload.size() >= kFrameTarget;
  if (unframed) {
    if (frame_ != kNoFrame) close_frame();
    out_ += static_cast<char>(opcode);
  } else {
    start(opcode);
  }
  const std::uint64_t count = payload.size();
  out_.append(reinterpret_cast<const char*>(&count), static_cast<std::size_t>(count_bytes));
  out_ += payload;
  done();
}

void Encoder::lines(Opcode opcode, std::string_view first, std::string_view second) {
  start(opcode);
  ((out_ += first) += '\n') += second;
  out_ += '\n';
  done();
}

void Encoder::line(Opcode opcode, std::string_view text) {
  start(opcode);
  (out_ += text) += '\n';
  done();
}

void Encoder::boolean(bool value) {
  if (protocol_ >= 2) return op(value ? Opcode::NEWTRUE : Opcode::NEWFALSE);
  line(Opcode::INT, value ? "01" : "00");
}

void Encoder::integer(std::int64_t value) {
  if (value < INT32_MIN || value > INT32_MAX) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &value, 8);
    const char sign = value < 0 ? '\xFF' : '\0';
    while (bytes.back() == sign && ((bytes[bytes.size() - 2] ^ sign) & 0x80) == 0) bytes.pop_back();
    return big_integer(bytes, std::to_string(value));
  }
  if (protocol_ == 0) return line(Opcode::INT, std::to_string(value));
  if (value >= 0 && value < 256) {
    start(Opcode::BININT1);
    number(static_cast<std::uint8_t>(value));
  } else if (value >= 0 && value < 65536) {
    start(Opcode::BININT2);
    number(static_cast<std::uint16_t>(value));
  } else {
    start(Opcode::BININT);
    number(static_cast<std::int32_t>(value));
  }
  done();
}

void Encoder::big_integer(std::string_view little_endian, std::string_view decimal) {
  if (protocol_ < 2) return line(Opcode::LONG, std::string(decimal) + "L");
  if (little_endian.size() < 256) return counted(Opcode::LONG1, little_endian, 1);
  counted(Opcode::LONG4, little_endian, 4);
}

void Encoder::real(double value) {
  if (protocol_ == 0) return line(Opcode::FLOAT, repr_of(value));
  start(Opcode::BINFLOAT);
  number(__builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
  done();
}

void Encoder::text(std::string_view utf8) {
  if (protocol_ == 0) return line(Opcode::UNICODE, raw_unicode_escape(utf8));
  if (utf8.size() < 256 && protocol_ >= 4) return counted(Opcode::SHORT_BINUNICODE, utf8, 1);
  if (utf8.size() <= 0xFFFFFFFF) return counted(Opcode::BINUNICODE, utf8, 4);
  counted(Opcode::BINUNICODE8, utf8, 8);
}

void Encoder::bytes(std::string_view value) {
  if (value.size() < 256) return counted(Opcode::SHORT_BINBYTES, value, 1);
  if (value.size() <= 0xFFFFFFFF) return counted(Opcode::BINBYTES, value, 4);
  counted(Opcode::BINBYTES8, value, 8);
}

void Encoder::bytearray(std::string_view value) { counted(Opcode::BYTEARRAY8, value, 8); }

void Encoder::byte_string(std::string_view value) {
  if (protocol_ == 0) return line(Opcode::STRING, string_repr(value));
  if (value.size() < 256) return counted(Opcode::SHORT_BINSTRING, value, 1);
  counted(Opcode::BINSTRING, value, 4);
}

void Encoder::empty_tuple() {
  if (protocol_ >= 1) return op(Opcode::EMPTY_TUPLE);
  op(Opcode::MARK);
  op(Opcode::TUPLE);
}

std::uint64_t Encoder::put() {
  const std::uint64_t key = next_key_;
  put(protocol_ >= 4 ? Opcode::MEMOIZE : protocol_ == 0 ? Opcode::PUT : key < 256 ? Opcode::BINPUT : Opcode::LONG_BINPUT,
      key);
  return key;
}

void Encoder::put(Opcode opcode, std::uint64_t key) {
  ++next_key_;
  if (opcode == Opcode::PUT) return line(opcode, std::to_string(key));
  start(opcode);
  if (opcode == Opcode::BINPUT) number(static_cast<std::uint8_t>(key));
  if (opcode == Opcode::LONG_BINPUT) number(static_cast<std::uint32_t>(key));
  done();
}

void Encoder::get(std::uint64_t key) {
  get(protocol_ == 0 ? Opcode::GET : key < 256 ? Opcode::BINGET : Opcode::LONG_BINGET, key);
}

void Encoder::get(Opcode opcode, std::uint64_t key) {
  if (opcode == Opcode::GET) return line(opcode, std::to_string(key));
  start(opcode);
  if (opcode == Opcode::BINGET) number(static_cast<std::uint8_t>(key));
  if (opcode == Opcode::LONG_BINGET) number(static_cast<std::uint32_t>(key));
  done();
}

void Encoder::raw(std::string_view bytes) {
  if (frame_ != kNoFrame && automatic_) close_frame();
  out_ += bytes;
}

}  // namespace cppickle
