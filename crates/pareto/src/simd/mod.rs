//! The inner loops of sorting for each vector unit, chosen at run time. Every unit gives the same ranks: comparisons and
//! bit sets are exact, nothing is summed.

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use plain::Plain;

/// Rows of a vector of doubles.
pub(crate) const LANES: usize = 8;

/// Rows of a set that has a bit or a byte for each.
pub(crate) const SET: usize = 64;

/// A byte four times: vector units load a word into all lanes for nothing, but not a byte.
pub(crate) type Word = u32;

/// The word of a byte.
#[inline(always)]
pub(crate) const fn word(byte: u8) -> Word {
    byte as u32 * 0x0101_0101
}

/// The words of row numbers.
pub(crate) static NUMBERS: [Word; SET] = {
    let mut numbers = [0; SET];
    let mut i = 0;
    while i < SET {
        numbers[i] = word(i as u8);
        i += 1;
    }
    numbers
};

/// Rows that [`Unit::settle`] looks at together.
pub(crate) const STRIP: usize = 16;

/// Which rows of a strip lift others, and which are lifted: a bit each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settle {
    pub(crate) lifting: u16,
    pub(crate) lifted: u16,
}

impl Settle {
    /// Every row does both.
    pub(crate) const ALL: Self = Self { lifting: u16::MAX, lifted: u16::MAX };
}

/// What a vector unit must do.
pub(crate) trait Unit {
    /// A byte for each of 64 rows.
    type Bytes: Copy;
    /// Some of 64 rows.
    type Mask: Copy;

    fn load(bytes: &[u8; SET]) -> Self::Bytes;

    fn store(bytes: Self::Bytes, to: &mut [u8; SET]);

    /// The same byte for all rows, given as a [`Word`].
    fn splat(word: Word) -> Self::Bytes;

    /// The byte of row `i` for all rows.
    fn lane(bytes: Self::Bytes, i: usize) -> Self::Bytes;

    /// All rows.
    fn all() -> Self::Mask;

    /// No rows.
    fn none() -> Self::Mask;

    /// The rows of either mask.
    fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask;

    /// The byte of row `i`.
    fn byte(bytes: Self::Bytes, i: usize) -> u8;

    /// The rows before row `i`.
    fn before(i: usize) -> Self::Mask;

    /// The rows behind row `i`.
    fn after(i: usize) -> Self::Mask;

    /// The rows of `mask` for which `a` is at most `b`.
    fn at_most(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// The rows of `mask` for which `a` is less than `b`.
    fn less(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// The rows of `mask` for which `a` is `b`.
    fn equal(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// `b` for the rows of `mask`, `a` for the others.
    fn select(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// Each byte plus 1, but 255 at most.
    fn increment(bytes: Self::Bytes) -> Self::Bytes;

    /// A bit for each row.
    fn bits(mask: Self::Mask) -> u64;

    /// Whether `row` is nowhere greater than `other`; `W` is how many values they have, or 0 if that is not known.
    fn is_below<const W: usize>(row: &[f64], other: &[f64]) -> bool;

    /// Goes through the rows of a strip in order: each one that lifts raises to above its own rank those behind it
    /// that may be lifted and whose value is not below its own.
    fn settle(values: &[f64; STRIP], ranks: &mut [u32; STRIP], which: Settle);

    /// How many of the values are at most `value`.
    fn count(values: &[f64; LANES], value: f64) -> usize;

    /// The intersection of one set of each objective's table (`n_levels` sets each): that of the row's level, of which
    /// the `finer` lowest bits do not count. And which words of the intersection are not 0.
    fn meet(table: &[[u64; LANES]], n_levels: usize, levels: &[u8], finer: u32) -> ([u64; LANES], u8);
}

/// Something to do with a vector unit.
pub(crate) trait Task {
    /// Does it. Must be inlined, to be compiled for the unit.
    fn run<U: Unit>(self);
}

/// Which vector instructions a [`Sorter`](crate::Sorter) may use, if the machine has them. The ranks are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vectors {
    /// Up to AVX-512 (with BW, VL and VBMI) on x86-64.
    #[default]
    Widest,
    /// Up to AVX2 on x86-64.
    UpTo256Bits,
    /// What the compiler may assume of the target: SSE2 on x86-64, NEON on AArch64.
    Target,
}

/// A vector unit that this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Available {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Wide(x86::Detected),
}

impl Available {
    /// The widest unit.
    pub(crate) fn widest() -> Self {
        Self::within(Vectors::Widest)
    }

    /// The widest allowed unit.
    pub(crate) fn within(vectors: Vectors) -> Self {
        match vectors {
            #[cfg(target_arch = "x86_64")]
            Vectors::Widest => {
                x86::Detected::avx512().or_else(x86::Detected::avx2).map_or(Self::Plain, Self::Wide)
            }
            #[cfg(target_arch = "x86_64")]
            Vectors::UpTo256Bits => x86::Detected::avx2().map_or(Self::Plain, Self::Wide),
            _ => Self::Plain,
        }
    }

    /// All units, the plain one first; some may come twice.
    #[cfg(test)]
    pub(crate) fn all() -> [Self; 3] {
        [Vectors::Target, Vectors::UpTo256Bits, Vectors::Widest].map(Self::within)
    }

    /// Runs `task` with this unit.
    pub(crate) fn run(self, task: impl Task) {
        match self {
            Self::Plain => task.run::<Plain>(),
            #[cfg(target_arch = "x86_64")]
            Self::Wide(wide) => wide.run(task),
        }
    }
}

impl Default for Available {
    fn default() -> Self {
        Self::widest()
    }
}

/// All rows of one mask, then none of another: a window of it is a mask of the first rows.
static STEPS: [u8; 2 * SET] = {
    let mut steps = [0; 2 * SET];
    let mut i = 0;
    while i < SET {
        steps[i] = u8::MAX;
        i += 1;
    }
    steps
};
