// Chance without state: what a page's key and a place hash to; see fastecg_kernels/counter.py.
#pragma once

// Mix a 32-bit counter with the two words of a page's key ("lowbias32", C. Wellons, public domain).
__device__ __forceinline__ unsigned int hash_counter(unsigned int counter, unsigned int first,
                                                     unsigned int second) {
    unsigned int mixed = counter + first;
    mixed = (mixed ^ (mixed >> 16)) * 0x7FEB352Du;
    mixed ^= second;
    mixed = (mixed ^ (mixed >> 15)) * 0x846CA68Bu;
    return mixed ^ (mixed >> 16);
}

// Sum of the four bytes of a word: nearly normal, of mean 510 and variance 21845.
__device__ __forceinline__ int byte_sum(unsigned int word) {
    const unsigned int pairs = (word & 0x00FF00FFu) + ((word >> 8) & 0x00FF00FFu);
    return int((pairs + (pairs >> 16)) & 0xFFFFu);
}
