// PyTorch's three formats, made by hand after torch/serialization.py.
#include <gtest/gtest.h>

#include "source_sample.h"

namespace cppickle {
namespace {

using namespace testing;
using Names = std::vector<std::string>;

// A persistent id as torch.save writes them: ('storage', class, key, 'cpu', count, None).
std::string storage_id(std::string_view type, std::string_view key) {
  return "(U\7storagectorch\n" + std::string(type) + "\nU" + static_cast<char>(key.size()) +
         std::string(key) + "U\3cpuK\2NtQ";
}

std::string legacy(std::string_view object, std::string_view keys) {
  const std::string magic = "\x80\2\x8A\x0Al\xFC\x9C\x46\xF9\x20\x6A\xA8P\x19.";
  return magic + "\x80\2M\xE9\3.\x80\2}X\x0D\0\0\0little_endian\x88s."s + "\x80\2" + std::string(object) +
         ".\x80\2" + std::string(keys) + ".";
}

TEST(SourceTorch, Legacy) {
  const std::string head =
      legacy("]" + storage_id("FloatStorage", "11") + "a" + storage_id("HalfStorage", "22") + "a",
             "](U\00211U\00222e");
  const std::string bytes = head + little_endian_64(2) + "12345678" + little_endian_64(3) + "abcdef";
  const auto source = Source::from_bytes(bytes);
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "torch legacy (5 pickles + raw storages)");
  ASSERT_EQ(source->streams().size(), 1u);
  EXPECT_EQ(source->streams()[0].bytes, head);
  EXPECT_EQ(source->read(0)->pickles(), 5u);
  ASSERT_EQ(source->blobs().size(), 2u);
  EXPECT_EQ(source->blobs()[0].key, "11");
  EXPECT_EQ(source->blobs()[0].bytes, "12345678");
  EXPECT_EQ(source->blobs()[1].bytes, "abcdef");
  EXPECT_EQ(source->blobs()[1].offset, bytes.size() - 6);
  EXPECT_TRUE(source->problems().empty());
}

TEST(SourceTorch, LegacyWithStoragesThatLie) {
  const std::string head = legacy("]" + storage_id("FloatStorage", "11") + "a", "](U\00211e");
  for (const std::string& tail : {std::string(), "abc"s, little_endian_64(3) + "12345678",
                                  little_endian_64(1ULL << 63), little_endian_64(~0ULL) + "12345678"}) {
    const auto source = Source::from_bytes(head + tail);
    ASSERT_TRUE(source.has_value());
    EXPECT_TRUE(has_problem(*source, ErrorCode::kTruncated, "storage '11'"));
    EXPECT_EQ(source->streams().size(), 1u);
  }
  const auto unknown =
      Source::from_bytes(legacy("]" + storage_id("OddStorage", "11") + "a", "](U\00211e") + "12345678");
  EXPECT_TRUE(has_problem(*unknown, ErrorCode::kCorrupt, "'11'"));
  const auto more = Source::from_bytes(head + little_endian_64(1) + "1234junk");
  EXPECT_TRUE(has_problem(*more, ErrorCode::kCorrupt, "4 bytes follow the last storage"));
  ASSERT_EQ(more->blobs().size(), 2u);
}

TEST(SourceTorch, CutLegacy) {
  const std::string head = legacy("]", "]");
  const auto source = Source::from_bytes(head.substr(0, head.size() - 4));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(source->container(), "torch legacy (5 pickles + raw storages)");
  EXPECT_TRUE(has_problem(*source, ErrorCode::kTruncated, "only 4"));
}

TEST(SourceTorch, Zip) {
  const std::string bytes = python(R"(
import pickle, zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip:
  zip.writestr("model/data/0", b"\x80\x04 is no pickle here")
  zip.writestr("model/data/1", b"N. is none either")
  zip.writestr("model/version", b"3\n")
  zip.writestr("model/data.pkl", pickle.dumps({"w": 1}, 2))
out.write(file.getvalue()))");
  OpenOptions options;
  for (const bool verify : {true, false}) {
    options.verify_blobs = verify;
    const auto source = Source::from_bytes(bytes, options);
    ASSERT_TRUE(source.has_value());
    EXPECT_EQ(source->container(), "torch zip");
    EXPECT_EQ(streams_of(*source), Names{"model/data.pkl"});
    EXPECT_EQ(blobs_of(*source), (Names{"model/data/0", "model/data/1", "model/version"}));
    EXPECT_EQ(source->blobs()[1].key, "1");
    EXPECT_EQ(source->blobs()[1].what, "a tensor's storage");
    EXPECT_EQ(source->blobs()[2].key, "");
  }
}

// A pickle among the storages is shown: something may load it.
TEST(SourceTorch, APickleAsAStorage) {
  const auto source = Source::from_bytes(python(R"(
import pickle, zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as zip:
  zip.writestr("m/data.pkl", pickle.dumps(1, 2))
  zip.writestr("m/data/0", b"cos\nsystem\n(S\"echo\"\ntR.")
out.write(file.getvalue()))"));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(streams_of(*source), (Names{"m/data.pkl", "m/data/0"}));
}

std::string tar_of(const std::vector<std::pair<std::string, std::string>>& members) {
  const TemporaryFolder folder;
  std::string names;
  for (const auto& [name, bytes] : members) {
    std::ofstream(folder.file(name), std::ios::binary) << bytes;
    names += " " + name;
  }
  return output_of("tar -C " + folder.path().string() + " -cf -" + names);
}

TEST(SourceTorch, Tar) {
  const std::string record = "(I7\nS'cpu'\nctorch\nFloatStorage\nt.";
  const std::string storages = "I1\n." + record + little_endian_64(2) + "12345678" + "(l.";
  const std::string tensor = "(I9\nI7\nctorch\nFloatTensor\nt.";
  const std::string sizes =
      little_endian_64(1) + little_endian_64(2) + little_endian_64(1) + little_endian_64(0);
  const auto open = [&](const std::string& of_storages, const std::string& of_tensors) {
    return Source::from_bytes(tar_of({{"sys_info", "(dS'protocol_version'\nI1000\ns."},
                                      {"pickle", "(dS'w'\nP9\ns."},
                                      {"storages", of_storages},
                                      {"tensors", of_tensors}}));
  };
  const auto source = open(storages, "I1\n." + tensor + sizes);
  ASSERT_TRUE(source.has_value()) << source.error().to_string();
  EXPECT_EQ(source->container(), "torch tar");
  EXPECT_EQ(streams_of(*source),
            (Names{"sys_info", "pickle", "storages", "storages", "storages", "tensors", "tensors"}));
  ASSERT_EQ(source->blobs().size(), 1u);
  EXPECT_EQ(source->blobs()[0].key, "7");
  EXPECT_EQ(source->blobs()[0].bytes, "12345678");
  EXPECT_TRUE(source->problems().empty());
  for (std::size_t i = 0; i < source->streams().size(); ++i) EXPECT_TRUE(source->read(i).has_value()) << i;

  const auto cut = open(storages.substr(0, storages.size() - 6), "I1\n." + tensor + sizes.substr(1));
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->problems().size(), 2u);
}

}  // namespace
}  // namespace cppickle
