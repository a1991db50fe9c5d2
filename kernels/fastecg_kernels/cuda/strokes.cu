// Coverage of pen strokes whose width and darkness change along them, by 16 x 16 soft samples a pixel.
#include "lines.cuh"

constexpr int LISTED = 192;  // segments of a tile that fit into the block's memory
constexpr int NEAR = 24;     // segments of a pixel that a thread remembers

constexpr int NONE = 0x7fffffff;

// A segment of a stroke: half width and darkness change evenly from its start by so much to its end.
struct Ink {
    Segment line;
    float half, wider, dark, darker;
    int stroke;
};

// The ink of element k, of which a part is kept.
__device__ __forceinline__ Ink ink_of(const float* half_widths, const float* darkness, const int* strokes, int k,
                                      int count, const Segment& line, const Part& part) {
    const int next = k + 1 < count && strokes[k + 1] == strokes[k] ? k + 1 : k;
    const float wider = half_widths[next] - half_widths[k], darker = darkness[next] - darkness[k];
    const float share = part.to - part.from;
    return {line, half_widths[k] + part.from * wider, share * wider, darkness[k] + part.from * darker,
            share * darker, strokes[k]};
}

// The ink, 0 to 1, that a segment lays on a sample.
__device__ __forceinline__ float sample_ink(const Ink& ink, float x, float y) {
    const float t = along(ink.line, x, y);
    const float distance = sqrtf(distance2(ink.line, t, x, y));
    return soft_share(ink.half + t * ink.wider, distance) * (ink.dark + t * ink.darker);
}

// Whether a segment comes near the pixel whose corner is (x, y).
__device__ __forceinline__ bool ink_near_pixel(const Ink& ink, int x, int y) {
    const float reach = fmaxf(ink.half, ink.half + ink.wider) + PIXEL_REACH, sx = x + 0.5f, sy = y + 0.5f;
    return distance2(ink.line, along(ink.line, sx, sy), sx, sy) < reach * reach;
}

// The segments of a tile that were listed.
struct Listed {
    const Ink* inks;
    int count;
    __device__ __forceinline__ bool get(int k, Ink& ink) const {
        ink = inks[k];
        return true;
    }
};

// All strokes, for a tile with more segments than could be listed.
struct Whole {
    const float *points, *half_widths, *darkness;
    const int* strokes;
    int count, left, top;
    float reach;
    __device__ __forceinline__ bool get(int k, Ink& ink) const {
        Segment line;
        Part part;
        if (!element_near_tile(points, k, count, left, top, reach, line, part)) return false;
        ink = ink_of(half_widths, darkness, strokes, k, count, line, part);
        return true;
    }
};

// Coverage, 0 to 255, of the pixel whose corner is (x, y) in its tile: that of the stroke that covers it most.
// Within a stroke every sample keeps its darkest ink.
template <class Strokes>
__device__ __forceinline__ int pixel_ink(const Strokes& strokes, int x, int y) {
    int near[NEAR], known = 0;
    Ink ink;
    for (int k = 0; k < strokes.count; ++k) {
        if (!strokes.get(k, ink) || !ink_near_pixel(ink, x, y)) continue;
        if (known < NEAR) near[known] = k;
        ++known;
    }
    if (known == 0) return 0;
    const int candidates = known <= NEAR ? known : strokes.count;
    float most = 0.0f;
    for (int last = -1;;) {
        int stroke = NONE;  // the next one, by the number of its first point
        for (int k = 0; k < candidates; ++k) {
            if (!strokes.get(known <= NEAR ? near[k] : k, ink)) continue;
            if (ink.stroke > last) stroke = min(stroke, ink.stroke);
        }
        if (stroke == NONE) break;
        last = stroke;
        float sum = 0.0f;
#pragma unroll 1
        for (int sample = 0; sample < SAMPLES * SAMPLES; ++sample) {
            const float sx = x + (sample % SAMPLES + 0.5f) / SAMPLES, sy = y + (sample / SAMPLES + 0.5f) / SAMPLES;
            float darkest = 0.0f;
            for (int k = 0; k < candidates; ++k)
                if (strokes.get(known <= NEAR ? near[k] : k, ink) && ink.stroke == stroke)
                    darkest = fmaxf(darkest, sample_ink(ink, sx, sy));
            sum += darkest;
        }
        most = fmaxf(most, sum);
    }
    return static_cast<int>(most * (255.0f / (SAMPLES * SAMPLES)) + 0.5f);
}

// strokes: the number of the first point of each point's stroke. widest: the largest half width among the points
// of the page, to be set to 0 before. One thread a point.
extern "C" __global__ void find_strokes(const float* __restrict__ points, const float* __restrict__ half_widths,
                                        int count, int pages, int* __restrict__ strokes, int* __restrict__ widest) {
    const long long k = blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x;
    if (k >= static_cast<long long>(count) * pages) return;
    const long long page = k / count;
    const int own = static_cast<int>(k - page * count);
    const float* line = points + 2 * page * count;
    int first = own;
    if (is_point(line, own)) {
        while (first > 0 && is_point(line, first - 1)) --first;
        atomicMax(&widest[page], __float_as_int(half_widths[k]));  // as whole numbers, floats > 0 keep their order
    }
    strokes[k] = first;
}

// As `polyline_coverage`, with a half width and a darkness for each point, all of N pages or of one for all.
extern "C" __global__ void __launch_bounds__(THREADS, 2)
    stroke_coverage(unsigned char* __restrict__ mask, const float* __restrict__ points,
                    const float* __restrict__ boxes, const float* __restrict__ half_widths,
                    const float* __restrict__ darkness, const int* __restrict__ strokes,
                    const int* __restrict__ widest, int count, int chunks, int lines, int height, int width, int first_x, int first_y) {
    __shared__ Ink inks[LISTED];
    __shared__ int hits[THREADS];
    __shared__ int hit_count, listed;
    const int page = blockIdx.z, thread = threadIdx.y * TILE + threadIdx.x;
    const int left = (first_x + blockIdx.x) * TILE, top = (first_y + blockIdx.y) * TILE;
    const long long line = lines > 1 ? page : 0, from = line * count;
    const float reach = __int_as_float(widest[line]);
    if (thread == 0) listed = 0;
    find_near_tile(points + 2 * from, count, boxes + 4 * line * chunks, chunks, left, top, reach, hits, &hit_count,
                   thread, [&](int k, const Segment& segment, const Part& part) {
                       const int slot = atomicAdd(&listed, 1);
                       if (slot < LISTED)
                           inks[slot] = ink_of(half_widths + from, darkness + from, strokes + from, k, count,
                                               segment, part);
                   });
    const int x = left + threadIdx.x, y = top + threadIdx.y;
    if (listed == 0 || x >= width || y >= height) return;
    int value = 0;
    if (listed <= LISTED) {
        value = pixel_ink(Listed{inks, listed}, threadIdx.x, threadIdx.y);
    } else {
        const Whole whole{points + 2 * from, half_widths + from, darkness + from, strokes + from, count, left, top,
                          reach};
        value = pixel_ink(whole, threadIdx.x, threadIdx.y);
    }
    const long long place = (static_cast<long long>(page) * height + y) * width + x;
    if (value > mask[place]) mask[place] = static_cast<unsigned char>(value);
}
