//! The places the model looks at, each of which may be a face's middle.

use crate::face::Point;

/// Places in all: two for each cell of a grid of 16×16, six for each of 8×8.
#[cfg(test)]
pub(crate) const COUNT: usize = 2 * 16 * 16 + 6 * 8 * 8;

/// Cells a side, and places in each, of the grids of the short-range `BlazeFace`, in the order of its outputs
/// (Bazarevsky et al., "`BlazeFace`: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019, section 3.2).
const GRIDS: [(u16, usize); 2] = [(16, 2), (8, 6)];

/// The middle of every place's cell, as a fraction of the model's picture.
pub(crate) fn anchors() -> impl Iterator<Item = Point> {
    GRIDS.into_iter().flat_map(|(side, places)| {
        let cells = (0..side).flat_map(move |y| (0..side).map(move |x| (x, y)));
        let middle = move |cell: u16| (f32::from(cell) + 0.5) / f32::from(side);
        cells.flat_map(move |(x, y)| {
            std::iter::repeat_n(
                Point {
                    x: middle(x),
                    y: middle(y),
                },
                places,
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_run_along_rows_first_in_the_finer_grid() {
        let anchors: Vec<_> = anchors().collect();
        assert_eq!(anchors.len(), COUNT);
        let at = |index: usize| (anchors[index].x, anchors[index].y);
        assert_eq!((at(0), at(1)), ((0.031_25, 0.031_25), (0.031_25, 0.031_25)));
        assert_eq!(at(2), (0.093_75, 0.031_25));
        assert_eq!(at(511), (0.968_75, 0.968_75));
        assert_eq!((at(512), at(518)), ((0.062_5, 0.062_5), (0.187_5, 0.062_5)));
    }
}
