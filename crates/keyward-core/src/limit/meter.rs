use std::num::NonZeroU32;
use std::sync::Arc;

use super::window::Window;
use super::{Counted, Hit, LimitStyle, Standing};
use crate::clock::Now;
use crate::dialect::{Dialect, LimitId, NamedLimit};

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

    /// Whether each request of the key is counted, whatever its route asks for.
    pub(crate) fn limits_every_request(&self) -> bool {
        self.per_minute.is_some()
    }

    /// Counts a request in this process: by a named limit, or by the one of every request. Nothing
    /// where there is no such limit.
    #[inline]
    pub(crate) fn admit(
        &self,
        limit: Option<LimitId>,
        dialect: &Dialect,
        now: Now,
    ) -> Option<Result<Standing, Standing>> {
        let (window, per_minute) = self.window(limit, dialect)?;
        let styled = |standing| Standing { name: limit, style: self.style, ..standing };
        Some(window.admit(per_minute, now).map(styled).map_err(styled))
    }

    /// What somebody else is asked who counts the same.
    pub(crate) fn hit<'a>(
        &self,
        key: &'a str,
        limit: Option<LimitId>,
        dialect: &'a Dialect,
    ) -> Option<Hit<'a>> {
        let (_, per_minute) = self.window(limit, dialect)?;
        let limit = limit.and_then(|id| dialect.named_limit(id)).map(NamedLimit::name);
        Some(Hit { key, dialect: dialect.name(), limit, per_minute })
    }

    /// What came of that. What is admitted counts in this process too, which may have to go on alone.
    pub(crate) fn follow(
        &self,
        limit: Option<LimitId>,
        dialect: &Dialect,
        counted: Counted,
        now: Now,
    ) -> Option<Result<Standing, Standing>> {
        let (window, per_minute) = self.window(limit, dialect)?;
        if counted.admitted {
            let _ = window.admit(per_minute, now);
        }
        let Counted { admitted, requests, ends_at, ends_in } = counted;
        let left = u64::try_from(ends_in.as_millis()).unwrap_or(u64::MAX);
        let standing = Standing::new(per_minute, requests, left, ends_at);
        let standing = Standing { name: limit, style: self.style, ..standing };
        Some(if admitted { Ok(standing) } else { Err(standing) })
    }

    #[inline]
    fn window(&self, limit: Option<LimitId>, dialect: &Dialect) -> Option<(&Window, NonZeroU32)> {
        match limit {
            None => Some((&self.windows.every, self.per_minute?)),
            Some(id) => {
                let window = self.windows.named.get(id.index())?;
                Some((window, dialect.named_limit(id)?.per_minute()))
            }
        }
    }
}
