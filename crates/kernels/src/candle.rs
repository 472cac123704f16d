//! The block operations as candle custom operations.
