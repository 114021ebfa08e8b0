//! Why a file gives no more frames.

use bedside_media::video::jpeg::JpegError;
use bedside_media::video::mjpeg::StreamError;
use bedside_media::video::y4m::Y4mError;
use thiserror::Error;

/// Why a file cannot be read as video.
#[derive(Debug, Error)]
pub enum FootageError {
    /// The file could not be opened or read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Only ffmpeg could read this file, and it is not installed.
    #[error(
        "only ffmpeg reads this kind of video, and it is not installed (Debian, Ubuntu: apt-get install ffmpeg; \
         Fedora: dnf install ffmpeg-free; macOS: brew install ffmpeg)"
    )]
    NoFfmpeg,
    /// ffmpeg gave up.
    #[error("ffmpeg: {0}")]
    Ffmpeg(String),
    /// A frame came without its time.
    #[error("the video does not say when its frames were captured")]
    NoTimes,
    /// Bare motion JPEG does not say how often it was captured.
    #[error("bare motion JPEG does not say its frame rate")]
    NoRate,
    /// A y4m stream is damaged.
    #[error(transparent)]
    Y4m(#[from] Y4mError),
    /// A stream of pictures is damaged.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A picture is damaged. The next one may be whole: go on if you like.
    #[error(transparent)]
    Jpeg(#[from] JpegError),
}
