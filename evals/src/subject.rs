//! Scanning one clip, whatever its frames come from.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

use bedside_facegen::{Clip, Scene, Truth};
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::Size;
use bedside_media::video::jpeg::PictureDecoder;
use bedside_providers::local::{RegionMode, Scanner};
use bedside_sight::FaceModel;
use bedside_vitals::reading::Reading;
use bedside_vitals::scan::{ScanEvent, ScanSettings};

use crate::page::Page;

/// What went wrong with the tools, not with a measurement.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Somebody, or nothing, in front of a camera.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) scene: Scene,
    pub(crate) seed: u64,
    /// Quality of the JPEG that frames are sent as, 1 to 100.
    pub(crate) jpeg: Option<u8>,
    pub(crate) region: RegionMode,
    /// Whether a page sends it, which cuts the face out.
    pub(crate) page: bool,
}

impl Job {
    /// Has a page send it, in pictures that leave it something to cut away.
    pub(crate) fn show_to_page(&mut self) {
        self.page = true;
        self.scene.camera.size = Size::new(320, 240).unwrap_or(Size::MAX);
        if let Some(subject) = &mut self.scene.subject {
            subject.head_width = 0.4;
        }
    }
}

/// A scanner as the service opens it.
pub(crate) fn scanner(model: &FaceModel, region: RegionMode, interval: Duration) -> Scanner {
    let model = (region == RegionMode::Auto).then(|| model.clone());
    Scanner::new(model, region, ScanSettings { interval })
}

/// Takes what a scanner has to say of its readings.
pub(crate) fn drain(scanner: &mut Scanner, readings: &mut Vec<Reading>) {
    while let Some(event) = scanner.poll_event() {
        if let ScanEvent::Reading(reading) = event {
            readings.push(reading);
        }
    }
}

/// Renders and scans a clip: a reading a second.
pub(crate) fn scan(job: &Job, model: &FaceModel) -> Result<(Vec<Reading>, Truth), Fault> {
    if job.page {
        return scan_of_page(job, model);
    }
    let mut clip = Clip::new(&job.scene, job.seed);
    let truth = clip.truth().clone();
    let mut scanner = scanner(model, job.region, Duration::from_secs(1));
    let (mut decoder, mut bytes) = (PictureDecoder::new(Size::MAX), Vec::new());
    let mut readings = Vec::new();
    while let Some(frame) = clip.next_frame() {
        if let Some(quality) = job.jpeg {
            bytes.clear();
            frame.to_jpeg(quality, &mut bytes)?;
            scanner.push(&decoder.decode(&bytes, frame.view.captured_us())?)?;
        } else {
            scanner.push(&frame.view)?;
        }
        drain(&mut scanner, &mut readings);
    }
    Ok((readings, truth))
}

/// Renders a clip, and scans what a page sends of it.
fn scan_of_page(job: &Job, model: &FaceModel) -> Result<(Vec<Reading>, Truth), Fault> {
    let mut clip = Clip::new(&job.scene, job.seed);
    let truth = clip.truth().clone();
    let mut scanner = scanner(model, job.region, Duration::from_secs(1));
    let (mut page, mut readings) = (Page::new(job.scene.camera.size), Vec::new());
    while let Some(frame) = clip.next_frame() {
        push_from_page(&mut page, &frame.view, &mut scanner, &mut readings)?;
    }
    Ok((readings, truth))
}

/// Has a page send a frame, and tells it what the scanner says.
pub(crate) fn push_from_page(
    page: &mut Page,
    frame: &FrameView<'_>,
    scanner: &mut Scanner,
    readings: &mut Vec<Reading>,
) -> Result<(), Fault> {
    if let Some(picture) = page.send(frame)? {
        scanner.push(&picture)?;
    }
    while let Some(event) = scanner.poll_event() {
        match event {
            ScanEvent::Reading(reading) => readings.push(reading),
            ScanEvent::Progress(progress) => page.tell(progress),
            ScanEvent::Waveform(_) => {}
        }
    }
    Ok(())
}

/// The results of `work` for each job, in their order, on all processors.
pub(crate) fn all<J: Sync, R: Send>(
    jobs: &[J],
    work: impl Fn(&J) -> Result<R, Fault> + Sync,
) -> Result<Vec<R>, Fault> {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (next, done) = (Mutex::new(0..jobs.len()), Mutex::new(Vec::new()));
    let take = || next.lock().ok().and_then(|mut next| next.next());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(index) = take() {
                    let result = work(&jobs[index]);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|_| "a thread panicked")?;
    if done.len() < jobs.len() {
        return Err("a clip was not scanned".into());
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
