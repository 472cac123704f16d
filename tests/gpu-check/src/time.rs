//! Times of something repeated: the least and the median of as many as fit a budget.

use std::time::Instant;

use anyhow::Result;

/// Repetitions that are always timed, and those before them that are not.
const LEAST: usize = 5;
const WARM_UP: usize = 2;

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) least: f64,
    pub(crate) median: f64,
}

/// Repeats something for `budget` seconds.
pub(crate) fn time(budget: f64, mut run: impl FnMut() -> Result<()>) -> Result<Times> {
    for _ in 0..WARM_UP {
        run()?;
    }
    let start = now();
    let mut times = Vec::new();
    while times.len() < LEAST || start.elapsed().as_secs_f64() < budget {
        let begin = now();
        run()?;
        times.push(1e3 * begin.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(Times { least: times[0], median: times[times.len() / 2] })
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
