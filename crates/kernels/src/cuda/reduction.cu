//! Two-stage reductions over rows. Stage one leaves a partial result per block; the last block of a column of blocks to
//! arrive (known by an integer counter) merges them in the order of the blocks, whoever it is.

struct Moments {
    float mean, square;  // square: sum of squared deviations from the mean
};

// From `count` numbers' sums of deviations from a pivot and of their squares.
__device__ __forceinline__ Moments moments_of(float count, float pivot, float sum, float square) {
    const float shift = sum / count;
    return {pivot + shift, square - sum * shift};
}

// Tells all threads in shared `last` whether this block is the last of its column of blocks to arrive, and so finds what the
// others have written so far; its counter goes back to zero then.
JOINT_APART arrive(unsigned* tickets, bool* last) {
    __threadfence();
    BARRIER;
    if (threadIdx.x == 0) {
        unsigned* ticket = &tickets[blockIdx.y];
        *last = atomicAdd(ticket, 1u) == gridDim.x - 1;
        if (*last) *ticket = 0;
        __threadfence();
    }
    BARRIER;
}

// Adds up a shared array [parts][width] of at least THREADS numbers over the parts, into its first row.
template <class Number>
JOINT_APART sum_parts(Number* values, int parts, int width) {
    const int t = threadIdx.x, step = THREADS / width;
    BARRIER;
    for (int part = t / width + step; part < parts; part += step) values[t] += values[part * width + t % width];
    BARRIER;
    for (int part = 1; t < width && part < step; ++part) values[t] += values[part * width + t];
    BARRIER;
}

// Adds up a shared array of THREADS numbers into its first.
JOINT_APART sum_all(double* values) {
    JOIN(sum_parts(values, 16, 16));
    for (int i = 1; threadIdx.x == 0 && i < 16; ++i) values[0] += values[i];
}

// Called by all threads. Those below `valid` bring the moments of channel `column + t` over the block's rows; the last
// block writes mean and biased variance over all rows.
JOINT_APART publish_moments(Moments moments, Reduction room, float* mean, float* variance, int width, int column,
                            int valid, int channels, int rows, int rows_per_block) {
    __shared__ double sums[THREADS], squares[THREADS];
    __shared__ bool last;
    const int t = threadIdx.x;
    if (t < valid) {
        float* partial = room.partials + 2 * ((int)blockIdx.x * channels + column + t);
        partial[0] = moments.mean;
        partial[1] = moments.square;
    }
    JOIN(arrive(room.tickets, &last));
    if (last) {
        const int own = t % width, parts = THREADS / width;
        const float* partial = room.partials + 2 * (column + own);
        const double base = own < valid ? FRESH(partial) : 0.0;
        double sum = 0.0, square = 0.0;
        // Several loads at once, or each would wait for the one before.
#pragma unroll 8
        for (int block = t / width; block < (int)gridDim.x; block += parts) {
            if (own >= valid) continue;
            const int left = rows - block * rows_per_block;
            const double count = left < rows_per_block ? left : rows_per_block;
            const double difference = FRESH(&partial[2 * block * channels]) - base;
            sum += count * difference;
            square += FRESH(&partial[2 * block * channels + 1]) + count * difference * difference;
        }
        sums[t] = sum;
        squares[t] = square;
        JOIN(sum_parts(sums, parts, width));
        JOIN(sum_parts(squares, parts, width));
        if (t < valid) {
            const double shift = sums[t] / rows, spread = squares[t] / rows - shift * shift;
            mean[column + t] = (float)(base + shift);
            variance[column + t] = (float)(spread < 0.0 ? 0.0 : spread);
        }
    }
}

// Partial sums of a weight gradient: `count` times `len` numbers, `stride` apart.
struct Partials {
    const float* data;
    float* gradient;
    int count, len, stride, add;
};

// Sixteen weights a block, sixteen threads a weight. blockIdx.y chooses among the partials.
JOINT_KERNEL sum_partials(const Partials first, const Partials second) {
    __shared__ double sums[THREADS];
    const Partials& p = blockIdx.y == 0 ? first : second;
    const int t = threadIdx.x, weight = (int)blockIdx.x * 16 + t % 16;
    double sum = 0.0;
    if (weight < p.len) {
#pragma unroll 8
        for (int part = t / 16; part < p.count; part += 16) sum += p.data[part * p.stride + weight];
    }
    sums[t] = sum;
    JOIN(sum_parts(sums, 16, 16));
    if (t < 16 && weight < p.len) store(&p.gradient[weight], (float)sums[t], p.add);
}
