#include "cppickle/error.h"

namespace cppickle {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTruncated: return "truncated";
    case ErrorCode::kUnknownOpcode: return "unknown-opcode";
    case ErrorCode::kBadArgument: return "bad-argument";
    case ErrorCode::kBadText: return "bad-text";
    case ErrorCode::kBadFrame: return "bad-frame";
    case ErrorCode::kReadersDisagree: return "readers-disagree";
    case ErrorCode::kStackUnderflow: return "stack-underflow";
    case ErrorCode::kNoMark: return "no-mark";
    case ErrorCode::kOddItems: return "odd-items";
    case ErrorCode::kBadMemo: return "bad-memo";
    case ErrorCode::kBadOperand: return "bad-operand";
    case ErrorCode::kBadProtocol: return "bad-protocol";
    case ErrorCode::kLimit: return "limit";
    case ErrorCode::kNotAPickle: return "not-a-pickle";
    case ErrorCode::kCorrupt: return "corrupt";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kCancelled: return "cancelled";
    case ErrorCode::kNoSuchPath: return "no-such-path";
    case ErrorCode::kTypeMismatch: return "type-mismatch";
    case ErrorCode::kBadJson: return "bad-json";
  }
  return "unknown";
}

std::string Error::to_string() const {
  std::string text = where;
  if (offset != kNoOffset) {
    if (!text.empty()) text += ": ";
    text += "offset " + std::to_string(offset);
    if (!opcode.empty()) text.append(" (").append(opcode).append(")");
  }
  if (!text.empty()) text += ": ";
  return text + message;
}

}  // namespace cppickle
