#include "scan/models_torch.h"

#include <algorithm>

namespace cppickle::scanning {
namespace {

constexpr std::size_t kMostAxes = 64;

// Items of the storage that a persistent id named: ('storage', class, key, location, count).
std::optional<std::uint64_t> storage_size(Judge& judge, Symbol storage) {
  const Entry* type = judge.class_of(storage);
  if (type == nullptr || !type->key.starts_with("torch") || !type->key.ends_with("Storage")) return {};
  const auto id = items_of(storage.object()->args);
  if (id.size() < 5) return {};
  const auto count = judge.integer(id[4]);
  return count && *count >= 0 ? std::optional(static_cast<std::uint64_t>(*count)) : std::nullopt;
}

}  // namespace

bool torch_tensor(Judge& judge, const Request& request) {
  const auto& args = request.arguments;
  if (args.size() < 4 || args.size() > 8) return false;
  const auto count = storage_size(judge, args[0]);
  const auto offset = judge.integer(args[1]);
  const auto size = items_of(args[2]);
  const auto stride = items_of(args[3]);
  if (!count || !offset || *offset < 0 || args[2].kind() != Kind::kTuple || args[3].kind() != Kind::kTuple) return false;
  if (size.size() != stride.size() || size.size() > kMostAxes) return false;
  auto last = static_cast<std::uint64_t>(*offset);  // item that the tensor reaches
  bool is_empty = false;
  for (std::size_t i = 0; i < size.size(); ++i) {
    const auto length = judge.integer(size[i]);
    const auto step = judge.integer(stride[i]);
    if (!length || !step || *length < 0 || *step < 0) return false;
    is_empty |= *length == 0;
    std::uint64_t reach = 0;
    const auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(*length - 1, 0));
    if (__builtin_mul_overflow(steps, static_cast<std::uint64_t>(*step), &reach) || __builtin_add_overflow(last, reach, &last)) return false;
  }
  const bool fits = is_empty || last < *count;
  return fits && std::ranges::all_of(args.subspan(4), [&](Symbol symbol) { return judge.fits(Pattern(), symbol); });
}

}  // namespace cppickle::scanning
