use std::fmt;

/// A median between its quartiles.
pub(crate) struct Spread {
    lower: f64,
    pub(crate) median: f64,
    upper: f64,
}

impl Spread {
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |quarter| samples.get(samples.len().saturating_sub(1) * quarter / 4).copied();
        let [lower, median, upper] = [1, 2, 3].map(|quarter| at(quarter).unwrap_or(f64::NAN));
        Self { lower, median, upper }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let Self { lower, median, upper } = self;
        write!(f, "{median:>9.digits$}  ({lower:.digits$} to {upper:.digits$})")
    }
}
