// Meshes of a batch of cameras, and points through a mesh, both ways; see reference/mesh.py.
#include "nodes.cuh"

// One camera: the plane of the page seen through a pinhole and a lens.
struct Plane {
    double back[9];  // image points to page points
    double k1, k2;   // of the lens
};

#define FARTHEST_PX 1e5

// Grid: (nodes / 256, cameras): where every node of every mesh lies on its page. Nodes beyond the horizon come out
// far away.
extern "C" __global__ void __launch_bounds__(256)
    plane_meshes(float* __restrict__ meshes, const Plane* __restrict__ planes, int height, int width) {
    const int columns = nodes_along(width), rows = nodes_along(height);
    const int node = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (node >= rows * columns) return;
    const Plane& plane = planes[blockIdx.y];
    double x = NODE_STEP * (node % columns), y = NODE_STEP * (node / columns);
    if (plane.k1 != 0.0 || plane.k2 != 0.0) {
        const double down = height / 2.0, right = width / 2.0;
        const double off_x = x - right, off_y = y - down;
        const double square = (off_x * off_x + off_y * off_y) / (right * right + down * down);
        const double zoom = 1.0 + square * (plane.k1 + square * plane.k2);
        x = right + off_x * zoom;
        y = down + off_y * zoom;
    }
    const double* back = plane.back;
    const double right = back[0] * x + back[1] * y + back[2], down = back[3] * x + back[4] * y + back[5];
    const double nearness = 1.0 / fmax(back[6] * x + back[7] * y + back[8], 1e-9);
    float* out = meshes + ((long long)blockIdx.y * rows * columns + node) * 2;
    out[0] = float(fmin(fmax(right * nearness, -FARTHEST_PX), FARTHEST_PX));
    out[1] = float(fmin(fmax(down * nearness, -FARTHEST_PX), FARTHEST_PX));
}

// A place on the page, and its derivatives by image x and y.
struct Place {
    double x, y, across_x, across_y, down_x, down_y;
};

__device__ __forceinline__ int cell_of(double at, int cells) {
    const double cell = fmin(fmax(floor(at), 0.0), double(cells - 1));
    return int(cell);
}

__device__ __forceinline__ Place place_on_page(const float* __restrict__ mesh, int rows, int columns, double x,
                                               double y) {
    const double at_x = x / NODE_STEP, at_y = y / NODE_STEP;
    const int j = cell_of(at_x, columns - 1), i = cell_of(at_y, rows - 1);
    const double u = at_x - j, v = at_y - i;
    const float* upper = mesh + ((long long)i * columns + j) * 2;
    const float* lower = upper + 2ll * columns;
    const double ax = upper[0], ay = upper[1], bx = upper[2], by = upper[3];
    const double cx = lower[0], cy = lower[1], dx = lower[2], dy = lower[3];
    Place place;
    place.x = (ax + (bx - ax) * u) * (1.0 - v) + (cx + (dx - cx) * u) * v;
    place.y = (ay + (by - ay) * u) * (1.0 - v) + (cy + (dy - cy) * u) * v;
    place.across_x = ((bx - ax) * (1.0 - v) + (dx - cx) * v) / NODE_STEP;
    place.across_y = ((by - ay) * (1.0 - v) + (dy - cy) * v) / NODE_STEP;
    place.down_x = ((cx - ax) * (1.0 - u) + (dx - bx) * u) / NODE_STEP;
    place.down_y = ((cy - ay) * (1.0 - u) + (dy - by) * u) / NODE_STEP;
    return place;
}

// Grid: (points / 256); a point that is not finite is nowhere.
extern "C" __global__ void __launch_bounds__(256)
    mesh_to_page(double* __restrict__ found, const float* __restrict__ mesh, const double* __restrict__ points,
                 int rows, int columns, int count) {
    const int n = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (n >= count) return;
    const double x = points[2 * n], y = points[2 * n + 1];
    const bool known = isfinite(x) && isfinite(y);
    const Place place = place_on_page(mesh, rows, columns, known ? x : 0.0, known ? y : 0.0);
    found[2 * n] = known ? place.x : nan("");
    found[2 * n + 1] = known ? place.y : nan("");
}

#define ROUNDS 30
#define CLOSE_PX 1e-5

// Grid: (points / 256): Newton's method from a guess in `found`, where the answers are written.
extern "C" __global__ void __launch_bounds__(256)
    mesh_to_image(double* __restrict__ found, const float* __restrict__ mesh, const double* __restrict__ points,
                  int rows, int columns, int count) {
    const int n = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (n >= count) return;
    const double to_x = points[2 * n], to_y = points[2 * n + 1];
    double x = found[2 * n], y = found[2 * n + 1];
    if (!isfinite(to_x) || !isfinite(to_y)) {
        found[2 * n] = found[2 * n + 1] = nan("");
        return;
    }
    const double width = double(columns - 1) * NODE_STEP, height = double(rows - 1) * NODE_STEP;
    bool near = fabs(x - width / 2) <= 1.5 * width && fabs(y - height / 2) <= 1.5 * height;
    for (int round = 0; round < ROUNDS && near; ++round) {
        const Place at = place_on_page(mesh, rows, columns, x, y);
        const double off_x = at.x - to_x, off_y = at.y - to_y;
        const double determinant = at.across_x * at.down_y - at.across_y * at.down_x;
        x -= (off_x * at.down_y - off_y * at.down_x) / determinant;
        y -= (at.across_x * off_y - at.across_y * off_x) / determinant;
        near = fabs(off_x) > CLOSE_PX || fabs(off_y) > CLOSE_PX;
    }
    found[2 * n] = x;
    found[2 * n + 1] = y;
}
