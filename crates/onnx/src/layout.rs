//! From the layouts of the executors (channels last) to those of ONNX: output channels, input channels,
//! height, width.

use space::{Conv, ConvForm, Op};

/// The dimensions of a convolution's kernel in ONNX.
pub(crate) fn kernel_dims(op: &Op, conv: &Conv) -> [usize; 4] {
    let inputs = match conv.form {
        ConvForm::Dense | ConvForm::Pointwise => op.input.channels,
        ConvForm::Depthwise => 1,
    };
    [op.output.channels, inputs, conv.kernel[0], conv.kernel[1]]
}

/// A kernel from `[kernel height * kernel width * inputs, outputs]`, inputs varying fastest in a row index,
/// to the order of `dims` (see [`kernel_dims`]). A depthwise kernel has one input for each output.
pub(crate) fn kernel(values: &[f32], dims: [usize; 4]) -> Vec<f32> {
    let [outputs, inputs, height, width] = dims;
    let taps = height * width;
    let mut kernel = Vec::with_capacity(values.len());
    for output in 0..outputs {
        for input in 0..inputs {
            kernel.extend((0..taps).map(|tap| values[(tap * inputs + input) * outputs + output]));
        }
    }
    kernel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_kernels_are_reordered() {
        // Tap t, input i, output o holds 100 t + 10 i + o.
        let values: Vec<f32> =
            (0..2 * 3 * 2 * 4).map(|at| (100 * (at / 8) + 10 * (at / 4 % 2) + at % 4) as f32).collect();
        let ordered = kernel(&values, [4, 2, 2, 3]);
        assert_eq!(ordered[..6], [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]);
        assert_eq!(ordered[6..8], [10.0, 110.0]);
        assert_eq!(ordered[12..14], [1.0, 101.0]);
        assert_eq!(ordered[47], 513.0);
    }

    #[test]
    fn pointwise_kernels_are_transposed() {
        assert_eq!(kernel(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 2, 1, 1]), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }

    #[test]
    fn depthwise_kernels_come_channel_by_channel() {
        // [tap, channel] with 3 channels.
        let values: Vec<f32> =
            (0..9_u8).flat_map(|tap| [0, 10, 20].map(|channel| f32::from(tap + channel))).collect();
        let ordered = kernel(&values, [3, 1, 3, 3]);
        assert_eq!(ordered[..3], [0.0, 1.0, 2.0]);
        assert_eq!(ordered[9..12], [10.0, 11.0, 12.0]);
        assert_eq!(ordered[26], 28.0);
    }
}
