//! Scans region means from a file and prints every reading: `scan_means INTERVAL_MS < means.csv`.
//!
//! A row of input is a frame: capture time in microseconds, the held box (`x,y,width,height`, empty where the detector
//! did not run), and the mean red, green and blue of forehead, left and right cheek. Rows without colours are frames
//! without a face. A row of output is a reading: seconds since the first frame, window in seconds, then heart rate,
//! self-SNR in decibels, respiratory rate, RMSSD and SDNN in milliseconds, or the reason where a figure is absent.

#![allow(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::io::{BufRead, stdin};
use std::time::Duration;

use bedside_vitals::{
    Absence, CaptureTime, Colours, Face, FaceBox, FrameSample, Reading, Scan, ScanEvent, ScanSettings,
};

fn main() -> Result<(), Box<dyn Error>> {
    let interval = std::env::args()
        .nth(1)
        .map_or(Ok(1_000), |argument| argument.parse())?;
    let mut scan = Scan::new(ScanSettings {
        interval: Duration::from_millis(interval),
    });
    let (mut first, mut held) = (None, None);
    println!("seconds,window,bpm,snr_db,breaths,rmssd_ms,sdnn_ms");
    for line in stdin().lock().lines() {
        let sample = parse(&line?, &mut held)?;
        let first = *first.get_or_insert(sample.captured);
        scan.push(sample);
        while let Some(event) = scan.poll_event() {
            if let ScanEvent::Reading(reading) = event {
                print(&reading, first);
            }
        }
    }
    Ok(())
}

fn parse(line: &str, held: &mut Option<FaceBox>) -> Result<FrameSample, Box<dyn Error>> {
    let mut fields = line.split(',');
    let captured = CaptureTime::from_micros(fields.next().ok_or("an empty row")?.parse()?);
    let numbers = |fields: &mut std::str::Split<'_, char>, count: usize| -> Vec<f32> {
        fields
            .take(count)
            .filter_map(|field| field.parse().ok())
            .collect()
    };
    let detected = match numbers(&mut fields, 4)[..] {
        [x, y, width, height] => Some(FaceBox { x, y, width, height }),
        _ => None,
    };
    *held = held.or(detected);
    let colours = numbers(&mut fields, 9);
    let face = (colours.len() == 9).then(|| {
        let colours: Colours =
            std::array::from_fn(|region| std::array::from_fn(|channel| colours[3 * region + channel]));
        Face {
            colours,
            held: *held,
            detected,
        }
    });
    Ok(FrameSample { captured, face })
}

fn print(reading: &Reading, first: CaptureTime) {
    let or_reason = |figure: Result<f64, Absence>| {
        figure.map_or_else(|reason| format!("{reason:?}"), |x| format!("{x:.3}"))
    };
    println!(
        "{:.3},{:.2},{},{},{},{},{}",
        reading.at.since(first).as_secs_f64(),
        reading.window.as_secs_f64(),
        or_reason(reading.heart_rate.map(|rate| rate.bpm)),
        or_reason(reading.heart_rate.map(|rate| rate.snr_db)),
        or_reason(reading.respiratory_rate.map(|rate| rate.per_min)),
        or_reason(reading.hrv.map(|hrv| hrv.rmssd_ms)),
        or_reason(reading.hrv.map(|hrv| hrv.sdnn_ms)),
    );
}
