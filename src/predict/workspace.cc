#include "predict/workspace.h"

#include <algorithm>

namespace cppickle::predict {

void Workspace::add_chunk(std::size_t at_least) {
  constexpr std::size_t kSmallest = 1 << 14;
  const std::size_t size = std::max({at_least, held_, kSmallest});
  chunks_.emplace_back(static_cast<std::byte*>(::operator new(size, std::align_val_t{kAlignment})));
  held_ += size;
  position_ = chunks_.back().get();
  left_ = size;
}

void Workspace::clear() {
  if (chunks_.size() > 1) {
    const std::size_t all = held_;
    chunks_.clear();
    held_ = 0;
    add_chunk(all);
  }
  if (!chunks_.empty()) {
    position_ = chunks_.front().get();
    left_ = held_;
  }
}

}  // namespace cppickle::predict
