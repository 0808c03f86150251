// Where in a value a Decoder is: a chain through the stack, turned into words only for an error.
#ifndef CPPICKLE_DOCUMENT_DECODER_PLACE_H_
#define CPPICKLE_DOCUMENT_DECODER_PLACE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cppickle/decoder.h"

namespace cppickle {

struct Decoder::Place {
  enum What : std::uint8_t { kItem, kField, kKey, kValue };

  const Place* outer;
  What what;
  std::uint64_t index = 0;         // kItem
  std::string_view name = {};      // kField
  const Graph* graph = nullptr;    // kValue: of the key
  std::uint64_t key = 0;

  void append_to(std::string& text) const;
};

// One container deeper, until it goes out of scope.
struct Decoder::Entered {
  Entered(Decoder& owner, Place::What what) : decoder(owner), place{owner.place_, what} { ++decoder.depth_; }
  ~Entered() {
    --decoder.depth_;
    decoder.place_ = place.outer;
  }
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;

  // False at the limit of depth. From here on errors tell `place`.
  bool begin() {
    if (decoder.depth_ > decoder.options_.depth) {
      return decoder.fail(ErrorCode::kLimit, "more than depth=" + std::to_string(decoder.options_.depth) +
                                                 " containers inside one another, perhaps a cycle");
    }
    return true;
  }
  void show() { decoder.place_ = &place; }
  void hide() { decoder.place_ = place.outer; }

  Decoder& decoder;
  Place place;
};

// The cells of the keys that were found for a struct's fields: keys are mostly references to one memo entry, so that the
// next struct's are recognised without a look at their text.
struct Decoder::KnownKeys {
  struct Table {
    const Field* fields;
    std::vector<std::uint64_t> cells;
  };
  std::vector<Table> tables;

  std::span<std::uint64_t> of(std::span<const Field> fields) {
    for (Table& table : tables) {
      if (table.fields == fields.data()) return table.cells;
    }
    return tables.emplace_back(fields.data(), std::vector<std::uint64_t>(fields.size())).cells;
  }
};

}  // namespace cppickle

#endif  // CPPICKLE_DOCUMENT_DECODER_PLACE_H_
