//! Passes over whole buffers: running statistics, the gradient's norm, and the optimiser's step on all touched weights.

struct Tensor {
    float* weight;
    float* velocity;
    const float* gradient;
    long long len;
};

struct Mixture {
    float* into;
    const float* from;
    long long len;
    float keep, add;
};

// into = keep * into + add * from; with `keep` 0 whatever `into` held is replaced. blockIdx.y chooses the mixture.
KERNEL blend(const Mixture* table) {
    const Mixture m = table[blockIdx.y];
    const long long i = (long long)blockIdx.x * THREADS + threadIdx.x;
    if (i < m.len) m.into[i] = m.keep == 0.0f ? m.add * m.from[i] : m.keep * m.into[i] + m.add * m.from[i];
}

// Sum of the squares of all gradients of the table, one tensor a block.
JOINT_KERNEL squared_norm(const Tensor* table, double* partials, unsigned* tickets, double* total) {
    __shared__ double sums[THREADS];
    __shared__ bool last;
    const int t = threadIdx.x;
    const Tensor tensor = table[blockIdx.x];
    double sum = 0.0;
    for (long long i = t; i < tensor.len; i += THREADS) sum += (double)tensor.gradient[i] * tensor.gradient[i];
    sums[t] = sum;
    JOIN(sum_all(sums));
    if (t == 0) partials[blockIdx.x] = sums[0];
    JOIN(arrive(tickets, &last));
    if (last) {
        double all = 0.0;
        for (int i = t; i < (int)gridDim.x; i += THREADS) all += FRESH(&partials[i]);
        sums[t] = all;
        JOIN(sum_all(sums));
        if (t == 0) *total = sums[0];
    }
}

// Grid: chunks of the longest tensor, tensors.
KERNEL sgd(const Tensor* table, float learning_rate, float momentum, float weight_decay, float scale) {
    const Tensor tensor = table[blockIdx.y];
    const long long step = (long long)gridDim.x * THREADS;
    for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < tensor.len; i += step) {
        const float weight = tensor.weight[i];
        const float velocity = momentum * tensor.velocity[i] + scale * tensor.gradient[i] + weight_decay * weight;
        tensor.velocity[i] = velocity;
        tensor.weight[i] = weight - learning_rate * velocity;
    }
}
