//! Launches: arguments of kernels, packed as C lays them out. Each record mirrors the struct of the same name in the `.cu` files, field
//! by field; integers come in pairs, so that nothing is padded.

use std::ffi::c_void;

use super::MAX_INPUTS;

/// More cells than the arguments of any kernel take (65).
const CELLS: usize = 72;

/// A kernel, its grid and its arguments. Only this crate makes one, with addresses that it has checked.
#[derive(Debug, Clone)]
pub struct Launch {
    kernel: &'static str,
    grid: [u32; 3],
    cells: Vec<u64>,
    starts: Vec<usize>,
}

impl Launch {
    pub(super) fn new(kernel: &'static str, grid: [u32; 3], records: &[&dyn Record]) -> Self {
        let (cells, starts) = (Vec::with_capacity(CELLS), Vec::with_capacity(records.len()));
        let mut launch = Self { kernel, grid, cells, starts };
        for record in records {
            launch.starts.push(launch.cells.len());
            record.pack(&mut launch.cells);
        }
        launch
    }

    /// Name of the kernel.
    pub fn kernel(&self) -> &'static str {
        self.kernel
    }

    /// Blocks in each direction.
    pub fn grid(&self) -> [u32; 3] {
        self.grid
    }

    /// One pointer to each argument, as the driver and the emulation take them; valid while `self` lives.
    pub fn arguments(&mut self) -> Vec<*mut c_void> {
        let Self { cells, starts, .. } = self;
        starts.iter().map(|&start| (&raw mut cells[start]).cast()).collect()
    }
}

/// Something a kernel takes by value, in whole cells of eight bytes.
pub(super) trait Record {
    fn pack(&self, cells: &mut Vec<u64>);
}

/// Two 32-bit numbers, the first at the lower address on the little-endian hosts that CUDA runs on.
fn pair(first: i32, second: i32) -> u64 {
    u64::from(first.cast_unsigned()) | u64::from(second.cast_unsigned()) << 32
}

/// Where a buffer lies; 0 is C's null pointer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Address(pub(super) u64);

impl Address {
    /// Further on by this many elements of four bytes.
    pub(super) fn plus(self, elements: usize) -> Self {
        Self(self.0 + 4 * elements as u64)
    }
}

impl Record for Address {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.push(self.0);
    }
}

impl Record for i32 {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.push(pair(*self, 0));
    }
}

impl Record for f32 {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.push(u64::from(self.to_bits()));
    }
}

/// Input buffers side by side.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    pub(super) data: Vec<Address>,
    pub(super) channels: Vec<i32>,
    pub(super) relu: bool,
}

impl Record for Inputs {
    fn pack(&self, cells: &mut Vec<u64>) {
        pack_addresses(&self.data, cells);
        pack_ints(&self.channels, cells);
        cells.push(pair(self.data.len() as i32, i32::from(self.relu)));
    }
}

/// Gradients by the inputs; none if empty.
#[derive(Debug, Clone, Default)]
pub(super) struct InputGradients {
    pub(super) data: Vec<Address>,
    pub(super) add: Vec<i32>,
}

impl Record for InputGradients {
    fn pack(&self, cells: &mut Vec<u64>) {
        pack_addresses(&self.data, cells);
        pack_ints(&self.add, cells);
    }
}

fn pack_addresses(addresses: &[Address], cells: &mut Vec<u64>) {
    cells.extend((0..MAX_INPUTS).map(|at| addresses.get(at).map_or(0, |address| address.0)));
}

fn pack_ints(ints: &[i32], cells: &mut Vec<u64>) {
    let int = |at: usize| ints.get(at).copied().unwrap_or_default();
    cells.extend((0..MAX_INPUTS).step_by(2).map(|at| pair(int(at), int(at + 1))));
}

/// A window that slides over an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) samples: usize,
    pub(super) input: [usize; 2],
    pub(super) channels_in: usize,
    pub(super) output: [usize; 2],
    pub(super) channels_out: usize,
    pub(super) groups: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) dilation: usize,
    pub(super) maximum: bool,
}

impl Geometry {
    /// Output pixels of all samples.
    pub(super) fn rows(&self) -> usize {
        self.samples * self.output[0] * self.output[1]
    }

    /// Input pixels of all samples.
    pub(super) fn pixels(&self) -> usize {
        self.samples * self.input[0] * self.input[1]
    }

    /// Taps of the window.
    pub(super) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }
}

impl Record for Geometry {
    fn pack(&self, cells: &mut Vec<u64>) {
        let sizes = [
            [self.samples, self.input[0]],
            [self.input[1], self.channels_in],
            self.output,
            [self.channels_out, self.groups],
            self.kernel,
            self.stride,
            self.padding,
            [self.dilation, usize::from(self.maximum)],
        ];
        cells.extend(sizes.map(|[first, second]| pair(first as i32, second as i32)));
    }
}

/// Size of an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
}

impl Record for Shape {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.push(pair(self.height as i32, self.width as i32));
        cells.push(pair(self.channels as i32, 0));
    }
}

/// What becomes of a linear output.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Finish {
    pub(super) linear: Address,
    pub(super) output: Address,
    pub(super) statistics: [Address; 2],
    pub(super) affine: [Address; 2],
    pub(super) sample_scale: Address,
    pub(super) add: bool,
}

impl Record for Finish {
    fn pack(&self, cells: &mut Vec<u64>) {
        let [mean, variance] = self.statistics;
        let [scale, shift] = self.affine;
        let addresses = [self.linear, self.output, mean, variance, scale, shift, self.sample_scale];
        cells.extend(addresses.map(|address| address.0));
        cells.push(u64::from(self.add));
    }
}

/// Room for a two-stage reduction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reduction {
    pub(super) partials: Address,
    pub(super) tickets: Address,
}

impl Record for Reduction {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.extend([self.partials.0, self.tickets.0]);
    }
}

/// From the output's gradient to the linear output's.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutputGradient {
    pub(super) gradient: Address,
    pub(super) linear: Address,
    pub(super) mean: Address,
    pub(super) coefficients: Address,
    pub(super) sample_scale: Address,
    pub(super) channels: usize,
    pub(super) pixels: usize,
}

impl Record for OutputGradient {
    fn pack(&self, cells: &mut Vec<u64>) {
        let addresses = [self.gradient, self.linear, self.mean, self.coefficients, self.sample_scale];
        cells.extend(addresses.map(|address| address.0));
        cells.push(pair(self.channels as i32, self.pixels as i32));
    }
}

/// Learned scale of a batch-norm, and the gradients by scale and shift.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Affine {
    pub(super) scale: Address,
    pub(super) gradients: [Address; 2],
    pub(super) add: [bool; 2],
}

impl Record for Affine {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.extend([self.scale.0, self.gradients[0].0, self.gradients[1].0]);
        cells.push(pair(i32::from(self.add[0]), i32::from(self.add[1])));
    }
}

/// Partial sums of a weight gradient.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Partials {
    pub(super) data: Address,
    pub(super) gradient: Address,
    pub(super) count: usize,
    pub(super) len: usize,
    pub(super) stride: usize,
    pub(super) add: bool,
}

impl Record for Partials {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.extend([self.data.0, self.gradient.0]);
        cells.push(pair(self.count as i32, self.len as i32));
        cells.push(pair(self.stride as i32, i32::from(self.add)));
    }
}

/// A blend, as a row of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixture {
    pub(super) into: Address,
    pub(super) from: Address,
    pub(super) len: usize,
    pub(super) keep: f32,
    pub(super) add: f32,
}

impl Record for Mixture {
    fn pack(&self, cells: &mut Vec<u64>) {
        cells.extend([self.into.0, self.from.0, self.len as u64]);
        cells.push(u64::from(self.keep.to_bits()) | u64::from(self.add.to_bits()) << 32);
    }
}
