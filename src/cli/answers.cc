#include "cli/answers.h"

#include <algorithm>

#include "base/quote.h"

namespace cppickle::cli {
namespace {

using predict::Cell;
using predict::ElementType;
using predict::Labels;
using predict::Method;
using predict::Model;
using predict::Output;

Cell cell_of(double number, ElementType type) {
  if (type == ElementType::kBool) return Cell::boolean(number != 0);
  if (type < ElementType::kFloat16) return Cell::of(static_cast<std::int64_t>(number));
  return Cell::of(number);
}

Cell label_of(const Labels& labels, double position) {
  const bool is_inside = position >= 0 && position < static_cast<double>(labels.values.size());
  return is_inside ? labels.values[static_cast<std::size_t>(position)] : Cell::none();
}

std::vector<std::string> numbered(std::string_view prefix, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(count == 1 ? std::string(prefix) : std::string(prefix) + "_" + std::to_string(i));
  }
  return names;
}

// A name for each class of each output: "proba_setosa", of several outputs "proba_0_setosa".
std::vector<std::string> names_of_classes(const Model& model, std::string_view prefix, const Output& output) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < model.classes().size(); ++i) {
    const std::string part = model.classes().size() == 1 ? "" : "_" + std::to_string(i);
    for (const Cell& label : model.classes()[i].values)
      names.push_back(std::string(prefix) + part + "_" + text_of(label));
  }
  return names.size() == output.columns() ? names : numbered(prefix, output.columns());
}

std::vector<std::string> names_of_features(std::span<const std::string> names, std::string_view prefix,
                                           const Output& output) {
  if (names.size() == output.columns()) return {names.begin(), names.end()};
  return numbered(prefix, output.columns());
}

// Distances, then positions of as many neighbours.
std::vector<std::string> names_of_neighbours(const Output& output) {
  std::vector<std::string> names = numbered("distance", output.columns() / 2);
  for (std::string& name : numbered("neighbor", output.columns() - output.columns() / 2))
    names.push_back(std::move(name));
  return names;
}

}  // namespace

void answer_row(const Output& output, std::size_t row, std::vector<Cell>& cells) {
  cells.clear();
  const std::size_t width = output.columns();
  switch (output.form()) {
    case Output::Form::kCells: {
      const auto of_row = output.cells().subspan(row * width, width);
      cells.assign(of_row.begin(), of_row.end());
      return;
    }
    case Output::Form::kSparse:
      cells.resize(width, cell_of(0, output.type()));
      for (auto k = output.row_starts()[row]; k < output.row_starts()[row + 1]; ++k) {
        const auto place = static_cast<std::size_t>(k);
        cells[static_cast<std::size_t>(output.indices()[place])] = cell_of(output.values()[place], output.type());
      }
      return;
    case Output::Form::kDense: break;
  }
  for (std::size_t c = 0; c < width; ++c) {
    const double number = output.values()[row * width + c];
    const auto labels = output.labels();
    cells.push_back(labels.empty() ? cell_of(number, output.type())
                                   : label_of(labels[std::min(c, labels.size() - 1)], number));
  }
}

std::vector<std::string> answer_names(const Model& model, Method method, const Output& output) {
  switch (method) {
    case Method::kPredict: return numbered("prediction", output.columns());
    case Method::kPredictProba: return names_of_classes(model, "proba", output);
    case Method::kPredictLogProba: return names_of_classes(model, "log_proba", output);
    case Method::kDecisionFunction:
      return output.columns() == 1 ? numbered("decision", 1) : names_of_classes(model, "decision", output);
    case Method::kTransform: {
      const auto names = model.feature_names_out();
      return names_of_features(names ? std::span<const std::string>(*names) : std::span<const std::string>(), "feature",
                               output);
    }
    case Method::kInverseTransform: return names_of_features(model.feature_names_in(), "feature", output);
    case Method::kScoreSamples: return numbered("score", output.columns());
    case Method::kKneighbors: return names_of_neighbours(output);
    case Method::kApply: return numbered("leaf", output.columns());
    case Method::kPredictStd:
      return output.columns() == 2 ? std::vector<std::string>{"mean", "std"} : numbered("prediction", output.columns());
  }
  return {};
}

Result<Method> method_of(const Model& model, const std::string& name) {
  const std::vector<Method> methods = model.methods();
  if (name.empty()) {
    for (const Method method : {Method::kPredict, Method::kTransform}) {
      if (model.has(method)) return method;
    }
    if (!methods.empty()) return methods.front();
  } else if (const auto method = predict::method_named(name); method && model.has(*method)) {
    return *method;
  }
  std::string known;
  for (const Method method : methods) known += (known.empty() ? "" : ", ") + std::string(name_of(method));
  const std::string what = name.empty() ? "any method" : "a method " + quote(name);
  return std::unexpected(
      Error{ErrorCode::kUnsupported, model.class_name() + " does not have " + what + ", but " + known});
}

}  // namespace cppickle::cli
