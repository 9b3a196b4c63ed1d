use std::fmt;

/// Measurements of one thing, one for each round, in the order of the rounds.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

/// A median between its quartiles.
#[derive(Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
}

impl Samples {
    pub(crate) fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    /// Round for round the sum of two.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, two)| one + two).collect())
    }

    /// Round for round the ratio to another: what slows a whole round is not in it.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, two)| one / two).collect())
    }

    pub(crate) fn summary(&self) -> Summary {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: usize| sorted.get((sorted.len() - 1) * quarter / 4).copied();
        Summary {
            lower: at(1).unwrap_or(f64::NAN),
            median: at(2).unwrap_or(f64::NAN),
            upper: at(3).unwrap_or(f64::NAN),
        }
    }

    pub(crate) fn median(&self) -> f64 {
        self.summary().median
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let Self { lower, median, upper } = self;
        write!(f, "{median:>9.digits$}  ({lower:.digits$} to {upper:.digits$})")
    }
}

/// The words for whether a bar holds.
pub(crate) fn holds(yes: bool) -> &'static str {
    if yes { "holds" } else { "DOES NOT HOLD" }
}
