//! Max and average pooling, window by window. Padding never wins a maximum and is not counted in a mean.

use crate::{Block, BlockKind};

/// Pooled values, `[n, output height, output width, channels]`.
pub(super) fn forward(block: &Block, n: usize, x: &[f64]) -> Vec<f64> {
    let mut y = Vec::with_capacity(n * block.output_len());
    windows(block, n, |pixels| match block.kind {
        BlockKind::MaxPool { .. } => y.push(x[winner(x, pixels)]),
        _ => y.push(pixels.iter().map(|&i| x[i]).sum::<f64>() / pixels.len() as f64),
    });
    y
}

/// Gradient by the input. Of equal maxima the first in row-major order receives it.
pub(super) fn backward(block: &Block, n: usize, x: &[f64], dy: &[f64]) -> Vec<f64> {
    let mut dx = vec![0.0; x.len()];
    let mut gradients = dy.iter();
    windows(block, n, |pixels| {
        let gradient = gradients.next().copied().unwrap_or_default();
        match block.kind {
            BlockKind::MaxPool { .. } => dx[winner(x, pixels)] += gradient,
            _ => pixels.iter().for_each(|&i| dx[i] += gradient / pixels.len() as f64),
        }
    });
    dx
}

/// The first of the largest; a NaN wins over every number, as in PyTorch.
fn winner(x: &[f64], pixels: &[usize]) -> usize {
    let mut best = pixels[0];
    for &i in pixels {
        if x[i] > x[best] || (x[i].is_nan() && !x[best].is_nan()) {
            best = i;
        }
    }
    best
}

/// Calls `visit` with the input indices of every output element's window, in output order.
fn windows(block: &Block, n: usize, mut visit: impl FnMut(&[usize])) {
    let (kernel, stride, padding) = match block.kind {
        BlockKind::AveragePool { kernel, stride, padding } => (kernel, stride, padding),
        BlockKind::MaxPool { stride } => (3, stride, 1),
        _ => return,
    };
    let channels = block.channels_out;
    let [out_height, out_width] = block.output_size();
    let mut pixels = Vec::new();
    for sample in 0..n {
        for (oy, ox) in (0..out_height).flat_map(|oy| (0..out_width).map(move |ox| (oy, ox))) {
            for channel in 0..channels {
                pixels.clear();
                for (ky, kx) in (0..kernel).flat_map(|ky| (0..kernel).map(move |kx| (ky, kx))) {
                    let inside =
                        |position: usize, size: usize| position.checked_sub(padding).filter(|&p| p < size);
                    let row = inside(oy * stride + ky, block.height);
                    let column = inside(ox * stride + kx, block.width);
                    if let (Some(row), Some(column)) = (row, column) {
                        pixels.push(
                            ((sample * block.height + row) * block.width + column) * channels + channel,
                        );
                    }
                }
                visit(&pixels);
            }
        }
    }
}
