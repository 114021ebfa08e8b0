//! What the generator says: frames that can be told apart, so that what comes back can be checked to the sample.

/// Samples a second.
pub const RATE: u32 = 16_000;
/// Duration of a frame, in nanoseconds.
pub const PERIOD_NS: u64 = 20_000_000;
/// Bytes of a frame: 20 ms of PCM16 at 16 kHz.
pub const BYTES: usize = 640;

/// The frame with number `sequence` of a session: its number, then noise at about -34 dBFS that no other frame has.
pub fn frame(session: u32, sequence: u32) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let (number, noise) = bytes.split_at_mut(4);
    number.copy_from_slice(&sequence.to_le_bytes());
    // Xorshift64 (Marsaglia 2003), never at its fixed point 0.
    let mut state = (u64::from(session) << 32 | u64::from(sequence)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for sample in noise.chunks_exact_mut(2) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let amplitude = (state >> 32) as i16 >> 5;
        sample.copy_from_slice(&amplitude.to_le_bytes());
    }
    bytes
}

/// The audio a server sent to one session, whatever packets it came in.
pub struct Heard {
    session: u32,
    pending: Vec<u8>,
    /// The least number the next frame may have.
    next: u32,
    /// Frames that are none of the session's, come twice, or come in the wrong order.
    pub wrong: u64,
}

impl Heard {
    pub fn new(session: u32) -> Self {
        Self {
            session,
            pending: Vec::with_capacity(4 * BYTES),
            next: 0,
            wrong: 0,
        }
    }

    /// Takes a packet and hands on the number of each frame that is now complete and right. `sent` is how many frames
    /// the session has sent so far.
    pub fn hear(&mut self, packet: &[u8], sent: u32, mut returned: impl FnMut(u32)) {
        self.pending.extend_from_slice(packet);
        let whole = self.pending.len() / BYTES * BYTES;
        for bytes in self.pending[..whole].chunks_exact(BYTES) {
            let sequence = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            if (self.next..sent).contains(&sequence) && bytes == frame(self.session, sequence) {
                self.next = sequence + 1;
                returned(sequence);
            } else {
                self.wrong += 1;
            }
        }
        self.pending.drain(..whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returned(heard: &mut Heard, packet: &[u8]) -> Vec<u32> {
        let mut numbers = Vec::new();
        heard.hear(packet, 4, |number| numbers.push(number));
        numbers
    }

    #[test]
    fn packets_of_any_size_make_frames() {
        let mut heard = Heard::new(7);
        let stream: Vec<u8> = (0..4).flat_map(|number| frame(7, number)).collect();
        assert_eq!(returned(&mut heard, &stream[..320]), Vec::<u32>::new());
        assert_eq!(returned(&mut heard, &stream[320..1_600]), [0, 1]);
        assert_eq!(returned(&mut heard, &stream[1_600..]), [2, 3]);
        assert_eq!(heard.wrong, 0);
    }

    #[test]
    fn a_dropped_frame_is_no_mistake() {
        let mut heard = Heard::new(7);
        assert_eq!(returned(&mut heard, &frame(7, 0)), [0]);
        assert_eq!(returned(&mut heard, &frame(7, 3)), [3]);
        assert_eq!(heard.wrong, 0);
    }

    #[test]
    fn another_sample_session_order_or_future_is() {
        let mut heard = Heard::new(7);
        let mut changed = frame(7, 0);
        changed[BYTES - 1] ^= 1;
        for wrong in [changed, frame(8, 0), frame(7, 4)] {
            assert_eq!(returned(&mut heard, &wrong), Vec::<u32>::new());
        }
        assert_eq!(returned(&mut heard, &frame(7, 1)), [1]);
        assert_eq!(returned(&mut heard, &frame(7, 1)), Vec::<u32>::new());
        assert_eq!(returned(&mut heard, &frame(7, 0)), Vec::<u32>::new());
        assert_eq!(heard.wrong, 5);
    }
}
