//! Re-framing: chunks of any size in, frames of one size out.

use std::num::NonZeroUsize;

use bytes::{Bytes, BytesMut};

/// Cuts a stream of chunks into frames of exactly one size.
///
/// A frame that lies inside one chunk is a slice of it; only bytes of a frame that straddles chunks are copied,
/// once. Between calls the framer holds less than one frame, in a buffer of its own, never a view of a chunk.
#[derive(Debug)]
pub struct Framer {
    frame_bytes: NonZeroUsize,
    partial: BytesMut,
}

impl Framer {
    /// A framer for frames of `frame_bytes`.
    pub fn new(frame_bytes: NonZeroUsize) -> Self {
        Self {
            frame_bytes,
            partial: BytesMut::new(),
        }
    }

    /// Takes the next chunk and appends every frame it completes to `frames`.
    pub fn push(&mut self, mut chunk: Bytes, frames: &mut Vec<Bytes>) {
        let size = self.frame_bytes.get();
        if !self.partial.is_empty() {
            let missing = size - self.partial.len();
            let head = chunk.split_to(missing.min(chunk.len()));
            self.partial.extend_from_slice(&head);
            if self.partial.len() < size {
                return;
            }
            frames.push(self.partial.split().freeze());
        }
        while chunk.len() >= size {
            frames.push(chunk.split_to(size));
        }
        if !chunk.is_empty() {
            // A fresh block per frame: a frame kept by its consumer then pins no other frame.
            self.partial = BytesMut::with_capacity(size);
            self.partial.extend_from_slice(&chunk);
        }
    }

    /// Bytes held back, waiting for the rest of their frame.
    pub fn pending(&self) -> usize {
        self.partial.len()
    }

    /// The incomplete last frame, if there is one; the framer is then as new.
    pub fn finish(&mut self) -> Option<Bytes> {
        (!self.partial.is_empty()).then(|| self.partial.split().freeze())
    }

    /// Forgets the incomplete frame.
    pub fn reset(&mut self) {
        self.partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framer(size: usize) -> Framer {
        Framer::new(NonZeroUsize::new(size).unwrap())
    }

    #[test]
    fn frames_inside_a_chunk_are_slices_of_it() {
        let chunk = Bytes::from(vec![1_u8; 10]);
        let (mut framer, mut out) = (framer(4), Vec::new());
        framer.push(chunk.clone(), &mut out);
        assert_eq!(
            out.iter().map(|f| f.as_ptr()).collect::<Vec<_>>(),
            [chunk.as_ptr(), chunk[4..].as_ptr()]
        );
        assert_eq!(framer.pending(), 2);
    }

    #[test]
    fn the_remainder_does_not_pin_the_chunk() {
        let chunk = Bytes::from(vec![1_u8; 9]);
        let (mut framer, mut out) = (framer(4), Vec::new());
        framer.push(chunk.clone(), &mut out);
        out.clear();
        assert!(chunk.is_unique());
    }

    #[test]
    fn after_a_straddling_frame_slices_resume() {
        let (mut framer, mut out) = (framer(4), Vec::new());
        framer.push(Bytes::from_static(&[1, 2, 3]), &mut out);
        let chunk = Bytes::from(vec![4_u8, 5, 6, 7, 8]);
        framer.push(chunk.clone(), &mut out);
        assert_eq!(out, [vec![1_u8, 2, 3, 4], vec![5, 6, 7, 8]]);
        assert_eq!(out[1].as_ptr(), chunk[1..].as_ptr());
    }

    #[test]
    fn finish_gives_the_rest_once_and_reset_drops_it() {
        let (mut framer, mut out) = (framer(4), Vec::new());
        framer.push(Bytes::from_static(&[1, 2, 3]), &mut out);
        assert_eq!(framer.finish().as_deref(), Some(&[1, 2, 3][..]));
        assert_eq!(framer.finish(), None);
        framer.push(Bytes::from_static(&[1]), &mut out);
        framer.reset();
        assert_eq!(framer.finish(), None);
        assert!(out.is_empty());
    }
}
