//! The development outbox: a folder that a person, a demo or a test can read.

use std::path::Path;

use serde_json::json;

use super::{MailError, OutgoingMail};

/// Writes `<mail>.eml` and then `<mail>.json`. Each appears whole or not at all, so a reader that polls for the
/// JSON never sees half of either.
pub(super) async fn write(folder: &Path, mail: &OutgoingMail, message: &[u8]) -> Result<(), MailError> {
    let summary = json!({
        "id": mail.id,
        "to": mail.to,
        "kind": mail.content.kind.as_str(),
        "subject": mail.content.subject,
        "link": mail.content.link,
        "token": mail.content.token,
        "at": mail.at,
    });
    let written = async {
        tokio::fs::create_dir_all(folder).await?;
        place(folder, &format!("{}.eml", mail.id), message).await?;
        place(folder, &format!("{}.json", mail.id), format!("{summary:#}\n").as_bytes()).await
    };
    written.await.map_err(|error: std::io::Error| {
        MailError::Transient(format!("writing to {} failed: {error}", folder.display()))
    })
}

async fn place(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    tokio::fs::write(&unfinished, content).await?;
    tokio::fs::rename(&unfinished, folder.join(name)).await
}
