#include "scan/names.h"

#include "base/quote.h"
#include "pickle/compat_names.h"

namespace cppickle::scanning {

std::uint32_t Names::number_of(std::string_view module, std::string_view qualname, bool maps_old_names) {
  std::string key;
  key.reserve(module.size() + qualname.size() + 2);
  key += maps_old_names ? 'm' : 'x';
  key.append(module).append(1, '\0').append(qualname);
  if (const auto found = numbers_.find(key); found != numbers_.end()) return found->second;
  if (names_.size() >= kMost) return kMost;
  const std::string& text = texts_.emplace_back(std::move(key));
  const auto number = static_cast<std::uint32_t>(names_.size());
  numbers_.emplace(text, number);
  Name& name = names_.emplace_back();
  name.module = std::string_view(text).substr(1, module.size());
  name.qualname = std::string_view(text).substr(2 + module.size());
  const ImportName mapped = maps_old_names ? to_python3(name.module, name.qualname)
                                           : ImportName{name.module, name.qualname};
  name.entry = find(mapped.module, mapped.name);
  name.danger = dangers_.find(mapped.module, mapped.name);
  if (name.danger == nullptr) name.danger = dangers_.find(name.module, name.qualname);
  return number;
}

const Entry* Names::entry(std::string_view key) const {
  if (const Entry* entry = packs_.find(key)) return entry;
  return policy_ != nullptr ? policy_->find(key) : nullptr;
}

std::string printed(const Name& name) {
  const std::string text = std::string(name.module) + "." + std::string(name.qualname);
  const std::string quoted = quote(text, 200);
  const std::string_view inner = std::string_view(quoted).substr(1, quoted.size() - 2);
  return inner == text ? text : quoted;
}

}  // namespace cppickle::scanning
