//! The classifier: global average, linear layer, softmax cross-entropy; and its gradients.

constexpr int CLASSES = 16;

// Largest logit (a NaN is passed over) and the sum of exponentials relative to it.
struct Softmax {
    float largest;
    double sum;
};

__device__ __forceinline__ Softmax softmax(const float* logits, int classes) {
    float largest = logits[0];
    for (int i = 1; i < classes; ++i) largest = fmaxf(largest, logits[i]);
    double sum = 0.0;
    for (int i = 0; i < classes; ++i) sum += expf(logits[i] - largest);
    return {largest, sum};
}

// One sample a block. `outcomes` takes loss and success sample by sample, `total` their sums.
JOINT_KERNEL classify(const Inputs in, int pixels, int channels, int classes, const float* weights, const float* bias,
                      const unsigned* labels, float* features, float* logits, double* outcomes, unsigned* tickets,
                      double* total) {
    __shared__ float shared[THREADS];
    __shared__ double losses[THREADS], successes[THREADS];
    __shared__ bool last;
    const int t = threadIdx.x, sample = blockIdx.x;
    float* own = features + sample * channels;
    for (int c = t; c < channels; c += THREADS) {
        const Channel channel = locate(in, c);
        const Value* data = in.data[channel.input] + sample * pixels * channel.width + channel.at;
        const float floor = in.relu ? 0.0f : LOWEST;
        float sum = 0.0f;
        for (int pixel = 0; pixel < pixels; ++pixel) {
            sum += at_least(floor, load<1>(data + pixel * channel.width)).at[0];
        }
        own[c] = sum / pixels;
    }
    BARRIER;
    for (int first = 0; first < classes; first += CLASSES) {
        const int label = first + t % CLASSES;
        float sum = 0.0f;
        for (int c = t / CLASSES; label < classes && c < channels; c += THREADS / CLASSES) {
            sum += own[c] * weights[c * classes + label];
        }
        shared[t] = sum;
        BARRIER;
        if (t < CLASSES && label < classes) {
            float logit = bias[label];
            for (int part = 0; part < THREADS / CLASSES; ++part) logit += shared[part * CLASSES + t];
            logits[sample * classes + label] = logit;
        }
        BARRIER;
    }
    if (t == 0) {
        const float* row = logits + sample * classes;
        const Softmax s = softmax(row, classes);
        const unsigned label = labels[sample];
        int best = 0;
        for (int i = 1; i < classes; ++i) best = row[i] > row[best] ? i : best;
        outcomes[2 * sample] = log(s.sum) - (double)(row[label] - s.largest);
        outcomes[2 * sample + 1] = best == (int)label ? 1.0 : 0.0;
    }
    JOIN(arrive(tickets, &last));
    if (last) {
        double loss = 0.0, success = 0.0;
        for (int i = t; i < (int)gridDim.x; i += THREADS) {
            loss += FRESH(&outcomes[2 * i]);
            success += FRESH(&outcomes[2 * i + 1]);
        }
        losses[t] = loss;
        successes[t] = success;
        JOIN(sum_all(losses));
        JOIN(sum_all(successes));
        if (t == 0) {
            total[0] = losses[0];
            total[1] = successes[0];
        }
    }
}

// Gradients by logits and inputs. One sample a block; `factor` is the loss's over the number of samples,
// `target` the probability that the label should get, `spread` that of each other class.
JOINT_KERNEL classify_gradient(const Inputs in, int pixels, int channels, int classes, const float* weights,
                               const unsigned* labels, const float* logits, float factor, float target, float spread,
                               float* logit_gradients, const InputGradients to) {
    const int t = threadIdx.x, sample = blockIdx.x;
    const float* row = logits + sample * classes;
    float* gradients = logit_gradients + sample * classes;
    const Softmax s = softmax(row, classes);
    for (int i = t; i < classes; i += THREADS) {
        const float probability = (float)(expf(row[i] - s.largest) / s.sum);
        gradients[i] = (probability - (i == (int)labels[sample] ? target : spread)) * factor;
    }
    BARRIER;
    for (int c = t; c < channels; c += THREADS) {
        const Channel channel = locate(in, c);
        float sum = 0.0f;
        for (int i = 0; i < classes; ++i) sum += weights[c * classes + i] * gradients[i];
        sum /= pixels;
        for (int pixel = 0; pixel < pixels; ++pixel) store_input<1>(in, to, sample * pixels + pixel, channel, {{sum}});
    }
}

// Gradients by weight [channels, classes] and bias. Sixteen numbers a block, sixteen threads a number.
JOINT_KERNEL classify_weights(int samples, int channels, int classes, const float* features, const float* logit_gradients,
                              float* weight, float* bias, int add_weight, int add_bias) {
    __shared__ float shared[THREADS];
    const int t = threadIdx.x, at = (int)blockIdx.x * 16 + t % 16;
    const int channel = at / classes, label = at - channel * classes;
    float sum = 0.0f;
    for (int sample = t / 16; channel <= channels && sample < samples; sample += 16) {
        const float gradient = logit_gradients[sample * classes + label];
        sum += channel < channels ? features[sample * channels + channel] * gradient : gradient;
    }
    shared[t] = sum;
    JOIN(sum_parts(shared, 16, 16));
    if (t < 16 && channel < channels) store(&weight[at], shared[t], add_weight);
    if (t < 16 && channel == channels) store(&bias[label], shared[t], add_bias);
}
