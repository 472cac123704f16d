//! Gradients of blocks with weights. The gradient by a block's linear output is never stored: every reader makes it from
//! the output's gradient, the linear output and three numbers a channel.

struct OutputGradient {
    const float* gradient;
    const float* linear;        // null without batch-norm
    const float* mean;
    const float* coefficients;  // [3, channels]: factor on the gradient, on the deviation from the mean, and a constant
    const float* sample_scale;
    int channels, pixels;       // of one sample's output
};

__device__ __forceinline__ float incoming(const OutputGradient& d, int row, int channel) {
    const float gradient = d.gradient[row * d.channels + channel];
    return d.sample_scale ? gradient * d.sample_scale[row / d.pixels] : gradient;
}

__device__ __forceinline__ float linear_gradient(const OutputGradient& d, int row, int channel) {
    const float gradient = incoming(d, row, channel);
    if (!d.linear) return gradient;
    const float* k = d.coefficients + channel;
    const float deviation = d.linear[row * d.channels + channel] - d.mean[channel];
    return k[0] * gradient + k[d.channels] * deviation + k[2 * d.channels];
}

// Learned scale and shift of a batch-norm (null without) and their gradients.
struct Affine {
    const float* scale;
    float* scale_gradient;
    float* shift_gradient;
    int add_scale, add_shift;
};

// The three coefficients of every channel, and the gradients by scale and shift. Grid and threads as in `pool`.
JOINT_KERNEL batch_norm_gradient(const OutputGradient d, const float* variance, float* coefficients, const Affine affine,
                                 const Reduction room, int rows, int width, int rows_per_block) {
    __shared__ double sums[THREADS], products[THREADS];
    __shared__ bool last;
    const int t = threadIdx.x, parts = THREADS / width;
    const int first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int first_column = (int)blockIdx.y * width, column = first_column + t % width;
    const int left = d.channels - first_column, valid = left < width ? left : width;
    float sum = 0.0f, product = 0.0f;
    if (column < d.channels) {
        const float mean = d.mean[column];
        for (int row = first_row + t / width; row < end; row += parts) {
            const float gradient = incoming(d, row, column);
            sum += gradient;
            product += gradient * (d.linear[row * d.channels + column] - mean);
        }
    }
    sums[t] = sum;
    products[t] = product;
    BARRIER;
    if (t < valid) {
        double all = 0.0, all_products = 0.0;
        for (int part = 0; part < parts; ++part) {
            all += sums[part * width + t];
            all_products += products[part * width + t];
        }
        float* partial = room.partials + 2 * ((int)blockIdx.x * d.channels + column);
        partial[0] = (float)all;
        partial[1] = (float)all_products;
    }
    __threadfence();
    BARRIER;
    if (t == 0) last = is_last(room.tickets);
    BARRIER;
    if (last) {
        const volatile float* partial = room.partials + 2 * column;
        double all = 0.0, all_products = 0.0;
        for (int block = t / width; column < d.channels && block < (int)gridDim.x; block += parts) {
            all += partial[2 * block * d.channels];
            all_products += partial[2 * block * d.channels + 1];
        }
        sums[t] = all;
        products[t] = all_products;
        BARRIER;
        if (t < valid) {
            for (int part = 1; part < parts; ++part) {
                all += sums[part * width + t];
                all_products += products[part * width + t];
            }
            const double inverse = 1.0 / sqrt((double)variance[column] + (double)EPSILON);
            const double slope = affine.scale ? affine.scale[column] * inverse : inverse;
            coefficients[column] = (float)slope;
            coefficients[d.channels + column] = (float)(-slope * inverse * inverse * all_products / rows);
            coefficients[2 * d.channels + column] = (float)(-slope * all / rows);
            if (affine.scale) {
                store(&affine.scale_gradient[column], (float)(all_products * inverse), affine.add_scale);
                store(&affine.shift_gradient[column], (float)all, affine.add_shift);
            }
        }
    }
}

// What a thread needs to take a gradient to the input buffers.
__device__ __forceinline__ void store_input(const Inputs& in, const InputGradients& to, int pixel, const Channel& channel,
                                            float value) {
    const int at = pixel * channel.width + channel.at;
    if (in.relu && in.data[channel.input][at] <= 0.0f) value = 0.0f;
    store(&to.data[channel.input][at], value, to.add[channel.input]);
}

// Gradient by the input of a dense convolution: rows are input pixels, columns input channels, and the depth runs over
// groups, taps and output channels. Grid: tiles of rows, tiles of columns.
template <int COLUMNS>
JOINT input_gradient(Inputs in, Geometry g, const float* first_weights, const float* second_weights, OutputGradient d,
                     InputGradients to) {
    constexpr int ROWS = 16 * THREADS / COLUMNS, LOADED = THREADS / SLICE;
    __shared__ __align__(16) float a[SLICE][ROWS + 4];
    __shared__ __align__(16) float b[SLICE][COLUMNS];
    const int t = threadIdx.x, pixels = g.height * g.width;
    const int rows = g.samples * pixels, first_row = (int)blockIdx.x * ROWS, first_column = (int)blockIdx.y * COLUMNS;
    const int outputs = g.channels_out / g.groups, taps = g.kernel_y * g.kernel_x;
    const int depth = g.groups * taps * outputs;
    const int row = t / (COLUMNS / 4) * 4, column = t % (COLUMNS / 4) * 4;
    float sum[4][4] = {};
    for (int k0 = 0; k0 < depth; k0 += SLICE) {
        const int k = k0 + t % SLICE;
        const int output = k % outputs, tap = k / outputs % taps, group = k / outputs / taps;
        const float* weights = group == 0 ? first_weights : second_weights;
        const int dy = tap / g.kernel_x * g.dilation + group, dx = tap % g.kernel_x * g.dilation + group;
        BARRIER;
        for (int i = t / SLICE; i < ROWS; i += LOADED) {
            float value = 0.0f;
            const int at = first_row + i;
            if (k < depth && at < rows) {
                const int sample = at / pixels, pixel = at - sample * pixels, line = pixel / g.width;
                const int y = reader(line, dy, g.padding_y, g.stride_y, g.out_height);
                const int x = reader(pixel - line * g.width, dx, g.padding_x, g.stride_x, g.out_width);
                if (y >= 0 && x >= 0) {
                    value = linear_gradient(d, sample * d.pixels + y * g.out_width + x, group * outputs + output);
                }
            }
            a[t % SLICE][i] = value;
        }
        for (int i = t / SLICE; i < COLUMNS; i += LOADED) {
            const int c = first_column + i;
            b[t % SLICE][i] =
                k < depth && c < g.channels_in ? weights[(tap * g.channels_in + c) * outputs + output] : 0.0f;
        }
        BARRIER;
        multiply<SLICE, ROWS + 4, COLUMNS>(sum, &a[0][row], &b[0][column]);
    }
    for (int j = 0; j < 4; ++j) {
        const int c = first_column + column + j;
        if (c >= g.channels_in) continue;
        const Channel channel = locate(in, c);
        for (int i = 0; i < 4; ++i) {
            if (first_row + row + i < rows) store_input(in, to, first_row + row + i, channel, sum[i][j]);
        }
    }
}

// Partial gradients by the dense weights, [chunk, group, depth, columns]: rows of the product are depth indices, and the
// block sums over one chunk of output rows. Grid: chunks, slices of the depth, tiles of columns group by group.
template <bool DEPTHWISE, int COLUMNS>
JOINT weight_gradient(Inputs in, Geometry g, const float* depthwise, OutputGradient d, float* partials,
                      int rows_per_block) {
    constexpr int BATCH = 64, LOADED = THREADS / SLICE, PARTS = THREADS / COLUMNS;
    __shared__ __align__(16) float a[BATCH][SLICE];
    __shared__ __align__(16) float b[BATCH][COLUMNS];
    __shared__ float shared[PARTS][SLICE][COLUMNS];
    __shared__ Origin origins[BATCH];
    const int t = threadIdx.x;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int columns = g.channels_out / g.groups, tiles = (columns + COLUMNS - 1) / COLUMNS;
    const int group = (int)blockIdx.z / tiles, first_column = ((int)blockIdx.z - group * tiles) * COLUMNS;
    const int depth = DEPTHWISE ? g.channels_in : g.kernel_y * g.kernel_x * g.channels_in;
    const int first_k = (int)blockIdx.y * SLICE;
    const int row = t % (SLICE / 4) * 4, column = t / (SLICE / 4) % (COLUMNS / 4) * 4, part = t / COLUMNS;
    float sum[4][4] = {};
    for (int at = first_row; at < end; at += BATCH) {
        BARRIER;
        if (t < BATCH) origins[t] = origin(g, at + t, group);
        BARRIER;
        float values[BATCH / LOADED];
        make_slice<DEPTHWISE, BATCH / LOADED>(values, in, g, depthwise, &origins[t / SLICE], LOADED, first_k + t % SLICE);
        for (int i = 0; i < BATCH / LOADED; ++i) {
            const int r = t / SLICE + i * LOADED;
            a[r][t % SLICE] = at + r < end ? values[i] : 0.0f;
        }
        for (int i = t; i < BATCH * COLUMNS; i += THREADS) {
            const int r = i / COLUMNS, c = first_column + i % COLUMNS;
            b[r][i % COLUMNS] =
                at + r < end && c < columns ? linear_gradient(d, at + r, group * columns + c) : 0.0f;
        }
        BARRIER;
        multiply<BATCH / PARTS, PARTS * SLICE, PARTS * COLUMNS>(sum, &a[part][row], &b[part][column]);
    }
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) shared[part][row + i][column + j] = sum[i][j];
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

#define BACKWARD_KERNELS(COLUMNS)                                                                                    \
    JOINT_KERNEL input_gradient_##COLUMNS(const Inputs in, const Geometry g, const float* first_weights,             \
                                          const float* second_weights, const OutputGradient d,                       \
                                          const InputGradients to) {                                                 \
        return input_gradient<COLUMNS>(in, g, first_weights, second_weights, d, to);                                 \
    }                                                                                                                \
    JOINT_KERNEL dense_gradient_##COLUMNS(const Inputs in, const Geometry g, const float* depthwise,                 \
                                          const OutputGradient d, float* partials, int rows_per_block) {             \
        return weight_gradient<false, COLUMNS>(in, g, depthwise, d, partials, rows_per_block);                       \
    }                                                                                                                \
    JOINT_KERNEL pointwise_gradient_##COLUMNS(const Inputs in, const Geometry g, const float* depthwise,             \
                                              const OutputGradient d, float* partials, int rows_per_block) {         \
        return weight_gradient<true, COLUMNS>(in, g, depthwise, d, partials, rows_per_block);                        \
    }

BACKWARD_KERNELS(16)
BACKWARD_KERNELS(32)
BACKWARD_KERNELS(64)

constexpr int TAPS = 9;

// The gradient `middle` by a depthwise convolution's output, taken to its input and its weights. Grid: chunks, chunks of
// `width` channels, roles. The first role (skipped unless `to.data[0]`) is a chunk of input pixels; each further one is
// TAPS taps over a chunk of output rows, with partial sums [chunk, tap, channel].
JOINT_KERNEL depthwise_gradient(const Inputs in, const Geometry g, const float* weights, const float* middle,
                                const InputGradients to, float* partials, int width, int pixels_per_block,
                                int rows_per_block) {
    __shared__ float shared[TAPS][THREADS];
    const int t = threadIdx.x, parts = THREADS / width, taps = g.kernel_y * g.kernel_x;
    const int column = (int)blockIdx.y * width + t % width;
    const bool inside = column < g.channels_in;
    const Channel channel = locate(in, inside ? column : 0);
    const int first_tap = ((int)blockIdx.z - 1) * TAPS;
    if (blockIdx.z == 0) {
        const int pixels = g.height * g.width, all = g.samples * pixels;
        const int first = (int)blockIdx.x * pixels_per_block;
        const int end = first + pixels_per_block < all ? first + pixels_per_block : all;
        for (int at = first + t / width; to.data[0] && inside && at < end; at += parts) {
            const int sample = at / pixels, pixel = at - sample * pixels, line = pixel / g.width;
            float sum = 0.0f;
            for (int ky = 0; ky < g.kernel_y; ++ky) {
                const int y = reader(line, ky * g.dilation, g.padding_y, g.stride_y, g.out_height);
                for (int kx = 0; y >= 0 && kx < g.kernel_x; ++kx) {
                    const int x = reader(pixel - line * g.width, kx * g.dilation, g.padding_x, g.stride_x, g.out_width);
                    if (x < 0) continue;
                    const int row = (sample * g.out_height + y) * g.out_width + x;
                    sum += weights[(ky * g.kernel_x + kx) * g.channels_in + column] * middle[row * g.channels_in + column];
                }
            }
            store_input(in, to, at, channel, sum);
        }
    } else {
        const int rows = g.samples * g.out_height * g.out_width, first = (int)blockIdx.x * rows_per_block;
        const int end = first + rows_per_block < rows ? first + rows_per_block : rows;
        const float* data = in.data[channel.input] + channel.at;
        float sums[TAPS] = {};
        for (int row = first + t / width; inside && row < end; row += parts) {
            const Origin o = origin(g, row, 0);
            const float gradient = middle[row * g.channels_in + column];
#pragma unroll
            for (int i = 0; i < TAPS; ++i) {
                const int tap = first_tap + i, ky = tap / g.kernel_x, kx = tap - ky * g.kernel_x;
                const int pixel = pixel_at(g, o, ky * g.dilation, kx * g.dilation);
                if (tap < taps && pixel >= 0) sums[i] += gradient * rectify(data[pixel * channel.width], in.relu);
            }
        }
        for (int i = 0; i < TAPS; ++i) shared[i][t] = sums[i];
    }
    BARRIER;
    if (blockIdx.z > 0) {
        for (int i = t / width; inside && i < TAPS && first_tap + i < taps; i += parts) {
            float sum = 0.0f;
            for (int part = 0; part < parts; ++part) sum += shared[i][part * width + t % width];
            partials[((int)blockIdx.x * taps + first_tap + i) * g.channels_in + column] = sum;
        }
    }
}

// Whether a pixel is the maximum of a window: it beats those before it and is beaten by none after it.
__device__ __forceinline__ bool wins(const Inputs& in, const Geometry& g, const float* data, int width, const Origin& o,
                                     int own) {
    const float value = rectify(data[own * width], in.relu);
    for (int y = 0; y < g.kernel_y; ++y) {
        for (int x = 0; x < g.kernel_x; ++x) {
            const int pixel = pixel_at(g, o, y, x);
            if (pixel < 0 || pixel == own) continue;
            const float other = rectify(data[pixel * width], in.relu);
            if (pixel < own ? !beats(value, other) : beats(other, value)) return false;
        }
    }
    return true;
}

// Grid: any, input elements in strides.
KERNEL pool_gradient(const Inputs in, const Geometry g, const OutputGradient d, const InputGradients to) {
    const int pixels = g.height * g.width, elements = g.samples * pixels * g.channels_in;
    const int step = (int)gridDim.x * THREADS;
    for (int i = (int)(blockIdx.x * THREADS + threadIdx.x); i < elements; i += step) {
        const int own = i / g.channels_in, sample = own / pixels, pixel = own - sample * pixels, line = pixel / g.width;
        const Channel channel = locate(in, i - own * g.channels_in);
        const float* data = in.data[channel.input] + channel.at;
        float sum = 0.0f;
        for (int ky = 0; ky < g.kernel_y; ++ky) {
            const int y = reader(line, ky, g.padding_y, g.stride_y, g.out_height);
            for (int kx = 0; y >= 0 && kx < g.kernel_x; ++kx) {
                const int x = reader(pixel - line * g.width, kx, g.padding_x, g.stride_x, g.out_width);
                if (x < 0) continue;
                const int row = (sample * g.out_height + y) * g.out_width + x;
                const Origin o = origin(g, row, 0);
                const float gradient = linear_gradient(d, row, i - own * g.channels_in);
                if (g.maximum) {
                    if (wins(in, g, data, channel.width, o, own)) sum += gradient;
                    continue;
                }
                int count = 0;
                for (int tap = 0; tap < g.kernel_y * g.kernel_x; ++tap) {
                    count += pixel_at(g, o, tap / g.kernel_x, tap % g.kernel_x) >= 0;
                }
                sum += gradient / count;
            }
        }
        store_input(in, to, own, channel, sum);
    }
}
