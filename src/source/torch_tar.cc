// torch.save of 2016 (torch/serialization.py, legacy_load): a TAR archive of sys_info (a pickle), storages,
// tensors and pickle. `storages` holds a pickled count; for each a pickled (key, location, class), the number
// of elements and the elements; then a pickle of views. `tensors` holds a pickled count; for each a pickled
// (key, storage, class) and its number of dimensions (8 bytes), sizes, strides and offset (8 bytes each).
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/quote.h"
#include "io/little_endian.h"
#include "io/tar.h"
#include "source/opening.h"
#include "source/torch_storage.h"

namespace cppickle {
namespace {

constexpr std::size_t kRecordWindow = 4096;  // a key, a device and a class: their pickle has some 60 bytes
constexpr std::string_view kMembers[] = {"sys_info", "storages", "tensors", "pickle"};

Error bad_member(std::string_view member, std::uint64_t at) {
  return {ErrorCode::kCorrupt,
          "the member " + quote(member) + " of an old torch file cannot be followed any further", at};
}

// A member that is pickles with other bytes between them.
class RecordReader {
 public:
  RecordReader(const Part& part, Opening& opening) : part_(part), opening_(opening) {}

  // The next pickle, which becomes a stream of its own. Nothing if there is none.
  std::optional<Document> pickle(std::size_t window) {
    Result<Document> document =
        read_pickles(part_.bytes.view().substr(at_).substr(0, window), opening_.options().limits, 1);
    if (!document) return std::nullopt;
    opening_.add_stream(part_, at_, document->end_offset(), 1);
    at_ += document->end_offset();
    return *std::move(document);
  }

  std::optional<std::uint64_t> number() {
    if (!fits(at_, 8, part_.bytes.size())) return std::nullopt;
    at_ += 8;
    return le64(part_.bytes.span(), at_ - 8);
  }

  bool skip(std::uint64_t size) {
    if (!fits(at_, size, part_.bytes.size())) return false;
    at_ += size;
    return true;
  }

  std::uint64_t at() const { return at_; }
  bool is_at_end() const { return at_ == part_.bytes.size(); }

 private:
  const Part& part_;
  Opening& opening_;
  std::size_t at_ = 0;
};

// The items of a tuple of three: the key as text, and the class's name.
struct Record {
  std::string key;
  std::string type;
};

std::optional<Record> record_of(const Document& document) {
  const Value root = document.root();
  if (root.kind() != Kind::kTuple || root.size() != 3) return std::nullopt;
  const Values items = root.items();
  Values::Iterator item = items.begin();
  Record record;
  record.key = (*item).kind() == Kind::kInt ? (*item).as_decimal() : std::string((*item).text());
  ++item;
  const std::optional<Global> type = (*++item).global();
  if (type) record.type = type->qualname;
  return record;
}

bool read_storages(const Part& part, Opening& opening, RecordReader& reader) {
  const std::optional<Document> count = reader.pickle(kRecordWindow);
  const std::optional<std::int64_t> n = count ? count->root().as_int() : std::nullopt;
  if (!n || *n < 0) return false;
  for (std::int64_t i = 0; i < *n; ++i) {
    const std::optional<Document> document = reader.pickle(kRecordWindow);
    const std::optional<Record> record = document ? record_of(*document) : std::nullopt;
    const std::optional<std::uint64_t> element = record ? torch_element_size(record->type) : std::nullopt;
    const std::optional<std::uint64_t> elements = element ? reader.number() : std::nullopt;
    std::uint64_t size = 0;
    if (!elements || __builtin_mul_overflow(*elements, *element, &size)) return false;
    const std::uint64_t begin = reader.at();
    if (!reader.skip(size)) return false;
    Part storage = part;
    storage.where = member_path(part.where, record->key);
    opening.add_blob(storage, begin, size, "a tensor's storage", record->key);
  }
  return reader.pickle(~std::size_t{0}).has_value();
}

bool read_tensors(RecordReader& reader) {
  const std::optional<Document> count = reader.pickle(kRecordWindow);
  const std::optional<std::int64_t> n = count ? count->root().as_int() : std::nullopt;
  if (!n || *n < 0) return false;
  for (std::int64_t i = 0; i < *n; ++i) {
    if (!reader.pickle(kRecordWindow)) return false;
    // The number of dimensions has 4 bytes, and 4 more that say nothing.
    const std::optional<std::uint64_t> dimensions = reader.number();
    if (!dimensions || !reader.skip((*dimensions & 0xFFFFFFFF) * 16 + 8)) return false;
  }
  return true;
}

void open_member(const Part& part, std::string_view name, Opening& opening) {
  RecordReader reader(part, opening);
  bool is_whole = true;
  if (name == "storages") is_whole = read_storages(part, opening, reader);
  if (name == "tensors") is_whole = read_tensors(reader);
  if (name == "sys_info" || name == "pickle") {
    opening.add_stream(part, 0, part.bytes.size());
    return;
  }
  if (is_whole && reader.is_at_end()) return;
  opening.add_problem(bad_member(name, reader.at()), part.where);
  opening.add_blob(part, reader.at(), part.bytes.size() - reader.at(), "bytes that could not be told apart");
}

}  // namespace

bool is_torch_tar_member(std::string_view name) {
  return std::ranges::find(kMembers, name) != std::end(kMembers);
}

bool is_torch_tar(const TarArchive& archive) {
  return std::ranges::all_of(kMembers, [&archive](std::string_view name) {
    return std::ranges::any_of(archive.members(), [name](const TarMember& member) {
      return member.name == name && member.is_file() && !member.problem;
    });
  });
}

void open_torch_tar(const TarArchive& archive, const Part& part, Opening& opening) {
  for (const TarMember& member : archive.members()) {
    if (!member.is_file() || !is_torch_tar_member(member.name)) continue;
    Result<Bytes> bytes = archive.extract(member);
    if (!bytes) continue;
    open_member(
        {.bytes = *std::move(bytes), .where = member_path(part.where, member.name), .depth = part.depth + 1},
        member.name, opening);
  }
}

}  // namespace cppickle
