// Grid paper for a batch of pages, from four line profiles a page.

// Coverage by lines in both directions, or by dots where they would cross; all values 0 to 255.
__device__ __forceinline__ int cross(int across, int down, bool dots) {
    return dots ? (across * down + 127) / 255 : 255 - ((255 - across) * (255 - down) + 127) / 255;
}

// One colour channel of paper with minor and major lines over it, each rounded to nearest.
__device__ __forceinline__ int grid_channel(const unsigned char* colors, int channel, int minor, int major) {
    const int value = (colors[channel] * (255 - minor) + colors[3 + channel] * minor + 127) / 255;
    return (value * (255 - major) + colors[6 + channel] * major + 127) / 255;
}

// image: N pages of height x width RGB, one after the other; pixels: how many in all.
// A page's tables: columns (2, width), rows (2, height), colors (3, 3), dots (2); each has a step from one page to
// the next, in bytes, 0 if all pages share it. One thread for four pixels, which are three words.
extern "C" __global__ void paint_grid(unsigned char* __restrict__ image, const unsigned char* __restrict__ columns,
                                      const unsigned char* __restrict__ rows,
                                      const unsigned char* __restrict__ colors,
                                      const unsigned char* __restrict__ dots, long long pixels, int height, int width,
                                      int column_step, int row_step, int color_step, int dot_step) {
    const long long first = 4 * (blockIdx.x * static_cast<long long>(blockDim.x) + threadIdx.x);
    if (first >= pixels) return;
    long long page = first / (static_cast<long long>(height) * width);
    const int within = static_cast<int>(first - page * height * width);
    int y = within / width, x = within - y * width;
    const int count = pixels - first < 4 ? static_cast<int>(pixels - first) : 4;
    unsigned words[3] = {0, 0, 0};
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        if (k >= count) break;
        const unsigned char* across = columns + page * column_step + x;
        const unsigned char* down = rows + page * row_step + y;
        const unsigned char* dotted = dots + page * dot_step;
        const int minor = cross(across[0], down[0], dotted[0]);
        const int major = cross(across[width], down[height], dotted[1]);
        for (int channel = 0; channel < 3; ++channel) {
            const unsigned value = grid_channel(colors + page * color_step, channel, minor, major);
            const int byte = 3 * k + channel;
            words[byte / 4] |= value << (8 * (byte % 4));
        }
        if (++x == width) {
            x = 0;
            if (++y == height) y = 0, ++page;
        }
    }
    unsigned char* out = image + 3 * first;
    if (count == 4 && reinterpret_cast<unsigned long long>(out) % 4 == 0) {
        for (int word = 0; word < 3; ++word) reinterpret_cast<unsigned*>(out)[word] = words[word];
    } else {
#pragma unroll
        for (int byte = 0; byte < 12; ++byte)
            if (byte < 3 * count) out[byte] = static_cast<unsigned char>(words[byte / 4] >> (8 * (byte % 4)));
    }
}
