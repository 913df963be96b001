use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use witan_ids::WorkspaceId;

use crate::ClientError;
use crate::channel::{Channel, DEADLINE};

/// How long an entitlement is believed when no event contradicts it.
const FRESH: Duration = Duration::from_secs(5);
/// How long one is believed while billing is away.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
const CAPACITY: u64 = 20_000;

/// The billing service's internal API.
#[derive(Debug, Clone)]
pub struct BillingClient {
    channel: Channel,
    fresh: Cache<WorkspaceId, Entitlements>,
    last_known: Cache<WorkspaceId, Entitlements>,
}

/// What a workspace's plan allows, and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entitlements {
    /// The plan, such as `free`.
    pub plan: String,
    /// What is counted.
    pub limits: Vec<LimitState>,
    /// What is switched on, such as `workspacePersonas`.
    pub features: Vec<String>,
}

/// One counted thing in the current period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitState {
    /// Such as `runs`.
    pub metric: String,
    /// How much the plan allows; none means as much as one likes.
    pub limit: Option<i64>,
    /// How much is used or reserved.
    pub used: i64,
    /// When the count begins again.
    pub resets_at: DateTime<Utc>,
}

/// The plan allows no more. Its text is for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the plan '{plan}' allows {limit} {metric} until {}, and {used} are used or under way", resets_at.to_rfc3339_opts(SecondsFormat::Secs, true))]
#[serde(rename_all = "camelCase")]
pub struct LimitReached {
    /// Such as `runs`.
    pub metric: String,
    /// How much the plan allows.
    pub limit: i64,
    /// How much is used or reserved.
    pub used: i64,
    /// When the count begins again.
    pub resets_at: DateTime<Utc>,
    /// The plan.
    pub plan: String,
}

/// A wish to use something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reserve {
    /// Whose plan pays.
    pub workspace_id: WorkspaceId,
    /// Such as `runs`.
    pub metric: String,
    /// How much.
    pub amount: i64,
    /// What it is for, such as a run's id: reserving twice for one thing reserves once, and the event that counts the
    /// thing (same reference) settles it.
    pub reference: String,
}

/// What billing answers to a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReserveAnswer {
    /// It is reserved, now or by an earlier wish with the same reference.
    Reserved,
    /// The plan allows no more.
    LimitReached(LimitReached),
}

/// What came of a wish that fits the plan, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// It is reserved; the event that counts it settles it, and it lapses by itself if none comes.
    Yes,
    /// Billing was away: the work goes on and is counted by its event.
    Unrecorded,
}

impl BillingClient {
    pub(crate) fn new(channel: Channel) -> Self {
        let cache = |ttl| Cache::builder().max_capacity(CAPACITY).time_to_live(ttl).build();
        Self { channel, fresh: cache(FRESH), last_known: cache(STALE) }
    }

    /// `GET /internal/entitlements/{workspaceId}`, kept for five seconds. While billing is away, the last known answer.
    ///
    /// # Errors
    /// When billing does not answer and nothing is known of this workspace.
    pub async fn entitlements(&self, workspace: WorkspaceId) -> Result<Entitlements, ClientError> {
        if let Some(known) = self.fresh.get(&workspace).await {
            return Ok(known);
        }
        match self.channel.get::<Entitlements>(&format!("/internal/entitlements/{workspace}"), &[]).await {
            Ok(answer) => {
                self.fresh.insert(workspace, answer.clone()).await;
                self.last_known.insert(workspace, answer.clone()).await;
                Ok(answer)
            }
            Err(error) => self.last_known.get(&workspace).await.ok_or(error),
        }
    }

    /// Drops what is known of a workspace, because an event said that it changed.
    pub async fn forget(&self, workspace: WorkspaceId) {
        self.fresh.invalidate(&workspace).await;
    }

    /// Whether `amount` more of `metric` fits the plan by what is known; exactness under concurrency is
    /// [`reserve`](Self::reserve)'s. Nothing is limited while nothing is known.
    ///
    /// # Errors
    /// When the plan allows no more.
    pub async fn check(&self, workspace: WorkspaceId, metric: &str, amount: i64) -> Result<(), LimitReached> {
        let entitlements = match self.entitlements(workspace).await {
            Ok(entitlements) => entitlements,
            Err(error) => {
                tracing::warn!(%workspace, metric, error = &error as &dyn std::error::Error, "not limited: billing is away");
                return Ok(());
            }
        };
        let Some(state) = entitlements.limits.iter().find(|state| state.metric == metric) else {
            return Ok(());
        };
        // While billing is away the last known answer may be of a period that is over.
        let over = state.resets_at <= self.channel.clock.now();
        match state.limit {
            Some(limit) if !over && state.used.saturating_add(amount) > limit => Err(LimitReached {
                metric: state.metric.clone(),
                limit,
                used: state.used,
                resets_at: state.resets_at,
                plan: entitlements.plan.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// `POST /internal/reservations`: takes a part of the plan, exactly, also under concurrency.
    ///
    /// # Errors
    /// When the plan allows no more. When billing is away the answer is [`Reserved::Unrecorded`].
    pub async fn reserve(&self, wish: &Reserve) -> Result<Reserved, LimitReached> {
        match self.channel.post::<ReserveAnswer>("/internal/reservations", wish, DEADLINE).await {
            Ok(ReserveAnswer::Reserved) => Ok(Reserved::Yes),
            Ok(ReserveAnswer::LimitReached(limit)) => Err(limit),
            Err(error) => {
                tracing::warn!(
                    reference = wish.reference,
                    error = &error as &dyn std::error::Error,
                    "not reserved"
                );
                Ok(Reserved::Unrecorded)
            }
        }
    }

    /// `POST /internal/reservations/release`: gives back what was reserved for work that was not done.
    ///
    /// # Errors
    /// When billing does not answer; the reservation then lapses by itself.
    pub async fn release(&self, workspace: WorkspaceId, reference: &str) -> Result<(), ClientError> {
        let body = serde_json::json!({ "workspaceId": workspace, "reference": reference });
        self.channel
            .post::<serde_json::Value>("/internal/reservations/release", &body, DEADLINE)
            .await
            .map(drop)
    }
}
