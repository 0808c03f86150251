#include "cppickle/document.h"

#include <cstring>
#include <new>

#include "document/document_builder.h"
#include "document/graph.h"

namespace cppickle {
namespace {

struct Cancelled : std::bad_alloc {};

// Reads the pickles of one source, one after the other.
class SourceReading {
 public:
  SourceReading(std::string_view source, const ReadOptions& options, bool share_memo)
      : graph_(std::make_unique<Graph>()),
        reader_(reinterpret_cast<const std::uint8_t*>(source.data()), reinterpret_cast<const std::uint8_t*>(source.data()),
                reinterpret_cast<const std::uint8_t*>(source.data()) + source.size()),
        options_(options),
        share_memo_(share_memo) {
    graph_->owner = options.owner;
    graph_->source = reader_.origin();
    graph_->source_end = reader_.end();
    graph_->arena.set_limit(options.limits.allocation);
    graph_->arena.expect(source.size() * 2);
    if (options.progress) {
      graph_->arena.set_on_grow([this] {
        if (!options_.progress(reader_.offset(reader_.position()))) throw Cancelled();
      });
    }
  }

  // The graph, or the error of the first pickle. `lacks_entry` tells that a later one lacked an entry of its memo.
  Result<std::unique_ptr<Graph>> run(bool& lacks_entry) {
    while (graph_->roots.size() < options_.most_pickles) {
      if (!read_next()) {
        if (graph_->roots.empty()) return std::unexpected(reader_.error());
        note_trailing(lacks_entry);
        break;
      }
      if (!skip_padding()) break;
    }
    graph_->arena.set_on_grow(nullptr);
    graph_->vias = {};
    return std::move(graph_);
  }

 private:
  bool read_next() {
    const std::size_t number = graph_->streams.size();
    const std::size_t entries = graph_->memo.size();
    const std::size_t notes = graph_->notes.size();
    const std::size_t inline_extents = graph_->inline_extents.size();
    graph_->vias.clear();
    const std::uint8_t* begin = reader_.position();
    if (!share_memo_) memo_.clear();
    reader_ = OpcodeReader(reader_.origin(), begin, reader_.end());
    if (!guarded_read(begin)) {
      graph_->undo_vias();
      graph_->streams.resize(number);
      graph_->inline_extents.resize(inline_extents);
      graph_->memo.resize_down(entries);
      while (!graph_->odd_puts.empty() && graph_->odd_puts.back().entry >= entries) graph_->odd_puts.pop_back();
      graph_->notes.resize(notes);
      trailing_ = begin;
      return false;
    }
    graph_->streams[number].continues_memo = share_memo_ && number > 0;
    graph_->roots.push_back(static_cast<std::uint32_t>(number));
    graph_->end = reader_.offset(reader_.position());
    if (number > 0) note_memo(graph_->streams[number]);
    return true;
  }

  bool guarded_read(const std::uint8_t* begin) {
    const Instruction at{Opcode::STOP, begin, begin, begin};
    try {
      return read_pickle(*graph_, memo_, reader_, options_.limits, 0);
    } catch (const Arena::LimitReached&) {
      return reader_.fail(Error{ErrorCode::kLimit,
                                "the document needs more memory than the limit allocation=" +
                                    std::to_string(options_.limits.allocation),
                                reader_.offset(reader_.position()), {}, {}});
    } catch (const Cancelled&) {
      return reader_.fail(ErrorCode::kCancelled, at, "reading was cancelled");
    }
  }

  // False at the end of the source.
  bool skip_padding() {
    const std::uint8_t* p = reader_.position();
    while (p != reader_.end() && *p == 0) ++p;
    if (p == reader_.end() && p != reader_.position()) {
      const auto size = static_cast<std::uint64_t>(p - reader_.position());
      graph_->notes.push_back({Note::Kind::kPadding, reader_.offset(reader_.position()), size,
                               std::to_string(size) + " zero bytes follow the last pickle"});
    }
    return p != reader_.end();
  }

  void note_trailing(bool& lacks_entry) {
    const Error& error = reader_.error();
    lacks_entry = error.code == ErrorCode::kBadMemo;
    const auto size = static_cast<std::uint64_t>(reader_.end() - trailing_);
    graph_->notes.push_back({Note::Kind::kTrailingBytes, reader_.offset(trailing_), size,
                             std::to_string(size) + " bytes follow the last pickle and are none: " + error.to_string()});
  }

  // A stream of MEMOIZE does not say where its numbering starts: GETs of small keys fit both readings.
  void note_memo(const Stream& pickle) {
    if (share_memo_) {
      graph_->notes.push_back({Note::Kind::kSharedMemo, pickle.begin, pickle.end - pickle.begin,
                               "this pickle continues the memo of the pickle before it"});
    } else if (pickle.put_form == PutForm::kMemoize && options_.memo == MemoScope::kAutomatic) {
      graph_->notes.push_back({Note::Kind::kMemoAmbiguous, pickle.begin, pickle.end - pickle.begin,
                               "read with a memo of its own; a Pickler that wrote several objects would share it"});
    }
  }

  std::unique_ptr<Graph> graph_;
  OpcodeReader reader_;
  const ReadOptions& options_;
  bool share_memo_;
  MemoIndex memo_;
  const std::uint8_t* trailing_ = nullptr;
};

}  // namespace

Result<Document> Document::read(std::string_view source, const ReadOptions& options) {
  if (source.size() > options.limits.bytes) {
    return std::unexpected(Error{ErrorCode::kLimit, "the input has " + std::to_string(source.size()) +
                                                        " bytes, more than the limit bytes=" +
                                                        std::to_string(options.limits.bytes)});
  }
  bool lacks_entry = false;
  auto graph = SourceReading(source, options, options.memo == MemoScope::kPerStream).run(lacks_entry);
  if (graph && lacks_entry && options.memo == MemoScope::kAutomatic) {
    bool ignored = false;
    auto shared = SourceReading(source, options, true).run(ignored);
    if (shared && (*shared)->roots.size() > (*graph)->roots.size()) graph = std::move(shared);
  }
  if (!graph) return std::unexpected(graph.error());
  return Document(std::move(*graph));
}

Document make_document(std::unique_ptr<Graph> graph) { return Document(std::move(graph)); }

Document::Document(std::unique_ptr<Graph> graph) : graph_(std::move(graph)) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Value Document::root(std::size_t pickle) const& {
  return Value(*graph_, graph_->streams[graph_->roots.at(pickle)].root.bits());
}

std::size_t Document::pickles() const { return graph_->roots.size(); }

PickleInfo Document::info(std::size_t pickle) const {
  const Stream& stream = graph_->streams[graph_->roots.at(pickle)];
  return {stream.protocol, stream.begin, stream.end, stream.instructions, stream.entries, stream.frames.size()};
}

const std::vector<Note>& Document::notes() const& { return graph_->notes; }

std::uint64_t Document::end_offset() const { return graph_->end; }

bool Document::shares_memo(std::size_t pickle) const {
  return graph_->streams[graph_->roots.at(pickle)].continues_memo;
}

bool Document::has_inline_arrays() const { return !graph_->inline_extents.empty(); }

std::uint64_t Document::memory() const { return graph_->arena.used() + graph_->memo.size() * sizeof(Cell); }

}  // namespace cppickle
