// One pixel's colour under an ink.
#pragma once

// A channel with an ink over it, rounded to nearest; all values 0 to 255.
__device__ __forceinline__ int ink_over(int under, int ink, int alpha) {
    return (under * (255 - alpha) + ink * alpha + 127) / 255;
}

// A channel of what an ink lets through, rounded to nearest; all values 0 to 255.
__device__ __forceinline__ int ink_absorbs(int under, int ink, int alpha) {
    const int square = 255 * 255;
    const int passed = square - alpha * (255 - ink);
    return int((static_cast<unsigned>(under) * static_cast<unsigned>(passed) + square / 2) / square);
}
