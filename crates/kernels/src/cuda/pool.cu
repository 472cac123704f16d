//! Pools, forward and backward. The identity is an average over one pixel.

// Whether a later pixel takes the maximum from an earlier one; a NaN takes it from every number.
__device__ __forceinline__ bool beats(float later, float earlier) {
    return later > earlier || (isnan(later) && !isnan(earlier));
}

// The window's maximum or its mean over the pixels that exist.
__device__ __forceinline__ float pooled(const Inputs& in, const Geometry& g, const Channel& channel, const Origin& o) {
    const float* data = in.data[channel.input] + channel.at;
    float result = 0.0f;
    int count = 0;
    for (int y = 0; y < g.kernel_y; ++y) {
        for (int x = 0; x < g.kernel_x; ++x) {
            const int pixel = pixel_at(g, o, y, x);
            if (pixel < 0) continue;
            const float value = rectify(data[pixel * channel.width], in.relu);
            if (!g.maximum) {
                result += value;
            } else if (count == 0 || beats(value, result)) {
                result = value;
            }
            ++count;
        }
    }
    return g.maximum ? result : result / count;
}

// Grid: chunks of rows, then chunks of `width` channels. A thread owns one channel and every (THREADS / width)-th row.
JOINT_KERNEL pool(const Inputs in, const Geometry g, const Finish f, const Reduction room, float* mean, float* variance,
                  int width, int rows_per_block) {
    __shared__ Moments moments[THREADS];
    const int t = threadIdx.x, parts = THREADS / width;
    const int rows = g.samples * g.out_height * g.out_width, first_row = (int)blockIdx.x * rows_per_block;
    const int end = first_row + rows_per_block < rows ? first_row + rows_per_block : rows;
    const int first_column = (int)blockIdx.y * width, column = first_column + t % width;
    float base = 0.0f, sum = 0.0f, square = 0.0f;
    int count = 0;
    if (column < g.channels_out) {
        const Channel channel = locate(in, column);
        for (int row = first_row + t / width; row < end; row += parts) {
            const float value = pooled(in, g, channel, origin(g, row, 0));
            finish(f, g, row, column, value);
            if (count == 0) base = value;
            sum += value - base;
            square += (value - base) * (value - base);
            ++count;
        }
    }
    if (mean) {
        const float shift = count ? sum / count : 0.0f;
        moments[t] = {(float)count, base + shift, square - sum * shift};
        BARRIER;
        Moments all = {0.0f, 0.0f, 0.0f};
        for (int part = 0; t < width && part < parts; ++part) all = merge(all, moments[part * width + t]);
        const int left = g.channels_out - first_column, valid = left < width ? left : width;
        JOIN(publish_moments(all, room, mean, variance, width, first_column, valid, g.channels_out, rows,
                             rows_per_block));
    }
}
