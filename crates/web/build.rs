//! Lists the files of `app/dist` for `lib.rs` to embed.
//!
//! Without that folder the list is empty, so that the workspace builds without Node.

// Cargo reads instructions from here.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

/// Suffixes of the compressed forms that the build of the pages leaves beside a file.
const COMPRESSED: [(&str, &str); 2] = [("brotli", ".br"), ("gzip", ".gz")];

fn main() -> Result<(), Box<dyn Error>> {
    let pages = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("app/dist");
    let mut files = BTreeMap::new();
    if pages.is_dir() {
        println!("cargo::rerun-if-changed={}", pages.display());
        find(&pages, "", &mut files)?;
    } else {
        // Cargo would run this at every build if told to watch a folder that is not there.
        println!("cargo::rerun-if-changed=app");
    }
    let list = Path::new(&env::var("OUT_DIR")?).join("files.rs");
    fs::write(list, listed(&files)?)?;
    Ok(())
}

/// Adds every file under `folder` to `files`, by its path below the pages' root. Names that begin with a dot are of
/// tools, not of the pages.
fn find(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().ok_or("a file name is not UTF-8")?;
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            find(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

/// The expression `&[File { … }, …]`.
fn listed(files: &BTreeMap<String, PathBuf>) -> Result<String, Box<dyn Error>> {
    let is_compressed_form = |path: &str| {
        COMPRESSED
            .iter()
            .any(|(_, suffix)| path.strip_suffix(suffix).is_some_and(|of| files.contains_key(of)))
    };
    let mut list = String::from("&[\n");
    for (path, place) in files.iter().filter(|(path, _)| !is_compressed_form(path)) {
        write!(list, "    File {{ path: {path:?}, plain: {}", form(place)?)?;
        for (field, suffix) in COMPRESSED {
            match files.get(&format!("{path}{suffix}")) {
                Some(place) => write!(list, ", {field}: Some({})", form(place)?)?,
                None => write!(list, ", {field}: None")?,
            }
        }
        list.push_str(" },\n");
    }
    list.push(']');
    Ok(list)
}

/// The expression `Form { … }`.
fn form(place: &Path) -> Result<String, Box<dyn Error>> {
    let digest = Sha256::digest(fs::read(place)?);
    let mut tag = String::new();
    for byte in &digest[..12] {
        write!(tag, "{byte:02x}")?;
    }
    let place = place.to_str().ok_or("a folder's name is not UTF-8")?;
    Ok(format!(
        "Form {{ bytes: include_bytes!({place:?}), tag: \"\\\"{tag}\\\"\" }}"
    ))
}
