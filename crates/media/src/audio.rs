//! Sound: what a stream is made of, and every way from one form to another.

pub mod decoder;
pub mod encoder;
pub mod enhance;
pub mod format;
pub mod frame;
pub mod framer;
pub mod g711;
pub mod gain;
pub mod opus;
pub mod pcm;
pub mod resample;
pub mod wav;
