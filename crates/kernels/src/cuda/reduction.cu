//! Two-stage reductions over rows. Stage one leaves a partial result per block; the last block of a column of blocks to
//! arrive (known by an integer counter) merges them in the order of the blocks, whoever it is.

struct Moments {
    float count, mean, square;  // square: sum of squared deviations from the mean
};

// Chan, Golub and LeVeque 1979.
__device__ __forceinline__ Moments merge(Moments a, Moments b) {
    if (b.count == 0.0f) return a;
    if (a.count == 0.0f) return b;
    const float count = a.count + b.count, difference = b.mean - a.mean;
    const float mean = a.mean + difference * b.count / count;
    return {count, mean, a.square + b.square + difference * difference * a.count * b.count / count};
}

// Whether this block is the last of its column of blocks; its counter goes back to zero then.
__device__ __forceinline__ bool is_last(unsigned* tickets) {
    unsigned* ticket = &tickets[blockIdx.y];
    const bool last = atomicAdd(ticket, 1u) == gridDim.x - 1;
    if (last) *ticket = 0;
    return last;
}

// Called by all threads. Those below `valid` bring the moments of channel `column + t` over the block's rows; the last
// block writes mean and biased variance over all rows.
JOINT publish_moments(Moments moments, Reduction room, float* mean, float* variance, int width, int column, int valid,
                      int channels, int rows, int rows_per_block) {
    __shared__ double sums[THREADS], squares[THREADS];
    __shared__ bool last;
    const int t = threadIdx.x;
    if (t < valid) {
        float* partial = room.partials + 2 * ((int)blockIdx.x * channels + column + t);
        partial[0] = moments.mean;
        partial[1] = moments.square;
    }
    __threadfence();
    BARRIER;
    if (t == 0) last = is_last(room.tickets);
    BARRIER;
    if (last) {
        const int own = t % width, parts = THREADS / width;
        const volatile float* partial = room.partials + 2 * (column + own);
        double sum = 0.0, square = 0.0;
        if (own < valid) {
            const double base = partial[0];
            for (int block = t / width; block < (int)gridDim.x; block += parts) {
                const int left = rows - block * rows_per_block;
                const double count = left < rows_per_block ? left : rows_per_block;
                const double difference = partial[2 * block * channels] - base;
                sum += count * difference;
                square += partial[2 * block * channels + 1] + count * difference * difference;
            }
        }
        sums[t] = sum;
        squares[t] = square;
        BARRIER;
        if (t < valid) {
            for (int part = 1; part < parts; ++part) {
                sum += sums[part * width + t];
                square += squares[part * width + t];
            }
            const double shift = sum / rows, spread = square / rows - shift * shift;
            mean[column + t] = (float)(partial[0] + shift);
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
        for (int part = t / 16; part < p.count; part += 16) sum += p.data[part * p.stride + weight];
    }
    sums[t] = sum;
    BARRIER;
    if (t < 16 && weight < p.len) {
        for (int part = 1; part < 16; ++part) sum += sums[part * 16 + t];
        store(&p.gradient[weight], (float)sum, p.add);
    }
}
