// What LightGBM's booster computes from rows, without its Python classes.
#ifndef CPPICKLE_PREDICT_LIGHTGBM_BOOSTER_H_
#define CPPICKLE_PREDICT_LIGHTGBM_BOOSTER_H_

#include <vector>

#include "document/lightgbm_text.h"
#include "predict/category_positions.h"
#include "predict/forest.h"
#include "predict/state.h"

namespace cppickle::predict {

class LightgbmBooster {
 public:
  // Errors are noted in `state`, then the result is empty. Iterations: how many are used, 0 for all.
  LightgbmBooster(const State& state, LightgbmModel model, std::size_t iterations);

  const LightgbmModel& model() const { return model_; }
  std::size_t columns() const { return model_.columns; }

  // x: rows * features numbers; out: rows * columns() answers, as the objective wants them.
  void predict(const double* x, std::size_t rows, double* out, Workspace& memory) const;

  // Categories that a data frame's columns had at fit, one list for each column of categories, in order.
  void set_categories(std::vector<CategoryPositions> categories) {
    categories_ = std::move(categories);
    has_categories_ = true;
  }
  // Columns of categories as positions in these lists; what is not in them is missing.
  Result<Batch> recode(const Batch& rows, Workspace& memory) const;
  // Whether Python rounds rows to float32 on their way.
  bool rounds(const Batch& rows) const;

 private:
  enum class Link : std::uint8_t { kIdentity, kSigmoid, kSoftmax, kExp, kLog1pExp, kSquare };

  bool read_objective(const State& state);
  bool add_tree(const State& state, const LightgbmTree& tree);
  void add_linear(const double* x, std::size_t rows, double* out, Workspace& memory) const;
  void convert(double* values) const;

  LightgbmModel model_;
  Link link_ = Link::kIdentity;
  double sigmoid_ = 1;
  std::size_t used_trees_ = 0;
  Forest forest_;
  std::vector<double> leaf_values_;
  std::vector<LightgbmLinear> linear_;  // of all leaves, where any tree has them
  std::vector<bool> is_linear_;         // for each leaf
  std::vector<CategoryPositions> categories_;
  bool has_categories_ = false;
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_LIGHTGBM_BOOSTER_H_
