use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz};
use witan_ids::WorkspaceId;

/// Stands for no workspace: what concerns the installation is kept under it.
pub const PLATFORM: WorkspaceId = WorkspaceId::from_uuid(uuid::Uuid::nil());

/// Something that a sender sent, and that is to be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose it is; [`PLATFORM`] for nobody's.
    pub workspace_id: WorkspaceId,
    /// Who sends.
    pub source: String,
    /// The sender's id for it.
    pub event_id: String,
    /// The body as it was signed.
    pub body: Vec<u8>,
    /// When it was signed, if the sender's scheme says so. Of a repetition the first time counts.
    pub signed_at: Option<DateTime<Utc>>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Where a receipt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Processed,
    Failed,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Processed => "PROCESSED",
            Self::Failed => "FAILED",
        }
    }
}

#[derive(diesel::QueryableByName)]
pub(crate) struct Stored {
    #[diesel(sql_type = Binary)]
    pub(crate) body: Vec<u8>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) signed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
}
