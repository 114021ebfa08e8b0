//! Pictures: what a frame is, colour averaged over its regions, and the streams frames come in.
//!
//! Every frame is a view of bytes that lie elsewhere, and carries the moment it was captured. Colour is measured on the
//! format that arrived: no frame is converted to be averaged.

pub mod avi;
pub mod colour;
pub mod frame;
pub mod geometry;
pub mod jpeg;
pub mod mjpeg;
pub mod rate;
mod region;
pub mod shrink;
mod sums;
pub mod y4m;
