use std::time::Duration;

/// The windows of one URL.
#[derive(Debug, Clone, Default)]
pub(super) struct Windows(Vec<Duration>);

impl Windows {
    /// Keeps them in order.
    pub(super) fn push(&mut self, window: Duration) {
        let place = self.0.partition_point(|other| *other <= window);
        self.0.insert(place, window);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Duration> {
        self.0.iter().copied()
    }

    pub(super) fn min(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    pub(super) fn median(&self) -> Duration {
        self.at(50)
    }

    /// The least that 99 of 100 do not exceed: of fewer than 100, the longest.
    pub(super) fn p99(&self) -> Duration {
        self.at(99)
    }

    pub(super) fn max(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }

    fn at(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }
}

impl FromIterator<Duration> for Windows {
    fn from_iter<I: IntoIterator<Item = Duration>>(windows: I) -> Self {
        let mut all: Vec<_> = windows.into_iter().collect();
        all.sort_unstable();
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_windows_that_were_measured() {
        let windows: Windows = (1..=200).rev().map(Duration::from_millis).collect();
        let times = [windows.min(), windows.median(), windows.p99(), windows.max()];
        assert_eq!(times, [1, 100, 198, 200].map(Duration::from_millis));

        let mut few = Windows::default();
        assert_eq!(few.p99(), Duration::ZERO);
        for window in [3, 1, 2] {
            few.push(Duration::from_millis(window));
        }
        let times = [few.min(), few.median(), few.p99(), few.max()];
        assert_eq!(times, [1, 2, 3, 3].map(Duration::from_millis));
    }
}
