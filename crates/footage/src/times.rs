//! The times of frames, as ffmpeg's filter `showinfo` writes them into its log.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Frames that may be on their way from the filter to the pipe. ffmpeg's own queues between the two hold a few dozen.
pub(crate) const AHEAD: usize = 4_096;
/// Lines of the log that are kept to say what went wrong.
const KEPT: usize = 4;
/// Longest line looked at, bytes; what follows counts as the next line.
const LONGEST: u64 = 4_096;

/// Reads the log until it ends, and returns its last lines. Times are seconds, and not a number for a frame without one.
pub(crate) fn follow(log: impl Read, times: &SyncSender<f64>) -> String {
    let (mut log, mut line, mut last) = (BufReader::new(log), Vec::new(), VecDeque::new());
    loop {
        line.clear();
        match log.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return Vec::from(last).join("; "),
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if let Some(time) = time(text) {
            // Nobody waits for it once the reader has gone; the log must be emptied all the same.
            let _ = times.send(time);
        } else if !text.is_empty() && !text.contains("showinfo") {
            if last.len() == KEPT {
                last.pop_front();
            }
            last.push_back(text.to_owned());
        }
    }
}

/// The time in a line about a frame.
fn time(line: &str) -> Option<f64> {
    // A file may be called anything: its name is in the log, too.
    let (_, rest) = line.strip_prefix("[Parsed_showinfo")?.split_once(" n:")?;
    let (_, rest) = rest.split_once("pts_time:")?;
    let time = rest.split_whitespace().next()?;
    Some(time.parse().unwrap_or(f64::NAN))
}

/// Makes capture times of seconds: microseconds after the first frame, which rise.
#[derive(Debug)]
pub(crate) struct Times {
    incoming: Receiver<f64>,
    first: Option<f64>,
}

impl Times {
    pub(crate) fn new(incoming: Receiver<f64>) -> Self {
        Self {
            incoming,
            first: None,
        }
    }

    /// Takes no more: who writes them need not wait for a reader.
    pub(crate) fn stop(&mut self) {
        self.incoming = sync_channel(0).1;
    }

    /// The next frame's; `None` if it has none or the log ended before it.
    pub(crate) fn next_us(&mut self) -> Option<u64> {
        let time = self.incoming.recv().ok().filter(|time| time.is_finite())?;
        let first = *self.first.get_or_insert(time);
        Some(((time - first).max(0.0) * 1e6).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "Input #0, mov, from 'showinfo n:0 pts_time:7 .mp4':
[Parsed_showinfo_1 @ 0x5] config in time_base: 1/15360, frame_rate: 30/1
[Parsed_showinfo_1 @ 0x5] n:   0 pts:    512 pts_time:0.033333 duration: 512 pos: 48 fmt:yuv420p
[Parsed_showinfo_1 @ 0x5] color_range:tv color_space:unknown
[Parsed_showinfo_1 @ 0x5] n:   1 pts:  NOPTS pts_time:NOPTS pos: 48
[Parsed_showinfo_1 @ 0x5] n:   2 pts:   2048 pts_time:0.133333 pos: 99
a.mp4: corrupt decoded frame
Conversion failed!
";

    #[test]
    fn the_log_gives_a_time_for_each_frame_and_its_last_words() {
        let (sender, times) = sync_channel(8);
        let words = follow(LOG.as_bytes(), &sender);
        assert!(
            words.ends_with("a.mp4: corrupt decoded frame; Conversion failed!"),
            "{words}"
        );
        drop(sender);
        let mut times = Times::new(times);
        assert_eq!(
            [times.next_us(), times.next_us(), times.next_us()],
            [Some(0), None, Some(100_000)]
        );
        assert_eq!(times.next_us(), None);
    }
}
