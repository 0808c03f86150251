// The folder that MLflow keeps a model in: MLmodel, in YAML, says for each flavor which file holds it (mlflow.models.Model,
// MLflow 1 to 3). sklearn: pickled_model; xgboost, lightgbm, statsmodels and python_function: data.
#include <fmt/format.h>
#include <yaml.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "base/quote.h"
#include "cppickle/model.h"
#include "io/file.h"

namespace cppickle::predict {
namespace {

std::unexpected<Error> wrong(ErrorCode code, const std::string& path, std::string message) {
  Error error{code, std::move(message)};
  error.where = path;
  return std::unexpected(std::move(error));
}

struct Flavor {
  std::string name;
  std::string file;    // pickled_model, or data
  std::string format;  // serialization_format of sklearn: pickle, cloudpickle; skops since MLflow 3
};

// Takes YAML's events and keeps what stands at flavors: NAME: KEY.
class FlavorReader {
 public:
  // False where the text is not what yaml.safe_dump() writes of dicts and lists.
  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_MAPPING_START_EVENT: return open(true);
      case YAML_SEQUENCE_START_EVENT: return open(false);
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        open_.pop_back();
        close_value();
        return true;
      case YAML_ALIAS_EVENT: return scalar({});
      case YAML_SCALAR_EVENT:
        return scalar({reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length});
      default: return true;
    }
  }
  std::vector<Flavor> flavors;

 private:
  struct Level {
    bool is_mapping;
    bool has_key = false;
    std::string key;
  };

  bool open(bool is_mapping) {
    if (!open_.empty() && open_.back().is_mapping && !open_.back().has_key) return false;
    if (is_mapping && open_.size() == 2 && open_[0].key == "flavors") flavors.push_back({open_[1].key, {}, {}});
    open_.push_back({is_mapping, false, {}});
    return true;
  }

  bool scalar(std::string_view text) {
    if (open_.empty()) return false;
    Level& level = open_.back();
    if (level.is_mapping && !level.has_key) {
      level.key = text;
      level.has_key = true;
      return true;
    }
    if (open_.size() == 3 && open_[0].key == "flavors" && level.is_mapping && !flavors.empty()) {
      if (level.key == "pickled_model" || level.key == "data") flavors.back().file = text;
      if (level.key == "serialization_format") flavors.back().format = text;
    }
    close_value();
    return true;
  }

  void close_value() {
    if (!open_.empty()) open_.back().has_key = false;
  }

  std::vector<Level> open_;
};

Result<std::vector<Flavor>> read_flavors(const std::string& path) {
  Limits limits;
  limits.bytes = std::uint64_t{1} << 20;
  const auto bytes = read_file(path, limits);
  if (!bytes) return std::unexpected(bytes.error());
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) throw std::bad_alloc();
  const std::unique_ptr<yaml_parser_t, void (*)(yaml_parser_t*)> owner(&parser, yaml_parser_delete);
  const std::string_view text = bytes->size() == 0 ? "" : bytes->view();  // libyaml asserts that there is a pointer
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  FlavorReader reader;
  for (bool at_end = false; !at_end;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) {
      if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
      const char* const problem = parser.problem != nullptr ? parser.problem : "no YAML";
      return wrong(ErrorCode::kCorrupt, path, fmt::format("line {}: {}", parser.problem_mark.line + 1, problem));
    }
    const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> event_owner(&event, yaml_event_delete);
    if (!reader.take(event)) {
      return wrong(ErrorCode::kCorrupt, path, fmt::format("line {}: no plain YAML", event.start_mark.line + 1));
    }
    at_end = event.type == YAML_STREAM_END_EVENT;
  }
  return std::move(reader.flavors);
}

// A name inside the folder: MLmodel comes from strangers as well.
bool stays_inside(const std::filesystem::path& file) {
  if (file.is_absolute()) return false;
  for (const auto& part : file) {
    if (part == "..") return false;
  }
  return true;
}

}  // namespace

Result<std::string> model_file(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::is_directory(path, unknown)) return path;
  const std::filesystem::path folder(path);
  const auto flavors = read_flavors((folder / "MLmodel").string());
  if (!flavors) return std::unexpected(flavors.error());
  std::string others;
  for (const Flavor& flavor : *flavors) {
    if (flavor.file.empty()) continue;
    const std::filesystem::path file(flavor.file);
    const bool is_pickle = flavor.format.empty() ? file.extension() == ".pkl" || file.extension() == ".joblib"
                                                 : flavor.format.ends_with("pickle");
    if (is_pickle && stays_inside(file)) return (folder / file).string();
    if (others.size() < 400) others += (others.empty() ? "" : ", ") + flavor.name + " in " + quote(flavor.file);
  }
  return wrong(ErrorCode::kUnsupported, path,
               "the folder keeps no pickle of a model" + (others.empty() ? "" : ": it has " + others));
}

}  // namespace cppickle::predict
