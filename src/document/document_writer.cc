#include "document/document_writer.h"

#include <algorithm>

#include "cppickle/pickler.h"
#include "document/walk.h"

namespace cppickle {

std::uint64_t* WrittenEntries::key_of_duplicated(const Node& node) {
  if (!has_duplicated_) find_duplicated();
  const auto found = duplicated_.find(&node);
  return found == duplicated_.end() ? nullptr : &current(found->second);
}

void WrittenEntries::find_duplicated() {
  has_duplicated_ = true;
  for_each_cell(graph_, [this](Cell cell) {
    if (cell.tag() == tag_of(Opcode::DUP)) {
      const Cell meant = graph_.resolve(cell);
      if (is_node(meant.tag()) && meant.node()->entry == Node::kNoEntry) duplicated_[meant.node()];
    }
    return true;
  });
}

bool WrittenEntries::begin_nested(std::uint64_t stream) {
  if (std::ranges::find(nested_, stream, &Outer::stream) != nested_.end()) return false;
  nested_.push_back({stream, memo_});
  begin_memo();
  return true;
}

void WrittenEntries::end_nested() {
  memo_ = nested_.back().memo;
  nested_.pop_back();
}

bool DocumentWriter::fail(ErrorCode code, std::string message) {
  error_ = Error{code, std::move(message)};
  return false;
}

bool DocumentWriter::write(Encoder& encoder, Error& error) {
  encoder_ = &encoder;
  bool good = value(stream_.root);
  while (good && !tasks_.empty()) good = step(tasks_.back());
  if (!good) {
    error = error_;
    return false;
  }
  encoder.finish();
  entries_.next_key = encoder.next_key();
  return true;
}

bool DocumentWriter::step(Task& task) {
  switch (task.stage) {
    case Stage::kStart: return start(task);
    case Stage::kCells:
      if (task.index < task.node().count) return value(task.node().cells[task.index++]);
      task.stage = Stage::kMade;
      return true;
    case Stage::kMade: return made(task);
    case Stage::kChange: return change(task);
    case Stage::kChangeCells:
      if (task.index < task.change->count) return value(task.change->cells[task.index++]);
      return changed(task);
    case Stage::kRun: return run(task);
    case Stage::kLast: return last(task);
  }
  return false;
}

// The value of a kPreceded or kLeftover node takes the node's place.
bool DocumentWriter::last(Task& task) {
  const bool only_effects = is_only_effects(task.cell);
  const Cell cell = only_effects ? Cell() : task.node().cells[0];
  done();
  return only_effects || value(cell);
}

bool DocumentWriter::nested(std::uint64_t stream) {
  encoder_->raw({});
  if (!entries_.begin_nested(stream)) return fail(ErrorCode::kUnsupported, "a nested pickle that contains itself");
  Error error{ErrorCode::kUnsupported, {}};
  const bool good = write_nested(graph_.streams[stream], error);
  entries_.end_nested();
  return good || fail(error.code, error.message);
}

// joblib's array, after the end of a frame.
bool DocumentWriter::raw(const Change& change) {
  encoder_->raw({});
  encoder_->raw(array_padding(change, encoder_->size()));
  const std::uint64_t padding = change.cells[2].number();
  encoder_->raw({reinterpret_cast<const char*>(change.cells[0].argument()) + padding,
                 change.cells[1].number() - padding});
  return true;
}

bool DocumentWriter::value(Cell cell) {
  encoder_->boundary();
  if (cell.tag() == Tag::kEntry) return memoized_leaf(static_cast<std::uint32_t>(cell.number()));
  if (is_get(cell.tag())) return reference(cell);
  if (!is_node(cell.tag())) return leaf(cell);
  const std::uint32_t entry = cell.node()->entry;
  if (entry != Node::kNoEntry) {
    std::uint64_t& key = entries_.key(entry);
    if (key == WrittenEntries::kOpen) {
      return fail(ErrorCode::kBadProtocol, "a value that contains itself in a way that this protocol cannot express");
    }
    if (key != WrittenEntries::kNotYet) {
      get(Cell(tag_of(Opcode::BINGET), std::uint64_t{entry}), key);
      return true;
    }
    key = WrittenEntries::kOpen;
  }
  tasks_.push_back({.cell = cell});
  return true;
}

bool DocumentWriter::memoized_leaf(std::uint32_t entry) {
  const std::uint64_t key = entries_.key(entry);
  if (key < WrittenEntries::kOpen) {
    get(Cell(tag_of(Opcode::BINGET), std::uint64_t{entry}), key);
    return true;
  }
  if (!leaf(graph_.memo[entry])) return false;
  put(entry);
  return true;
}

// A GET whose entry was not written (its place was edited away) brings the value itself.
bool DocumentWriter::reference(Cell cell) {
  const auto entry = static_cast<std::uint32_t>(cell.number());
  const std::uint64_t key = entries_.key(entry);
  if (key < WrittenEntries::kOpen) {
    get(cell, key);
    return true;
  }
  const Cell meant = graph_.memo[entry];
  return is_node(meant.tag()) ? value(meant) : memoized_leaf(entry);
}

std::string array_padding(const Change& raw, std::uint64_t position) {
  const std::uint64_t padding = raw.cells[2].number();
  if (padding == 0) return {};
  constexpr std::uint64_t kAlignment = 16;  // NUMPY_ARRAY_ALIGNMENT_BYTES of joblib's numpy_pickle.py
  const std::uint64_t fill = kAlignment - (position + 1) % kAlignment;
  return static_cast<char>(fill) + std::string(fill, '\xFF');
}

Result<std::string> write(const Document& document, const WriteOptions& options) {
  const Graph& graph = document.graph();
  if (options.protocol && (*options.protocol < 0 || *options.protocol > kHighestProtocol)) {
    return std::unexpected(Error{ErrorCode::kBadProtocol, "protocol " + std::to_string(*options.protocol) +
                                                              "; protocols are 0 to 5"});
  }
  std::string out;
  WrittenEntries entries(graph);
  Error error{ErrorCode::kUnsupported, {}};
  for (const std::uint32_t number : graph.roots) {
    const Stream& stream = graph.streams[number];
    if (!stream.continues_memo) entries.begin_memo();
    const bool keep = !options.protocol && !stream.built;
    const int protocol = options.protocol.value_or(stream.protocol);
    const bool written = keep ? write_kept(graph, stream, entries, out, error)
                              : write_canonical(graph, stream, entries, protocol, out, error);
    if (!written) return std::unexpected(error);
  }
  return out;
}

}  // namespace cppickle
