//! Products of two factors in shared memory: `Left` has the rows, `Right` the columns, both DEPTH deep, and each thread owns a
//! patch of the result. In single precision a patch is sixteen sums, made by its thread alone.

// Depth of a factor in the products of `linear` and `input_gradient`, rows of one in that of `weight_gradient`.
constexpr int SLICE = 16;

// Which patch a thread owns, and which of the PARTS shares of the depth it adds up.
struct Patch {
    int row, column, part;
};

#ifndef BF16

template <int DEPTH, int ROWS>
struct Left {
    alignas(16) float at[DEPTH][ROWS + 4];
};

template <int DEPTH, int COLUMNS>
struct Right {
    alignas(16) float at[DEPTH][COLUMNS];
};

// In `weight_gradient`: rows of a patch, and how many rows of its inputs are added up at once.
constexpr int WEIGHT_HEIGHT = 4, BATCH = 64;

template <int COLUMNS>
__device__ __forceinline__ Patch patch_of(int t) {
    return {t / (COLUMNS / 4) * 4, t % (COLUMNS / 4) * 4, 0};
}

template <int COLUMNS>
__device__ __forceinline__ Patch weight_patch_of(int t) {
    return {t % (SLICE / 4) * 4, t / (SLICE / 4) % (COLUMNS / 4) * 4, t / COLUMNS};
}

// Puts W values into a factor, at consecutive depths of one row.
template <int W, int DEPTH, int ROWS>
__device__ __forceinline__ void put_deep(Left<DEPTH, ROWS>& factor, int depth, int row, Lanes<W> values) {
    for (int l = 0; l < W; ++l) factor.at[depth + l][row] = values.at[l];
}

// The same at one depth, of consecutive rows or columns.
template <class Factor, int W>
__device__ __forceinline__ void put(Factor& factor, int depth, int at, Lanes<W> values) {
    write(&factor.at[depth][at], values);
}

// sum += the thread's patch of left * right. A share is every PARTS-th place of the depth.
template <int PARTS, int DEPTH, int ROWS, int COLUMNS>
__device__ __forceinline__ void multiply(float (&sum)[4][4], const Left<DEPTH, ROWS>& left,
                                         const Right<DEPTH, COLUMNS>& right, const Patch& patch) {
#pragma unroll
    for (int k = 0; k < DEPTH / PARTS; ++k) {
        const float4 a = *(const float4*)&left.at[patch.part + k * PARTS][patch.row];
        const float4 b = *(const float4*)&right.at[patch.part + k * PARTS][patch.column];
        const float x[4] = {a.x, a.y, a.z, a.w}, y[4] = {b.x, b.y, b.z, b.w};
#pragma unroll
        for (int i = 0; i < 4; ++i) {
#pragma unroll
            for (int j = 0; j < 4; ++j) sum[i][j] += x[i] * y[j];
        }
    }
}

// The same as a statement: a product may need all threads.
#define MULTIPLY(PARTS, ...) multiply<PARTS>(__VA_ARGS__)

#endif
