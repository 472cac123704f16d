//! What all kernels share. One translation unit: this file first, then the others in the order of `source.rs`. No header is
//! needed, and the same text compiles as host C++ behind tests/cuda-host/src/emulator.h, which defines the macros below.
//!
//! Feature maps are dense [sample, y, x, channel] in f32, with BF16 defined in bfloat16 (value.cu); a "row" is one pixel of one
//! sample. Every sum has a fixed order. All kernels run with THREADS threads a block. Rust packs records field by field (records.rs).

constexpr int THREADS = 256;
constexpr int MAX_INPUTS = 16;
constexpr float EPSILON = 1e-5f;
// A coordinate that no window brings back into an image.
constexpr int OUTSIDE = -0x40000000;

#ifndef KERNEL
// An entry point without barriers; one with barriers; a function with barriers, inlined or not; a call of such a function.
// Entry points that end in `_by_1` move one channel at a time, those in `_by_4` four: where all buffers have channels in fours.
#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS, 3)
#define JOINT_KERNEL extern "C" __global__ void __launch_bounds__(THREADS, 3)
#define JOINT __device__ __forceinline__ void
#define JOINT_APART __device__ __noinline__ void
#define JOIN(call) call
#define BARRIER __syncthreads()
// What another block has written: past the first-level cache, which may hold what was there before.
#define FRESH(at) __ldcg(at)
// Minus infinity.
#define LOWEST __int_as_float(0xff800000)

#ifdef BF16
// Two values in one word, the first in its lower half, each rounded to the nearest bfloat16, of two to the even one.
__device__ __forceinline__ unsigned packed(float lower, float upper) {
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(upper), "f"(lower));
    return both;
}

// A warp's sum[16][8] += a[16][16] * b[16][8], each thread with its fragments.
JOINT multiply_tile(float (&sum)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif
#endif
