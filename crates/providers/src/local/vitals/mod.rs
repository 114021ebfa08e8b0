//! Vital signs on this machine: one task a scan, one job a frame on the scheduler.

mod finder;
mod news;
mod picture;
mod scanner;

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_conversation::scan::{ScanNews, ScanParams, ScanRegion};
use bedside_inference::scheduler::{Class, Scheduler};
use bedside_sight::FaceModel;
use bedside_vitals::ScanSettings;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::{NAME, jobs};
use crate::report::Reporter;
use crate::traits::{VideoFrame, VitalsOutput, VitalsService, VitalsStream};
use picture::Decoders;
pub use scanner::{RegionMode, ScanFault, Scanner};

/// Frames that may wait here beside the one at work. Those that have to wait longer do so with the sender, who knows
/// which of them can be spared.
const FRAMES_WAITING: usize = 1;

/// Answers that may wait: several intervals' worth. Then the scan waits.
const ANSWERS_WAITING: usize = 32;

/// A frame should be done before the next two are there.
const DEADLINE: Duration = Duration::from_millis(66);

/// Vital signs give way to speech. When they had to for this long, the scan is worth nothing.
const LIMIT: Duration = Duration::from_secs(10);

/// Vital signs on this machine.
#[derive(Debug, Clone)]
pub struct LocalVitals {
    faces: FaceModel,
    scheduler: Arc<Scheduler>,
    decoders: Arc<Decoders>,
}

impl LocalVitals {
    pub(super) fn new(faces: FaceModel, scheduler: Arc<Scheduler>) -> Self {
        Self {
            faces,
            scheduler,
            decoders: Arc::default(),
        }
    }
}

impl VitalsService for LocalVitals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(
        &self,
        params: ScanParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        let (frames, seen) = mpsc::channel(FRAMES_WAITING);
        let (told, output) = mpsc::channel(ANSWERS_WAITING);
        let settings = ScanSettings {
            interval: params.interval,
        };
        let scanner = match params.region {
            ScanRegion::Auto => Scanner::new(Some(self.faces.clone()), RegionMode::Auto, settings),
            ScanRegion::FaceCrop => Scanner::new(None, RegionMode::FaceCrop, settings),
        };
        let work = Work {
            scheduler: self.scheduler.clone(),
            decoders: self.decoders.clone(),
        };
        tokio::spawn(async move {
            // Nobody to tell means that nobody wants the scan any more.
            let _ = run(work, Box::new(scanner), seen, told).await;
        });
        std::future::ready(Ok(VitalsStream { frames, output })).boxed()
    }
}

/// Whoever listened to a scan is gone, or has not listened for long.
struct Unheard;

type Told = mpsc::Sender<Result<VitalsOutput, StageFault>>;

/// Serves a scan until either end is dropped or a job fails.
async fn run(
    work: Work,
    mut scanner: Box<Scanner>,
    mut seen: mpsc::Receiver<VideoFrame>,
    told: Told,
) -> Result<(), Unheard> {
    loop {
        let frame = tokio::select! {
            frame = seen.recv() => frame,
            () = told.closed() => return Err(Unheard),
        };
        let Some(frame) = frame else {
            let news = ScanNews::Finished(news::summary(&scanner.summary()));
            return tell(&told, Ok(VitalsOutput::News(news))).await;
        };
        let outcome = tokio::select! {
            outcome = work.look(scanner, frame) => outcome,
            () = told.closed() => return Err(Unheard),
        };
        match outcome {
            Ok((returned, answers)) => {
                scanner = returned;
                for answer in answers {
                    tell(&told, Ok(answer)).await?;
                }
            }
            Err(fault) => return tell(&told, Err(fault)).await,
        }
    }
}

async fn tell(told: &Told, answer: Result<VitalsOutput, StageFault>) -> Result<(), Unheard> {
    told.send_timeout(answer, LIMIT).await.map_err(|_| Unheard)
}

/// Where frames are looked at.
struct Work {
    scheduler: Arc<Scheduler>,
    decoders: Arc<Decoders>,
}

impl Work {
    /// Looks at a frame in one job; the scanner travels with it.
    async fn look(
        &self,
        mut scanner: Box<Scanner>,
        frame: VideoFrame,
    ) -> Result<(Box<Scanner>, Vec<VitalsOutput>), StageFault> {
        let decoders = self.decoders.clone();
        let job = self
            .scheduler
            .submit(Class::Vitals, jobs::deadline(DEADLINE), move || {
                let readable = decoders.with_view(&frame, |view| scanner.push(view));
                let mut answers = Vec::new();
                match readable {
                    Ok(pushed) => pushed?,
                    Err(picture::Unreadable) => answers.push(VitalsOutput::Unreadable),
                }
                while let Some(event) = scanner.poll_event() {
                    answers.push(VitalsOutput::News(news::event(event)));
                }
                Ok::<_, ScanFault>((scanner, answers))
            });
        Ok(jobs::outcome(job, LIMIT).await?.value)
    }
}
