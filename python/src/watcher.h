// Who must know when code runs that may be Python's, though it did not call it itself: a file's read() or write().
#ifndef CPPICKLE_PYTHON_WATCHER_H_
#define CPPICKLE_PYTHON_WATCHER_H_

namespace cppickle::python {

class Watcher {
 public:
  virtual void before_call() = 0;
  virtual void after_call() = 0;

 protected:
  ~Watcher() = default;
};

// Tells a watcher, if there is one, for as long as it lives.
class Watched {
 public:
  explicit Watched(Watcher* watcher) : watcher_(watcher) {
    if (watcher_ != nullptr) watcher_->before_call();
  }
  ~Watched() {
    if (watcher_ != nullptr) watcher_->after_call();
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  Watcher* watcher_;
};

}  // namespace cppickle::python

#endif  // CPPICKLE_PYTHON_WATCHER_H_
