// TensorFlow kernels for the chains of elementwise operations that a diffusion transformer and AdamW spend their
// time in: one pass over memory where a graph of primitive operations makes ten. Processor only, float32.
// engine/tensor/fused.ts says what each computes, has the same in primitive operations, and its gradient.

#include "fusedKernels.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "call.h"
#include "program.h"
#include "team.h"
#include "tensorflow/c/ops.h"
#include "vectorKernels.h"
#include "workers.h"

namespace stillroom {
namespace {

// out (width) = the sum of the rows of parts (rows × width), always in the same order.
void SumRows(const std::vector<float> &parts, int64_t width, float *out) {
  std::fill(out, out + width, 0.0f);
  for (size_t at = 0; at < parts.size(); at += width) {
    for (int64_t d = 0; d < width; d++) out[d] += parts[at + d];
  }
}

// Inputs x (N, D), bias (D), slope.
void ComputeSwish(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const y = call.OutInPlace(0, 0, {0});
  const float *const x = call.In(0), *const bias = call.In(1);
  const float slope = *call.In(2);
  const int64_t width = call.Size(1), rows = call.Size(0) / width;
  if (!call.Ok()) return;
  ProcessorKernels().swish(x, bias, slope, y, width, rows);
}

// Inputs x, bias, slope, dy; outputs dx, dbias.
void ComputeSwishGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const dx = call.OutInPlace(0, 3, {3});
  const float *const x = call.In(0), *const bias = call.In(1), *const dy = call.In(3);
  const float slope = *call.In(2);
  const int64_t width = call.Size(1), rows = call.Size(0) / width;
  float *const dbias = call.Out(1, 1);
  if (!call.Ok()) return;
  constexpr int64_t kChunk = 64;  // Rows that are summed together, which keeps the sum exact.
  const int64_t chunks = (rows + kChunk - 1) / kChunk;
  std::vector<float> parts(chunks * width, 0.0f);
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    ProcessorKernels().swish_grad(x, bias, slope, dy, dx, parts.data() + chunk * width, width, chunk * kChunk,
                                  std::min(rows, (chunk + 1) * kChunk));
  }
  SumRows(parts, width, dbias);
}

// Inputs x, shift, scale, epsilon.
void ComputeModulate(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const x = call.In(0), *const shift = call.In(1), *const scale = call.In(2);
  const float epsilon = *call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const y = call.Out(0, 0);
  if (!call.Ok()) return;
  ProcessorKernels().modulate(x, shift, scale, epsilon, y, tokens, width, batch);
}

// Inputs x, scale, dy, epsilon; outputs dx, dshift, dscale.
void ComputeModulateGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const dx = call.OutInPlace(0, 2, {2});
  const float *const x = call.In(0), *const scale = call.In(1), *const dy = call.In(2);
  const float epsilon = *call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const dshift = call.Out(1, 1), *const dscale = call.Out(2, 1);
  if (!call.Ok()) return;
  ProcessorKernels().modulate_grad(x, scale, dy, epsilon, dx, dshift, dscale, tokens, width, batch);
}

// Inputs h, y, bias, gate.
void ComputeGatedAdd(void *, TF_OpKernelContext *context) {
  Call call(context);
  float *const out = call.OutInPlace(0, 0, {0, 1});
  const float *const h = call.In(0), *const y = call.In(1), *const bias = call.In(2), *const gate = call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  if (!call.Ok()) return;
  ProcessorKernels().gated_add(h, y, bias, gate, out, tokens, width, batch);
}

// Inputs y, bias, gate and the output's gradient; outputs dy, dbias, dgate.
void ComputeGatedAddGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const y = call.In(0), *const bias = call.In(1), *const gate = call.In(2), *const d_out = call.In(3);
  const int64_t batch = call.Dimension(0, 0), tokens = call.Dimension(0, 1), width = call.Dimension(0, 2);
  float *const dy = call.Out(0, 0), *const dbias = call.Out(1, 1), *const dgate = call.Out(2, 2);
  if (!call.Ok()) return;
  std::vector<float> parts(batch * width);
  ProcessorKernels().gated_add_grad(y, bias, gate, d_out, dy, parts.data(), dgate, tokens, width, batch);
  SumRows(parts, width, dbias);
}

// Inputs qkv (B, T, 3D), bias (3D), mask (B, T) or empty, heads.
void ComputeAttention(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const qkv = call.In(0), *const bias = call.In(1);
  const float *const mask = call.Size(2) > 0 ? call.In(2) : nullptr;
  const int64_t heads = static_cast<int64_t>(*call.In(3)), batch = call.Dimension(0, 0);
  const int64_t tokens = call.Dimension(0, 1), width = call.Dimension(0, 2) / 3, head = width / heads;
  float *const out = call.Out(0, {batch, tokens, width});
  if (!call.Ok()) return;
  ProcessorKernels().attention(qkv, bias, mask, out, tokens, heads, head, batch);
}

// Inputs qkv, bias, mask, heads as above and the output's gradient (B, T, D); outputs dqkv, dbias.
void ComputeAttentionGrad(void *, TF_OpKernelContext *context) {
  Call call(context);
  const float *const qkv = call.In(0), *const bias = call.In(1);
  const float *const mask = call.Size(2) > 0 ? call.In(2) : nullptr;
  const int64_t heads = static_cast<int64_t>(*call.In(3)), batch = call.Dimension(0, 0);
  const float *const d_out = call.In(4);
  const int64_t tokens = call.Dimension(0, 1), triple = call.Dimension(0, 2), head = triple / 3 / heads;
  float *const d_qkv = call.Out(0, 0), *const d_bias = call.Out(1, 1);
  if (!call.Ok()) return;
  std::vector<float> parts(batch * triple);
  ProcessorKernels().attention_grad(qkv, bias, mask, d_out, d_qkv, parts.data(), tokens, heads, head, batch);
  SumRows(parts, triple, d_bias);
}

constexpr int64_t kLeastParts = 16;  // Fewer, as a small network's, take less time than waking another thread.

// Input tensors: N of any shape; output: the sum of the squares of all their elements, a scalar.
void ComputeSumOfSquares(void *, TF_OpKernelContext *context) {
  Call call(context);
  struct Part {
    const float *values;
    int64_t count;
  };
  constexpr int64_t kPart = 65536;  // Elements that are summed together, however many threads there are.
  std::vector<Part> parts;
  for (int i = 0; i < TF_NumInputs(context); i++) {
    const float *const values = call.In(i);
    for (int64_t at = 0, size = call.Size(i); at < size; at += kPart) {
      parts.push_back({values + at, std::min(kPart, size - at)});
    }
  }
  float *const out = call.Out(0, std::vector<int64_t>{});
  if (!call.Ok()) return;
  std::vector<double> sums(parts.size());
  Workers::Get().ForRows(parts.size(), kLeastParts, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) sums[i] = ProcessorKernels().sum_of_squares(parts[i].values, parts[i].count);
  });
  double sum = 0;
  for (const double part : sums) sum += part;
  *out = static_cast<float>(sum);
}

// One weight's share of an AdamW update: what is read and what is written, which may be the same.
struct AdamWTensors {
  const float *weight, *first, *second, *gradient, *average;
  float *weight_out, *first_out, *second_out, *average_out;
  int64_t size;
};

constexpr int64_t kLeastElements = 16384;  // Fewer are not worth another thread.

void RunAdamW(const std::vector<AdamWTensors> &tensors, const AdamWFactors &factors) {
  struct Part {
    const AdamWTensors *tensors;
    int64_t from, to;
  };
  std::vector<Part> parts;
  for (const AdamWTensors &t : tensors) {
    for (int64_t at = 0; at < t.size; at += kLeastElements) {
      parts.push_back({&t, at, std::min(t.size, at + kLeastElements)});
    }
  }
  Workers::Get().ForRows(parts.size(), kLeastParts, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
      const AdamWTensors &t = *parts[i].tensors;
      ProcessorKernels().adamw(t.weight, t.first, t.second, t.average, t.gradient, factors, t.weight_out, t.first_out,
                               t.second_out, t.average_out, parts[i].from, parts[i].to);
    }
  });
}

constexpr int kAdamWNumbers = 3;  // Inputs before the weights: schedule, settings, norm of the gradients.

bool HasNumbers(Call &call) {
  return call.Size(0) * sizeof(float) == sizeof(AdamWSchedule) && call.Size(1) * sizeof(float) == sizeof(AdamWSettings);
}

AdamWFactors FactorsOf(Call &call) {
  AdamWSchedule schedule;
  AdamWSettings settings;
  std::memcpy(&schedule, call.In(0), sizeof schedule);
  std::memcpy(&settings, call.In(1), sizeof settings);
  return AdamWFactors(schedule, settings, *call.In(2));
}

// Inputs schedule, settings and norm, then of all N weights: the weights, first moments, second moments, averages where
// they are kept, and gradients; outputs likewise without the numbers and gradients.
void ComputeAdamW(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const int n = *static_cast<const int *>(count), kinds = (TF_NumInputs(context) - kAdamWNumbers) / n - 1;
  if (!HasNumbers(call)) return;
  std::vector<AdamWTensors> tensors;
  for (int i = 0; i < n && call.Ok(); i++) {
    const auto in = [&](int kind) { return call.In(kAdamWNumbers + kind * n + i); };
    const auto out = [&](int kind) { return call.Out(kind * n + i, kAdamWNumbers + i); };
    const bool averaged = kinds == 4;
    tensors.push_back({in(0), in(1), in(2), in(kinds), averaged ? in(3) : nullptr, out(0), out(1), out(2),
                       averaged ? out(3) : nullptr, call.Size(kAdamWNumbers + i)});
  }
  if (call.Ok()) RunAdamW(tensors, FactorsOf(call));
}

// The same in the memory of the variables that the inputs between numbers and gradients are; no outputs.
void ComputeAdamWInPlace(void *count, TF_OpKernelContext *context) {
  Call call(context);
  const int n = *static_cast<const int *>(count), kinds = (TF_NumInputs(context) - kAdamWNumbers) / n - 1;
  if (!HasNumbers(call)) return;
  std::vector<AdamWTensors> tensors;
  for (int i = 0; i < n && call.Ok(); i++) {
    const auto at = [&](int kind) { return call.Variable(kAdamWNumbers + kind * n + i); };
    float *const weight = at(0), *const first = at(1), *const second = at(2),
                 *const average = kinds == 4 ? at(3) : nullptr;
    const int gradient = kAdamWNumbers + kinds * n + i;
    tensors.push_back(
        {weight, first, second, call.In(gradient), average, weight, first, second, average, call.Size(gradient)});
  }
  if (call.Ok()) RunAdamW(tensors, FactorsOf(call));
}

struct Operation {
  const char *name;
  std::vector<std::string> inputs, outputs;  // Tensors of float32 where no type follows the name.
  void (*infer)(TF_ShapeInferenceContext *, TF_Status *);
  void (*compute)(void *, TF_OpKernelContext *);
  std::vector<const char *> attributes = {};
  void *(*create)(TF_OpKernelConstruction *) = nullptr;
  void (*remove)(void *) = nullptr;
  bool changes_variables = false;
};

// A kernel's own number: attribute N.
void *CreateCount(TF_OpKernelConstruction *construction) {
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  int32_t count = 0;
  TF_OpKernelConstruction_GetAttrInt32(construction, "N", &count, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return new int(count);
}

void RemoveCount(void *count) { delete static_cast<int *>(count); }

std::string Typed(const std::string &name) { return name.find(':') == std::string::npos ? name + ": float" : name; }

// Says that output i has the shape of input `like[i]`.
template <int... like>
void ShapesLike(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeHandle *const shape = TF_NewShapeHandle();
  int output = 0;
  for (const int input : {like...}) {
    TF_ShapeInferenceContextGetInput(context, input, shape, status);
    if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output++, shape, status);
  }
  TF_DeleteShapeHandle(shape);
}

void UnknownShape(TF_ShapeInferenceContext *context, TF_Status *status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

}  // namespace

std::string RegisterFusedKernels() {
  Workers::Get();  // Reads how many threads are wanted while TensorFlow does, as the team does.
  Team::Get();
  const std::vector<Operation> operations = {
      {"StillroomSwish", {"x", "bias", "slope"}, {"y"}, ShapesLike<0>, ComputeSwish},
      {"StillroomSwishGrad", {"x", "bias", "slope", "dy"}, {"dx", "dbias"}, ShapesLike<0, 1>, ComputeSwishGrad},
      {"StillroomModulate", {"x", "shift", "scale", "epsilon"}, {"y"}, ShapesLike<0>, ComputeModulate},
      {"StillroomModulateGrad",
       {"x", "scale", "dy", "epsilon"},
       {"dx", "dshift", "dscale"},
       ShapesLike<0, 1, 1>,
       ComputeModulateGrad},
      {"StillroomGatedAdd", {"h", "y", "bias", "gate"}, {"out"}, ShapesLike<0>, ComputeGatedAdd},
      {"StillroomGatedAddGrad",
       {"y", "bias", "gate", "d_out"},
       {"dy", "dbias", "dgate"},
       ShapesLike<0, 1, 2>,
       ComputeGatedAddGrad},
      {"StillroomAttention", {"qkv", "bias", "mask", "heads"}, {"out"}, UnknownShape, ComputeAttention},
      {"StillroomAttentionGrad",
       {"qkv", "bias", "mask", "heads", "d_out"},
       {"dqkv", "dbias"},
       ShapesLike<0, 1>,
       ComputeAttentionGrad},
      {"StillroomSumOfSquares", {"x: N * float"}, {"sum"}, UnknownShape, ComputeSumOfSquares, {"N: int"}},
      {"StillroomAdamW",
       {"schedule", "settings", "norm", "values: V * float", "gradients: N * float"},
       {"next: V * float"},
       UnknownShape,
       ComputeAdamW,
       {"V: int", "N: int"},
       CreateCount,
       RemoveCount},
      {"StillroomAdamWInPlace",
       {"schedule", "settings", "norm", "variables: V * resource", "gradients: N * float"},
       {},
       UnknownShape,
       ComputeAdamWInPlace,
       {"V: int", "N: int"},
       CreateCount,
       RemoveCount,
       /*changes_variables=*/true},
      {"StillroomProgram",
       {"feeds: F", "variables: V * resource"},
       {"outputs: O"},
       UnknownShape,
       ComputeProgram,
       {"F: list(type) >= 0", "V: int >= 0", "O: list(type) >= 1", "program: string"},
       CreateProgram,
       RemoveProgram,
       /*changes_variables=*/true},
  };
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  for (const Operation &operation : operations) {
    TF_OpDefinitionBuilder *const definition = TF_NewOpDefinitionBuilder(operation.name);
    for (const std::string &name : operation.inputs) {
      TF_OpDefinitionBuilderAddInput(definition, Typed(name).c_str());
    }
    for (const std::string &name : operation.outputs) {
      TF_OpDefinitionBuilderAddOutput(definition, Typed(name).c_str());
    }
    for (const char *attribute : operation.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
    TF_OpDefinitionBuilderSetIsStateful(definition, operation.changes_variables);
    TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, operation.infer);
    TF_RegisterOpDefinition(definition, status.get());
    if (TF_GetCode(status.get()) == TF_OK) {
      TF_KernelBuilder *const kernel =
          TF_NewKernelBuilder(operation.name, "CPU", operation.create, operation.compute, operation.remove);
      TF_RegisterKernelBuilder(operation.name, kernel, status.get());
    }
    if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
  }
  return "";
}

}  // namespace stillroom
