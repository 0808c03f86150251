#include "document/class_names.h"

#include <gtest/gtest.h>

namespace cppickle {
namespace {

std::string canonical_of(std::string_view module, std::string_view name) {
  return canonical(Global{module, name}).to_string();
}

TEST(ClassNames, Numpy) {
  EXPECT_EQ(canonical_of("numpy.core.multiarray", "_reconstruct"), "numpy._core.multiarray._reconstruct");
  EXPECT_EQ(canonical_of("numpy._core.multiarray", "_reconstruct"), "numpy._core.multiarray._reconstruct");
  EXPECT_EQ(canonical_of("numpy.core.numeric", "_frombuffer"), "numpy._core.numeric._frombuffer");
  EXPECT_EQ(canonical_of("numpy.core.records", "recarray"), "numpy.rec.recarray");
  EXPECT_EQ(canonical_of("numpy", "recarray"), "numpy.rec.recarray");
  EXPECT_EQ(canonical_of("numpy.rec", "record"), "numpy.record");
  EXPECT_EQ(canonical_of("numpy", "bool_"), "numpy.bool");
  EXPECT_EQ(canonical_of("numpy", "ndarray"), "numpy.ndarray");
  EXPECT_EQ(canonical_of("numpy.ma.core", "MaskedArray"), "numpy.ma.MaskedArray");
  EXPECT_EQ(canonical_of("numpy.ma.core", "_mareconstruct"), "numpy.ma.core._mareconstruct");
  EXPECT_EQ(canonical_of("numpy.corex", "y"), "numpy.corex.y");
}

TEST(ClassNames, Joblib) {
  EXPECT_EQ(canonical_of("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper"),
            "joblib.numpy_pickle.NumpyArrayWrapper");
  EXPECT_EQ(canonical_of("sklearn.externals.joblib", "X"), "joblib.X");
  EXPECT_EQ(canonical_of("sklearn.externals.joblibs", "X"), "sklearn.externals.joblibs.X");
}

TEST(ClassNames, Python) {
  EXPECT_EQ(canonical_of("__builtin__", "set"), "builtins.set");
  EXPECT_EQ(canonical_of("copy_reg", "_reconstructor"), "copyreg._reconstructor");
  EXPECT_EQ(canonical_of("exceptions", "ValueError"), "builtins.ValueError");
  EXPECT_EQ(canonical_of("pathlib._local", "PosixPath"), "pathlib.PosixPath");
  EXPECT_EQ(canonical_of("_functools", "partial"), "functools.partial");
  EXPECT_EQ(canonical_of("__main__", "set"), "__main__.set");
}

}  // namespace
}  // namespace cppickle
