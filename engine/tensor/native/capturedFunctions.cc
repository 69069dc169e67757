// The tfjs-node addon with more methods. Most run a whole recorded step, as one TensorFlow function or as a program of
// ours (program.h):
//   addFunction(name, graphDef: Uint8Array, inputs: string[], outputs: string[])
//   addProgram(name, graphDef: Uint8Array)
//   removeFunction(name), removeProgram(name)
//   runFunction(name, executor, inputIds: number[], outputs: number): tensors
//   beginFunction(name, executor, inputIds: number[], outputs: number): call
//   beginProgram(name, feedIds: number[], variableIds: number[], version: number, outputs: number): call
//   endFunction(call), chainFunction(call): tensors
//   awaitFunctions()
// one draws noise (random.h), and one gives memory that was freed back to the system:
//   createNormal(shape: number[], stream: number[]): tensor
//   releaseMemory()
// Inputs and outputs are "node" or "node:index". Functions and programs that are begun run one after the other on a
// thread of their own, while the caller's goes on; endFunction waits for one, awaitFunctions for all of them.
// chainFunction gives a program's outputs before it has run, to be fed to what is begun later. It is one
// translation unit with tfjs_binding.cc, because the methods need that file's helpers.

#include <node_api.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

// The addon registers itself by this macro; here it must not, so that the module below can extend its exports.
#undef NAPI_MODULE
#define NAPI_MODULE(name, initialize)
#include "arguments.h"
#include "fusedKernels.h"
#include "nativeCall.h"
#include "program.h"
#include "tensorflow/c/c_api.h"
#include "tfjs_binding.cc"
#include "vectorKernels.h"

namespace stillroom {

using tfnodejs::TFJSBackend;

// What is needed of the backend is private. Access rules do not apply to the arguments of an explicit instantiation, so
// this reaches it without a changed copy of the header.
using Handles = std::unordered_map<int32_t, TFE_TensorHandle *>;
TFE_Context *ContextOf(const TFJSBackend &backend);
const Handles &HandlesOf(const TFJSBackend &backend);
napi_value DescribeTensor(TFJSBackend *backend, napi_env env, TFE_TensorHandle *handle);
template <TFE_Context *TFJSBackend::*context, Handles TFJSBackend::*handles,
          napi_value (TFJSBackend::*describe)(napi_env, TFE_TensorHandle *)>
struct Members {
  friend TFE_Context *ContextOf(const TFJSBackend &backend) { return backend.*context; }
  friend const Handles &HandlesOf(const TFJSBackend &backend) { return backend.*handles; }
  friend napi_value DescribeTensor(TFJSBackend *backend, napi_env env, TFE_TensorHandle *handle) {
    return (backend->*describe)(env, handle);
  }
};
template struct Members<&TFJSBackend::tfe_context_, &TFJSBackend::tfe_handle_map_,
                        &TFJSBackend::GenerateOutputTensorInfo>;

using Graph = std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)>;
using Buffer = std::unique_ptr<TF_Buffer, decltype(&TF_DeleteBuffer)>;
using ImportOptions = std::unique_ptr<TF_ImportGraphDefOptions, decltype(&TF_DeleteImportGraphDefOptions)>;
using Function = std::unique_ptr<TF_Function, decltype(&TF_DeleteFunction)>;

static bool Ok(const Status &status) { return TF_GetCode(status.get()) == TF_OK; }

// TensorFlow's message, without the whole graph definitions that some messages quote.
static std::string Reason(const Status &status) {
  const size_t longest = 1000;
  const std::string message = TF_Message(status.get());
  return message.size() <= longest ? message : message.substr(0, longest) + " [...]";
}

// Finds "node" (its output 0) or "node:index"; false when the graph has no such output.
static bool FindOutput(TF_Graph *graph, const std::string &name, TF_Output *output) {
  const size_t colon = name.rfind(':');
  int index = 0;
  if (colon != std::string::npos) {
    char *end = nullptr;
    const long parsed = std::strtol(name.c_str() + colon + 1, &end, 10);
    if (*end != '\0' || end == name.c_str() + colon + 1 || parsed < 0 || parsed > 65535) return false;
    index = static_cast<int>(parsed);
  }
  TF_Operation *operation = TF_GraphOperationByName(graph, name.substr(0, colon).c_str());
  if (operation == nullptr || index >= TF_OperationNumOutputs(operation)) return false;
  *output = TF_Output{operation, index};
  return true;
}

// A program's name in the process, whose worker threads have a context each.
static std::string ProgramName(const TFJSBackend &backend, const std::string &name) {
  return name + "@" + std::to_string(reinterpret_cast<uintptr_t>(ContextOf(backend)));
}

static napi_value AddProgram(napi_env env, napi_callback_info info) {
  napi_value args[2];
  std::string name;
  size_t length = 0;
  void *bytes = nullptr;
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name) || name.empty() ||
      !ReadBytes(env, args[1], &bytes, &length)) {
    return Throw(env, "addProgram takes a name and a Uint8Array.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  Programs::Get().Add(ProgramName(*backend, name), std::string(static_cast<const char *>(bytes), length));
  return nullptr;
}

static napi_value RemoveProgram(napi_env env, napi_callback_info info) {
  napi_value args[1];
  std::string name;
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name)) {
    return Throw(env, "removeProgram takes a name.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  Programs::Get().Remove(ProgramName(*backend, name));
  return nullptr;
}

static napi_value AddFunction(napi_env env, napi_callback_info info) {
  napi_value args[4];
  std::string name;
  std::vector<std::string> names[2];
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name) || name.empty() ||
      !ReadStrings(env, args[2], &names[0]) || !ReadStrings(env, args[3], &names[1])) {
    return Throw(env, "addFunction takes a name, a Uint8Array and two arrays of node names.");
  }
  size_t length = 0;
  void *bytes = nullptr;
  if (!ReadBytes(env, args[1], &bytes, &length)) {
    return Throw(env, "addFunction: the graph of '" + name + "' must be a Uint8Array.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;

  const Status status(TF_NewStatus(), TF_DeleteStatus);
  const Graph graph(TF_NewGraph(), TF_DeleteGraph);
  {
    const Buffer buffer(TF_NewBufferFromString(bytes, length), TF_DeleteBuffer);
    const ImportOptions options(TF_NewImportGraphDefOptions(), TF_DeleteImportGraphDefOptions);
    TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  }
  if (!Ok(status)) return Throw(env, "addFunction: the graph of '" + name + "' is refused: " + Reason(status));

  std::vector<TF_Output> ends[2];
  for (int side = 0; side < 2; side++) {
    for (const std::string &node : names[side]) {
      TF_Output output;
      if (!FindOutput(graph.get(), node, &output)) {
        return Throw(env, "addFunction: the graph of '" + name + "' has no node output '" + node + "'.");
      }
      ends[side].push_back(output);
    }
  }
  const Function function(
      TF_GraphToFunction(graph.get(), name.c_str(), /*append_hash_to_fn_name=*/0, /*num_opers=*/-1, nullptr,
                         static_cast<int>(ends[0].size()), ends[0].data(), static_cast<int>(ends[1].size()),
                         ends[1].data(), nullptr, nullptr, nullptr, status.get()),
      TF_DeleteFunction);
  if (Ok(status)) TFE_ContextAddFunction(ContextOf(*backend), function.get(), status.get());
  if (!Ok(status)) return Throw(env, "addFunction: '" + name + "' cannot be a function: " + Reason(status));
  return nullptr;
}

static napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  napi_value args[1];
  std::string name;
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name)) {
    return Throw(env, "removeFunction takes a name.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  TFE_ContextRemoveFunction(ContextOf(*backend), name.c_str(), status.get());
  if (!Ok(status)) return Throw(env, "removeFunction: " + Reason(status));
  return nullptr;
}

// The tensors of these ids; throws, and is false, where one is none.
static bool FindTensors(napi_env env, const TFJSBackend &backend, const std::vector<int64_t> &ids,
                        const std::string &method, const std::string &name, std::vector<TFE_TensorHandle *> *tensors) {
  const Handles &handles = HandlesOf(backend);
  for (size_t i = 0; i < ids.size(); i++) {
    const auto handle = handles.find(static_cast<int32_t>(ids[i]));
    if (handle == handles.end()) {
      Throw(env, method + ": input " + std::to_string(i) + " of '" + name + "' is no tensor.");
      return false;
    }
    tensors->push_back(handle->second);
  }
  return true;
}

// To run the operation `type` on these inputs.
static void SetOperation(const TFJSBackend &backend, const std::string &type,
                         const std::vector<TFE_TensorHandle *> &inputs, NativeCall *call) {
  TF_Status *const status = call->status.get();
  call->operation.reset(TFE_NewOp(ContextOf(backend), type.c_str(), status));
  for (size_t i = 0; Ok(call->status) && i < inputs.size(); i++) {
    TFE_OpAddInput(call->operation.get(), inputs[i], status);
    if (Ok(call->status)) call->inputs.push_back(TFE_TensorHandleCopySharingTensor(inputs[i], status));
  }
}

// Of the arguments of `method`, runFunction or beginFunction; none where they are refused.
static std::unique_ptr<NativeCall> MakeCall(napi_env env, napi_callback_info info, const std::string &method) {
  napi_value args[4];
  std::string name, executor_type;
  std::vector<int64_t> ids;
  uint32_t output_count = 0;
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name) ||
      !ReadString(env, args[1], &executor_type) || !ReadNumbers(env, args[2], &ids) ||
      !ReadCount(env, args[3], &output_count)) {
    Throw(env, method + " takes a name, an executor, an array of tensors' ids and a number of outputs.");
    return nullptr;
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  std::vector<TFE_TensorHandle *> inputs;
  if (backend == nullptr || !FindTensors(env, *backend, ids, method, name, &inputs)) return nullptr;
  std::unique_ptr<NativeCall> call(new NativeCall(output_count));
  SetOperation(*backend, name, inputs, call.get());
  if (!Ok(call->status)) {
    Throw(env, method + ": '" + name + "' is refused: " + Reason(call->status));
    return nullptr;
  }
  TFE_OpSetAttrString(call->operation.get(), "executor_type", executor_type.data(), executor_type.size());
  return call;
}

// Of beginProgram's arguments; none where they are refused.
static std::unique_ptr<NativeCall> MakeProgramCall(napi_env env, napi_callback_info info) {
  napi_value args[5];
  std::string name;
  std::vector<int64_t> feeds;
  int64_t version = 0;
  uint32_t output_count = 0;
  const auto refuse = [env] {
    Throw(env, "beginProgram takes a name, ids of feeds, ids of variables, their version and a number of outputs.");
    return nullptr;
  };
  if (!ReadArguments(env, info, args) || !ReadString(env, args[0], &name) || !ReadNumbers(env, args[1], &feeds) ||
      napi_get_value_int64(env, args[3], &version) != napi_ok || !ReadCount(env, args[4], &output_count)) {
    return refuse();
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  const std::string program_name = ProgramName(*backend, name);
  RunningProgram *const program = Programs::Get().Find(program_name);
  if (program == nullptr) {
    Throw(env, "beginProgram: there is no program '" + name + "'.");
    return nullptr;
  }
  std::vector<TFE_TensorHandle *> inputs;
  if (!FindTensors(env, *backend, feeds, "beginProgram", name, &inputs)) return nullptr;
  std::unique_ptr<NativeCall> call(new NativeCall(output_count));
  call->program = program;
  call->version = version;
  TF_Status *const status = call->status.get();
  if (program->Remembers(version)) {
    for (TFE_TensorHandle *const input : inputs) {
      call->feeds.emplace_back(TFE_TensorHandleResolve(input, status), TF_DeleteTensor);
      if (!Ok(call->status)) break;
    }
    try {
      call->results = program->NewOutputs();
    } catch (const std::bad_alloc &) {
      Throw(env, "beginProgram: no memory for the results of '" + name + "'.");
      return nullptr;
    }
    call->outputs.clear();
    for (const RunningProgram::Tensor &result : call->results) {
      call->outputs.push_back(TFE_NewTensorHandle(result.get(), status));
    }
  } else {
    std::vector<int64_t> variables;
    if (!ReadNumbers(env, args[2], &variables)) return refuse();
    if (!FindTensors(env, *backend, variables, "beginProgram", name, &inputs)) return nullptr;
    SetOperation(*backend, "StillroomProgram", inputs, call.get());
    TFE_Op *const operation = call->operation.get();
    std::vector<TF_DataType> fed;
    for (size_t i = 0; i < feeds.size(); i++) fed.push_back(TFE_TensorHandleDataType(inputs[i]));
    const std::vector<TF_DataType> given(output_count, TF_FLOAT);
    TFE_OpSetAttrString(operation, "program", program_name.data(), program_name.size());
    TFE_OpSetAttrTypeList(operation, "F", fed.data(), static_cast<int>(fed.size()));
    TFE_OpSetAttrInt(operation, "V", static_cast<int64_t>(variables.size()));
    TFE_OpSetAttrTypeList(operation, "O", given.data(), static_cast<int>(output_count));
  }
  if (Ok(call->status)) return call;
  Throw(env, "beginProgram: '" + name + "' is refused: " + Reason(call->status));
  return nullptr;
}

// The outputs of a call, as tensors of JavaScript's, which owns them from then on.
static napi_value TakeOutputs(napi_env env, NativeCall &call) {
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  if (!Ok(call.status)) return Throw(env, Reason(call.status));
  std::vector<TFE_TensorHandle *> outputs;
  outputs.swap(call.outputs);
  napi_value tensors;
  if (napi_create_array_with_length(env, outputs.size(), &tensors) != napi_ok) return nullptr;
  for (size_t i = 0; i < outputs.size(); i++) {
    napi_set_element(env, tensors, static_cast<uint32_t>(i), DescribeTensor(backend, env, outputs[i]));
  }
  return tensors;
}

// Likewise of a call that ran, whose inputs are let go.
static napi_value Results(napi_env env, NativeCall &call) {
  call.ReleaseInputs();
  return TakeOutputs(env, call);
}

static napi_value RunFunction(napi_env env, napi_callback_info info) {
  const std::unique_ptr<NativeCall> call = MakeCall(env, info, "runFunction");
  if (call == nullptr) return nullptr;
  Runner::Of(env).Await();
  call->Run();
  return Results(env, *call);
}

static napi_value Begin(napi_env env, std::unique_ptr<NativeCall> call) {
  if (call == nullptr) return nullptr;
  const auto collect = [](napi_env env, void *data, void *) {
    Runner::Of(env).Await();
    delete static_cast<NativeCall *>(data);
  };
  napi_value result;
  if (napi_create_external(env, call.get(), collect, nullptr, &result) != napi_ok) return nullptr;
  Runner::Of(env).Begin(call.release());
  return result;
}

static napi_value BeginFunction(napi_env env, napi_callback_info info) {
  return Begin(env, MakeCall(env, info, "beginFunction"));
}

static napi_value BeginProgram(napi_env env, napi_callback_info info) { return Begin(env, MakeProgramCall(env, info)); }

static napi_value AwaitFunctions(napi_env env, napi_callback_info) {
  Runner::Of(env).Await();
  return nullptr;
}

// What a call's method is given; none, and an error, where it is something else.
static NativeCall *ReadCall(napi_env env, napi_callback_info info, const std::string &method) {
  napi_value args[1];
  void *data = nullptr;
  if (!ReadArguments(env, info, args) || napi_get_value_external(env, args[0], &data) != napi_ok) {
    Throw(env, method + " takes what beginFunction or beginProgram gave.");
    return nullptr;
  }
  return static_cast<NativeCall *>(data);
}

static napi_value EndFunction(napi_env env, napi_callback_info info) {
  NativeCall *const call = ReadCall(env, info, "endFunction");
  if (call == nullptr) return nullptr;
  Runner::Of(env).Await(*call);
  return Results(env, *call);
}

static napi_value ChainFunction(napi_env env, napi_callback_info info) {
  NativeCall *const call = ReadCall(env, info, "chainFunction");
  if (call == nullptr) return nullptr;
  if (call->results.empty()) Runner::Of(env).Await(*call);
  return TakeOutputs(env, *call);
}

static napi_value CreateNormal(napi_env env, napi_callback_info info) {
  napi_value args[2];
  std::vector<int64_t> shape, words;
  if (!ReadArguments(env, info, args) || !ReadNumbers(env, args[0], &shape) || !ReadNumbers(env, args[1], &words) ||
      words.size() != 4) {
    return Throw(env, "createNormal takes a shape and the four numbers of a stream.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  NormalStream stream;
  for (int i = 0; i < 2; i++) {
    stream.key[i] = static_cast<uint32_t>(words[i]);
    stream.counter[i] = static_cast<uint32_t>(words[2 + i]);
  }
  const int64_t count = Elements(shape);
  const std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)> tensor(
      TF_AllocateTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), count * sizeof(float)),
      TF_DeleteTensor);
  if (tensor == nullptr) return Throw(env, "createNormal: no memory for the noise.");
  ProcessorKernels().normals(stream, static_cast<float *>(TF_TensorData(tensor.get())), count);
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  TFE_TensorHandle *const handle = TFE_NewTensorHandle(tensor.get(), status.get());
  if (!Ok(status)) return Throw(env, "createNormal: " + Reason(status));
  return DescribeTensor(backend, env, handle);
}

static napi_value ReleaseMemory(napi_env, napi_callback_info) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  return nullptr;
}

}  // namespace stillroom

NAPI_MODULE_INIT() {
  // A process may load the module several times, in worker threads; operations are registered once.
  static const std::string refused = stillroom::RegisterFusedKernels();
  if (!refused.empty()) return stillroom::Throw(env, "The fused kernels are refused: " + refused);
  if (tfnodejs::InitTFNodeJSBinding(env, exports) == nullptr) return nullptr;
  const napi_property_descriptor methods[] = {
      {"addFunction", nullptr, stillroom::AddFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"addProgram", nullptr, stillroom::AddProgram, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"removeProgram", nullptr, stillroom::RemoveProgram, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"runFunction", nullptr, stillroom::RunFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"createNormal", nullptr, stillroom::CreateNormal, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"removeFunction", nullptr, stillroom::RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"beginProgram", nullptr, stillroom::BeginProgram, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"beginFunction", nullptr, stillroom::BeginFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"endFunction", nullptr, stillroom::EndFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"chainFunction", nullptr, stillroom::ChainFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"awaitFunctions", nullptr, stillroom::AwaitFunctions, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"releaseMemory", nullptr, stillroom::ReleaseMemory, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  if (napi_define_properties(env, exports, ARRAY_SIZE(methods), methods) != napi_ok) {
    return stillroom::Throw(env, "The captured functions could not be added to the addon.");
  }
  return exports;
}
