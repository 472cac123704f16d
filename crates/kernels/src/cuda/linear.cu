//! Convolutions forward, as one matrix product: rows are output pixels, columns output channels, and the depth is cut into
//! slices that are made in shared memory: pixels under a dense window, or the result of a depthwise convolution.

// Values of W depth indices from `k` on for EACH rows, whose origins are `step` apart.
template <bool DEPTHWISE, int W, int EACH>
__device__ __forceinline__ void make_slice(Lanes<W> (&values)[EACH], const Inputs& in, const Geometry& g,
                                           const float* depthwise, const Origin* origins, int step, int k) {
    const int channels = g.channels_in, taps = g.kernel_y * g.kernel_x;
#pragma unroll
    for (int i = 0; i < EACH; ++i) values[i] = {};
    if (k >= (DEPTHWISE ? 1 : taps) * channels) return;
    const int tap = DEPTHWISE ? 0 : k / channels;
    const Channel channel = locate(in, k - tap * channels);
    const Plane p = plane(in, g, channel);
    if constexpr (DEPTHWISE) {
        Origin own[EACH];
#pragma unroll
        for (int i = 0; i < EACH; ++i) own[i] = origins[i * step];
        add_windows(values, p, g, depthwise + k, channels, own);
    } else {
        const int y = tap / g.kernel_x * g.dilation, x = tap % g.kernel_x * g.dilation;
#pragma unroll
        for (int i = 0; i < EACH; ++i) {
            const int pixel = pixel_at(g, origins[i * step], y, x);
            values[i] = look<W>(p, pixel >= 0, pixel * p.channels);
        }
    }
}

// Grid: tiles of rows, then tiles of columns group by group. A thread owns four rows and four columns.
template <bool DEPTHWISE, int COLUMNS, int W>
JOINT linear(Inputs in, Geometry g, const float* depthwise, const float* first_weights, const float* second_weights,
             Finish f, Reduction room, float* mean, float* variance) {
    constexpr int ROWS = 16 * THREADS / COLUMNS, ACROSS = SLICE / W, LOADED = THREADS / ACROSS, EACH = ROWS / LOADED;
    __shared__ Left<SLICE, ROWS> left;
    __shared__ Right<SLICE, COLUMNS> right;
    __shared__ Origin origins[ROWS];
    __shared__ float pivots[COLUMNS], sums[ROWS / 4 * COLUMNS], squares[ROWS / 4 * COLUMNS];

    const int t = threadIdx.x;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * ROWS;
    const int columns = g.channels_out / g.groups, tiles = (columns + COLUMNS - 1) / COLUMNS;
    const int group = (int)blockIdx.y / tiles, first_column = ((int)blockIdx.y - group * tiles) * COLUMNS;
    const int depth = DEPTHWISE ? g.channels_in : g.kernel_y * g.kernel_x * g.channels_in;
    const float* weights = group == 0 ? first_weights : second_weights;
    const Patch patch = patch_of<COLUMNS>(t);
    const int row = patch.row, column = patch.column;
    const int slice_row = t / ACROSS, slice_depth = t % ACROSS * W;

    if (t < ROWS) origins[t] = origin(g, first_row + t, group);
    float sum[4][4] = {};
    for (int k = 0; k < depth; k += SLICE) {
        BARRIER;
        Lanes<W> values[EACH];
        make_slice<DEPTHWISE>(values, in, g, depthwise, &origins[slice_row], LOADED, k + slice_depth);
#pragma unroll
        for (int i = 0; i < EACH; ++i) {
            put_deep(left, slice_depth, slice_row + i * LOADED, values[i]);
        }
        for (int i = t * W; i < SLICE * COLUMNS; i += THREADS * W) {
            const int at = k + i / COLUMNS, c = first_column + i % COLUMNS;
            const Lanes<W> weight = at < depth && c < columns ? load<W>(&weights[at * columns + c]) : Lanes<W>{};
            put(right, i / COLUMNS, i % COLUMNS, weight);
        }
        BARRIER;
        MULTIPLY(1, sum, left, right, patch);
    }

    const int ahead = rows - first_row - row, count = ahead < 0 ? 0 : ahead < 4 ? ahead : 4;
    // Statistics are those of the numbers that will be normalised. Constant bounds keep the sums in registers.
#pragma unroll
    for (int i = 0; mean && i < 16; ++i) sum[i / 4][i % 4] = kept(sum[i / 4][i % 4]);
#pragma unroll
    for (int j = 0; j < 4; j += W) {
        const int c = first_column + column + j, channel = group * columns + c;
        if (c >= columns) continue;
        const Normal<W> n = normal<W>(f, channel);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            if (i >= count) continue;
            Lanes<W> value;
            for (int l = 0; l < W; ++l) value.at[l] = sum[i][j + l];
            keep_or_finish(f, n, g, first_row + row + i, channel, value);
        }
    }
    if (mean) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            if (row == 0) pivots[column + j] = sum[0][j];
        }
        BARRIER;
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            float own = 0.0f, square = 0.0f;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float deviation = i < count ? sum[i][j] - pivots[column + j] : 0.0f;
                own += deviation;
                square += deviation * deviation;
            }
            sums[row / 4 * COLUMNS + column + j] = own;
            squares[row / 4 * COLUMNS + column + j] = square;
        }
        JOIN(sum_parts(sums, ROWS / 4, COLUMNS));
        JOIN(sum_parts(squares, ROWS / 4, COLUMNS));
        const int valid = columns - first_column < COLUMNS ? columns - first_column : COLUMNS;
        const int some = rows - first_row < ROWS ? rows - first_row : ROWS;
        Moments all = {};
        if (t < valid) all = moments_of(some, pivots[t], sums[t], squares[t]);
        JOIN(publish_moments(all, room, mean, variance, COLUMNS, group * columns + first_column, valid, g.channels_out,
                             rows, ROWS));
    }
}

#define LINEAR_KERNEL(name, DEPTHWISE, COLUMNS, W)                                                                      \
    JOINT_KERNEL name##_##COLUMNS##_by_##W(const Inputs in, const Geometry g, const float* depthwise,                   \
                                           const float* first_weights, const float* second_weights, const Finish f,     \
                                           const Reduction room, float* mean, float* variance) {                        \
        return linear<DEPTHWISE, COLUMNS, W>(in, g, depthwise, first_weights, second_weights, f, room, mean, variance); \
    }
#define LINEAR_KERNELS(COLUMNS)                \
    LINEAR_KERNEL(dense, false, COLUMNS, 1)    \
    LINEAR_KERNEL(dense, false, COLUMNS, 4)    \
    LINEAR_KERNEL(depthwise, true, COLUMNS, 1) \
    LINEAR_KERNEL(depthwise, true, COLUMNS, 4)

LINEAR_KERNELS(16)
LINEAR_KERNELS(32)
LINEAR_KERNELS(64)

// The second pass of a batch-norm: reads `f.linear`, writes `f.output`. Grid: any, elements in strides.
template <int W>
__device__ __forceinline__ void normalise(const Finish& f, int elements, int channels, int per_sample) {
    const int step = (int)gridDim.x * THREADS * W;
    int channel = -1;
    Normal<W> n;
    for (int at = (int)(blockIdx.x * THREADS + threadIdx.x) * W; at < elements; at += step) {
        // The same all the time where `channels` divides the step.
        if (at % channels != channel) {
            channel = at % channels;
            n = normal<W>(f, channel);
        }
        finish(f, n, at, at, per_sample, load<W>(&f.linear[at]));
    }
}

KERNEL normalise_by_1(const Finish f, int elements, int channels, int per_sample) {
    normalise<1>(f, elements, channels, per_sample);
}

KERNEL normalise_by_4(const Finish f, int elements, int channels, int per_sample) {
    normalise<4>(f, elements, channels, per_sample);
}
