//! What everything on this machine took: this process, the database and the broker.

use std::fs;

use anyhow::{Context as _, Result};

/// Ticks a second in `/proc`; the same on every Linux.
const TICKS: f64 = 100.0;

/// Seconds of all processors that were not idle since the machine started.
pub(super) fn busy_seconds() -> Result<f64> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().context("no line of all processors")?;
    let fields: Vec<f64> = line.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq
    let idle = fields.get(3).zip(fields.get(4)).map_or(0.0, |(idle, waits)| idle + waits);
    Ok((fields.iter().take(7).sum::<f64>() - idle) / TICKS)
}

/// Megabytes that this process has in memory.
pub(super) fn resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}
