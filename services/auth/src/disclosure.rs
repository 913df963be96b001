//! Telling people what is held of them here: what the erasure of their account removes.
//!
//! No digests, no sealed secrets, and nothing of a key but its prefix: a copy of all this opens nothing.

pub(crate) mod workspace;

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{ApiKeyId, IdentityId, MailId, PasskeyId, SessionId, UserId};
use witan_pg::Pg;
use witan_web::{Discloser, Lines, Problem};

use crate::store::held::access::{
    held_api_keys, held_factor_attempts, held_identities, held_passkeys, held_recovery_codes, held_totp,
};
use crate::store::held::account::{
    held_account, held_avatars, held_email_change, held_erasures, held_registrations,
};
use crate::store::held::traces::{held_challenges, held_cutoffs, held_links, held_mails, held_sessions};

/// All of it.
pub(crate) struct Disclosure(pub(crate) Pg);

#[async_trait]
impl Discloser for Disclosure {
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        self.account(user, lines).await?;
        self.factors(user, lines).await?;
        self.identities(user, lines).await?;
        self.api_keys(user, lines).await?;
        self.passkeys(user, lines).await?;
        self.sessions(user, lines).await?;
        self.mails(user, lines).await
    }
}

impl Disclosure {
    async fn account(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let account = self.0.read("held.account", async |conn| held_account(conn, user).await).await?;
        lines.page("account", None, account.as_slice()).await?;
        let read = self.0.read("held.registrations", async |conn| held_registrations(conn, user).await);
        lines.page("registration", None, &read.await?).await?;
        let read = self.0.read("held.email_change", async |conn| held_email_change(conn, user).await);
        lines.page("emailChange", None, &read.await?).await?;
        let read = self.0.read("held.avatars", async |conn| held_avatars(conn, user).await);
        lines.page("avatar", None, &read.await?).await?;
        let read = self.0.read("held.erasures", async |conn| held_erasures(conn, user).await);
        lines.page("erasure", None, &read.await?).await?;
        Ok(())
    }

    async fn factors(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let read = self.0.read("held.totp", async |conn| held_totp(conn, user).await);
        lines.page("totp", None, &read.await?).await?;
        let read = self.0.read("held.recovery_codes", async |conn| held_recovery_codes(conn, user).await);
        lines.page("recoveryCodes", None, read.await?.as_slice()).await?;
        let read = self.0.read("held.attempts", async |conn| held_factor_attempts(conn, user).await);
        lines.page("factorAttempts", None, &read.await?).await?;
        let read = self.0.read("held.challenges", async |conn| held_challenges(conn, user).await);
        lines.page("challenge", None, &read.await?).await?;
        Ok(())
    }

    async fn identities(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let read = self.0.read("held.cutoffs", async |conn| held_cutoffs(conn, user).await);
        lines.page("issuerCutoff", None, &read.await?).await?;
        let mut after = Some(IdentityId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("held.identities", async |conn| held_identities(conn, user, last).await);
            after = lines.page("identity", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn api_keys(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(ApiKeyId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("held.api_keys", async |conn| held_api_keys(conn, user, last).await);
            after = lines.page("apiKey", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn passkeys(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(PasskeyId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("held.passkeys", async |conn| held_passkeys(conn, user, last).await);
            after = lines.page("passkey", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn sessions(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let mut after = Some(SessionId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("held.sessions", async |conn| held_sessions(conn, user, last).await);
            after = lines.page("session", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn mails(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let read = self.0.read("held.links", async |conn| held_links(conn, user).await);
        lines.page("mailedLink", None, &read.await?).await?;
        let mut after = Some(MailId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let read = self.0.read("held.mails", async |conn| held_mails(conn, user, last).await);
            after = lines.page("mail", None, &read.await?).await?.map(|row| row.id);
        }
        Ok(())
    }
}
