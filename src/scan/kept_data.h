// Under which attributes models keep what they were trained with.
#ifndef CPPICKLE_SCAN_KEPT_DATA_H_
#define CPPICKLE_SCAN_KEPT_DATA_H_

#include <string_view>

#include "cppickle/privacy.h"

namespace cppickle::scanning {

struct KeptData {
  std::string_view attribute;
  std::string_view classes;  // what the class's name must hold, alternatives separated by spaces; empty: any class
  PrivacyCategory category;
  std::string_view what;
};

// What an attribute of an object of a class holds; null if nothing is known.
const KeptData* kept_data(std::string_view attribute, std::string_view class_name);

// Whether some class keeps data in such an attribute.
bool may_keep_data(std::string_view attribute);

}  // namespace cppickle::scanning

#endif  // CPPICKLE_SCAN_KEPT_DATA_H_
