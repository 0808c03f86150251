// What an imputer takes for missing.
#ifndef CPPICKLE_PREDICT_MISSING_VALUES_H_
#define CPPICKLE_PREDICT_MISSING_VALUES_H_

#include <cmath>
#include <string>

#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

class MissingValues {
 public:
  enum class Kind : std::uint8_t { kNan, kNone, kPandasNa, kNumber, kText };

  // The parameter missing_values; absent it is NaN. False after an error.
  bool read(const State& state);

  Kind kind() const { return kind_; }
  // Numbers are only compared with numbers (_check_inputs_dtype).
  bool fits_numbers() const { return kind_ != Kind::kNone && kind_ != Kind::kText; }
  bool is_zero() const { return kind_ == Kind::kNumber && number_ == 0; }
  // NaN in rows is let through only where it is what is missing.
  Accept::Special special() const {
    return kind_ == Kind::kNan || kind_ == Kind::kPandasNa ? Accept::Special::kNan : Accept::Special::kRefuse;
  }

  // For numbers of rows of a type: float32 compares as float32.
  bool is(double value, ElementType type) const {
    return kind_ == Kind::kNumber ? value == rounded(number_, type) : std::isnan(value);
  }
  bool is(const Cell& cell) const;

 private:
  Kind kind_ = Kind::kNan;
  double number_ = 0;
  std::string text_;
};

// Whether a batch is to numpy an array of objects.
bool holds_objects(const Batch& rows);
// NaN in cells where it is refused.
Result<void> check_cells(const Batch& rows, const MissingValues& missing);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_MISSING_VALUES_H_
