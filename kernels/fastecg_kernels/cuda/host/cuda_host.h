// Lets an ordinary C++17 compiler build the project's .cu files unchanged, and runs them on the CPU.
//
// For tests. The blocks of a launch run one after another. The threads of a block are fibers: one
// that meets __syncthreads() rests until every other one has met it too. A thread that meets none
// costs a function call, as the fiber that ran it goes on with the next.
//
// Not modelled: warps and their intrinsics, real races, dynamic shared memory, textures, streams and
// the limits of a device other than the size of a block.
#pragma once
#ifdef __CUDACC__
#error "the host shim is for compilers that know nothing of CUDA"
#endif

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#else
#include <setjmp.h>
#endif

// NVRTC, which includes no header of C, does without these too.
#undef INFINITY
#undef NAN
#undef HUGE_VAL
#undef M_PI

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline, unused))
#define __constant__ static
#define __launch_bounds__(...)

// One block runs at a time, so a static variable is shared by exactly its threads. In a section of
// their own they can be filled with rubbish before every block, as a device does not clear them.
#if defined(__SANITIZE_ADDRESS__)
#define __shared__ static  // the sanitizer puts no fences around variables in sections
#else
#define __shared__ static __attribute__((section("cuda_shared")))
extern char __start_cuda_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_cuda_shared[] __attribute__((weak, visibility("hidden")));
#endif

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
static dim3 gridDim, blockDim, blockIdx, threadIdx;

// The vector types, aligned as on a device: the undefined-behaviour sanitizer sees a load that is not.
#define HOST_VECTORS(T, NAME, TWO, FOUR)                                          \
    struct alignas(TWO) NAME##2 { T x, y; };                                      \
    struct NAME##3 { T x, y, z; };                                                \
    struct alignas(FOUR) NAME##4 { T x, y, z, w; };                               \
    inline NAME##2 make_##NAME##2(T x, T y) { return {x, y}; }                    \
    inline NAME##3 make_##NAME##3(T x, T y, T z) { return {x, y, z}; }            \
    inline NAME##4 make_##NAME##4(T x, T y, T z, T w) { return {x, y, z, w}; }
HOST_VECTORS(unsigned char, uchar, 2, 4)
HOST_VECTORS(int, int, 8, 16)
HOST_VECTORS(unsigned, uint, 8, 16)
HOST_VECTORS(float, float, 8, 16)
#undef HOST_VECTORS

using std::isfinite;
using std::isnan;
using std::max;
using std::min;
inline float rsqrtf(float value) { return 1.0f / sqrtf(value); }
inline float __saturatef(float value) { return value > 0.0f ? (value < 1.0f ? value : 1.0f) : 0.0f; }
inline int __float2int_rn(float value) { return int(nearbyintf(value)); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned((uint64_t(a) * b) >> 32); }
inline int __float_as_int(float value) {
    int bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
inline float __int_as_float(int bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
inline int __popc(unsigned value) { return __builtin_popcount(value); }
template <class T> inline T __ldg(const T* place) { return *place; }

// Atomics need no care here: no thread is stopped between two barriers.
template <class T, class U> inline T atomicAdd(T* place, U value) {
    const T old = *place;
    *place = T(old + T(value));
    return old;
}
template <class T, class U> inline T atomicMax(T* place, U value) {
    const T old = *place;
    *place = max(old, T(value));
    return old;
}
template <class T, class U> inline T atomicMin(T* place, U value) {
    const T old = *place;
    *place = min(old, T(value));
    return old;
}
template <class T, class U> inline T atomicOr(T* place, U value) {
    const T old = *place;
    *place = T(old | T(value));
    return old;
}
template <class T, class U> inline T atomicExch(T* place, U value) {
    const T old = *place;
    *place = T(value);
    return old;
}
template <class T> inline T atomicCAS(T* place, T expected, T value) {
    const T old = *place;
    if (old == expected) *place = value;
    return old;
}

namespace cuda_host {

constexpr size_t STACK = 128 * 1024;

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[STACK]};
    dim3 thread;           // where the thread that rests here stands in its block
    const char* file = nullptr;
    int line = 0;          // of the barrier it rests at; 0 while it rests at none
    bool born = false;
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
#else
    jmp_buf place;
#endif
};

static std::vector<std::unique_ptr<Fiber>> fibers;
static Fiber* current = nullptr;
static void (*call)(void*) = nullptr;
static void* call_with = nullptr;
static size_t started = 0, ended = 0, threads = 0;
static bool backwards = false;
static std::string complaint;

// Leave a fiber for the scheduler, or enter one.
#if defined(__SANITIZE_ADDRESS__)
// The address sanitizer wants to know the stacks, and knows swapcontext.
static ucontext_t scheduler;
static const void* main_stack = nullptr;
static size_t main_size = 0;

inline void to_scheduler(Fiber& fiber) {
    __sanitizer_start_switch_fiber(&fiber.fake_stack, main_stack, main_size);
    swapcontext(&fiber.context, &scheduler);
    __sanitizer_finish_switch_fiber(fiber.fake_stack, &main_stack, &main_size);
}

inline void enter(Fiber& fiber) {
    void* own = nullptr;
    __sanitizer_start_switch_fiber(&own, fiber.stack.get(), STACK);
    swapcontext(&scheduler, &fiber.context);
    __sanitizer_finish_switch_fiber(own, nullptr, nullptr);
}
#else
// swapcontext asks the kernel for the signal mask every time; jumps do without, and are five times as fast.
static jmp_buf scheduler;

inline void to_scheduler(Fiber& fiber) {
    if (_setjmp(fiber.place) == 0) _longjmp(scheduler, 1);
}

inline void enter(Fiber& fiber) {
    if (_setjmp(scheduler)) return;
    if (fiber.born) _longjmp(fiber.place, 1);
    fiber.born = true;
    setcontext(&fiber.context);
}
#endif

inline void to_fiber(Fiber& fiber) {
    current = &fiber;
    threadIdx = fiber.thread;
    enter(fiber);
}

inline void barrier(const char* file, int line) {
    Fiber& fiber = *current;
    fiber.thread = threadIdx;
    fiber.file = file;
    fiber.line = line;
    to_scheduler(fiber);
    threadIdx = fiber.thread;
    fiber.line = 0;
}

// What every fiber runs: threads that nobody has started yet, one after another.
inline void work() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &main_stack, &main_size);
#endif
    for (;;) {
        while (started < threads) {
            const size_t nth = backwards ? threads - 1 - started : started;
            ++started;
            threadIdx.x = unsigned(nth % blockDim.x);
            threadIdx.y = unsigned(nth / blockDim.x % blockDim.y);
            threadIdx.z = unsigned(nth / blockDim.x / blockDim.y);
            call(call_with);
            ++ended;
        }
        to_scheduler(*current);
    }
}

// Return a fiber that rests between threads.
inline Fiber& idle_fiber(size_t nth) {
    if (nth < fibers.size()) return *fibers[nth];
    fibers.emplace_back(new Fiber);
    Fiber& fiber = *fibers[nth];
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = STACK;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, work, 0);
    return fiber;
}

inline std::string place(const Fiber& fiber) {
    return std::string(fiber.file) + ":" + std::to_string(fiber.line);
}

// Run one block; say whether its threads agreed on their barriers.
inline bool run_block() {
#if !defined(__SANITIZE_ADDRESS__)
    if (__start_cuda_shared) memset(__start_cuda_shared, 0xA5, size_t(__stop_cuda_shared - __start_cuda_shared));
#endif
    started = ended = 0;
    std::vector<Fiber*> resting;
    for (size_t used = 0; started < threads; ++used) {
        Fiber& fiber = idle_fiber(used);
        to_fiber(fiber);
        if (fiber.line) resting.push_back(&fiber);
    }
    while (!resting.empty()) {
        if (ended) {
            complaint = "threads of a block rest at the barrier " + place(*resting[0]) + ", others have ended";
            return false;
        }
        for (const Fiber* fiber : resting) {
            if (place(*fiber) != place(*resting[0])) {
                complaint = "threads of a block rest at two barriers, " + place(*resting[0]) + " and " + place(*fiber);
                return false;
            }
        }
        std::vector<Fiber*> again;
        for (Fiber* fiber : resting) {
            to_fiber(*fiber);
            if (fiber->line) again.push_back(fiber);
        }
        resting.swap(again);
    }
    return true;
}

template <class F> const char* run(const unsigned* shape, bool reversed, F&& function) {
    gridDim.x = shape[0], gridDim.y = shape[1], gridDim.z = shape[2];
    blockDim.x = shape[3], blockDim.y = shape[4], blockDim.z = shape[5];
    threads = size_t(blockDim.x) * blockDim.y * blockDim.z;
    backwards = reversed;
    call_with = &function;
    call = [](void* with) { (*static_cast<std::remove_reference_t<F>*>(with))(); };
    const size_t blocks = size_t(gridDim.x) * gridDim.y * gridDim.z;
    for (size_t k = 0; k < blocks; ++k) {
        const size_t nth = reversed ? blocks - 1 - k : k;
        blockIdx.x = unsigned(nth % gridDim.x);
        blockIdx.y = unsigned(nth / gridDim.x % gridDim.y);
        blockIdx.z = unsigned(nth / gridDim.x / gridDim.y);
        if (!run_block()) {
            fibers.clear();  // they rest in the midst of a kernel
            return complaint.c_str();
        }
    }
    return nullptr;
}

// What a kernel takes: "f4" a float, "*u1" bytes that it may change, "&i4" ints that it only reads.
template <class T> std::string kind() {
    if constexpr (std::is_pointer_v<T>) {
        using Element = std::remove_pointer_t<T>;
        return (std::is_const_v<Element> ? "&" : "*") + kind<std::remove_cv_t<Element>>();
    } else if constexpr (std::is_arithmetic_v<T>) {
        const char* letter = std::is_floating_point_v<T> ? "f" : std::is_signed_v<T> ? "i" : "u";
        return letter + std::to_string(sizeof(T));
    } else {
        return "V" + std::to_string(sizeof(T));
    }
}

template <class... A> const char* signature(void (*)(A...)) {
    static const std::string text = ((kind<A>() + " ") + ... + std::string());
    return text.c_str();
}

template <class... A, size_t... I>
const char* launch(void (*kernel)(A...), const unsigned* shape, void** with, int reversed, std::index_sequence<I...>) {
    return run(shape, reversed != 0, [&] { kernel(*static_cast<std::remove_reference_t<A>*>(with[I])...); });
}

template <class... A> const char* launch(void (*kernel)(A...), const unsigned* shape, void** with, int reversed) {
    return launch(kernel, shape, with, reversed, std::index_sequence_for<A...>{});
}

}  // namespace cuda_host

#define __syncthreads() cuda_host::barrier(__FILE__, __LINE__)

// Launches as cuLaunchKernel does: six sizes, and an array of pointers to the arguments.
#define HOST_KERNEL(NAME)                                                                        \
    extern "C" const char* host_launch_##NAME(const unsigned* shape, void** with, int reversed) { \
        return cuda_host::launch(NAME, shape, with, reversed);                                    \
    }                                                                                             \
    extern "C" const char* host_signature_##NAME() { return cuda_host::signature(NAME); }
