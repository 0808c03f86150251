// Answers on their way to a file or standard output, as CSV, JSON or a numpy array.
#ifndef CPPICKLE_CLI_ANSWER_WRITER_H_
#define CPPICKLE_CLI_ANSWER_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/model.h"

namespace cppickle::cli {

class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;
  // Outputs of one method, block after block; the first is given even if there are no rows. kBadProtocol for answers
  // that the format cannot hold.
  virtual Result<void> add(const predict::Output& output) = 0;
  // Until then a file has its old contents.
  virtual Result<void> finish() = 0;
};

struct AnswerForm {
  std::string path = "-";
  std::string format;  // "csv", "json" or "npy"
  std::uint64_t rows;  // of all answers: a .npy file begins with it
};

Result<std::unique_ptr<AnswerWriter>> make_answer_writer(const AnswerForm& form, const predict::Model& model,
                                                         predict::Method method);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_ANSWER_WRITER_H_
