// What the images of a batch show of their pages' masks, in one launch.
#include "warp.cuh"

__device__ __forceinline__ unsigned int mask_at(const unsigned char* __restrict__ mask, int height, int width, int i,
                                                int j) {
    return i >= 0 && i < height && j >= 0 && j < width ? mask[(long long)i * width + j] : 0u;
}

// Grid: (width, height, images) in blocks of (32, 8); each image has a mesh and a mask of its own.
extern "C" __global__ void __launch_bounds__(256)
    warp_masks(unsigned char* __restrict__ images, const unsigned char* __restrict__ masks,
               const float* __restrict__ meshes, int height, int width, int page_height, int page_width) {
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x), y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    const long long image = blockIdx.z, columns = nodes_along(width), rows = nodes_along(height);
    const float* mesh = meshes + ((image * rows + y / NODE_STEP) * columns + x / NODE_STEP) * 2;
    const Places places = place_cell(mesh, 2 * columns, node_share(y));
    const int at_x = stepped(places.x, places.step_x, x % NODE_STEP);
    const int at_y = stepped(places.y, places.step_y, x % NODE_STEP);
    const int i = at_y >> FRACTION, j = at_x >> FRACTION;
    const unsigned char* mask = masks + image * page_height * page_width;
    unsigned int value = 0;
    if (i >= -1 && j >= -1 && i < page_height && j < page_width) {
        value = mix(weigh(at_x, at_y), mask_at(mask, page_height, page_width, i, j),
                    mask_at(mask, page_height, page_width, i, j + 1),
                    mask_at(mask, page_height, page_width, i + 1, j),
                    mask_at(mask, page_height, page_width, i + 1, j + 1));
    }
    images[(image * height + y) * width + x] = (unsigned char)value;
}
