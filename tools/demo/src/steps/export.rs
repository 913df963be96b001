//! Everything that is held of a person, for the person.

use anyhow::{Result, ensure};

use crate::api::Api;
use crate::report::Report;

/// What the chapters before have left in each service.
const LEFT: [(&str, &str); 5] = [
    ("auth", "account"),
    ("tenancy", "membership"),
    ("chat", "message"),
    ("council", "run"),
    ("webhooks", "webhookMessage"),
];

pub(crate) async fn run(api: &Api, report: &mut Report) -> Result<()> {
    let export = api.get("/api/v1/users/me/export").await?;
    ensure!(export.body["complete"] == true, "the export has no end: {}", export.body);
    let mut counted = Vec::new();
    for (service, kind) in LEFT {
        let told = export.body[service].as_array().map(Vec::as_slice).unwrap_or_default();
        ensure!(
            told.iter().any(|line| line["kind"] == kind),
            "{service} tells of no {kind}: {}",
            export.body
        );
        counted.push(format!("{} of {service}", told.len()));
    }
    report.step("take everything", counted.join(", "));
    Ok(())
}
