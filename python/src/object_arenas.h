// The memory that a large load's objects are made in: large pages, where the system has them.
//
// CPython makes small objects in arenas of 1 MiB (256 KiB before 3.10), each a mapping of its own and so never in large
// pages: a sixth of the time of a load of many small objects was the first touch of each small page. A wrapper around the
// arena allocator (PyObject_SetArenaAllocator) gives a load that has asked for 2 MiB of arenas the next ones as parts of
// 2 MiB that ask for a large page. Other arenas come from the allocator that was there before, and go back to it.
#ifndef CPPICKLE_PYTHON_OBJECT_ARENAS_H_
#define CPPICKLE_PYTHON_OBJECT_ARENAS_H_

namespace cppickle::python {

// Sets the wrapper, once a process. Under the GIL.
void wrap_arena_allocator();

// While one lives, its thread makes objects by the megabyte. They nest.
class ManyObjects {
 public:
  ManyObjects();
  ~ManyObjects();
  ManyObjects(const ManyObjects&) = delete;
  ManyObjects& operator=(const ManyObjects&) = delete;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_OBJECT_ARENAS_H_
