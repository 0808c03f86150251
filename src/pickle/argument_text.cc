#include "pickle/argument_text.h"

#include <bit>
#include <utility>

#include "base/utf8.h"
#include "pickle/argument.h"
#include "pickle/python_repr.h"

namespace cppickle {
namespace {

constexpr std::size_t kNumberRoom = 40;

// Digits as int() would print them.
bool is_plain_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text[0] == '0') return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

std::string_view argument_of(const Instruction& in) { return payload(in.opcode, in.argument, in.end); }

void write_unsigned(TextBuffer& out, std::uint64_t value) { out.commit(write_decimal(out.room(kNumberRoom), value)); }
void write_float(TextBuffer& out, double value) { out.commit(write_float_repr(out.room(kNumberRoom), value)); }

double load_float(const std::uint8_t* p) {
  return std::bit_cast<double>(__builtin_bswap64(OpcodeReader::load_u8(p)));
}

}  // namespace

bool ArgumentText::read(const Instruction& in, OpcodeReader& reader) {
  switch (in.opcode) {
    case Opcode::INT:
    case Opcode::LONG: return read_integer(in, reader, argument_of(in));
    case Opcode::FLOAT:
      return parse_python_float(argument_of(in), real_) ||
             reader.fail(ErrorCode::kBadArgument, in, "text that is not a floating-point number");
    case Opcode::PUT:
    case Opcode::GET: return read_index(in, reader, argument_of(in));
    case Opcode::BINPUT:
    case Opcode::BINGET: return read_index(in.argument[0]);
    case Opcode::LONG_BINPUT:
    case Opcode::LONG_BINGET: return read_index(OpcodeReader::load_u4(in.argument));
    case Opcode::STRING: return read_quoted(in, reader, argument_of(in));
    case Opcode::GLOBAL:
    case Opcode::INST:
    case Opcode::PERSID: read_lines(in); return true;
    case Opcode::UNICODE:
      is_bytes_ = false;
      return decode_raw_unicode_escape(argument_of(in), text_) ||
             reader.fail(ErrorCode::kBadText, in, "a bad \\u escape in the text");
    case Opcode::SHORT_BINUNICODE:
    case Opcode::BINUNICODE:
    case Opcode::BINUNICODE8:
      return is_utf8(argument_of(in)) || reader.fail(ErrorCode::kBadText, in, "text that is not UTF-8");
    default: return true;
  }
}

bool ArgumentText::read_integer(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  plain_ = text;
  if (in.opcode == Opcode::INT && is_text_bool(text)) {
    plain_ = text == "01" ? "True" : "False";
    return true;
  }
  if (in.opcode == Opcode::LONG && plain_.ends_with('L')) plain_.remove_suffix(1);
  if (is_plain_decimal(plain_)) return true;
  if (!normalize_decimal(plain_, text_)) {
    return reader.fail(ErrorCode::kBadArgument, in, "text that is not a decimal number");
  }
  plain_ = text_;
  return true;
}

bool ArgumentText::read_index(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  odd_index_.clear();
  is_boolean_ = is_text_bool(text);
  if (!normalize_decimal(text, text_)) {
    return reader.fail(ErrorCode::kBadArgument, in, "text that is not a decimal number");
  }
  if (!parse_index(text_, index_)) odd_index_ = text_;
  return true;
}

bool ArgumentText::read_index(std::uint64_t index) {
  odd_index_.clear();
  is_boolean_ = false;
  index_ = index;
  return true;
}

std::string ArgumentText::index_text() const {
  if (is_boolean_) return index_ != 0 ? "True" : "False";
  return odd_index_.empty() ? std::to_string(index_) : odd_index_;
}

bool ArgumentText::read_quoted(const Instruction& in, OpcodeReader& reader, std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"') || text.back() != text.front()) {
    return reader.fail(ErrorCode::kBadArgument, in, "a string that is not in quotes");
  }
  // A quote alone is both of its ends to pickletools.
  if (text.size() == 1) {
    text_.clear();
  } else if (!decode_string_escape(text, text_)) {
    return reader.fail(ErrorCode::kBadText, in, "a bad escape in the string");
  }
  is_bytes_ = !is_ascii(text_);
  return true;
}

// "module name": the lines joined by a blank, escapes resolved, which pickletools does though no unpickler does.
void ArgumentText::read_lines(const Instruction& in) {
  if (in.opcode == Opcode::PERSID) {
    text_ = argument_of(in);
  } else {
    const auto [module, name] = line_pair(in.argument, in.end);
    text_ = module;
    text_ += ' ';
    text_ += name;
  }
  if (text_.find('\\') != std::string::npos) {
    std::string decoded;
    if (decode_string_escape("'" + text_ + "'", decoded)) text_ = std::move(decoded);
  }
  is_bytes_ = !is_utf8(text_);
}

void ArgumentText::write_text(TextBuffer& out) const {
  if (is_bytes_) return append_bytes_repr(out, text_);
  append_text_repr(out, text_);
}

void ArgumentText::write(const Instruction& in, TextBuffer& out) {
  switch (in.opcode) {
    case Opcode::INT:
    case Opcode::LONG: return out.append(plain_);
    case Opcode::PUT:
    case Opcode::GET: return out.append(index_text());
    case Opcode::BINPUT:
    case Opcode::BINGET:
    case Opcode::LONG_BINPUT:
    case Opcode::LONG_BINGET: return write_unsigned(out, index_);
    case Opcode::BININT1:
    case Opcode::EXT1:
    case Opcode::PROTO: return write_unsigned(out, in.argument[0]);
    case Opcode::BININT2:
    case Opcode::EXT2: return write_unsigned(out, OpcodeReader::load_u2(in.argument));
    case Opcode::BININT:
    case Opcode::EXT4: {
      const auto value = static_cast<std::int32_t>(OpcodeReader::load_u4(in.argument));
      return out.commit(write_decimal(out.room(kNumberRoom), std::int64_t{value}));
    }
    case Opcode::FRAME: return write_unsigned(out, OpcodeReader::load_u8(in.argument));
    case Opcode::LONG1:
    case Opcode::LONG4: return out.append(integer_text(argument_of(in), decimals_));
    case Opcode::FLOAT: return write_float(out, real_);
    case Opcode::BINFLOAT: return write_float(out, load_float(in.argument));
    case Opcode::STRING:
    case Opcode::UNICODE:
    case Opcode::GLOBAL:
    case Opcode::INST:
    case Opcode::PERSID: return write_text(out);
    case Opcode::BINSTRING:
    case Opcode::SHORT_BINSTRING: return append_latin1_repr(out, argument_of(in));
    case Opcode::SHORT_BINUNICODE:
    case Opcode::BINUNICODE:
    case Opcode::BINUNICODE8: append_text_repr(out, argument_of(in)); return;
    case Opcode::SHORT_BINBYTES:
    case Opcode::BINBYTES:
    case Opcode::BINBYTES8: return append_bytes_repr(out, argument_of(in));
    case Opcode::BYTEARRAY8: return append_bytearray_repr(out, argument_of(in));
    default: return;
  }
}

}  // namespace cppickle
