//! A scan's life on the wire: begun, told, ended exactly once, whatever the client and the provider do.

mod support;

use std::time::Duration;

use bedside_conversation::io::{FaultKind, Input, Output, StageFault};
use bedside_conversation::scan::{ScanCommand, ScanId, ScanParams, ScanRegion, Stage};
use bedside_protocol::fhir::{ObservationStatus, Quantity};
use bedside_protocol::{ServerEventKind, VitalsPatch, VitalsRegion};
use support::Bench;
use support::video::{summary, with_vitals};

const FAULT: StageFault = StageFault {
    provider: "test",
    kind: FaultKind::Internal,
};

fn fail(bench: &mut Bench, scan: u32) {
    bench.handle(Input::Scan {
        scan: ScanId(scan),
        news: Err(FAULT),
    });
}

#[test]
fn enabling_vitals_begins_a_scan_and_disabling_ends_it_with_a_summary() {
    let mut bench = Bench::new();
    let accepts_video = |bench: &Bench| {
        bench.log.iter().rev().find_map(|(_, output)| match output {
            Output::ConfigureInput(settings) => Some(settings.video),
            _ => None,
        })
    };
    assert_eq!(accepts_video(&bench), Some(false));
    bench.enable(true);
    assert_eq!(accepts_video(&bench), Some(true));
    bench.film(1, 12, Some(71.804_9));
    assert_eq!(bench.scan_orders(), ["start 1"]);
    bench.enable(false);
    assert_eq!(bench.scan_orders(), ["start 1", "stop 1"]);
    assert_eq!(
        bench.scans(0),
        ["started"],
        "the end is told when its summary is known"
    );
    bench.finish_scan(1, Some(72.0));
    assert_eq!(bench.scans(0), ["started", "completed 72"]);
    let mark = bench.mark();
    bench.film(1, 3, Some(72.0));
    bench.finish_scan(1, Some(72.0));
    assert!(
        bench.events_since(mark).is_empty(),
        "nothing of an ended scan is sent"
    );
}

#[test]
fn what_a_scan_tells_reaches_the_client() {
    let mut bench = Bench::with(with_vitals());
    bench.pass(Duration::from_secs(6));
    bench.reading(1, Stage::Preliminary, Some(71.804_9));
    bench.reading(1, Stage::Stable, None);
    let updates: Vec<_> = bench
        .sent(0)
        .filter_map(|kind| match kind {
            ServerEventKind::VitalsUpdated(update) => Some(update),
            _ => None,
        })
        .collect();
    assert_eq!(updates[0].figures.heart_rate_bpm, Some(71.8));
    assert_eq!(updates[0].figures.absent.hrv.as_deref(), Some("too_short"));
    assert_eq!(
        updates[1].figures.heart_rate_bpm, None,
        "a figure that does not pass is withdrawn"
    );
    assert_eq!(
        updates[1].figures.absent.heart_rate.as_deref(),
        Some("not_peaked")
    );
    let names = bench.events_since(0);
    assert_eq!(
        names[1..5],
        [
            "vitals.scan.started",
            "vitals.scan.progress",
            "vitals.waveform",
            "vitals.updated"
        ]
    );
}

#[test]
fn a_scan_lasts_as_long_as_the_client_wants() {
    let mut bench = Bench::new();
    bench.enable_for(15_000);
    bench.film(1, 14, Some(70.0));
    assert_eq!(bench.scan_orders(), ["start 1"]);
    bench.film(1, 1, Some(70.0));
    assert_eq!(bench.scan_orders(), ["start 1", "stop 1"]);
    bench.finish_scan(1, Some(70.0));
    assert_eq!(bench.scans(0), ["started", "completed 70"]);
    bench.film(1, 20, Some(70.0));
    assert_eq!(
        bench.scans(0),
        ["started", "completed 70"],
        "it does not begin anew by itself"
    );
    bench.enable(true);
    assert_eq!(bench.scan_orders(), ["start 1", "stop 1", "start 2"]);
}

#[test]
fn every_scan_has_its_own_id() {
    let mut bench = Bench::new();
    for scan in 1..4 {
        bench.enable(true);
        bench.enable(false);
        bench.finish_scan(scan, None);
    }
    let mut ids: Vec<_> = bench
        .sent(0)
        .filter_map(|kind| match kind {
            ServerEventKind::VitalsScanStarted { scan_id } => Some(scan_id.clone()),
            _ => None,
        })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[test]
fn ten_seconds_without_a_frame_end_a_scan() {
    let mut bench = Bench::with(with_vitals());
    bench.pass(Duration::from_millis(9_999));
    assert_eq!(bench.scans(0), ["started"]);
    bench.handle(Input::VideoReceived);
    bench.pass(Duration::from_millis(9_999));
    assert_eq!(bench.scans(0), ["started"]);
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.scans(0), ["started", "failed no_video"]);
    assert_eq!(bench.scan_orders(), ["start 1", "stop 1"]);
    bench.finish_scan(1, Some(72.0));
    assert_eq!(bench.scans(0), ["started", "failed no_video"], "a scan ends once");
    bench.enable(true);
    assert_eq!(bench.scan_orders().last().map(String::as_str), Some("start 2"));
}

#[test]
fn a_scan_that_gave_nothing_fails_with_the_reason() {
    let mut bench = Bench::new();
    bench.enable_for(5_000);
    bench.film(1, 5, None);
    bench.finish_scan(1, None);
    assert_eq!(bench.scans(0), ["started", "failed not_peaked"]);
}

#[test]
fn a_failed_provider_is_tried_again_and_then_left_alone() {
    let mut bench = Bench::new();
    bench.enable(true);
    for scan in 1..=4 {
        fail(&mut bench, scan);
        bench.pass(Duration::from_secs(1));
    }
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.scan_orders(), ["start 1", "start 2", "start 3", "start 4"]);
    assert_eq!(
        bench.scans(0),
        ["started", "failed provider_failed"].repeat(4),
        "the session lives on"
    );
    bench.enable(true);
    assert_eq!(bench.scan_orders().len(), 5, "the client may ask again");
}

#[test]
fn disabling_ends_the_retries() {
    let mut bench = Bench::new();
    bench.enable(true);
    fail(&mut bench, 1);
    bench.enable(false);
    bench.pass(Duration::from_secs(5));
    assert_eq!(bench.scan_orders(), ["start 1"]);
}

#[test]
fn a_provider_that_owes_its_summary_is_not_waited_for() {
    let mut bench = Bench::new();
    bench.enable(true);
    bench.enable(false);
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.scans(0), ["started", "failed provider_failed"]);
    bench.finish_scan(1, Some(72.0));
    assert_eq!(bench.scans(0), ["started", "failed provider_failed"]);
}

#[test]
fn another_region_is_another_scan() {
    let mut bench = Bench::with(with_vitals());
    let face_crop = VitalsPatch {
        region: Some(VitalsRegion::FaceCrop),
        interval_ms: Some(500),
        ..VitalsPatch::default()
    };
    bench.vitals(face_crop.clone());
    assert_eq!(
        bench.scan_orders(),
        ["start 1", "stop 1"],
        "one at a time: the next waits for the summary"
    );
    bench.finish_scan(1, Some(72.0));
    let expected = ScanCommand::Start {
        scan: ScanId(2),
        params: ScanParams {
            region: ScanRegion::FaceCrop,
            interval: Duration::from_millis(500),
        },
    };
    assert_eq!(bench.scan_commands().last(), Some(&expected));
    bench.vitals(face_crop);
    assert_eq!(bench.scan_orders().len(), 3, "the same settings change nothing");
    assert_eq!(bench.scans(0), ["started", "completed 72", "started"]);
}

#[test]
fn a_summary_is_a_set_of_observations() {
    let mut bench = Bench::new();
    bench.enable_for(30_000);
    bench.film(1, 30, Some(71.8));
    bench.finish_scan(1, Some(71.8));
    let completed = bench
        .sent(0)
        .find_map(|kind| match kind {
            ServerEventKind::VitalsScanCompleted(completed) => Some(completed),
            _ => None,
        })
        .unwrap();
    assert_eq!(completed.frames, summary(None).frames);
    let [heart_rate, respiratory_rate, sdnn, rmssd] = &completed.observations[..] else {
        panic!("{:?}", completed.observations)
    };
    assert_eq!(heart_rate.status, ObservationStatus::Final);
    assert_eq!(
        heart_rate.value_quantity,
        Some(Quantity::ucum(71.8, "beats/minute", "/min"))
    );
    assert_eq!(
        respiratory_rate.value_quantity,
        Some(Quantity::ucum(15.0, "breaths/minute", "/min"))
    );
    for absent in [sdnn, rmssd] {
        let reason = absent.data_absent_reason.as_ref().unwrap();
        assert_eq!(reason.text.as_deref(), Some("too_short"));
    }
    let period = heart_rate.effective_period.as_ref().unwrap();
    assert_eq!(
        (period.start.as_str(), period.end.as_str()),
        ("2027-01-15T08:00:00.000Z", "2027-01-15T08:00:30.000Z")
    );
}
