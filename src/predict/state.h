// Reading a fitted estimator: its attributes, checked and copied into numbers.
//
//   std::shared_ptr<Estimator> load_ridge(State& state) {
//     Matrix coefficients = state.matrix("coef_");
//     const double intercept = state.number("intercept_");
//     if (!state.ok()) return nullptr;
//     ...
//
// Errors stick: the first one is kept by the Loader with the place it happened at, what is read afterwards may be empty.
// A loader checks ok() before it relies on anything it read.
#ifndef CPPICKLE_PREDICT_STATE_H_
#define CPPICKLE_PREDICT_STATE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cppickle/array_view.h"
#include "cppickle/model.h"
#include "cppickle/python_value.h"
#include "predict/estimator.h"

namespace cppickle::predict {

// Of a library: 1.3.2 is {1, 3}. All zero where it is not told.
struct Version {
  int major = 0;
  int minor = 0;
  auto operator<=>(const Version&) const = default;
  static Version parse(std::string_view text);
};

// An array of numbers in C order.
struct Numbers {
  std::vector<std::size_t> shape;
  std::vector<double> values;
  ElementType type = ElementType::kFloat64;
};

struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;  // row-major
  ElementType type = ElementType::kFloat64;
  const double* row(std::size_t i) const { return values.data() + i * columns; }
};
Matrix transposed(const Matrix& matrix);

// An array of any values in C order: texts, numbers, objects.
struct Cells {
  std::vector<std::size_t> shape;
  std::string dtype;  // as numpy spells it
  ElementType type = ElementType::kObject;
  std::vector<Cell> values;
  std::shared_ptr<const void> owner;  // of texts
};

// Leaves, numpy's scalars and arrays of one element. Empty for everything else.
std::optional<double> number_of(const Value& value);
std::optional<std::int64_t> integer_of(const Value& value);
std::optional<std::string> text_of(const Value& value);
bool is_none(const Value& value);

class Loader;

// The attributes of one object. Cheap to move, belongs to its Loader.
class State {
 public:
  // A value that is no object with attributes is an error of the loader, and the state is empty.
  State(Loader& loader, const Value& value, std::string place, Version version);

  bool ok() const;
  Loader& loader() const { return *loader_; }
  const std::string& place() const { return place_; }
  const Value& value() const { return value_; }
  // Class as written; the last part of its name.
  const Global& type() const { return type_; }
  std::string_view class_name() const;
  // Of the library that wrote it: its own _sklearn_version, else that of the estimator around it.
  Version version() const { return version_; }
  const std::string& version_text() const { return version_text_; }

  // Notes an error at this place, or at an attribute of it. Always false.
  bool fail(ErrorCode code, const std::string& message, std::string_view attribute = {}) const;
  // kCorrupt unless `holds`; returns `holds`.
  bool check(bool holds, const char* message) const { return holds || fail(ErrorCode::kCorrupt, message); }
  bool unsupported(const std::string& message) const { return fail(ErrorCode::kUnsupported, message); }

  bool has(std::string_view name) const { return get(name).has_value(); }
  // Present and not None.
  bool given(std::string_view name) const;
  std::optional<Value> get(std::string_view name) const;

  // An absent attribute is an error; with _or, absent or None gives the default, another type is an error.
  double number(std::string_view name) const;
  double number_or(std::string_view name, double fallback) const;
  std::int64_t integer(std::string_view name) const;
  std::int64_t integer_or(std::string_view name, std::int64_t fallback) const;
  bool flag_or(std::string_view name, bool fallback) const;
  std::string text(std::string_view name) const;
  // The default also where the attribute is no text: parameters may be callables or numbers.
  std::string text_or(std::string_view name, std::string_view fallback) const;

  // Arrays, lists and tuples of numbers, numbers. Complex numbers, texts and objects are errors; masked arrays too.
  Numbers array(std::string_view name) const;
  std::vector<double> vector(std::string_view name) const;       // of any shape, flattened
  std::vector<std::int64_t> integers(std::string_view name) const;
  Matrix matrix(std::string_view name) const;                    // of one dimension: one row. Sparse ones made dense
  Cells cells(std::string_view name) const;
  Labels labels(std::string_view name) const;                    // of one dimension

  // The members of a list, tuple or array of objects.
  std::vector<Value> items(std::string_view name) const;
  // An object with attributes.
  State child(std::string_view name) const;
  State child(const Value& value, std::string_view place) const;
  // An estimator; null with an error. The same object gives the same estimator.
  std::shared_ptr<const Estimator> estimator(std::string_view name) const;
  std::shared_ptr<const Estimator> estimator(const Value& value, std::string_view place) const;
  std::vector<std::shared_ptr<const Estimator>> estimators(std::string_view name) const;

  Numbers array_of(const Value& value, std::string_view place) const;
  Cells cells_of(const Value& value, std::string_view place) const;

 private:
  Value required(std::string_view name) const;
  std::string at(std::string_view name) const;

  Loader* loader_;
  Value value_;
  std::string place_;
  Global type_;
  Version version_;
  std::string version_text_;
  std::unordered_map<std::string_view, Value> attributes_;
};

// One load: the first error, what may still be copied, and estimators that were loaded already.
class Loader {
 public:
  Loader(std::uint64_t budget, std::uint64_t depth) : budget_(budget), depth_left_(depth) {}
  Loader(const Loader&) = delete;

  bool ok() const { return !error_; }
  bool fail(ErrorCode code, const std::string& place, const std::string& message);
  Error take_error();

  // Counts bytes that are about to be copied: a file may name one array a million times.
  bool spend(std::uint64_t bytes, const std::string& place);

  std::shared_ptr<const Estimator> estimator(const Value& value, const std::string& place, Version version);

 private:
  std::optional<Error> error_;
  std::uint64_t budget_;
  std::uint64_t depth_left_;
  std::unordered_map<std::uint64_t, std::shared_ptr<const Estimator>> loaded_;  // by identity
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_STATE_H_
