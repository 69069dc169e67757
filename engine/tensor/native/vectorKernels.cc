// Compiles the kernels once for each instruction set. Standard headers come first: what they define belongs to all.

#include "vectorKernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#if defined(__GNUC__)
#define INLINED inline __attribute__((always_inline))
#else
#define INLINED __forceinline
#endif

namespace stillroom {

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_INSTRUCTION_SETS

namespace avx512 {
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx2,fma")
#endif
#define KERNEL_LANES 16
#define KERNEL_REGISTERS 32
#include "kernelTable.h"
#undef KERNEL_LANES
#undef KERNEL_REGISTERS
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
}  // namespace avx512

namespace avx2 {
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define KERNEL_LANES 8
#define KERNEL_REGISTERS 16
#include "kernelTable.h"
#undef KERNEL_LANES
#undef KERNEL_REGISTERS
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
}  // namespace avx2
#endif

// Vectors of 128 bits, which every x86-64 and every arm64 processor has.
namespace baseline {
#define KERNEL_LANES 4
#if defined(__aarch64__)
#define KERNEL_REGISTERS 32
#else
#define KERNEL_REGISTERS 16
#endif
#include "kernelTable.h"
}  // namespace baseline

const VectorKernels &ProcessorKernels() {
#if defined(HAS_INSTRUCTION_SETS)
  static const VectorKernels &kernels = __builtin_cpu_supports("avx512f") ? avx512::kKernels
                                        : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                                            ? avx2::kKernels
                                            : baseline::kKernels;
  return kernels;
#else
  return baseline::kKernels;
#endif
}

}  // namespace stillroom
