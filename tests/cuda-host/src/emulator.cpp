// Runs the kernels of crates/kernels/src/cuda on the host. The only entry point is at the end: EMULATE, a name of its own for each
// precision that this file is compiled for.
#include "emulator.h"

// Two programs in one must not share what differs.
#ifdef BF16
namespace in_bf16 {
#else
namespace in_f32 {
#endif

#include "prelude.cu"
#include "value.cu"
#include "map.cu"
#include "reduction.cu"
#include "product.cu"
#include "tensor_product.cu"
#include "linear.cu"
#include "pool.cu"
#include "gradient.cu"
#include "backward.cu"
#include "classifier.cu"
#include "optimiser.cu"
#include "gallery.cu"

// How a launch ended.
enum { FINISHED = 0, UNKNOWN_KERNEL = 1, BARRIER_MISSED = 2 };

template <class Result, class... Parameters, std::size_t... At>
Result call(Result (*kernel)(Parameters...), void** arguments, std::index_sequence<At...>) {
    return kernel(*static_cast<std::remove_const_t<Parameters>*>(arguments[At])...);
}

template <class... Parameters>
int run_block(void (*kernel)(Parameters...), void** arguments, bool) {
    for (unsigned t = 0; t < THREADS; ++t) {
        threadIdx = {t, 0, 0};
        call(kernel, arguments, std::index_sequence_for<Parameters...>{});
    }
    return FINISHED;
}

// Between two barriers the threads run one after the other, upwards or downwards: what depends on the order is a race.
template <class... Parameters>
int run_block(Thread (*kernel)(Parameters...), void** arguments, bool downwards) {
    std::vector<Thread> threads;
    std::vector<std::coroutine_handle<>> next;
    threads.reserve(THREADS);
    for (unsigned t = 0; t < THREADS; ++t) {
        threads.push_back(call(kernel, arguments, std::index_sequence_for<Parameters...>{}));
        next.push_back(threads.back().start());
    }
    for (;;) {
        unsigned done = 0;
        for (unsigned i = 0; i < THREADS; ++i) {
            const unsigned t = downwards ? THREADS - 1 - i : i;
            threadIdx = {t, 0, 0};
            next[t].resume();
            next[t] = resume_at;
            done += threads[t].done();
        }
        if (done == THREADS) return FINISHED;
        if (done > 0) return BARRIER_MISSED;
    }
}

template <class Kernel>
int run_grid(Kernel kernel, const unsigned* grid, void** arguments, bool downwards) {
    gridDim = {grid[0], grid[1], grid[2]};
    for (unsigned z = 0; z < grid[2]; ++z) {
        for (unsigned y = 0; y < grid[1]; ++y) {
            for (unsigned x = 0; x < grid[0]; ++x) {
                blockIdx = {x, y, z};
                if (const int result = run_block(kernel, arguments, downwards)) return result;
            }
        }
    }
    return FINISHED;
}

#define TRY(kernel)                                                                                 \
    if (std::strcmp(name, #kernel) == 0) return run_grid(kernel, grid, arguments, downwards != 0);

#define TRY_LANES(kernel) TRY(kernel##_by_1) TRY(kernel##_by_4)
#define TRY_TILES(kernel) TRY_LANES(kernel##_16) TRY_LANES(kernel##_32) TRY_LANES(kernel##_64)

extern "C" int EMULATE(const char* name, const unsigned* grid, void** arguments, int downwards) {
    TRY_TILES(dense) TRY_TILES(depthwise)
    TRY_LANES(normalise) TRY_LANES(pool)
    TRY_LANES(batch_norm_gradient) TRY(sum_partials)
    TRY_TILES(input_gradient) TRY_TILES(dense_gradient) TRY_TILES(pointwise_gradient)
    TRY_LANES(depthwise_gradient) TRY_LANES(winners) TRY_LANES(pool_gradient)
    TRY(classify) TRY(classify_gradient) TRY(classify_weights)
    TRY(blend) TRY(squared_norm) TRY(sgd)
    TRY(assemble)
    return UNKNOWN_KERNEL;
}

}  // namespace
