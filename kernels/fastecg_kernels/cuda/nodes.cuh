// Smooth maps known at nodes every 8 pixels; see fastecg_kernels/nodes.py.
#pragma once

#define NODE_STEP 8

// Nodes along a side of so many pixels.
__device__ __forceinline__ int nodes_along(int length) { return (length + NODE_STEP - 1) / NODE_STEP + 1; }

// How far pixel k lies between its two nodes.
__device__ __forceinline__ float node_share(int k) { return (float(k % NODE_STEP) + 0.5f) / float(NODE_STEP); }

__device__ __forceinline__ float between(float from, float to, float share) { return from + (to - from) * share; }

// One channel at the centre of pixel (y, x), along x first; `cell` is the channel of the node above and left,
// `row` the distance of two rows of nodes.
__device__ __forceinline__ float spread(const float* __restrict__ cell, long long row, float across, float down) {
    return between(between(cell[0], cell[3], across), between(cell[row], cell[row + 3], across), down);
}
