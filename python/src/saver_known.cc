// Objects of C types that reduce to a call with few plain arguments: written without making the arguments.
#include "saver.h"

#include <datetime.h>

namespace cppickle::python {

// The class, a tuple of `count` arguments that is gone once it is written, REDUCE.
template <class WriteArgs>
Saver::Tried Saver::save_as_call(PyObject* object, Alone alone, Py_ssize_t count, WriteArgs&& write_args) {
  if (!save(reinterpret_cast<PyObject*>(Py_TYPE(object))) || !out_.boundary()) return Tried::kFailed;
  bool recursive = false;
  const Level level;
  return level && write_args() && end_tuple(count) && memoize_virtual() &&
                 finish_made(Opcode::REDUCE, object, alone, recursive)
             ? Tried::kSaved : Tried::kFailed;
}

Saver::Tried Saver::save_known(PyObject* object, const TypeFacts& facts, Alone alone) {
  // Bytes have no opcode below protocol 3.
  if (protocol_ < 3 && facts.pickled != Pickled::kTimeDelta && facts.pickled != Pickled::kDecimal) return Tried::kNotMine;
  if (facts.pickled == Pickled::kArray) return save_array(object);
  if (PyDateTimeAPI == nullptr && facts.pickled != Pickled::kDecimal) {
    const Outside outside(*this);
    PyDateTime_IMPORT;
  }
  // The state as bytes, and the zone (Modules/_datetimemodule.c, date_getstate, time_getstate, datetime_getstate).
  const auto with_bytes = [&](const unsigned char* data, std::size_t size, std::size_t fold_byte, bool fold, PyObject* zone) {
    return save_as_call(object, alone, zone == nullptr ? 1 : 2, [&] {
      std::string bytes(reinterpret_cast<const char*>(data), size);
      if (fold && protocol_ > 3) bytes[fold_byte] = static_cast<char>(bytes[fold_byte] | 0x80);
      return out_.boundary() && write_bytes(bytes, nullptr) && memoize_virtual() && (zone == nullptr || save(zone));
    });
  };
  switch (facts.pickled) {
    case Pickled::kDate: {
      const auto* date = reinterpret_cast<PyDateTime_Date*>(object);
      return with_bytes(date->data, sizeof date->data, 0, false, nullptr);
    }
    case Pickled::kTime: {
      const auto* time = reinterpret_cast<PyDateTime_Time*>(object);
      return with_bytes(time->data, sizeof time->data, 0, time->fold != 0, time->hastzinfo ? time->tzinfo : nullptr);
    }
    case Pickled::kDateTime: {
      const auto* time = reinterpret_cast<PyDateTime_DateTime*>(object);
      return with_bytes(time->data, sizeof time->data, 2, time->fold != 0, time->hastzinfo ? time->tzinfo : nullptr);
    }
    case Pickled::kTimeDelta:
      return save_as_call(object, alone, 3, [&] {
        return out_.boundary() && write_int(PyDateTime_DELTA_GET_DAYS(object)) && out_.boundary() &&
               write_int(PyDateTime_DELTA_GET_SECONDS(object)) && out_.boundary() &&
               write_int(PyDateTime_DELTA_GET_MICROSECONDS(object));
      });
    case Pickled::kDecimal: {
      const Ref text(PyObject_Str(object));
      if (!text) return Tried::kFailed;
      return save_as_call(object, alone, 1, [&] {
        return out_.boundary() && write_text(text.get()) && memoize_virtual();
      });
    }
    default: return Tried::kNotMine;
  }
}

}  // namespace cppickle::python
