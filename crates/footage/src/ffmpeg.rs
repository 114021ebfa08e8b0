//! Any video, through the ffmpeg program.

use std::ffi::OsString;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use bedside_media::video::frame::FrameView;
use bedside_media::video::y4m::Y4mReader;

use crate::error::FootageError;
use crate::times::{AHEAD, Times, follow};

/// What ffmpeg does to each frame.
///
/// Large pictures are averaged down to 1280 px, which keeps mean colours and saves the pipe. Frames are then counted, 30
/// to a second, so that writing at 30 a second repeats and drops none whatever their times were; `showinfo` tells those
/// before.
const FILTERS: &str = "scale=w='min(1280,iw)':h='min(1280,ih)':force_original_aspect_ratio=decrease\
                       :force_divisible_by=2:flags=area,format=yuv420p,showinfo,settb=1/30,setpts=N";

/// A running ffmpeg. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Ffmpeg {
    process: Process,
    frames: Y4mReader<BufReader<ChildStdout>>,
    times: Times,
}

#[derive(Debug)]
struct Process {
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Ffmpeg {
    /// Starts reading the first video stream of a file.
    pub(crate) fn open(path: &Path) -> Result<Self, FootageError> {
        let mut child = Command::new("ffmpeg")
            .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "info"])
            .args(["-protocol_whitelist", "file", "-i"])
            .arg(name(path))
            .args([
                "-map",
                "0:v:0",
                "-vf",
                FILTERS,
                "-r",
                "30",
                "-f",
                "yuv4mpegpipe",
                "-",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => FootageError::NoFfmpeg,
                _ => FootageError::Io(error),
            })?;
        let (sender, times) = sync_channel(AHEAD);
        let (frames, log) = (child.stdout.take(), child.stderr.take());
        let log = log.map(|log| std::thread::spawn(move || follow(log, &sender)));
        let mut process = Process { child, log };
        // A stream without a header is ffmpeg's failure, which its log explains.
        let Some(frames) = frames.and_then(|frames| Y4mReader::new(BufReader::new(frames)).ok()) else {
            drop(times);
            return Err(process.failure());
        };
        Ok(Self {
            process,
            frames,
            times: Times::new(times),
        })
    }

    /// The next frame with its true time.
    pub(crate) fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, FootageError> {
        match self.frames.next_frame() {
            Ok(Some(frame)) => {
                let captured_us = self.times.next_us().ok_or(FootageError::NoTimes)?;
                Ok(Some(frame.captured_at(captured_us)))
            }
            Ok(None) if self.process.child.wait()?.success() => Ok(None),
            Ok(None) | Err(_) => {
                self.times.stop();
                Err(self.process.failure())
            }
        }
    }
}

impl Process {
    /// What the log says last, after the process has ended.
    fn failure(&mut self) -> FootageError {
        self.end();
        let log = self.log.take().and_then(|log| log.join().ok());
        FootageError::Ffmpeg(log.unwrap_or_default())
    }

    fn end(&mut self) {
        // It may have ended by itself; there is nothing to do about one that cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The name with its scheme, so that one with a colon or a leading dash is still a file.
fn name(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}
