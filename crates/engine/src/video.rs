//! Pictures of the patient, checked as far as can be without decoding them.

use bedside_media::video::jpeg;
use bedside_protocol::binary::{MAX_VIDEO_HEIGHT, MAX_VIDEO_WIDTH, MediaFrame, VideoFormat, VideoHeader};
use bedside_protocol::{ErrorCode, ErrorDetail, ErrorType, InvalidField, VideoAppend};
use bedside_providers::traits::{PictureFormat, VideoFrame};

use crate::frames::invalid;

/// The picture of a binary frame with this header.
pub(crate) fn of_frame(header: VideoHeader, frame: MediaFrame) -> Result<VideoFrame, ErrorDetail> {
    let VideoHeader {
        format,
        width,
        height,
    } = header;
    let format = match format {
        VideoFormat::Rgb24 => PictureFormat::Rgb24,
        VideoFormat::Rgba32 => PictureFormat::Rgba32,
        VideoFormat::I420 => PictureFormat::I420,
        VideoFormat::Jpeg => PictureFormat::Jpeg,
    };
    if format == PictureFormat::Jpeg && size(&frame.payload) != Some((width, height)) {
        return Err(invalid("not a baseline JPEG of the size in its header"));
    }
    Ok(VideoFrame {
        captured_us: frame.header.time_us,
        format,
        width,
        height,
        data: frame.payload,
    })
}

/// The picture of an event.
pub(crate) fn of_append(append: &VideoAppend<'_>) -> Result<VideoFrame, ErrorDetail> {
    let data = append.decode()?;
    let Some((width, height)) = size(&data) else {
        let field = InvalidField {
            param: "image".to_owned(),
            code: ErrorCode::InvalidValue,
            message: format!(
                "Invalid value for 'image': expected a baseline JPEG of at most {MAX_VIDEO_WIDTH}x{MAX_VIDEO_HEIGHT} pixels."
            ),
        };
        return Err(append.refusal(field).into());
    };
    Ok(VideoFrame {
        captured_us: append.capture_time_us(),
        format: PictureFormat::Jpeg,
        width,
        height,
        data,
    })
}

/// What a client is told that sends video without having said what for.
pub(crate) fn not_enabled(event_id: Option<&str>) -> ErrorDetail {
    ErrorDetail {
        kind: ErrorType::InvalidRequestError,
        code: Some(ErrorCode::VideoNotEnabled),
        message: "This session takes no video; set session.bedside.vitals.enabled to true. Further video is ignored."
            .to_owned(),
        param: None,
        event_id: event_id.map(str::to_owned),
    }
}

/// What a client is told whose picture turned out to be damaged.
pub(crate) fn unreadable() -> ErrorDetail {
    invalid("the picture cannot be decoded")
}

/// The sides of a JPEG that may be sent.
fn size(jpeg: &[u8]) -> Option<(u16, u16)> {
    let size = jpeg::size(jpeg).ok()?;
    let within = |side: u32, most: u16| u16::try_from(side).ok().filter(|side| *side <= most);
    Some((
        within(size.width(), MAX_VIDEO_WIDTH)?,
        within(size.height(), MAX_VIDEO_HEIGHT)?,
    ))
}
