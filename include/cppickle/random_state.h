// numpy's random number generators as they stand in a pickle: RandomState, Generator, their bit generators.
#ifndef CPPICKLE_RANDOM_STATE_H_
#define CPPICKLE_RANDOM_STATE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "cppickle/document.h"

namespace cppickle {

// The three generations (numpy up to 1.16, up to 1.23, later) read as one.
struct RandomStateView {
  enum class Form : std::uint8_t { kRandomState, kGenerator, kBitGenerator };

  Form form;
  std::string_view algorithm;          // "MT19937", "PCG64", "Philox", "SFC64"
  // The state of the bit generator: for MT19937 its 624 words and the position in them, else a dict.
  std::optional<Value> key;            // MT19937: an array of uint32
  std::optional<std::int64_t> position;
  std::optional<Value> state;          // of others: the dict under 'state'
  // A normal deviate kept for the next call (RandomState only).
  bool has_gauss = false;
  double cached_gaussian = 0;
  std::optional<Value> seed_sequence;  // the SeedSequence that it was made from, from numpy 1.24 on
};

// Empty if the value is none of them, or says nothing of its algorithm.
std::optional<RandomStateView> random_state(const Value& value);

}  // namespace cppickle

#endif  // CPPICKLE_RANDOM_STATE_H_
