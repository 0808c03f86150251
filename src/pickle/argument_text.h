// An instruction's argument as `pickletools.dis` prints it.
#ifndef CPPICKLE_PICKLE_ARGUMENT_TEXT_H_
#define CPPICKLE_PICKLE_ARGUMENT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "pickle/opcode_reader.h"
#include "pickle/python_number.h"
#include "pickle/text_buffer.h"

namespace cppickle {

// Holds one argument at a time. Not thread-safe.
class ArgumentText {
 public:
  // Reads what may be wrong with it before anything is written. False, with the reader's error set, where no text can
  // stand for it: it is not what its opcode wants. Arguments that pickletools alone refuses are taken.
  bool read(const Instruction& in, OpcodeReader& reader);

  // Writes the argument read last.
  void write(const Instruction& in, TextBuffer& out);

  // The memo key of PUT, GET and their like: a number, or, where it is negative or has more than 63 bits, its digits.
  std::uint64_t index() const { return index_; }
  const std::string& odd_index() const { return odd_index_; }
  // As it was written: False for the key 00.
  std::string index_text() const;

 private:
  bool read_integer(const Instruction& in, OpcodeReader& reader, std::string_view text);
  bool read_index(const Instruction& in, OpcodeReader& reader, std::string_view text);
  bool read_index(std::uint64_t index);
  bool read_quoted(const Instruction& in, OpcodeReader& reader, std::string_view text);
  void read_lines(const Instruction& in);
  void write_text(TextBuffer& out) const;

  std::uint64_t index_ = 0;
  std::string odd_index_;
  bool is_boolean_ = false;
  double real_ = 0;
  std::string text_;        // decoded
  bool is_bytes_ = false;   // whether text_ is shown as bytes
  std::string_view plain_;  // an integer: in the input, or in text_
  DecimalBudget decimals_;
};

}  // namespace cppickle

#endif  // CPPICKLE_PICKLE_ARGUMENT_TEXT_H_
