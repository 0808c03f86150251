// The report on a file as JSON.
#include "convert/stat_report.h"
#include "base/json_text.h"

namespace cppickle {
namespace {

class JsonText {
 public:
  void open(char bracket) {
    comma();
    out_ += bracket;
  }
  void close(char bracket) { out_ += bracket; }
  void key(std::string_view name) {
    text(name);
    out_ += ": ";
  }
  void text(std::string_view value) {
    comma();
    append_json_string(out_, value);
  }
  void number(std::uint64_t value) {
    comma();
    out_ += std::to_string(value);
  }
  void null() {
    comma();
    out_ += "null";
  }
  // The next value stands on a line of its own.
  void new_line() {
    if (std::string_view("{[").find(out_.back()) == std::string_view::npos) out_ += ',';
    out_ += '\n';
  }
  void field(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void field(std::string_view name, std::uint64_t value) {
    key(name);
    number(value);
  }
  void field(std::string_view name, const Counts& counts) {
    key(name);
    open('{');
    for (const auto& [what, count] : counts) field(what, count);
    close('}');
  }
  std::string take() { return std::move(out_) + "\n"; }

 private:
  void comma() {
    if (!out_.empty() && std::string_view("{[ \n").find(out_.back()) == std::string_view::npos) out_ += ", ";
  }
  std::string out_;
};

void write_error(JsonText& json, const Error& error) {
  json.open('{');
  json.field("code", name_of(error.code));
  json.field("message", error.message);
  if (error.offset != Error::kNoOffset) json.field("offset", error.offset);
  if (!error.opcode.empty()) json.field("opcode", error.opcode);
  if (!error.where.empty()) json.field("where", error.where);
  json.close('}');
}

void write_pickle(JsonText& json, const PickleReport& pickle) {
  json.open('{');
  json.field("protocol", pickle.info.protocol);
  json.field("root", pickle.root);
  json.field("begin", pickle.info.begin);
  json.field("end", pickle.info.end);
  json.field("instructions", pickle.info.instructions);
  json.field("frames", pickle.info.frames);
  json.field("memo_entries", pickle.info.memo_entries);
  json.close('}');
}

std::string_view note_name(Note::Kind kind) {
  switch (kind) {
    case Note::Kind::kPadding: return "padding";
    case Note::Kind::kTrailingBytes: return "trailing-bytes";
    case Note::Kind::kSharedMemo: return "shared-memo";
    case Note::Kind::kMemoAmbiguous: return "memo-ambiguous";
    case Note::Kind::kLeftover: return "leftover";
  }
  return "";
}

void write_note(JsonText& json, const Note& note) {
  json.open('{');
  json.field("kind", note_name(note.kind));
  json.field("offset", note.offset);
  json.field("size", note.size);
  json.field("message", note.message);
  json.close('}');
}

void write_large(JsonText& json, const LargeValue& value) {
  json.open('{');
  json.field("path", value.path);
  json.field("type", value.kind == Kind::kObject ? "array" : name_of(value.kind));
  json.field("bytes", value.bytes);
  json.close('}');
}

template <class Item, class Write>
void write_list(JsonText& json, std::string_view name, const std::vector<Item>& items, Write&& write) {
  json.key(name);
  json.open('[');
  for (const Item& item : items) write(json, item);
  json.close(']');
}

void write_stream(JsonText& json, const StreamReport& stream) {
  json.new_line();
  json.open('{');
  json.field("where", stream.where);
  json.field("offset", stream.offset);
  json.field("size", stream.size);
  if (stream.error) {
    json.key("error");
    write_error(json, *stream.error);
  }
  write_list(json, "pickles", stream.pickles, write_pickle);
  json.field("opcodes", stream.opcodes);
  json.field("bytes", stream.payload);
  json.field("values", stream.values());
  json.field("globals", by_count(stream.contents.globals));
  json.field("extensions", stream.extensions());
  json.field("persistent_ids", by_count(stream.contents.persistent_ids));
  write_list(json, "largest", stream.largest, write_large);
  write_list(json, "notes", stream.notes, write_note);
  json.close('}');
}

}  // namespace

std::string stat_json(const FileReport& report) {
  JsonText json;
  json.open('{');
  json.field("file", report.file);
  json.field("size", report.size);
  json.field("container", report.container);
  if (!report.what.empty()) json.field("what", report.what);
  const auto protocol = report.protocol();
  const auto root = report.root();
  json.key("protocol");
  protocol ? json.number(static_cast<std::uint64_t>(*protocol)) : json.null();
  json.key("root");
  root ? json.text(*root) : json.null();
  json.new_line();
  json.field("globals", by_count(report.globals));
  json.new_line();
  write_list(json, "streams", report.streams, write_stream);
  json.new_line();
  write_list(json, "problems", report.problems, write_error);
  json.close('}');
  return json.take();
}

}  // namespace cppickle
