#include "cppickle/python_value.h"

#include <gtest/gtest.h>

#include "cppickle/bytes_view.h"
#include "cppickle/random_state.h"
#include "view_samples.h"

namespace cppickle {
namespace {

struct Sample {
  std::string_view text;
  int protocol;
  std::string pickle;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
#include "python_samples.inc"
  };
  return all;
}

std::string summary_of(const std::string& pickle, std::size_t most = 120) {
  const Document document = read(pickle);
  return summary(document.root(), most);
}

ObjectKind kind_of(const std::string& pickle) {
  const Document document = read(pickle);
  const auto object = object_view(document.root());
  EXPECT_TRUE(object);
  return object ? object->kind : ObjectKind::kCall;
}

TEST(Summary, IsWhatPythonPrints) {
  for (const Sample& sample : samples()) EXPECT_EQ(summary_of(sample.pickle), sample.text) << "protocol " << sample.protocol;
}

TEST(Summary, SurvivesEveryFlippedByte) {
  for (const Sample& sample : samples()) {
    for (std::size_t i = 0; i < sample.pickle.size(); ++i) {
      for (const int change : {0x01, 0x10, 0x80, 0xFF}) {
        std::string damaged = sample.pickle;
        damaged[i] = static_cast<char>(damaged[i] ^ change);
        const auto document = Document::read(std::string_view(damaged));
        if (!document) continue;
        EXPECT_LT(summary(document->root()).size(), 2000u);
        random_state(document->root());
      }
    }
  }
}

TEST(Summary, IsShort) {
  std::string deep(100'000, '(');
  for (int i = 0; i < 100'000; ++i) deep += 't';
  EXPECT_EQ(summary_of(deep + "."), "(((...,),),)");
  EXPECT_EQ(summary_of("(lp0\ng0\na."), "[[[...]]]");
  EXPECT_LT(summary_of("(V" + std::string(100'000, 'x') + "\nt.").size(), 200u);
  std::string persistent = "\x80\x02K\x01";
  persistent.append(100'000, 'Q');
  EXPECT_LT(summary_of(persistent + ".").size(), 200u);
  EXPECT_LT(summary_of("(l(I1\nI2\nI3\nI4\nI5\nI6\nI7\nI8\nI9\ne.", 12).size(), 30u);
}

TEST(Summary, EscapesWhatUpsetsATerminal) {
  EXPECT_EQ(summary_of("c__main__\n\x1b[31mX\n."), "__main__.\\x1b[31mX");
  EXPECT_EQ(summary_of("c__main__\nX\n(tR(dS'\\x1b'\nI1\nsb."), "__main__.X(\\x1b=1)");
}

TEST(ObjectView, InstancesOfAllProtocols) {
  // class A(object): with attribute x = 1
  const std::string old_protocol = "ccopy_reg\n_reconstructor\n(c__main__\nA\nc__builtin__\nobject\nNtR(dS'x'\nI1\nsb.";
  const std::string protocol_2 = bytes("\200\002c__main__\nA\n)\201}X\001\000\000\000xK\001sb.");
  const std::string by_function = "ccopyreg\n__newobj__\n(c__main__\nA\ntR(dS'x'\nI1\nsb.";
  const std::string old_style = "(i__main__\nA\n(dS'x'\nI1\nsb.";
  for (const std::string& pickle : {old_protocol, protocol_2, by_function, old_style}) {
    const Document document = read(pickle);
    const auto object = object_view(document.root());
    ASSERT_TRUE(object);
    EXPECT_EQ(object->kind, ObjectKind::kInstance);
    EXPECT_EQ(object->type.to_string(), "__main__.A");
    EXPECT_TRUE(object->args.empty());
    ASSERT_TRUE(object->attribute("x"));
    EXPECT_EQ(object->attribute("x")->as_int(), 1);
    EXPECT_FALSE(object->attribute("y"));
    EXPECT_EQ(summary(document.root()), "__main__.A(x=1)");
  }
}

TEST(ObjectView, SlotsAndOddStates) {
  const Document slots = read("ccopyreg\n__newobj__\n(c__main__\nA\ntR(N(dS'x'\nI1\nstb.");
  const auto object = object_view(slots.root());
  ASSERT_TRUE(object && object->slots);
  EXPECT_FALSE(object->attributes || object->state);
  EXPECT_EQ(object->attribute("x")->as_int(), 1);
  EXPECT_EQ(summary_of("ccopyreg\n__newobj__\n(c__main__\nA\ntR(I1\nI2\ntb."), "__main__.A(state=(1, 2))");
}

TEST(ObjectView, SubclassesOfBuiltInTypes) {
  const std::string tuple = "ccopy_reg\n_reconstructor\n(c__main__\nP\nc__builtin__\ntuple\n(I1\nI2\nttR.";
  EXPECT_EQ(summary_of(tuple), "__main__.P(1, 2)");
  EXPECT_EQ(kind_of(tuple), ObjectKind::kNamedTuple);
  const std::string new_tuple = bytes("\200\002c__main__\nP\nK\001K\002\206\201.");
  EXPECT_EQ(summary_of(new_tuple), "__main__.P(1, 2)");
  EXPECT_EQ(kind_of(new_tuple), ObjectKind::kNamedTuple);
  EXPECT_EQ(summary_of("ccopy_reg\n_reconstructor\n(c__main__\nD\nc__builtin__\ndict\n(dS'a'\nI1\nstR."), "__main__.D() {'a': 1}");
  EXPECT_EQ(summary_of("ccopy_reg\n_reconstructor\n(c__main__\nI\nc__builtin__\nint\nI5\ntR."), "__main__.I(5)");
  EXPECT_EQ(summary_of(bytes("\200\002c__main__\nL\n)\201(K\001K\002e.")), "__main__.L() [1, 2]");
}

TEST(ObjectView, ClassesReachedByGetattr) {
  const std::string zone = bytes("\200\004cbuiltins\ngetattr\nczoneinfo\nZoneInfo\n\214\011_unpickle\206R\214\014Europe/ParisK\001\206R.");
  EXPECT_EQ(summary_of(zone), "zoneinfo.ZoneInfo(Europe/Paris)");
  EXPECT_EQ(summary_of("c__builtin__\ngetattr\n(c__main__\nColor\nS'RED'\ntR."), "__main__.Color.RED");
  EXPECT_EQ(summary_of("cbuiltins\ngetattr\n(c__main__\nA\nS'f'\ntR(I1\ntR."), "__main__.A.f(1)");
}

TEST(DateTimes, AreChecked) {
  const auto time_of = [](const std::string& pickle) {
    const Document document = read(pickle);
    const auto object = object_view(document.root());
    const auto time = object ? date_time(*object) : std::nullopt;
    return time ? time->to_string() : "none";
  };
  EXPECT_EQ(time_of("cdatetime\ndate\n(S'\\x07\\xe8\\x02\\x1d'\ntR."), "2024-02-29");
  EXPECT_EQ(time_of("cdatetime\ndate\n(S'\\x07\\xe7\\x02\\x1d'\ntR."), "none");
  EXPECT_EQ(time_of("cdatetime\ndate\n(S'\\x07\\xe7\\x02'\ntR."), "none");
  EXPECT_EQ(time_of("cdatetime\ndate\n(I2024\nI1\nI1\ntR."), "none");
  EXPECT_EQ(time_of("cdatetime\ntime\n(S'\\x81\\x02\\x03\\x00\\x00\\x01'\ntR."), "01:02:03.000001");
  EXPECT_EQ(time_of("cdatetime\ntime\n(S'\\x18\\x02\\x03\\x00\\x00\\x01'\ntR."), "none");
  EXPECT_EQ(summary_of("cdatetime\ndate\n(I2024\nI1\nI1\ntR."), "datetime.date(2024, 1, 1)");
}

TEST(Bytes, OfAllProtocols) {
  const auto bytes_in = [](const std::string& pickle) {
    const Document document = read(pickle);
    const auto found = bytes_of(document.root());
    return found ? std::string(found->bytes) : "none";
  };
  EXPECT_EQ(bytes_in("c_codecs\nencode\n(V\\u00e9a\nVlatin1\ntR."), "\xE9" "a");
  EXPECT_EQ(bytes_in("c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR."), "none");
  EXPECT_EQ(bytes_in("c_codecs\nencode\n(Va\nVrot13\ntR."), "none");
  EXPECT_EQ(bytes_in("c__builtin__\nbytes\n(tR."), "");
  EXPECT_EQ(bytes_in("c__builtin__\nbytearray\n(V\\u00ff\nS'latin-1'\ntR."), "\xFF");
  EXPECT_EQ(bytes_in(bytes("\200\003cbuiltins\nbytearray\nC\001x\205R.")), "x");
  EXPECT_EQ(bytes_in("S'x'\n."), "x");
  EXPECT_EQ(bytes_in("Vx\n."), "none");
}

// Values as really loading the files gives them: {'d': datetime, 'date': ..., 't': ..., 'td': ...} and so on.
TEST(Views, ReadEveryVersion) {
  const auto folder = fixtures();
  if (folder.empty()) GTEST_SKIP() << "neither ../shared/fixtures nor CPPICKLE_FIXTURES is there";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "versions")) {
    const std::string name = entry.path().filename().string();
    SCOPED_TRACE(entry.path().string());
    const bool is_known = name.starts_with("py_datetime.") || name.starts_with("py_coll.") || name.starts_with("np_randomstate.") ||
                          name.starts_with("np_bitgen.") || name.starts_with("py2_oldstyle.") || name.starts_with("py_bytes.");
    if (!is_known) continue;
    ++files;
    const std::string pickle = read_whole(entry.path());
    const Document document = read(pickle);
    const Value root = document.root();
    const std::string text = summary(root, 1000);
    if (name.starts_with("py_datetime.")) {
      for (const std::string_view part : {"datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)", "datetime.date(2020, 1, 2)",
                                          "datetime.time(1, 2, 3)", "datetime.timedelta(days=1, seconds=2, microseconds=3)"}) {
        EXPECT_TRUE(text.contains(part)) << text;
      }
    } else if (name.starts_with("py_coll.")) {
      for (const std::string_view part : {"OrderedDict({'a': 1})", "defaultdict(list, {'a': [1]})", "Counter({'a': 2, ", "deque([1, 2], maxlen=5)",
                                          "{1, 2}", "frozenset({3})", "Decimal('1.50')", "Fraction(1, 3)", "(1+2j)",
                                          "UUID('00000000-0000-0000-0000-000000000005')", "1267650600228229401496703205376"}) {
        EXPECT_TRUE(text.contains(part)) << text;
      }
    } else if (name.starts_with("np_randomstate.")) {
      const auto state = random_state(root);
      ASSERT_TRUE(state);
      EXPECT_EQ(state->algorithm, "MT19937");
      EXPECT_TRUE(state->key);
      EXPECT_EQ(state->position, 624);
    } else if (name.starts_with("np_bitgen.")) {
      std::string algorithms;
      for (const Value generator : root.items()) {
        const auto state = random_state(generator);
        ASSERT_TRUE(state);
        EXPECT_TRUE(state->state);
        algorithms.append(state->algorithm) += ' ';
      }
      EXPECT_EQ(algorithms, "PCG64 Philox MT19937 SFC64 ");
    } else if (name.starts_with("py2_oldstyle.")) {
      EXPECT_EQ(text, "__main__.Old(a='z')");
    } else {
      EXPECT_TRUE(text.contains("b'caf\\xc3\\xa9\\x00\\xff'")) << text;
    }
  }
  EXPECT_GT(files, 60u);
}

}  // namespace
}  // namespace cppickle
