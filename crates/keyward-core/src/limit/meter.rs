use std::num::NonZeroU32;
use std::sync::Arc;

use super::window::Window;
use super::{LimitStyle, Standing};
use crate::clock::Now;
use crate::dialect::{Dialect, LimitId};

/// The windows of one key, wherever its limits come from.
#[derive(Debug)]
pub(super) struct Windows {
    every: Window,
    named: Box<[Window]>,
}

/// What a cached key is counted by.
#[derive(Debug)]
pub(crate) struct Meter {
    per_minute: Option<NonZeroU32>,
    style: LimitStyle,
    windows: Arc<Windows>,
}

impl Windows {
    pub(super) fn new(named: usize) -> Self {
        Self { every: Window::default(), named: (0..named).map(|_| Window::default()).collect() }
    }

    pub(super) fn is_running(&self, now: Now) -> bool {
        self.every.is_running(now) || self.named.iter().any(|window| window.is_running(now))
    }
}

impl Meter {
    pub(super) fn new(
        per_minute: Option<NonZeroU32>,
        style: LimitStyle,
        windows: Arc<Windows>,
    ) -> Self {
        Self { per_minute, style, windows }
    }

    /// Counts a request of the key; nothing where only named limits are counted.
    pub(crate) fn admit(&self, now: Now) -> Option<Result<Standing, Standing>> {
        let styled = |standing| Standing { style: self.style, ..standing };
        Some(self.windows.every.admit(self.per_minute?, now).map(styled).map_err(styled))
    }

    /// Counts a request by a named limit; nothing for a limit of another dialect.
    pub(super) fn admit_named(
        &self,
        limit: LimitId,
        dialect: &Dialect,
        now: Now,
    ) -> Option<Result<Standing, Standing>> {
        let window = self.windows.named.get(limit.index())?;
        let named = |standing| Standing { name: Some(limit), style: self.style, ..standing };
        Some(window.admit(dialect.named_limit(limit)?, now).map(named).map_err(named))
    }
}
