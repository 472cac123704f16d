//! Feature maps: the buffers of a call, the window that slides over them, what becomes of a linear output, and which numbers lie
//! under a window.

// Buffers whose channels stand side by side, rectified on reading if `relu`.
struct Inputs {
    const Value* data[MAX_INPUTS];
    int channels[MAX_INPUTS];
    int count;
    int relu;
};

// Where the gradients by the inputs go; added to where `add`.
struct InputGradients {
    Value* data[MAX_INPUTS];
    int add[MAX_INPUTS];
};

// A window that slides over an image. Group g reads g rows and columns further on (factorized reduction: two groups).
struct Geometry {
    int samples, height, width, channels_in;
    int out_height, out_width, channels_out, groups;
    int kernel_y, kernel_x, stride_y, stride_x;
    int padding_y, padding_x, dilation, maximum;
};

// What becomes of a linear output: kept as it is in `linear`, or else normalised with fixed statistics (if `mean`), scaled
// sample by sample, and written or added to `output`.
struct Finish {
    Value* linear;
    Value* output;
    const float* mean;
    const float* variance;
    const float* scale;
    const float* shift;
    const float* sample_scale;
    long long add;
};

// Room for a two-stage reduction: one partial result a block and channel, one counter a column of blocks (zero between calls).
struct Reduction {
    float* partials;
    unsigned* tickets;
};

struct Channel {
    int input, at, width;
};

__device__ __forceinline__ Channel locate(const Inputs& in, int channel) {
    int input = 0;
    while (channel >= in.channels[input]) {
        channel -= in.channels[input];
        ++input;
    }
    return {input, channel, in.channels[input]};
}

// NaN stays NaN.
template <int W>
__device__ __forceinline__ Lanes<W> at_least(float floor, Lanes<W> value) {
    for (int l = 0; l < W; ++l) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
        asm("max.NaN.f32 %0, %1, %2;" : "=f"(value.at[l]) : "f"(value.at[l]), "f"(floor));
#else
        value.at[l] = value.at[l] < floor ? floor : value.at[l];
#endif
    }
    return value;
}

__device__ __forceinline__ float inverse_deviation(float variance) {
    return 1.0f / sqrtf(variance + EPSILON);
}

// A normalisation with known statistics, of W channels.
template <int W>
struct Normal {
    Lanes<W> mean, factor, shift;
};

// Read only if there are statistics.
template <int W>
__device__ __forceinline__ Normal<W> normal(const Finish& f, int channel) {
    Normal<W> n = {};
    for (int l = 0; f.mean && l < W; ++l) {
        const int c = channel + l;
        n.mean.at[l] = f.mean[c];
        n.factor.at[l] = inverse_deviation(f.variance[c]) * (f.scale ? f.scale[c] : 1.0f);
        n.shift.at[l] = f.scale ? f.shift[c] : 0.0f;
    }
    return n;
}

// Takes a linear value to its place in the output, normalised; it belongs to sample `position / per_sample`.
template <int W>
__device__ __forceinline__ void finish(const Finish& f, const Normal<W>& n, int at, int position, int per_sample,
                                       Lanes<W> value) {
    if (f.mean) {
        for (int l = 0; l < W; ++l) value.at[l] = (value.at[l] - n.mean.at[l]) * n.factor.at[l] + n.shift.at[l];
    }
    if (f.sample_scale) {
        const float scale = f.sample_scale[position / per_sample];
        for (int l = 0; l < W; ++l) value.at[l] *= scale;
    }
    store(&f.output[at], value, f.add);
}

// The same for a row's channels, or keeps the linear value.
template <int W>
__device__ __forceinline__ void keep_or_finish(const Finish& f, const Normal<W>& n, const Geometry& g, int row, int channel,
                                               Lanes<W> value) {
    const int at = row * g.channels_out + channel;
    if (f.linear) {
        store(&f.linear[at], value, 0);
    } else {
        finish(f, n, at, row, g.out_height * g.out_width, value);
    }
}

// Where the window of an output row begins in the input: a pixel that may lie outside, and the first pixel of its sample.
struct Origin {
    int y, x, first;
};

// Rows past the end lie outside everything.
__device__ __forceinline__ Origin origin(const Geometry& g, int row, int group) {
    const int pixels = g.out_height * g.out_width;
    const int sample = row / pixels;
    if (sample >= g.samples) return {OUTSIDE, 0, 0};
    const int pixel = row - sample * pixels;
    const int y = pixel / g.out_width, x = pixel - y * g.out_width;
    return {y * g.stride_y - g.padding_y + group, x * g.stride_x - g.padding_x + group, sample * g.height * g.width};
}

// Index of a pixel of the input, or -1 outside the image.
__device__ __forceinline__ int pixel_at(const Geometry& g, const Origin& o, int dy, int dx) {
    const int y = o.y + dy, x = o.x + dx;
    const bool inside = (unsigned)y < (unsigned)g.height && (unsigned)x < (unsigned)g.width;
    return inside ? o.first + y * g.width + x : -1;
}

// The images that a channel block belongs to, one behind the other. `data` points to its first number, the next pixel's is
// `channels` further on; numbers below `floor` (0 behind a ReLU) count as `floor`.
struct Plane {
    const Value* data;
    int channels, height, width;
    float floor;
};

__device__ __forceinline__ Plane plane(const Inputs& in, const Geometry& g, const Channel& channel) {
    return {in.data[channel.input] + channel.at, channel.width, g.height, g.width, in.relu ? 0.0f : LOWEST};
}

// What lies at a place, zeros outside the image (by which a weight is multiplied: one that is infinite or no number spoils windows
// at the edge, too, whose tap lies outside).
template <int W>
__device__ __forceinline__ Lanes<W> look(const Plane& p, bool inside, int at) {
    return at_least(p.floor, inside ? load<W>(p.data + at) : Lanes<W>{});
}

// Adds windows of a depthwise convolution to `sums`: the weights begin at `weights`, `step` elements from tap to tap.
template <int W, int EACH>
__device__ __forceinline__ void add_windows(Lanes<W> (&sums)[EACH], const Plane& p, const Geometry& g, const float* weights,
                                            int step, const Origin (&origins)[EACH]) {
    for (int y = 0; y < g.kernel_y; ++y) {
        // Column and place of the row's first tap; a row outside has no columns.
        int left[EACH], start[EACH];
#pragma unroll
        for (int i = 0; i < EACH; ++i) {
            const Origin& o = origins[i];
            const int row = o.y + y * g.dilation;
            left[i] = (unsigned)row < (unsigned)p.height ? o.x : OUTSIDE;
            start[i] = (o.first + row * p.width + o.x) * p.channels;
        }
        for (int x = 0; x < g.kernel_x; ++x) {
            const Lanes<W> weight = load<W>(weights);
            weights += step;
#pragma unroll
            for (int i = 0; i < EACH; ++i) {
                const int column = left[i] + x * g.dilation;
                const Lanes<W> value =
                    look<W>(p, (unsigned)column < (unsigned)p.width, start[i] + x * g.dilation * p.channels);
                for (int l = 0; l < W; ++l) sums[i].at[l] += weight.at[l] * value.at[l];
            }
        }
    }
}

// Where an input pixel lies, counted from the first pixel that any window reads (padding included), and the first output row of
// its sample. Pixels past the end are read by no window.
__device__ __forceinline__ Origin place(const Geometry& g, int pixel) {
    const int pixels = g.height * g.width, sample = pixel / pixels;
    if (sample >= g.samples) return {OUTSIDE, 0, 0};
    const int within = pixel - sample * pixels, y = within / g.width;
    return {y + g.padding_y, within - y * g.width + g.padding_x, sample * g.out_height * g.out_width};
}

// The output coordinate whose window reads place `at` by a tap that lies `offset` behind its first, or -1.
__device__ __forceinline__ int reader(int at, int offset, int stride, int size) {
    int begin = at - offset;
    if (stride > 1) {
        if (begin < 0 || begin % stride != 0) return -1;
        begin /= stride;
    }
    return (unsigned)begin < (unsigned)size ? begin : -1;
}
