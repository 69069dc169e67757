// Order, segments and memory of a program's instructions.

#include <algorithm>
#include <map>

#include "program.h"

namespace stillroom {
namespace {

constexpr int64_t kAlignment = 16;  // Numbers, a line of the cache.

// Takes instructions in their order as long as no share reads what another wrote in the same segment, then begins the
// next.
void Order(Program &program) {
  std::vector<Instruction> &all = program.instructions;
  std::vector<const Instruction *> writers(program.values.size(), nullptr);
  std::vector<const Access *> written(program.values.size(), nullptr);
  for (const Instruction &instruction : all) {
    for (const Access &access : instruction.writes) {
      if (program.values[access.value].home != Value::Home::kScratch) continue;
      writers[access.value] = &instruction;
      written[access.value] = &access;
    }
  }
  std::vector<bool> placed(all.size(), false);
  int segment = 0, latest = 0;
  const auto is_there = [&](const Access &read) {
    const Instruction *const writer = writers[read.value];
    if (writer == nullptr) return true;
    if (!placed[writer - all.data()]) return false;
    return writer->segment < segment || (!read.bounds.empty() && read.bounds == written[read.value]->bounds);
  };
  size_t left = all.size(), left_first = 0;
  for (const Instruction &instruction : all) left_first += !instruction.is_last;
  while (left > 0) {
    bool progress = false;
    for (size_t i = 0; i < all.size(); i++) {
      Instruction &instruction = all[i];
      if (placed[i] || (instruction.is_last && (left_first > 0 || latest >= segment))) continue;
      if (!std::all_of(instruction.reads.begin(), instruction.reads.end(), is_there)) continue;
      instruction.segment = segment;
      placed[i] = progress = true;
      left--;
      if (!instruction.is_last) {
        left_first--;
        latest = segment;
      }
    }
    if (!progress) segment++;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Instruction &a, const Instruction &b) { return a.segment < b.segment; });
}

// Memory that can be used again: at once by shares in their own parts, by any of them in the next segment.
class Places {
 public:
  struct Place {
    int64_t at, size;
  };

  int64_t Take(int64_t size, const std::vector<int64_t> &bounds) {
    size = (size + kAlignment - 1) / kAlignment * kAlignment;
    std::vector<Place> &own = own_[{size, bounds}];
    if (!bounds.empty() && !own.empty()) {
      const int64_t at = own.back().at;
      own.pop_back();
      return at;
    }
    auto best = free_.end();
    for (auto place = free_.begin(); place != free_.end(); ++place) {
      if (place->size >= size && (best == free_.end() || place->size < best->size)) best = place;
    }
    if (best == free_.end()) {
      total_ += size;
      return total_ - size;
    }
    const Place taken = *best;
    free_.erase(best);
    if (taken.size > size) free_.push_back({taken.at + size, taken.size - size});
    return taken.at;
  }

  void Leave(int64_t at, int64_t size, const std::vector<int64_t> &bounds) {
    size = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (bounds.empty()) {
      left_.push_back({at, size});
    } else {
      own_[{size, bounds}].push_back({at, size});
    }
  }

  void EndSegment() {
    for (auto &own : own_) {
      left_.insert(left_.end(), own.second.begin(), own.second.end());
      own.second.clear();
    }
    free_.insert(free_.end(), left_.begin(), left_.end());
    left_.clear();
  }

  int64_t total() const { return total_; }

 private:
  std::map<std::pair<int64_t, std::vector<int64_t>>, std::vector<Place>> own_;
  std::vector<Place> left_, free_;
  int64_t total_ = 0;
};

void Place(Program &program) {
  struct Use {
    int left = 0;        // Instructions that still read it.
    bool is_own = true;  // Each share touches its own part alone.
    const std::vector<int64_t> *bounds = nullptr;
  };
  std::vector<Use> uses(program.values.size());
  for (const Instruction &instruction : program.instructions) {
    for (const Access &access : instruction.writes) uses[access.value].bounds = &access.bounds;
  }
  for (const Instruction &instruction : program.instructions) {
    for (const Access &access : instruction.reads) {
      Use &use = uses[access.value];
      use.left++;
      use.is_own = use.is_own && use.bounds != nullptr && !use.bounds->empty() && access.bounds == *use.bounds;
    }
  }
  for (const Array &output : program.outputs) uses[output.value].left++;  // For ever.
  const auto is_scratch = [&](int value) { return program.values[value].home == Value::Home::kScratch; };
  const std::vector<int64_t> none;
  Places places;
  int segment = 0;
  for (const Instruction &instruction : program.instructions) {
    for (; segment < instruction.segment; segment++) places.EndSegment();
    const Access *shared = instruction.in_place < 0 ? nullptr : &instruction.reads[instruction.in_place];
    if (shared != nullptr) {
      const Use &use = uses[shared->value];
      const bool is_free = is_scratch(shared->value) && use.left == 1 && use.is_own &&
                           program.values[shared->value].size == program.values[instruction.writes[0].value].size &&
                           shared->bounds == instruction.writes[0].bounds;
      if (!is_free) shared = nullptr;
    }
    for (const Access &access : instruction.writes) {
      Value &value = program.values[access.value];
      if (value.home != Value::Home::kScratch) continue;
      const bool is_shared = shared != nullptr && &access == &instruction.writes[0];
      value.at = is_shared ? program.values[shared->value].at : places.Take(value.size, access.bounds);
    }
    for (const Access &access : instruction.reads) {
      Use &use = uses[access.value];
      if (--use.left > 0 || !is_scratch(access.value) || (shared != nullptr && access.value == shared->value)) continue;
      const Value &value = program.values[access.value];
      places.Leave(value.at, value.size, use.is_own ? *use.bounds : none);
    }
  }
  program.scratch = places.total();
}

}  // namespace

void Schedule(Program &program) {
  Order(program);
  Place(program);
}

}  // namespace stillroom
