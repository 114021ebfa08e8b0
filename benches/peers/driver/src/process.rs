//! What a process has used, from `/proc`.

use std::fs;
use std::io::{Error, ErrorKind};

use crate::failure::Failure;

/// CPU time that a process has used since it began, in nanoseconds: the sum over its threads.
///
/// A thread that ended is no longer counted, so the figure can fall; the servers measured here keep theirs.
pub fn cpu_ns(pid: u32) -> Result<u64, Failure> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).map_err(Failure::Process)? {
        let statistics = thread.map_err(Failure::Process)?.path().join("schedstat");
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(statistics) else {
            continue;
        };
        let time = text
            .split_ascii_whitespace()
            .next()
            .and_then(|field| field.parse::<u64>().ok());
        sum += time.ok_or_else(|| malformed("schedstat"))?;
    }
    Ok(sum)
}

/// Memory of a process that is in RAM, in bytes.
pub fn resident_bytes(pid: u32) -> Result<u64, Failure> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).map_err(Failure::Process)?;
    let pages = text
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|field| field.parse::<u64>().ok());
    Ok(pages.ok_or_else(|| malformed("statm"))? * rustix::param::page_size() as u64)
}

fn malformed(file: &str) -> Failure {
    Failure::Process(Error::new(
        ErrorKind::InvalidData,
        format!("{file} is not as expected"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_time() {
        let pid = std::process::id();
        let before = cpu_ns(pid).expect("readable");
        let mut sum = 0_u64;
        while cpu_ns(pid).expect("readable") <= before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(resident_bytes(pid).expect("readable") > 100_000);
    }

    #[test]
    fn a_process_that_is_not_there_is_named_as_the_fault() {
        assert!(matches!(cpu_ns(u32::MAX), Err(Failure::Process(_))));
        assert!(matches!(resident_bytes(u32::MAX), Err(Failure::Process(_))));
    }
}
