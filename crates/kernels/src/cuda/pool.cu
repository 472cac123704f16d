//! Pools forward, and which pixels won. The identity is an average over one pixel.

// Whether a later pixel takes the maximum from an earlier one; a NaN takes it from every number.
__device__ __forceinline__ bool beats(float later, float earlier) {
    return later > earlier || (isnan(later) && !isnan(earlier));
}

// Pixels of a window that exist.
__device__ __forceinline__ int existing(const Geometry& g, const Origin& o) {
    const int bottom = o.y + g.kernel_y < g.height ? o.y + g.kernel_y : g.height;
    const int right = o.x + g.kernel_x < g.width ? o.x + g.kernel_x : g.width;
    return (bottom - (o.y > 0 ? o.y : 0)) * (right - (o.x > 0 ? o.x : 0));
}

// The window's maximum, with the number of the tap that has it, or its mean over the pixels that exist.
template <int W>
struct Pooled {
    Lanes<W> value;
    int tap[W];
};

template <int W>
__device__ __forceinline__ Pooled<W> pooled(const Inputs& in, const Geometry& g, const Channel& channel, const Origin& o) {
    const Plane p = plane(in, g, channel);
    Pooled<W> result = {};
    bool first = true;
    for (int y = 0; y < g.kernel_y; ++y) {
        for (int x = 0; x < g.kernel_x; ++x) {
            const int pixel = pixel_at(g, o, y, x);
            if (pixel < 0) continue;
            const Lanes<W> value = look<W>(p, true, pixel * p.channels);
            for (int l = 0; l < W; ++l) {
                if (!g.maximum) {
                    result.value.at[l] += value.at[l];
                } else if (first || beats(value.at[l], result.value.at[l])) {
                    result.value.at[l] = value.at[l];
                    result.tap[l] = y * g.kernel_x + x;
                }
            }
            first = false;
        }
    }
    const int count = existing(g, o);
    for (int l = 0; !g.maximum && l < W; ++l) result.value.at[l] /= count;
    return result;
}

// Grid: chunks of rows, then chunks of `width` channels. A thread owns W channels and every (THREADS * W / width)-th row.
template <int W>
JOINT pool(Inputs in, Geometry g, Finish f, Reduction room, float* mean, float* variance, int width,
           int rows_per_block) {
    __shared__ __align__(16) float pivots[THREADS];
    __shared__ float sums[THREADS * W], squares[THREADS * W];
    const int t = threadIdx.x, across = width / W, parts = THREADS / across;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int first_column = (int)blockIdx.y * width, own = t % across * W, column = first_column + own;
    const bool exists = column < g.channels_out;
    const Channel channel = locate(in, exists ? column : 0);
    if (mean) {
        if (t < across && exists) write(&pivots[own], pooled<W>(in, g, channel, origin(g, first_row, 0)).value);
        BARRIER;
    }
    const Lanes<W> pivot = mean && exists ? load<W>(&pivots[own]) : Lanes<W>{};
    Lanes<W> sum = {}, square = {};
    if (exists) {
        const Normal<W> n = normal<W>(f, column);
        for (int row = first_row + t / across; row < end; row += parts) {
            const Lanes<W> value = pooled<W>(in, g, channel, origin(g, row, 0)).value;
            keep_or_finish(f, n, g, row, column, value);
            for (int l = 0; l < W; ++l) {
                const float deviation = kept(value.at[l]) - pivot.at[l];
                sum.at[l] += deviation;
                square.at[l] += deviation * deviation;
            }
        }
    }
    if (mean) {
        for (int l = 0; l < W; ++l) {
            sums[t * W + l] = sum.at[l];
            squares[t * W + l] = square.at[l];
        }
        JOIN(sum_parts(sums, parts, width));
        JOIN(sum_parts(squares, parts, width));
        const int left = g.channels_out - first_column, valid = left < width ? left : width;
        Moments all = {};
        if (t < valid) all = moments_of(end - first_row, pivots[t], sums[t], squares[t]);
        JOIN(publish_moments(all, room, mean, variance, width, first_column, valid, g.channels_out, rows,
                             rows_per_block));
    }
}

// The taps that won, a byte each, in the order of the output. Grid: any, output elements in strides.
template <int W>
__device__ __forceinline__ void winners(const Inputs& in, const Geometry& g, unsigned char* to) {
    const int elements = g.samples * g.out_height * g.out_width * g.channels_out, step = (int)gridDim.x * THREADS * W;
    for (int at = (int)(blockIdx.x * THREADS + threadIdx.x) * W; at < elements; at += step) {
        const int row = at / g.channels_out;
        const Pooled<W> result = pooled<W>(in, g, locate(in, at - row * g.channels_out), origin(g, row, 0));
        for (int l = 0; l < W; ++l) to[at + l] = (unsigned char)result.tap[l];
    }
}

#define POOL_KERNELS(W)                                                                                              \
    JOINT_KERNEL pool_by_##W(const Inputs in, const Geometry g, const Finish f, const Reduction room, float* mean,   \
                             float* variance, int width, int rows_per_block) {                                       \
        return pool<W>(in, g, f, room, mean, variance, width, rows_per_block);                                       \
    }                                                                                                                \
    KERNEL winners_by_##W(const Inputs in, const Geometry g, unsigned char* to) { winners<W>(in, g, to); }

POOL_KERNELS(1)
POOL_KERNELS(4)
