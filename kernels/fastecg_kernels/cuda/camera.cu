// The camera: relief, warp, surface, light, tone and noise of a batch of images in one launch.
//
// A thread makes four pixels in a row: they share a cell of the mesh and of the light, and leave as three words.
#include "develop.cuh"
#include "shot.cuh"
#include "warp.cuh"

#define TOGETHER 4

// The four corners of a cell of the light left on the surface.
struct Ground {
    float upper_left, upper_right, lower_left, lower_right;
};

__device__ __forceinline__ float ground_node(const Shot& shot, const float* __restrict__ ground,
                                             const float* __restrict__ node) {
    return light_at(ground + shot.ground_start, shot.ground_rows, shot.ground_columns,
                    (node[0] - shot.frame_x) / shot.frame_step, (node[1] - shot.frame_y) / shot.frame_step);
}

__device__ __forceinline__ Ground ground_cell(const Shot& shot, const float* __restrict__ ground,
                                              const float* __restrict__ mesh, long long row) {
    Ground cell;
    cell.upper_left = ground_node(shot, ground, mesh);
    cell.upper_right = ground_node(shot, ground, mesh + 2);
    cell.lower_left = ground_node(shot, ground, mesh + row);
    cell.lower_right = ground_node(shot, ground, mesh + row + 2);
    return cell;
}

// Red, green and blue of the page at a place within it, its relief's light on it.
__device__ __forceinline__ unsigned int sample_page(const Shot& shot, const Sizes& sizes,
                                                    const unsigned char* __restrict__ pages,
                                                    const unsigned char* __restrict__ shades, int x, int y) {
    const int i = y >> FRACTION, j = x >> FRACTION;
    const int below = i + 1 < sizes.page_height ? i + 1 : i;
    const long long bytes = 3ll * sizes.page_height * sizes.page_width;
    const unsigned char* page = pages + shot.page * bytes;
    Pair upper = load_pair(page + ((long long)i * sizes.page_width + j) * 3, page + bytes);
    Pair lower = load_pair(page + ((long long)below * sizes.page_width + j) * 3, page + bytes);
    if (shot.shade >= 0) {
        const int right = j + 1 < sizes.page_width ? j + 1 : j;
        const unsigned char* shade = shades + (long long)shot.shade * sizes.page_height * sizes.page_width;
        const unsigned char* over = shade + (long long)i * sizes.page_width;
        const unsigned char* under = shade + (long long)below * sizes.page_width;
        upper.left = relight_rgb(upper.left, over[j]);
        upper.right = relight_rgb(upper.right, over[right]);
        lower.left = relight_rgb(lower.left, under[j]);
        lower.right = relight_rgb(lower.right, under[right]);
    }
    return mix_rgb(weigh(x, y), upper.left, upper.right, lower.left, lower.right);
}

__device__ __forceinline__ float sample_alpha(const Shot& shot, const Sizes& sizes,
                                              const unsigned char* __restrict__ alphas, int x, int y) {
    const int i = y >> FRACTION, j = x >> FRACTION;
    const int below = i + 1 < sizes.page_height ? i + 1 : i, right = j + 1 < sizes.page_width ? j + 1 : j;
    const unsigned char* alpha = alphas + (long long)shot.alpha * sizes.page_height * sizes.page_width;
    const unsigned char* over = alpha + (long long)i * sizes.page_width;
    const unsigned char* under = alpha + (long long)below * sizes.page_width;
    return float(mix(weigh(x, y), over[j], over[right], under[j], under[right])) / 255.0f;
}

// What an image's pixel shows of the page and of the surface below it.
__device__ __forceinline__ unsigned int see_pixel(const Shot& shot, const Sizes& sizes,
                                                  const unsigned char* __restrict__ pages,
                                                  const unsigned char* __restrict__ shades,
                                                  const unsigned char* __restrict__ alphas,
                                                  const unsigned char* __restrict__ surfaces,
                                                  const float* __restrict__ ground,
                                                  const float* __restrict__ mesh, long long row, int x, int y,
                                                  int at_x, int at_y) {
    const int flat_x = clamp_int(at_x, 0, (sizes.page_width - 1) << FRACTION);
    const int flat_y = clamp_int(at_y, 0, (sizes.page_height - 1) << FRACTION);
    float cover = inside(page_px(at_x), sizes.page_width) * inside(page_px(at_y), sizes.page_height);
    if (shot.alpha >= 0) cover = cover * sample_alpha(shot, sizes, alphas, flat_x, flat_y);
    const unsigned int paper = cover > 0.0f ? sample_page(shot, sizes, pages, shades, flat_x, flat_y) : 0u;
    if (cover == 1.0f) return paper;
    const Ground cell = ground_cell(shot, ground, mesh, row);
    const float down = node_share(y);
    const float light = between(between(cell.upper_left, cell.lower_left, down),
                                between(cell.upper_right, cell.lower_right, down), node_share(x));
    const long long at = (long long)(y % shot.surface_rows) * shot.surface_columns + x;
    const unsigned char* below = surfaces + shot.surface_start + at * 3;
    unsigned int rgb = 0;
    for (int channel = 0; channel < 3; ++channel) {
        const float under = float(below[channel]) * light;
        const float over = float((paper >> (8 * channel)) & 255u);
        rgb |= (unsigned int)(under + (over - under) * cover + 0.5f) << (8 * channel);
    }
    return rgb;
}

// Write four pixels as three words, or as many bytes as the row still has.
__device__ __forceinline__ void store_pixels(unsigned char* __restrict__ image, const Sizes& sizes, int x, int y,
                                             const unsigned int rgb[TOGETHER]) {
    unsigned char* out = image + ((long long)y * sizes.width + x) * 3;
    if (sizes.width % TOGETHER == 0 && reinterpret_cast<unsigned long long>(out) % 4 == 0) {
        unsigned int* words = reinterpret_cast<unsigned int*>(out);
        words[0] = rgb[0] | (rgb[1] << 24);
        words[1] = (rgb[1] >> 8) | (rgb[2] << 16);
        words[2] = (rgb[2] >> 16) | (rgb[3] << 8);
        return;
    }
#pragma unroll
    for (int k = 0; k < TOGETHER; ++k) {
        if (x + k >= sizes.width) break;
        for (int channel = 0; channel < 3; ++channel) {
            out[3 * k + channel] = (unsigned char)(rgb[k] >> (8 * channel));
        }
    }
}

// Grid: (width / 4, height, shots) in blocks of (32, 8). Every pixel of the images that shots are of is written.
extern "C" __global__ void __launch_bounds__(256)
    camera(unsigned char* __restrict__ images, const unsigned char* __restrict__ pages,
           const unsigned char* __restrict__ shades, const unsigned char* __restrict__ alphas,
           const float* __restrict__ meshes, const float* __restrict__ lights,
           const unsigned char* __restrict__ surfaces, const float* __restrict__ ground,
           const Shot* __restrict__ shots, int height, int width, int page_height, int page_width) {
    const Sizes sizes = {height, width, page_height, page_width};
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x) * TOGETHER;
    const int y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    const Shot& shot = shots[blockIdx.z];
    const int count = width - x < TOGETHER ? width - x : TOGETHER;
    unsigned int rgb[TOGETHER] = {0, 0, 0, 0};
    if (shot.mesh >= 0) {
        const long long columns = nodes_along(width), rows = nodes_along(height);
        const float* mesh = meshes + ((shot.mesh * rows + y / NODE_STEP) * columns + x / NODE_STEP) * 2;
        const Places places = place_cell(mesh, 2 * columns, node_share(y));
#pragma unroll
        for (int k = 0; k < TOGETHER; ++k) {
            if (k >= count) break;
            const int nth = x % NODE_STEP + k;
            const int at_x = stepped(places.x, places.step_x, nth), at_y = stepped(places.y, places.step_y, nth);
            rgb[k] = see_pixel(shot, sizes, pages, shades, alphas, surfaces, ground, mesh, 2 * columns, x + k, y,
                               at_x, at_y);
        }
    } else {
#pragma unroll
        for (int k = 0; k < TOGETHER; ++k) {
            if (k < count) rgb[k] = sample_page(shot, sizes, pages, shades, (x + k) << FRACTION, y << FRACTION);
        }
    }
    if (shot.steps != 0u) {
        const float* cell = light_cell(lights, shot.light, height, width, x, y);
#pragma unroll
        for (int k = 0; k < TOGETHER; ++k) {
            if (k < count) rgb[k] = develop_pixel(shot, width, cell, x + k, y, rgb[k]);
        }
    }
    store_pixels(images + (long long)shot.image * height * width * 3, sizes, x, y, rgb);
}
