// All kernels for one instruction set. vectorKernels.cc includes this once for each, in a namespace of its own, with
// KERNEL_LANES (numbers a vector) and KERNEL_REGISTERS (vectors that the processor holds) defined.

namespace {

#include "arithmetic.h"
#include "attention.h"
#include "layerKernels.h"
#include "optimizer.h"
#include "programKernels.h"
#include "random.h"

}  // namespace

constexpr VectorKernels kKernels = {Swish,        SwishGrad, Modulate,      ModulateGrad,   GatedAdd,
                                    GatedAddGrad, Attention, AttentionGrad, SumOfSquares,   AdamW,
                                    Normals,      kPanel,    PackPanels,    MultiplyPanels, MultiplyNarrow,
                                    Unary,        Binary,    Total,         AddRows};
