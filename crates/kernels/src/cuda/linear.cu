//! Convolutions forward, as one matrix product: rows are output pixels, columns output channels, and the depth is cut into
//! slices that are made in shared memory: pixels under a dense window, or the result of a depthwise convolution.

constexpr int SLICE = 16;

// Values of depth index `k` for EACH rows, whose origins are `step` apart.
template <bool DEPTHWISE, int EACH>
__device__ __forceinline__ void make_slice(float (&values)[EACH], const Inputs& in, const Geometry& g,
                                           const float* depthwise, const Origin* origins, int step, int k) {
    const int taps = g.kernel_y * g.kernel_x;
    for (int i = 0; i < EACH; ++i) values[i] = 0.0f;
    if (k >= (DEPTHWISE ? 1 : taps) * g.channels_in) return;
    const int first = DEPTHWISE ? 0 : k / g.channels_in;
    const Channel channel = locate(in, k - first * g.channels_in);
    const float* data = in.data[channel.input] + channel.at;
    for (int tap = first; tap < (DEPTHWISE ? taps : first + 1); ++tap) {
        const int row = tap / g.kernel_x, column = tap - row * g.kernel_x;
        const float weight = DEPTHWISE ? depthwise[tap * g.channels_in + k] : 1.0f;
#pragma unroll
        for (int i = 0; i < EACH; ++i) {
            const int pixel = pixel_at(g, origins[i * step], row * g.dilation, column * g.dilation);
            if (pixel >= 0) values[i] += weight * rectify(data[pixel * channel.width], in.relu);
        }
    }
}

// sum += outer product of four values of `a` and four of `b`, for `depth` pairs `step` apart.
template <int DEPTH, int STEP_A, int STEP_B>
__device__ __forceinline__ void multiply(float (&sum)[4][4], const float* a, const float* b) {
#pragma unroll
    for (int k = 0; k < DEPTH; ++k) {
        const float4 left = *(const float4*)&a[k * STEP_A], right = *(const float4*)&b[k * STEP_B];
        const float x[4] = {left.x, left.y, left.z, left.w}, y[4] = {right.x, right.y, right.z, right.w};
#pragma unroll
        for (int i = 0; i < 4; ++i) {
#pragma unroll
            for (int j = 0; j < 4; ++j) sum[i][j] += x[i] * y[j];
        }
    }
}

// Grid: tiles of rows, then tiles of columns group by group. A thread owns four rows and four columns.
template <bool DEPTHWISE, int COLUMNS>
JOINT linear(Inputs in, Geometry g, const float* depthwise, const float* first_weights, const float* second_weights,
             Finish f, Reduction room, float* mean, float* variance) {
    constexpr int ROWS = 16 * THREADS / COLUMNS, LOADED = THREADS / SLICE, EACH = ROWS / LOADED;
    __shared__ __align__(16) float a[SLICE][ROWS + 4];
    __shared__ __align__(16) float b[SLICE][COLUMNS];
    __shared__ Origin origins[ROWS];
    __shared__ Moments moments[ROWS / 4][COLUMNS];

    const int t = threadIdx.x;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * ROWS;
    const int columns = g.channels_out / g.groups, tiles = (columns + COLUMNS - 1) / COLUMNS;
    const int group = (int)blockIdx.y / tiles, first_column = ((int)blockIdx.y - group * tiles) * COLUMNS;
    const int depth = DEPTHWISE ? g.channels_in : g.kernel_y * g.kernel_x * g.channels_in;
    const float* weights = group == 0 ? first_weights : second_weights;
    const int row = t / (COLUMNS / 4) * 4, column = t % (COLUMNS / 4) * 4;

    if (t < ROWS) origins[t] = origin(g, first_row + t, group);
    float sum[4][4] = {};
    for (int k = 0; k < depth; k += SLICE) {
        BARRIER;
        float values[EACH];
        make_slice<DEPTHWISE, EACH>(values, in, g, depthwise, &origins[t / SLICE], LOADED, k + t % SLICE);
        for (int i = 0; i < EACH; ++i) a[t % SLICE][t / SLICE + i * LOADED] = values[i];
        for (int i = t; i < SLICE * COLUMNS; i += THREADS) {
            const int at = k + i / COLUMNS, c = first_column + i % COLUMNS;
            b[i / COLUMNS][i % COLUMNS] = at < depth && c < columns ? weights[at * columns + c] : 0.0f;
        }
        BARRIER;
        multiply<SLICE, ROWS + 4, COLUMNS>(sum, &a[0][row], &b[0][column]);
    }

    const int left = rows - first_row - row, count = left < 0 ? 0 : left < 4 ? left : 4;
    // Constant bounds keep the sums in registers.
#pragma unroll
    for (int i = 0; i < 4; ++i) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            const int c = first_column + column + j;
            if (i < count && c < columns) finish(f, g, first_row + row + i, group * columns + c, sum[i][j]);
        }
    }
    if (mean) {
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            Moments own = {0.0f, 0.0f, 0.0f};
#pragma unroll
            for (int i = 0; i < 4; ++i) own = merge(own, {i < count ? 1.0f : 0.0f, sum[i][j], 0.0f});
            moments[row / 4][column + j] = own;
        }
        BARRIER;
        Moments all = {0.0f, 0.0f, 0.0f};
        if (t < COLUMNS) {
            for (int part = 0; part < ROWS / 4; ++part) all = merge(all, moments[part][t]);
        }
        const int valid = columns - first_column < COLUMNS ? columns - first_column : COLUMNS;
        JOIN(publish_moments(all, room, mean, variance, COLUMNS, group * columns + first_column, valid, g.channels_out,
                             rows, ROWS));
    }
}

#define LINEAR_KERNEL(name, DEPTHWISE, COLUMNS)                                                                      \
    JOINT_KERNEL name(const Inputs in, const Geometry g, const float* depthwise, const float* first_weights,         \
                      const float* second_weights, const Finish f, const Reduction room, float* mean,                \
                      float* variance) {                                                                             \
        return linear<DEPTHWISE, COLUMNS>(in, g, depthwise, first_weights, second_weights, f, room, mean, variance); \
    }

LINEAR_KERNEL(dense_16, false, 16)
LINEAR_KERNEL(dense_32, false, 32)
LINEAR_KERNEL(dense_64, false, 64)
LINEAR_KERNEL(depthwise_16, true, 16)
LINEAR_KERNEL(depthwise_32, true, 32)
LINEAR_KERNEL(depthwise_64, true, 64)

// The second pass of a batch-norm: reads `f.linear`, writes `f.output`. Grid: any, elements in strides.
KERNEL normalise(const Finish f, int elements, int channels, int per_sample) {
    const int step = (int)gridDim.x * THREADS;
    for (int at = (int)(blockIdx.x * THREADS + threadIdx.x); at < elements; at += step) {
        float value = normalised(f, at % channels, f.linear[at]);
        if (f.sample_scale) value *= f.sample_scale[at / per_sample];
        store(&f.output[at], value, f.add);
    }
}
