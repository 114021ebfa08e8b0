//! The memory of a scan is bounded, however long it takes.

mod simulated;

use std::time::Duration;

use bedside_vitals::{Scan, ScanSettings};
use simulated::Patient;

#[test]
fn half_a_mebibyte_at_most() {
    let film = Patient::default().film(150.0, 60.0);
    let used = allocation_counter::measure(|| {
        let mut scan = Scan::new(ScanSettings {
            interval: Duration::from_millis(200),
        });
        for frame in &film {
            scan.push(*frame);
            while scan.poll_event().is_some() {}
        }
        assert!(scan.summary().hrv.is_ok() || scan.summary().heart_rate.is_ok());
    });
    assert!(used.bytes_max < 512 * 1_024, "{} bytes at most", used.bytes_max);
}
