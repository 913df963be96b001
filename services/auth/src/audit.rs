//! What auth tells auditors, stored with the change that it reports.

use std::collections::HashMap;

use witan_clock::Clock;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::publish;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, Tx};

use crate::handlers::client::Client;

/// Subjects that entries nobody is known for are spread over, so that failures do not wait for each other, and the
/// outbox does not learn a subject for every address that somebody makes up.
const ANONYMOUS_SUBJECTS: u64 = 1024;

macro_rules! actions {
    ($($variant:ident $name:literal $what:literal;)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Action {
            $(#[doc = $what] $variant,)+
        }

        impl Action {
            /// Its name in the log.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

actions! {
    Register "REGISTER" "Somebody asked for an account.";
    VerifyEmail "VERIFY_EMAIL" "An address was proved.";
    LoginSuccess "LOGIN_SUCCESS" "Somebody logged in.";
    LoginFailed "LOGIN_FAILED" "Somebody tried to log in and was refused.";
    Logout "LOGOUT" "Somebody logged out.";
    RefreshToken "REFRESH_TOKEN" "A session was refreshed, once or several times.";
    RefreshReuse "REFRESH_REUSE" "A spent refresh token was shown again.";
    RequestPasswordReset "REQUEST_PASSWORD_RESET" "Somebody asked for a link that sets a new password.";
    RequestMagicLink "REQUEST_MAGIC_LINK" "Somebody asked for a link that logs in.";
    ResetPassword "RESET_PASSWORD" "A password was set with a mailed link.";
    ChangePassword "CHANGE_PASSWORD" "Somebody changed their password.";
    SessionRevoked "SESSION_REVOKED" "Somebody ended one of their sessions.";
    StepUp "STEP_UP" "Somebody proved once more who they are.";
    RequestEmailChange "REQUEST_EMAIL_CHANGE" "Somebody asked for another address.";
    EmailChanged "EMAIL_CHANGED" "An account got another address.";
    AccountLocked "ACCOUNT_LOCKED" "Log-ins to an account were stopped for a while.";
    DeactivateAccount "DEACTIVATE_ACCOUNT" "Somebody closed their account.";
    ReactivateAccount "REACTIVATE_ACCOUNT" "A closed account was opened again.";
    RequestDeletion "REQUEST_DELETION" "The deletion of an account was asked for.";
    TakeBackDeletion "TAKE_BACK_DELETION" "The deletion of an account was taken back.";
    SuspendAccount "SUSPEND_ACCOUNT" "An administrator closed an account.";
    ErasureBegun "ERASURE_BEGUN" "The grace of a deletion is over.";
    AccountErased "ACCOUNT_ERASED" "Nothing is left of an account in any service.";
    AccountCreated "ACCOUNT_CREATED" "An administrator made an account.";
    AccountChanged "ACCOUNT_CHANGED" "An administrator changed an account.";
    DataExported "DATA_EXPORTED" "Somebody took everything that is held of them.";
    ApiKeyCreated "API_KEY_CREATED" "An API key was made.";
    ApiKeyRevoked "API_KEY_REVOKED" "An API key was revoked.";
    TotpAdded "TOTP_ADDED" "Somebody set an authenticator app up.";
    TotpRemoved "TOTP_REMOVED" "Somebody removed their authenticator app.";
    RecoveryCodesMade "RECOVERY_CODES_MADE" "Somebody got new recovery codes.";
    PasskeyAdded "PASSKEY_ADDED" "Somebody registered a passkey.";
    PasskeyRemoved "PASSKEY_REMOVED" "Somebody removed a passkey of theirs.";
    SecondFactorFailed "SECOND_FACTOR_FAILED" "A second factor was tried in vain.";
    IdentityLinked "IDENTITY_LINKED" "An account at another provider opens this one from now on.";
    IdentityRemoved "IDENTITY_REMOVED" "An account at another provider opens this one no longer.";
    KeysRotated "KEYS_ROTATED" "The signing keys changed places.";
}

/// An entry of the log.
#[derive(Debug, Clone)]
pub(crate) struct Audit {
    action: Action,
    actor: Option<UserId>,
    subject: Option<String>,
    workspace: Option<WorkspaceId>,
    failed: bool,
    client: Client,
    details: HashMap<String, String>,
    shard: u64,
}

impl Audit {
    /// `actor` did it.
    pub(crate) fn new(action: Action, actor: UserId) -> Self {
        Self { actor: Some(actor), ..Self::anonymous(action, 0) }
    }

    /// Nobody is known to have done it. Entries with the same `key` are told in order.
    pub(crate) fn anonymous(action: Action, key: u64) -> Self {
        Self {
            action,
            actor: None,
            subject: None,
            workspace: None,
            failed: false,
            client: Client::default(),
            details: HashMap::new(),
            shard: key % ANONYMOUS_SUBJECTS,
        }
    }

    /// Whom or what it was done to, unless the actor did it to themselves.
    pub(crate) fn to(mut self, subject: impl ToString) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// Where it was done.
    pub(crate) fn in_workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace = Some(workspace);
        self
    }

    /// It was tried in vain.
    pub(crate) fn failed(mut self) -> Self {
        self.failed = true;
        self
    }

    /// Whence.
    pub(crate) fn by(mut self, client: &Client) -> Self {
        self.client = client.clone();
        self
    }

    /// What else there is to know. Never a secret, and nothing that identifies a person other than by id.
    pub(crate) fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    fn outcome(&self) -> &'static str {
        if self.failed { "FAILURE" } else { "SUCCESS" }
    }
}

/// Writes the entry when the transaction commits, and only then.
pub(crate) async fn record(tx: &mut impl Tx, clock: &Clock, audit: Audit) -> Result<(), PgError> {
    let subject = match audit.actor {
        Some(actor) => format!("audit:{actor}"),
        None => format!("audit:{}", audit.shard),
    };
    let event = AuditRecorded {
        action: audit.action.as_str().to_owned(),
        outcome: audit.outcome().to_owned(),
        actor_id: audit.actor.map(|actor| actor.to_string()).unwrap_or_default(),
        subject_id: audit.subject.unwrap_or_default(),
        workspace_id: audit.workspace.map(|workspace| workspace.to_string()).unwrap_or_default(),
        ip: audit.client.ip,
        user_agent: audit.client.user_agent,
        trace_id: audit.client.trace_id,
        details: audit.details,
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}
