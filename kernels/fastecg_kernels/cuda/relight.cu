// Light on a relief: slopes to shade, and shade onto pages.
#include "warp.cuh"

// Grid: (pixels / 256) for all pages together; they change in place.
extern "C" __global__ void __launch_bounds__(256)
    relight(unsigned char* __restrict__ pages, const unsigned char* __restrict__ shades, long long pixels) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= pixels) return;
    for (int channel = 0; channel < 3; ++channel) {
        pages[3 * at + channel] = (unsigned char)relight_byte(pages[3 * at + channel], shades[at]);
    }
}

// What a piece of a field of slopes has to know: where it begins, and the light.
struct Slant {
    int top, left, weight_x, weight_y, level;
};

// Rounded down, as the reference divides.
__device__ __forceinline__ int floor_4096(int value) { return value >= 0 ? value / 4096 : -((-value + 4095) / 4096); }

// Grid: (width, height, pieces) in blocks of (32, 8): pieces of one field, which repeats both ways.
extern "C" __global__ void __launch_bounds__(256)
    shade_slopes(unsigned char* __restrict__ shades, const unsigned char* __restrict__ slopes,
                 const Slant* __restrict__ slants, int height, int width, int rows, int columns) {
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x), y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    const Slant& slant = slants[blockIdx.z];
    const long long from = (long long)((slant.top + y) % rows) * columns + (slant.left + x) % columns;
    const int light = (slopes[2 * from] - 128) * slant.weight_x + (slopes[2 * from + 1] - 128) * slant.weight_y;
    const int shade = clamp_int(slant.level + floor_4096(light + 2048), 1, 255);
    shades[((long long)blockIdx.z * height + y) * width + x] = (unsigned char)shade;
}
