//! What all kernels share. One translation unit: this file first, then the others in the order of `source.rs`. No header is
//! needed, and the same text compiles as host C++ behind tests/cuda-host/src/emulator.h, which defines the macros below.
//!
//! Feature maps are dense [sample, y, x, channel] in f32; a "row" is one pixel of one sample. Every sum has a fixed order.
//! All kernels run with THREADS threads a block. Rust packs the records below field by field (records.rs).

constexpr int THREADS = 256;
constexpr int MAX_INPUTS = 16;
constexpr float EPSILON = 1e-5f;

#ifndef KERNEL
// An entry point without barriers; one with barriers; a function with barriers; a call of such a function.
#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)
#define JOINT_KERNEL extern "C" __global__ void __launch_bounds__(THREADS)
#define JOINT __device__ __forceinline__ void
#define JOIN(call) call
#define BARRIER __syncthreads()
#endif

// Buffers whose channels stand side by side, rectified on reading if `relu`.
struct Inputs {
    const float* data[MAX_INPUTS];
    int channels[MAX_INPUTS];
    int count;
    int relu;
};

// Where the gradients by the inputs go; added to where `add`.
struct InputGradients {
    float* data[MAX_INPUTS];
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
    float* linear;
    float* output;
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
__device__ __forceinline__ float rectify(float value, int relu) {
    return relu && value < 0.0f ? 0.0f : value;
}

__device__ __forceinline__ float inverse_deviation(float variance) {
    return 1.0f / sqrtf(variance + EPSILON);
}

__device__ __forceinline__ void store(float* to, float value, long long add) {
    *to = add ? *to + value : value;
}

__device__ __forceinline__ float normalised(const Finish& f, int channel, float value) {
    float result = (value - f.mean[channel]) * inverse_deviation(f.variance[channel]);
    return f.scale ? f.scale[channel] * result + f.shift[channel] : result;
}

__device__ __forceinline__ void finish(const Finish& f, const Geometry& g, int row, int channel, float value) {
    const int at = row * g.channels_out + channel;
    if (f.linear) {
        f.linear[at] = value;
        return;
    }
    if (f.mean) value = normalised(f, channel, value);
    if (f.sample_scale) value *= f.sample_scale[row / (g.out_height * g.out_width)];
    store(&f.output[at], value, f.add);
}

// Where the window of an output row begins in the input: a pixel that may lie outside, and the first pixel of its sample.
struct Origin {
    int y, x, first;
};

// Rows past the end lie outside everything.
__device__ __forceinline__ Origin origin(const Geometry& g, int row, int group) {
    const int pixels = g.out_height * g.out_width;
    const int sample = row / pixels;
    if (sample >= g.samples) return {-0x40000000, 0, 0};
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

// The output row (of sample-relative row number) that reads input position `at` through a tap at `offset`, or -1.
__device__ __forceinline__ int reader(int at, int offset, int padding, int stride, int size) {
    const int scaled = at + padding - offset;
    if (scaled < 0 || scaled % stride != 0 || scaled / stride >= size) return -1;
    return scaled / stride;
}
