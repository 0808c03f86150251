// DataFrameMapper of sklearn-pandas (1.0 to 2.2): columns of a data frame by name, each to its own transformers.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/quote.h"
#include "predict/compose.h"
#include "predict/registry.h"

namespace cppickle::predict {
namespace {

using Names = std::vector<std::string>;

struct Feature {
  Names columns;
  bool is_single = false;       // a name alone: the transformer gets one dimension
  bool as_frame = false;        // input_df: the transformer sees the names
  EstimatorPointer transformer;  // null: as they are
};

struct Mapping {
  std::vector<Feature> features;
  bool sparse = false;
  bool takes_rest = false;  // what no feature names, but for `dropped`, goes to `rest`
  Feature rest;
  std::set<std::string, std::less<>> selected;  // and dropped
  Names names_out;  // at the last transform() in Python; may be empty
};

// What numpy makes of values: one type for all. A column of texts or categories makes objects of them.
Batch as_array(const Batch& columns, Workspace& memory) {
  if (columns.form != Batch::Form::kColumns || columns.is_vector) return columns;
  const auto joined = side_by_side({&columns, 1}, columns.rows, Joined::kArray, memory);
  return joined ? *joined : columns;
}

class DataFrameMapper final : public Estimator {
 public:
  explicit DataFrameMapper(Mapping mapping) : mapping_(std::move(mapping)) {}

  bool has(Method method) const override { return method == Method::kTransform; }

  Result<Batch> run(Method method, const Batch& rows, Workspace& memory) const override {
    if (method != Method::kTransform) return no_method(*this, method);
    if (!rows.is_table() || rows.names == nullptr) return refuse("a DataFrameMapper takes data frames: columns that have names");
    const std::size_t count = mapping_.features.size() + (mapping_.takes_rest ? 1 : 0);
    auto* const answers = memory.make<Batch>(count);
    bool sparse = false;
    std::size_t after = 0;  // features mostly come in the order of the columns
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_rest = i == mapping_.features.size();
      const Feature& feature = is_rest ? mapping_.rest : mapping_.features[i];
      const auto positions = is_rest ? Result<std::span<const std::size_t>>(unselected(rows, memory))
                                     : find(feature.columns, rows, after, memory);
      if (!positions) return std::unexpected(positions.error());
      Batch columns = select_columns(rows, *positions, feature.is_single, memory);
      if (!feature.as_frame) {
        columns.names = nullptr;
        columns = as_array(columns, memory);
      }
      auto answer = feature.transformer ? feature.transformer->run(Method::kTransform, columns, memory) : Result<Batch>(columns);
      if (!answer) return answer;
      answers[i] = *answer;
      answers[i].is_vector = false;  // _handle_feature()
      sparse = sparse || answer->form == Batch::Form::kSparse;
    }
    // Whatever is sparse makes a sparse matrix of all, which becomes an array at the end.
    const bool is_frame = !facts().container.empty();
    const Joined joined = sparse && mapping_.sparse ? Joined::kSparse : is_frame ? Joined::kFrame : Joined::kArray;
    return side_by_side({answers, count}, rows.rows, joined, memory);
  }

  Result<Names> feature_names_out(const Names&) const override {
    if (mapping_.names_out.empty()) return refuse("the mapper has transformed nothing yet and knows no names");
    return mapping_.names_out;
  }

 private:
  static Result<std::span<const std::size_t>> find(const Names& wanted, const Batch& rows, std::size_t& after, Workspace& memory) {
    auto* const positions = memory.make<std::size_t>(wanted.size());
    const auto* const end = rows.names + rows.columns;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto* at = std::find(rows.names + after, end, wanted[i]);
      if (at == end) at = std::find(rows.names, end, wanted[i]);
      if (at == end) return refuse("columns are missing: " + quote(wanted[i]));
      positions[i] = static_cast<std::size_t>(at - rows.names);
      after = positions[i] + 1 < rows.columns ? positions[i] + 1 : 0;
    }
    return std::span<const std::size_t>(positions, wanted.size());
  }

  std::span<const std::size_t> unselected(const Batch& rows, Workspace& memory) const {
    auto* const positions = memory.make<std::size_t>(rows.columns);
    std::size_t count = 0;
    for (std::size_t c = 0; c < rows.columns; ++c) {
      if (!mapping_.selected.contains(rows.names[c])) positions[count++] = c;
    }
    return {positions, count};
  }

  Mapping mapping_;
};

bool truth_of(const Value& value) { return value.kind() == Kind::kBool && value.as_bool(); }

// A name, or a list of names.
bool read_names(const State& state, const Value& value, Feature& feature) {
  if (const auto name = text_of(value)) {
    feature.columns.push_back(*name);
    feature.is_single = true;
    return true;
  }
  if (value.kind() != Kind::kList) return state.unsupported("columns that are not names: a function, or objects of pandas");
  for (const Value item : value.items()) {
    const auto name = text_of(item);
    if (!name) return state.unsupported("columns whose names are not texts");
    feature.columns.push_back(*name);
  }
  return true;
}

// (columns, transformers) or (columns, transformers, options).
bool read_feature(const State& state, const Value& value, bool as_frame, Mapping& mapping) {
  std::vector<Value> members;
  for (const Value member : value.items()) members.push_back(member);
  if (!state.check(members.size() == 2 || members.size() == 3, "a feature must be columns, transformers and options")) return false;
  Feature& feature = mapping.features.emplace_back();
  feature.as_frame = as_frame;
  if (!read_names(state, members[0], feature)) return false;
  mapping.selected.insert(feature.columns.begin(), feature.columns.end());
  if (members.size() == 3 && members[2].kind() == Kind::kDict) {
    for (const Pair pair : members[2].pairs()) {
      if (pair.key.text() == "input_df") feature.as_frame = truth_of(pair.value);
    }
  }
  if (is_none(members[1])) return true;
  const std::string name = feature.columns.empty() ? "" : feature.columns[0];
  feature.transformer = state.estimator(members[1], fmt::format("features[{}]", quote(name)));
  return state.ok();
}

bool read_rest(const State& state, bool as_frame, Mapping& mapping) {
  const auto rest = state.get(state.has("built_default") ? "built_default" : "default");
  if (!rest || (rest->kind() == Kind::kBool && !rest->as_bool())) return true;
  mapping.takes_rest = true;
  mapping.rest.as_frame = as_frame;
  if (!is_none(*rest)) mapping.rest.transformer = state.estimator(*rest, "built_default");
  if (!state.given("drop_cols")) return state.ok();
  for (const Value& dropped : state.items("drop_cols")) mapping.selected.insert(text_of(dropped).value_or(""));
  return state.ok();
}

std::shared_ptr<Estimator> load_mapper(State& state) {
  Mapping mapping;
  mapping.sparse = state.flag_or("sparse", false);
  const bool as_frame = state.flag_or("input_df", false);
  // features as they were given; built_features with lists of transformers made pipelines, and functions called.
  for (const Value& feature : state.items(state.given("built_features") ? "built_features" : "features")) {
    if (!read_feature(state, feature, as_frame, mapping)) return nullptr;
  }
  if (!read_rest(state, as_frame, mapping)) return nullptr;
  if (state.given("transformed_names_")) {
    for (const Value& name : state.items("transformed_names_")) mapping.names_out.push_back(text_of(name).value_or(""));
  }
  const bool gives_frame = state.flag_or("df_out", false);
  if (!state.ok()) return nullptr;
  auto mapper = std::make_shared<DataFrameMapper>(std::move(mapping));
  if (gives_frame) mapper->facts().container = "pandas";
  return mapper;
}

}  // namespace

std::span<const Registered> data_frame_mapper_family() {
  static constexpr Registered kRows[] = {
      {"sklearn_pandas", "DataFrameMapper", load_mapper},
  };
  return kRows;
}

}  // namespace cppickle::predict
