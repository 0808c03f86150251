#include "cppickle/array_view.h"

#include <gtest/gtest.h>

#include <vector>

#include "cppickle/python_value.h"
#include "view_samples.h"

namespace cppickle {
namespace {

struct Sample {
  std::string_view name;
  std::string pickle;
  std::string_view dtype;
  std::vector<std::uint64_t> shape;
  std::string_view elements;  // in C order
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
#include "array_samples.inc"
  };
  return all;
}

std::string elements(const ArrayView& array, std::uint64_t most = 1000) {
  std::string all;
  for (std::uint64_t i = 0; i < array.count && i < most; ++i) {
    if (i != 0) all += '|';
    all += array.element_repr(i, 1000);
  }
  return all;
}

TEST(ArrayView, ReadsWhatNumpyWrites) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.name);
    const Document document = read(sample.pickle);
    const auto array = array_view(document.root());
    ASSERT_TRUE(array) << array.error().to_string();
    EXPECT_EQ(array->dtype.to_string(), sample.dtype);
    EXPECT_EQ(array->shape, sample.shape);
    EXPECT_EQ(elements(*array), sample.elements);
  }
}

TEST(ArrayView, SurvivesEveryFlippedByte) {
  std::size_t read_anyway = 0;
  for (const Sample& sample : samples()) {
    for (std::size_t i = 0; i < sample.pickle.size(); ++i) {
      for (const int change : {0x01, 0x80, 0xFF}) {
        std::string damaged = sample.pickle;
        damaged[i] = static_cast<char>(damaged[i] ^ change);
        const auto document = Document::read(std::string_view(damaged));
        if (!document) continue;
        const Value root = document->root();
        const auto array = array_view(root);
        if (array) {
          ++read_anyway;
          EXPECT_LT(elements(*array, 20).size(), 100'000u);
        }
        EXPECT_LT(summary(root).size(), 2000u);
      }
    }
  }
  EXPECT_GT(read_anyway, 0u);
}

TEST(ArrayView, TypedAccess) {
  const std::string pickle = array_text("(I2\nI2\nt", dtype_text("i2"), "S'\\x01\\x00\\x02\\x00\\xff\\xff\\x04\\x00'\n", true);
  const Document document = read(pickle);
  const auto array = array_view(document.root());
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->order, 'F');
  EXPECT_EQ(array->strides, (std::vector<std::int64_t>{2, 4}));
  EXPECT_EQ(array->get<int>(1), -1);  // by place in C order: [0, 1]
  EXPECT_EQ(array->get<double>(2), 2.0);
  EXPECT_EQ(array->get<std::uint8_t>(1), std::nullopt);
  EXPECT_EQ(array->get<std::int8_t>(3), 4);
  EXPECT_EQ(array->get<bool>(0), std::nullopt);
  EXPECT_EQ(array->get<int>(4), std::nullopt);
  EXPECT_EQ(array->values<std::int32_t>(), std::nullopt);
  const auto all = array->values<std::int16_t>();
  if (all) { EXPECT_EQ((*all)[1], 2); }
}

TEST(ArrayView, OutOfBandData) {
  const std::string pickle = "\x80\x05" "cnumpy.core.numeric\n_frombuffer\n(\x97" + dtype_text("f8") + "(I2\ntS'C'\ntR.";
  const Document document = read(pickle);
  const auto array = array_view(document.root());
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_TRUE(array->buffer);
  EXPECT_EQ(array->count, 2u);
  EXPECT_EQ(array->get<double>(0), std::nullopt);
  EXPECT_EQ(array->element_repr(0), "...");
}

TEST(ArrayView, AGlanceDecodesLittle) {
  const std::string data = "c_codecs\nencode\n(V" + std::string(80'000, 'a') + "\nS'latin1'\ntR";
  const Document document = read(array_text("(I10000\nt", dtype_text("S8"), data));
  const auto glance = array_view(document.root(), ArrayOptions::glance());
  ASSERT_TRUE(glance) << glance.error().to_string();
  EXPECT_TRUE(glance->data_is_cut);
  EXPECT_LT(glance->data.size(), 10'000u);
  const auto whole = array_view(document.root());
  ASSERT_TRUE(whole) << whole.error().to_string();
  EXPECT_EQ(whole->data.size(), 80'000u);
}

ErrorCode code_of(const std::string& pickle) {
  const Document document = read(pickle);
  const auto array = array_view(document.root());
  EXPECT_FALSE(array);
  return array ? ErrorCode::kIo : array.error().code;
}

TEST(ArrayView, RefusesWhatDoesNotFit) {
  const std::string f8 = dtype_text("f8");
  const std::string eight = "S'12345678'\n";
  EXPECT_EQ(code_of("I1\n."), ErrorCode::kTypeMismatch);
  EXPECT_EQ(code_of("cdatetime\ndate\n(S'abcd'\ntR."), ErrorCode::kTypeMismatch);
  EXPECT_EQ(code_of(array_text("(I2\nt", f8, eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(t", f8, "S'1234567'\n")), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I-1\nt", f8, eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(L9223372036854775807L\nL9223372036854775807L\nt", f8, eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(L4611686018427387904L\nI4\nt", f8, "S''\n")), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(L4611686018427387904L\nI0\nt", f8, eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("]", f8, eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I1\nt", "N", eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I1\nt", dtype_text("z9"), eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I1\nt", dtype_text("f7"), eight)), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I1\nt", f8, "I5\n")), ErrorCode::kCorrupt);
  EXPECT_EQ(code_of(array_text("(I2\nt", dtype_text("O8", "I3\nS'|'\nNNNI-1\nI-1\nI63\n"), "(lI1\na")), ErrorCode::kCorrupt);
  // A field that ends outside of its item, an array of more dimensions than numpy has.
  const std::string field = "I3\nS'|'\nN(S'a'\nt(dS'a'\n(" + f8 + "I4\ntsI8\nI1\nI16\n";
  EXPECT_EQ(code_of(array_text("(I1\nt", dtype_text("V8", field), eight)), ErrorCode::kCorrupt);
  std::string shape = "(";
  for (int i = 0; i < 65; ++i) shape += "I1\n";
  EXPECT_EQ(code_of(array_text(shape + "t", f8, eight)), ErrorCode::kCorrupt);
}

TEST(ArrayView, AnEmptyArrayMayHaveHugeLengths) {
  const Document document = read(array_text("(L4611686018427387904L\nI0\nt", dtype_text("f8"), "S''\n"));
  const auto array = array_view(document.root());
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->count, 0u);
  EXPECT_EQ(array->element_repr(0), "");
}

TEST(ArrayView, ItemsOfNoBytes) {
  const Document document = read(array_text("(L4611686018427387904L\nt", dtype_text("S0", "I3\nS'|'\nNNNI0\nI1\nI0\n"), "S''\n", true));
  const auto array = array_view(document.root());
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->element_repr(12345), "b''");
}

TEST(ArrayView, DTypesNestOnlySoFar) {
  std::string type = dtype_text("f8");
  for (int i = 0; i < 1000; ++i) {
    type = dtype_text("V8", "I3\nS'|'\nN(S'a'\nt(dS'a'\n(" + type + "I0\ntsI8\nI1\nI16\n");
  }
  EXPECT_EQ(code_of(array_text("(I1\nt", type, "S'12345678'\n")), ErrorCode::kCorrupt);
}

TEST(ArrayView, SharedDTypesDoNotExplode) {
  // Each level has two fields of the level below, and all levels but the first are a few bytes in the file.
  std::string pickle = dtype_text("S0", "I3\nS'|'\nNNNI0\nI1\nI0\n") + "p0\n0";
  for (int i = 1; i < 30; ++i) {
    const std::string below = "(g" + std::to_string(i - 1) + "\nI0\ntsS'b'\n(g" + std::to_string(i - 1) + "\nI0\nts";
    pickle += dtype_text("V0", "I3\nS'|'\nN(S'a'\nS'b'\nt(dS'a'\n" + below + "I0\nI1\nI16\n") + "p" + std::to_string(i) + "\n0";
  }
  const std::string array = array_text("(I1\nt", "g29\n", "S''\n");
  EXPECT_EQ(code_of(pickle + array), ErrorCode::kCorrupt);
  const Document document = read(pickle + array);
  EXPECT_LT(summary(document.root()).size(), 500u);
}

TEST(ArrayView, ScalarsOfScalarsDoNotRecurse) {
  const std::string object = dtype_text("O8", "I3\nS'|'\nNNNI-1\nI-1\nI63\n");
  std::string pickle = object + "p0\n0I1\n";
  std::string begin;
  std::string end;
  for (int i = 0; i < 100'000; ++i) {
    begin += "cnumpy.core.multiarray\nscalar\n(g0\n";
    end += "tR";
  }
  const std::string nested = object + "p0\n0" + begin + "I1\n" + end + ".";
  const Document document = read(nested);
  EXPECT_TRUE(array_view(document.root()));
  EXPECT_LT(summary(document.root()).size(), 500u);
}

TEST(DType, OfCodes) {
  EXPECT_EQ(dtype_of_code("f8")->to_string(), "float64");
  EXPECT_EQ(dtype_of_code(">i4")->to_string(), ">i4");
  EXPECT_EQ(dtype_of_code("|b1")->to_string(), "bool");
  EXPECT_EQ(dtype_of_code("b")->to_string(), "int8");
  EXPECT_EQ(dtype_of_code("?")->to_string(), "bool");
  EXPECT_EQ(dtype_of_code("U4")->to_string(), "<U4");
  EXPECT_EQ(dtype_of_code("<M8[25s]")->to_string(), "datetime64[25s]");
  EXPECT_EQ(dtype_of_code("m8")->to_string(), "timedelta64");
  for (const std::string_view bad : {"", "f", "x4", "f8x", "U99999999999999999999", "U9999999999999999999", "i3", "M8[x]", "<"}) {
    EXPECT_EQ(dtype_of_code(bad).has_value(), bad == "f") << bad;
  }
}

// What numpy of those days wrote, with values as really loading it gives them.
TEST(ArrayView, ReadsEveryVersion) {
  const auto folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "neither ../shared/fixtures nor CPPICKLE_FIXTURES is there";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "versions")) {
    const std::string name = entry.path().filename().string();
    const bool is_f8 = name.starts_with("np_f8.");
    const bool is_scalars = name.starts_with("np_scalars.");
    const bool is_masked = name.starts_with("np_masked.");
    const bool is_empty = name.starts_with("np_empty.");
    const bool is_record = name.starts_with("np_recarray.");
    const bool is_aligned = name.starts_with("np_aligned.");
    if (!is_f8 && !is_scalars && !is_masked && !is_empty && !is_record && !is_aligned) continue;
    SCOPED_TRACE(entry.path().string());
    ++files;
    const std::string pickle = read_whole(entry.path());
    const Document document = read(pickle);
    if (is_scalars) {
      std::string types;
      for (const Value scalar : document.root().items()) {
        const auto view = array_view(scalar);
        ASSERT_TRUE(view) << view.error().to_string();
        types += view->dtype.kind + view->element_repr(0) + ' ';
      }
      EXPECT_TRUE(types.starts_with("f1.5 i3 i-1 bTrue f2.5 M2020-01-01 m5 seconds ")) << types;
      EXPECT_TRUE(types.ends_with("'x' Sb'y' c1j ")) << types;
      continue;
    }
    const auto array = array_view(document.root());
    ASSERT_TRUE(array) << array.error().to_string();
    if (is_f8) { EXPECT_EQ(elements(*array), "0.0|1.0|2.0|3.0|4.0|5.0"); }
    if (is_masked) { EXPECT_EQ(elements(*array), "1.0|--"); }
    if (is_empty) { EXPECT_EQ(array->shape, (std::vector<std::uint64_t>{0, 3})); }
    if (is_record) { EXPECT_EQ(array->dtype.to_string(), "(numpy.record, [('a', '<i4'), ('b', '<f8')])"); }
    if (is_record) { EXPECT_EQ(elements(*array), "(1, 2.0)"); }
    if (is_aligned) {
      EXPECT_TRUE(array->dtype.aligned_struct);
      EXPECT_EQ(array->dtype.fields[1].offset, 8u);
    }
  }
  EXPECT_GT(files, 50u);
}

}  // namespace
}  // namespace cppickle
