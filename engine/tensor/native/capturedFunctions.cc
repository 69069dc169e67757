// The tfjs-node addon with two more methods, which run a whole recorded step as one TensorFlow function:
//   addFunction(name, graphDef: Uint8Array, inputs: string[], outputs: string[])
//   removeFunction(name)
// Inputs and outputs are "node" or "node:index". After addFunction, executeOp(name, ...) runs the graph.
// It is one translation unit with tfjs_binding.cc, because the methods need that file's helpers.

#include <node_api.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// The addon registers itself by this macro; here it must not, so that the module below can extend its exports.
#undef NAPI_MODULE
#define NAPI_MODULE(name, initialize)
#include "tfjs_binding.cc"

#include "fusedKernels.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace stillroom {

using tfnodejs::TFJSBackend;

// The eager context is a private member without an accessor. Access rules do not apply to the arguments of an
// explicit instantiation, so this reads it without a changed copy of the header.
TFE_Context *ContextOf(const TFJSBackend &backend);
template <TFE_Context *TFJSBackend::*member>
struct ContextMember {
  friend TFE_Context *ContextOf(const TFJSBackend &backend) { return backend.*member; }
};
template struct ContextMember<&TFJSBackend::tfe_context_>;

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Graph = std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)>;
using Buffer = std::unique_ptr<TF_Buffer, decltype(&TF_DeleteBuffer)>;
using ImportOptions = std::unique_ptr<TF_ImportGraphDefOptions, decltype(&TF_DeleteImportGraphDefOptions)>;
using Function = std::unique_ptr<TF_Function, decltype(&TF_DeleteFunction)>;

static napi_value Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

static bool Ok(const Status &status) { return TF_GetCode(status.get()) == TF_OK; }

// TensorFlow's message, without the whole graph definitions that some messages quote.
static std::string Reason(const Status &status) {
  const size_t longest = 1000;
  const std::string message = TF_Message(status.get());
  return message.size() <= longest ? message : message.substr(0, longest) + " [...]";
}

static bool ReadString(napi_env env, napi_value value, std::string *text) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  text->resize(length + 1);
  if (napi_get_value_string_utf8(env, value, &(*text)[0], length + 1, &length) != napi_ok) return false;
  text->resize(length);
  return true;
}

static bool ReadStrings(napi_env env, napi_value value, std::vector<std::string> *texts) {
  bool is_array = false;
  uint32_t count = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array) return false;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    std::string text;
    if (napi_get_element(env, value, i, &element) != napi_ok || !ReadString(env, element, &text)) return false;
    texts->push_back(text);
  }
  return true;
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

static napi_value AddFunction(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value args[4];
  std::string name;
  std::vector<std::string> names[2];
  if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok || argc < 4 ||
      !ReadString(env, args[0], &name) || name.empty() || !ReadStrings(env, args[2], &names[0]) ||
      !ReadStrings(env, args[3], &names[1])) {
    return Throw(env, "addFunction takes a name, a Uint8Array and two arrays of node names.");
  }
  bool is_typed_array = false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void *bytes = nullptr;
  if (napi_is_typedarray(env, args[1], &is_typed_array) != napi_ok || !is_typed_array ||
      napi_get_typedarray_info(env, args[1], &type, &length, &bytes, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
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
  size_t argc = 1;
  napi_value args[1];
  std::string name;
  if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok || argc < 1 ||
      !ReadString(env, args[0], &name)) {
    return Throw(env, "removeFunction takes a name.");
  }
  TFJSBackend *const backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;
  const Status status(TF_NewStatus(), TF_DeleteStatus);
  TFE_ContextRemoveFunction(ContextOf(*backend), name.c_str(), status.get());
  if (!Ok(status)) return Throw(env, "removeFunction: " + Reason(status));
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
      {"removeFunction", nullptr, stillroom::RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  if (napi_define_properties(env, exports, ARRAY_SIZE(methods), methods) != napi_ok) {
    return stillroom::Throw(env, "The captured functions could not be added to the addon.");
  }
  return exports;
}
