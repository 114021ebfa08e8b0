//! Estimators of vital signs that fail or fall silent during a scan.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod failover;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::scan::{Figures, ScanNews, ScanParams, ScanRegion, ScanSummary, Waveform};
use bedside_conversation::service::{ChangeReason, Stage};
use bedside_providers::report::{Reporter, Reports};
use bedside_providers::resilience::{Chain, ChainOptions};
use bedside_providers::traits::{PictureFormat, VideoFrame, VitalsOutput, VitalsService, VitalsStream};
use bytes::Bytes;
use failover::{Live, Trouble, fault, settle, steps, told, wait};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Opening,
    /// At this picture.
    Picture(u64),
    /// When it is asked for the summary.
    Summary,
}

/// Tells after each picture which one it was and who says so.
struct FakeEyes {
    name: &'static str,
    trouble: Mutex<Option<(Moment, Trouble)>>,
    /// Pictures it is shown for each that it has news of.
    lag: u64,
    /// Whether news goes on coming, and no summary, when that is asked for.
    rambles: bool,
    live: Live,
}

fn eyes(name: &'static str, trouble: Option<(Moment, Trouble)>) -> Arc<FakeEyes> {
    Arc::new(FakeEyes {
        name,
        trouble: Mutex::new(trouble),
        lag: 1,
        rambles: false,
        live: Live::default(),
    })
}

impl VitalsService for FakeEyes {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open(&self, _: ScanParams, _: Reporter) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        let (frames, mut seen) = mpsc::channel::<VideoFrame>(1);
        let (told, output) = mpsc::channel(32);
        let trouble = *self.trouble.lock().expect("not poisoned");
        let (name, lag, rambles, lives) = (self.name, self.lag, self.rambles, self.live.one());
        let suffers = move |moment| {
            trouble
                .filter(|&(at, _)| at == moment)
                .map(|(_, trouble)| trouble)
        };
        async move {
            match suffers(Moment::Opening) {
                Some(Trouble::Fails(kind)) => return Err(fault(name, kind)),
                Some(Trouble::Hangs) => std::future::pending().await,
                Some(Trouble::Ends) => return Ok(VitalsStream { frames, output }),
                None => {}
            }
            let work = async move {
                loop {
                    let frame = seen.recv().await;
                    let moment = frame
                        .as_ref()
                        .map_or(Moment::Summary, |frame| Moment::Picture(frame.captured_us));
                    match suffers(moment) {
                        Some(Trouble::Fails(kind)) => {
                            let _ = told.send(Err(fault(name, kind))).await;
                            return;
                        }
                        Some(Trouble::Hangs) => std::future::pending().await,
                        Some(Trouble::Ends) => return,
                        None => {}
                    }
                    let news = match &frame {
                        Some(frame) => ScanNews::Waveform(Waveform {
                            at: frame.captured_us / lag,
                            sample_rate: if name == "vendor" { 1.0 } else { 2.0 },
                            samples: Vec::new(),
                        }),
                        None if rambles => ScanNews::Waveform(Waveform {
                            at: 0,
                            sample_rate: 1.0,
                            samples: Vec::new(),
                        }),
                        None => ScanNews::Finished(summary(name)),
                    };
                    if told.send(Ok(VitalsOutput::News(news))).await.is_err() || frame.is_none() && !rambles {
                        return;
                    }
                    if frame.is_none() {
                        wait(400).await;
                    }
                }
            };
            let closed = async move {
                let _lives = lives;
                work.await;
            };
            tokio::spawn(closed);
            Ok(VitalsStream { frames, output })
        }
        .boxed()
    }
}

fn summary(method: &'static str) -> ScanSummary {
    ScanSummary {
        elapsed: Duration::ZERO,
        frames: 0,
        figures: Figures {
            heart_rate: Err("none"),
            respiratory_rate: Err("none"),
            hrv: Err("none"),
        },
        coverage: 0.0,
        method,
    }
}

fn chain(links: &[&Arc<FakeEyes>]) -> Chain<dyn VitalsService> {
    let link = |eyes: &&Arc<FakeEyes>| failover::link(Arc::clone(eyes) as Arc<dyn VitalsService>);
    Chain::new(
        Stage::Vitals,
        links.iter().map(link).collect(),
        ChainOptions::default(),
    )
    .expect("links")
}

/// What a scan came to: of which pictures news came, in order, and by whom the summary was.
#[derive(Debug, Default, PartialEq)]
struct Scan {
    pictures: Vec<u64>,
    summaries: Vec<&'static str>,
    fault: Option<StageFault>,
    longest_silence: Duration,
}

/// Forty pictures in eight seconds, numbered instead of timed.
async fn scan(chain: &Chain<dyn VitalsService>, session: &Reporter) -> Scan {
    scan_of(chain, session, 1).await
}

/// Forty pictures in eight seconds whose capture times are so far apart, in microseconds.
async fn scan_of(chain: &Chain<dyn VitalsService>, session: &Reporter, apart: u64) -> Scan {
    let params = ScanParams {
        region: ScanRegion::Auto,
        interval: Duration::from_secs(1),
    };
    let VitalsStream { frames, mut output } = chain.open(params, session.clone()).await.expect("a stream");
    let show = async move {
        for number in 0..40 {
            let frame = VideoFrame {
                captured_us: number * apart,
                format: PictureFormat::Jpeg,
                width: 1,
                height: 1,
                data: Bytes::new(),
            };
            if frames.send(frame).await.is_err() {
                return;
            }
            wait(200).await;
        }
    };
    let watch = async {
        let mut scan = Scan::default();
        let mut last = tokio::time::Instant::now();
        while let Some(said) = output.recv().await {
            scan.longest_silence = scan.longest_silence.max(last.elapsed());
            last = tokio::time::Instant::now();
            match said {
                Ok(VitalsOutput::News(ScanNews::Waveform(wave))) => scan.pictures.push(wave.at),
                Ok(VitalsOutput::News(ScanNews::Finished(summary))) => scan.summaries.push(summary.method),
                Ok(_) => {}
                Err(fault) => scan.fault = Some(fault),
            }
        }
        scan
    };
    tokio::join!(show, watch).1
}

#[tokio::test(start_paused = true)]
async fn a_scan_goes_on_without_a_gap_whenever_and_however_its_leader_fails() {
    let pictures = [0, 1, 17, 39].map(Moment::Picture);
    for moment in [Moment::Opening, Moment::Summary].into_iter().chain(pictures) {
        for trouble in Trouble::ALL {
            let (vendor, local) = (eyes("vendor", Some((moment, trouble))), eyes("local", None));
            let chain = chain(&[&vendor, &local]);
            let (reports, session) = Reports::new();
            let scan = scan(&chain, &session).await;
            assert_eq!(
                scan.pictures,
                (0..40).collect::<Vec<_>>(),
                "{moment:?} {trouble:?}"
            );
            assert_eq!(scan.summaries, ["local"], "{moment:?} {trouble:?}");
            assert_eq!(scan.fault, None);
            assert!(
                scan.longest_silence <= Duration::from_millis(1_200),
                "{:?}",
                scan.longest_silence
            );
            let told = told(&reports);
            assert_eq!(
                told.faults,
                [fault("vendor", trouble.kind())],
                "{moment:?} {trouble:?}"
            );
            assert_eq!(
                steps(&told),
                [("vendor", "local", ChangeReason::Fault(trouble.kind()))]
            );
            settle().await;
            assert_eq!(local.live.count(), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_whose_news_is_of_long_ago_gives_way() {
    let vendor = Arc::new(FakeEyes {
        name: "vendor",
        trouble: Mutex::default(),
        lag: 4,
        rambles: false,
        live: Live::default(),
    });
    let (reports, session) = Reports::new();
    let scan = scan_of(&chain(&[&vendor, &eyes("local", None)]), &session, 200_000).await;
    // A second for the link and one for the interval: after 2.8 s it has come to 0.65 s, and the other one to 2.6 s.
    let vendors = (0..14).map(|number| number * 50_000);
    let locals = (13..40).map(|number| number * 200_000);
    assert_eq!(scan.pictures, vendors.chain(locals).collect::<Vec<_>>());
    assert_eq!(scan.summaries, ["local"]);
    assert_eq!(told(&reports).faults, [fault("vendor", FaultKind::Timeout)]);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_of_the_camera_no_leader_is_behind() {
    let (vendor, local) = (eyes("vendor", None), eyes("local", None));
    let (reports, session) = Reports::new();
    let scan = scan_of(&chain(&[&vendor, &local]), &session, 5_000_000).await;
    assert_eq!(scan.summaries, ["vendor"]);
    assert_eq!(told(&reports).faults, []);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_goes_on_instead_of_summing_up_gives_way() {
    let vendor = Arc::new(FakeEyes {
        name: "vendor",
        trouble: Mutex::default(),
        lag: 1,
        rambles: true,
        live: Live::default(),
    });
    let (reports, session) = Reports::new();
    let began = tokio::time::Instant::now();
    let scan = scan(&chain(&[&vendor, &eyes("local", None)]), &session).await;
    assert_eq!(scan.summaries, ["local"]);
    assert!(
        began.elapsed() < Duration::from_secs(8 + 2),
        "the summary is not awaited longer"
    );
    assert_eq!(told(&reports).faults, [fault("vendor", FaultKind::Timeout)]);
}

#[tokio::test(start_paused = true)]
async fn while_the_leader_serves_the_other_is_not_heard() {
    for trouble in [
        None,
        Some((Moment::Picture(20), Trouble::Ends)),
        Some((Moment::Opening, Trouble::Hangs)),
    ] {
        let (vendor, local) = (eyes("vendor", None), eyes("local", trouble));
        let chain = chain(&[&vendor, &local]);
        let (reports, session) = Reports::new();
        let scan = scan(&chain, &session).await;
        assert_eq!(scan.pictures, (0..40).collect::<Vec<_>>(), "{trouble:?}");
        assert_eq!((scan.summaries, scan.fault), (vec!["vendor"], None));
        let told = told(&reports);
        assert_eq!(told.changes, []);
        assert_eq!(told.faults.len(), usize::from(trouble.is_some()));
    }
}

#[tokio::test(start_paused = true)]
async fn if_both_fail_the_scan_does() {
    let (vendor, local) = (
        eyes("vendor", Some((Moment::Picture(9), Trouble::Hangs))),
        eyes(
            "local",
            Some((Moment::Picture(5), Trouble::Fails(FaultKind::Internal))),
        ),
    );
    let (reports, session) = Reports::new();
    let scan = scan(&chain(&[&vendor, &local]), &session).await;
    assert_eq!(scan.fault, Some(fault("vendor", FaultKind::Timeout)));
    assert_eq!(told(&reports).faults, [fault("local", FaultKind::Internal)]);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_left_alone_is_not_asked() {
    let (vendor, local) = (
        eyes(
            "vendor",
            Some((Moment::Summary, Trouble::Fails(FaultKind::Refused))),
        ),
        eyes("local", None),
    );
    let chain = chain(&[&vendor, &local]);
    scan(&chain, &Reports::new().1).await;
    let (reports, session) = Reports::new();
    assert_eq!(scan(&chain, &session).await.summaries, ["local"]);
    let told = told(&reports);
    assert_eq!(steps(&told), [("vendor", "local", ChangeReason::CircuitOpen)]);
    assert_eq!(told.faults, []);
    assert_eq!(chain.health()[0].uses, 1);
}
