#include "predict/estimator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/quote.h"

namespace cppickle::predict {

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{ErrorCode::kTypeMismatch, std::move(message)});
}

std::unexpected<Error> refuse_sparse() { return refuse("sparse data was passed for X, but dense data is required"); }

std::unexpected<Error> no_method(const Estimator& estimator, Method method) {
  return std::unexpected(Error{ErrorCode::kUnsupported,
                               fmt::format("{} has no method {}", estimator.facts().class_name, name_of(method))});
}

Result<std::vector<std::string>> Estimator::feature_names_out(const std::vector<std::string>&) const {
  return std::unexpected(
      Error{ErrorCode::kUnsupported, fmt::format("{} does not tell the names of its features", facts().class_name)});
}

std::string_view Estimator::short_name() const {
  const std::string_view name = facts().class_name;
  return name.substr(name.rfind('.') + 1);
}

std::vector<std::string> Estimator::numbered_names(std::size_t count) const {
  std::string prefix(short_name());
  for (char& letter : prefix) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  return names;
}

std::vector<std::string> Estimator::input_names() const {
  if (!facts().feature_names_in.empty()) return facts().feature_names_in;
  constexpr std::size_t kMost = 1 << 22;  // the file only says a number
  std::vector<std::string> names;
  if (facts().features_in.value_or(0) > kMost) return names;
  for (std::size_t i = 0; i < facts().features_in.value_or(0); ++i) names.push_back(fmt::format("x{}", i));
  return names;
}

void round_all(double* values, std::size_t count, ElementType type) {
  if (type != ElementType::kFloat32) return;
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(static_cast<float>(values[i]));
}

std::size_t first_largest(const double* values, std::size_t count) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) return i;
    if (values[i] > values[best]) best = i;
  }
  return best;
}

Batch Estimator::predicted(const double* positions, std::size_t rows) const {
  Batch answer = Batch::vector(positions, rows, facts().classes[0].type);
  answer.labels = facts().classes;
  return answer;
}

Batch Estimator::predicted_by_largest(const double* scores, std::size_t rows, std::size_t width, Workspace& memory) const {
  double* const positions = memory.numbers(rows);
  for (std::size_t r = 0; r < rows; ++r) positions[r] = static_cast<double>(first_largest(scores + r * width, width));
  return predicted(positions, rows);
}

Result<Batch> Regressor::run(Method method, const Batch& rows, Workspace& memory) const {
  if (!has(method)) return no_method(*this, method);
  const auto x = numbers(rows, memory, accepts());
  if (!x) return std::unexpected(x.error());
  double* const out = memory.numbers(x->rows * outputs());
  predict(*x, out, memory);
  const ElementType type = answer_type(x->type);
  round_all(out, x->rows * outputs(), type);
  Batch answer = Batch::dense(out, x->rows, outputs(), type);
  answer.is_vector = gives_vector() && !(method == Method::kDecisionFunction && decision_ == Decision::kColumn);
  return answer;
}

bool Classifier::has(Method method) const {
  switch (method) {
    case Method::kPredict: return true;
    case Method::kPredictProba:
    case Method::kPredictLogProba: return has_probabilities();
    case Method::kDecisionFunction: return has_decision();
    default: return false;
  }
}

Result<Batch> Classifier::run(Method method, const Batch& rows, Workspace& memory) const {
  if (!has(method)) return no_method(*this, method);
  const auto x = numbers(rows, memory, accepts());
  if (!x) return std::unexpected(x.error());
  if (method == Method::kPredict) {
    double* const out = memory.numbers(x->rows);
    labels(*x, out, memory);
    return predicted(out, x->rows);
  }
  const bool is_decision = method == Method::kDecisionFunction;
  const std::size_t width = is_decision ? decisions() : class_count();
  double* const out = memory.numbers(x->rows * width);
  if (is_decision) {
    decision(*x, out, memory);
  } else if (method == Method::kPredictLogProba) {
    log_probabilities(*x, out, memory);
  } else {
    probabilities(*x, out, memory);
  }
  const ElementType type = answer_type(x->type);
  round_all(out, x->rows * width, type);
  Batch answer = Batch::dense(out, x->rows, width, type);
  answer.is_vector = is_decision && width == 1;
  return answer;
}

void Classifier::probabilities(const Batch&, double*, Workspace&) const {}
void Classifier::decision(const Batch&, double*, Workspace&) const {}

void Classifier::labels(const Batch& x, double* out, Workspace& memory) const {
  const bool from_decision = has_decision();
  const std::size_t width = from_decision ? decisions() : class_count();
  double* const scores = memory.numbers(x.rows * width);
  from_decision ? decision(x, scores, memory) : probabilities(x, scores, memory);
  round_all(scores, x.rows * width, answer_type(x.type));
  for (std::size_t row = 0; row < x.rows; ++row) {
    const double* const of_row = scores + row * width;
    out[row] = width == 1 && from_decision ? (*of_row > 0 ? 1.0 : 0.0) : static_cast<double>(first_largest(of_row, width));
  }
}

void Classifier::log_probabilities(const Batch& x, double* out, Workspace& memory) const {
  probabilities(x, out, memory);
  const std::size_t count = x.rows * class_count();
  round_all(out, count, answer_type(x.type));
  for (std::size_t i = 0; i < count; ++i) out[i] = std::log(out[i]);
}

Result<Batch> Transformer::run(Method method, const Batch& rows, Workspace& memory) const {
  if (method != Method::kTransform) return no_method(*this, method);
  const auto x = numbers(rows, memory, accepts());
  if (!x) return std::unexpected(x.error());
  return transform(*x, memory);
}

}  // namespace cppickle::predict
