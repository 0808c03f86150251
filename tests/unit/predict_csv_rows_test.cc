#include <gtest/gtest.h>

#include <cstring>

#include "predict/csv_rows.h"
#include "rows_sample.h"

namespace cppickle::predict {
namespace {

using testing::read_rows;

// Gives a few bytes at a time; other bytes at the second reading, where there are some.
class TextBytes final : public ReplayableBytes {
 public:
  TextBytes(std::string text, std::size_t at_once, std::string second)
      : text_(std::move(text)), at_once_(at_once), second_(std::move(second)) {}
  Result<std::size_t> read(char* to, std::size_t most) override {
    const std::size_t count = std::min({most, at_once_, text_.size() - position_});
    std::memcpy(to, text_.data() + position_, count);
    position_ += count;
    return count;
  }
  Result<void> rewind() override {
    position_ = 0;
    if (!second_.empty()) text_ = second_;
    return {};
  }

 private:
  std::string text_;
  std::size_t at_once_;
  std::string second_;
  std::size_t position_ = 0;
};

std::string rows_of(const std::string& text, const RowsWanted& wanted = {}, const CsvOptions& options = {}) {
  std::string whole;
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{3}, std::size_t{4096}}) {
    TextBytes bytes(text, at_once, "");
    const auto reader = csv_rows(bytes, wanted, options);
    const std::string given = read_rows(reader);
    EXPECT_TRUE(whole.empty() || given == whole) << given;
    whole = given;
  }
  return whole;
}

RowsWanted named(std::vector<std::string> names, bool reorder = false) {
  return {.takes = Takes::kRows, .names = std::move(names), .reorder = reorder};
}

TEST(CsvRows, ColumnsHaveTheTypeThatAllTheirValuesHave) {
  EXPECT_EQ(rows_of("a,b,c\n1,True,x\n-2.5e1,False,\n"),
            "a:float64 b:bool c:object |1.0,True,x|-25.0,False,nan");
  EXPECT_EQ(rows_of("a,b\n1,True\n,\n"), "a:float64 b:object |1.0,True|nan,nan");
  EXPECT_EQ(rows_of("a,b\n1,2\n3,x4\n"), "a:float64 b:object |1.0,2|3.0,x4");
}

TEST(CsvRows, Numbers) {
  EXPECT_EQ(rows_of("a\n 1 \n+.5\n5.\nnan\n-Infinity\n1e999\n-1e-999\n0x10\n"),
            "a:object | 1 |+.5|5.|nan|-Infinity|1e999|-1e-999|0x10");
  EXPECT_EQ(rows_of("a\n 1 \n+.5\n5.\nNaN\n-Infinity\n1e999\n-1e-999\n"),
            "a:float64 |1.0|0.5|5.0|nan|-inf|inf|-0.0");
  for (const char* no_number : {"1e", "1e+", ".", "+", "--1", "1 2", "1_000", "infinit", "e5"}) {
    EXPECT_EQ(rows_of(std::string("a\n") + no_number), std::string("a:object |") + no_number);
  }
}

TEST(CsvRows, Quotes) {
  EXPECT_EQ(rows_of("a,b\r\n\"x, \"\"y\"\"\n\",\"\"\r\n"), "a:object b:float64 |x, \"y\"\n,nan");
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "a\r1\r\r2"),
            "a:float64 |1.0|2.0");
  EXPECT_EQ(rows_of("a\n5\" pipe\n"), "a:object |5\" pipe");
  EXPECT_EQ(rows_of("a\n\"x\"y\n"), "line 2: text after a closing quote");
  EXPECT_EQ(rows_of("a\n1\n\"x\n"), "line 3: a quote that is never closed");
}

TEST(CsvRows, Headers) {
  EXPECT_EQ(rows_of("1,2\n3,4\n"), ":float64 :float64 |1.0,2.0|3.0,4.0");
  EXPECT_EQ(rows_of("1,2\n3,4\n", {}, {.header = CsvOptions::Header::kYes}), "1:float64 2:float64 |3.0,4.0");
  EXPECT_EQ(rows_of("a,b\n3,4\n", {}, {.header = CsvOptions::Header::kNo}), ":object :object |a,b|3,4");
  EXPECT_EQ(rows_of("1,2\n3,4\n", named({"2", "1"}, true)), "2:float64 1:float64 |4.0,3.0");
  EXPECT_EQ(rows_of(""), "there are no rows, and no header");
  EXPECT_EQ(rows_of("\n\n"), "there are no rows, and no header");
  EXPECT_EQ(rows_of("a,b\n"), "");
}

TEST(CsvRows, ColumnsThatTheModelKnows) {
  EXPECT_EQ(rows_of("a,b\n1,2\n", named({"a", "b"})), "a:float64 b:float64 |1.0,2.0");
  EXPECT_EQ(rows_of("x,b,a\n0,1,2\n", named({"a", "b"}, true)), "a:float64 b:float64 |2.0,1.0");
  EXPECT_EQ(rows_of("b,a\n1,2\n", named({"a", "b"})),
            "columns are in another order than at fit; --reorder puts them right: 'a', 'b'");
  EXPECT_EQ(rows_of("a\n1\n", named({"a", "b"})), "columns are missing: 'b'");
  EXPECT_EQ(rows_of("a,a\n1,2\n", named({"a"}, true)), "columns stand there twice: 'a'");
  EXPECT_EQ(rows_of("a,x,x\n1,2,3\n", named({"a"})),
            "columns that the model does not know: 'x', 'x'; --reorder leaves them out");
  EXPECT_EQ(rows_of("a,x,x\n1,2,3\n", named({"a"}, true)), "a:float64 |1.0");
}

TEST(CsvRows, MissingValuesAndTexts) {
  EXPECT_EQ(rows_of("a,b\nNA,-\n1,x\n", {}, {.missing = {"NA", "-"}}), "a:float64 b:object |nan,nan|1.0,x");
  EXPECT_EQ(rows_of("a,b\n01,1\n", {}, {.text_columns = {"a"}}), "a:object b:float64 |01,1.0");
  EXPECT_EQ(rows_of("a\n1\n", {}, {.text_columns = {"z"}}), "there is no column 'z'");
}

TEST(CsvRows, TextsAndRecords) {
  EXPECT_EQ(rows_of("text\n12\n\"\"\n", {.takes = Takes::kTexts}), "|12|");
  EXPECT_EQ(rows_of("one, \"two\"\n\nthree\n", {.takes = Takes::kTexts}, {.form = {.is_plain = true}}),
            "|one, \"two\"||three");
  EXPECT_EQ(rows_of("a,b\n1,\n,x\n", {.takes = Takes::kRecords}), "|a=1.0,|b=x,");
  EXPECT_EQ(rows_of("a,b\n1,2\n", {.takes = Takes::kTexts}).substr(0, 40),
            "the model takes one text for each row, a");
}

TEST(CsvRows, HostileInput) {
  EXPECT_EQ(rows_of("a,b\n1,2\n1\n"), "line 3: it has 1 fields, the first line has 2");
  EXPECT_EQ(rows_of("a,b\n1,2,3\n"), "line 2: it has 3 fields, the first line has 2");
  EXPECT_EQ(rows_of("a\n\xff\xfe\n").substr(0, 30), "line 2: the text is no UTF-8: ");
  EXPECT_EQ(rows_of(std::string("a\n\0x\n", 5)), std::string("a:object |\0x", 12));
  const std::string commas(100000, ',');
  EXPECT_EQ(rows_of(commas + "\n" + commas + "\n", {}, {.header = CsvOptions::Header::kNo}).substr(0, 20),
            ":float64 :float64 :f");
  EXPECT_EQ(rows_of(commas + "\n" + commas.substr(1) + "\n", {}, {.header = CsvOptions::Header::kNo}),
            "line 2: it has 100000 fields, the first line has 100001");
}

TEST(CsvRows, AFileThatChangesBetweenTheReadings) {
  for (const char* second : {"a,b\n1,x\n", "a,b\n1\n", "a,b\n", "\"", "a,b\n\"1\"2,3\n"}) {
    TextBytes bytes("a,b\n1,2\n3,4\n", 5, second);
    const auto reader = csv_rows(bytes, {}, {});
    if (!reader) continue;
    const auto input = (*reader)->next(10);
    EXPECT_TRUE(!input || input->rows <= 2);
  }
  TextBytes longer("a\nTrue\n", 5, "a\nTrue\nmaybe\n1\n");
  const auto reader = csv_rows(longer, {}, {});
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)->rows(), 1U);
  const auto input = (*reader)->next(10);
  ASSERT_TRUE(input.has_value());
  EXPECT_EQ(testing::text_of_rows(*input), "a:bool |True|False|False");
}

TEST(CsvRows, BlocksAreAsWhole) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + ",t" + std::to_string(i) + "\n";
  TextBytes bytes(text, 7, "");
  const auto reader = csv_rows(bytes, {}, {});
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)->rows(), 100U);
  for (std::size_t done = 0; done < 100;) {
    const auto input = (*reader)->next(33);
    ASSERT_TRUE(input.has_value());
    ASSERT_EQ(input->rows, std::min<std::size_t>(33, 100 - done));
    EXPECT_EQ(testing::text_of_rows(*input).substr(0, 24 + std::to_string(done).size()),
              "a:float64 b:object |" + std::to_string(done) + ".0,t");
    done += input->rows;
  }
  const auto end = (*reader)->next(33);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->rows, 0U);
}

}  // namespace
}  // namespace cppickle::predict
