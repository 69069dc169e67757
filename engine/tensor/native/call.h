// What a kernel of ours asks of TensorFlow.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/kernels_experimental.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace stillroom {
namespace {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

// One run of a kernel: its inputs, and its outputs each shaped like an input.
class Call {
 public:
  explicit Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus(), TF_DeleteStatus) {}
  ~Call() {
    if (!Ok()) TF_OpKernelContext_Failure(context_, status_.get());
  }

  void Fail(const char *message) { TF_SetStatus(status_.get(), TF_INTERNAL, message); }

  bool Ok() const { return TF_GetCode(status_.get()) == TF_OK; }

  const float *In(int index) {
    if (!Input(index)) {
      TF_Tensor *tensor = nullptr;
      TF_GetInput(context_, index, &tensor, status_.get());
      inputs_[index].reset(tensor);
    }
    return static_cast<const float *>(TF_TensorData(Input(index)));
  }

  // The memory of the variable that input `index` is, to be changed; its own, once nobody else reads it.
  float *Variable(int index) {
    const auto copy = [](TF_OpKernelContext *, TF_Tensor *source, TF_Tensor *target) {
      std::memcpy(TF_TensorData(target), TF_TensorData(source), TF_TensorByteSize(source));
      TF_DeleteTensor(source);  // Both are handed over.
      TF_DeleteTensor(target);
    };
    if (!Input(index)) {
      TF_Tensor *tensor = nullptr;
      TF_GetInputTensorFromVariable(context_, index, /*lock_held=*/true, /*isVariantType=*/false, /*sparse=*/false,
                                    copy, &tensor, status_.get());
      inputs_[index].reset(tensor);
    }
    return Ok() ? static_cast<float *>(TF_TensorData(Input(index))) : nullptr;
  }

  int64_t Size(int input) { return In(input), TF_TensorElementCount(Input(input)); }
  int64_t Dimension(int input, int axis) { return In(input), TF_Dim(Input(input), axis); }

  // Of an input that was asked for before.
  std::vector<int64_t> ShapeOf(int input) {
    const TF_Tensor *const tensor = Input(input);
    std::vector<int64_t> shape(TF_NumDims(tensor));
    for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(tensor, static_cast<int>(axis));
    return shape;
  }

  // Output `index`, shaped like input `like`.
  float *Out(int index, int like) { return In(like), Out(index, ShapeOf(like)); }

  // Likewise, in the memory of one of the inputs `instead` where nobody else needs that; to be asked for before them.
  float *OutInPlace(int index, int like, std::initializer_list<int> instead) {
    std::vector<int64_t> shape;
    {
      TF_Tensor *tensor = nullptr;
      TF_GetInput(context_, like, &tensor, status_.get());
      const Tensor model(tensor, TF_DeleteTensor);
      if (!Ok()) return nullptr;
      for (int axis = 0; axis < TF_NumDims(tensor); axis++) shape.push_back(TF_Dim(tensor, axis));
    }
    std::vector<int> candidates(instead);
    int forwarded;
    outputs_.emplace_back(
        TF_ForwardInputOrAllocateOutput(context_, candidates.data(), static_cast<int>(candidates.size()), index,
                                        shape.data(), static_cast<int>(shape.size()), &forwarded, status_.get()),
        TF_DeleteTensor);
    return Ok() ? static_cast<float *>(TF_TensorData(outputs_.back().get())) : nullptr;
  }

  float *Out(int index, const std::vector<int64_t> &shape) {
    size_t bytes = sizeof(float);
    for (const int64_t size : shape) bytes *= size;
    outputs_.emplace_back(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                            bytes, status_.get()),
                          TF_DeleteTensor);
    return Ok() ? static_cast<float *>(TF_TensorData(outputs_.back().get())) : nullptr;
  }

 private:
  TF_Tensor *Input(int index) {
    while (static_cast<int>(inputs_.size()) <= index) inputs_.emplace_back(nullptr, TF_DeleteTensor);
    return inputs_[index].get();
  }

  TF_OpKernelContext *context_;
  Status status_;
  std::vector<Tensor> inputs_, outputs_;
};

}  // namespace
}  // namespace stillroom
