// The part of CUDA that the kernels use, in host C++20. A thread of a block is a coroutine that is suspended at each
// barrier; one host thread resumes all of them in turn, so a run is deterministic, and a barrier that only some threads
// reach is noticed.
#pragma once

#include <bit>
#include <cmath>
#include <coroutine>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

using std::isnan;

#define __device__
#define __forceinline__ inline
#define __shared__ static thread_local
#define __align__(bytes) __attribute__((aligned(bytes)))

#define KERNEL static void
#define JOINT_KERNEL static Thread
#define JOINT static Thread
#define JOINT_APART static Thread
#define JOIN(call) co_await call
#define BARRIER co_await Barrier{}

struct alignas(16) float4 {
    float x, y, z, w;
};

struct alignas(8) uint2 {
    unsigned x, y;
};

struct alignas(16) uint4 {
    unsigned x, y, z, w;
};

struct Position {
    unsigned x, y, z;
};

static thread_local Position threadIdx, blockIdx, gridDim;

// Where the running thread goes on after its next barrier.
static thread_local std::coroutine_handle<> resume_at;

struct Barrier {
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> self) const { resume_at = self; }
    void await_resume() const {}
};

// A kernel's thread, or a function with barriers that one calls.
class Thread {
public:
    struct promise_type {
        std::coroutine_handle<> caller;

        Thread get_return_object() { return Thread(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() { return {}; }
        auto final_suspend() noexcept {
            struct Return {
                bool await_ready() noexcept { return false; }
                std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
                    return self.promise().caller ? self.promise().caller : std::noop_coroutine();
                }
                void await_resume() noexcept {}
            };
            return Return{};
        }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };

    explicit Thread(std::coroutine_handle<promise_type> handle) : handle(handle) {}
    Thread(Thread&& other) noexcept : handle(std::exchange(other.handle, {})) {}
    Thread(const Thread&) = delete;
    ~Thread() {
        if (handle) handle.destroy();
    }

    bool await_ready() const { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
        handle.promise().caller = caller;
        return handle;
    }
    void await_resume() const {}

    std::coroutine_handle<> start() const { return handle; }
    bool done() const { return handle.done(); }

private:
    std::coroutine_handle<promise_type> handle;
};

#define FRESH(at) (*(at))
#define LOWEST (-INFINITY)

inline void __threadfence() {}

inline unsigned atomicAdd(unsigned* at, unsigned value) {
    const unsigned before = *at;
    *at += value;
    return before;
}

inline float __uint_as_float(unsigned bits) {
    return std::bit_cast<float>(bits);
}

// The upper half of a float's bits, rounded to the nearest, of two to the even one.
inline unsigned bfloat16_of(float value) {
    const unsigned bits = std::bit_cast<unsigned>(value);
    return isnan(value) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

inline unsigned packed(float lower, float upper) {
    return bfloat16_of(lower) | bfloat16_of(upper) << 16;
}

#ifdef BF16
// What the threads of all warps bring to `multiply_tile`.
struct Fragments {
    unsigned a[4], b[2];
};
static thread_local Fragments brought[1024];

// One half of the word at `pair` pairs into a fragment's words.
inline float number(const unsigned* words, int pair, int half) {
    return __uint_as_float(half ? words[pair] & 0xffff0000u : words[pair] << 16);
}

// As the PTX ISA lays out the fragments of mma.m16n8k16: with g = lane / 4 and i = lane % 4, a thread brings of `a` the rows g and
// g + 8, of `b` the column g, at the depths 2i, 2i + 1, 2i + 8 and 2i + 9, and gets the columns 2i and 2i + 1 of the rows g and g + 8.
JOINT multiply_tile(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    const unsigned t = threadIdx.x, lane = t % 32;
    brought[t] = {{a[0], a[1], a[2], a[3]}, {b0, b1}};
    BARRIER;
    const Fragments* warp = &brought[t - lane];
    for (int at = 0; at < 4; ++at) {
        const int row = lane / 4 + at / 2 * 8, column = lane % 4 * 2 + at % 2;
        for (int k = 0; k < 16; ++k) {
            const int pair = k % 8 / 2, far = k / 8;
            const float x = number(warp[row % 8 * 4 + pair].a, row / 8 + 2 * far, k % 2);
            sum[at] += x * number(warp[column * 4 + pair].b, far, k % 2);
        }
    }
    BARRIER;
}
#endif
