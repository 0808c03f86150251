// What the library that a model comes from answers: asked in another process, which loads the pickle and so runs it.
#ifndef CPPICKLE_CLI_PYTHON_ANSWERS_H_
#define CPPICKLE_CLI_PYTHON_ANSWERS_H_

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cli/answer_table.h"
#include "cli/model_file.h"
#include "cppickle/model.h"

namespace cppickle::cli {

struct PythonAnswers {
  std::map<std::string, std::string> versions;  // "python", "numpy", "sklearn"
  std::map<predict::Method, AnswerTable> answers;
  std::map<predict::Method, std::string> refusals;  // what was raised instead
};

struct PythonQuestion {
  const ModelFile& file;
  std::vector<predict::Method> methods;
  std::string interpreter;
  std::chrono::seconds timeout;
};

// Errors: the interpreter cannot be started, fails or takes too long; its words are in the message.
Result<PythonAnswers> python_answers(const PythonQuestion& question, const predict::Input& rows);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_PYTHON_ANSWERS_H_
