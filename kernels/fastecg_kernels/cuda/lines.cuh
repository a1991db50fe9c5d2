// Pieces of lines near a tile of pixels: what strokes of one width and strokes of a pen have in common.
//
// A line is a row of points, and its element k is the segment from point k to the next, a lone point, or
// nothing beside a point that is not finite. Elements are looked for in chunks, by the box around each.
#pragma once

constexpr int TILE = 16;      // pixels a side, one thread each
constexpr int THREADS = 256;  // of a tile
constexpr int CHUNK = 32;     // elements that share a box
constexpr int SAMPLES = 16;   // a side of a pixel
constexpr float FAR = 2048.0f;
constexpr float NOWHERE = 3.0e38f;

// Beyond half a width and this much, no sample of a pixel meets a disc round its centre; within half a width
// less this much, all are covered: 15/32 px along both axes and half a sample, rounded up.
constexpr float PIXEL_REACH = 0.70f;
constexpr float TILE_REACH = 12.5f;  // the same for a tile, from its centre to its corner

// A segment, relative to the corner of a tile; `inverse` is 1 / length squared, or 0 for a point.
struct Segment {
    float ax, ay, dx, dy, inverse;
};

// The part of a segment, 0 to 1, that is kept of it.
struct Part {
    float from, to;
};

__device__ __forceinline__ bool is_point(const float* points, long long k) {
    return isfinite(points[2 * k]) && isfinite(points[2 * k + 1]);
}

// How far along a segment, 0 to 1, it is nearest to a place.
__device__ __forceinline__ float along(const Segment& s, float x, float y) {
    const float t = ((x - s.ax) * s.dx + (y - s.ay) * s.dy) * s.inverse;
    return fminf(fmaxf(t, 0.0f), 1.0f);
}

// Square of the distance from the place t of a segment.
__device__ __forceinline__ float distance2(const Segment& s, float t, float x, float y) {
    const float ex = x - (s.ax + t * s.dx), ey = y - (s.ay + t * s.dy);
    return ex * ex + ey * ey;
}

// The share, 0 to 1, of a sample's own cell that lies within half a width, if it lies so far from the line.
__device__ __forceinline__ float soft_share(float half_width, float distance) {
    return fminf(fmaxf((half_width - distance) * SAMPLES + 0.5f, 0.0f), 1.0f);
}

// Keep of the range from..to of a segment what lies between two walls along one axis; false if nothing does.
__device__ __forceinline__ bool between_walls(double a, double d, double low, double high, double& from,
                                              double& to) {
    if (d == 0.0) return low <= a && a <= high;
    const double first = (low - a) / d, second = (high - a) / d;
    from = fmax(from, fmin(first, second));
    to = fmin(to, fmax(first, second));
    return from <= to;
}

// Keep of a segment whose ends lie far away the part near a tile (Liang and Barsky 1984), if there is any. In double
// precision: coordinates so large have no room in a float for a fraction of a pixel. Rare, and kept apart, so that it
// takes no registers of the rest.
__device__ __noinline__ bool keep_part(const float* start, const float* end, int left, int top, float reach,
                                       Segment& s, Part& part) {
    const double ax = static_cast<double>(start[0]) - left, ay = static_cast<double>(start[1]) - top;
    const double dx = static_cast<double>(end[0]) - start[0], dy = static_cast<double>(end[1]) - start[1];
    const double low = -1.0 - reach, high = TILE + 1.0 + reach;
    double from = 0.0, to = 1.0;
    if (!between_walls(ax, dx, low, high, from, to) || !between_walls(ay, dy, low, high, from, to)) return false;
    s.ax = static_cast<float>(ax + from * dx), s.ay = static_cast<float>(ay + from * dy);
    s.dx = static_cast<float>((to - from) * dx), s.dy = static_cast<float>((to - from) * dy);
    part.from = static_cast<float>(from), part.to = static_cast<float>(to);
    return true;
}

// Find element k of a line if it comes within `reach` of a tile whose corner is (left, top).
__device__ __forceinline__ bool element_near_tile(const float* points, int k, int count, int left, int top,
                                                  float reach, Segment& s, Part& part) {
    if (!is_point(points, k)) return false;
    const bool joined = k + 1 < count && is_point(points, k + 1);
    if (!joined && k > 0 && is_point(points, k - 1)) return false;  // the end of the segment before
    const float *start = points + 2 * k, *end = joined ? start + 2 : start;
    s.ax = start[0] - left, s.ay = start[1] - top;
    s.dx = end[0] - start[0], s.dy = end[1] - start[1];
    part.from = 0.0f, part.to = 1.0f;
    const float farthest =
        fmaxf(fmaxf(fabsf(s.ax), fabsf(s.ay)), fmaxf(fabsf(s.ax + s.dx), fabsf(s.ay + s.dy)));
    if (!(farthest < FAR)) {
        Segment kept;  // of their own, so that the others need not lie in memory
        Part range;
        if (!keep_part(start, end, left, top, reach, kept, range)) return false;
        s = kept, part = range;
    }
    const float square = s.dx * s.dx + s.dy * s.dy;
    s.inverse = square > 0.0f ? 1.0f / square : 0.0f;
    const float limit = reach + TILE_REACH, middle = TILE / 2.0f;
    return distance2(s, along(s, middle, middle), middle, middle) <= limit * limit;
}

// Whether a chunk's box (x0, y0, x1, y1) comes within `reach` of a tile.
__device__ __forceinline__ bool box_near_tile(const float* box, int left, int top, float reach) {
    const float r = reach + 1.0f;
    return box[0] <= left + TILE + r && box[2] >= left - r && box[1] <= top + TILE + r && box[3] >= top - r;
}

// Hand every element near a tile to `keep(k, segment, part)`, in any order; for all threads of a block together.
// `hits` and `hit_count` are the block's; whoever reads what was kept has to wait at a barrier first.
template <class Keep>
__device__ __forceinline__ void find_near_tile(const float* points, int count, const float* boxes, int chunks,
                                               int left, int top, float reach, int* hits, int* hit_count,
                                               int thread, Keep keep) {
    for (int first = 0; first < chunks; first += THREADS) {
        if (thread == 0) *hit_count = 0;
        __syncthreads();
        const int own = first + thread;
        if (own < chunks && box_near_tile(boxes + 4 * own, left, top, reach)) hits[atomicAdd(hit_count, 1)] = own;
        __syncthreads();
        for (int k = thread; k < *hit_count * CHUNK; k += THREADS) {
            const int element = hits[k / CHUNK] * CHUNK + k % CHUNK;
            Segment segment;
            Part part;
            if (element < count && element_near_tile(points, element, count, left, top, reach, segment, part))
                keep(element, segment, part);
        }
        __syncthreads();
    }
}

// The box of one chunk of elements, x0 above x1 where there is nothing.
__device__ __forceinline__ void chunk_box(const float* points, int count, int chunk, float* box) {
    float x0 = NOWHERE, y0 = NOWHERE, x1 = -NOWHERE, y1 = -NOWHERE;
    const int end = min((chunk + 1) * CHUNK + 1, count);  // the last element's end is the next chunk's
    for (int k = chunk * CHUNK; k < end; ++k) {
        if (!is_point(points, k)) continue;
        x0 = fminf(x0, points[2 * k]), x1 = fmaxf(x1, points[2 * k]);
        y0 = fminf(y0, points[2 * k + 1]), y1 = fmaxf(y1, points[2 * k + 1]);
    }
    box[0] = x0, box[1] = y0, box[2] = x1, box[3] = y1;
}
