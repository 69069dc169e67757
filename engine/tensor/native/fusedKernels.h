#pragma once

#include <string>

namespace stillroom {

// Makes the operations of fusedKernels.cc known to TensorFlow; once in a process. Returns why not, or nothing.
std::string RegisterFusedKernels();

}  // namespace stillroom
