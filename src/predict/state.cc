#include "predict/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/quote.h"
#include "predict/registry.h"

namespace cppickle::predict {

Version Version::parse(std::string_view text) {
  Version version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    std::from_chars(major.ptr + 1, end, version.minor);
  }
  return version;
}

bool is_none(const Value& value) { return value.kind() == Kind::kNone; }

std::optional<double> number_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return value.as_bool() ? 1.0 : 0.0;
    case Kind::kFloat: return value.as_double();
    case Kind::kInt: {
      const auto integer = value.as_int();
      return integer ? std::optional<double>(static_cast<double>(*integer)) : std::nullopt;
    }
    case Kind::kObject: {
      const auto array = array_view(value);
      return array && array->count == 1 && array->form != ArrayView::Form::kMasked ? array->get<double>(0) : std::nullopt;
    }
    default: return {};
  }
}

std::optional<std::int64_t> integer_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool: return value.as_bool() ? 1 : 0;
    case Kind::kInt: return value.as_int();
    case Kind::kObject: {
      const auto array = array_view(value);
      if (!array || array->count != 1 || array->form == ArrayView::Form::kMasked) return {};
      if (array->dtype.kind == 'b') {
        const auto flag = array->get<bool>(0);
        return flag ? std::optional<std::int64_t>(*flag) : std::nullopt;
      }
      return array->dtype.kind == 'i' || array->dtype.kind == 'u' ? array->get<std::int64_t>(0) : std::nullopt;
    }
    default: return {};
  }
}

State::State(Loader& loader, const Value& value, std::string place, Version version)
    : loader_(&loader), value_(value), place_(std::move(place)), version_(version) {
  const auto object = object_view(value);
  if (!object) {
    fail(ErrorCode::kTypeMismatch, "an object with attributes was expected");
    return;
  }
  type_ = object->type;
  const auto collect = [&](const std::optional<Value>& dict) {
    if (!dict) return;
    for (const Pair pair : dict->pairs()) {
      const Kind kind = pair.key.kind();
      if (kind == Kind::kString || kind == Kind::kByteString) attributes_.insert_or_assign(pair.key.text(), pair.value);
    }
  };
  collect(object->attributes);
  collect(object->slots);
  if (const auto written = get("_sklearn_version")) {
    version_text_ = written->text();
    version_ = Version::parse(version_text_);
  }
}

bool State::ok() const { return loader_->ok(); }

std::string_view State::class_name() const {
  const std::size_t dot = type_.qualname.rfind('.');
  return dot == std::string_view::npos ? type_.qualname : type_.qualname.substr(dot + 1);
}

std::string State::at(std::string_view name) const {
  if (name.empty()) return place_;
  return place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name);
}

bool State::fail(ErrorCode code, const std::string& message, std::string_view attribute) const {
  return loader_->fail(code, at(attribute), message);
}

std::optional<Value> State::get(std::string_view name) const {
  const auto found = attributes_.find(name);
  return found == attributes_.end() ? std::nullopt : std::optional<Value>(found->second);
}

bool State::given(std::string_view name) const {
  const auto value = get(name);
  return value && !is_none(*value);
}

Value State::required(std::string_view name) const {
  if (const auto value = get(name)) return *value;
  fail(ErrorCode::kCorrupt, fmt::format("{} has no attribute {}; was it fitted?", type_.to_string(), name));
  return value_;
}

double State::number(std::string_view name) const {
  const Value value = required(name);
  if (!ok()) return 0;
  const auto number = number_of(value);
  if (!number) fail(ErrorCode::kTypeMismatch, "a number was expected", name);
  return number.value_or(0);
}

double State::number_or(std::string_view name, double fallback) const { return given(name) ? number(name) : fallback; }

std::int64_t State::integer(std::string_view name) const {
  const Value value = required(name);
  if (!ok()) return 0;
  const auto integer = integer_of(value);
  if (!integer) fail(ErrorCode::kTypeMismatch, "an integer was expected", name);
  return integer.value_or(0);
}

std::int64_t State::integer_or(std::string_view name, std::int64_t fallback) const {
  return given(name) ? integer(name) : fallback;
}

bool State::flag_or(std::string_view name, bool fallback) const { return given(name) ? number(name) != 0 : fallback; }

std::string State::text(std::string_view name) const {
  const Value value = required(name);
  if (!ok()) return {};
  auto text = text_of(value);
  if (!text) fail(ErrorCode::kTypeMismatch, "a text was expected", name);
  return std::move(text).value_or(std::string());
}

std::string State::text_or(std::string_view name, std::string_view fallback) const {
  const auto value = get(name);
  auto text = value ? text_of(*value) : std::nullopt;
  return text ? *std::move(text) : std::string(fallback);
}

Numbers State::array(std::string_view name) const {
  const Value value = required(name);
  return ok() ? array_of(value, name) : Numbers();
}

std::vector<double> State::vector(std::string_view name) const { return array(name).values; }

std::vector<std::int64_t> State::integers(std::string_view name) const {
  const Numbers numbers = array(name);
  std::vector<std::int64_t> integers;
  integers.reserve(numbers.values.size());
  for (const double number : numbers.values) {
    const bool fits = number >= -9007199254740992.0 && number <= 9007199254740992.0;
    if (!fits || number != static_cast<double>(static_cast<std::int64_t>(number))) {
      fail(ErrorCode::kTypeMismatch, "integers were expected", name);
      return {};
    }
    integers.push_back(static_cast<std::int64_t>(number));
  }
  return integers;
}

Matrix State::matrix(std::string_view name) const {
  Numbers numbers = array(name);
  Matrix matrix;
  if (!ok()) return matrix;
  if (numbers.shape.empty() || numbers.shape.size() > 2) {
    fail(ErrorCode::kTypeMismatch, "an array of two dimensions was expected", name);
    return matrix;
  }
  matrix.rows = numbers.shape.size() == 2 ? numbers.shape[0] : 1;
  matrix.columns = numbers.shape.back();
  matrix.values = std::move(numbers.values);
  matrix.type = numbers.type;
  return matrix;
}

Cells State::cells(std::string_view name) const {
  const Value value = required(name);
  return ok() ? cells_of(value, name) : Cells();
}

Labels State::labels(std::string_view name) const {
  Cells cells = this->cells(name);
  if (ok() && cells.shape.size() != 1) fail(ErrorCode::kTypeMismatch, "an array of one dimension was expected", name);
  return {std::move(cells.dtype), cells.type, std::move(cells.values), std::move(cells.owner)};
}

State State::child(std::string_view name) const {
  const Value value = required(name);
  return State(*loader_, value, at(name), version_);
}

State State::child(const Value& value, std::string_view place) const {
  return State(*loader_, value, at(place), version_);
}

std::vector<Value> State::items(std::string_view name) const {
  const Value value = required(name);
  std::vector<Value> items;
  if (!ok()) return items;
  Value holder = value;
  if (value.kind() == Kind::kObject) {
    const auto array = array_view(value);
    const auto object = object_view(value);
    if (array && array->objects) {
      holder = *array->objects;
    } else if (object && (object->kind == ObjectKind::kList || object->kind == ObjectKind::kTuple)) {
      holder = object->items_in;
    } else {
      fail(ErrorCode::kTypeMismatch, "a list was expected", name);
      return items;
    }
  } else if (value.kind() != Kind::kList && value.kind() != Kind::kTuple) {
    fail(ErrorCode::kTypeMismatch, "a list was expected", name);
    return items;
  }
  for (const Value item : holder.items()) items.push_back(item);
  if (!loader_->spend(items.size() * sizeof(Value), at(name))) items.clear();
  return items;
}

std::shared_ptr<const Estimator> State::estimator(std::string_view name) const {
  const Value value = required(name);
  return ok() ? estimator(value, name) : nullptr;
}

std::shared_ptr<const Estimator> State::estimator(const Value& value, std::string_view place) const {
  return loader_->estimator(value, at(place), version_);
}

std::vector<std::shared_ptr<const Estimator>> State::estimators(std::string_view name) const {
  std::vector<std::shared_ptr<const Estimator>> estimators;
  const std::vector<Value> values = items(name);
  for (std::size_t i = 0; i < values.size() && ok(); ++i) {
    estimators.push_back(estimator(values[i], fmt::format("{}[{}]", name, i)));
  }
  return estimators;
}

bool Loader::fail(ErrorCode code, const std::string& place, const std::string& message) {
  if (!error_) {
    error_ = Error{code, place.empty() ? message : fmt::format("{}: {}", place, message)};
  }
  return false;
}

Error Loader::take_error() { return error_.value_or(Error{ErrorCode::kCorrupt, "the model could not be read"}); }

bool Loader::spend(std::uint64_t bytes, const std::string& place) {
  if (bytes <= budget_) {
    budget_ -= bytes;
    return true;
  }
  return fail(ErrorCode::kLimit, place, "the model names the same data again and again (limit 'allocation')");
}

std::shared_ptr<const Estimator> Loader::estimator(const Value& value, const std::string& place, Version version) {
  if (!ok()) return nullptr;
  const std::uint64_t identity = value.identity();
  if (identity != 0) {
    const auto found = loaded_.find(identity);
    if (found != loaded_.end()) {
      if (!found->second) fail(ErrorCode::kCorrupt, place, "an estimator contains itself");
      return found->second;
    }
    loaded_.emplace(identity, nullptr);
  }
  State state(*this, value, place, version);
  if (!ok()) return nullptr;
  const Registered* const known = find_registered(state.type());
  if (known == nullptr) {
    fail(ErrorCode::kUnsupported, place, fmt::format("class {} is not supported", quote(state.type().to_string(), 200)));
    return nullptr;
  }
  if (depth_left_ == 0) {
    fail(ErrorCode::kLimit, place, "estimators are nested too deep");
    return nullptr;
  }
  --depth_left_;
  std::shared_ptr<Estimator> made = known->load(state);
  ++depth_left_;
  if (!ok()) return nullptr;
  if (!made) {
    fail(ErrorCode::kCorrupt, place, "the estimator could not be read");
    return nullptr;
  }
  Facts& facts = made->facts();
  facts.class_name = state.type().to_string();
  if (!state.version_text().empty()) facts.library_version = state.version_text();
  for (const char* const name : {"n_features_in_", "n_features_"}) {
    if (!facts.features_in && state.given(name)) {
      const std::int64_t features = state.integer(name);
      if (state.check(features >= 0, "a negative number of features")) facts.features_in = static_cast<std::size_t>(features);
    }
  }
  if (facts.feature_names_in.empty() && state.given("feature_names_in_")) {
    for (const Cell& cell : state.cells("feature_names_in_").values) {
      facts.feature_names_in.emplace_back(cell.text);
    }
    if (ok() && facts.features_in && *facts.features_in != facts.feature_names_in.size()) {
      state.fail(ErrorCode::kCorrupt, "there are more or fewer names than features", "feature_names_in_");
    }
  }
  // set_output() of scikit-learn 1.2 and later.
  if (const auto config = state.get("_sklearn_output_config")) {
    for (const Pair pair : config->pairs()) {
      const auto container = pair.key.text() == "transform" ? text_of(pair.value) : std::nullopt;
      if (container && *container != "default") facts.container = *container;
    }
  }
  if (!ok()) return nullptr;
  if (identity != 0) loaded_[identity] = made;
  return made;
}

}  // namespace cppickle::predict
