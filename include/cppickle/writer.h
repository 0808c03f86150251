// What Codecs write with: Python values, one after the other, as a pickle. Users of encode() need not know it.
//
//   Writer writer(4);
//   if (writer.begin_list()) {
//     for (double loss : losses) writer.real(loss);
//     writer.end();
//   }
//   Result<std::string> pickle = writer.finish();
#ifndef CPPICKLE_WRITER_H_
#define CPPICKLE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cppickle/codec.h"
#include "cppickle/error.h"

namespace cppickle {

// Writes one value at a protocol 0 to 5, in forms that every Python since 2.7 loads (protocols 3 to 5: Python 3.0, 3.4, 3.8).
// The first error is kept, later calls do nothing, and finish() returns it. Not thread-safe.
class Writer {
 public:
  explicit Writer(int protocol);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  template <class T>
  void write(const T& value) {
    Codec<T>::write(*this, value);
  }

  void none();
  void boolean(bool value);
  void integer(std::int64_t value);
  void integer(std::uint64_t value);
  void real(double value);
  void text(std::string_view utf8);       // an error if it is not valid UTF-8, lone surrogates allowed
  void bytes(std::string_view value);
  // Text that is written again and again, such as a field's name: once in full, then by reference. It must live as long as
  // the writer.
  void name(std::string_view utf8);

  // Values until the matching end() are members; a dict's are keys and values in turn. False after an error, also when
  // 1000 are open: then neither write the members nor call end().
  [[nodiscard]] bool begin_list();
  [[nodiscard]] bool begin_dict();
  [[nodiscard]] bool begin_set();
  [[nodiscard]] bool begin_tuple(std::uint64_t count);
  // An object: the class or function, called with the `count` values until end() when Python loads the pickle.
  [[nodiscard]] bool begin_call(std::string_view module, std::string_view qualname, std::uint64_t count);
  void end();

  // datetime.datetime without a zone, datetime.date (days), datetime.timedelta; since 1970.
  void time_point(std::int64_t microseconds);
  void date(std::int64_t days);
  void duration(std::int64_t microseconds);
  // A numpy.ndarray in C order and this machine's byte order. numpy 1 and 2 load it.
  void array(NumberType type, std::span<const std::uint64_t> shape, std::string_view data);

  void fail(ErrorCode code, std::string message);
  [[nodiscard]] Result<std::string> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cppickle

#endif  // CPPICKLE_WRITER_H_
