//! The program under test, as a process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::Builder;

/// Loading models on a busy machine takes seconds; a minute is a failure.
const START: Duration = Duration::from_secs(60);

/// Path of the program.
pub fn program() -> PathBuf {
    std::env::var_os("E2E_PROGRAM").map_or_else(
        || {
            let test = std::env::current_exe().expect("tests are files");
            let folder = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
            folder.join("bedside")
        },
        PathBuf::from,
    )
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    let program = program();
    let output = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    output.unwrap_or_else(|error| panic!("{}: {error}; build it first", program.display()))
}

/// The program as it runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // A stopped process takes a kill as well; one that has ended needs none.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program with its log lines going to `log`, and waits for the first line it prints.
pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)], log: Stdio) -> (Process, String) {
    let mut process = Command::new(program())
        .envs(variables.iter().copied())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .expect("the program starts");
    let stdout = process.stdout.take().expect("stdout is piped");
    let process = Process(process);
    let (line, lines) = mpsc::channel();
    thread::spawn(move || {
        for read in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody reads on after the first line.
            drop(line.send(read));
        }
    });
    let first = lines
        .recv_timeout(START)
        .expect("the program says that it is there");
    (process, first)
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    process: Process,
    url: String,
}

impl Server {
    /// Starts a server on a free port and waits until it serves.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts a server with these environment variables as well.
    pub fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::logging_to(Stdio::inherit(), arguments, variables)
    }

    /// Starts a server whose log lines go to `log`.
    pub fn logging_to(log: impl Into<Stdio>, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let (process, first) = start(&[&serve, arguments].concat(), variables, log.into());
        let url = first
            .strip_prefix("serving ")
            .expect("a line with the address")
            .to_owned();
        Self { process, url }
    }

    /// Starts a server with a file of these settings, which it reads before it serves.
    pub fn configured(settings: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let file = Builder::new().suffix(".toml").tempfile().expect("a file");
        std::fs::write(file.path(), settings).expect("a file can be written");
        let path = file.path().to_string_lossy().into_owned();
        Self::start_with(&[arguments, &["--config", &path]].concat(), variables)
    }

    /// Address of the Realtime API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        let rest = self.url.trim_start_matches("ws://");
        rest.split('/').next().unwrap_or(rest)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.process_id(), signal).expect("the process lives");
    }

    /// Waits for the process to end by itself and gives its exit code.
    pub fn wait(mut self) -> Option<i32> {
        self.process
            .0
            .wait()
            .expect("the process can be waited for")
            .code()
    }

    /// The process's id.
    pub fn pid(&self) -> i32 {
        self.process_id().as_raw_nonzero().get()
    }

    fn process_id(&self) -> Pid {
        Pid::from_child(&self.process.0)
    }
}
