// The part of CUDA that the kernels use, in host C++20. A thread of a block is a coroutine that is suspended at each
// barrier; one host thread resumes all of them in turn, so a run is deterministic, and a barrier that only some threads
// reach is noticed.
#pragma once

#include <cmath>
#include <coroutine>
#include <cstdlib>
#include <exception>
#include <utility>

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
