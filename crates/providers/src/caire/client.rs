use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::scan::ScanNews;
use bedside_conversation::service::Unit;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use super::Config;
use super::codec::{self, Answer, State};
use super::scan::Scan;
use crate::picture;
use crate::report::Reporter;
use crate::socket::{End, Received, Socket, random_id};
use crate::traits::{PictureFormat, VideoFrame, VitalsOutput, VitalsStream};

/// Frames that may wait here. Whoever sends knows which of them can be spared.
const FRAMES_WAITING: usize = 1;

/// Answers that may wait: several intervals' worth. Then the scan waits.
const ANSWERS_WAITING: usize = 32;

/// Answers not taken for so long will never be.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Serves one scan on a socket.
pub(super) fn serve(
    name: &'static str,
    config: Arc<Config>,
    interval: Duration,
    socket: Socket,
    reporter: Reporter,
) -> Result<VitalsStream, FaultKind> {
    let (frames, seen) = mpsc::channel(FRAMES_WAITING);
    let (told, output) = mpsc::channel(ANSWERS_WAITING);
    let session = Session {
        name,
        config,
        id: random_id()?,
        scan: Scan::new(interval),
        told,
        socket,
        waiting_since: None,
        last: None,
        billed: Duration::ZERO,
        reporter,
    };
    tokio::spawn(session.run(seen));
    Ok(VitalsStream { frames, output })
}

struct Session {
    name: &'static str,
    config: Arc<Config>,
    id: String,
    scan: Scan,
    told: mpsc::Sender<Result<VitalsOutput, StageFault>>,
    socket: Socket,
    /// When the first picture was sent that was not answered.
    waiting_since: Option<Instant>,
    /// The last picture and its time, µs since 1970: it is sent again to say that it was the last.
    last: Option<(Bytes, u64)>,
    /// The part of the video that was reported.
    billed: Duration,
    reporter: Reporter,
}

impl Session {
    async fn run(mut self, seen: mpsc::Receiver<VideoFrame>) {
        let served = self.serve(seen).await;
        self.bill(Duration::ZERO);
        if let Err(End::Fault(kind)) = served {
            let fault = StageFault {
                provider: self.name,
                kind,
            };
            // Whoever listens is told once; if nobody does, there is nobody to tell.
            drop(self.told.send_timeout(Err(fault), ANSWER_LIMIT).await);
        } else {
            self.socket.close().await;
        }
    }

    async fn serve(&mut self, mut seen: mpsc::Receiver<VideoFrame>) -> Result<(), End> {
        let silence = Duration::from_millis(self.config.silence_ms);
        loop {
            let told = self.told.clone();
            let overdue = self.waiting_since.map(|since| since + silence);
            tokio::select! {
                biased;
                () = told.closed() => return Err(End::Unheard),
                received = self.socket.receive() => {
                    self.on_received(&received?).await?;
                }
                frame = seen.recv() => match frame {
                    Some(frame) => self.show(frame).await?,
                    None => return self.finish().await,
                },
                () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => {
                    return Err(FaultKind::Timeout.into());
                }
            }
        }
    }

    /// Sends a picture, unless it comes sooner than the vendor takes them.
    async fn show(&mut self, frame: VideoFrame) -> Result<(), End> {
        // Nine tenths of the time between two: clocks are not exact.
        let apart = 900_000 / u64::from(self.config.frames_per_second);
        if self.scan.frames() > 0 && frame.captured_us < self.scan.newest() + apart {
            return Ok(());
        }
        let (captured, quality) = (frame.captured_us, self.config.jpeg_quality);
        let jpeg = match frame.format {
            PictureFormat::Jpeg => picture::to_jpeg(&frame, quality),
            _ => tokio::task::spawn_blocking(move || picture::to_jpeg(&frame, quality))
                .await
                .map_err(|_| FaultKind::Internal)?,
        };
        let Ok(jpeg) = jpeg else {
            return self.tell(VitalsOutput::Unreadable).await;
        };
        let unix_us = self.scan.sent(captured, unix_now());
        let message = codec::picture(&self.id, State::Stream, &jpeg, unix_us);
        self.last = Some((jpeg, unix_us));
        self.waiting_since.get_or_insert_with(Instant::now);
        self.socket.send([Message::text(message)]).await?;
        self.bill(Duration::from_secs(1));
        Ok(())
    }

    /// Takes an answer; whether it was the last.
    async fn on_received(&mut self, received: &Received) -> Result<bool, End> {
        let Received::Text(text) = received else {
            return Err(FaultKind::Internal.into());
        };
        let answer = codec::parse(text, &self.id).map_err(|codec::Broken| FaultKind::Internal)?;
        let Some(answer @ Answer { finished, .. }) = answer else {
            return Ok(false);
        };
        // The last picture is taken when it was said to be the last.
        if finished && self.last.is_some() {
            return Err(FaultKind::Internal.into());
        }
        self.waiting_since = None;
        for news in self.scan.on(&answer) {
            self.tell(VitalsOutput::News(news)).await?;
        }
        Ok(finished)
    }

    /// Says that the last picture was the last, and gives the summary.
    async fn finish(&mut self) -> Result<(), End> {
        let Some((jpeg, unix_us)) = self.last.take() else {
            return self.tell_summary().await;
        };
        let message = codec::picture(&self.id, State::End, &jpeg, unix_us);
        self.socket.send([Message::text(message)]).await?;
        let ended = Instant::now();
        let summary_by = ended + Duration::from_millis(self.config.summary_ms);
        if let Ok(finished) = timeout_at(summary_by, self.until_finished()).await {
            finished?;
            return self.tell_summary().await;
        }
        self.tell_summary().await?;
        // Whoever asked has the summary: the vendor alone may still want to finish.
        let finish_by = ended + Duration::from_millis(self.config.finish_ms);
        let finished = async {
            while let Ok(Received::Text(text)) = self.socket.receive().await {
                if codec::parse(&text, &self.id)
                    .is_ok_and(|answer| answer.is_some_and(|answer| answer.finished))
                {
                    return;
                }
            }
        };
        let _ = timeout_at(finish_by, finished).await;
        Ok(())
    }

    async fn until_finished(&mut self) -> Result<(), End> {
        loop {
            let received = self.socket.receive().await?;
            if self.on_received(&received).await? {
                return Ok(());
            }
        }
    }

    async fn tell_summary(&self) -> Result<(), End> {
        self.tell(VitalsOutput::News(ScanNews::Finished(self.scan.summary())))
            .await
    }

    async fn tell(&self, output: VitalsOutput) -> Result<(), End> {
        self.told
            .send_timeout(Ok(output), ANSWER_LIMIT)
            .await
            .map_err(|_| End::Unheard)
    }

    /// Reports the video since the last report, if it is `least` long.
    fn bill(&mut self, least: Duration) {
        let new = self.scan.elapsed().saturating_sub(self.billed);
        if new > Duration::ZERO && new >= least {
            self.billed += new;
            self.reporter.used(Unit::VideoSeconds, new.as_secs_f64());
        }
    }
}

fn unix_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_micros() as u64
}
