#include "predict/neighbor_tree.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "cppickle/python_value.h"

namespace cppickle::predict {
namespace {

constexpr std::size_t kLanes = RowBlocks::kLanes;

struct NodeFields {
  std::vector<std::int64_t> starts, ends;
  std::vector<bool> is_leaf;
  std::vector<double> radii;
};

// The array of structures (idx_start, idx_end, is_leaf, radius); empty if it is something else.
NodeFields read_fields(const Value& value) {
  NodeFields fields;
  const auto array = array_view(value);
  if (!array || !array->dtype.is_struct || array->dtype.fields.size() != 4 || array->shape.size() != 1)
    return fields;
  const DType::Field* found[4] = {};
  constexpr std::string_view kNames[] = {"idx_start", "idx_end", "is_leaf", "radius"};
  for (const DType::Field& field : array->dtype.fields) {
    const auto name = std::ranges::find(kNames, field.name);
    if (name != std::end(kNames) && field.type->size == 8 && field.type->order != '>')
      found[name - std::begin(kNames)] = &field;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    if (found[i] == nullptr || found[i]->type->kind != (i == 3 ? 'f' : 'i')) return fields;
  }
  for (std::uint64_t i = 0; i < array->count; ++i) {
    const std::string_view bytes = array->element(i);
    if (bytes.size() != array->dtype.size) return {};
    const auto number = [&](std::size_t which) {
      std::int64_t read;
      std::memcpy(&read, bytes.data() + found[which]->offset, sizeof read);
      return read;
    };
    fields.starts.push_back(number(0));
    fields.ends.push_back(number(1));
    fields.is_leaf.push_back(number(2) != 0);
    fields.radii.push_back(std::bit_cast<double>(number(3)));
  }
  return fields;
}

}  // namespace

bool NeighborTree::read(const Value& value, const Matrix& data, const NeighborMetric& metric,
                        const State& state) {
  const auto object = object_view(value);
  if (!object || !object->state || object->state->kind() != cppickle::Kind::kTuple) return false;
  std::vector<Value> parts;
  for (const Value part : object->state->items()) {
    if (parts.size() < 4) parts.push_back(part);
  }
  if (parts.size() < 4) return false;
  const Numbers order = state.array_of(parts[1], "_tree");
  const Numbers bounds = state.array_of(parts[3], "_tree");
  if (!state.ok()) return false;
  metric_ = metric;
  exponent_ = metric.exponent();
  width_ = data.columns;
  // A ball has its centre there, a box its two corners. Old versions call both a BinaryTree.
  if (order.values.size() != data.rows || bounds.shape.size() != 3 || bounds.shape[2] != width_) return false;
  const std::size_t sides = bounds.shape[0];
  if (sides != 1 && sides != 2) return false;
  is_ball_ = sides == 1;
  const std::size_t nodes = bounds.shape[1];
  bounds_.resize(bounds.values.size());
  for (std::size_t side = 0; side < sides; ++side) {
    for (std::size_t node = 0; node < nodes; ++node) {
      std::copy_n(bounds.values.data() + (side * nodes + node) * width_, width_,
                  bounds_.data() + (node * sides + side) * width_);
    }
  }
  nodes_.resize(nodes);
  return read_nodes(state, parts[2], order.values, data);
}

bool NeighborTree::read_nodes(const State& state, const Value& value, const std::vector<double>& order,
                              const Matrix& data) {
  const NodeFields fields = read_fields(value);
  const std::size_t nodes = nodes_.size();
  if (nodes == 0 || fields.starts.size() != nodes || fields.starts[0] != 0 ||
      fields.ends[0] != static_cast<std::int64_t>(data.rows)) {
    return false;
  }
  radii_ = fields.radii;
  std::vector<bool> reached(nodes);
  reached[0] = true;
  std::vector<double> rows;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (!reached[i]) continue;
    const std::int64_t start = fields.starts[i], end = fields.ends[i];
    nodes_[i].is_leaf = fields.is_leaf[i];
    if (!fields.is_leaf[i]) {
      // The children share what their parent has, so that all leaves together have every row once.
      const std::size_t a = 2 * i + 1, b = a + 1;
      if (b >= nodes || fields.starts[a] != start || fields.ends[a] != fields.starts[b] ||
          fields.ends[b] != end || fields.ends[a] < start || fields.ends[a] > end) {
        return false;
      }
      reached[a] = reached[b] = true;
      continue;
    }
    nodes_[i].first_block = static_cast<std::uint32_t>(order_.size() / kLanes);
    nodes_[i].count = static_cast<std::uint32_t>(end - start);
    if (!state.loader().spend((static_cast<std::uint64_t>(end - start) + kLanes) * width_ * sizeof(double),
                              "_tree"))
      return false;
    for (std::int64_t k = start; k < end; ++k) {
      const double index = order[static_cast<std::size_t>(k)];
      if (!(index >= 0 && index < static_cast<double>(data.rows))) return false;
      order_.push_back(static_cast<std::uint32_t>(index));
      const double* const row = data.row(order_.back());
      rows.insert(rows.end(), row, row + width_);
    }
    order_.resize((order_.size() + kLanes - 1) / kLanes * kLanes);
    rows.resize(order_.size() * width_);
    largest_leaf_ = std::max(largest_leaf_, order_.size() - nodes_[i].first_block * kLanes);
  }
  rows_ = RowBlocks(rows.data(), order_.size(), width_);
  return true;
}

double NeighborTree::least(const double* x, std::size_t node) const {
  if (is_ball_) {
    const double distance = metric_.distance_of(metric_.reduced(x, bounds_.data() + node * width_, width_));
    return metric_.reduced_of(std::max(0.0, distance - radii_[node]));
  }
  const double* const low = bounds_.data() + node * 2 * width_;
  const double* const high = low + width_;
  double sum = 0;
  const auto outside = [&](std::size_t k) {
    return std::max(low[k] - x[k], 0.0) + std::max(x[k] - high[k], 0.0);
  };
  if (exponent_ == 2) {
    for (std::size_t k = 0; k < width_; ++k) sum += outside(k) * outside(k);
  } else if (exponent_ == 1) {
    for (std::size_t k = 0; k < width_; ++k) sum += outside(k);
  } else if (std::isinf(exponent_)) {
    for (std::size_t k = 0; k < width_; ++k) sum = std::max(sum, outside(k));
  } else {
    for (std::size_t k = 0; k < width_; ++k) sum += std::pow(outside(k), exponent_);
  }
  return sum;
}

// _query_single_depthfirst(): the nearer child first, the other one when it comes to it.
void NeighborTree::nearest(const double* x, NearestHeap& heap, double* room) const {
  struct Waiting {
    std::size_t node;
    double least;
  };
  // A node's depth is the logarithm of its number: the sizes of arrays end long before.
  Waiting waiting[80];
  std::size_t count = 0;
  waiting[count++] = {0, least(x, 0)};
  while (count != 0) {
    const Waiting now = waiting[--count];
    if (now.least > heap.distances[0]) continue;
    const Node& node = nodes_[now.node];
    if (node.is_leaf) {
      const std::size_t blocks = (node.count + kLanes - 1) / kLanes;
      metric_.reduced(rows_, x, node.first_block, node.first_block + blocks, room, false);
      const std::uint32_t* const order = order_.data() + node.first_block * kLanes;
      for (std::size_t i = 0; i < node.count; ++i) {
        if (room[i] < heap.distances[0]) heap.push(room[i], order[i]);
      }
      continue;
    }
    Waiting near{2 * now.node + 1, least(x, 2 * now.node + 1)},
        far{2 * now.node + 2, least(x, 2 * now.node + 2)};
    if (!(near.least <= far.least)) std::swap(near, far);
    waiting[count++] = far;
    waiting[count++] = near;
  }
}

}  // namespace cppickle::predict
