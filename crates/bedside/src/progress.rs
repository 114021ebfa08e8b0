//! Progress of preparing models, as bars on a terminal and as lines elsewhere.

use std::io::{IsTerminal, stderr};

use bedside_inference::store::{Asset, ModelStore, Phase, Progress, StoreError};
use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{prefix:>10} {msg:32!} {bar:24} {bytes:>10} of {total_bytes:>10} {eta:>4}";

/// Makes `assets` ready, showing how far it is. Blocks.
pub(crate) fn prepare(store: &ModelStore, assets: &[Asset]) -> Result<(), StoreError> {
    for asset in assets.iter().filter(|asset| !store.is_ready(**asset)) {
        let mut view = View::default();
        let prepared = store.prepare(*asset, &mut |progress| view.show(&progress));
        view.end();
        prepared?;
    }
    Ok(())
}

/// What is shown of one asset.
#[derive(Default)]
struct View {
    bar: Option<ProgressBar>,
    shown: Option<(Phase, String)>,
}

impl View {
    fn show(&mut self, progress: &Progress<'_>) {
        let what = (progress.phase, progress.piece.to_owned());
        if self.shown.as_ref() != Some(&what) {
            self.end();
            self.begin(progress);
            self.shown = Some(what);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(progress.done);
        }
    }

    fn begin(&mut self, progress: &Progress<'_>) {
        let verb = match progress.phase {
            Phase::Waiting => "waiting",
            Phase::Download => "fetching",
            Phase::Verify => "checking",
            Phase::Convert => "converting",
        };
        if !stderr().is_terminal() {
            eprintln!("{verb} {}", progress.piece);
            return;
        }
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(progress.total)
            .with_style(style)
            .with_prefix(verb);
        self.bar = Some(bar.with_message(progress.piece.to_owned()));
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish();
        }
    }
}
