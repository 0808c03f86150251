// Uses the public headers of an installed cppickle only.
#include <cppickle/error.h>
#include <cppickle/limits.h>

int main() {
  cppickle::Limits limits;
  const bool known = limits.set("depth", 1000);
  return known && cppickle::name_of(cppickle::ErrorCode::kTruncated) == "truncated" ? 0 : 1;
}
