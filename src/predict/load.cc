// From a file or document to a Model.
#include <fmt/format.h>

#include "base/quote.h"
#include "cppickle/model.h"
#include "cppickle/source.h"
#include "predict/registry.h"
#include "predict/state.h"

namespace cppickle::predict {
namespace {

constexpr std::uint64_t kMostNested = 64;

bool is_model(const Value& value) {
  const auto object = object_view(value);
  return object && find_registered(object->type) != nullptr;
}

std::string step_to(const Value& key) {
  if (const auto number = key.as_int()) return fmt::format("[{}]", *number);
  return fmt::format("[{}]", quote(key.text()));
}

// Paths of models in containers of containers, not in objects; at most ten.
void collect_models(const Value& value, const std::string& path, int depth, std::vector<std::string>& paths) {
  constexpr std::size_t kMost = 10;
  constexpr int kMostLooked = 1000;
  if (is_model(value)) {
    if (!path.empty()) paths.push_back(path);
    return;
  }
  if (depth == 0) return;
  int looked = 0;
  std::size_t index = 0;
  if (value.kind() == Kind::kDict) {
    for (const Pair pair : value.pairs()) {
      if (paths.size() >= kMost || ++looked > kMostLooked) return;
      collect_models(pair.value, path + step_to(pair.key), depth - 1, paths);
    }
  } else if (value.kind() == Kind::kList || value.kind() == Kind::kTuple) {
    for (const Value item : value.items()) {
      if (paths.size() >= kMost || ++looked > kMostLooked) return;
      collect_models(item, path + fmt::format("[{}]", index++), depth - 1, paths);
    }
  }
}

std::unexpected<Error> not_a_model(const Value& value) {
  std::vector<std::string> paths;
  collect_models(value, "", 3, paths);
  std::string message = "this is no model but " + summary(value, 60);
  for (std::size_t i = 0; i < paths.size(); ++i) message += (i == 0 ? "; models in it are at " : ", ") + paths[i];
  return std::unexpected(Error{ErrorCode::kTypeMismatch, message});
}

}  // namespace

Result<Model> Model::load(const Document& document, const LoadOptions& options) {
  const auto found = find(document.root(), options.at);
  if (!found) return std::unexpected(found.error());
  const Value value = *found;
  if (value.kind() != Kind::kObject) return not_a_model(value);
  // What is copied is in proportion to the file: numbers of one byte become eight.
  constexpr std::uint64_t kLeast = std::uint64_t{256} << 20;
  const std::uint64_t budget = std::min(options.limits.allocation, kLeast + 64 * document.end_offset());
  Loader loader(budget, kMostNested);
  std::shared_ptr<const Estimator> estimator = loader.estimator(value, options.at, {});
  if (!estimator) return std::unexpected(loader.take_error());
  return Model(std::move(estimator));
}

Result<Model> Model::open(const std::string& path, const LoadOptions& options) {
  OpenOptions open_options;
  open_options.limits = options.limits;
  open_options.verify_blobs = false;
  const auto file = model_file(path);
  if (!file) return std::unexpected(file.error());
  const auto source = Source::open(*file, open_options);
  if (!source) return std::unexpected(source.error());
  if (const auto held = source->require_contents(); !held) return std::unexpected(held.error());
  if (source->streams().empty()) return std::unexpected(Error{ErrorCode::kNotAPickle, "the file holds arrays and no pickle"});
  ReadOptions read_options;
  read_options.limits = options.limits;
  const auto document = source->read(0, read_options);
  if (!document) return std::unexpected(document.error());
  return load(*document, options);
}

}  // namespace cppickle::predict
