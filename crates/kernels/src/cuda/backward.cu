//! Gradients of convolutions by their inputs and weights, and of pools by their inputs.

// Gradient by the input of a dense convolution: rows are input pixels, columns input channels, and the depth runs over
// groups, taps and output channels. Grid: tiles of rows, tiles of columns.
template <int COLUMNS, int W>
JOINT input_gradient(Inputs in, Geometry g, const float* first_weights, const float* second_weights, OutputGradient d,
                     InputGradients to) {
    constexpr int ROWS = 16 * THREADS / COLUMNS, ACROSS = SLICE / W, LOADED = THREADS / ACROSS;
    __shared__ Left<SLICE, ROWS> left;
    __shared__ Right<SLICE, COLUMNS> right;
    __shared__ Origin origins[ROWS];
    const int t = threadIdx.x;
    const int rows = g.samples * g.height * g.width;
    const int first_row = (int)blockIdx.x * ROWS, first_column = (int)blockIdx.y * COLUMNS;
    const int outputs = g.channels_out / g.groups, taps = g.kernel_y * g.kernel_x;
    const int depth = g.groups * taps * outputs;
    const Patch patch = patch_of<COLUMNS>(t);
    const int row = patch.row, column = patch.column;
    // Each input pixel is read by one output pixel, of the same number.
    const bool point = g.groups * taps * g.stride_x * g.stride_y == 1 && g.padding_x + g.padding_y == 0;
    if (t < ROWS) origins[t] = place(g, first_row + t);
    float sum[4][4] = {};
    for (int k0 = 0; k0 < depth; k0 += SLICE) {
        const int slice_depth = t % ACROSS * W, k = k0 + slice_depth;
        const int all_taps = point ? 0 : k / outputs, group = point ? 0 : all_taps / taps;
        const int tap = all_taps - group * taps, output = k - all_taps * outputs;
        const int dy = tap / g.kernel_x * g.dilation + group, dx = tap % g.kernel_x * g.dilation + group;
        const int channel = group * outputs + output;
        Slopes<W> own = {};
        if (k < depth) own = slopes<W>(d, channel);
        BARRIER;
#pragma unroll 4
        for (int i = t / ACROSS; i < ROWS; i += LOADED) {
            int from = first_row + i < rows ? first_row + i : -1;
            if (!point) {
                const Origin& o = origins[i];
                const int y = reader(o.y, dy, g.stride_y, g.out_height), x = reader(o.x, dx, g.stride_x, g.out_width);
                from = y >= 0 && x >= 0 ? o.first + y * g.out_width + x : -1;
            }
            Lanes<W> value = {};
            if (k < depth && from >= 0) value = linear_gradient(d, own, from, channel);
            put_deep(left, slice_depth, i, value);
        }
        for (int i = t; i < SLICE * COLUMNS; i += THREADS) {
            const int at = k0 + i % SLICE, c = first_column + i / SLICE;
            const int taps_before = point ? 0 : at / outputs, own_group = taps_before < taps ? 0 : 1;
            const int matrix = (taps_before - own_group * taps) * g.channels_in + c;
            const float* weights = own_group == 0 ? first_weights : second_weights;
            const bool exists = at < depth && c < g.channels_in;
            const float weight = exists ? weights[matrix * outputs + at - taps_before * outputs] : 0.0f;
            put(right, i % SLICE, i / SLICE, Lanes<1>{{weight}});
        }
        BARRIER;
        MULTIPLY(1, sum, left, right, patch);
    }
#pragma unroll
    for (int j = 0; j < 4; j += W) {
        const int c = first_column + column + j;
        if (c >= g.channels_in) continue;
        const Channel channel = locate(in, c);
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            Lanes<W> value;
            for (int l = 0; l < W; ++l) value.at[l] = sum[i][j + l];
            if (first_row + row + i < rows) store_input(in, to, first_row + row + i, channel, value);
        }
    }
}

// Partial gradients by the dense weights, [chunk, group, depth, columns]: rows of the product are depth indices, and the
// block sums over one chunk of output rows. Grid: chunks, slices of the depth, tiles of columns group by group.
template <bool DEPTHWISE, int COLUMNS, int W>
JOINT weight_gradient(Inputs in, Geometry g, const float* depthwise, OutputGradient d, float* partials,
                      int rows_per_block) {
    constexpr int PARTS = THREADS * WEIGHT_HEIGHT * 4 / (SLICE * COLUMNS);
    constexpr int ACROSS = SLICE / W, LOADED = THREADS / ACROSS, ACROSS_B = COLUMNS / W, LOADED_B = THREADS / ACROSS_B;
    __shared__ Left<BATCH, SLICE> left;
    __shared__ Right<BATCH, COLUMNS> right;
    __shared__ float shared[PARTS][SLICE][COLUMNS];
    __shared__ Origin origins[BATCH];
    const int t = threadIdx.x;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int columns = g.channels_out / g.groups, tiles = (columns + COLUMNS - 1) / COLUMNS;
    const int group = (int)blockIdx.z / tiles, first_column = ((int)blockIdx.z - group * tiles) * COLUMNS;
    const int depth = DEPTHWISE ? g.channels_in : g.kernel_y * g.kernel_x * g.channels_in;
    const int first_k = (int)blockIdx.y * SLICE;
    const Patch patch = weight_patch_of<COLUMNS>(t);
    const int slice_row = t / ACROSS, slice_depth = t % ACROSS * W;
    const int own_column = t % ACROSS_B * W, channel = group * columns + first_column + own_column;
    const bool exists = first_column + own_column < columns;
    Slopes<W> own = {};
    if (exists) own = slopes<W>(d, channel);
    float sum[WEIGHT_HEIGHT][4] = {};
    for (int at = first_row; at < end; at += BATCH) {
        BARRIER;
        if (t < BATCH) origins[t] = origin(g, at + t, group);
        BARRIER;
        Lanes<W> values[BATCH / LOADED];
        make_slice<DEPTHWISE>(values, in, g, depthwise, &origins[slice_row], LOADED, first_k + slice_depth);
#pragma unroll
        for (int i = 0; i < BATCH / LOADED; ++i) {
            const int r = slice_row + i * LOADED;
            put(left, r, slice_depth, at + r < end ? values[i] : Lanes<W>{});
        }
#pragma unroll
        for (int r = t / ACROSS_B; r < BATCH; r += LOADED_B) {
            Lanes<W> gradient = {};
            if (exists && at + r < end) gradient = linear_gradient(d, own, at + r, channel);
            put(right, r, own_column, gradient);
        }
        BARRIER;
        MULTIPLY(PARTS, sum, left, right, patch);
    }
    for (int i = 0; i < WEIGHT_HEIGHT; ++i) {
        for (int j = 0; j < 4; ++j) shared[patch.part][patch.row + i][patch.column + j] = sum[i][j];
    }
    BARRIER;
    for (int i = t; i < SLICE * COLUMNS; i += THREADS) {
        const int k = first_k + i / COLUMNS, c = first_column + i % COLUMNS;
        if (k >= depth || c >= columns) continue;
        float all = 0.0f;
        for (int p = 0; p < PARTS; ++p) all += shared[p][i / COLUMNS][i % COLUMNS];
        partials[(((int)blockIdx.x * g.groups + group) * depth + k) * columns + c] = all;
    }
}

#define WEIGHT_KERNEL(name, DEPTHWISE, COLUMNS, W)                                                                     \
    JOINT_KERNEL name##_##COLUMNS##_by_##W(const Inputs in, const Geometry g, const float* depthwise,                  \
                                           const OutputGradient d, float* partials, int rows_per_block) {              \
        return weight_gradient<DEPTHWISE, COLUMNS, W>(in, g, depthwise, d, partials, rows_per_block);                  \
    }
#define INPUT_KERNEL(COLUMNS, W)                                                                                       \
    JOINT_KERNEL input_gradient_##COLUMNS##_by_##W(const Inputs in, const Geometry g, const float* first_weights,      \
                                                   const float* second_weights, const OutputGradient d,                \
                                                   const InputGradients to) {                                          \
        return input_gradient<COLUMNS, W>(in, g, first_weights, second_weights, d, to);                                \
    }
#define BACKWARD_KERNELS(COLUMNS, W)                 \
    INPUT_KERNEL(COLUMNS, W)                         \
    WEIGHT_KERNEL(dense_gradient, false, COLUMNS, W) \
    WEIGHT_KERNEL(pointwise_gradient, true, COLUMNS, W)

BACKWARD_KERNELS(16, 1)
BACKWARD_KERNELS(32, 1)
BACKWARD_KERNELS(64, 1)
BACKWARD_KERNELS(16, 4)
BACKWARD_KERNELS(32, 4)
BACKWARD_KERNELS(64, 4)

constexpr int TAPS = 9;

// The gradient `middle` by a depthwise convolution's output, taken to its input and its weights. Grid: chunks, chunks of
// `width` channels, roles. The first role (skipped unless `to.data[0]`) is a chunk of input pixels; each further one is
// TAPS taps over a chunk of output rows, with partial sums [chunk, tap, channel].
template <int W>
JOINT depthwise_gradient(Inputs in, Geometry g, const float* weights, const Value* middle, InputGradients to,
                         float* partials, int width, int pixels_per_block, int rows_per_block) {
    __shared__ float shared[TAPS][THREADS * W];
    const int t = threadIdx.x, across = width / W, parts = THREADS / across, taps = g.kernel_y * g.kernel_x;
    const int first_column = (int)blockIdx.y * width, column = first_column + t % across * W;
    const bool inside = column < g.channels_in;
    const Channel channel = locate(in, inside ? column : 0);
    const int first_tap = ((int)blockIdx.z - 1) * TAPS;
    if (blockIdx.z == 0) {
        const int all = g.samples * g.height * g.width, first = (int)blockIdx.x * pixels_per_block;
        const int end = first + pixels_per_block < all ? first + pixels_per_block : all;
        for (int at = first + t / across; to.data[0] && inside && at < end; at += parts) {
            const Origin o = place(g, at);
            Lanes<W> sum[1] = {};
            if (g.stride_x == 1 && g.stride_y == 1) {
                // The windows that read a pixel lie under a window, too, whose taps run the other way.
                const Plane p = {middle + column, g.channels_in, g.out_height, g.out_width, LOWEST};
                const int y = o.y - (g.kernel_y - 1) * g.dilation, x = o.x - (g.kernel_x - 1) * g.dilation;
                const Origin origins[1] = {{y, x, o.first}};
                add_windows(sum, p, g, &weights[(taps - 1) * g.channels_in + column], -g.channels_in, origins);
            } else {
                for (int tap = 0; tap < taps; ++tap) {
                    const int ky = tap / g.kernel_x, kx = tap - ky * g.kernel_x;
                    const int y = reader(o.y, ky * g.dilation, g.stride_y, g.out_height);
                    const int x = reader(o.x, kx * g.dilation, g.stride_x, g.out_width);
                    if (y < 0 || x < 0) continue;
                    const int row = o.first + y * g.out_width + x;
                    const Lanes<W> weight = load<W>(&weights[tap * g.channels_in + column]);
                    const Lanes<W> gradient = load<W>(&middle[row * g.channels_in + column]);
                    for (int l = 0; l < W; ++l) sum[0].at[l] += weight.at[l] * gradient.at[l];
                }
            }
            store_input(in, to, at, channel, sum[0]);
        }
    } else {
        const int rows = g.samples * g.out_height * g.out_width, first = (int)blockIdx.x * rows_per_block;
        const int end = first + rows_per_block < rows ? first + rows_per_block : rows;
        const Plane p = plane(in, g, channel);
        int down[TAPS], right[TAPS], offset[TAPS];
#pragma unroll
        for (int i = 0; i < TAPS; ++i) {
            const int tap = first_tap + i, ky = tap / g.kernel_x;
            down[i] = tap < taps ? ky * g.dilation : OUTSIDE;
            right[i] = (tap - ky * g.kernel_x) * g.dilation;
            offset[i] = (ky * g.dilation * g.width + right[i]) * p.channels;
        }
        Lanes<W> sums[TAPS] = {};
        for (int row = first + t / across; inside && row < end; row += parts) {
            const Origin o = origin(g, row, 0);
            const int start = (o.first + o.y * g.width + o.x) * p.channels;
            const Lanes<W> gradient = load<W>(&middle[row * g.channels_in + column]);
#pragma unroll
            for (int i = 0; i < TAPS; ++i) {
                const bool exists = (unsigned)(o.y + down[i]) < (unsigned)g.height &&
                                    (unsigned)(o.x + right[i]) < (unsigned)g.width;
                const Lanes<W> value = look<W>(p, exists, start + offset[i]);
                for (int l = 0; l < W; ++l) sums[i].at[l] += gradient.at[l] * value.at[l];
            }
        }
        for (int i = 0; i < TAPS; ++i) {
            for (int l = 0; l < W; ++l) shared[i][t * W + l] = sums[i].at[l];
        }
    }
    BARRIER;
    if (blockIdx.z > 0) {
        const int own = first_column + t % width;
        for (int i = t / width; own < g.channels_in && i < TAPS && first_tap + i < taps; i += THREADS / width) {
            float sum = 0.0f;
            for (int part = 0; part < parts; ++part) sum += shared[i][part * width + t % width];
            partials[((int)blockIdx.x * taps + first_tap + i) * g.channels_in + own] = sum;
        }
    }
}

// `winners` are those of a max pool. Grid: any, input elements in strides.
template <int W>
__device__ __forceinline__ void pool_gradient(const Inputs& in, const Geometry& g, const OutputGradient& d,
                                              const InputGradients& to, const unsigned char* winners) {
    const int elements = g.samples * g.height * g.width * g.channels_in, step = (int)gridDim.x * THREADS * W;
    for (int i = (int)(blockIdx.x * THREADS + threadIdx.x) * W; i < elements; i += step) {
        const int own = i / g.channels_in, column = i - own * g.channels_in;
        const Slopes<W> s = slopes<W>(d, column);
        const Origin pixel = place(g, own);
        Lanes<W> sum = {};
        for (int ky = 0; ky < g.kernel_y; ++ky) {
            const int y = reader(pixel.y, ky, g.stride_y, g.out_height);
            for (int kx = 0; y >= 0 && kx < g.kernel_x; ++kx) {
                const int x = reader(pixel.x, kx, g.stride_x, g.out_width);
                if (x < 0) continue;
                const int row = pixel.first + y * g.out_width + x;
                const Lanes<W> gradient = linear_gradient(d, s, row, column);
                const Origin o = {y * g.stride_y - g.padding_y, x * g.stride_x - g.padding_x, 0};
                const float share = g.maximum ? 1.0f : 1.0f / existing(g, o);
                for (int l = 0; l < W; ++l) {
                    const bool takes =
                        !g.maximum || winners[row * g.channels_in + column + l] == ky * g.kernel_x + kx;
                    sum.at[l] += takes ? gradient.at[l] * share : 0.0f;
                }
            }
        }
        store_input(in, to, own, locate(in, column), sum);
    }
}

#define GRADIENT_KERNELS(W)                                                                                             \
    JOINT_KERNEL depthwise_gradient_by_##W(const Inputs in, const Geometry g, const float* weights,                     \
                                           const Value* middle, const InputGradients to, float* partials, int width,    \
                                           int pixels_per_block, int rows_per_block) {                                  \
        return depthwise_gradient<W>(in, g, weights, middle, to, partials, width, pixels_per_block, rows_per_block);    \
    }                                                                                                                   \
    KERNEL pool_gradient_by_##W(const Inputs in, const Geometry g, const OutputGradient d, const InputGradients to,     \
                                const unsigned char* winners) {                                                         \
        pool_gradient<W>(in, g, d, to, winners);                                                                        \
    }

GRADIENT_KERNELS(1)
GRADIENT_KERNELS(4)
