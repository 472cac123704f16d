//! Values in registers and in memory. Feature maps and gradients by them are kept in single precision or, with BF16 defined, rounded
//! to bfloat16 (the upper half of a float's bits); all else is in single precision always.

// W neighbouring channels of one pixel; four move at once.
template <int W>
struct Lanes {
    float at[W];
};

template <int W>
__device__ __forceinline__ Lanes<W> load(const float* from) {
    if constexpr (W == 4) {
        const float4 four = *(const float4*)from;
        return {{four.x, four.y, four.z, four.w}};
    } else {
        return {{*from}};
    }
}

template <int W>
__device__ __forceinline__ void write(float* to, const Lanes<W>& value) {
    if constexpr (W == 4) {
        *(float4*)to = {value.at[0], value.at[1], value.at[2], value.at[3]};
    } else {
        *to = value.at[0];
    }
}

#ifdef BF16

struct Bf16 {
    unsigned short bits;
};

using Value = Bf16;

__device__ __forceinline__ Bf16 rounded(float value) {
    return {(unsigned short)packed(value, 0.0f)};
}

__device__ __forceinline__ float lower_half(unsigned word) {
    return __uint_as_float(word << 16);
}

__device__ __forceinline__ float upper_half(unsigned word) {
    return __uint_as_float(word & 0xffff0000u);
}

template <int W>
__device__ __forceinline__ Lanes<W> load(const Bf16* from) {
    if constexpr (W == 4) {
        const uint2 four = *(const uint2*)from;
        return {{lower_half(four.x), upper_half(four.x), lower_half(four.y), upper_half(four.y)}};
    } else {
        return {{lower_half(from->bits)}};
    }
}

template <int W>
__device__ __forceinline__ void write(Bf16* to, const Lanes<W>& value) {
    if constexpr (W == 4) {
        *(uint2*)to = {packed(value.at[0], value.at[1]), packed(value.at[2], value.at[3])};
    } else {
        *to = rounded(value.at[0]);
    }
}

// A number as memory keeps it.
__device__ __forceinline__ float kept(float value) {
    return lower_half(rounded(value).bits);
}

#else

using Value = float;

__device__ __forceinline__ float kept(float value) {
    return value;
}

#endif

// Replaces what is there, or adds to it.
template <class Place, int W>
__device__ __forceinline__ void store(Place* to, Lanes<W> value, long long add) {
    if (add) {
        const Lanes<W> before = load<W>(to);
        for (int l = 0; l < W; ++l) value.at[l] = before.at[l] + value.at[l];
    }
    write(to, value);
}

__device__ __forceinline__ void store(float* to, float value, long long add) {
    *to = add ? *to + value : value;
}
