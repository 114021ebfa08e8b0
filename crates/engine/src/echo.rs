//! The patient's audio on its way back: an echo test of microphone, loudspeaker and network.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::io::{AudioOut, Epoch};
use bedside_conversation::time::Time;
use bedside_media::audio::encoder::{EncodedFrame, Encoder};
use bedside_media::audio::format::{AudioFormat, SampleRate};
use bytes::Bytes;

use crate::clock::bus_time;

/// Never more than this ahead of what the client can have played.
const MAX_AHEAD: Duration = Duration::from_millis(400);

/// A client that was not heard for a while, because it or the server or the network stood still, sends what it recorded
/// meanwhile at once, and it is not held up for that: up to so much, its echo is as old as it is late.
const STOOD_STILL: Duration = Duration::from_secs(2);

/// One session's echo.
///
/// Overflow policy: while something waits here its client is not read, so that one that sends a recording faster than it
/// plays has its echo at the pace of playback.
pub(crate) struct Echo {
    form: Form,
    waiting: VecDeque<EncodedFrame>,
    response_id: String,
    item_id: String,
    /// When the audio that was given back ends, if the client began to play it as it began to send.
    ends: Time,
}

/// How the audio goes back.
enum Form {
    /// As it is on the bus.
    Bus,
    /// In another format; `None` if the codec failed to start.
    Other(Option<Box<Encoder>>),
}

impl Form {
    fn of(format: AudioFormat) -> Self {
        if format == AudioFormat::BUS {
            Self::Bus
        } else {
            Self::Other(Encoder::new(format).ok().map(Box::new))
        }
    }

    fn is(&self, format: AudioFormat) -> bool {
        match self {
            Self::Bus => format == AudioFormat::BUS,
            Self::Other(encoder) => encoder.as_ref().is_some_and(|encoder| encoder.format() == format),
        }
    }
}

impl Echo {
    pub(crate) fn new(session: &str, format: AudioFormat) -> Self {
        Self {
            form: Form::of(format),
            waiting: VecDeque::new(),
            response_id: format!("resp_{session}echo"),
            item_id: format!("item_{session}echo"),
            ends: Time::ZERO,
        }
    }

    /// The client's format from now on. What still waits in another one is dropped.
    pub(crate) fn configure(&mut self, format: AudioFormat) {
        if !self.form.is(format) {
            self.form = Form::of(format);
            self.waiting.clear();
        }
    }

    /// Takes a piece of audio off the bus. What the codec fails on is left out.
    pub(crate) fn hear(&mut self, pcm: &Bytes) {
        match &mut self.form {
            Form::Bus => self.waiting.push_back(EncodedFrame {
                data: pcm.clone(),
                duration: bus_time(pcm.len() as u64 / 2),
            }),
            Form::Other(Some(encoder)) => {
                let mut frames = Vec::new();
                let pushed = encoder.push(pcm, SampleRate::HZ_16000, &mut frames);
                self.waiting.extend(frames);
                if pushed.is_err() {
                    self.form = Form::of(encoder.format());
                }
            }
            Form::Other(None) => {}
        }
    }

    /// The next audio that may be given back at `now`.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<AudioOut> {
        if self.next_due()? > now {
            return None;
        }
        let EncodedFrame { data, duration } = self.waiting.pop_front()?;
        let begins = self.ends.max(now.before(STOOD_STILL));
        self.ends = begins + duration;
        Some(AudioOut {
            epoch: Epoch(0),
            response_id: self.response_id.clone(),
            item_id: self.item_id.clone(),
            output_index: 0,
            content_index: 0,
            data,
            presentation_us: begins.max(now).as_micros(),
            duration,
        })
    }

    /// When [`pop_due`](Self::pop_due) will next have something.
    pub(crate) fn next_due(&self) -> Option<Time> {
        let next = self.waiting.front()?;
        Some((self.ends + next.duration).before(MAX_AHEAD))
    }

    /// Whether something waits.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Drops what waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: AudioFormat = AudioFormat::BUS;

    fn echo() -> Echo {
        Echo::new("s", BUS)
    }

    fn audio(ms: usize) -> Bytes {
        Bytes::from(vec![1; ms * 32])
    }

    fn given_back(echo: &mut Echo, at_ms: u64) -> u64 {
        let due = std::iter::from_fn(|| echo.pop_due(Time::from_millis(at_ms)));
        due.map(|audio| audio.duration.as_millis() as u64).sum()
    }

    #[test]
    fn a_live_client_hears_itself_at_once_and_a_frame_is_what_it_sent() {
        let mut echo = echo();
        for frame in 0..500 {
            let sent = audio(20);
            echo.hear(&sent);
            let back = echo.pop_due(Time::from_millis(frame * 20)).expect("due at once");
            assert_eq!(back.data.as_ptr(), sent.as_ptr());
            assert!(!echo.is_waiting());
        }
    }

    #[test]
    fn a_recording_sent_faster_than_it_plays_comes_back_as_it_plays() {
        let mut echo = echo();
        for _ in 0..30 {
            echo.hear(&audio(100));
        }
        assert_eq!(given_back(&mut echo, 0), 400);
        let due = echo.next_due().expect("more waits");
        assert_eq!(due, Time::from_millis(100));
        assert_eq!(given_back(&mut echo, 99), 0);
        assert_eq!(given_back(&mut echo, 1_099), 1_000);
    }

    #[test]
    fn after_a_standstill_nothing_is_held_up() {
        let mut echo = echo();
        for frame in 0..50 {
            echo.hear(&audio(20));
            assert_eq!(given_back(&mut echo, frame * 20), 20);
        }
        for _ in 0..50 {
            echo.hear(&audio(20));
        }
        assert_eq!(given_back(&mut echo, 2_000), 1_000);
        echo.hear(&audio(20));
        assert_eq!(given_back(&mut echo, 2_020), 20);
        for _ in 0..600 {
            echo.hear(&audio(100));
        }
        assert_eq!(given_back(&mut echo, 62_020), 2_400, "a longer one is not live");
    }

    #[test]
    fn what_waits_is_dropped_with_its_format() {
        let mut echo = echo();
        for _ in 0..10 {
            echo.hear(&audio(100));
        }
        assert_eq!(given_back(&mut echo, 0), 400);
        echo.configure(BUS);
        assert!(echo.is_waiting());
        echo.configure(AudioFormat::MU_LAW);
        assert!(!echo.is_waiting());
        echo.hear(&audio(40));
        assert_eq!(
            echo.pop_due(Time::from_millis(500)).map(|audio| audio.data.len()),
            Some(160)
        );
    }
}
