//! What a running program takes of the machine, as the kernel tells (Linux).

use std::fs;

use serde_json::Value;

use crate::program::Server;

/// What a process holds at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Resident memory, bytes.
    pub memory: u64,
    /// Open file descriptors.
    pub files: usize,
    /// Asynchronous tasks that have not ended.
    pub tasks: u64,
    /// Live sessions.
    pub sessions: u64,
}

impl Server {
    /// What the server holds now.
    pub async fn holdings(&self) -> Holdings {
        let node = self.http("GET", "/ops/api/node", &[], "").await.json();
        let number = |value: &Value| value.as_u64().expect("a number");
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid()));
        Holdings {
            memory: number(&node["process"]["rss_bytes"]),
            files: files.expect("the process lives").count(),
            tasks: number(&node["process"]["tasks"]),
            sessions: number(&node["sessions"]["live"]),
        }
    }
}
