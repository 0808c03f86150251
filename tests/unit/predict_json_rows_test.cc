#include <gtest/gtest.h>

#include "predict/json_rows.h"
#include "rows_sample.h"

namespace cppickle::predict {
namespace {

std::string rows_of(std::string_view json, const RowsWanted& wanted = {}) {
  return testing::read_rows(json_rows(json, wanted));
}

RowsWanted named(std::vector<std::string> names, bool reorder = false) {
  return {.takes = Takes::kRows, .names = std::move(names), .reorder = reorder};
}

TEST(JsonRows, ListsOfValues) {
  EXPECT_EQ(rows_of("[[1, 2.5], [-3, null]]"), ":float64 :float64 |1.0,2.5|-3.0,nan");
  EXPECT_EQ(rows_of("[[true, \"x\"], [false, 1]]"), ":bool :object |True,x|False,1");
  EXPECT_EQ(rows_of("[[true], [null]]"), ":object |True|None");
  EXPECT_EQ(rows_of("[[18446744073709551615, 9223372036854775807]]"),
            ":float64 :float64 |1.8446744073709552e+19,9.223372036854776e+18");
  EXPECT_EQ(rows_of("[]"), "");
}

TEST(JsonRows, Records) {
  EXPECT_EQ(rows_of(R"([{"a": 5.1, "b": null}, {"a": 4.9}, {"c": "x"}])"),
            "a:float64 b:float64 c:object |5.1,nan,None|4.9,nan,None|nan,nan,x");
  EXPECT_EQ(rows_of(R"([{"b": 1, "a": 2}])", named({"a", "b"}, true)), "a:float64 b:float64 |2.0,1.0");
  EXPECT_EQ(rows_of(R"([{"b": 1, "a": 2}])", named({"a", "b"})).substr(0, 28),
            "columns are in another order");
  EXPECT_EQ(rows_of(R"([{"a": 1}, {"b": true}])", {.takes = Takes::kRecords}), "|a=1.0,|b=True,");
}

TEST(JsonRows, PandasSplit) {
  EXPECT_EQ(rows_of(R"({"index": [0], "columns": ["a", "b"], "data": [[5.1, "x"]]})"),
            "a:float64 b:object |5.1,x");
  EXPECT_EQ(rows_of(R"({"columns": ["a"], "data": []})"), "");
  EXPECT_EQ(rows_of(R"({"columns": ["a"], "data": [[1, 2]]})"),
            "row 1: it has 2 values, and there are 1 columns");
  EXPECT_EQ(rows_of(R"({"columns": ["a"], "data": [1]})"), "row 1: it is no list");
  EXPECT_EQ(rows_of(R"({"columns": [1], "data": [[1]]})"), "a name in \"columns\" is no text");
  EXPECT_EQ(rows_of(R"({"columns": ["a"]})"), "an object of rows has lists \"columns\" and \"data\"");
}

TEST(JsonRows, TextsAndLabels) {
  EXPECT_EQ(rows_of(R"(["one", "\u20ac two"])", {.takes = Takes::kTexts}), "|one|\xE2\x82\xAC two");
  EXPECT_EQ(rows_of("[1, 2]", {.takes = Takes::kLabels}), "|1.0|2.0");
  EXPECT_EQ(rows_of("[1, 2]"), "row 1: it is no list and no object");
}

TEST(JsonRows, HostileInput) {
  for (const char* broken :
       {"", "[", "[[1]", "[[1],]", "[[01]]", "[[NaN]]", "nul", "[[\"\\ud800\"]]", "[[\"\xff\"]]"}) {
    EXPECT_EQ(rows_of(broken).substr(0, 9), "no JSON: ") << broken;
  }
  EXPECT_EQ(rows_of("12"), "rows are a list, or an object with \"columns\" and \"data\"");
  EXPECT_EQ(rows_of("[[1], [1, 2]]"), "row 2: it has 2 values, and there are 1 columns");
  EXPECT_EQ(rows_of("[[1, 2], [1]]"), "row 2: it has 1 values, and there are 2 columns");
  EXPECT_EQ(rows_of("[[[1]]]"), "row 1: a value is a list or an object");
  EXPECT_EQ(rows_of(R"([{"a": 1}, [1]])"), "row 2: rows are of two forms");
  EXPECT_EQ(rows_of(R"([{"a": 1, "a": 2}])"), "row 1: 'a' stands there twice");
  EXPECT_EQ(rows_of(R"([{"a": 1}, {"a": {}}])"), "row 2: a value is a list or an object");
  EXPECT_EQ(rows_of(std::string(5000, '[')).substr(0, 9), "no JSON: ");
}

// A table of n names for n rows would be n * n.
TEST(JsonRows, RecordsWithoutANameInCommon) {
  std::string json = "[{}";
  for (int i = 0; i < 20000; ++i) json += ",{\"" + std::to_string(i) + "\":1}";
  EXPECT_EQ(rows_of(json + "]"), "records with too many different names");
}

}  // namespace
}  // namespace cppickle::predict
