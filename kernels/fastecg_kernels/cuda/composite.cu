// Compositing of one ink colour a page over or into a batch of pages.
#include "composite.cuh"

// Lay ink on the eight pixels from ``first`` on; pages follow each other without a gap.
template <bool OVER>
__device__ __forceinline__ void lay_ink(unsigned char* __restrict__ image, unsigned char* __restrict__ coverage,
                                        const unsigned char* __restrict__ colors, long long pixels,
                                        long long page, int step, int clear) {
    const long long first = 8 * (blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x);
    if (first >= pixels) return;
    // Ink covers 1-2 % of a page: most threads read one word of coverage and are done.
    const bool whole = first + 8 <= pixels && reinterpret_cast<unsigned long long>(coverage) % 8 == 0;
    if (whole && *reinterpret_cast<const unsigned long long*>(coverage + first) == 0) return;
    const long long end = first + 8 < pixels ? first + 8 : pixels;
    for (long long k = first; k < end; ++k) {
        const int alpha = coverage[k];
        if (alpha == 0) continue;
        const unsigned char* color = colors + step * (k / page);
        for (int channel = 0; channel < 3; ++channel) {
            const int under = image[3 * k + channel];
            const int ink = color[channel];
            image[3 * k + channel] =
                static_cast<unsigned char>(OVER ? ink_over(under, ink, alpha) : ink_absorbs(under, ink, alpha));
        }
        if (clear) coverage[k] = 0;
    }
}

// image: N pages of `page` pixels RGB; coverage: one byte a pixel; pixels: N * page; colors: RGB, `step` bytes
// (3 or 0) from one page to the next. One thread for eight pixels.
extern "C" __global__ void composite(unsigned char* __restrict__ image, unsigned char* __restrict__ coverage,
                                     const unsigned char* __restrict__ colors, long long pixels, long long page,
                                     int step, int clear) {
    lay_ink<true>(image, coverage, colors, pixels, page, step, clear);
}

// As `composite`, but the ink lets light through.
extern "C" __global__ void absorb(unsigned char* __restrict__ image, unsigned char* __restrict__ coverage,
                                  const unsigned char* __restrict__ colors, long long pixels, long long page,
                                  int step, int clear) {
    lay_ink<false>(image, coverage, colors, pixels, page, step, clear);
}
