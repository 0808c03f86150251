#include "scan/latent.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/quote.h"
#include "cppickle/python_value.h"
#include "document/class_names.h"
#include "document/place_walk.h"
#include "scan/reference_texts.h"
#include "scan/value_outline.h"

namespace cppickle::scanning {
namespace {

using ValueKind = cppickle::Kind;  // the scanner's machine has a Kind of its own

constexpr std::size_t kMostSentences = 100;
constexpr std::size_t kMostDepth = 10'000;

// A library's classes of which a name alone tells enough. An empty name stands for all of the module and those below
// it.
struct KnownName {
  std::string_view module;
  std::string_view qualname;
  std::string_view sentence;
};

constexpr KnownName kKnownNames[] = {
    {"joblib.memory", "Memory", "keeps results in a folder of files and reads them back as pickles"},
    {"joblib._parallel_backends", "", "starts processes or threads"},
    {"joblib.externals.loky", "", "starts processes"},
    {"multiprocessing", "", "starts processes or shares memory with them"},
    {"concurrent.futures", "", "starts processes or threads"},
    {"numpy", "memmap",
     "is an array that was mapped from a file; here it is in memory, and its file name is what was written"},
    {"xgboost.core", "Booster", "hands the model's bytes to native code, which reads them by itself"},
    {"lightgbm.basic", "Booster", "hands the model's text to native code, which reads it by itself"},
    {"catboost.core", "", "hands the model's bytes to native code, which reads them by itself"},
    {"torch.nn.modules", "", "runs forward() of the listed classes when the model is called"},
};

// Attributes of estimators whose value is called when the estimator is used.
constexpr std::string_view kCalled[] = {
    "algorithm",  "analyzer",  "callback", "callbacks",         "eval_metric",  "feature_names_out",
    "fun",        "func",      "function", "importance_getter", "inverse_func", "kernel",
    "loss",       "loss_func", "metric",   "objective",         "optimizer",    "preprocessor",
    "score_func", "scorer_",   "scoring",  "tokenizer",         "weights"};
static_assert(std::ranges::is_sorted(kCalled));

bool is_estimator_library(std::string_view module) {
  const std::string_view library = library_of(module);
  return library == "sklearn" || library == "imblearn" || library == "xgboost" || library == "lightgbm" ||
         library == "catboost" || library == "skopt" || library == "sklearn_pandas" || library == "category_encoders";
}

bool is_below(std::string_view module, std::string_view package) {
  return module.starts_with(package) && (module.size() == package.size() || module[package.size()] == '.');
}

class Sentences {
 public:
  explicit Sentences(ScanReport& report) : list_(report.latent) {}

  void add(std::string sentence) {
    if (list_.size() < kMostSentences && std::ranges::find(list_, sentence) == list_.end())
      list_.push_back(std::move(sentence));
  }
  bool is_full() const { return list_.size() >= kMostSentences; }

 private:
  std::vector<std::string>& list_;
};

// Looks at the attributes of estimators.
class LatentSearch {
 public:
  static constexpr bool kWalksAll = false;

  LatentSearch(const Graph& graph, Sentences& sentences)
      : graph_(graph), sentences_(sentences), walk_(graph, *this, kMostDepth) {}

  void run(const Document& document) {
    for (std::size_t i = 0; i < document.pickles(); ++i) walk_.walk(Cell::from_bits(document.root(i).cell()));
  }

  void value(Cell cell) {
    const std::span<const Place> way = walk_.way();
    if (way.size() < 2 || way.back().step != Place::Step::kKey || !way[way.size() - 2].gives_state()) return;
    const Value key(graph_, way.back().key.bits());
    const std::string_view name = texts_.of(key);
    const bool is_called = std::ranges::binary_search(kCalled, name);
    if (!is_called && name != "input" && name != "memory" && name != "n_jobs") return;
    const Value value(graph_, cell.bits());
    if (value.kind() == ValueKind::kNone || sentences_.is_full()) return;
    const auto type = class_of(way[way.size() - 2].value(graph_));
    if (!type || !is_estimator_library(type->module)) return;
    owner_ = quote(type->to_string()).substr(1);
    owner_.resize(owner_.rfind('\''));
    if (is_called) return called(name, value);
    if (name == "input") return input(value);
    if (name == "memory") return memory(value);
    workers(value);
  }

  void raw(std::uint64_t) {}

 private:
  void called(std::string_view name, const Value& value) {
    const auto function = callable_in(value);
    if (!function) return;
    sentences_.add(owner_ + ": " + std::string(name) + " is " + quote(*function) + ", which is called on use");
  }

  // A function by name, the one in a partial, or a method of a class: getattr(str, 'split').
  static std::optional<std::string> callable_in(const Value& value) {
    const auto name_of = [](const std::optional<Value>& function) -> std::optional<std::string> {
      const auto name = function ? function->global() : std::nullopt;
      return name ? std::optional(name->to_string()) : std::nullopt;
    };
    if (value.kind() != ValueKind::kObject) return name_of(value);
    if (value.is_reference()) return {};
    const auto object = object_view(value);
    if (object && object->kind == ObjectKind::kPartial) return name_of(object->args[0]);
    if (!object || object->kind != ObjectKind::kAttribute) return {};
    const auto type = name_of(object->args[0]);
    const auto method = object->args[1];
    return type && method ? std::optional(*type + "." + std::string(method->text())) : std::nullopt;
  }

  void input(const Value& value) {
    const std::string_view text = texts_.of(value);
    const bool by_name = text == "filename";
    if (!by_name && text != "file") return;
    sentences_.add(
        owner_ + ": input=" + quote(text) +
        (by_name ? ": transform() opens the files that its input names" : ": transform() reads from what it is given"));
  }

  void memory(const Value& value) {
    const bool is_path = value.kind() == ValueKind::kString || value.kind() == ValueKind::kByteString;
    if (!is_path && value.kind() != ValueKind::kObject) return;
    sentences_.add(owner_ + ": memory is set" + (is_path ? " to " + quote(texts_.of(value)) : "") +
                   ": fit() keeps results in that folder and reads them back as pickles");
  }

  void workers(const Value& value) {
    const auto count = value.as_int();
    if (!count || *count == 0 || *count == 1) return;
    sentences_.add(owner_ + ": n_jobs=" + std::to_string(*count) + ": starts processes or threads on use");
  }

  const Graph& graph_;
  Sentences& sentences_;
  PlaceWalk<LatentSearch> walk_;
  ReferenceTexts texts_;
  std::string owner_;
};

void read_again(const Source& source, const Limits& limits, Sentences& sentences) {
  // The scanner's own memory is free again by now, and this stays below its bound.
  constexpr std::uint64_t kMemory = std::uint64_t{32} << 20;
  constexpr std::uint64_t kMemoryForEachByte = 8;
  for (std::size_t i = 0; i < source.streams().size(); ++i) {
    ReadOptions options{.limits = limits};
    const std::uint64_t memory = kMemory + kMemoryForEachByte * source.streams()[i].bytes.size();
    options.limits.allocation = std::min(limits.allocation, memory);
    if (const auto document = source.read(i, options)) {
      LatentSearch(document->graph(), sentences).run(*document);
    } else if (document.error().code == ErrorCode::kLimit) {
      sentences.add("too large to look at the attributes of its estimators");
    }
  }
}

}  // namespace

void note_latent(const Source& source, const Names& names, const Limits& limits, ScanReport& report) {
  Sentences sentences(report);
  bool has_estimators = false;
  for (std::uint32_t i = 0; i < names.size() && !sentences.is_full(); ++i) {
    const Global name = canonical({names[i].module, names[i].qualname});
    has_estimators = has_estimators || is_estimator_library(name.module);
    for (const KnownName& known : kKnownNames) {
      const bool fits =
          known.qualname.empty() ? is_below(name.module, known.module) : is_named(name, known.module, known.qualname);
      if (!fits) continue;
      // Many classes of a module are one sentence.
      const std::string who = known.qualname.empty() ? std::string(known.module)
                                                     : std::string(known.module) + "." + std::string(known.qualname);
      sentences.add(who + " " + std::string(known.sentence));
    }
  }
  if (has_estimators) read_again(source, limits, sentences);
}

}  // namespace cppickle::scanning
