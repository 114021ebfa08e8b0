//! A scan as a picture: pulse wave, spectrum, heart rate over time.

mod axis;
mod panels;
mod png;
mod shapes;
mod spectrum;
mod svg;

use std::fs;
use std::path::Path;

use super::record::Record;
use crate::failure::Failure;

/// What a file's name may end in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Svg,
    Png,
}

impl Kind {
    /// By the end of the file's name.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let end = path.extension().unwrap_or_default();
        if end.eq_ignore_ascii_case("svg") {
            Ok(Self::Svg)
        } else if end.eq_ignore_ascii_case("png") {
            Ok(Self::Png)
        } else {
            Err(Failure::usage(format_args!(
                "--plot {}: the name must end in .svg or .png",
                path.display()
            )))
        }
    }
}

/// Draws the scan into a file.
pub(crate) fn write(record: &Record, kind: Kind, path: &Path) -> Result<(), Failure> {
    let drawing = panels::draw(record);
    let bytes = match kind {
        Kind::Svg => svg::render(&drawing).into_bytes(),
        Kind::Png => png::render(&drawing).ok_or_else(|| Failure::internal("the plot cannot be encoded"))?,
    };
    fs::write(path, bytes).map_err(Failure::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::record::examples;

    #[test]
    fn both_kinds_are_whole_files_of_the_same_drawing() {
        let drawing = panels::draw(&examples::record());
        let text = svg::render(&drawing);
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"));
        // One wave, one spectrum; one reading given and one refused, each a dot with its rim.
        assert_eq!(text.matches("stroke=\"#c81e3c\"").count(), 2);
        assert_eq!(text.matches("<circle").count(), 4);
        let image = png::render(&drawing).unwrap_or_default();
        assert!(
            image.starts_with(b"\x89PNG") && image.len() > 5_000,
            "{}",
            image.len()
        );
    }

    #[test]
    fn a_scan_that_saw_nothing_says_so() {
        let seen = examples::record();
        let record = Record {
            readings: Vec::new(),
            pulse: Vec::new(),
            ..seen
        };
        let text = svg::render(&panels::draw(&record));
        assert!(text.contains("no pulse passed the checks"));
    }

    #[test]
    fn the_name_says_which_kind() {
        assert_eq!(Kind::of(Path::new("a.SVG")), Ok(Kind::Svg));
        assert_eq!(Kind::of(Path::new("b.png")), Ok(Kind::Png));
        assert!(Kind::of(Path::new("plot.pdf")).is_err());
    }
}
