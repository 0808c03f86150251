#include "cppickle/privacy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cppickle/encode.h"
#include "cppickle/scan.h"
#include "cppickle/types/map.h"
#include "cppickle/types/sequence.h"
#include "scan/kept_data.h"
#include "scan/private_text.h"
#include "scan/secret_shapes.h"
#include "view_samples.h"

namespace cppickle {
namespace {

using scanning::TextMatch;

// "category detail" of each match.
std::vector<std::string> found_in(std::string_view text) {
  std::vector<std::string> found;
  scanning::for_each_private(text, [&](const TextMatch& match) {
    EXPECT_LE(match.begin + match.size, text.size());
    found.push_back(std::string(name_of(match.category)) + " " + match.detail);
  });
  return found;
}

using Found = std::vector<std::string>;

std::vector<PrivacyNote> notes_of(std::string pickle, PrivacyOptions options = {}) {
  const auto source = Source::from_bytes(std::move(pickle));
  EXPECT_TRUE(source);
  return source ? privacy_notes(*source, options) : std::vector<PrivacyNote>();
}

// "category detail path" of each note.
Found lines_of(std::string pickle) {
  Found lines;
  for (const PrivacyNote& note : notes_of(std::move(pickle))) {
    lines.push_back(std::string(name_of(note.category)) + " " + note.detail + " " + note.path);
  }
  return lines;
}

std::string object(std::string_view module, std::string_view name, std::string_view pairs) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n(tR(d" + std::string(pairs) + "b";
}

TEST(PrivateText, Paths) {
  EXPECT_EQ(found_in("/home/alice/x.csv"), (Found{"user-names alice", "paths /home/alice/x.csv"}));
  EXPECT_EQ(found_in("see /Users/Bob/x:3"), (Found{"user-names Bob", "paths /Users/Bob/x:3"}));
  EXPECT_EQ(found_in("C:\\Users\\Bob\\x"), (Found{"user-names Bob", "paths C:\\Users\\Bob\\x"}));
  EXPECT_EQ(found_in("D:/rows/x.csv"), (Found{"paths D:/rows/x.csv"}));
  EXPECT_EQ(found_in("\\\\server\\share\\x"), (Found{"paths \\\\server\\share\\x"}));
  EXPECT_EQ(found_in("file:///home/eve/x"), (Found{"user-names eve", "paths file:///home/eve/x"}));
  EXPECT_EQ(found_in("/usr/lib/python3"), (Found{"paths /usr/lib/python3"}));
  EXPECT_EQ(found_in("/some/where/else"), (Found{"paths /some/where/else"}));
  EXPECT_EQ(found_in("PATH=/opt/x:/opt/y").size(), 1u);
  for (const char* text :
       {"/a/b", "a/b/c/d/e/f", "//", "/", "/home", "and /some/where/else", "x = y / z", "\\d+\\w", "10:30/2"}) {
    EXPECT_EQ(found_in(text), Found{}) << text;
  }
}

TEST(PrivateText, Addresses) {
  EXPECT_EQ(found_in("mail alice.b@mail.example.org."), (Found{"emails al...@mail.example.org"}));
  EXPECT_EQ(found_in("https://example.org/a?b=c"), (Found{"hosts https://example.org"}));
  EXPECT_EQ(found_in("http://10.0.0.7:8080/"), (Found{"hosts http://10.0.0.7"}));
  EXPECT_EQ(found_in("at 192.168.1.20:22"), (Found{"hosts 192.168.1.20"}));
  EXPECT_EQ(found_in("redis://:p%40ss@cache/0"), (Found{"secrets redis://...@cache", "hosts redis://cache"}));
  EXPECT_EQ(found_in("db://u:a=b;c@h.example"), (Found{"secrets db://...@h.example", "hosts db://h.example"}));
  for (const char* text :
       {"a@b", "@decorator.name", "icon@2x.png", "1.2.3.4", "127.0.0.1", "300.1.1.1", "1.22.33.44.55", "://x"}) {
    EXPECT_EQ(found_in(text), Found{}) << text;
  }
}

TEST(PrivateText, Secrets) {
  const std::string word36 = "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8";
  EXPECT_EQ(found_in("AKIAIOSFODNN7EXAMPLE"), (Found{"secrets AKIA..."}));
  EXPECT_EQ(found_in("key ghp_" + word36 + "!"), (Found{"secrets ghp_..."}));
  EXPECT_EQ(found_in("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc"), (Found{"secrets eyJh..."}));
  EXPECT_EQ(found_in("-----BEGIN PRIVATE KEY-----"), (Found{"secrets ----..."}));
  EXPECT_EQ(scanning::shown("a -----BEGIN EC PRIVATE KEY-----\nMIIE\n-----END EC PRIVATE KEY-----\nb", 99),
            "a ----...\nb");
  EXPECT_EQ(found_in("user=a;password=opensesame1;x=y"), (Found{"secrets password=..."}));
  EXPECT_EQ(found_in("{\"api_key\": \"abcd1234efgh5678\"}"), (Found{"secrets api_key=abcd..."}));
  for (const std::string& text :
       {std::string("AKIASHORT"), "xghp_" + word36, std::string("password="), std::string("password=None"),
        std::string("token=word"), std::string("sample_token=fe54cb9a8f00e11eaa5319fd69d9beca"),
        std::string("sk-learn-contrib-something-without-numbers"), std::string("-----BEGIN CERTIFICATE-----"),
        std::string("secretary=abcd1234efgh5678")}) {
    EXPECT_EQ(found_in(text), Found{}) << text;
  }
}

TEST(PrivateText, IsMasked) {
  EXPECT_EQ(scanning::masked("short"), "...");
  EXPECT_EQ(scanning::masked("long enough to show"), "long...");
  EXPECT_EQ(scanning::shown("/a/AKIAIOSFODNN7EXAMPLE/b", 100), "/a/AKIA.../b");
  EXPECT_EQ(scanning::shown("alice.b@example.org at x", 100), "alic... at x");
  EXPECT_EQ(scanning::shown(std::string(200, 'x'), 5), "xxxxx...");
  // A path that holds a secret shows it no more than the secret itself.
  for (const std::string& line : found_in("/home/alice/AKIAIOSFODNN7EXAMPLE/x")) {
    EXPECT_EQ(line.find("IOSFODNN"), line.npos) << line;
  }
}

TEST(PrivateText, SurvivesAnything) {
  std::string text =
      "see /home/a/b, C:\\Users\\x, a@b.org http://u:p@h.de/x password=opensesame1234 1.2.3.44 AKIAIOSFODNN7EXAMPLE";
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', '/', ':', '@', '\\', '=', '\xFF', '.'}) {
      std::string damaged = text;
      damaged[i] = c;
      found_in(damaged);
      scanning::shown(damaged, 30);
    }
    found_in(text.substr(0, i));
  }
}

TEST(KeptData, DependsOnTheClass) {
  EXPECT_NE(scanning::kept_data("_fit_X", "AnyModel"), nullptr);
  EXPECT_NE(scanning::kept_data("components_", "DBSCAN"), nullptr);
  EXPECT_EQ(scanning::kept_data("components_", "PCA"), nullptr);
  EXPECT_EQ(scanning::kept_data("coef_", "LinearSVC"), nullptr);
}

TEST(Privacy, PathsAreThoseOfFind) {
  const auto pickle = encode(std::map<std::string, std::vector<std::string>>{{"a b", {"x", "/home/alice/y"}}});
  ASSERT_TRUE(pickle);
  const auto notes = notes_of(*pickle);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].category, PrivacyCategory::kUserNames);
  EXPECT_EQ(notes[1].path, "$['a b'][1]");
  const Document document = read(*pickle);
  const auto found = find(document.root(), notes[1].path);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text(), "/home/alice/y");
}

TEST(Privacy, RowsOfModels) {
  const std::string array = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\nI1\nt" +
                            dtype_text("f4") + "I00\nS'abcdefgh'\ntb";
  EXPECT_EQ(lines_of(object("sklearn.svm", "SVC", "S'support_vectors_'\n" + array + "s") + "."),
            (Found{"training-rows ndarray float32 (2, 1) C 8 B $.support_vectors_"}));
  EXPECT_EQ(lines_of(object("m", "C", "S'_fit_X'\nNsS'classes_'\n" + array + "sS'C'\nS'_fit_X'\ns") + "."), Found{});
  // Attributes, not keys of a dict.
  EXPECT_EQ(lines_of("(dS'_fit_X'\n(lI1\nas."), Found{});
  // Of a state of slots.
  EXPECT_EQ(lines_of("cm\nC\n(tR(N(dS'_fit_X'\n(lI1\nastb."), (Found{"training-rows list, 1 item $._fit_X"}));
  // A reference tells it as well.
  EXPECT_EQ(lines_of("((lp0\nI1\na" + object("m", "C", "S'_fit_X'\ng0\ns") + "t."),
            (Found{"training-rows list, 1 item $[1]._fit_X"}));
}

TEST(Privacy, LooksAtKeysAndAtWhatIsDiscarded) {
  EXPECT_EQ(lines_of("(d(V/home/eve/x\nI1\ntI2\ns."), (Found{"user-names eve $[0]", "paths /home/eve/x $[0]"}));
  EXPECT_EQ(lines_of("(V/home/eve/x\n0I1\nt.").size(), 2u);
  // A tuple that holds itself: what it holds stands before it, in a tuple that is discarded.
  EXPECT_EQ(lines_of("((lp0\n(g0\ntp1\na0g1\nV/home/eve/x\nt.").size(), 2u);
}

TEST(Privacy, IsBounded) {
  std::string many = "(";
  for (int i = 0; i < 3000; ++i) many += "(V/data/" + std::to_string(i) + "/x\nt";
  const auto notes = notes_of(many + "t.");
  ASSERT_EQ(notes.size(), 1001u);
  EXPECT_EQ(notes.back().category, PrivacyCategory::kIncomplete);
  EXPECT_EQ(notes_of(many + "t.", {.most_notes = 3}).size(), 4u);
  std::string deep(200'000, '(');
  for (int i = 0; i < 200'000; ++i) deep += 't';
  const auto of_deep = notes_of(deep + ".");
  ASSERT_EQ(of_deep.size(), 1u);
  EXPECT_EQ(of_deep[0].category, PrivacyCategory::kIncomplete);
}

// A hostile file refers to one large value again and again.
TEST(Privacy, TakesLinearTime) {
  std::string pickle = "((lp0\n";
  for (int i = 0; i < 100'000; ++i) pickle += "I1\na";
  for (int i = 0; i < 100'000; ++i) pickle += "cm\nC\n(tR(dS'_fit_X'\ng0\nsb";
  const auto notes = notes_of(pickle + "t.");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].count, 100'000u);
}

TEST(Latent, IsToldOfEstimatorsOnly) {
  const auto latent_of = [](std::string pickle) {
    const auto source = Source::from_bytes(std::move(pickle));
    return source ? scan_source(*source).latent.size() : 999;
  };
  EXPECT_EQ(latent_of(object("sklearn.pipeline", "Pipeline", "S'memory'\nS'/tmp/x'\ns") + "."), 1u);
  EXPECT_EQ(latent_of(object("sklearn.pipeline", "Pipeline", "S'memory'\nNs") + "."), 0u);
  EXPECT_EQ(latent_of(object("m", "Pipeline", "S'memory'\nS'/tmp/x'\ns") + "."), 0u);
  EXPECT_EQ(latent_of(object("sklearn.a", "B", "S'metric'\ncm\nf\ns") + "."), 1u);
  EXPECT_EQ(latent_of(object("sklearn.a", "B", "S'metric'\nS'euclidean'\ns") + "."), 0u);
  EXPECT_EQ(latent_of(object("xgboost.core", "Booster", "") + "."), 1u);
  EXPECT_EQ(latent_of("ctorch.nn.modules.linear\nLinear\n."), 1u);
}

}  // namespace
}  // namespace cppickle
