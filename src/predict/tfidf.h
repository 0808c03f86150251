// Weights of terms: what TfidfTransformer does to counts, and the norms of rows.
#ifndef CPPICKLE_PREDICT_TFIDF_H_
#define CPPICKLE_PREDICT_TFIDF_H_

#include <cstdint>
#include <vector>

#include "cppickle/error.h"
#include "predict/batch.h"
#include "predict/state.h"

namespace cppickle::predict {

enum class RowNorm : std::uint8_t { kNone, kL1, kL2 };
// The parameter `norm`; errors are noted.
RowNorm row_norm_parameter(const State& state, RowNorm fallback);

// sklearn.preprocessing.normalize() of sparse rows in place. An error for what is not finite.
Result<void> normalize_rows(double* values, const std::int64_t* row_starts, std::size_t rows, RowNorm norm,
                            ElementType type);

class TfidfWeights {
 public:
  // A fitted TfidfTransformer; see State for errors.
  void read(const State& state);

  // What there must be of columns; 0 where any number is fine.
  std::size_t columns() const { return idf_.size(); }
  // Before 1.5 weighting was a product of matrices: it made the answer's type the wider one, and one element of those
  // that name the same place.
  bool is_product() const { return is_product_ && !idf_.empty(); }
  RowNorm norm() const { return norm_; }

  // Weights elements of a float type in place; all of `indices` are below columns(). The type of the answer.
  ElementType weigh(double* values, const std::int32_t* indices, std::size_t count, ElementType type) const;

 private:
  void read_idf(const State& state);

  bool sublinear_ = false;
  bool is_product_ = false;
  RowNorm norm_ = RowNorm::kL2;
  std::vector<double> idf_;
  ElementType idf_type_ = ElementType::kFloat64;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_TFIDF_H_
