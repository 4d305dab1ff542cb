//! What a picture is made of: lines, areas, circles and words, in inks that a renderer gives their colours.

/// A picture: marks on a sheet, the first at the bottom. Lengths are in pixels of a screen, from the top left corner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    /// How wide the sheet is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// What is drawn on it.
    pub marks: Vec<Mark>,
}

/// A piece of a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<[f64; 2]>,
        /// Its ink.
        ink: Ink,
        /// How thick it is.
        width: f64,
        /// Whether it is broken.
        dash: Dash,
    },
    /// A filled area.
    Area {
        /// Its corners.
        points: Vec<[f64; 2]>,
        /// Its ink.
        ink: Ink,
        /// From 0, not to be seen, to 1.
        opacity: f64,
    },
    /// A circle.
    Circle {
        /// Its center.
        center: [f64; 2],
        /// Its radius.
        radius: f64,
        /// Its ink.
        ink: Ink,
        /// Filled, or a ring on paper.
        filled: bool,
    },
    /// Words.
    Words {
        /// The words.
        text: String,
        /// Where their baseline begins, lies around, or ends.
        at: [f64; 2],
        /// Which of the three.
        anchor: Anchor,
        /// The size of the letters.
        size: f64,
        /// Their ink.
        ink: Ink,
        /// Whether they are bold.
        bold: bool,
        /// Whether they run upwards.
        turned: bool,
    },
}

/// What a mark stands for; a renderer knows the colours, on light paper and on dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// The paper.
    Paper,
    /// Words, and what is most important.
    Text,
    /// Words of less weight.
    Quiet,
    /// Lines to read values by.
    Grid,
    /// Axes.
    Axis,
    /// Words on what is pale on any paper.
    Dark,
    /// Words on what is strong on any paper.
    Bright,
    /// The first to the fourth of several that stand side by side, such as informants.
    Series(u8),
    /// A fall that is marked.
    Fall,
    /// A repair that is marked.
    Repair,
    /// From −4 over 0 to 4: below, between, above.
    Step(i8),
}

impl Ink {
    /// All inks.
    pub fn all() -> impl Iterator<Item = Ink> {
        [
            Ink::Paper,
            Ink::Text,
            Ink::Quiet,
            Ink::Grid,
            Ink::Axis,
            Ink::Dark,
            Ink::Bright,
            Ink::Fall,
            Ink::Repair,
        ]
        .into_iter()
        .chain((0..4).map(Ink::Series))
        .chain((-4..=4).map(Ink::Step))
    }

    /// The ink of one of `k` ordered answers, from the lowest, 0, to the highest.
    ///
    /// ```
    /// use alliance_metrics::report::model::Ink;
    /// assert_eq!([0, 1, 2].map(|c| Ink::step(c, 3)), [Ink::Step(-4), Ink::Step(0), Ink::Step(4)]);
    /// ```
    pub fn step(c: usize, k: usize) -> Ink {
        let share = if k > 1 { c as f64 / (k - 1) as f64 } else { 0.5 };
        Ink::Step((8.0 * share - 4.0).round().clamp(-4.0, 4.0) as i8)
    }

    /// The ink of words that stand on this one.
    pub fn words_on(self) -> Ink {
        match self {
            Ink::Step(-4 | 3 | 4) => Ink::Bright,
            Ink::Step(_) => Ink::Dark,
            Ink::Series(_) => Ink::Paper,
            _ => Ink::Text,
        }
    }
}

/// Whether a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dash {
    /// Whole.
    Whole,
    /// Long pieces.
    Long,
    /// Dots.
    Dots,
}

/// Which part of a line of words stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Mark {
    /// The same, elsewhere.
    fn moved(mut self, by: [f64; 2]) -> Mark {
        let shift = |at: &mut [f64; 2]| *at = [at[0] + by[0], at[1] + by[1]];
        match &mut self {
            Mark::Line { points, .. } | Mark::Area { points, .. } => points.iter_mut().for_each(shift),
            Mark::Circle { center: at, .. } | Mark::Words { at, .. } => shift(at),
        }
        self
    }
}

impl Drawing {
    /// Drawings side by side, in rows of so many.
    ///
    /// ```
    /// use alliance_metrics::report::model::Drawing;
    /// let small = Drawing { width: 100.0, height: 50.0, marks: Vec::new() };
    /// let all = Drawing::beside([small.clone(), small.clone(), small], 2);
    /// assert_eq!((all.width, all.height), (200.0, 100.0));
    /// ```
    pub fn beside(drawings: impl IntoIterator<Item = Drawing>, columns: usize) -> Drawing {
        let mut all = Drawing::default();
        let (mut x, mut y, mut row) = (0.0, 0.0, 0.0_f64);
        for (at, drawing) in drawings.into_iter().enumerate() {
            if at > 0 && at.is_multiple_of(columns.max(1)) {
                (x, y, row) = (0.0, y + row, 0.0);
            }
            all.marks.extend(drawing.marks.into_iter().map(|mark| mark.moved([x, y])));
            x += drawing.width;
            row = row.max(drawing.height);
            all.width = all.width.max(x);
            all.height = all.height.max(y + row);
        }
        all
    }
}
