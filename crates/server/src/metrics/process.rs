//! What the process is, and what it takes of the machine.

use std::fmt;

use tokio::runtime::Handle;

use super::page::Page;
use crate::app::App;
use crate::ops::process::{cores, cpu_time, open_files, resident_bytes};

pub(super) fn write(page: &mut Page<'_>, app: &App) -> fmt::Result {
    page.gauges(
        "bedside_build_info",
        "1; the labels tell of the program",
        [([("version", env!("CARGO_PKG_VERSION"))], 1.0)],
    )?;
    page.gauge(
        "bedside_cores",
        "Processors that the process may use",
        cores() as f64,
    )?;
    let runtime = Handle::current().metrics();
    page.gauge(
        "bedside_tasks",
        "Tasks that are alive",
        runtime.num_alive_tasks() as f64,
    )?;
    page.gauge(
        "bedside_tasks_queued",
        "Tasks that wait in the queue all threads share",
        runtime.global_queue_depth() as f64,
    )?;
    page.gauge(
        "bedside_task_threads",
        "Threads that run tasks",
        runtime.num_workers() as f64,
    )?;
    page.counter(
        "process_cpu_seconds",
        "Processor time of all threads, in user and system mode",
        cpu_time().as_secs_f64(),
    )?;
    page.gauge(
        "process_start_time_seconds",
        "When the server was made, since the Unix epoch",
        app.started_at_ms() as f64 / 1_000.0,
    )?;
    if let Some(bytes) = resident_bytes() {
        page.gauge("process_resident_memory_bytes", "Memory in RAM", bytes as f64)?;
    }
    if let Some(files) = open_files() {
        page.gauge("process_open_fds", "Open file descriptors", files.open as f64)?;
        if let Some(most) = files.most {
            page.gauge(
                "process_max_fds",
                "File descriptors that may be open",
                most as f64,
            )?;
        }
    }
    Ok(())
}
