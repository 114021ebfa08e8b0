//! The newest picture of the patient's camera, for functions that look at it.

use std::time::Duration;

use bedside_providers::traits::VideoFrame;
use bytes::Bytes;
use tokio::time::Instant;

/// A picture is kept at most so often: it is copied, as it would otherwise hold on to the whole block it was read into.
const KEPT_EVERY: Duration = Duration::from_millis(250);

/// A picture older than this no longer shows what the patient holds up, and is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(4);

/// Keeps one picture, no larger than a client's message, and not for long.
#[derive(Debug, Default)]
pub(crate) struct Camera {
    newest: Option<(Instant, VideoFrame)>,
}

impl Camera {
    /// A picture came at `now`.
    pub(crate) fn saw(&mut self, frame: &VideoFrame, now: Instant) {
        if self.newest.as_ref().is_some_and(|(at, _)| now < *at + KEPT_EVERY) {
            return;
        }
        let frame = VideoFrame {
            data: Bytes::copy_from_slice(&frame.data),
            ..frame.clone()
        };
        self.newest = Some((now, frame));
    }

    /// What the camera shows at `now`.
    pub(crate) fn picture(&self, now: Instant) -> Option<VideoFrame> {
        let fresh = self.newest.as_ref().filter(|(at, _)| now < *at + FORGOTTEN_AFTER);
        fresh.map(|(_, frame)| frame.clone())
    }

    /// Forgets a picture that is too old at `now`.
    pub(crate) fn forget_old(&mut self, now: Instant) {
        self.newest.take_if(|(at, _)| now >= *at + FORGOTTEN_AFTER);
    }

    /// When a picture is to be forgotten.
    pub(crate) fn next_old(&self) -> Option<Instant> {
        self.newest.as_ref().map(|(at, _)| *at + FORGOTTEN_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use bedside_providers::traits::PictureFormat;

    use super::*;

    fn frame(captured_us: u64) -> VideoFrame {
        VideoFrame {
            captured_us,
            format: PictureFormat::Rgb24,
            width: 1,
            height: 1,
            data: Bytes::from_static(&[1, 2, 3]),
        }
    }

    #[test]
    fn a_picture_is_shown_until_a_newer_one_comes_or_it_is_old() {
        let mut camera = Camera::default();
        let began = Instant::now();
        let shown = |camera: &Camera, now| camera.picture(now).map(|frame| frame.captured_us);
        camera.saw(&frame(1), began);
        camera.saw(&frame(2), began + KEPT_EVERY / 2);
        assert_eq!(shown(&camera, began), Some(1), "none is copied so soon");
        camera.saw(&frame(3), began + KEPT_EVERY);
        assert_eq!(shown(&camera, began + KEPT_EVERY), Some(3));
        let old = camera.next_old().expect("a picture");
        assert_eq!(shown(&camera, old), None);
        camera.forget_old(old);
        assert_eq!(camera.next_old(), None);
    }

    #[test]
    fn a_kept_picture_holds_on_to_nothing_else() {
        let block = Bytes::from(vec![7; 1 << 16]);
        let mut camera = Camera::default();
        let now = Instant::now();
        camera.saw(
            &VideoFrame {
                data: block.slice(0..3),
                ..frame(1)
            },
            now,
        );
        assert!(block.is_unique());
        assert_eq!(camera.picture(now).map(|frame| frame.data.len()), Some(3));
    }
}
