// JSON text of nested objects and lists, one member after the other. Commas and line breaks come by themselves, and
// text that is no UTF-8 becomes U+FFFD.
#ifndef CPPICKLE_CLI_JSON_FORM_H_
#define CPPICKLE_CLI_JSON_FORM_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "base/json_text.h"

namespace cppickle::cli {

class JsonForm {
 public:
  // `content` adds the members. What is deeper than `line_depth` stands on one line.
  explicit JsonForm(std::size_t line_depth) : line_depth_(line_depth) {}

  template <std::invocable Content>
  void object(Content&& content) { nested('{', '}', content); }
  template <std::invocable Content>
  void list(Content&& content) { nested('[', ']', content); }
  template <std::invocable Content>
  void object(std::string_view name, Content&& content) {
    key(name);
    object(content);
  }
  template <std::invocable Content>
  void list(std::string_view name, Content&& content) {
    key(name);
    list(content);
  }
  void value(std::string_view text) {
    begin_member();
    append_json_string(out_, is_ascii(text) ? std::string(text) : well_formed(text));
  }
  void field(std::string_view name, std::string_view text) {
    key(name);
    value(text);
  }
  void field(std::string_view name, const char* text) { field(name, std::string_view(text)); }
  template <std::integral Number>
  void field(std::string_view name, Number number) {
    key(name);
    begin_member();
    if constexpr (std::same_as<Number, bool>) {
      out_ += number ? "true" : "false";
    } else {
      out_ += std::to_string(number);
    }
  }
  std::string take() { return std::move(out_) + "\n"; }

 private:
  // Strict readers refuse a whole report for one lone surrogate.
  static std::string well_formed(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const std::uint32_t c = next_code_point(text, i);
      append_utf8(out, c >= kInvalidByte || (c >= 0xD800 && c < 0xE000) ? 0xFFFD : c);
    }
    return out;
  }

  void key(std::string_view name) {
    value(name);
    out_ += ": ";
    after_key_ = true;
  }

  void begin_member() {
    if (std::exchange(after_key_, false) || depth_ == 0) return;
    const bool is_first = out_.back() == '{' || out_.back() == '[';
    if (!is_first) out_ += ',';
    if (depth_ <= line_depth_) {
      (out_ += '\n').append(depth_, ' ');
    } else if (!is_first) {
      out_ += ' ';
    }
  }

  void nested(char open, char close, auto& content) {
    begin_member();
    out_ += open;
    ++depth_;
    content();
    --depth_;
    if (depth_ < line_depth_ && out_.back() != open) (out_ += '\n').append(depth_, ' ');
    out_ += close;
  }

  std::size_t line_depth_;
  std::size_t depth_ = 0;
  bool after_key_ = false;
  std::string out_;
};

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_JSON_FORM_H_
