// Functions that are compiled for several generations of processors; the right one is taken when the program starts.
#ifndef CPPICKLE_PREDICT_PROCESSORS_H_
#define CPPICKLE_PREDICT_PROCESSORS_H_

// A function that returns or takes vectors by value would need one calling convention for all: hand them on by reference.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CPPICKLE_FOR_PROCESSORS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CPPICKLE_FOR_PROCESSORS
#endif

#endif  // CPPICKLE_PREDICT_PROCESSORS_H_
