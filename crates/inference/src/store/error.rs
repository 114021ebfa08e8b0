//! Why a model is not ready.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{Asset, Wheel};
use crate::convert::ConvertError;
use crate::model::ModelError;

/// A file the user can put in place by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedFile {
    /// File name.
    pub name: &'static str,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: &'static str,
}

impl From<&Wheel> for WantedFile {
    fn from(wheel: &Wheel) -> Self {
        Self {
            name: wheel.file,
            sha256: wheel.sha256,
        }
    }
}

impl fmt::Display for WantedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n  {} (sha256 {})", self.name, self.sha256)
    }
}

/// Why a model is not ready.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The asset has not been prepared.
    #[error("{0} is not installed; run `bedside models`")]
    NotReady(Asset),
    /// There is no pip on the search path.
    #[error("no pip found to download models with; install pip, or put these files into {folder}:{}", list(.wanted))]
    NoPip {
        /// Where the files go.
        folder: PathBuf,
        /// The files.
        wanted: Vec<WantedFile>,
    },
    /// pip failed or stood still.
    #[error("pip did not get {wheel}: {reason}; if it cannot, put these files into {folder}:{}", list(.wanted))]
    Pip {
        /// The wheel asked for.
        wheel: &'static str,
        /// pip's last words, or what was seen from outside.
        reason: String,
        /// Where the files go.
        folder: PathBuf,
        /// The files.
        wanted: Vec<WantedFile>,
    },
    /// The mirror folder lacks a wheel.
    #[error("the mirror {mirror} lacks{wanted}")]
    NotInMirror {
        /// The folder.
        mirror: PathBuf,
        /// The wheel.
        wanted: WantedFile,
    },
    /// A wheel is not the one that was pinned.
    #[error("{path} is not the pinned file: its sha256 is {found}, not {expected}")]
    HashMismatch {
        /// The file, already removed if it was our copy.
        path: PathBuf,
        /// The pinned SHA-256.
        expected: &'static str,
        /// The file's SHA-256.
        found: String,
    },
    /// A wheel is not a zip archive, or lacks a file it should hold.
    #[error("{path} is not the wheel it should be: {reason}")]
    NotAWheel {
        /// The wheel.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No space is left.
    #[error("no space left for models in {0}")]
    DiskFull(PathBuf),
    /// A model does not convert.
    #[error("cannot convert {asset}: {source}")]
    Convert {
        /// The asset.
        asset: Asset,
        /// Why.
        source: ConvertError,
    },
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl StoreError {
    /// For `map_err`: a failure at `path`, naming a full disk as such.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(path.to_owned()),
            _ => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// For `map_err`: a failure of conversion into `folder`.
    pub(super) fn converting(asset: Asset, folder: &Path) -> impl FnOnce(ConvertError) -> Self {
        move |source| match source {
            ConvertError::Io(source) => Self::at(folder)(source),
            source => Self::Convert { asset, source },
        }
    }

    /// For `map_err`: a model that was taken over as it is does not load.
    pub(super) fn loading(asset: Asset) -> impl FnOnce(ModelError) -> Self {
        move |source| Self::Convert {
            asset,
            source: source.into(),
        }
    }
}

fn list(wanted: &[WantedFile]) -> String {
    wanted.iter().map(ToString::to_string).collect()
}
