// ZIP and TAR archives: what kind of file they are, and their members.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "io/tar.h"
#include "io/zip.h"
#include "source/opening.h"

namespace cppickle {
namespace {

void add_problems(const ArchiveProblems& problems, std::string_view where, Opening& opening) {
  for (const ArchiveProblem& problem : problems.list()) {
    if (problem.is_error) opening.add_problem(problem.error, where);
  }
}

Error too_many_members(const Opening& opening) {
  return {ErrorCode::kLimit, "more than " + std::to_string(opening.options().limits.members) +
                                 " members in all (limit 'members'); raise it with --limit members=N"};
}

// PyTorch's archives keep everything in one folder with data.pkl (torch/serialization.py,
// caffe2/serialize/inline_container.cc): the folder with its slash, or nothing for another archive.
std::optional<std::string_view> torch_folder(const ZipArchive& archive) {
  for (const ZipMember& member : archive.members()) {
    if (member.name == "data.pkl") return std::string_view();
    if (!member.name.ends_with("/data.pkl")) continue;
    const std::string_view folder = member.name.substr(0, member.name.find('/') + 1);
    if (folder.size() + std::string_view("data.pkl").size() == member.name.size()) return folder;
  }
  return std::nullopt;
}

// numpy.savez names members by their variables and ".npy".
bool is_npz(const ZipArchive& archive) {
  return !archive.members().empty() && std::ranges::all_of(archive.members(), [](const ZipMember& member) {
    return member.name.ends_with(".npy");
  });
}

class ZipMembers : public Members {
 public:
  ZipMembers(ZipArchive archive, const Part& part)
      : archive_(std::move(archive)),
        where_(part.where),
        depth_(part.depth + 1),
        torch_(torch_folder(archive_)),
        damaged_left_(part.bytes.size()) {
    if (!torch_) return;
    const ZipMember* object = archive_.find(std::string(*torch_) + "data.pkl");
    first_ = static_cast<std::size_t>(object - archive_.members().data());
  }

  std::string kind() const { return torch_ ? "torch zip" : is_npz(archive_) ? "npz" : "other zip"; }

  std::optional<Part> next(Opening& opening) override {
    while (next_ < archive_.members().size()) {
      // data.pkl comes first, wherever it stands.
      const std::size_t i = next_ == 0 ? first_ : next_ <= first_ ? next_ - 1 : next_;
      ++next_;
      const ZipMember& member = archive_.members()[i];
      if (member.is_folder() && member.size == 0) continue;
      if (!opening.count_member()) {
        opening.add_problem(too_many_members(opening), where_);
        return std::nullopt;
      }
      if (std::optional<Part> part = extract(member, opening)) return part;
    }
    return std::nullopt;
  }

 private:
  std::optional<Part> extract(const ZipMember& member, Opening& opening) {
    Part part{.bytes = {},
              .where = member_path(where_, member.name),
              .depth = depth_,
              .key = storage_key(member.name)};
    const bool is_copied = member.method != ZipMethod::kStored;
    if (!member.problem) {
      const bool verify = is_copied || part.key.empty() || opening.options().verify_blobs;
      Result<Bytes> bytes =
          archive_.extract(member, opening.limits_left(),
                           verify ? ZipArchive::Checksum::kVerify : ZipArchive::Checksum::kIgnore);
      if (bytes) {
        part.bytes = *std::move(bytes);
        if (is_copied) opening.charge(part.bytes.size());
        return part;
      }
    }
    // The problem of a member's headers is already in the archive's. Members that share bytes are read no
    // further than as if they didn't: a small archive of them may stand for petabytes (Fifield, "A better zip
    // bomb").
    if (member.data_offset == 0 || member.compressed_size > damaged_left_) return std::nullopt;
    damaged_left_ -= member.compressed_size;
    PartlyDecompressed partly = archive_.extract_partly(member, opening.limits_left());
    if (!member.problem && partly.damage) opening.add_problem(*partly.damage, where_);
    if (is_copied) opening.charge(partly.data.size());
    if (partly.data.empty()) return std::nullopt;
    part.bytes = std::move(partly.data);
    part.is_damaged = true;
    return part;
  }

  // Storages of data.pkl are "data/KEY"; TorchScript keeps those of constants.pkl in "constants/KEY".
  std::string storage_key(std::string_view name) const {
    if (!torch_ || !name.starts_with(*torch_)) return {};
    name.remove_prefix(torch_->size());
    const std::size_t slash = name.find('/');
    if (slash == name.npos || name.find('/', slash + 1) != name.npos) return {};
    if (name.starts_with("data/")) return std::string(name.substr(slash + 1));
    return name.starts_with("constants/") ? std::string(name) : std::string();
  }

  ZipArchive archive_;
  std::string where_;
  std::uint64_t depth_;
  std::optional<std::string_view> torch_;
  std::uint64_t damaged_left_;  // bytes of damaged members that may still be read
  std::size_t first_ = 0;
  std::size_t next_ = 0;
};

class TarMembers : public Members {
 public:
  TarMembers(TarArchive archive, const Part& part, bool is_torch)
      : archive_(std::move(archive)), where_(part.where), depth_(part.depth + 1), is_torch_(is_torch) {}

  std::optional<Part> next(Opening& opening) override {
    while (next_ < archive_.members().size()) {
      const TarMember& member = archive_.members()[next_++];
      if (!member.is_file() || (is_torch_ && is_torch_tar_member(member.name))) continue;
      if (!opening.count_member()) {
        opening.add_problem(too_many_members(opening), where_);
        return std::nullopt;
      }
      Result<Bytes> bytes = archive_.extract(member);
      // What is wrong with a member is among the archive's problems.
      if (!bytes) continue;
      return Part{.bytes = *std::move(bytes), .where = member_path(where_, member.name), .depth = depth_};
    }
    return std::nullopt;
  }

 private:
  TarArchive archive_;
  std::string where_;
  std::uint64_t depth_;
  bool is_torch_;  // then the members that make it so are already taken apart
  std::size_t next_ = 0;
};

}  // namespace

Result<std::string> open_zip(const Part& part, Opening& opening) {
  if (part.depth >= opening.options().limits.nesting) return std::unexpected(opening.too_deep());
  Result<ZipArchive> archive = ZipArchive::open(part.bytes, opening.options().limits);
  if (!archive) return std::unexpected(archive.error());
  add_problems(archive->problems(), part.where, opening);
  auto members = std::make_unique<ZipMembers>(*std::move(archive), part);
  std::string kind = members->kind();
  opening.descend(std::move(members));
  return kind;
}

Result<std::string> open_tar(const Part& part, Opening& opening) {
  if (part.depth >= opening.options().limits.nesting) return std::unexpected(opening.too_deep());
  Result<TarArchive> archive = TarArchive::open(part.bytes, opening.options().limits);
  if (!archive) return std::unexpected(archive.error());
  add_problems(archive->problems(), part.where, opening);
  const bool is_torch = is_torch_tar(*archive);
  if (is_torch) open_torch_tar(*archive, part, opening);
  opening.descend(std::make_unique<TarMembers>(*std::move(archive), part, is_torch));
  return is_torch ? "torch tar" : "tar";
}

}  // namespace cppickle
