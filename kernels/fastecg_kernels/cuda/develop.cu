// Light, noise and bands of light on images that are there already, a batch of them in one launch.
#include "develop.cuh"

// Grid: (width, height, shots) in blocks of (32, 8); images change in place. `shots[k].image` says which.
extern "C" __global__ void __launch_bounds__(256)
    develop(unsigned char* __restrict__ images, const float* __restrict__ lights, const Shot* __restrict__ shots,
            int height, int width) {
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x), y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    const Shot& shot = shots[blockIdx.z];
    unsigned char* pixel = images + (((long long)shot.image * height + y) * width + x) * 3;
    unsigned int rgb = pixel[0] | ((unsigned int)pixel[1] << 8) | ((unsigned int)pixel[2] << 16);
    rgb = develop_pixel(shot, width, light_cell(lights, shot.light, height, width, x, y), x, y, rgb);
    for (int channel = 0; channel < 3; ++channel) pixel[channel] = (unsigned char)(rgb >> (8 * channel));
}

// A byte under waves of a phase, in turns; see reference/moire.py.
__device__ __forceinline__ unsigned char darken(unsigned char value, float turns, float half_depth) {
    const float shifted = turns + 0.25f;
    const float place = shifted - floorf(shifted) - 0.5f;
    const float wave = -8.0f * place * (1.0f - 2.0f * fabsf(place));
    const float factor = 1.0f - half_depth * (1.0f - wave);
    return (unsigned char)(float(value) * factor + 0.5f);
}

// Grid: (width, height) in blocks of (32, 8): one image, in place.
extern "C" __global__ void __launch_bounds__(256)
    moire(unsigned char* __restrict__ image, const float* __restrict__ phase, float half_depth, int height, int width) {
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x), y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    unsigned char* pixel = image + ((long long)y * width + x) * 3;
    const long long row = 3ll * nodes_along(width);
    const float* cell = light_cell(phase, 0, height, width, x, y);
    for (int channel = 0; channel < 3; ++channel) {
        pixel[channel] = darken(pixel[channel], spread(cell + channel, row, node_share(x), node_share(y)), half_depth);
    }
}
