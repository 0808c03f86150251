#include "pickle/opcode_reader.h"

#include "base/quote.h"

namespace cppickle {

bool OpcodeReader::fail(ErrorCode code, const Instruction& in, std::string message) {
  if (failed_) return false;
  failed_ = true;
  const std::string_view name = info(in.opcode).name;
  error_ = Error{code, std::move(message), offset(in.begin), name, {}};
  return false;
}

bool OpcodeReader::fail(const Error& error) {
  if (!failed_) error_ = error;
  failed_ = true;
  return false;
}

bool OpcodeReader::pass_limit() {
  if (frame_open_) {
    frame_open_ = false;
    limit_ = end_;
    frames_.back().count = count_ - frames_.back().first;
    if (position_ != limit_) return true;
  }
  if (!failed_) {
    failed_ = true;
    error_ = Error{ErrorCode::kTruncated, "the stream ends before its STOP; the file is cut short",
                   offset(position_), {}, {}};
  }
  return false;
}

bool OpcodeReader::open_frame(const Instruction& in) {
  if (frame_open_) {
    return fail(ErrorCode::kReadersDisagree, in,
                "a frame begins inside another frame; CPython's readers disagree on such streams");
  }
  const std::uint64_t length = load_u8(in.argument);
  const auto left = static_cast<std::uint64_t>(end_ - position_);
  if (length > left) {
    return fail(ErrorCode::kTruncated, in,
                "a frame of " + std::to_string(length) + " bytes, and " + std::to_string(left) + " are left");
  }
  frame_open_ = true;
  limit_ = position_ + length;
  frames_.push_back({count_, 0});
  return true;
}

bool OpcodeReader::close(const Instruction& stop) {
  if (!frame_open_) return true;
  if (position_ != limit_) {
    return fail(ErrorCode::kReadersDisagree, stop,
                "STOP lies " + std::to_string(limit_ - position_) +
                    " bytes before the end of its frame; CPython's readers disagree on such streams");
  }
  frame_open_ = false;
  limit_ = end_;
  frames_.back().count = count_ - frames_.back().first;
  return true;
}

bool OpcodeReader::skip_raw(std::uint64_t count, const Instruction& after) {
  if (frame_open_ && position_ != limit_) {
    return fail(ErrorCode::kBadFrame, after, "raw array bytes inside a frame");
  }
  if (frame_open_) close(after);
  const auto left = static_cast<std::uint64_t>(end_ - position_);
  if (count > left) {
    return fail(ErrorCode::kTruncated, after,
                "an array of " + std::to_string(count) + " bytes follows, and " + std::to_string(left) + " are left");
  }
  position_ += count;
  return true;
}

bool OpcodeReader::line(Instruction& in) {
  const void* newline = std::memchr(position_, '\n', static_cast<std::size_t>(limit_ - position_));
  if (newline != nullptr) {
    position_ = static_cast<const std::uint8_t*>(newline) + 1;
    return true;
  }
  if (frame_open_) return fail(ErrorCode::kReadersDisagree, in, "the frame ends inside this instruction's line");
  return fail(ErrorCode::kTruncated, in, "no newline after this instruction's text; the file is cut short");
}

bool OpcodeReader::not_negative(Instruction& in) {
  if ((in.argument[3] & 0x80) == 0) return true;
  return fail(ErrorCode::kBadArgument, in,
              "a count of " + std::to_string(static_cast<std::int32_t>(load_u4(in.argument))) + " bytes");
}

bool OpcodeReader::unknown(Instruction& in) {
  const std::uint8_t byte = byte_of(in.opcode);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string shown = {'0', 'x', kHex[byte >> 4], kHex[byte & 15]};
  if (byte >= 0x20 && byte < 0x7F) shown += " " + quote(std::string(1, static_cast<char>(byte)));
  return fail(ErrorCode::kUnknownOpcode, in, "byte " + shown + " is no opcode of any protocol");
}

bool OpcodeReader::short_of(std::uint64_t count, Instruction& in) {
  const auto left = static_cast<std::uint64_t>(limit_ - position_);
  std::string message = "needs " + std::to_string(count) + " bytes, and " + std::to_string(left) + " are left";
  if (frame_open_ && count <= static_cast<std::uint64_t>(end_ - position_)) {
    return fail(ErrorCode::kReadersDisagree, in, message + " in its frame; CPython's readers disagree on such streams");
  }
  return fail(ErrorCode::kTruncated, in, std::move(message));
}

}  // namespace cppickle
