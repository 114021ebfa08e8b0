//! What comes from the client: events, audio decoded for the bus, and pictures.

use std::time::Duration;

use bedside_conversation::io::InputSettings;
use bedside_conversation::time::{AudioPos, Time};
use bedside_media::audio::decoder::Decoder;
use bedside_protocol::binary::{MediaFrame, MediaHeader};
use bedside_protocol::{
    Append, AudioFormat, ClientError, ClientEvent, ClientEventKind, ErrorCode, ErrorDetail, ErrorType,
    InvalidField, VideoAppend, parse_client_event,
};
use bedside_providers::traits::{BusAudio, VideoFrame};
use bytes::Bytes;

use crate::cleaning::Cleaner;
use crate::format::media_format;
use crate::frames::{self, Frames};
use crate::video;

/// Audio on the bus comes in pieces of at most 100 ms, so that a command can be placed between them.
const PIECE_BYTES: usize = 3_200;

/// The client's side of one session.
pub(crate) struct Ingress {
    settings: InputSettings,
    /// Made for the first audio in an event: with a resampler it takes more memory than the rest of an idle session.
    decoder: Option<Decoder>,
    frames: Frames,
    /// Boxed: it is larger than all the rest of a session and rarely there.
    cleaner: Option<Box<Cleaner>>,
    end: AudioPos,
    /// The client was told that its video is not wanted.
    video_refused: bool,
}

/// What a message brought. Audio comes before the event.
#[derive(Debug, Default)]
pub(crate) struct Received {
    /// Pieces for the bus, gapless.
    pub(crate) audio: Vec<BusAudio>,
    /// A picture of the patient.
    pub(crate) video: Option<VideoFrame>,
    /// What the client asks.
    pub(crate) event: Option<ClientEvent>,
    /// Lost audio that was made up.
    pub(crate) concealed: Duration,
    /// Lost audio for which silence stands.
    pub(crate) lost: Duration,
}

impl Ingress {
    pub(crate) fn new(settings: InputSettings) -> Self {
        Self {
            decoder: None,
            cleaner: Cleaner::new(&settings).map(Box::new),
            settings,
            frames: Frames::default(),
            end: AudioPos::START,
            video_refused: false,
        }
    }

    /// Takes effect for audio received from now on.
    pub(crate) fn configure(&mut self, settings: InputSettings) {
        if settings.format != self.settings.format {
            self.decoder = None;
        }
        let cleaning = |s: &InputSettings| (s.noise_suppression, s.echo_cancellation, s.gain_control);
        if cleaning(&settings) != cleaning(&self.settings) {
            self.cleaner = Cleaner::new(&settings).map(Box::new);
        }
        self.video_refused &= !settings.video;
        self.settings = settings;
    }

    /// Reads a text message.
    pub(crate) fn text(&mut self, now: Time, message: &Bytes) -> Result<Received, ErrorDetail> {
        let text = std::str::from_utf8(message).map_err(|_| mistake(ErrorCode::InvalidJson, "Not UTF-8."))?;
        if let Some(append) = Append::parse(text) {
            let audio = self.append(now, &append)?;
            return Ok(Received {
                audio,
                ..Received::default()
            });
        }
        if let Some(append) = VideoAppend::parse(text) {
            return self.video(append.event_id(), || video::of_append(&append));
        }
        let event = parse_client_event(text)?;
        let tail = match event.kind {
            ClientEventKind::InputAudioBufferCommit {} => self.finish(),
            ClientEventKind::InputAudioBufferClear {} => {
                self.reset();
                Bytes::new()
            }
            _ => Bytes::new(),
        };
        Ok(Received {
            audio: self.place(now, tail)?,
            event: Some(event),
            ..Received::default()
        })
    }

    /// Reads a binary message.
    pub(crate) fn binary(&mut self, now: Time, message: &Bytes) -> Result<Received, ErrorDetail> {
        let heard = match MediaFrame::decode(message).map(|frame| (frame.header.media, frame)) {
            Ok((MediaHeader::Video(picture), frame)) => {
                return self.video(None, || video::of_frame(picture, frame));
            }
            Ok((MediaHeader::Audio(audio), frame)) if self.settings.binary => {
                self.frames.push(frame.header.sequence, audio, &frame.payload)?
            }
            Err(invalid) if self.settings.binary || self.settings.video => return Err(invalid.into()),
            _ => {
                return Err(frames::invalid(
                    "this session takes none; set session.bedside.media to \"binary\" or \"binary_in\"",
                ));
            }
        };
        let audio = self.place(now, heard.pcm)?;
        Ok(Received {
            audio,
            concealed: heard.concealed,
            lost: heard.lost,
            ..Received::default()
        })
    }

    /// The client has another connection: the numbers of its frames tell no losses of the one before.
    pub(crate) fn reconnected(&mut self) {
        self.frames = Frames::default();
    }

    /// The microphone's cleaner, to be told what we play.
    pub(crate) fn cleaner(&mut self) -> Option<&mut Cleaner> {
        self.cleaner.as_deref_mut()
    }

    /// One past the last sample on the bus.
    pub(crate) fn end(&self) -> AudioPos {
        self.end
    }

    /// Takes a picture, if vital signs are enabled; if not, says so once.
    fn video(
        &mut self,
        event_id: Option<&str>,
        read: impl FnOnce() -> Result<VideoFrame, ErrorDetail>,
    ) -> Result<Received, ErrorDetail> {
        if self.settings.video {
            return Ok(Received {
                video: Some(read()?),
                ..Received::default()
            });
        }
        if std::mem::replace(&mut self.video_refused, true) {
            return Ok(Received::default());
        }
        Err(video::not_enabled(event_id))
    }

    fn append(&mut self, now: Time, append: &Append<'_>) -> Result<Vec<BusAudio>, ErrorDetail> {
        let refused = |code, message: &str| {
            let field = InvalidField {
                param: "audio".to_owned(),
                code,
                message: message.to_owned(),
            };
            ErrorDetail::from(ClientError::from_field(
                field,
                append.event_id().map(str::to_owned),
            ))
        };
        if self.settings.format == AudioFormat::Opus {
            return Err(refused(
                ErrorCode::UnsupportedParameter,
                "Opus packets travel in binary messages only.",
            ));
        }
        let data = append.decode()?;
        if self.decoder.is_none() {
            self.decoder = decoder(self.settings.format);
        }
        let decoder = self.decoder.as_mut().ok_or_else(internal)?;
        let pcm = decoder.push(&data).map_err(|_| {
            refused(
                ErrorCode::InvalidValue,
                "Expected whole 16-bit samples in 'audio'.",
            )
        })?;
        self.place(now, pcm)
    }

    /// Cleans audio, gives it its place on the session's timeline and cuts it for the bus.
    fn place(&mut self, now: Time, pcm: Bytes) -> Result<Vec<BusAudio>, ErrorDetail> {
        let mut pcm = match &mut self.cleaner {
            Some(cleaner) => cleaner.clean(now, &pcm).map_err(|_| internal())?,
            None => pcm,
        };
        let mut pieces = Vec::with_capacity(pcm.len().div_ceil(PIECE_BYTES));
        while !pcm.is_empty() {
            let piece = pcm.split_to(PIECE_BYTES.min(pcm.len()));
            let at = self.end;
            self.end = at + piece.len() as u64 / 2;
            pieces.push(BusAudio { at, pcm: piece });
        }
        Ok(pieces)
    }

    /// What the decoders hold back: an utterance ends here.
    fn finish(&mut self) -> Bytes {
        let tail = self
            .decoder
            .as_mut()
            .and_then(|decoder| decoder.finish().ok())
            .unwrap_or_default();
        if tail.is_empty() {
            self.frames.finish()
        } else {
            tail
        }
    }

    fn reset(&mut self) {
        self.decoder = None;
        self.frames.reset();
    }
}

fn decoder(format: AudioFormat) -> Option<Decoder> {
    media_format(format)
        .ok()
        .and_then(|format| Decoder::new(format).ok())
}

fn mistake(code: ErrorCode, message: &str) -> ErrorDetail {
    ErrorDetail::from(ClientError {
        code,
        message: message.to_owned(),
        param: None,
        event_id: None,
    })
}

fn internal() -> ErrorDetail {
    ErrorDetail {
        kind: ErrorType::ServerError,
        ..mistake(ErrorCode::InternalError, "The audio could not be processed.")
    }
}
