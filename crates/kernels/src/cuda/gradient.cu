//! Where gradients come from and go to: that by a block's linear output, which is never stored (every reader makes it from the
//! output's gradient, the linear output and three numbers a channel), and those by its inputs.

struct OutputGradient {
    const Value* gradient;
    const Value* linear;        // null without batch-norm
    const float* mean;
    const float* coefficients;  // [3, channels]: factor on the gradient, on the deviation from the mean, and a constant
    const float* sample_scale;
    int channels, pixels;       // of one sample's output
};

template <int W>
__device__ __forceinline__ Lanes<W> incoming(const OutputGradient& d, int row, int channel) {
    Lanes<W> gradient = load<W>(&d.gradient[row * d.channels + channel]);
    if (d.sample_scale) {
        const float scale = d.sample_scale[row / d.pixels];
        for (int l = 0; l < W; ++l) gradient.at[l] *= scale;
    }
    return gradient;
}

// How the gradient by the linear output depends on that by the output, for W channels.
template <int W>
struct Slopes {
    Lanes<W> mean, factor, along, constant;
};

// Read only with batch-norm.
template <int W>
__device__ __forceinline__ Slopes<W> slopes(const OutputGradient& d, int channel) {
    if (!d.linear) return {};
    const float* k = d.coefficients + channel;
    return {load<W>(d.mean + channel), load<W>(k), load<W>(k + d.channels), load<W>(k + 2 * d.channels)};
}

template <int W>
__device__ __forceinline__ Lanes<W> linear_gradient(const OutputGradient& d, const Slopes<W>& s, int row, int channel) {
    Lanes<W> gradient = incoming<W>(d, row, channel);
    if (!d.linear) return gradient;
    const Lanes<W> linear = load<W>(&d.linear[row * d.channels + channel]);
    for (int l = 0; l < W; ++l) {
        const float deviation = linear.at[l] - s.mean.at[l];
        gradient.at[l] = s.factor.at[l] * gradient.at[l] + s.along.at[l] * deviation + s.constant.at[l];
    }
    return gradient;
}

// Learned scale and shift of a batch-norm (null without) and their gradients.
struct Affine {
    const float* scale;
    float* scale_gradient;
    float* shift_gradient;
    int add_scale, add_shift;
};

// The three coefficients of every channel, and the gradients by scale and shift. Grid and threads as in `pool`.
template <int W>
JOINT batch_norm_gradient(OutputGradient d, const float* variance, float* coefficients, Affine affine, Reduction room,
                          int rows, int width, int rows_per_block) {
    __shared__ double sums[THREADS * W], products[THREADS * W];
    __shared__ bool last;
    const int t = threadIdx.x, across = width / W, parts = THREADS / across;
    const int first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int first_column = (int)blockIdx.y * width, column = first_column + t % across * W;
    const int left = d.channels - first_column, valid = left < width ? left : width;
    Lanes<W> sum = {}, product = {};
    if (column < d.channels) {
        const Lanes<W> mean = load<W>(d.mean + column);
#pragma unroll 4
        for (int row = first_row + t / across; row < end; row += parts) {
            const Lanes<W> gradient = incoming<W>(d, row, column), linear = load<W>(&d.linear[row * d.channels + column]);
            for (int l = 0; l < W; ++l) {
                sum.at[l] += gradient.at[l];
                product.at[l] += gradient.at[l] * (linear.at[l] - mean.at[l]);
            }
        }
    }
    for (int l = 0; l < W; ++l) {
        sums[t * W + l] = sum.at[l];
        products[t * W + l] = product.at[l];
    }
    JOIN(sum_parts(sums, parts, width));
    JOIN(sum_parts(products, parts, width));
    if (t < valid) {
        float* partial = room.partials + 2 * ((int)blockIdx.x * d.channels + first_column + t);
        partial[0] = (float)sums[t];
        partial[1] = (float)products[t];
    }
    JOIN(arrive(room.tickets, &last));
    if (last) {
        const int own = t % width, step = THREADS / width;
        const float* partial = room.partials + 2 * (first_column + own);
        double all = 0.0, all_products = 0.0;
#pragma unroll 8
        for (int block = t / width; block < (int)gridDim.x; block += step) {
            if (own >= valid) continue;
            all += FRESH(&partial[2 * block * d.channels]);
            all_products += FRESH(&partial[2 * block * d.channels + 1]);
        }
        sums[t] = all;
        products[t] = all_products;
        JOIN(sum_parts(sums, step, width));
        JOIN(sum_parts(products, step, width));
        if (t < valid) {
            const int channel = first_column + t;
            const double inverse = 1.0 / sqrt((double)variance[channel] + (double)EPSILON);
            const double slope = affine.scale ? affine.scale[channel] * inverse : inverse;
            coefficients[channel] = (float)slope;
            coefficients[d.channels + channel] = (float)(-slope * inverse * inverse * products[t] / rows);
            coefficients[2 * d.channels + channel] = (float)(-slope * sums[t] / rows);
            if (affine.scale) {
                store(&affine.scale_gradient[channel], (float)(products[t] * inverse), affine.add_scale);
                store(&affine.shift_gradient[channel], (float)sums[t], affine.add_shift);
            }
        }
    }
}

// Takes a gradient to the input buffers.
template <int W>
__device__ __forceinline__ void store_input(const Inputs& in, const InputGradients& to, int pixel, const Channel& channel,
                                            Lanes<W> value) {
    const int at = pixel * channel.width + channel.at;
    if (in.relu) {
        const Lanes<W> input = load<W>(&in.data[channel.input][at]);
        for (int l = 0; l < W; ++l) value.at[l] = input.at[l] <= 0.0f ? 0.0f : value.at[l];
    }
    store(&to.data[channel.input][at], value, to.add[channel.input]);
}

#define BATCH_NORM_KERNEL(W)                                                                                            \
    JOINT_KERNEL batch_norm_gradient_by_##W(const OutputGradient d, const float* variance, float* coefficients,         \
                                            const Affine affine, const Reduction room, int rows, int width,             \
                                            int rows_per_block) {                                                       \
        return batch_norm_gradient<W>(d, variance, coefficients, affine, room, rows, width, rows_per_block);            \
    }

BATCH_NORM_KERNEL(1)
BATCH_NORM_KERNEL(4)
