//! What the running system of `./scripts/up` takes while nobody asks it anything.

use std::fs;

use anyhow::Result;

use crate::table;

const SERVICES: [&str; 6] = ["auth", "tenancy", "chat", "council", "webhooks", "billing"];

/// Prints the table, or that nothing is running.
pub(crate) fn measure() -> Result<()> {
    let mut rows = Vec::new();
    for process in fs::read_dir("/proc")?.flatten() {
        let path = process.path();
        let Ok(name) = fs::read_to_string(path.join("comm")) else { continue };
        let Some(service) = name.trim().strip_prefix("witan-").filter(|name| SERVICES.contains(name)) else {
            continue;
        };
        let status = fs::read_to_string(path.join("status")).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let Some(kilobytes) = kilobytes.and_then(|text| text.parse::<f64>().ok()) else { continue };
        rows.push(vec![service.to_owned(), format!("{:.1} MB", kilobytes / 1024.0), "40 MB".to_owned()]);
    }
    rows.sort();
    if rows.is_empty() {
        println!("\nFootprint: nothing is running; start ./scripts/up first to see it.");
        return Ok(());
    }
    table::print(
        "Idle memory of the running services (resident)",
        &["service", "memory", "goal, under"],
        &rows,
    );
    Ok(())
}
