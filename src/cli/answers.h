// Answers of a model, row by row, and what their columns are called.
#ifndef CPPICKLE_CLI_ANSWERS_H_
#define CPPICKLE_CLI_ANSWERS_H_

#include <string>
#include <vector>

#include "cppickle/model.h"

namespace cppickle::cli {

// One row of an output as cells: labels as themselves, what a sparse answer does not store as 0. Texts belong to the
// model or the output.
void answer_row(const predict::Output& output, std::size_t row, std::vector<predict::Cell>& cells);

// "prediction"; "proba_setosa"; the names of features that transform() makes.
std::vector<std::string> answer_names(const predict::Model& model, predict::Method method,
                                      const predict::Output& output);

// The method to run where none was named: predict, else transform, else the first that the model has.
Result<predict::Method> method_of(const predict::Model& model, const std::string& name);

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_ANSWERS_H_
