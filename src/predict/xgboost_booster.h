// What XGBoost's learner computes from rows, without its Python classes.
#ifndef CPPICKLE_PREDICT_XGBOOST_BOOSTER_H_
#define CPPICKLE_PREDICT_XGBOOST_BOOSTER_H_

#include <vector>

#include "document/xgboost_model.h"
#include "predict/category_positions.h"
#include "predict/forest.h"
#include "predict/state.h"

namespace cppickle::predict {

class XgboostBooster {
 public:
  // Errors are noted in `state`, then the result is empty.
  XgboostBooster(const State& state, XgboostModel model);

  // What the objective makes of margins.
  enum class Link : std::uint8_t { kIdentity, kSigmoid, kExp, kHinge, kSoftmax, kArgmax };

  const XgboostModel& model() const { return model_; }
  Version version() const { return {model_.major, model_.minor}; }
  Link link() const { return link_; }
  std::size_t groups() const { return model_.groups; }
  std::size_t trees() const { return forest_.trees(); }
  // Trees of rounds before `round`.
  std::size_t trees_before(std::size_t round) const;

  // Which trees are used, and how Python asks for them.
  struct Use {
    std::size_t trees = 0;
    // predict() of scikit-learn's classes since 1.4 takes the base score off again after each tree of dart.
    bool in_place = false;
  };

  // x: rows as float_rows() makes them; out: rows * groups() margins.
  void margins(const double* x, std::size_t rows, const Use& use, float* out, Workspace& memory) const;
  // In place; for Link::kArgmax the first of each row's numbers becomes the class.
  void transform(float* margins, std::size_t rows) const;
  // out: rows * trees numbers of nodes.
  void leaves(const double* x, std::size_t rows, std::size_t trees, double* out, Workspace& memory) const;

  // Floats, NaN where a value is missing. Checked numbers are in `x`.
  const double* float_rows(const Batch& x, float missing, Workspace& memory) const;
  // Columns of categories as positions among those of the fit.
  Result<Batch> recode(const Batch& rows, Workspace& memory) const;

 private:
  void add_trees(const State& state);
  void read_objective(const State& state);
  bool holds_categories(std::size_t column) const;
  void linear(const double* x, std::size_t rows, float* out) const;
  void add_leaves(std::size_t rows, Forest::Range range, const std::uint32_t* leaves, float* sums,
                  const Use& use) const;

  XgboostModel model_;
  Link link_ = Link::kIdentity;
  std::vector<float> base_;         // margins before the first tree, one for each group
  Forest forest_;
  std::vector<float> leaf_values_;  // one row for each leaf of the forest
  std::vector<CategoryPositions> codes_;     // empty, or one for each feature
  bool has_vectors_ = false;        // leaves have a value for each group
  bool is_dart_ = false;
  bool base_first_ = true;          // else the sum of the trees is added to it
};

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_XGBOOST_BOOSTER_H_
