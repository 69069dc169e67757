// Which of TensorFlow's operations programs have; engine/tensor/captured/program.ts lists them too.

#include "programBuilder.h"

#include <functional>
#include <numeric>

namespace stillroom {

int64_t Elements(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<int64_t>());
}

void Builder::Translate(TF_Operation *operation) {
  using Translation = void (*)(Builder &);
#define UNARY(name) [](Builder &b) { b.Unary(UnaryOperation::name); }
#define BINARY(name) [](Builder &b) { b.Binary(BinaryOperation::name); }
  static const std::map<std::string, Translation> translations = {
      {"Abs", UNARY(kAbs)},
      {"Add", [](Builder &b) { b.Plus(); }},
      {"AddN", [](Builder &b) { b.AddN(); }},
      {"AddV2", [](Builder &b) { b.Plus(); }},
      {"AssignVariableOp", [](Builder &b) { b.Assign(); }},
      {"Cast", [](Builder &b) { b.Cast(); }},
      {"ConcatV2", [](Builder &b) { b.ConcatV2(); }},
      {"Const", [](Builder &b) { b.Const(); }},
      {"Cos", UNARY(kCos)},
      {"Exp", UNARY(kExp)},
      {"ExpandDims", [](Builder &b) { b.ExpandDims(); }},
      {"Fill", [](Builder &b) { b.Fill(); }},
      {"GatherV2", [](Builder &b) { b.GatherV2(); }},
      {"Greater", BINARY(kGreater)},
      {"GreaterEqual", BINARY(kGreaterEqual)},
      {"Identity", [](Builder &b) { b.Out(b.In(0)); }},
      {"Less", BINARY(kLess)},
      {"Log", UNARY(kLog)},
      {"MatMul", [](Builder &b) { b.MatMul(); }},
      {"Maximum", BINARY(kMaximum)},
      {"Mean", [](Builder &b) { b.Reduce(true); }},
      {"Minimum", BINARY(kMinimum)},
      {"Mul", BINARY(kMul)},
      {"Neg", UNARY(kNeg)},
      {"Pack", [](Builder &b) { b.Pack(); }},
      {"Pow", BINARY(kPow)},
      {"ReadVariableOp", [](Builder &b) { b.Out(b.In(0)); }},
      {"RealDiv", BINARY(kDiv)},
      {"Reshape", [](Builder &b) { b.Reshape(); }},
      {"Rsqrt", UNARY(kRsqrt)},
      {"Sigmoid", UNARY(kSigmoid)},
      {"Sin", UNARY(kSin)},
      {"Slice", [](Builder &b) { b.Slice(); }},
      {"Softplus", UNARY(kSoftplus)},
      {"SplitV", [](Builder &b) { b.SplitV(); }},
      {"Sqrt", UNARY(kSqrt)},
      {"Square", UNARY(kSquare)},
      {"StillroomAdamWInPlace", [](Builder &b) { b.AdamWInPlace(); }},
      {"StillroomSumOfSquares", [](Builder &b) { b.SumOfSquares(); }},
      {"StillroomSwish", [](Builder &b) { b.Swish(); }},
      {"StillroomSwishGrad", [](Builder &b) { b.SwishGrad(); }},
      {"Sub", BINARY(kSub)},
      {"Sum", [](Builder &b) { b.Reduce(false); }},
      {"UnsortedSegmentSum", [](Builder &b) { b.UnsortedSegmentSum(); }},
      {"ZerosLike", [](Builder &b) { b.ZerosLike(); }},
  };
#undef UNARY
#undef BINARY
  const std::string type = TF_OperationOpType(operation);
  const auto translation = translations.find(type);
  Require(translation != translations.end(), type);
  operation_ = operation;
  translation->second(*this);
}

Program BuildProgram(const std::string &graph_def, const std::vector<Shape> &feeds, const std::vector<Shape> &variables,
                     int shares) {
  const OwnStatus status(TF_NewStatus(), TF_DeleteStatus);
  const std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)> graph(TF_NewGraph(), TF_DeleteGraph);
  const std::unique_ptr<TF_Buffer, decltype(&TF_DeleteBuffer)> buffer(
      TF_NewBufferFromString(graph_def.data(), graph_def.size()), TF_DeleteBuffer);
  const std::unique_ptr<TF_ImportGraphDefOptions, decltype(&TF_DeleteImportGraphDefOptions)> options(
      TF_NewImportGraphDefOptions(), TF_DeleteImportGraphDefOptions);
  TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  Check(status.get());
  Program program = Builder(graph.get(), feeds, variables, shares).Build();
  Schedule(program);
  return program;
}

}  // namespace stillroom
