// Where an image's pixels lie on a page, and what is there; see reference/warp.py.
#pragma once
#include "nodes.cuh"

#define FRACTION 14

// Page coordinates of the first pixel of a cell of the mesh in an image row, and the step to the next one, in
// 2^-14 px between centres of page pixels.
struct Places {
    int x, y, step_x, step_y;
};

__device__ __forceinline__ int fixed_step(float step) { return int(step * (float(1 << FRACTION) / float(NODE_STEP))); }

__device__ __forceinline__ int fixed_first(float here, float step) {
    return int((here + step * (0.5f / float(NODE_STEP)) - 0.5f) * float(1 << FRACTION));
}

// `mesh` is the node above and left of the cell, `row` the floats from one row of nodes to the next.
__device__ __forceinline__ Places place_cell(const float* __restrict__ mesh, long long row, float down) {
    const float here_x = between(mesh[0], mesh[row], down), here_y = between(mesh[1], mesh[row + 1], down);
    const float step_x = between(mesh[2], mesh[row + 2], down) - here_x;
    const float step_y = between(mesh[3], mesh[row + 3], down) - here_y;
    Places places;
    places.x = fixed_first(here_x, step_x);
    places.y = fixed_first(here_y, step_y);
    places.step_x = fixed_step(step_x);
    places.step_y = fixed_step(step_y);
    return places;
}

// Coordinates wrap around as 32-bit words do where nodes lie beyond the horizon.
__device__ __forceinline__ int stepped(int first, int step, int k) {
    return int((unsigned int)first + (unsigned int)k * (unsigned int)step);
}

// Weights of the four pixels around a place, of 256 together.
struct Weights {
    unsigned int w00, w01, w10, w11;
};

__device__ __forceinline__ Weights weigh(int x, int y) {
    const unsigned int across = (x >> (FRACTION - 8)) & 255, down = (y >> (FRACTION - 8)) & 255;
    Weights w;
    w.w11 = (across * down + 128) >> 8;
    w.w01 = across - w.w11;
    w.w10 = down - w.w11;
    w.w00 = 256 - across - down + w.w11;
    return w;
}

__device__ __forceinline__ unsigned int mix(Weights w, unsigned int a, unsigned int b, unsigned int c,
                                            unsigned int d) {
    return (128 + a * w.w00 + b * w.w01 + c * w.w10 + d * w.w11) >> 8;
}

// The same for red, green and blue, which lie in the three low bytes of each word.
__device__ __forceinline__ unsigned int mix_rgb(Weights w, unsigned int a, unsigned int b, unsigned int c,
                                                unsigned int d) {
    const unsigned int outer = 0x00FF00FFu;
    const unsigned int two = (a & outer) * w.w00 + (b & outer) * w.w01 + (c & outer) * w.w10 + (d & outer) * w.w11;
    const unsigned int green =
        mix(w, (a >> 8) & 255, (b >> 8) & 255, (c >> 8) & 255, (d >> 8) & 255);
    return (((two + 0x00800080u) >> 8) & outer) | (green << 8);
}

// Two pixels of three bytes each, side by side in memory.
struct Pair {
    unsigned int left, right;
};

// The pair that begins at `at`. It is loaded in two or three whole words, unless that would go past `end`; of a pair
// that ends there itself, what is beyond is 0.
__device__ __forceinline__ Pair load_pair(const unsigned char* __restrict__ at, const unsigned char* end) {
    unsigned long long bytes = 0;
    if (end - at >= 12) {
        const int shift = int(reinterpret_cast<unsigned long long>(at) % 4);
        const unsigned int* from = reinterpret_cast<const unsigned int*>(at - shift);
        bytes = (from[0] | (static_cast<unsigned long long>(from[1]) << 32)) >> (8 * shift);
        if (shift == 3) bytes |= static_cast<unsigned long long>(from[2]) << 40;
    } else {
        for (int k = 0; k < 6 && at + k < end; ++k) bytes |= static_cast<unsigned long long>(at[k]) << (8 * k);
    }
    Pair pair;
    pair.left = static_cast<unsigned int>(bytes) & 0xFFFFFFu;
    pair.right = static_cast<unsigned int>(bytes >> 24) & 0xFFFFFFu;
    return pair;
}

// Light of a relief on a pixel: each channel times shade / 128, rounded, at most 255.
__device__ __forceinline__ unsigned int relight_byte(unsigned int value, unsigned int shade) {
    const unsigned int lit = (value * shade + 64) >> 7;
    return lit < 255 ? lit : 255;
}

__device__ __forceinline__ unsigned int relight_rgb(unsigned int rgb, unsigned int shade) {
    return relight_byte(rgb & 255, shade) | (relight_byte((rgb >> 8) & 255, shade) << 8) |
           (relight_byte((rgb >> 16) & 255, shade) << 16);
}

// Share of a pixel-wide window around a place that lies within [0, length].
__device__ __forceinline__ float inside(float at, int length) {
    return fminf(fmaxf(fminf(at, float(length) - at) + 0.5f, 0.0f), 1.0f);
}

__device__ __forceinline__ float page_px(int fixed) { return float(fixed) * (1.0f / float(1 << FRACTION)) + 0.5f; }

__device__ __forceinline__ int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

// Light that a page's shadow leaves at the page point (x, y): bilinear between places, constant beyond.
__device__ __forceinline__ float light_at(const float* __restrict__ light, int rows, int columns, float x, float y) {
    const float along = fminf(fmaxf(x, 0.0f), float(columns - 1)), down = fminf(fmaxf(y, 0.0f), float(rows - 1));
    const int j = int(along), i = int(down);
    const int right = j + 1 < columns ? j + 1 : columns - 1, below = i + 1 < rows ? i + 1 : rows - 1;
    const float* upper = light + (long long)i * columns;
    const float* lower = light + (long long)below * columns;
    const float share = along - float(j);
    return between(between(upper[j], upper[right], share), between(lower[j], lower[right], share), down - float(i));
}
