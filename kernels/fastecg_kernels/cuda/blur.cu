// Blur of a lens and of a moving camera: what cv2.GaussianBlur and cv2.filter2D make of the same kernel.
#include "warp.cuh"

// One image's blur: `size` is odd, `start` where its weights begin. Whole weights are the outer product of one row
// of `size` numbers of sum 256, as OpenCV's bytes have it; the others are `size` x `size` and may be any.
struct Blur {
    int image, size, start, whole;
};

__device__ __forceinline__ void blur_pixel(const unsigned char* __restrict__ image, const float* __restrict__ weights,
                                           const Blur& blur, int height, int width, int x, int y,
                                           unsigned char* __restrict__ out) {
    const int reach = blur.size / 2;
    float total[3] = {0.0f, 0.0f, 0.0f};
    for (int i = 0; i < blur.size; ++i) {
        const long long row = (long long)clamp_int(y + i - reach, 0, height - 1) * width;
        for (int j = 0; j < blur.size; ++j) {
            // Products and sums of whole weights stay below 2^24: they are exact.
            const float weight = blur.whole ? weights[i] * weights[j] : weights[i * blur.size + j];
            if (weight == 0.0f) continue;
            const unsigned char* pixel = image + (row + clamp_int(x + j - reach, 0, width - 1)) * 3;
            for (int channel = 0; channel < 3; ++channel) total[channel] += weight * float(pixel[channel]);
        }
    }
    for (int channel = 0; channel < 3; ++channel) {
        // OpenCV rounds halves of whole weights up, and of others to even.
        const float value = blur.whole ? floorf(total[channel] / 65536.0f + 0.5f) : rintf(total[channel]);
        out[channel] = (unsigned char)fminf(fmaxf(value, 0.0f), 255.0f);
    }
}

// Grid: (width, height, blurs) in blocks of (32, 8); `blurred[k]` is image `blurs[k].image`, whose edge goes on.
extern "C" __global__ void __launch_bounds__(256)
    blur_images(unsigned char* __restrict__ blurred, const unsigned char* __restrict__ images,
                const float* __restrict__ weights, const Blur* __restrict__ blurs, int height, int width) {
    const int x = int(blockIdx.x * blockDim.x + threadIdx.x), y = int(blockIdx.y * blockDim.y + threadIdx.y);
    if (x >= width || y >= height) return;
    const Blur& blur = blurs[blockIdx.z];
    const long long pixels = (long long)height * width;
    unsigned char* out = blurred + (blockIdx.z * pixels + (long long)y * width + x) * 3;
    blur_pixel(images + blur.image * pixels * 3, weights + blur.start, blur, height, width, x, y, out);
}

// Grid: (bytes of an image / 256, blurs): the blurred images back to where they were.
extern "C" __global__ void __launch_bounds__(256)
    replace_images(unsigned char* __restrict__ images, const unsigned char* __restrict__ blurred,
                   const Blur* __restrict__ blurs, long long bytes) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < bytes) images[blurs[blockIdx.y].image * bytes + at] = blurred[blockIdx.y * bytes + at];
}
