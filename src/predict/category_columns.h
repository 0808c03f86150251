// What OneHotEncoder and OrdinalEncoder share: categories_ of each column, and rows as positions among them.
#ifndef CPPICKLE_PREDICT_CATEGORY_COLUMNS_H_
#define CPPICKLE_PREDICT_CATEGORY_COLUMNS_H_

#include <memory>
#include <string>
#include <vector>

#include "predict/category_table.h"
#include "predict/estimator.h"
#include "predict/state.h"

namespace cppickle::predict {

struct CategoryColumn {
  CategoryTable table;
  ElementType type = ElementType::kObject;  // of the array of categories
  std::string dtype;
  std::shared_ptr<const void> owner;
  // Infrequent categories share the last group; else every category is its own.
  std::vector<std::int32_t> groups;         // of each category; without NaN where that was left out of the grouping
  std::size_t group_count = 0;
  bool has_infrequent = false;
  std::size_t infrequent_count = 0;
  std::vector<std::int32_t> frequent;       // category of each group, without the infrequent one
};

struct CategoryColumns {
  std::vector<CategoryColumn> columns;
  bool accepts_nan = true;
  // Since 0.24 numbers are never looked for in an array of objects: numpy.isnan raises (utils._encode._check_unknown).
  bool strict_types = true;
  bool bools_are_objects = false;  // since 1.6
};

// categories_, and where `grouped` _default_to_infrequent_mappings. False after an error.
bool read_category_columns(const State& state, bool grouped, CategoryColumns& columns);

// rows * columns positions in categories; kUnknown where `takes_unknown`, else that is refused.
Result<const std::int32_t*> encode(const CategoryColumns& categories, const Batch& rows, bool takes_unknown, Workspace& memory);

// As str() of Python shows a category of an array of this type.
std::string text_of_category(const Cell& cell, ElementType type);

// The type of an array that holds the categories of all columns; empty where numpy would turn numbers into texts.
std::optional<ElementType> common_type(const CategoryColumns& columns);

// Columns of cells, one after the other in `cells`: numbers of the type, or a batch of cells where it is none.
Batch batch_of_cells(const Cell* cells, std::size_t rows, std::size_t columns, ElementType type, Workspace& memory);

}  // namespace cppickle::predict

#endif  // CPPICKLE_PREDICT_CATEGORY_COLUMNS_H_
