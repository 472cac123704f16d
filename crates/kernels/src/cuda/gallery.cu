//! Batches from images that lie on the device as bytes.

// How one image of a batch is made.
struct Draw {
    int image, down, right, mirrored;
    int hole_top, hole_bottom, hole_left, hole_right;
};

struct Shape {
    int height, width, channels, unused;
};

// Window, mirror image, hole: the element of a batch comes from at most one byte, whose value `table` has for each channel.
// Grid: any, elements in strides.
KERNEL assemble(const unsigned char* bytes, const float* table, const Draw* draws, const Shape s, Value* output,
                int elements) {
    const int step = (int)gridDim.x * THREADS;
    for (int at = (int)(blockIdx.x * THREADS + threadIdx.x); at < elements; at += step) {
        const int channel = at % s.channels, pixel = at / s.channels;
        const int column = pixel % s.width, row = pixel / s.width % s.height;
        const Draw& draw = draws[pixel / s.width / s.height];
        const bool in_hole =
            row >= draw.hole_top && row < draw.hole_bottom && column >= draw.hole_left && column < draw.hole_right;
        const int y = row + draw.down, x = (draw.mirrored ? s.width - 1 - column : column) + draw.right;
        const bool inside = (unsigned)y < (unsigned)s.height && (unsigned)x < (unsigned)s.width;
        const long long from = (((long long)draw.image * s.height + y) * s.width + x) * s.channels + channel;
        const float value = in_hole ? 0.0f : table[256 * channel + (inside ? bytes[from] : 0)];
        write(&output[at], Lanes<1>{{value}});
    }
}
