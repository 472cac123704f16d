//! The same products on tensor cores, of factors rounded to bfloat16 with sums in single precision: a warp owns 32 rows (in
//! `weight_gradient` 16) and sixteen columns, as tiles of the instruction `mma.m16n8k16` (PTX ISA, "Matrix Fragments for
//! mma.m16n8k16 with floating point type").

#ifdef BF16

// Two neighbouring depths a word, the first in its lower half, as the instruction takes them. Eight words between a depth and the
// next but for multiples of 32: no two threads of a load meet in a bank.
template <int DEPTH, int ROWS>
struct Left {
    alignas(16) unsigned at[DEPTH / 2][(ROWS + 31) / 32 * 32 + 8];
};

// As `Left`, but the inner two of each four columns have changed places: so a thread's columns lie side by side in the result.
template <int DEPTH, int COLUMNS>
struct Right {
    alignas(16) unsigned at[DEPTH / 2][(COLUMNS + 31) / 32 * 32 + 8];
};

// In `weight_gradient`: rows of a patch, and how many rows of its inputs are added up at once.
constexpr int WEIGHT_HEIGHT = 2, BATCH = 128;

template <int COLUMNS>
__device__ __forceinline__ Patch patch_of(int t) {
    const int warp = t / 32, lane = t % 32;
    return {warp / (COLUMNS / 16) * 32 + lane / 4 * 4, warp % (COLUMNS / 16) * 16 + lane % 4 * 4, 0};
}

template <int COLUMNS>
__device__ __forceinline__ Patch weight_patch_of(int t) {
    const int warp = t / 32, lane = t % 32;
    return {lane / 4 * WEIGHT_HEIGHT, warp % (COLUMNS / 16) * 16 + lane % 4 * 4, warp / (COLUMNS / 16)};
}

// One half of a factor's word.
__device__ __forceinline__ Bf16* half_of(unsigned* row, int at, int depth) {
    return (Bf16*)&row[at] + depth % 2;
}

// Puts W values into a factor, at consecutive depths of one row.
template <int W, int DEPTH, int ROWS>
__device__ __forceinline__ void put_deep(Left<DEPTH, ROWS>& factor, int depth, int row, Lanes<W> values) {
    if constexpr (W == 4) {
        factor.at[depth / 2][row] = packed(values.at[0], values.at[1]);
        factor.at[depth / 2 + 1][row] = packed(values.at[2], values.at[3]);
    } else {
        *half_of(factor.at[depth / 2], row, depth) = rounded(values.at[0]);
    }
}

// The same at one depth, of consecutive rows or columns.
template <int W, int DEPTH, int ROWS>
__device__ __forceinline__ void put(Left<DEPTH, ROWS>& factor, int depth, int row, Lanes<W> values) {
    for (int l = 0; l < W; ++l) *half_of(factor.at[depth / 2], row + l, depth) = rounded(values.at[l]);
}

template <int W, int DEPTH, int COLUMNS>
__device__ __forceinline__ void put(Right<DEPTH, COLUMNS>& factor, int depth, int column, Lanes<W> values) {
    for (int l = 0; l < W; ++l) {
        const int c = column + l, at = (c & ~3) | (c & 1) << 1 | (c & 2) >> 1;
        *half_of(factor.at[depth / 2], at, depth) = rounded(values.at[l]);
    }
}

// Words of neighbouring rows.
template <int HIGH>
__device__ __forceinline__ void take(unsigned (&words)[HIGH], const unsigned* from) {
    if constexpr (HIGH == 4) {
        const uint4 four = *(const uint4*)from;
        words[0] = four.x, words[1] = four.y, words[2] = four.z, words[3] = four.w;
    } else {
        const uint2 two = *(const uint2*)from;
        words[0] = two.x, words[1] = two.y;
    }
}

// sum += the thread's patch of left * right. A share is a PARTS-th of the depth in one piece. A tile's rows g and g + 8 are the
// patch's first and second, or third and fourth; its columns are the first or the second two of each four.
template <int PARTS, int HIGH, int DEPTH, int ROWS, int COLUMNS>
JOINT multiply(float (&sum)[HIGH][4], const Left<DEPTH, ROWS>& left, const Right<DEPTH, COLUMNS>& right,
               const Patch& patch) {
    const int g = threadIdx.x % 32 / 4, pair = threadIdx.x % 4, column = patch.column - 4 * pair + 2 * g;
#pragma unroll
    for (int step = 0; step < DEPTH / PARTS; step += 16) {
        const int near = (patch.part * (DEPTH / PARTS) + step) / 2 + pair, far = near + 4;
        unsigned a_near[HIGH], a_far[HIGH], b_near[2], b_far[2];
        take(a_near, &left.at[near][patch.row]);
        take(a_far, &left.at[far][patch.row]);
        take(b_near, &right.at[near][column]);
        take(b_far, &right.at[far][column]);
#pragma unroll
        for (int i = 0; i < HIGH; i += 2) {
            const unsigned a[4] = {a_near[i], a_near[i + 1], a_far[i], a_far[i + 1]};
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                float *upper = &sum[i][2 * half], *lower = &sum[i + 1][2 * half];
                float tile[4] = {upper[0], upper[1], lower[0], lower[1]};
                JOIN(multiply_tile(tile, a, b_near[half], b_far[half]));
                upper[0] = tile[0], upper[1] = tile[1], lower[0] = tile[2], lower[1] = tile[3];
            }
        }
    }
}

// The same as a statement: a product needs all threads.
#define MULTIPLY(PARTS, ...) JOIN(multiply<PARTS>(__VA_ARGS__))

#endif
