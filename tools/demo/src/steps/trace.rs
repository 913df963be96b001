//! The operator's view: one trace from the client's request to the partner's webhook.

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use crate::Options;
use crate::api::eventually;
use crate::report::Report;

/// What the tree must show: the request at the council, the entitlement asked of billing, the models,
/// the event on its way, and the webhook.
const EXPECTED: [&str; 6] = ["council", "billing", "webhooks", "/agents/run", "agent.run.completed", "sim/"];

pub(crate) async fn run(options: &Options, trace: &str, report: &mut Report) -> Result<()> {
    let tree = eventually("the whole trace", || async {
        let tree = show(options, trace).await?;
        Ok(EXPECTED.iter().all(|part| tree.contains(part)).then_some(tree))
    })
    .await;
    let tree = match tree {
        Ok(tree) => tree,
        Err(error) => {
            let tree = show(options, trace).await?;
            let missing: Vec<_> = EXPECTED.iter().filter(|part| !tree.contains(**part)).collect();
            println!("{tree}");
            return Err(error.context(format!("the trace lacks {missing:?}")));
        }
    };
    report.step("witan traces show", trace);
    println!("\n{tree}");
    Ok(())
}

async fn show(options: &Options, trace: &str) -> Result<String> {
    let mut command = Command::new(&options.cli);
    command.args(["traces", "show", trace, "--url", &options.traces]);
    let output = command.output().await.with_context(|| format!("cannot run {}", options.cli.display()))?;
    ensure!(
        output.status.success() || output.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
