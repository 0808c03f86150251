#include "pickle/compat_names.h"

#include <gtest/gtest.h>

namespace cppickle {
namespace {

using Name = ImportName;

TEST(CompatNames, ToPython2LooksUpThePairFirst) {
  EXPECT_EQ(to_python2("builtins", "range"), (Name{"__builtin__", "xrange"}));
  EXPECT_EQ(to_python2("builtins", "set"), (Name{"__builtin__", "set"}));
  EXPECT_EQ(to_python2("builtins", "ValueError"), (Name{"exceptions", "ValueError"}));
  EXPECT_EQ(to_python2("builtins", "FileNotFoundError"), (Name{"exceptions", "OSError"}));
  EXPECT_EQ(to_python2("copyreg", "_reconstructor"), (Name{"copy_reg", "_reconstructor"}));
  EXPECT_EQ(to_python2("queue", "Queue"), (Name{"Queue", "Queue"}));
  EXPECT_EQ(to_python2("collections", "UserDict"), (Name{"UserDict", "IterableUserDict"}));
  EXPECT_EQ(to_python2("functools", "reduce"), (Name{"__builtin__", "reduce"}));
  EXPECT_EQ(to_python2("_functools", "reduce"), (Name{"__builtin__", "reduce"}));
  EXPECT_EQ(to_python2("functools", "partial"), (Name{"functools", "partial"}));
}

TEST(CompatNames, ToPython3) {
  EXPECT_EQ(to_python3("__builtin__", "xrange"), (Name{"builtins", "range"}));
  EXPECT_EQ(to_python3("__builtin__", "unicode"), (Name{"builtins", "str"}));
  EXPECT_EQ(to_python3("__builtin__", "anything"), (Name{"builtins", "anything"}));
  EXPECT_EQ(to_python3("exceptions", "StandardError"), (Name{"builtins", "Exception"}));
  EXPECT_EQ(to_python3("cPickle", "loads"), (Name{"pickle", "loads"}));
  EXPECT_EQ(to_python3("Tix", "Tk"), (Name{"tkinter.tix", "Tk"}));
  // The pair was found, so the module is not looked up again: not dbm.ndbm.
  EXPECT_EQ(to_python3("whichdb", "whichdb"), (Name{"dbm", "whichdb"}));
}

TEST(CompatNames, OthersStay) {
  EXPECT_EQ(to_python2("numpy", "ndarray"), (Name{"numpy", "ndarray"}));
  EXPECT_EQ(to_python3("builtins", "range"), (Name{"builtins", "range"}));
  EXPECT_EQ(to_python2("", ""), (Name{"", ""}));
  EXPECT_EQ(to_python3("\xff", "x"), (Name{"\xff", "x"}));
}

}  // namespace
}  // namespace cppickle
