// Coverage of stroked polylines, by 16 x 16 soft samples in each pixel that an edge meets.
#include "lines.cuh"

constexpr int LISTED = 384;  // segments of a tile that fit into the block's memory
constexpr int NEAR = 16;     // segments of a pixel that a thread remembers

// The segments of a tile that were listed.
struct Listed {
    const Segment* segments;
    int count;
    __device__ __forceinline__ bool get(int k, Segment& s) const {
        s = segments[k];
        return true;
    }
};

// All of a line, for a tile with more segments than could be listed.
struct Whole {
    const float* points;
    int count, left, top;
    float reach;
    __device__ __forceinline__ bool get(int k, Segment& s) const {
        Part part;
        return element_near_tile(points, k, count, left, top, reach, s, part);
    }
};

// Square of the distance of a place to the nearest segment.
template <class Line>
__device__ __forceinline__ float nearest2(const Line& line, const int* near, int known, float x, float y) {
    float least = NOWHERE;
    Segment s;
    for (int k = 0; k < (known <= NEAR ? known : line.count); ++k)
        if (line.get(known <= NEAR ? near[k] : k, s)) least = fminf(least, distance2(s, along(s, x, y), x, y));
    return least;
}

// Coverage, 0 to 255, of the pixel whose corner is (x, y) in its tile.
template <class Line>
__device__ __forceinline__ int pixel_coverage(const Line& line, float half_width, int x, int y) {
    int near[NEAR], known = 0;
    const float reach = half_width + PIXEL_REACH;
    float least = NOWHERE;
    Segment s;
    for (int k = 0; k < line.count; ++k) {
        if (!line.get(k, s)) continue;
        const float d2 = distance2(s, along(s, x + 0.5f, y + 0.5f), x + 0.5f, y + 0.5f);
        least = fminf(least, d2);
        if (d2 < reach * reach) {
            if (known < NEAR) near[known] = k;
            ++known;
        }
    }
    if (known == 0) return 0;
    if (sqrtf(least) <= half_width - PIXEL_REACH) return 255;
    float sum = 0.0f;
#pragma unroll 1
    for (int sample = 0; sample < SAMPLES * SAMPLES; ++sample) {
        const float sx = x + (sample % SAMPLES + 0.5f) / SAMPLES, sy = y + (sample / SAMPLES + 0.5f) / SAMPLES;
        sum += soft_share(half_width, sqrtf(nearest2(line, near, known, sx, sy)));
    }
    return static_cast<int>(sum * (255.0f / (SAMPLES * SAMPLES)) + 0.5f);
}

// boxes: (x0, y0, x1, y1) of each chunk of each line. One thread a chunk.
extern "C" __global__ void line_boxes(const float* __restrict__ points, int count, int chunks, int lines,
                                      float* __restrict__ boxes) {
    const long long k = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
    if (k >= static_cast<long long>(chunks) * lines) return;
    chunk_box(points + 2 * (k / chunks) * count, count, static_cast<int>(k % chunks), boxes + 4 * k);
}

// mask: N pages of height x width bytes, the larger value is kept. points: (x, y) of `count` points of a line;
// `lines` is N, or 1 for one line on all pages, and so is `widths`, the number of half_widths.
// One block a tile, from the tile (first_x, first_y) on, one thread a pixel, one layer of the grid a page.
extern "C" __global__ void __launch_bounds__(THREADS, 3)
    polyline_coverage(unsigned char* __restrict__ mask, const float* __restrict__ points,
                      const float* __restrict__ boxes, const float* __restrict__ half_widths, int count, int chunks,
                      int lines, int widths, int height, int width, int first_x, int first_y) {
    __shared__ Segment segments[LISTED];
    __shared__ int hits[THREADS];
    __shared__ int hit_count, listed;
    const int page = blockIdx.z, thread = threadIdx.y * TILE + threadIdx.x;
    const int left = (first_x + blockIdx.x) * TILE, top = (first_y + blockIdx.y) * TILE;
    const long long line = lines > 1 ? page : 0;
    const float* own = points + 2 * line * count;
    const float half_width = half_widths[widths > 1 ? page : 0];
    if (thread == 0) listed = 0;
    find_near_tile(own, count, boxes + 4 * line * chunks, chunks, left, top, half_width, hits, &hit_count, thread,
                   [&](int, const Segment& s, const Part&) {
                       const int slot = atomicAdd(&listed, 1);
                       if (slot < LISTED) segments[slot] = s;
                   });
    const int x = left + threadIdx.x, y = top + threadIdx.y;
    if (listed == 0 || x >= width || y >= height) return;
    const int value =
        listed <= LISTED
            ? pixel_coverage(Listed{segments, listed}, half_width, threadIdx.x, threadIdx.y)
            : pixel_coverage(Whole{own, count, left, top, half_width}, half_width, threadIdx.x, threadIdx.y);
    const long long place = (static_cast<long long>(page) * height + y) * width + x;
    if (value > mask[place]) mask[place] = static_cast<unsigned char>(value);
}
