// Image quilting in waves: the blocks of one anti-diagonal (equal column + 2 row) know nothing of each other.
//
// Efros and Freeman, SIGGRAPH 2001; the waves are those of Raad and Galerne, IPOL 2017. See reference/quilting.py.

#define SEWING_THREADS 128

__device__ __forceinline__ unsigned int spread_bits(unsigned int value) {
    value = (value ^ (value >> 16)) * 0x7FEB352Du;
    value = (value ^ (value >> 15)) * 0x846CA68Bu;
    return value ^ (value >> 16);
}

// 32 bits that look random, the same ones for the same four numbers.
__device__ __forceinline__ unsigned int draw(unsigned int key, int row, int column, unsigned int number) {
    unsigned int value = spread_bits(key);
    value = spread_bits(value + (unsigned int)row);
    value = spread_bits(value + (unsigned int)column);
    return spread_bits(value + number);
}

// One block of the sheet: its row and column there, and its place in the list of all.
struct Patch {
    int row, column, number;
};

// Widths in pixels; `down` and `across` count the places of a block in the texture, `tried` those that are compared.
struct Quilt {
    long long sheet_row, texture_row;  // bytes
    int channels, block, overlap, down, across, tried, candidates;
    unsigned int key;
    double tolerance;
};

__device__ __forceinline__ int place_of(const Quilt& quilt, const Patch& patch, int n) {
    if (quilt.candidates == 0) return n;
    const unsigned int places = (unsigned int)quilt.down * (unsigned int)quilt.across;
    return int(draw(quilt.key, patch.row, patch.column, 1u + (unsigned int)n) % places);
}

__device__ __forceinline__ const unsigned char* corner_of(const unsigned char* __restrict__ sheet, const Quilt& quilt,
                                                          const Patch& patch) {
    const long long step = quilt.block - quilt.overlap;
    return sheet + patch.row * step * quilt.sheet_row + patch.column * step * quilt.channels;
}

__device__ __forceinline__ long long squared(const unsigned char* __restrict__ a, const unsigned char* __restrict__ b,
                                             int count) {
    long long total = 0;
    for (int k = 0; k < count; ++k) {
        const int difference = int(a[k]) - int(b[k]);
        total += difference * difference;
    }
    return total;
}

// Grid: (places tried / 128, patches): the squared difference of each place where a patch overlaps the sheet.
extern "C" __global__ void __launch_bounds__(SEWING_THREADS)
    quilt_costs(long long* __restrict__ costs, const unsigned char* __restrict__ sheet,
                const unsigned char* __restrict__ texture, const Quilt* __restrict__ settings,
                const Patch* __restrict__ patches) {
    const Quilt& quilt = *settings;
    const Patch& patch = patches[blockIdx.y];
    const int n = int(blockIdx.x * blockDim.x + threadIdx.x);
    if (n >= quilt.tried || (patch.row == 0 && patch.column == 0)) return;
    const int place = place_of(quilt, patch, n);
    const unsigned char* here = corner_of(sheet, quilt, patch);
    const unsigned char* there = texture + (place / quilt.across) * quilt.texture_row +
                                 (long long)(place % quilt.across) * quilt.channels;
    long long total = 0;
    for (int i = 0; i < quilt.block; ++i) {
        const bool whole = patch.row > 0 && i < quilt.overlap;
        const int width = whole ? quilt.block : patch.column > 0 ? quilt.overlap : 0;
        total += squared(here + i * quilt.sheet_row, there + i * quilt.texture_row, width * quilt.channels);
    }
    costs[(long long)blockIdx.y * quilt.tried + n] = total;
}

// The least cost, by all threads of a block; they share what each found.
__device__ __forceinline__ long long least_cost(const long long* __restrict__ costs, int tried, long long* shared) {
    long long least = 0x7FFFFFFFFFFFFFFFll;
    for (int n = int(threadIdx.x); n < tried; n += int(blockDim.x)) least = costs[n] < least ? costs[n] : least;
    shared[threadIdx.x] = least;
    __syncthreads();
    for (unsigned int half = blockDim.x / 2; half > 0; half >>= 1) {
        if (threadIdx.x < half && shared[threadIdx.x + half] < shared[threadIdx.x]) {
            shared[threadIdx.x] = shared[threadIdx.x + half];
        }
        __syncthreads();
    }
    return shared[0];
}

// The place of a patch: by chance one of those within the tolerance of the best, which are counted in their order.
__device__ __forceinline__ int choose_place(const long long* __restrict__ costs, const Quilt& quilt,
                                            const Patch& patch, long long* shared, int* chosen) {
    const unsigned int chance = draw(quilt.key, patch.row, patch.column, 0u);
    if (patch.row == 0 && patch.column == 0) {
        return int(chance % ((unsigned int)quilt.down * (unsigned int)quilt.across));
    }
    const double limit = double(least_cost(costs, quilt.tried, shared)) * (1.0 + quilt.tolerance);
    const int each = (quilt.tried + int(blockDim.x) - 1) / int(blockDim.x), first = int(threadIdx.x) * each;
    const int end = first + each < quilt.tried ? first + each : quilt.tried;
    long long good = 0;
    for (int n = first; n < end; ++n) good += double(costs[n]) <= limit;
    __syncthreads();  // all have read the least cost
    shared[threadIdx.x] = good;
    __syncthreads();
    long long before = 0, all = 0;
    for (unsigned int k = 0; k < blockDim.x; ++k) {
        before += k < threadIdx.x ? shared[k] : 0;
        all += shared[k];
    }
    const long long wanted = chance % (unsigned int)all;
    if (wanted >= before && wanted < before + good) {
        for (int n = first; n < end; ++n) {
            if (double(costs[n]) <= limit && before++ == wanted) *chosen = n;
        }
    }
    __syncthreads();
    return place_of(quilt, patch, *chosen);
}

// Squared difference of one pixel of sheet and texture, in row `i` and column `j` of a block.
__device__ __forceinline__ long long pixel_error(const unsigned char* __restrict__ here,
                                                 const unsigned char* __restrict__ there, const Quilt& quilt, int i,
                                                 int j) {
    const long long column = (long long)j * quilt.channels;
    return squared(here + i * quilt.sheet_row + column, there + i * quilt.texture_row + column, quilt.channels);
}

// The cheapest cut along an overlap: `path[i]` is its column in row i. A cut under the patch above goes along rows,
// so rows and columns change places there. `total` has room for block x overlap numbers.
__device__ __forceinline__ void cut(long long* total, int* path, const unsigned char* __restrict__ here,
                                    const unsigned char* __restrict__ there, const Quilt& quilt, bool along_rows) {
    const int width = quilt.overlap;
    for (int i = 0; i < quilt.block; ++i) {
        for (int j = int(threadIdx.x); j < width; j += int(blockDim.x)) {
            long long least = 0;
            if (i > 0) {
                const long long* row = total + (long long)(i - 1) * width;
                least = row[j];
                if (j > 0 && row[j - 1] < least) least = row[j - 1];
                if (j + 1 < width && row[j + 1] < least) least = row[j + 1];
            }
            total[(long long)i * width + j] = least + (along_rows ? pixel_error(here, there, quilt, j, i)
                                                                  : pixel_error(here, there, quilt, i, j));
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        int low = 0, high = width - 1;
        for (int i = quilt.block - 1; i >= 0; --i) {
            const long long* row = total + (long long)i * width;
            int best = low;
            for (int j = low + 1; j <= high; ++j) best = row[j] < row[best] ? j : best;
            path[i] = best;
            low = best > 0 ? best - 1 : 0;
            high = best + 1 < width ? best + 1 : width - 1;
        }
    }
    __syncthreads();
}

// Grid: (patches): choose each one's place, cut it to fit, and lay it on the sheet. `totals` has room for
// block x overlap numbers a patch, `paths` for two blocks.
extern "C" __global__ void __launch_bounds__(SEWING_THREADS)
    quilt_sew(unsigned char* __restrict__ sheet, long long* __restrict__ places, long long* totals, int* paths,
              const long long* __restrict__ costs, const unsigned char* __restrict__ texture,
              const Quilt* __restrict__ settings, const Patch* __restrict__ patches) {
    __shared__ long long shared[SEWING_THREADS];
    __shared__ int chosen;
    const Quilt& quilt = *settings;
    const Patch& patch = patches[blockIdx.x];
    const int place = choose_place(costs + (long long)blockIdx.x * quilt.tried, quilt, patch, shared, &chosen);
    if (threadIdx.x == 0) {
        places[2ll * patch.number] = place / quilt.across;
        places[2ll * patch.number + 1] = place % quilt.across;
    }
    const unsigned char* here = corner_of(sheet, quilt, patch);
    const unsigned char* there = texture + (place / quilt.across) * quilt.texture_row +
                                 (long long)(place % quilt.across) * quilt.channels;
    long long* total = totals + (long long)blockIdx.x * quilt.block * quilt.overlap;
    int* beside = paths + 2ll * blockIdx.x * quilt.block;
    int* above = beside + quilt.block;
    for (int k = int(threadIdx.x); k < 2 * quilt.block; k += int(blockDim.x)) beside[k] = 0;
    __syncthreads();
    if (patch.column > 0) cut(total, beside, here, there, quilt, false);
    if (patch.row > 0) cut(total, above, here, there, quilt, true);
    for (int k = int(threadIdx.x); k < quilt.block * quilt.block; k += int(blockDim.x)) {
        const int i = k / quilt.block, j = k % quilt.block;
        if (j < beside[i] || i < above[j]) continue;
        const long long at = (here - sheet) + i * quilt.sheet_row + (long long)j * quilt.channels;
        for (int channel = 0; channel < quilt.channels; ++channel) {
            sheet[at + channel] = there[i * quilt.texture_row + (long long)j * quilt.channels + channel];
        }
    }
}

// Grid: (sums / 128): each the sum of a channel over a square, whose side the sizes tell.
extern "C" __global__ void __launch_bounds__(SEWING_THREADS)
    box_sums(float* __restrict__ sums, const unsigned char* __restrict__ texture, int rows, int columns, int channels,
             int height, int width) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (long long)channels * rows * columns) return;
    const int x = int(at % columns), y = int(at / columns % rows), channel = int(at / columns / rows);
    const int size = height - rows + 1;
    long long total = 0;
    for (int i = 0; i < size; ++i) {
        for (int j = 0; j < size; ++j) total += texture[((long long)(y + i) * width + x + j) * channels + channel];
    }
    sums[at] = float(total);
}
