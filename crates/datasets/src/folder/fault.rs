//! What can be wrong with an image file. Every message says what to do about it; the path is said by who reads the file.

/// What is wrong with an image file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageFault {
    /// It holds nothing.
    #[error("the file is empty (0 bytes); remove it, or skip it with data.skip_corrupt = true")]
    Empty,
    /// It is something else.
    #[error(
        "this is {what}, expected a JPEG or PNG; remove it, convert it, or skip it with data.skip_corrupt = true"
    )]
    NoImage {
        /// What its first bytes say it is.
        what: &'static str,
    },
    /// It is an image of a kind that is not read.
    #[error(
        "{what} is not read, only 8 bits a channel, grey or RGB, one picture; convert it, or skip it with data.skip_corrupt = true"
    )]
    Unsupported {
        /// The kind.
        what: &'static str,
    },
    /// It is damaged.
    #[error("the image is damaged ({why}); replace it, or skip it with data.skip_corrupt = true")]
    Damaged {
        /// What the decoder said.
        why: String,
    },
    /// It would take too much memory.
    #[error(
        "{width} x {height} pixels are more than the 64 million that are read; shrink it, or skip it with data.skip_corrupt = true"
    )]
    TooLarge {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
}
