// Light, tone and noise of a pixel, in the order of operations of reference/develop.py.
#pragma once
#include "counter.cuh"
#include "nodes.cuh"
#include "shot.cuh"

// What the sensor makes of a byte: its light, an offset, and noise whose variance grows with the signal.
__device__ __forceinline__ unsigned int develop_byte(float value, float light, float offset, float fixed,
                                                     float growing, unsigned int hash) {
    const float lit = fmaxf(value * light + offset, 0.0f);
    const float noisy = lit + sqrtf(fixed + growing * lit) * float(byte_sum(hash) - 510) + 0.5f;
    return (unsigned int)(fminf(fmaxf(noisy, 0.0f), 255.0f));
}

// 0 or 255 where a pixel is hit, else -1; `hits` is the density times 2^31.
__device__ __forceinline__ int pepper(unsigned int pixel, unsigned int hits, unsigned int first,
                                      unsigned int second) {
    const unsigned int hash = hash_counter(pixel ^ 0x5BD1E995u, first, second);
    return (hash >> 1) < hits ? int(255u * (hash & 1u)) : -1;
}

// Light, tone and noise of a pixel of three bytes; they are counted from the image's first one on. `cell` is the
// node of light above and left of the pixel.
__device__ __forceinline__ unsigned int develop_pixel(const Shot& shot, int width, const float* __restrict__ cell,
                                                      int x, int y, unsigned int rgb) {
    const unsigned int number = (unsigned int)y * (unsigned int)width + (unsigned int)x;
    unsigned int out = rgb;
    if (shot.steps & STEP_LIGHT) {
        const long long row = 3ll * nodes_along(width);
        const float across = node_share(x), down = node_share(y);
        out = 0;
        for (int channel = 0; channel < 3; ++channel) {
            const unsigned int place = 3u * number + (unsigned int)channel;
            const unsigned int hash = hash_counter(place, shot.key_first, shot.key_second);
            const float light = spread(cell + channel, row, across, down);
            const float value = float((rgb >> (8 * channel)) & 255u);
            out |= develop_byte(value, light, shot.offset, shot.fixed, shot.growing, hash) << (8 * channel);
        }
    }
    if (shot.steps & STEP_PEPPER) {
        const int hit = pepper(number, shot.pepper_hits, shot.key_first, shot.key_second);
        if (hit >= 0) out = (unsigned int)hit * 0x010101u;
    }
    return out;
}

// The first channel of the node of light above and left of a pixel.
__device__ __forceinline__ const float* light_cell(const float* __restrict__ lights, int light, int height,
                                                   int width, int x, int y) {
    const long long columns = nodes_along(width), rows = nodes_along(height);
    return lights + ((light * rows + y / NODE_STEP) * columns + x / NODE_STEP) * 3;
}
