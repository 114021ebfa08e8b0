use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::{self, BoxFuture};

use super::index::Index;
use super::split::{self, Piece};
use crate::fault::ConfigFault;
use crate::report::Reporter;
use crate::traits::{Knowledge, Passage};

/// Bytes of one file, files, folders inside of each other, and passages in all: a folder of leaflets and guidelines
/// has far less, and whoever points at a whole disk is told.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;
const MOST_FILES: usize = 2_000;
const DEEPEST: usize = 8;
const MOST_PASSAGES: usize = 100_000;

/// A folder of `.md` and `.txt` files, searched by their words (BM25). Cheap to clone.
#[derive(Debug, Clone)]
pub struct LocalKnowledge(Arc<Body>);

#[derive(Debug, Default)]
struct Body {
    passages: Vec<(String, Piece)>,
    index: Index,
}

impl LocalKnowledge {
    /// Reads a folder and the folders in it, once. Files are sorted by name, so the same folder gives the same answers.
    pub fn load(folder: &Path) -> Result<Self, ConfigFault> {
        let mut files = Vec::new();
        collect(folder, 0, &mut files)?;
        files.sort();
        let mut body = Body::default();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let source = file.strip_prefix(folder).unwrap_or(&file);
            body.add(&source.to_string_lossy(), &text)?;
        }
        Ok(Self(Arc::new(body)))
    }

    /// How many passages it holds.
    pub fn passages(&self) -> usize {
        self.0.passages.len()
    }
}

impl Body {
    fn add(&mut self, source: &str, text: &str) -> Result<(), ConfigFault> {
        for piece in split::pieces(text) {
            if self.passages.len() == MOST_PASSAGES {
                return Err(fault(format!("has more than {MOST_PASSAGES} passages")));
            }
            self.index.add(&format!("{} {}", piece.heading, piece.text));
            self.passages.push((source.to_owned(), piece));
        }
        Ok(())
    }
}

impl Knowledge for LocalKnowledge {
    fn name(&self) -> &'static str {
        "local"
    }

    fn search(
        &self,
        query: String,
        most: usize,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<Vec<Passage>, StageFault>> {
        let best = self.0.index.best(&query, most);
        let passages = best.into_iter().map(|(at, score)| {
            let (source, piece) = &self.0.passages[at];
            let source = if piece.heading.is_empty() {
                source.clone()
            } else {
                format!("{source}, {}", piece.heading)
            };
            Passage {
                text: piece.text.clone(),
                source,
                score,
            }
        });
        future::ready(Ok(passages.collect())).boxed()
    }
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ConfigFault> {
    if depth > DEEPEST {
        return Err(fault(format!("has folders more than {DEEPEST} deep")));
    }
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let kind = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() {
            collect(&path, depth + 1, files)?;
        } else if is_text(&path) {
            if kind.len() > LARGEST_FILE {
                return Err(fault(format!("{} is larger than 4 MiB", path.display())));
            }
            if files.len() == MOST_FILES {
                return Err(fault(format!("has more than {MOST_FILES} files")));
            }
            files.push(path);
        }
    }
    Ok(())
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("md") || kind.eq_ignore_ascii_case("txt"))
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigFault {
    fault(format!("{}: {error}", path.display()))
}

fn fault(problem: String) -> ConfigFault {
    ConfigFault::new("knowledge", problem)
}
